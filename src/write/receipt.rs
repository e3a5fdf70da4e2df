//! What a committed part says of itself: its files, counts, rejects and the facts that finishing needs. The receipt's
//! existence is the commit. It holds pseudonyms, codes and counts only, and no clock.

use super::files::FileReceipt;
use super::place::json_of;
use crate::error::{Fault, REASONS};
use crate::model::{Cell, Clean, InputId, Table};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Version of the forms of receipts, run card and dataset card.
pub const SCHEMA: u32 = 1;

/// One of the parts of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PartId {
    /// From 0.
    pub index: u32,
    /// How many there are.
    pub count: u32,
}

impl PartId {
    /// `00000-of-00012`: in the names of all its files.
    pub fn label(self) -> String {
        format!("{:05}-of-{:05}", self.index, self.count)
    }

    /// Where its receipt is.
    pub fn receipt_name(self) -> String {
        format!("parts/{}.json", self.label())
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Files and archive members.
    Inputs,
    /// Frames.
    Images,
    /// HL7 messages.
    Messages,
    /// Rows of EHR tables.
    Rows,
}

impl Unit {
    /// The word in tables.
    pub const fn word(self) -> &'static str {
        match self {
            Unit::Inputs => "inputs",
            Unit::Images => "images",
            Unit::Messages => "messages",
            Unit::Rows => "rows",
        }
    }
}

/// Why something is not in the dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Something is wrong with it.
    Refused,
    /// It is not for this dataset: the recipe leaves it out, or there is nothing in it to write.
    Skipped,
}

impl Outcome {
    /// The word in tables.
    pub const fn word(self) -> &'static str {
        match self {
            Outcome::Refused => "refused",
            Outcome::Skipped => "skipped",
        }
    }
}

/// read = written + refused + skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Count {
    /// How many were looked at.
    pub read: u64,
    /// Became part of the dataset.
    pub written: u64,
    /// Have a row in rejects.parquet as refused.
    pub refused: u64,
    /// Have a row in rejects.parquet as skipped.
    pub skipped: u64,
}

impl Count {
    /// Whether nothing vanished.
    pub fn adds_up(self) -> bool {
        self.read == self.written + self.refused + self.skipped
    }

    pub(super) fn add(&mut self, other: Count) {
        self.read += other.read;
        self.written += other.written;
        self.refused += other.refused;
        self.skipped += other.skipped;
    }
}

/// Something that was read and is not written.
#[derive(Clone, Debug)]
pub struct Reject<'a> {
    /// Which input.
    pub input: InputId,
    /// Its keyed id.
    pub input_id: Clean<String>,
    /// What is set aside: the whole input or one thing in it.
    pub unit: Unit,
    /// Which frame, message or row of the input; `None` for the whole.
    pub item: Option<u64>,
    /// Wrong, or not for this dataset.
    pub outcome: Outcome,
    /// Why.
    pub fault: &'a Fault,
}

/// A reject as the receipt holds it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RejectRow {
    /// Ordinal of the input.
    pub input: u64,
    /// Which frame, message or row of it.
    pub item: Option<u64>,
    /// inputs, images, messages or rows.
    pub unit: String,
    /// Keyed id of the input.
    pub input_id: String,
    /// refused or skipped.
    pub outcome: String,
    /// Stable code.
    pub reason: String,
    /// Attribute, field, column or stage.
    pub place: String,
    /// What was expected and not so.
    pub cause: String,
    /// A JSON object, or empty.
    pub numbers: String,
    /// What to do, or empty.
    pub remedy: String,
}

impl RejectRow {
    /// The fault's own words go along; its detail (a path, a driver's word) does not.
    pub fn of(reject: &Reject<'_>) -> Self {
        let fault = reject.fault;
        let numbers: Vec<String> = fault.numbers.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        Self {
            input: reject.input.0,
            item: reject.item,
            unit: reject.unit.word().to_owned(),
            input_id: reject.input_id.get().clone(),
            outcome: reject.outcome.word().to_owned(),
            reason: fault.reason.code().to_owned(),
            place: fault.place.to_owned(),
            cause: fault.cause.to_owned(),
            numbers: if numbers.is_empty() { String::new() } else { format!("{{{}}}", numbers.join(",")) },
            remedy: fault.remedy.to_owned(),
        }
    }

