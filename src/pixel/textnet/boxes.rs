//! From a map of probabilities to boxes. python/textnet/postprocess.py is the same, and its boxes are tested against:
//!
//! 1. Cells at or above `low`, and at or above `beside` of the highest cell around them (what surrounds sure text is its blur),
//!    that touch, also by a corner, are a piece.
//! 2. A piece counts if its highest cell is at or above `high`, it has at least `least_cells` cells, `least_side` of them along
//!    its shorter side, and their mean is at or above `mean` (`mean_thick` if both sides are longer than `thick` cells).
//! 3. It is halved across its longer side while less than `fill` of its rectangle is its own and that side has at least
//!    twice `min_split` cells: tilted lines, ragged paragraphs.
//! 4. Each rectangle grows on all sides by `grow` and `grow_share` of its shorter side, at most `grow_most` pixels, and
//!    ends at the frame.

use super::rules::{RuleSet, Rules};
use super::views::Seen;
use super::{Plane, TextBox};

/// Whether the probabilities of a piece are those of text.
fn counts(piece: &[Cell], rules: &Rules) -> bool {
    let bounds = Bounds::of(piece);
    let shorter = bounds.rows().min(bounds.columns());
    piece.len() >= rules.least_cells
        && shorter >= rules.least_side
        && piece.iter().any(|cell| cell.chance >= rules.high)
        && mean(piece) >= if shorter > rules.thick { rules.mean_thick } else { rules.mean }
}

/// A cell of a piece.
#[derive(Clone, Copy, Debug)]
struct Cell {
    y: usize,
    x: usize,
    chance: f32,
}

/// The rectangle around cells, in cells; right and bottom exclusive.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

impl Bounds {
    fn of(cells: &[Cell]) -> Self {
        let none = Self { left: usize::MAX, top: usize::MAX, right: 0, bottom: 0 };
        cells.iter().fold(none, |b, cell| Self {
            left: b.left.min(cell.x),
            top: b.top.min(cell.y),
            right: b.right.max(cell.x + 1),
            bottom: b.bottom.max(cell.y + 1),
        })
    }

    fn rows(self) -> usize {
        self.bottom.saturating_sub(self.top)
    }

    fn columns(self) -> usize {
        self.right.saturating_sub(self.left)
    }
}

fn mean(cells: &[Cell]) -> f64 {
    cells.iter().map(|cell| f64::from(cell.chance)).sum::<f64>() / cells.len().max(1) as f64
}

/// The boxes of a map of a frame of `rows` x `columns`, from top to bottom and left to right.
pub fn boxes(map: &Plane, rules: &Rules, rows: u32, columns: u32) -> Vec<TextBox> {
    let mut found = Vec::new();
    for mut piece in pieces(map, lit(map, rules)).into_iter().filter(|piece| counts(piece, rules)) {
        split(&mut piece, rules, &mut |part| found.extend(grown(part, rules, rows, columns)));
    }
    found.sort_by_key(place);
    found
}

/// The boxes of the maps of several views of one frame: what is found in one is text.
pub fn of_views(maps: &[Seen], rules: &RuleSet, rows: u32, columns: u32) -> Vec<TextBox> {
    let found = |map: &Seen| {
        // Pixels of the frame: where the part begins, and how much of the frame lies from there to its end.
        let by = map.look.shrink() as u32;
        let [top, left] = [map.part.rows.start, map.part.columns.start].map(|at| at as u32 * by);
        let to = |part: usize, from: u32, end: u32| (part as u32).saturating_mul(by).min(end).saturating_sub(from);
        let shape = (to(map.part.rows.end, top, rows), to(map.part.columns.end, left, columns));
        let mut found = boxes(&map.plane, &rules.of(map.look), shape.0, shape.1);
        found.iter_mut().for_each(|b| (b.x, b.y) = (b.x + left, b.y + top));
        found
    };
    together(maps.iter().flat_map(found).collect())
}

/// All of them in their order; of equal ones the surest stays.
pub fn together(mut all: Vec<TextBox>) -> Vec<TextBox> {
    all.sort_by(|a, b| place(a).cmp(&place(b)).then(b.score.total_cmp(&a.score)));
    all.dedup_by_key(|b| place(b));
    all
}

