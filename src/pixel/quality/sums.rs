//! The sums of a survey, and how to make them plainly. s(x, y) is the step of a pixel.

use super::Survey;

/// Rows and columns of the grid of means.
pub const CELLS: usize = 32;
/// Side of the blocks in which JPEG codes.
pub const BLOCK: usize = 8;
/// Distances in pixels at which values are compared.
pub const LAGS: [usize; 4] = [1, 2, 4, 8];
/// The range of values over the cap of a survey: edges count as what is this share of the range.
const CAP_SHARE: f64 = 16.0;
/// One row of so many times this number of pixels is surveyed.
const SHARE: u64 = 3 << 14;
/// At most one row in so many is surveyed.
const WIDEST: u64 = 15;

/// Facts of one row; of every row, surveyed or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Usable pixels; without any, the rest is 0.
    pub usable: u32,
    /// Lowest step.
    pub low: u32,
    /// Highest step.
    pub high: u32,
    /// Sum of steps.
    pub sum: u64,
}

impl Row {
    /// The same row in steps that begin at `origin`, which is not above its lowest.
    #[must_use]
    pub fn from(self, origin: u32) -> Self {
        if self.usable == 0 {
            return self;
        }
        let shift = u64::from(origin) * u64::from(self.usable);
        Self { low: self.low - origin, high: self.high - origin, sum: self.sum - shift, ..self }
    }
}

/// A sum and how many it is of.
pub type Mean = [f64; 2];

/// Sums over surveyed rows. A spot is an object pixel whose eight neighbours are usable; a pair spot is an object pixel
/// for which all pixels at [`LAGS`] to the right and below are usable.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sums {
    /// Spots.
    pub spots: f64,
    /// 4 s(x, y) less the four nearest: the Laplacian.
    pub laplace: f64,
    /// Its square.
    pub laplace_squares: f64,
    /// Squared Sobel slopes, both directions together (kernel 1 2 1).
    pub gradient_squares: f64,
    /// Absolute response to 1 -2 1, -2 4 -2, 1 -2 1 (J. Immerkaer, CVIU 64(2), 1996).
    pub noise: f64,
    /// Pair spots.
    pub pairs: f64,
    /// Squared differences to the pixels at each of [`LAGS`], right and below together.
    pub lags: [f64; LAGS.len()],
    /// |s(x + 1, y) - s(x, y)| at spots, none above the cap, by x mod 8.
    pub across: [Mean; BLOCK],
    /// |s(x, y + 1) - s(x, y)| at spots, none above the cap, by y mod 8.
    pub down: [Mean; BLOCK],
    /// s(x, y - 1) - 2 s(x, y) + s(x, y + 1), held within the cap, where all three are usable, by row.
    pub bends_down: Vec<Mean>,
    /// s(x - 1, y) - 2 s(x, y) + s(x + 1, y), likewise, by column.
    pub bends_across: Vec<Mean>,
    /// Every row of the frame.
    pub rows: Vec<Row>,
    /// Usable steps by column.
    pub columns: Vec<Mean>,
    /// Usable steps by cell of the grid, row by row: cell (x CELLS / columns, y CELLS / rows).
    pub cells: Vec<Mean>,
}

/// One row in how many is surveyed: an odd number, so that every row of an 8 x 8 grid has its turn, and no more than lie
/// in one cell, so that every cell has a row.
pub fn stride(rows: u32, columns: u32) -> u32 {
    let wanted = (u64::from(rows) * u64::from(columns) / SHARE).min(u64::from(rows) / CELLS as u64).clamp(1, WIDEST);
    (wanted as u32 - 1) | 1
}

/// The rows that are surveyed.
pub fn surveyed(rows: u32, stride: u32) -> impl Iterator<Item = usize> {
    (stride as usize / 2..rows as usize).step_by(stride as usize)
}

