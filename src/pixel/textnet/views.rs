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
//!
//! A later look, after something was blanked, takes no relief, and only the parts around what was blanked ([`super::around`]) of views
//! that show what was shown before: its windows can differ, because they are counted over what is not masked.

use super::super::block::{COLOUR_GREY, VIEW_RAMP};
use super::super::spec::{OwnSize, PaddingSpec, Size, VoiSpec};
use super::super::stats::Counts;
use super::super::{Kernel, Plan, PlanSpec, Shape, chain};
use super::around::{self, Part};
use super::gate::Gate;
use super::relief::{self, Grid};
use super::{Net, Plane, twin};
use crate::error::Result;
use crate::model::{Frame, Masks, Rectangle};

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

/// The map of a view, and how that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// How.
    pub look: Look,
    /// Which part of the picture it is of.
    pub part: Part,
    /// The map.
    pub plane: Plane,
}

/// A view that is worth a search.
#[derive(Clone, Debug)]
pub struct View {
    /// The picture; of three planes the brightest counts.
    pub kernel: Kernel,
    /// What is made of it.
    pub look: Look,
    /// Which of the pictures of the frame it is of: views of one number have one kernel.
    pub picture: usize,
    /// The part of it that is searched.
    pub part: Part,
    /// In a later look, around what was blanked: what is open of the part. Else its means and deviations say.
    pub around: Option<Gate>,
}

impl View {
    /// All of a picture.
    pub fn new(kernel: Kernel, look: Look, picture: usize) -> Self {
        let part = Part::whole(whole(&kernel, look));
        Self { kernel, look, picture, part, around: None }
    }

    /// Rows and columns of the part that is searched.
    pub fn shape(&self) -> [usize; 2] {
        self.part.shape()
    }

    /// Whether means and deviations of the picture are needed: for a relief, and to see where a whole picture is quiet.
    pub fn gated(&self) -> bool {
        self.look.shrink() == 1 && self.around.is_none()
    }
}

