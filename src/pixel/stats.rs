//! Stats: how often each value occurs, and what follows from it.
//!
//! # Meaning
//! Lowest, highest, mean, deviation and percentiles of an image, for views, z-scores and quality.
//! # Formula and section of the standard
//! From a histogram of stored values, in f64 and in ascending order, so that both engines derive the same numbers from
//! the same counts. Deviation: of the population (numpy's `std`). Percentiles: numpy's `linear` method.
//! # From space, to space
//! Stored values (colour: converted values in 256 steps, one histogram for each plane) to modality values (colour: 0..255).
//! # Edge cases
//! Masked pixels, padding pixels and floats that are no values (NaN, 2^100 and beyond) are not counted, but told. No pixel left: no moments.
//! 32-bit and float samples have no histogram of bounded size: their values are sorted, on the CPU for both engines.
//! # Tolerance and why
//! None for integers of up to 16 bits. Colour spaces with a matrix: a value at a border of two steps may count in either.

use super::block::{BINS, BINS_SMALL};
use super::kernel::Kernel;
use super::plan::Plan;
use super::{chain, mask, modality};
use crate::error::{Fault, Result};
use crate::model::{Frame, Modality, SampleType};

/// The percentiles that [`Moments`] holds.
pub const PERCENTILES: [f64; 5] = [1.0, 5.0, 50.0, 95.0, 99.0];

/// Values with how often each occurs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Population {
    /// Ascending; every count above 0.
    pub values: Vec<(f64, u64)>,
}

/// What was counted in one frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// One for grey, one for each plane of a colour frame.
    pub populations: Vec<Population>,
    /// Pixels under a mask.
    pub masked: u64,
    /// Padding pixels.
    pub padding: u64,
    /// Float pixels that are no values.
    pub not_finite: u64,
}

/// Moments of one population.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// Lowest.
    pub min: f64,
    /// Highest.
    pub max: f64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation of the population.
    pub std: f64,
    /// At [`PERCENTILES`].
    pub percentiles: [f64; 5],
}

/// The statistics of one frame, in modality values (colour: 0 to 255 for each plane).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stats {
    /// One for grey, one for each plane of colour; empty if no pixel was left to count.
    pub channels: Vec<Moments>,
    /// Pixels counted.
    pub counted: u64,
    /// Pixels under a mask.
    pub masked: u64,
    /// Padding pixels that no mask covers.
    pub padding: u64,
    /// Float pixels that are no values and that no mask covers.
    pub not_finite: u64,
}

impl Population {
    /// From counts of consecutive integers, the first of which is `first`.
    pub fn from_bins(bins: &[u32], first: i64) -> Self {
        let values = bins.iter().enumerate().filter(|(_, n)| **n > 0);
        Self { values: values.map(|(i, n)| ((first + i as i64) as f64, u64::from(*n))).collect() }
    }

    /// From values in any order.
    pub fn from_values(mut list: Vec<f64>) -> Self {
        list.sort_unstable_by(f64::total_cmp);
        let mut values: Vec<(f64, u64)> = Vec::new();
        for value in list {
            match values.last_mut() {
                Some((last, count)) if *last == value => *count += 1,
                _ => values.push((value, 1)),
            }
        }
        Self { values }
    }

    /// The same population in modality values.
    pub fn modality_values(&self, modality: &Modality) -> Self {
        if *modality == Modality::Identity {
            return self.clone();
        }
        let mut values: Vec<(f64, u64)> =
            self.values.iter().map(|(v, n)| (modality::modality_from_stored(modality, *v), *n)).collect();
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        Self { values }
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.values.iter().map(|(_, n)| n).sum()
    }

    /// The value below which `percent` of the population lies, between two values in proportion; `None` if empty.
    pub fn percentile(&self, percent: f64) -> Option<f64> {
        let place = percent / 100.0 * self.count().checked_sub(1)? as f64;
        let low = self.at(place.floor() as u64)?;
        let high = self.at(place.ceil() as u64)?;
        Some(low + (high - low) * (place - place.floor()))
    }

    /// The value at a place in ascending order.
    fn at(&self, place: u64) -> Option<f64> {
        let mut seen = 0;
        self.values
            .iter()
            .find(|(_, n)| {
                seen += n;
                seen > place
            })
            .map(|(v, _)| *v)
    }

    /// Mean and deviation; `None` if empty.
    fn mean_std(&self) -> Option<(f64, f64)> {
        let count = self.count();
        if count == 0 {
            return None;
        }
        let mean = self.values.iter().map(|(v, n)| v * *n as f64).sum::<f64>() / count as f64;
        let square = self.values.iter().map(|(v, n)| (v - mean) * (v - mean) * *n as f64).sum::<f64>();
        Some((mean, (square / count as f64).sqrt()))
    }

    /// Mean and deviation of what the view makes of a stored population (of colour: of its 256 steps).
    pub(super) fn view_moments(&self, kernel: &Kernel) -> Option<(f64, f64)> {
        let grey = kernel.block.colour == super::block::COLOUR_GREY;
        let seen = |stored: f64| if grey { f64::from(chain::view(kernel, stored)) } else { stored / 255.0 };
        Self { values: self.values.iter().map(|(v, n)| (seen(*v), *n)).collect() }.mean_std()
    }

