// Overlay: the extremes of each sample over frames. Twin: src/pixel/overlay.rs.
//
// Formula: low = min over frames, high = max over frames, sample by sample.
// From space, to space: stored samples of all frames to one word for each sample, low in its lower half; signed samples
// plus half their range, so that they ascend.
// Edge cases: frames lie one behind the other, each begins at a word; only integers of up to 16 bits.
// Tolerance: none, comparisons of integers.

@group(0) @binding(0) var<uniform> stack: Stack;
@group(0) @binding(1) var<storage, read> samples: array<u32>;
@group(0) @binding(2) var<storage, read_write> extremes: array<u32>;

// A sample as an unsigned integer that ascends with it.
fn ascending(place: u32) -> u32 {
    switch (stack.sample_type) {
        case SAMPLE_U8: {
            return extractBits(samples[place / 4u], 8u * (place % 4u), 8u);
        }
        case SAMPLE_I8: {
            return extractBits(samples[place / 4u], 8u * (place % 4u), 8u) ^ 0x80u;
        }
        case SAMPLE_U16: {
            return extractBits(samples[place / 2u], 16u * (place % 2u), 16u);
        }
        default: {
            return extractBits(samples[place / 2u], 16u * (place % 2u), 16u) ^ 0x8000u;
        }
    }
}

@compute @workgroup_size(WORKGROUP)
fn extremes_pass(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let i = (group.y * groups.x + group.x) * WORKGROUP + lane;
    if (i >= stack.samples) {
        return;
    }
    // What an earlier image left there does not count.
    let before = select(extremes[i], 0x0000ffffu, stack.first == 1u);
    var low = before & 0xffffu;
    var high = before >> 16u;
    for (var frame = 0u; frame < stack.frames; frame++) {
        let value = ascending(frame * stack.stride + i);
        low = min(low, value);
        high = max(high, value);
    }
    extremes[i] = low | (high << 16u);
}
