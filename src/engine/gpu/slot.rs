//! The buffers of one load and their way through the device: fill, submit, read back. Two slots let one load upload
//! while the other computes. What the passes mean is in `kernels`, what lies where in `load` and `notes`.

use super::device::Device;
use super::kernels::{Kernels, Pass};
use super::load::Bytes;
use super::notes::{Notes, SPAN_STRIDE};
use super::place::Span;
use super::pool::{Grown, Mapping};
use super::textnet::layers::Layers;
use crate::error::{Fault, Result};
use std::ops::Range;
use wgpu::BufferUsages as Use;

/// One dispatch: a pass over a run of places, with one window of the stored samples bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// Which pass.
    pub pass: Pass,
    /// Whether its frames are colour.
    pub coloured: bool,
    /// Window of the stored samples, in bytes; its begin is aligned.
    pub window: Range<u64>,
    /// Which span of the notes.
    pub span: u32,
    /// Workgroups, at least 1.
    pub groups: u32,
}

/// What one submission does. Frames whose plan waits for statistics take two over the same upload, all others one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phase {
    /// Brings the staged samples to the device.
    pub upload: bool,
    /// Counts histograms and brings them back.
    pub bins: bool,
    /// Makes tensors, and sums of surveys where they are wanted, and brings them back.
    pub tensors: bool,
    /// Whether some frame is surveyed: the sums lie behind the histograms and come back with the tensors.
    pub sums: bool,
}

/// What a submission brought back.
pub struct Returned<'a> {
    /// Histograms and sums, if the phase made them.
    pub bins: &'a [u8],
    /// Tensors, if the phase made them.
    pub tensors: &'a [u8],
}

/// A submission on its way.
struct Pending {
    submission: wgpu::SubmissionIndex,
    mapping: Mapping,
    bins: u64,
    tensors: u64,
}

/// The buffers of one load.
pub struct Slot {
    staging: Grown,
    stored: Grown,
    notes: Grown,
    resized: Grown,
    tensors: Grown,
    bins: Grown,
    back: Grown,
    filled: u64,
    pending: Option<Pending>,
}

/// What a mapping that cannot be seen is reported as.
pub fn unmapped(error: wgpu::MapRangeError) -> Fault {
    Fault::environment("gpu", "a mapped buffer could not be seen", error.to_string())
}

/// Workgroups as x and y of a dispatch, for a device that allows `limit` in one dimension.
pub fn grid(groups: u32, limit: u32) -> (u32, u32) {
    let y = groups.div_ceil(limit.max(1)).max(1);
    (groups.div_ceil(y), y)
}

impl Slot {
    /// Empty buffers.
    pub fn new() -> Self {
        let made = Use::STORAGE | Use::COPY_SRC | Use::COPY_DST;
        Self {
            staging: Grown::new("staging", Use::MAP_WRITE | Use::COPY_SRC),
            stored: Grown::new("stored", Use::STORAGE | Use::COPY_DST),
            notes: Grown::new("notes", Use::STORAGE | Use::UNIFORM | Use::COPY_DST),
            resized: Grown::new("resized", made),
            tensors: Grown::new("tensors", made),
            bins: Grown::new("bins", made),
            back: Grown::new("back", Use::MAP_READ | Use::COPY_DST),
            filled: 0,
            pending: None,
        }
    }

