//! What is noted of people while a part is written: whose rows there are, and when.

use super::everybody::Everybody;
use super::patients::{Days, PatientFacts, span};
use crate::error::{Fault, Result};
use crate::model::batch::{Batch, Values};
use crate::model::{Cell, PatientKey, Split, Table};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

/// When something happened to a person: the columns that first and last days are taken from, by table. HL7 is dated by its
/// messages.
const EVENTS: &[(&str, &str, &str)] = &[
    ("hl7", "messages", "message_datetime"),
    ("ehr", "encounters", "start_datetime"),
    ("ehr", "conditions", "start_date"),
    ("ehr", "observations", "observation_datetime"),
    ("ehr", "medications", "start_datetime"),
    ("ehr", "procedures", "start_datetime"),
    ("ehr", "immunizations", "immunization_datetime"),
    ("ehr", "notes", "note_datetime"),
];

/// Where a table has what is noted of persons.
pub(super) struct Noted {
    table: &'static Table,
    patient: Option<usize>,
    sex: Option<usize>,
    split: Option<usize>,
    event: Option<usize>,
}

impl Noted {
    pub(super) fn of(table: &'static Table) -> Self {
        let event = EVENTS.iter().find(|row| (row.0, row.1) == (table.folder, table.name));
        Self {
            table,
            patient: table.position("patient_id"),
            sex: table.position("sex").or_else(|| table.position("patient_sex")),
            split: table.position("split"),
            event: event.and_then(|row| table.position(row.2)),
        }
    }

    /// The first and the last day of some rows.
    fn days(&self, batch: &Batch, rows: Range<usize>) -> Option<Days> {
        const DAY_MS: i64 = 86_400_000;
        let span = |days: &mut dyn Iterator<Item = i32>| days.fold(None, |all, day| span(all, Some((day, day))));
        match batch.columns().get(self.event?)? {
            Values::Timestamp(all) => {
                let day = |ms: &Option<i64>| ms.and_then(|ms| i32::try_from(ms.div_euclid(DAY_MS)).ok());
                span(&mut all.get(rows)?.iter().filter_map(day))
            }
            Values::Date(all) => span(&mut all.get(rows)?.iter().filter_map(|day| *day)),
            _ => None,
        }
    }
}

/// Hashes pseudonyms by letters of their own: they are made of a keyed digest.
#[derive(Clone, Copy, Default)]
struct Letters(u64);

impl Hasher for Letters {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        // Five bits a letter: eight of them behind the first are 40 bits.
        let letters = bytes.get(1..).and_then(|rest| rest.first_chunk::<8>());
        let word = letters.map_or(bytes.len() as u64, |letters| u64::from_le_bytes(*letters));
        let product = u128::from(word) * 0x9E37_79B9_7F4A_7C15;
        self.0 = (product ^ product >> 64) as u64;
    }
    fn write_u8(&mut self, _: u8) {}
}

/// What a part knows of everybody, while it is being written.
#[derive(Default)]
pub(super) struct Patients {
    places: HashMap<PatientKey, usize, BuildHasherDefault<Letters>>,
    facts: Vec<PatientFacts>,
}

impl Patients {
    /// What is known of a person; nothing yet if they are new.
    pub(super) fn of(&mut self, patient: &PatientKey) -> &mut PatientFacts {
        let place = match self.places.get(patient) {
            Some(place) => *place,
            None => {
                self.places.insert(*patient, self.facts.len());
                self.facts.push(PatientFacts::default());
                self.facts.len() - 1
            }
        };
        &mut self.facts[place]
    }

    /// The same of a pseudonym in a row.
    pub(super) fn named(&mut self, patient: &str) -> Result<&mut PatientFacts> {
        let key = PatientKey::new(patient).ok_or_else(|| Fault::bug("patient_id", "longer than any pseudonym"))?;
        Ok(self.of(&key))
    }

    /// Takes note of a row of a table.
    pub(super) fn see_row(&mut self, noted: &Noted, row: &[Cell]) -> Result<()> {
        let text = |place: Option<usize>| match place.and_then(|place| row.get(place)) {
            Some(Cell::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        if let Some(patient) = text(noted.patient) {
            let (sex, split) = (text(noted.sex), text(noted.split).and_then(Split::of));
            self.named(patient)?.see_rows(noted.table, 1, sex, split);
        }
        Ok(())
    }

    /// Takes note of the rows of a batch.
    pub(super) fn see_batch(&mut self, noted: &Noted, batch: &Batch) {
        let mut first = 0;
        for whose in batch.whose() {
            let rows = first..first + whose.rows;
            first = rows.end;
            let Some((person, split)) = &whose.person else { continue };
            let facts = self.of(person);
            if noted.patient.is_none() {
                facts.split = facts.split.or(Some(*split));
                continue;
            }
            let sex = noted.sex.filter(|_| facts.table_sex.is_none()).and_then(|place| batch.columns().get(place));
            let sex = sex.and_then(|sex| rows.clone().find_map(|row| sex.text_at(row)));
            facts.see_rows(noted.table, rows.len() as u64, sex, Some(*split));
            let days = noted.days(batch, rows);
            let held = if noted.table.folder == "ehr" { &mut facts.ehr } else { &mut facts.hl7 };
            *held = span(*held, days);
        }
    }

    /// Everybody, by pseudonym.
    pub(super) fn sorted(self) -> Everybody {
        // Pseudonyms are told apart by their first letters, which lie beside each other here.
        let beginning = |patient: &PatientKey| {
            patient.as_str().bytes().chain(std::iter::repeat(0)).take(8).fold(0, |word, b| word << 8 | u64::from(b))
        };
        let places = self.places.into_iter().map(|(patient, place)| (beginning(&patient), patient, place));
        let mut places: Vec<(u64, PatientKey, usize)> = places.collect();
        places.sort_unstable();
        let mut facts = self.facts;
        let taken = |(_, patient, place): (u64, PatientKey, usize)| {
            (patient.as_str().into(), std::mem::take(&mut facts[place]))
        };
        Everybody(places.into_iter().map(taken).collect())
    }
}
