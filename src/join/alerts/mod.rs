//! alerts.parquet: results beyond the limits of `rules/alerts.toml`, or that change too fast.

mod rules;

pub use rules::{FILE, Rules};

use super::parquet::{Row, text_cell};
use super::sources::{MESSAGES, OBSERVATIONS, Sources};
use crate::error::Result;
use crate::model::{Cell, Class, Column, ColumnType, Domain, Table};
use rules::{Limit, Rule};
use std::collections::{BTreeMap, BTreeSet};

const fn column(name: &'static str, kind: ColumnType, class: Class, doc: &'static str) -> Column {
    Column { name, kind, class, doc }
}

/// One row for each result and each rule it breaks.
pub static ALERTS: Table = Table {
    name: "alerts",
    folder: "",
    doc: "One row for each result that lies beyond the limit of a rule, or changed by more than a rule allows.",
    columns: &[
        column("rule", ColumnType::Text, Class::Keep, "Name of the rule in rules/alerts.toml."),
        column("severity", ColumnType::Text, Class::Keep, "CRITICAL, HIGH or MEDIUM."),
        column("patient_id", ColumnType::Text, Class::Pseudonym(Domain::Patient), "Pseudonym of the patient."),
        column("code", ColumnType::Text, Class::Code, "Code of the result (OBX-3.1 or OBX-3.4) that the rule names."),
        column("value", ColumnType::F64, Class::Number, "The result in the unit of the rule."),
        column("comparator", ColumnType::Text, Class::Code, "<, >, <= or >= before the result, if any."),
        column("unit", ColumnType::Text, Class::Keep, "Unit of value and limit."),
        column("limit", ColumnType::F64, Class::Keep, "The limit that was passed, or the change that was reached."),
        column("previous_value", ColumnType::F64, Class::Number, "For a change: the earlier result, same unit."),
        column("observation_datetime", ColumnType::TimestampMs, Class::DateTime, "When it was observed, shifted."),
        column(
            "message_id",
            ColumnType::Text,
            Class::Pseudonym(Domain::Message),
            "Pseudonym of the message control id (MSH-10); null for EHR tables.",
        ),
        column(
            "message_ordinal",
            ColumnType::U64,
            Class::Keep,
            "message_ordinal of the result in hl7/observations; null for EHR tables.",
        ),
    ],
};

/// A result as rules see it.
#[derive(Clone, Debug, Default)]
pub struct Observation {
    /// Pseudonym.
    pub patient: Option<String>,
    /// Code and alternate code.
    pub codes: [Option<String>; 2],
    /// The number.
    pub value: f64,
    /// `<`, `>`, `<=`, `>=`, `=`, `<>` or empty.
    pub comparator: String,
    /// Unit in UCUM, and as given.
    pub units: [Option<String>; 2],
    /// Milliseconds since 1970, shifted.
    pub time: Option<i64>,
    /// Number of the message.
    pub message: Option<u64>,
    /// Pseudonym of its control id, if it is at hand.
    pub message_id: Option<String>,
}

impl Observation {
    fn of_row(row: &Row) -> Option<Self> {
        let owned = |column| row.text(column).map(str::to_owned);
        Some(Self {
            patient: owned(0),
            codes: [owned(1), owned(2)],
            value: row.number(3)?,
            comparator: owned(4).unwrap_or_default(),
            units: [owned(6), owned(5)],
            time: row.time(7),
            message: row.whole(8),
            message_id: None,
        })
    }

    /// The result in a clean row of `hl7/observations` or `ehr/observations`; `None` for other tables and for results
    /// that are no numbers.
    pub fn of_cells(table: &Table, cells: &[Cell]) -> Option<Self> {
        let cell = |column| OBSERVATIONS.place(table, column).and_then(|place| cells.get(place));
        let text = |column| if let Some(Cell::Text(text)) = cell(column) { Some(text.clone()) } else { None };
        let Some(Cell::F64(value)) = cell(3) else { return None };
        let time = if let Some(Cell::Timestamp(ms)) = cell(7) { Some(*ms) } else { None };
        let message = if let Some(Cell::U64(number)) = cell(8) { Some(*number) } else { None };
        Some(Self {
            patient: text(0),
            codes: [text(1), text(2)],
            value: *value,
            comparator: text(4).unwrap_or_default(),
            units: [text(6), text(5)],
            time,
            message,
            message_id: None,
        })
    }
}

