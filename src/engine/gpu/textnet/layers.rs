//! The network on the device: its weights in one buffer, a pipeline for each kind of convolution, and the dispatches of one
//! batch of parts. Which parts of which views they are is decided elsewhere.

use super::super::device::Device;
use super::super::pool::Grown;
use super::super::slot::{binding, grid};
use super::cut::Rooms;
use crate::error::{Fault, Result};
use crate::pixel::textnet::{Layer, Net};
use crate::pixel::uniform;
use wgpu::BufferUsages as Use;

uniform! {
    /// One layer over a batch of parts.
    Convolution {
        /// Parts.
        parts: u32,
        /// Rows of the input.
        rows: u32,
        /// Columns of the input.
        columns: u32,
        /// Rows after the stride, before the upsampling.
        out_rows: u32,
        /// Columns after the stride, before the upsampling.
        out_columns: u32,
        /// Channels of the input.
        inputs: u32,
        /// Channels of the output.
        outputs: u32,
        /// Where the layer's weights begin, in words of 4.
        weights_at: u32,
        /// Where its biases begin, in words of 4.
        biases_at: u32,
        /// 1 if what is below 0 becomes 0.
        relu: u32,
        /// 1 if every pixel becomes 2 x 2.
        upsample: u32,
        /// 1 if an earlier layer is added.
        add: u32,
    }
}

/// Outputs, rows and columns that a workgroup makes, as the shader has them.
const TILE: [u32; 3] = [16, 8, 16];
/// Blocks are bound at dynamic offsets; WebGPU guarantees that 256 is enough for any device.
const STRIDE: u64 = 256;

/// The text of `shaders/textnet.wgsl` for weights of `side` x `side` and a stride.
pub fn source(side: usize, stride: usize) -> String {
    let numbers = format!("const SIDE: u32 = {side}u;\nconst STRIDE: u32 = {stride}u;\n");
    numbers + Convolution::WGSL + include_str!("../../../../shaders/textnet.wgsl")
}

/// A network on one device.
pub struct Layers {
    /// The network.
    pub net: Net,
    /// Which buffer each stage lives in.
    pub rooms: Rooms,
    buffers: Vec<Grown>,
    layout: wgpu::BindGroupLayout,
    pipelines: Vec<([usize; 2], wgpu::ComputePipeline)>,
    weights: wgpu::Buffer,
    blocks: Grown,
    /// By layer: where its weights and its biases begin.
    places: Vec<[u32; 2]>,
}

/// Weights and biases of all layers in the shader's order, and where those of each layer begin, in words of 4.
fn packed(net: &Net) -> (Vec<f32>, Vec<[u32; 2]>) {
    let (mut numbers, mut places) = (Vec::new(), Vec::new());
    let lanes = TILE[0] as usize;
    for layer in net.layers() {
        let square = layer.op.side() * layer.op.side();
        let blocks = || (0..layer.outputs.next_multiple_of(lanes)).step_by(lanes);
        let weights_at = numbers.len() / 4;
        for block in blocks() {
            for k in 0..layer.inputs * square {
                let weight = |out: usize| layer.weights.get(out * layer.inputs * square + k).copied();
                numbers.extend((block..block + lanes).map(|out| weight(out).unwrap_or(0.0)));
            }
        }
        let biases_at = numbers.len() / 4;
        for block in blocks() {
            numbers.extend((block..block + lanes).map(|out| layer.biases.get(out).copied().unwrap_or(0.0)));
        }
        places.push([weights_at as u32, biases_at as u32]);
    }
    (numbers, places)
}

