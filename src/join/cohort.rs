//! cohort.parquet: one research record for each person.

use super::population::{Weights, age_band};
use super::records::Record;
use crate::model::{Cell, Class, Column, ColumnType, Domain, Table};
use serde_json::{Map, Value};

const fn column(name: &'static str, kind: ColumnType, class: Class, doc: &'static str) -> Column {
    Column { name, kind, class, doc }
}

/// One row for each person.
pub static COHORT: Table = Table {
    name: "cohort",
    folder: "",
    doc: "One research record for each person, without dates and under an id that no other table bears.",
    columns: &[
        column(
            "study_id",
            ColumnType::Text,
            Class::Pseudonym(Domain::Other),
            "Keyed id of the person for this table only.",
        ),
        column("age_band", ColumnType::Text, Class::Keep, "0-17, 18-44, 45-64, 65-79, 80-89 or 90+; null if unknown."),
        column("sex", ColumnType::Text, Class::Code, "As in patients."),
        column(
            "primary_diagnosis",
            ColumnType::Text,
            Class::Code,
            "Code that DG1-15 calls the first, else the earliest.",
        ),
        column(
            "medication_classes",
            ColumnType::Text,
            Class::Keep,
            "Classes of rules/population.toml as a JSON list; null if there are none.",
        ),
        column(
            "lab_means",
            ColumnType::Text,
            Class::Number,
            "Mean of the numeric results of each code, with its unit, as a JSON object; null if there are none.",
        ),
        column(
            "outcome",
            ColumnType::Text,
            Class::Code,
            "deceased; else the last discharge disposition (table 0112); else null.",
        ),
    ],
};

/// The row of a person in the cohort.
pub fn cohort_row(
    study_id: String,
    age: Option<f64>,
    sex: Option<&str>,
    record: &Record,
    weights: &Weights,
) -> Vec<Cell> {
    let classes = weights.classes(record);
    let text = |text: Option<&str>| text.map_or(Cell::Null, |text| Cell::Text(text.to_owned()));
    let mean = |(code, lab): (&std::sync::Arc<str>, &super::records::Lab)| {
        // Six significant digits: a mean is no more exact than its results.
        let mean: f64 = format!("{:.5e}", lab.mean()).parse().unwrap_or(f64::NAN);
        (code.to_string(), serde_json::json!({"mean": mean, "unit": lab.unit(), "results": lab.count()}))
    };
    let means: Map<String, Value> = record.labs.iter().map(mean).collect();
    let last = record.disposition.as_ref().map(|(_, code)| &**code);
    vec![
        Cell::Text(study_id),
        text(age.map(age_band)),
        text(sex),
        text(record.primary.as_ref().map(|(_, _, code)| &**code)),
        if classes.is_empty() { Cell::Null } else { Cell::Text(Value::from(classes).to_string()) },
        if means.is_empty() { Cell::Null } else { Cell::Text(Value::Object(means).to_string()) },
        text(if record.dead { Some("deceased") } else { last }),
    ]
}
