//! What made frames begin with: numbers by chance, and the plainest interpretation.
#![allow(dead_code, reason = "each test file uses its own part of this module")]

use voxmill::model::{Interpretation, Photometric};

/// Knuth's 64-bit linear congruential generator; the upper bits are the good ones.
pub fn chance(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    move || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        state >> 33
    }
}

/// Stored values that mean themselves.
pub fn interpretation(photometric: Photometric, bits_stored: u8) -> Interpretation {
    Interpretation::plain(photometric, bits_stored)
}
