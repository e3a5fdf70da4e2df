//! Rows of HL7 and EHR tables: each column is treated as its class says, and nothing else gets through.

mod treatment;

use super::habit::Habit;
use super::identity::{Crosswalk, Identity, Person};
use super::memory::Memory;
use super::question::{asks_age, asks_who, oldest_age};
use super::record::{About, Record, with_line};
use crate::model::batch::{Batch, Told};
use crate::model::table::PersonId;
use crate::model::{Alike, Cell, Clean, Given, SealedLine, SealedRow, Table};
use std::sync::Arc;
use treatment::{Treated, Treatment};

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
    desk: Desk<'a>,
    full: Vec<Batch>,
    open: Vec<Open>,
}

/// What rows of every table are treated with.
struct Desk<'a> {
    identity: &'a Identity,
    crosswalk: Crosswalk,
    memory: Memory,
    person: Option<(PersonId, Person)>,
    record: Record,
}

/// Rows of one table, and what is known of its columns.
struct Open {
    batch: Batch,
    columns: Columns,
}

/// What is asked of a table once and not for every row.
struct Columns {
    code: Option<usize>,
    code_system: Option<usize>,
    code_text: Option<usize>,
    unit: Option<usize>,
    /// A message is dated; a table of people is not.
    dated: bool,
    /// By column: what became of short texts.
    habits: Vec<Habit>,
    /// By number of rows that are alike: what becomes of the columns that they share.
    told: Vec<Option<Arc<Told>>>,
}

impl Columns {
    fn of(table: &Table) -> Self {
        Self {
            code: table.position("code"),
            code_system: table.position("code_system"),
            code_text: table.position("code_text"),
            unit: table.position("unit"),
            dated: table.folder != "ehr",
            habits: table.columns.iter().map(|_| Habit::default()).collect(),
            told: Vec::new(),
        }
    }
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

impl<'a> Cleaner<'a> {
    /// A cleaner that has seen nothing.
    pub fn new(identity: &'a Identity) -> Self {
        Self::with(identity, Memory::default())
    }

    /// A cleaner that remembers what another of the same identity saw.
    pub fn with(identity: &'a Identity, memory: Memory) -> Self {
        let (crosswalk, record) = (Crosswalk::default(), Record::new());
        let desk = Desk { identity, crosswalk, memory, person: None, record };
        Self { desk, full: Vec::new(), open: Vec::new() }
    }

    /// The old and new ids met on the way.
    pub fn into_crosswalk(self) -> Crosswalk {
        self.desk.crosswalk
    }

    /// What was added, and what was learned on the way.
    pub fn into_rows(mut self) -> CleanRows {
        let mut batches = self.full;
        for Open { batch, .. } in self.open {
            self.desk.memory.keep_room(&batch);
            batches.push(batch);
        }
        CleanRows { batches: Clean::vouch(batches), crosswalk: self.desk.crosswalk, memory: self.desk.memory }
    }

    /// De-identifies one row.
    ///
    /// A row without a person keeps no dates: there is no shift to keep intervals with, and an unshifted date must not
    /// pass.
    pub fn clean(&mut self, row: &SealedRow) -> CleanRow {
        let mut cells = Vec::with_capacity(row.table.columns.len());
        with_line(row, |line| {
            self.desk.treat(line, &mut Columns::of(row.table), |_, treated| {
                cells.push(match treated {
                    Treated::Text(text) => Cell::Text(text.into_owned()),
                    Treated::Cell(cell) => cell,
                });
            });
        });
        let person = row.person.as_ref().and(self.desk.person.as_ref()).map(|(_, person)| *person);
        CleanRow { cells: Clean::vouch(cells), person }
    }

    /// De-identifies one row and puts it behind those of its table; [`into_rows`](Self::into_rows) has them.
    pub fn add_row(&mut self, row: &SealedRow) {
        with_line(row, |line| self.add(line));
    }

