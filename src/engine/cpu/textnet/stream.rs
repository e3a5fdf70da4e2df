//! The network row by row: every layer keeps only the rows that others still need, so that memory grows with the width of
//! the picture and not with its height. Nothing is computed twice inside a band; a band that begins in the middle of the
//! picture computes the rows above that its first row depends on. Nor is computed what no asked cell of the map depends on
//! ([`super::asked`]), nor what is the same all over an area ([`super::levels`]). Results are those of the whole picture, to the last bit.

use super::asked::{Asked, Reach, runs};
use super::lanes::Packed;
use super::levels::{self, Levels, NONE, OUTSIDE};
use super::stages::{Row, Stage};
use super::tiles::{Room, SIDE, TILE, Tiled};
use crate::pixel::textnet::{Net, Op};
use std::ops::Range;

/// A network ready to run.
pub struct Fast {
    net: Net,
    packed: Vec<Packed>,
    /// Of the layers that are computed in tiles.
    tiled: Vec<Option<Tiled>>,
    reach: Vec<Reach>,
}

/// Places along a side of a layer that are computed together.
fn side(tiled: &[Option<Tiled>], layer: usize) -> usize {
    if tiled.get(layer).is_some_and(Option::is_some) { TILE } else { 1 }
}

impl Fast {
    /// Sorts the weights of a network.
    pub fn new(net: &Net) -> Self {
        let tiled: Vec<Option<Tiled>> = net.layers().iter().map(Tiled::new).collect();
        let reach = Reach::of(net, &|layer| side(&tiled, layer));
        Self { net: net.clone(), packed: net.layers().iter().map(Packed::new).collect(), tiled, reach }
    }

    /// What each stage must have for places of the map along an axis of `length` pixels: [`Net::reach`], in whole tiles.
    pub fn reach(&self, map: Range<usize>, length: usize) -> Vec<Range<usize>> {
        self.net.reach(map, length, &|layer| side(&self.tiled, layer))
    }

    /// Pixels of the view along a side of the largest part of it that must stay whole, so that tiles and strides fall on the same places.
    pub fn whole(&self) -> usize {
        let layers = self.net.layers().iter().enumerate();
        layers.map(|(index, layer)| layer.scale * side(&self.tiled, index)).fold(self.net.multiple(), usize::max)
    }

    /// The network.
    pub fn net(&self) -> &Net {
        &self.net
    }

    /// Rows `map` of the map of a view of `rows` x `columns` pixels (filled up already), before the logistic curve; of use
    /// only in blocks that are asked for by their row and column. `view` writes a row of it.
    pub fn run(
        &self,
        [rows, columns]: [usize; 2],
        map: Range<usize>,
        asked: &dyn Fn(usize, usize) -> bool,
        view: &mut dyn FnMut(usize, &mut [f32]),
        out: &mut [f32],
    ) {
        let reach = self.reach(map.clone(), rows);
        let stage = |channels: usize, scale: usize, reach: &Range<usize>| {
            Stage::new(channels, [rows / scale, columns / scale], scale, reach.start)
        };
        let mut stages = vec![stage(1, 1, &reach[0])];
        let layers = self.net.layers().iter().zip(&reach[1..]);
        stages.extend(layers.map(|(layer, reach)| stage(layer.outputs, layer.scale, reach)));
        let widest = stages.iter().map(Stage::floats).max().unwrap_or(0);
        let cell = self.net.cell();
        let zeros = Row { values: vec![0.0; widest], marks: vec![NONE; columns] };
        let mut flow = Flow {
            fast: self,
            stages,
            view,
            zeros,
            black: vec![OUTSIDE; columns],
            spare: vec![Vec::new(); reach.len()],
            levels: Levels::new((&self.net, &self.packed, &self.tiled)),
            asked: Asked::new([rows, columns], map.start * cell..map.end * cell, asked),
            scratch: Scratch::default(),
        };
        let last = self.packed.len();
        for (y, out) in map.zip(out.chunks_exact_mut(columns / cell)) {
            flow.make(last, y + 1);
            if let Some(row) = flow.stages[last].row(y) {
                out.copy_from_slice(&row.values[flow.stages[last].pixels()]);
            }
            flow.release(y + 1);
        }
    }
}

/// Room for one row's marks, so that none is made for every row.
#[derive(Default)]
struct Scratch {
    marks: Vec<u8>,
    needed: Vec<bool>,
    tiles: Vec<usize>,
    room: Room,
}

