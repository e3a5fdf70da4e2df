//! Names of codes in words: what a code system says passes, what could be somebody's name does not.

use super::endings;
use super::fold;
use super::name_words;
use super::token::{Case, Kind};
use super::words::Flags;
use super::{Known, Mark, Scrubber, Shift};

/// Longest name of a code, in bytes. Names of LOINC and SNOMED CT are shorter; a report is longer.
const LONGEST: usize = 512;

impl Scrubber {
    /// The name of a code as it may leave: nothing found in it, and no word with a capital that the dictionaries do not
    /// know, unless it is built like a word of medicine.
    pub(in crate::deid) fn term<'t>(&self, text: &'t str, known: &[&Known]) -> Option<&'t str> {
        let text = text.trim_matches([' ', '\0']);
        if text.is_empty() || text.len() > LONGEST || known.iter().any(|known| known.names(text)) {
            return None;
        }
        let mut passes = true;
        self.read(text, &Known::new(), Some(Shift(0)), |page, spans| {
            // A date or time that stays one says when, and no code system does.
            passes = spans.is_empty() || spans.iter().all(|span| span.mark == Mark::Time);
            passes &= (0..page.tokens.len()).all(|at| {
                page.get(at).is_none_or(|token| {
                    let strange = matches!(token.case, Case::Title | Case::Upper)
                        && !token.flags.any(Flags::SAFE.and(Flags::FUNCTION).and(Flags::UNIT));
                    token.kind != Kind::Unspaced
                        && !(token.kind == Kind::Word && strange && token.folded >= 4 && !name_words::built(page, at))
                })
            });
        });
        passes.then_some(text)
    }

    /// Whether a word of ASCII letters is written as names are, one capital and small letters, at least four, and is known
    /// to no dictionary nor built like a word of medicine: in a field of codes it is somebody's name. In capitals alone it
    /// is a code of its laboratory.
    pub(in crate::deid) fn is_stranger(&self, word: &str) -> bool {
        let [first, rest @ ..] = word.as_bytes() else { return false };
        let title = first.is_ascii_uppercase() && rest.len() >= 3 && rest.iter().all(u8::is_ascii_lowercase);
        title && self.flags(word) == Flags::default() && !endings::of_medicine(word) && !endings::of_common(word)
    }

    fn flags(&self, word: &str) -> Flags {
        self.words.flags(word.bytes().fold(0, |hash, byte| fold::roll(hash, byte | 0x20)))
    }

    /// Whether a word of ASCII letters is a common or medical one.
    pub(in crate::deid) fn is_common(&self, word: &str) -> bool {
        self.flags(word).any(Flags::SAFE.and(Flags::FUNCTION).and(Flags::UNIT))
    }

    /// Whether a word of ASCII letters is one that only names have, from four letters on.
    pub(in crate::deid) fn is_name(&self, word: &str) -> bool {
        if word.len() < 4 || !word.bytes().all(|b| b.is_ascii_alphabetic()) {
            return false;
        }
        let flags = self.flags(word);
        flags.any(Flags::GIVEN.and(Flags::FAMILY)) && !flags.any(Flags::SAFE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_codes_pass_and_names_of_people_do_not() {
        let mut known = Known::new();
        known.learn("Glucosa");
        let term = |text| Scrubber::shared().term(text, &[&known]);
        for text in [
            "Glucose [Mass/volume] in Serum or Plasma",
            "Essential hypertension (disorder)",
            "Acute viral pharyngitis",
            "Hemoglobin A1c/Hemoglobin.total in Blood",
            "CT CHEST W/O CONTRAST",
            "Parkinson's disease",
            "24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet",
            "NDA020503 200 ACTUAT Albuterol 0.09 MG/ACTUAT Metered Dose Inhaler",
        ] {
            assert_eq!(term(text), Some(text), "{text}");
        }
        for text in [
            "Glucosa",
            "Stringer",
            "Follow-up Fauxworth",
            "call Mary Smith",
            "rang 212-555-0142",
            "seen 3/14/2024",
            "NDA0205031 albuterol",
            "XDA020503 albuterol",
            "Zwettler",
        ] {
            assert_eq!(term(text), None, "{text}");
        }
        assert!(
            Scrubber::shared().is_name("KOWALSKI")
                && !Scrubber::shared().is_name("White")
                && !Scrubber::shared().is_name("GLU")
        );
        for word in ["Zwettler", "Fauxworth"] {
            assert!(Scrubber::shared().is_stranger(word), "{word}");
        }
        for word in ["ZWETTLER", "Glucose", "Married", "Zwettleritis", "Kow", "McCoy", "Female", "Germany"] {
            assert!(!Scrubber::shared().is_stranger(word), "{word}");
        }
    }
}
