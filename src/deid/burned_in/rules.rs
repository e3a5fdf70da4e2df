//! Rules about devices and kinds of images: conditions over a header, and rectangles to blank, rectangles to keep, or
//! a refusal. The program's own are `rules/burned_in.toml`; a recipe's `[[mask]]` has the same form.

use super::settings::{OnKind, Settings};
use crate::deid::facts::Facts;
use crate::error::{Fault, Reason, Result};
use crate::model::area::outside;
use crate::model::{Clean, ImageKind, Rectangle};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// One rule. It matches if every condition given holds; exactly one of `boxes`, `keep` and `refuse` says what follows.
///
/// Conditions on words take one word or several, of which one must be found; case does not matter. `modality` and
/// `conversion_type` are compared as a whole, `sop_class` too unless it ends in `*`, all others are looked for inside
/// the value (of several values, inside any of them).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaskRule {
    /// Why the rule is there; needed in `rules/burned_in.toml`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Modality (0008,0060).
    #[serde(default, skip_serializing_if = "Words::none")]
    pub modality: Words,
    /// Manufacturer (0008,0070).
    #[serde(default, skip_serializing_if = "Words::none")]
    pub manufacturer: Words,
    /// ManufacturerModelName (0008,1090).
    #[serde(default, skip_serializing_if = "Words::none")]
    pub model: Words,
    /// SoftwareVersions (0018,1020).
    #[serde(default, skip_serializing_if = "Words::none")]
    pub software: Words,
    /// SOPClassUID (0008,0016).
    #[serde(default, skip_serializing_if = "Words::none")]
    pub sop_class: Words,
    /// ImageType (0008,0008).
    #[serde(default, skip_serializing_if = "Words::none")]
    pub image_type: Words,
    /// ConversionType (0008,0064).
    #[serde(default, skip_serializing_if = "Words::none")]
    pub conversion_type: Words,
    /// Rows (0028,0010), equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u32>,
    /// Columns (0028,0011), equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<u32>,
    /// Rectangles to blank. A rule that finds nothing to blank says so with an empty list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boxes: Option<Vec<Rectangle>>,
    /// Rectangles to keep: all that lies in none of them is blanked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<Vec<Rectangle>>,
    /// The image is refused as this kind, unless the recipe has its kind searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refuse: Option<Kind>,
    /// Whether it matched an image since it was read.
    #[serde(skip)]
    matched: Matched,
}

/// Whether a rule matched an image: the same for all its copies. It is no part of what the rule says.
#[derive(Clone, Debug, Default)]
struct Matched(Arc<AtomicBool>);

impl PartialEq for Matched {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Matched {}

/// Kinds of images that are text by nature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Captured from a screen or another program (PS3.3 A.8).
    SecondaryCapture,
    /// A saved screen of a workstation.
    ScreenSave,
    /// A page of doses, protocols or patient data.
    DoseReport,
    /// Paper, film or a document.
    ScannedDocument,
}

/// Words of which one must be found; none means that it does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(Vec<String>);

impl Words {
    fn none(&self) -> bool {
        self.0.is_empty()
    }

    fn one(&self, fits: impl Fn(&str) -> bool) -> bool {
        self.none() || self.0.iter().any(|word| fits(&word.to_lowercase()))
    }
}

impl Serialize for Words {
    fn serialize<S: serde::Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => one.serialize(to),
            many => many.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            One(String),
            Many(Vec<String>),
        }
        let words = match Form::deserialize(from)? {
            Form::One(word) => vec![word],
            Form::Many(words) => words,
        };
        match words.is_empty() || words.iter().any(|word| word.trim_matches(['*', ' ']).is_empty()) {
            true => Err(serde::de::Error::custom("a condition names at least one word, and no empty one")),
            false => Ok(Self(words)),
        }
    }
}

