//! Eight neighbouring pixels at a time: the arithmetic of `pixel::quality::sums` in f32. Every difference of 16-bit
//! steps is exact in f32; squares beyond 2^24 are rounded.

use super::lines::{Line, MARGIN};
use crate::pixel::quality::sums::LAGS;

/// Pixels side by side.
pub const LANES: usize = 8;

type Lanes = [f32; LANES];

/// Eight values from `at` on; lines have margins, so that they are there.
#[inline]
fn eight(line: &[f32], at: usize) -> Lanes {
    line.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default()
}

/// 1 for object pixels.
#[inline]
fn inside(steps: Lanes, [low, high]: [f32; 2]) -> Lanes {
    std::array::from_fn(|k| f32::from(u8::from(steps[k] >= low && steps[k] <= high)))
}

#[inline]
fn all(masks: &[Lanes]) -> Lanes {
    std::array::from_fn(|k| masks.iter().fold(1.0, |product, mask| product * mask[k]))
}

/// Sums over the spots of a row, by x mod 8.
#[derive(Default)]
pub struct Spot {
    /// Spots.
    pub count: Lanes,
    /// See the fields of `Sums`.
    pub laplace: Lanes,
    /// See the fields of `Sums`.
    pub laplace_squares: Lanes,
    /// See the fields of `Sums`.
    pub gradient_squares: Lanes,
    /// See the fields of `Sums`.
    pub noise: Lanes,
    /// See the fields of `Sums`.
    pub across: Lanes,
    /// See the fields of `Sums`.
    pub down: Lanes,
}

impl Spot {
    /// Adds eight pixels from column `place` on; rows above, here and below.
    #[inline]
    pub fn add(&mut self, rows: [&Line; 3], place: usize, object: [f32; 2], whole: bool) {
        let at = place + MARGIN;
        let near = |line: &Line| [eight(&line.steps, at - 1), eight(&line.steps, at), eight(&line.steps, at + 1)];
        let [[nw, n, ne], [w, here, e], [sw, s, se]] = rows.map(near);
        let open = |line: &Line| all(&[eight(&line.open, at - 1), eight(&line.open, at), eight(&line.open, at + 1)]);
        // In a whole frame every row is as open as this one.
        let open = if whole { open(rows[1]) } else { all(&rows.map(open)) };
        let spot = all(&[inside(here, object), open]);
        for k in 0..LANES {
            let one = spot[k];
            let (column_w, column_e) = (nw[k] + 2.0 * w[k] + sw[k], ne[k] + 2.0 * e[k] + se[k]);
            let (row_n, row_s) = (nw[k] + 2.0 * n[k] + ne[k], sw[k] + 2.0 * s[k] + se[k]);
            let cross = n[k] + s[k] + w[k] + e[k];
            let corners = nw[k] + ne[k] + sw[k] + se[k];
            let laplace = (4.0 * here[k] - cross) * one;
            let (right, down) = ((column_e - column_w) * one, (row_s - row_n) * one);
            self.count[k] += one;
            self.laplace[k] += laplace;
            self.laplace_squares[k] += laplace * laplace;
            self.gradient_squares[k] += right * right + down * down;
            self.noise[k] += (corners - 2.0 * cross + 4.0 * here[k]).abs() * one;
            self.across[k] += (e[k] - here[k]).abs() * one;
            self.down[k] += (s[k] - here[k]).abs() * one;
        }
    }
}

/// Sums over the pair spots of a row.
#[derive(Default)]
pub struct Pair {
    /// Pair spots.
    pub count: Lanes,
    /// Squared differences at each of [`LAGS`].
    pub squares: [Lanes; LAGS.len()],
}

impl Pair {
    /// Adds eight pixels from column `place` on; this row and those below it at [`LAGS`].
    #[inline]
    pub fn add(&mut self, rows: [&Line; 4], place: usize, object: [f32; 2], whole: bool) {
        let at = place + MARGIN;
        let [line, below @ ..] = rows;
        let here = eight(&line.steps, at);
        let right = LAGS.map(|lag| eight(&line.steps, at + lag));
        let lower = below.map(|line| eight(&line.steps, at));
        let mut pair = all(&[inside(here, object), eight(&line.open, at), eight(&line.open, at + LAGS[2])]);
        if !whole {
            let beside = [eight(&line.open, at + LAGS[0]), eight(&line.open, at + LAGS[1])];
            pair = all(&[pair, all(&beside), all(&below.map(|line| eight(&line.open, at)))]);
        }
        for (count, pair) in self.count.iter_mut().zip(&pair) {
            *count += pair;
        }
        for (squares, (right, lower)) in self.squares.iter_mut().zip(right.iter().zip(&lower)) {
            for k in 0..LANES {
                let (across, down) = (right[k] - here[k], lower[k] - here[k]);
                squares[k] += (across * across + down * down) * pair[k];
            }
        }
    }
}