impl Layers {
    /// Compiles what the network needs and brings its weights to the device.
    pub fn new(gpu: &Device, net: &Net) -> Result<Self> {
        let storage = |read_only| wgpu::BufferBindingType::Storage { read_only };
        let entry = |binding: u32, ty, dynamic| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: dynamic, min_binding_size: None },
            count: None,
        };
        let layout = gpu.device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("textnet"),
            entries: &[
                entry(0, storage(true), false),
                entry(1, storage(true), false),
                entry(2, storage(true), false),
                entry(3, wgpu::BufferBindingType::Uniform, true),
                entry(4, storage(false), false),
            ],
        });
        let pipeline_layout = gpu.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("textnet"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let mut pipelines: Vec<([usize; 2], wgpu::ComputePipeline)> = Vec::new();
        for layer in net.layers() {
            let kind = [layer.op.side(), layer.stride];
            if pipelines.iter().any(|(known, _)| *known == kind) {
                continue;
            }
            let module = gpu.device.create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some("textnet"),
                source: wgpu::ShaderSource::Wgsl(source(kind[0], kind[1]).into()),
            });
            let pipeline = gpu.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some("textnet"),
                layout: Some(&pipeline_layout),
                module: &module,
                entry_point: Some("textnet_pass"),
                compilation_options: wgpu::PipelineCompilationOptions {
                    // What is read there was written before.
                    zero_initialize_workgroup_memory: false,
                    ..Default::default()
                },
                cache: None,
            });
            pipelines.push((kind, pipeline));
        }
        let (numbers, places) = packed(net);
        let weights = gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("weights"),
            size: (numbers.len() * 4) as u64,
            usage: Use::STORAGE | Use::COPY_DST,
            mapped_at_creation: false,
        });
        gpu.queue.write_buffer(&weights, 0, bytemuck::cast_slice(&numbers));
        let rooms = Rooms::new(net);
        let buffers = rooms.floats.iter().map(|_| Grown::new("room", Use::STORAGE | Use::COPY_SRC)).collect();
        let blocks = Grown::new("layers", Use::UNIFORM | Use::COPY_DST);
        gpu.check()?;
        Ok(Self { net: net.clone(), rooms, buffers, layout, pipelines, weights, blocks, places })
    }

    /// Makes room for `pixels` pixels of views at once; gives the bytes of each room.
    pub fn hold(&mut self, gpu: &Device, pixels: usize) -> Result<Vec<u64>> {
        let bytes: Vec<u64> =
            self.rooms.floats.iter().map(|floats| (floats * pixels as f64).ceil() as u64 * 4).collect();
        for (buffer, bytes) in self.buffers.iter_mut().zip(&bytes) {
            buffer.hold(gpu, *bytes)?;
        }
        self.blocks.hold(gpu, STRIDE * self.net.layers().len() as u64)?;
        Ok(bytes)
    }

    /// The buffer that views are written to.
    pub fn view(&self) -> Result<&wgpu::Buffer> {
        self.room(0)
    }

    /// The buffer that the last layer writes to: parts one after the other, before the logistic curve.
    pub fn found(&self) -> Result<&wgpu::Buffer> {
        self.room(self.net.layers().len())
    }

    fn room(&self, stage: usize) -> Result<&wgpu::Buffer> {
        let room = self.rooms.of.get(stage).and_then(|room| self.buffers.get(*room));
        room.ok_or_else(|| Fault::bug("gpu", "a layer without a buffer"))?.get()
    }

    /// Records the layers over a batch of `parts` views of `shape`, for which [`Layers::hold`] made room.
    pub fn record(
        &self,
        gpu: &Device,
        encoder: &mut wgpu::CommandEncoder,
        shape: [usize; 2],
        parts: usize,
        bytes: &[u64],
    ) -> Result<()> {
        let blocks = self.blocks.get()?;
        let mut block_bytes: Vec<u8> = Vec::new();
        let mut dispatches = Vec::new();
        for (index, layer) in self.net.layers().iter().enumerate() {
            let block = self.block(index, layer, shape, parts);
            let offset = block_bytes.len() as u32;
            block_bytes.extend_from_slice(bytemuck::bytes_of(&block));
            block_bytes.resize(block_bytes.len().next_multiple_of(STRIDE as usize), 0);
            let room = |stage: usize| {
                let bytes = self.rooms.of.get(stage).and_then(|room| bytes.get(*room)).copied().unwrap_or(4);
                self.room(stage).map(|buffer| binding(buffer, 0, bytes.max(4)))
            };
            let resources = [
                room(index)?,
                room(layer.add.map_or(index, |other| other + 1))?,
                binding(&self.weights, 0, self.weights.size()),
                binding(blocks, 0, std::mem::size_of::<Convolution>() as u64),
                room(index + 1)?,
            ];
            let entries: Vec<_> =
                (0u32..).zip(resources).map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource }).collect();
            let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("layer"),
                layout: &self.layout,
                entries: &entries,
            });
            let [outputs, rows, columns] = TILE;
            let groups = block.out_rows.div_ceil(rows)
                * block.out_columns.div_ceil(columns)
                * block.outputs.div_ceil(outputs)
                * block.parts;
            dispatches.push((group, offset, grid(groups, gpu.groups), [layer.op.side(), layer.stride]));
        }
        gpu.queue.write_buffer(blocks, 0, &block_bytes);
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        for (group, offset, (x, y), kind) in &dispatches {
            let pipeline = self.pipelines.iter().find(|(known, _)| known == kind);
            let (_, pipeline) = pipeline.ok_or_else(|| Fault::bug("gpu", "a layer without a pipeline"))?;
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, group, &[*offset]);
            pass.dispatch_workgroups(*x, *y, 1);
        }
        Ok(())
    }

    fn block(&self, index: usize, layer: &Layer, shape: [usize; 2], parts: usize) -> Convolution {
        let scale =
            index.checked_sub(1).and_then(|before| self.net.layers().get(before)).map_or(1, |layer| layer.scale);
        let [rows, columns] = shape.map(|side| side / scale);
        let [weights_at, biases_at] = self.places.get(index).copied().unwrap_or_default();
        Convolution {
            parts: parts as u32,
            rows: rows as u32,
            columns: columns as u32,
            out_rows: (rows / layer.stride) as u32,
            out_columns: (columns / layer.stride) as u32,
            inputs: layer.inputs as u32,
            outputs: layer.outputs as u32,
            weights_at,
            biases_at,
            relu: u32::from(layer.relu),
            upsample: u32::from(layer.upsample),
            add: u32::from(layer.add.is_some()),
        }
    }
}
