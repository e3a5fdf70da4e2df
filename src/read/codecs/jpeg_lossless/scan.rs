//! Prediction (ITU-T T.81 annex H.1.2.1): rows of samples from rows of differences.

use super::huffman::{Bits, FILL, Table};

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
        // The second number: samples of as many whole pixels as one fill of the bits has room for.
        match *self.tables {
            [a] => self.row::<1, FILL>([a], bits, above, row),
            [a, b] => self.row::<2, FILL>([a, b], bits, above, row),
            [a, b, c] => self.row::<3, 3>([a, b, c], bits, above, row),
            [a, b, c, d] => self.row::<4, FILL>([a, b, c, d], bits, above, row),
            _ => {}
        }
    }

    fn row<const N: usize, const GROUP: usize>(
        &self,
        tables: [&Table; N],
        held: &mut Bits<'_>,
        above: Option<&[u16]>,
        row: &mut [u16],
    ) {
        // A copy that lives in registers for the whole row.
        let mut local = *held;
        let bits = &mut local;
        match (above, self.predictor) {
            (None, _) => from_left::<N, GROUP>([self.initial; N], tables, bits, row),
            (Some(above), 1) => from_left::<N, GROUP>(first(above), tables, bits, row),
            (Some(above), 2) => from_all::<N, GROUP>(tables, bits, above, row, |_, b, _| b),
            (Some(above), 3) => from_all::<N, GROUP>(tables, bits, above, row, |_, _, c| c),
            (Some(above), 4) => from_all::<N, GROUP>(tables, bits, above, row, |a, b, c| a + b - c),
            (Some(above), 5) => from_all::<N, GROUP>(tables, bits, above, row, |a, b, c| a + ((b - c) >> 1)),
            (Some(above), 6) => from_all::<N, GROUP>(tables, bits, above, row, |a, b, c| b + ((a - c) >> 1)),
            (Some(above), _) => from_all::<N, GROUP>(tables, bits, above, row, |a, b, _| (a + b) >> 1),
        }
        *held = local;
    }
}

/// The first pixel of a row.
fn first<const N: usize>(row: &[u16]) -> [u16; N] {
    row.first_chunk().copied().unwrap_or([0; N])
}

/// A row predicted from the left alone; the first pixel from `left`.
#[inline(always)]
fn from_left<const N: usize, const GROUP: usize>(
    mut left: [u16; N],
    tables: [&Table; N],
    bits: &mut Bits<'_>,
    row: &mut [u16],
) {
    let fast = tables.map(Table::fast);
    let mut pixel = |bits: &mut Bits<'_>, samples: &mut [u16; N]| {
        for c in 0..N {
            left[c] = left[c].wrapping_add(bits.difference(fast[c], tables[c]));
            samples[c] = left[c];
        }
    };
    let (groups, rest) = row.as_chunks_mut::<GROUP>();
    for group in groups {
        bits.fill();
        group.as_chunks_mut().0.iter_mut().for_each(|samples| pixel(bits, samples));
    }
    bits.fill();
    rest.as_chunks_mut().0.iter_mut().for_each(|samples| pixel(bits, samples));
}

/// A row predicted by `predict(left, above, above left)`; the first pixel from above.
#[inline(always)]
fn from_all<const N: usize, const GROUP: usize>(
    tables: [&Table; N],
    bits: &mut Bits<'_>,
    above: &[u16],
    row: &mut [u16],
    predict: impl Fn(i32, i32, i32) -> i32,
) {
    let fast = tables.map(Table::fast);
    let mut corner = first::<N>(above);
    let mut left = corner;
    let mut begun = false;
    let mut pixel = |bits: &mut Bits<'_>, samples: &mut [u16; N], above: &[u16; N]| {
        for c in 0..N {
            let predicted =
                if begun { predict(left[c].into(), above[c].into(), corner[c].into()) as u16 } else { above[c] };
            left[c] = predicted.wrapping_add(bits.difference(fast[c], tables[c]));
            samples[c] = left[c];
            corner[c] = above[c];
        }
        begun = true;
    };
    let mut pixels = |bits: &mut Bits<'_>, samples: &mut [u16], above: &[u16]| {
        bits.fill();
        let (samples, above) = (samples.as_chunks_mut().0, above.as_chunks().0);
        samples.iter_mut().zip(above).for_each(|(samples, above)| pixel(bits, samples, above));
    };
    let (groups, rest) = row.as_chunks_mut::<GROUP>();
    let (groups_above, rest_above) = above.as_chunks::<GROUP>();
    groups.iter_mut().zip(groups_above).for_each(|(group, above)| pixels(bits, group, above));
    pixels(bits, rest, rest_above);
}
