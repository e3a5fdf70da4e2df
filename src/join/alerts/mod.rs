//! alerts.parquet: results beyond the limits of `rules/alerts.toml`, or that change too fast.

mod changes;
mod coverage;
mod rules;

pub use changes::Changes;
pub use coverage::{ALERT_RULES, Coverage};
pub use rules::{FILE, Rules};

use super::control_ids::ControlIds;
use super::parquet::{Row, text_cell};
use super::sources::{OBSERVATIONS, Sources};
use crate::error::Result;
use crate::model::{Cell, Class, Column, ColumnType, Domain, Table};
use rules::{Limit, Rule};

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
    /// The number is the first of a ratio or a range (`1:128`, `10-20`, `2+`): it is not what was measured.
    pub divided: bool,
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
            divided: row.text(10).is_some(),
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
            divided: text(10).is_some(),
            units: [text(6), text(5)],
            time,
            message,
            message_id: None,
        })
    }
}

/// What a result comes to under one rule.
pub enum Told {
    /// It lies beyond a limit: a row of [`ALERTS`].
    Alert(Vec<Cell>),
    /// A rule about changes has to see it beside the others of its patient: in the order of the keys, to [`Changes`].
    Held {
        /// Sorts by rule, patient and time.
        key: Vec<u8>,
        /// A row of [`ALERTS`] so far.
        row: Vec<Cell>,
    },
}

/// Tells what one result comes to, and counts it.
pub fn see(rules: &Rules, coverage: &mut Coverage, seen: &Observation, tell: &mut dyn FnMut(Told)) {
    let [first, second] = seen.codes.each_ref().map(|code| code.as_deref().unwrap_or_default());
    let by_first = rules.of_code(first);
    // A rule that names both codes looks once.
    let by_second = rules.of_code(second).iter().filter(|place| !by_first.contains(place));
    let places = by_first.iter().map(|place| (*place, first)).chain(by_second.map(|place| (*place, second)));
    for (place, code) in places {
        let Some(rule) = rules.rule.get(place) else { continue };
        let Some(count) = coverage.count(place) else { continue };
        count.results += 1;
        if seen.divided {
            count.undecided += 1;
            continue;
        }
        let Some(value) = in_unit_of(rule, seen) else {
            count.unconverted += 1;
            continue;
        };
        match rule.limit() {
            Some(Limit::Above(_) | Limit::Below(_)) => match rule.broken_by(value, &seen.comparator) {
                Some(true) => {
                    count.alerts += 1;
                    tell(Told::Alert(cells(rule, seen, code, value)));
                }
                Some(false) => {}
                None => count.undecided += 1,
            },
            Some(Limit::Rise(..) | Limit::Fall(..)) => match (&seen.patient, seen.time) {
                (Some(patient), Some(time)) if matches!(seen.comparator.as_str(), "" | "=") => {
                    let key = changes::key(place, patient, time, value, seen.message);
                    tell(Told::Held { key, row: cells(rule, seen, code, value) });
                }
                _ => count.undecided += 1,
            },
            None => {}
        }
    }
}

/// A result in the unit of a rule, if the rule can convert its unit.
fn in_unit_of(rule: &Rule, seen: &Observation) -> Option<f64> {
    // A result without any unit is in none: only a rule whose factors name the empty unit takes it.
    let none = if seen.units.iter().all(Option::is_none) { Some("") } else { None };
    let mut units = seen.units.iter().filter_map(|unit| unit.as_deref()).chain(none);
    units.find_map(|unit| rule.converted(seen.value, unit))
}

fn cells(rule: &Rule, seen: &Observation, code: &str, value: f64) -> Vec<Cell> {
    vec![
        Cell::Text(rule.name.clone()),
        Cell::Text(rule.severity.clone()),
        text_cell(seen.patient.as_deref()),
        Cell::Text(code.to_owned()),
        Cell::F64(value),
        text_cell(Some(seen.comparator.as_str()).filter(|comparator| !comparator.is_empty())),
        Cell::Text(rule.unit.clone()),
        rule.limit().map_or(Cell::Null, |limit| Cell::F64(limit.number())),
        Cell::Null,
        seen.time.map_or(Cell::Null, Cell::Timestamp),
        text_cell(seen.message_id.as_deref()),
        seen.message.map_or(Cell::Null, Cell::U64),
    ]
}

/// What all results of a data set come to, in their order, with the control ids of their messages.
///
/// # Errors
/// What `tell` says, and tables that cannot be read.
pub fn alerts(
    rules: &Rules,
    sources: &Sources,
    coverage: &mut Coverage,
    tell: &mut dyn FnMut(Told) -> Result<()>,
) -> Result<()> {
    let mut ids = ControlIds::new(sources);
    let mut failed = Ok(());
    sources.each(&OBSERVATIONS, &mut |_, row| {
        // Most results are of no rule: look before anything is copied.
        let named = |code: &str| !rules.of_code(code).is_empty();
        if failed.is_err() || ![row.text(1), row.text(2)].into_iter().flatten().any(named) {
            return;
        }
        let Some(mut seen) = Observation::of_row(row) else { return };
        let mut told = Vec::new();
        see(rules, coverage, &seen, &mut |one| told.push(one));
        if told.is_empty() {
            return;
        }
        failed = seen.message.map_or(Ok(None), |message| ids.of(message)).and_then(|id| {
            seen.message_id = id;
            told.into_iter().try_for_each(|one| tell(one.with_message_id(seen.message_id.as_deref())))
        });
    })?;
    failed
}

