//! Every value of an object, however deep, private ones and the file meta information included: for the proof that nothing
//! was forgotten. Pixels, overlays and curves are left out; what lies beside the pixels in their element is not.

use super::beside;
use super::charset::Charset;
use super::element::{Encoding, first_element_encoding, header};
use super::scan::{Keep, scan};
use super::scanned;
use super::tape::{ITEM, Scope, Tape, UNDEFINED, Vr};
use super::value::Ambiguous;
use super::words::SPECIFIC_CHARACTER_SET;
use crate::error::Result;
use crate::model::{Phi, SeenAttribute, Tag};
use std::sync::Arc;

/// Bytes of one value that are looked at.
const MOST_BYTES: usize = 1 << 20;
const PIXELS: Tag = Tag(0x7FE0, 0x0010);

/// What was read.
#[derive(Debug)]
pub struct Every {
    /// In file order.
    pub values: Vec<SeenAttribute>,
    /// Whether the data set broke off before its end.
    pub broken: bool,
}

/// Every value of the object in `bytes`. An object that breaks off gives what stands before the break.
///
/// Fails as [`super::open`] does.
pub fn every(bytes: Vec<u8>) -> Result<Every> {
    let mut values = Vec::new();
    meta(&bytes, &mut values);
    let (tape, _) = scanned(bytes, Keep::All)?;
    let broken = tape.fault.is_some();
    walk(&tape, 0, &mut values);
    for place in beside::comments(&tape).into_iter().chain(beside::behind_frames(&tape)) {
        binary(tape.data.get(place).unwrap_or(&[]), PIXELS, 0, &mut values);
    }
    Ok(Every { values, broken })
}

/// The preamble, and group 0002, which is always explicit little endian.
fn meta(bytes: &[u8], values: &mut Vec<SeenAttribute>) {
    let start = if bytes.get(128..132) == Some(b"DICM") { 132 } else { 0 };
    if let Some(preamble) = bytes.get(..128).filter(|_| start > 0) {
        binary(preamble, Tag(0, 0), 0, values);
    }
    let mut at = start;
    let encoding = Encoding { implicit: false, big_endian: false };
    while let Some(element) = header(bytes, at, first_element_encoding(bytes, at, bytes.len() as u64, encoding)) {
        let end = element.value + u64::from(element.len);
        let value = bytes.get(element.value as usize..end as usize);
        let Some(value) = value.filter(|_| element.tag.0 == 2 && element.len != UNDEFINED) else { return };
        match &element.vr.0 {
            b"UI" | b"AE" | b"SH" => text(String::from_utf8_lossy(value), element.tag, element.vr, 0, values),
            b"UL" => {}
            _ => binary(value, element.tag, 0, values),
        }
        at = end;
    }
}

fn text(value: impl Into<String>, tag: Tag, vr: Vr, depth: u32, values: &mut Vec<SeenAttribute>) {
    let value = value.into();
    if !value.trim_matches([' ', '\0']).is_empty() {
        values.push(SeenAttribute { tag, vr: vr.0, depth, text: Phi::seal(value) });
    }
}

/// Texts in bytes: runs of printable characters, in Latin-1 and in UTF-16.
fn binary(value: &[u8], tag: Tag, depth: u32, values: &mut Vec<SeenAttribute>) {
    let value = value.get(..value.len().min(MOST_BYTES)).unwrap_or(value);
    let push = |run: String, values: &mut Vec<SeenAttribute>| {
        if run.chars().count() >= 4 {
            text(run, tag, Vr(*b"UN"), depth, values);
        }
    };
    match std::str::from_utf8(value) {
        Ok(whole) => push(whole.to_owned(), values),
        Err(_) => {
            for run in value.split(|b| *b < 32 && !matches!(b, 9 | 10 | 13) || *b == 127).filter(|run| run.len() >= 4) {
                match std::str::from_utf8(run) {
                    Ok(run) => push(run.to_owned(), values),
                    Err(_) => push(encoding_rs::mem::decode_latin1(run).into_owned(), values),
                }
            }
        }
    }
    if value.contains(&0) {
        let codecs = [encoding_rs::UTF_16LE, encoding_rs::UTF_16BE];
        for (from, codec) in [(0, codecs[0]), (1, codecs[0]), (0, codecs[1]), (1, codecs[1])] {
            let wide = codec.decode_without_bom_handling(value.get(from..).unwrap_or_default()).0;
            for run in wide.split(|c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER) {
                // Noise decodes to rare scripts.
                let plain = run.chars().filter(|c| u32::from(*c) < 0x250).count();
                if plain * 2 > run.chars().count() {
                    push(run.to_owned(), values);
                }
            }
        }
    }
}

