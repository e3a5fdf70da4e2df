//! Metrics of neighbouring pixels: noise, sharpness, blocks, stripes. All from sums over the survey of the object.

use super::Subject;
use crate::pixel::quality::sums::{LAGS, Mean};

/// Spots or pairs below which nothing is said.
const FEWEST: f64 = 64.0;
/// Differences at distance 2 that exceed those at distance 1 by less than this share are noise.
const DROWNED: f64 = 0.01;

/// A sum over spots as a mean.
fn per_spot(s: &Subject, sum: f64) -> Option<f64> {
    let spots = s.quality.sums.spots;
    (spots >= FEWEST).then(|| sum / spots)
}

fn mean_of(mean: &Mean) -> f64 {
    mean[0] / mean[1].max(1.0)
}

/// Noise deviation in modality units.
pub fn noise(s: &Subject) -> Option<f64> {
    Some(noise_steps(s)? * s.quality.unit?)
}

fn noise_steps(s: &Subject) -> Option<f64> {
    Some((std::f64::consts::PI / 2.0).sqrt() / 6.0 * per_spot(s, s.quality.sums.noise)?)
}

/// Noise over the range of values.
pub fn noise_ratio(s: &Subject) -> Option<f64> {
    Some(noise(s)? / s.range()?)
}

/// Variance of the Laplacian, modality units squared.
pub fn laplacian(s: &Subject) -> Option<f64> {
    let sums = &s.quality.sums;
    let mean = per_spot(s, sums.laplace)?;
    Some((per_spot(s, sums.laplace_squares)? - mean * mean).max(0.0) * s.quality.unit?.powi(2))
}

/// Mean squared Sobel slope, modality units squared.
pub fn tenengrad(s: &Subject) -> Option<f64> {
    Some(per_spot(s, s.quality.sums.gradient_squares)? * s.quality.unit?.powi(2))
}

/// Mean squared differences at the three distances.
fn differences(s: &Subject) -> Option<[f64; LAGS.len()]> {
    let sums = &s.quality.sums;
    (sums.pairs >= FEWEST).then(|| sums.lags.map(|lag| lag / (2.0 * sums.pairs)))
}

/// How much slower differences grow at first than over the whole distance. White noise adds the same to each: it cancels.
pub fn blur(s: &Subject) -> Option<f64> {
    let [one, two, eight] = differences(s)?;
    let near = two - one;
    (near > DROWNED * one && eight > one).then(|| (eight - one) / near)
}

/// Share of the differences over eight pixels that noise of single pixels does not explain.
pub fn structure(s: &Subject) -> Option<f64> {
    let [one, _, eight] = differences(s)?;
    (eight > 0.0).then(|| (1.0 - one / eight).clamp(0.0, 1.0))
}

/// Mean absolute over mean square fine difference, 1 for white noise.
pub fn texture(s: &Subject) -> Option<f64> {
    let sums = &s.quality.sums;
    let (noise, squares) = (per_spot(s, sums.noise)?, per_spot(s, sums.laplace_squares)?);
    // White noise of deviation d: mean |response| is 6 d sqrt(2 / pi), mean squared Laplacian is 20 d^2.
    let white = 36.0 * 2.0 / std::f64::consts::PI / 20.0;
    (squares > 0.0).then(|| noise * noise / squares / white)
}

/// Steps at the borders of 8 x 8 blocks over steps elsewhere.
pub fn blockiness(s: &Subject) -> Option<f64> {
    let sums = &s.quality.sums;
    (sums.spots >= FEWEST).then(|| (excess(&sums.across) + excess(&sums.down)) / 2.0)
}

/// The highest mean over the middle one of eight, less 1; 10 where the middle one is 0.
fn excess(means: &[Mean; 8]) -> f64 {
    let mut sorted = means.each_ref().map(mean_of);
    sorted.sort_by(f64::total_cmp);
    let (middle, highest) = ((sorted[3] + sorted[4]) / 2.0, sorted[7]);
    if highest <= 0.0 {
        0.0
    } else if middle <= 0.0 {
        10.0
    } else {
        (highest / middle - 1.0).min(10.0)
    }
}

/// Bends of the profiles of rows and of columns, the larger, over the range of values.
pub fn stripes(s: &Subject) -> Option<f64> {
    let sums = &s.quality.sums;
    let rows: Vec<Mean> = sums.rows.iter().map(|row| [row.sum as f64, f64::from(row.usable)]).collect();
    let bend = bend(&rows).into_iter().chain(bend(&sums.columns)).reduce(f64::max)?;
    Some(bend / s.range_steps()?)
}

/// Root of the mean squared second difference of a profile, over that of white noise of deviation 1 (6).
fn bend(profile: &[Mean]) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for window in profile.windows(3) {
        if let [[a, an], [b, bn], [c, cn]] = window
            && *an > 0.0
            && *bn > 0.0
            && *cn > 0.0
        {
            sum += (a / an - 2.0 * b / bn + c / cn).powi(2);
            count += 1.0;
        }
    }
    (count > 0.0).then(|| (sum / count / 6.0f64).sqrt())
}
