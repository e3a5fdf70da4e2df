//! Gate: which parts of a view can show text at all.
//!
//! # Formula
//! A block of 16 x 16 pixels is closed if the deviation of its values and of those of its up to eight neighbours together is below
//! [`QUIET`]: a grey level and a half of 255, less than the faintest line of letters gives; else open. Of a relief, a block is closed too
//! if the map of the same picture as it is stays below [`HINT`] in it and in its neighbours: what a relief makes sure of is not
//! invisible without it. Cells of the map in closed blocks are 0 whatever the network says there, so that nobody has to ask it.
//! Measured in docs/TEXTFINDER.md.
//!
//! # From space, to space
//! The [`Grid`] of a view (unit range) to its map.

use super::Plane;
use super::relief::{BLOCK, Grid, gain};

/// The deviation below which a block is closed.
pub const QUIET: f64 = 0.006;
/// The probability that a picture must have somewhere for its relief to be looked at there: far below any that is believed.
pub const HINT: f32 = 0.05;

/// Open and closed blocks of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    columns: usize,
    open: Vec<bool>,
}

impl Gate {
    /// Of a view.
    pub fn of(grid: &Grid) -> Self {
        // The gain falls as the deviation rises.
        let most = gain(QUIET);
        Self { columns: grid.columns, open: grid.values.iter().map(|[_, gain]| *gain <= most).collect() }
    }

    /// Closes blocks of which, and of whose neighbours, the picture's own map (of cells of `cell` x `cell` pixels) says nothing.
    pub fn hinted(mut self, map: &Plane, cell: usize) -> Self {
        let rows = self.open.len() / self.columns.max(1);
        let mut hints = vec![false; self.open.len()];
        for (y, row) in map.values.chunks_exact(map.columns).enumerate() {
            for (x, _) in row.iter().enumerate().filter(|(_, chance)| **chance >= HINT) {
                let (y, x) = (y * cell / BLOCK, x * cell / BLOCK);
                for y in y.saturating_sub(1)..(y + 2).min(rows) {
                    let near = x.saturating_sub(1)..(x + 2).min(self.columns);
                    let near = y * self.columns + near.start..y * self.columns + near.end;
                    hints.get_mut(near).unwrap_or_default().fill(true);
                }
            }
        }
        self.open.iter_mut().zip(hints).for_each(|(open, hint)| *open &= hint);
        self
    }

    /// Whether a block is open; blocks beyond the view are not.
    pub fn open(&self, row: usize, column: usize) -> bool {
        column < self.columns && self.open.get(row * self.columns + column).is_some_and(|open| *open)
    }

    /// Closes a map of cells of `cell` x `cell` pixels.
    pub fn close(&self, map: &mut Plane, cell: usize) {
        for (y, row) in map.values.chunks_exact_mut(map.columns).enumerate() {
            for (x, chance) in row.iter_mut().enumerate() {
                if !self.open(y * cell / BLOCK, x * cell / BLOCK) {
                    *chance = 0.0;
                }
            }
        }
    }

    /// How many blocks are open, and how many there are.
    pub fn counts(&self) -> [usize; 2] {
        [self.open.iter().filter(|open| **open).count(), self.open.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_relief_only_blocks_beside_a_hint_stay_open() {
        // Three rows of six blocks, all open; the hint lies in cell (4, 11): block (1, 2), with its neighbours 1 to 3 of all rows.
        let open = Gate { columns: 6, open: vec![true; 18] };
        let mut map = Plane { rows: 12, columns: 24, values: vec![0.049; 288] };
        map.values[4 * 24 + 11] = 0.05;
        let gate = open.hinted(&map, 4);
        let row = [false, true, true, true, false, false];
        assert_eq!(gate.open, [row, row, row].concat());
        // What was closed stays closed.
        let closed = Gate { columns: 6, open: vec![false; 18] };
        assert_eq!(closed.hinted(&map, 4).counts(), [0, 18]);
    }

    #[test]
    fn only_quiet_blocks_are_closed() {
        // 80 columns, five blocks: a bright pixel in the last one is seen by the last two. One pixel of 1 among 16 x 32 of 0
        // deviates by sqrt(1/512) = 0.044; among 16 x 48 by 0.036.
        let mut view = Plane { rows: 16, columns: 80, values: vec![0.25; 1280] };
        view.values[79] = 1.0;
        let read = |y: usize, row: &mut [f32]| row.copy_from_slice(&view.values[y * 80..(y + 1) * 80]);
        let gate = Gate::of(&Grid::of([16, 80], read));
        assert_eq!((0..6).map(|x| gate.open(0, x)).collect::<Vec<_>>(), [false, false, false, true, true, false]);
        assert!(!gate.open(1, 4));
        assert_eq!(gate.counts(), [2, 5]);
        let mut map = Plane { rows: 4, columns: 20, values: vec![0.5; 80] };
        gate.close(&mut map, 4);
        assert_eq!(map.values[..20], [[0.0; 12].as_slice(), &[0.5; 8]].concat());
    }
}