    /// The same for a row that lies in its input.
    pub fn add(&mut self, line: &SealedLine<'_>) {
        let place = match self.open.iter().position(|open| std::ptr::eq(open.batch.table(), line.table)) {
            Some(place) => place,
            None => {
                let batch = self.desk.memory.batch(line.table);
                self.open.push(Open { batch, columns: Columns::of(line.table) });
                self.open.len() - 1
            }
        };
        let Some(Open { batch, columns }) = self.open.get_mut(place) else { return };
        let told = line.alike.filter(|alike| alike.remembered.get()).and_then(|alike| columns.told.get(alike.number));
        if let Some(Some(told)) = told {
            batch.share(told);
        }
        self.desk.treat(line, columns, |column, treated| {
            // What does not fit its column does not leave: a column that is too short is found out when it is written.
            match treated {
                Treated::Text(text) => batch.text(column, &text),
                Treated::Cell(cell) => batch.cell(column, cell),
            };
        });
        let person = line.person.as_ref().and(self.desk.person.as_ref());
        batch.end_row(person.map(|(_, person)| (&person.key, person.split)));
        if batch.is_full() {
            self.full.push(std::mem::replace(batch, Batch::new(line.table)));
        }
    }
}

impl Desk<'_> {
    /// Hands out what becomes of each value of a row, with the place of its column.
    fn treat(&mut self, line: &SealedLine<'_>, columns: &mut Columns, mut put: impl FnMut(usize, Treated<'_>)) {
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
        let undated = id.filter(|_| !columns.dated);
        let cell = |place: Option<usize>| place.and_then(|place| line.cells.open().get(place));
        let ndc =
            matches!(cell(columns.code_system), Some(Given::Text(system)) if system.trim().eq_ignore_ascii_case("NDC"));
        let who = matches!(cell(columns.code_text), Some(Given::Text(question)) if asks_who(question));
        let oldest = match (cell(columns.code), cell(columns.unit)) {
            (Some(Given::Text(code)), Some(Given::Text(unit))) if asks_age(code) => oldest_age(unit),
            (Some(Given::Text(code)), _) if asks_age(code) => oldest_age(""),
            _ => f64::INFINITY,
        };
        let mut treatment = Treatment { identity, person, memory, record, about, undated, ndc, who, oldest };
        let left_out = line.alike.map_or(0, Alike::left_out);
        if let Some(alike) = line.alike.filter(|alike| !alike.remembered.get() && alike.number < Alike::MOST) {
            let texts =
                line.table.columns.iter().zip(*line.cells.open()).enumerate().map(|(place, (column, given))| {
                    let theirs = place >= 64 || alike.columns >> place & 1 == 0;
                    if theirs { Some(None) } else { treatment.whoever(column, given).map(Some) }
                });
            if let Some(told) = texts.collect::<Option<Vec<_>>>().and_then(|texts| Told::new(line.table, texts)) {
                if columns.told.len() <= alike.number {
                    columns.told.resize(alike.number + 1, None);
                }
                columns.told[alike.number] = Some(Arc::new(told));
                alike.remembered.set(true);
            }
        }
        let mut cells = line.cells.open().iter();
        for (place, (column, habit)) in line.table.columns.iter().zip(&mut columns.habits).enumerate() {
            if place < 64 && left_out >> place & 1 == 1 {
                continue;
            }
            let Some(given) = cells.next() else { return };
            put(place, treatment.cell(column, given, habit));
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
        match &mut self.person {
            Some((last, held)) => {
                last.id.clone_from(&id.id);
                last.issuer.clone_from(&id.issuer);
                *held = *person;
            }
            None => self.person = Some((id.clone(), *person)),
        }
    }
}

/// What a join made from tables of the data set itself: everything in them has been let through before.
pub fn reread<T>(joined: T) -> Clean<T> {
    Clean::vouch(joined)
}

#[cfg(test)]
mod tests;
