//! What the data set says about the shape of its pixels, read strictly. Every number is checked against what the
//! standard allows; whether the data is long enough is checked by `pixels`.
//!
//! Defaults, each with its source: NumberOfFrames 1 (C.7.6.6: absent in single-frame objects; empty or 0 is read as
//! 1 as pydicom does, with a warning), HighBit = BitsStored - 1 (C.7.6.3: the only value the standard allows today),
//! PlanarConfiguration 0 for compressed pixels (their decoders interleave). Nothing else has one.

use super::tape::{PixelElement, Scope, Tape};
use super::value::{bad, missing};
use super::words::{
    Attribute, BITS_ALLOCATED, BITS_STORED, COLUMNS, FRAMES, HIGH_BIT, PHOTOMETRIC, PLANAR, REPRESENTATION, ROWS,
    SAMPLES,
};
use crate::error::{Fault, Reason, Result};
use crate::model::{Photometric, SampleType};

/// What a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleKind {
    /// Pixel Data (7FE0,0010).
    Integer,
    /// Float Pixel Data (7FE0,0008).
    Float,
    /// Double Float Pixel Data (7FE0,0009).
    Double,
}

/// Photometric Interpretation as the header spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// The defined term.
    pub term: &'static str,
    /// What it means for samples that lie 4:4:4.
    pub photometric: Photometric,
    /// Samples of one pixel.
    pub samples: u8,
    /// Chroma is stored once for two pixels when the pixels are not compressed.
    pub halved: bool,
}

const fn row(term: &'static str, photometric: Photometric, samples: u8, halved: bool) -> Announcement {
    Announcement { term, photometric, samples, halved }
}

const PHOTOMETRICS: &[Announcement] = &[
    row("MONOCHROME1", Photometric::Monochrome1, 1, false),
    row("MONOCHROME2", Photometric::Monochrome2, 1, false),
    row("PALETTE COLOR", Photometric::Palette, 1, false),
    row("RGB", Photometric::Rgb, 3, false),
    row("YBR_FULL", Photometric::YbrFull, 3, false),
    row("YBR_FULL_422", Photometric::YbrFull, 3, true),
    row("YBR_PARTIAL_422", Photometric::YbrPartial, 3, true),
    row("YBR_PARTIAL_420", Photometric::YbrPartial, 3, false),
    row("YBR_ICT", Photometric::YbrIct, 3, false),
    row("YBR_RCT", Photometric::YbrRct, 3, false),
];

/// Terms of PS3.3 2001 and before, of three and four samples: only the files' makers know how theirs become colours.
const RETIRED: &[&str] = &["HSV", "ARGB", "CMYK"];

/// Bits of the widest integer that a frame holds.
const WIDEST: u8 = 32;

/// The shape of an image, checked.
#[derive(Clone, Debug)]
pub struct ImageHeader {
    /// 1 to 65535.
    pub rows: u32,
    /// 1 to 65535.
    pub columns: u32,
    /// 1 or 3.
    pub samples: u8,
    /// At least 1.
    pub frames: u32,
    /// 1 to 64: of compressed pixels 1, 8, 16 or 32, of double pixels 64.
    pub bits_allocated: u8,
    /// 1 to `bits_allocated`; of integers at most 32.
    pub bits_stored: u8,
    /// `bits_stored - 1` to `bits_allocated - 1`.
    pub high_bit: u8,
    /// PixelRepresentation is 1.
    pub signed: bool,
    /// PlanarConfiguration is 1.
    pub planar: bool,
    /// Photometric Interpretation.
    pub announced: Announcement,
    /// Integer, float or double.
    pub kind: SampleKind,
    /// What was tolerated, as stable words.
    pub warnings: Vec<&'static str>,
}

