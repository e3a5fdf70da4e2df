//! Rows of HL7 and EHR tables: each column is treated as its class says, and nothing else gets through.

use super::codes;
use super::dates;
use super::identity::{Crosswalk, Identity, Person};
use super::known::Known;
use super::memory::{Memory, Question};
use super::question::asks_who;
use super::record::{About, Record, with_line};
use super::text::{Scrubber, Shift};
use crate::model::table::PersonId;
use crate::model::{Batch, Cell, Class, Clean, Column, ColumnType, Domain, Given, SealedLine, SealedRow};
use std::borrow::Cow;

/// A row that may be written, and whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct CleanRow {
    /// One cell per column of the row's table.
    pub cells: Clean<Vec<Cell>>,
    /// The person, if the source names one.
    pub person: Option<Person>,
}

/// De-identifies rows one after another, and remembers what neighbouring rows share: the person, the words that name
/// people, and pseudonyms made before.
pub struct Cleaner<'a> {
    identity: &'a Identity,
    crosswalk: Crosswalk,
    memory: Memory,
    person: Option<(PersonId, Person)>,
    record: Record,
    full: Vec<Batch>,
    open: Vec<Batch>,
}

/// What is left of rows that were [added](Cleaner::add).
pub struct CleanRows {
    /// The rows, those of one table in the order in which they were added.
    pub batches: Clean<Vec<Batch>>,
    /// Old and new ids that were met.
    pub crosswalk: Crosswalk,
    /// For the next worker.
    pub memory: Memory,
}

/// What becomes of a value.
enum Treated<'t> {
    /// A text that leaves.
    Text(Cow<'t, str>),
    /// Anything else that leaves, nulls among it.
    Cell(Cell),
}

const NULL: Treated<'static> = Treated::Cell(Cell::Null);

impl<'a> Cleaner<'a> {
    /// A cleaner that has seen nothing.
    pub fn new(identity: &'a Identity) -> Self {
        Self::with(identity, Memory::default())
    }

    /// A cleaner that remembers what another of the same identity saw.
    pub fn with(identity: &'a Identity, memory: Memory) -> Self {
        let (crosswalk, record) = (Crosswalk::default(), Record::new());
        Self { identity, crosswalk, memory, person: None, record, full: Vec::new(), open: Vec::new() }
    }

    /// The old and new ids met on the way.
    pub fn into_crosswalk(self) -> Crosswalk {
        self.crosswalk
    }

    /// What was added, and what was learned on the way.
    pub fn into_rows(self) -> CleanRows {
        let mut batches = self.full;
        batches.extend(self.open);
        CleanRows { batches: Clean::vouch(batches), crosswalk: self.crosswalk, memory: self.memory }
    }

    /// De-identifies one row.
    ///
    /// A row without a person keeps no dates: there is no shift to keep intervals with, and an unshifted date must not
    /// pass.
    pub fn clean(&mut self, row: &SealedRow) -> CleanRow {
        let mut cells = Vec::with_capacity(row.table.columns.len());
        with_line(row, |line| {
            self.treat(line, |_, treated| {
                cells.push(match treated {
                    Treated::Text(text) => Cell::Text(text.into_owned()),
                    Treated::Cell(cell) => cell,
                });
            });
        });
        let person = row.person.as_ref().and(self.person.as_ref()).map(|(_, person)| person.clone());
        CleanRow { cells: Clean::vouch(cells), person }
    }

    /// De-identifies one row and puts it behind those of its table; [`into_rows`](Self::into_rows) has them.
    pub fn add_row(&mut self, row: &SealedRow) {
        with_line(row, |line| self.add(line));
    }

    /// The same for a row that lies in its input.
    pub fn add(&mut self, line: &SealedLine<'_>) {
        let place = self.open.iter().position(|batch| std::ptr::eq(batch.table(), line.table));
        let mut batch = match place {
            Some(place) => self.open.swap_remove(place),
            None => Batch::new(line.table),
        };
        self.treat(line, |column, treated| {
            // What does not fit its column does not leave: a column that is too short is found out when it is written.
            match treated {
                Treated::Text(text) => batch.text(column, &text),
                Treated::Cell(cell) => batch.cell(column, cell),
            };
        });
        let person = line.person.as_ref().and(self.person.as_ref());
        batch.end_row(person.map(|(_, person)| (&person.key, person.split)));
        if batch.is_full() { self.full.push(batch) } else { self.open.push(batch) }
    }

