//! A view row by row, made from the stored samples when it is asked for: it exists nowhere as a whole.

use crate::engine::cpu::count::Bins;
use crate::engine::cpu::rows::Rows;
use crate::model::Frame;
use crate::pixel::textnet::relief::Grid;
use crate::pixel::textnet::views::{Look, View};

/// Reads the rows of one view.
pub struct Eye<'a> {
    rows: Rows<'a>,
    view: &'a View,
    planes: usize,
}

impl<'a> Eye<'a> {
    /// An eye that has seen nothing yet.
    pub fn new(frame: &'a Frame, view: &'a View, bins: Option<&Bins>) -> Self {
        let planes = if view.kernel.block.planes == 3 { 3 } else { 1 };
        Self { rows: Rows::new(frame, &view.kernel, || bins.and_then(Bins::range)), view, planes }
    }

    /// Looks over the whole picture: its means and deviations.
    pub fn grid(&self) -> Grid {
        Grid::of(self.view.shape(), |y, row| self.brightest(y, row))
    }

    /// Writes row `y` of the view's part; `grid` is the picture's, for a relief.
    pub fn read(&self, y: usize, row: &mut [f32], grid: Option<&Grid>) {
        let (y, columns) = (y + self.view.part.rows.start, &self.view.part.columns);
        if columns.start > 0 || row.len() < self.wide() {
            let mut whole = vec![0.0; self.wide()];
            self.whole(y, &mut whole, grid);
            row.copy_from_slice(&whole[columns.clone()]);
        } else {
            self.whole(y, row, grid);
        }
    }

    /// Columns of the whole picture as it is looked at.
    fn wide(&self) -> usize {
        self.rows.columns().div_ceil(self.view.look.shrink())
    }

    /// A whole row.
    fn whole(&self, y: usize, row: &mut [f32], grid: Option<&Grid>) {
        match self.view.look {
            Look::Shrunk(by) => self.shrunk(y, by, row),
            Look::Plain => self.brightest(y, row),
            Look::Relief => {
                self.brightest(y, row);
                grid.into_iter().for_each(|grid| grid.raise(y, row));
            }
        }
    }

    /// The brightest plane of every pixel.
    fn brightest(&self, y: usize, row: &mut [f32]) {
        let mut planes = vec![vec![0.0; row.len()]; self.planes];
        self.rows.read(y, &mut planes);
        if let Some((first, others)) = planes.split_first() {
            row.copy_from_slice(first);
            for plane in others {
                row.iter_mut().zip(plane).for_each(|(most, value)| *most = most.max(*value));
            }
        }
    }

    /// Means of squares.
    fn shrunk(&self, y: usize, by: usize, row: &mut [f32]) {
        let mut whole = vec![0.0; self.rows.columns()];
        let lines = y * by..((y + 1) * by).min(self.view.kernel.block.rows as usize);
        let count = lines.len();
        row.fill(0.0);
        for y in lines {
            self.brightest(y, &mut whole);
            row.iter_mut().zip(whole.chunks(by)).for_each(|(sum, part)| *sum += part.iter().sum::<f32>());
        }
        row.iter_mut().zip(whole.chunks(by)).for_each(|(sum, part)| *sum /= (part.len() * count) as f32);
    }
}