/// What a rule can look at.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Facts of the sheet.
    pub facts: &'a Clean<Facts>,
    /// Rows of a frame; 0 if there is no image.
    pub rows: u32,
    /// Columns of a frame; 0 if there is no image.
    pub columns: u32,
}

impl MaskRule {
    /// Refuses rules that say nothing or two things, and rectangles without area.
    pub fn check(&self) -> Result<()> {
        let said = [self.boxes.is_some(), self.keep.is_some(), self.refuse.is_some()];
        if said.iter().filter(|said| **said).count() != 1 {
            let told = [("boxes", said[0]), ("keep", said[1]), ("refuse", said[2])];
            let told: Vec<&str> = told.iter().filter(|(_, said)| *said).map(|(word, _)| *word).collect();
            let told = if told.is_empty() { "none of them".to_owned() } else { told.join(" and ") };
            return Err(Fault::config("recipe.mask", "a rule has either boxes, or keep, or refuse", told));
        }
        let mut rectangles = self.boxes.iter().chain(&self.keep).flatten();
        match rectangles.find(|b| b.w == 0 || b.h == 0) {
            Some(b) => Err(Fault::config("recipe.mask", "a box has at least one column and one row", format!("{b:?}"))),
            None => Ok(()),
        }
    }

    /// What follows from it, for a list: blanks, keeps, or refuses and as what.
    pub fn does(&self) -> &'static str {
        match (self.refuse, &self.keep) {
            (Some(kind), _) => kind.reason().code(),
            (None, Some(_)) => "keep",
            (None, None) => "blank",
        }
    }

    /// Whether no image matched it so far: a misspelt word, perhaps.
    pub fn is_idle(&self) -> bool {
        !self.matched.0.load(Ordering::Relaxed)
    }

    /// Whether every condition holds.
    pub(super) fn matches(&self, seen: &Seen) -> bool {
        let matches = self.holds(seen);
        if matches && self.is_idle() {
            self.matched.0.store(true, Ordering::Relaxed);
        }
        matches
    }

    fn holds(&self, seen: &Seen) -> bool {
        let device = seen.facts.get().device.open();
        let class = |wanted: &str| match wanted.strip_suffix('*') {
            Some(start) => device.sop_class.starts_with(start),
            None => device.sop_class == wanted,
        };
        self.rows.is_none_or(|rows| rows == seen.rows)
            && self.columns.is_none_or(|columns| columns == seen.columns)
            && self.modality.one(|word| device.modality == word)
            && self.conversion_type.one(|word| device.conversion_type == word)
            && self.sop_class.one(class)
            && self.manufacturer.one(|word| device.manufacturer.contains(word))
            && self.model.one(|word| device.model.contains(word))
            && self.software.one(|word| device.software.contains(word))
            && self.image_type.one(|word| device.image_type.contains(word))
    }

    /// What it blanks of a frame.
    pub(super) fn rectangles(&self, seen: &Seen) -> Vec<Rectangle> {
        match (&self.boxes, &self.keep) {
            (_, Some(keep)) => outside(keep, seen.rows, seen.columns),
            (Some(boxes), None) => boxes.clone(),
            (None, None) => Vec::new(),
        }
    }
}

/// The name of the file that holds the rules.
pub const FILE: &str = "burned_in.toml";
/// The rules that come with the program.
pub const SHIPPED: &str = include_str!("../../../rules/burned_in.toml");

/// Reads rules from TOML.
///
/// # Errors
/// Text of another form, a rule that cannot be followed or that does not say why it is there.
pub fn parse(text: &str) -> Result<Vec<MaskRule>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        mask: Vec<MaskRule>,
    }
    let file: File = toml::from_str(text)
        .map_err(|error| Fault::toml("rules/burned_in.toml", "not a list of rules", text, &error))?;
    file.mask.iter().try_for_each(MaskRule::check)?;
    match file.mask.iter().position(|rule| rule.why.is_none()) {
        Some(place) => {
            Err(Fault::config("rules/burned_in.toml", "a rule says why it is there", format!("rule {}", place + 1)))
        }
        None => Ok(file.mask),
    }
}