    /// The row of rejects.parquet.
    pub fn cells(self) -> Vec<Cell> {
        let text = |t: String| if t.is_empty() { Cell::Null } else { Cell::Text(t) };
        vec![
            Cell::U64(self.input),
            Cell::Text(self.input_id),
            Cell::Text(self.unit),
            self.item.map_or(Cell::Null, Cell::U64),
            Cell::Text(self.outcome),
            Cell::Text(self.reason),
            text(self.place),
            text(self.cause),
            text(self.numbers),
            text(self.remedy),
        ]
    }

    /// What the reason means.
    pub fn meaning(&self) -> &'static str {
        REASONS.iter().find(|row| row.1 == self.reason).map_or("", |row| row.2)
    }
}

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

    /// Takes note of a row of another table.
    pub(super) fn see_row(&mut self, table: &Table, sex: Option<&Cell>, split: Option<&Cell>) {
        match self.rows.get_mut(table.name) {
            Some(count) => *count += 1,
            None => {
                self.rows.insert(table.name.to_owned(), 1);
            }
        }
        self.table_sex = self.table_sex.take().or_else(|| text(sex));
        self.split = self.split.take().or_else(|| text(split));
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

/// Adds counts by name.
pub(super) fn add_counts(to: &mut BTreeMap<String, u64>, from: BTreeMap<String, u64>) {
    for (name, count) in from {
        *to.entry(name).or_default() += count;
    }
}

/// Counts of the values of one column.
pub type Tally = BTreeMap<String, u64>;

/// Manifest columns whose values are counted for the card and the report.
pub(super) const TALLIED: [&str; 12] = [
    "modality",
    "body_part",
    "transfer_syntax",
    "photometric",
    "bits_stored",
    "lossy",
    "dtype",
    "shape",
    "voi",
    "burned_in",
    "masked",
    "engine",
];

/// Distinct values that are counted by name; what comes after is `other`.
const TALLY_VALUES: usize = 64;

/// Counts one cell.
pub(super) fn tally(tallies: &mut BTreeMap<String, Tally>, column: &'static str, cell: &Cell) {
    let word = match cell {
        Cell::Null => "unknown".to_owned(),
        Cell::Text(text) => text.clone(),
        Cell::Masks(boxes) => if boxes.is_empty() { "nothing" } else { "boxes" }.to_owned(),
        Cell::ListU32(list) => list.iter().map(u32::to_string).collect::<Vec<_>>().join("x"),
        cell => json_of(cell, false).map(|v| v.to_string()).unwrap_or_default(),
    };
    let values = tallies.entry(column.to_owned()).or_default();
    let full = values.len() >= TALLY_VALUES && !values.contains_key(&word);
    *values.entry(if full { "other".to_owned() } else { word }).or_default() += 1;
}

/// A committed part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartReceipt {
    /// [`SCHEMA`] of the program that wrote it.
    pub schema: u32,
    /// Which part.
    pub part: PartId,
    /// Digest of everything that decides about the part's bytes.
    pub plan_digest: String,
    /// The part's files, by name.
    pub files: Vec<FileReceipt>,
    /// What was read and what became of it.
    pub counts: BTreeMap<Unit, Count>,
    /// Tensors by split.
    pub tensors: BTreeMap<String, u64>,
    /// Rows by table (`hl7/observations`).
    pub rows: BTreeMap<String, u64>,
    /// Counts of values by manifest column.
    pub tallies: BTreeMap<String, Tally>,
    /// Boxes blanked.
    pub boxes: u64,
    /// What was set aside, by ordinal.
    pub rejects: Vec<RejectRow>,
    /// By pseudonym.
    pub patients: BTreeMap<String, PatientFacts>,
    /// Entries for the audit trail.
    pub audit: Vec<super::audit::Entry>,
}
