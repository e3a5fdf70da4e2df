//! Levels: values that fill whole areas of a view (what is masked, the air around a patient, the ground of a screen). In the
//! middle of such an area every layer gives one and the same pixel, which is computed once; the rest are copies of it, to
//! the last bit.

use super::lanes::Packed;
use super::tiles::{Room, SIDE, TILE, Tiled};
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

/// A network and the numbers of its layers, in order and in tiles.
type Ready<'a> = (&'a Net, &'a [Packed], &'a [Option<Tiled>]);

/// The levels that were met so far.
pub struct Levels {
    values: Vec<f32>,
    /// By level, then by layer: what the convolution gives, before anything is added.
    made: Vec<Vec<Vec<f32>>>,
}

impl Levels {
    /// Knows the level outside the picture.
    pub fn new(ready: Ready) -> Self {
        let mut levels = Self { values: Vec::new(), made: Vec::new() };
        levels.number(ready, 0.0);
        levels
    }

    /// The pixel that a layer makes of an area of a level, before anything is added.
    pub fn pixel(&self, level: u8, layer: usize) -> &[f32] {
        let made = (level as usize).checked_sub(1).and_then(|at| self.made.get(at));
        made.and_then(|made| made.get(layer)).map_or(&[], Vec::as_slice)
    }

    /// Marks the pixels of a row of the view.
    pub fn mark(&mut self, ready: Ready, row: &[f32], marks: &mut [u8]) {
        let mut start = 0;
        while let Some(value) = row.get(start) {
            let length = row[start..].iter().take_while(|other| other.to_bits() == value.to_bits()).count();
            let known = self.values.iter().position(|level| level.to_bits() == value.to_bits());
            let level = match known {
                _ if length < WORTH => NONE,
                Some(at) => at as u8 + 1,
                None if length >= NEW && self.values.len() < MOST => self.number(ready, *value),
                None => NONE,
            };
            marks[start..start + length].fill(level);
            start += length;
        }
    }

    /// A new level: every layer's pixel in an area of it.
    fn number(&mut self, (net, packed, tiled): Ready, value: f32) -> u8 {
        let mut made: Vec<Vec<f32>> = Vec::new();
        let mut whole: Vec<Vec<f32>> = Vec::new();
        for ((layer, packed), tiled) in net.layers().iter().zip(packed).zip(tiled) {
            let row = whole.last().map_or(vec![value; SIDE], |input| input.repeat(SIDE));
            let mut pixel = vec![0.0; layer.outputs * TILE];
            match tiled {
                None => packed.row(&vec![row.as_slice(); layer.op.side()], 0..1, &mut pixel),
                // All pixels of a tile are the same.
                Some(tiled) => tiled.tiles([&row; SIDE], &[0], &mut Room::default(), &mut [&mut pixel]),
            }
            pixel.truncate(layer.outputs);
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

/// Marks the tiles of a layer over six rows of marks: a level where all 6 x 6 inputs are of that level; those outside are of none.
pub fn over_tiles([first, others @ ..]: [&[u8]; SIDE], marks: &mut Vec<u8>) {
    let same = |x: usize| others.iter().all(|row| row[x] == first[x]);
    let level = |tile: usize| {
        let from = (tile * TILE).checked_sub(1)?;
        let level = *first.get(from..from + SIDE)?.first()?;
        (level != NONE && (from..from + SIDE).all(|x| first[x] == level && same(x))).then_some(level)
    };
    marks.clear();
    marks.extend((0..first.len().div_ceil(TILE)).map(|tile| level(tile).unwrap_or(NONE)));
}
