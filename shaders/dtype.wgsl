// Dtype: the element type of the tensor, packed into words. Twin: src/pixel/dtype.rs.
//
// Formula: f16 IEEE 754 binary16, round to nearest even; u8 floor(x 255 + 0.5); u16 floor(x 65535 + 0.5).
// From space, to space: the model's values to little-endian bits.
// Edge cases: f16 values beyond 65504 become 65504 with their sign; u8 and u16 are limited to 0..1 first.
// Tolerance: f16 one unit in the last place, u8 and u16 one step, where the two values lie on two sides of a border.

// Elements in one word.
fn elements_in_word(dtype: u32) -> u32 {
    switch (dtype) {
        case DTYPE_F32: {
            return 1u;
        }
        case DTYPE_U8: {
            return 4u;
        }
        default: {
            return 2u;
        }
    }
}

// Bits of the nearest binary16. In integers, because the rounding of pack2x16float is left to the driver.
fn half_bits(x: f32) -> u32 {
    let bits = bitcast<u32>(x);
    let sign = (bits >> 16u) & 0x8000u;
    let magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) {
        return sign | 0x7e00u;
    }
    if (magnitude >= 0x477fe000u) {
        // 65504 and beyond.
        return sign | 0x7bffu;
    }
    if (magnitude < 0x33000000u) {
        // Below half of the least subnormal.
        return sign;
    }
    var mantissa = magnitude;
    var shift = 13u;
    if (magnitude < 0x38800000u) {
        // Subnormal: the result counts units of 2^-24.
        mantissa = (magnitude & 0x7fffffu) | 0x800000u;
        shift = 126u - (magnitude >> 23u);
    } else {
        mantissa = magnitude - 0x38000000u;
    }
    let kept = mantissa >> shift;
    let rest = mantissa & ((1u << shift) - 1u);
    let middle = 1u << (shift - 1u);
    let up = rest > middle || (rest == middle && (kept & 1u) == 1u);
    // Beside 65504 rounding up may leave the range: limited as above.
    return sign | min(kept + u32(up), 0x7bffu);
}

// The bits of one element, in the lowest bits of a word.
fn dtype(x: f32, dtype: u32) -> u32 {
    switch (dtype) {
        case DTYPE_F16: {
            return half_bits(x);
        }
        case DTYPE_U8: {
            return u32(floor(clamp(x, 0.0, 1.0) * 255.0 + 0.5));
        }
        case DTYPE_U16: {
            return u32(floor(clamp(x, 0.0, 1.0) * 65535.0 + 0.5));
        }
        default: {
            return bitcast<u32>(x);
        }
    }
}