/// The highest step difference that counts in full: a sixteenth of the range from percentile 1 to 99 (the value at the rank
/// below), at least 1. `values` ascend.
pub fn cap(values: &[(f64, u64)]) -> u32 {
    let at = |percent| at_rank(values.iter().copied(), percent);
    // `as` limits to 0 and above.
    (((at(99) - at(1)) / CAP_SHARE) as u32).max(1)
}

/// A percentile of values in ascending order, each with its count: the value at the rank below; 0 of no values.
pub fn at_rank(values: impl Iterator<Item = (f64, u64)> + Clone, percent: u64) -> f64 {
    let last = values.clone().map(|(_, n)| n).sum::<u64>().saturating_sub(1);
    let (place, mut seen) = (last * percent / 100, 0);
    let mut reached = values.skip_while(|(_, n)| {
        seen += n;
        seen <= place
    });
    reached.next().map_or(0.0, |(value, _)| value)
}

/// The cell of a place on an axis of `length`.
pub fn cell(place: usize, length: usize) -> usize {
    place * CELLS / length
}

impl Sums {
    /// Sums of nothing, for a frame of this shape.
    pub fn empty(rows: usize, columns: usize) -> Self {
        Self {
            rows: vec![Row::default(); rows],
            columns: vec![[0.0; 2]; columns],
            bends_down: vec![[0.0; 2]; rows],
            bends_across: vec![[0.0; 2]; columns],
            cells: vec![[0.0; 2]; CELLS * CELLS],
            ..Self::default()
        }
    }

    /// Walks over a frame, pixel by pixel. Integers below 2^53 add up exactly in f64.
    pub fn of(steps: &[Option<u32>], columns: usize, survey: &Survey) -> Self {
        let rows = steps.len() / columns;
        let mut sums = Self::empty(rows, columns);
        // Outside of the frame nothing is usable.
        let at = |x: isize, y: isize| -> Option<i64> {
            let inside = (0..columns as isize).contains(&x) && (0..rows as isize).contains(&y);
            if inside { steps[y as usize * columns + x as usize].map(i64::from) } else { None }
        };
        for y in 0..rows {
            let row = &mut sums.rows[y];
            for step in steps[y * columns..(y + 1) * columns].iter().flatten() {
                let first = row.usable == 0;
                row.low = if first { *step } else { row.low.min(*step) };
                row.high = row.high.max(*step);
                row.usable += 1;
                row.sum += u64::from(*step);
            }
        }
        for y in surveyed(rows as u32, survey.stride) {
            for x in 0..columns {
                let Some(here) = steps[y * columns + x] else { continue };
                let in_cell = &mut sums.cells[cell(y, rows) * CELLS + cell(x, columns)];
                for mean in [&mut sums.columns[x], in_cell] {
                    *mean = [mean[0] + f64::from(here), mean[1] + 1.0];
                }
                let (here, cap) = (i64::from(here), i64::from(survey.cap));
                let (i, j) = (x as isize, y as isize);
                bend(&mut sums.bends_down[y], [at(i, j - 1), at(i, j + 1)], here, cap);
                bend(&mut sums.bends_across[x], [at(i - 1, j), at(i + 1, j)], here, cap);
                if (survey.object[0]..=survey.object[1]).contains(&(here as u32)) {
                    sums.spot(x, y, here, cap, &at);
                    sums.pair(x, y, here, &at);
                }
            }
        }
        sums
    }