    /// Hands out what becomes of each value of a row, with the place of its column.
    fn treat(&mut self, line: &SealedLine<'_>, mut put: impl FnMut(usize, Treated<'_>)) {
        let id = line.person.as_ref().map(|id| *id.open());
        if let Some(id) = id {
            self.turn_to(id);
        }
        self.record.begin();
        let person = id.and(self.person.as_ref()).map(|(_, person)| person);
        let (identity, memory, record) = (self.identity, &mut self.memory, &mut self.record);
        let linked = id.and_then(|id| identity.linked(id));
        let reference = line.reference_date.as_ref().map(|date| *date.open());
        let about = About { naming: line.naming, linked, id, reference };
        // A message is dated; a table of people is not.
        let undated = id.filter(|_| line.table.folder == "ehr");
        let system = line.table.position("code_system").and_then(|place| line.cells.open().get(place));
        let ndc = matches!(system, Some(Given::Text(system)) if system.trim().eq_ignore_ascii_case("NDC"));
        let question = line.table.position("code_text").and_then(|place| line.cells.open().get(place));
        let who = matches!(question, Some(Given::Text(question)) if asks_who(question));
        let mut treatment = Treatment { identity, person, memory, record, about, undated, ndc, who };
        for (place, (column, given)) in line.table.columns.iter().zip(*line.cells.open()).enumerate() {
            put(place, treatment.cell(column, given));
        }
    }

    fn turn_to(&mut self, id: &PersonId) {
        if self.person.as_ref().is_some_and(|(last, _)| last == id) {
            return;
        }
        let (person, first) = self.memory.person(id, self.identity);
        if first {
            self.crosswalk.patient(&id.id, person);
        }
        self.person = Some((id.clone(), person.clone()));
    }
}

/// What a join made from tables of the data set itself: everything in them has been let through before.
pub fn reread<T>(joined: T) -> Clean<T> {
    Clean::vouch(joined)
}

struct Treatment<'t> {
    identity: &'t Identity,
    person: Option<&'t Person>,
    memory: &'t mut Memory,
    record: &'t mut Record,
    about: About<'t>,
    /// Whose row it is if it is of a table that is not dated, as messages are.
    undated: Option<&'t PersonId>,
    /// Whether the row calls its code one of the National Drug Code directory.
    ndc: bool,
    /// Whether the row answers a question for what identifies somebody.
    who: bool,
}

/// Columns that hold the answer of a row beside free text.
const VALUES: &[&str] = &["value_code", "value_datetime", "value_number", "value_number_2"];

/// Texts up to this length come back: what the scrubber says of them is remembered.
const SHORT: usize = 200;