/// The rules of `rules/burned_in.toml`.
pub fn shipped() -> Result<&'static [MaskRule]> {
    static RULES: OnceLock<Option<Vec<MaskRule>>> = OnceLock::new();
    let rules = RULES.get_or_init(|| parse(SHIPPED).ok()).as_deref();
    rules.ok_or_else(|| Fault::bug("rules/burned_in.toml", "the rules of this build cannot be read"))
}

/// The kinds of text that rules find an image to be, each with the attribute that told it.
fn kinds<'a>(
    settings: &'a Settings,
    recipe: &'a [MaskRule],
    seen: &'a Seen,
) -> Result<impl Iterator<Item = (Kind, &'static str)> + 'a> {
    let rules = settings.program_rules()?.iter().chain(recipe);
    Ok(rules.filter_map(|rule| rule.refuse.filter(|_| rule.matches(seen)).map(|kind| (kind, rule.place()))))
}

/// The kind of text that an image is by nature, whether the recipe has it searched or not.
pub fn text_kind(settings: &Settings, recipe: &[MaskRule], seen: &Seen) -> Result<Option<ImageKind>> {
    Ok(kinds(settings, recipe, seen)?.next().map(|(kind, _)| kind.image_kind()))
}

/// Refuses an image that is text by nature, unless the recipe has its kind searched. The fault names the kind and the
/// attribute that told it.
pub fn accept(settings: &Settings, recipe: &[MaskRule], seen: &Seen) -> Result<()> {
    let refused = kinds(settings, recipe, seen)?.find(|(kind, _)| kind.treatment(settings) == OnKind::Refuse);
    refused.map_or(Ok(()), |(kind, place)| Err(kind.fault(place)))
}

impl MaskRule {
    /// The attribute that says most about why it matched.
    fn place(&self) -> &'static str {
        match self {
            _ if !self.image_type.none() => "ImageType",
            _ if !self.conversion_type.none() => "ConversionType",
            _ if !self.sop_class.none() => "SOPClassUID",
            _ => "ManufacturerModelName",
        }
    }
}

impl Kind {
    fn treatment(self, settings: &Settings) -> OnKind {
        match self {
            Kind::SecondaryCapture => settings.secondary_capture,
            Kind::ScreenSave => settings.screen_save,
            Kind::DoseReport => settings.dose_report,
            Kind::ScannedDocument => settings.scanned_document,
        }
    }

    fn image_kind(self) -> ImageKind {
        match self {
            Kind::SecondaryCapture => ImageKind::SecondaryCapture,
            Kind::ScreenSave => ImageKind::ScreenSave,
            Kind::DoseReport => ImageKind::DoseReport,
            Kind::ScannedDocument => ImageKind::ScannedDocument,
        }
    }

    fn reason(self) -> Reason {
        match self {
            Kind::SecondaryCapture => Reason::SecondaryCapture,
            Kind::ScreenSave => Reason::ScreenSave,
            Kind::DoseReport => Reason::DoseReport,
            Kind::ScannedDocument => Reason::ScannedDocument,
        }
    }

    fn fault(self, place: &'static str) -> Fault {
        let (cause, remedy) = match self {
            Kind::SecondaryCapture => (
                "captured from a screen or another program",
                "[burned_in] secondary_capture = \"search\" has it searched like any image",
            ),
            Kind::ScreenSave => {
                ("a saved screen", "[burned_in] screen_save = \"search\" has it searched like any image")
            }
            Kind::DoseReport => (
                "a page of doses, protocols or patient data",
                "[burned_in] dose_report = \"search\" has it searched like any image",
            ),
            Kind::ScannedDocument => (
                "a scanned or encapsulated document",
                "[burned_in] scanned_document = \"search\" has it searched like any image",
            ),
        };
        Fault::input(self.reason(), place, cause).remedy(remedy)
    }
}
