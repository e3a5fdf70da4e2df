//! Quality: what an image's metrics are made of, counted once.
//!
//! # Meaning
//! Two classes of values (object and air), and sums over neighbouring pixels of the object: second differences, slopes,
//! differences at three distances, differences by place in an 8 x 8 grid, rows, columns, and a grid of means.
//! The metrics themselves are rows of a table in `score`; here is everything of them that looks at a pixel.
//! # Formula and section of the standard
//! Object: the brighter side, as displayed (PS3.3 C.7.6.3.1.2), of Otsu's threshold over all values that occur (scikit-image
//! `threshold_otsu` of integers). Sums: see [`sums::Sums`]; they run over object pixels whose neighbours are usable,
//! on every [`sums::stride`]-th row.
//! # From space, to space
//! Steps: stored value minus the lowest usable stored value. Colour: brightness in 256 steps. 32-bit and float samples:
//! 65,536 steps between their lowest and highest usable value. Everything is an integer until it is summed.
//! # Edge cases
//! Masked pixels and padding are not usable: no sum sees them or a neighbour of theirs. One value only: no threshold, all
//! usable pixels are object. Less than three rows or columns: no spots. No usable pixel: no quality.
//! # Tolerance and why
//! The shader and the twin add integers: equal. The CPU engine adds in f32 lanes, row by row into f64: 1e-5 relative.
//! Colour, palette, 32-bit and float frames are surveyed on the CPU for both engines, as their statistics are.

pub mod otsu;
pub mod packed;
pub mod plane;
pub mod sums;

use super::block::{BINS, Block};
use super::plan::Plan;
use super::stats::{Counts, Population};
use super::{modality, voi_lut, window};
use crate::model::{Frame, Modality, Photometric, Voi};
use plane::Plane;
use sums::Sums;

/// A value of the image that is neither masked nor padding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value {
    /// Modality value; brightness 0 to 255 of colour.
    pub value: f64,
    /// How often it occurs, above 0.
    pub count: u64,
    /// Whether it belongs to the object (else to the air around it).
    pub object: bool,
}

/// What the survey of a frame needs to know before it looks at neighbours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Survey {
    /// Stored value of step 0: the lowest usable one.
    pub origin: f64,
    /// First and last step of the object, both inclusive.
    pub object: [u32; 2],
    /// One row in so many is surveyed.
    pub stride: u32,
    /// Differences beyond count as this many steps where edges must not outweigh everything else; below 2^16.
    pub cap: u32,
}

/// Everything that the metrics of one frame are made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Quality {
    /// Rows of the frame.
    pub rows: u32,
    /// Columns of the frame.
    pub columns: u32,
    /// Pixels under a mask.
    pub masked: u64,
    /// Usable values, ascending.
    pub values: Vec<Value>,
    /// Bits that the stored value farthest from 0 needs, its sign included; `None` of floats and colour.
    pub bits_used: Option<u8>,
    /// Modality units of one step; null after a Modality LUT, whose steps have no one size.
    pub unit: Option<f64>,
    /// Whether higher steps are displayed brighter.
    pub bright: bool,
    /// Whether higher steps are higher modality values.
    pub rising: bool,
    /// Sums over the survey, in steps.
    pub sums: Sums,
    /// The image as 256 display steps of the file's first view, then of the range from percentile 1 to 99; `None` if the file
    /// offers no view.
    pub display: Option<[Display; 2]>,
}

/// An image through one view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Display {
    /// All of it.
    pub all: Shown,
    /// Its object alone.
    pub object: Shown,
}

/// Pixels as 256 display steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shown {
    /// Shannon entropy in bits.
    pub entropy: f64,
    /// Share of pixels at the first or the last step.
    pub ends: f64,
}

impl Survey {
    /// The survey of a population of stored values; `None` if it is empty.
    pub fn of(plan: &Plan, population: &Population) -> Option<Self> {
        let (first, last) = (population.values.first()?.0, population.values.last()?.0);
        let steps = (last - first) as u32;
        let object = match otsu::threshold(&population.values) {
            None => [0, steps],
            Some(split) if stored_bright(plan) => [(split - first) as u32 + 1, steps],
            Some(split) => [0, (split - first) as u32],
        };
        Some(Self {
            origin: first,
            object,
            stride: sums::stride(plan.shape.rows, plan.shape.columns),
            cap: sums::cap(&population.values),
        })
    }

    /// Writes what the shader needs into a block.
    pub fn write(&self, block: &mut Block) {
        block.quality_origin = self.origin as i32;
        [block.quality_low, block.quality_high] = self.object;
        block.quality_stride = self.stride;
        block.quality_cap = self.cap as i32;
    }

    /// Whether a stored value belongs to the object.
    fn object(&self, stored: f64) -> bool {
        let step = stored - self.origin;
        (f64::from(self.object[0])..=f64::from(self.object[1])).contains(&step)
    }
}

/// Whether higher stored values are displayed brighter.
fn stored_bright(plan: &Plan) -> bool {
    (plan.photometric != Photometric::Monochrome1) != falling(plan)
}

