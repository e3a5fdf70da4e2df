//! Tables as data: every Parquet table of the dataset is declared once as a [`Table`], and readers, de-identification,
//! writers, docs and tests are driven by that declaration.

use super::Phi;
use std::borrow::Cow;
use std::sync::Arc;

/// What kind of identifier a pseudonym stands for. Each has its own key, so that equal ids of different kinds differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Domain {
    /// PatientID, PID-3, EHR patient ids.
    Patient,
    /// AccessionNumber, OBR-18, ORC-2/3 and the like.
    Accession,
    /// Visits and encounters.
    Encounter,
    /// Message control ids.
    Message,
    /// Placer and filler order numbers.
    Order,
    /// DICOM UIDs.
    Uid,
    /// Persons who are not patients: physicians, operators.
    Staff,
    /// Anything else that identifies one thing.
    Other,
}

/// How de-identification treats a column. A column without a class cannot be declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Says nothing about a person: row numbers, our own codes, counts.
    Keep,
    /// A code or defined term: kept only if it looks like one (`deid::codes::keep`: few short tokens, no phrase, no date,
    /// telephone or personal number, no word that names a person of the same record).
    Code,
    /// The name of a code in words: kept as it is if the scrubber finds nothing in it and knows its words
    /// (`deid::text`), else null.
    Term,
    /// A measured number: kept if it parses as a number.
    Number,
    /// Replaced by a keyed pseudonym.
    Pseudonym(Domain),
    /// A date: shifted by the person's number of days. Unreadable dates become null.
    Date,
    /// A date with time: shifted likewise, time of day kept.
    DateTime,
    /// A birth date: becomes an age in years at the row's reference date, capped at 90.
    BirthDate,
    /// A postal code: three digits, or 000 where fewer than 20,000 people live.
    Zip,
    /// Free text: leaves with marks instead of what identifies people, and with shifted dates (`deid::text`).
    Text,
    /// A name or contact: never leaves.
    Drop,
}

/// The Arrow type a column is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// UTF-8.
    Text,
    /// Boolean.
    Bool,
    /// Unsigned integers.
    U8,
    /// 32-bit unsigned.
    U32,
    /// 64-bit unsigned.
    U64,
    /// 64-bit signed.
    I64,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
    /// Days since 1970-01-01.
    Date32,
    /// Milliseconds since 1970-01-01T00:00, no zone.
    TimestampMs,
    /// List of 32-bit unsigned.
    ListU32,
    /// List of 32-bit floats.
    ListF32,
    /// List of UTF-8.
    ListText,
    /// List of struct x, y, w, h, reason.
    ListMask,
}

/// One column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// Name in the Parquet file: the DICOM keyword or HL7 field name in snake case where there is one.
    pub name: &'static str,
    /// Arrow type.
    pub kind: ColumnType,
    /// Treatment.
    pub class: Class,
    /// Where it comes from and what it means: unit, range, section of the standard.
    pub doc: &'static str,
}

/// One table.
#[derive(Debug, PartialEq)]
pub struct Table {
    /// Folder and file stem: `observations`.
    pub name: &'static str,
    /// Top folder in the dataset: `hl7`, `ehr`, `manifest`, or empty for the root.
    pub folder: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// In writing order.
    pub columns: &'static [Column],
}

impl Table {
    /// Its name among all tables and, with a folder, where its parts lie: `manifest`, `patients`, `hl7/orders`.
    pub fn path(&self) -> String {
        if self.folder.is_empty() || self.folder == self.name {
            self.name.to_owned()
        } else {
            format!("{}/{}", self.folder, self.name)
        }
    }

    /// The place of a column by name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// One value of a row. Before `deid`, everything read from a file is `Text` (as it stood in the file) or a number that
/// was parsed; after it, the variant fits the column's [`ColumnType`] or is `Null`.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Cell {
    /// Absent or unknown.
    #[default]
    Null,
    /// Text.
    Text(String),
    /// Truth.
    Bool(bool),
    /// Any unsigned integer column.
    U64(u64),
    /// Signed integer.
    I64(i64),
    /// F32 and F64 columns.
    F64(f64),
    /// Days since 1970-01-01.
    Date(i32),
    /// Milliseconds since 1970-01-01T00:00.
    Timestamp(i64),
    /// List of unsigned.
    ListU32(Vec<u32>),
    /// List of floats.
    ListF32(Vec<f32>),
    /// List of words.
    ListText(Vec<String>),
    /// Boxes.
    Masks(Vec<super::MaskBox>),
}

