//! Metrics of where things lie: rows without content, borders, ghosts, evenness. From the facts of every row and the grid
//! of means.

use super::Subject;
use crate::pixel::quality::sums::{CELLS, Mean, Row};

/// A row next to a constant band spans at least this share of the range if the band cuts the picture off.
const ABRUPT: f64 = 0.25;
/// The mean of that row departs from the band by this share of what the mean of all rows does.
const DEPARTS: f64 = 0.2;
/// A value that fewer than this share of the pixels of other rows hold does not fill rows by nature.
const RARE: f64 = 0.02;
/// A frame may be wider at one end by one of so many rows.
const UNEVEN: usize = 8;
/// Means within this share of the range from its dark end are a border.
const DARK: f64 = 0.04;
/// Means within this share of the range from its bright end were not exposed.
const BRIGHT: f64 = 0.15;
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
    let mean = |row: &Row| row.sum as f64 / f64::from(row.usable.max(1));
    let full = rows.iter().filter(|row| row.usable > 0 && !constant(row));
    let (sum, count) = full.fold((0.0, 0.0), |(sum, count), row| (sum + mean(row), count + 1.0));
    // A line of text and the tip of a body span the range as well, but their mean departs little from the band's value.
    let abrupt = |at: Option<usize>, value: f64| {
        at.and_then(|at| rows.get(at)).is_some_and(|row| {
            let departs = (mean(row) - value).abs() >= DEPARTS * (sum / count - value).abs();
            row.usable > 1 && f64::from(row.high - row.low) >= span && departs
        })
    };
    let mut bands: Vec<(usize, usize)> = Vec::new();
    for (y, _) in rows.iter().enumerate().filter(|(_, row)| constant(row)) {
        match bands.last_mut() {
            Some((_, end)) if *end == y => *end = y + 1,
            _ => bands.push((y, y + 1)),
        }
    }
    // Bands above and below together are a frame around the picture, not a loss, as far as both reach.
    let above = bands.first().filter(|(start, _)| *start == 0).map_or(0, |(_, end)| *end);
    let below = bands.last().filter(|(_, end)| *end == rows.len()).map_or(0, |(start, end)| end - start);
    let frame = above.min(below);
    let lost = |(start, end): &(usize, usize)| {
        let value = f64::from(rows[*start].low);
        let outermost = *start == 0 || *end == rows.len();
        let length = end - start - if outermost { frame } else { 0 };
        let even = outermost && frame > 0 && length * UNEVEN <= rows.len();
        let cuts = abrupt(start.checked_sub(1), value) || abrupt(Some(*end), value);
        // Where air is grainy no row is constant by nature, except beyond what was recorded.
        let strange = (!outermost || 2 * length > rows.len()) && end - start > 1 && rare(s, rows[*start].low);
        if !even && (cuts || strange) { length } else { 0 }
    };
    Some(bands.iter().map(lost).sum::<usize>() as f64 / rows.len() as f64)
}

/// Whether a step hardly occurs but in constant rows.
fn rare(s: &Subject, step: u32) -> bool {
    let rows = &s.quality.sums.rows;
    let (Some(unit), Some(low), Some(high)) = (s.quality.unit, s.min(), s.max()) else { return false };
    let value = if s.quality.rising { low + f64::from(step) * unit } else { high - f64::from(step) * unit };
    let near = s.values().partition_point(|other| other.value < value - unit / 2.0);
    let count = s.values().get(near).filter(|other| other.value < value + unit / 2.0).map_or(0, |other| other.count);
    let whole =
        |wanted: &dyn Fn(&&Row) -> bool| -> u64 { rows.iter().filter(wanted).map(|row| u64::from(row.usable)).sum() };
    let constant_here = whole(&|row| constant(row) && row.low == step);
    let elsewhere = s.count() - whole(&|row| constant(row));
    count.saturating_sub(constant_here) as f64 <= RARE * elsewhere as f64
}

/// The grid of means in steps; `None` if a cell has no usable pixel.
fn grid(s: &Subject) -> Option<Vec<f64>> {
    s.quality.sums.cells.iter().map(|[sum, count]| (*count > 0.0).then(|| sum / count)).collect()
}

