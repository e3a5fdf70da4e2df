//! Decoders of encapsulated frames: one compressed stream in, packed stored samples out.
//!
//! What lives here is the compressed stream only. Fragments, offset tables and everything that the data set says
//! belongs to `read/dicom`.

use crate::error::Result;

/// What the DICOM header announces for one frame; every decoder compares its own header with it before decoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announced {
    /// Rows (0028,0010), 1 to 65535.
    pub rows: u32,
    /// Columns (0028,0011), 1 to 65535.
    pub columns: u32,
    /// SamplesPerPixel (0028,0002): 1, 3 or (retired) 4.
    pub samples: u8,
    /// BitsAllocated (0028,0100): 1, 8, 16 or 32. One-bit images come out as one byte a sample, 0 or 1.
    pub bits_allocated: u8,
    /// BitsStored (0028,0101).
    pub bits_stored: u8,
    /// PixelRepresentation (0028,0103) is 1.
    pub signed: bool,
    /// PhotometricInterpretation is RGB: some JPEG streams carry no marker that says so themselves.
    pub rgb: bool,
}

impl Announced {
    /// Bytes of one sample in the output: 1, 2 or 4.
    pub const fn sample_bytes(&self) -> usize {
        match self.bits_allocated {
            0..=8 => 1,
            9..=16 => 2,
            _ => 4,
        }
    }

    /// Bytes of the whole decoded frame.
    pub const fn frame_bytes(&self) -> usize {
        self.rows as usize * self.columns as usize * self.samples as usize * self.sample_bytes()
    }
}

/// Colour space of the samples as they came out of the decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// What PhotometricInterpretation says: nothing was converted, or there is no colour.
    AsAnnounced,
    /// The stream's own transform was undone (RCT, ICT of JPEG 2000), or the stream proves to hold RGB.
    Rgb,
    /// The stream holds full-range YCbCr, whatever the header says.
    YbrFull,
}

/// What a decoder reports beside the samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coded {
    /// Colour space of the output.
    pub colour: Colour,
    /// Sample precision in the stream's own header.
    pub precision: u8,
    /// Whether the stream says its samples are signed (JPEG 2000 does; JPEG and JPEG-LS can't say).
    pub signed: Option<bool>,
    /// Whether the coding is lossy as far as the stream shows.
    pub lossy: bool,
    /// Stable words for the manifest: what was repaired or ignored.
    pub warnings: Vec<&'static str>,
}

/// A frame decoder: `stream` is one frame's fragments joined; `out` is zeroed and [`Announced::frame_bytes`] long and
/// receives little-endian samples, interleaved by pixel. On an error nothing of `out` may be used.
pub type Decoder = fn(stream: &[u8], announced: &Announced, out: &mut [u8]) -> Result<Coded>;
