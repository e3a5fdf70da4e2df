//! RLE Lossless (PS3.5 Annex G): a header of 64 bytes, then one PackBits segment per byte of a pixel.
//!
//! Segments come most significant byte first, sample by sample. One-bit images exist in two forms in the wild, packed
//! like native one-bit data (least significant bit first) and one byte a pixel; the length of the segment tells which.

use super::{Announced, Coded, Colour};
use crate::error::{Fault, Reason, Result};

const PLACE: &str = "RLE stream";
/// Segment count and fifteen offsets, 32 bits each.
const HEADER: usize = 64;
/// G.5: the header has room for fifteen offsets.
const MAX_SEGMENTS: usize = 15;

/// Decodes one RLE frame; refuses segments that are missing, short, or longer than the frame by more than padding.
pub fn decode(stream: &[u8], announced: &Announced, out: &mut [u8]) -> Result<Coded> {
    if out.len() != announced.frame_bytes() {
        return Err(Fault::bug(PLACE, "the output buffer does not have the frame's size"));
    }
    let pixels = announced.rows as usize * announced.columns as usize;
    let mut warnings = Vec::new();
    if announced.bits_allocated == 1 {
        one_bit(stream, announced, pixels, out, &mut warnings)?;
    } else {
        let depth = announced.sample_bytes();
        let step = announced.samples as usize * depth;
        let segments = segments(stream, step)?;
        if step == 1 {
            whole(segments[0], out, &mut warnings)?;
        } else {
            let mut plane = vec![0; pixels];
            for (index, segment) in segments.into_iter().take(step).enumerate() {
                // Segment 0 is the most significant byte of sample 0; the output is little endian.
                let place = index / depth * depth + (depth - 1 - index % depth);
                whole(segment, &mut plane, &mut warnings)?;
                for (byte, pixel) in plane.iter().zip(out.chunks_exact_mut(step)) {
                    pixel[place] = *byte;
                }
            }
        }
    }
    Ok(Coded { colour: Colour::AsAnnounced, precision: announced.bits_allocated, signed: None, lossy: false, warnings })
}

/// Cuts the stream into `expected` segments by the offsets of its header.
fn segments(stream: &[u8], expected: usize) -> Result<[&[u8]; MAX_SEGMENTS]> {
    let short = || Fault::input(Reason::Truncated, PLACE, "shorter than its header of 64 bytes");
    let header = stream.get(..HEADER).ok_or_else(short)?;
    let mut words = header.chunks_exact(4).map(|w| u32::from_le_bytes([w[0], w[1], w[2], w[3]]) as usize);
    let count = words.next().ok_or_else(short)?;
    if count != expected || expected > MAX_SEGMENTS {
        return Err(Fault::input(
            Reason::Inconsistent,
            PLACE,
            "the number of segments does not fit the announced pixels",
        )
        .number("expected", expected as i128)
        .number("found", count as i128));
    }
    let mut starts = [stream.len(); MAX_SEGMENTS + 1];
    for (start, offset) in starts.iter_mut().zip(words.take(count)) {
        *start = offset;
    }
    let mut segments: [&[u8]; MAX_SEGMENTS] = [&[]; MAX_SEGMENTS];
    for (index, (segment, pair)) in segments.iter_mut().zip(starts.windows(2)).take(count).enumerate() {
        let (start, end) = (pair[0], pair[1]);
        if start > stream.len() {
            return Err(Fault::input(Reason::Truncated, PLACE, "a segment begins behind the end of the stream")
                .number("segment", index as i128)
                .number("offset", start as i128)
                .number("length", stream.len() as i128));
        }
        let ascending = if start < HEADER { None } else { stream.get(start..end.min(stream.len())) };
        *segment = ascending.ok_or_else(|| {
            Fault::input(Reason::DecodeFailed, PLACE, "segment offsets do not ascend behind the header")
                .number("segment", index as i128)
                .number("offset", start as i128)
        })?;
    }
    Ok(segments)
}

