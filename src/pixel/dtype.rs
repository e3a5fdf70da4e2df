//! Dtype: the element type of the tensor.
//!
//! # Meaning
//! f32 as computed; f16 for half the bytes; u8 and u16 for pictures.
//! # Formula and section of the standard
//! f16: IEEE 754 binary16, round to nearest even. u8: floor(x 255 + 0.5); u16: floor(x 65535 + 0.5).
//! # From space, to space
//! The model's values to little-endian bytes.
//! # Edge cases
//! f16: values beyond 65504 become 65504 with their sign. u8 and u16: x is limited to 0..1 first; the plan allows them
//! after `normalize = "unit"` only.
//! # Tolerance and why
//! f16: one unit in the last place, u8 and u16: one step, where the engines' f32 values lie on two sides of a border.

use crate::model::DType;

/// Appends one element. `as` rounds what is not negative down, as floor does.
#[inline]
pub fn dtype(x: f32, dtype: DType, out: &mut Vec<u8>) {
    match dtype {
        DType::F32 => out.extend_from_slice(&x.to_le_bytes()),
        DType::F16 => out.extend_from_slice(&half::f16::from_f32(x.clamp(-65504.0, 65504.0)).to_le_bytes()),
        DType::U8 => out.push((x.clamp(0.0, 1.0) * 255.0 + 0.5) as u8),
        DType::U16 => out.extend_from_slice(&((x.clamp(0.0, 1.0) * 65535.0 + 0.5) as u16).to_le_bytes()),
    }
}
