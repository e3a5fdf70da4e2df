//! Palette: from an index to a colour.
//!
//! # Meaning
//! Each stored value names a row of three tables.
//! # Formula and section of the standard
//! PS3.3 C.7.6.3.1.5: entry at stored - first value mapped, divided by 2^bits - 1.
//! # From space, to space
//! Stored index to red, green, blue in the unit range.
//! # Edge cases
//! An index below the first value mapped takes the first entry, one past the end the last: nothing beyond the table is
//! ever read.
//! # Tolerance and why
//! None: a lookup in a table made once in f64.

use super::block::Block;
use crate::model::Palette;

/// Red, green and blue of an index.
pub fn unit_from_stored(palette: &Palette, stored: i64) -> [f32; 3] {
    palette.channels.each_ref().map(|lut| super::voi_lut::unit_from_modality(lut, stored as f64) as f32)
}

/// The colour of a stored index from the table of the kernel.
pub fn palette(block: &Block, table: &[f32], stored: i32) -> [f32; 3] {
    let place = (i64::from(stored) - i64::from(block.table_first)).clamp(0, i64::from(block.table_length) - 1);
    let at = 3 * place as usize;
    [table[at], table[at + 1], table[at + 2]]
}
