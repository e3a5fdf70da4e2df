//! What a committed part says of itself: its files, counts, rejects and the facts that finishing needs. The receipt's
//! existence is the commit. It holds pseudonyms, codes and counts only, and no clock.

use super::everybody::Everybody;
use super::files::FileReceipt;
use super::scores::Scores;
use super::tally::Tally;
use crate::error::{Fault, REASONS};
use crate::model::{Cell, Clean, InputId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// Scores of measured images.
    #[serde(default)]
    pub scores: Scores,
    /// What was set aside, by ordinal.
    pub rejects: Vec<RejectRow>,
    /// By pseudonym.
    pub patients: Everybody,
    /// Entries for the audit trail.
    pub audit: Vec<super::audit::Entry>,
}
