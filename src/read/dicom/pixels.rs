//! From the place of the pixels to the samples of one frame: whether the data is as long as the header says, which
//! bytes a frame has, and what its codec leaves to be settled.

use super::frames::FrameMap;
use super::header::{ImageHeader, SampleKind};
use super::limits::{FRAME_CEILING, FRAME_FLOOR, FRAME_RATIO};
use super::native::{Cells, hold_within, in_order, keep_bits, nothing_to_drop, settle, unpack};
use super::reduced::{self, Made, Smaller};
use super::tape::{PixelBytes, PixelElement, Tape, Vr};
use crate::error::{Fault, Reason, Result};
use crate::model::Photometric;
use crate::read::codecs::{self, Announced, Coded, Coding, Decoder, Family, Treatment};
use std::borrow::Cow;
use std::ops::Range;

/// Where the frames of an image are.
pub enum Source {
    /// One behind the other.
    Native {
        /// First byte.
        start: u64,
        /// Bytes that are there.
        len: u64,
        /// 8-bit samples lie in big-endian words of 16 bits (PS3.5 A.3).
        swap_pairs: bool,
    },
    /// Each in a stream of its own.
    Fragments(FrameMap, &'static Coding),
}

impl Source {
    /// Finds the frames; fails if there are fewer bytes or fragments than the header announces.
    pub fn new(
        tape: &Tape,
        header: &ImageHeader,
        pixels: &PixelElement,
        coding: Option<&'static Coding>,
        warnings: &mut Vec<&'static str>,
    ) -> Result<Self> {
        match &pixels.bytes {
            PixelBytes::Native { start, len, announced } => {
                let swap_pairs = tape.big_endian && header.bits_allocated == 8 && pixels.vr == Vr(*b"OW");
                long_enough(header, *len, *announced, swap_pairs, warnings)?;
                Ok(Source::Native { start: *start, len: *len, swap_pairs })
            }
            PixelBytes::Fragments { whole: false, items } => {
                let there = items.iter().map(|f| u64::from(f.len)).sum::<u64>();
                let cut = Fault::input(Reason::Truncated, "PixelData", "the data ends inside a fragment");
                Err(cut.number("bytes", there))
            }
            PixelBytes::Fragments { items, .. } => {
                if header.kind != SampleKind::Integer {
                    return Err(unsupported("float pixels are never compressed"));
                }
                let coding = coding.ok_or_else(|| unsupported("this build has no decoder for it"))?;
                let map = FrameMap::new(tape, items, header.frames)?;
                warnings.extend(&map.warnings);
                Ok(Source::Fragments(map, coding))
            }
        }
    }

    /// How the samples of a frame are come by, with both sides halved up to `halvings` times where its format offers that.
    ///
    /// Fails if its bytes are too few, or cannot justify the room that it would take.
    pub fn way<'a>(&self, tape: &'a Tape, header: &ImageHeader, frame: u32, halvings: u8) -> Result<Way<'a>> {
        if let Some(range) = self.as_they_are(tape, header, frame) {
            return Ok(Way::There(range));
        }
        let (map, coding) = match self {
            Source::Native { start, len, swap_pairs } => {
                return native_cells(tape, header, (*start, *len, *swap_pairs), frame).map(Way::Cells);
            }
            Source::Fragments(map, coding) => (map, coding),
        };
        let stream = map.stream(&tape.data, frame);
        let decoder = match coding.treatment {
            Treatment::Decode(decoder) => decoder,
            Treatment::Inflate => {
                codecs::deflated::justified(&stream, header.frame_bits().div_ceil(8))?;
                return Ok(Way::Deflated(stream));
            }
            Treatment::Native => return Ok(Way::Cells(Cells { bytes: stream, skip_bits: 0, big_endian: false })),
            Treatment::Video => return Err(unsupported("a video stream")),
        };
        justified(header, &stream)?;
        codecs::guard::justified(&stream, &announced(header))?;
        Ok(match reduced::offered(coding.family, &stream, halvings)? {
            0 => Way::Coded(decoder, coding.family, stream),
            halvings => Way::Smaller(Smaller::new(coding.family, stream, halvings)),
        })
    }

    /// Where the samples of a frame lie in the file just as a frame has them: uncompressed, little endian, by pixel, with
    /// nothing in the unused bits. Then they need not be copied.
    fn as_they_are(&self, tape: &Tape, header: &ImageHeader, frame: u32) -> Option<Range<usize>> {
        let length = header.frame_bytes();
        let (first, big_endian) = match self {
            Source::Native { start, swap_pairs: false, .. } => {
                (start.checked_add(length.checked_mul(u64::from(frame))?)?, tape.big_endian)
            }
            Source::Fragments(map, coding) if matches!(coding.treatment, Treatment::Native) => {
                let piece = map.piece(&tape.data, frame).filter(|piece| piece.len() as u64 >= length)?;
                (piece.start as u64, false)
            }
            _ => return None,
        };
        let plain = in_order(header) && (header.bits_allocated == 8 || !big_endian);
        let range = usize::try_from(first).ok()?..usize::try_from(first.checked_add(length)?).ok()?;
        let bytes = tape.data.get(range.clone()).filter(|_| plain)?;
        let low = header.high_bit.checked_add(1)?.checked_sub(header.bits_stored)?;
        let kept = header.kind != SampleKind::Integer
            || nothing_to_drop(bytes, header.bits_allocated, header.bits_stored, low, header.signed);
        kept.then_some(range)
    }
}