impl Treatment<'_> {
    fn cell<'v>(&'v mut self, column: &Column, given: &'v Given<'_>) -> Treated<'v> {
        match (column.class, given) {
            (_, Given::Null) | (Class::Drop, _) => NULL,
            (class, _) if self.who && (class == Class::Text || VALUES.contains(&column.name)) => NULL,
            (Class::Pseudonym(Domain::Patient), _) if column.name == "patient_id" => {
                self.person.map_or(NULL, |person| Treated::Text(Cow::Borrowed(&person.key.0)))
            }
            (Class::Code, Given::Text(text)) if self.ndc && column.name == "code" => {
                let code = codes::keep_ndc(text, &[]).or_else(|| codes::keep(text, &[]));
                let code = code.filter(|code| !self.record.names(code, self.about));
                code.map_or(NULL, |code| Treated::Text(Cow::Owned(code)))
            }
            (class, Given::Text(text)) => self.text(class, column.kind, text),
            (Class::Number, Given::F64(value)) if self.is_no_quantity(*value) => NULL,
            // Numbers and truths were made by our own parser, from columns declared as such.
            (Class::Keep | Class::Number, given) => Treated::Cell(given.clone().into_cell()),
            _ => NULL,
        }
    }

    fn text<'v>(&'v mut self, class: Class, kind: ColumnType, text: &'v str) -> Treated<'v> {
        let trimmed = text.trim_matches([' ', '\0']);
        if trimmed.is_empty() {
            return NULL;
        }
        let kept = |keep: bool| if keep { Treated::Text(Cow::Borrowed(trimmed)) } else { NULL };
        match class {
            Class::Keep => Treated::Text(Cow::Borrowed(text)),
            Class::Code => kept(self.is_code(trimmed)),
            Class::Term => {
                let term = |text: &str| Scrubber::shared().term(text, &[]).is_some();
                let term = self.memory.verdict(Question::Term, trimmed, term);
                kept(term && !self.record.names(trimmed, self.about))
            }
            Class::Number if codes::is_no_quantity(trimmed) || self.record.names(trimmed, self.about) => NULL,
            Class::Number => Treated::Cell(number(kind, text)),
            Class::Pseudonym(domain) => Treated::Text(self.memory.pseudonym(domain, text, self.identity)),
            Class::Date => Treated::Cell(self.date(text).map_or(Cell::Null, |when| Cell::Date(when.days))),
            Class::DateTime => Treated::Cell(self.date(text).map_or(Cell::Null, |when| {
                Cell::Timestamp(i64::from(when.days) * 86_400_000 + i64::from(when.ms.unwrap_or(0)))
            })),
            Class::BirthDate => {
                let reference = self.about.reference.and_then(dates::parse);
                let reference = reference.or_else(|| self.identity.age_day(self.undated?));
                let age = dates::parse(text).zip(reference).and_then(|(born, at)| dates::age_years(born, at));
                Treated::Cell(age.map_or(Cell::Null, |years| Cell::F64(f64::from(years))))
            }
            Class::Zip => Treated::Cell(codes::zip3(text).map_or(Cell::Null, Cell::Text)),
            Class::Text => self.prose(trimmed),
            Class::Drop => NULL,
        }
    }

    fn is_code(&mut self, text: &str) -> bool {
        if codes::is_message_code(text) {
            return true;
        }
        let code = |text: &str| codes::keep(text, &[]).is_some();
        // One letter names nobody, and no identifier has fewer than four digits.
        let (mut letters, mut digits) = (0, 0);
        for byte in text.bytes() {
            letters += usize::from(!byte.is_ascii() || byte.is_ascii_alphabetic());
            digits += usize::from(byte.is_ascii_digit());
        }
        let nobody = (letters == 0 && digits < 4) || (letters == 1 && digits == 0);
        self.memory.verdict(Question::Code, text, code) && (nobody || !self.record.names(text, self.about))
    }

    /// Whether a number is no measurement; an identifier of digits has four of them or more.
    fn is_no_quantity(&mut self, value: f64) -> bool {
        if value.abs() < 999.0 {
            return false;
        }
        let text = format!("{value:.0}");
        codes::is_no_quantity(&text) || self.record.names(&text, self.about)
    }

    /// Free text, with the dates of the person it is about; those of nobody become marks.
    fn prose<'v>(&mut self, text: &'v str) -> Treated<'v> {
        let harmless = |text: &str| Scrubber::shared().scrub(text, &Known::new(), None).found.total() == 0;
        let quiet = text.len() <= SHORT && !self.record.may_name(text, self.about);
        if quiet && self.memory.verdict(Question::Harmless, text, harmless) {
            return Treated::Text(Cow::Borrowed(text));
        }
        let about = self.about;
        self.record.may_name(text, about);
        let shift = self.person.map(Shift::of);
        Treated::Text(Scrubber::shared().scrub(text, self.record.known(), shift).text)
    }

    fn date(&self, text: &str) -> Option<dates::When> {
        Some(self.person?.shift(dates::parse(text)?))
    }
}

fn number(kind: ColumnType, text: &str) -> Cell {
    let text = text.trim();
    match kind {
        ColumnType::F32 | ColumnType::F64 => {
            text.parse().ok().filter(|x: &f64| x.is_finite()).map_or(Cell::Null, Cell::F64)
        }
        ColumnType::I64 => text.parse().map_or(Cell::Null, Cell::I64),
        ColumnType::U8 | ColumnType::U32 | ColumnType::U64 => text.parse().map_or(Cell::Null, Cell::U64),
        _ => Cell::Null,
    }
}

#[cfg(test)]
mod tests;
