//! population.parquet: a score for each person by the weights of `rules/population.toml`, with what it is made of.

use super::records::Record;
use crate::error::{Fault, Result};
use crate::model::{Cell, Class, Column, ColumnType, Domain, Table};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The name of the file that holds the weights.
pub const FILE: &str = "population.toml";

const fn column(name: &'static str, kind: ColumnType, class: Class, doc: &'static str) -> Column {
    Column { name, kind, class, doc }
}

/// One row for each person.
pub static POPULATION: Table = Table {
    name: "population",
    folder: "",
    doc: "One row for each person: the population score and what it is made of.",
    columns: &[
        column(
            "patient_id",
            ColumnType::Text,
            Class::Pseudonym(Domain::Patient),
            "Pseudonym, as in every other table.",
        ),
        column("score", ColumnType::F32, Class::Keep, "Sum of the points of rules/population.toml; 0 and above."),
        column("tier", ColumnType::Text, Class::Keep, "Tier of rules/population.toml that the score reaches."),
        column(
            "points",
            ColumnType::Text,
            Class::Keep,
            "Points by their cause as a JSON object; null if there are none.",
        ),
        column("age_band", ColumnType::Text, Class::Keep, "0-17, 18-44, 45-64, 65-79, 80-89 or 90+; null if unknown."),
        column("sex", ColumnType::Text, Class::Code, "As in patients."),
        column("conditions", ColumnType::U32, Class::Keep, "Distinct diagnosis codes."),
        column("medications", ColumnType::U32, Class::Keep, "Distinct codes of medicines."),
    ],
};

