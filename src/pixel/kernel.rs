//! A plan once the image's statistics are known: one parameter block and the tables beside it. Both engines and the
//! twins read nothing else, so that what an operation needs is worked out once, in f64, here.

use super::block::*;
use super::plan::{Look, Plan, View, stored_range};
use super::resize::Taps;
use super::spec::Normalize;
use super::stats::{Counts, Population};
use super::window::Curve;
use super::{colour, modality, palette, voi_lut};
use crate::error::{Fault, Result};
use crate::model::{DType, Photometric, SampleType};
use std::sync::Arc;

/// Everything the operations on one frame read besides its samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Kernel {
    /// Numbers.
    pub block: Block,
    /// Masked rectangles: x, y, first column right of it, first row below it.
    pub boxes: Vec<[u32; 4]>,
    /// `VIEW_TABLE`: the unit (or modality) value of each stored value from `table_first` on. `COLOUR_PALETTE`: red,
    /// green and blue of each index. Else empty.
    pub table: Vec<f32>,
    /// Weights along columns.
    pub across: Arc<Taps>,
    /// Weights along rows.
    pub down: Arc<Taps>,
    /// What the tensor shows, for the manifest.
    pub view: View,
}

/// The number of a sample type in the block.
pub const fn sample_code(sample_type: SampleType) -> u32 {
    match sample_type {
        SampleType::U8 => SAMPLE_U8,
        SampleType::I8 => SAMPLE_I8,
        SampleType::U16 => SAMPLE_U16,
        SampleType::I16 => SAMPLE_I16,
        SampleType::U32 => SAMPLE_U32,
        SampleType::I32 => SAMPLE_I32,
        SampleType::F32 => SAMPLE_F32,
        SampleType::F64 => SAMPLE_F64,
    }
}

const fn dtype_code(dtype: DType) -> u32 {
    match dtype {
        DType::F32 => DTYPE_F32,
        DType::F16 => DTYPE_F16,
        DType::U8 => DTYPE_U8,
        DType::U16 => DTYPE_U16,
    }
}

impl Plan {
    /// Settles what waited for the image's statistics. `None` is enough unless [`Plan::needs_statistics`].
    pub fn resolve(&self, counts: Option<&Counts>) -> Result<Kernel> {
        if self.needs_statistics() && counts.is_none() {
            return Err(Fault::bug("Plan", "resolved without the statistics it needs"));
        }
        let mut kernel = self.base();
        let population = counts.and_then(|counts| counts.populations.first());
        match &self.look {
            Look::Colour => colour::parameters(self, &mut kernel),
            Look::None => self.show_modality(population, &mut kernel),
            Look::Curve(curve) => self.show(*curve, &mut kernel),
            Look::Lut(lut) => self.tabulate(&mut kernel, |value| voi_lut::unit_from_modality(lut, value)),
            Look::MinMax | Look::Percentile(..) => {
                let values = population.map(|p| p.modality_values(&self.modality)).unwrap_or_default();
                let (low, high) = match self.look {
                    Look::Percentile(low, high) => (values.percentile(low), values.percentile(high)),
                    _ => (values.percentile(0.0), values.percentile(100.0)),
                };
                if let (Some(low), Some(high)) = (low, high) {
                    kernel.view.center = Some((low + high) / 2.0);
                    kernel.view.width = Some(high - low);
                    self.show(Curve::range(low, high), &mut kernel);
                } else {
                    // Nothing but masked and padding pixels: all of it is background, whatever the curve.
                    self.show(Curve::range(0.0, 1.0), &mut kernel);
                }
            }
        }
        self.normalize(counts, &mut kernel);
        Ok(kernel)
    }

    /// The kernel as far as masks, padding and colour go: what counting pixels needs.
    pub fn constants(&self) -> Kernel {
        let mut kernel = self.base();
        if self.look == Look::Colour {
            colour::parameters(self, &mut kernel);
        }
        kernel
    }

