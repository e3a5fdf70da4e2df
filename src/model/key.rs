//! Names for things that are not their names in the archive: ordinals, pseudonyms, splits.

use std::fmt;
use std::sync::Arc;

/// An input by its place in the sorted list of inputs. Safe to print; a path is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InputId(pub u64);

impl fmt::Display for InputId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "input {}", self.0)
    }
}

/// The pseudonym of a person: the same in every source of the archive. Made in `deid` only. Shared, because every row of
/// the person names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PatientKey(pub Arc<str>);

impl fmt::Display for PatientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which part of the training set a person belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// To learn from.
    Train,
    /// To choose by.
    Validation,
    /// To measure with.
    Test,
}

impl Split {
    /// All splits in the order of the manual.
    pub const ALL: [Split; 3] = [Split::Train, Split::Validation, Split::Test];

    /// The split of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|split| split.name() == word)
    }

    /// The word in file names and columns; Hugging Face finds splits by it.
    pub const fn name(self) -> &'static str {
        match self {
            Split::Train => "train",
            Split::Validation => "validation",
            Split::Test => "test",
        }
    }
}