/// Unpacks a segment that must fill `plane`.
fn whole(segment: &[u8], plane: &mut [u8], warnings: &mut Vec<&'static str>) -> Result<()> {
    let unpacked = unpack(segment, plane);
    if unpacked.written < plane.len() {
        return Err(short_segment(plane.len(), unpacked.written));
    }
    surplus(&unpacked, warnings)
}

fn short_segment(expected: usize, found: usize) -> Fault {
    Fault::input(Reason::Truncated, PLACE, "a segment unpacks to fewer bytes than the frame has pixels")
        .number("expected", expected as i128)
        .number("found", found as i128)
}

/// One byte too many is an encoder's padding of an odd frame; zeros behind the last run are padding too. More output
/// means that the header lies about the size, and the picture would be sheared.
fn surplus(unpacked: &Unpacked<'_>, warnings: &mut Vec<&'static str>) -> Result<()> {
    let mut beyond = unpacked.cut;
    if unpacked.rest.iter().any(|&byte| byte != 0) {
        let mut sink = [0; 4];
        let more = unpack(unpacked.rest, &mut sink);
        beyond += more.written + more.cut;
    }
    if beyond > 1 {
        return Err(Fault::input(
            Reason::Inconsistent,
            PLACE,
            "a segment unpacks to more bytes than the frame has pixels",
        ));
    }
    if beyond == 1 && !warnings.contains(&"rle-padding") {
        warnings.push("rle-padding");
    }
    Ok(())
}

fn one_bit(
    stream: &[u8],
    announced: &Announced,
    pixels: usize,
    out: &mut [u8],
    warnings: &mut Vec<&'static str>,
) -> Result<()> {
    if announced.samples != 1 {
        return Err(Fault::input(Reason::UnsupportedPixels, PLACE, "one-bit images have one sample a pixel")
            .number("samples", announced.samples));
    }
    let segment = segments(stream, 1)?[0];
    let mut bytes = vec![0; pixels];
    let unpacked = unpack(segment, &mut bytes);
    let packed = pixels.div_ceil(8);
    if unpacked.written == pixels {
        surplus(&unpacked, warnings)?;
        if pixels > 8 {
            warnings.push("rle-one-byte-a-bit");
        }
        for (to, from) in out.iter_mut().zip(&bytes) {
            *to = u8::from(*from != 0);
        }
        return Ok(());
    }
    if unpacked.written < packed {
        return Err(short_segment(packed, unpacked.written));
    }
    if unpacked.written > packed + 1 {
        return Err(Fault::input(
            Reason::Inconsistent,
            PLACE,
            "a one-bit segment is neither packed nor one byte a pixel",
        )
        .number("packed", packed as i128)
        .number("pixels", pixels as i128)
        .number("found", unpacked.written as i128));
    }
    // PS3.5 8.1.1 and D.1: the first pixel is the least significant bit of the first byte.
    for (eight, byte) in out.chunks_mut(8).zip(&bytes) {
        for (bit, to) in eight.iter_mut().enumerate() {
            *to = byte >> bit & 1;
        }
    }
    Ok(())
}

/// What unpacking a segment left.
struct Unpacked<'a> {
    /// Bytes written.
    written: usize,
    /// Bytes of the last run for which there was no room.
    cut: usize,
    /// Packed bytes behind the run that filled the plane.
    rest: &'a [u8],
}

