//! Recall and precision on generated texts. An identifier is found if all its letters and digits are within findings; a
//! finding is right if it touches an identifier; a clean word is kept if no finding touches it.

use super::generator::{KINDS, Kind, Source, sample};
use std::collections::BTreeMap;
use voxmill::deid::text::Scrubber;

/// Counts of a measurement.
#[derive(Default)]
pub struct Measured {
    kinds: BTreeMap<Kind, (u64, u64)>,
    right: u64,
    wrong: u64,
    clean: u64,
    lost: u64,
    /// Texts with what was missed or wrongly found, for those who tune.
    pub remarks: Vec<String>,
}

/// Reads `texts` texts of a seed.
pub fn measure(source: &Source, seed: u64, texts: u64) -> Measured {
    let mut measured = Measured::default();
    for n in 0..texts {
        let sample = sample(source, seed, n);
        let spans = Scrubber::shared().find(&sample.text, &sample.known);
        let covered = |at: usize| spans.iter().any(|span| (span.start..span.end).contains(&at));
        for (range, kind) in &sample.truth {
            let count = measured.kinds.entry(*kind).or_default();
            let missed = sample.text[range.clone()]
                .char_indices()
                .any(|(at, c)| c.is_alphanumeric() && !covered(range.start + at));
            count.1 += 1;
            count.0 += u64::from(!missed);
            if missed {
                measured.remarks.push(format!(
                    "missed {kind:?} <{}> in: {}",
                    &sample.text[range.clone()],
                    around(&sample.text, range)
                ));
            }
        }
        for span in &spans {
            let right = sample.truth.iter().any(|(range, _)| range.start < span.end && span.start < range.end);
            measured.right += u64::from(right);
            measured.wrong += u64::from(!right);
            if !right {
                measured.remarks.push(format!(
                    "wrong {:?} <{}> in: {}",
                    span.mark,
                    &sample.text[span.start..span.end],
                    around(&sample.text, &(span.start..span.end))
                ));
            }
        }
        let mut at = 0;
        for word in sample.text.split_inclusive(char::is_whitespace) {
            let range = at..at + word.trim_end().len();
            at += word.len();
            let touches = |from: usize, to: usize| from < range.end && range.start < to;
            if !range.is_empty() && !sample.truth.iter().any(|(truth, _)| touches(truth.start, truth.end)) {
                measured.clean += 1;
                measured.lost += u64::from(spans.iter().any(|span| touches(span.start, span.end)));
            }
        }
    }
    measured
}

fn around(text: &str, range: &std::ops::Range<usize>) -> String {
    let from = (0..=range.start.saturating_sub(40)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let to = (range.end + 40..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    text[from..to].replace('\n', "⏎")
}

/// Wilson's interval of 95 %.
pub fn interval(found: u64, all: u64) -> (f64, f64) {
    let (n, z) = (all as f64, 1.959_964);
    let p = found as f64 / n;
    let middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    (middle - half, middle + half)
}

impl Measured {
    /// Found, and all, of a kind.
    pub fn of(&self, kind: Kind) -> (u64, u64) {
        self.kinds.get(&kind).copied().unwrap_or_default()
    }

    /// Share of findings that touch an identifier.
    pub fn precision(&self) -> f64 {
        self.right as f64 / (self.right + self.wrong) as f64
    }

    /// Share of clean words that no finding touches.
    pub fn kept(&self) -> f64 {
        1.0 - self.lost as f64 / self.clean as f64
    }

    /// The table of docs/DEIDENTIFICATION.md.
    pub fn table(&self) -> String {
        let row = |name: &str, found: u64, all: u64| {
            let (low, high) = interval(found, all);
            format!("| {name} | {all} | {:.4} | {low:.4} to {high:.4} |\n", found as f64 / all as f64)
        };
        let mut text = String::from("| class | number | found | 95 % interval |\n|---|---|---|---|\n");
        for (kind, name) in KINDS {
            let (found, all) = self.of(*kind);
            text += &row(name, found, all);
        }
        text += &row("findings that touch an identifier (precision)", self.right, self.right + self.wrong);
        text + &row("clean words left alone", self.clean - self.lost, self.clean)
    }
}