/// A result that broke a rule, as a row of [`ALERTS`].
type Broken = Vec<Cell>;

/// Looks at results one after another, in any order. Changes are told at the end, when all results are known.
pub struct Watch<'a> {
    rules: &'a Rules,
    /// By place of the rule and patient: what rules about changes have to remember, values in the rule's unit.
    changes: BTreeMap<(usize, String), Vec<Hit>>,
}

/// A result of a code that a rule names, in the rule's unit.
struct Hit {
    patient: Option<String>,
    code: String,
    value: f64,
    comparator: String,
    time: Option<i64>,
    message: Option<u64>,
    message_id: Option<String>,
}

impl<'a> Watch<'a> {
    /// Nothing seen yet.
    pub fn new(rules: &'a Rules) -> Self {
        Self { rules, changes: BTreeMap::new() }
    }

    /// Hands the rows of the limits that a result breaks to `tell`.
    pub fn see(&mut self, seen: &Observation, tell: &mut dyn FnMut(Broken)) {
        for (place, rule) in self.rules.rule.iter().enumerate() {
            let Some(hit) = hit(rule, seen) else { continue };
            match rule.limit() {
                Some(Limit::Above(_) | Limit::Below(_)) if rule.broken_by(hit.value, &hit.comparator) => {
                    tell(cells(rule, &hit, None));
                }
                Some(Limit::Rise(..) | Limit::Fall(..)) if matches!(hit.comparator.as_str(), "" | "=") => {
                    if let (Some(patient), Some(_)) = (&hit.patient, hit.time) {
                        self.changes.entry((place, patient.clone())).or_default().push(hit);
                    }
                }
                _ => {}
            }
        }
    }

    /// Tells the changes: each result against the lowest (highest) of those before it within the rule's time. By patient
    /// and time within a rule.
    pub fn finish(self, tell: &mut dyn FnMut(Broken)) {
        for ((place, _), mut seen) in self.changes {
            seen.sort_by(|a, b| a.time.cmp(&b.time).then(a.value.total_cmp(&b.value)).then(a.message.cmp(&b.message)));
            let Some(rule) = self.rules.rule.get(place) else { continue };
            let (by, window, sign) = match rule.limit() {
                Some(Limit::Rise(by, window)) => (by, window, 1.0),
                Some(Limit::Fall(by, window)) => (by, window, -1.0),
                _ => continue,
            };
            let mut first = 0;
            for (at, now) in seen.iter().enumerate() {
                while seen.get(first).is_some_and(|early| now.time > early.time.map(|time| time + window)) {
                    first += 1;
                }
                let before = seen.get(first..at).unwrap_or_default().iter().filter(|early| early.time < now.time);
                let furthest = before.map(|early| early.value).reduce(|a, b| if (a - b) * sign <= 0.0 { a } else { b });
                // Numbers such as 1.5 - 1.2 are not exact in binary: a millionth is no change.
                if let Some(previous) = furthest.filter(|previous| (now.value - previous) * sign >= by - 1e-6) {
                    tell(cells(rule, now, Some(previous)));
                }
            }
        }
    }
}

/// A result in the unit of a rule, if the rule names its code and knows its unit.
fn hit(rule: &Rule, seen: &Observation) -> Option<Hit> {
    let code = seen.codes.iter().flatten().find(|code| rule.names(code))?;
    // A result without any unit is in none: only a rule whose factors name the empty unit takes it.
    let none = if seen.units.iter().all(Option::is_none) { Some("") } else { None };
    let units = seen.units.iter().filter_map(|unit| unit.as_deref()).chain(none);
    Some(Hit {
        patient: seen.patient.clone(),
        code: code.clone(),
        value: { units }.find_map(|unit| rule.converted(seen.value, unit))?,
        comparator: seen.comparator.clone(),
        time: seen.time,
        message: seen.message,
        message_id: seen.message_id.clone(),
    })
}