    /// Copies stored samples into the staging buffer: `parts` are (offset, bytes), ascending, without overlap. What
    /// lies between them is cleared. It is the only copy of a sample that the host makes. Nothing may be on its way.
    pub fn fill<'a>(&mut self, gpu: &Device, bytes: u64, parts: impl Iterator<Item = (u64, &'a [u8])>) -> Result<()> {
        let total = bytes.max(4).next_multiple_of(4);
        let buffer = self.staging.hold(gpu, total)?;
        let mapping = Mapping::ask(buffer, wgpu::MapMode::Write, total);
        gpu.poll()?;
        mapping.granted(gpu)?;
        let mut view = buffer.get_mapped_range_mut(0..total).map_err(unmapped)?;
        let mut at = 0;
        for (offset, part) in parts {
            let from = offset as usize;
            let end = from + part.len();
            if from < at || end as u64 > total {
                return Err(Fault::bug("gpu", "samples were placed outside their buffer"));
            }
            view.slice(at..from).fill(0);
            view.slice(from..end).copy_from_slice(part);
            at = end;
        }
        view.slice(at..total as usize).fill(0);
        drop(view);
        buffer.unmap();
        self.filled = total;
        Ok(())
    }

    /// One submission: the staged samples, the notes, the dispatches in order, and the way back. What shaders write is
    /// cleared first: no bytes of an earlier load can be seen. Of `bytes` the stored samples are not read; those filled
    /// count.
    pub fn submit(
        &mut self,
        gpu: &Device,
        kernels: &Kernels,
        (notes, dispatches): (&Notes, &[Dispatch]),
        bytes: Bytes,
        phase: Phase,
    ) -> Result<()> {
        let stored = self.stored.hold(gpu, self.filled)?;
        let note_buffer = self.notes.hold(gpu, notes.bytes.len() as u64)?;
        let resized = self.resized.hold(gpu, bytes.resized)?;
        let tensors = self.tensors.hold(gpu, bytes.tensors)?;
        let bins = self.bins.hold(gpu, bytes.bins)?;
        let bins_back = if phase.bins || (phase.tensors && phase.sums) { bytes.bins } else { 0 };
        let tensors_back = if phase.tensors { bytes.tensors } else { 0 };
        let returned = (bins_back + tensors_back).max(4);
        let readback = self.back.hold(gpu, returned)?;
        gpu.queue.write_buffer(note_buffer, 0, &notes.bytes);
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("load") });
        if phase.upload {
            encoder.copy_buffer_to_buffer(self.staging.get()?, 0, stored, 0, self.filled);
        }
        encoder.clear_buffer(bins, 0, Some(bytes.bins.max(4)));
        encoder.clear_buffer(resized, 0, Some(bytes.resized.max(4)));
        encoder.clear_buffer(tensors, 0, Some(bytes.tensors.max(4)));
        let written = [(resized, bytes.resized), (tensors, bytes.tensors), (bins, bytes.bins)];
        record(gpu, kernels, &mut encoder, (notes, note_buffer), dispatches, stored, written);
        if bins_back > 0 {
            encoder.copy_buffer_to_buffer(bins, 0, readback, 0, bins_back);
        }
        if tensors_back > 0 {
            encoder.copy_buffer_to_buffer(tensors, 0, readback, bins_back, tensors_back);
        }
        let submission = gpu.queue.submit([encoder.finish()]);
        let mapping = Mapping::ask(readback, wgpu::MapMode::Read, returned);
        self.pending = Some(Pending { submission, mapping, bins: bins_back, tensors: tensors_back });
        gpu.check()
    }

    /// Makes room for `bytes` bytes of maps that come back.
    pub fn receive(&mut self, gpu: &Device, bytes: u64) -> Result<()> {
        self.back.hold(gpu, bytes.max(4)).map(|_| ())
    }

    /// One submission of a search: the staged samples if `upload`, the views of a batch of parts, the network over them,
    /// and its maps to their place in what comes back (offset and length in bytes). [`Slot::receive`] was called before.
    pub fn look(
        &mut self,
        gpu: &Device,
        (kernels, layers): (&Kernels, &mut Layers),
        (notes, dispatches): (&Notes, &[Dispatch]),
        (shape, parts): ([usize; 2], usize),
        (upload, (offset, length)): (bool, (u64, u64)),
    ) -> Result<wgpu::SubmissionIndex> {
        let stored = self.stored.hold(gpu, self.filled)?;
        let note_buffer = self.notes.hold(gpu, notes.bytes.len() as u64)?;
        let (tensors, bins) = (self.tensors.hold(gpu, 4)?, self.bins.hold(gpu, 4)?);
        let pixels = shape.iter().product::<usize>() * parts;
        let rooms = layers.hold(gpu, pixels)?;
        gpu.queue.write_buffer(note_buffer, 0, &notes.bytes);
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("search") });
        if upload {
            encoder.copy_buffer_to_buffer(self.staging.get()?, 0, stored, 0, self.filled);
        }
        let written = [(layers.view()?, pixels as u64 * 4), (tensors, 4), (bins, 4)];
        record(gpu, kernels, &mut encoder, (notes, note_buffer), dispatches, stored, written);
        layers.record(gpu, &mut encoder, shape, parts, &rooms)?;
        encoder.copy_buffer_to_buffer(layers.found()?, 0, self.back.get()?, offset, length);
        let submission = gpu.queue.submit([encoder.finish()]);
        gpu.check()?;
        Ok(submission)
    }

    /// Asks for the maps of all batches; `last` is the last submission.
    pub fn expect(&mut self, last: Option<wgpu::SubmissionIndex>, bytes: u64) -> Result<()> {
        let submission = last.ok_or_else(|| Fault::bug("gpu", "a search without a submission"))?;
        let mapping = Mapping::ask(self.back.get()?, wgpu::MapMode::Read, bytes.max(4));
        self.pending = Some(Pending { submission, mapping, bins: 0, tensors: bytes });
        Ok(())
    }

    /// Waits for the submission and shows what it brought back.
    pub fn read<T>(&mut self, gpu: &Device, see: impl FnOnce(Returned<'_>) -> T) -> Result<T> {
        let pending = self.pending.take().ok_or_else(|| Fault::bug("gpu", "nothing was submitted"))?;
        gpu.wait(&pending.submission)?;
        pending.mapping.granted(gpu)?;
        let buffer = self.back.get()?;
        let total = pending.bins + pending.tensors;
        let view = buffer.get_mapped_range(0..total.max(4)).map_err(unmapped)?;
        let (bins, rest) = view.split_at(pending.bins as usize);
        let tensors = rest.get(..pending.tensors as usize).unwrap_or_default();
        let seen = see(Returned { bins, tensors });
        drop(view);
        buffer.unmap();
        Ok(seen)
    }

    /// Lets buffers go that an unusually large frame made grow.
    pub fn trim(&mut self) {
        for buffer in [
            &mut self.staging,
            &mut self.stored,
            &mut self.notes,
            &mut self.resized,
            &mut self.tensors,
            &mut self.bins,
            &mut self.back,
        ] {
            buffer.trim();
        }
    }
}

