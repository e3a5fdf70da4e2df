//! What a part knows of each person, and how that adds up over the parts: the source of patients.parquet.

use super::tally::add_counts;
use crate::model::manifest::PATIENTS;
use crate::model::{Cell, Table};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a part knows of one person.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct PatientFacts {
    /// train, validation or test.
    pub split: Option<String>,
    /// From the images.
    pub sex: Option<String>,
    /// From tables; used if the images say nothing.
    pub table_sex: Option<String>,
    /// Age at the study of that date; undated studies come last.
    pub age: Option<(i32, f32)>,
    /// Tensors by modality (`""` if unknown).
    pub images: BTreeMap<String, u64>,
    /// Distinct studies.
    pub studies: BTreeSet<String>,
    /// First and last study date.
    pub dates: Option<(i32, i32)>,
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
}

fn text(cell: Option<&Cell>) -> Option<String> {
    if let Some(Cell::Text(text)) = cell { Some(text.clone()) } else { None }
}

impl PatientFacts {
    /// Takes note of a manifest row.
    pub(super) fn see_image(&mut self, table: &Table, row: &[Cell]) {
        let get = |name| table.position(name).and_then(|place| row.get(place));
        let date = if let Some(Cell::Date(days)) = get("study_date") { Some(*days) } else { None };
        let age = if let Some(Cell::F64(age)) = get("patient_age_years") { Some(*age as f32) } else { None };
        let mut images = BTreeMap::new();
        images.insert(text(get("modality")).unwrap_or_default(), 1);
        self.add(PatientFacts {
            split: text(get("split")),
            sex: text(get("patient_sex")),
            age: age.map(|age| (date.unwrap_or(i32::MAX), age)),
            images,
            studies: text(get("study_uid")).into_iter().collect(),
            dates: date.map(|date| (date, date)),
            ..PatientFacts::default()
        });
    }

    /// Takes note of rows of another table: how many, and what the first of them says of sex and split.
    pub(super) fn see_rows(&mut self, table: &Table, rows: u64, sex: Option<&str>, split: Option<&str>) {
        match self.rows.get_mut(table.name) {
            Some(count) => *count += rows,
            None => {
                self.rows.insert(table.name.to_owned(), rows);
            }
        }
        self.table_sex = self.table_sex.take().or_else(|| sex.map(str::to_owned));
        self.split = self.split.take().or_else(|| split.map(str::to_owned));
    }

    /// Adds what another part knows; where both say something, the earlier part is right.
    pub(super) fn add(&mut self, other: PatientFacts) {
        self.split = self.split.take().or(other.split);
        self.sex = self.sex.take().or(other.sex);
        self.table_sex = self.table_sex.take().or(other.table_sex);
        self.age = match (self.age, other.age) {
            (Some(a), Some(b)) if b.0 < a.0 => Some(b),
            (a, b) => a.or(b),
        };
        add_counts(&mut self.images, other.images);
        self.studies.extend(other.studies);
        self.dates = match (self.dates, other.dates) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
        add_counts(&mut self.rows, other.rows);
    }
}

/// What a part knows of everybody, while it is being written.
#[derive(Debug, Default)]
pub(super) struct Patients {
    places: HashMap<String, usize>,
    facts: Vec<PatientFacts>,
}

impl Patients {
    /// What is known of a person; nothing yet if they are new.
    pub(super) fn of(&mut self, patient: &str) -> &mut PatientFacts {
        let place = match self.places.get(patient) {
            Some(place) => *place,
            None => {
                self.places.insert(patient.to_owned(), self.facts.len());
                self.facts.push(PatientFacts::default());
                self.facts.len() - 1
            }
        };
        &mut self.facts[place]
    }

    /// Everybody, by pseudonym.
    pub(super) fn sorted(mut self) -> BTreeMap<String, PatientFacts> {
        let facts = &mut self.facts;
        self.places.into_iter().map(|(patient, place)| (patient, std::mem::take(&mut facts[place]))).collect()
    }
}

/// What a join knows of a person beside the parts' own counts.
#[derive(Clone, Debug, Default)]
pub struct Joined {
    /// Sex, used if neither images nor rows said it.
    pub sex: Option<String>,
    /// Age in years, used if the images did not say it.
    pub age_years: Option<f64>,
    /// The clinical columns, the last ones of the table; none are nulls.
    pub cells: Vec<Cell>,
}

impl PatientFacts {
    /// Sex and age as patients.parquet shows them.
    pub(super) fn shown(&self, joined: &Joined) -> (Option<f64>, Option<String>) {
        let age = self.age.map(|(_, years)| f64::from(years)).or(joined.age_years);
        (age, self.sex.clone().or_else(|| self.table_sex.clone()).or_else(|| joined.sex.clone()))
    }
}

/// The row of patients.parquet.
pub(super) fn patient_row(patient: &str, facts: &PatientFacts, joined: &Joined) -> Vec<Cell> {
    let text = |t: Option<&String>| t.map_or(Cell::Null, |t| Cell::Text(t.clone()));
    let (age, sex) = facts.shown(joined);
    let object = |counts: &BTreeMap<String, u64>| {
        let named = |(name, count): (&String, &u64)| {
            (if name.is_empty() { "unknown".to_owned() } else { name.clone() }, Value::from(*count))
        };
        let map: Map<String, Value> = counts.iter().map(named).collect();
        if map.is_empty() { Cell::Null } else { Cell::Text(Value::Object(map).to_string()) }
    };
    let rows = |table: &str| Cell::U64(facts.rows.get(table).copied().unwrap_or(0));
    let mut row = vec![
        Cell::Text(patient.to_owned()),
        text(facts.split.as_ref()),
        text(sex.as_ref()),
        age.map_or(Cell::Null, Cell::F64),
        Cell::U64(facts.studies.len() as u64),
        Cell::U64(facts.images.values().sum()),
        object(&facts.images),
        rows("messages"),
        rows("observations"),
        facts.dates.map_or(Cell::Null, |d| Cell::Date(d.0)),
        facts.dates.map_or(Cell::Null, |d| Cell::Date(d.1)),
        object(&facts.rows),
    ];
    row.extend(joined.cells.iter().cloned());
    row.resize(PATIENTS.columns.len(), Cell::Null);
    row
}
