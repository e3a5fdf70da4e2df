//! Glyphs: cuts a lone mark of a few capital letters out of its surroundings, and refuses whatever is not surely one.
//! python/textnet/marks.py is the same, and its letters are tested against.
//!
//! 1. The box and half of its height around it (at least 6 pixels) are the window. Its ground is the middle value of its edge, its
//!    strokes are as bright or as dark as the outermost 3 % inside the box; nothing at the edge may come near to a stroke, and nothing in it may stand out the other way.
//! 2. Where the strokes leave columns empty a letter ends. Letters are about as high as the mark, hang together, and stand close;
//!    the box may not reach far beyond them: what else did the finder see there?
//! 3. Each is brought to [`SIDE`] x [`SIDE`], its longer side [`FILLED`], by the means of what every pixel covers.

use super::Plane;
use crate::model::Rectangle;
use serde::Deserialize;
use std::ops::Range;

/// Rows and columns of a letter that the network reads.
pub const SIDE: usize = 24;
/// Pixels that the longer side of a letter fills.
pub const FILLED: usize = 20;
/// Shares of the values inside the box that are darker than its dark and its bright strokes.
const STROKES: [f64; 2] = [0.03, 0.97];

/// What a mark must be like, as the header of `marks.bin` says.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct GlyphRules {
    /// Letters, at most.
    pub letters: usize,
    /// Pixels of height, at least and at most.
    pub least_height: usize,
    /// See there.
    pub most_height: usize,
    /// Least contrast between strokes and ground, of black to white.
    pub contrast: f32,
    /// Pixels that the edge of the window is wide.
    pub ring: usize,
    /// Share of the contrast that no pixel of the edge reaches.
    pub quiet: f32,
    /// Share of the contrast from which on a pixel is of a stroke; none is so far on the other side of the ground.
    pub stroke: f32,
    /// Least height of each letter, in heights of the mark.
    pub even: f64,
    /// Greatest width of a letter, in its heights.
    pub wide: f64,
    /// Greatest gap between letters, in heights of the mark.
    pub gap: f64,
    /// How far the box may reach beyond the strokes, in heights of the mark.
    pub beyond: f64,
    /// So many pixels are always allowed.
    pub beyond_least: f64,
    /// Heights of the box around it in which nothing else was found.
    pub alone: f64,
    /// Least probability of each letter.
    pub sure: f32,
}

/// The part of a frame of `rows` x `columns` that is looked at for a box inside it.
pub fn window(found: Rectangle, rows: u32, columns: u32) -> Rectangle {
    let grown = found.grown((found.h / 2).max(6));
    grown.inside(rows, columns).unwrap_or(found)
}

/// The letters of a mark from the left, [`SIDE`] x [`SIDE`] each, 1 where there is stroke. `None` if the box surely holds none.
/// `view` shows the window (0 to 1), `found` is the finder's box, in its coordinates.
pub fn glyphs(view: &Plane, found: Rectangle, rules: &GlyphRules) -> Option<Vec<Plane>> {
    let share = coverage(view, found, rules)?;
    let ink: Vec<bool> = share.iter().map(|share| *share >= rules.stroke).collect();
    let inked = |y: usize, x: usize| ink.get(y * view.columns + x).is_some_and(|ink| *ink);
    let rows_of = |columns: Range<usize>| {
        let some = |y: &usize| columns.clone().any(|x| inked(*y, x));
        Some((0..view.rows).find(some)?..(0..view.rows).rfind(some)? + 1)
    };
    let flags: Vec<bool> = (0..view.columns).map(|x| (0..view.rows).any(|y| inked(y, x))).collect();
    let runs = runs(&flags);
    let (rows, columns) = (rows_of(0..view.columns)?, runs.first()?.start..runs.last()?.end);
    let height = rows.len() as f64;
    if runs.len() > rules.letters || !(rules.least_height..=rules.most_height).contains(&rows.len()) {
        return None;
    }
    let beyond = rules.beyond_least.max(rules.beyond * height);
    let reaches = [
        columns.start as f64 - f64::from(found.x),
        rows.start as f64 - f64::from(found.y),
        f64::from(found.right()) - columns.end as f64,
        f64::from(found.bottom()) - rows.end as f64,
    ];
    let far = runs.windows(2).any(|pair| matches!(pair, [a, b] if (b.start - a.end) as f64 > rules.gap * height));
    if far || reaches.into_iter().any(|reach| reach > beyond) {
        return None;
    }
    let letter = |columns: Range<usize>| {
        let rows = rows_of(columns.clone())?;
        let (high, wide) = (rows.len() as f64, columns.len() as f64);
        let places = rows.clone().flat_map(|y| columns.clone().map(move |x| (y, x)));
        let whole = connected(places.clone().map(|(y, x)| inked(y, x)).collect(), columns.len());
        if high < rules.even * height || wide > rules.wide * high || !whole {
            return None;
        }
        let values = places.filter_map(|(y, x)| share.get(y * view.columns + x).copied()).collect();
        Some(normalised(&Plane { rows: rows.len(), columns: columns.len(), values }))
    };
    runs.into_iter().map(letter).collect()
}

