// Resize: another number of rows and columns. Twin: src/pixel/resize.rs.
//
// Formula: Pillow's precompute_coeffs, weights made on the host; across first, then down, in f32, terms added in
// ascending order.
// From space, to space: unit (or modality) values of the frame to those of the tensor.
// Edge cases: an axis that keeps its length has one weight of 1. Unit values are limited to 0..1 afterwards.
// Tolerance: 1e-5 of the output range, GPUs may fuse multiply and add.
//
// A table of weights is: first source pixel and number of weights of each output pixel, then `stride` weights each.

// Where the weights of one output pixel are.
struct Taps {
    first: u32,
    count: u32,
    at: u32,
}

fn taps(table_at: u32, outputs: u32, stride: u32, output: u32) -> Taps {
    let at = table_at + 2u * output;
    return Taps(tables[at], tables[at + 1u], table_at + 2u * outputs + output * stride);
}

// One pixel of one row after the resize across; up to three planes.
fn across(block: Block, place: Place, x: u32, y: u32) -> vec3<f32> {
    let taps = taps(place.across_at, block.image_columns, block.taps_across, x);
    let look = row_masked(block, place.boxes_at, y);
    var sum = vec3<f32>(0.0);
    for (var k = 0u; k < taps.count; k++) {
        sum += value(block, place, taps.first + k, y, look) * bitcast<f32>(tables[taps.at + k]);
    }
    return sum;
}

// One pixel of the image part of the tensor, from the rows that `across` made.
fn down(block: Block, place: Place, plane: u32, x: u32, y: u32) -> f32 {
    let columns = block.image_columns;
    let taps = taps(place.down_at, block.image_rows, block.taps_down, y);
    var at = place.resized_at + (plane * place.resized_rows + taps.first - place.resized_row) * columns + x;
    var sum = 0.0;
    for (var k = 0u; k < taps.count; k++) {
        sum += resized[at] * bitcast<f32>(tables[taps.at + k]);
        at += columns;
    }
    return sum;
}
