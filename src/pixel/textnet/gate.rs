//! Gate: which parts of a view can show text at all.
//!
//! # Formula
//! A block of 16 x 16 pixels is closed if the deviation of its values and of those of its up to eight neighbours together is below
//! [`QUIET`]: a grey level and a half of 255, less than the faintest line of letters gives; else open. Of a relief, a block is closed too
//! if the map of the same picture as it is stays below [`HINT`] in it: what a relief makes sure of is not
//! invisible without it. The relief of a colour frame is of the brightest channels and the map of the luma, so there only blocks
//! are closed in which the two show the same: the mean of the one lies less than [`TINT`] above that of the other. Cells of the map in closed blocks are 0 whatever the network says there, so that nobody has to ask it.
//! In a later look a block is open if it lies within [`NEAR`] pixels of what was blanked since, and is not masked all over: there
//! is what the look before could not see for its neighbours, and nothing else has changed. Measured in docs/TEXTFINDER.md.
//!
//! # From space, to space
//! The [`Grid`] of a view (unit range) to its map.

use super::Plane;
use super::around::Part;
use super::relief::{BLOCK, Grid, gain};
use crate::model::Rectangle;
use std::ops::Range;

/// The deviation below which a block is closed.
pub const QUIET: f64 = 0.006;
/// The probability that a picture must have somewhere for its relief to be looked at there: far below any that is believed.
pub const HINT: f32 = 0.1;
/// How far the brightest channels of a block and its neighbours lie above their luma on average where it has colour: a level of 255.
pub const TINT: f32 = 1.0 / 255.0;

