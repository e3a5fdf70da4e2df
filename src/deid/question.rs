//! Questions whose answers identify somebody: "What address do you live at?" (LOINC 56799-0), "Home phone". And those that
//! ask how old somebody is: who is 90 or older is 90.

use super::dates::OLDEST_AGE_YEARS;

/// LOINC codes and words under which an age is sent.
const AGES: &[&str] = &["30525-0", "21612-7", "29553-5", "30972-4", "35659-2", "63900-5", "AGE"];

/// Units of ages that are no years (UCUM and what people write), and how many of them a year has.
const PARTS_OF_A_YEAR: &[(&str, f64)] = &[
    ("mo", 12.0),
    ("month", 12.0),
    ("months", 12.0),
    ("wk", 52.0),
    ("week", 52.0),
    ("weeks", 52.0),
    ("d", 365.0),
    ("day", 365.0),
    ("days", 365.0),
];

/// Whether a code asks for an age.
pub(super) fn asks_age(code: &str) -> bool {
    AGES.iter().any(|asked| asked.eq_ignore_ascii_case(code.trim()))
}

/// The oldest age that is told, in a unit; what is no unit of a part of a year is years.
pub(super) fn oldest_age(unit: &str) -> f64 {
    let part = PARTS_OF_A_YEAR.iter().find(|(part, _)| part.eq_ignore_ascii_case(unit.trim()));
    f64::from(OLDEST_AGE_YEARS) * part.map_or(1.0, |(_, count)| *count)
}

/// A word that alone makes it such a question.
const WORDS: &[&str] = &[
    "address",
    "addresses",
    "adresse",
    "birthdate",
    "birthday",
    "email",
    "mail",
    "nickname",
    "phone",
    "ssn",
    "surname",
    "telephone",
];

/// Two neighbouring words that do.
const PAIRS: &[(&str, &str)] = &[
    ("birth", "date"),
    ("contact", "name"),
    ("family", "name"),
    ("first", "name"),
    ("full", "name"),
    ("given", "name"),
    ("last", "name"),
    ("maiden", "name"),
    ("middle", "name"),
    ("mother", "name"),
    ("of", "birth"),
    ("of", "kin"),
    ("patient", "name"),
    ("postal", "code"),
    ("s", "name"),
    ("social", "security"),
    ("your", "name"),
    ("zip", "code"),
];

/// Whether the answer to a question of this text identifies somebody, whatever it looks like.
pub(super) fn asks_who(text: &str) -> bool {
    let mut before = "";
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let is = |other: &&str| word.eq_ignore_ascii_case(other);
        // "Measures taken to address falls".
        if WORDS.iter().any(is) && !before.eq_ignore_ascii_case("to") {
            return true;
        }
        if PAIRS.iter().any(|(first, second)| before.eq_ignore_ascii_case(first) && is(second)) {
            return true;
        }
        before = word;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_and_where_are_asked_and_what_is_not() {
        for text in ["What address do you live at?", "Home phone", "Patient's E-mail", "Mother's name", "Date of birth"]
        {
            assert!(asks_who(text), "{text}");
        }
        for text in ["Glucose", "Interventions to address fall risk", "Name of the drug", "Birth weight", ""] {
            assert!(!asks_who(text), "{text}");
        }
    }
}