impl Told {
    fn with_message_id(mut self, id: Option<&str>) -> Self {
        let (Told::Alert(row) | Told::Held { row, .. }) = &mut self;
        if let Some(cell) = ALERTS.position("message_id").and_then(|place| row.get_mut(place)) {
            *cell = text_cell(id);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(code: &str, value: f64, unit: Option<&str>, hours: i64) -> Observation {
        Observation {
            patient: Some("Pa".into()),
            codes: [Some(code.into()), None],
            value,
            units: [None, unit.map(str::to_owned)],
            time: Some(hours * 3_600_000),
            ..Observation::default()
        }
    }

    /// Names of the rules that a result breaks alone, and the counts of all rules.
    fn told(seen: &Observation) -> (Vec<Cell>, Coverage) {
        let rules = Rules::shipped().unwrap();
        let mut coverage = Coverage::new(&rules);
        let mut names = Vec::new();
        see(&rules, &mut coverage, seen, &mut |one| {
            if let Told::Alert(row) = one {
                names.push(row[0].clone());
            }
        });
        (names, coverage)
    }

    #[test]
    fn a_rise_is_told_whatever_the_order_of_the_results() {
        let rules = Rules::shipped().unwrap();
        let mut coverage = Coverage::new(&rules);
        let mut held = Vec::new();
        // 1.2 at 20 h is 0.3 above 0.9 at 0 h; 1.3 at 60 h is 0.1 above what came within 48 h before it.
        for (value, hours) in [(1.3, 60), (0.9, 0), (1.2, 20)] {
            see(&rules, &mut coverage, &result("2160-0", value, Some("mg/dL"), hours), &mut |one| match one {
                Told::Alert(_) => panic!("none of them is above 3.0"),
                Told::Held { key, row } => held.push((key, row)),
            });
        }
        held.sort_by(|a, b| a.0.cmp(&b.0));
        let mut changes = Changes::new(&rules);
        let mut rows = Vec::new();
        let mut keep = |row: Vec<Cell>| {
            rows.push(row);
            Ok(())
        };
        held.into_iter().try_for_each(|(_, row)| changes.see(row, &mut coverage, &mut keep)).unwrap();
        changes.finish(&mut coverage, &mut keep).unwrap();
        let told: Vec<_> = rows.iter().map(|row| (row[0].clone(), row[4].clone(), row[8].clone())).collect();
        assert_eq!(told, [(Cell::Text("creatinine-rise".into()), Cell::F64(1.2), Cell::F64(0.9))]);
        let row = coverage.rows(&rules).into_iter().find(|row| row[0] == Cell::Text("creatinine-rise".into())).unwrap();
        assert_eq!(row[5..], [Cell::U64(3), Cell::U64(1), Cell::U64(0), Cell::U64(0)]);
    }

    #[test]
    fn every_change_is_told_from_its_size_on_and_within_its_time() {
        let rules = Rules::shipped().unwrap();
        let mut walked = 0;
        for rule in &rules.rule {
            let (by, window) = match rule.limit() {
                Some(Limit::Rise(by, window)) => (by, window),
                Some(Limit::Fall(by, window)) => (-by, window),
                _ => continue,
            };
            walked += 1;
            let told = |share: f64, after: i64| {
                let mut changes = Changes::new(&rules);
                let mut coverage = Coverage::new(&rules);
                let mut rows = 0;
                let mut tell = |_| {
                    rows += 1;
                    Ok(())
                };
                for (value, time) in [(100.0, 0), (100.0 + by * share, after)] {
                    let mut row = cells(rule, &Observation::default(), "x", value);
                    row[9] = Cell::Timestamp(time);
                    changes.see(row, &mut coverage, &mut tell).unwrap();
                }
                changes.finish(&mut coverage, &mut tell).unwrap();
                rows
            };
            let found = [told(0.999, window), told(1.0, window), told(1.001, window), told(-1.001, window)];
            assert_eq!(found, [0, 1, 1, 0], "{}", rule.name);
            assert_eq!([told(2.0, window + 1), told(2.0, 0)], [0, 0], "{}: too late, and at the same time", rule.name);
        }
        assert_eq!(walked, 4);
    }

    #[test]
    fn a_result_in_no_unit_counts_only_where_the_rule_says_so() {
        assert_eq!(told(&result("2345-7", 900.0, None, 0)).0, [], "900 of what?");
        assert_eq!(told(&result("6301-6", 9.0, None, 0)).0, [Cell::Text("inr-high".into())], "INR has no unit");
    }

    #[test]
    fn what_was_not_compared_is_counted() {
        let counts = |seen: &Observation| {
            let rules = Rules::shipped().unwrap();
            let rows = told(seen).1.rows(&rules);
            rows.into_iter().find(|row| row[0] == Cell::Text("glucose-high".into())).unwrap()[5..].to_vec()
        };
        let expected =
            |results, alerts, undecided, unconverted| [results, alerts, undecided, unconverted].map(Cell::U64);
        assert_eq!(counts(&result("2345-7", 900.0, Some("apples"), 0)), expected(1, 0, 0, 1));
        assert_eq!(counts(&result("2345-7", 100.0, Some("mg/dL"), 0)), expected(1, 0, 0, 0));
        assert_eq!(counts(&result("2345-7", 401.0, Some("mg/dL"), 0)), expected(1, 1, 0, 0));
        let open = Observation { comparator: ">".into(), ..result("2345-7", 300.0, Some("mg/dL"), 0) };
        assert_eq!(counts(&open), expected(1, 0, 1, 0));
        let titre = Observation { divided: true, ..result("2345-7", 900.0, Some("mg/dL"), 0) };
        assert_eq!(counts(&titre), expected(1, 0, 1, 0), "900:1");
        assert_eq!(counts(&result("718-7", 1.0, Some("g/dL"), 0)), expected(0, 0, 0, 0), "of another code");
    }
}
