//! One image as the metrics see it: what was counted, and what its header says about how to take it.

use crate::pixel::quality::{Quality, Value};

/// An image and its values in order.
pub struct Subject<'a> {
    /// What was counted.
    pub quality: &'a Quality,
    /// Modality (0008,0060), a defined term.
    pub modality: Option<&'a str>,
    /// Usable pixels up to and including each value.
    upto: Vec<u64>,
    /// Usable pixels of the object up to and including each value.
    object_upto: Vec<u64>,
    /// Percentiles 1 and 99, less than which most metrics do not look beyond.
    ends: (f64, f64),
}

impl<'a> Subject<'a> {
    /// Prepares an image.
    pub fn new(quality: &'a Quality, modality: Option<&'a str>) -> Self {
        let running = |wanted: fn(&Value) -> bool| {
            let mut sum = 0;
            let add = |value: &Value| {
                sum += if wanted(value) { value.count } else { 0 };
                sum
            };
            quality.values.iter().map(add).collect::<Vec<u64>>()
        };
        let (upto, object_upto) = (running(|_| true), running(|value| value.object));
        let mut subject = Self { quality, modality, upto, object_upto, ends: (0.0, 0.0) };
        let end = |percent| subject.percentile(percent).unwrap_or_default();
        subject.ends = (end(1.0), end(99.0));
        subject
    }

    /// Usable values, ascending.
    pub fn values(&self) -> &'a [Value] {
        &self.quality.values
    }

    /// Usable pixels.
    pub fn count(&self) -> u64 {
        self.upto.last().copied().unwrap_or_default()
    }

    /// Usable pixels of the object.
    pub fn object_count(&self) -> u64 {
        self.object_upto.last().copied().unwrap_or_default()
    }

    /// Lowest value.
    pub fn min(&self) -> Option<f64> {
        self.values().first().map(|value| value.value)
    }

    /// Highest value.
    pub fn max(&self) -> Option<f64> {
        self.values().last().map(|value| value.value)
    }

    /// A percentile of all usable values, by numpy's method `linear`.
    pub fn percentile(&self, percent: f64) -> Option<f64> {
        percentile(self.values(), &self.upto, percent)
    }

    /// A percentile of the object's values.
    pub fn object_percentile(&self, percent: f64) -> Option<f64> {
        percentile(self.values(), &self.object_upto, percent)
    }

    /// From percentile 1 to percentile 99 in modality units; `None` if they are one.
    pub fn range(&self) -> Option<f64> {
        Some(self.ends.1 - self.ends.0).filter(|range| *range > 0.0)
    }

    /// [`Subject::range`] in steps of the survey; `None` also where steps have no one size.
    pub fn range_steps(&self) -> Option<f64> {
        Some(self.range()? / self.quality.unit?)
    }

    /// What is added to values so that none is negative: EFC and the like are defined for magnitudes.
    pub fn lift(&self) -> f64 {
        (-self.min().unwrap_or_default()).max(0.0)
    }

    /// Mean and variance of a class of values; `None` if it is empty.
    pub fn moments(&self, wanted: impl Fn(&Value) -> bool) -> Option<(f64, f64)> {
        let chosen = || self.values().iter().filter(|value| wanted(value));
        let count: u64 = chosen().map(|value| value.count).sum();
        if count == 0 {
            return None;
        }
        let mean = chosen().map(|value| value.value * value.count as f64).sum::<f64>() / count as f64;
        let squares: f64 = chosen().map(|value| (value.value - mean).powi(2) * value.count as f64).sum();
        Some((mean, squares / count as f64))
    }

    /// Whether the modality is one of these.
    pub fn is_of(&self, modalities: &[&str]) -> Option<()> {
        self.modality.is_some_and(|modality| modalities.contains(&modality)).then_some(())
    }
}

/// `upto` counts along `values`; a value whose count does not rise is not of the class.
fn percentile(values: &[Value], upto: &[u64], percent: f64) -> Option<f64> {
    let last = upto.last()?.checked_sub(1)?;
    let place = percent / 100.0 * last as f64;
    let at = |place: f64| values.get(upto.partition_point(|seen| *seen <= place as u64)).map(|value| value.value);
    let (low, high) = (at(place.floor())?, at(place.ceil())?);
    Some(low + (high - low) * (place - place.floor()))
}
