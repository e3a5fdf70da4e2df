//! Levels: values that fill whole areas of a view (what is masked, the air around a patient, the ground of a screen). In the
//! middle of such an area every layer gives one and the same pixel, which is computed once; the rest are copies of it, to
//! the last bit.

use super::lanes::Packed;
use crate::pixel::textnet::Net;

/// No level: a pixel of its own.
pub const NONE: u8 = 0;
/// The level of what lies outside the picture: 0.
pub const OUTSIDE: u8 = 1;
/// Most levels of one run.
const MOST: usize = 6;
/// Equal pixels in a row that make a new level.
const NEW: usize = 64;
/// Equal pixels in a row that are worth a mark.
const WORTH: usize = 8;

/// The levels that were met so far.
pub struct Levels {
    values: Vec<f32>,
    /// By level, then by layer: what the convolution gives, before anything is added.
    made: Vec<Vec<Vec<f32>>>,
}

impl Levels {
    /// Knows the level outside the picture.
    pub fn new(net: &Net, packed: &[Packed]) -> Self {
        let mut levels = Self { values: Vec::new(), made: Vec::new() };
        levels.number(net, packed, 0.0);
        levels
    }

    /// The pixel that a layer makes of an area of a level, before anything is added.
    pub fn pixel(&self, level: u8, layer: usize) -> &[f32] {
        let made = (level as usize).checked_sub(1).and_then(|at| self.made.get(at));
        made.and_then(|made| made.get(layer)).map_or(&[], Vec::as_slice)
    }

    /// Marks the pixels of a row of the view.
    pub fn mark(&mut self, net: &Net, packed: &[Packed], row: &[f32], marks: &mut [u8]) {
        let mut start = 0;
        while let Some(value) = row.get(start) {
            let length = row[start..].iter().take_while(|other| other.to_bits() == value.to_bits()).count();
            let known = self.values.iter().position(|level| level.to_bits() == value.to_bits());
            let level = match known {
                _ if length < WORTH => NONE,
                Some(at) => at as u8 + 1,
                None if length >= NEW && self.values.len() < MOST => self.number(net, packed, *value),
                None => NONE,
            };
            marks[start..start + length].fill(level);
            start += length;
        }
    }

    /// A new level: every layer's pixel in an area of it.
    fn number(&mut self, net: &Net, packed: &[Packed], value: f32) -> u8 {
        let mut made: Vec<Vec<f32>> = Vec::new();
        let mut whole: Vec<Vec<f32>> = Vec::new();
        for (layer, packed) in net.layers().iter().zip(packed) {
            let row = whole.last().map_or(vec![value; 3], |input| input.repeat(3));
            let mut pixel = vec![0.0; layer.outputs];
            packed.row(&vec![row.as_slice(); layer.op.side()], 0..1, &mut pixel);
            let mut sum = pixel.clone();
            if let Some(term) = layer.add.and_then(|other| whole.get(other)) {
                sum.iter_mut().zip(term).for_each(|(sum, term)| *sum += term);
            }
            made.push(pixel);
            whole.push(sum);
        }
        self.values.push(value);
        self.made.push(made);
        self.values.len() as u8
    }
}

/// Marks what a convolution makes of three rows of marks (or one): a level where all its inputs are of that level. `outside`
/// is what lies left and right of the rows.
pub fn convolved(rows: &[&[u8]], stride: usize, outside: u8, scratch: &mut Vec<u8>, marks: &mut [u8]) {
    let [first, others @ ..] = rows else { return };
    scratch.clear();
    scratch.push(outside);
    scratch.extend_from_slice(first);
    scratch.push(outside);
    for other in others {
        let pixels = scratch.iter_mut().skip(1).zip(*other);
        pixels.for_each(|(mark, other)| *mark = if *mark == *other { *mark } else { NONE });
    }
    if others.is_empty() {
        marks.iter_mut().zip(first.iter().step_by(stride)).for_each(|(mark, from)| *mark = *from);
    } else {
        let around = scratch.windows(3).step_by(stride);
        marks.iter_mut().zip(around).for_each(|(mark, near)| {
            *mark = if near[0] == near[1] && near[1] == near[2] { near[1] } else { NONE };
        });
    }
}
