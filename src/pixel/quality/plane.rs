//! The one plane of integers that a survey walks over: the samples themselves where they are grey integers of up to 16
//! bits, else a copy in steps that stands for them.

use super::super::block::BINS;
use super::super::plan::Plan;
use super::super::stats::{Counts, Population, histogram_shape, step};
use super::super::{chain, colour, mask};
use super::Survey;
use crate::model::Frame;

/// What stands for the samples.
#[derive(Clone, Debug, PartialEq)]
pub enum Plane {
    /// The samples of the frame.
    Stored,
    /// One step for each pixel; what is no value holds 0 and is not usable.
    Steps {
        /// Row by row.
        steps: Vec<u16>,
        /// Whether each is a value.
        usable: Vec<bool>,
        /// Stored value of step 0 and the size of a step; `None` for brightness, which stands for itself.
        line: Option<(f64, f64)>,
    },
}

impl Plane {
    /// The plane of a frame that the plan fits.
    pub fn of(frame: &Frame, plan: &Plan, counts: &Counts) -> Self {
        if !plan.photometric.grey() {
            return brightness(frame, plan);
        }
        if histogram_shape(plan).is_some() {
            return Plane::Stored;
        }
        let values = counts.populations.first().map(|p| p.values.as_slice()).unwrap_or_default();
        let ends = values.first().zip(values.last());
        let (low, high) = ends.map_or((0.0, 0.0), |((low, _), (high, _))| (*low, *high));
        let size = if high > low { (high - low) / f64::from(BINS - 1) } else { 1.0 };
        let (mut steps, mut usable) = (Vec::new(), Vec::new());
        for pixel in 0..frame.pixels() {
            let stored = chain::stored(frame, pixel);
            let fine = chain::usable(stored) && (low..=high).contains(&stored) && !is_padding(plan, stored);
            steps.push(if fine { ((stored - low) / size + 0.5).floor() as u16 } else { 0 });
            usable.push(fine);
        }
        Plane::Steps { steps, usable, line: Some((low, size)) }
    }

    /// How often each stored value (step, of a copy) occurs among usable pixels; `None` if there is none.
    pub fn population(&self, counts: &Counts) -> Option<Population> {
        match self {
            Plane::Stored => counts.populations.first().cloned(),
            Plane::Steps { steps, usable, .. } => {
                let mut bins = vec![0u32; BINS as usize];
                steps.iter().zip(usable).filter(|(_, fine)| **fine).for_each(|(step, _)| bins[usize::from(*step)] += 1);
                Some(Population::from_bins(&bins, 0))
            }
        }
        .filter(|population| !population.values.is_empty())
    }

    /// The values that metrics are told in: of float and 32-bit samples the stored ones, not the steps.
    pub(super) fn stored_values(&self, counts: &Counts) -> Vec<(f64, u64)> {
        match self {
            Plane::Steps { line: None, .. } => {
                self.population(counts).map(|population| population.values).unwrap_or_default()
            }
            _ => counts.populations.first().map(|population| population.values.clone()).unwrap_or_default(),
        }
    }

    /// The value of [`Survey`]'s axis that a stored value has.
    pub(super) fn step_value(&self, stored: f64) -> f64 {
        match self {
            Plane::Steps { line: Some((low, size)), .. } => ((stored - low) / size + 0.5).floor(),
            _ => stored,
        }
    }

    /// Stored units of one step.
    pub(super) fn step_size(&self) -> f64 {
        match self {
            Plane::Steps { line: Some((_, size)), .. } => *size,
            _ => 1.0,
        }
    }

    /// Every pixel's step above the survey's origin; `None` for pixels that are not usable.
    pub(super) fn steps(&self, frame: &Frame, plan: &Plan, survey: &Survey) -> Vec<Option<u32>> {
        let kernel = plan.constants();
        let columns = plan.shape.columns as usize;
        let step = |pixel: usize| {
            if mask::covered(&kernel.boxes, (pixel % columns) as u32, (pixel / columns) as u32) {
                return None;
            }
            let value = match self {
                Plane::Stored => Some(chain::stored(frame, pixel)).filter(|stored| !is_padding(plan, *stored))?,
                Plane::Steps { steps, usable, .. } if usable[pixel] => f64::from(steps[pixel]),
                Plane::Steps { .. } => return None,
            };
            Some((value - survey.origin) as u32)
        };
        (0..frame.pixels()).map(step).collect()
    }
}

/// Whether a stored value is padding.
pub(super) fn is_padding(plan: &Plan, stored: f64) -> bool {
    plan.padding.is_some_and(|(low, high)| (f64::from(low)..=f64::from(high)).contains(&stored))
}

/// Brightness of a colour frame, 0 to 255.
fn brightness(frame: &Frame, plan: &Plan) -> Plane {
    let kernel = plan.constants();
    let grey = |pixel| {
        let rgb = chain::planes(frame, &kernel, pixel);
        step(if kernel.block.planes == 1 { rgb[0] } else { colour::luma(rgb) }) as u16
    };
    let columns = plan.shape.columns as usize;
    let open = |pixel: usize| !mask::covered(&kernel.boxes, (pixel % columns) as u32, (pixel / columns) as u32);
    Plane::Steps {
        steps: (0..frame.pixels()).map(grey).collect(),
        usable: (0..frame.pixels()).map(open).collect(),
        line: None,
    }
}
