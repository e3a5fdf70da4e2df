//! Around what was blanked: the parts of a view that a later look takes. Elsewhere it would see what was seen before.

use crate::model::Rectangle;
use std::ops::Range;

/// A part of a view, in its pixels: from whole multiples of [`SIDE`] to such, or to where the view ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Rows, at least one.
    pub rows: Range<usize>,
    /// Columns, at least one.
    pub columns: Range<usize>,
}

/// Parts begin and end at multiples of this: what networks fill a view up to.
pub const SIDE: usize = 32;
/// Pixels of the view around a rectangle that are looked at with it: as high as letters are.
const REACH: usize = 32;

impl Part {
    /// All of a view of `rows` x `columns`.
    pub fn whole([rows, columns]: [usize; 2]) -> Self {
        Self { rows: 0..rows, columns: 0..columns }
    }

    /// Rows and columns.
    pub fn shape(&self) -> [usize; 2] {
        [self.rows.len(), self.columns.len()]
    }

    fn meets(&self, other: &Self) -> bool {
        let meet = |a: &Range<usize>, b: &Range<usize>| a.start < b.end && b.start < a.end;
        meet(&self.rows, &other.rows) && meet(&self.columns, &other.columns)
    }

    fn join(&mut self, other: &Self) {
        let join = |a: &mut Range<usize>, b: &Range<usize>| *a = a.start.min(b.start)..a.end.max(b.end);
        join(&mut self.rows, &other.rows);
        join(&mut self.columns, &other.columns);
    }
}

/// The parts of a view of `rows` x `columns` around rectangles of the frame, of which `by` pixels are one of the view; none
/// meets another.
pub fn parts(fresh: &[Rectangle], [rows, columns]: [usize; 2], by: usize) -> Vec<Part> {
    let axis = |from: u32, length: u32, end: usize| {
        let (first, last) = (from as usize / by, (from.saturating_add(length) as usize).div_ceil(by));
        first.saturating_sub(REACH) / SIDE * SIDE..(last + REACH).next_multiple_of(SIDE).min(end)
    };
    let mut parts: Vec<Part> = Vec::new();
    for area in fresh {
        let mut part = Part { rows: axis(area.y, area.h, rows), columns: axis(area.x, area.w, columns) };
        if part.rows.is_empty() || part.columns.is_empty() {
            continue;
        }
        // What grows can meet others.
        while let Some(at) = parts.iter().position(|other| other.meets(&part)) {
            part.join(&parts.swap_remove(at));
        }
        parts.push(part);
    }
    parts.sort_by_key(|part| (part.rows.start, part.columns.start));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_lie_around_rectangles_and_meet_no_other() {
        let area = |x, y, w, h| Rectangle { x, y, w, h };
        // Columns 40 - 32 = 8 down to 0, 140 + 32 = 172 up to 192; rows 100 - 32 = 68 to 64, 110 + 32 = 142 to 160.
        let one = Part { rows: 64..160, columns: 0..192 };
        assert_eq!(parts(&[area(40, 100, 100, 10)], [1000, 1000], 1), std::slice::from_ref(&one));
        // One whose part only touches this one stays alone; one that bridges both joins all.
        let near = area(230, 100, 10, 10);
        let alone = Part { rows: 64..160, columns: 192..288 };
        assert_eq!(parts(&[area(40, 100, 100, 10), near], [1000, 1000], 1), [one, alone]);
        let bridge = area(180, 120, 10, 10);
        let all = Part { rows: 64..192, columns: 0..288 };
        assert_eq!(parts(&[area(40, 100, 100, 10), near, bridge], [1000, 1000], 1), [all]);
        // Of a view of a quarter of the size: 400 / 4 = 100. The view's end cuts off; nothing lies beyond it.
        let quarter = Part { rows: 64..150, columns: 0..96 };
        assert_eq!(parts(&[area(1, 400, 203, 40), area(0, 900, 5, 5)], [150, 700], 4), [quarter]);
        assert_eq!(parts(&[], [9, 9], 1), []);
    }
}
