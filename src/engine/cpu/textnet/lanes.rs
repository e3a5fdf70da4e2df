//! One row of a convolution. A row of pixels is `(columns + 2) x channels` floats, pixel by pixel, with a pixel of zeros at both
//! ends: the inputs of an output pixel are runs of neighbouring floats, one for each row of weights, and a tile of pixels
//! times [`BLOCK`] outputs stays in registers while the weights go by.
//!
//! The plain tile is what the compiler makes of it on any processor; x86-64 processors with AVX2 and FMA take
//! [`super::avx2`], which is the same with fused products.

use crate::pixel::textnet::{Layer, Op};
use std::ops::Range;

/// Outputs that are computed together.
pub const BLOCK: usize = 16;
/// Pixels that are computed together at most: a run of fewer costs more for each.
pub const WIDE: usize = 6;
/// Pixels that the plain tile computes together.
const TILE: usize = 2;

/// The weights of a block of outputs for one float of a run.
pub type Lanes = [f32; BLOCK];

/// The numbers of a layer in the order in which a tile reads them.
pub struct Packed {
    /// For each block: for each row of weights and each float of its run, the weights of the block's outputs.
    weights: Vec<Lanes>,
    /// For each block its biases.
    biases: Vec<Lanes>,
    /// Floats of a run: 3 x inputs, or inputs.
    pub run: usize,
    /// Rows of weights: 3 or 1.
    sides: usize,
    /// Floats from the run of one output pixel to the next one's.
    pub step: usize,
    /// Floats from the begin of the input row to the first pixel's run.
    pub skip: usize,
    /// Outputs.
    pub outputs: usize,
    /// Whether what is below 0 becomes 0.
    pub relu: bool,
}

/// A block of outputs: its numbers, and which outputs it holds.
pub struct Block<'a> {
    /// Runs of the first row of weights, of the second, of the third.
    pub weights: &'a [Lanes],
    /// Where the sums begin.
    pub biases: &'a Lanes,
    /// First output.
    pub first: usize,
    /// Outputs that exist; the lanes after them are of no use.
    pub lanes: usize,
}

impl Packed {
    /// Sorts the numbers of a layer.
    pub fn new(layer: &Layer) -> Self {
        let (side, inputs, outputs) = (layer.op.side(), layer.inputs, layer.outputs);
        let (mut weights, mut biases) = (Vec::new(), Vec::new());
        for block in (0..outputs).step_by(BLOCK) {
            let lanes = |number: &dyn Fn(usize) -> f32| -> Lanes {
                std::array::from_fn(|lane| if block + lane < outputs { number(block + lane) } else { 0.0 })
            };
            // The network was checked: it has all these numbers.
            biases.push(lanes(&|out| layer.biases[out]));
            for (ky, kx) in (0..side * side).map(|k| (k / side, k % side)) {
                for input in 0..inputs {
                    weights.push(lanes(&|out| layer.weights[((out * inputs + input) * side + ky) * side + kx]));
                }
            }
        }
        // A 1x1 convolution does not look at the pixel of zeros.
        let skip = if layer.op == Op::Conv1x1 { inputs } else { 0 };
        let (run, step) = (side * inputs, layer.stride * inputs);
        Self { weights, biases, run, sides: side, step, skip, outputs, relu: layer.relu }
    }

    /// Computes some pixels of a row from the rows it is made of: three, or one for 1x1 weights. `out` begins with the row's
    /// first pixel, without zeros before it.
    pub fn row(&self, rows: &[&[f32]], columns: Range<usize>, out: &mut [f32]) {
        if !super::avx2::row(self, rows, columns.clone(), out) {
            for block in self.blocks() {
                cover(columns.clone(), TILE, |x, wide| match wide {
                    true => self.tile::<TILE>(rows, &block, x, out),
                    false => self.tile::<1>(rows, &block, x, out),
                });
            }
        }
    }

    /// The blocks of outputs.
    pub fn blocks(&self) -> impl Iterator<Item = Block<'_>> {
        let numbers = self.weights.chunks_exact(self.run * self.sides).zip(&self.biases);
        let firsts = (0..self.outputs).step_by(BLOCK);
        firsts.zip(numbers).map(|(first, (weights, biases))| {
            let lanes = (self.outputs - first).min(BLOCK);
            Block { weights, biases, first, lanes }
        })
    }

    /// `P` pixels from column `x` on, times one block.
    fn tile<const P: usize>(&self, rows: &[&[f32]], block: &Block, x: usize, out: &mut [f32]) {
        let mut sums = [*block.biases; P];
        for (row, weights) in rows.iter().zip(block.weights.chunks_exact(self.run)) {
            for (p, sums) in sums.iter_mut().enumerate() {
                let at = self.skip + (x + p) * self.step;
                for (input, weights) in row[at..at + self.run].iter().zip(weights) {
                    sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += input * weight);
                }
            }
        }
        for (p, mut sums) in sums.into_iter().enumerate() {
            if self.relu {
                sums.iter_mut().for_each(|sum| *sum = sum.max(0.0));
            }
            let at = (x + p) * self.outputs + block.first;
            out[at..at + block.lanes].copy_from_slice(&sums[..block.lanes]);
        }
    }
}

/// Calls `tile` with the first columns of tiles that cover a range: of `wide` columns, or single pixels if it is
/// shorter. The last wide one begins earlier and computes some pixels again, to the same numbers.
#[inline]
pub fn cover(columns: Range<usize>, wide: usize, mut tile: impl FnMut(usize, bool)) {
    let Range { start, end } = columns;
    if end - start < wide {
        (start..end).for_each(|x| tile(x, false));
        return;
    }
    (0..(end - start) / wide).for_each(|i| tile(start + i * wide, true));
    if !(end - start).is_multiple_of(wide) {
        tile(end - wide, true);
    }
}
