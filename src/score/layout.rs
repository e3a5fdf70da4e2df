//! Metrics of where things lie: rows without content, borders, ghosts, evenness. From the facts of every row and the grid
//! of means.

use super::Subject;
use crate::pixel::quality::sums::{CELLS, Mean, Row};

/// A row next to a constant band spans at least this share of the range if the band cuts the picture off.
const ABRUPT: f64 = 0.25;
/// Means within this share of the range from its dark end are a border.
const DARK: f64 = 0.04;
/// Projection radiographs: the kinds of images that are collimated.
const PROJECTIONS: [&str; 6] = ["CR", "DX", "RG", "RF", "XA", "MG"];
/// Kinds of images whose air is dark and lies outside.
const DARK_OUTSIDE: [&str; 7] = ["CT", "MR", "CR", "DX", "RG", "MG", "PT"];

fn constant(row: &Row) -> bool {
    row.usable > 1 && row.low == row.high
}

/// Share of rows with one value only.
pub fn constant_rows(s: &Subject) -> Option<f64> {
    let rows = &s.quality.sums.rows;
    (s.quality.columns > 1).then(|| rows.iter().filter(|row| constant(row)).count() as f64 / rows.len() as f64)
}

/// Share of rows in constant bands that cut the picture off.
pub fn missing_rows(s: &Subject) -> Option<f64> {
    let rows = &s.quality.sums.rows;
    let span = ABRUPT * s.range_steps()?;
    let abrupt = |at: Option<usize>| {
        let row = at.and_then(|at| rows.get(at));
        row.is_some_and(|row| row.usable > 1 && f64::from(row.high - row.low) >= span)
    };
    let mut bands: Vec<(usize, usize)> = Vec::new();
    for (y, _) in rows.iter().enumerate().filter(|(_, row)| constant(row)) {
        match bands.last_mut() {
            Some((_, end)) if *end == y => *end = y + 1,
            _ => bands.push((y, y + 1)),
        }
    }
    bands.retain(|(start, end)| abrupt(start.checked_sub(1)) || abrupt(Some(*end)));
    // Bands above and below together are a frame around the picture, not a loss.
    let framed =
        bands.first().is_some_and(|(start, _)| *start == 0) && bands.last().is_some_and(|(_, end)| *end == rows.len());
    let ours = bands.iter().filter(|(start, end)| !framed || (*start > 0 && *end < rows.len()));
    Some(ours.map(|(start, end)| end - start).sum::<usize>() as f64 / rows.len() as f64)
}

/// The grid of means in steps; `None` if a cell has no usable pixel.
fn grid(s: &Subject) -> Option<Vec<f64>> {
    s.quality.sums.cells.iter().map(|[sum, count]| (*count > 0.0).then(|| sum / count)).collect()
}

/// Mean of the outermost two rings less that of the middle quarter, over the range; brighter outside is above 0.
pub fn polarity(s: &Subject) -> Option<f64> {
    s.is_of(&DARK_OUTSIDE)?;
    let (mut outside, mut middle) = ([0.0; 2], [0.0; 2]);
    for (place, mean) in s.quality.sums.cells.iter().enumerate().filter(|(_, mean)| mean[1] > 0.0) {
        let edge = |at: usize| at.min(CELLS - 1 - at);
        let depth = edge(place % CELLS).min(edge(place / CELLS));
        let class: &mut Mean = match depth {
            0 | 1 => &mut outside,
            depth if depth >= CELLS / 4 => &mut middle,
            _ => continue,
        };
        *class = [class[0] + mean[0] / mean[1], class[1] + 1.0];
    }
    if outside[1] == 0.0 || middle[1] == 0.0 {
        return None;
    }
    let sign = if s.quality.bright { 1.0 } else { -1.0 };
    Some(sign * (outside[0] / outside[1] - middle[0] / middle[1]) / s.range_steps()?)
}