/// Whether higher stored values are lower modality values.
fn falling(plan: &Plan) -> bool {
    match &plan.modality {
        _ if !plan.photometric.grey() => false,
        Modality::Identity => false,
        Modality::Rescale { slope, .. } => *slope < 0.0,
        Modality::Lut(lut) => lut.entries.first() > lut.entries.last(),
    }
}

/// Whether the shader can survey the frames of a plan: grey integers of up to 16 bits.
pub fn on_device(plan: &Plan) -> bool {
    plan.photometric.grey() && plan.shape.sample_type.tabulable()
}

impl Quality {
    /// Surveys a frame, plainly; `None` if no pixel is usable.
    pub fn of(frame: &Frame, plan: &Plan, counts: &Counts) -> Option<Self> {
        let plane = Plane::of(frame, plan, counts);
        let population = plane.population(counts)?;
        let survey = Survey::of(plan, &population)?;
        let sums = Sums::of(&plane.steps(frame, plan, &survey), plan.shape.columns as usize, &survey);
        let voi = frame.interpretation.voi.first();
        Some(Self::assemble(voi, plan, counts, &plane, &survey, sums))
    }

    /// Puts the values beside the sums; the engines call it with sums of their own. `voi` is the file's first view.
    pub fn assemble(
        voi: Option<&Voi>,
        plan: &Plan,
        counts: &Counts,
        plane: &Plane,
        survey: &Survey,
        sums: Sums,
    ) -> Self {
        let grey = plan.photometric.grey();
        let stored = plane.stored_values(counts);
        let mut values: Vec<Value> = stored
            .iter()
            .map(|(stored, count)| {
                let value = if grey { modality::modality_from_stored(&plan.modality, *stored) } else { *stored };
                Value { value, count: *count, object: survey.object(plane.step_value(*stored)) }
            })
            .collect();
        if grey && plan.modality != Modality::Identity {
            values.sort_by(|a, b| a.value.total_cmp(&b.value));
        }
        let slope = match &plan.modality {
            _ if !grey => Some(1.0),
            Modality::Identity => Some(1.0),
            Modality::Rescale { slope, .. } => Some(slope.abs()),
            Modality::Lut(_) => None,
        };
        let bits_used = stored.first().zip(stored.last()).filter(|_| grey && *plane == Plane::Stored);
        let bits_used = bits_used.map(|((low, _), (high, _))| bits_of(*low as i64, *high as i64));
        let display = voi.filter(|_| grey).map(|voi| display(&values, voi));
        Self {
            rows: plan.shape.rows,
            columns: plan.shape.columns,
            masked: counts.masked,
            bits_used,
            unit: slope.map(|slope| slope * plane.step_size()),
            bright: stored_bright(plan),
            rising: !falling(plan),
            values,
            sums,
            display,
        }
    }
}

/// Bits of the integers from `low` to `high`.
fn bits_of(low: i64, high: i64) -> u8 {
    let magnitude = |value: i64| 64 - (if value < 0 { !value } else { value }).leading_zeros() as u8;
    magnitude(low).max(magnitude(high)) + u8::from(low < 0)
}

/// The display through the file's view, and through the range from percentile 1 to 99.
fn display(values: &[Value], voi: &Voi) -> [Display; 2] {
    let pairs = || values.iter().map(|value| (value.value, value.count));
    let [low, high] = [1, 99].map(|percent| sums::at_rank(pairs(), percent));
    let range = window::Curve::range(low, high);
    let of_range = displayed(values, |value| range.unit_from_modality(value));
    let of_view = match voi {
        Voi::Lut(lut) => displayed(values, |value| voi_lut::unit_from_modality(lut, value)),
        Voi::Window { center, width, function } => match window::check(*center, *width, *function) {
            Ok(()) => {
                let curve = window::Curve::window(*center, *width, *function);
                displayed(values, |value| curve.unit_from_modality(value))
            }
            // A window that cannot be followed shows nothing.
            Err(_) => displayed(values, |_| 0.0),
        },
    };
    [of_view, of_range]
}

/// What 256 display steps hold, of all pixels and of the object's.
fn displayed(values: &[Value], unit: impl Fn(f64) -> f64) -> Display {
    let (mut object, mut air) = ([0u64; 256], [0u64; 256]);
    for value in values {
        let bins = if value.object { &mut object } else { &mut air };
        // `as` limits to 0..255.
        bins[usize::from((unit(value.value) * 255.0 + 0.5) as u8)] += value.count;
    }
    air.iter_mut().zip(&object).for_each(|(all, object)| *all += object);
    Display { all: shown(&air), object: shown(&object) }
}

fn shown(bins: &[u64; 256]) -> Shown {
    let total: u64 = bins.iter().sum();
    let share = |n: &u64| *n as f64 / total.max(1) as f64;
    let entropy = -bins.iter().filter(|n| **n > 0).map(|n| share(n) * share(n).log2()).sum::<f64>();
    Shown { entropy, ends: share(&bins[0]) + share(&bins[255]) }
}
