//! Metrics of the values alone, wherever they lie: classes, entropy, clipping, the display.

use super::Subject;
use crate::pixel::quality::{Shown, Value};

/// 1 / sqrt(2 / (4 - pi)): from the deviation of Rayleigh noise in air to that of the signal (O. Dietrich et al., JMRI 26,
/// 2007; as in MRIQC).
const DIETRICH: f64 = 0.655_136_377_562_033_5;
/// From a median absolute deviation to a deviation, of normal noise.
const MAD: f64 = 1.482_602_218_505_602;

/// Mean.
pub fn mean(s: &Subject) -> Option<f64> {
    s.moments(|_| true).map(|(mean, _)| mean)
}

/// Deviation of the population.
pub fn deviation(s: &Subject) -> Option<f64> {
    s.moments(|_| true).map(|(_, variance)| variance.sqrt())
}

/// Entropy in bits over all distinct values.
pub fn entropy(s: &Subject) -> Option<f64> {
    let total = s.count() as f64;
    let share = |value: &Value| value.count as f64 / total;
    Some(-s.values().iter().map(|value| share(value) * share(value).log2()).sum::<f64>() + 0.0)
}

/// log2 of the steps from the lowest to the highest value.
pub fn dynamic_range(s: &Subject) -> Option<f64> {
    Some(((s.max()? - s.min()?) / s.quality.unit? + 1.0).log2())
}

/// Share of the lowest value.
pub fn clipped_low(s: &Subject) -> Option<f64> {
    Some(s.values().first()?.count as f64 / s.count() as f64)
}

/// Share of the highest value.
pub fn clipped_high(s: &Subject) -> Option<f64> {
    Some(s.values().last()?.count as f64 / s.count() as f64)
}

/// Share of the most frequent value.
pub fn mode(s: &Subject) -> Option<f64> {
    Some(s.values().iter().map(|value| value.count).max()? as f64 / s.count() as f64)
}

/// Share of the object.
pub fn foreground(s: &Subject) -> Option<f64> {
    Some(s.object_count() as f64 / s.count() as f64)
}

/// Median of the object over the deviation of air.
pub fn snr(s: &Subject) -> Option<f64> {
    s.is_of(&["MR"])?;
    let air: Vec<Value> = s.values().iter().filter(|value| !value.object).copied().collect();
    let deviation = MAD * median_deviation(&air)?;
    let signal = s.object_percentile(50.0)? + s.lift();
    (deviation > 0.0).then(|| DIETRICH * signal / deviation)
}

/// The median distance of values from their median.
fn median_deviation(values: &[Value]) -> Option<f64> {
    let middle = median(values)?;
    let mut apart: Vec<Value> =
        values.iter().map(|value| Value { value: (value.value - middle).abs(), ..*value }).collect();
    apart.sort_by(|a, b| a.value.total_cmp(&b.value));
    median(&apart)
}

/// The median of values in ascending order, by numpy's definition.
fn median(values: &[Value]) -> Option<f64> {
    let last = values.iter().map(|value| value.count).sum::<u64>().checked_sub(1)?;
    let at = |place: u64| {
        let mut seen = 0;
        let reached = |value: &&Value| {
            seen += value.count;
            seen > place
        };
        values.iter().find(reached).map(|value| value.value)
    };
    Some((at(last / 2)? + at(last.div_ceil(2))?) / 2.0)
}

/// Distance of the two classes' means over their deviations together.
pub fn cnr(s: &Subject) -> Option<f64> {
    let (object, of_object) = s.moments(|value| value.object)?;
    let (air, of_air) = s.moments(|value| !value.object)?;
    let spread = (of_object + of_air).sqrt();
    (spread > 0.0).then(|| (object - air).abs() / spread)
}

/// Deviation over mean of the object.
pub fn variation(s: &Subject) -> Option<f64> {
    let (mean, variance) = s.moments(|value| value.object)?;
    let mean = mean + s.lift();
    (mean > 0.0).then(|| variance.sqrt() / mean)
}

/// Entropy focus criterion.
pub fn focus(s: &Subject) -> Option<f64> {
    s.is_of(&["MR"])?;
    let (lift, count) = (s.lift(), s.count() as f64);
    let energy = s.values().iter().map(|v| (v.value + lift).powi(2) * v.count as f64).sum::<f64>().sqrt();
    if energy <= 0.0 || count < 2.0 {
        return None;
    }
    let most = count / count.sqrt() * (1.0 / count.sqrt()).ln();
    // 1e-16 keeps the logarithm of 0 finite, as in MRIQC.
    let term = |value: f64| value / energy * ((value + 1e-16) / energy).ln();
    Some(s.values().iter().map(|v| term(v.value + lift) * v.count as f64).sum::<f64>() / most)
}

/// Median energy of the object over that of air.
pub fn energy_ratio(s: &Subject) -> Option<f64> {
    s.is_of(&["MR"])?;
    let air: Vec<Value> = s.values().iter().filter(|value| !value.object).copied().collect();
    let squares = |values: Vec<Value>| {
        // Lifted values are not negative: squares keep their order.
        let lift = s.lift();
        values.into_iter().map(|value| Value { value: (value.value + lift).powi(2), ..value }).collect::<Vec<_>>()
    };
    let object = s.values().iter().filter(|value| value.object).copied().collect();
    let (object, air) = (median(&squares(object))?, median(&squares(air))?);
    (air >= 1e-3).then(|| object / air)
}

/// What the file's own view loses of what could be seen: of the entropy, or of the pixels, whichever is more; the mean of what
/// all pixels lose and what the object's do. A window for the brain leaves air and bone out of a head and shows the brain.
pub fn window_loss(s: &Subject) -> Option<f64> {
    let [view, range] = s.quality.display?;
    let lost =
        |view: Shown, range: Shown| (1.0 - view.entropy / range.entropy).max(view.ends - range.ends).clamp(0.0, 1.0);
    let all = lost(view.all, range.all);
    let of_object = if range.object.entropy >= 0.5 { lost(view.object, range.object) } else { all };
    (range.all.entropy >= 0.5).then_some((all + of_object) / 2.0)
}

/// Share of masked pixels.
pub fn covered(s: &Subject) -> Option<f64> {
    let pixels = u64::from(s.quality.rows) * u64::from(s.quality.columns);
    Some(s.quality.masked as f64 / pixels as f64)
}

/// The shorter side in pixels.
pub fn side(s: &Subject) -> Option<f64> {
    Some(f64::from(s.quality.rows.min(s.quality.columns)))
}
