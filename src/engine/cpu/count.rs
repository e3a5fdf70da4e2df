//! Counting the samples of a frame: the bins of `pixel::stats`, filled row by row, and the facts of each row. Grey rows are
//! looked at twice: first for their range, so that the bins stay as few as there are values and lie in the nearest cache.

use super::rows::colour_row;
use super::wide::{Work, wide};
use crate::error::Result;
use crate::model::{Frame, SampleType};
use crate::pixel::quality::sums::Row;
use crate::pixel::stats::{histogram_shape, step};
use crate::pixel::{Counts, Kernel, Plan, mask};
use rayon::prelude::*;
use std::ops::Range;

/// A histogram of the unmasked grey samples, padding included: it says which values occur.
pub struct Bins {
    /// How often each value occurs.
    pub bins: Vec<u32>,
    /// The stored value of the first bin.
    pub first: i64,
}

impl Bins {
    /// The lowest and the highest value that occur.
    pub fn range(&self) -> Option<(i64, i64)> {
        let low = self.bins.iter().position(|n| *n > 0)?;
        let high = self.bins.iter().rposition(|n| *n > 0)?;
        Some((self.first + low as i64, self.first + high as i64))
    }
}

/// What one look at a frame gives.
pub struct Counted {
    /// The counts.
    pub counts: Counts,
    /// For grey integers of up to 16 bits.
    pub bins: Option<Bins>,
    /// Likewise, one for each row; steps are counted from the first bin.
    pub rows: Vec<Row>,
}

/// Counts a frame.
pub fn count(frame: &Frame, plan: &Plan, bands: usize) -> Result<Counted> {
    let Some((length, histograms, first)) = histogram_shape(plan) else {
        // Wider samples have no table: the twin's way is the only one.
        return Ok(Counted { counts: Counts::of(frame, plan)?, bins: None, rows: Vec::new() });
    };
    let kernel = plan.constants();
    if frame.interpretation.photometric.grey() {
        return Ok(match frame.sample_type {
            SampleType::I8 => grey(frame, plan, &kernel, bands, first, |[a]: [u8; 1]| u16::from(a ^ 0x80)),
            SampleType::U16 => grey(frame, plan, &kernel, bands, first, u16::from_le_bytes),
            SampleType::I16 => grey(frame, plan, &kernel, bands, first, |b: [u8; 2]| u16::from_le_bytes(b) ^ 0x8000),
            // Nothing else has one-byte bins.
            _ => grey(frame, plan, &kernel, bands, first, |[a]: [u8; 1]| u16::from(a)),
        });
    }
    let parts = in_bands(frame, bands, |rows| colour_rows(frame, &kernel, rows, histograms));
    let bins = added(parts, length * histograms);
    Ok(Counted { counts: Counts::from_bins(plan, &bins)?, bins: None, rows: Vec::new() })
}

/// The lowest and the highest sample of a grey frame, masked ones among them, without counting any; `None` if its samples
/// have no histogram of bounded size.
pub fn range(frame: &Frame, plan: &Plan, bands: usize) -> Option<(i64, i64)> {
    let (_, _, first) = histogram_shape(plan).filter(|_| frame.interpretation.photometric.grey())?;
    let (low, high) = match frame.sample_type {
        SampleType::I8 => ends(frame, bands, |[a]: [u8; 1]| u16::from(a ^ 0x80)),
        SampleType::U16 => ends(frame, bands, u16::from_le_bytes),
        SampleType::I16 => ends(frame, bands, |b: [u8; 2]| u16::from_le_bytes(b) ^ 0x8000),
        _ => ends(frame, bands, |[a]: [u8; 1]| u16::from(a)),
    };
    Some((first + i64::from(low), first + i64::from(high)))
}

fn ends<const N: usize>(frame: &Frame, bands: usize, bin: impl Fn([u8; N]) -> u16 + Sync) -> (u16, u16) {
    let join = |(low, high): (u16, u16), (least, most): (u16, u16)| (low.min(least), high.max(most));
    let of_row = |y| samples::<N>(frame, y).iter().fold((u16::MAX, 0), |ends, s| join(ends, (bin(*s), bin(*s))));
    let parts = in_bands(frame, bands, |rows| rows.map(of_row).fold((u16::MAX, 0), join));
    parts.into_iter().fold((u16::MAX, 0), join)
}

