//! Resizing without a full-size image: every source row is widened once and added to the output rows whose filter it
//! lies under; a finished row is narrowed across. Bands of output rows are independent of each other.

use super::rows::Rows;
use crate::pixel::Kernel;
use crate::pixel::resize::Taps;
use rayon::prelude::*;
use std::collections::VecDeque;
use std::ops::Range;

/// The planes of the image at the tensor's size, without its letterbox.
pub fn resize(rows: &Rows, kernel: &Kernel, bands: usize) -> Vec<Vec<f32>> {
    let height = kernel.down.spans.len();
    let share = height.div_ceil(bands);
    let parts: Vec<Vec<Vec<f32>>> = (0..height.div_ceil(share))
        .into_par_iter()
        .map(|part| band(rows, kernel, part * share..((part + 1) * share).min(height)))
        .collect();
    let mut planes = vec![Vec::with_capacity(height * kernel.across.spans.len()); kernel.block.planes as usize];
    for part in parts {
        planes.iter_mut().zip(part).for_each(|(plane, rows)| plane.extend(rows));
    }
    planes
}

/// An output row that still waits for source rows: one sum for each plane.
struct Open {
    y: usize,
    sums: Vec<Vec<f32>>,
}

fn band(rows: &Rows, kernel: &Kernel, outputs: Range<usize>) -> Vec<Vec<f32>> {
    let (down, planes) = (&kernel.down, kernel.block.planes as usize);
    let across = Across::new(&kernel.across, rows.columns());
    let mut line = vec![vec![0.0f32; rows.columns()]; planes];
    let blank = || vec![vec![0.0f32; across.room]; planes];
    let mut done = vec![Vec::with_capacity(outputs.len() * kernel.across.spans.len()); planes];
    let mut open: VecDeque<Open> = VecDeque::new();
    let mut spare: Vec<Vec<Vec<f32>>> = Vec::new();
    let mut waiting = outputs.peekable();
    let begin = waiting.peek().map_or(0, |y| down.of(*y).0);
    for source in begin..kernel.block.rows as usize {
        while let Some(y) = waiting.next_if(|y| down.of(*y).0 <= source) {
            let mut sums = spare.pop().unwrap_or_else(blank);
            sums.iter_mut().for_each(|sum| sum.fill(0.0));
            open.push_back(Open { y, sums });
        }
        if open.is_empty() && waiting.peek().is_none() {
            break;
        }
        rows.read(source, &mut line);
        for row in &mut open {
            let (first, weights) = down.of(row.y);
            if let Some(weight) = weights.get(source - first) {
                row.sums.iter_mut().zip(&line).for_each(|(sum, line)| add(sum, line, *weight));
            }
        }
        // Spans end in the order in which they begin.
        while let Some(row) = open.pop_front_if(|row| {
            let (first, weights) = down.of(row.y);
            first + weights.len() <= source + 1
        }) {
            done.iter_mut().zip(&row.sums).for_each(|(done, sum)| across.narrow(sum, done));
            spare.push(row.sums);
        }
    }
    done
}

fn add(sum: &mut [f32], line: &[f32], weight: f32) {
    for (sum, value) in sum.iter_mut().zip(line) {
        *sum += value * weight;
    }
}

/// The other axis. Short filters get as many weights for every pixel, zeros at their end, so that the loop over them has
/// no branch to guess.
struct Across<'a> {
    taps: &'a Taps,
    /// Weights of each pixel in `weights`; 0 if filters are long or the axis keeps its length.
    width: usize,
    weights: Vec<f32>,
    /// Length of a row with zeros behind it, so that no filter leaves it.
    room: usize,
    /// The axis keeps its length: one weight of 1 for each column.
    copied: bool,
}

impl<'a> Across<'a> {
    fn new(taps: &'a Taps, columns: usize) -> Self {
        let most = taps.spans.iter().map(|[_, count]| *count as usize).max().unwrap_or(0);
        let copied = taps.stride == 1 && taps.spans.len() == columns;
        let width = match most {
            _ if copied => 0,
            1..=6 => most,
            7..=8 => 8,
            9..=10 => 10,
            11..=12 => 12,
            _ => 0,
        };
        let mut weights = vec![0.0; width * taps.spans.len()];
        for (x, weights) in weights.chunks_exact_mut(width.max(1)).enumerate() {
            let (_, own) = taps.of(x);
            weights[..own.len()].copy_from_slice(own);
        }
        Self { taps, width, weights, room: columns + width, copied }
    }

    /// Adds the pixels of one row to `out`.
    fn narrow(&self, row: &[f32], out: &mut Vec<f32>) {
        match self.width {
            _ if self.copied => out.extend_from_slice(row),
            1 => self.short::<1>(row, out),
            2 => self.short::<2>(row, out),
            3 => self.short::<3>(row, out),
            4 => self.short::<4>(row, out),
            5 => self.short::<5>(row, out),
            6 => self.short::<6>(row, out),
            8 => self.short::<8>(row, out),
            10 => self.short::<10>(row, out),
            12 => self.short::<12>(row, out),
            _ => self.long(row, out),
        }
    }

    fn short<const N: usize>(&self, row: &[f32], out: &mut Vec<f32>) {
        let pixels = self.taps.spans.iter().zip(self.weights.as_chunks::<N>().0);
        out.extend(pixels.map(|([first, _], weights)| {
            // A span ends within the columns, and there is room for N behind it.
            let values = &row[*first as usize..*first as usize + N];
            values.iter().zip(weights).fold(0.0f32, |sum, (value, weight)| sum + value * weight)
        }));
    }

    fn long(&self, row: &[f32], out: &mut Vec<f32>) {
        for x in 0..self.taps.spans.len() {
            let (first, weights) = self.taps.of(x);
            let mut sum = 0.0f32;
            for (value, weight) in row[first..first + weights.len()].iter().zip(weights) {
                sum += value * weight;
            }
            out.push(sum);
        }
    }
}
