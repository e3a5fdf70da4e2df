// Unpack: one stored sample from the packed bytes. Twin: `stored` and `usable` in src/pixel/chain.rs.
//
// From space, to space: bytes to stored values. Integers of up to 16 bits arrive as i32, 32-bit ones as their bits.
// Edge cases: frames begin at words, so that no sample of 2 or 4 bytes lies across two words; bytes may lie anywhere.
// Tolerance: none.

fn sample_bytes(sample_type: u32) -> u32 {
    if (sample_type <= SAMPLE_I8) {
        return 1u;
    }
    if (sample_type <= SAMPLE_I16) {
        return 2u;
    }
    return 4u;
}

// The stored integer, sign-extended; the bits of an unsigned or float 32-bit sample.
fn unpack(sample_type: u32, byte: u32) -> i32 {
    let word = samples[byte >> 2u];
    let shift = (byte & 3u) * 8u;
    switch (sample_type) {
        case SAMPLE_U8: {
            return i32(extractBits(word, shift, 8u));
        }
        case SAMPLE_I8: {
            return extractBits(bitcast<i32>(word), shift, 8u);
        }
        case SAMPLE_U16: {
            return i32(extractBits(word, shift, 16u));
        }
        case SAMPLE_I16: {
            return extractBits(bitcast<i32>(word), shift, 16u);
        }
        default: {
            return bitcast<i32>(word);
        }
    }
}

// The number an unpacked integer sample stands for, rounded to f32 if it has more than 24 bits.
fn number(sample_type: u32, stored: i32) -> f32 {
    if (sample_type == SAMPLE_U32) {
        return f32(bitcast<u32>(stored));
    }
    return f32(stored);
}

// Whether a sample is a value: NaN, infinity and floats too large to compute with are not, and become background.
fn usable(sample_type: u32, stored: i32) -> bool {
    return sample_type != SAMPLE_F32 || (bitcast<u32>(stored) & 0x7fffffffu) < FLOAT_LIMIT_BITS;
}
