//! Modality: from stored values to values with a unit, and on to the window's own axis.
//!
//! # Meaning
//! Hounsfield units of a CT, or whatever the file says its stored values stand for.
//! # Formula and section of the standard
//! PS3.3 C.11.1: value = RescaleSlope x stored + RescaleIntercept, or the Modality LUT.
//! # From space, to space
//! Stored to t, the axis of [`super::window`]: t = (stored - pivot) x scale + offset. The pivot is the stored value
//! nearest the foot (or center) of the curve, so that a narrow window far from 0 loses no digits in f32; scale and
//! offset hold rescale and window together, worked out in f64.
//! # Edge cases
//! A Modality LUT makes the whole view a table over stored values ([`super::voi_lut`]). 32-bit integers: the difference
//! is exact and rounded once to f32 (in the shader, of two 16-bit halves). A step becomes a ramp of one
//! stored unit, for floats of 1e-30.
//! # Tolerance and why
//! 2e-6: one fused multiply-add more or less.

use super::block::Block;
use super::window::Curve;
use crate::model::{Lut, Modality, SampleType};

/// The value a stored value stands for.
pub fn modality_from_stored(modality: &Modality, stored: f64) -> f64 {
    match modality {
        Modality::Identity => stored,
        Modality::Rescale { slope, intercept } => slope * stored + intercept,
        Modality::Lut(lut) => f64::from(entry(lut, stored)),
    }
}

/// The entry of a table for an input: below the first input the first entry, past the last the last.
pub(super) fn entry(lut: &Lut, input: f64) -> u16 {
    let place = (input + 0.5).floor() - f64::from(lut.first);
    let last = lut.entries.len().saturating_sub(1);
    // `as` limits: negative to 0, too large to usize::MAX.
    lut.entries.get((place as usize).min(last)).copied().unwrap_or_default()
}

/// Slope and intercept, unless the values come from a table.
pub(super) fn affine(modality: &Modality) -> Option<(f64, f64)> {
    match modality {
        Modality::Identity => Some((1.0, 0.0)),
        Modality::Rescale { slope, intercept } => Some((*slope, *intercept)),
        Modality::Lut(_) => None,
    }
}

/// Least and greatest stored value of a type; for floats the pivot may be anything in f32.
fn limits(sample_type: SampleType) -> (f64, f64) {
    match sample_type {
        SampleType::U8 => (0.0, 255.0),
        SampleType::I8 => (-128.0, 127.0),
        SampleType::U16 => (0.0, 65535.0),
        SampleType::I16 => (-32768.0, 32767.0),
        SampleType::U32 => (0.0, 4294967295.0),
        SampleType::I32 => (-2147483648.0, 2147483647.0),
        SampleType::F32 | SampleType::F64 => (f64::from(f32::MIN), f64::from(f32::MAX)),
    }
}

/// Writes pivot, scale and offset of a curve after a rescale into the block.
pub(super) fn join(slope: f64, intercept: f64, curve: Curve, sample_type: SampleType, block: &mut Block) {
    let (least, greatest) = limits(sample_type);
    let float = matches!(sample_type, SampleType::F32 | SampleType::F64);
    let stored = |value: f64| ((value - intercept) / slope).clamp(least, greatest);
    let (pivot, scale, offset) = match curve {
        Curve::Ramp { foot, rise } => line(stored(foot), slope, intercept, foot, rise, float),
        Curve::Sigmoid { center, width } => line(stored(center), slope, intercept, center, width / 4.0, float),
        Curve::Step { above } if float => {
            // The greatest f32 on the black side; any f32 beyond it is lifted to 1 or more.
            let edge = stored(above);
            let near = edge as f32;
            let black = match (slope > 0.0, f64::from(near) > edge, f64::from(near) < edge) {
                (true, true, _) => near.next_down(),
                (false, _, true) => near.next_up(),
                _ => near,
            };
            (f64::from(black), 1e30f64.copysign(slope), 0.0)
        }
        Curve::Step { above } => {
            // The last stored value on the black side; one further is white. Outside the type's range the step shows
            // one side only, and the unlimited edge says which.
            let edge = (above - intercept) / slope;
            let edge = if slope > 0.0 { edge.floor() } else { edge.ceil() };
            let pivot = edge.clamp(least, greatest);
            (pivot, 1.0f64.copysign(slope), (pivot - edge).clamp(-1e6, 1e6) * 1.0f64.copysign(slope))
        }
    };
    if float {
        block.pivot = pivot as f32;
    } else {
        let pivot = pivot as i64;
        block.pivot_high = (pivot >> 16) as i32;
        block.pivot_low = (pivot & 0xffff) as i32;
        block.pivot = pivot as f32;
    }
    // A window narrower than f32 can say is as good as a step; an infinity would make 0 x infinity of it.
    let steepest = if float { 1e30 } else { 1e28 };
    block.scale = scale.clamp(-steepest, steepest) as f32;
    block.offset = offset.clamp(-1e28, 1e28) as f32;
}

/// t = (modality - from) / length as a line over stored values around the pivot nearest `stored`.
fn line(stored: f64, slope: f64, intercept: f64, from: f64, length: f64, float: bool) -> (f64, f64, f64) {
    let pivot = if float { f64::from(stored as f32) } else { stored.round() };
    (pivot, slope / length, (slope * pivot + intercept - from) / length)
}

/// t of a stored value; the difference is exact (f64 holds every stored value) and rounded to f32 once.
pub fn modality(block: &Block, stored: f64) -> f32 {
    ((stored - pivot(block)) as f32) * block.scale + block.offset
}

/// The number subtracted from stored values.
fn pivot(block: &Block) -> f64 {
    match block.sample_type {
        super::block::SAMPLE_F32 | super::block::SAMPLE_F64 => f64::from(block.pivot),
        _ => f64::from(block.pivot_high) * 65536.0 + f64::from(block.pivot_low),
    }
}
