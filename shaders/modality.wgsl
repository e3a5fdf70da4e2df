// Modality: from stored values to the window's own axis. Twin: src/pixel/modality.rs.
//
// Formula: PS3.3 C.11.1 joined with the affine part of the window: t = (stored - pivot) * scale + offset.
// From space, to space: stored to t, the axis of window.wgsl.
// Edge cases: 32-bit integers are subtracted as two halves of 16 bits, so that the difference is rounded to f32 once.
// Tolerance: 2e-6 relative to the terms of the sum, one fused multiply-add more or less.

fn modality(block: Block, stored: i32) -> f32 {
    var difference = 0.0;
    switch (block.sample_type) {
        case SAMPLE_F32: {
            difference = bitcast<f32>(stored) - block.pivot;
        }
        case SAMPLE_U32: {
            let bits = bitcast<u32>(stored);
            let high = i32(bits >> 16u) - block.pivot_high;
            let low = i32(bits & 0xffffu) - block.pivot_low;
            difference = f32(high) * 65536.0 + f32(low);
        }
        default: {
            let high = (stored >> 16u) - block.pivot_high;
            let low = (stored & 0xffff) - block.pivot_low;
            difference = f32(high) * 65536.0 + f32(low);
        }
    }
    return difference * block.scale + block.offset;
}
