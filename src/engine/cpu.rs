//! The CPU engine.

use super::{Device, Done, Engine, Job};
use crate::error::Result;
use crate::pixel;
use rayon::prelude::*;
use std::collections::VecDeque;

/// Runs jobs on the threads of rayon's pool.
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

    fn submit(&mut self, batch: Vec<Job>) -> Result<()> {
        self.finished.push_back(batch.par_iter().map(run).collect());
        Ok(())
    }

    fn collect(&mut self) -> Option<Vec<Result<Done>>> {
        self.finished.pop_front()
    }
}

/// Runs one job: also what the GPU engine does with samples its shaders have no type for.
pub fn run(job: &Job) -> Result<Done> {
    let counts = pixel::Counts::of(&job.frame, &job.plan)?;
    let kernel = job.plan.resolve(Some(&counts))?;
    let (tensor, stats) = pixel::twin(&job.frame, &job.plan)?;
    Ok(Done { tensor, stats, view: kernel.view })
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
