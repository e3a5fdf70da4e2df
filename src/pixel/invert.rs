//! Invert: MONOCHROME1 upside down.
//!
//! # Meaning
//! In a tensor 0 is black and 1 is white, whatever the file calls its lowest value.
//! # Formula and section of the standard
//! PS3.3 C.7.6.3.1.2 (MONOCHROME1: the lowest value is white): y = 1 - x.
//! # From space, to space
//! Unit to unit.
//! # Edge cases
//! With `voi = "none"` values stay modality values and are not turned. Background is 0 after inversion too.
//! # Tolerance and why
//! None: one subtraction.

/// The unit value seen from the other end.
pub fn invert(unit: f32) -> f32 {
    1.0 - unit
}
