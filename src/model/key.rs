//! Names for things that are not their names in the archive: ordinals, pseudonyms, splits.

use std::fmt;

/// An input by its place in the sorted list of inputs. Safe to print; a path is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InputId(pub u64);

impl fmt::Display for InputId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "input {}", self.0)
    }
}

/// The pseudonym of a person: the same in every source of the archive. Made in `deid` only. Every row of the person names
/// it, so it lies where it is used and not behind a pointer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PatientKey {
    /// Zeros behind the text.
    bytes: [u8; PatientKey::MOST],
    length: u8,
}

impl PatientKey {
    /// Bytes that a pseudonym has at most; those that `deid` makes have 22.
    pub const MOST: usize = 23;

    /// A pseudonym by its text; `None` if it is longer than any.
    pub fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; Self::MOST];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self { bytes, length: u8::try_from(text.len()).ok()? })
    }

    /// Its text.
    #[inline]
    pub fn as_str(&self) -> &str {
        // Made of a text that was that long.
        self.bytes.get(..usize::from(self.length)).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default()
    }
}

impl fmt::Debug for PatientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Display for PatientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_is_its_text_and_none_is_cut() {
        let texts = ["", "P", "Pabcdefghijklmnopqrstu", "Pabcdefghijklmnopqrstuv"];
        assert!(texts.iter().all(|text| PatientKey::new(text).is_some_and(|key| key.as_str() == *text)));
        assert_eq!(PatientKey::new("Pabcdefghijklmnopqrstuvw"), None);
        // In the order of the texts, as receipts and patients.parquet are.
        let keys = ["P", "Pa", "Pab", "Pb"].map(PatientKey::new);
        assert!(keys.is_sorted());
    }
}