/// Rows and columns of a picture as it is looked at.
fn whole(kernel: &Kernel, look: Look) -> [usize; 2] {
    [kernel.block.rows, kernel.block.columns].map(|side| (side as usize).div_ceil(look.shrink()))
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

    /// The views that are worth a search, at least one. `counts` are of the default plan.
    pub fn views(&self, counts: &Counts) -> Result<Vec<View>> {
        let default = self.default.resolve(Some(counts))?;
        let mut pictures = vec![default];
        if pictures[0].block.colour == COLOUR_GREY {
            let full = self.full(counts)?;
            pictures.extend((!shows(&pictures[0], &full)).then_some(full));
        }
        let mut views: Vec<View> =
            pictures.into_iter().enumerate().map(|(i, kernel)| View::new(kernel, Look::Plain, i)).collect();
        let (all, picture) = match &views[..] {
            [only] if only.kernel.block.colour != COLOUR_GREY => (self.colours.resolve(Some(counts))?, 1),
            [.., last] => (last.kernel.clone(), last.picture),
            [] => return Ok(views),
        };
        let side = all.block.rows.max(all.block.columns);
        let more = [(true, Look::Relief), (side > LARGE, Look::Shrunk(2)), (side > 2 * LARGE, Look::Shrunk(4))];
        let more = more.into_iter().filter(|(worth, _)| *worth);
        views.extend(more.map(|(_, look)| View::new(all.clone(), look, picture)));
        Ok(views)
    }

    /// The views of a later look, when `fresh` was blanked since `views` were searched.
    pub fn later(&self, counts: &Counts, views: &[View], fresh: &[Rectangle]) -> Result<Vec<View>> {
        let masked = self.default.masks.boxes().iter().map(|b| Rectangle { x: b.x, y: b.y, w: b.w, h: b.h });
        let masked: Vec<Rectangle> = masked.collect();
        let mut later = self.views(counts)?;
        later.retain(|view| view.look != Look::Relief);
        let parts = |view: View| {
            let same = |old: &&View| {
                old.look == view.look && (fixed(&old.kernel, &view.kernel) || shows(&old.kernel, &view.kernel))
            };
            let by = view.look.shrink();
            if !views.iter().any(|old| same(&old)) {
                return vec![view];
            }
            let part = |part: Part| {
                let around = Some(Gate::around(&part, by, fresh, &masked));
                View { part, around, ..view.clone() }
            };
            around::parts(fresh, view.shape(), by).into_iter().map(part).collect()
        };
        Ok(later.into_iter().flat_map(parts).collect())
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

/// Whether two pictures of one frame are the same whatever is masked: colours, and windows or tables that its header names.
fn fixed(a: &Kernel, b: &Kernel) -> bool {
    let drawn = |kernel: &Kernel| kernel.block.colour != COLOUR_GREY || kernel.block.view != VIEW_RAMP;
    drawn(a) && drawn(b)
}

/// The maps of a frame's views by a network, plainly; `before` are the masks of the look before this one.
pub fn maps(net: &Net, frame: &Frame, masks: &Masks, before: Option<&Masks>) -> Result<Vec<Seen>> {
    let counted = |masks: &Masks| {
        let plans = Plans::of(frame, masks)?;
        let counts = Counts::of(frame, &plans.default)?;
        Ok((plans, counts))
    };
    let (plans, counts) = counted(masks)?;
    let views = match before {
        None => plans.views(&counts)?,
        Some(before) => {
            let (old, old_counts) = counted(before)?;
            plans.later(&counts, &old.views(&old_counts)?, &fresh(masks, before))?
        }
    };
    let mut maps: Vec<Seen> = Vec::new();
    let mut grids: Vec<Option<Grid>> = Vec::new();
    for view in &views {
        let picture = picture(frame, &view.kernel);
        let plane = match view.look {
            Look::Plain => picture.clone(),
            Look::Relief => relief::relief(&picture),
            Look::Shrunk(by) => shrunk(&picture, by),
        };
        let mut plane = twin::probability(net, &cut(&plane, &view.part));
        grids.push(view.gated().then(|| {
            let row_of = |y: usize, row: &mut [f32]| {
                row.copy_from_slice(&picture.values[y * picture.columns..][..picture.columns])
            };
            Grid::of(view.shape(), row_of)
        }));
        if let Some(gate) = gate(views.iter().zip(grids.iter().map(Option::as_ref)), &maps, net.cell()) {
            gate.close(&mut plane, net.cell());
        }
        maps.push(Seen { look: view.look, part: view.part.clone(), plane });
    }
    Ok(maps)
}

/// The gate of the view after those that `maps` are of, if it has any. `views` are those of the frame, each with the grid of its picture,
/// at least up to that one.
pub fn gate<'a>(
    views: impl IntoIterator<Item = (&'a View, Option<&'a Grid>)>,
    maps: &[Seen],
    cell: usize,
) -> Option<Gate> {
    let before: Vec<(&View, Option<&Grid>)> = views.into_iter().take(maps.len() + 1).collect();
    let ((view, grid), before) = before.split_last()?;
    let Some(grid) = grid else { return view.around.clone() };
    let gate = Gate::of(grid);
    // The same picture as it is or, of the brightest colours, their luma: it is the last one.
    let plain = before.iter().zip(maps).rfind(|((other, _), _)| other.look == Look::Plain);
    match plain {
        Some(((own, luma), map)) if view.look == Look::Relief => {
            let more = |block| own.picture != view.picture && luma.is_none_or(|luma| Gate::tinted(grid, luma, block));
            Some(gate.hinted(&map.plane, cell, more))
        }
        _ => Some(gate),
    }
}

/// What is masked now and was not before.
pub fn fresh(masks: &Masks, before: &Masks) -> Vec<Rectangle> {
    let new = masks.boxes().iter().filter(|b| !before.boxes().contains(b));
    new.map(|b| Rectangle { x: b.x, y: b.y, w: b.w, h: b.h }).collect()
}

/// A part of a picture.
fn cut(picture: &Plane, part: &Part) -> Plane {
    let [rows, columns] = part.shape();
    let row = |y: usize| &picture.values[y * picture.columns..][part.columns.clone()];
    Plane { rows, columns, values: part.rows.clone().flat_map(row).copied().collect() }
}

/// The brightest plane of every pixel.
fn picture(frame: &Frame, kernel: &Kernel) -> Plane {
    within(frame, kernel, Rectangle { x: 0, y: 0, w: frame.columns, h: frame.rows })
}

/// The brightest plane of every pixel of an area that lies inside the frame.
pub(super) fn within(frame: &Frame, kernel: &Kernel, area: Rectangle) -> Plane {
    let places = (area.y..area.bottom()).flat_map(|y| (area.x..area.right()).map(move |x| (x, y)));
    let planes = if kernel.block.planes == 3 { 3 } else { 1 };
    let brightest = |(x, y)| chain::pixel(frame, kernel, x, y).into_iter().take(planes).fold(0.0, f32::max);
    Plane { rows: area.h as usize, columns: area.w as usize, values: places.map(brightest).collect() }
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
