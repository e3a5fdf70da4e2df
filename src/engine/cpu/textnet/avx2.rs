//! Rows of a convolution with AVX2 and FMA: the tile of [`super::lanes`] in 12 of the 16 registers; and those of
//! [`super::tiles`]. `unsafe` are only the calls of code compiled for these instructions; they stand behind the question whether the processor has them.
//! Loads and stores go through slices and `bytemuck`, so that no pointer is made by hand.

use super::lanes::Packed;
use super::tiles::{Room, SIDE, Tiled};
use std::ops::Range;

/// Whether the processor has AVX2 and FMA.
pub fn able() -> bool {
    #[cfg(target_arch = "x86_64")]
    return is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    #[cfg(not(target_arch = "x86_64"))]
    return false;
}

/// Computes a row as [`Packed::row`] says; `false`, and nothing done, if the processor cannot.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "calls code compiled for AVX2 and FMA")]
pub fn row(packed: &Packed, rows: &[&[f32]], columns: Range<usize>, out: &mut [f32]) -> bool {
    let able = able();
    if able {
        // SAFETY: `wide::row` is a safe function whose only demand is a processor with AVX2 and FMA; both were found.
        unsafe { wide::row(packed, rows, columns, out) }
    }
    able
}

/// Computes tiles as [`Tiled::tiles`] says, as many as there is room for; nothing if the processor cannot.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "calls code compiled for AVX2 and FMA")]
pub fn tiles(tiled: &Tiled, rows: [&[f32]; SIDE], tiles: &[usize], room: &mut Room, out: &mut [&mut [f32]]) {
    if able() {
        // SAFETY: `spots::tiles` is a safe function whose only demand is a processor with AVX2 and FMA; both were found.
        unsafe { spots::tiles(tiled, rows, tiles, room, out) }
    }
}

/// Other processors have no AVX2, and no [`Tiled`] is made for them.
#[cfg(not(target_arch = "x86_64"))]
pub fn tiles(_: &Tiled, _: [&[f32]; SIDE], _: &[usize], _: &mut Room, _: &mut [&mut [f32]]) {}

/// Other processors have no AVX2.
#[cfg(not(target_arch = "x86_64"))]
pub fn row(_: &Packed, _: &[&[f32]], _: Range<usize>, _: &mut [f32]) -> bool {
    false
}

#[cfg(target_arch = "x86_64")]
#[path = "spots.rs"]
mod spots;

#[cfg(target_arch = "x86_64")]
mod wide {
    use super::super::lanes::{Block, Lanes, Packed, WIDE};
    use std::arch::x86_64::*;
    use std::ops::Range;

    /// Pixels that are computed together: 6 x 16 sums.
    const TILE: usize = WIDE;

    // No closure and no adapter in here: those of the standard library are compiled for any processor, and what is compiled
    // for this one cannot become part of them.

    #[target_feature(enable = "avx2,fma")]
    pub fn row(packed: &Packed, rows: &[&[f32]], columns: Range<usize>, out: &mut [f32]) {
        for block in packed.blocks() {
            let mut x = columns.start;
            while x + TILE <= columns.end {
                tile::<TILE>(packed, rows, &block, x, out);
                x += TILE;
            }
            if x < columns.end && columns.end - columns.start >= TILE {
                // Computes some pixels again, to the same numbers.
                tile::<TILE>(packed, rows, &block, columns.end - TILE, out);
            } else {
                while x < columns.end {
                    tile::<1>(packed, rows, &block, x, out);
                    x += 1;
                }
            }
        }
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn vectors(lanes: &Lanes) -> [__m256; 2] {
        bytemuck::cast(*lanes)
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn add(sums: &mut [__m256; 2], input: f32, [low, high]: [__m256; 2]) {
        let input = _mm256_set1_ps(input);
        *sums = [_mm256_fmadd_ps(input, low, sums[0]), _mm256_fmadd_ps(input, high, sums[1])];
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn tile<const P: usize>(packed: &Packed, rows: &[&[f32]], block: &Block, x: usize, out: &mut [f32]) {
        let mut sums = [vectors(block.biases); P];
        for (ky, row) in rows.iter().enumerate() {
            let weights = &block.weights[ky * packed.run..][..packed.run];
            // The runs of the pixels lie one step apart.
            let row = &row[packed.skip + x * packed.step..];
            let mut runs: [&[f32]; P] = [&[]; P];
            let mut p = 0;
            while p < P {
                runs[p] = &row[p * packed.step..][..packed.run];
                p += 1;
            }
            // Side by side, so that no place in a run has to be checked.
            match (&mut sums[..], &runs[..]) {
                ([s0, s1, s2, s3, s4, s5], [r0, r1, r2, r3, r4, r5]) => {
                    let runs = r0.iter().zip(*r1).zip(*r2).zip(*r3).zip(*r4).zip(*r5);
                    for (lanes, (((((i0, i1), i2), i3), i4), i5)) in weights.iter().zip(runs) {
                        let weights = vectors(lanes);
                        add(s0, *i0, weights);
                        add(s1, *i1, weights);
                        add(s2, *i2, weights);
                        add(s3, *i3, weights);
                        add(s4, *i4, weights);
                        add(s5, *i5, weights);
                    }
                }
                (sums, runs) => {
                    for (sums, run) in sums.iter_mut().zip(runs) {
                        for (lanes, input) in weights.iter().zip(*run) {
                            add(sums, *input, vectors(lanes));
                        }
                    }
                }
            }
        }
        let zero = _mm256_setzero_ps();
        let mut p = 0;
        while p < P {
            let [low, high] = sums[p];
            let pair = if packed.relu { [_mm256_max_ps(low, zero), _mm256_max_ps(high, zero)] } else { [low, high] };
            let lanes: Lanes = bytemuck::cast(pair);
            let at = (x + p) * packed.outputs + block.first;
            match <&mut Lanes>::try_from(&mut out[at..at + block.lanes]) {
                Ok(whole) => *whole = lanes,
                Err(_) => {
                    for (lane, value) in out[at..at + block.lanes].iter_mut().enumerate() {
                        *value = lanes[lane];
                    }
                }
            }
            p += 1;
        }
    }
}