/// Mean of the outermost two rings less that of the middle quarter, over the range; brighter outside is above 0.
pub fn polarity(s: &Subject) -> Option<f64> {
    s.is_of(&DARK_OUTSIDE)?;
    let all = [0, CELLS, 0, CELLS];
    let whole = outside_in(s, all)? / s.range_steps()?;
    // Around a radiograph may lie what no ray has reached, which is bright; within it what counts is as dark as ever.
    let within = s.is_of(&PROJECTIONS).map(|()| exposed(s)).filter(|within| *within != all);
    let inner = within.and_then(|within| Some(outside_in(s, within)? / s.range_steps()?));
    Some(inner.filter(|inner| *inner < 0.0).unwrap_or(whole))
}

/// The grid as it is displayed: the mean of a cell, higher where brighter.
fn brightness(s: &Subject, x: usize, y: usize) -> Option<f64> {
    let mean = s.quality.sums.cells[y * CELLS + x];
    (mean[1] > 0.0).then(|| mean[0] / mean[1] * if s.quality.bright { 1.0 } else { -1.0 })
}

/// Mean brightness of the two outermost rings less that of the middle quarter of a part of the grid: left, right, top, bottom.
fn outside_in(s: &Subject, [left, right, top, bottom]: [usize; 4]) -> Option<f64> {
    let (mut outside, mut middle) = ([0.0; 2], [0.0; 2]);
    for (x, y) in (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y))) {
        let (across, down) = ((x - left).min(right - 1 - x), (y - top).min(bottom - 1 - y));
        let class: &mut Mean = match across.min(down) {
            0 | 1 => &mut outside,
            _ if across >= (right - left) / 4 && down >= (bottom - top) / 4 => &mut middle,
            _ => continue,
        };
        if let Some(value) = brightness(s, x, y) {
            *class = [class[0] + value, class[1] + 1.0];
        }
    }
    (outside[1] > 0.0 && middle[1] > 0.0).then(|| outside[0] / outside[1] - middle[0] / middle[1])
}

/// The part of the grid within columns and rows at the edges that are bright from end to end; all of it if little is left.
fn exposed(s: &Subject) -> [usize; 4] {
    let all = |x: usize, y: usize| brightness(s, x, y);
    let most = (0..CELLS * CELLS).filter_map(|place| all(place % CELLS, place / CELLS)).fold(f64::MIN, f64::max);
    let enough = most - BRIGHT * s.range_steps().unwrap_or_default();
    let column = |x: &usize| (0..CELLS).all(|y| all(*x, y).is_none_or(|value| value >= enough));
    let row = |y: &usize| (0..CELLS).all(|x| all(x, *y).is_none_or(|value| value >= enough));
    let [left, top] = [(0..CELLS).take_while(column).count(), (0..CELLS).take_while(row).count()];
    let right = CELLS - (0..CELLS).rev().take_while(column).count();
    let bottom = CELLS - (0..CELLS).rev().take_while(row).count();
    let enough = |low: usize, high: usize| high >= low + CELLS / 4;
    if enough(left, right) && enough(top, bottom) { [left, right, top, bottom] } else { [0, CELLS, 0, CELLS] }
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

/// Correlation of the grid, without its coarse part and without what runs straight across, with itself moved by half its height
/// or width, whichever is larger.
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
    // The edge of a frame from top to bottom is alike however far it is moved along itself.
    let side = CELLS as f64;
    let column: Vec<f64> = (0..CELLS).map(|x| (0..CELLS).map(|y| fine[y * CELLS + x]).sum::<f64>() / side).collect();
    let row: Vec<f64> = (0..CELLS).map(|y| fine[y * CELLS..(y + 1) * CELLS].iter().sum::<f64>() / side).collect();
    let fine: Vec<f64> =
        fine.iter().enumerate().map(|(place, value)| value - column[place % CELLS] - row[place / CELLS]).collect();
    let energy: f64 = fine.iter().map(|value| value * value).sum();
    let moved = |dx: usize, dy: usize| -> f64 {
        let other = |place: usize| fine[(place / CELLS + dy) % CELLS * CELLS + (place % CELLS + dx) % CELLS];
        (0..fine.len()).map(|place| fine[place] * other(place)).sum()
    };
    (energy > 0.0).then(|| (moved(0, CELLS / 2).max(moved(CELLS / 2, 0)) / energy).clamp(0.0, 1.0))
}
