//! Otsu's threshold between two classes of values.

/// The value that splits a population best: everything above it is one class (N. Otsu, IEEE Trans. SMC 9(1), 1979; the
/// lowest such value, as scikit-image's `threshold_otsu` over the histogram of an integer image). `None` if fewer than two
/// values occur. `values` ascend.
pub fn threshold(values: &[(f64, u64)]) -> Option<f64> {
    let (first, _) = values.first()?;
    // Around the first value: sums stay small and exact.
    let total: f64 = values.iter().map(|(_, n)| *n as f64).sum();
    let moment: f64 = values.iter().map(|(v, n)| (v - first) * *n as f64).sum();
    let (mut below, mut below_moment) = (0.0f64, 0.0f64);
    let mut best: Option<(f64, f64)> = None;
    for (value, count) in values.iter().take(values.len() - 1) {
        below += *count as f64;
        below_moment += (value - first) * *count as f64;
        let above = total - below;
        let apart = below_moment / below - (moment - below_moment) / above;
        let between = below * above * apart * apart;
        if best.is_none_or(|(most, _)| between > most) {
            best = Some((between, *value));
        }
    }
    best.map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::threshold;

    #[test]
    fn two_heaps_are_split_between_them() {
        // Heaps at 0, 1 and 9, 10: the between-class variance is largest with 1 as the last of the lower class:
        // 4 x 4 x (0.5 - 9.5)^2 = 1296; after 0: 2 x 6 x (0 - 6.67)^2 = 533.
        assert_eq!(threshold(&[(0.0, 2), (1.0, 2), (9.0, 2), (10.0, 2)]), Some(1.0));
        assert_eq!(threshold(&[(5.0, 9)]), None);
        assert_eq!(threshold(&[]), None);
    }
}
