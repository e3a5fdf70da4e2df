//! The shaders: one text put together from the files of `shaders/`, and the pipelines of its passes. What the passes
//! mean is written in the files.

use super::device::Device;
use super::place::{Place, RUN, Span, WORKGROUP};
use crate::error::Result;
use crate::pixel::block::{Block, CONSTANTS_WGSL};
use crate::pixel::quality::packed::constants_wgsl;

/// One entry point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Samples to histograms.
    Histogram,
    /// Samples to rows of the resized width.
    Rows,
    /// Resized rows to tensors.
    Tensors,
    /// Samples to tensors of the same size.
    Direct,
    /// Samples to parts of the views that text is looked for in.
    View,
    /// Samples to the sums of a survey.
    Quality,
}

/// Every pass with its entry point, in the order of [`Pass`].
pub const PASSES: [(Pass, &str); 6] = [
    (Pass::Histogram, "histogram_pass"),
    (Pass::Rows, "rows_pass"),
    (Pass::Tensors, "tensors_pass"),
    (Pass::Direct, "direct_pass"),
    (Pass::View, "view_pass"),
    (Pass::Quality, "quality_pass"),
];

/// Every shader file: its stem and its text, in the order in which they are put together.
pub const SHADERS: &[(&str, &str)] = &[
    ("common", include_str!("../../../shaders/common.wgsl")),
    ("unpack", include_str!("../../../shaders/unpack.wgsl")),
    ("mask", include_str!("../../../shaders/mask.wgsl")),
    ("modality", include_str!("../../../shaders/modality.wgsl")),
    ("window", include_str!("../../../shaders/window.wgsl")),
    ("voi_lut", include_str!("../../../shaders/voi_lut.wgsl")),
    ("invert", include_str!("../../../shaders/invert.wgsl")),
    ("colour", include_str!("../../../shaders/colour.wgsl")),
    ("palette", include_str!("../../../shaders/palette.wgsl")),
    ("stats", include_str!("../../../shaders/stats.wgsl")),
    ("quality", include_str!("../../../shaders/quality.wgsl")),
    ("resize", include_str!("../../../shaders/resize.wgsl")),
    ("normalize", include_str!("../../../shaders/normalize.wgsl")),
    ("dtype", include_str!("../../../shaders/dtype.wgsl")),
    ("passes", include_str!("../../../shaders/passes.wgsl")),
    ("textnet_view", include_str!("../../../shaders/textnet_view.wgsl")),
];

/// Shader files that are modules of their own: stem and whole text.
pub fn modules() -> Vec<(&'static str, String)> {
    vec![("overlay", super::overlay::source())]
}

/// The whole shader: numbers and blocks from their Rust declarations, then the files.
pub fn source() -> String {
    let mut text = format!("const WORKGROUP: u32 = {WORKGROUP}u;\nconst RUN: u32 = {RUN}u;\n");
    text.push_str(CONSTANTS_WGSL);
    text.push_str(&constants_wgsl());
    for block in [Block::WGSL, Place::WGSL, Span::WGSL] {
        text.push_str(block);
    }
    for (_, file) in SHADERS {
        text.push_str(file);
    }
    text
}

/// The pipelines of one device.
pub struct Kernels {
    /// What a submission binds: see shaders/common.wgsl.
    pub layout: wgpu::BindGroupLayout,
    grey: [wgpu::ComputePipeline; PASSES.len()],
    coloured: [wgpu::ComputePipeline; PASSES.len()],
}

fn entry(binding: u32, ty: wgpu::BufferBindingType, dynamic: bool) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: dynamic, min_binding_size: None },
        count: None,
    }
}

impl Kernels {
    /// Compiles every pass; a fault of kind Bug if the driver or wgpu refuses one.
    pub fn new(gpu: &Device) -> Result<Self> {
        let read = wgpu::BufferBindingType::Storage { read_only: true };
        let write = wgpu::BufferBindingType::Storage { read_only: false };
        let layout = gpu.device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("passes"),
            entries: &[
                entry(0, read, false),
                entry(1, read, false),
                entry(2, wgpu::BufferBindingType::Uniform, true),
                entry(3, read, false),
                entry(4, read, false),
                entry(5, write, false),
                entry(6, write, false),
                entry(7, write, false),
            ],
        });
        let pipeline_layout = gpu.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("passes"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let module = gpu.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("passes"),
            source: wgpu::ShaderSource::Wgsl(source().into()),
        });
        let pipeline = |name, coloured: bool| {
            gpu.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(name),
                layout: Some(&pipeline_layout),
                module: &module,
                entry_point: Some(name),
                compilation_options: wgpu::PipelineCompilationOptions {
                    constants: &[("COLOURED", f64::from(u8::from(coloured)))],
                    // No pass has workgroup memory.
                    zero_initialize_workgroup_memory: false,
                },
                cache: None,
            })
        };
        let grey = PASSES.map(|(_, name)| pipeline(name, false));
        // The tensors pass sees no samples: one pipeline is enough.
        let coloured = PASSES.map(|(pass, name)| match (&grey, pass) {
            ([_, _, tensors, ..], Pass::Tensors) => tensors.clone(),
            // Colour is surveyed on the CPU.
            ([.., quality], Pass::Quality) => quality.clone(),
            _ => pipeline(name, true),
        });
        gpu.check()?;
        Ok(Self { layout, grey, coloured })
    }

    /// The pipeline of a pass over colour frames, or over grey ones.
    pub fn pipeline(&self, pass: Pass, coloured: bool) -> &wgpu::ComputePipeline {
        let [histogram, rows, tensors, direct, view, quality] = if coloured { &self.coloured } else { &self.grey };
        match pass {
            Pass::Histogram => histogram,
            Pass::Rows => rows,
            Pass::Tensors => tensors,
            Pass::Direct => direct,
            Pass::View => view,
            Pass::Quality => quality,
        }
    }
}
