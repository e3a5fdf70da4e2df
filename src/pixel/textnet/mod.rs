//! Textnet: finds burned-in text.
//!
//! # Meaning
//! Where letters are drawn into a picture: a small fully convolutional network marks the strokes of text, and boxes are
//! made of what it marks. What the network was trained on stands in docs/TEXTNET.md, how it runs in docs/TEXTFINDER.md.
//! # Formula
//! Layers of 3x3 and 1x1 convolutions with zeros around the picture, ReLU, nearest upsampling and sums, listed by the header of
//! `weights.bin`; a logistic curve at the end.
//! # From space, to space
//! Stored samples to the views of [`views`] (unit range, right and bottom filled up with zeros to a multiple of
//! [`Net::multiple`]), to a map of the probability that there is text, one value for [`Net::cell`] x [`Net::cell`] pixels, to
//! [`TextBox`]es in stored pixel coordinates.
//! # Edge cases
//! A picture of any size from 1x1 is searched. Masked pixels are black before the search. Padding is searched like any pixel.
//! # Tolerance and why
//! 1e-3 on the probability: a GPU and the SIMD path add the products of a convolution in another order.

pub mod around;
pub mod boxes;
pub mod ends;
pub mod fit;
pub mod gate;
pub mod glyphs;
pub mod marks;
pub mod net;
pub mod relief;
pub mod rules;
pub mod twin;
pub mod views;

use crate::error::{Fault, Result};
pub use net::{Layer, Net, Op};
use std::sync::OnceLock;

/// Pixels of one channel, row by row: a view, or a map of probabilities.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    /// Rows, at least 1.
    pub rows: usize,
    /// Columns, at least 1.
    pub columns: usize,
    /// `rows * columns` values.
    pub values: Vec<f32>,
}

/// A rectangle in which text was found, in stored pixel coordinates, inside the frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextBox {
    /// First column.
    pub x: u32,
    /// First row.
    pub y: u32,
    /// Columns, at least 1.
    pub w: u32,
    /// Rows, at least 1.
    pub h: u32,
    /// How sure the network is, 0 to 1: the mean probability of the marked pixels.
    pub score: f32,
}

static WEIGHTS: &[u8] = include_bytes!("weights.bin");

/// The network of this program. A fault of kind Bug if the file it was built with is broken.
pub fn net() -> Result<&'static Net> {
    static NET: OnceLock<Result<Net>> = OnceLock::new();
    NET.get_or_init(|| Net::read(WEIGHTS)).as_ref().map_err(Fault::clone)
}
