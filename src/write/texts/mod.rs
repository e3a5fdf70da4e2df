//! Every text in a file that this program or another made, decoded: for the proof that nothing of the inputs is in it. DICOM
//! and HL7 are read by `read`; all other kinds are here. Elements of tensors are not text and are left out.

mod columns;
mod documents;
mod embedded;
mod members;
mod pictures;

use crate::error::Result;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Bytes of a file of no other kind up to which it is looked at in one piece, as what it seems to be.
const WHOLE_BYTES: u64 = 1 << 30;
/// Larger ones are looked at as bytes, in stretches of so many
const STRETCH: usize = 64 << 20;
/// of which the first so many are the last of the stretch before: no identifier is longer.
const OVERLAP: usize = 64 << 10;

/// Where in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct At {
    /// `row`, `line`, `member`, `element`, or empty for the file as a whole.
    pub unit: &'static str,
    /// Which, from 0.
    pub number: u64,
    /// Column, key or keyword. It comes from the file: it may be a leak itself.
    pub name: String,
}

impl At {
    /// A numbered place.
    pub fn of(unit: &'static str, number: u64) -> Self {
        Self { unit, number, name: String::new() }
    }

    /// The same place, with a name in it.
    pub fn named(&self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self.clone() }
    }
}

/// What stands there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Said<'t> {
    /// A cell, an attribute, a string: all of a value.
    Value(&'t str),
    /// A stretch of text.
    Text(&'t str),
    /// Bytes that may be text.
    Bytes(&'t [u8]),
    /// A day, as days since 1970-01-01.
    Day(i32),
    /// A whole number.
    Number(u64),
}

/// Takes what is found: where, about whom (a pseudonym), and what.
pub type Sink<'s> = dyn FnMut(&At, Option<&str>, Said<'_>) + 's;

/// Hands out every text of a file. A file that is not of the kind that its beginning says is handed out as bytes.
///
/// Fails if the file cannot be read at all.
pub fn texts(path: &Path, sink: &mut Sink<'_>) -> Result<()> {
    let name = path.display().to_string();
    let fault = |error: std::io::Error| super::files::io_fault(&name, &error);
    let mut head = Vec::new();
    File::open(path).map_err(fault)?.take(512).read_to_end(&mut head).map_err(fault)?;
    let understood = match head.as_slice() {
        [b'P', b'A', b'R', b'1', ..] => columns::parquet(path, sink),
        head if head.get(257..262) == Some(b"ustar") => members::tar(path, sink),
        _ if path.extension().is_some_and(|e| e == "safetensors") => members::safetensors(path, sink),
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => members::npy(path, sink),
        _ => None,
    };
    if understood.is_none() {
        let mut file = File::open(path).map_err(fault)?;
        if file.metadata().map_err(fault)?.len() > WHOLE_BYTES {
            return stretches(&mut file, STRETCH, OVERLAP, sink).map_err(fault);
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(fault)?;
        content(&bytes, sink);
    }
    Ok(())
}

/// Hands out all bytes of a file, however large it is.
fn stretches(file: &mut impl Read, length: usize, overlap: usize, sink: &mut Sink<'_>) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    loop {
        let before = bytes.len();
        let read = file.by_ref().take((length - before) as u64).read_to_end(&mut bytes)?;
        if read == 0 {
            return Ok(());
        }
        sink(&At::default(), None, Said::Bytes(&bytes));
        bytes.drain(..bytes.len().saturating_sub(overlap));
    }
}

/// Hands out every text in the bytes of a file or a member of one.
pub fn content(bytes: &[u8], sink: &mut Sink<'_>) {
    let understood = match bytes {
        [0x89, b'P', b'N', b'G', ..] => pictures::png(bytes, sink),
        [0x1F, 0x8B, ..] => members::gzip(bytes, sink),
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => members::npy_header(bytes, &At::default(), sink),
        _ => documents::text(bytes, sink),
    };
    if understood.is_none() {
        sink(&At::default(), None, Said::Bytes(bytes));
    }
}

/// Words that the writers of this room put into files whatever the inputs say: their own sources, so that none is missing.
pub const OWN_WORDS: &[&str] = &[
    include_str!("../audit.rs"),
    include_str!("../card.rs"),
    include_str!("../croissant.rs"),
    include_str!("../monai.rs"),
    include_str!("../npy.rs"),
    include_str!("../place.rs"),
    include_str!("../readme.rs"),
    include_str!("../receipt.rs"),
    include_str!("../report/html.rs"),
    include_str!("../report/mod.rs"),
    include_str!("../report/script.js"),
    include_str!("../report/sections/images.rs"),
    include_str!("../report/sections/mod.rs"),
    include_str!("../report/sections/people.rs"),
    include_str!("../report/sections/pictures.rs"),
    include_str!("../report/sections/privacy.rs"),
    include_str!("../report/sections/quality.rs"),
    include_str!("../report/sections/records.rs"),
    include_str!("../report/sections/set_aside.rs"),
    include_str!("../report/sections/times.rs"),
    include_str!("../report/style.css"),
    include_str!("../report/syntaxes.rs"),
    include_str!("../summary.rs"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_show_every_byte_and_what_lies_on_their_border() {
        let mut seen = Vec::new();
        let sink: &mut Sink<'_> = &mut |_, _, said| match said {
            Said::Bytes(bytes) => seen.push(String::from_utf8(bytes.to_vec()).unwrap()),
            _ => panic!("stretches are bytes"),
        };
        stretches(&mut &b"abcdefghijkl"[..], 6, 2, sink).unwrap();
        // The last stretch has what the one before ended with, and nothing was left to add to it.
        assert_eq!(seen, ["abcdef", "efghij", "ijkl"]);
    }
}