/// How much of each pixel of the window is stroke.
fn coverage(view: &Plane, found: Rectangle, rules: &GlyphRules) -> Option<Vec<f32>> {
    let (rows, columns, ring) = (view.rows, view.columns, rules.ring);
    if rows.min(columns) <= 2 * ring || view.values.len() != rows * columns {
        return None;
    }
    let edge = |at: usize| {
        let (y, x) = (at / columns, at % columns);
        y.min(rows - 1 - y) < ring || x.min(columns - 1 - x) < ring
    };
    let box_of = |at: usize| {
        let (y, x) = ((at / columns) as u32, (at % columns) as u32);
        (found.y..found.bottom()).contains(&y) && (found.x..found.right()).contains(&x)
    };
    let those = |wanted: &dyn Fn(usize) -> bool| {
        view.values.iter().enumerate().filter(|(at, _)| wanted(*at)).map(|(_, value)| *value).collect::<Vec<_>>()
    };
    let ground = percentile(those(&edge), 0.5)?;
    let inside = those(&box_of);
    let [dark, bright] = STROKES.map(|share| percentile(inside.clone(), share).map(|value| value - ground));
    let (dark, bright) = (dark?, bright?);
    let contrast = if bright >= -dark { bright } else { dark };
    if contrast.abs() < rules.contrast {
        return None;
    }
    let mut share: Vec<f32> = view.values.iter().map(|value| (value - ground) / contrast).collect();
    let loud = |(at, share): (usize, &f32)| *share <= -rules.stroke || (edge(at) && *share >= rules.quiet);
    if share.iter().enumerate().any(loud) {
        return None;
    }
    share.iter_mut().for_each(|share| *share = share.clamp(0.0, 1.0));
    Some(share)
}

/// The value below which a share of all lie, none between two of them.
fn percentile(mut values: Vec<f32>, share: f64) -> Option<f32> {
    values.sort_unstable_by(f32::total_cmp);
    values.get((share * values.len().saturating_sub(1) as f64) as usize).copied()
}

/// The runs of columns that are true.
fn runs(flags: &[bool]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in flags.iter().enumerate().filter(|(_, flag)| **flag).map(|(at, _)| at) {
        match runs.last_mut() {
            Some(run) if run.end == at => run.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

/// Whether all that is true touches, also by a corner.
fn connected(mut left: Vec<bool>, columns: usize) -> bool {
    let mut waiting: Vec<usize> = left.iter().position(|ink| *ink).into_iter().collect();
    waiting.iter().for_each(|at| left[*at] = false);
    let rows = left.len() / columns.max(1);
    while let Some(at) = waiting.pop() {
        let (y, x) = (at / columns, at % columns);
        for y in y.saturating_sub(1)..(y + 2).min(rows) {
            for x in x.saturating_sub(1)..(x + 2).min(columns) {
                // Inside: y and x were cut to the letter.
                if std::mem::take(&mut left[y * columns + x]) {
                    waiting.push(y * columns + x);
                }
            }
        }
    }
    !left.contains(&true)
}

/// How much of each of `size` places part `part` of `length` equal ones covers, of all that it covers.
fn shares(size: usize, length: usize, part: usize) -> Vec<f64> {
    let step = size as f64 / length as f64;
    let (start, end) = (part as f64 * step, part as f64 * step + step);
    (0..size).map(|at| (end.min(at as f64 + 1.0) - start.max(at as f64)).max(0.0) / step).collect()
}

/// A letter in the middle of [`SIDE`] x [`SIDE`] pixels.
fn normalised(letter: &Plane) -> Plane {
    let longer = letter.rows.max(letter.columns);
    let length = |side: usize| ((2 * FILLED * side + longer) / (2 * longer)).max(1);
    let (rows, columns) = (length(letter.rows), length(letter.columns));
    let across: Vec<Vec<f64>> = (0..columns).map(|x| shares(letter.columns, columns, x)).collect();
    let (top, left) = ((SIDE - rows) / 2, (SIDE - columns) / 2);
    let mut values = vec![0.0; SIDE * SIDE];
    for y in 0..rows {
        let down = shares(letter.rows, rows, y);
        for (x, across) in across.iter().enumerate() {
            let line =
                |row: &[f32]| row.iter().zip(across).map(|(value, share)| f64::from(*value) * share).sum::<f64>();
            let sum: f64 =
                letter.values.chunks_exact(letter.columns).zip(&down).map(|(row, share)| line(row) * share).sum();
            values[(top + y) * SIDE + left + x] = sum as f32;
        }
    }
    Plane { rows: SIDE, columns: SIDE, values }
}
