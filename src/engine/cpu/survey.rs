//! The survey of `pixel::quality` at speed: surveyed rows are widened to f32 once, 32 neighbours are worked on side by
//! side in lanes, and each row's lanes are added to the sums in f64. Lane k holds columns x with x mod 32 = k, so that
//! the order of additions is fixed and the 8 x 8 grid needs no counting.

mod lanes;
mod lines;

use super::wide::wide;
use crate::model::Frame;
use crate::pixel::quality::plane::Plane;
use crate::pixel::quality::sums::{self, BLOCK, CELLS, LAGS, Row, Sums};
use crate::pixel::quality::{Quality, Survey};
use crate::pixel::{Counts, Plan};
use lanes::{Pairs, Spot, Spots, folded, total};
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
    let mut band = Band { row: 0, values: vec![0.0; columns], usable: vec![0.0; columns] };
    let object = survey.object.map(|step| step as f32);
    let whole = lines.whole();
    for y in sums::surveyed(rows as u32, survey.stride) {
        let row = sums::cell(y, rows);
        if row != band.row {
            band.end(row, sums);
        }
        let [above, here, below, second, eighth] = lines.around(y);
        band.add(here);
        if y > 0 && y + 1 < rows {
            add_spot(&wide(Spots { rows: [above, here, below], object, whole }), y, sums);
        }
        if y + LAGS[2] < rows {
            let pair = wide(Pairs { rows: [here, below, second, eighth], object, whole });
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
}

impl Band {
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
        for x in 0..columns {
            let (value, count) = (f64::from(self.values[x]), f64::from(self.usable[x]));
            let in_cell = &mut sums.cells[self.row * CELLS + sums::cell(x, columns)];
            *in_cell = [in_cell[0] + value, in_cell[1] + count];
            let in_column = &mut sums.columns[x];
            *in_column = [in_column[0] + value, in_column[1] + count];
        }
        self.values.fill(0.0);
        self.usable.fill(0.0);
        self.row = next;
    }
}