/// Whether a value is pixels, drawings or a lookup table.
fn drawn(tag: Tag) -> bool {
    let table = tag.0 == 0x0028 && (0x1201..=0x1223).contains(&tag.1) || tag == Tag(0x0028, 0x3006);
    table || tag.0 == 0x7FE0 || tag.1 == 0x3000 && (0x5000..0x6020).contains(&tag.0) || tag == Tag(0x5400, 0x1010)
}

fn walk(tape: &Tape, below: u32, values: &mut Vec<SeenAttribute>) {
    let root = Charset::new(tape.term(Scope::Root, SPECIFIC_CHARACTER_SET.tag));
    // Ends of open items and the character sets that hold in them.
    let mut open: Vec<(u32, Charset)> = Vec::new();
    for (index, element) in (0u32..).zip(&tape.elements) {
        while open.last().is_some_and(|(end, _)| *end <= index) {
            open.pop();
        }
        let outer = open.last().map_or(root, |(_, charset)| *charset);
        if element.tag == ITEM {
            let own = tape.term(Scope::Item(index), SPECIFIC_CHARACTER_SET.tag);
            open.push((element.end, own.map_or(outer, |terms| Charset::new(Some(terms)))));
            continue;
        }
        let depth = below + open.len() as u32;
        let bytes = tape.bytes(element);
        let bytes = bytes.get(..bytes.len().min(MOST_BYTES)).unwrap_or(bytes);
        match &element.vr.0 {
            b"SQ" => {}
            _ if drawn(element.tag) => {}
            b"LO" | b"SH" | b"UC" | b"PN" | b"LT" | b"ST" | b"UT" => {
                text(outer.decode(bytes, element.vr.0 == *b"PN"), element.tag, element.vr, depth, values);
            }
            b"AE" | b"AS" | b"CS" | b"DA" | b"DS" | b"DT" | b"IS" | b"TM" | b"UI" | b"UR" => {
                // What a wrong value representation brings here may be text of any set.
                text(outer.decode(bytes, false), element.tag, element.vr, depth, values);
            }
            b"UN" | b"OB" | b"OW" => {
                if element.vr.0 == *b"UN" && bytes.starts_with(&[0xFE, 0xFF, 0x00, 0xE0]) && below < 8 {
                    nested(bytes, depth, values);
                }
                binary(bytes, element.tag, depth, values);
            }
            b"US" | b"SS" | b"UL" | b"SL" | b"FL" | b"FD" | b"AT" | b"XS" => {}
            _ if tape.numbers(element, Ambiguous::Unsigned).is_some() => {}
            _ => binary(bytes, element.tag, depth, values),
        }
    }
}

/// A sequence that was written as UN with a length: read as implicit little endian (PS3.5 6.2.2 note 2), as its own data
/// set.
fn nested(items: &[u8], depth: u32, values: &mut Vec<SeenAttribute>) {
    let mut whole = vec![0x08, 0x00, 0x15, 0x11];
    whole.extend((items.len() as u32).to_le_bytes());
    whole.extend_from_slice(items);
    let encoding = Encoding { implicit: true, big_endian: false };
    if let Ok(tape) = scan(Arc::new(whole), 0, encoding, Keep::All) {
        walk(&tape, depth, values);
    }
}