fn cells(rule: &Rule, hit: &Hit, previous: Option<f64>) -> Broken {
    vec![
        Cell::Text(rule.name.clone()),
        Cell::Text(rule.severity.clone()),
        text_cell(hit.patient.as_deref()),
        Cell::Text(hit.code.clone()),
        Cell::F64(hit.value),
        text_cell(Some(hit.comparator.as_str()).filter(|comparator| !comparator.is_empty())),
        Cell::Text(rule.unit.clone()),
        rule.limit().map_or(Cell::Null, |limit| Cell::F64(limit.number())),
        previous.map_or(Cell::Null, Cell::F64),
        hit.time.map_or(Cell::Null, Cell::Timestamp),
        text_cell(hit.message_id.as_deref()),
        hit.message.map_or(Cell::Null, Cell::U64),
    ]
}

/// The alerts of all results of a data set: limits in the order of the results, then changes by rule and patient.
pub fn alerts(rules: &Rules, sources: &Sources) -> Result<Vec<Vec<Cell>>> {
    let mut found = Vec::new();
    let mut watch = Watch::new(rules);
    sources.each(&OBSERVATIONS, &mut |_, row| {
        // Most results are of no rule: look before anything is copied.
        let named = |code: &str| rules.rule.iter().any(|rule| rule.names(code));
        if [row.text(1), row.text(2)].into_iter().flatten().any(named)
            && let Some(seen) = Observation::of_row(row)
        {
            watch.see(&seen, &mut |row| found.push(row));
        }
    })?;
    watch.finish(&mut |row| found.push(row));
    name_messages(sources, &mut found)?;
    Ok(found)
}

/// Fills in the control ids of the messages.
fn name_messages(sources: &Sources, found: &mut [Broken]) -> Result<()> {
    let (id, ordinal) = (ALERTS.position("message_id"), ALERTS.position("message_ordinal"));
    let (Some(id), Some(ordinal)) = (id, ordinal) else { return Ok(()) };
    let number = |row: &Broken| if let Some(Cell::U64(number)) = row.get(ordinal) { Some(*number) } else { None };
    let wanted: BTreeSet<u64> = found.iter().filter_map(number).collect();
    let mut names: BTreeMap<u64, String> = BTreeMap::new();
    sources.each(&MESSAGES, &mut |_, row| {
        if let (Some(number), Some(name)) = (row.whole(0).filter(|number| wanted.contains(number)), row.text(1)) {
            names.insert(number, name.to_owned());
        }
    })?;
    for row in found {
        if let Some(name) = number(row).and_then(|number| names.get(&number))
            && let Some(cell) = row.get_mut(id)
        {
            *cell = Cell::Text(name.clone());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(value: f64, hours: i64) -> Observation {
        Observation {
            patient: Some("Pa".into()),
            codes: [Some("2160-0".into()), None],
            value,
            units: [None, Some("mg/dL".into())],
            time: Some(hours * 3_600_000),
            ..Observation::default()
        }
    }

    #[test]
    fn a_rise_is_told_whatever_the_order_of_the_results() {
        let rules = Rules::shipped().unwrap();
        let mut watch = Watch::new(&rules);
        let mut rows = Vec::new();
        // 1.2 at 10 h is 0.3 above 0.9 at 0 h; 1.3 at 60 h is 0.1 above what came within 48 h before it.
        for (value, hours) in [(1.3, 60), (0.9, 0), (1.2, 20)] {
            watch.see(&result(value, hours), &mut |row| rows.push(row));
        }
        assert!(rows.is_empty(), "none of them is above 3.0");
        watch.finish(&mut |row| rows.push(row));
        let told: Vec<_> = rows.iter().map(|row| (row[0].clone(), row[4].clone(), row[8].clone())).collect();
        assert_eq!(told, [(Cell::Text("creatinine-rise".into()), Cell::F64(1.2), Cell::F64(0.9))]);
    }

    #[test]
    fn a_result_in_no_unit_counts_only_where_the_rule_says_so() {
        let rules = Rules::shipped().unwrap();
        let mut told = 0;
        let mut watch = Watch::new(&rules);
        let bare =
            |code: &str, value| Observation { codes: [Some(code.into()), None], value, ..Observation::default() };
        watch.see(&bare("2345-7", 900.0), &mut |_| told += 1);
        assert_eq!(told, 0, "900 of what?");
        watch.see(&bare("6301-6", 9.0), &mut |_| told += 1);
        assert_eq!(told, 1, "INR has no unit");
    }
}
