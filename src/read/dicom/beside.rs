//! What lies in the pixel element beside the pixels: comments and application segments of compressed streams, and bytes
//! behind the last frame. No reader shows either; names can be written in both.

use super::tape::{PixelBytes, Scope, Tape};
use super::words::{Attribute, BITS_ALLOCATED, COLUMNS, FRAMES, PHOTOMETRIC, ROWS, SAMPLES};
use std::ops::Range;

/// Segments of one stream that are looked at.
const MOST_SEGMENTS: usize = 256;

/// Where in the data comments and application segments of JPEG, JPEG-LS and JPEG 2000 streams lie, without their lengths,
/// ascending. Only what stands before the first samples of a fragment is looked at.
pub fn comments(tape: &Tape) -> Vec<Range<usize>> {
    let Some(PixelBytes::Fragments { items, .. }) = tape.pixels.as_ref().map(|pixels| &pixels.bytes) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for item in items {
        let Ok(start) = usize::try_from(item.start) else { continue };
        let stream = tape.data.get(start..start.saturating_add(item.len as usize)).unwrap_or(&[]);
        in_stream(stream, &mut |place| found.push(place.start + start..place.end + start));
    }
    found
}

fn in_stream(stream: &[u8], each: &mut dyn FnMut(Range<usize>)) {
    if stream.starts_with(&[0xFF, 0xD8]) {
        // ITU-T T.81 B.2.4.5 and B.2.4.6: COM and APPn.
        segments(
            stream,
            2,
            |marker| marker == 0xDA || marker == 0xD9,
            |marker| matches!(marker, 0xE0..=0xEF | 0xFE),
            each,
        );
    } else if stream.starts_with(&[0xFF, 0x4F, 0xFF, 0x51]) {
        // ITU-T T.800 A.9.2: COM, up to the first tile-part.
        segments(stream, 2, |marker| marker == 0x90 || marker == 0xD9, |marker| marker == 0x64, each);
    } else if stream.starts_with(b"\0\0\0\x0CjP  ") {
        boxes(stream, each);
    }
}

/// Marker segments from `at` on, until one that ends the header.
fn segments(
    stream: &[u8],
    mut at: usize,
    ends: impl Fn(u8) -> bool,
    wanted: impl Fn(u8) -> bool,
    each: &mut dyn FnMut(Range<usize>),
) {
    for _ in 0..MOST_SEGMENTS {
        let Some(&[0xFF, marker, high, low]) = stream.get(at..at + 4) else { return };
        if ends(marker) {
            return;
        }
        if marker == 0xFF {
            // A fill byte.
            at += 1;
            continue;
        }
        let end = at + 2 + usize::from(u16::from_be_bytes([high, low])).max(2);
        if wanted(marker) {
            each(at + 4..end.min(stream.len()));
        }
        at = end;
    }
}

/// Boxes of a JP2 file (ITU-T T.800 annex I): XML, UUID and the codestream's own comments.
fn boxes(stream: &[u8], each: &mut dyn FnMut(Range<usize>)) {
    let mut at = 0;
    for _ in 0..MOST_SEGMENTS {
        let Some(&[a, b, c, d, ref kind @ ..]) = stream.get(at..at + 8) else { return };
        let end = match u32::from_be_bytes([a, b, c, d]) as usize {
            0 => stream.len(),
            length @ 8.. => at.saturating_add(length).min(stream.len()),
            _ => return,
        };
        let content = at + 8..end;
        match kind {
            b"jp2c" => {
                let inside = stream.get(content.clone()).unwrap_or(&[]);
                in_stream(inside, &mut |place| each(place.start + content.start..place.end + content.start));
            }
            b"xml " | b"uuid" => each(content),
            _ => {}
        }
        at = end;
    }
}

/// Bytes of uncompressed pixels behind the last frame, if there is anything but zeros. A header that does not say how large
/// a frame is decides nothing.
pub fn behind_frames(tape: &Tape) -> Option<Range<usize>> {
    let Some(PixelBytes::Native { start, len, .. }) = tape.pixels.as_ref().map(|pixels| &pixels.bytes) else {
        return None;
    };
    let end = usize::try_from(start.checked_add(frames_end(tape)?)?).ok()?;
    let behind = end..usize::try_from(start + len).ok()?;
    let bytes = tape.data.get(behind.clone())?;
    bytes.iter().any(|b| *b != 0).then_some(behind)
}

/// Bytes of all frames, to an even number.
fn frames_end(tape: &Tape) -> Option<u64> {
    let number = |attribute: Attribute| {
        let value = tape.integer(Scope::Root, attribute).ok()?;
        value.and_then(|value| u64::try_from(value).ok()).filter(|value| *value > 0)
    };
    // Two pixels share their colour (PS3.3 C.7.6.3.1.2): two samples each, in place of three.
    let halved = tape.term(Scope::Root, PHOTOMETRIC.tag).is_some_and(|term| term.ends_with("_422"));
    let samples = if halved { 2 } else { number(SAMPLES)? };
    let frames = match tape.integer(Scope::Root, FRAMES).ok()? {
        None => 1,
        Some(frames) => u64::try_from(frames).ok().filter(|frames| *frames > 0)?,
    };
    let factors = [number(COLUMNS)?, samples, frames, number(BITS_ALLOCATED)?];
    let bits = factors.into_iter().try_fold(number(ROWS)?, u64::checked_mul)?;
    bits.div_ceil(8).checked_next_multiple_of(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(stream: &[u8]) -> Vec<&[u8]> {
        let mut places = Vec::new();
        in_stream(stream, &mut |place| places.push(place));
        places.into_iter().map(|place| stream.get(place).unwrap()).collect()
    }

    #[test]
    fn comments_of_each_kind_of_stream_are_found_and_broken_ones_end() {
        let jpeg =
            b"\xFF\xD8\xFF\xE0\x00\x04ab\xFF\xC4\x00\x03x\xFF\xFF\xFE\x00\x05who\xFF\xDA\x00\x04\xFF\xFE\x00\x04no";
        assert_eq!(found(jpeg), [&b"ab"[..], b"who"]);
        let j2k = b"\xFF\x4F\xFF\x51\x00\x04xy\xFF\x64\x00\x07\x00\x01who\xFF\x90\x00\x04\xFF\x64\x00\x04no";
        assert_eq!(found(j2k), [&b"\x00\x01who"[..]]);
        let mut jp2 = b"\0\0\0\x0CjP  \r\n\x87\n\0\0\0\x0Bxml who".to_vec();
        jp2.extend((8 + j2k.len() as u32).to_be_bytes());
        jp2.extend(b"jp2c");
        jp2.extend(j2k);
        assert_eq!(found(&jp2), [&b"who"[..], b"\x00\x01who"]);
        // A length beyond the end, one below its own size, nothing at all.
        assert_eq!(found(b"\xFF\xD8\xFF\xFE\xFF\xFFwho"), [&b"who"[..]]);
        assert!(found(b"\xFF\xD8\xFF\xFE\x00\x00").iter().all(|part| part.is_empty()));
        assert!(found(b"\xFF\xD8").is_empty() && found(b"\0\0\0\x0CjP  ").is_empty());
    }
}
