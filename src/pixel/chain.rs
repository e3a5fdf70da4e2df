//! The chain of operations, plainly, one pixel after the other: what an image means. Engines are compared with it.

use super::block::*;
use super::kernel::Kernel;
use super::plan::Plan;
use super::stats::{Counts, Stats};
use super::{colour, dtype, invert, mask, modality, normalize, palette, resize, voi_lut, window};
use crate::error::Result;
use crate::model::{DType, Frame, SampleType, Tensor};

/// A stored sample by its place, as the number it is. The place lies in the frame: callers count its samples.
pub fn stored(frame: &Frame, place: usize) -> f64 {
    let size = frame.sample_type.bytes();
    let bytes = &frame.bytes()[place * size..(place + 1) * size];
    let mut wide = [0u8; 8];
    wide[..size].copy_from_slice(bytes);
    let [a, b, c, d, ..] = wide;
    match frame.sample_type {
        SampleType::U8 => f64::from(a),
        SampleType::I8 => f64::from(a as i8),
        SampleType::U16 => f64::from(u16::from_le_bytes([a, b])),
        SampleType::I16 => f64::from(i16::from_le_bytes([a, b])),
        SampleType::U32 => f64::from(u32::from_le_bytes([a, b, c, d])),
        SampleType::I32 => f64::from(i32::from_le_bytes([a, b, c, d])),
        SampleType::F32 => f64::from(f32::from_le_bytes([a, b, c, d])),
        SampleType::F64 => f64::from_le_bytes(wide),
    }
}

/// Whether a stored sample is a value: NaN, infinity and floats too large to compute with are not.
pub fn usable(stored: f64) -> bool {
    stored.abs() < f64::from(f32::from_bits(FLOAT_LIMIT_BITS))
}

/// What the view makes of a stored grey value that is neither masked nor padding.
pub fn view(kernel: &Kernel, stored: f64) -> f32 {
    let block = &kernel.block;
    let seen = match block.view {
        VIEW_RAMP => window::ramp(modality::modality(block, stored)),
        VIEW_SIGMOID => window::sigmoid(modality::modality(block, stored)),
        VIEW_TABLE => voi_lut::voi_lut(block, &kernel.table, stored as i32),
        _ => modality::modality(block, stored),
    };
    if block.invert == 1 { invert::invert(seen) } else { seen }
}

/// A grey pixel: background for padding and for what is not a number.
pub fn grey(kernel: &Kernel, stored: f64) -> f32 {
    let block = &kernel.block;
    let padding = block.padding == 1 && (f64::from(block.pad_low)..=f64::from(block.pad_high)).contains(&stored);
    if padding || !usable(stored) { block.background } else { view(kernel, stored) }
}

/// Red, green and blue (or luma first, if one plane is wanted) of an unmasked colour pixel.
pub fn planes(frame: &Frame, kernel: &Kernel, pixel: usize) -> [f32; 3] {
    let sample = |channel: usize| stored(frame, 3 * pixel + channel) as f32;
    let rgb = if kernel.block.colour == COLOUR_PALETTE {
        palette::palette(&kernel.block, &kernel.table, stored(frame, pixel) as i32)
    } else {
        colour::colour(&kernel.block, [sample(0), sample(1), sample(2)])
    };
    if kernel.block.planes == 1 { [colour::luma(rgb), 0.0, 0.0] } else { rgb }
}

/// A pixel after mask, modality, view, inversion or colour conversion; as many values as there are planes.
pub fn pixel(frame: &Frame, kernel: &Kernel, x: u32, y: u32) -> [f32; 3] {
    let place = y as usize * kernel.block.columns as usize + x as usize;
    if mask::covered(&kernel.boxes, x, y) {
        [kernel.block.background; 3]
    } else if kernel.block.colour == COLOUR_GREY {
        [grey(kernel, stored(frame, place)), 0.0, 0.0]
    } else {
        planes(frame, kernel, place)
    }
}

/// Runs every operation on one frame.
pub fn twin(frame: &Frame, plan: &Plan) -> Result<(Tensor, Stats)> {
    let counts = Counts::of(frame, plan)?;
    let kernel = plan.resolve(Some(&counts))?;
    Ok((tensor(frame, &kernel), counts.stats(plan)))
}

/// The tensor of a frame whose kernel is settled.
fn tensor(frame: &Frame, kernel: &Kernel) -> Tensor {
    let block = &kernel.block;
    let planes: Vec<Vec<f32>> = (0..block.planes as usize)
        .map(|plane| {
            let values: Vec<f32> = (0..block.rows)
                .flat_map(|y| (0..block.columns).map(move |x| (x, y)))
                .map(|(x, y)| pixel(frame, kernel, x, y)[plane])
                .collect();
            resize::resize(&values, block.columns as usize, &kernel.across, &kernel.down)
        })
        .collect();
    let kind = dtype_of(block.dtype);
    let mut data = Vec::new();
    for channel in 0..block.channels as usize {
        let plane = &planes[channel % planes.len()];
        for y in 0..block.out_rows {
            for x in 0..block.out_columns {
                let value =
                    normalize::normalize(normalize::pair(block, channel), place_in_letterbox(block, plane, x, y));
                dtype::dtype(value, kind, &mut data);
            }
        }
    }
    Tensor { channels: block.channels, height: block.out_rows, width: block.out_columns, dtype: kind, data }
}

/// The resized value under a pixel of the tensor, limited to the unit range; background around the image.
fn place_in_letterbox(block: &Block, plane: &[f32], x: u32, y: u32) -> f32 {
    let (column, row) = (x.wrapping_sub(block.image_left), y.wrapping_sub(block.image_top));
    if column >= block.image_columns || row >= block.image_rows {
        return block.background;
    }
    let value = plane[row as usize * block.image_columns as usize + column as usize];
    if block.unit == 1 { value.clamp(0.0, 1.0) } else { value }
}

/// The element type of a number in the block.
pub fn dtype_of(code: u32) -> DType {
    match code {
        DTYPE_F16 => DType::F16,
        DTYPE_U8 => DType::U8,
        DTYPE_U16 => DType::U16,
        _ => DType::F32,
    }
}
