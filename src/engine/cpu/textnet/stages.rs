//! What a run of the network keeps of the view and of every layer: the rows that others still need.

use super::tiles::TILE;
use std::collections::VecDeque;
use std::ops::Range;

/// One row of a stage: a pixel of zeros at both ends of its values (more after the last, up to whole tiles), none at those of
/// its marks.
#[derive(Clone, Default)]
pub struct Row {
    pub values: Vec<f32>,
    /// The level of each pixel.
    pub marks: Vec<u8>,
}

/// One layer's output (or the view) on its way.
pub struct Stage {
    pub channels: usize,
    pub columns: usize,
    pub rows: usize,
    /// Pixels of the view along a side of one of this.
    pub scale: usize,
    /// Rows that are kept, from `first` on.
    pub kept: VecDeque<Row>,
    pub first: usize,
    /// Rows before the upsampling: the last one (without zeros at its ends), and which.
    pub narrow: Row,
    pub narrow_row: Option<usize>,
}

impl Stage {
    /// A stage of which no row is there yet; the first will be `first`.
    pub fn new(channels: usize, [rows, columns]: [usize; 2], scale: usize, first: usize) -> Self {
        let (kept, narrow) = (VecDeque::new(), Row::default());
        Self { channels, columns, rows, scale, kept, first, narrow, narrow_row: None }
    }

    /// The row after the last one that is kept.
    pub fn next(&self) -> usize {
        self.first + self.kept.len()
    }

    pub fn row(&self, y: usize) -> Option<&Row> {
        self.kept.get(y.checked_sub(self.first)?)
    }

    /// Floats of a row.
    pub fn floats(&self) -> usize {
        (self.columns.next_multiple_of(TILE) + 2) * self.channels
    }

    /// Where a row's pixels lie between the zeros.
    pub fn pixels(&self) -> Range<usize> {
        self.channels..(self.columns + 1) * self.channels
    }
}
