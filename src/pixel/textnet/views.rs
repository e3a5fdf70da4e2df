//! What the network looks at: the picture as it is shown by default, and all of its range, so that text hidden by a narrow
//! window is found too; its relief, for faint letters; smaller pictures, for large ones. The operations are those of every
//! tensor ([`super::super::chain`]); only the plans are made here.
//!
//! - default: the view of `voi = "auto"`; colour as luma; MONOCHROME1 turned.
//! - full range: percentiles 0.1 to 99.9 of the unmasked modality values, lowest to highest if these meet. Left out where the default shows as much: colour,
//!   and grey images whose default window loses at most 1/20 of that range and spreads it over at least 4/5 of black to white.
//! - relief ([`super::relief`]): of the full range, or of the default if that shows as much; of colour, the brightest of red,
//!   green and blue: pure blue letters have no luma to speak of.
//! - shrunk: of the same, from [`LARGE`] pixels along the longer side on the means of 2 x 2 pixels, from twice that on of 4 x 4
//!   pixels too.
//!
//! At the frame's own size but the last, one channel, unit range, padding shown like any other value (text could be drawn in it).

use super::super::block::{COLOUR_GREY, VIEW_RAMP};
use super::super::spec::{OwnSize, PaddingSpec, Size, VoiSpec};
use super::super::stats::Counts;
use super::super::{Kernel, Plan, PlanSpec, Shape, chain};
use super::{Plane, relief};
use crate::error::Result;
use crate::model::{Frame, Masks};

/// Percentiles that the full range lies between.
const FULL: [f64; 2] = [0.1, 99.9];
/// The part of the full range that the default view may lose.
const LOST: f64 = 1.0 / 20.0;
/// How much wider than the full range the default view may be.
const WIDER: f64 = 1.25;
/// Pixels along the longer side from which on a frame is searched at half its size too; at a quarter from twice as many.
pub const LARGE: u32 = 1500;

/// How a view is made of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// As it is.
    Plain,
    /// Of equal local contrast.
    Relief,
    /// Means of squares of so many pixels along a side, 2 or more; at the right and at the bottom of what is left of a square.
    Shrunk(usize),
}

impl Look {
    /// Pixels of the frame along a side of a pixel of the view.
    pub fn shrink(self) -> usize {
        match self {
            Look::Shrunk(by) => by,
            Look::Plain | Look::Relief => 1,
        }
    }
}

/// A view, or its map, and how it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// How.
    pub look: Look,
    /// The view or the map.
    pub plane: Plane,
}

/// A view that is worth a search.
#[derive(Clone, Debug)]
pub struct View {
    /// The picture; of three planes the brightest counts.
    pub kernel: Kernel,
    /// What is made of it.
    pub look: Look,
}

impl View {
    /// Rows and columns.
    pub fn shape(&self) -> [usize; 2] {
        [self.kernel.block.rows, self.kernel.block.columns].map(|side| (side as usize).div_ceil(self.look.shrink()))
    }
}

/// The plans of a frame. They count the same pixels.
pub struct Plans {
    /// As it is shown by default; its counts serve all.
    pub default: Plan,
    percentiles: Plan,
    lowest_to_highest: Plan,
    colours: Plan,
}

impl Plans {
    /// Of a frame.
    pub fn of(frame: &Frame, masks: &Masks) -> Result<Self> {
        let plan = |voi, channels| {
            let (size, padding) = (Size::Own(OwnSize::None), PaddingSpec::Keep);
            let spec = PlanSpec { voi, size, padding, channels, ..PlanSpec::default() };
            Plan::new(&spec, Shape::of(frame), &frame.interpretation, masks.clone())
        };
        Ok(Self {
            default: plan(VoiSpec::Auto, 1)?,
            percentiles: plan(VoiSpec::Percentile(FULL[0], FULL[1]), 1)?,
            lowest_to_highest: plan(VoiSpec::MinMax, 1)?,
            colours: plan(VoiSpec::Auto, 3)?,
        })
    }

    /// The views that are worth a search, at least one; no relief `again`. `counts` are of the default plan.
    pub fn views(&self, counts: &Counts, again: bool) -> Result<Vec<View>> {
        let default = self.default.resolve(Some(counts))?;
        let (views, all) = if default.block.colour == COLOUR_GREY {
            let full = self.full(counts)?;
            match shows(&default, &full) {
                true => (vec![default.clone()], default),
                false => (vec![default, full.clone()], full),
            }
        } else {
            (vec![default], self.colours.resolve(Some(counts))?)
        };
        let side = all.block.rows.max(all.block.columns);
        let more = [(!again, Look::Relief), (side > LARGE, Look::Shrunk(2)), (side > 2 * LARGE, Look::Shrunk(4))];
        let more = more.into_iter().filter(|(worth, _)| *worth).map(|(_, look)| (all.clone(), look));
        let plain = views.into_iter().map(|kernel| (kernel, Look::Plain));
        Ok(plain.chain(more).map(|(kernel, look)| View { kernel, look }).collect())
    }

    fn full(&self, counts: &Counts) -> Result<Kernel> {
        let full = self.percentiles.resolve(Some(counts))?;
        if full.view.width == Some(0.0) {
            // Nearly all pixels hold one value, and the others could be text.
            return self.lowest_to_highest.resolve(Some(counts));
        }
        Ok(full)
    }
}

/// Whether `default` shows what `full` shows.
fn shows(default: &Kernel, full: &Kernel) -> bool {
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

/// The views of a frame, pixel by pixel; no relief `again`.
pub fn views(frame: &Frame, masks: &Masks, again: bool) -> Result<Vec<Seen>> {
    let plans = Plans::of(frame, masks)?;
    let views = plans.views(&Counts::of(frame, &plans.default)?, again)?;
    let seen = |view: &View| {
        let picture = picture(frame, &view.kernel);
        let plane = match view.look {
            Look::Plain => picture,
            Look::Relief => relief::relief(&picture),
            Look::Shrunk(by) => shrunk(&picture, by),
        };
        Seen { look: view.look, plane }
    };
    Ok(views.iter().map(seen).collect())
}

/// The brightest plane of every pixel.
fn picture(frame: &Frame, kernel: &Kernel) -> Plane {
    let places = (0..frame.rows).flat_map(|y| (0..frame.columns).map(move |x| (x, y)));
    let planes = if kernel.block.planes == 3 { 3 } else { 1 };
    let brightest = |(x, y)| chain::pixel(frame, kernel, x, y).into_iter().take(planes).fold(0.0, f32::max);
    Plane { rows: frame.rows as usize, columns: frame.columns as usize, values: places.map(brightest).collect() }
}

/// Means of squares.
fn shrunk(picture: &Plane, by: usize) -> Plane {
    let (rows, columns) = (picture.rows.div_ceil(by), picture.columns.div_ceil(by));
    let near = |at: usize, end: usize| at * by..((at + 1) * by).min(end);
    let mean = |(y, x): (usize, usize)| {
        let square = near(y, picture.rows).flat_map(|y| near(x, picture.columns).map(move |x| y * picture.columns + x));
        let values: Vec<f32> = square.filter_map(|at| picture.values.get(at).copied()).collect();
        values.iter().sum::<f32>() / values.len() as f32
    };
    let values = (0..rows).flat_map(|y| (0..columns).map(move |x| (y, x))).map(mean).collect();
    Plane { rows, columns, values }
}
