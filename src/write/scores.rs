//! What receipts remember of scores, so that a report needs no table: counts by modality, and the lowest.

use crate::model::Cell;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Lowest scores that are remembered.
pub const WORST: usize = 50;
/// Counts of a modality: ten stretches of ten points, and images without a score.
const STRETCHES: usize = 11;

/// Scores of measured images.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scores {
    /// By modality: images by stretch of ten points, the last number those without a score.
    pub by_modality: BTreeMap<String, Vec<u64>>,
    /// The lowest, ascending.
    pub worst: Vec<Worst>,
}

/// One image with a low score.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Worst {
    /// The score in thousandths of a point: integers come back from text as they were.
    pub milli: u64,
    /// Its name.
    pub tensor_id: String,
    /// Its modality, or `unknown`.
    pub modality: String,
    /// Why.
    pub reasons: Vec<String>,
}

impl Scores {
    /// Takes note of a row of the table of scores.
    pub(super) fn see(&mut self, get: impl Fn(&str) -> Option<Cell>) {
        let text = |name| match get(name) {
            Some(Cell::Text(text)) => text,
            _ => "unknown".to_owned(),
        };
        let counts = self.by_modality.entry(text("modality")).or_insert_with(|| vec![0; STRETCHES]);
        let score = if let Some(Cell::F64(score)) = get("quality_score") { Some(score) } else { None };
        // `as` limits; 100 counts among 90 to 100.
        let stretch = score.map_or(STRETCHES - 1, |score| ((score / 10.0) as usize).min(STRETCHES - 2));
        if let Some(count) = counts.get_mut(stretch) {
            *count += 1;
        }
        if let Some(score) = score {
            let milli = (score * 1000.0).round() as u64;
            if self.worst.len() == WORST && self.worst.last().is_some_and(|last| last.milli < milli) {
                return;
            }
            let reasons = if let Some(Cell::ListText(words)) = get("quality_reasons") { words } else { Vec::new() };
            self.worst.push(Worst { milli, tensor_id: text("tensor_id"), modality: text("modality"), reasons });
            self.trim();
        }
    }

    /// Adds those of another part.
    pub(super) fn add(&mut self, other: Scores) {
        for (modality, counts) in other.by_modality {
            let ours = self.by_modality.entry(modality).or_insert_with(|| vec![0; STRETCHES]);
            ours.iter_mut().zip(counts).for_each(|(ours, count)| *ours += count);
        }
        self.worst.extend(other.worst);
        self.trim();
    }

    fn trim(&mut self) {
        self.worst.sort();
        self.worst.truncate(WORST);
    }
}
