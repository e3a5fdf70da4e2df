//! What a part knows of each person, and how that adds up over the parts: the source of patients.parquet.

use super::everybody::each;
use super::tally::add_counts;
use crate::model::manifest::PATIENTS;
use crate::model::sex::sex as sex_of;
use crate::model::{Cell, Split, Table};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What a part knows of one person. What is not known is left out of receipts: they name everybody.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PatientFacts {
    /// train, validation or test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<Split>,
    /// From the images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<String>,
    /// From tables; used if the images say nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_sex: Option<String>,
    /// Age at the study of that date; undated studies come last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<(i32, f32)>,
    /// Tensors by modality (`""` if unknown).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<String, u64>,
    /// Distinct studies.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub studies: BTreeSet<String>,
    /// First and last study date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates: Option<Days>,
    /// Rows by table.
    #[serde(skip_serializing_if = "Counts::is_empty")]
    pub rows: Counts,
    /// First and last day of HL7 messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hl7: Option<Days>,
    /// First and last day of what EHR tables tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ehr: Option<Days>,
}

/// The first and the last of some days, shifted.
pub type Days = (i32, i32);

/// Days of both.
pub(super) fn span(one: Option<Days>, other: Option<Days>) -> Option<Days> {
    match (one, other) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (one, other) => one.or(other),
    }
}

/// Counts by name: few, and the same few names for everybody.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Counts(Vec<(Cow<'static, str>, u64)>);

impl Counts {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn add(&mut self, name: Cow<'static, str>, count: u64) {
        match self.0.binary_search_by(|(held, _)| held.cmp(&name)) {
            Ok(place) => self.0[place].1 += count,
            Err(place) => self.0.insert(place, (name, count)),
        }
    }

    fn get(&self, name: &str) -> u64 {
        self.0.iter().find(|(held, _)| held == name).map_or(0, |(_, count)| *count)
    }

    /// All of them together.
    pub fn sum(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, count)| (name, count)))
    }
}

impl<'de> Deserialize<'de> for Counts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut counts = Self::default();
        each(from, |name: String, count| counts.add(Cow::Owned(name), count))?;
        Ok(counts)
    }
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
            split: text(get("split")).as_deref().and_then(Split::of),
            sex: text(get("patient_sex")),
            age: age.map(|age| (date.unwrap_or(i32::MAX), age)),
            images,
            studies: text(get("study_uid")).into_iter().collect(),
            dates: date.map(|date| (date, date)),
            ..PatientFacts::default()
        });
    }

    /// Takes note of rows of another table: how many, and what the first of them says of sex and split.
    pub(super) fn see_rows(&mut self, table: &'static Table, rows: u64, sex: Option<&str>, split: Option<Split>) {
        self.rows.add(Cow::Borrowed(table.name), rows);
        if self.table_sex.is_none() {
            self.table_sex = sex.map(|text| sex_of(text).unwrap_or(text).to_owned());
        }
        self.split = self.split.or(split);
    }

    /// Adds what another part knows; where both say something, the earlier part is right.
    pub(super) fn add(&mut self, other: PatientFacts) {
        self.split = self.split.or(other.split);
        self.sex = self.sex.take().or(other.sex);
        self.table_sex = self.table_sex.take().or(other.table_sex);
        self.age = match (self.age, other.age) {
            (Some(a), Some(b)) if b.0 < a.0 => Some(b),
            (a, b) => a.or(b),
        };
        add_counts(&mut self.images, other.images);
        self.studies.extend(other.studies);
        self.dates = span(self.dates, other.dates);
        self.hl7 = span(self.hl7, other.hl7);
        self.ehr = span(self.ehr, other.ehr);
        other.rows.0.into_iter().for_each(|(name, count)| self.rows.add(name, count));
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
    let object = |counts: &mut dyn Iterator<Item = (&str, u64)>| {
        let named = |(name, count): (&str, u64)| {
            (if name.is_empty() { "unknown" } else { name }.to_owned(), Value::from(count))
        };
        let map: Map<String, Value> = counts.map(named).collect();
        if map.is_empty() { Cell::Null } else { Cell::Text(Value::Object(map).to_string()) }
    };
    let rows = |table: &str| Cell::U64(facts.rows.get(table));
    let day = |day: Option<i32>| day.map_or(Cell::Null, Cell::Date);
    let mut row = vec![
        Cell::Text(patient.to_owned()),
        facts.split.map_or(Cell::Null, |split| Cell::Text(split.name().to_owned())),
        text(sex.as_ref()),
        age.map_or(Cell::Null, Cell::F64),
        Cell::U64(facts.studies.len() as u64),
        Cell::U64(facts.images.values().sum()),
        object(&mut facts.images.iter().map(|(name, count)| (name.as_str(), *count))),
        rows("messages"),
        rows("observations"),
        day(facts.dates.map(|days| days.0)),
        day(facts.dates.map(|days| days.1)),
        object(&mut facts.rows.0.iter().map(|(name, count)| (&**name, *count))),
        day(facts.hl7.map(|days| days.0)),
        day(facts.hl7.map(|days| days.1)),
        day(facts.ehr.map(|days| days.0)),
        day(facts.ehr.map(|days| days.1)),
    ];
    row.extend(joined.cells.iter().cloned());
    row.resize(PATIENTS.columns.len(), Cell::Null);
    row
}