impl ImageHeader {
    /// Reads the header of the image whose pixels are `pixels`; `compressed` says that they come out of a decoder.
    pub fn read(tape: &Tape, pixels: &PixelElement, compressed: bool) -> Result<Self> {
        let kind = match pixels.tag.1 {
            0x0008 => SampleKind::Float,
            0x0009 => SampleKind::Double,
            _ => SampleKind::Integer,
        };
        let mut warnings = Vec::new();
        let rows = within(tape, ROWS, 1, 65535)? as u32;
        let columns = within(tape, COLUMNS, 1, 65535)? as u32;
        let samples = within(tape, SAMPLES, 1, 65535)?;
        let term = tape.term(Scope::Root, PHOTOMETRIC.tag).ok_or_else(|| missing(PHOTOMETRIC))?;
        let announced = *PHOTOMETRICS.iter().find(|row| row.term == term).ok_or_else(|| {
            let cause = match RETIRED.contains(&term) {
                true => "a retired term: the standard no longer says what its samples are",
                false => "not a photometric interpretation of still images",
            };
            Fault::input(Reason::UnsupportedPhotometric, PHOTOMETRIC.keyword, cause)
        })?;
        if samples != i64::from(announced.samples) {
            return Err(Fault::input(
                Reason::Inconsistent,
                SAMPLES.keyword,
                "the number of samples does not fit the photometric interpretation",
            )
            .number("expected", announced.samples)
            .number("found", samples));
        }
        let bits_allocated = within(tape, BITS_ALLOCATED, 1, 64)? as u8;
        let right = match kind {
            // PS3.5 8.1.1: 1 or a multiple of 8. Cells of 12 bits and the like stood in its edition of 1993, packed in the
            // same way.
            SampleKind::Integer if compressed => matches!(bits_allocated, 1 | 8 | 16 | 32),
            SampleKind::Integer if tape.big_endian => matches!(bits_allocated, 1 | 8 | 16 | 32 | 64),
            SampleKind::Integer => bits_allocated <= 32 || bits_allocated.is_multiple_of(8),
            SampleKind::Float => bits_allocated == 32,
            SampleKind::Double => bits_allocated == 64,
        };
        if !right
            || bits_allocated == 1 && announced.samples != 1
            || announced.halved && !compressed && bits_allocated != 8
        {
            return Err(Fault::input(
                Reason::UnsupportedPixels,
                BITS_ALLOCATED.keyword,
                "no image has samples of this size",
            )
            .number("found", bits_allocated));
        }
        let (bits_stored, high_bit, signed) = match kind {
            SampleKind::Integer => {
                let stored = within(tape, BITS_STORED, 1, i64::from(bits_allocated))? as u8;
                if stored > WIDEST {
                    let wide = "integers of more than 32 bits";
                    return Err(Fault::input(Reason::UnsupportedPixels, BITS_STORED.keyword, wide)
                        .number("limit", WIDEST)
                        .number("found", stored));
                }
                let high = high_bit(tape, stored, bits_allocated, &mut warnings)?;
                (stored, high, within(tape, REPRESENTATION, 0, 1)? == 1)
            }
            _ => (bits_allocated, bits_allocated - 1, true),
        };
        let planar = match (announced.samples, tape.integer(Scope::Root, PLANAR)) {
            (1, _) => false,
            (_, Ok(Some(value @ 0..=1))) => value == 1,
            (_, Ok(None)) if compressed => false,
            (_, Ok(None)) => return Err(missing(PLANAR)),
            (_, Ok(Some(_))) => return Err(bad(PLANAR, "expected 0 or 1")),
            (_, Err(fault)) => return Err(fault),
        };
        if announced.halved && !compressed && columns % 2 == 1 {
            let odd = "halved chroma needs an even number of columns";
            return Err(Fault::input(Reason::UnsupportedPixels, COLUMNS.keyword, odd).number("columns", columns));
        }
        if planar && announced.halved && !compressed {
            return Err(Fault::input(Reason::UnsupportedPixels, PLANAR.keyword, "halved chroma cannot lie in planes"));
        }
        let frames = frames(tape, &mut warnings)?;
        Ok(Self {
            rows,
            columns,
            samples: announced.samples,
            frames,
            bits_allocated,
            bits_stored,
            high_bit,
            signed,
            planar,
            announced,
            kind,
            warnings,
        })
    }

    /// How a decoded sample lies in a frame.
    pub fn sample_type(&self) -> SampleType {
        match (self.kind, self.bits_allocated, self.signed) {
            (SampleKind::Float, ..) => SampleType::F32,
            (SampleKind::Double, ..) => SampleType::F64,
            (_, 1, _) | (_, 2..=8, false) => SampleType::U8,
            (_, 2..=8, true) => SampleType::I8,
            (_, 9..=16, false) => SampleType::U16,
            (_, 9..=16, true) => SampleType::I16,
            (_, _, false) => SampleType::U32,
            (_, _, true) => SampleType::I32,
        }
    }

    /// Samples of one frame, 4:4:4.
    pub fn frame_samples(&self) -> u64 {
        u64::from(self.rows) * u64::from(self.columns) * u64::from(self.samples)
    }

    /// Bytes of one decoded frame.
    pub fn frame_bytes(&self) -> u64 {
        self.frame_samples() * self.sample_type().bytes() as u64
    }

    /// Bits that one uncompressed frame takes in the file.
    pub fn frame_bits(&self) -> u64 {
        let samples = if self.announced.halved { self.frame_samples() / 3 * 2 } else { self.frame_samples() };
        samples * u64::from(self.bits_allocated)
    }
}

fn within(tape: &Tape, attribute: Attribute, low: i64, high: i64) -> Result<i64> {
    let value = tape.integer(Scope::Root, attribute)?.ok_or_else(|| missing(attribute))?;
    if (low..=high).contains(&value) {
        return Ok(value);
    }
    // The value is a number about the picture, not about the person.
    Err(bad(attribute, "the value is out of range")
        .number("lowest", low)
        .number("highest", high)
        .number("found", value))
}

/// A HighBit that leaves no room for BitsStored says nothing: then the lowest bits are taken, as pydicom always does.
fn high_bit(tape: &Tape, stored: u8, allocated: u8, warnings: &mut Vec<&'static str>) -> Result<u8> {
    match tape.integer(Scope::Root, HIGH_BIT)? {
        Some(high) if high >= i64::from(stored) - 1 && high < i64::from(allocated) => Ok(high as u8),
        other => {
            warnings.push(if other.is_some() { "high-bit-ignored" } else { "high-bit-missing" });
            Ok(stored - 1)
        }
    }
}

fn frames(tape: &Tape, warnings: &mut Vec<&'static str>) -> Result<u32> {
    match tape.integer(Scope::Root, FRAMES)? {
        None => Ok(1),
        Some(0) => {
            warnings.push("number-of-frames-0");
            Ok(1)
        }
        Some(n) => u32::try_from(n).map_err(|_| bad(FRAMES, "the value is out of range").number("found", n)),
    }
}
