//! A map in bands of rows, side by side, and in parts of columns, one after the other: how large pictures stay within
//! bounded memory. What is cut gets as much of its neighbours as its edges depend on, and so nothing changes.

use super::stream::Fast;
use crate::pixel::textnet::gate::Gate;
use crate::pixel::textnet::relief::BLOCK;
use crate::pixel::textnet::{Plane, twin};
use rayon::prelude::*;

/// Columns of a view that are searched at once: rows of all layers for 4096 columns take about 20 MB.
pub const WIDTH: usize = 4096;

/// Writes a row of the view, all its columns.
pub type Read<'a> = dyn Fn(usize, &mut [f32]) + Sync + 'a;

/// The map in bands of rows and parts of at most `width` columns; 0 where the gate is closed.
pub fn map(
    fast: &Fast,
    [rows, columns]: [usize; 2],
    read: &Read,
    gate: Option<&Gate>,
    (bands, width): (usize, usize),
) -> Plane {
    let (multiple, cell) = (fast.net().multiple(), fast.net().cell());
    let (filled_rows, filled_columns) = (rows.next_multiple_of(multiple), columns.next_multiple_of(multiple));
    let (map_rows, map_columns) = (rows.div_ceil(cell), columns.div_ceil(cell));
    let height = map_rows.div_ceil(bands.max(1));
    let share = (width / cell).max(1);
    let mut values = vec![0.0f32; map_rows * map_columns];
    values.par_chunks_mut(height * map_columns).enumerate().for_each(|(band, values)| {
        let map = band * height..band * height + values.len() / map_columns;
        let mut whole = vec![0.0; columns];
        for left in (0..map_columns).step_by(share) {
            let right = (left + share).min(map_columns);
            // Whole multiples, so that tiles and strides fall on the same columns as in the whole picture.
            let reach = fast.reach(left..right, filled_columns)[0].clone();
            let whole_blocks = fast.whole().max(BLOCK);
            let from = reach.start / whole_blocks * whole_blocks;
            let to = reach.end.next_multiple_of(multiple).min(filled_columns);
            let mut view = |y: usize, row: &mut [f32]| {
                row.fill(0.0);
                if y < rows {
                    read(y, &mut whole);
                    let seen = &whole[from..to.min(columns)];
                    row[..seen.len()].copy_from_slice(seen);
                }
            };
            let part = (to - from) / cell;
            let mut out = vec![0.0; map.len() * part];
            let kept = left * cell / BLOCK..(right * cell).div_ceil(BLOCK);
            let asked = |row: usize, column: usize| {
                let column = column + from / BLOCK;
                kept.contains(&column) && gate.is_none_or(|gate| gate.open(row, column))
            };
            fast.run([filled_rows, to - from], map.clone(), &asked, &mut view, &mut out);
            for (out, row) in out.chunks_exact(part).zip(values.chunks_exact_mut(map_columns)) {
                let seen = &out[left - from / cell..right - from / cell];
                row[left..right].iter_mut().zip(seen).for_each(|(p, x)| *p = twin::logistic(*x));
            }
        }
    });
    let mut map = Plane { rows: map_rows, columns: map_columns, values };
    if let Some(gate) = gate {
        gate.close(&mut map, cell);
    }
    map
}

/// The map of a view that is in memory: what the tests compare with the twin.
pub fn probability(fast: &Fast, view: &Plane, bands: usize, width: usize) -> Plane {
    let read = |y: usize, row: &mut [f32]| row.copy_from_slice(&view.values[y * view.columns..(y + 1) * view.columns]);
    map(fast, [view.rows, view.columns], &read, None, (bands, width))
}
