//! What a submission reads besides samples, written down: blocks, places, spans and tables in one small buffer. Which
//! piece does what is decided in `batch`.

use super::kernels::Pass;
use super::place::{Place, RUN, Span, WORKGROUP};
use super::slot::Dispatch;
use crate::error::{Fault, Result};
use crate::pixel::block::{Block, COLOUR_GREY};
use crate::pixel::{Kernel, resize::Taps};
use std::collections::BTreeMap;
use std::ops::Range;

/// Spans are bound at dynamic offsets; WebGPU guarantees that 256 is enough for any device.
pub const SPAN_STRIDE: u64 = 256;

/// The bytes of one submission's notes, and where the four kinds lie, each at an aligned offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notes {
    /// All of them.
    pub bytes: Vec<u8>,
    /// Parameter blocks.
    pub blocks: Range<u64>,
    /// Places.
    pub places: Range<u64>,
    /// Spans, [`SPAN_STRIDE`] bytes apart.
    pub spans: Range<u64>,
    /// Boxes, lookup tables, weights.
    pub tables: Range<u64>,
}

/// Notes while they are written.
#[derive(Default)]
pub struct Draft {
    blocks: Vec<Block>,
    tables: Vec<u8>,
    /// Where tables lie that the next frame may share: frames of one shape have equal weights.
    across: Option<(Taps, u32)>,
    down: Option<(Taps, u32)>,
    /// By window, pass and whether the frames are colour, in the order of their dispatches.
    work: BTreeMap<(u64, u8, bool), Vec<(Place, u64)>>,
}

/// Passes of one window run in this order; tensors are made when all windows have been read.
fn order(pass: Pass) -> u8 {
    match pass {
        Pass::Histogram => 0,
        Pass::Rows => 1,
        Pass::Direct => 2,
        Pass::Tensors => 3,
        Pass::View => 4,
        Pass::Quality => 5,
    }
}

const BY_ORDER: [Pass; 6] = [Pass::Histogram, Pass::Rows, Pass::Direct, Pass::Tensors, Pass::View, Pass::Quality];
/// The window of the tensors pass, which reads no samples: after all others.
const AFTER_ALL: u64 = u64::MAX;

impl Draft {
    /// Adds a frame's block and tables; the place it gives back knows where they are.
    pub fn frame(&mut self, kernel: &Kernel) -> Place {
        let frame = self.blocks.len() as u32;
        self.blocks.push(kernel.block);
        Place {
            frame,
            boxes_at: put(&mut self.tables, &[bytemuck::cast_slice(&kernel.boxes)]),
            lookup_at: put(&mut self.tables, &[bytemuck::cast_slice(&kernel.table)]),
            across_at: weights(&mut self.tables, &mut self.across, &kernel.across),
            down_at: weights(&mut self.tables, &mut self.down, &kernel.down),
            ..Place::default()
        }
    }

    /// Adds a table that a pass reads beside those of its frame; gives its place in words.
    pub fn table(&mut self, floats: &[[f32; 2]]) -> u32 {
        put(&mut self.tables, &[bytemuck::cast_slice(floats)])
    }

    /// Asks for a pass over a place, with `units` invocations, on samples of the window that begins at `window`.
    pub fn ask(&mut self, pass: Pass, window: u64, place: Place, units: u64) {
        if units > 0 {
            let window = if pass == Pass::Tensors { AFTER_ALL } else { window };
            let coloured = self.blocks.get(place.frame as usize).is_some_and(|block| block.colour != COLOUR_GREY);
            self.work
                .entry((window, order(pass), coloured))
                .or_default()
                .push((place, units.div_ceil(u64::from(WORKGROUP))));
        }
    }

    /// Puts everything in its place. `stored` bytes of samples are there, of which `binding` can be bound at once.
    pub fn finish(mut self, stored: u64, binding: u64) -> Result<(Notes, Vec<Dispatch>)> {
        let mut places: Vec<Place> = Vec::new();
        let mut spans: Vec<u8> = Vec::new();
        let mut dispatches = Vec::new();
        for ((window, order, coloured), work) in std::mem::take(&mut self.work) {
            let start = if window == AFTER_ALL { 0 } else { window };
            let span = Span { first_place: places.len() as u32, place_count: work.len() as u32 };
            let mut groups = 0u64;
            for (place, more) in work {
                places.push(Place { first_group: groups as u32, ..place });
                groups += more;
            }
            // Above this the index of an invocation would not fit in 32 bits; bindings are too small for it.
            let groups = u32::try_from(groups).ok().filter(|groups| *groups < u32::MAX / WORKGROUP);
            dispatches.push(Dispatch {
                pass: BY_ORDER[usize::from(order)],
                coloured,
                window: start..(start + binding).min(stored.max(4)),
                span: (spans.len() as u64 / SPAN_STRIDE) as u32,
                groups: groups.ok_or_else(|| Fault::bug("gpu", "a dispatch with too many workgroups"))?,
            });
            spans.extend_from_slice(bytemuck::bytes_of(&span));
            spans.resize(spans.len().next_multiple_of(SPAN_STRIDE as usize), 0);
        }
        let mut bytes = Vec::new();
        let mut part = |content: &[u8]| {
            let start = bytes.len() as u64;
            bytes.extend_from_slice(content);
            let end = bytes.len().max(start as usize + 4);
            // A binding is never empty, and the next one begins aligned.
            bytes.resize(end.next_multiple_of(SPAN_STRIDE as usize), 0);
            start..end as u64
        };
        let blocks = part(bytemuck::cast_slice(&self.blocks));
        let places = part(bytemuck::cast_slice(&places));
        let spans = part(&spans);
        let tables = part(&self.tables);
        Ok((Notes { bytes, blocks, places, spans, tables }, dispatches))
    }
}

/// Appends tables, one after the other; gives their place in words.
fn put(tables: &mut Vec<u8>, parts: &[&[u8]]) -> u32 {
    let at = (tables.len() / 4) as u32;
    for part in parts {
        tables.extend_from_slice(part);
    }
    at
}

/// Appends the weights of an axis, unless the last ones were the same.
fn weights(tables: &mut Vec<u8>, last: &mut Option<(Taps, u32)>, taps: &Taps) -> u32 {
    match last {
        Some((known, at)) if known == taps => *at,
        _ => {
            let at = put(tables, &[bytemuck::cast_slice(&taps.spans), bytemuck::cast_slice(&taps.weights)]);
            *last = Some((taps.clone(), at));
            at
        }
    }
}

/// Bytes that the tables of a frame need at most; the lookup table may not be known yet.
pub fn table_bytes(kernel: &Kernel, lookup: usize) -> u64 {
    let weights = |taps: &Taps| taps.spans.len() * 8 + taps.weights.len() * 4;
    let lookup = lookup.max(kernel.table.len());
    (kernel.boxes.len() * 16 + lookup * 4 + weights(&kernel.across) + weights(&kernel.down)) as u64
}

/// Invocations of the histogram pass for some pixels.
pub fn runs(pixels: u64) -> u64 {
    pixels.div_ceil(u64::from(RUN))
}
