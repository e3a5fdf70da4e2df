//! Neighbouring pixels side by side: the arithmetic of `pixel::quality::sums` in f32. Every difference of 16-bit steps is
//! exact in f32; squares beyond 2^24 are rounded.

use super::super::wide::{LANES, Lanes, Work};
use super::lines::{Line, MARGIN};
use crate::pixel::quality::sums::{BLOCK, LAGS};

const NONE: Lanes = [0.0; LANES];

/// Values from `at` on; lines have margins, so that they are there.
#[inline(always)]
fn window(line: &[f32], at: usize) -> &Lanes {
    line.get(at..).and_then(|rest| rest.first_chunk()).unwrap_or(&NONE)
}

/// 1 for object pixels.
#[inline(always)]
fn inside(steps: &Lanes, [low, high]: [f32; 2]) -> Lanes {
    let mut mask = NONE;
    for (mask, step) in mask.iter_mut().zip(steps) {
        *mask = if *step >= low && *step <= high { 1.0 } else { 0.0 };
    }
    mask
}

#[inline(always)]
fn narrow(mask: &mut Lanes, open: &Lanes) {
    mask.iter_mut().zip(open).for_each(|(mask, open)| *mask *= open);
}

/// Sums by x mod 8.
pub fn folded(lanes: &Lanes) -> [f64; BLOCK] {
    let mut sums = [0.0; BLOCK];
    for eight in lanes.as_chunks::<BLOCK>().0 {
        sums.iter_mut().zip(eight).for_each(|(sum, lane)| *sum += f64::from(*lane));
    }
    sums
}

/// The sum of all lanes.
pub fn total(lanes: &Lanes) -> f64 {
    folded(lanes).iter().sum()
}

/// Sums over the spots of a row; lane k holds columns x with x mod 32 = k.
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

/// The spots of one row: the rows above, here and below.
pub struct Spots<'a> {
    /// Above, here, below.
    pub rows: [&'a Line; 3],
    /// First and last step of the object.
    pub object: [f32; 2],
    /// Whether every pixel of the frame is usable.
    pub whole: bool,
    /// Differences across and down beyond count as this many steps.
    pub cap: f32,
}

impl Work for Spots<'_> {
    type Output = Spot;

    #[inline(always)]
    fn run(self) -> Spot {
        let mut sums = Spot {
            count: NONE,
            laplace: NONE,
            laplace_squares: NONE,
            gradient_squares: NONE,
            noise: NONE,
            across: NONE,
            down: NONE,
        };
        let [above, here, below] = self.rows;
        for place in (0..here.values().len()).step_by(LANES) {
            let at = place + MARGIN;
            let mut spot = inside(window(&here.steps, at), self.object);
            // In a whole frame every row is as open as this one.
            let rows = if self.whole { &self.rows[1..2] } else { &self.rows[..] };
            for row in rows {
                [at - 1, at, at + 1].into_iter().for_each(|at| narrow(&mut spot, window(&row.open, at)));
            }
            sums.add([&above.steps, &here.steps, &below.steps], at, &spot, self.cap);
        }
        sums
    }
}

impl Spot {
    #[inline(always)]
    fn add(&mut self, [above, here, below]: [&[f32]; 3], at: usize, spot: &Lanes, cap: f32) {
        let [nw, n, ne] = [window(above, at - 1), window(above, at), window(above, at + 1)];
        let [w, c, e] = [window(here, at - 1), window(here, at), window(here, at + 1)];
        let [sw, s, se] = [window(below, at - 1), window(below, at), window(below, at + 1)];
        for k in 0..LANES {
            let one = spot[k];
            let (column_w, column_e) = (nw[k] + 2.0 * w[k] + sw[k], ne[k] + 2.0 * e[k] + se[k]);
            let (row_n, row_s) = (nw[k] + 2.0 * n[k] + ne[k], sw[k] + 2.0 * s[k] + se[k]);
            let cross = n[k] + s[k] + w[k] + e[k];
            let corners = nw[k] + ne[k] + sw[k] + se[k];
            let laplace = (4.0 * c[k] - cross) * one;
            let (right, down) = ((column_e - column_w) * one, (row_s - row_n) * one);
            self.count[k] += one;
            self.laplace[k] += laplace;
            self.laplace_squares[k] += laplace * laplace;
            self.gradient_squares[k] += right * right + down * down;
            self.noise[k] += (corners - 2.0 * cross + 4.0 * c[k]).abs() * one;
            self.across[k] += (e[k] - c[k]).abs().min(cap) * one;
            self.down[k] += (s[k] - c[k]).abs().min(cap) * one;
        }
    }
}

