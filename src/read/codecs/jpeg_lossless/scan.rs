//! Prediction (ITU-T T.81 annex H.1.2.1): rows of samples from rows of differences.

use super::huffman::{Bits, Table};

/// The samples of one scan, row by row. A row interleaves the scan's components by pixel.
#[derive(Debug)]
pub struct Rows<'a> {
    /// One table a component of the scan, in the scan's order.
    pub tables: &'a [&'a Table],
    /// Selection value 1 to 7.
    pub predictor: u8,
    /// The prediction where there is no neighbour: 2^(P-Pt-1).
    pub initial: u16,
}

impl Rows<'_> {
    /// Decodes one row into `row`; `above` is the row before, or `None` at the start of a restart interval.
    pub fn decode(&self, bits: &mut Bits<'_>, above: Option<&[u16]>, row: &mut [u16]) {
        match *self.tables {
            [a] => self.row([a], bits, above, row),
            [a, b] => self.row([a, b], bits, above, row),
            [a, b, c] => self.row([a, b, c], bits, above, row),
            [a, b, c, d] => self.row([a, b, c, d], bits, above, row),
            _ => {}
        }
    }

    fn row<const N: usize>(&self, tables: [&Table; N], bits: &mut Bits<'_>, above: Option<&[u16]>, row: &mut [u16]) {
        // A copy that lives in registers for the whole row.
        let mut local = *bits;
        match (above, self.predictor) {
            (None, _) => from_left([self.initial; N], tables, &mut local, row),
            (Some(above), 1) => from_left(first(above), tables, &mut local, row),
            (Some(above), 2) => from_all(tables, &mut local, above, row, |_, b, _| b),
            (Some(above), 3) => from_all(tables, &mut local, above, row, |_, _, c| c),
            (Some(above), 4) => from_all(tables, &mut local, above, row, |a, b, c| a + b - c),
            (Some(above), 5) => from_all(tables, &mut local, above, row, |a, b, c| a + ((b - c) >> 1)),
            (Some(above), 6) => from_all(tables, &mut local, above, row, |a, b, c| b + ((a - c) >> 1)),
            (Some(above), _) => from_all(tables, &mut local, above, row, |a, b, _| (a + b) >> 1),
        }
        *bits = local;
    }
}

/// The first pixel of a row.
fn first<const N: usize>(row: &[u16]) -> [u16; N] {
    row.first_chunk().copied().unwrap_or([0; N])
}

/// A row predicted from the left alone; the first pixel from `left`.
#[inline(always)]
fn from_left<const N: usize>(mut left: [u16; N], tables: [&Table; N], bits: &mut Bits<'_>, row: &mut [u16]) {
    for pixel in row.chunks_exact_mut(N) {
        for ((sample, left), table) in pixel.iter_mut().zip(&mut left).zip(tables) {
            *left = left.wrapping_add(bits.difference(table));
            *sample = *left;
        }
    }
}

/// A row predicted by `predict(left, above, above left)`; the first pixel from above.
#[inline(always)]
fn from_all<const N: usize>(
    tables: [&Table; N],
    bits: &mut Bits<'_>,
    above: &[u16],
    row: &mut [u16],
    predict: impl Fn(i32, i32, i32) -> i32,
) {
    let mut corner = first::<N>(above);
    let mut left = corner;
    let mut begun = false;
    for (pixel, above) in row.chunks_exact_mut(N).zip(above.chunks_exact(N)) {
        for (c, (sample, &up)) in pixel.iter_mut().zip(above).enumerate() {
            let predicted = if begun { predict(left[c].into(), up.into(), corner[c].into()) as u16 } else { up };
            *sample = predicted.wrapping_add(bits.difference(tables[c]));
            left[c] = *sample;
            corner[c] = up;
        }
        begun = true;
    }
}
