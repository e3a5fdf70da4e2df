//! How words end that are no names: a word that no dictionary knows is judged by it.

/// Endings that words of medicine have and names hardly ever.
const MEDICINE: &[&str] = &[
    "itis", "osis", "oma", "omas", "emia", "pathy", "ectomy", "ology", "ography", "gram", "grams", "scopy", "plasty",
    "uria", "algia", "tomy", "stomy", "cillin", "mycin", "azole", "pril", "olol", "statin", "mab", "tinib", "tion",
    "tions", "sion", "sions", "ments", "ness", "ities", "ical", "ular", "oid", "genic", "lytic", "trophy", "plasia",
    "aemia", "rhea", "rrhage", "graphy", "idine", "amine", "azine", "oxin", "sartan", "dipine", "gliptin", "parin",
    "xaban", "isms", "ologist", "ized", "ised", "phil", "cyte", "cytes", "virus", "coccus", "bacter",
];

/// Endings that common words have, and names too: Connolly, Petrovic, Ahmed, Manning, Hillary, Clement, Isabella.
const COMMON: &[&str] = &[
    "ment", "ity", "ing", "ings", "ed", "ly", "able", "ible", "ive", "eal", "meter", "ase", "ism", "ous", "ic", "ics",
    "ary", "ory", "ants", "ents", "ists", "ella",
];

/// Whether an unknown word is built like one of medicine.
pub(super) fn of_medicine(word: &str) -> bool {
    ends(word, MEDICINE)
}

/// Whether it ends as common words do.
pub(super) fn of_common(word: &str) -> bool {
    ends(word, COMMON)
}

fn ends(word: &str, endings: &[&str]) -> bool {
    let tail = |ending: &str| word.len().checked_sub(ending.len()).and_then(|from| word.get(from..));
    word.len() >= 5 && endings.iter().any(|ending| tail(ending).is_some_and(|tail| tail.eq_ignore_ascii_case(ending)))
}
