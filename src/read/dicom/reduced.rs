//! Frames decoded at a half, a quarter and so on of their stored size, where the format allows it: wavelets by leaving
//! out resolutions, DCTs by leaving out frequencies. Whether that makes sense for an image is not decided here.

use super::header::ImageHeader;
use super::pixels::{announced, justified, settle_sign};
use crate::error::{Reason, Result};
use crate::model::{Reduction, Siting};
use crate::read::codecs::{Coded, Coding, Family, guard, jpeg_dct, jpeg2000};

/// One frame, smaller than stored.
pub struct Smaller {
    /// Rows that came out.
    pub rows: u32,
    /// Columns that came out.
    pub columns: u32,
    /// Samples as full decoding lays them.
    pub data: Vec<u8>,
    /// What its decoder reports.
    pub coded: Coded,
    /// How it lies over the stored pixels.
    pub reduction: Reduction,
}

/// Taps of the longer analysis filter on each side of its center (T.800 Table F.4: nine in all).
const WAVELET_REACH: u32 = 4;

/// Most stored pixels along a side of what one block of coefficients covers: 8, times a sampling factor of up to 4.
const BLOCK: u32 = 8;
const MOST_SAMPLING: u32 = 4;

/// Decodes a frame with at most `halvings` halvings of both sides; `None` if its stream offers none. Fails as full
/// decoding does.
pub fn decode(header: &ImageHeader, coding: &Coding, stream: &[u8], halvings: u8) -> Result<Option<Smaller>> {
    justified(header, stream)?;
    let announced = announced(header);
    let decoded = match coding.family {
        Family::Jpeg2000 => guard::around(stream, &announced, || {
            let halvings = jpeg2000::resolution_levels(stream)?.min(halvings);
            if halvings == 0 {
                return Ok(None);
            }
            Ok(Some((halvings, jpeg2000::decode_reduced(stream, &announced, halvings)?)))
        })?,
        Family::JpegDct => {
            let halvings = halvings.min(3);
            match guard::around(stream, &announced, || jpeg_dct::decode_scaled(stream, &announced, 1 << halvings)) {
                Ok(scaled) => Some((halvings, scaled)),
                // Another process of JPEG under this transfer syntax: full decoding knows what to do.
                Err(fault) if fault.reason == Reason::UnsupportedSyntax => None,
                Err(fault) => return Err(fault),
            }
        }
        _ => None,
    };
    let Some((halvings, (rows, columns, mut data, coded))) = decoded else { return Ok(None) };
    settle_sign(header, coding.family, &coded, &mut data);
    let (siting, reach) = reach(coding.family, halvings, header.samples, &coded);
    let reduction = Reduction { rows: header.rows, columns: header.columns, halvings, siting, reach };
    // Streams of 12 bits come out whole.
    let smaller = (rows, columns) != (header.rows, header.columns);
    Ok(smaller.then_some(Smaller { rows, columns, data, coded, reduction }))
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
