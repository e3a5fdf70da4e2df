//! Rows of a frame as f32 steps with a margin of unusable pixels on both sides, a few kept at a time.

use super::super::count::boxed;
use super::super::wide::{LANES, Work, wide};
use crate::model::{Frame, SampleType};
use crate::pixel::quality::Survey;
use crate::pixel::quality::plane::Plane;
use crate::pixel::quality::sums::{LAGS, Row};
use crate::pixel::{Counts, Kernel, Plan, mask};

/// Unusable pixels on the left and, at least, on the right.
pub const MARGIN: usize = FARTHEST;
/// The largest distance at which values are compared.
const FARTHEST: usize = LAGS[LAGS.len() - 1];
/// Lines kept: from the one above a row to the eighth below it.
const KEPT: usize = FARTHEST + 2;

/// One row. Steps of unusable pixels are 0, and so is their `usable`.
pub struct Line {
    /// Steps, with margins.
    pub steps: Vec<f32>,
    /// 1 or 0, with margins.
    pub open: Vec<f32>,
    columns: usize,
}

impl Line {
    fn new(columns: usize) -> Self {
        let length = MARGIN + columns.next_multiple_of(LANES) + MARGIN;
        Self { steps: vec![0.0; length], open: vec![0.0; length], columns }
    }

    /// The steps without margins.
    pub fn values(&self) -> &[f32] {
        &self.steps[MARGIN..MARGIN + self.columns]
    }

    /// What is usable, without margins.
    pub fn usable(&self) -> &[f32] {
        &self.open[MARGIN..MARGIN + self.columns]
    }
}

/// Reads lines.
pub struct Lines<'a> {
    frame: &'a Frame,
    plane: &'a Plane,
    kernel: Kernel,
    origin: i64,
    rows: usize,
    columns: usize,
    /// Whether every pixel of the frame is usable.
    whole: bool,
    kept: Vec<(usize, Line)>,
}

impl<'a> Lines<'a> {
    /// Nothing read yet.
    pub fn new(frame: &'a Frame, plan: &Plan, plane: &'a Plane, counts: &Counts, survey: &Survey) -> Self {
        let (rows, columns) = (frame.rows as usize, frame.columns as usize);
        let whole = counts.masked + counts.padding + counts.not_finite == 0;
        let mut kept: Vec<(usize, Line)> = (0..KEPT).map(|_| (usize::MAX, Line::new(columns))).collect();
        if whole {
            for (_, line) in &mut kept {
                line.open[MARGIN..MARGIN + columns].fill(1.0);
            }
        }
        let origin = survey.origin as i64;
        Self { frame, plane, kernel: plan.constants(), origin, rows, columns, whole, kept }
    }

    /// The row above y, row y, and those below it at [`LAGS`]; past the ends of the frame, row y again: nothing that needs a
    /// row there is counted.
    pub fn around(&mut self, y: usize) -> [&Line; 2 + LAGS.len()] {
        let inside = |row: Option<usize>| row.filter(|row| *row < self.rows).unwrap_or(y);
        let [one, two, four, eight] = LAGS.map(|lag| Some(y + lag));
        let wanted = [y.checked_sub(1), Some(y), one, two, four, eight].map(inside);
        wanted.iter().for_each(|row| self.read(*row));
        wanted.map(|row| &self.kept[row % KEPT].1)
    }

    /// Whether every pixel of the frame is usable.
    pub fn whole(&self) -> bool {
        self.whole
    }

    /// The facts of a row, whether surveyed or not.
    pub fn facts(&mut self, y: usize) -> Row {
        self.read(y);
        let line = &self.kept[y % KEPT].1;
        let mut row = Row { low: u32::MAX, ..Row::default() };
        for (step, _) in line.values().iter().zip(line.usable()).filter(|(_, open)| **open > 0.0) {
            let step = *step as u32;
            row.usable += 1;
            (row.low, row.high) = (row.low.min(step), row.high.max(step));
            row.sum += u64::from(step);
        }
        if row.usable == 0 { Row::default() } else { row }
    }

    fn read(&mut self, y: usize) {
        if self.kept[y % KEPT].0 == y {
            return;
        }
        let origin = self.origin as i32;
        match (self.plane, self.frame.sample_type) {
            (Plane::Steps { steps, .. }, _) => {
                let row = steps.get(y * self.columns..(y + 1) * self.columns).unwrap_or_default();
                self.fill(y, row, |step| i32::from(step) - origin);
            }
            (_, SampleType::I8) => self.stored(y, |[a]: [u8; 1]| i32::from(a as i8) - origin),
            (_, SampleType::U16) => self.stored(y, |b: [u8; 2]| i32::from(u16::from_le_bytes(b)) - origin),
            (_, SampleType::I16) => self.stored(y, |b: [u8; 2]| i32::from(i16::from_le_bytes(b)) - origin),
            // Wider samples have a plane of their own.
            _ => self.stored(y, |[a]: [u8; 1]| i32::from(a) - origin),
        }
    }

    fn stored<const N: usize>(&mut self, y: usize, step: impl Fn([u8; N]) -> i32) {
        let frame = self.frame;
        let row = frame.bytes().get(y * self.columns * N..(y + 1) * self.columns * N).unwrap_or_default();
        self.fill(y, row.as_chunks::<N>().0, step);
    }

    fn fill<T: Copy>(&mut self, y: usize, row: &[T], step: impl Fn(T) -> i32) {
        let (columns, block) = (self.columns, self.kernel.block);
        let (pad_low, pad_high) = (i64::from(block.pad_low) - self.origin, i64::from(block.pad_high) - self.origin);
        let (kept, line) = &mut self.kept[y % KEPT];
        *kept = y;
        let steps = &mut line.steps[MARGIN..MARGIN + columns];
        wide(Widened { to: &mut *steps, from: row, step: &step });
        if self.whole {
            return;
        }
        let open = &mut line.open[MARGIN..MARGIN + columns];
        open.fill(1.0);
        if let Plane::Steps { usable, .. } = self.plane {
            let usable = usable.get(y * columns..(y + 1) * columns).unwrap_or_default();
            open.iter_mut().zip(usable).for_each(|(open, usable)| *open = f32::from(u8::from(*usable)));
        } else if block.padding == 1 {
            let (low, high) = (pad_low as f32, pad_high as f32);
            for (open, step) in open.iter_mut().zip(steps.iter()) {
                *open = f32::from(u8::from(*step < low || *step > high));
            }
        }
        if boxed(&self.kernel, y) {
            let mut from = 0;
            for range in mask::open(&self.kernel.boxes, y as u32, columns) {
                open[from..range.start].fill(0.0);
                from = range.end;
            }
            open[from..].fill(0.0);
        }
        steps.iter_mut().zip(open.iter()).for_each(|(step, open)| *step *= open);
    }
}

/// Samples as f32 steps.
struct Widened<'a, T, F> {
    to: &'a mut [f32],
    from: &'a [T],
    step: &'a F,
}

impl<T: Copy, F: Fn(T) -> i32> Work for Widened<'_, T, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        // One plain loop: cut into blocks, it is not made into vectors and takes ten times as long.
        self.to.iter_mut().zip(self.from).for_each(|(to, from)| *to = (self.step)(*from) as f32);
    }
}