fn place(b: &TextBox) -> [u32; 4] {
    [b.y, b.x, b.h, b.w]
}

/// Which cells are on.
fn lit(map: &Plane, rules: &Rules) -> Vec<bool> {
    let highest = |at: usize| {
        let (x, y) = (at % map.columns, at / map.columns);
        let rows = y.saturating_sub(1)..(y + 2).min(map.rows);
        let near = |y: usize| &map.values[y * map.columns..][x.saturating_sub(1)..(x + 2).min(map.columns)];
        rows.flat_map(near).copied().fold(0.0, f32::max)
    };
    let on = |(at, chance): (usize, &f32)| *chance >= rules.low && *chance >= rules.beside * highest(at);
    map.values.iter().enumerate().map(on).collect()
}

/// Cells that are on and touch, as pieces, in the order of their first cell.
fn pieces(map: &Plane, mut on: Vec<bool>) -> Vec<Vec<Cell>> {
    let mut pieces = Vec::new();
    let mut waiting = Vec::new();
    for start in 0..on.len() {
        if !std::mem::take(&mut on[start]) {
            continue;
        }
        let mut piece = Vec::new();
        waiting.push(start);
        while let Some(at) = waiting.pop() {
            let (x, y) = (at % map.columns, at / map.columns);
            piece.push(Cell { y, x, chance: map.values[at] });
            for row in y.saturating_sub(1)..(y + 2).min(map.rows) {
                for column in x.saturating_sub(1)..(x + 2).min(map.columns) {
                    let next = row * map.columns + column;
                    if std::mem::take(&mut on[next]) {
                        waiting.push(next);
                    }
                }
            }
        }
        pieces.push(piece);
    }
    pieces
}

/// Hands out the parts of a piece that fill their rectangles, or are too short to be halved.
fn split(piece: &mut [Cell], rules: &Rules, part: &mut dyn FnMut(&[Cell])) {
    let bounds = Bounds::of(piece);
    let (rows, columns) = (bounds.rows(), bounds.columns());
    let filled = piece.len() as f64 >= rules.fill * rows as f64 * columns as f64;
    if piece.is_empty() || filled || rows.max(columns) < 2 * rules.min_split {
        return part(piece);
    }
    let middle = if rows >= columns { bounds.top + rows / 2 } else { bounds.left + columns / 2 };
    let first = |cell: &Cell| if rows >= columns { cell.y < middle } else { cell.x < middle };
    piece.sort_by_key(|cell| !first(cell));
    let (before, after) = piece.split_at_mut(piece.partition_point(first));
    // A piece touches all of its rows and columns, a part of it need not.
    for half in [before, after] {
        if !half.is_empty() {
            split(half, rules, part);
        }
    }
}

