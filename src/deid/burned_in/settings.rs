//! `[burned_in]` of a recipe: which layers run, and what becomes of images that are text by nature or need a person's
//! eyes. Every key is in the recipe's digest.

use super::rules::{self, MaskRule};
use crate::error::{Fault, Result};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Letters of a mark that may stay, at most.
const MARK: usize = 3;
/// Letters that cannot be told from digits.
const DIGIT_LIKE: &[u8] = b"IO";

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
    /// Marks that may stay readable where each stands alone: one to three letters of A to Z. None unless asked for.
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
        let refuse = |cause: &'static str, remedy: &'static str| {
            let detail = format!("{} marks", self.allow.len());
            Err(Fault::config("recipe.burned_in.allow", cause, detail).remedy(remedy))
        };
        let word = |mark: &String| (1..=MARK).contains(&mark.len()) && mark.bytes().all(|b| b.is_ascii_uppercase());
        if self.allow.is_empty() {
            return Ok(());
        }
        if !self.allow.iter().all(word) {
            return refuse(
                "a mark has one to three letters of A to Z",
                "name marks such as L, R or PA; longer words could be names and stay masked",
            );
        }
        if self.allow.iter().any(|mark| mark.bytes().all(|b| DIGIT_LIKE.contains(&b))) {
            return refuse("I and O alone look like 1 and 0", "name marks with another letter in them");
        }
        if !self.detector {
            return refuse("nobody looks for text, so no mark can be told from it", "set detector = true");
        }
        Ok(())
    }
}
