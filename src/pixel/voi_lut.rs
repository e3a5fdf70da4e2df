//! VOI LUT: the view of interest as a table.
//!
//! # Meaning
//! What the file (or a Modality LUT before it) says each value should look like.
//! # Formula and section of the standard
//! PS3.3 C.11.2.1.1: entry at value - first value mapped, divided by 2^bits - 1.
//! # From space, to space
//! Stored to unit (to modality, if `voi = "none"` follows a Modality LUT): modality, VOI LUT and window are folded into
//! one table over stored values when the plan is resolved, so that both engines look up the same numbers.
//! # Edge cases
//! Below the first input the first entry, past the last the last. A modality value between two integers takes the
//! nearest entry, the upper one at one half.
//! # Tolerance and why
//! None: a lookup.

use super::block::Block;
use crate::model::Lut;

/// The unit value of a modality value.
pub fn unit_from_modality(lut: &Lut, value: f64) -> f64 {
    (f64::from(super::modality::entry(lut, value)) / largest(lut)).min(1.0)
}

/// The largest entry that the table's bits can hold.
pub(super) fn largest(lut: &Lut) -> f64 {
    f64::from((1u32 << u32::from(lut.bits).clamp(1, 16)) - 1)
}

/// The table's value for a stored value.
pub fn voi_lut(block: &Block, table: &[f32], stored: i32) -> f32 {
    let place = (i64::from(stored) - i64::from(block.table_first)).clamp(0, i64::from(block.table_length) - 1);
    table[place as usize]
}