/// Pixels of the view around what was blanked that a later look asks about.
pub const NEAR: u32 = 16;

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

    /// Of a part of a view of which one pixel is `by` of the frame, around `fresh`, where `masked` covers all that is blanked.
    pub fn around(part: &Part, by: usize, fresh: &[Rectangle], masked: &[Rectangle]) -> Self {
        let [rows, columns] = part.shape();
        // A rectangle of the frame, grown and in pixels of the part: those that it touches.
        let inside = |area: &Rectangle, more: u32| {
            let area = area.grown(more.saturating_mul(by as u32));
            let axis = |from: u32, to: u32, part: &Range<usize>| {
                let place = |at: usize| at.clamp(part.start, part.end) - part.start;
                place(from as usize / by)..place((to as usize).div_ceil(by))
            };
            [axis(area.y, area.bottom(), &part.rows), axis(area.x, area.right(), &part.columns)]
        };
        let across = columns.div_ceil(BLOCK);
        let mut open = vec![false; rows.div_ceil(BLOCK) * across];
        for [y, x] in
            fresh.iter().map(|area| inside(area, NEAR)).filter(|sides| sides.iter().all(|side| !side.is_empty()))
        {
            for row in y.start / BLOCK..y.end.div_ceil(BLOCK) {
                open[row * across..][x.start / BLOCK..x.end.div_ceil(BLOCK)].fill(true);
            }
        }
        let mut black = vec![false; rows * columns];
        for [y, x] in masked.iter().map(|area| inside(area, 0)) {
            y.for_each(|row| black[row * columns..][x.clone()].fill(true));
        }
        for (at, open) in open.iter_mut().enumerate().filter(|(_, open)| **open) {
            let (top, left) = (at / across * BLOCK, at % across * BLOCK);
            let right = (left + BLOCK).min(columns);
            *open =
                (top..(top + BLOCK).min(rows)).any(|y| black[y * columns + left..y * columns + right].contains(&false));
        }
        Self { columns: across, open }
    }

    /// Closes blocks of which the picture's own map (of cells of `cell` x `cell` pixels) says nothing, but for those in which the
    /// view shows more than that picture did.
    pub fn hinted(mut self, map: &Plane, cell: usize, more: impl Fn(usize) -> bool) -> Self {
        let mut hints: Vec<bool> = (0..self.open.len()).map(more).collect();
        for (y, row) in map.values.chunks_exact(map.columns).enumerate() {
            for (x, _) in row.iter().enumerate().filter(|(_, chance)| **chance >= HINT) {
                let (y, x) = (y * cell / BLOCK, x * cell / BLOCK);
                let at = y * self.columns + x;
                hints.get_mut(at..=at).unwrap_or_default().fill(true);
            }
        }
        self.open.iter_mut().zip(hints).for_each(|(open, hint)| *open &= hint);
        self
    }

    /// Whether a block has colour: `colours` is the grid of a frame's brightest channels, `luma` that of its luma.
    pub fn tinted(colours: &Grid, luma: &Grid, block: usize) -> bool {
        let mean = |grid: &Grid| grid.values.get(block).map_or(0.0, |[mean, _]| *mean);
        mean(colours) - mean(luma) >= TINT
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
    fn of_a_relief_only_blocks_with_a_hint_stay_open() {
        // Three rows of six blocks, all open; the hint lies in cell (4, 11): block (1, 2).
        let open = Gate { columns: 6, open: vec![true; 18] };
        let mut map = Plane { rows: 12, columns: 24, values: vec![0.099; 288] };
        map.values[4 * 24 + 11] = 0.1;
        let gate = open.clone().hinted(&map, 4, |_| false);
        assert_eq!((0..18).filter(|block| gate.open[*block]).collect::<Vec<_>>(), [8]);
        // What shows more than the picture did needs no hint.
        let gate = open.hinted(&map, 4, |block| block == 3);
        assert_eq!((0..18).filter(|block| gate.open[*block]).collect::<Vec<_>>(), [3, 8]);
        // What was closed stays closed.
        let closed = Gate { columns: 6, open: vec![false; 18] };
        assert_eq!(closed.hinted(&map, 4, |_| true).counts(), [0, 18]);
    }

    #[test]
    fn a_block_has_colour_if_its_brightest_channels_lie_a_level_above_its_luma() {
        // Means of whole blocks: 1/255 is 0.00392. The second block is tinted, the first and third are not.
        let grid = |means: [f32; 3]| Grid { rows: 1, columns: 3, values: means.map(|mean| [mean, 1.0]).to_vec() };
        let (colours, luma) = (grid([0.5, 0.504, 0.503]), grid([0.5, 0.5, 0.5]));
        assert_eq!([0, 1, 2].map(|block| Gate::tinted(&colours, &luma, block)), [false, true, false]);
    }

    #[test]
    fn a_later_look_asks_near_what_was_blanked_and_not_under_it() {
        // 96 x 128 pixels from (32, 64) on: 6 x 8 blocks. Blanked: columns 96 to 144, rows 64 to 100 of the frame, 32 to 80 and 32 to
        // 68 of the part; 16 more on each side are blocks 1 to 5 and, to row 84, blocks 1 to 5. Wholly black: blocks (2, 2) to (3, 4).
        let part = Part { rows: 32..128, columns: 64..192 };
        let fresh = [Rectangle { x: 96, y: 64, w: 48, h: 36 }];
        let gate = Gate::around(&part, 1, &fresh, &fresh);
        let row = |y: usize| (0..8).map(|x| if gate.open(y, x) { 'o' } else { '.' }).collect::<String>();
        let rows: Vec<String> = (0..6).map(row).collect();
        assert_eq!(rows, ["........", ".ooooo..", ".o...o..", ".o...o..", ".ooooo..", ".ooooo.."]);
        // What was blanked before stays shut, and nothing around it opens.
        let before = Rectangle { x: 64, y: 32, w: 32, h: 96 };
        let gate = Gate::around(&part, 1, &fresh, &[fresh[0], before]);
        assert!(!gate.open(1, 1) && gate.open(1, 2) && !gate.open(0, 0));
        // Of half the size: the same frame's rectangle is 16 to 40 and 16 to 34 of the view's part from its beginning.
        let half = Part { rows: 16..64, columns: 32..96 };
        let gate = Gate::around(&half, 2, &fresh, &fresh);
        assert_eq!(gate.counts(), [11, 12]);
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