/// The weights.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    tiers: Vec<Tier>,
    age: Vec<AgeStep>,
    medications: Medications,
    condition: Vec<Condition>,
    medication_class: Vec<MedicationClass>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tier {
    name: String,
    from: f64,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct AgeStep {
    from: f64,
    points: f64,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Medications {
    points: f64,
    most: u32,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Condition {
    name: String,
    points: f64,
    #[serde(default)]
    prefixes: Vec<String>,
    #[serde(default)]
    codes: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct MedicationClass {
    name: String,
    #[serde(default)]
    prefixes: Vec<String>,
    #[serde(default)]
    codes: Vec<String>,
    #[serde(default)]
    words: Vec<String>,
}

/// Whether a code is one of `codes`, or begins with one of `prefixes` when its dots are left out. A prefix of digits only
/// (ICD-9) does not match longer codes of digits only: those are SNOMED CT or RxNorm.
fn is_of(code: &str, codes: &[String], prefixes: &[String]) -> bool {
    let plain: String = code.chars().filter(|letter| *letter != '.').collect::<String>().to_ascii_uppercase();
    let longer = |prefix: &str| plain.len() > 5 && prefix.bytes().all(|b| b.is_ascii_digit());
    codes.iter().any(|one| one == code) || prefixes.iter().any(|p| plain.starts_with(p.as_str()) && !longer(p))
}

impl Weights {
    /// The weights that come with the program.
    pub fn shipped() -> Result<Self> {
        Self::parse(include_str!("../../rules/population.toml"))
    }

    /// Reads weights from TOML.
    ///
    /// # Errors
    /// Text of another form, a number that is not finite, no tier from 0 on, or tiers and ages out of order.
    pub fn parse(text: &str) -> Result<Self> {
        let weights: Weights = toml::from_str(text)
            .map_err(|error| Fault::toml("rules/population.toml", "not a list of weights", text, &error))?;
        let wrong = |cause| Err(Fault::config("rules/population.toml", cause, ""));
        let points = weights.age.iter().map(|step| step.points).chain(weights.condition.iter().map(|c| c.points));
        if points.chain([weights.medications.points]).any(|points| !points.is_finite() || points < 0.0) {
            return wrong("points are numbers from 0 on");
        }
        let rising = |steps: &[f64]| steps.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
        let tiers: Vec<f64> = weights.tiers.iter().map(|tier| tier.from).collect();
        if tiers.first() != Some(&0.0) || !rising(&tiers) {
            return wrong("the first tier begins at 0, each other one higher");
        }
        if !rising(&weights.age.iter().map(|step| step.from).collect::<Vec<_>>()) {
            return wrong("each step of age is higher than the one before");
        }
        Ok(weights)
    }

    /// The row of a person.
    pub fn row(&self, patient: &str, age: Option<f64>, sex: Option<&str>, record: &Record) -> Vec<Cell> {
        let points = self.points(age, record);
        // The sum of nothing is -0.0 in Rust, which shows.
        let score = points.iter().map(|(_, points)| points).sum::<f64>() + 0.0;
        let tier = self.tiers.iter().rev().find(|tier| score >= tier.from).map(|tier| tier.name.clone());
        let map: Map<String, Value> = points.into_iter().map(|(name, points)| (name, points.into())).collect();
        let count = |n: usize| Cell::U64(n as u64);
        vec![
            Cell::Text(patient.to_owned()),
            Cell::F64(score),
            tier.map_or(Cell::Null, Cell::Text),
            if map.is_empty() { Cell::Null } else { Cell::Text(Value::Object(map).to_string()) },
            age.map_or(Cell::Null, |age| Cell::Text(age_band(age).to_owned())),
            sex.map_or(Cell::Null, |sex| Cell::Text(sex.to_owned())),
            count(record.conditions.len()),
            count(record.medications.len()),
        ]
    }

    /// What a person's score is made of.
    fn points(&self, age: Option<f64>, record: &Record) -> Vec<(String, f64)> {
        let mut points = Vec::new();
        for condition in &self.condition {
            if record.conditions.keys().any(|code| is_of(code, &condition.codes, &condition.prefixes)) {
                points.push((condition.name.clone(), condition.points));
            }
        }
        if let Some(step) = age.and_then(|age| self.age.iter().rev().find(|step| age >= step.from)) {
            points.push(("age".to_owned(), step.points));
        }
        let medicines = u32::try_from(record.medications.len()).unwrap_or(u32::MAX).min(self.medications.most);
        if medicines > 0 {
            points.push(("medications".to_owned(), f64::from(medicines) * self.medications.points));
        }
        points
    }

    /// The classes of a person's medicines, in the order of the rules; medicines of no class are left out.
    pub(super) fn classes(&self, record: &Record) -> Vec<&str> {
        let taken = |class: &&MedicationClass| {
            record.medications.keys().any(|code| is_of(code, &class.codes, &class.prefixes))
                || record.medicine_names.values().any(|name| {
                    let mut words = name.split(|letter: char| !letter.is_alphanumeric());
                    words.any(|word| class.words.iter().any(|one| one == word))
                })
        };
        self.medication_class.iter().filter(taken).map(|class| class.name.as_str()).collect()
    }
}

/// The band of an age in years.
pub(super) fn age_band(age: f64) -> &'static str {
    match age {
        age if age >= 90.0 => "90+",
        age if age >= 80.0 => "80-89",
        age if age >= 65.0 => "65-79",
        age if age >= 45.0 => "45-64",
        age if age >= 18.0 => "18-44",
        _ => "0-17",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn record(conditions: &[&str], medicines: &[&str]) -> Record {
        let all = |codes: &[&str]| codes.iter().map(|code| (Arc::from(*code), None)).collect();
        Record { conditions: all(conditions), medications: all(medicines), ..Record::default() }
    }

    #[test]
    fn points_add_up_and_medicines_are_capped() {
        let weights = Weights::shipped().unwrap();
        let medicines: Vec<String> = (0..20).map(|n| format!("R{n}")).collect();
        let medicines: Vec<&str> = medicines.iter().map(String::as_str).collect();
        let row = weights.row("P1", Some(70.0), Some("F"), &record(&["E11.9", "I10"], &medicines));
        // diabetes 2 + hypertension 1 + age from 65 1 + 8 x 0.25 = 6
        assert_eq!(row[1..3], [Cell::F64(6.0), Cell::Text("high".into())]);
        assert_eq!(row[4], Cell::Text("65-79".into()));
        let nobody = weights.row("P2", None, None, &Record::default());
        assert_eq!(nobody[1..5], [Cell::F64(0.0), Cell::Text("low".into()), Cell::Null, Cell::Null]);
        assert!(matches!(nobody[1], Cell::F64(score) if score.is_sign_positive()), "no score is -0");
    }

    #[test]
    fn a_prefix_of_icd_9_is_no_prefix_of_snomed() {
        let weights = Weights::shipped().unwrap();
        let points = |code: &str| weights.points(None, &record(&[code], &[])).len();
        // 250.00 is ICD-9 diabetes; 250171008 is a SNOMED CT code of another thing.
        assert_eq!((points("250.00"), points("25001"), points("250171008"), points("44054006")), (1, 1, 0, 1));
    }

    #[test]
    fn classes_are_found_by_code_and_by_name() {
        let weights = Weights::shipped().unwrap();
        let mut taken = record(&[], &["860975", "A10BA02", "999"]);
        taken.medicine_names.insert("999".into(), "amlodipine 5 mg oral tablet".into());
        assert_eq!(weights.classes(&taken), ["antidiabetic", "antihypertensive"]);
    }

    #[test]
    fn weights_that_make_no_sense_are_refused() {
        let good = include_str!("../../rules/population.toml");
        assert!(Weights::parse(good).is_ok());
        for (from, to) in
            [("from = 0.0", "from = 1.0"), ("points = 2.0", "points = -2.0"), ("from = 65.0", "from = 5.0")]
        {
            assert!(Weights::parse(&good.replacen(from, to, 1)).is_err(), "{to}");
        }
    }
}
