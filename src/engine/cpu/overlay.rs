//! The extremes of a multi-frame image over all threads: each takes a stretch of samples through all frames.

use crate::error::Result;
use crate::model::{Frame, SampleType};
use crate::pixel::overlay::{Extremes, one_shape};
use rayon::prelude::*;

/// Samples of one stretch: its pairs stay in the processor's cache while the frames pass.
const STRETCH: usize = 1 << 14;

/// What `pixel::overlay::extremes` means.
pub fn extremes(frames: &[Frame]) -> Result<Extremes> {
    let (first, shape) = one_shape(frames)?;
    let size = shape.sample_type.bytes();
    let mut samples = vec![[u16::MAX, 0]; first.bytes().len() / size];
    samples.par_chunks_mut(STRETCH).enumerate().for_each(|(at, part)| {
        for frame in frames {
            // Every frame has the same shape, so that the stretch lies in all of them.
            let bytes = &frame.bytes()[at * STRETCH * size..][..part.len() * size];
            match shape.sample_type {
                SampleType::U8 => fold(part, bytes, |[a]: [u8; 1]| u16::from(a)),
                SampleType::I8 => fold(part, bytes, |[a]: [u8; 1]| u16::from(a ^ 0x80)),
                SampleType::I16 => fold(part, bytes, |b: [u8; 2]| u16::from_le_bytes(b) ^ 0x8000),
                _ => fold(part, bytes, u16::from_le_bytes),
            }
        }
    });
    Ok(Extremes { shape, frames: frames.len() as u32, samples })
}

fn fold<const N: usize>(part: &mut [[u16; 2]], bytes: &[u8], value: impl Fn([u8; N]) -> u16) {
    for ([low, high], sample) in part.iter_mut().zip(bytes.as_chunks::<N>().0) {
        let value = value(*sample);
        *low = (*low).min(value);
        *high = (*high).max(value);
    }
}
