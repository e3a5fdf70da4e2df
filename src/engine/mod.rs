//! Where an operation runs: the CPU or a GPU, behind one face. What an operation means is in `pixel`; nothing here
//! may change a number beyond the tolerances written there.

pub mod cpu;
pub mod gpu;
#[cfg(feature = "text-model")]
pub mod reader;

use crate::error::Result;
use crate::model::{Frame, Masks, Tensor};
use crate::pixel::overlay::Extremes;
use crate::pixel::textnet::TextBox;
use crate::pixel::{Plan, Quality, Stats, View};

/// A frame and what to do with it.
#[derive(Clone, Debug)]
pub struct Job {
    /// Stored samples.
    pub frame: Frame,
    /// The plan made for this frame's shape.
    pub plan: Plan,
}

/// What became of a job.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// The training sample; empty if none was wanted.
    pub tensor: Tensor,
    /// Statistics of the frame's modality values; empty if no tensor was wanted or nothing of the plan needs them
    /// ([`Plan::counts`]).
    pub stats: Stats,
    /// The view the tensor shows.
    pub view: View,
    /// What the quality metrics are made of, if it was wanted and a pixel is usable.
    pub quality: Option<Quality>,
}

/// A frame in which burned-in text is looked for.
#[derive(Clone, Debug)]
pub struct Search {
    /// Stored samples at the frame's full size: a clone of a frame shares them.
    pub frame: Frame,
    /// What is blanked already: nothing is found there, and its rectangles are no text.
    pub masks: Masks,
    /// If the frame was searched before and this is the look at what is left, what was blanked then: only what has changed
    /// since is looked at, without the relief, in which the edges of what was blanked look like letters more often than
    /// faint letters were missed.
    pub before: Option<Masks>,
}

/// Runs jobs batch by batch. Two exist: [`cpu::CpuEngine`] and [`gpu::GpuEngine`].
pub trait Engine: Send {
    /// `cpu`, or `gpu:` and the adapter's name.
    fn name(&self) -> String;

    /// Finds burned-in text in each frame, see [`crate::pixel::textnet`]; waits for it. Boxes are in stored pixel
    /// coordinates, from top to bottom. What is brought to a device for it serves the next [`Engine::submit`] of clones of
    /// the same frames and is let go then, or by the next search. Fails only if the engine itself can go no further.
    fn find_text(&mut self, searches: &[Search]) -> Result<Vec<Result<Vec<TextBox>>>>;

    /// The extremes of each sample over frames of one shape, see [`crate::pixel::overlay`]; waits for them. Fails if the
    /// frames have none, or if the engine itself can go no further.
    fn extremes(&mut self, frames: &[Frame]) -> Result<Extremes>;

    /// Takes a batch. Fails only if the engine itself can go no further; a job that fails does so in its own result.
    fn submit(&mut self, batch: Vec<Job>) -> Result<()>;

    /// The oldest batch that was not collected yet, its results in the order of its jobs; waits for it. `None` if
    /// nothing is in flight.
    fn collect(&mut self) -> Option<Vec<Result<Done>>>;
}

/// Which engine the user wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// A hardware GPU if there is one, else the CPU.
    Auto,
    /// The CPU.
    Cpu,
    /// A GPU, or a fault.
    Gpu {
        /// Whether a software adapter will do.
        software: bool,
    },
}

/// Something an engine can run on, for `voxmill devices`.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// `cpu` or the adapter's name.
    pub name: String,
    /// cpu, discrete, integrated, virtual, software, other.
    pub kind: &'static str,
    /// `rayon`, `vulkan` and the like.
    pub backend: String,
    /// Driver and version as they name themselves; empty for the CPU.
    pub driver: String,
    /// `auto`, `asked` (only if asked for) or the reason why not.
    pub usable: &'static str,
    /// Limits that decide what fits: name and value.
    pub limits: Vec<(&'static str, u64)>,
}

/// Opens an engine. Under `Auto` a GPU that is absent or refuses to start is no fault; the CPU takes its place.
pub fn open(choice: Choice) -> Result<Box<dyn Engine>> {
    match choice {
        Choice::Cpu => Ok(Box::new(cpu::CpuEngine::new())),
        Choice::Gpu { software } => Ok(Box::new(gpu::open(software)?)),
        Choice::Auto => match gpu::open(false) {
            Ok(engine) => Ok(Box::new(engine)),
            Err(_) => Ok(Box::new(cpu::CpuEngine::new())),
        },
    }
}

/// Everything there is, the CPU first.
pub fn devices() -> Vec<Device> {
    let mut devices = vec![cpu::device()];
    devices.extend(gpu::devices());
    devices
}
