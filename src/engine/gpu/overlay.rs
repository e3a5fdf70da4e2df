//! The extremes of a multi-frame image on the device: frames are brought in stacks, one invocation takes one sample
//! through the frames of a stack, the pairs stay on the device until the last stack is through.

use super::device::Device;
use super::load::Limits;
use super::place::WORKGROUP;
use super::pool::{Grown, Mapping};
use super::slot::grid;
use crate::error::Result;
use crate::model::Frame;
use crate::pixel::block::CONSTANTS_WGSL;
use crate::pixel::kernel::sample_code;
use crate::pixel::overlay::{Extremes, one_shape};
use crate::pixel::uniform;
use wgpu::BufferUsages as Use;

uniform! {
    /// One stack of frames.
    Stack {
        /// Samples of one frame.
        samples: u32,
        /// Frames of the stack.
        frames: u32,
        /// From one frame to the next, in samples.
        stride: u32,
        /// A number of `Block::sample_type`.
        sample_type: u32,
        /// 1 for the first stack of an image.
        first: u32,
    }
}

/// The entry point.
pub const PASS: &str = "extremes_pass";

/// The whole shader.
pub fn source() -> String {
    let file = include_str!("../../../shaders/overlay.wgsl");
    format!("const WORKGROUP: u32 = {WORKGROUP}u;\n{CONSTANTS_WGSL}{}{file}", Stack::WGSL)
}

/// The pipeline and its buffers.
pub struct Overlay {
    layout: wgpu::BindGroupLayout,
    pipeline: wgpu::ComputePipeline,
    stack: Grown,
    samples: Grown,
    extremes: Grown,
    back: Grown,
}

impl Overlay {
    /// Compiles the pass.
    pub fn new(gpu: &Device) -> Result<Self> {
        let module = gpu.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("overlay"),
            source: wgpu::ShaderSource::Wgsl(source().into()),
        });
        let pipeline = gpu.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(PASS),
            layout: None,
            module: &module,
            entry_point: Some(PASS),
            compilation_options: wgpu::PipelineCompilationOptions {
                zero_initialize_workgroup_memory: false,
                ..Default::default()
            },
            cache: None,
        });
        gpu.check()?;
        Ok(Self {
            layout: pipeline.get_bind_group_layout(0),
            pipeline,
            stack: Grown::new("stack", Use::UNIFORM | Use::COPY_DST),
            samples: Grown::new("overlay samples", Use::STORAGE | Use::COPY_DST),
            extremes: Grown::new("extremes", Use::STORAGE | Use::COPY_SRC),
            back: Grown::new("extremes back", Use::MAP_READ | Use::COPY_DST),
        })
    }

    /// What `pixel::overlay::extremes` means; `None` if the device has no room for a frame and its pairs.
    pub fn extremes(&mut self, gpu: &Device, limits: &Limits, frames: &[Frame]) -> Result<Option<Extremes>> {
        let (first, shape) = one_shape(frames)?;
        let size = shape.sample_type.bytes() as u64;
        let samples = first.bytes().len() as u64 / size;
        let stride = (first.bytes().len() as u64).next_multiple_of(4);
        let pairs = samples * 4;
        if pairs.max(stride) > limits.binding.min(limits.buffer) || samples > u64::from(u32::MAX) {
            return Ok(None);
        }
        let in_stack = (limits.load.min(limits.binding) / stride).max(1) as usize;
        for (number, stack) in frames.chunks(in_stack).enumerate() {
            let note = Stack {
                samples: samples as u32,
                frames: stack.len() as u32,
                stride: (stride / size) as u32,
                sample_type: sample_code(shape.sample_type),
                first: u32::from(number == 0),
            };
            self.pass(gpu, &note, stack, stride, pairs)?;
        }
        let extremes = self.read(gpu, pairs)?;
        Ok(Some(Extremes { shape, frames: frames.len() as u32, samples: extremes }))
    }

    fn pass(&mut self, gpu: &Device, note: &Stack, stack: &[Frame], stride: u64, pairs: u64) -> Result<()> {
        let note_buffer = self.stack.hold(gpu, std::mem::size_of::<Stack>() as u64)?;
        let samples = self.samples.hold(gpu, stride * stack.len() as u64)?;
        let extremes = self.extremes.hold(gpu, pairs)?;
        gpu.queue.write_buffer(note_buffer, 0, bytemuck::bytes_of(note));
        for (at, frame) in (0u64..).zip(stack) {
            let (whole, rest) = frame.bytes().split_at(frame.bytes().len() & !3);
            gpu.queue.write_buffer(samples, at * stride, whole);
            if !rest.is_empty() {
                let mut word = [0u8; 4];
                word[..rest.len()].copy_from_slice(rest);
                gpu.queue.write_buffer(samples, at * stride + whole.len() as u64, &word);
            }
        }
        let bound = |buffer, bytes| {
            wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                buffer,
                offset: 0,
                size: std::num::NonZeroU64::new(bytes),
            })
        };
        let resources = [
            bound(note_buffer, std::mem::size_of::<Stack>() as u64),
            bound(samples, stride * stack.len() as u64),
            bound(extremes, pairs),
        ];
        let entries: Vec<_> =
            (0u32..).zip(resources).map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource }).collect();
        let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("overlay"),
            layout: &self.layout,
            entries: &entries,
        });
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("overlay") });
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(&self.pipeline);
            pass.set_bind_group(0, &group, &[]);
            let (x, y) = grid(note.samples.div_ceil(WORKGROUP), gpu.groups);
            pass.dispatch_workgroups(x, y, 1);
        }
        // The next stack takes the same buffers: what is written to them waits for this submission.
        gpu.queue.submit([encoder.finish()]);
        gpu.check()
    }

    fn read(&mut self, gpu: &Device, pairs: u64) -> Result<Vec<[u16; 2]>> {
        let back = self.back.hold(gpu, pairs)?;
        let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("overlay") });
        encoder.copy_buffer_to_buffer(self.extremes.get()?, 0, back, 0, pairs);
        let submission = gpu.queue.submit([encoder.finish()]);
        let mapping = Mapping::ask(back, wgpu::MapMode::Read, pairs);
        gpu.wait(&submission)?;
        mapping.granted(gpu)?;
        let view = back.get_mapped_range(0..pairs).map_err(super::slot::unmapped)?;
        // A word holds the low half first.
        let words = view
            .as_chunks::<4>()
            .0
            .iter()
            .map(|[a, b, c, d]| [u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d])]);
        let extremes = words.collect();
        drop(view);
        back.unmap();
        [&mut self.samples, &mut self.extremes, &mut self.back].into_iter().for_each(Grown::trim);
        Ok(extremes)
    }
}