/// PackBits (G.3.2), until the plane is full or the segment ends.
fn unpack<'a>(segment: &'a [u8], plane: &mut [u8]) -> Unpacked<'a> {
    let mut rest = segment;
    let mut written = 0;
    while written < plane.len() {
        let Some((&control, tail)) = rest.split_first() else { break };
        let room = &mut plane[written..];
        let (length, taken) = match control {
            0..=127 => {
                let length = usize::from(control) + 1;
                // A literal run that the segment's end cuts short still gives what is there.
                let literal = &tail[..length.min(tail.len())];
                let fits = literal.len().min(room.len());
                room[..fits].copy_from_slice(&literal[..fits]);
                (literal.len(), literal.len())
            }
            128 => (0, 0),
            129..=255 => {
                let Some(&value) = tail.first() else { break };
                let length = 257 - usize::from(control);
                let fits = length.min(room.len());
                room[..fits].fill(value);
                (length, 1)
            }
        };
        rest = &tail[taken..];
        if length > room.len() {
            let cut = length - room.len();
            return Unpacked { written: plane.len(), cut, rest };
        }
        written += length;
    }
    Unpacked { written, cut: 0, rest }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(rows: u32, columns: u32, bits_allocated: u8) -> Announced {
        let bits_stored = bits_allocated;
        Announced { rows, columns, samples: 1, bits_allocated, bits_stored, signed: false, rgb: false }
    }

    fn stream(segments: &[&[u8]]) -> Vec<u8> {
        let mut bytes = vec![0; HEADER];
        bytes[0] = segments.len() as u8;
        for (index, segment) in segments.iter().enumerate() {
            let offset = (bytes.len() as u32).to_le_bytes();
            bytes[4 + 4 * index..8 + 4 * index].copy_from_slice(&offset);
            bytes.extend_from_slice(segment);
        }
        bytes
    }

    fn check(announced: Announced, segments: &[&[u8]]) -> Result<Vec<u8>> {
        let mut out = vec![0; announced.frame_bytes()];
        decode(&stream(segments), &announced, &mut out).map(|_| out)
    }

    #[test]
    fn runs_literals_and_no_ops() {
        // 253: repeat 4 times; 128: nothing; 1: two literals.
        assert_eq!(check(grey(2, 3, 8), &[&[253, 7, 128, 1, 8, 9]]), Ok(vec![7, 7, 7, 7, 8, 9]));
    }

    #[test]
    fn the_most_significant_byte_comes_first() {
        assert_eq!(check(grey(1, 2, 16), &[&[1, 1, 2], &[1, 3, 4]]), Ok(vec![3, 1, 4, 2]));
        let four = check(grey(1, 1, 32), &[&[0, 1], &[0, 2], &[0, 3], &[0, 4]]);
        assert_eq!(four, Ok(vec![4, 3, 2, 1]));
    }

    #[test]
    fn one_bit_is_packed_least_significant_bit_first_or_a_byte_each() {
        let want = vec![1, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        assert_eq!(check(grey(2, 5, 1), &[&[1, 0b0000_0001, 0b0000_0010]]), Ok(want.clone()));
        assert_eq!(check(grey(2, 5, 1), &[&[9, 1, 0, 0, 0, 0, 0, 0, 0, 0, 255]]), Ok(want));
    }

    #[test]
    fn short_long_and_displaced_segments_are_refused() {
        let reason = |result: Result<Vec<u8>>| result.expect_err("must be refused").reason;
        assert_eq!(reason(check(grey(2, 3, 8), &[&[4, 1, 2, 3, 4, 5]])), Reason::Truncated);
        assert_eq!(reason(check(grey(2, 3, 8), &[&[7, 1, 2, 3]])), Reason::Truncated);
        assert_eq!(reason(check(grey(2, 3, 8), &[&[249, 9]])), Reason::Inconsistent);
        assert_eq!(reason(check(grey(2, 3, 8), &[&[251, 9, 255, 1]])), Reason::Inconsistent);
        assert_eq!(reason(check(grey(2, 3, 8), &[&[251, 9], &[251, 9]])), Reason::Inconsistent);
        let mut displaced = stream(&[&[251, 9]]);
        let mut out = [0; 6];
        for (offset, want) in [(200, Reason::Truncated), (4, Reason::DecodeFailed)] {
            displaced[4] = offset;
            let fault = decode(&displaced, &grey(2, 3, 8), &mut out).expect_err("must be refused");
            assert_eq!(fault.reason, want);
        }
    }

    #[test]
    fn one_byte_of_padding_is_ignored_with_a_warning() {
        let mut out = [0; 6];
        let coded = decode(&stream(&[&[250, 9]]), &grey(2, 3, 8), &mut out).expect("padding");
        assert_eq!((out, coded.warnings), ([9; 6], vec!["rle-padding"]));
        assert_eq!(check(grey(2, 3, 8), &[&[251, 9, 0, 0, 0]]), Ok(vec![9; 6]));
    }
}
