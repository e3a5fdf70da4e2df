//! Sex as one word, however a source spells it.

/// Patient's Sex (0010,0040), HL7 table 0001 (F, M, O; A ambiguous counts as O) and what tables write, as F, M or O; `None` for
/// what is none of them, unknown included.
pub fn sex(text: &str) -> Option<&'static str> {
    match text.trim_matches([' ', '\0']).to_lowercase().as_str() {
        // W: weiblich. 8532 and 8507: OMOP's concepts of gender.
        "f" | "female" | "woman" | "w" | "weiblich" | "femme" | "féminin" | "mujer" | "femenino" | "8532" => Some("F"),
        "m" | "male" | "man" | "männlich" | "homme" | "masculin" | "hombre" | "masculino" | "8507" => Some("M"),
        "o" | "other" | "a" | "d" | "divers" | "diverse" => Some("O"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::sex;

    #[test]
    fn every_spelling_is_one_word() {
        for (spellings, word) in [
            (&["F", "female", " W ", "Femme", "8532"][..], Some("F")),
            (&["M\0", "MALE", "Männlich", "Hombre"], Some("M")),
            (&["O", "Other", "A", "divers"], Some("O")),
            (&["", "U", "unknown", "N", "x"], None),
        ] {
            assert!(spellings.iter().all(|text| sex(text) == word), "{spellings:?}");
        }
    }
}
