//! Relief: a view in which every part has the same contrast, so that faint letters stand out from a quiet ground as much as
//! bright ones do.
//!
//! # Formula
//! The view is cut into blocks of 16 x 16 pixels. The mean m and the deviation s (of the whole, not of a sample) of each block and
//! of its up to eight neighbours together are what stands at the block's middle; between middles m and 0.2 / (s + 0.04) are
//! interpolated linearly, beyond the outermost they stay. A pixel v becomes 0.5 + (v - m) * 0.2 / (s + 0.04), within 0 to 1.
//! Sums are of whole numbers (v in steps of 1/4095), so that their order does not matter. python/textnet/views.py is the same.

use super::super::block::RELIEF_BLOCK;
use super::Plane;

/// Pixels along a side of a block.
pub const BLOCK: usize = RELIEF_BLOCK as usize;
/// Steps of a value in the sums.
const STEPS: f32 = 4095.0;
/// The deviation that the relief has where the view's is large.
const GAIN: f64 = 0.2;
/// What keeps the noise of an even ground small: with 0.02 the traces of a JPEG on white were taken for text.
const SOFT: f64 = 0.04;

/// Mean and gain at the middle of every block.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Rows of blocks, at least 1.
    pub rows: usize,
    /// Columns of blocks, at least 1.
    pub columns: usize,
    /// Mean and gain, row by row.
    pub values: Vec<[f32; 2]>,
}

/// How many values, their sum, the sum of their squares.
type Sums = [u64; 3];

impl Grid {
    /// Of a view of `rows` x `columns`, both at least 1, whose rows `read` writes, each once from the first on.
    pub fn of([rows, columns]: [usize; 2], mut read: impl FnMut(usize, &mut [f32])) -> Self {
        let (down, across) = (rows.div_ceil(BLOCK), columns.div_ceil(BLOCK));
        let mut sums: Vec<Sums> = vec![[0; 3]; down * across];
        let mut row = vec![0.0; columns];
        for y in 0..rows {
            read(y, &mut row);
            let blocks = sums.iter_mut().skip(y / BLOCK * across);
            for (sums, part) in blocks.zip(row.chunks(BLOCK)) {
                // A row of a block is at most 16 x 4095, its squares 16 x 4095^2: both within 32 bits.
                let (mut sum, mut squares) = (0u32, 0u32);
                for value in part {
                    let step = (value * STEPS).round_ties_even() as u32;
                    (sum, squares) = (sum + step, squares + step * step);
                }
                let more = [part.len() as u64, sum.into(), squares.into()];
                sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
            }
        }
        let near = |at: usize, end: usize| at.saturating_sub(1)..(at + 2).min(end);
        let values = (0..down).flat_map(|y| (0..across).map(move |x| (y, x))).map(|(y, x)| {
            let around = near(y, down).flat_map(|y| near(x, across).map(move |x| y * across + x));
            let add = |a: Sums, at: usize| sums.get(at).map_or(a, |b| [a[0] + b[0], a[1] + b[1], a[2] + b[2]]);
            ground(around.fold([0; 3], add))
        });
        Self { rows: down, columns: across, values: values.collect() }
    }

    /// Turns row `y` of the view into a row of the relief.
    pub fn raise(&self, y: usize, row: &mut [f32]) {
        let (top, bottom, down) = between(y, self.rows);
        let at = |y: usize, x: usize| self.values.get(y * self.columns + x).copied().unwrap_or([0.0; 2]);
        for (x, value) in row.iter_mut().enumerate() {
            let (left, right, across) = between(x, self.columns);
            let mix = |a: f32, b: f32, share: f32| a + (b - a) * share;
            let [a, b, c, d] = [at(top, left), at(top, right), at(bottom, left), at(bottom, right)];
            let [mean, gain] = [0, 1].map(|i| mix(mix(a[i], b[i], across), mix(c[i], d[i], across), down));
            *value = (0.5 + (*value - mean) * gain).clamp(0.0, 1.0);
        }
    }
}

/// The relief of a view, plainly.
pub fn relief(view: &Plane) -> Plane {
    let row_of = |y: usize| view.values.get(y * view.columns..(y + 1) * view.columns).unwrap_or_default();
    let grid = Grid::of([view.rows, view.columns], |y, row| row.copy_from_slice(row_of(y)));
    let mut raised = view.clone();
    raised.values.chunks_exact_mut(view.columns).enumerate().for_each(|(y, row)| grid.raise(y, row));
    raised
}

/// Mean and gain of the values behind these sums.
fn ground([count, sum, squares]: Sums) -> [f32; 2] {
    let (count, steps) = (count.max(1) as f64, f64::from(STEPS));
    let mean = sum as f64 / count;
    let deviation = (squares as f64 / count - mean * mean).max(0.0).sqrt();
    [(mean / steps) as f32, gain(deviation / steps)]
}

/// The gain where values deviate so much.
pub fn gain(deviation: f64) -> f32 {
    (GAIN / (deviation + SOFT)) as f32
}

/// The blocks whose middles lie before and after a pixel, and how far it is from the one to the other.
fn between(place: usize, blocks: usize) -> (usize, usize, f32) {
    let last = blocks.saturating_sub(1);
    let at = ((place as f32 + 0.5) / BLOCK as f32 - 0.5).clamp(0.0, last as f32);
    let before = at as usize;
    (before, (before + 1).min(last), at - before as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_even_ground_becomes_middle_grey_and_a_faint_step_stands_out() {
        let even = relief(&Plane { rows: 3, columns: 40, values: vec![0.25; 120] });
        // 0.25 is 1023.75 steps, counted as 1024: off by 0.25 / 4095, times 5.
        assert!(even.values.iter().all(|v| (v - 0.5).abs() < 1e-3), "{even:?}");
        // Half 0.2, half 0.3 in one block: mean 0.25, deviation 0.05, so 0.5 -+ 0.05 * 0.2 / 0.09.
        let step = |i: usize| if i % 16 < 8 { 0.2 } else { 0.3 };
        let stepped = relief(&Plane { rows: 16, columns: 16, values: (0..256).map(step).collect() });
        assert!((stepped.values[0] - (0.5 - 0.01 / 0.09)).abs() < 1e-3, "{}", stepped.values[0]);
        assert!((stepped.values[15] - (0.5 + 0.01 / 0.09)).abs() < 1e-3, "{}", stepped.values[15]);
    }

    #[test]
    fn between_middles_the_ground_is_mixed() {
        // Pixel 8 is half a pixel after the middle of block 0; before it nothing changes, after the last neither.
        assert_eq!(between(3, 4), (0, 1, 0.0));
        assert_eq!(between(8, 4), (0, 1, 0.5 / 16.0));
        assert_eq!(between(63, 4), (3, 3, 0.0));
        assert_eq!(between(5, 1), (0, 0, 0.0));
    }
}
