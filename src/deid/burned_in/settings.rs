//! `[burned_in]` of a recipe: which layers run, and what becomes of images that are text by nature or need a person's
//! eyes. Every key is in the recipe's digest.

use super::rules::{self, MaskRule};
use crate::error::{Fault, Result};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What the recipe says about burned-in text. The default runs every layer and refuses what is text by nature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether every frame is searched for text.
    pub detector: bool,
    /// Whether the rules of `rules/burned_in.toml` that blank rectangles are followed.
    pub shipped_rules: bool,
    /// Whether everything outside the calibrated regions of an ultrasound is blanked.
    pub ultrasound_regions: bool,
    /// Whether what stays while a multi-frame picture moves is blanked.
    pub static_overlay: bool,
    /// What becomes of an image in which text is still found after masking.
    pub review: OnReview,
    /// Secondary captures.
    pub secondary_capture: OnKind,
    /// Screen saves of workstations.
    pub screen_save: OnKind,
    /// Pages of dose reports and patient protocols.
    pub dose_report: OnKind,
    /// Scanned and encapsulated documents.
    pub scanned_document: OnKind,
    /// Strings that may stay readable. Must be empty: nothing here reads text.
    pub allow: Vec<String>,
    /// The user's own rules that stand for those of `rules/burned_in.toml` (`--rules`); no key of a recipe.
    #[serde(skip)]
    pub own_rules: Option<Vec<MaskRule>>,
    /// File of a second reader (`--text-model`); no key of a recipe, its digest is in the run's.
    #[serde(skip)]
    pub text_model: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            detector: true,
            shipped_rules: true,
            ultrasound_regions: true,
            static_overlay: true,
            review: OnReview::Quarantine,
            secondary_capture: OnKind::Refuse,
            screen_save: OnKind::Refuse,
            dose_report: OnKind::Refuse,
            scanned_document: OnKind::Refuse,
            allow: Vec::new(),
            own_rules: None,
            text_model: None,
        }
    }
}

/// What happens to a kind of images that is text by nature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnKind {
    /// Refused, with a reason of its own.
    Refuse,
    /// Treated as any other image.
    Search,
}

/// What happens to an image in which text is still found after masking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnReview {
    /// It becomes a row of the rejects, no tensor.
    Quarantine,
    /// It is written, masked as far as text was found, and marked for review.
    Keep,
}

impl Settings {
    /// The rules about devices and kinds: the user's own, else the shipped ones.
    pub(super) fn program_rules(&self) -> Result<&[MaskRule]> {
        match &self.own_rules {
            Some(own) => Ok(own),
            None => rules::shipped(),
        }
    }

    /// Refuses what cannot be followed.
    pub fn check(&self) -> Result<()> {
        match self.allow.first() {
            Some(_) => Err(Fault::config(
                "recipe.burned_in.allow",
                "text is found, not read: no string can be told from another",
                format!("{} strings", self.allow.len()),
            )
            .remedy("leave `allow` empty; markers such as L and R are masked with all other text")),
            None => Ok(()),
        }
    }
}
