//! Counting the samples of a frame: the bins of `pixel::stats`, filled row by row.

use super::rows::colour_row;
use crate::error::Result;
use crate::model::{Frame, SampleType};
use crate::pixel::stats::{histogram_shape, step};
use crate::pixel::{Counts, Kernel, Plan, mask};
use rayon::prelude::*;

/// A histogram of the unmasked grey samples, padding included: it says which values occur.
pub struct Bins {
    /// How often each value occurs.
    pub bins: Vec<u32>,
    /// The stored value of the first bin.
    pub first: i64,
}

/// Counts a frame; the bins come too if its samples are grey integers of up to 16 bits.
pub fn count(frame: &Frame, plan: &Plan, bands: usize) -> Result<(Counts, Option<Bins>)> {
    let Some((length, histograms, first)) = histogram_shape(plan) else {
        // Wider samples have no table: the twin's way is the only one.
        return Ok((Counts::of(frame, plan)?, None));
    };
    let kernel = plan.constants();
    let grey = frame.interpretation.photometric.grey();
    let rows = frame.rows as usize;
    let share = rows.div_ceil(bands);
    let parts: Vec<Vec<u32>> = (0..rows.div_ceil(share))
        .into_par_iter()
        .map(|band| {
            let rows = band * share..((band + 1) * share).min(rows);
            if grey { grey_rows(frame, &kernel, rows, length) } else { colour_rows(frame, &kernel, rows, histograms) }
        })
        .collect();
    let mut bins = vec![0u32; length * histograms];
    for part in parts {
        bins.iter_mut().zip(&part).for_each(|(sum, n)| *sum += n);
    }
    let counts = Counts::from_bins(plan, &bins)?;
    Ok((counts, grey.then_some(Bins { bins, first })))
}

fn grey_rows(frame: &Frame, kernel: &Kernel, rows: std::ops::Range<usize>, length: usize) -> Vec<u32> {
    match frame.sample_type {
        SampleType::I8 => grey_bins(frame, kernel, rows, length, |[a]: [u8; 1]| usize::from(a ^ 0x80)),
        SampleType::U16 => grey_bins(frame, kernel, rows, length, |b: [u8; 2]| usize::from(u16::from_le_bytes(b))),
        SampleType::I16 => {
            grey_bins(frame, kernel, rows, length, |b: [u8; 2]| usize::from(u16::from_le_bytes(b) ^ 0x8000))
        }
        // Nothing else has one-byte bins.
        _ => grey_bins(frame, kernel, rows, length, |[a]: [u8; 1]| usize::from(a)),
    }
}

/// Two tables take turns, because a run of equal values would wait for its own last addition.
fn grey_bins<const N: usize>(
    frame: &Frame,
    kernel: &Kernel,
    rows: std::ops::Range<usize>,
    length: usize,
    bin: impl Fn([u8; N]) -> usize,
) -> Vec<u32> {
    let (mut even, mut odd) = (vec![0u32; length], vec![0u32; length]);
    let columns = frame.columns as usize;
    for y in rows {
        // Frame::new checked that every row is there.
        let (row, _) = frame.bytes()[y * columns * N..(y + 1) * columns * N].as_chunks::<N>();
        if kernel.boxes.iter().any(|[_, top, _, bottom]| (*top..*bottom).contains(&(y as u32))) {
            for (x, sample) in row.iter().enumerate() {
                even[bin(*sample)] += u32::from(!mask::covered(&kernel.boxes, x as u32, y as u32));
            }
            continue;
        }
        let (pairs, last) = row.as_chunks::<2>();
        for [a, b] in pairs {
            even[bin(*a)] += 1;
            odd[bin(*b)] += 1;
        }
        last.iter().for_each(|a| even[bin(*a)] += 1);
    }
    even.iter_mut().zip(&odd).for_each(|(sum, n)| *sum += n);
    even
}

fn colour_rows(frame: &Frame, kernel: &Kernel, rows: std::ops::Range<usize>, histograms: usize) -> Vec<u32> {
    let length = crate::pixel::block::BINS_SMALL as usize;
    let mut bins = vec![0u32; length * histograms];
    let mut planes = vec![vec![0.0f32; frame.columns as usize]; histograms];
    for y in rows {
        colour_row(frame, kernel, y, &mut planes);
        let blanked = kernel.boxes.iter().any(|[_, top, _, bottom]| (*top..*bottom).contains(&(y as u32)));
        let open = |x: usize| !blanked || !mask::covered(&kernel.boxes, x as u32, y as u32);
        for (plane, bins) in planes.iter().zip(bins.chunks_exact_mut(length)) {
            for (x, unit) in plane.iter().enumerate() {
                bins[step(*unit)] += u32::from(open(x));
            }
        }
    }
    bins
}
