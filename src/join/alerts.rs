//! alerts.parquet: numeric results beyond the limits of `rules/alerts.toml`.

use super::parquet;
use crate::error::{Fault, Result};
use crate::model::{Cell, Class, Column, ColumnType, Domain, Table};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

const fn column(name: &'static str, kind: ColumnType, class: Class, doc: &'static str) -> Column {
    Column { name, kind, class, doc }
}

/// One row for each result and each rule it breaks.
pub static ALERTS: Table = Table {
    name: "alerts",
    folder: "",
    doc: "One row for each result that lies beyond the limit of a rule.",
    columns: &[
        column("rule", ColumnType::Text, Class::Keep, "Name of the rule in rules/alerts.toml."),
        column("severity", ColumnType::Text, Class::Keep, "CRITICAL, HIGH or MEDIUM."),
        column("patient_id", ColumnType::Text, Class::Pseudonym(Domain::Patient), "Pseudonym of the patient."),
        column("code", ColumnType::Text, Class::Code, "Code of the result (OBX-3.1 or OBX-3.4) that the rule names."),
        column("value", ColumnType::F64, Class::Number, "The result in the unit of the rule."),
        column("comparator", ColumnType::Text, Class::Code, "<, >, <= or >= before the result, if any."),
        column("unit", ColumnType::Text, Class::Keep, "Unit of value and limit."),
        column("limit", ColumnType::F64, Class::Keep, "The limit that was passed."),
        column("observation_datetime", ColumnType::TimestampMs, Class::DateTime, "When it was observed, shifted."),
        column("message_ordinal", ColumnType::U64, Class::Keep, "message_ordinal of the result in hl7/observations."),
    ],
};

/// A list of rules.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    rule: Vec<Rule>,
}

/// One rule: a limit for results of some codes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    name: String,
    severity: String,
    codes: Vec<String>,
    unit: String,
    above: Option<f64>,
    below: Option<f64>,
    #[serde(default)]
    factors: BTreeMap<String, f64>,
}

impl Rules {
    /// The rules that come with the program.
    pub fn shipped() -> Result<Self> {
        Self::parse(include_str!("../../rules/alerts.toml"))
    }

    /// Reads rules from TOML; a rule has exactly one limit.
    pub fn parse(text: &str) -> Result<Self> {
        let rules: Rules = toml::from_str(text)
            .map_err(|error| Fault::config("rules/alerts.toml", "not a list of rules", error.to_string()))?;
        match rules.rule.iter().find(|rule| rule.above.is_some() == rule.below.is_some()) {
            Some(rule) => {
                Err(Fault::config("rules/alerts.toml", "a rule has one limit, above or below", rule.name.clone()))
            }
            None => Ok(rules),
        }
    }
}

impl Rule {
    /// The value in the rule's unit, if it lies beyond the limit for certain.
    fn broken_by(&self, value: f64, comparator: &str, unit: &str) -> Option<(f64, f64)> {
        let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
        let factor =
            if same(unit, &self.unit) { 1.0 } else { *self.factors.iter().find(|(other, _)| same(other, unit))?.1 };
        let value = value * factor;
        match (self.above, self.below, comparator) {
            (Some(limit), _, "" | "=") if value > limit => Some((value, limit)),
            (Some(limit), _, ">") if value >= limit => Some((value, limit)),
            (Some(limit), _, ">=") if value > limit => Some((value, limit)),
            (_, Some(limit), "" | "=") if value < limit => Some((value, limit)),
            (_, Some(limit), "<") if value <= limit => Some((value, limit)),
            (_, Some(limit), "<=") if value < limit => Some((value, limit)),
            _ => None,
        }
    }
}

/// Columns of hl7/observations that rules look at.
const SEEN: &[&str] = &[
    "patient_id",
    "code",
    "alternate_code",
    "value_number",
    "value_comparator",
    "unit",
    "unit_ucum",
    "observation_datetime",
    "message_ordinal",
];

/// The alerts of all observations, in their order.
pub fn alerts(rules: &Rules, observations: &[PathBuf]) -> Result<Vec<Vec<Cell>>> {
    let mut found = Vec::new();
    for path in observations {
        parquet::rows(path, SEEN, &mut |row| {
            let [patient, code, alternate, Cell::F64(value), comparator, unit, ucum, time, message] = row else {
                return;
            };
            let text = |cell: &Cell| if let Cell::Text(text) = cell { text.clone() } else { String::new() };
            let (comparator_text, units) = (text(comparator), [text(ucum), text(unit)]);
            for rule in &rules.rule {
                let named = [code, alternate].into_iter().find(|cell| rule.codes.contains(&text(cell)));
                let Some(named) = named else { continue };
                let broken = units.iter().find_map(|unit| rule.broken_by(*value, &comparator_text, unit));
                let Some((value, limit)) = broken else { continue };
                found.push(vec![
                    Cell::Text(rule.name.clone()),
                    Cell::Text(rule.severity.clone()),
                    patient.clone(),
                    named.clone(),
                    Cell::F64(value),
                    comparator.clone(),
                    Cell::Text(rule.unit.clone()),
                    Cell::F64(limit),
                    time.clone(),
                    message.clone(),
                ]);
            }
        })?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str) -> Rule {
        Rules::shipped().unwrap().rule.into_iter().find(|rule| rule.name == name).unwrap()
    }

    #[test]
    fn limits_hold_in_every_unit() {
        let glucose = rule("glucose-high");
        assert_eq!(glucose.broken_by(401.0, "", "mg/dL"), Some((401.0, 400.0)));
        assert_eq!(glucose.broken_by(400.0, "", "mg/dL"), None);
        // 25 mmol/L x 18.016 = 450.4 mg/dL
        assert_eq!(glucose.broken_by(25.0, "", "MMOL/L").map(|hit| hit.0.round()), Some(450.0));
        assert_eq!(glucose.broken_by(500.0, "", "apples"), None);
    }

    #[test]
    fn comparators_fire_only_when_they_leave_no_doubt() {
        let (high, low) = (rule("glucose-high"), rule("glucose-low"));
        assert!(high.broken_by(500.0, ">", "mg/dL").is_some());
        assert!(high.broken_by(300.0, ">", "mg/dL").is_none());
        assert!(high.broken_by(500.0, "<", "mg/dL").is_none());
        assert!(low.broken_by(40.0, "<", "mg/dL").is_some());
    }

    #[test]
    fn a_rule_without_limit_is_refused() {
        let text = "[[rule]]\nname='x'\nseverity='HIGH'\ncodes=[]\nunit=''";
        assert_eq!(Rules::parse(text).unwrap_err().kind, crate::error::Kind::Config);
    }
}
