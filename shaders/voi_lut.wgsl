// VOI LUT: the view of interest as a table over stored values. Twin: src/pixel/voi_lut.rs.
//
// Formula: PS3.3 C.11.2.1.1; modality, VOI LUT and window are folded into one table on the host.
// From space, to space: stored to unit (to modality after voi = "none").
// Edge cases: below the first input the first entry, past the last the last: nothing beyond the table is read.
// Tolerance: none, a lookup.

// Which entry a stored value takes. Tables are made for integers of up to 16 bits: the difference cannot overflow.
fn table_place(block: Block, stored: i32) -> u32 {
    return u32(clamp(stored - block.table_first, 0, i32(block.table_length) - 1));
}

fn voi_lut(block: Block, lookup_at: u32, stored: i32) -> f32 {
    return bitcast<f32>(tables[lookup_at + table_place(block, stored)]);
}
