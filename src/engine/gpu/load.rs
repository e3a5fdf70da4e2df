//! Cuts frames into pieces that fit the device's limits and gathers pieces into loads, one submission each.
//! Arithmetic only: no device and no pixel is named here.

use std::ops::Range;

/// What the device and the memory budget allow.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes one binding may have.
    pub binding: u64,
    /// Bytes one buffer may have.
    pub buffer: u64,
    /// Alignment of a binding's offset.
    pub alignment: u64,
    /// Bytes of stored samples that are gathered into one load; a single piece may have more.
    pub load: u64,
}

/// What one frame asks of the buffers.
pub struct Extent<'a> {
    /// Rows of the frame.
    pub rows: u32,
    /// Bytes of one stored row.
    pub row_bytes: u64,
    /// Floats of one row after the horizontal resize, all planes; 0 if nothing is resized.
    pub resized_floats: u64,
    /// Elements of one tensor row, all channels.
    pub tensor_elements: u64,
    /// Bytes of one element.
    pub element_bytes: u64,
    /// Rows of the tensor.
    pub tensor_rows: u32,
    /// Bytes of the frame's tables.
    pub table_bytes: u64,
    /// Bytes of the frame's histogram; above 0, the whole frame is loaded.
    pub bins_bytes: u64,
    /// The stored rows that one tensor row needs; empty for letterbox rows.
    pub needs: &'a dyn Fn(u32) -> Range<u32>,
}

/// A part of one frame's tensor, and the stored rows that it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Tensor rows.
    pub tensor: Range<u32>,
    /// Stored rows; empty if the piece is all letterbox.
    pub stored: Range<u32>,
}

/// Bytes of the five kinds of buffers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bytes {
    /// Stored samples.
    pub stored: u64,
    /// Tables.
    pub tables: u64,
    /// Rows between the two resize passes.
    pub resized: u64,
    /// Tensors.
    pub tensors: u64,
    /// Histograms.
    pub bins: u64,
}

impl Bytes {
    /// Both together.
    pub fn plus(self, other: Bytes) -> Bytes {
        Bytes {
            stored: self.stored + other.stored,
            tables: self.tables + other.tables,
            resized: self.resized + other.resized,
            tensors: self.tensors + other.tensors,
            bins: self.bins + other.bins,
        }
    }

    /// Whether a load of this size respects the device. Stored samples may exceed a binding: they are bound in windows.
    pub fn possible(self, limits: &Limits) -> bool {
        let bound = self.tables.max(self.resized).max(self.tensors).max(self.bins);
        bound <= limits.binding && self.stored <= limits.buffer
    }

    /// Whether another piece may join a load of this size.
    pub fn comfortable(self, limits: &Limits) -> bool {
        self.possible(limits) && self.stored.max(self.resized).max(self.tensors).max(self.bins) <= limits.load
    }
}

/// A frame is cut if it needs more than so many loads' worth of memory.
const LOADS_IN_PIECE: u64 = 8;
/// Alignment of a piece's first sample, so that no sample of 2 or 4 bytes lies across two words.
pub const SAMPLE_ALIGNMENT: u64 = 16;

impl Extent<'_> {
    /// The piece for some tensor rows.
    fn piece(&self, tensor: Range<u32>) -> Piece {
        if self.bins_bytes > 0 {
            return Piece { tensor, stored: 0..self.rows };
        }
        let needed = tensor.clone().map(self.needs).filter(|rows| !rows.is_empty());
        let stored = needed.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end)).unwrap_or(0..0);
        Piece { tensor, stored }
    }

    /// What a piece needs.
    pub fn bytes(&self, piece: &Piece) -> Bytes {
        let (stored, tensor) = (piece.stored.len() as u64, piece.tensor.len() as u64);
        Bytes {
            stored: (stored * self.row_bytes).next_multiple_of(SAMPLE_ALIGNMENT),
            tables: self.table_bytes,
            resized: stored * self.resized_floats * 4,
            tensors: (tensor * self.tensor_elements * self.element_bytes).next_multiple_of(4),
            bins: self.bins_bytes,
        }
    }

    /// Cuts the frame by tensor rows until every piece fits; `None` if a single tensor row does not, or if the frame
    /// must stay whole (it needs statistics) and cannot.
    pub fn pieces(&self, limits: &Limits) -> Option<Vec<Piece>> {
        // A window begins at an aligned byte and holds at least one stored row.
        let window = limits.binding.checked_sub(limits.alignment)?;
        if self.row_bytes > window {
            return None;
        }
        let mut pieces = Vec::new();
        let mut waiting = Vec::new();
        waiting.push(0..self.tensor_rows);
        while let Some(tensor) = waiting.pop() {
            let piece = self.piece(tensor.clone());
            let bytes = self.bytes(&piece);
            // Without a resize the tensor is made in the pass that reads the samples: one window, one piece.
            let direct = self.resized_floats == 0;
            let fits = bytes.possible(limits) && (!direct || bytes.stored <= window);
            // Large pieces are cut although they would fit, to bound the memory in flight.
            let small = bytes.stored.max(bytes.resized) <= limits.load * LOADS_IN_PIECE || tensor.len() == 1;
            if fits && (small || self.bins_bytes > 0) {
                pieces.push(piece);
            } else if tensor.len() == 1 || self.bins_bytes > 0 {
                return None;
            } else {
                let middle = tensor.start + (tensor.end - tensor.start) / 2;
                waiting.push(middle..tensor.end);
                waiting.push(tensor.start..middle);
            }
        }
        Some(pieces)
    }
}

/// A run of stored rows inside one window of the stored samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    /// Where the window begins in the buffer, aligned.
    pub window: u64,
    /// Byte of the band's first sample inside the window.
    pub byte: u64,
    /// Stored rows.
    pub rows: Range<u32>,
}

