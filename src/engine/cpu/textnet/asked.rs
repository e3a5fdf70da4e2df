//! Which pixels of a layer must be computed: those that an asked block of the view depends on.

use super::lanes::WIDE;
use crate::pixel::textnet::Net;
use crate::pixel::textnet::relief::BLOCK;
use std::ops::Range;

/// Pixels of the view that a stage must have before and after a block, for the map in that block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    before: usize,
    after: usize,
}

impl Reach {
    /// Of the view and of every layer, whose places are computed `side` by `side`.
    pub fn of(net: &Net, side: &dyn Fn(usize) -> usize) -> Vec<Self> {
        let scales: Vec<usize> = std::iter::once(1).chain(net.layers().iter().map(|layer| layer.scale)).collect();
        let cell = net.cell();
        let sides = net.layers().iter().enumerate().map(|(index, layer)| layer.scale * side(index));
        let whole = sides.fold(2 * BLOCK, usize::max).next_power_of_two();
        // In the middle of an axis that no one sees the ends of; tiles and strides begin anew with every `whole`.
        let middle = 4 * whole * net.layers().len();
        let mut reach = vec![Self { before: 0, after: 0 }; scales.len()];
        for from in (middle..middle + whole).step_by(BLOCK) {
            let to = from + BLOCK;
            let needed = net.reach(from / cell..to / cell, 2 * middle + whole, side);
            for ((reach, needed), scale) in reach.iter_mut().zip(needed).zip(&scales) {
                reach.before = reach.before.max(from.saturating_sub(needed.start * scale));
                reach.after = reach.after.max((needed.end * scale).saturating_sub(to));
            }
        }
        reach
    }
}

/// The blocks of a view that are asked for.
pub struct Asked {
    columns: usize,
    /// By row of blocks: whether each is asked for.
    rows: Vec<Vec<bool>>,
}

impl Asked {
    /// Of a view of `rows` x `columns` pixels, in the rows `band` of it.
    pub fn new([rows, columns]: [usize; 2], band: Range<usize>, asked: &dyn Fn(usize, usize) -> bool) -> Self {
        let band = band.start / BLOCK..band.end.div_ceil(BLOCK);
        let row = |y: usize| (0..columns.div_ceil(BLOCK)).map(|x| band.contains(&y) && asked(y, x)).collect();
        Self { columns, rows: (0..rows.div_ceil(BLOCK)).map(row).collect() }
    }

    /// Marks the pixels of a stage's row that are needed; `view` are the rows of the view behind it, `scale` columns of the view
    /// are one of the row. Whether there is any.
    pub fn needed(&self, reach: &Reach, scale: usize, view: Range<usize>, needed: &mut Vec<bool>) -> bool {
        let columns = self.columns / scale;
        needed.clear();
        needed.resize(columns, false);
        // A block from row b on needs the rows b - before to b + 16 + after.
        let first = (view.start + 1).saturating_sub(BLOCK + reach.after).div_ceil(BLOCK);
        let end = ((view.end - 1 + reach.before) / BLOCK + 1).min(self.rows.len());
        let mut any = false;
        for row in self.rows.get(first..end).unwrap_or_default() {
            let mut x = 0;
            while let Some(skip) = row.get(x..).and_then(|rest| rest.iter().position(|asked| *asked)) {
                let start = x + skip;
                let length = row[start..].iter().take_while(|asked| **asked).count();
                x = start + length;
                let from = (start * BLOCK).saturating_sub(reach.before) / scale;
                let to = (x * BLOCK + reach.after).div_ceil(scale).min(columns);
                needed[from.min(to)..to].fill(true);
                any = true;
            }
        }
        any
    }
}

/// Hands out the runs of pixels that are needed. Short gaps are filled, short runs made longer: computing some pixels in
/// vain costs less than computing them alone.
pub fn runs(needed: &[bool], mut run: impl FnMut(Range<usize>)) {
    let mut x = 0;
    while let Some(skip) = needed.get(x..).and_then(|rest| rest.iter().position(|needed| *needed)) {
        let start = x + skip;
        let mut end = start + 1;
        let (mut at, mut gap) = (end, 0);
        while at < needed.len() && gap < WIDE {
            gap = if needed[at] { 0 } else { gap + 1 };
            at += 1;
            if gap == 0 {
                end = at;
            }
        }
        end = end.max(start + WIDE).min(needed.len());
        run(end.saturating_sub(WIDE).min(start)..end);
        x = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_columns_within_reach_of_a_block_are_needed() {
        // Block (1, 2) of 4 x 6: rows 16 to 31, columns 32 to 47; reach 5 before and 3 after: 27 to 50, rows 11 to 34.
        let asked = Asked::new([64, 96], 0..64, &|y, x| (y, x) == (1, 2));
        let reach = Reach { before: 5, after: 3 };
        let mut needed = Vec::new();
        let rows: Vec<usize> = (0..64).filter(|y| asked.needed(&reach, 1, *y..*y + 1, &mut needed)).collect();
        assert_eq!(rows, (11..35).collect::<Vec<_>>());
        assert!(asked.needed(&reach, 1, 20..21, &mut needed));
        assert_eq!((0..96).filter(|x| needed[*x]).collect::<Vec<_>>(), (27..51).collect::<Vec<_>>());
        // In pixels of four, 27 / 4 = 6 to 51 / 4, rounded up, 13; rows 8 to 11 hold row 11.
        assert!(asked.needed(&reach, 4, 8..12, &mut needed) && !asked.needed(&reach, 4, 4..8, &mut needed));
        assert!(asked.needed(&reach, 4, 8..12, &mut needed));
        assert_eq!((0..24).filter(|x| needed[*x]).collect::<Vec<_>>(), (6..13).collect::<Vec<_>>());
        // What lies outside the band is not asked for.
        let band = Asked::new([64, 96], 32..64, &|y, x| (y, x) == (1, 2));
        assert!(!band.needed(&reach, 1, 20..21, &mut needed));
    }

    #[test]
    fn runs_cover_what_is_needed_and_are_not_short() {
        let found = |text: &str| {
            let needed: Vec<bool> = text.chars().map(|c| c == 'x').collect();
            let mut all = Vec::new();
            runs(&needed, |range| all.push((range.start, range.end)));
            all
        };
        assert_eq!(found("..x..x.....xx........"), [(2, 13)]);
        assert_eq!(found("x.........xxxxxxxx...x"), [(0, 6), (10, 22)]);
        assert_eq!(found("............xx"), [(8, 14)]);
        assert_eq!(found("xx."), [(0, 3)]);
        assert_eq!(found("......"), []);
    }
}
