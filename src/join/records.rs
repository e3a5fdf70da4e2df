//! What all sources say of each person, in one record: the clinical columns of patients.parquet, the population scores
//! and the research cohort are made from it.

use super::sources::{CONDITIONS, ENCOUNTERS, MEDICATIONS, OBSERVATIONS, PEOPLE, Sources};
use crate::error::Result;
use crate::model::Cell;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The last number of a laboratory code, and what the mean is made of.
#[derive(Clone, Debug)]
pub(super) struct Lab {
    time: Option<i64>,
    value: f64,
    unit: Option<Arc<str>>,
    /// Sum and count of the numbers in the unit of the last one.
    sum: f64,
    count: u32,
}

impl Lab {
    /// The unit of the last number.
    pub(super) fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }

    /// How many numbers the mean is made of.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// Mean of the numbers that bear the same unit as the last one.
    pub(super) fn mean(&self) -> f64 {
        self.sum / f64::from(self.count)
    }

    fn see(&mut self, time: Option<i64>, value: f64, unit: Option<&Arc<str>>) {
        // Of numbers without unit and with one, or in two units, no mean is made: the later unit begins anew.
        let same = self.unit.as_ref() == unit;
        let later = time >= self.time;
        match (same, later) {
            (true, _) => {
                self.sum += value;
                self.count += 1;
            }
            (false, true) => (self.sum, self.count) = (value, 1),
            (false, false) => {}
        }
        if later {
            (self.time, self.value, self.unit) = (time, value, unit.cloned());
        }
    }
}

/// Everything known of one person.
#[derive(Clone, Debug, Default)]
pub struct Record {
    pub(super) sex: Option<Arc<str>>,
    pub(super) age_years: Option<f64>,
    pub(super) zip: Option<Arc<str>>,
    pub(super) dead: bool,
    pub(super) disposition: Option<(Option<i64>, Arc<str>)>,
    /// Code to the first day it was named.
    pub(super) conditions: BTreeMap<Arc<str>, Option<i32>>,
    /// The diagnosis that a source calls the first, else the earliest.
    pub(super) primary: Option<(bool, Option<i64>, Arc<str>)>,
    /// Code to the last day it was named.
    pub(super) medications: BTreeMap<Arc<str>, Option<i32>>,
    /// Names of medicines, lower case.
    pub(super) medicine_names: BTreeMap<Arc<str>, Arc<str>>,
    pub(super) labs: BTreeMap<Arc<str>, Lab>,
}

/// One string for all places where the same code stands.
#[derive(Default)]
struct Strings(HashMap<Arc<str>, ()>);

impl Strings {
    fn get(&mut self, text: &str) -> Arc<str> {
        if let Some((held, ())) = self.0.get_key_value(text) {
            return held.clone();
        }
        let held: Arc<str> = Arc::from(text);
        self.0.insert(held.clone(), ());
        held
    }
}

/// A stretch of pseudonyms, both ends included: people are joined stretch by stretch, so that memory is bounded by the
/// people of one stretch, whatever the number of rows.
pub type Stretch<'a> = (&'a str, &'a str);

