//! The survey of `pixel::quality` at speed: surveyed rows are widened to f32 once, 32 neighbours are worked on side by
//! side in lanes, and each row's lanes are added to the sums in f64. Lane k holds columns x with x mod 32 = k, so that
//! the order of additions is fixed and the 8 x 8 grid needs no counting.

mod lanes;
mod lines;

use super::wide::wide;
use crate::model::Frame;
use crate::pixel::quality::plane::Plane;
use crate::pixel::quality::sums::{self, BLOCK, CELLS, LAGS, Mean, Row, Sums};
use crate::pixel::quality::{Quality, Survey};
use crate::pixel::{Counts, Plan};
use lanes::{Bends, Pairs, Spot, Spots, folded, total};
use lines::{Line, Lines};

/// Surveys a counted frame; `None` if no pixel is usable. `rows` are the facts of every row in steps from `first` on, if
/// counting made them.
pub fn survey(frame: &Frame, plan: &Plan, counts: &Counts, rows: (&[Row], i64)) -> Option<Quality> {
    let plane = Plane::of(frame, plan, counts);
    let population = plane.population(counts)?;
    let survey = Survey::of(plan, &population)?;
    let mut lines = Lines::new(frame, plan, &plane, counts, &survey);
    let (facts, first) = rows;
    let mut sums = Sums::empty(frame.rows as usize, frame.columns as usize);
    if facts.len() == sums.rows.len() {
        let origin = (survey.origin as i64 - first) as u32;
        sums.rows.iter_mut().zip(facts).for_each(|(row, facts)| *row = facts.from(origin));
    } else {
        for (y, row) in sums.rows.iter_mut().enumerate() {
            *row = lines.facts(y);
        }
    }
    walk(&mut lines, &survey, &mut sums);
    let voi = frame.interpretation.voi.first();
    Some(Quality::assemble(voi, plan, counts, &plane, &survey, sums))
}

/// The surveyed rows.
fn walk(lines: &mut Lines, survey: &Survey, sums: &mut Sums) {
    let (rows, columns) = (sums.rows.len(), sums.columns.len());
    let mut band = Band::new(columns);
    let cap = survey.cap as f32;
    let object = survey.object.map(|step| step as f32);
    let whole = lines.whole();
    for y in sums::surveyed(rows as u32, survey.stride) {
        let row = sums::cell(y, rows);
        if row != band.row {
            band.end(row, sums);
        }
        let [above, here, below, rest @ ..] = lines.around(y);
        band.add(here);
        let inside = (y > 0 && y + 1 < rows).then_some([above, here, below]);
        let [bends, count] = wide(Bends { rows: inside, here, cap, across: [&mut band.bends, &mut band.bent] });
        sums.bends_down[y] = [total(&bends), total(&count)];
        if let Some(rows) = inside {
            add_spot(&wide(Spots { rows, object, whole, cap }), y, sums);
        }
        if y + LAGS[LAGS.len() - 1] < rows {
            let [second, fourth, eighth] = rest;
            let pair = wide(Pairs { rows: [here, below, second, fourth, eighth], object, whole });
            sums.pairs += total(&pair.count);
            sums.lags.iter_mut().zip(&pair.squares).for_each(|(sum, lanes)| *sum += total(lanes));
        }
    }
    band.end(0, sums);
}

fn add_spot(spot: &Spot, y: usize, sums: &mut Sums) {
    let counts = folded(&spot.count);
    let count: f64 = counts.iter().sum();
    sums.spots += count;
    sums.laplace += total(&spot.laplace);
    sums.laplace_squares += total(&spot.laplace_squares);
    sums.gradient_squares += total(&spot.gradient_squares);
    sums.noise += total(&spot.noise);
    for (mean, (across, count)) in sums.across.iter_mut().zip(folded(&spot.across).iter().zip(counts)) {
        *mean = [mean[0] + across, mean[1] + count];
    }
    let down = &mut sums.down[y % BLOCK];
    *down = [down[0] + total(&spot.down), down[1] + count];
}

/// Sums by column over the surveyed rows of one row of cells. f32 holds them exactly below 2^24: 256 rows of 16 bits.
struct Band {
    row: usize,
    values: Vec<f32>,
    usable: Vec<f32>,
    /// Bends across, held within the cap, and how many.
    bends: Vec<f32>,
    bent: Vec<f32>,
}

impl Band {
    fn new(columns: usize) -> Self {
        let none = || vec![0.0; columns];
        Self { row: 0, values: none(), usable: none(), bends: none(), bent: none() }
    }

    fn add(&mut self, line: &Line) {
        for (sum, value) in self.values.iter_mut().zip(line.values()) {
            *sum += value;
        }
        for (sum, usable) in self.usable.iter_mut().zip(line.usable()) {
            *sum += usable;
        }
    }

    fn end(&mut self, next: usize, sums: &mut Sums) {
        let columns = self.values.len();
        let add = |mean: &mut Mean, value: f32, count: f32| {
            *mean = [mean[0] + f64::from(value), mean[1] + f64::from(count)];
        };
        let of_row = sums.cells.iter_mut().skip(self.row * CELLS).take(CELLS);
        for (cell, in_cell) in of_row.enumerate() {
            // The columns x with x CELLS / columns = cell.
            let [first, last] = [cell, cell + 1].map(|cell| (cell * columns).div_ceil(CELLS));
            let within = self.values[first..last].iter().zip(&self.usable[first..last]);
            within.for_each(|(value, usable)| add(in_cell, *value, *usable));
        }
        for (means, [values, counts]) in
            [(&mut sums.columns, [&self.values, &self.usable]), (&mut sums.bends_across, [&self.bends, &self.bent])]
        {
            means
                .iter_mut()
                .zip(values.iter().zip(counts))
                .for_each(|(mean, (value, count))| add(mean, *value, *count));
        }
        for sums in [&mut self.values, &mut self.usable, &mut self.bends, &mut self.bent] {
            sums.fill(0.0);
        }
        self.row = next;
    }
}