/// Records the dispatches of `shaders/passes.wgsl`. `written` are the last three bindings, with their bytes.
fn record(
    gpu: &Device,
    kernels: &Kernels,
    encoder: &mut wgpu::CommandEncoder,
    (notes, note_buffer): (&Notes, &wgpu::Buffer),
    dispatches: &[Dispatch],
    stored: &wgpu::Buffer,
    written: [(&wgpu::Buffer, u64); 3],
) {
    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
    let mut bound: Option<(Range<u64>, wgpu::BindGroup)> = None;
    for dispatch in dispatches {
        if bound.as_ref().is_none_or(|(window, _)| *window != dispatch.window) {
            let part = |buffer, range: &Range<u64>| binding(buffer, range.start, range.end - range.start);
            let [resized, tensors, bins] = written.map(|(buffer, bytes)| binding(buffer, 0, bytes.max(4)));
            let resources = [
                part(note_buffer, &notes.blocks),
                part(note_buffer, &notes.places),
                binding(note_buffer, notes.spans.start, std::mem::size_of::<Span>() as u64),
                part(stored, &dispatch.window),
                part(note_buffer, &notes.tables),
                resized,
                tensors,
                bins,
            ];
            let entries: Vec<_> =
                (0u32..).zip(resources).map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource }).collect();
            let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("load"),
                layout: &kernels.layout,
                entries: &entries,
            });
            bound = Some((dispatch.window.clone(), group));
        }
        let Some((_, group)) = &bound else { continue };
        pass.set_pipeline(kernels.pipeline(dispatch.pass, dispatch.coloured));
        pass.set_bind_group(0, group, &[dispatch.span * SPAN_STRIDE as u32]);
        let (x, y) = grid(dispatch.groups, gpu.groups);
        pass.dispatch_workgroups(x, y, 1);
    }
}

/// A part of a buffer as a shader sees it.
pub fn binding(buffer: &wgpu::Buffer, offset: u64, size: u64) -> wgpu::BindingResource<'_> {
    wgpu::BindingResource::Buffer(wgpu::BufferBinding { buffer, offset, size: wgpu::BufferSize::new(size) })
}

#[cfg(test)]
mod tests {
    use super::grid;

    #[test]
    fn a_grid_covers_all_workgroups_within_the_limit() {
        assert_eq!(grid(1, 65535), (1, 1));
        assert_eq!(grid(65535, 65535), (65535, 1));
        // 65536 in two rows of 32768; 10 in rows of at most 3: four rows of 3.
        assert_eq!(grid(65536, 65535), (32768, 2));
        assert_eq!(grid(10, 3), (3, 4));
    }
}
