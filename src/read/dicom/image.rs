//! An image that can be decoded frame by frame, in any order and from several threads. What is checked here, before
//! anything is allocated, is that the data is as long as the header says.

use super::frames::FrameMap;
use super::geometry::Geometry;
use super::header::{ImageHeader, SampleKind};
use super::interpretation::Interpreter;
use super::limits::{FRAME_CEILING, FRAME_FLOOR, FRAME_RATIO};
use super::native::{Cells, keep_bits, unpack};
use super::syntax::Packing;
use super::tape::{PixelBytes, PixelElement, Scope, Tape, Vr};
use super::words::LOSSY;
use crate::error::{Fault, Reason, Result};
use crate::model::{Frame, Interpretation, Photometric, SampleType};
use crate::read::codecs::{self, Announced, Coded, Coding, Colour, Family, Treatment};
use std::sync::Arc;

enum Source {
    Native { start: u64, len: u64, swap_pairs: bool },
    Fragments(FrameMap, &'static Coding),
}

/// The image of one DICOM object.
pub struct Image {
    tape: Arc<Tape>,
    header: ImageHeader,
    uid: &'static str,
    source: Source,
    interpreter: Interpreter,
    warnings: Vec<&'static str>,
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image {}x{}x{} x{}", self.header.rows, self.header.columns, self.header.samples, self.header.frames)
    }
}

impl Image {
    pub(super) fn new(tape: Arc<Tape>, uid: &'static str, packing: Packing) -> Result<Self> {
        let coding = codecs::decoder_for(uid);
        if packing == Packing::Encapsulated && coding.is_none() {
            return Err(unsupported("this build has no decoder for it"));
        }
        let pixels = tape.pixels.clone().ok_or_else(|| no_pixels(&tape))?;
        if coding.is_some_and(|c| matches!(c.treatment, Treatment::Video)) {
            return Err(Fault::input(Reason::Video, "TransferSyntaxUID", "a video stream, not still images"));
        }
        let compressed = matches!(pixels.bytes, PixelBytes::Fragments { .. });
        match (packing, compressed) {
            (Packing::Unknown, _) => return Err(unsupported("a transfer syntax that no table lists")),
            (Packing::Native, true) if tape.warnings.contains(&"no-transfer-syntax") => {
                return Err(unsupported("compressed pixels and no transfer syntax to say how"));
            }
            (Packing::Native, true) => {
                return Err(inconsistent("the transfer syntax is uncompressed, the pixel data is in fragments"));
            }
            (Packing::Encapsulated, false) => {
                return Err(inconsistent("the transfer syntax is compressed, the pixel data is not in fragments"));
            }
            _ => {}
        }
        let header = ImageHeader::read(&tape, &pixels, compressed)?;
        let mut warnings = tape.warnings.clone();
        warnings.extend(&header.warnings);
        let source = match &pixels.bytes {
            PixelBytes::Native { start, len, announced } => {
                native(&tape, &header, &pixels, (*start, *len, *announced), &mut warnings)?
            }
            PixelBytes::Fragments { whole: false, items } => {
                let there = items.iter().map(|f| u64::from(f.len)).sum::<u64>();
                return Err(Fault::input(Reason::Truncated, "PixelData", "the data ends inside a fragment")
                    .number("bytes", there));
            }
            PixelBytes::Fragments { items, .. } => {
                if header.kind != SampleKind::Integer {
                    return Err(unsupported("float pixels are never compressed"));
                }
                let map = FrameMap::new(&tape, items, header.frames)?;
                warnings.extend(&map.warnings);
                Source::Fragments(map, coding.ok_or_else(|| unsupported("this build has no decoder for it"))?)
            }
        };
        let interpreter = Interpreter::new(&tape, &header)?;
        warnings.extend(interpreter.warnings());
        Ok(Self { tape, header, uid, source, interpreter, warnings })
    }

    /// Number of frames, at least 1.
    pub fn frames(&self) -> u32 {
        self.header.frames
    }

    /// Rows of a frame.
    pub fn rows(&self) -> u32 {
        self.header.rows
    }

    /// Columns of a frame.
    pub fn columns(&self) -> u32 {
        self.header.columns
    }

    /// Samples of a decoded pixel, 1 or 3.
    pub fn samples(&self) -> u8 {
        self.header.samples
    }

    /// BitsStored; 32 or 64 for float pixels.
    pub fn bits_stored(&self) -> u8 {
        self.header.bits_stored
    }

    /// How a decoded sample lies in a frame.
    pub fn sample_type(&self) -> SampleType {
        self.header.sample_type()
    }

    /// Bytes of one decoded frame.
    pub fn frame_bytes(&self) -> u64 {
        self.header.frame_bytes()
    }

