//! Frames decoded at a half, a quarter and so on of their stored size, where the format allows it: wavelets by leaving
//! out resolutions, DCTs by leaving out frequencies. Whether that makes sense for an image is not decided here.

use super::header::ImageHeader;
use super::pixels::{announced, settle_sign, short_frame};
use crate::error::Result;
use crate::model::{Reduction, Siting};
use crate::read::codecs::{Coded, Family, guard, jpeg_dct, jpeg2000};
use std::borrow::Cow;

/// A frame that comes out smaller than it is stored.
pub struct Smaller<'a> {
    family: Family,
    stream: Cow<'a, [u8]>,
    halvings: u8,
}

/// What came out, and how it lies over the stored pixels.
pub struct Made {
    /// Rows that came out.
    pub rows: u32,
    /// Columns that came out.
    pub columns: u32,
    /// What the decoder reports.
    pub coded: Coded,
    /// How they lie over the stored pixels.
    pub reduction: Reduction,
}

/// Taps of the longer analysis filter on each side of its center (T.800 Table F.4: nine in all).
const WAVELET_REACH: u32 = 4;

/// Most stored pixels along a side of what one block of coefficients covers: 8, times a sampling factor of up to 4.
const BLOCK: u32 = 8;
const MOST_SAMPLING: u32 = 4;

/// How many times, at most `wanted`, both sides of a frame can be halved; 0 if its stream offers no smaller size.
///
/// Fails if the stream of a format that offers some cannot be read.
pub fn offered(family: Family, stream: &[u8], wanted: u8) -> Result<u8> {
    match family {
        _ if wanted == 0 => Ok(0),
        Family::Jpeg2000 => guard::caught(|| jpeg2000::resolution_levels(stream)).map(|levels| levels.min(wanted)),
        Family::JpegDct => guard::caught(|| Ok(jpeg_dct::halvings(stream).min(wanted))),
        _ => Ok(0),
    }
}

impl<'a> Smaller<'a> {
    /// A frame whose stream offers so many `halvings`, at least 1.
    pub fn new(family: Family, stream: Cow<'a, [u8]>, halvings: u8) -> Self {
        Self { family, stream, halvings }
    }

    /// Bytes that it takes at most.
    pub fn room(&self, header: &ImageHeader) -> u64 {
        let halved = |side: u32| u64::from(side).div_ceil(1 << self.halvings.min(31));
        let samples = halved(header.rows) * halved(header.columns) * u64::from(header.samples);
        samples * header.sample_type().bytes() as u64
    }

    /// Decodes it into the beginning of `out`. Fails as full decoding does.
    pub fn decode(&self, header: &ImageHeader, out: &mut [u8]) -> Result<Made> {
        let announced = announced(header);
        let (stream, halvings) = (&*self.stream, self.halvings);
        let (rows, columns, coded) = guard::around(stream, &announced, || match self.family {
            Family::JpegDct => jpeg_dct::decode_scaled(stream, &announced, halvings, out),
            _ => jpeg2000::decode_reduced(stream, &announced, halvings, out),
        })?;
        let used = rows as usize * columns as usize * usize::from(header.samples) * header.sample_type().bytes();
        settle_sign(header, self.family, &coded, out.get_mut(..used).ok_or_else(short_frame)?);
        let (siting, reach) = reach(self.family, halvings, header.samples, &coded);
        let reduction = Reduction { rows: header.rows, columns: header.columns, halvings, siting, reach };
        Ok(Made { rows, columns, coded, reduction })
    }
}

/// Where decoded pixels lie, and how far around themselves they have seen the stored image.
fn reach(family: Family, halvings: u8, samples: u8, coded: &Coded) -> (Siting, u32) {
    let factor = 1u32 << halvings.min(15);
    if family == Family::Jpeg2000 {
        // Each level reaches its taps times its distance of samples: 4 + 8 + ... = 4 x (factor - 1).
        let sampling = if coded.warnings.contains(&jpeg2000::SUBSAMPLED) { MOST_SAMPLING } else { 1 };
        return (Siting::First, WAVELET_REACH * (factor - 1) * sampling);
    }
    // A pixel shows the whole block it lies in; chroma is drawn up by a filter of two decoded pixels.
    let reach = if samples == 1 { BLOCK - 1 } else { BLOCK * MOST_SAMPLING - 1 + 2 * factor };
    (Siting::Middle, reach)
}