    fn spot(&mut self, x: usize, y: usize, here: i64, cap: i64, at: &impl Fn(isize, isize) -> Option<i64>) {
        let near = |dx: isize, dy: isize| at(x as isize + dx, y as isize + dy);
        let all = [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)].map(|(dx, dy)| near(dx, dy));
        let [Some(nw), Some(n), Some(ne), Some(w), Some(e), Some(sw), Some(s), Some(se)] = all else { return };
        let laplace = 4 * here - (n + s + w + e);
        let (right, down) = ((ne + 2 * e + se) - (nw + 2 * w + sw), (sw + 2 * s + se) - (nw + 2 * n + ne));
        let noise = (nw + ne + sw + se) - 2 * (n + s + w + e) + 4 * here;
        self.spots += 1.0;
        self.laplace += laplace as f64;
        self.laplace_squares += (laplace * laplace) as f64;
        self.gradient_squares += (right * right + down * down) as f64;
        self.noise += noise.abs() as f64;
        for (mean, difference) in [(&mut self.across[x % BLOCK], e - here), (&mut self.down[y % BLOCK], s - here)] {
            *mean = [mean[0] + difference.abs().min(cap) as f64, mean[1] + 1.0];
        }
    }

    fn pair(&mut self, x: usize, y: usize, here: i64, at: &impl Fn(isize, isize) -> Option<i64>) {
        let mut squares = [0i64; LAGS.len()];
        for (square, lag) in squares.iter_mut().zip(LAGS) {
            let (x, y, lag) = (x as isize, y as isize, lag as isize);
            let (Some(right), Some(below)) = (at(x + lag, y), at(x, y + lag)) else { return };
            *square = (right - here) * (right - here) + (below - here) * (below - here);
        }
        self.pairs += 1.0;
        self.lags.iter_mut().zip(squares).for_each(|(sum, square)| *sum += square as f64);
    }
}

/// Adds the bend between two neighbours, if both are usable.
fn bend(mean: &mut Mean, neighbours: [Option<i64>; 2], here: i64, cap: i64) {
    if let [Some(before), Some(behind)] = neighbours {
        *mean = [mean[0] + (before - 2 * here + behind).clamp(-cap, cap) as f64, mean[1] + 1.0];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cap_is_a_sixteenth_of_the_middle_range() {
        // 200 values of 0 to 199: ranks 1 and 197 of 199 hold 1 and 197.
        let values: Vec<(f64, u64)> = (0..200).map(|v| (f64::from(v), 1)).collect();
        assert_eq!(cap(&values), 12);
        assert_eq!((cap(&[(7.0, 9)]), cap(&[])), (1, 1));
    }

    #[test]
    fn strides_are_odd_and_grow_with_the_image() {
        // 65,536 / 49,152 is 1; 512 x 512 makes 5.3; 384 x 512 makes 4, the odd number below is 3; 5 million make 101,
        // limited to 15; 100 rows have 3 in a cell.
        let strides = [stride(256, 256), stride(512, 512), stride(384, 512), stride(2500, 2000), stride(100, 9999)];
        assert_eq!(strides, [1, 5, 3, 15, 3]);
        assert_eq!(surveyed(7, 3).collect::<Vec<_>>(), [1, 4]);
    }

    #[test]
    fn sums_of_a_dent() {
        // 0 0 0 / 0 7 1 / 0 0 0, the dent at the middle is the only object (steps 5 to 9).
        let steps: Vec<Option<u32>> = [0, 0, 0, 0, 7, 1, 0, 0, 0].map(Some).to_vec();
        let survey = Survey { origin: 0.0, object: [5, 9], stride: 1, cap: 5 };
        let sums = Sums::of(&steps, 3, &survey);
        // Laplacian 28 - 1; Sobel right 2 x 1, down 0; Immerkaer 28 - 2 x 1.
        assert_eq!((sums.spots, sums.laplace, sums.laplace_squares), (1.0, 27.0, 729.0));
        assert_eq!((sums.gradient_squares, sums.noise), (4.0, 26.0));
        assert_eq!((sums.across[1], sums.down[1], sums.pairs), ([5.0, 1.0], [5.0, 1.0], 0.0));
        // Bends of the middle row: 0, -14 held at -5, -2; of the middle column: 0, -13 held at -5, 0.
        assert_eq!((sums.bends_down[1], sums.bends_across[1]), ([-7.0, 3.0], [-5.0, 3.0]));
        assert_eq!(sums.rows[1], Row { usable: 3, low: 0, high: 7, sum: 8 });
        assert_eq!(sums.columns[1], [7.0, 3.0]);
        // Cell of the middle: 1 x 32 / 3 = 10.
        assert_eq!(sums.cells[10 * CELLS + 10], [7.0, 1.0]);
    }
}
