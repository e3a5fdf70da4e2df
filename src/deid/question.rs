//! Questions whose answers identify somebody: "What address do you live at?" (LOINC 56799-0), "Home phone".

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
