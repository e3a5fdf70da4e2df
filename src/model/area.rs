//! A rectangle of pixels.

use serde::{Deserialize, Serialize};

/// A rectangle in stored pixel coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rectangle {
    /// First column.
    pub x: u32,
    /// First row.
    pub y: u32,
    /// Columns, at least 1.
    pub w: u32,
    /// Rows, at least 1.
    pub h: u32,
}

impl Rectangle {
    /// The column right of it.
    pub fn right(self) -> u32 {
        self.x.saturating_add(self.w)
    }

    /// The row below it.
    pub fn bottom(self) -> u32 {
        self.y.saturating_add(self.h)
    }

    /// The rectangle with `margin` pixels more on each side where coordinates allow it.
    #[must_use]
    pub fn grown(self, margin: u32) -> Self {
        let (x, y) = (self.x.saturating_sub(margin), self.y.saturating_sub(margin));
        Self { x, y, w: self.right().saturating_add(margin) - x, h: self.bottom().saturating_add(margin) - y }
    }

    /// Whether the two share a pixel.
    pub fn meets(self, other: Self) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }

    /// Whether all of the other lies in this one.
    pub fn holds(self, other: Self) -> bool {
        self.x <= other.x && self.y <= other.y && self.right() >= other.right() && self.bottom() >= other.bottom()
    }

    /// The part inside a frame of `rows` x `columns`, if there is one.
    pub fn inside(self, rows: u32, columns: u32) -> Option<Self> {
        let fits = self.x < columns && self.y < rows && self.w > 0 && self.h > 0;
        fits.then(|| Self { w: self.w.min(columns - self.x), h: self.h.min(rows - self.y), ..self })
    }
}

/// What of a frame of `rows` x `columns` lies in none of `areas`: rectangles without overlap, from the top, as high as
/// they can be.
pub fn outside(areas: &[Rectangle], rows: u32, columns: u32) -> Vec<Rectangle> {
    let areas: Vec<Rectangle> = areas.iter().filter_map(|a| a.inside(rows, columns)).collect();
    let mut edges: Vec<u32> = areas.iter().flat_map(|a| [a.y, a.bottom()]).chain([0, rows]).collect();
    edges.sort_unstable();
    edges.dedup();
    let mut done = Vec::new();
    // Gaps of the band above, each with the row in which it began.
    let mut open: Vec<(u32, u32, u32)> = Vec::new();
    let close = |gap: &(u32, u32, u32), bottom: u32| {
        let (x, right, top) = *gap;
        Rectangle { x, y: top, w: right - x, h: bottom - top }
    };
    for band in edges.windows(2) {
        let &[top, bottom] = band else { continue };
        let mut inside: Vec<(u32, u32)> =
            areas.iter().filter(|a| a.y <= top && a.bottom() >= bottom).map(|a| (a.x, a.right())).collect();
        inside.sort_unstable();
        let mut gaps = Vec::new();
        let mut at = 0;
        for (left, right) in inside.into_iter().chain([(columns, columns)]) {
            if left > at {
                gaps.push((at, left));
            }
            at = at.max(right);
        }
        let (kept, ended): (Vec<_>, Vec<_>) = open.into_iter().partition(|(x, right, _)| gaps.contains(&(*x, *right)));
        done.extend(ended.iter().map(|gap| close(gap, top)));
        open = kept;
        for (x, right) in gaps {
            if !open.iter().any(|gap| (gap.0, gap.1) == (x, right)) {
                open.push((x, right, top));
            }
        }
    }
    done.extend(open.iter().map(|gap| close(gap, rows)));
    done.sort_unstable_by_key(|a| (a.y, a.x));
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    fn r(x: u32, y: u32, w: u32, h: u32) -> Rectangle {
        Rectangle { x, y, w, h }
    }

    #[test]
    fn a_margin_ends_at_the_first_row_and_column() {
        assert_eq!(r(2, 10, 4, 5).grown(3), r(0, 7, 9, 11));
        assert_eq!(r(8, 1, 10, 2).inside(4, 10), Some(r(8, 1, 2, 2)));
        assert_eq!((r(10, 0, 1, 1).inside(4, 10), r(0, 0, 0, 4).inside(4, 10)), (None, None));
    }

    #[test]
    fn what_lies_outside_is_covered_once_and_nothing_else() {
        // One region in the middle: above, left, right, below.
        assert_eq!(outside(&[r(2, 3, 5, 4)], 10, 12), [r(0, 0, 12, 3), r(0, 3, 2, 4), r(7, 3, 5, 4), r(0, 7, 12, 3)]);
        assert_eq!(outside(&[r(0, 0, 12, 10)], 10, 12), []);
        assert_eq!(outside(&[], 10, 12), [r(0, 0, 12, 10)]);
        // Overlapping, touching and reaching beyond the frame: every pixel is counted by hand, one by one.
        let areas = [r(1, 1, 4, 4), r(3, 2, 5, 2), r(8, 2, 90, 2), r(0, 7, 3, 90)];
        let boxes = outside(&areas, 10, 12);
        for y in 0..10 {
            for x in 0..12 {
                let within = |a: &Rectangle| (a.x..a.right()).contains(&x) && (a.y..a.bottom()).contains(&y);
                let (kept, covered) = (areas.iter().any(within), boxes.iter().filter(|b| within(b)).count());
                assert_eq!(covered, usize::from(!kept), "{x} {y}");
            }
        }
    }
}