/// Cuts the stored rows of a piece, which begin at byte `at` of the buffer, into bands that lie in one window each. A
/// piece that fits into the window at `window` with those before it shares it; one that fits into any is not cut.
pub fn bands(window: u64, at: u64, rows: &Range<u32>, row_bytes: u64, limits: &Limits) -> Vec<Band> {
    let mut bands = Vec::new();
    let mut window = window;
    let mut row = rows.start;
    if at + rows.len() as u64 * row_bytes > window + limits.binding {
        window = at / limits.alignment * limits.alignment;
    }
    while row < rows.end {
        let byte = at + u64::from(row - rows.start) * row_bytes;
        let room = (window + limits.binding).saturating_sub(byte) / row_bytes;
        if room == 0 {
            window = byte / limits.alignment * limits.alignment;
            continue;
        }
        let end = row + room.min(u64::from(rows.end - row)) as u32;
        bands.push(Band { window, byte: byte - window, rows: row..end });
        row = end;
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { binding: 1000, buffer: 4000, alignment: 100, load: 2000 };

    /// A frame of 40 rows of 90 bytes whose tensor has 10 rows, each made of 4 stored rows and their neighbours.
    fn extent(needs: &dyn Fn(u32) -> Range<u32>) -> Extent<'_> {
        Extent {
            rows: 40,
            row_bytes: 90,
            resized_floats: 5,
            tensor_elements: 7,
            element_bytes: 1,
            tensor_rows: 10,
            table_bytes: 50,
            bins_bytes: 0,
            needs,
        }
    }

    fn neighbours(row: u32) -> Range<u32> {
        (4 * row).saturating_sub(1)..(4 * row + 5).min(40)
    }

    #[test]
    fn a_frame_that_fits_is_one_piece() {
        let pieces = extent(&neighbours).pieces(&LIMITS).unwrap();
        assert_eq!(pieces, [Piece { tensor: 0..10, stored: 0..40 }]);
        // 40 rows x 90 = 3600 bytes; 40 x 5 floats x 4 = 800; 10 rows x 7 = 70, in words 72.
        let bytes = Bytes { stored: 3600, tables: 50, resized: 800, tensors: 72, bins: 0 };
        assert_eq!(extent(&neighbours).bytes(&pieces[0]), bytes);
    }

    #[test]
    fn pieces_overlap_by_what_the_filter_needs() {
        // 40 x 6 floats x 4 = 960 fits a binding of 1000; with 8 floats it is 1280 and does not: two halves.
        let frame = Extent { resized_floats: 8, ..extent(&neighbours) };
        let pieces = frame.pieces(&LIMITS).unwrap();
        assert_eq!(pieces, [Piece { tensor: 0..5, stored: 0..21 }, Piece { tensor: 5..10, stored: 19..40 }]);
    }

    #[test]
    fn what_cannot_be_cut_is_left_to_the_cpu() {
        // One tensor row of 2000 bytes is larger than a binding.
        assert_eq!(Extent { tensor_elements: 2000, ..extent(&neighbours) }.pieces(&LIMITS), None);
        // A stored row of 901 bytes does not fit into every aligned window: 1000 - 100 = 900.
        assert_eq!(Extent { row_bytes: 901, ..extent(&neighbours) }.pieces(&LIMITS), None);
        // A frame that is counted on the device stays whole, and this one cannot.
        let counted = Extent { resized_floats: 8, bins_bytes: 4, ..extent(&neighbours) };
        assert_eq!(counted.pieces(&LIMITS), None);
    }

    #[test]
    fn letterbox_rows_need_nothing() {
        let needs = |row: u32| if row < 8 { 0..0 } else { neighbours(row) };
        let pieces = Extent { resized_floats: 40, ..extent(&needs) }.pieces(&LIMITS).unwrap();
        assert_eq!(pieces[0], Piece { tensor: 0..5, stored: 0..0 });
        // Every tensor row is in exactly one piece, in order.
        assert_eq!(
            pieces.iter().flat_map(|piece| piece.tensor.clone()).collect::<Vec<_>>(),
            (0..10).collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_frame_without_resize_lies_in_one_window_each_piece() {
        let same = |row: u32| row..row + 1;
        let frame = Extent { resized_floats: 0, row_bytes: 80, tensor_rows: 40, tensor_elements: 80, ..extent(&same) };
        let pieces = frame.pieces(&LIMITS).unwrap();
        // 900 bytes in a window hold 10 rows of 80, not 20: 40 is halved twice.
        assert_eq!(pieces.iter().map(|piece| piece.stored.len()).collect::<Vec<_>>(), [10; 4]);
    }

    #[test]
    fn bands_begin_in_aligned_windows_and_leave_out_no_row() {
        // 30 rows of 90 bytes from byte 16: 2700 bytes in windows of 1000. (1000 - 16) / 90 = 10 rows; row 10 begins at
        // 916, its window at 900: (1900 - 916) / 90 = 10 rows; row 20 at 1816, window 1800: the last 10.
        let bands = bands(0, 16, &(5..35), 90, &LIMITS);
        let band = |window, byte, rows| Band { window, byte, rows };
        assert_eq!(bands, [band(0, 16, 5..15), band(900, 16, 15..25), band(1800, 16, 25..35)]);
    }

    #[test]
    fn a_piece_that_fits_a_window_is_one_band() {
        // 500 bytes at 600 pass the end of the first window: they get a window of their own, and are not cut.
        assert_eq!(bands(0, 600, &(0..5), 100, &LIMITS), [Band { window: 600, byte: 0, rows: 0..5 }]);
        assert_eq!(bands(0, 300, &(0..5), 100, &LIMITS), [Band { window: 0, byte: 300, rows: 0..5 }]);
    }
}