/// Share of the area that lies in dark rows and columns at the edges of a radiograph.
pub fn border(s: &Subject) -> Option<f64> {
    s.is_of(&PROJECTIONS)?;
    let sums = &s.quality.sums;
    let rows: Vec<Mean> = sums.rows.iter().map(|row| [row.sum as f64, f64::from(row.usable)]).collect();
    let (range, most) = (s.range_steps()?, sums.rows.iter().map(|row| row.high).max()?);
    let dark = |mean: &Mean| {
        let value = mean[0] / mean[1].max(1.0);
        let depth = if s.quality.bright { value } else { f64::from(most) - value };
        mean[1] == 0.0 || depth <= DARK * range
    };
    let left = |profile: &[Mean]| {
        let ahead = profile.iter().take_while(|mean| dark(mean)).count();
        let behind = profile.iter().rev().take_while(|mean| dark(mean)).count();
        profile.len().saturating_sub(ahead + behind) as f64 / profile.len() as f64
    };
    Some(1.0 - left(&rows) * left(&sums.columns))
}

/// Share of the cells along the edge whose mean belongs to the object.
pub fn contact(s: &Subject) -> Option<f64> {
    let split = object_split(s)?;
    let edge = |place: &usize| [0, CELLS - 1].contains(&(place % CELLS)) || [0, CELLS - 1].contains(&(place / CELLS));
    let cells = grid(s)?;
    let along: Vec<f64> = (0..cells.len()).filter(edge).map(|place| cells[place]).collect();
    Some(along.iter().filter(|mean| split.object(**mean)).count() as f64 / along.len() as f64)
}

/// Where the object begins, in steps.
struct Split {
    step: f64,
    above: bool,
}

impl Split {
    fn object(&self, mean: f64) -> bool {
        (mean > self.step) == self.above
    }
}

/// Between the classes, on the axis of steps: from the lowest value on, or down from the highest where slopes fall.
fn object_split(s: &Subject) -> Option<Split> {
    let (unit, low, high) = (s.quality.unit?, s.min()?, s.max()?);
    let [object, air] = [true, false].map(|class| {
        let mut of = s.values().iter().filter(move |value| value.object == class).map(|value| value.value);
        of.next().map(|first| (first, of.next_back().unwrap_or(first)))
    });
    let ((first, last), (air_first, air_last)) = (object?, air?);
    let (split, above) =
        if first > air_last { ((first + air_last) / 2.0, true) } else { ((last + air_first) / 2.0, false) };
    // Steps fall where the slope does; the darkest row mean tells which.
    let rising = s.quality.rising;
    let step = if rising { (split - low) / unit } else { (high - split) / unit };
    Some(Split { step, above: above == rising })
}

/// How even the object is: 1 less the contrast of its brightest and darkest cell.
pub fn uniformity(s: &Subject) -> Option<f64> {
    let split = object_split(s)?;
    let object: Vec<f64> = grid(s)?.into_iter().filter(|mean| split.object(*mean)).collect();
    let (low, high) = object.iter().fold((f64::MAX, 0.0f64), |(low, high), mean| (low.min(*mean), high.max(*mean)));
    (object.len() >= 4 && high + low > 0.0).then(|| 1.0 - (high - low) / (high + low))
}

/// Correlation of the grid, without its coarse part, with itself moved by half its height or width, whichever is larger.
pub fn ghosting(s: &Subject) -> Option<f64> {
    let cells = grid(s)?;
    let at = |x: usize, y: usize| cells[y % CELLS * CELLS + x % CELLS];
    // Neighbours across the edge are those of the other edge: the ghost wraps around, too.
    let fine: Vec<f64> = (0..cells.len())
        .map(|place| {
            let (x, y) = (place % CELLS + CELLS, place / CELLS + CELLS);
            let around: f64 = (0..9).map(|k| at(x + k % 3 - 1, y + k / 3 - 1)).sum();
            at(x, y) - around / 9.0
        })
        .collect();
    let energy: f64 = fine.iter().map(|value| value * value).sum();
    let moved = |dx: usize, dy: usize| -> f64 {
        let other = |place: usize| fine[(place / CELLS + dy) % CELLS * CELLS + (place % CELLS + dx) % CELLS];
        (0..fine.len()).map(|place| fine[place] * other(place)).sum()
    };
    (energy > 0.0).then(|| (moved(0, CELLS / 2).max(moved(CELLS / 2, 0)) / energy).clamp(0.0, 1.0))
}
