//! cohort.parquet, one research record for each person, and aggregates.parquet, counts of people in which no small group
//! shows, with the k-anonymity of the data set.

use super::population::{Weights, age_band};
use super::records::Record;
use crate::model::{Cell, Class, Column, ColumnType, Domain, Table};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Groups of fewer people are not shown.
pub const FEWEST: u64 = 5;

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

/// One row for each group of people, and for each statement about all groups.
pub static AGGREGATES: Table = Table {
    name: "aggregates",
    folder: "",
    doc: "Counts of people; a group of fewer than five has no count.",
    columns: &[
        column(
            "measure",
            ColumnType::Text,
            Class::Keep,
            "age_band, sex, age_band_sex, tier, condition, medication_class, or k_anonymity.",
        ),
        column("value", ColumnType::Text, Class::Code, "The group; for k_anonymity what is counted."),
        column("people", ColumnType::U64, Class::Keep, "People in the group; null if they are fewer than five."),
        column("suppressed", ColumnType::Bool, Class::Keep, "Whether the count was left out."),
    ],
};

/// Counts of people, as they are told one by one.
#[derive(Default)]
pub struct Aggregates {
    groups: BTreeMap<(&'static str, String), u64>,
    /// People by age band, sex and ZIP3.
    quasi: BTreeMap<[String; 3], u64>,
}

impl Aggregates {
    /// Counts one person.
    pub fn see(&mut self, age: Option<f64>, sex: Option<&str>, record: &Record, weights: &Weights, tier: Option<&str>) {
        let band = age.map_or("unknown", age_band);
        let sex = sex.unwrap_or("unknown");
        let mut count = |measure, value: String| *self.groups.entry((measure, value)).or_default() += 1;
        count("age_band", band.to_owned());
        count("sex", sex.to_owned());
        count("age_band_sex", format!("{band} {sex}"));
        count("tier", tier.unwrap_or("unknown").to_owned());
        record.conditions.keys().for_each(|code| count("condition", code.to_string()));
        weights.classes(record).into_iter().for_each(|class| count("medication_class", class.to_owned()));
        let zip = record.zip.as_deref().unwrap_or("unknown");
        *self.quasi.entry([band, sex, zip].map(str::to_owned)).or_default() += 1;
    }

    /// The rows: groups in order, then k: the size of the smallest group of people who share age band, sex and ZIP3, how
    /// many such groups there are, and how many people are in groups smaller than five.
    pub fn rows(&self) -> Vec<Vec<Cell>> {
        let row = |measure: &str, value: &str, people: u64, shown: bool| {
            vec![
                Cell::Text(measure.to_owned()),
                Cell::Text(value.to_owned()),
                if shown { Cell::U64(people) } else { Cell::Null },
                Cell::Bool(!shown),
            ]
        };
        let groups =
            self.groups.iter().map(|((measure, value), people)| row(measure, value, *people, *people >= FEWEST));
        let mut rows: Vec<_> = groups.collect();
        // A lone small group could be found by subtracting the others from the whole: the next smallest goes too.
        for measure in ["age_band", "sex", "age_band_sex", "tier"] {
            suppress_second(&mut rows, measure);
        }
        if let Some(k) = self.quasi.values().min() {
            let small: u64 = self.quasi.values().filter(|people| **people < FEWEST).sum();
            rows.push(row("k_anonymity", "k over age_band, sex, zip3", *k, true));
            rows.push(row("k_anonymity", "groups", self.quasi.len() as u64, true));
            rows.push(row("k_anonymity", "people in groups under 5", small, small == 0 || small >= FEWEST));
        }
        rows
    }
}

/// If just one group of a measure is suppressed, suppresses the smallest of the others.
fn suppress_second(rows: &mut [Vec<Cell>], measure: &str) {
    let of = |row: &&mut Vec<Cell>| matches!(row.first(), Some(Cell::Text(name)) if name == measure);
    let mut group: Vec<&mut Vec<Cell>> = rows.iter_mut().filter(of).collect();
    let hidden = group.iter().filter(|row| matches!(row.get(3), Some(Cell::Bool(true)))).count();
    if hidden != 1 {
        return;
    }
    let people = |row: &&mut Vec<Cell>| if let Some(Cell::U64(people)) = row.get(2) { Some(*people) } else { None };
    if let Some(smallest) = group.iter_mut().filter(|row| people(row).is_some()).min_by_key(|row| people(row))
        && let [_, _, people, suppressed] = smallest.as_mut_slice()
    {
        (*people, *suppressed) = (Cell::Null, Cell::Bool(true));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(zip: &str) -> Record {
        Record { zip: Some(zip.into()), ..Record::default() }
    }

    fn people(rows: &[Vec<Cell>], measure: &str, value: &str) -> (Cell, Cell) {
        let is = |row: &&Vec<Cell>| row[0] == Cell::Text(measure.into()) && row[1] == Cell::Text(value.into());
        let row = rows.iter().find(is).unwrap();
        (row[2].clone(), row[3].clone())
    }

    #[test]
    fn small_groups_do_not_show_nor_can_they_be_computed() {
        let weights = Weights::shipped().unwrap();
        let mut all = Aggregates::default();
        for n in 0..20 {
            // 11 of F, 6 of M, 3 of O; ZIP 941 and 100 in turn.
            let sex = if n < 11 {
                "F"
            } else if n < 17 {
                "M"
            } else {
                "O"
            };
            all.see(Some(50.0), Some(sex), &person(if n % 2 == 0 { "941" } else { "100" }), &weights, Some("low"));
        }
        let rows = all.rows();
        assert_eq!(people(&rows, "sex", "F"), (Cell::U64(11), Cell::Bool(false)));
        assert_eq!(people(&rows, "sex", "O"), (Cell::Null, Cell::Bool(true)));
        assert_eq!(people(&rows, "sex", "M"), (Cell::Null, Cell::Bool(true)), "20 - 11 - 6 would tell O");
        // O (n 17, 18, 19): one in 941, two in 100: k is 1. M (n 11..=16): three each. Under five: 3 + 6 = 9 people.
        assert_eq!(people(&rows, "k_anonymity", "k over age_band, sex, zip3").0, Cell::U64(1));
        assert_eq!(people(&rows, "k_anonymity", "groups").0, Cell::U64(6));
        assert_eq!(people(&rows, "k_anonymity", "people in groups under 5").0, Cell::U64(9));
    }
}
