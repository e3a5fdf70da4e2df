//! Whether the beginning of a file looks like DICOM: by its preamble, or by elements that make sense one after the
//! other in one of the three encodings. File names don't count.

use super::element::{Encoding, header};
use super::tape::{UNDEFINED, Vr};
use super::words::standard_vr;
use crate::model::Tag;

/// Elements that must make sense before a file without preamble is taken for DICOM.
const ENOUGH: u32 = 3;

/// Whether `head`, the first bytes of a file (a few kilobytes are plenty), is the beginning of a DICOM file.
pub fn looks_like(head: &[u8]) -> bool {
    if head.get(128..132) == Some(b"DICM") {
        return true;
    }
    let start = if head.starts_with(b"DICM") { 4 } else { 0 };
    [(false, false), (true, false), (false, true)]
        .iter()
        .any(|&(implicit, big_endian)| makes_sense(head, start, Encoding { implicit, big_endian }))
}

fn makes_sense(head: &[u8], start: u64, encoding: Encoding) -> bool {
    let size = head.len() as u64;
    let mut at = start;
    let mut last: Option<Tag> = None;
    let mut sound = 0;
    while sound < ENOUGH {
        if at == size && sound > 0 {
            // A tiny file that ends exactly with an element.
            return true;
        }
        let Some(element) = header(head, at, encoding) else { return false };
        let tag = element.tag;
        // The first element of a file is in the command, meta or identifying group; then tags ascend.
        let placed = match last {
            None => matches!(
                tag,
                Tag(0x0000, 0x0000) | Tag(0x0002 | 0x0008, 0x0000..=0x0110) | Tag(0x0004, 0x1130..=0x1220)
            ),
            Some(before) => tag > before && tag.0 < 0x0100,
        };
        let Some(expected) = standard_vr(tag).or((tag.0 % 2 == 1).then_some(Vr(*b"UN"))) else { return false };
        let written =
            encoding.implicit || head.get(at as usize + 4..at as usize + 6).is_some_and(|v| alike(v, expected));
        // Identifying attributes are short; sequences are not, but no file begins with one.
        let sized = element.len <= 1 << 16 || expected == Vr(*b"SQ") || element.len == UNDEFINED;
        if !placed || !written || !sized || tag == Tag(0, 0) && element.len != 4 {
            return false;
        }
        last = Some(tag);
        sound += 1;
        if element.len == UNDEFINED || expected == Vr(*b"SQ") {
            return sound > 1;
        }
        at = element.value + u64::from(element.len);
        if at > size {
            // The rest of a long value lies outside the head.
            return sound > 1;
        }
    }
    true
}

/// A written value representation that a writer can have meant: the dictionary's, or UN, or any known one for a
/// private element.
fn alike(written: &[u8], expected: Vr) -> bool {
    written == expected.0 || written == b"UN" || expected == Vr(*b"UN") && written.iter().all(u8::is_ascii_uppercase)
}
