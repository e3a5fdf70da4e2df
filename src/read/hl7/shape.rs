//! Shapes of texts in fields that are codes by the standard and prose by habit: what has not the shape is dropped.

use super::range::limits;

/// One letter: L, P or O of table 0105, and what sites add.
pub(super) fn is_letter(text: &str) -> bool {
    matches!(text.trim().as_bytes(), [letter] if letter.is_ascii_alphabetic())
}

/// One token of at most 20 characters: `FOLLOWUP`, not a reason in words.
pub(super) fn is_token(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.len() <= 20 && !text.contains(char::is_whitespace)
}

/// At most 20 characters, of which at most one word is of letters only: `mm Hg` is two and is in the table of units.
pub(super) fn is_unit(text: &str) -> bool {
    let word = |word: &&str| word.len() > 2 && word.chars().all(char::is_alphabetic);
    text.chars().count() <= 20 && text.split_whitespace().filter(word).count() <= 1
}

/// Reference ranges that are words, lower case.
const RANGES: &[&str] =
    &["negative", "neg", "positive", "pos", "normal", "none", "non-reactive", "nonreactive", "not detected"];

/// A reference range that has a limit or is one of the words for it.
pub(super) fn is_range(text: &str) -> bool {
    limits(text) != (None, None) || RANGES.contains(&text.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_have_none_of_the_shapes() {
        assert!(["L", " o "].into_iter().all(is_letter));
        assert!(["", "LL", "1", "seen by Jane"].into_iter().all(|text| !is_letter(text)));
        assert!(["FOLLOWUP", "S-12"].into_iter().all(is_token));
        assert!(["", "ask Jane", "A-TOKEN-THAT-IS-TOO-LONG"].into_iter().all(|text| !is_token(text)));
        assert!(["mg/dL", "10*3/uL", "x10 3/uL", "mm Hg", "MilliLiter", "{score}"].into_iter().all(is_unit));
        assert!(["Jane Roe", "mg given by the nurse of ward"].into_iter().all(|text| !is_unit(text)));
        assert!(["70-110", "<5", "Negative"].into_iter().all(is_range));
        assert!(["", "see Jane Roe", "70_105"].into_iter().all(|text| !is_range(text)));
    }
}
