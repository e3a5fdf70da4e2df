// The passes: the operations of the other files, fused, in the order of the twin `src/pixel/chain.rs`. One invocation makes
// one resized pixel, one word of a tensor, or counts one run of samples.

// The value of one frame pixel before the resize: one plane in x, or red, green and blue.
// `look` is whether some box covers a part of row y.
fn value(place: Place, x: u32, y: u32, look: bool) -> vec3<f32> {
    let frame = place.frame;
    if (look && masked(frame, place.boxes_at, x, y)) {
        return vec3<f32>(blocks[frame].background);
    }
    let pixel = (y - place.first_row) * blocks[frame].columns + x;
    if (blocks[frame].colour != COLOUR_GREY) {
        return colours(place, pixel);
    }
    let sample_type = blocks[frame].sample_type;
    let stored = unpack(sample_type, place.source_byte + pixel * sample_bytes(sample_type));
    if (padding(frame, stored) || not_finite(sample_type, stored)) {
        return vec3<f32>(blocks[frame].background);
    }
    return vec3<f32>(grey(place, stored));
}

// Red, green and blue of a pixel of the place, or luma if one plane is wanted.
fn colours(place: Place, pixel: u32) -> vec3<f32> {
    let frame = place.frame;
    let sample_type = blocks[frame].sample_type;
    let size = sample_bytes(sample_type);
    if (blocks[frame].colour == COLOUR_PALETTE) {
        let stored = unpack(sample_type, place.source_byte + pixel * size);
        return planes(frame, palette(frame, place.lookup_at, stored));
    }
    let byte = place.source_byte + pixel * 3u * size;
    let stored = vec3<f32>(
        f32(unpack(sample_type, byte)),
        f32(unpack(sample_type, byte + size)),
        f32(unpack(sample_type, byte + 2u * size)),
    );
    return planes(frame, colour(frame, stored));
}

// Three planes as they are, or their luma.
fn planes(frame: u32, rgb: vec3<f32>) -> vec3<f32> {
    if (blocks[frame].planes == 3u) {
        return rgb;
    }
    return vec3<f32>(luma(rgb));
}

// Modality, view and inversion of one grey sample.
fn grey(place: Place, stored: i32) -> f32 {
    let frame = place.frame;
    var unit = 0.0;
    switch (blocks[frame].view) {
        case VIEW_TABLE: {
            unit = voi_lut(frame, place.lookup_at, stored);
        }
        case VIEW_RAMP: {
            unit = ramp(modality(frame, stored));
        }
        case VIEW_SIGMOID: {
            unit = sigmoid(modality(frame, stored));
        }
        default: {
            unit = modality(frame, stored);
        }
    }
    if (blocks[frame].invert == 1u) {
        unit = invert(unit);
    }
    return unit;
}

// From samples to rows of the resized width.
@compute @workgroup_size(WORKGROUP)
fn rows_pass(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let index = group_index(group, groups);
    let place = places[place_of(index)];
    let columns = blocks[place.frame].image_columns;
    let i = (index - place.first_group) * WORKGROUP + lane;
    if (i >= place.row_count * columns) {
        return;
    }
    let x = i % columns;
    let y = place.first_row + i / columns;
    let pixel = across(place, x, y);
    let plane = place.resized_rows * columns;
    let at = place.resized_at + (y - place.resized_row) * columns + x;
    resized[at] = pixel.x;
    if (blocks[place.frame].planes == 3u) {
        resized[at + plane] = pixel.y;
        resized[at + 2u * plane] = pixel.z;
    }
}

// One element of the tensor before normalisation; `direct` takes it from the samples, else from the resized rows.
fn pixel(place: Place, channel: u32, column: u32, row: u32, direct: bool) -> f32 {
    let frame = place.frame;
    let x = column - blocks[frame].image_left;
    let y = row - blocks[frame].image_top;
    // Left of and above the image the difference wraps around and is larger than any image.
    if (x >= blocks[frame].image_columns || y >= blocks[frame].image_rows) {
        return blocks[frame].background;
    }
    var unit = 0.0;
    let plane = min(channel, blocks[frame].planes - 1u);
    if (direct) {
        let values = value(place, x, y, row_masked(frame, place.boxes_at, y));
        unit = select(select(values.z, values.y, plane == 1u), values.x, plane == 0u);
    } else {
        unit = down(place, plane, x, y);
    }
    if (blocks[frame].unit == 1u) {
        unit = clamp(unit, 0.0, 1.0);
    }
    return unit;
}

// One word of the tensor: one, two or four elements. The last word of a piece is filled up with zeros.
fn word(group: vec3<u32>, groups: vec3<u32>, lane: u32, direct: bool) {
    let index = group_index(group, groups);
    let place = places[place_of(index)];
    let frame = place.frame;
    let columns = blocks[frame].out_columns;
    let channel_elements = place.tensor_rows * columns;
    let elements = channel_elements * blocks[frame].channels;
    let in_word = elements_in_word(blocks[frame].dtype);
    let i = (index - place.first_group) * WORKGROUP + lane;
    if (i >= (elements + in_word - 1u) / in_word) {
        return;
    }
    var packed = 0u;
    for (var k = 0u; k < in_word; k++) {
        let element = i * in_word + k;
        if (element < elements) {
            let channel = element / channel_elements;
            let inside = element % channel_elements;
            let x = pixel(place, channel, inside % columns, place.tensor_row + inside / columns, direct);
            let bits = dtype(normalize_value(frame, channel, x), blocks[frame].dtype);
            packed |= bits << (k * (32u / in_word));
        }
    }
    tensors[place.tensor_at + i] = packed;
}

// From resized rows to tensors.
@compute @workgroup_size(WORKGROUP)
fn tensors_pass(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    word(group, groups, lane, false);
}

// From samples to tensors of the same size.
@compute @workgroup_size(WORKGROUP)
fn direct_pass(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    word(group, groups, lane, true);
}

// From samples to histograms.
@compute @workgroup_size(WORKGROUP)
fn histogram_pass(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let index = group_index(group, groups);
    let place = places[place_of(index)];
    let pixels = place.row_count * blocks[place.frame].columns;
    let start = ((index - place.first_group) * WORKGROUP + lane) * RUN;
    count_run(place, start, min(start + RUN, pixels));
}
