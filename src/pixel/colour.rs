//! Colour: from the file's colour space to red, green, blue, or to grey.
//!
//! # Meaning
//! What a colour image looks like, in the unit range.
//! # Formula and section of the standard
//! PS3.3 C.7.6.3.1.2. YBR_FULL: ITU-T T.871 (R = Y + 1.402 Cr, G = Y - 0.344136 Cb - 0.714136 Cr, B = Y + 1.772 Cb).
//! YBR_PARTIAL: ITU-R BT.601, Y over 219 and chroma over 224 steps from 16, scaled to the bits. YBR_ICT: as YBR_FULL; YBR_RCT:
//! ITU-T T.800 G.2 (G = Y - floor((Cb + Cr) / 4), R = Cr + G, B = Cb + G). Grey: 0.299 R + 0.587 G + 0.114 B
//! (ITU-R BT.601, Pillow's mode L).
//! # From space, to space
//! Stored samples to unit RGB, or unit luma.
//! # Edge cases
//! Results are limited to 0..1. Unsigned chroma is centred on 2^(bits - 1); signed chroma (ICT, RCT) on 0.
//! # Tolerance and why
//! 1e-6: three products, which a GPU may fuse.

use super::block::{Block, COLOUR_MATRIX, COLOUR_PALETTE, COLOUR_RCT, COLOUR_RGB};
use super::kernel::Kernel;
use super::plan::{Plan, stored_range};
use crate::model::{Photometric, SampleType};

/// Writes the colour fields of the block and the table of a palette.
pub(super) fn parameters(plan: &Plan, kernel: &mut Kernel) {
    let (sample_type, bits) = (plan.shape.sample_type, plan.bits_stored);
    fields(plan.photometric, sample_type, bits, &mut kernel.block);
    if plan.photometric == Photometric::Palette {
        kernel.table = plan.colours();
        kernel.block.table_first = stored_range(sample_type, bits).0 as i32;
        kernel.block.table_length = (kernel.table.len() / 3) as u32;
    }
}

/// Scale, offsets and matrix of a colour space.
pub(super) fn fields(photometric: Photometric, sample_type: SampleType, bits_stored: u8, block: &mut Block) {
    let bits = i32::from(bits_stored);
    let largest = 2f64.powi(bits) - 1.0;
    block.colour_scale = (1.0 / largest) as f32;
    block.colour_c = if sample_type.signed() { 0.0 } else { 2f32.powi(bits - 1) };
    let (luma, chroma) = match photometric {
        Photometric::Palette => {
            block.colour = COLOUR_PALETTE;
            return;
        }
        Photometric::YbrRct => {
            block.colour = COLOUR_RCT;
            return;
        }
        Photometric::Rgb | Photometric::Monochrome1 | Photometric::Monochrome2 => {
            block.colour = COLOUR_RGB;
            return;
        }
        Photometric::YbrFull | Photometric::YbrIct => (1.0, 1.0),
        Photometric::YbrPartial => {
            let steps = 2f64.powi(bits - 8);
            block.colour_y = (16.0 * steps) as f32;
            (largest / (219.0 * steps), largest / (224.0 * steps))
        }
    };
    block.colour = COLOUR_MATRIX;
    [block.red_y, block.green_y, block.blue_y] = [luma as f32; 3];
    // Exact inverses of the luma weights 0.299, 0.587, 0.114.
    block.red_cr = (1.402 * chroma) as f32;
    block.green_cb = (-0.114 * 1.772 / 0.587 * chroma) as f32;
    block.green_cr = (-0.299 * 1.402 / 0.587 * chroma) as f32;
    block.blue_cb = (1.772 * chroma) as f32;
}

/// Red, green and blue of three stored samples.
pub fn colour(block: &Block, stored: [f32; 3]) -> [f32; 3] {
    let rgb = match block.colour {
        COLOUR_MATRIX => matrix(block, stored),
        COLOUR_RCT => reversible(stored),
        _ => stored,
    };
    limit(block, rgb)
}

/// The matrix of a YBR space, in stored units.
#[inline]
pub fn matrix(block: &Block, [y, cb, cr]: [f32; 3]) -> [f32; 3] {
    let (y, cb, cr) = (y - block.colour_y, cb - block.colour_c, cr - block.colour_c);
    [
        block.red_y * y + block.red_cb * cb + block.red_cr * cr,
        block.green_y * y + block.green_cb * cb + block.green_cr * cr,
        block.blue_y * y + block.blue_cb * cb + block.blue_cr * cr,
    ]
}

/// The reversible transform, in stored units.
#[inline]
pub fn reversible([y, cb, cr]: [f32; 3]) -> [f32; 3] {
    let green = y - ((cb + cr) * 0.25).floor();
    [cr + green, green, cb + green]
}

/// From stored units to the unit range.
#[inline]
pub fn limit(block: &Block, rgb: [f32; 3]) -> [f32; 3] {
    rgb.map(|x| (x * block.colour_scale).clamp(0.0, 1.0))
}

/// Grey of a colour.
#[inline]
pub fn luma(rgb: [f32; 3]) -> f32 {
    (0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]).min(1.0)
}
