//! The CPU engine: what the twins in `pixel` mean, at speed. Samples are counted only if something asks for it. The
//! view of integer samples of up to 16 bits is worked out where it is a ramp, and else becomes a table over the values
//! that occur. Rows are widened one at a time and added to the few output rows they belong to, so that no full-size
//! float image exists. Jobs run side by side; a batch smaller than the pool also
//! splits its frames into bands.
//!
//! The resize adds down before across (the twin across before down): results agree to rounding, see tests/engines.rs.

mod bands;
mod count;
mod finish;
mod overlay;
mod rows;
mod survey;
pub mod textnet;
mod wide;

use super::{Device, Done, Engine, Job, Search};
use crate::error::Result;
use crate::model::{Frame, Tensor};
use crate::pixel::overlay::Extremes;
use crate::pixel::textnet::TextBox;
use crate::pixel::{Plan, Quality, Stats};
use count::Counted;
use rayon::prelude::*;
use std::collections::VecDeque;

/// Runs jobs on the threads of rayon's pool. A batch is done when `submit` returns.
#[derive(Default)]
pub struct CpuEngine {
    finished: VecDeque<Vec<Result<Done>>>,
}

impl CpuEngine {
    /// An engine without work.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Engine for CpuEngine {
    fn name(&self) -> String {
        "cpu".into()
    }

    fn find_text(&mut self, searches: &[Search]) -> Result<Vec<Result<Vec<TextBox>>>> {
        let bands = rayon::current_num_threads() / searches.len().max(1);
        Ok(searches.par_iter().map(|search| textnet::find(search, bands.max(1))).collect())
    }

    fn extremes(&mut self, frames: &[Frame]) -> Result<Extremes> {
        extremes(frames)
    }

    fn submit(&mut self, batch: Vec<Job>) -> Result<()> {
        let bands = rayon::current_num_threads() / batch.len().max(1);
        self.finished.push_back(batch.par_iter().map(|job| run_in(job, bands.max(1))).collect());
        Ok(())
    }

    fn collect(&mut self) -> Option<Vec<Result<Done>>> {
        self.finished.pop_front()
    }
}

pub use overlay::extremes;

/// Runs one job on the calling thread: also what the GPU engine does with samples its shaders have no type for.
pub fn run(job: &Job) -> Result<Done> {
    run_in(job, 1)
}

/// Runs one job in so many bands; the result does not depend on their number.
fn run_in(job: &Job, bands: usize) -> Result<Done> {
    let (frame, plan) = (&job.frame, &job.plan);
    plan.fits(frame)?;
    let counted = if plan.counts() { Some(count::count(frame, plan, bands)?) } else { None };
    let kernel = plan.resolve(counted.as_ref().map(|counted| &counted.counts))?;
    let wants = plan.want();
    let surveyed = counted.as_ref().filter(|_| wants.quality());
    let quality = surveyed.and_then(|counted| {
        let first = counted.bins.as_ref().map_or(0, |bins| bins.first);
        survey::survey(frame, plan, &counted.counts, (&counted.rows, first))
    });
    if !wants.tensor() {
        return Ok(Done { tensor: Tensor::empty(), stats: Stats::default(), view: kernel.view, quality });
    }
    let stats = counted.as_ref().map_or_else(Stats::default, |counted| counted.counts.stats(plan));
    let range = || match &counted {
        Some(counted) => counted.bins.as_ref().and_then(count::Bins::range),
        None => count::range(frame, plan, bands),
    };
    let rows = rows::Rows::new(frame, &kernel, range);
    let tensor = finish::tensor(&kernel, &bands::resize(&rows, &kernel, bands));
    Ok(Done { tensor, stats, view: kernel.view, quality })
}

/// What the metrics of a frame are made of, on the calling thread; `None` if no pixel is usable.
pub fn quality(frame: &Frame, plan: &Plan) -> Result<Option<Quality>> {
    plan.fits(frame)?;
    let Counted { counts, bins, rows } = count::count(frame, plan, 1)?;
    Ok(survey::survey(frame, plan, &counts, (&rows, bins.map_or(0, |bins| bins.first))))
}

/// Finds the text of one frame on the calling thread.
pub fn find_text(search: &Search) -> Result<Vec<TextBox>> {
    textnet::find(search, 1)
}

/// The CPU as a device.
pub fn device() -> Device {
    let threads = rayon::current_num_threads() as u64;
    Device {
        name: "cpu".into(),
        kind: "cpu",
        backend: "rayon".into(),
        driver: String::new(),
        usable: "auto",
        limits: vec![("threads", threads)],
    }
}
