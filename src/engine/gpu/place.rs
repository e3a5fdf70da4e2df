//! Where work lies in the buffers: the blocks that tell a workgroup which rows of which frame are its own. What is
//! done to the pixels is in `pixel::Block`.

use crate::pixel::uniform;

/// Invocations of one workgroup, in all passes.
pub const WORKGROUP: u32 = 256;
/// Neighbouring samples that one invocation of the histogram pass counts, so that runs of equal samples (background)
/// cost one atomic addition and not one each.
pub const RUN: u32 = 16;

uniform! {
    /// Some rows of one frame, or one tensor's rows: what a run of workgroups works on.
    Place {
        /// Which block holds the frame's operations.
        frame: u32,
        /// The first workgroup of the dispatch that works here.
        first_group: u32,
        /// Byte of the bound window where the sample (`first_row`, 0) lies.
        source_byte: u32,
        /// First stored row of this place.
        first_row: u32,
        /// Stored rows of this place; for the tensors pass, all stored rows of the piece.
        row_count: u32,
        /// Where the piece's resized rows begin, in floats.
        resized_at: u32,
        /// The stored row that lies at `resized_at`.
        resized_row: u32,
        /// Stored rows in one plane of the piece's resized rows.
        resized_rows: u32,
        /// Where the piece's part of the tensor begins, in words.
        tensor_at: u32,
        /// First tensor row of the piece.
        tensor_row: u32,
        /// Tensor rows of the piece.
        tensor_rows: u32,
        /// Where the frame's boxes begin in the tables, in words.
        boxes_at: u32,
        /// Where the frame's lookup table begins in the tables, in words.
        lookup_at: u32,
        /// Where the weights of the output columns begin in the tables, in words.
        across_at: u32,
        /// Where the weights of the output rows begin in the tables, in words.
        down_at: u32,
        /// Where the frame's histogram begins, in bins.
        bins_at: u32,
        /// View pass: first column of the part. Its rows are `resized_row` and `resized_rows`, its place `resized_at`.
        view_left: u32,
        /// View pass: columns of the part.
        view_columns: u32,
        /// View pass: pixels of the frame along a side of a pixel of the view, at least 1.
        view_shrink: u32,
        /// View pass: where mean and gain of the blocks that a relief stands on begin in the tables, in words; NO_RELIEF
        /// for other views.
        relief_at: u32,
    }
}

uniform! {
    /// Which places one dispatch works on.
    Span {
        /// Its first place.
        first_place: u32,
        /// How many, at least 1.
        place_count: u32,
    }
}
