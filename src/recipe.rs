//! What the user asked for: a recipe in TOML, read, checked and digested. No file is opened here.

use crate::deid::burned_in::{MaskRule, Settings};
use crate::deid::dicom::{Choice, DeidSpec};
use crate::deid::identity::{Issuers, Shares};
use crate::error::{Fault, Result};
use crate::join::links::Windows;
use crate::pixel::PlanSpec;
use crate::pixel::spec::Decode;
use crate::score::ScoreSpec;
use crate::write::Format;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The recipe's form; a recipe of another form is refused.
pub const SCHEMA: u32 = 1;

/// Everything a recipe can say. Every field has a default, so the empty recipe is valid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// Form of the recipe: 1.
    pub schema: u32,
    /// What happens to pixels.
    pub image: PlanSpec,
    /// Which frames of a multi-frame image become tensors.
    pub frames: Frames,
    /// Shares of patients.
    pub split: SplitSpec,
    /// How patients are told apart.
    pub identity: IdentitySpec,
    /// How far apart in time things of one patient may be to be linked.
    pub join: Windows,
    /// What de-identified files keep.
    pub deid: DeidSpec,
    /// Which rows HL7 messages become.
    pub hl7: Hl7Spec,
    /// How tensors are kept.
    pub output: OutputSpec,
    /// Burned-in text: which layers look for it, and what is refused.
    pub burned_in: Settings,
    /// EHR tables.
    #[serde(skip_serializing_if = "EhrSpec::is_empty")]
    pub ehr: EhrSpec,
    /// How images are measured, judged and filtered.
    pub score: ScoreSpec,
    /// Rectangles that are blanked, by rule.
    pub mask: Vec<MaskRule>,
}

/// The word of a format in a recipe.
mod format_word {
    use crate::write::{FORMATS, Format};
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(format: &Format, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(format.word())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Format, D::Error> {
        let word = String::deserialize(from)?;
        Format::from_word(&word).ok_or_else(|| {
            let words: Vec<_> = FORMATS.iter().map(|row| row.word).collect();
            de::Error::custom(format!("unknown format `{word}`, expected one of {}", words.join(", ")))
        })
    }
}

/// Which frames of a multi-frame image become tensors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Frames {
    /// Every frame.
    #[default]
    All,
    /// The first.
    First,
    /// The one in the middle: index frames / 2.
    Middle,
}

impl Frames {
    /// The frame numbers, from 0, of an image that has `count`.
    pub fn of(self, count: u32) -> std::ops::Range<u32> {
        match self {
            Frames::All => 0..count,
            Frames::First => 0..count.min(1),
            Frames::Middle => count / 2..(count / 2 + 1).min(count),
        }
    }
}

/// Shares of patients in each split; they add up to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SplitSpec {
    /// Share to learn from.
    pub train: f64,
    /// Share to choose by.
    pub validation: f64,
    /// Share to measure with.
    pub test: f64,
}

impl Default for SplitSpec {
    fn default() -> Self {
        Self { train: 0.8, validation: 0.1, test: 0.1 }
    }
}

/// How patients are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdentitySpec {
    /// Whether an id counts together with its issuer.
    pub issuers: Issuers,
    /// Whether merges in HL7 messages (MRG of ADT^A18, A34, A40…) make one person of two ids, in every source.
    pub merges: Merges,
}

/// What merges in HL7 messages do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Merges {
    /// The ids name one person: one pseudonym, one date shift, one split. Every HL7 input is read once more for it.
    #[default]
    Apply,
    /// Each id stays a person of its own; `hl7/merges` tells which were merged.
    Record,
}

/// Which rows HL7 messages become.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hl7Spec {
    /// Names of the tables to make; all if empty. Every message has its row in `messages`, wanted or not.
    pub tables: Vec<String>,
}

/// How EHR tables are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EhrSpec {
    /// YYYY-MM-DD: the day that the ages of the living refer to, such as that of the extract. Without it, the last day that
    /// the tables have of a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference_date: Option<String>,
    /// Tables under names of their own: for each its file and which column is what.
    #[serde(flatten)]
    pub tables: BTreeMap<String, BTreeMap<String, String>>,
}

impl EhrSpec {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The reference date in days since 1970.
    ///
    /// # Errors
    /// A text that is no day of the calendar.
    pub fn reference_day(&self) -> Result<Option<i32>> {
        let Some(text) = &self.reference_date else { return Ok(None) };
        let date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        let days = date.and_then(|date| i32::try_from((date - chrono::NaiveDate::default()).num_days()).ok());
        match days {
            Some(days) => Ok(Some(days)),
            None => Err(Fault::config("recipe.ehr.reference_date", "a day such as 2024-12-31", text.clone())),
        }
    }
}

/// How tensors are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutputSpec {
    /// File form of the tensors.
    #[serde(with = "format_word")]
    pub format: Format,
    /// Most inputs in one part: a part is what resume and shards count in.
    pub part_inputs: u64,
    /// Most bytes of inputs in one part, unless one input alone is larger.
    pub part_bytes: u64,
}

