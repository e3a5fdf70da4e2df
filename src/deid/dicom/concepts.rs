//! What a content item is about, by its concept name (PS3.16): items whose text says who somebody is, whatever the words
//! are, and the one that holds a birth date. Everything else about content items is told by value representation and content.

use crate::model::Tag;
use crate::read::dicom::tape::{Element, ITEM, Tape};

/// What a content item says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum About {
    /// Anything: its words decide.
    #[default]
    Anything,
    /// Who somebody is, where they work or which device was used.
    Identity,
    /// When somebody was born.
    Birth,
}

const CONCEPT_NAME: Tag = Tag(0x0040, 0xA043);
const CODE_VALUE: Tag = Tag(0x0008, 0x0100);
const SCHEME: Tag = Tag(0x0008, 0x0102);

/// Codes of the scheme DCM whose items identify somebody: TID 1003, 1004, 1006 to 1010 (observers, procedures, subjects,
/// specimens), 1020 (person participant) and 1021 (device participant). Ascending.
const IDENTITIES: &[&str] = &[
    "113870", // Person Name
    "113871", // Person ID
    "113872", // Person ID Issuer
    "113873", // Organization Name
    "113877", // Device Name
    "113880", // Device Serial Number
    "121008", // Person Observer Name
    "121009", // Person Observer's Organization Name
    "121013", // Device Observer Name
    "121016", // Device Observer Serial Number
    "121017", // Device Observer Physical Location During Observation
    "121020", // Placer Number
    "121021", // Filler Number
    "121022", // Accession Number
    "121029", // Subject Name
    "121030", // Subject ID
    "121036", // Mother of fetus
    "121040", // Specimen Accession Number
    "121041", // Specimen Identifier
    "121121", // Room identification
    "128774", // Person Identifier
];
/// Subject Birth Date.
const BIRTH: &str = "121031";

/// What the content item with these elements (tape indices) is about.
pub fn about(tape: &Tape, elements: &[u32]) -> About {
    let of_tag = |tag: Tag| move |(_, element): &(u32, &Element)| element.tag == tag;
    let name = elements.iter().find(|index| tape.elements.get(**index as usize).is_some_and(|e| e.tag == CONCEPT_NAME));
    let item = name.and_then(|name| tape.children(*name).find(of_tag(ITEM)));
    let Some((item, _)) = item else { return About::Anything };
    let term = |tag: Tag| {
        let (_, element) = tape.children(item).find(of_tag(tag))?;
        std::str::from_utf8(tape.bytes(element)).ok().map(|text| text.trim_matches([' ', '\0']))
    };
    match term(CODE_VALUE).filter(|_| term(SCHEME) == Some("DCM")) {
        Some(BIRTH) => About::Birth,
        Some(code) if IDENTITIES.binary_search(&code).is_ok() => About::Identity,
        _ => About::Anything,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_ascend() {
        assert!(IDENTITIES.windows(2).all(|pair| pair[0] < pair[1]) && !IDENTITIES.contains(&BIRTH));
    }
}
