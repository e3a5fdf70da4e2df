//! The GPU engine: batches of frames through the shaders of `shaders/`, on any Vulkan adapter. What an operation means
//! is in `pixel`; wgpu is named in this room only. The flow, limits and costs are told in docs/GPU.md.
//!
//! A batch becomes one load (more, if it is large): one upload of packed samples, one submission (two, if a plan waits
//! for the image's statistics), one way back. Two loads are in flight, so that one uploads while the other computes.

mod batch;
mod device;
pub mod kernels;
mod load;
mod notes;
pub mod overlay;
pub mod place;
mod pool;
mod slot;
mod task;
pub mod textnet;

use super::{Device as Listed, Done, Engine, Job, Search, cpu};
use crate::error::{Fault, Result};
use crate::model::Frame;
use crate::pixel::overlay::Extremes;
use crate::pixel::textnet::{self as finder, Net, TextBox, boxes};
use batch::{Batch, Item};
use kernels::Kernels;
use load::{Bytes, Limits};
use slot::{Phase, Slot};
use std::collections::VecDeque;
use task::Task;
use textnet::layers::Layers;
use textnet::{Held, Maps, Round};

/// Loads in flight.
const SLOTS: usize = 2;
/// Loads of searched frames that stay on the device for the tensors made of them.
const HELD: usize = 4;
/// Bytes of stored samples (and of tensors, and of rows between them) gathered into one load: large enough that its
/// fixed costs vanish, small enough that two fit into any memory.
const LOAD: u64 = 32 << 20;

/// The adapters of this machine, without opening any; empty without a Vulkan loader.
pub fn devices() -> Vec<Listed> {
    device::list()
}

/// Opens the best hardware adapter; if `software`, a software adapter and no other. A fault of kind Environment that
/// says what to install if there is none.
pub fn open(software: bool) -> Result<GpuEngine> {
    let gpu = device::Device::open(software)?;
    let kernels = Kernels::new(&gpu)?;
    let limits = Limits { binding: gpu.binding_bytes, buffer: gpu.buffer_bytes, alignment: gpu.alignment, load: LOAD };
    Ok(GpuEngine {
        gpu,
        kernels,
        overlay: None,
        limits,
        free: (0..SLOTS).map(|_| Slot::new()).collect(),
        flight: VecDeque::new(),
        batches: Vec::new(),
        next: 0,
        delegated: 0,
        finder: None,
        held: Vec::new(),
        uploads: 0,
    })
}

/// One load on its way.
struct Flight {
    slot: Slot,
    items: Vec<Item>,
    bytes: Bytes,
    /// What its last submission did.
    phase: Phase,
}

/// Runs jobs on one adapter.
pub struct GpuEngine {
    gpu: device::Device,
    kernels: Kernels,
    /// Made for the first multi-frame image.
    overlay: Option<overlay::Overlay>,
    limits: Limits,
    free: Vec<Slot>,
    flight: VecDeque<Flight>,
    batches: Vec<Batch>,
    next: u64,
    delegated: u64,
    /// The text finder, once it was asked for.
    finder: Option<Layers>,
    held: Vec<Held>,
    uploads: u64,
}

impl GpuEngine {
    /// Pretends that the device allows less: bindings of `binding` bytes, loads of `load` bytes, `groups` workgroups in
    /// one dimension. For tests, which reach the paths of huge frames with small ones.
    #[must_use]
    pub fn limited(mut self, binding: u64, load: u64, groups: u32) -> Self {
        self.limits.binding = binding.min(self.limits.binding) & !3;
        self.limits.load = load;
        self.gpu.groups = groups.min(self.gpu.groups).max(1);
        self
    }

    /// How many jobs the CPU engine did, because the shaders have no words for them or the device no room.
    pub fn delegated(&self) -> u64 {
        self.delegated
    }

    /// Loads of stored samples that were brought to the device.
    pub fn uploads(&self) -> u64 {
        self.uploads
    }

    /// Looks for text with another network than the program's own. For tests.
    pub fn look_with(&mut self, net: &Net) -> Result<()> {
        self.finder = Some(Layers::new(&self.gpu, net)?);
        Ok(())
    }

    /// The map of every view of every frame; the frames stay on the device, as far as [`HELD`] loads go.
    pub fn maps(&mut self, searches: &[Search]) -> Result<Maps> {
        self.gpu.check()?;
        for held in std::mem::take(&mut self.held) {
            self.put_back(held.slot);
        }
        let mut layers = match self.finder.take() {
            Some(layers) => layers,
            None => Layers::new(&self.gpu, finder::net()?)?,
        };
        let maps = self.look(&mut layers, searches);
        self.finder = Some(layers);
        maps
    }