/// A run on its way.
struct Flow<'a> {
    fast: &'a Fast,
    stages: Vec<Stage>,
    view: &'a mut dyn FnMut(usize, &mut [f32]),
    /// A row outside the picture: of a layer, and the marks of the view's.
    zeros: Row,
    black: Vec<u8>,
    /// For each stage, rows that are not needed any more.
    spare: Vec<Vec<Row>>,
    levels: Levels,
    asked: Asked,
    scratch: Scratch,
}

impl Flow<'_> {
    /// Makes the rows of a stage before `end`, and of the stages before it what they need.
    fn make(&mut self, index: usize, end: usize) {
        while self.stages[index].next() < end {
            let y = self.stages[index].next();
            let tiled = index.checked_sub(1).and_then(|layer| self.fast.tiled[layer].as_ref());
            let rows = match (index.checked_sub(1), tiled) {
                (None, _) => vec![self.seen(y)],
                (Some(layer), None) => vec![self.computed(layer, y)],
                (Some(layer), Some(tiled)) => self.tiles(layer, tiled, y),
            };
            let rows =
                rows.into_iter().enumerate().map(|(i, row)| self.summed(index, y + i, row)).collect::<Vec<Row>>();
            self.stages[index].kept.extend(rows);
        }
    }

    /// A row of a stage with anything in it, zeros at both ends.
    fn blank(&mut self, index: usize) -> Row {
        let stage = &self.stages[index];
        let new = || Row { values: vec![0.0; stage.floats()], marks: vec![NONE; stage.columns] };
        self.spare[index].pop().unwrap_or_else(new)
    }

    fn seen(&mut self, y: usize) -> Row {
        let mut row = self.blank(0);
        if self.asked.needed(&self.fast.reach[0], 1, y..y + 1, &mut self.scratch.needed) {
            let pixels = self.stages[0].pixels();
            (self.view)(y, &mut row.values[pixels.clone()]);
            let fast = self.fast;
            self.levels.mark((&fast.net, &fast.packed, &fast.tiled), &row.values[pixels], &mut row.marks);
        }
        row
    }

    /// Row `y` of a layer, whose stage is the one after its input's, before anything is added.
    fn computed(&mut self, layer: usize, y: usize) -> Row {
        let fast = self.fast;
        let shape = &fast.net.layers()[layer];
        let end = shape.needs(y, self.stages[layer].rows).end;
        self.make(layer, end);
        let mut row = self.blank(layer + 1);
        let channels = shape.outputs;
        if shape.upsample {
            let mut narrow = std::mem::take(&mut self.stages[layer + 1].narrow);
            if self.stages[layer + 1].narrow_row != Some(y / 2) {
                let columns = self.stages[layer + 1].columns / 2;
                narrow.values.resize(columns * channels, 0.0);
                narrow.marks.resize(columns, NONE);
                self.convolve(layer, y / 2, &mut narrow.values, &mut narrow.marks);
            }
            let pixels =
                row.values[channels..].chunks_exact_mut(2 * channels).zip(narrow.values.chunks_exact(channels));
            for (pair, pixel) in pixels {
                let (left, right) = pair.split_at_mut(channels);
                left.copy_from_slice(pixel);
                right.copy_from_slice(pixel);
            }
            row.marks.chunks_exact_mut(2).zip(&narrow.marks).for_each(|(pair, mark)| pair.fill(*mark));
            self.stages[layer + 1].narrow = narrow;
            self.stages[layer + 1].narrow_row = Some(y / 2);
        } else {
            self.convolve(layer, y, &mut row.values[channels..], &mut row.marks);
        }
        row
    }

    /// Up to four rows of a layer that is computed in tiles, from row `y` on, before anything is added.
    fn tiles(&mut self, layer: usize, tiled: &Tiled, y: usize) -> Vec<Row> {
        let (fast, count) = (self.fast, TILE.min(self.stages[layer + 1].rows - y));
        self.make(layer, (y + count + 1).min(self.stages[layer].rows));
        let mut made: Vec<Row> = (0..count).map(|_| self.blank(layer + 1)).collect();
        let (input, stage) = (&self.stages[layer], &self.stages[layer + 1]);
        let Scratch { marks, needed, tiles, room } = &mut self.scratch;
        made.iter_mut().for_each(|row| row.marks.fill(NONE));
        if !self.asked.needed(&fast.reach[layer + 1], stage.scale, y * stage.scale..(y + count) * stage.scale, needed) {
            return made;
        }
        let near: [Option<&Row>; SIDE] = std::array::from_fn(|i| input.row((y + i).checked_sub(1)?));
        let nothing = &self.zeros.marks[..input.columns];
        levels::over_tiles(near.map(|row| row.map_or(nothing, |row| &row.marks)), marks);
        tiles.clear();
        for (tile, level) in marks.iter().enumerate() {
            let pixels = tile * TILE..((tile + 1) * TILE).min(stage.columns);
            if *level != NONE {
                let pixel = self.levels.pixel(*level, layer);
                for row in &mut made {
                    row.marks[pixels.clone()].fill(*level);
                    let values =
                        &mut row.values[stage.pixels()][pixels.start * stage.channels..pixels.end * stage.channels];
                    values.chunks_exact_mut(stage.channels).for_each(|values| values.copy_from_slice(pixel));
                }
            } else if needed[pixels].contains(&true) {
                tiles.push(tile);
            }
        }
        let zeros = &self.zeros.values[..input.floats()];
        let rows = near.map(|row| row.map_or(zeros, |row| &row.values));
        let mut out: Vec<&mut [f32]> = made.iter_mut().map(|row| &mut row.values[stage.pixels()]).collect();
        tiled.tiles(rows, tiles, room, &mut out);
        made
    }

    /// A row of a stage with what is added to it.
    fn summed(&mut self, index: usize, y: usize, mut row: Row) -> Row {
        let add = index.checked_sub(1).and_then(|layer| self.fast.net.layers()[layer].add);
        if let Some(other) = add {
            self.make(other + 1, y + 1);
            if let Some(term) = self.stages[other + 1].row(y) {
                // Zeros at both ends stay zeros.
                row.values.iter_mut().zip(&term.values).for_each(|(sum, term)| *sum += term);
                let marks = row.marks.iter_mut().zip(&term.marks);
                marks.for_each(|(mark, term)| *mark = if *mark == *term { *mark } else { NONE });
            }
        }
        row
    }

    /// Row `y` of a layer's convolution (before the upsampling, if it has one) and its marks. Pixels that no one needs are
    /// left as they are.
    fn convolve(&mut self, layer: usize, y: usize, out: &mut [f32], marks: &mut [u8]) {
        let (shape, packed) = (&self.fast.net.layers()[layer], &self.fast.packed[layer]);
        let input = &self.stages[layer];
        let (center, stage) = (y * shape.stride, &self.stages[layer + 1]);
        let scale = if shape.upsample { stage.scale * 2 } else { stage.scale };
        let view = y * scale..(y + 1) * scale;
        let Scratch { marks: scratch, needed, .. } = &mut self.scratch;
        if !self.asked.needed(&self.fast.reach[layer + 1], scale, view, needed) {
            marks.fill(NONE);
            return;
        }
        let inside = |y: Option<usize>| y.filter(|y| *y < input.rows).and_then(|y| input.row(y));
        let near = match shape.op {
            Op::Conv1x1 => vec![inside(Some(center))],
            Op::Conv3x3 => vec![inside(center.checked_sub(1)), inside(Some(center)), inside(Some(center + 1))],
        };
        let (nothing, outside) = match layer {
            0 => (&self.black, OUTSIDE),
            _ => (&self.zeros.marks, NONE),
        };
        let levels: Vec<&[u8]> =
            near.iter().map(|row| row.map_or(&nothing[..input.columns], |row| &row.marks)).collect();
        levels::convolved(&levels, shape.stride, outside, scratch, marks);
        let zeros = &self.zeros.values[..input.floats()];
        let rows: Vec<&[f32]> = near.iter().map(|row| row.map_or(zeros, |row| &row.values)).collect();
        for (x, needed) in needed.iter_mut().enumerate().take(marks.len()) {
            if *needed && marks[x] != NONE {
                out[x * shape.outputs..][..shape.outputs].copy_from_slice(self.levels.pixel(marks[x], layer));
                *needed = false;
            }
        }
        runs(&needed[..marks.len()], |columns| packed.row(&rows, columns, out));
    }

    /// Lets the rows go that no one needs any more; of the last stage, those before `done`.
    fn release(&mut self, done: usize) {
        let layers = self.fast.net.layers();
        for index in (0..self.stages.len()).rev() {
            // The next row that each reader of this stage will make begins here.
            let mut keep = if index == layers.len() { done } else { usize::MAX };
            for (reader, layer) in layers.iter().enumerate() {
                let next = self.stages[reader + 1].next();
                if next >= self.stages[reader + 1].rows {
                    continue;
                }
                if reader == index {
                    keep = keep.min(layer.needs(next, self.stages[index].rows).start);
                }
                if layer.add.is_some_and(|other| other + 1 == index) {
                    keep = keep.min(next);
                }
            }
            let stage = &mut self.stages[index];
            while stage.first < keep && !stage.kept.is_empty() {
                self.spare[index].extend(stage.kept.pop_front());
                stage.first += 1;
            }
        }
    }
}