/// How the samples of one frame are come by.
pub enum Way<'a> {
    /// They lie in the file, just as a frame has them.
    There(Range<usize>),
    /// Out of cells that hold them in another order or with more bits.
    Cells(Cells<'a>),
    /// Out of cells behind a deflate stream.
    Deflated(Cow<'a, [u8]>),
    /// Out of a decoder.
    Coded(Decoder, Family, Cow<'a, [u8]>),
    /// Out of a decoder that makes fewer of them.
    Smaller(Smaller<'a>),
}

impl Way<'_> {
    /// Bytes that the samples take beside the file.
    pub fn room(&self, header: &ImageHeader) -> u64 {
        match self {
            Way::There(_) => 0,
            Way::Smaller(smaller) => smaller.room(header),
            _ => header.frame_bytes(),
        }
    }

    /// Puts the samples into `out`, zeros of that many bytes. Says what a decoder reports, if there was one, and what came
    /// out if it is smaller than stored.
    pub fn decode(&self, header: &ImageHeader, out: &mut [u8]) -> Result<(Option<Coded>, Option<Made>)> {
        match self {
            Way::There(_) => {}
            Way::Cells(cells) => unpack(header, cells, out).ok_or_else(short_frame)?,
            Way::Deflated(stream) if in_order(header) => {
                codecs::deflated::inflate_frame(stream, out)?;
                settle(header, false, out);
            }
            Way::Deflated(stream) => {
                let mut bytes = vec![0; header.frame_bits().div_ceil(8) as usize];
                codecs::deflated::inflate_frame(stream, &mut bytes)?;
                let cells = Cells { bytes: Cow::Owned(bytes), skip_bits: 0, big_endian: false };
                unpack(header, &cells, out).ok_or_else(short_frame)?;
            }
            Way::Coded(decoder, family, stream) => {
                let coded = codecs::guard::run(*decoder, stream, &announced(header), out)?;
                settle_sign(header, *family, &coded, out);
                return Ok((Some(coded), None));
            }
            Way::Smaller(smaller) => return smaller.decode(header, out).map(|made| (None, Some(made))),
        }
        Ok((None, None))
    }
}

/// What the header announces about a frame, for its decoder.
pub fn announced(header: &ImageHeader) -> Announced {
    Announced {
        rows: header.rows,
        columns: header.columns,
        samples: header.samples,
        bits_allocated: header.bits_allocated,
        bits_stored: header.bits_stored,
        signed: header.signed,
        rgb: header.announced.photometric == Photometric::Rgb,
    }
}

/// The fault of a transfer syntax that cannot be decoded.
pub fn unsupported(cause: &'static str) -> Fault {
    Fault::input(Reason::UnsupportedSyntax, "TransferSyntaxUID", cause)
}

fn long_enough(
    header: &ImageHeader,
    len: u64,
    announced: u64,
    swap_pairs: bool,
    warnings: &mut Vec<&'static str>,
) -> Result<()> {
    let place = match header.kind {
        SampleKind::Integer => "PixelData",
        SampleKind::Float => "FloatPixelData",
        SampleKind::Double => "DoubleFloatPixelData",
    };
    // At most 65535 x 65535 x 3 x 64 bits x 2^32 frames: beyond u64, so in u128.
    let needed = (u128::from(header.frame_bits()) * u128::from(header.frames)).div_ceil(8);
    if u128::from(len) < needed {
        let short = Fault::input(Reason::Truncated, place, "fewer bytes of pixels than the header announces");
        return Err(short.number("expected", needed as i128).number("found", len));
    }
    if len < announced {
        warnings.push("pixel-data-cut");
    }
    if u128::from(len) > needed + needed % 2 {
        if header.announced.halved && u128::from(len) >= needed / 2 * 3 {
            return Err(Fault::input(Reason::Inconsistent, place, "as many bytes as without halved chroma"));
        }
        warnings.push("excess-pixel-data");
    }
    if swap_pairs && needed % 2 == 1 && u128::from(len) == needed {
        return Err(short_frame());
    }
    Ok(())
}

fn native_cells<'a>(tape: &'a Tape, header: &ImageHeader, place: (u64, u64, bool), frame: u32) -> Result<Cells<'a>> {
    let (start, len, swap_pairs) = place;
    let bits = header.frame_bits();
    let first = bits * u64::from(frame);
    // Lengths were checked when the image was opened; the slices are checked again by `get`.
    let (from, to) = (first / 8, (first + bits).div_ceil(8).min(len));
    let all = tape.data.get(start as usize..(start + len) as usize).ok_or_else(short_frame)?;
    let bytes: Option<Cow<[u8]>> = match swap_pairs {
        false => all.get(from as usize..to as usize).map(Cow::Borrowed),
        true => (from..to).map(|i| all.get((i ^ 1) as usize).copied()).collect::<Option<Vec<u8>>>().map(Cow::Owned),
    };
    let bytes = bytes.ok_or_else(short_frame)?;
    Ok(Cells { bytes, skip_bits: (first % 8) as u8, big_endian: tape.big_endian })
}

