//! Rules about changes: results of one rule and patient in the order of time, each against the ones before it.

use super::ALERTS;
use super::coverage::Coverage;
use super::rules::{Limit, Rules};
use crate::error::Result;
use crate::model::Cell;

/// By rule, patient, time, value and message: each part as bytes that sort as it does.
pub(super) fn key(rule: usize, patient: &str, time: i64, value: f64, message: Option<u64>) -> Vec<u8> {
    let mut key = (rule as u32).to_be_bytes().to_vec();
    key.extend(patient.as_bytes());
    key.push(0);
    // Negative numbers before positive ones: the sign turned for integers, all bits of a negative float.
    key.extend((time as u64 ^ 1 << 63).to_be_bytes());
    let bits = value.to_bits();
    key.extend((if value.is_sign_negative() { !bits } else { bits ^ 1 << 63 }).to_be_bytes());
    key.extend(message.unwrap_or_default().to_be_bytes());
    key
}

/// Looks at held results in the order of their keys. What it holds is those of one patient under one rule.
pub struct Changes<'a> {
    rules: &'a Rules,
    group: Vec<Held>,
}

struct Held {
    time: i64,
    value: f64,
    row: Vec<Cell>,
}

/// Places of the columns that are looked at.
const RULE: usize = 0;
const PATIENT: usize = 2;
const VALUE: usize = 4;
const PREVIOUS: usize = 8;
const TIME: usize = 9;

impl<'a> Changes<'a> {
    /// Nothing seen yet.
    pub fn new(rules: &'a Rules) -> Self {
        debug_assert_eq!(ALERTS.position("previous_value"), Some(PREVIOUS));
        Self { rules, group: Vec::new() }
    }

    /// Takes the next held result, and tells the changes of the patient before, if there was another.
    ///
    /// # Errors
    /// What `tell` says.
    pub fn see(
        &mut self,
        row: Vec<Cell>,
        coverage: &mut Coverage,
        tell: &mut dyn FnMut(Vec<Cell>) -> Result<()>,
    ) -> Result<()> {
        let (Some(Cell::F64(value)), Some(Cell::Timestamp(time))) = (row.get(VALUE), row.get(TIME)) else {
            return Ok(());
        };
        let (value, time) = (*value, *time);
        let whose = |row: &Vec<Cell>| (row.get(RULE).cloned(), row.get(PATIENT).cloned());
        if self.group.first().is_some_and(|first| whose(&first.row) != whose(&row)) {
            self.finish(coverage, tell)?;
        }
        self.group.push(Held { time, value, row });
        Ok(())
    }

    /// Tells the changes of the last patient: each result against the lowest (highest) of those before it within the
    /// rule's time.
    ///
    /// # Errors
    /// What `tell` says.
    pub fn finish(&mut self, coverage: &mut Coverage, tell: &mut dyn FnMut(Vec<Cell>) -> Result<()>) -> Result<()> {
        let group = std::mem::take(&mut self.group);
        let Some(Cell::Text(name)) = group.first().and_then(|held| held.row.get(RULE)) else { return Ok(()) };
        let Some(place) = self.rules.rule.iter().position(|rule| rule.name == *name) else { return Ok(()) };
        let (by, window, sign) = match self.rules.rule.get(place).and_then(|rule| rule.limit()) {
            Some(Limit::Rise(by, window)) => (by, window, 1.0),
            Some(Limit::Fall(by, window)) => (by, window, -1.0),
            _ => return Ok(()),
        };
        let mut first = 0;
        for (at, now) in group.iter().enumerate() {
            while group.get(first).is_some_and(|early| now.time > early.time.saturating_add(window)) {
                first += 1;
            }
            let before = group.get(first..at).unwrap_or_default().iter().filter(|early| early.time < now.time);
            let furthest = before.map(|early| early.value).reduce(|a, b| if (a - b) * sign <= 0.0 { a } else { b });
            // Numbers such as 1.5 - 1.2 are not exact in binary: a millionth is no change.
            if let Some(previous) = furthest.filter(|previous| (now.value - previous) * sign >= by - 1e-6) {
                let mut row = now.row.clone();
                if let Some(cell) = row.get_mut(PREVIOUS) {
                    *cell = Cell::F64(previous);
                }
                if let Some(count) = coverage.count(place) {
                    count.alerts += 1;
                }
                tell(row)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_their_parts_do() {
        let keys = [
            key(0, "A", -5, 1.0, None),
            key(0, "A", 5, -2.0, None),
            key(0, "A", 5, -1.0, None),
            key(0, "A", 5, 0.5, Some(1)),
            key(0, "A", 5, 0.5, Some(256)),
            key(0, "A", 300, 0.0, None),
            key(0, "AB", i64::MIN, 0.0, None),
            key(1, "A", 0, 0.0, None),
            key(256, "A", 0, 0.0, None),
        ];
        assert!(keys.is_sorted());
    }
}
