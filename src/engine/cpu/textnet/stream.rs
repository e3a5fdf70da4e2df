//! The network row by row: every layer keeps only the rows that others still need, so that memory grows with the width of
//! the picture and not with its height. Nothing is computed twice inside a band; a band that begins in the middle of the
//! picture computes the rows above that its first row depends on. Results are those of the whole picture, to the last bit.

use super::lanes::Packed;
use crate::pixel::textnet::{Net, Op};
use std::collections::VecDeque;
use std::ops::Range;

/// A network ready to run.
pub struct Fast {
    net: Net,
    packed: Vec<Packed>,
}

/// One layer's output (or the view) on its way.
struct Stage {
    channels: usize,
    columns: usize,
    rows: usize,
    /// Rows that are kept, from `first` on; a pixel of zeros at both ends of each.
    kept: VecDeque<Vec<f32>>,
    first: usize,
    /// Rows before the upsampling: the last one, and which.
    narrow: Vec<f32>,
    narrow_row: Option<usize>,
}

impl Stage {
    /// The row after the last one that is kept.
    fn next(&self) -> usize {
        self.first + self.kept.len()
    }

    fn row(&self, y: usize) -> Option<&[f32]> {
        self.kept.get(y.checked_sub(self.first)?).map(Vec::as_slice)
    }
}

impl Fast {
    /// Sorts the weights of a network.
    pub fn new(net: &Net) -> Self {
        Self { net: net.clone(), packed: net.layers().iter().map(Packed::new).collect() }
    }

    /// The network.
    pub fn net(&self) -> &Net {
        &self.net
    }

    /// Rows `map` of the map of a view of `rows` x `columns` pixels (filled up already), before the logistic curve.
    /// `view` writes a row of it.
    pub fn run(
        &self,
        [rows, columns]: [usize; 2],
        map: Range<usize>,
        view: &mut dyn FnMut(usize, &mut [f32]),
        out: &mut [f32],
    ) {
        let reach = self.net.reach(map.clone(), rows);
        let stage = |channels: usize, scale: usize, reach: &Range<usize>| Stage {
            channels,
            columns: columns / scale,
            rows: rows / scale,
            kept: VecDeque::new(),
            first: reach.start,
            narrow: Vec::new(),
            narrow_row: None,
        };
        let mut stages = vec![stage(1, 1, &reach[0])];
        let layers = self.net.layers().iter().zip(&reach[1..]);
        stages.extend(layers.map(|(layer, reach)| stage(layer.outputs, layer.scale, reach)));
        let widest = stages.iter().map(|stage| (stage.columns + 2) * stage.channels).max().unwrap_or(0);
        let mut flow =
            Flow { fast: self, stages, view, zeros: vec![0.0; widest], spare: vec![Vec::new(); reach.len()] };
        let last = self.packed.len();
        for (y, out) in map.zip(out.chunks_exact_mut(columns / self.net.cell())) {
            flow.make(last, y + 1);
            if let Some(row) = flow.stages[last].row(y) {
                out.copy_from_slice(&row[1..row.len() - 1]);
            }
            flow.release(y + 1);
        }
    }
}

/// A run on its way.
struct Flow<'a> {
    fast: &'a Fast,
    stages: Vec<Stage>,
    view: &'a mut dyn FnMut(usize, &mut [f32]),
    /// A row outside the picture.
    zeros: Vec<f32>,
    /// For each stage, a row that is not needed any more.
    spare: Vec<Vec<Vec<f32>>>,
}

impl Flow<'_> {
    /// Makes the rows of a stage before `end`, and of the stages before it what they need.
    fn make(&mut self, index: usize, end: usize) {
        while self.stages[index].next() < end {
            let y = self.stages[index].next();
            let row = match index.checked_sub(1) {
                None => self.seen(y),
                Some(layer) => self.computed(layer, y),
            };
            self.stages[index].kept.push_back(row);
        }
    }

    /// An empty row of a stage, zeros at both ends.
    fn blank(&mut self, index: usize) -> Vec<f32> {
        let stage = &self.stages[index];
        self.spare[index].pop().unwrap_or_else(|| vec![0.0; (stage.columns + 2) * stage.channels])
    }

    fn seen(&mut self, y: usize) -> Vec<f32> {
        let mut row = self.blank(0);
        let end = row.len() - 1;
        (self.view)(y, &mut row[1..end]);
        row
    }

    /// Row `y` of a layer, whose stage is the one after its input's.
    fn computed(&mut self, layer: usize, y: usize) -> Vec<f32> {
        let fast = self.fast;
        let (shape, packed) = (&fast.net.layers()[layer], &fast.packed[layer]);
        let end = shape.needs(y, self.stages[layer].rows).end;
        self.make(layer, end);
        let mut row = self.blank(layer + 1);
        let channels = shape.outputs;
        if shape.upsample {
            let mut narrow = std::mem::take(&mut self.stages[layer + 1].narrow);
            let columns = self.stages[layer + 1].columns / 2;
            if self.stages[layer + 1].narrow_row != Some(y / 2) {
                narrow.resize(columns * channels, 0.0);
                self.convolve(layer, packed, y / 2 * shape.stride, columns, &mut narrow);
            }
            let pixels = row[channels..].chunks_exact_mut(2 * channels).zip(narrow.chunks_exact(channels));
            for (pair, pixel) in pixels {
                let (left, right) = pair.split_at_mut(channels);
                left.copy_from_slice(pixel);
                right.copy_from_slice(pixel);
            }
            self.stages[layer + 1].narrow = narrow;
            self.stages[layer + 1].narrow_row = Some(y / 2);
        } else {
            let columns = self.stages[layer + 1].columns;
            self.convolve(layer, packed, y * shape.stride, columns, &mut row[channels..]);
        }
        if let Some(other) = shape.add {
            self.make(other + 1, y + 1);
            if let Some(term) = self.stages[other + 1].row(y) {
                // Zeros at both ends stay zeros.
                row.iter_mut().zip(term).for_each(|(sum, term)| *sum += term);
            }
        }
        row
    }

    /// The convolution around row `center` of a layer's input.
    fn convolve(&self, layer: usize, packed: &Packed, center: usize, columns: usize, out: &mut [f32]) {
        let input = &self.stages[layer];
        let row = |y: Option<usize>| {
            let inside = y.filter(|y| *y < input.rows).and_then(|y| input.row(y));
            inside.unwrap_or(&self.zeros[..(input.columns + 2) * input.channels])
        };
        match self.fast.net.layers()[layer].op {
            Op::Conv1x1 => packed.row(&[row(Some(center))], columns, out),
            Op::Conv3x3 => {
                let rows = [row(center.checked_sub(1)), row(Some(center)), row(Some(center + 1))];
                packed.row(&rows, columns, out);
            }
        }
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
