//! Cuts views into parts that fit the device, and shares out the buffers that layers live in. Arithmetic only.

use crate::pixel::textnet::{Net, Plane, twin};
use std::ops::Range;

/// A part of a view: what is brought to the network, and what of it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// First row.
    pub top: usize,
    /// First column.
    pub left: usize,
    /// Rows of the view whose map is kept.
    pub rows: Range<usize>,
    /// Columns of the view whose map is kept.
    pub columns: Range<usize>,
}

/// The parts of a view, all of one size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Rows and columns of a part, multiples of [`Net::multiple`].
    pub shape: [usize; 2],
    /// They keep every pixel of the filled-up view once.
    pub parts: Vec<Part>,
}

/// Begin and kept range of the pieces of an axis; `None` if `most` is too short for what a piece must see around it.
fn axis(length: usize, most: usize, halo: usize) -> Option<Vec<(usize, Range<usize>)>> {
    if length <= most {
        return Some(vec![(0, 0..length)]);
    }
    let core = most.checked_sub(2 * halo).filter(|core| *core > 0)?;
    let piece = |start: usize| (start.saturating_sub(halo).min(length - most), start..(start + core).min(length));
    Some((0..length).step_by(core).map(piece).collect())
}

impl Cut {
    /// Cuts a view of `rows` x `columns` into parts of at most `pixels` pixels; `None` if these are too few.
    pub fn new(net: &Net, [rows, columns]: [usize; 2], pixels: usize) -> Option<Self> {
        let multiple = net.multiple();
        let (rows, columns) = (rows.next_multiple_of(multiple), columns.next_multiple_of(multiple));
        let down_to = |length: usize| length / multiple * multiple;
        let square = down_to(pixels.isqrt());
        let shape = match (rows <= square, columns <= square) {
            _ if rows * columns <= pixels => [rows, columns],
            (true, _) => [rows, down_to(pixels / rows)],
            (_, true) => [down_to(pixels / columns), columns],
            _ => [square, square],
        };
        let (down, across) = (axis(rows, shape[0], net.halo())?, axis(columns, shape[1], net.halo())?);
        let part = |(top, rows): &(usize, Range<usize>), (left, columns): &(usize, Range<usize>)| Part {
            top: *top,
            left: *left,
            rows: rows.clone(),
            columns: columns.clone(),
        };
        let parts = down.iter().flat_map(|down| across.iter().map(move |across| part(down, across))).collect();
        Some(Self { shape, parts })
    }
}

/// Writes what a part found into the map of its view.
pub fn keep(map: &mut Plane, part: &Part, [_, columns]: [usize; 2], cell: usize, found: &[f32]) {
    let wide = columns / cell;
    let (first, end) = (part.columns.start / cell, (part.columns.end / cell).min(map.columns));
    for row in part.rows.start / cell..(part.rows.end / cell).min(map.rows) {
        let from = (row - part.top / cell) * wide;
        let target = map.values.get_mut(row * map.columns + first..row * map.columns + end).unwrap_or_default();
        let source = found.get(from + first - part.left / cell..from + end - part.left / cell).unwrap_or_default();
        target.iter_mut().zip(source).for_each(|(chance, x)| *chance = twin::logistic(*x));
    }
}

/// Which room (a buffer that several layers use in turn) each stage lives in, and how many floats for one pixel of the view
/// a room has.
#[derive(Clone, Debug, PartialEq)]
pub struct Rooms {
    /// By stage: the view, then the layers.
    pub of: Vec<usize>,
    /// By room.
    pub floats: Vec<f64>,
}

/// Floats of a stage for one pixel of the view.
fn floats(net: &Net, stage: usize) -> f64 {
    let layer = stage.checked_sub(1).and_then(|layer| net.layers().get(layer));
    layer.map_or(1.0, |layer| layer.outputs as f64 / (layer.scale * layer.scale) as f64)
}

impl Rooms {
    /// Shares out rooms so that no stage is overwritten before its last reader has run.
    pub fn new(net: &Net) -> Self {
        let stages = net.layers().len() + 1;
        // A stage is read by the layer after it and by those that add it.
        let last = |stage: usize| {
            let adders =
                net.layers().iter().enumerate().filter(|(_, layer)| layer.add.map(|add| add + 1) == Some(stage));
            adders.map(|(index, _)| index + 1).fold(stage + 1, usize::max)
        };
        let mut rooms = Self { of: Vec::new(), floats: Vec::new() };
        let mut busy: Vec<usize> = Vec::new();
        for stage in 0..stages {
            let needed = floats(net, stage);
            let free = (0..busy.len()).filter(|room| busy[*room] < stage);
            let room = free.max_by(|a, b| rooms.floats[*a].total_cmp(&rooms.floats[*b])).unwrap_or(busy.len());
            if room == busy.len() {
                busy.push(0);
                rooms.floats.push(0.0);
            }
            busy[room] = last(stage);
            rooms.floats[room] = rooms.floats[room].max(needed);
            rooms.of.push(room);
        }
        rooms
    }

    /// Bytes of the largest room for one pixel of the view.
    pub fn largest(&self) -> f64 {
        4.0 * self.floats.iter().copied().fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::axis;

    #[test]
    fn pieces_keep_every_place_once_and_see_enough_around_it() {
        for (length, most, halo) in [(16, 64, 32), (640, 128, 48), (656, 208, 96), (1024, 1008, 112), (96, 80, 32)] {
            let pieces = axis(length, most, halo).unwrap();
            let mut next = 0;
            for (from, kept) in &pieces {
                assert_eq!(kept.start, next);
                next = kept.end;
                assert!(*from <= kept.start.saturating_sub(halo) && from % 16 == 0, "{length} {most} {halo}");
                assert!(from + most.min(length) >= (kept.end + halo).min(length));
            }
            assert_eq!(next, length);
        }
        assert_eq!(axis(640, 128, 64), None);
    }
}
