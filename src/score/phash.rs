//! The perceptual hash: signs of the coarsest waves of an image, 64 coarse bits and 64 finer ones. Bits of copies that
//! were windowed, compressed, scaled or turned over differ in few places.
//!
//! The 32 x 32 grid of means is clipped to its percentiles 5 and 95 and cosine-transformed; bit k says whether wave k, in
//! the order of rising frequency and without the constant, is positive. Turning the image over left to right negates the
//! waves of odd horizontal frequency, and likewise for top to bottom: a mask turns one hash into the other. Coarse bits
//! find candidates (bodies in the middle of the picture have many of them in common), the finer ones tell them apart.

use crate::pixel::quality::sums::{CELLS, Sums};

/// Coarse and finer bits.
pub type Hash = [u64; 2];

/// Most coarse bits in which copies of one image differ.
pub const NEAR: u32 = 7;
/// Most finer bits; of images that have nothing to do with each other 32 differ, give or take 4.
pub const NEAR_FINE: u32 = 18;

/// Frequencies of the 128 waves: horizontal and vertical.
fn waves() -> impl Iterator<Item = (usize, usize)> {
    (1..=15usize).flat_map(|sum| (0..=sum).map(move |x| (x, sum - x))).take(128)
}

/// Bits of the waves for which something holds.
fn bits(of: impl Fn((usize, usize)) -> bool) -> Hash {
    let mut hash = [0; 2];
    for (bit, wave) in waves().enumerate() {
        hash[bit / 64] |= u64::from(of(wave)) << (bit % 64);
    }
    hash
}

fn turned(hash: Hash, flip: Hash) -> Hash {
    [hash[0] ^ flip[0], hash[1] ^ flip[1]]
}

/// What flips do to a hash: none, left to right, top to bottom, both.
pub fn flips() -> [Hash; 4] {
    let (across, down) = (bits(|wave| wave.0 % 2 == 1), bits(|wave| wave.1 % 2 == 1));
    [[0; 2], across, down, turned(across, down)]
}

/// Coarse and finer bits in which two images differ, turned over as they agree best.
pub fn distance(a: Hash, b: Hash) -> (u32, u32) {
    let apart = |flip: &Hash| {
        let [coarse, fine] = turned(turned(a, b), *flip);
        (coarse.count_ones(), fine.count_ones())
    };
    flips().iter().map(apart).min().unwrap_or((64, 64))
}

/// Whether two hashes so far apart are those of copies.
pub fn near((coarse, fine): (u32, u32)) -> bool {
    coarse <= NEAR && fine <= NEAR_FINE
}

/// The hash of an image, the smallest of its four flips'; `bright` says whether higher steps are brighter. `None` if the
/// grid holds one value: all blank images would be copies of each other.
pub fn phash(sums: &Sums, bright: bool) -> Option<Hash> {
    let means = grid(sums)?;
    let mut sorted = means.clone();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (sorted[sorted.len() / 20], sorted[sorted.len() - 1 - sorted.len() / 20]);
    if high <= low {
        return None;
    }
    let sign = if bright { 1.0 } else { -1.0 };
    let clipped: Vec<f64> = means.iter().map(|mean| sign * (mean.clamp(low, high) - low) / (high - low)).collect();
    let cosine: Vec<f64> = (0..16 * CELLS)
        .map(|k| (std::f64::consts::PI * (2 * (k % CELLS) + 1) as f64 * (k / CELLS) as f64 / (2 * CELLS) as f64).cos())
        .collect();
    // Rows first: the same sums serve all waves of one horizontal frequency.
    let rows: Vec<f64> = (0..16 * CELLS)
        .map(|k| (0..CELLS).map(|x| clipped[k % CELLS * CELLS + x] * cosine[k / CELLS * CELLS + x]).sum())
        .collect();
    let wave = |(across, down): (usize, usize)| -> f64 {
        (0..CELLS).map(|y| rows[across * CELLS + y] * cosine[down * CELLS + y]).sum()
    };
    let hash = bits(|frequencies| wave(frequencies) > 0.0);
    flips().iter().map(|flip| turned(hash, *flip)).min()
}

/// Means of the cells; what no surveyed pixel lies in takes the mean of all. `None` without any.
fn grid(sums: &Sums) -> Option<Vec<f64>> {
    let [sum, count] = sums.cells.iter().fold([0.0; 2], |all, cell| [all[0] + cell[0], all[1] + cell[1]]);
    let all = (count > 0.0).then(|| sum / count)?;
    Some(sums.cells.iter().map(|[sum, count]| if *count > 0.0 { sum / count } else { all }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(value: impl Fn(usize, usize) -> f64) -> Sums {
        let cells = (0..CELLS * CELLS).map(|place| [2.0 * value(place % CELLS, place / CELLS), 2.0]).collect();
        Sums { cells, ..Sums::default() }
    }

    #[test]
    fn flipped_and_inverted_images_have_one_hash() {
        let dent = |x: usize, y: usize| {
            (x as f64 * 0.31).sin() + (y as f64 * 0.17 + 1.0).cos() + f64::from(u8::from(x < 9 && y > 20))
        };
        let hash = phash(&sums(dent), true).unwrap();
        let last = CELLS - 1;
        assert_eq!(phash(&sums(|x, y| dent(last - x, y)), true), Some(hash));
        assert_eq!(phash(&sums(|x, y| dent(x, last - y)), true), Some(hash));
        assert_eq!(phash(&sums(|x, y| 100.0 - dent(x, y)), false), Some(hash));
        let other = phash(&sums(|x, y| dent(y, x) + (x * y) as f64 * 0.01), true).unwrap();
        assert!(!near(distance(hash, other)), "{:?}", distance(hash, other));
        assert_eq!(phash(&sums(|_, _| 7.0), true), None);
    }

    #[test]
    fn distances_do_not_mind_flips() {
        let flips = flips();
        assert_eq!(distance([5, 9], turned([5, 9], flips[1])), (0, 0));
        assert_eq!(distance([5, 9], turned([7, 9], flips[3])), (1, 0));
        assert_eq!(waves().count(), 128);
        assert!(waves().all(|(across, down)| across < 16 && down < 16));
    }
}
