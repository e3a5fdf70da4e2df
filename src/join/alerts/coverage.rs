//! alert_rules.parquet: what each rule had to look at, so that a result that could not be compared is seen somewhere.

use super::column;
use super::rules::Rules;
use crate::model::{Cell, Class, ColumnType, Table};

/// One row for each rule.
pub static ALERT_RULES: Table = Table {
    name: "alert_rules",
    folder: "",
    doc: "One row for each rule of rules/alerts.toml: how many results it saw and what it could not compare.",
    columns: &[
        column("rule", ColumnType::Text, Class::Keep, "Name of the rule."),
        column("severity", ColumnType::Text, Class::Keep, "CRITICAL, HIGH or MEDIUM."),
        column("kind", ColumnType::Text, Class::Keep, "above, below, rise or fall."),
        column("limit", ColumnType::F64, Class::Keep, "The limit, or the change, in the rule's unit."),
        column("unit", ColumnType::Text, Class::Keep, "The rule's unit."),
        column("results", ColumnType::U64, Class::Keep, "Numeric results whose code the rule names."),
        column("alerts", ColumnType::U64, Class::Keep, "Rows of alerts that it made."),
        column(
            "undecided",
            ColumnType::U64,
            Class::Keep,
            "Results whose comparator leaves it open (`>300` against a limit of 400); for changes also those without patient or time.",
        ),
        column(
            "unconverted",
            ColumnType::U64,
            Class::Keep,
            "Results in no unit, or in one that the rule cannot convert: never compared.",
        ),
    ],
};

/// What one rule saw.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    pub(super) results: u64,
    pub(super) alerts: u64,
    pub(super) undecided: u64,
    pub(super) unconverted: u64,
}

/// What every rule saw.
#[derive(Clone, Debug)]
pub struct Coverage(Vec<Count>);

impl Coverage {
    /// Nothing seen yet.
    pub fn new(rules: &Rules) -> Self {
        Self(vec![Count::default(); rules.rule.len()])
    }

    pub(super) fn count(&mut self, rule: usize) -> Option<&mut Count> {
        self.0.get_mut(rule)
    }

    /// Results under all rules that no rule could convert, and that their comparator left open.
    pub fn not_compared(&self) -> (u64, u64) {
        (self.0.iter().map(|count| count.unconverted).sum(), self.0.iter().map(|count| count.undecided).sum())
    }

    /// The rows, in the order of the rules.
    pub fn rows(&self, rules: &Rules) -> Vec<Vec<Cell>> {
        let row = |(rule, count): (&super::Rule, &Count)| {
            let limit = rule.limit();
            vec![
                Cell::Text(rule.name.clone()),
                Cell::Text(rule.severity.clone()),
                limit.map_or(Cell::Null, |limit| Cell::Text(limit.word().to_owned())),
                limit.map_or(Cell::Null, |limit| Cell::F64(limit.number())),
                Cell::Text(rule.unit.clone()),
                Cell::U64(count.results),
                Cell::U64(count.alerts),
                Cell::U64(count.undecided),
                Cell::U64(count.unconverted),
            ]
        };
        rules.rule.iter().zip(&self.0).map(row).collect()
    }
}
