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
    let blank = || vec![vec![0.0f32; rows.columns()]; planes];
    let mut line = blank();
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
            done.iter_mut().zip(&row.sums).for_each(|(done, sum)| narrow(sum, &kernel.across, done));
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

fn narrow(row: &[f32], across: &Taps, out: &mut Vec<f32>) {
    if across.stride == 1 && across.spans.len() == row.len() {
        // One weight of 1 for each column: the axis keeps its length.
        out.extend_from_slice(row);
        return;
    }
    for x in 0..across.spans.len() {
        let (first, weights) = across.of(x);
        let mut sum = 0.0f32;
        for (value, weight) in row[first..first + weights.len()].iter().zip(weights) {
            sum += value * weight;
        }
        out.push(sum);
    }
}