/// A row as read from a person's file: one cell per column of its table, sealed, and whose row it is.
#[derive(Clone, Debug)]
pub struct SealedRow {
    /// Which table.
    pub table: &'static Table,
    /// One per column.
    pub cells: Phi<Vec<Cell>>,
    /// The patient's id and issuer as the source gives them; `None` if the source names no patient.
    pub person: Option<Phi<PersonId>>,
    /// How the record that the row comes from names people: no code or text that contains it may leave.
    pub naming: Option<Arc<Phi<Vec<Naming>>>>,
    /// The date (YYYYMMDD or longer) that ages in this row refer to: message time, encounter start.
    pub reference_date: Option<Phi<String>>,
}

/// One value of a row as a reader takes it from its input: a text stays where it is if it can.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Given<'m> {
    /// Absent, empty or unknown.
    #[default]
    Null,
    /// Text as it stood in the file.
    Text(Cow<'m, str>),
    /// Truth.
    Bool(bool),
    /// Unsigned integer.
    U64(u64),
    /// Float.
    F64(f64),
    /// The id of the row's own person.
    Person,
    /// A cell of any other kind.
    Other(&'m Cell),
}

impl<'m> Given<'m> {
    /// A cell as it was given.
    pub fn of(cell: &'m Cell) -> Self {
        match cell {
            Cell::Null => Given::Null,
            Cell::Text(text) => Given::Text(Cow::Borrowed(text)),
            Cell::Bool(truth) => Given::Bool(*truth),
            Cell::U64(number) => Given::U64(*number),
            Cell::F64(number) => Given::F64(*number),
            other => Given::Other(other),
        }
    }

    /// The same as a cell that outlives the input, of a row about this person.
    pub fn into_cell(self, person: Option<&PersonId>) -> Cell {
        match self {
            Given::Null => Cell::Null,
            Given::Text(text) => Cell::Text(text.into_owned()),
            Given::Bool(truth) => Cell::Bool(truth),
            Given::U64(number) => Cell::U64(number),
            Given::F64(number) => Cell::F64(number),
            Given::Person => person.map_or(Cell::Null, |person| Cell::Text(person.id.clone())),
            Given::Other(cell) => cell.clone(),
        }
    }
}

/// Asks how a record names people. The same record gives the same list, worked out once and only if somebody asks.
pub type NamingOf<'m> = dyn Fn() -> Arc<Phi<Vec<Naming>>> + 'm;

/// A [`SealedRow`] whose values still lie in the bytes of its input.
#[derive(Clone)]
pub struct SealedLine<'m> {
    /// Which table.
    pub table: &'static Table,
    /// One per column, but for those that `alike` shares once they are remembered.
    pub cells: Phi<&'m [Given<'m>]>,
    /// The patient's id and issuer as the source gives them; `None` if the source names no patient.
    pub person: Option<Phi<&'m PersonId>>,
    /// How the record names people.
    pub naming: Option<&'m NamingOf<'m>>,
    /// The date that ages in this row refer to.
    pub reference_date: Option<Phi<&'m str>>,
    /// The rows before it that say the same.
    pub alike: Option<&'m Alike>,
}

/// Rows that say the same in some columns, because what those are taken from is the same: messages of one sender. Who hands
/// the rows on remembers what became of these columns, once for all of them.
#[derive(Debug)]
pub struct Alike {
    /// Which of such rows; when a reader begins to call others by it, nothing is remembered of them yet.
    pub number: usize,
    /// The columns, a bit each, the first column the lowest.
    pub columns: u64,
    /// Set by who remembers: from then on the reader leaves these columns out.
    pub remembered: std::cell::Cell<bool>,
}

impl Alike {
    /// Numbers are below this.
    pub const MOST: usize = 32;

    /// The columns that rows leave out, a bit each.
    pub fn left_out(&self) -> u64 {
        if self.remembered.get() { self.columns } else { 0 }
    }
}

/// Something that a record names people by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Naming {
    /// A person's name, its parts separated by `^` or blanks, the family name first if by `^`.
    Name(String),
    /// A birth date as the record has it.
    BirthDate(String),
    /// Ids, addresses, telephone numbers, words of them.
    Other(String),
}

/// A patient's identifier in one source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PersonId {
    /// PatientID, PID-3.1, EHR id.
    pub id: String,
    /// IssuerOfPatientID, PID-3.4; empty if absent.
    pub issuer: String,
}

impl PersonId {
    /// Separates id and issuer where one cell holds both; no text of HL7 or DICOM has it as a value (C0 control).
    const BETWEEN: char = '\u{1f}';

    /// Id and issuer as the text of one cell, for columns that name a second person.
    pub fn to_cell(&self) -> String {
        format!("{}{}{}", self.id, Self::BETWEEN, self.issuer)
    }

    /// What [`PersonId::to_cell`] made; a text without separator is an id without issuer.
    pub fn from_cell(text: &str) -> Self {
        let (id, issuer) = text.split_once(Self::BETWEEN).unwrap_or((text, ""));
        Self { id: id.to_owned(), issuer: issuer.to_owned() }
    }
}