    fn look(&mut self, layers: &mut Layers, searches: &[Search]) -> Result<Maps> {
        let mut round = Round::new(layers, searches, &self.limits)?;
        self.delegated += round.delegated;
        let mut flying = VecDeque::new();
        for load in 0..round.loads() {
            let slot = self.free.pop().unwrap_or_else(Slot::new);
            let device = (&self.gpu, &self.kernels, &mut *layers);
            flying.push_back(round.start(load, slot, device, searches, &self.limits)?);
            self.uploads += 1;
            if flying.len() == SLOTS
                && let Some(looking) = flying.pop_front()
            {
                let held = round.finish(looking, &self.gpu, layers.net.cell())?;
                self.keep(held);
            }
        }
        for looking in flying {
            let held = round.finish(looking, &self.gpu, layers.net.cell())?;
            self.keep(held);
        }
        Ok(round.maps)
    }

    fn keep(&mut self, held: Held) {
        if self.held.len() < HELD { self.held.push(held) } else { self.put_back(held.slot) }
    }

    fn put_back(&mut self, mut slot: Slot) {
        slot.trim();
        if self.free.len() < SLOTS {
            self.free.push(slot);
        }
    }

    /// Starts what can be made of the frames of a load that is on the device; gives back the items that cannot.
    fn resume(&mut self, held: Held, items: Vec<Item>, jobs: &[Job]) -> Result<Vec<Item>> {
        let mut others = Vec::new();
        let (mut load, mut total) = (Vec::new(), Bytes { stored: held.bytes, ..Bytes::default() });
        for item in items {
            let job = jobs.get(item.task);
            let more = total.plus(Bytes { stored: 0, ..item.bytes });
            match job.and_then(|job| held.at(&job.frame).map(|at| (job, at))) {
                Some((job, at)) if more.possible(&self.limits) => {
                    let row = job.frame.bytes().len() as u64 / u64::from(job.frame.rows.max(1));
                    let stored = at + u64::from(item.piece.stored.start) * row;
                    load.push(Item { at: Bytes { stored, ..total }, ..item });
                    total = more;
                }
                _ => others.push(item),
            }
        }
        match load.is_empty() {
            true => self.put_back(held.slot),
            false => self.launch(held.slot, load, total, false)?,
        }
        Ok(others)
    }

    /// Starts a load: fills a slot and launches it.
    fn start(&mut self, items: Vec<Item>, bytes: Bytes, jobs: &[Job]) -> Result<()> {
        let mut slot = loop {
            match self.free.pop() {
                Some(slot) => break slot,
                None if self.flight.is_empty() => break Slot::new(),
                None => self.finish()?,
            }
        };
        let parts = items
            .iter()
            .filter_map(|item| jobs.get(item.task).map(|job| (item.at.stored, task::samples(job, &item.piece))));
        slot.fill(&self.gpu, bytes.stored, parts)?;
        self.uploads += 1;
        self.launch(slot, items, bytes, true)
    }

    /// Submits a load, and then settles older loads that wait for statistics, while it runs.
    fn launch(&mut self, mut slot: Slot, items: Vec<Item>, bytes: Bytes, upload: bool) -> Result<()> {
        let (mut waits, mut sums) = (false, false);
        for item in &items {
            let task = batch::task_of(&mut self.batches, item)?;
            waits |= task.waits();
            sums |= task.surveyed();
        }
        let phase = Phase { upload, bins: bytes.bins > 0, tensors: !waits, sums };
        let (notes, dispatches) = batch::notes(&mut self.batches, &items, phase, &self.limits, bytes.stored)?;
        slot.submit(&self.gpu, &self.kernels, (&notes, &dispatches), bytes, phase)?;
        let older = self.flight.len();
        self.flight.push_back(Flight { slot, items, bytes, phase });
        (0..older).try_for_each(|index| self.settle(index))
    }

    /// Second submission of a load that waited for its histograms.
    fn settle(&mut self, index: usize) -> Result<()> {
        let Some(flight) = self.flight.get_mut(index).filter(|flight| !flight.phase.tensors) else { return Ok(()) };
        let (batches, items, phase) = (&mut self.batches, &flight.items, flight.phase);
        flight.slot.read(&self.gpu, |returned| batch::take(batches, items, phase, &returned))??;
        flight.phase = Phase { upload: false, bins: false, tensors: true, sums: phase.sums };
        let (notes, dispatches) =
            batch::notes(&mut self.batches, &flight.items, flight.phase, &self.limits, flight.bytes.stored)?;
        flight.slot.submit(&self.gpu, &self.kernels, (&notes, &dispatches), flight.bytes, flight.phase)
    }