/// The records of the persons in a stretch, by pseudonym. Reads every table once.
pub fn records(sources: &Sources, (first, last): Stretch) -> Result<BTreeMap<Arc<str>, Record>> {
    let mut people: HashMap<Arc<str>, Record> = HashMap::new();
    let mut strings = Strings::default();
    let wanted = |patient: &&str| (first..=last).contains(patient);
    macro_rules! each {
        ($view:expr, |$table:ident, $row:ident, $record:ident| $body:block) => {
            sources.each($view, &mut |$table, $row| {
                let Some(patient) = $row.text(0).filter(wanted) else { return };
                let $record = match people.get_mut(patient) {
                    Some(record) => record,
                    None => people.entry(Arc::from(patient)).or_default(),
                };
                $body
            })?;
        };
    }
    each!(&PEOPLE, |_table, row, record| {
        if let (None, Some(sex)) = (&record.sex, row.text(1)) {
            record.sex = Some(strings.get(crate::model::sex::sex(sex).unwrap_or(sex)));
        }
        // The oldest age that a source gives: the latest one.
        record.age_years = record.age_years.into_iter().chain(row.number(2)).reduce(f64::max);
        if let (None, Some(zip)) = (&record.zip, row.text(3)) {
            record.zip = Some(strings.get(zip));
        }
        record.dead |= row.time(4).is_some() || row.text(5) == Some("Y");
    });
    each!(&CONDITIONS, |_table, row, record| {
        if let Some(code) = row.text(1) {
            let code = strings.get(code);
            let day = record.conditions.entry(code.clone()).or_default();
            *day = day.iter().copied().chain(row.day(2)).min();
            // DG1-15 1 is the primary diagnosis; else the earliest dated one stands first.
            let rank = (row.text(3) != Some("1"), row.time(2).or(Some(i64::MAX)), code);
            if record.primary.as_ref().is_none_or(|held| rank < *held) {
                record.primary = Some(rank);
            }
        }
    });
    each!(&MEDICATIONS, |_table, row, record| {
        if let Some(code) = row.text(1) {
            let code = strings.get(code);
            let day = record.medications.entry(code.clone()).or_default();
            *day = day.iter().copied().chain(row.day(3)).max();
            if let Some(name) = row.text(2) {
                record.medicine_names.insert(code, strings.get(&name.to_lowercase()));
            }
        }
    });
    each!(&OBSERVATIONS, |_table, row, record| {
        // A comparator says that the number is a bound and not a result, a separator that it is a part of one.
        let partial = row.text(4).filter(|c| *c != "=").or(row.text(10));
        if let (Some(code), Some(value), None) = (row.text(1), row.number(3), partial) {
            let unit = row.text(6).or(row.text(5)).map(|unit| strings.get(unit));
            let time = row.time(7);
            match record.labs.get_mut(code) {
                Some(lab) => lab.see(time, value, unit.as_ref()),
                None => {
                    record.labs.insert(strings.get(code), Lab { time, value, unit, sum: value, count: 1 });
                }
            }
        }
    });
    each!(&ENCOUNTERS, |_table, row, record| {
        if let Some(disposition) = row.text(6) {
            let time = row.time(3).or_else(|| row.time(2));
            if record.disposition.as_ref().is_none_or(|(held, _)| *held <= time) {
                record.disposition = Some((time, strings.get(disposition)));
            }
        }
    });
    Ok(people.into_iter().collect())
}

fn days_json(days: &BTreeMap<Arc<str>, Option<i32>>) -> Cell {
    let map: Map<String, Value> =
        days.iter().map(|(code, day)| (code.to_string(), day.map_or(Value::Null, |day| date(day).into()))).collect();
    if map.is_empty() { Cell::Null } else { Cell::Text(Value::Object(map).to_string()) }
}

/// A day as ISO 8601.
fn date(day: i32) -> String {
    let date = chrono::DateTime::from_timestamp(i64::from(day) * 86_400, 0);
    date.map(|date| date.format("%Y-%m-%d").to_string()).unwrap_or_default()
}

impl Record {
    /// Sex as the tables say.
    pub fn sex(&self) -> Option<&str> {
        self.sex.as_deref()
    }

    /// The highest age that a source gives, years; 90 and above is 90.
    pub fn age_years(&self) -> Option<f64> {
        self.age_years
    }

    /// The columns of patients.parquet that are codes and results, in the order of the table.
    pub fn cells(&self) -> Vec<Cell> {
        let labs: Map<String, Value> = self
            .labs
            .iter()
            .map(|(code, lab)| {
                let day = lab.time.and_then(super::parquet::day_of).map(date);
                (code.to_string(), json!({"value": lab.value, "unit": lab.unit.as_deref(), "date": day}))
            })
            .collect();
        vec![
            days_json(&self.conditions),
            days_json(&self.medications),
            if labs.is_empty() { Cell::Null } else { Cell::Text(Value::Object(labs).to_string()) },
        ]
    }
}
