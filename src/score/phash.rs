//! How alike two images look: a hash that finds candidates, and a thumbnail that judges them.
//!
//! The perceptual hash: signs of the coarsest waves of an image, 64 coarse bits and 64 finer ones. Bits of copies that
//! were windowed, compressed, scaled or turned over differ in few places.
//!
//! The 32 x 32 grid of means is clipped to its percentiles 5 and 95 and cosine-transformed; bit k says whether wave k, in
//! the order of rising frequency and without the constant, is positive. Turning the image over left to right negates the
//! waves of odd horizontal frequency, and likewise for top to bottom: a mask turns one hash into the other. Coarse bits
//! find candidates (bodies in the middle of the picture have many of them in common), the finer ones leave most of them
//! out. Signs say nothing of sizes: the thumbnail, 16 x 16 means of the same grid in 8 bits, is what decides. Its waves
//! without the 30 coarsest are correlated: outlines, which one kind of image has in common, are left aside.

use crate::pixel::quality::sums::{CELLS, Sums};
use std::f64::consts::PI;
use std::sync::LazyLock;

/// Coarse and finer bits.
pub type Hash = [u64; 2];

/// Most coarse bits in which copies of one image differ.
pub const NEAR: u32 = 7;
/// Most finer bits; of images that have nothing to do with each other 32 differ, give or take 4.
pub const NEAR_FINE: u32 = 18;

/// Rows and columns of a thumbnail.
pub const SIDE: usize = 16;
/// 16 x 16 means in 8 bits, row by row.
pub type Thumbnail = [u8; SIDE * SIDE];

/// Waves of a thumbnail that are not compared: the coarsest.
const OUTLINES: usize = 30;
/// Thumbnails of copies correlate at least so much.
pub const ALIKE: f64 = 0.97;

/// Frequencies of the 128 waves: horizontal and vertical.
fn waves() -> impl Iterator<Item = (usize, usize)> {
    by_frequency().take(128)
}

/// Waves in the order of rising frequency, without the constant.
fn by_frequency() -> impl Iterator<Item = (usize, usize)> {
    (1..=2 * SIDE - 2).flat_map(|sum| (0..=sum).map(move |x| (x, sum - x)))
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
    static FLIPS: LazyLock<[Hash; 4]> = LazyLock::new(|| {
        let (across, down) = (bits(|wave| wave.0 % 2 == 1), bits(|wave| wave.1 % 2 == 1));
        [[0; 2], across, down, turned(across, down)]
    });
    *FLIPS
}

