//! Codes and defined terms: what may leave as it stands, because it says what was examined and not who.

use std::collections::BTreeSet;

/// Words that name the person a row or sheet is about, lower case, at least 3 characters each.
///
/// A code that contains one of them is not a code, whatever field it stood in.
#[derive(Clone, Default)]
pub struct Known {
    words: BTreeSet<String>,
}

impl Known {
    /// Adds every word of an identifier: name parts, ids, addresses. Words of letters count from 3 characters on, those
    /// with digits from 4: a house number is no reason to lose a code.
    pub fn learn(&mut self, text: &str) {
        let telling = |word: &&str| {
            let least = if word.chars().any(|c| c.is_ascii_digit()) { 4 } else { 3 };
            word.chars().count() >= least
        };
        let whole = std::iter::once(text.trim());
        let words = text.split(|c: char| !c.is_alphanumeric()).chain(whole).filter(telling);
        self.words.extend(words.map(str::to_lowercase));
    }

    /// Whether the text contains a known word.
    pub fn names(&self, text: &str) -> bool {
        let lower = text.to_lowercase();
        self.words.contains(lower.trim())
            || lower.split(|c: char| !c.is_alphanumeric()).any(|word| self.words.contains(word))
    }
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[known words]")
    }
}

/// A code as it may leave: at most 64 printable characters of the set that code systems use, no person named, and
/// nothing in the shape of a telephone number, social security number, e-mail address or long personal number.
pub fn keep(code: &str, known: &Known) -> Option<String> {
    let code = code.trim_matches([' ', '\0']);
    let allowed = |c: char| c.is_ascii_alphanumeric() || " .,_/+-%()[]*#'&<>=:{}^".contains(c) || c == 'µ';
    let fits = !code.is_empty() && code.len() <= 64 && code.chars().all(allowed) && !sentence(code);
    (fits && !known.names(code) && !personal_shape(code)).then(|| code.to_owned())
}

/// Words that end with a full stop are somebody's sentence, not a code's name.
fn sentence(code: &str) -> bool {
    code.ends_with('.') && code.contains(' ')
}

/// 3-2-4 digits (social security) or 3-4 / 3-3-4 (telephone), separated by one non-digit.
fn personal_shape(code: &str) -> bool {
    let runs: Vec<usize> = code.split(|c: char| !c.is_ascii_digit()).map(str::len).filter(|&n| n > 0).collect();
    let has = |shape: &[usize]| runs.windows(shape.len()).any(|w| w == shape);
    has(&[3, 2, 4]) || has(&[3, 3, 4]) || (runs == [3, 4] && !code.bytes().any(|b| b.is_ascii_alphabetic()))
}

/// Patient's Sex (0010,0040) and HL7 table 0001 as one word.
pub fn sex(text: &str) -> Option<&'static str> {
    match text.trim_matches([' ', '\0']).to_ascii_uppercase().as_str() {
        "F" | "FEMALE" => Some("F"),
        "M" | "MALE" => Some("M"),
        "O" | "OTHER" => Some("O"),
        _ => None,
    }
}

/// Picks the defined term that a CS value equals, so that what leaves is ours and not the file's.
pub fn defined_term(text: &str, terms: &[&'static str]) -> Option<&'static str> {
    let text = text.trim_matches([' ', '\0']);
    terms.iter().copied().find(|term| term.eq_ignore_ascii_case(text))
}

/// Laterality (0020,0060) and ImageLaterality (0020,0062).
pub const LATERALITY: &[&str] = &["R", "L", "U", "B"];

/// View Position (0018,5101): PS3.3 C.8.7.1.1.1 and C.8.11.5, and the words mammography and chest units really write.
pub const VIEW_POSITION: &[&str] = &[
    "AP", "PA", "LL", "RL", "RLD", "LLD", "RLO", "LLO", "CC", "MLO", "ML", "LM", "LMO", "XCCL", "XCCM", "XCC", "FB",
    "SIO", "ISO", "CV", "AT", "LAT", "LATERAL", "OBL", "AXIAL", "SWIMMER", "SKYLINE", "TOWNE", "WATERS",
];

/// A postal code as three digits (45 CFR 164.514(b)(2)(i)(B)); `None` if it does not begin with three digits.
pub fn zip3(text: &str) -> Option<String> {
    let zip = text.trim().get(0..3)?;
    if !zip.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(if SPARSE_ZIP3.contains(&zip) { "000".to_owned() } else { zip.to_owned() })
}

/// ZIP prefixes with at most 20,000 people (HHS guidance on de-identification, 2000 census).
const SPARSE_ZIP3: &[&str] = &[
    "036", "059", "063", "102", "203", "556", "692", "790", "821", "823", "830", "831", "878", "879", "884", "890",
    "893",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_pass_and_people_do_not() {
        let mut known = Known::default();
        known.learn("DOE^JANE^Q");
        known.learn("MRN0012");
        for code in ["2345-7", "44054006", "GLU^Glucose", "mg/dL", "70-110", "CHEST PA", "E11.9", ">500"] {
            assert_eq!(keep(code, &known).as_deref(), Some(code));
        }
        assert_eq!(keep("12", &known).as_deref(), Some("12"));
        for person in [
            "Patient did not come.",
            "Doe CT",
            "seen by JANE",
            "MRN0012",
            "mrn0012",
            "123-45-6789",
            "555-1234",
            "a@b.org",
            "",
            "DÖE",
        ] {
            assert_eq!(keep(person, &known), None, "{person}");
        }
    }

    #[test]
    fn sparse_regions_vanish() {
        assert_eq!(zip3("03601-1234").as_deref(), Some("000"));
        assert_eq!(zip3("94110").as_deref(), Some("941"));
        assert_eq!(zip3("EC1A"), None);
    }

    #[test]
    fn terms_leave_as_ours() {
        assert_eq!(defined_term("mlo ", VIEW_POSITION), Some("MLO"));
        assert_eq!(defined_term("DOE", VIEW_POSITION), None);
    }
}