/// Runs over bands of rows side by side.
fn in_bands<T: Send>(frame: &Frame, bands: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let rows = frame.rows as usize;
    let share = rows.div_ceil(bands);
    (0..rows.div_ceil(share)).into_par_iter().map(|band| work(band * share..((band + 1) * share).min(rows))).collect()
}

fn added(parts: Vec<Vec<u32>>, length: usize) -> Vec<u32> {
    let mut bins = vec![0u32; length];
    for part in parts {
        bins.iter_mut().zip(&part).for_each(|(sum, n)| *sum += n);
    }
    bins
}

/// The rows of a frame whose samples have N bytes; Frame::new checked that every row is there.
fn samples<const N: usize>(frame: &Frame, y: usize) -> &[[u8; N]] {
    let columns = frame.columns as usize;
    frame.bytes()[y * columns * N..(y + 1) * columns * N].as_chunks::<N>().0
}

fn grey<const N: usize>(
    frame: &Frame,
    plan: &Plan,
    kernel: &Kernel,
    bands: usize,
    first: i64,
    bin: impl Fn([u8; N]) -> u16 + Sync,
) -> Counted {
    let facts =
        in_bands(frame, bands, |rows| rows.map(|y| row_facts(frame, kernel, y, first, &bin)).collect::<Vec<_>>());
    let facts: Vec<Facts> = facts.into_iter().flatten().collect();
    let low = facts.iter().map(|facts| facts.low).min().unwrap_or_default();
    let high = facts.iter().map(|facts| facts.high).max().unwrap_or_default();
    let parts = in_bands(frame, bands, |rows| grey_bins(frame, kernel, rows, [low, high], &bin));
    let bins = added(parts, usize::from(high - low) + 1);
    let counts = Counts::from_stretch(plan, &bins, first + i64::from(low));
    let rows = facts.iter().map(|facts| facts.row.from(u32::from(low))).collect();
    Counted { counts, bins: Some(Bins { bins, first: first + i64::from(low) }), rows }
}

/// The range of all samples of a row, and the facts of the usable ones.
struct Facts {
    low: u16,
    high: u16,
    row: Row,
}

fn row_facts<const N: usize>(
    frame: &Frame,
    kernel: &Kernel,
    y: usize,
    first: i64,
    bin: &impl Fn([u8; N]) -> u16,
) -> Facts {
    let row = samples::<N>(frame, y);
    let (low, high, sum) = wide(Extent { row, bin });
    let all = Row { usable: row.len() as u32, low: u32::from(low), high: u32::from(high), sum };
    let padding = [kernel.block.pad_low, kernel.block.pad_high].map(|pad| i64::from(pad) - first);
    let padded = kernel.block.padding == 1 && padding[0] <= i64::from(high) && padding[1] >= i64::from(low);
    if !padded && !boxed(kernel, y) {
        return Facts { low, high, row: all };
    }
    // `as` is exact: both ends lie within the bins now. Padding of no row is bins from 1 to 0.
    let padding = if padded { padding.map(|pad| pad.clamp(0, i64::from(u16::MAX)) as u16) } else { [1, 0] };
    let mut usable = Row { low: u32::MAX, ..Row::default() };
    for range in mask::open(&kernel.boxes, y as u32, row.len()) {
        let part = wide(Usable { row: row.get(range).unwrap_or_default(), padding, bin });
        usable.usable += part.usable;
        (usable.low, usable.high) = (usable.low.min(part.low), usable.high.max(part.high));
        usable.sum += part.sum;
    }
    Facts { low, high, row: if usable.usable == 0 { Row::default() } else { usable } }
}

/// Lowest bin, highest bin and sum of bins of a row.
struct Extent<'a, const N: usize, F> {
    row: &'a [[u8; N]],
    bin: &'a F,
}

impl<const N: usize, F: Fn([u8; N]) -> u16> Work for Extent<'_, N, F> {
    type Output = (u16, u16, u64);

    #[inline(always)]
    fn run(self) -> (u16, u16, u64) {
        let (mut low, mut high, mut sum) = (u16::MAX, 0, 0);
        // Stretches whose sums fit 32 bits.
        for stretch in self.row.chunks(1 << 16) {
            let mut part = 0u32;
            for sample in stretch {
                let bin = (self.bin)(*sample);
                (low, high) = (low.min(bin), high.max(bin));
                part += u32::from(bin);
            }
            sum += u64::from(part);
        }
        (low, high, sum)
    }
}