impl Default for OutputSpec {
    fn default() -> Self {
        Self { format: Format::default(), part_inputs: 2000, part_bytes: 4 << 30 }
    }
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            schema: SCHEMA,
            image: PlanSpec::default(),
            frames: Frames::default(),
            split: SplitSpec::default(),
            identity: IdentitySpec::default(),
            join: Windows::default(),
            deid: DeidSpec::default(),
            hl7: Hl7Spec::default(),
            output: OutputSpec::default(),
            burned_in: Settings::default(),
            ehr: EhrSpec::default(),
            score: ScoreSpec::default(),
            mask: Vec::new(),
        }
    }
}

impl Recipe {
    /// Reads and checks a recipe.
    ///
    /// # Errors
    /// Unknown keys, wrong types and values that no run could follow, with the line where TOML knows it.
    pub fn parse(text: &str) -> Result<Self> {
        let recipe: Recipe =
            toml::from_str(text).map_err(|error| Fault::toml("recipe", "not a recipe", text, &error))?;
        recipe.check()?;
        Ok(recipe)
    }

    /// Refuses what no run could follow.
    pub fn check(&self) -> Result<()> {
        if self.schema != SCHEMA {
            return Err(Fault::config("recipe.schema", "another form of recipe", self.schema.to_string())
                .number("known", SCHEMA));
        }
        self.image.check()?;
        let SplitSpec { train, validation, test } = self.split;
        let shares = [train, validation, test];
        if shares.iter().any(|s| !(0.0..=1.0).contains(s)) || (shares.iter().sum::<f64>() - 1.0).abs() > 1e-6 {
            return Err(Fault::config("recipe.split", "shares from 0 to 1 that add up to 1", format!("{shares:?}")));
        }
        if self.output.part_inputs == 0 || self.output.part_bytes == 0 {
            return Err(Fault::config("recipe.output", "a part holds at least one input", "0"));
        }
        if self.deid.choices()?.contains(&Choice::PixelData) && !self.burned_in.detector {
            let told = "clean-pixel-data, and [burned_in] detector = false";
            return Err(Fault::config("recipe.deid.options", "the option that the detector is for, without it", told));
        }
        if self.image.decode == Decode::Reduced && self.burned_in.detector {
            let told = "decode = \"reduced\", and [burned_in] detector = true";
            return Err(Fault::config(
                "recipe.image.decode",
                "images that are searched for text are decoded whole",
                told,
            )
            .remedy("decode = \"full\"; or [burned_in] detector = false, which leaves burned-in text where it is"));
        }
        self.ehr.reference_day()?;
        self.output.format.check_shapes(self.image.size.sides().is_some())?;
        self.burned_in.check()?;
        self.score.check()?;
        self.mask.iter().try_for_each(MaskRule::check)
    }

    /// The shares as identity wants them.
    pub fn shares(&self) -> Shares {
        Shares { train: self.split.train, validation: self.split.validation }
    }

    /// The recipe as canonical text: every field, defaults included.
    pub fn canonical(&self) -> String {
        toml::to_string(self).expect("a recipe is plain data")
    }

    /// SHA-256 of the canonical text: two recipes that mean the same have the same digest.
    pub fn digest(&self) -> String {
        crate::deid::key::hex(&Sha256::digest(self.canonical().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn the_empty_recipe_is_the_default_and_canonical_text_reads_back() {
        let recipe = Recipe::parse("").unwrap();
        assert_eq!(recipe, Recipe::default());
        assert_eq!(Recipe::parse(&recipe.canonical()).unwrap(), recipe);
        assert_ne!(Recipe::parse("frames = 'first'").unwrap().digest(), recipe.digest());
        let ehr = Recipe::parse("[ehr]\nreference_date = '1970-01-03'\n[ehr.patients]\nfile = 'x'\n").unwrap();
        assert_eq!(ehr.ehr.reference_day().unwrap(), Some(2));
        assert_eq!(Recipe::parse(&ehr.canonical()).unwrap(), ehr);
    }

    #[test]
    fn what_cannot_be_followed_is_refused() {
        let bad = [
            "colour = 'red'",
            "[image]\nsise = 3",
            "schema = 2",
            "[split]\ntrain = 0.9\nvalidation = 0.2\ntest = 0.1",
            "[output]\npart_inputs = 0",
            "[image]\nchannels = 2",
            "[[mask]]\nboxes = [{ x = 0, y = 0, w = 0, h = 5 }]",
            "[[mask]]\nmodality = 'US'",
            "[[mask]]\nboxes = []\nkeep = []",
            "[[mask]]\nmodality = []\nboxes = []",
            "[[mask]]\nsop_class = '*'\nboxes = []",
            "[[mask]]\nrefuse = 'everything'",
            "[burned_in]\nallow = ['L', 'LEFT']",
            "[burned_in]\ndetector = false\n[deid]\noptions = ['clean-pixel-data']",
            "[burned_in]\nsecondary_capture = 'perhaps'",
            "[ehr]\nreference_date = '2024-02-30'",
            "[ehr]\nreference = '2024-02-01'",
        ];
        for text in bad {
            assert_eq!(Recipe::parse(text).unwrap_err().kind, Kind::Config, "{text}");
        }
    }

    #[test]
    fn frames_of_a_cine() {
        assert_eq!((Frames::All.of(4), Frames::First.of(4), Frames::Middle.of(5)), (0..4, 0..1, 2..3));
    }
}
