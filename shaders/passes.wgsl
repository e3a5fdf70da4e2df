// The passes: the operations of the other files, fused, in the order of the twin `src/pixel/chain.rs`. One invocation makes
// one resized pixel, one word of a tensor, or counts one run of samples.

// The value of one frame pixel before the resize: one plane in x, or red, green and blue.
// `look` is whether some box covers a part of row y.
fn value(block: Block, place: Place, x: u32, y: u32, look: bool) -> vec3<f32> {
    if (look && masked(block, place.boxes_at, x, y)) {
        return vec3<f32>(block.background);
    }
    let pixel = (y - place.first_row) * block.columns + x;
    if (COLOURED) {
        return colours(block, place, pixel);
    }
    let sample_type = block.sample_type;
    let stored = unpack(sample_type, place.source_byte + pixel * sample_bytes(sample_type));
    if (padding(block, stored) || !usable(sample_type, stored)) {
        return vec3<f32>(block.background);
    }
    return vec3<f32>(grey(block, place, stored));
}

// Red, green and blue of a pixel of the place, or luma if one plane is wanted.
fn colours(block: Block, place: Place, pixel: u32) -> vec3<f32> {
    let sample_type = block.sample_type;
    let size = sample_bytes(sample_type);
    if (block.colour == COLOUR_PALETTE) {
        let stored = unpack(sample_type, place.source_byte + pixel * size);
        return planes(block, palette(block, place.lookup_at, stored));
    }
    let byte = place.source_byte + pixel * 3u * size;
    let stored = vec3<f32>(
        number(sample_type, unpack(sample_type, byte)),
        number(sample_type, unpack(sample_type, byte + size)),
        number(sample_type, unpack(sample_type, byte + 2u * size)),
    );
    return planes(block, colour(block, stored));
}

// Three planes as they are, or their luma.
fn planes(block: Block, rgb: vec3<f32>) -> vec3<f32> {
    if (block.planes == 3u) {
        return rgb;
    }
    return vec3<f32>(luma(rgb));
}

// Modality, view and inversion of one grey sample.
fn grey(block: Block, place: Place, stored: i32) -> f32 {
    var unit = 0.0;
    switch (block.view) {
        case VIEW_TABLE: {
            unit = voi_lut(block, place.lookup_at, stored);
        }
        case VIEW_RAMP: {
            unit = ramp(modality(block, stored));
        }
        case VIEW_SIGMOID: {
            unit = sigmoid(modality(block, stored));
        }
        default: {
            unit = modality(block, stored);
        }
    }
    if (block.invert == 1u) {
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
    let block = blocks[place.frame];
    let columns = block.image_columns;
    let i = (index - place.first_group) * WORKGROUP + lane;
    if (i >= place.row_count * columns) {
        return;
    }
    let x = i % columns;
    let y = place.first_row + i / columns;
    let pixel = across(block, place, x, y);
    let plane = place.resized_rows * columns;
    let at = place.resized_at + (y - place.resized_row) * columns + x;
    resized[at] = pixel.x;
    if (COLOURED && block.planes == 3u) {
        resized[at + plane] = pixel.y;
        resized[at + 2u * plane] = pixel.z;
    }
}

// One element of the tensor before normalisation; `direct` takes it from the samples, else from the resized rows.
fn pixel(block: Block, place: Place, channel: u32, column: u32, row: u32, direct: bool) -> f32 {
    let x = column - block.image_left;
    let y = row - block.image_top;
    // Left of and above the image the difference wraps around and is larger than any image.
    if (x >= block.image_columns || y >= block.image_rows) {
        return block.background;
    }
    var unit = 0.0;
    let plane = min(channel, block.planes - 1u);
    if (direct) {
        let values = value(block, place, x, y, row_masked(block, place.boxes_at, y));
        unit = select(select(values.z, values.y, plane == 1u), values.x, plane == 0u);
    } else {
        unit = down(block, place, plane, x, y);
    }
    if (block.unit == 1u) {
        unit = clamp(unit, 0.0, 1.0);
    }
    return unit;
}

// One word of the tensor: one, two or four elements. The last word of a piece is filled up with zeros.
fn word(group: vec3<u32>, groups: vec3<u32>, lane: u32, direct: bool) {
    let index = group_index(group, groups);
    let place = places[place_of(index)];
    let block = blocks[place.frame];
    let columns = block.out_columns;
    let channel_elements = place.tensor_rows * columns;
    let elements = channel_elements * block.channels;
    let in_word = elements_in_word(block.dtype);
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
            let x = pixel(block, place, channel, inside % columns, place.tensor_row + inside / columns, direct);
            let bits = dtype(normalize_value(block, channel, x), block.dtype);
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
    let block = blocks[place.frame];
    let pixels = place.row_count * block.columns;
    let start = ((index - place.first_group) * WORKGROUP + lane) * RUN;
    count_run(block, place, start, min(start + RUN, pixels));
}

// From samples to the sums of a survey.
@compute @workgroup_size(WORKGROUP)
fn quality_pass(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let index = group_index(group, groups);
    let place = places[place_of(index)];
    let block = blocks[place.frame];
    let pixels = block.rows * block.columns;
    let start = ((index - place.first_group) * WORKGROUP + lane) * RUN;
    if (start < pixels) {
        survey_run(block, place, start, min(start + RUN, pixels));
    }
}
