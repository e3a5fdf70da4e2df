//! What counts as a finding, one sequence of words at a time.

use super::*;

fn found(sieve: &Sieve, text: &str) -> Vec<(Kind, usize)> {
    let mut cut = Vec::new();
    words(text, Folding::Narrow, &mut cut);
    (0..cut.len()).filter_map(|from| sieve.at(&cut[from..], from == 0)).collect()
}

#[test]
fn names_are_found_in_any_order_and_spelling() {
    let mut sieve = Sieve::default();
    sieve.name("Müller^Jo^Q");
    sieve.name("山田^太郎");
    for text in ["seen: MUELLER", "jo müller", "Mullerjo", "JoMuller", "山田太郎さん", "MULLER^JO"] {
        assert!(found(&sieve, text).iter().any(|hit| hit.0 == Kind::Name), "{text}");
    }
    for text in ["jo", "jo q", "mull", "mullers", "q", "山"] {
        assert!(found(&sieve, text).is_empty(), "{text}");
    }
}

#[test]
fn a_common_word_counts_only_beside_another_part_of_the_name() {
    let mut sieve = Sieve::default();
    sieve.name("Long^Grace");
    assert_eq!(found(&sieve, "T1 long axis").len(), 1);
    sieve.neutral("LONG AXIS", 1);
    assert_eq!(found(&sieve, "T1 long axis").len(), 1, "one person's records prove nothing");
    sieve.neutral("LONG AXIS", 2);
    assert!(found(&sieve, "T1 long axis").is_empty());
    assert_eq!(found(&sieve, "T1 long, grace")[0], (Kind::Name, 2));
}

#[test]
fn ids_are_bounded_and_short_ones_stand_alone() {
    let mut sieve = Sieve::default();
    sieve.code("MRN-0012", Kind::Id);
    sieve.code("4711", Kind::Id);
    sieve.code("8812345", Kind::Id);
    sieve.code("20240102", Kind::Id);
    for text in ["x mrn0012 y", "MRN 0012", "4711", "id8812345", "8812345"] {
        assert_eq!(found(&sieve, text).len(), 1, "{text}");
    }
    let digest = "3f8812345a3f8812345a3f8812345a3f";
    for text in ["xmrn0012", "MRN00121", "at 4711", digest, "20240102", "1.2.8812345.7"] {
        assert!(found(&sieve, text).is_empty(), "{text}");
    }
}

#[test]
fn what_is_a_code_of_the_inputs_too_is_no_short_id() {
    let mut sieve = Sieve::default();
    ["12345", "location", "MRN-0012"].iter().for_each(|id| sieve.code(id, Kind::Id));
    sieve.name("Ann^X");
    let texts = ["12345", "No disclosure of patient location", "mrn0012", "Ann"];
    assert_eq!(texts.map(|text| found(&sieve, text).len()), [1; 4]);
    let codes = ["12345^Peanut Allergy", "No disclosure of patient location", "MRN-0012"];
    codes.iter().for_each(|text| sieve.neutral(text, 7));
    assert_eq!(texts.map(|text| found(&sieve, text).len()), [0, 0, 1, 1]);
}

#[test]
fn phrases_are_found_in_their_order() {
    let mut sieve = Sieve::default();
    sieve.phrase("12 Elm Street", Kind::Address);
    sieve.phrase("General Hospital of Springfield", Kind::Place);
    for text in ["elm street", "12, ELM STREET", "general hospital of Springfield"] {
        assert_eq!(found(&sieve, text).len(), 1 + usize::from(text.starts_with("12")), "{text}");
    }
    assert!(found(&sieve, "street elm; springfield general").is_empty());
    sieve.common_words("elm street");
    assert_eq!((found(&sieve, "12 elm street").len(), found(&sieve, "elm street").len()), (1, 0));
}

#[test]
fn files_are_called_by_common_words_in_the_plural_and_people_are_not() {
    let mut sieve = Sieve::default();
    sieve.common_words("patient allergy wood");
    for name in ["patients", "allergies", "kowalskis"] {
        sieve.phrase(name, Kind::FileName);
    }
    sieve.name("Woods^Anna");
    assert!(found(&sieve, "patients with allergies").is_empty());
    assert_eq!(found(&sieve, "kowalskis, woods").len(), 2);
}
