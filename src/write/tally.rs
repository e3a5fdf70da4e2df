//! Counts of the values of manifest columns, for the card and the report.

use super::place::json_of;
use crate::model::{Cell, MaskBox};
use std::collections::BTreeMap;

/// Adds counts by name.
pub(super) fn add_counts(to: &mut BTreeMap<String, u64>, from: BTreeMap<String, u64>) {
    for (name, count) in from {
        *to.entry(name).or_default() += count;
    }
}

/// Counts of the values of one column.
pub type Tally = BTreeMap<String, u64>;

/// Manifest columns whose values are counted for the card and the report.
pub(super) const TALLIED: [&str; 12] = [
    "modality",
    "body_part",
    "transfer_syntax",
    "photometric",
    "bits_stored",
    "lossy",
    "dtype",
    "shape",
    "voi",
    "burned_in",
    "masked",
    "engine",
];

/// Distinct values that are counted by name; what comes after is `other`.
const TALLY_VALUES: usize = 64;

/// Counts one cell.
pub(super) fn tally(tallies: &mut BTreeMap<String, Tally>, column: &'static str, cell: &Cell) {
    let word = match cell {
        Cell::Null => "unknown".to_owned(),
        Cell::Text(text) => text.clone(),
        Cell::Masks(boxes) => layers(boxes),
        Cell::ListU32(list) => list.iter().map(u32::to_string).collect::<Vec<_>>().join("x"),
        cell => json_of(cell, false).map(|v| v.to_string()).unwrap_or_default(),
    };
    let values = tallies.entry(column.to_owned()).or_default();
    let full = values.len() >= TALLY_VALUES && !values.contains_key(&word);
    *values.entry(if full { "other".to_owned() } else { word }).or_default() += 1;
}

/// The layers that blanked something, in alphabetical order, or `nothing`.
fn layers(boxes: &[MaskBox]) -> String {
    let words: std::collections::BTreeSet<&str> = boxes.iter().map(|b| b.reason).collect();
    let words: Vec<&str> = words.into_iter().collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(" ") }
}
