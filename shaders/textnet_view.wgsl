// Textnet view: what the text finder looks at, in parts. Twin: src/pixel/textnet/views.rs.
//
// Formula: the operations of every tensor up to inversion or luma; one channel.
// From space, to space: stored samples to the unit range, parts of a frame one after the other in `resized`.
// Edge cases: right of the frame and below it there are zeros. Tolerance: that of window.wgsl and colour.wgsl.

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
    let x = place.view_left + i % place.view_columns;
    let y = place.resized_row + i / place.view_columns;
    var unit = 0.0;
    if (x < block.columns && y < block.rows) {
        unit = value(block, place, x, y, row_masked(block, place.boxes_at, y)).x;
    }
    resized[place.resized_at + i] = unit;
}
