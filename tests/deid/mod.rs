//! How tests de-identify one object in memory and look at the result: a reader of their own, for explicit VR little endian.
#![allow(dead_code, reason = "each test file uses its own part of this module")]

use std::collections::BTreeMap;
use voxmill::deid::dicom::{Choice, Origin, Profile, Task, clean, facts_of};
use voxmill::deid::identity::{Crosswalk, Identity, Issuers, Shares};
use voxmill::deid::key::Key;
use voxmill::error::Result;
use voxmill::read::dicom::whole;

/// The identity of all tests.
pub fn identity() -> Identity {
    let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap();
    Identity::new(key, Issuers::Merge, Shares { train: 0.8, validation: 0.1 })
}

/// De-identifies the bytes of a file with these options.
pub fn deid(bytes: Vec<u8>, choices: &[Choice]) -> Result<Vec<u8>> {
    let (identity, profile, mut crosswalk) = (identity(), Profile::new(choices), Crosswalk::default());
    let whole = whole::open(bytes)?;
    let origin = Origin { sha256: "00", suffix: "abcdefgh" };
    let (facts, _) = facts_of(&whole, origin, &identity, &mut crosswalk);
    let task =
        Task { whole: &whole, origin, facts, profile: &profile, identity: &identity, masked: None, burned_in: None };
    let cleaned = clean(task, &mut crosswalk)?;
    Ok(cleaned.file.get().stretches().collect::<Vec<_>>().concat())
}

/// Every value of a file by its path (`0008,1140/0/0008,1155`), as bytes without padding. Sequences have their number of
/// items as a decimal.
pub fn values(file: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    assert_eq!(&file[128..132], b"DICM");
    let end = read(file, 132, file.len(), "", &mut found);
    assert_eq!(end, file.len());
    found
}

fn number(bytes: &[u8], at: usize, len: usize) -> usize {
    bytes[at..at + len].iter().rev().fold(0, |n, b| n << 8 | usize::from(*b))
}

fn read(bytes: &[u8], mut at: usize, end: usize, path: &str, found: &mut BTreeMap<String, Vec<u8>>) -> usize {
    let mut last = (0, 0);
    while at < end {
        let tag = (number(bytes, at, 2), number(bytes, at + 2, 2));
        assert!(tag > last, "{path}: tags ascend, each once: {tag:04X?} after {last:04X?}");
        last = tag;
        let name = format!("{path}{:04X},{:04X}", tag.0, tag.1);
        let vr = std::str::from_utf8(&bytes[at + 4..at + 6]).unwrap();
        let long = ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"].contains(&vr);
        let (len, value) = if long { (number(bytes, at + 8, 4), at + 12) } else { (number(bytes, at + 6, 2), at + 8) };
        if vr == "SQ" {
            let (mut item, mut count) = (value, 0);
            while item < value + len {
                assert_eq!(number(bytes, item, 4), 0xE000_FFFE, "{name}: an item");
                let size = number(bytes, item + 4, 4);
                item = read(bytes, item + 8, item + 8 + size, &format!("{name}/{count}/"), found);
                count += 1;
            }
            found.insert(name, count.to_string().into_bytes());
            at = item;
        } else if len == 0xFFFF_FFFF {
            let mut item = value;
            while number(bytes, item, 4) == 0xE000_FFFE {
                item += 8 + number(bytes, item + 4, 4);
            }
            assert_eq!(number(bytes, item, 4), 0xE0DD_FFFE);
            found.insert(name, bytes[value..item].to_vec());
            at = item + 8;
        } else {
            assert_eq!(len % 2, 0, "{name}: an even length");
            let bytes = &bytes[value..value + len];
            let padded = !vr.starts_with('O') && !matches!(vr, "US" | "SS" | "UL" | "SL" | "FL" | "FD" | "AT");
            let bytes = if padded {
                bytes.trim_ascii_end().strip_suffix(b"\0").unwrap_or(bytes.trim_ascii_end())
            } else {
                bytes
            };
            found.insert(name, bytes.to_vec());
            at = value + len;
        }
    }
    at
}

/// A value as text; empty if it is not there.
pub fn text(values: &BTreeMap<String, Vec<u8>>, path: &str) -> String {
    values.get(path).map_or(String::new(), |value| String::from_utf8_lossy(value).into_owned())
}