/// Refuses a frame that is larger than its stream makes believable.
fn justified(header: &ImageHeader, stream: &[u8]) -> Result<()> {
    let size = header.frame_bytes();
    let justified = (stream.len() as u64).saturating_mul(FRAME_RATIO).clamp(FRAME_FLOOR, FRAME_CEILING);
    if size > justified {
        let beyond = Fault::input(Reason::WorkBudget, "PixelData", "the stream is too short for the announced size");
        return Err(beyond.number("limit", justified).number("announced", size));
    }
    Ok(())
}

/// Streams know less about signs than the header: PS3.5 8.2, and what pydicom does about each. A stream that codes more
/// bits than BitsStored loses those above: they can hold an overlay. Of a lossy stream they hold what it overshot, and a value
/// beyond the stored range becomes the last one in it: cut off, 4,097 of twelve bits would turn from white to black.
pub fn settle_sign(header: &ImageHeader, family: Family, coded: &Coded, out: &mut [u8]) {
    let (allocated, stored, signed) = (header.bits_allocated, header.bits_stored, header.signed);
    let precision = coded.precision.min(allocated);
    if precision > stored && family != Family::Rle {
        let values = coded.signed.map_or(!signed, |says| says == signed);
        if coded.lossy && values {
            return hold_within(out, allocated, stored, signed);
        }
        return keep_bits(out, allocated, stored, 0, signed);
    }
    match (family, coded.signed) {
        // Whole cells come out of RLE, so HighBit counts.
        (Family::Rle, _) => keep_bits(out, allocated, stored, header.high_bit + 1 - stored, signed),
        // JPEG 2000 says whether it is signed; only a contradiction is settled, in the header's favour.
        (_, Some(says)) if says != signed => keep_bits(out, allocated, precision, 0, signed),
        (_, Some(_)) => {}
        (Family::JpegLs, None) if signed => keep_bits(out, allocated, precision, 0, true),
        (Family::JpegLs, None) => {}
        (_, None) => keep_bits(out, allocated, stored, 0, signed),
    }
}

/// The fault of a frame with too few bytes.
pub fn short_frame() -> Fault {
    Fault::input(Reason::Truncated, "PixelData", "a frame has fewer bytes than the header announces")
}