    /// Waits for the oldest load and hands out its tensors. Nothing to do if none is in flight.
    fn finish(&mut self) -> Result<()> {
        (0..self.flight.len()).try_for_each(|index| self.settle(index))?;
        let Some(mut flight) = self.flight.pop_front() else {
            return Err(Fault::bug("gpu", "a load is waited for that was never started"));
        };
        let (batches, items, phase) = (&mut self.batches, &flight.items, flight.phase);
        flight.slot.read(&self.gpu, |returned| batch::take(batches, items, phase, &returned))??;
        self.put_back(flight.slot);
        Ok(())
    }
}

impl Engine for GpuEngine {
    fn name(&self) -> String {
        format!("gpu:{}", self.gpu.name)
    }

    fn find_text(&mut self, searches: &[Search]) -> Result<Vec<Result<Vec<TextBox>>>> {
        let maps = self.maps(searches)?;
        let net = finder::net()?;
        let found = |(search, maps): (&Search, Result<Vec<_>>)| {
            Ok(boxes::of_views(&maps?, net.rules(), search.frame.rows, search.frame.columns))
        };
        Ok(searches.iter().zip(maps).map(found).collect())
    }

    fn extremes(&mut self, frames: &[Frame]) -> Result<Extremes> {
        let overlay = match self.overlay.take() {
            Some(overlay) => overlay,
            None => overlay::Overlay::new(&self.gpu)?,
        };
        match self.overlay.insert(overlay).extremes(&self.gpu, &self.limits, frames)? {
            Some(extremes) => Ok(extremes),
            None => cpu::extremes(frames),
        }
    }

    fn submit(&mut self, jobs: Vec<Job>) -> Result<()> {
        self.gpu.check()?;
        let number = self.next;
        self.next += 1;
        let mut tasks = Vec::with_capacity(jobs.len());
        let mut waiting = Vec::new();
        for (task, job) in jobs.iter().enumerate() {
            let (prepared, pieces) = task::prepare(job, &self.limits);
            self.delegated += u64::from(prepared.delegated());
            tasks.push(prepared);
            let item = |(piece, bytes)| Item { batch: number, task, piece, bytes, at: Bytes::default() };
            waiting.extend(pieces.into_iter().map(item));
        }
        self.batches.push(Batch { number, tasks });
        for held in std::mem::take(&mut self.held) {
            waiting = self.resume(held, waiting, &jobs)?;
        }
        let (mut load, mut total) = (Vec::new(), Bytes::default());
        for item in waiting {
            if !load.is_empty() && !total.plus(item.bytes).comfortable(&self.limits) {
                self.start(std::mem::take(&mut load), std::mem::take(&mut total), &jobs)?;
            }
            load.push(Item { at: total, ..item });
            total = total.plus(load.last().map_or(Bytes::default(), |item: &Item| item.bytes));
        }
        if load.is_empty() { Ok(()) } else { self.start(load, total, &jobs) }
    }

    fn collect(&mut self) -> Option<Vec<Result<Done>>> {
        while self.batches.first()?.tasks.iter().any(|task| !task.ended()) {
            if let Err(fault) = self.finish() {
                self.batches.first_mut()?.tasks.iter_mut().for_each(|task| task.fail(&fault));
            }
        }
        let batch = self.batches.remove(0);
        Some(batch.tasks.into_iter().map(Task::into_outcome).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deid::burned_in::clip_to_frame;
    use crate::error::Kind;
    use crate::model::{Interpretation, Photometric, SampleType};
    use crate::pixel::{Plan, PlanSpec, Shape};

    fn job() -> Job {
        let interpretation = Interpretation::plain(Photometric::Monochrome2, 8);
        let frame = Frame::new(4, 6, 1, SampleType::U8, (0..24).collect(), interpretation).unwrap();
        let masks = clip_to_frame(&[], 4, 6, "test");
        let plan = Plan::new(&PlanSpec::default(), Shape::of(&frame), &frame.interpretation, masks).unwrap();
        Job { frame, plan }
    }

    #[test]
    fn a_device_that_is_gone_ends_in_faults() {
        let mut engine = match open(true) {
            Ok(engine) => engine,
            // tests/gpu.rs decides whether a missing adapter is a failure.
            Err(fault) => return assert_eq!(fault.kind, Kind::Environment),
        };
        engine.submit(vec![job()]).unwrap();
        engine.gpu.device.destroy();
        let late = engine.submit(vec![job()]);
        let results = [engine.collect(), engine.collect()].map(|results| results.unwrap_or_default());
        assert!(late.is_err() || results[1].iter().all(|result| result.is_err()));
        assert!(engine.submit(vec![job()]).is_err());
    }
}
