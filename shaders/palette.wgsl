// Palette: from an index to a colour. Twin: src/pixel/palette.rs.
//
// Formula: PS3.3 C.7.6.3.1.5; the three tables are joined to one of three floats an entry on the host.
// From space, to space: stored index to red, green, blue in the unit range.
// Edge cases: an index below the first value takes the first entry, one past the end the last.
// Tolerance: none, a lookup.

fn palette(block: Block, lookup_at: u32, stored: i32) -> vec3<f32> {
    let at = lookup_at + 3u * table_place(block, stored);
    return vec3<f32>(bitcast<f32>(tables[at]), bitcast<f32>(tables[at + 1u]), bitcast<f32>(tables[at + 2u]));
}
