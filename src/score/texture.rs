//! Metrics of neighbouring pixels: noise, sharpness, blocks, stripes. All from sums over the survey of the object.

use super::Subject;
use crate::pixel::quality::sums::{BLOCK, LAGS, Mean};

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

/// Mean squared differences at the four distances.
fn differences(s: &Subject) -> Option<[f64; LAGS.len()]> {
    let sums = &s.quality.sums;
    (sums.pairs >= FEWEST).then(|| sums.lags.map(|lag| lag / (2.0 * sums.pairs)))
}

/// How much slower differences grow at first than over the whole distance. White noise adds the same to each: it cancels.
pub fn blur(s: &Subject) -> Option<f64> {
    let [one, two, _, eight] = differences(s)?;
    let near = two - one;
    (near > DROWNED * one && eight > one).then(|| (eight - one) / near)
}

/// Share of the differences over eight pixels that noise of single pixels does not explain.
pub fn structure(s: &Subject) -> Option<f64> {
    let [one, .., eight] = differences(s)?;
    (eight > 0.0).then(|| (1.0 - one / eight).clamp(0.0, 1.0))
}

/// How much larger differences over eight pixels are than over four: what fine detail is not there to add.
pub fn coarseness(s: &Subject) -> Option<f64> {
    let [_, _, four, eight] = differences(s)?;
    (four > 0.0).then(|| eight / four)
}

/// Mean absolute over mean square fine difference, 1 for white noise.
pub fn texture(s: &Subject) -> Option<f64> {
    let sums = &s.quality.sums;
    let (noise, squares) = (per_spot(s, sums.noise)?, per_spot(s, sums.laplace_squares)?);
    // White noise of deviation d: mean |response| is 6 d sqrt(2 / pi), mean squared Laplacian is 20 d^2.
    let white = 36.0 * 2.0 / std::f64::consts::PI / 20.0;
    (squares > 0.0).then(|| noise * noise / squares / white)
}

/// How much the mean step at one place of eight stands out, over the range; mean of both directions.
pub fn blockiness(s: &Subject) -> Option<f64> {
    let sums = &s.quality.sums;
    let borders = per_spot(s, s.quality.sums.spots).map(|_| (excess(&sums.across) + excess(&sums.down)) / 2.0);
    Some(borders? / s.range_steps()?)
}

/// The most by which one of eight means exceeds those of the places beside it, less the second most, in steps: blocks have
/// one border in eight, while anatomy, grids and grain make several places stand out.
fn excess(means: &[Mean; BLOCK]) -> f64 {
    let means = means.each_ref().map(mean_of);
    let above = |k: usize| means[k] - (means[(k + BLOCK - 1) % BLOCK] + means[(k + 1) % BLOCK]) / 2.0;
    let (most, second) = (0..BLOCK).map(above).fold((0.0f64, 0.0f64), |(most, second), value| {
        if value > most { (value, most) } else { (most, second.max(value)) }
    });
    most - second
}

/// Bends between rows and between columns, both together, over the range of values.
pub fn stripes(s: &Subject) -> Option<f64> {
    let sums = &s.quality.sums;
    let squares = mean_square(&sums.bends_down)? + mean_square(&sums.bends_across)?;
    // Second differences of white noise of deviation 1 have a mean square of 6.
    Some((squares / 6.0).sqrt() / s.range_steps()?)
}

/// Mean of the squared means of rows or columns; `None` without any.
fn mean_square(bends: &[Mean]) -> Option<f64> {
    let squares = bends.iter().filter(|bend| bend[1] > 0.0).map(|bend| mean_of(bend).powi(2));
    let (sum, count) = squares.fold((0.0, 0.0), |(sum, count), square| (sum + square, count + 1.0));
    (count > 0.0).then(|| sum / count)
}
