//! Normalize: the shift and scale that a model was trained with.
//!
//! # Meaning
//! unit: as it is; symmetric: -1 to 1; z-score: mean 0, deviation 1; mean-std: the user's numbers.
//! # Formula and section of the standard
//! y = (x - subtract) x multiply, one pair for each channel. z-score: population mean and standard deviation of the view's values
//! before resizing, masked and padding pixels left out; for colour, of the converted values in 256 steps.
//! # From space, to space
//! Unit (or modality) values of the tensor to the model's.
//! # Edge cases
//! A deviation of 0 counts as 1; an image without a single counted pixel is not shifted at all.
//! # Tolerance and why
//! None beyond that of x: subtract, then multiply, in this order on both engines.

use super::block::Block;

/// The numbers of one channel: subtract, multiply.
pub fn pair(block: &Block, channel: usize) -> (f32, f32) {
    let subtract = [block.subtract_0, block.subtract_1, block.subtract_2];
    let multiply = [block.multiply_0, block.multiply_1, block.multiply_2];
    (subtract[channel], multiply[channel])
}

/// The value of one channel.
#[inline]
pub fn normalize((subtract, multiply): (f32, f32), x: f32) -> f32 {
    (x - subtract) * multiply
}