    /// PhotometricInterpretation as the file has it.
    pub fn source_photometric(&self) -> &'static str {
        self.header.announced.term
    }

    /// UID of the transfer syntax.
    pub fn transfer_syntax(&self) -> &'static str {
        self.uid
    }

    /// What was tolerated about the file, as stable words. Each frame carries its own beside them.
    pub fn warnings(&self) -> &[&'static str] {
        &self.warnings
    }

    /// Whether the pixels went through lossy compression: by LossyImageCompression (0028,2110), else by a transfer
    /// syntax that cannot be lossless; `None` if neither says.
    pub fn lossy(&self) -> Option<bool> {
        match self.tape.term(Scope::Root, LOSSY.tag) {
            Some("01") => Some(true),
            Some("00") => Some(false),
            _ => match &self.source {
                // Baseline and extended JPEG cannot but lose; the lossy syntaxes of the other families may be lossless.
                Source::Fragments(_, coding) if coding.family == Family::JpegDct => Some(true),
                _ => None,
            },
        }
    }

    /// Place and size of a frame in the patient's space.
    pub fn geometry(&self, frame: u32) -> Geometry {
        Geometry::of_frame(&self.tape, frame)
    }

    /// How the stored samples of a frame are to be read, without decoding them. A decoder can still find another colour
    /// space in the stream; [`Image::decode`] says which.
    pub fn interpretation(&self, frame: u32) -> Result<Interpretation> {
        self.interpreter.frame(&self.tape, &self.header, frame).map(|warned| warned.value)
    }

    /// The compressed stream of one frame and what the header announces about it, for decoding at a reduced size;
    /// `None` for pixels that are not compressed.
    pub fn stream(&self, frame: u32) -> Option<(std::borrow::Cow<'_, [u8]>, Announced)> {
        match &self.source {
            Source::Fragments(map, _) if frame < self.header.frames => {
                Some((map.stream(&self.tape.data, frame), self.announced()))
            }
            _ => None,
        }
    }

    /// Decodes one frame, touching no other.
    ///
    /// Fails if the frame does not exist, its stream is broken or contradicts the header, or its interpretation cannot
    /// be read.
    pub fn decode(&self, frame: u32) -> Result<Frame> {
        if frame >= self.header.frames {
            return Err(Fault::input(Reason::Inconsistent, "NumberOfFrames", "there is no such frame")
                .number("frames", self.header.frames)
                .number("asked", frame));
        }
        let mut interpretation = self.interpreter.frame(&self.tape, &self.header, frame)?;
        let (data, coded) = match &self.source {
            Source::Native { start, len, swap_pairs } => (self.native_frame(*start, *len, *swap_pairs, frame)?, None),
            Source::Fragments(map, coding) => self.decode_stream(coding, &map.stream(&self.tape.data, frame))?,
        };
        let mut warnings = std::mem::take(&mut interpretation.warnings);
        let mut interpretation = interpretation.value;
        if let Some(coded) = coded {
            interpretation.photometric = match coded.colour {
                Colour::AsAnnounced => interpretation.photometric,
                Colour::Rgb => Photometric::Rgb,
                Colour::YbrFull => Photometric::YbrFull,
            };
            warnings.extend(coded.warnings);
        }
        let h = &self.header;
        let mut frame = Frame::new(h.rows, h.columns, h.samples, h.sample_type(), data, interpretation)
            .ok_or_else(|| Fault::bug("Frame", "a decoded frame has not the size of its shape"))?;
        frame.warnings = self.warnings.clone();
        frame.warnings.extend(warnings);
        Ok(frame)
    }

    fn native_frame(&self, start: u64, len: u64, swap_pairs: bool, frame: u32) -> Result<Vec<u8>> {
        let bits = self.header.frame_bits();
        let first = bits * u64::from(frame);
        // Lengths were checked when the image was opened; the slice is checked again by `get`.
        let (from, to) = (first / 8, (first + bits).div_ceil(8).min(len));
        let bytes = self.tape.data.get((start + from) as usize..(start + to) as usize).ok_or_else(short_frame)?;
        let mut cells = Cells { bytes, skip_bits: (first % 8) as u8, big_endian: self.tape.big_endian };
        let swapped: Vec<u8>;
        if swap_pairs {
            let all = self.tape.data.get(start as usize..(start + len) as usize).ok_or_else(short_frame)?;
            swapped = (from..to)
                .map(|i| all.get((i ^ 1) as usize).copied())
                .collect::<Option<_>>()
                .ok_or_else(short_frame)?;
            cells.bytes = &swapped;
        }
        unpack(&self.header, cells).ok_or_else(short_frame)
    }

    fn announced(&self) -> Announced {
        let h = &self.header;
        Announced {
            rows: h.rows,
            columns: h.columns,
            samples: h.samples,
            bits_allocated: h.bits_allocated,
            bits_stored: h.bits_stored,
            signed: h.signed,
            rgb: h.announced.photometric == Photometric::Rgb,
        }
    }

    fn decode_stream(&self, coding: &Coding, stream: &[u8]) -> Result<(Vec<u8>, Option<Coded>)> {
        let h = &self.header;
        let native_len = h.frame_bits().div_ceil(8) as usize;
        let cells = |bytes: &[u8]| unpack(h, Cells { bytes, skip_bits: 0, big_endian: false }).ok_or_else(short_frame);
        let decoder = match coding.treatment {
            Treatment::Decode(decoder) => decoder,
            Treatment::Inflate => return Ok((cells(&codecs::deflated::inflate_frame(stream, native_len)?)?, None)),
            Treatment::Native => return Ok((cells(stream)?, None)),
            Treatment::Video => return Err(unsupported("a video stream")),
        };
        let announced = self.announced();
        let size = h.frame_bytes();
        let justified = (stream.len() as u64).saturating_mul(FRAME_RATIO).max(FRAME_FLOOR).min(FRAME_CEILING);
        if size > justified {
            return Err(Fault::input(
                Reason::WorkBudget,
                "PixelData",
                "the stream is too short for the announced size",
            )
            .number("limit", justified)
            .number("announced", size));
        }
        let mut out = vec![0; size as usize];
        let coded = codecs::guard::run(decoder, stream, &announced, &mut out)?;
        self.settle_sign(coding.family, &coded, &mut out);
        Ok((out, Some(coded)))
    }

    /// Streams know less about signs than the header: PS3.5 8.2.x, and what pydicom does about each.
    fn settle_sign(&self, family: Family, coded: &Coded, out: &mut [u8]) {
        let h = &self.header;
        let precision = coded.precision.min(h.bits_allocated);
        match (family, coded.signed) {
            // Whole cells come out of RLE, so HighBit counts.
            (Family::Rle, _) => {
                keep_bits(out, h.bits_allocated, h.bits_stored, h.high_bit + 1 - h.bits_stored, h.signed)
            }
            // JPEG 2000 says whether it is signed; only a contradiction is settled, in the header's favour.
            (_, Some(signed)) if signed != h.signed => keep_bits(out, h.bits_allocated, precision, 0, h.signed),
            (_, Some(_)) => {}
            (Family::JpegLs, None) if h.signed => keep_bits(out, h.bits_allocated, precision, 0, true),
            (Family::JpegLs, None) => {}
            (_, None) => keep_bits(out, h.bits_allocated, h.bits_stored, 0, h.signed),
        }
    }
}