    /// The numbers that no statistics change.
    fn base(&self) -> Kernel {
        let (shape, geometry) = (self.shape, &self.geometry);
        let (pad_low, pad_high) = self.padding.unwrap_or((0, 0));
        let boxes: Vec<[u32; 4]> = self.masks.boxes().iter().map(|b| [b.x, b.y, b.x + b.w, b.y + b.h]).collect();
        let block = Block {
            columns: shape.columns,
            rows: shape.rows,
            samples: u32::from(shape.samples),
            sample_type: sample_code(shape.sample_type),
            boxes: boxes.len() as u32,
            padding: u32::from(self.padding.is_some()),
            pad_low,
            pad_high,
            scale: 1.0,
            unit: 1,
            planes: u32::from(self.planes()),
            channels: u32::from(self.channels),
            out_columns: geometry.columns,
            out_rows: geometry.rows,
            image_left: geometry.across.offset,
            image_top: geometry.down.offset,
            image_columns: geometry.across.target,
            image_rows: geometry.down.target,
            taps_across: self.across.stride,
            taps_down: self.down.stride,
            invert: u32::from(self.photometric == Photometric::Monochrome1 && self.look != Look::None),
            dtype: dtype_code(self.dtype),
            ..Block::default()
        };
        Kernel {
            block,
            boxes,
            table: Vec::new(),
            across: self.across.clone(),
            down: self.down.clone(),
            view: self.view.clone(),
        }
    }

    /// A curve over modality values: its affine part joined with the rescale, or a table after a Modality LUT.
    fn show(&self, curve: Curve, kernel: &mut Kernel) {
        let Some((slope, intercept)) = modality::affine(&self.modality) else {
            return self.tabulate(kernel, |value| curve.unit_from_modality(value));
        };
        kernel.block.view = if matches!(curve, Curve::Sigmoid { .. }) { VIEW_SIGMOID } else { VIEW_RAMP };
        modality::join(slope, intercept, curve, self.shape.sample_type, &mut kernel.block);
    }

    /// `voi = "none"`: background is the image's lowest value, because 0 may be anything.
    fn show_modality(&self, population: Option<&Population>, kernel: &mut Kernel) {
        match modality::affine(&self.modality) {
            Some((slope, intercept)) => {
                kernel.block.view = VIEW_NONE;
                kernel.block.scale = slope as f32;
                kernel.block.offset = intercept as f32;
            }
            None => self.tabulate(kernel, |value| value),
        }
        let values = population.map(|p| p.modality_values(&self.modality)).unwrap_or_default();
        kernel.block.background = values.percentile(0.0).unwrap_or(0.0) as f32;
        kernel.block.unit = 0;
    }

    /// A table over all stored values of the frame's bits.
    fn tabulate(&self, kernel: &mut Kernel, of_modality: impl Fn(f64) -> f64) {
        let (first, last) = stored_range(self.shape.sample_type, self.bits_stored);
        kernel.block.view = VIEW_TABLE;
        kernel.block.table_first = first as i32;
        kernel.table = (first..=last)
            .map(|stored| of_modality(modality::modality_from_stored(&self.modality, stored as f64)) as f32)
            .collect();
        kernel.block.table_length = kernel.table.len() as u32;
    }

    fn normalize(&self, counts: Option<&Counts>, kernel: &mut Kernel) {
        let (mut subtract, mut multiply) = ([0.0f32; 3], [1.0f32; 3]);
        for channel in 0..3 {
            let pick = |list: &[f64]| list.get(channel).or(list.first()).copied().unwrap_or_default();
            match &self.normalize {
                Normalize::Unit | Normalize::None => {}
                Normalize::Symmetric => (subtract[channel], multiply[channel]) = (0.5, 2.0),
                Normalize::MeanStd { mean, std } => {
                    subtract[channel] = pick(mean) as f32;
                    multiply[channel] = (1.0 / pick(std)) as f32;
                }
                Normalize::ZScore => {
                    let population = counts.and_then(|c| c.populations.get(channel).or(c.populations.first()));
                    if let Some((mean, std)) = population.and_then(|p| p.view_moments(kernel)) {
                        subtract[channel] = mean as f32;
                        // As MONAI has it: a constant image is only shifted.
                        multiply[channel] = if std > 0.0 { (1.0 / std) as f32 } else { 1.0 };
                    }
                }
            }
        }
        let block = &mut kernel.block;
        [block.subtract_0, block.subtract_1, block.subtract_2] = subtract;
        [block.multiply_0, block.multiply_1, block.multiply_2] = multiply;
    }

    /// The table of colours of a palette image.
    pub(super) fn colours(&self) -> Vec<f32> {
        let (first, last) = stored_range(self.shape.sample_type, self.bits_stored);
        let Some(tables) = &self.palette else { return Vec::new() };
        (first..=last).flat_map(|stored| palette::unit_from_stored(tables, stored)).collect()
    }
}
