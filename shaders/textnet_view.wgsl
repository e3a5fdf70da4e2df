// Textnet view: what the text finder looks at, in parts. Twin: src/pixel/textnet/views.rs.
//
// Formula: the operations of every tensor up to inversion or luma, of three planes the brightest; means of squares, or the
// relief of src/pixel/textnet/relief.rs over a grid that the host has counted; one channel.
// From space, to space: stored samples to the unit range, parts of a frame one after the other in `resized`.
// Edge cases: right of the view and below it there are zeros; squares at the frame's edges have fewer pixels. Tolerance: that of
// window.wgsl and colour.wgsl, times the gain of a relief (at most 5).

// One pixel of a part: `view_columns` x `resized_rows` pixels from (`view_left`, `resized_row`) on.
@compute @workgroup_size(WORKGROUP)
fn view_pass(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let index = group_index(group, groups);
    let place = places[place_of(index)];
    let block = blocks[place.frame];
    let i = (index - place.first_group) * WORKGROUP + lane;
    if (i >= place.resized_rows * place.view_columns) {
        return;
    }
    let left = (place.view_left + i % place.view_columns) * place.view_shrink;
    let top = (place.resized_row + i / place.view_columns) * place.view_shrink;
    let right = min(left + place.view_shrink, block.columns);
    let bottom = min(top + place.view_shrink, block.rows);
    var sum = 0.0;
    for (var y = top; y < bottom; y++) {
        let look = row_masked(block, place.boxes_at, y);
        for (var x = left; x < right; x++) {
            let planes = value(block, place, x, y, look);
            sum += max(planes.x, max(planes.y, planes.z));
        }
    }
    var unit = 0.0;
    if (left < right && top < bottom) {
        unit = sum / f32((right - left) * (bottom - top));
        if (place.relief_at != NO_RELIEF) {
            unit = raised(block, place.relief_at, left, top, unit);
        }
    }
    resized[place.resized_at + i] = unit;
}

// A pixel of the relief: mean and gain are mixed between the middles of four blocks.
fn raised(block: Block, relief_at: u32, x: u32, y: u32, unit: f32) -> f32 {
    let blocks_across = (block.columns + RELIEF_BLOCK - 1u) / RELIEF_BLOCK;
    let last = vec2<u32>(blocks_across, (block.rows + RELIEF_BLOCK - 1u) / RELIEF_BLOCK) - 1u;
    let middle = (vec2<f32>(f32(x), f32(y)) + 0.5) / f32(RELIEF_BLOCK) - 0.5;
    let at = clamp(middle, vec2<f32>(0.0), vec2<f32>(last));
    let before = vec2<u32>(at);
    let after = min(before + 1u, last);
    let share = at - vec2<f32>(before);
    let top = mix(ground(relief_at, blocks_across, before.x, before.y), ground(relief_at, blocks_across, after.x, before.y), share.x);
    let low = mix(ground(relief_at, blocks_across, before.x, after.y), ground(relief_at, blocks_across, after.x, after.y), share.x);
    let mean_and_gain = mix(top, low, share.y);
    return clamp(0.5 + (unit - mean_and_gain.x) * mean_and_gain.y, 0.0, 1.0);
}

// Mean and gain at the middle of a block.
fn ground(relief_at: u32, blocks_across: u32, x: u32, y: u32) -> vec2<f32> {
    let at = relief_at + 2u * (y * blocks_across + x);
    return vec2<f32>(bitcast<f32>(tables[at]), bitcast<f32>(tables[at + 1u]));
}