/// The facts of the bins of a part of a row that are not from the first to the second of `padding`.
struct Usable<'a, const N: usize, F> {
    row: &'a [[u8; N]],
    padding: [u16; 2],
    bin: &'a F,
}

impl<const N: usize, F: Fn([u8; N]) -> u16> Work for Usable<'_, N, F> {
    type Output = Row;

    #[inline(always)]
    fn run(self) -> Row {
        let [first, last] = self.padding;
        let (mut low, mut high, mut usable, mut sum) = (u16::MAX, 0u16, 0u32, 0u64);
        for stretch in self.row.chunks(1 << 16) {
            let mut part = 0u32;
            for sample in stretch {
                let bin = (self.bin)(*sample);
                let is = (bin < first) | (bin > last);
                low = low.min(if is { bin } else { u16::MAX });
                high = high.max(if is { bin } else { 0 });
                usable += u32::from(is);
                part += if is { u32::from(bin) } else { 0 };
            }
            sum += u64::from(part);
        }
        Row { usable, low: u32::from(low), high: u32::from(high), sum }
    }
}

/// Whether some box covers a part of a row.
pub(super) fn boxed(kernel: &Kernel, y: usize) -> bool {
    kernel.boxes.iter().any(|[_, top, _, bottom]| (*top..*bottom).contains(&(y as u32)))
}

/// Tables of a length that is known beforehand, so that no place needs to be checked: the shortest that holds the range
/// stays in the nearest cache.
fn grey_bins<const N: usize>(
    frame: &Frame,
    kernel: &Kernel,
    rows: Range<usize>,
    [low, high]: [u16; 2],
    bin: &impl Fn([u8; N]) -> u16,
) -> Vec<u32> {
    let place = |sample: [u8; N]| usize::from(bin(sample).wrapping_sub(low));
    let mut bins = match high - low {
        0..0x100 => tally::<N, 0x100>(frame, kernel, rows, place),
        0x100..0x1000 => tally::<N, 0x1000>(frame, kernel, rows, place),
        0x1000..0x4000 => tally::<N, 0x4000>(frame, kernel, rows, place),
        _ => tally::<N, 0x1_0000>(frame, kernel, rows, place),
    };
    bins.truncate(usize::from(high - low) + 1);
    bins
}

/// How often each place below L (a power of two) occurs. Two tables take turns, because a run of equal values would wait
/// for its own last addition.
fn tally<const N: usize, const L: usize>(
    frame: &Frame,
    kernel: &Kernel,
    rows: Range<usize>,
    place: impl Fn([u8; N]) -> usize,
) -> Vec<u32> {
    let mut tables = vec![[0u32; L]; 2];
    if let [even, odd] = tables.as_mut_slice() {
        for y in rows {
            let row = samples::<N>(frame, y);
            if boxed(kernel, y) {
                for range in mask::open(&kernel.boxes, y as u32, row.len()) {
                    row[range].iter().for_each(|sample| even[place(*sample) & (L - 1)] += 1);
                }
                continue;
            }
            let (pairs, last) = row.as_chunks::<2>();
            for [a, b] in pairs {
                even[place(*a) & (L - 1)] += 1;
                odd[place(*b) & (L - 1)] += 1;
            }
            last.iter().for_each(|a| even[place(*a) & (L - 1)] += 1);
        }
    }
    (0..L).map(|k| tables.iter().map(|table| table[k]).sum()).collect()
}

fn colour_rows(frame: &Frame, kernel: &Kernel, rows: Range<usize>, histograms: usize) -> Vec<u32> {
    let length = crate::pixel::block::BINS_SMALL as usize;
    let mut bins = vec![0u32; length * histograms];
    let mut planes = vec![vec![0.0f32; frame.columns as usize]; histograms];
    for y in rows {
        colour_row(frame, kernel, y, &mut planes);
        let open = mask::open(&kernel.boxes, y as u32, frame.columns as usize);
        for (plane, bins) in planes.iter().zip(bins.chunks_exact_mut(length)) {
            for range in &open {
                plane[range.clone()].iter().for_each(|unit| bins[step(*unit)] += 1);
            }
        }
    }
    bins
}
