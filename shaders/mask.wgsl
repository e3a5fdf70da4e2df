// Mask: pixels that no one may see, and pixels that are none. Twin: src/pixel/mask.rs.
//
// Formula: PS3.15 E.3.1; a pixel is covered if left <= x < right and top <= y < bottom.
// From space, to space: stored pixel coordinates and stored values to "background or not"; before anything else.
// Edge cases: boxes are clipped to the frame on the host, right and bottom exclusive; overlaps are fine.
// Tolerance: none, comparisons of integers.

// Whether any box covers some pixel of row y: one look per row saves a look at every box per pixel.
fn row_masked(block: Block, boxes_at: u32, y: u32) -> bool {
    for (var i = 0u; i < block.boxes; i++) {
        let at = boxes_at + 4u * i;
        if (y >= tables[at + 1u] && y < tables[at + 3u]) {
            return true;
        }
    }
    return false;
}

fn masked(block: Block, boxes_at: u32, x: u32, y: u32) -> bool {
    for (var i = 0u; i < block.boxes; i++) {
        let at = boxes_at + 4u * i;
        if (x >= tables[at] && y >= tables[at + 1u] && x < tables[at + 2u] && y < tables[at + 3u]) {
            return true;
        }
    }
    return false;
}

// Whether a stored value is padding (0028,0120) and (0028,0121).
fn padding(block: Block, stored: i32) -> bool {
    if (block.padding == 0u) {
        return false;
    }
    switch (block.sample_type) {
        case SAMPLE_F32: {
            let value = bitcast<f32>(stored);
            return value >= f32(block.pad_low) && value <= f32(block.pad_high);
        }
        case SAMPLE_U32: {
            // A value beyond i32 cannot be named by the attribute.
            return stored >= 0 && stored >= block.pad_low && stored <= block.pad_high;
        }
        default: {
            return stored >= block.pad_low && stored <= block.pad_high;
        }
    }
}
