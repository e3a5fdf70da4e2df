//! Encoders of frames, lossless only: one picture in, one compressed stream out; `frame` says which transfer syntax
//! takes which.

use crate::error::{Fault, Result};

pub mod frame;
pub mod jpeg2000;
pub mod jpeg_lossless;
pub mod jpeg_ls;
pub mod rle;

/// One frame as the encoders take it.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    /// Rows, 1 to 65535.
    pub rows: u32,
    /// Columns, 1 to 65535.
    pub columns: u32,
    /// Samples a pixel: 1 to 4, interleaved by pixel.
    pub samples: u8,
    /// Bits of a sample that may be set; up to 8 take one byte, up to 16 two, more take four (RLE only).
    pub bits_stored: u8,
    /// The samples, little endian; bits above `bits_stored` are ignored by the JPEG family (mask of a signed sample).
    pub bytes: &'a [u8],
}

impl Picture<'_> {
    /// Bytes of one sample: 1, 2 or 4.
    pub const fn sample_bytes(&self) -> usize {
        match self.bits_stored {
            0..=8 => 1,
            9..=16 => 2,
            _ => 4,
        }
    }

    /// Checks the shape; fails on sizes beyond 65535, on more than `most_bits`, and on bytes that do not fit it.
    pub(crate) fn check(&self, place: &'static str, most_bits: u8) -> Result<()> {
        let sides = 1..=65535;
        if !sides.contains(&self.rows) || !sides.contains(&self.columns) || !(1..=4).contains(&self.samples) {
            return Err(Fault::bug(place, "a picture of a shape that cannot be encoded")
                .number("rows", self.rows)
                .number("columns", self.columns)
                .number("samples", self.samples));
        }
        if self.bits_stored == 0 || self.bits_stored > most_bits {
            return Err(Fault::bug(place, "a picture with samples that cannot be encoded")
                .number("limit", most_bits)
                .number("bits_stored", self.bits_stored));
        }
        let pixels = u64::from(self.rows) * u64::from(self.columns);
        let expected = pixels * u64::from(self.samples) * self.sample_bytes() as u64;
        if self.bytes.len() as u64 != expected {
            return Err(Fault::bug(place, "a picture whose bytes do not fit its shape")
                .number("expected", expected)
                .number("found", self.bytes.len() as i128));
        }
        Ok(())
    }

    /// The samples of one or two bytes as numbers, without the bits above `bits_stored`.
    pub(crate) fn stored(&self) -> Vec<u16> {
        let mask = (u32::from(u16::MAX) >> 16u8.saturating_sub(self.bits_stored)) as u16;
        match self.sample_bytes() {
            1 => self.bytes.iter().map(|&byte| u16::from(byte) & mask).collect(),
            _ => self.bytes.as_chunks().0.iter().map(|&le| u16::from_le_bytes(le) & mask).collect(),
        }
    }
}
