//! Quality: what each metric is, one row in [`METRICS`]; how metrics become a score (`rules`); how alike two images look
//! (`phash`). Nothing here looks at a pixel: `pixel::quality` has counted what the metrics need.

pub mod layout;
pub mod levels;
mod metrics;
pub mod phash;
pub mod rules;
pub mod spec;
pub mod subject;
pub mod table;
pub mod texture;

pub use metrics::METRICS;
pub use rules::{Rules, Verdict};
pub use spec::ScoreSpec;
pub use subject::Subject;

/// Whether an image of this modality is a picture: labels and doses have values, and nothing about them is sharp or noisy.
pub fn is_picture(modality: Option<&str>) -> bool {
    !matches!(modality, Some("SEG" | "RTDOSE"))
}

/// Which way a metric is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// More of it.
    Higher,
    /// Less of it.
    Lower,
    /// It depends on the image: a description, not a judgement.
    Neither,
}

impl Better {
    /// The word in the manual.
    pub const fn word(self) -> &'static str {
        match self {
            Better::Higher => "higher",
            Better::Lower => "lower",
            Better::Neither => "",
        }
    }
}

/// One metric.
pub struct Metric {
    /// Its column: `quality_` and a word.
    pub name: &'static str,
    /// Unit; `1` for ratios and shares, `modality` for the unit of modality values.
    pub unit: &'static str,
    /// Values it can take.
    pub range: &'static str,
    /// Which way is better.
    pub better: Better,
    /// The column's sentence: definition, source, and when it is null.
    pub doc: &'static str,
    /// The metric of an image; `None` where it does not apply.
    pub of: fn(&Subject) -> Option<f64>,
}

/// Every metric of an image, in the order of [`METRICS`]. What is not finite as its column holds it is null.
pub fn measure(subject: &Subject) -> Vec<Option<f64>> {
    METRICS.iter().map(|metric| (metric.of)(subject).filter(|value| (*value as f32).is_finite())).collect()
}

/// The place of a metric in [`METRICS`].
pub fn position(name: &str) -> Option<usize> {
    METRICS.iter().position(|metric| metric.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_unique_and_told_in_sentences() {
        for (place, metric) in METRICS.iter().enumerate() {
            assert_eq!(position(metric.name), Some(place), "{} twice", metric.name);
            assert!(
                metric.name.starts_with("quality_")
                    && metric.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            );
            assert!(metric.doc.ends_with('.') && !metric.unit.is_empty() && !metric.range.is_empty());
        }
        assert!(METRICS.len() >= 36, "{} metrics", METRICS.len());
    }
}
