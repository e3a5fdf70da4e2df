//! Which transfer syntax a file is in, and where its data set starts: preamble or none, file meta or none, a group
//! length that may be wrong, a syntax that may be missing or contradict the first element. Deflated data sets are
//! inflated here, within bounds.

use super::element::{Encoding, array, first_element_encoding, header};
use super::limits::{INFLATE_CEILING, INFLATE_FLOOR, INFLATE_RATIO};
use super::tape::{UNDEFINED, Vr};
use super::words::{TRANSFER_SYNTAX, standard_vr};
use crate::error::{Fault, Reason, Result};
use crate::model::Tag;
use crate::read::codecs;
use dicom_encoding::transfer_syntax::{Endianness, TransferSyntaxIndex};
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use std::io::Read;
use std::sync::Arc;

/// How the pixels are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// In one piece, as PS3.5 8.1 says.
    Native,
    /// In fragments, each frame a stream of its own.
    Encapsulated,
    /// The file names no syntax, or one that is not known.
    Unknown,
}

/// A file up to its data set.
pub struct Opening {
    /// The bytes that `start` refers to: the file, or the inflated data set.
    pub data: Arc<Vec<u8>>,
    /// Where the data set starts.
    pub start: u64,
    /// How its elements are written.
    pub encoding: Encoding,
    /// UID of the transfer syntax; empty if the file names none that is known.
    pub uid: &'static str,
    /// MediaStorageSOPClassUID of the file meta information, as it is.
    pub sop_class: Option<String>,
    /// How the pixels are packed, as the syntax says.
    pub packing: Packing,
    /// What was tolerated, as stable words.
    pub warnings: Vec<&'static str>,
}

const EXPLICIT: Encoding = Encoding { implicit: false, big_endian: false };
const IMPLICIT: Encoding = Encoding { implicit: true, big_endian: false };
const BIG: Encoding = Encoding { implicit: false, big_endian: true };

/// Finds the data set of a file. Fails only if a deflated data set cannot be inflated within the limits.
pub fn open(data: Arc<Vec<u8>>) -> Result<Opening> {
    let mut warnings = Vec::new();
    let after_preamble = match (data.get(128..132), data.get(..4)) {
        (Some(b"DICM"), _) => 132,
        (_, Some(b"DICM")) => 4,
        _ => {
            warnings.push("no-preamble");
            0
        }
    };
    let (start, named, sop_class) = file_meta(&data, after_preamble);
    let start = skip_command_group(&data, start);
    let named = named.map(|uid| uid.trim_matches(|c: char| c == ' ' || c == '\0').to_owned()).filter(|u| !u.is_empty());
    let (uid, declared, packing, deflated) = match &named {
        Some(uid) => known(uid).unwrap_or(("", EXPLICIT, Packing::Unknown, false)),
        None => {
            warnings.push("no-transfer-syntax");
            let (uid, encoding) = guess(&data, start);
            (uid, encoding, Packing::Native, false)
        }
    };
    if deflated {
        let data = Arc::new(inflate(data.get(start as usize..).unwrap_or(&[]))?);
        return Ok(Opening { data, start: 0, encoding: EXPLICIT, uid, sop_class, packing, warnings });
    }
    let mut encoding = first_element_encoding(&data, start, data.len() as u64, swap_if_needed(&data, start, declared));
    if encoding.big_endian {
        encoding.implicit = false;
    }
    if encoding != declared {
        warnings.push("encoding-differs-from-syntax");
    }
    Ok(Opening { data, start, encoding, uid, sop_class, packing, warnings })
}

/// Walks group 0002 by its elements: its group length is wrong often enough.
fn file_meta(data: &[u8], from: u64) -> (u64, Option<String>, Option<String>) {
    let mut at = from;
    let (mut uid, mut sop_class) = (None, None);
    while let Some(element) = header(data, at, first_element_encoding(data, at, data.len() as u64, EXPLICIT)) {
        if element.tag.0 != 0x0002 || element.len == UNDEFINED {
            break;
        }
        let end = element.value + u64::from(element.len);
        let Some(value) = data.get(element.value as usize..end as usize) else { break };
        let text = || std::str::from_utf8(value).ok().map(str::to_owned);
        match element.tag {
            tag if tag == TRANSFER_SYNTAX.tag => uid = text(),
            Tag(0x0002, 0x0002) => sop_class = text(),
            _ => {}
        }
        at = end;
    }
    (at, uid, sop_class)
}

