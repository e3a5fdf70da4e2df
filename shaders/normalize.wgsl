// Normalize: the shift and scale that a model was trained with. Twin: src/pixel/normalize.rs.
//
// Formula: y = (x - subtract) * multiply, one pair for each channel.
// From space, to space: unit (or modality) values of the tensor to the model's.
// Edge cases: settled on the host (a deviation of 0 counts as 1). Tolerance: none beyond that of x.

fn normalize_value(block: Block, channel: u32, x: f32) -> f32 {
    if (channel == 0u) {
        return (x - block.subtract_0) * block.multiply_0;
    }
    if (channel == 1u) {
        return (x - block.subtract_1) * block.multiply_1;
    }
    return (x - block.subtract_2) * block.multiply_2;
}