/// Uncompressed pixels: long enough, or refused.
fn native(
    tape: &Tape,
    header: &ImageHeader,
    pixels: &PixelElement,
    (start, len, announced): (u64, u64, u64),
    warnings: &mut Vec<&'static str>,
) -> Result<Source> {
    if header.announced.halved && header.columns % 2 == 1 {
        return Err(Fault::input(
            Reason::UnsupportedPixels,
            "Columns",
            "halved chroma needs an even number of columns",
        )
        .number("columns", header.columns));
    }
    // At most 65535 x 65535 x 3 x 64 bits x 2^32 frames: beyond u64, so in u128.
    let needed = (u128::from(header.frame_bits()) * u128::from(header.frames)).div_ceil(8);
    if u128::from(len) < needed {
        return Err(Fault::input(
            Reason::Truncated,
            pixel_keyword(header.kind),
            "fewer bytes of pixels than the header announces",
        )
        .number("expected", needed as i128)
        .number("found", len));
    }
    if len < announced {
        warnings.push("pixel-data-cut");
    }
    if u128::from(len) > needed + needed % 2 {
        if header.announced.halved && u128::from(len) >= needed / 2 * 3 {
            return Err(inconsistent("as many bytes as without halved chroma"));
        }
        warnings.push("excess-pixel-data");
    }
    // 8-bit samples in big-endian words of 16 bits (PS3.5 A.3).
    let swap_pairs = tape.big_endian && header.bits_allocated == 8 && pixels.vr == Vr(*b"OW");
    if swap_pairs && needed % 2 == 1 && u128::from(len) == needed {
        return Err(short_frame());
    }
    Ok(Source::Native { start, len, swap_pairs })
}

/// Why a tape has no pixels: the scan broke off, or there are none.
pub(super) fn no_pixels(tape: &Tape) -> Fault {
    tape.fault.clone().unwrap_or_else(|| Fault::input(Reason::NoPixels, "PixelData", "the object holds no image"))
}

fn pixel_keyword(kind: SampleKind) -> &'static str {
    match kind {
        SampleKind::Integer => "PixelData",
        SampleKind::Float => "FloatPixelData",
        SampleKind::Double => "DoubleFloatPixelData",
    }
}

fn short_frame() -> Fault {
    Fault::input(Reason::Truncated, "PixelData", "a frame has fewer bytes than the header announces")
}

fn inconsistent(cause: &'static str) -> Fault {
    Fault::input(Reason::Inconsistent, "PixelData", cause)
}

fn unsupported(cause: &'static str) -> Fault {
    Fault::input(Reason::UnsupportedSyntax, "TransferSyntaxUID", cause)
}
