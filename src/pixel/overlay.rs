//! Overlay: what stays while the picture moves.
//!
//! # Meaning
//! The lowest and the highest that each sample ever is over the frames of an image. Where both are equal and the
//! surroundings are not, something was drawn over the picture: `pixel/still.rs` decides.
//! # Formula and section of the standard
//! low = min over frames, high = max over frames, sample by sample; the standard has no section for it.
//! # From space, to space
//! Stored samples of all frames to one pair for each sample, as integers that ascend with the sample: unsigned samples as
//! they are, signed ones plus half their range.
//! # Edge cases
//! Frames of another shape do not belong to the image. Only integers of up to 16 bits.
//! # Tolerance and why
//! None, comparisons of integers.

use super::Shape;
use crate::error::{Fault, Result};
use crate::model::{Frame, SampleType};

/// The extremes of every sample over some frames of one shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extremes {
    /// Shape of each frame.
    pub shape: Shape,
    /// Frames seen.
    pub frames: u32,
    /// Lowest and highest of each sample, row by row, interleaved as in the frames.
    pub samples: Vec<[u16; 2]>,
}

/// Whether frames of this shape have extremes.
pub fn defined(shape: Shape) -> bool {
    shape.sample_type.tabulable()
}

/// A sample as an unsigned integer that ascends with it. `bytes` are one sample.
#[inline]
pub fn ascending(sample_type: SampleType, bytes: &[u8]) -> u16 {
    match (sample_type, bytes) {
        (SampleType::U8, [a]) => u16::from(*a),
        (SampleType::I8, [a]) => u16::from(a ^ 0x80),
        (SampleType::U16, [a, b]) => u16::from_le_bytes([*a, *b]),
        (SampleType::I16, [a, b]) => u16::from_le_bytes([*a, *b]) ^ 0x8000,
        _ => 0,
    }
}

/// The extremes over `frames`, at least one, all of one shape: the plain way.
pub fn extremes(frames: &[Frame]) -> Result<Extremes> {
    let (first, shape) = one_shape(frames)?;
    let size = shape.sample_type.bytes();
    let samples = (0..first.bytes().len() / size).map(|place| {
        let values = frames.iter().map(|frame| ascending(shape.sample_type, &frame.bytes()[place * size..][..size]));
        values.fold([u16::MAX, 0], |[low, high], value| [low.min(value), high.max(value)])
    });
    Ok(Extremes { shape, frames: frames.len() as u32, samples: samples.collect() })
}

/// The first of frames that all have one shape which has extremes. A fault of kind Bug if they have not.
pub fn one_shape(frames: &[Frame]) -> Result<(&Frame, Shape)> {
    let bug = || Fault::bug("overlay", "extremes are of frames of one shape, in integers of up to 16 bits");
    let first = frames.first().ok_or_else(bug)?;
    let shape = Shape::of(first);
    match defined(shape) && frames.iter().all(|frame| Shape::of(frame) == shape) {
        true => Ok((first, shape)),
        false => Err(bug()),
    }
}

impl Extremes {
    /// The extremes over these frames and those of `other`. A fault of kind Bug if their shapes differ.
    pub fn join(&mut self, other: &Extremes) -> Result<()> {
        if self.shape != other.shape || self.samples.len() != other.samples.len() {
            return Err(Fault::bug("overlay", "extremes of frames of another shape"));
        }
        for ([low, high], [other_low, other_high]) in self.samples.iter_mut().zip(&other.samples) {
            *low = (*low).min(*other_low);
            *high = (*high).max(*other_high);
        }
        self.frames = self.frames.saturating_add(other.frames);
        Ok(())
    }
}
