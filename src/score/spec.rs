//! What a recipe says about scores.

use super::rules::Rules;
use crate::error::{Fault, Result};
use serde::{Deserialize, Serialize};

/// How an image's score comes about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Fit to learn from: what the pixels show.
    #[default]
    Default,
    /// Fit to keep: the same, and what the header tells of loss, derivation and missing attributes.
    Archive,
    /// 0 to 3 points: a file over 5 MB, a series description over 10 characters, study status COMPLETED.
    Simple,
}

impl Profile {
    /// The word in a recipe.
    pub const fn word(self) -> &'static str {
        match self {
            Profile::Default => "default",
            Profile::Archive => "archive",
            Profile::Simple => "simple",
        }
    }
}

/// Which copies of images are left out of a data set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Copies {
    /// They stay: duplicates.parquet tells of them.
    #[default]
    Keep,
    /// They stay, and the manifest's `duplicate_of` names what each is a copy of.
    Mark,
    /// Images whose shape and samples are those of an earlier input.
    LeaveOutExact,
    /// These, and images that look like one of another patient.
    LeaveOutNear,
}

/// The recipe's section `score`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScoreSpec {
    /// Whether images are measured and scored.
    pub measure: bool,
    /// Which profile.
    pub profile: Profile,
    /// Images below are left out; all stay, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_score: Option<f64>,
    /// Images that carry one of these flags are left out.
    pub flags: Vec<String>,
    /// What becomes of copies. To know them, every image is decoded once more before the first is written.
    pub copies: Copies,
}

impl Default for ScoreSpec {
    fn default() -> Self {
        Self { measure: true, profile: Profile::Default, min_score: None, flags: Vec::new(), copies: Copies::Keep }
    }
}

impl ScoreSpec {
    /// Refuses what no run could follow.
    pub fn check(&self) -> Result<()> {
        if let Some(least) = self.min_score.filter(|least| !(0.0..=100.0).contains(least)) {
            return Err(Fault::config("recipe.score.min_score", "a score is from 0 to 100", least.to_string())
                .remedy("30 leaves out what hardly shows anything; without min_score all images stay"));
        }
        if !self.measure && (self.min_score.is_some() || !self.flags.is_empty()) {
            return Err(Fault::config("recipe.score", "nothing can be left out by what is not measured", "measure"));
        }
        Ok(())
    }

    /// Refuses flags that no rule sets: an image could never be left out by them.
    pub fn check_flags(&self, rules: &Rules) -> Result<()> {
        match self.flags.iter().find(|flag| !rules.flags().contains(&flag.as_str())) {
            Some(flag) => Err(Fault::config("recipe.score.flags", "no rule sets this flag", flag.clone())
                .remedy("`voxmill rules` lists the flags")),
            None => Ok(()),
        }
    }
}
