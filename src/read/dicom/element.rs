//! The first bytes of an element: tag, value representation, length; and how to tell which of the three encodings
//! they are written in. No state, no walking.

use super::tape::{UNDEFINED, Vr};
use super::words::standard_vr;
use crate::model::Tag;

/// How the elements of a data set are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// Value representations are not written.
    pub implicit: bool,
    /// Numbers are big endian.
    pub big_endian: bool,
}

/// The header of one element or item.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// Group and element.
    pub tag: Tag,
    /// Value representation, from the file or the dictionary.
    pub vr: Vr,
    /// Announced length.
    pub len: u32,
    /// Where the value starts.
    pub value: u64,
}

/// `N` bytes at `at`, if they are there.
pub fn array<const N: usize>(data: &[u8], at: u64) -> Option<[u8; N]> {
    let at = usize::try_from(at).ok()?;
    data.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn u16_at(data: &[u8], at: u64, big_endian: bool) -> Option<u16> {
    array(data, at).map(|b| if big_endian { u16::from_be_bytes(b) } else { u16::from_le_bytes(b) })
}

fn u32_at(data: &[u8], at: u64, big_endian: bool) -> Option<u32> {
    array(data, at).map(|b| if big_endian { u32::from_be_bytes(b) } else { u32::from_le_bytes(b) })
}

/// The header at `at`; `None` if the data ends inside it.
pub fn header(data: &[u8], at: u64, encoding: Encoding) -> Option<Header> {
    let big = encoding.big_endian;
    let tag = Tag(u16_at(data, at, big)?, u16_at(data, at + 2, big)?);
    let wide_len = u32_at(data, at + 4, big)?;
    if tag.0 == 0xFFFE {
        return Some(Header { tag, vr: Vr(*b"  "), len: wide_len, value: at + 8 });
    }
    if encoding.implicit {
        return Some(Header { tag, vr: standard_vr(tag).unwrap_or(Vr(*b"UN")), len: wide_len, value: at + 8 });
    }
    let vr = Vr(array(data, at + 4)?);
    let short = u16_at(data, at + 6, big)?;
    let wide = || Some(Header { tag, vr, len: u32_at(data, at + 8, big)?, value: at + 12 });
    if vr.wide() {
        return wide();
    }
    if !vr.known() {
        // A representation of a later edition has a 32-bit length behind two zero bytes (PS3.5 7.1.2); one that is
        // merely wrong has 16 bits.
        if let Some(header) = wide().filter(|h| vr.spelled() && short == 0 && fits(data, h)) {
            return Some(Header { vr: Vr(*b"UN"), ..header });
        }
        let vr = standard_vr(tag).unwrap_or(Vr(*b"UN"));
        return Some(Header { tag, vr, len: u32::from(short), value: at + 8 });
    }
    Some(Header { tag, vr, len: u32::from(short), value: at + 8 })
}

fn fits(data: &[u8], header: &Header) -> bool {
    header.len != UNDEFINED && header.value + u64::from(header.len) <= data.len() as u64
}

/// Whether the first element between `at` and `room` is written with or without value representation, when the
/// declared way does not fit it and the other does.
pub fn first_element_encoding(data: &[u8], at: u64, room: u64, declared: Encoding) -> Encoding {
    let Some(vr) = array(data, at + 4).map(Vr) else { return declared };
    let implicit = Encoding { implicit: true, ..declared };
    let Some(read) = header(data, at, implicit) else { return declared };
    if read.tag.0 == 0xFFFE {
        return declared;
    }
    let implicit_fits = read.len == UNDEFINED || read.value + u64::from(read.len) <= room;
    match declared.implicit {
        false if !vr.spelled() && implicit_fits => implicit,
        true if vr.known() && !implicit_fits => Encoding { implicit: false, ..declared },
        _ => declared,
    }
}
