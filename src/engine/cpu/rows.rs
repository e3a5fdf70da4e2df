//! One row of a frame as the view shows it: f32, masked and padding pixels blank.

use crate::model::{Frame, SampleType};
use crate::pixel::block::{Block, COLOUR_GREY, COLOUR_MATRIX, COLOUR_PALETTE, COLOUR_RCT, VIEW_RAMP};
use crate::pixel::{Kernel, chain, colour, invert, palette, window};

/// Reads the rows of one frame.
pub struct Rows<'a> {
    frame: &'a Frame,
    kernel: &'a Kernel,
    view: View,
}

/// How stored values become what the view shows.
enum View {
    /// Each sample by itself: floats, 32 bits, colour.
    Each,
    /// The line of `pixel::modality` between the flat ends of `pixel::window`, worked out for many samples at a time: the
    /// same operations in the same order.
    Ramp { pivot: i32 },
    /// What the view makes of each value that occurs, from `first` on.
    Table { table: Vec<f32>, first: i32 },
}

impl<'a> Rows<'a> {
    /// Prepares the view of a frame: a ramp, or the twin's answer for every value in `range`, the lowest and the highest
    /// that occur.
    pub fn new(frame: &'a Frame, kernel: &'a Kernel, range: impl FnOnce() -> Option<(i64, i64)>) -> Self {
        let block = &kernel.block;
        let view = if block.colour != COLOUR_GREY || !frame.sample_type.tabulable() {
            View::Each
        } else if block.view == VIEW_RAMP && block.padding == 0 {
            // The pivot lies within the range of the samples' type.
            View::Ramp { pivot: (block.pivot_high << 16) + block.pivot_low }
        } else {
            range().map_or(View::Each, |(low, high)| View::Table {
                table: (low..=high).map(|stored| chain::grey(kernel, stored as f64)).collect(),
                first: low as i32,
            })
        };
        Self { frame, kernel, view }
    }

    /// Columns of a row.
    pub fn columns(&self) -> usize {
        self.frame.columns as usize
    }

    /// Writes row `y` into as many planes as the kernel has.
    pub fn read(&self, y: usize, planes: &mut [Vec<f32>]) {
        if self.kernel.block.colour != COLOUR_GREY {
            colour_row(self.frame, self.kernel, y, planes);
        } else if let [plane] = planes {
            self.grey(y, plane);
        }
        for [left, top, right, bottom] in &self.kernel.boxes {
            if (*top..*bottom).contains(&(y as u32)) {
                for plane in planes.iter_mut() {
                    // The boxes were clipped to the frame.
                    plane[*left as usize..*right as usize].fill(self.kernel.block.background);
                }
            }
        }
    }

    fn grey(&self, y: usize, plane: &mut [f32]) {
        match self.frame.sample_type {
            SampleType::U8 => self.samples(y, plane, |[a]: [u8; 1]| i32::from(a)),
            SampleType::I8 => self.samples(y, plane, |[a]: [u8; 1]| i32::from(a as i8)),
            SampleType::U16 => self.samples(y, plane, |b: [u8; 2]| i32::from(u16::from_le_bytes(b))),
            SampleType::I16 => self.samples(y, plane, |b: [u8; 2]| i32::from(i16::from_le_bytes(b))),
            _ => self.each(y, plane),
        }
    }

    fn each(&self, y: usize, plane: &mut [f32]) {
        let place = y * self.columns();
        for (x, value) in plane.iter_mut().enumerate() {
            *value = chain::grey(self.kernel, chain::stored(self.frame, place + x));
        }
    }