/// The box of a part, in pixels.
fn grown(part: &[Cell], rules: &Rules, rows: u32, columns: u32) -> Option<TextBox> {
    let bounds = Bounds::of(part);
    let cell = rules.cell;
    let shorter = (bounds.rows().min(bounds.columns()) * cell) as f64;
    let grow = (rules.grow + rules.grow_share * shorter).min(rules.grow_most) as u32;
    let low = |at: usize| ((at * cell) as u32).saturating_sub(grow);
    let high = |at: usize, end: u32| ((at * cell) as u32).saturating_add(grow).min(end);
    let (x, y) = (low(bounds.left), low(bounds.top));
    let (w, h) = (high(bounds.right, columns).checked_sub(x)?, high(bounds.bottom, rows).checked_sub(y)?);
    (w > 0 && h > 0).then_some(TextBox { x, y, w, h, score: mean(part) as f32 })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules {
        cell: 4,
        low: 0.35,
        beside: 0.5,
        high: 0.6,
        least_cells: 3,
        least_side: 1,
        mean: 0.5,
        mean_thick: 0.6,
        thick: 18,
        fill: 0.7,
        min_split: 4,
        grow: 1.0,
        grow_share: 0.1,
        grow_most: 8.0,
    };

    /// A map of digits, tenths; anything else is 0.
    fn found(lines: &[&str], rows: u32, columns: u32) -> Vec<([u32; 4], f32)> {
        let tenth = |c: char| c.to_digit(10).map_or(0.0, |d| d as f32 / 10.0);
        let values: Vec<f32> = lines.iter().flat_map(|line| line.chars().map(tenth)).collect();
        let map = Plane { rows: lines.len(), columns: values.len() / lines.len(), values };
        boxes(&map, &RULES, rows, columns).iter().map(|b| ([b.x, b.y, b.w, b.h], b.score)).collect()
    }

    #[test]
    fn touching_cells_are_one_box_in_the_frame() {
        // Cells (1,1), (1,2), (2,3), the last by a corner: columns 1 to 3, rows 1 to 2, in pixels 4..16 and 4..12. The
        // shorter side is 8: grown by 1 + 0.8, down to 1. Mean (7 + 5 + 6) / 30. The frame ends at row 12.
        let lines = [".....", ".75..", "...6."];
        let [(place, score)] = found(&lines, 12, 18)[..] else { panic!() };
        assert_eq!(place, [3, 3, 14, 9]);
        assert!((score - 0.6).abs() < 1e-6);
    }

    #[test]
    fn what_is_less_than_half_of_its_neighbour_is_its_blur() {
        // 0.4 beside 0.9 goes, also across a corner; 0.4 beside 0.7, and in a faint piece of its own, stays.
        let whole = |lines: &[&str]| found(lines, 8, 40).iter().map(|(place, _)| *place).collect::<Vec<_>>();
        assert_eq!(whole(&["4999......", ".4...4...."]), [[3, 0, 14, 5]]);
        assert_eq!(whole(&["4777......", ".........."]), [[0, 0, 17, 5]]);
        assert_eq!(whole(&["466664....", ".........."]), [[0, 0, 25, 5]]);
    }

    #[test]
    fn pieces_that_are_no_text_go() {
        // Two cells; none at 0.6; a mean of 14 / 30; cells below 0.35 join nothing.
        for lines in [["77...", "....."], ["555..", "....."], ["644..", "....."], ["7.3.7", "....."]] {
            assert_eq!(found(&lines, 8, 20), [], "{lines:?}");
        }
        // 19 x 19 cells at 0.59 with one of 0.6: thick, and below 0.6 in the mean; 18 x 19 are not thick.
        let thick = |rows: usize| {
            let values = (0..rows * 19).map(|i| if i == 0 { 0.6 } else { 0.59 }).collect();
            boxes(&Plane { rows, columns: 19, values }, &RULES, 400, 400).len()
        };
        assert_eq!([thick(18), thick(19)], [1, 0]);
        // A line of 2 x 5 cells, where 3 are asked for along the shorter side.
        let line = Plane { rows: 2, columns: 5, values: vec![0.9; 10] };
        let asked = |least_side: usize| boxes(&line, &Rules { least_side, ..RULES }, 8, 20).len();
        assert_eq!([asked(2), asked(3)], [1, 0]);
    }

    #[test]
    fn a_tilted_line_becomes_several_boxes() {
        // 8 cells down a diagonal fill 8 of 64: halved once each way until sides are below 8 cells: two boxes of 4 x 4,
        // of which the rows are halved no more. Grown by 1 + 1.6, down to 2.
        let lines: Vec<String> = (0..8).map(|i| (0..8).map(|x| if x == i { '9' } else { '.' }).collect()).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let places: Vec<_> = found(&lines, 32, 32).into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, [[0, 0, 18, 18], [14, 14, 18, 18]]);
    }

    #[test]
    fn boxes_of_two_views_are_united() {
        let b = |x, score| TextBox { x, y: 1, w: 2, h: 3, score };
        assert_eq!(together(vec![b(1, 0.5), b(9, 0.5), b(1, 0.7)]), [b(1, 0.7), b(9, 0.5)]);
    }

    #[test]
    fn rules_without_bound_are_refused() {
        assert!(RULES.check().is_ok());
        for rules in [
            Rules { min_split: 0, ..RULES },
            Rules { low: 0.0, ..RULES },
            Rules { low: 0.7, ..RULES },
            Rules { grow_most: 1e9, ..RULES },
            Rules { mean: f64::NAN, ..RULES },
        ] {
            assert!(rules.check().is_err());
        }
    }
}
