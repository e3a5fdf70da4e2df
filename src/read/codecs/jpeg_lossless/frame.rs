//! The frame header that JPEG Lossless and JPEG-LS share (ITU-T T.81 B.2.2), held against the announcement, and where
//! a decoded row goes.

use super::super::Announced;
use crate::error::{Fault, Reason, Result};

/// Components a frame may have here.
pub const MAX_COMPONENTS: usize = 4;

/// What the frame header says; size and components are those announced.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Bits of a sample, 2 to 16.
    pub precision: u8,
    /// Rows of every component.
    pub rows: usize,
    /// Columns of every component.
    pub columns: usize,
    /// Three bytes a component: identifier, sampling factors, (unused) quantization table.
    pub components: &'a [[u8; 3]],
}

impl<'a> Frame<'a> {
    /// Reads the body of a SOF segment. Fails if it contradicts the announcement, leaves the number of lines to DNL,
    /// or subsamples a component.
    pub fn read(
        body: &'a [u8],
        announced: &Announced,
        place: &'static str,
        warnings: &mut Vec<&'static str>,
    ) -> Result<Self> {
        let broken = |cause| Fault::input(Reason::DecodeFailed, place, cause);
        let unsupported = |cause| Fault::input(Reason::UnsupportedSyntax, place, cause);
        let Some((&[precision, r1, r0, c1, c0, count], components)) = body.split_first_chunk() else {
            return Err(broken("a frame header that is too short"));
        };
        let (components, left_over) = components.as_chunks();
        let (rows, columns) = (u16::from_be_bytes([r1, r0]), u16::from_be_bytes([c1, c0]));
        if components.len() != usize::from(count) || !left_over.is_empty() {
            return Err(broken("a frame header whose length does not fit its components"));
        }
        if rows == 0 {
            return Err(unsupported("the number of lines is left to a DNL segment"));
        }
        let inconsistent = |cause, expected: i128, found: i128| {
            Err(Fault::input(Reason::Inconsistent, place, cause).number("announced", expected).number("found", found))
        };
        if u32::from(rows) != announced.rows {
            return inconsistent("the stream has another number of rows", announced.rows.into(), rows.into());
        }
        if u32::from(columns) != announced.columns || columns == 0 {
            return inconsistent("the stream has another number of columns", announced.columns.into(), columns.into());
        }
        if count != announced.samples || usize::from(count) > MAX_COMPONENTS || count == 0 {
            return inconsistent("the stream has another number of components", announced.samples.into(), count.into());
        }
        if !(2..=16).contains(&precision) {
            return Err(broken("a sample precision outside 2 to 16").number("precision", precision));
        }
        if precision > announced.bits_allocated {
            let allocated = announced.bits_allocated.into();
            return inconsistent(
                "the stream's samples do not fit into the bits allocated",
                allocated,
                precision.into(),
            );
        }
        // A.2.2: the sampling factors of a single component mean nothing.
        if let Some([_, factors, _]) = components.iter().find(|[_, factors, _]| count > 1 && *factors != 0x11) {
            return Err(unsupported("subsampled components").number("factors", *factors));
        }
        if precision > announced.bits_stored {
            warnings.push("precision-above-bits-stored");
        }
        Ok(Self { precision, rows: rows.into(), columns: columns.into(), components })
    }

    /// The component that a scan calls `identifier` and that is not `done`. Some encoders give all components one
    /// identifier: the first that is still missing is meant.
    pub fn component(&self, identifier: u8, done: &[bool; MAX_COMPONENTS]) -> Option<usize> {
        self.components.iter().zip(done).position(|(component, done)| component[0] == identifier && !done)
    }
}

/// Writes a row that interleaves the components at `places` (of `components`) into a row of the output, shifting each
/// sample to the left.
pub fn store(row: &[u16], places: &[usize], components: usize, shift: u8, sample_bytes: usize, bytes: &mut [u8]) {
    let dense = places.len() == components && places.iter().enumerate().all(|(index, place)| index == *place);
    match (dense, sample_bytes) {
        (true, 1) => {
            for (to, from) in bytes.iter_mut().zip(row) {
                *to = (from << shift) as u8;
            }
        }
        (true, 2) => {
            for (to, from) in bytes.as_chunks_mut().0.iter_mut().zip(row) {
                *to = (from << shift).to_le_bytes();
            }
        }
        _ => {
            let pixels = bytes.chunks_exact_mut(components * sample_bytes);
            for (to, from) in pixels.zip(row.chunks_exact(places.len())) {
                for (place, sample) in places.iter().zip(from) {
                    let le = u32::from(sample << shift).to_le_bytes();
                    // Places are below `components`: no index leaves the pixel.
                    to[place * sample_bytes..][..sample_bytes].copy_from_slice(&le[..sample_bytes]);
                }
            }
        }
    }
}
