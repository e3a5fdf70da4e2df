//! A file without its pixels: read up to them, passed over, and read on behind them. For those who look at everything else,
//! such as the search for what identifies people; of an archive of images a small part is read then.

use super::element::Encoding;
use super::scan::{Keep, scan};
use super::tape::{PixelBytes, Tape};
use super::{looks_like, syntax};
use std::io::{Read, Result, Seek, SeekFrom};
use std::sync::Arc;

/// Files up to this many bytes are read whole: passing over less than this costs more than reading it.
pub const SKIMMED_FROM: u64 = 128 << 10;

/// Bytes that are read first; doubled until the pixels are reached.
const FIRST: u64 = 32 << 10;

/// The bytes of a file whose pixel element, at the top level, is left empty; `None` if that cannot be told, or is not worth
/// it: no DICOM, no pixels, a deflated data set, pixels that are cut off. Then the file is to be read whole.
///
/// Fails as reading does.
pub fn skim(file: &mut (impl Read + Seek)) -> Result<Option<Vec<u8>>> {
    let size = file.seek(SeekFrom::End(0))?;
    let mut wanted = FIRST;
    let (head, tape, encoding) = loop {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        (&mut *file).take(wanted.min(size)).read_to_end(&mut bytes)?;
        if !looks_like(&bytes) {
            return Ok(None);
        }
        let head = Arc::new(bytes);
        let Ok(opening) = syntax::open(head.clone()) else { return Ok(None) };
        if !Arc::ptr_eq(&opening.data, &head) {
            return Ok(None);
        }
        match scan(opening.data, opening.start, opening.encoding, Keep::Wanted) {
            Ok(tape) if tape.pixels.is_some() => break (head, tape, opening.encoding),
            Ok(tape) if tape.fault.is_some() && wanted < size => wanted = wanted.saturating_mul(2),
            _ => return Ok(None),
        }
    };
    let Some((mut skimmed, behind)) = emptied(file, &head, &tape, encoding)?.filter(|(_, behind)| *behind <= size)
    else {
        return Ok(None);
    };
    file.seek(SeekFrom::Start(behind))?;
    file.read_to_end(&mut skimmed)?;
    Ok(Some(skimmed))
}

/// The file up to its pixels, with an empty pixel element, and where it goes on behind them.
fn emptied(
    file: &mut (impl Read + Seek),
    head: &[u8],
    tape: &Tape,
    encoding: Encoding,
) -> Result<Option<(Vec<u8>, u64)>> {
    let Some(pixels) = &tape.pixels else { return Ok(None) };
    Ok(match &pixels.bytes {
        // A length of 16 bits stands elsewhere; what it can say is not worth passing over.
        PixelBytes::Native { start, announced, .. } if *announced > u64::from(u16::MAX) => {
            let length = start.checked_sub(4).unwrap_or_default() as usize;
            let up_to = head.get(..length).map(|up_to| [up_to, &[0; 4]].concat());
            up_to.zip(start.checked_add(*announced))
        }
        PixelBytes::Fragments { items, .. } if !encoding.big_endian => {
            let Some(first) = items.first().and_then(|item| item.start.checked_sub(8)) else { return Ok(None) };
            let Some(behind) = behind_fragments(file, first)? else { return Ok(None) };
            let up_to = head.get(..first as usize).map(|up_to| [up_to, SEQUENCE_END].concat());
            up_to.map(|up_to| (up_to, behind))
        }
        _ => None,
    })
}

const ITEM: &[u8] = &[0xFE, 0xFF, 0x00, 0xE0];
const SEQUENCE_END: &[u8] = &[0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0];

/// Where fragments that begin at `at` end, their delimiter included; `None` if something else comes among them.
fn behind_fragments(file: &mut (impl Read + Seek), mut at: u64) -> Result<Option<u64>> {
    loop {
        let mut item = Vec::with_capacity(8);
        file.seek(SeekFrom::Start(at))?;
        (&mut *file).take(8).read_to_end(&mut item)?;
        let (Some(tag), Some(length)) = (item.get(..4), item.get(4..8).and_then(|length| length.try_into().ok()))
        else {
            return Ok(None);
        };
        let length = u32::from_le_bytes(length);
        at += 8;
        match tag == ITEM && length != u32::MAX {
            true => at += u64::from(length),
            false => return Ok((tag == &SEQUENCE_END[..4]).then_some(at)),
        }
    }
}