/// Sums over the pair spots of a row.
pub struct Pair {
    /// Pair spots.
    pub count: Lanes,
    /// Squared differences at each of [`LAGS`].
    pub squares: [Lanes; LAGS.len()],
}

/// The pair spots of one row: this row and those below it at [`LAGS`].
pub struct Pairs<'a> {
    /// Here, and below.
    pub rows: [&'a Line; 1 + LAGS.len()],
    /// First and last step of the object.
    pub object: [f32; 2],
    /// Whether every pixel of the frame is usable.
    pub whole: bool,
}

impl Work for Pairs<'_> {
    type Output = Pair;

    #[inline(always)]
    fn run(self) -> Pair {
        let mut sums = Pair { count: NONE, squares: [NONE; LAGS.len()] };
        let [line, below @ ..] = self.rows;
        for place in (0..line.values().len()).step_by(LANES) {
            let at = place + MARGIN;
            let here = window(&line.steps, at);
            let mut pair = inside(here, self.object);
            narrow(&mut pair, window(&line.open, at));
            narrow(&mut pair, window(&line.open, at + MARGIN));
            if !self.whole {
                LAGS.iter().for_each(|lag| narrow(&mut pair, window(&line.open, at + lag)));
                below.iter().for_each(|line| narrow(&mut pair, window(&line.open, at)));
            }
            sums.count.iter_mut().zip(&pair).for_each(|(count, pair)| *count += pair);
            for ((squares, lag), lower) in sums.squares.iter_mut().zip(LAGS).zip(below) {
                let (right, lower) = (window(&line.steps, at + lag), window(&lower.steps, at));
                for k in 0..LANES {
                    let (across, down) = (right[k] - here[k], lower[k] - here[k]);
                    squares[k] += (across * across + down * down) * pair[k];
                }
            }
        }
        sums
    }
}

/// The bends of one row: those between the rows above and below it are summed over the row, those between left and right
/// are added to sums by column.
pub struct Bends<'a> {
    /// Above, here, below; `None` at the ends of the frame.
    pub rows: Option<[&'a Line; 3]>,
    /// Here.
    pub here: &'a Line,
    /// Bends beyond count as this many steps.
    pub cap: f32,
    /// Sums by column, and how many they are of.
    pub across: [&'a mut [f32]; 2],
}

impl Work for Bends<'_> {
    /// Lanes of sums over the row, and of how many they are of.
    type Output = [Lanes; 2];

    #[inline(always)]
    fn run(self) -> [Lanes; 2] {
        let mut down = [NONE; 2];
        let [sums, counts] = self.across;
        let (steps, open) = (&self.here.steps, &self.here.open);
        let bend = |before: f32, here: f32, behind: f32| (before - 2.0 * here + behind).clamp(-self.cap, self.cap);
        for (place, (sums, counts)) in sums.chunks_mut(LANES).zip(counts.chunks_mut(LANES)).enumerate() {
            let at = place * LANES + MARGIN;
            let (c, is) = (window(steps, at), window(open, at));
            if let Some([above, _, below]) = self.rows {
                let (n, s) = (window(&above.steps, at), window(&below.steps, at));
                let (above, below) = (window(&above.open, at), window(&below.open, at));
                for k in 0..LANES {
                    let one = is[k] * above[k] * below[k];
                    down[0][k] += bend(n[k], c[k], s[k]) * one;
                    down[1][k] += one;
                }
            }
            let (w, e) = (window(steps, at - 1), window(steps, at + 1));
            let (left, right) = (window(open, at - 1), window(open, at + 1));
            let mut ones = NONE;
            let mut bends = NONE;
            for k in 0..LANES {
                ones[k] = is[k] * left[k] * right[k];
                bends[k] = bend(w[k], c[k], e[k]) * ones[k];
            }
            sums.iter_mut().zip(&bends).for_each(|(sum, bend)| *sum += bend);
            counts.iter_mut().zip(&ones).for_each(|(count, one)| *count += one);
        }
        down
    }
}
