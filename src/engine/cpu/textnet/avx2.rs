//! Rows of a convolution with AVX2 and FMA: the tile of [`super::lanes`] in 12 of the 16 registers. The one `unsafe` is
//! the call of code compiled for these instructions; it stands behind the question whether the processor has them.
//! Loads and stores go through slices and `bytemuck`, so that no pointer is made by hand.

use super::lanes::Packed;

/// Computes a row as [`Packed::row`] says; `false`, and nothing done, if the processor cannot.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "calls code compiled for AVX2 and FMA")]
pub fn row(packed: &Packed, rows: &[&[f32]], columns: usize, out: &mut [f32]) -> bool {
    let able = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    if able {
        // SAFETY: `wide::row` is a safe function whose only demand is a processor with AVX2 and FMA; both were found.
        unsafe { wide::row(packed, rows, columns, out) }
    }
    able
}

/// Other processors have no AVX2.
#[cfg(not(target_arch = "x86_64"))]
pub fn row(_: &Packed, _: &[&[f32]], _: usize, _: &mut [f32]) -> bool {
    false
}

#[cfg(target_arch = "x86_64")]
mod wide {
    use super::super::lanes::{Block, Lanes, Packed, cover};
    use std::arch::x86_64::*;

    /// Pixels that are computed together: 6 x 16 sums.
    const TILE: usize = 6;

    #[target_feature(enable = "avx2,fma")]
    pub fn row(packed: &Packed, rows: &[&[f32]], columns: usize, out: &mut [f32]) {
        for block in packed.blocks() {
            cover(columns, TILE, |x, wide| match wide {
                true => tile::<TILE>(packed, rows, &block, x, out),
                false => tile::<1>(packed, rows, &block, x, out),
            });
        }
    }

    #[target_feature(enable = "avx2,fma")]
    fn tile<const P: usize>(packed: &Packed, rows: &[&[f32]], block: &Block, x: usize, out: &mut [f32]) {
        let vectors = |lanes: &Lanes| -> [__m256; 2] { bytemuck::cast(*lanes) };
        let mut sums = [vectors(block.biases); P];
        for (row, weights) in rows.iter().zip(block.weights.chunks_exact(packed.run)) {
            let runs: [&[f32]; P] = std::array::from_fn(|p| {
                let at = packed.skip + (x + p) * packed.step;
                &row[at..at + packed.run]
            });
            for k in 0..packed.run {
                let [low, high] = vectors(&weights[k]);
                for p in 0..P {
                    let input = _mm256_set1_ps(runs[p][k]);
                    sums[p] = [_mm256_fmadd_ps(input, low, sums[p][0]), _mm256_fmadd_ps(input, high, sums[p][1])];
                }
            }
        }
        for (p, [low, high]) in sums.into_iter().enumerate() {
            let zero = _mm256_setzero_ps();
            let pair = if packed.relu { [_mm256_max_ps(low, zero), _mm256_max_ps(high, zero)] } else { [low, high] };
            let lanes: Lanes = bytemuck::cast(pair);
            let at = (x + p) * packed.outputs + block.first;
            out[at..at + block.lanes].copy_from_slice(&lanes[..block.lanes]);
        }
    }
}