/// A message off the network starts with its command group, which is always implicit little endian (PS3.7 6.3.1).
fn skip_command_group(data: &[u8], from: u64) -> u64 {
    let mut at = from;
    while let Some(element) = header(data, at, IMPLICIT) {
        let end = element.value + u64::from(element.len);
        if element.tag.0 != 0 || element.len == UNDEFINED || end > data.len() as u64 || element.tag.1 > 0x5180 {
            break;
        }
        if at == from && element.tag != Tag(0, 0) {
            break;
        }
        at = end;
    }
    at
}

fn known(uid: &str) -> Option<(&'static str, Encoding, Packing, bool)> {
    let coding = codecs::decoder_for(uid);
    let Some(row) = TransferSyntaxRegistry.get(uid) else {
        return coding.map(|c| (c.uid, EXPLICIT, Packing::Encapsulated, false));
    };
    let encoding =
        Encoding { implicit: row.uid() == "1.2.840.10008.1.2", big_endian: row.endianness() == Endianness::Big };
    let encapsulated = coding.is_some() || row.is_encapsulated_pixel_data();
    let packing = if encapsulated { Packing::Encapsulated } else { Packing::Native };
    Some((row.uid(), encoding, packing, row.uid() == "1.2.840.10008.1.2.1.99"))
}

/// What pydicom does with a file that names no syntax: look at the first element.
fn guess(data: &[u8], start: u64) -> (&'static str, Encoding) {
    let vr = array(data, start + 4).map(Vr);
    let group = array(data, start).map(u16::from_le_bytes).unwrap_or(0);
    match vr {
        Some(vr) if vr.known() && group >= 0x0400 => ("1.2.840.10008.1.2.2", BIG),
        Some(vr) if vr.known() => ("1.2.840.10008.1.2.1", EXPLICIT),
        _ => ("1.2.840.10008.1.2", IMPLICIT),
    }
}

/// Group numbers of first elements are small: one that is small only when swapped shows the byte order.
fn swap_if_needed(data: &[u8], start: u64, declared: Encoding) -> Encoding {
    let Some(bytes) = array::<2>(data, start) else { return declared };
    let (as_declared, swapped) = match declared.big_endian {
        true => (u16::from_be_bytes(bytes), u16::from_le_bytes(bytes)),
        false => (u16::from_le_bytes(bytes), u16::from_be_bytes(bytes)),
    };
    let vr_known = array(data, start + 4).is_some_and(|v| Vr(v).known());
    match as_declared > 0x0028 && (0x0002..=0x0028).contains(&swapped) && vr_known {
        true => Encoding { implicit: false, big_endian: !declared.big_endian },
        false => declared,
    }
}

fn inflate(packed: &[u8]) -> Result<Vec<u8>> {
    let limit = (packed.len() as u64 * INFLATE_RATIO).clamp(INFLATE_FLOOR, INFLATE_CEILING);
    // What a broken stream gave up to the break is kept: the scanner finds that the data set ends early.
    let run = |reader: &mut dyn Read| {
        let mut out = Vec::new();
        let _broken = reader.take(limit + 1).read_to_end(&mut out).is_err();
        out
    };
    let mut out = run(&mut flate2::read::DeflateDecoder::new(packed));
    if !first_is_element(&out) {
        // Some writers wrap the stream in zlib's header and checksum.
        out = run(&mut flate2::read::ZlibDecoder::new(packed));
    }
    if out.len() as u64 > limit {
        return Err(Fault::input(Reason::TooLarge, "data set", "a deflated data set grows beyond the limit")
            .number("limit", limit));
    }
    match packed.is_empty() || first_is_element(&out) {
        true => Ok(out),
        false => Err(Fault::input(Reason::Malformed, "data set", "the deflated data set cannot be inflated")),
    }
}

fn first_is_element(data: &[u8]) -> bool {
    header(data, 0, EXPLICIT).is_some_and(|h| h.tag.0 <= 0x0028 && standard_vr(h.tag).is_some())
}