    /// All moments; `None` if empty.
    pub fn moments(&self) -> Option<Moments> {
        let (mean, std) = self.mean_std()?;
        let mut percentiles = [0.0; 5];
        for (percentile, percent) in percentiles.iter_mut().zip(PERCENTILES) {
            *percentile = self.percentile(percent)?;
        }
        Some(Moments { min: self.values.first()?.0, max: self.values.last()?.0, mean, std, percentiles })
    }
}

/// Bins of each histogram, how many histograms there are, and the stored value of the first bin; `None` if the frame's
/// samples have no histogram of bounded size.
pub fn histogram_shape(plan: &Plan) -> Option<(usize, usize, i64)> {
    if !plan.photometric.grey() {
        return Some((BINS_SMALL as usize, usize::from(plan.planes()), 0));
    }
    match plan.shape.sample_type {
        SampleType::U8 => Some((BINS_SMALL as usize, 1, 0)),
        SampleType::I8 => Some((BINS_SMALL as usize, 1, -128)),
        SampleType::U16 => Some((BINS as usize, 1, 0)),
        SampleType::I16 => Some((BINS as usize, 1, -32768)),
        SampleType::U32 | SampleType::I32 | SampleType::F32 | SampleType::F64 => None,
    }
}

impl Counts {
    /// From histograms of all pixels that no mask covers, padding included, one after the other.
    pub fn from_bins(plan: &Plan, bins: &[u32]) -> Result<Self> {
        let (length, histograms, first) =
            histogram_shape(plan).ok_or_else(|| Fault::bug("stats", "a histogram of samples that have none"))?;
        if bins.len() != length * histograms {
            return Err(Fault::bug("stats", "a histogram of another length"));
        }
        Ok(Self::of_histograms(plan, bins.chunks_exact(length), first))
    }

    /// From one histogram of all pixels of a grey frame that no mask covers, padding included: only the bins from the
    /// one for `first` on, up to one that is not below any value of the frame.
    pub fn from_stretch(plan: &Plan, bins: &[u32], first: i64) -> Self {
        Self::of_histograms(plan, std::iter::once(bins), first)
    }

    fn of_histograms<'a>(plan: &Plan, histograms: impl Iterator<Item = &'a [u32]>, first: i64) -> Self {
        let mut counts = Counts::default();
        for (index, bins) in histograms.enumerate() {
            let mut population = Population::from_bins(bins, first);
            let unmasked = population.count();
            if let Some((low, high)) = plan.padding {
                population.values.retain(|(v, _)| !(f64::from(low)..=f64::from(high)).contains(v));
            }
            if index == 0 {
                counts.masked = (plan.shape.pixels() as u64).saturating_sub(unmasked);
                counts.padding = unmasked - population.count();
            }
            counts.populations.push(population);
        }
        counts
    }

    /// Counts a frame, pixel by pixel.
    pub fn of(frame: &Frame, plan: &Plan) -> Result<Self> {
        plan.fits(frame)?;
        let kernel = plan.constants();
        let unmasked = (0..plan.shape.pixels()).filter(|i| {
            let (x, y) = (i % plan.shape.columns as usize, i / plan.shape.columns as usize);
            !mask::covered(&kernel.boxes, x as u32, y as u32)
        });
        let Some((length, histograms, first)) = histogram_shape(plan) else {
            return Ok(Self::of_values(frame, plan, unmasked));
        };
        let mut bins = vec![0u32; length * histograms];
        for pixel in unmasked {
            if plan.photometric.grey() {
                bins[(chain::stored(frame, pixel) as i64 - first) as usize] += 1;
            } else {
                for (plane, unit) in chain::planes(frame, &kernel, pixel).iter().take(histograms).enumerate() {
                    bins[plane * length + step(*unit)] += 1;
                }
            }
        }
        Self::from_bins(plan, &bins)
    }

    fn of_values(frame: &Frame, plan: &Plan, unmasked: impl Iterator<Item = usize>) -> Self {
        let mut counts = Counts::default();
        let mut list = Vec::new();
        let mut seen = 0;
        for pixel in unmasked {
            let stored = chain::stored(frame, pixel);
            seen += 1;
            if !chain::usable(stored) {
                counts.not_finite += 1;
            } else if plan.padding.is_some_and(|(low, high)| (f64::from(low)..=f64::from(high)).contains(&stored)) {
                counts.padding += 1;
            } else {
                list.push(stored);
            }
        }
        counts.masked = plan.shape.pixels() as u64 - seen;
        counts.populations.push(Population::from_values(list));
        counts
    }

    /// The statistics in modality values.
    pub fn stats(&self, plan: &Plan) -> Stats {
        let grey = plan.photometric.grey();
        let moments = |p: &Population| if grey { p.modality_values(&plan.modality).moments() } else { p.moments() };
        Stats {
            channels: self.populations.iter().filter_map(moments).collect(),
            counted: self.populations.first().map_or(0, Population::count),
            masked: self.masked,
            padding: self.padding,
            not_finite: self.not_finite,
        }
    }
}

/// The bin of a converted colour value, 0..1: floor(255 x + 0.5), and `as` rounds what is not negative down.
#[inline]
pub fn step(unit: f32) -> usize {
    (unit * 255.0 + 0.5) as usize
}
