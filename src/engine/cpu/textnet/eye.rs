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
    /// Of a relief.
    grid: Option<Grid>,
}

impl<'a> Eye<'a> {
    /// Looks over the whole picture once if the view is a relief.
    pub fn new(frame: &'a Frame, view: &'a View, bins: Option<&Bins>) -> Self {
        let planes = if view.kernel.block.planes == 3 { 3 } else { 1 };
        let mut eye =
            Self { rows: Rows::new(frame, &view.kernel, || bins.and_then(Bins::range)), view, planes, grid: None };
        if view.look == Look::Relief {
            eye.grid = Some(Grid::of(view.shape(), |y, row| eye.brightest(y, row)));
        }
        eye
    }

    /// What the relief stands on.
    pub fn into_grid(self) -> Option<Grid> {
        self.grid
    }

    /// Writes row `y`.
    pub fn read(&self, y: usize, row: &mut [f32]) {
        match (self.view.look, &self.grid) {
            (Look::Shrunk(by), _) => self.shrunk(y, by, row),
            (_, Some(grid)) => {
                self.brightest(y, row);
                grid.raise(y, row);
            }
            _ => self.brightest(y, row),
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