    fn samples<const N: usize>(&self, y: usize, plane: &mut [f32], stored: impl Fn([u8; N]) -> i32) {
        let (row, _) = row_bytes(self.frame, y).as_chunks::<N>();
        let block = &self.kernel.block;
        match &self.view {
            View::Each => self.each(y, plane),
            View::Ramp { pivot } => {
                let (scale, offset) = (block.scale, block.offset);
                let ramp = |sample: &[u8; N]| window::ramp((stored(*sample) - pivot) as f32 * scale + offset);
                if block.invert == 1 {
                    plane.iter_mut().zip(row).for_each(|(value, sample)| *value = invert::invert(ramp(sample)));
                } else {
                    plane.iter_mut().zip(row).for_each(|(value, sample)| *value = ramp(sample));
                }
            }
            View::Table { table, first } => {
                for (value, sample) in plane.iter_mut().zip(row) {
                    let place = (stored(*sample) - first) as usize;
                    // A value outside the table lies under a mask: it is blanked anyway.
                    *value = if place < table.len() { table[place] } else { block.background };
                }
            }
        }
    }
}

/// The bytes of a row; Frame::new checked that every row is there.
fn row_bytes(frame: &Frame, y: usize) -> &[u8] {
    let length = frame.columns as usize * usize::from(frame.samples) * frame.sample_type.bytes();
    &frame.bytes()[y * length..(y + 1) * length]
}

/// A row of a colour frame before masking: luma if there is one plane, else red, green, blue.
pub fn colour_row(frame: &Frame, kernel: &Kernel, y: usize, planes: &mut [Vec<f32>]) {
    match frame.sample_type {
        SampleType::I8 => convert(frame, kernel, y, planes, |[a]: [u8; 1]| f32::from(a as i8)),
        SampleType::U16 => convert(frame, kernel, y, planes, |b: [u8; 2]| f32::from(u16::from_le_bytes(b))),
        SampleType::I16 => convert(frame, kernel, y, planes, |b: [u8; 2]| f32::from(i16::from_le_bytes(b))),
        SampleType::U32 => convert(frame, kernel, y, planes, |b: [u8; 4]| u32::from_le_bytes(b) as f32),
        SampleType::I32 => convert(frame, kernel, y, planes, |b: [u8; 4]| i32::from_le_bytes(b) as f32),
        // Plans refuse colour of floats.
        _ => convert(frame, kernel, y, planes, |[a]: [u8; 1]| f32::from(a)),
    }
}

fn convert<const N: usize>(
    frame: &Frame,
    kernel: &Kernel,
    y: usize,
    planes: &mut [Vec<f32>],
    stored: impl Fn([u8; N]) -> f32,
) {
    let (row, _) = row_bytes(frame, y).as_chunks::<N>();
    let block = &kernel.block;
    if block.colour == COLOUR_PALETTE {
        // Indices have up to 16 bits, which f32 holds.
        for (x, sample) in row.iter().enumerate() {
            put(planes, x, palette::palette(block, &kernel.table, stored(*sample) as i32));
        }
        return;
    }
    let (pixels, _) = row.as_chunks::<3>();
    // The branch is taken once a row, so that each loop has one body that the compiler can widen.
    match block.colour {
        COLOUR_MATRIX => each(pixels, block, planes, stored, |rgb| colour::matrix(block, rgb)),
        COLOUR_RCT => each(pixels, block, planes, stored, colour::reversible),
        _ => each(pixels, block, planes, stored, |rgb| rgb),
    }
}

fn each<const N: usize>(
    pixels: &[[[u8; N]; 3]],
    block: &Block,
    planes: &mut [Vec<f32>],
    stored: impl Fn([u8; N]) -> f32,
    convert: impl Fn([f32; 3]) -> [f32; 3],
) {
    let unit = |pixel: &[[u8; N]; 3]| colour::limit(block, convert(pixel.map(&stored)));
    match planes {
        [grey] => grey.iter_mut().zip(pixels).for_each(|(grey, pixel)| *grey = colour::luma(unit(pixel))),
        [red, green, blue] => {
            for (((red, green), blue), pixel) in red.iter_mut().zip(green).zip(blue).zip(pixels) {
                [*red, *green, *blue] = unit(pixel);
            }
        }
        // Plans make one plane or three.
        _ => {}
    }
}

fn put(planes: &mut [Vec<f32>], x: usize, rgb: [f32; 3]) {
    match planes {
        [grey] => grey[x] = colour::luma(rgb),
        planes => planes.iter_mut().zip(rgb).for_each(|(plane, value)| plane[x] = value),
    }
}