/// Waves of a line of `side` places: place x of wave k at k times `side` plus x, for the 16 lowest.
fn cosines(side: usize) -> Vec<f64> {
    let wave = |k: usize| (PI * (2 * (k % side) + 1) as f64 * (k / side) as f64 / (2 * side) as f64).cos();
    (0..16 * side).map(wave).collect()
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
    let clipped = clipped(sums, bright)?;
    static COSINES: LazyLock<Vec<f64>> = LazyLock::new(|| cosines(CELLS));
    let cosine = &**COSINES;
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

/// The grid of means, clipped to its percentiles 5 and 95: 0 is dark, 1 bright. `None` if it holds one value.
fn clipped(sums: &Sums, bright: bool) -> Option<Vec<f64>> {
    let means = grid(sums)?;
    let mut sorted = means.clone();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (sorted[sorted.len() / 20], sorted[sorted.len() - 1 - sorted.len() / 20]);
    let unit = |mean: &f64| {
        let unit = (mean.clamp(low, high) - low) / (high - low);
        if bright { unit } else { 1.0 - unit }
    };
    (high > low).then(|| means.iter().map(unit).collect())
}

/// The thumbnail of an image, `None` where it has no hash; `bright` says whether higher steps are brighter.
pub fn thumbnail(sums: &Sums, bright: bool) -> Option<Thumbnail> {
    let clipped = clipped(sums, bright)?;
    let four = |place: usize| {
        let at = place / SIDE * 2 * CELLS + place % SIDE * 2;
        [at, at + 1, at + CELLS, at + CELLS + 1].iter().map(|cell| clipped[*cell]).sum::<f64>() / 4.0
    };
    // `as` limits to 0..255.
    Some(std::array::from_fn(|place| (four(place) * 255.0 + 0.5) as u8))
}

/// The finer waves of a thumbnail, of length 1 together; all 0 if there are none.
fn fine_waves(thumbnail: &Thumbnail) -> Vec<((usize, usize), f64)> {
    static COSINES: LazyLock<Vec<f64>> = LazyLock::new(|| cosines(SIDE));
    let cosine = &**COSINES;
    let rows: Vec<f64> = (0..SIDE * SIDE)
        .map(|k| (0..SIDE).map(|x| f64::from(thumbnail[k % SIDE * SIDE + x]) * cosine[k / SIDE * SIDE + x]).sum())
        .collect();
    let wave = |(across, down): (usize, usize)| -> f64 {
        (0..SIDE).map(|y| rows[across * SIDE + y] * cosine[down * SIDE + y]).sum()
    };
    let inside = |(across, down): &(usize, usize)| *across < SIDE && *down < SIDE;
    let all = by_frequency().skip(OUTLINES).filter(inside);
    let mut waves: Vec<_> = all.map(|frequencies| (frequencies, wave(frequencies))).collect();
    let length = waves.iter().map(|(_, height)| height * height).sum::<f64>().sqrt();
    waves.iter_mut().for_each(|(_, height)| *height = if length > 0.0 { *height / length } else { 0.0 });
    waves
}

/// Correlation of the finer waves of two thumbnails, -1 to 1, turned over as they agree best.
pub fn likeness(a: &Thumbnail, b: &Thumbnail) -> f64 {
    let (a, b) = (fine_waves(a), fine_waves(b));
    let turned = |across: bool, down: bool| -> f64 {
        let pairs = a.iter().zip(&b);
        let term = |odd: bool, a: f64, b: f64| if odd { -a * b } else { a * b };
        pairs.map(|(((x, y), a), (_, b))| term((across && x % 2 == 1) != (down && y % 2 == 1), *a, *b)).sum()
    };
    [turned(false, false), turned(true, false), turned(false, true), turned(true, true)]
        .into_iter()
        .fold(-1.0, f64::max)
}

/// A thumbnail as a column holds it: four means to a word, the first lowest.
pub fn words(thumbnail: &Thumbnail) -> Vec<u32> {
    thumbnail.as_chunks::<4>().0.iter().map(|four| u32::from_le_bytes(*four)).collect()
}

/// The same, back; `None` if there are not as many words.
pub fn from_words(words: &[u32]) -> Option<Thumbnail> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>().try_into().ok()
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
    fn thumbnails_are_as_alike_as_the_pictures() {
        // Waves of 5 to 11 cells, with a dent: finer than an outline.
        let of = |phase: f64| {
            move |x: usize, y: usize| {
                let (x, y) = (x as f64, y as f64);
                (x * 0.9 + phase).sin() + (y * 0.6 + x * 0.2).cos() + f64::from(u8::from(x < 9.0 && y > 20.0))
            }
        };
        let thumbnail = |value: &dyn Fn(usize, usize) -> f64| super::thumbnail(&sums(value), true).unwrap();
        let (one, other) = (thumbnail(&of(0.0)), thumbnail(&of(1.5)));
        let last = CELLS - 1;
        for copy in [thumbnail(&|x, y| of(0.0)(last - x, y)), thumbnail(&|x, y| of(0.0)(x, last - y))] {
            assert!(likeness(&one, &copy) > 0.99, "{}", likeness(&one, &copy));
        }
        let inverted = super::thumbnail(&sums(|x, y| 100.0 - of(0.0)(x, y)), false).unwrap();
        assert!(likeness(&one, &inverted) > 0.99);
        assert!(likeness(&one, &other) < ALIKE, "{}", likeness(&one, &other));
        assert_eq!(from_words(&words(&one)), Some(one));
        assert_eq!((words(&one).len(), from_words(&[1, 2])), (64, None));
        assert_eq!(super::thumbnail(&sums(|_, _| 7.0), true), None);
        // The 2 x 2 means of a ramp from 0 to 31: the first is 1/64, below percentile 5, the last above percentile 95.
        let ramp = thumbnail(&|x, _| x as f64);
        assert_eq!((ramp[0], ramp[15], ramp[0] < ramp[1]), (0, 255, true));
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
