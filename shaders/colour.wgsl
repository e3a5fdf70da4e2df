// Colour: from the file's colour space to red, green, blue, or to grey. Twin: src/pixel/colour.rs.
//
// Formula: PS3.3 C.7.6.3.1.2, ITU-T T.871, ITU-R BT.601, ITU-T T.800 G.2; grey 0.299 R + 0.587 G + 0.114 B.
// From space, to space: stored samples to unit RGB, or unit luma.
// Edge cases: results are limited to 0..1.
// Tolerance: 1e-6, three products, which a GPU may fuse.

fn colour(block: Block, stored: vec3<f32>) -> vec3<f32> {
    var rgb = stored;
    switch (block.colour) {
        case COLOUR_MATRIX: {
            let y = stored.x - block.colour_y;
            let cb = stored.y - block.colour_c;
            let cr = stored.z - block.colour_c;
            rgb = vec3<f32>(
                block.red_y * y + block.red_cb * cb + block.red_cr * cr,
                block.green_y * y + block.green_cb * cb + block.green_cr * cr,
                block.blue_y * y + block.blue_cb * cb + block.blue_cr * cr,
            );
        }
        case COLOUR_RCT: {
            let green = stored.x - floor((stored.y + stored.z) * 0.25);
            rgb = vec3<f32>(stored.z + green, green, stored.y + green);
        }
        default: {}
    }
    return clamp(rgb * block.colour_scale, vec3<f32>(0.0), vec3<f32>(1.0));
}

fn luma(rgb: vec3<f32>) -> f32 {
    return min(0.299 * rgb.x + 0.587 * rgb.y + 0.114 * rgb.z, 1.0);
}
