//! The options of the confidentiality profile (PS3.15 E.3), by name, and the presets that choose among them.

use crate::error::{Fault, Result};
use serde::{Deserialize, Serialize};

macro_rules! choices {
    ($($name:ident $word:literal $code:literal $meaning:literal $help:literal;)*) => {
        /// One option of PS3.15 E.3. The first ten have a column in Table E.1-1, in this order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Choice { $(#[doc = $help] #[serde(rename = $word)] $name,)* }

        impl Choice {
            /// Every option, those with a column first.
            pub const ALL: &[Choice] = &[$(Choice::$name,)*];

            /// The word in a recipe.
            pub fn word(self) -> &'static str {
                match self { $(Choice::$name => $word,)* }
            }

            /// Code value in the scheme DCM (CID 7050).
            pub fn code(self) -> &'static str {
                match self { $(Choice::$name => $code,)* }
            }

            /// Code meaning.
            pub fn meaning(self) -> &'static str {
                match self { $(Choice::$name => $meaning,)* }
            }

            /// What it keeps or cleans, for the manual.
            pub fn help(self) -> &'static str {
                match self { $(Choice::$name => $help,)* }
            }
        }
    };
}

choices! {
    SafePrivate "retain-safe-private" "113111" "Retain Safe Private Option"
        "Keeps the private attributes of PS3.15 Table E.3.10-1; all others go.";
    Uids "retain-uids" "113110" "Retain UIDs Option"
        "Keeps all UIDs as they are. File names carry pseudonyms all the same.";
    DeviceIdentity "retain-device-identity" "113109" "Retain Device Identity Option"
        "Keeps serial numbers, station names and other words that tell one device from another.";
    InstitutionIdentity "retain-institution-identity" "113112" "Retain Institution Identity Option"
        "Keeps names, addresses and departments of institutions.";
    PatientCharacteristics "retain-patient-characteristics" "113108" "Retain Patient Characteristics Option"
        "Keeps sex, age (90 and above become 090Y), size, weight, ethnic group, smoking and pregnancy; cleans allergies, state, needs and pre-medication.";
    FullDates "retain-full-dates" "113106" "Retain Longitudinal Temporal Information Full Dates Option"
        "Keeps dates and times as they are; birth dates go all the same.";
    ModifiedDates "retain-modified-dates" "113107" "Retain Longitudinal Temporal Information Modified Dates Option"
        "Shifts dates by a number of days that belongs to the patient; times of day stay.";
    Descriptors "clean-descriptors" "113105" "Clean Descriptors Option"
        "Keeps descriptions, comments, protocol names and reasons without the identifiers in them.";
    StructuredContent "clean-structured-content" "113104" "Clean Structured Content Option"
        "Keeps the content tree of structured reports, the acquisition context and specimen preparation without the identifiers in them.";
    Graphics "clean-graphics" "113103" "Clean Graphics Option"
        "Keeps graphic annotations with cleaned texts; overlay and curve data, in which nobody can look for names, go.";
    PixelData "clean-pixel-data" "113101" "Clean Pixel Data Option"
        "Searches every frame for burned-in text and blanks it (`deid --clean-pixel-data`; prepare does so always). [burned_in] detector = false excludes it; recorded in the files that were searched.";
    VisualFeatures "clean-recognizable-visual-features" "113102" "Clean Recognizable Visual Features Option"
        "Removes faces. This program cannot: a recipe that asks for it is refused.";
}

/// Columns of Table E.1-1.
pub const COLUMNS: usize = 10;

/// The Basic Profile itself, as the first code of DeidentificationMethodCodeSequence.
pub const BASIC_PROFILE: (&str, &str) = ("113100", "Basic Application Confidentiality Profile");

/// What a recipe starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// The Basic Profile with modified dates.
    #[default]
    Basic,
    /// Basic, and what training needs: clean descriptors, patient characteristics, device identity, safe private.
    Research,
    /// The Basic Profile alone: no date stays.
    Strict,
}

/// Every preset with its word and what it adds to the Basic Profile.
pub const PRESETS: &[(Preset, &str, &[Choice])] = &[
    (Preset::Basic, "basic", &[Choice::ModifiedDates]),
    (
        Preset::Research,
        "research",
        &[
            Choice::SafePrivate,
            Choice::DeviceIdentity,
            Choice::PatientCharacteristics,
            Choice::ModifiedDates,
            Choice::Descriptors,
        ],
    ),
    (Preset::Strict, "strict", &[]),
];

/// `[deid]` of a recipe.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeidSpec {
    /// Where to start from.
    pub preset: Preset,
    /// Options beside those of the preset.
    pub options: Vec<Choice>,
}

impl DeidSpec {
    /// The options in force, ascending, each once. `retain-full-dates` takes the place of the preset's modified dates.
    ///
    /// # Errors
    /// Options that exclude each other, and those that this program cannot honour.
    pub fn choices(&self) -> Result<Vec<Choice>> {
        let refuse = |cause, word: &str| Err(Fault::config("recipe.deid.options", cause, word));
        let named = |choice| self.options.contains(&choice);
        if named(Choice::VisualFeatures) {
            return refuse("faces cannot be removed by this program", Choice::VisualFeatures.word());
        }
        if named(Choice::FullDates) && named(Choice::ModifiedDates) {
            return refuse("dates are kept or shifted, not both", "retain-full-dates, retain-modified-dates");
        }
        let preset = PRESETS.iter().find(|row| row.0 == self.preset).map_or(&[][..], |row| row.2);
        let mut choices: Vec<Choice> = preset.iter().chain(&self.options).copied().collect();
        if named(Choice::FullDates) {
            choices.retain(|choice| *choice != Choice::ModifiedDates);
        }
        choices.sort_unstable();
        choices.dedup();
        Ok(choices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(text: &str) -> Result<Vec<Choice>> {
        toml::from_str::<DeidSpec>(text).unwrap().choices()
    }

    #[test]
    fn presets_and_names_add_up() {
        assert_eq!(choices("").unwrap(), [Choice::ModifiedDates]);
        assert_eq!(choices("preset = 'strict'").unwrap(), []);
        assert_eq!(choices("options = ['retain-full-dates']").unwrap(), [Choice::FullDates]);
        assert_eq!(choices("preset = 'research'\noptions = ['retain-uids']").unwrap().len(), 6);
        for bad in ["['retain-full-dates', 'retain-modified-dates']", "['clean-recognizable-visual-features']"] {
            assert_eq!(choices(&format!("options = {bad}")).unwrap_err().place, "recipe.deid.options");
        }
        assert!(toml::from_str::<DeidSpec>("options = ['keep-everything']").is_err());
    }

    #[test]
    fn codes_are_those_of_cid_7050() {
        let mut codes: Vec<u32> = Choice::ALL.iter().map(|choice| choice.code().parse().unwrap()).collect();
        codes.sort_unstable();
        assert_eq!(codes, (113_101..=113_112).collect::<Vec<_>>());
        assert!(Choice::ALL.iter().all(|choice| choice.meaning().len() <= 64), "LO holds 64 characters");
    }
}
