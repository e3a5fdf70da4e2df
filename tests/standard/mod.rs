//! The attributes of PS3.6 and the rows of PS3.15 Table E.1-1 from the corpus' copy of the standard (not from the program's
//! own tables), and DICOM elements of every value representation.
#![allow(dead_code, reason = "each test file uses its own part of this module")]

use serde_json::Value;
use std::path::Path;

/// An attribute of PS3.6.
#[derive(Clone, Debug)]
pub struct Attribute {
    pub tag: (u16, u16),
    pub keyword: String,
    pub vr: String,
    pub retired: bool,
}

/// A row of Table E.1-1.
#[derive(Clone, Debug)]
pub struct Row {
    pub tag: (u16, u16),
    pub basic: String,
    /// Option columns that say something, by their name in the copy: `cleanDescOpt`, `C`.
    pub options: Vec<(String, String)>,
}

fn tag_of(id: &str) -> Option<(u16, u16)> {
    let number = |range| u16::from_str_radix(id.get(range)?, 16).ok();
    (id.len() == 8).then_some(())?;
    Some((number(0..4)?, number(4..8)?))
}

fn rows(corpus: &Path, name: &str) -> Vec<Value> {
    let bytes = std::fs::read(corpus.join("answers/dicom-standard").join(name)).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// Every attribute with one tag and one value representation, ascending.
pub fn attributes(corpus: &Path) -> Vec<Attribute> {
    let mut all: Vec<Attribute> = rows(corpus, "attributes.json")
        .iter()
        .filter_map(|row| {
            let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            let tag = tag_of(&text("id"))?;
            let vr = text("valueRepresentation");
            let vr = if vr == "OB or OW" { "OW".to_owned() } else { vr };
            (vr.len() == 2).then(|| Attribute { tag, keyword: text("keyword"), vr, retired: text("retired") == "Y" })
        })
        .collect();
    all.sort_by_key(|attribute| attribute.tag);
    all
}

/// The rows of Table E.1-1 that name one attribute.
pub fn profile(corpus: &Path) -> Vec<Row> {
    rows(corpus, "confidentiality_profile_attributes.json")
        .iter()
        .filter_map(|row| {
            let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            let options = row.as_object()?.iter().filter(|(key, _)| key.ends_with("Opt"));
            let options = options.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()));
            Some(Row { tag: tag_of(&text("id"))?, basic: text("basicProfile"), options: options.collect() })
        })
        .collect()
}

/// One element in explicit VR little endian.
pub fn element(tag: (u16, u16), vr: &str, value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(if vr == "UI" || vr.starts_with('O') || vr == "UN" { 0 } else { b' ' });
    }
    let mut bytes = [tag.0.to_le_bytes(), tag.1.to_le_bytes()].concat();
    bytes.extend_from_slice(vr.as_bytes());
    let wide = ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"];
    if wide.contains(&vr) {
        bytes.extend_from_slice(&[0, 0]);
        bytes.extend_from_slice(&(value.len() as u32).to_le_bytes());
    } else {
        bytes.extend_from_slice(&(value.len() as u16).to_le_bytes());
    }
    bytes.extend_from_slice(&value);
    bytes
}

/// A sequence of one item.
pub fn sequence(tag: (u16, u16), content: &[u8]) -> Vec<u8> {
    let mut item = vec![0xFE, 0xFF, 0x00, 0xE0];
    item.extend((content.len() as u32).to_le_bytes());
    item.extend_from_slice(content);
    element(tag, "SQ", &item)
}

/// Preamble, `DICM` and group 0002.
pub fn meta(sop_class: &str, sop_instance: &str, syntax: &str) -> Vec<u8> {
    let rest = [
        element((2, 2), "UI", sop_class.as_bytes()),
        element((2, 3), "UI", sop_instance.as_bytes()),
        element((2, 0x10), "UI", syntax.as_bytes()),
    ]
    .concat();
    let mut bytes = vec![0; 128];
    bytes.extend_from_slice(b"DICM");
    bytes.extend(element((2, 0), "UL", &(rest.len() as u32).to_le_bytes()));
    bytes.extend(rest);
    bytes
}

/// The image module of a picture of 8 by 9 pixels, to be merged among other elements.
pub fn image_module() -> Vec<((u16, u16), Vec<u8>)> {
    let mut all = vec![((0x28, 2), element((0x28, 2), "US", &1u16.to_le_bytes()))];
    all.push(((0x28, 4), element((0x28, 4), "CS", b"MONOCHROME2")));
    for (tag, value) in [(0x10, 8u16), (0x11, 9), (0x100, 16), (0x101, 12), (0x102, 11), (0x103, 0)] {
        all.push(((0x28, tag), element((0x28, tag), "US", &value.to_le_bytes())));
    }
    all.push(((0x28, 0x1052), element((0x28, 0x1052), "DS", b"-1024")));
    all.push(((0x28, 0x1053), element((0x28, 0x1053), "DS", b"1")));
    all
}

/// Elements in ascending order, each tag once: the first of equal ones.
pub fn sorted(mut elements: Vec<((u16, u16), Vec<u8>)>) -> Vec<u8> {
    elements.sort_by_key(|(tag, _)| *tag);
    elements.dedup_by_key(|(tag, _)| *tag);
    elements.into_iter().flat_map(|(_, bytes)| bytes).collect()
}
