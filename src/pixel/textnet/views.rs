//! What the network looks at: the picture as it is shown by default, and all of its range, so that text hidden by a narrow
//! window is found too. The operations are those of every tensor ([`super::super::chain`]); only the plans are made here.
//!
//! - default: the view of `voi = "auto"`; colour as luma; MONOCHROME1 turned.
//! - full range: percentiles 0.1 to 99.9 of the unmasked modality values, lowest to highest if these meet. Left out where the default shows as much: colour,
//!   and grey images whose default window loses at most 1/20 of that range and spreads it over at least 4/5 of black to white.
//!
//! Both at the frame's own size, one channel, unit range, padding shown like any other value (text could be drawn in it).

use super::super::block::{COLOUR_GREY, VIEW_RAMP};
use super::super::spec::{OwnSize, PaddingSpec, Size, VoiSpec};
use super::super::stats::Counts;
use super::super::{Kernel, Plan, PlanSpec, Shape, chain};
use super::Plane;
use crate::error::Result;
use crate::model::{Frame, Masks};

/// Percentiles that the full range lies between.
const FULL: [f64; 2] = [0.1, 99.9];
/// The part of the full range that the default view may lose.
const LOST: f64 = 1.0 / 20.0;
/// How much wider than the full range the default view may be.
const WIDER: f64 = 1.25;

/// The plans of a frame: default, percentiles, lowest to highest. They count the same pixels.
pub fn plans(frame: &Frame, masks: &Masks) -> Result<[Plan; 3]> {
    let plan = |voi| {
        let (size, padding) = (Size::Own(OwnSize::None), PaddingSpec::Keep);
        let spec = PlanSpec { voi, size, padding, ..PlanSpec::default() };
        Plan::new(&spec, Shape::of(frame), &frame.interpretation, masks.clone())
    };
    Ok([plan(VoiSpec::Auto)?, plan(VoiSpec::Percentile(FULL[0], FULL[1]))?, plan(VoiSpec::MinMax)?])
}

/// The kernels of the views that are worth a search, at least one. `counts` are of any of the plans.
pub fn kernels(plans: &[Plan; 3], counts: &Counts) -> Result<Vec<Kernel>> {
    let [default, percentiles, lowest_to_highest] = plans;
    let default = default.resolve(Some(counts))?;
    let mut full = percentiles.resolve(Some(counts))?;
    if full.view.width == Some(0.0) {
        // Nearly all pixels hold one value, and the others could be text.
        full = lowest_to_highest.resolve(Some(counts))?;
    }
    Ok(if shows(&default, &full) { vec![default] } else { vec![default, full] })
}

/// Whether `default` shows what `full` shows.
fn shows(default: &Kernel, full: &Kernel) -> bool {
    if default.block.colour != COLOUR_GREY {
        return true;
    }
    if full.view.width.is_none_or(|width| width <= 0.0) {
        // One value, or no pixel that is not masked.
        return true;
    }
    let ramps = default.block.view == VIEW_RAMP && full.block.view == VIEW_RAMP;
    let (Some([low, high]), Some([from, to])) = (ends(default), ends(full)) else { return false };
    let range = to - from;
    ramps && low <= from + LOST * range && high >= to - LOST * range && high - low <= WIDER * range
}

/// First and last modality value of a window.
fn ends(kernel: &Kernel) -> Option<[f64; 2]> {
    let (center, width) = (kernel.view.center?, kernel.view.width?);
    Some([center - width / 2.0, center + width / 2.0])
}

/// The views of a frame, pixel by pixel.
pub fn views(frame: &Frame, masks: &Masks) -> Result<Vec<Plane>> {
    let plans = plans(frame, masks)?;
    let kernels = kernels(&plans, &Counts::of(frame, &plans[0])?)?;
    Ok(kernels.iter().map(|kernel| view(frame, kernel)).collect())
}

/// One view.
fn view(frame: &Frame, kernel: &Kernel) -> Plane {
    let places = (0..frame.rows).flat_map(|y| (0..frame.columns).map(move |x| (x, y)));
    let values = places.map(|(x, y)| chain::pixel(frame, kernel, x, y)[0]).collect();
    Plane { rows: frame.rows as usize, columns: frame.columns as usize, values }
}
