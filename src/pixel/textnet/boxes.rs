//! From a map of probabilities to boxes: cells at or above the threshold that touch each other (also by a corner) are one
//! piece; pieces too small for a letter go, what is left becomes a rectangle, grown on every side.

use super::{Plane, TextBox};
use crate::error::{Fault, Result};
use serde::Deserialize;

/// The numbers of the header that boxes are made by.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Rules {
    /// Probability from which on a cell is marked.
    #[serde(default)]
    pub threshold: f32,
    /// Fewest marked cells of a piece.
    #[serde(default = "one")]
    pub least_cells: usize,
    /// Pixels that a box is grown by on each side.
    #[serde(default)]
    pub grow: u32,
}

fn one() -> usize {
    1
}

impl Rules {
    /// Refuses numbers that mark nothing or everything.
    pub fn check(&self) -> Result<()> {
        if self.threshold > 0.0 && self.threshold < 1.0 && self.grow <= 1024 {
            return Ok(());
        }
        Err(Fault::bug("weights.bin", "a threshold outside 0 to 1, or a box grown without bound"))
    }
}

/// One piece: its cells' bounds, inclusive, their number and the sum of their probabilities.
struct Piece {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
    cells: usize,
    sum: f64,
}

/// The boxes of a map whose cells are `cell` pixels wide, in a frame of `rows` x `columns`; from top to bottom, left to right.
pub fn boxes(map: &Plane, cell: usize, rules: &Rules, rows: u32, columns: u32) -> Vec<TextBox> {
    let mut found: Vec<TextBox> = pieces(map, rules.threshold)
        .into_iter()
        .filter(|piece| piece.cells >= rules.least_cells)
        .filter_map(|piece| {
            let low = |at: usize| ((at * cell) as u32).saturating_sub(rules.grow);
            let high = |at: usize, end: u32| (((at + 1) * cell) as u32).saturating_add(rules.grow).min(end);
            let (x, y) = (low(piece.left), low(piece.top));
            let (w, h) = (high(piece.right, columns).checked_sub(x)?, high(piece.bottom, rows).checked_sub(y)?);
            let score = (piece.sum / piece.cells as f64) as f32;
            (w > 0 && h > 0).then_some(TextBox { x, y, w, h, score })
        })
        .collect();
    found.sort_by_key(|b| (b.y, b.x, b.h, b.w));
    found
}

/// Marked cells that touch, as pieces.
fn pieces(map: &Plane, threshold: f32) -> Vec<Piece> {
    let mut marked: Vec<bool> = map.values.iter().map(|value| *value >= threshold).collect();
    let mut pieces = Vec::new();
    let mut waiting = Vec::new();
    for start in 0..marked.len() {
        if !std::mem::take(&mut marked[start]) {
            continue;
        }
        let (x, y) = (start % map.columns, start / map.columns);
        let mut piece = Piece { left: x, top: y, right: x, bottom: y, cells: 0, sum: 0.0 };
        waiting.push(start);
        while let Some(at) = waiting.pop() {
            let (x, y) = (at % map.columns, at / map.columns);
            piece.left = piece.left.min(x);
            piece.right = piece.right.max(x);
            piece.top = piece.top.min(y);
            piece.bottom = piece.bottom.max(y);
            piece.cells += 1;
            piece.sum += f64::from(map.values[at]);
            for row in y.saturating_sub(1)..(y + 2).min(map.rows) {
                for column in x.saturating_sub(1)..(x + 2).min(map.columns) {
                    let next = row * map.columns + column;
                    if std::mem::take(&mut marked[next]) {
                        waiting.push(next);
                    }
                }
            }
        }
        pieces.push(piece);
    }
    pieces
}

/// The boxes of several views of one frame, together: what is found in one is text.
pub fn together(views: impl IntoIterator<Item = Vec<TextBox>>) -> Vec<TextBox> {
    let mut all: Vec<TextBox> = views.into_iter().flatten().collect();
    all.sort_by(|a, b| (a.y, a.x, a.h, a.w).cmp(&(b.y, b.x, b.h, b.w)).then(b.score.total_cmp(&a.score)));
    all.dedup_by_key(|b| (b.x, b.y, b.w, b.h));
    all
}
