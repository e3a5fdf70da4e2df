//! Rows of HL7 and EHR tables: each column is treated as its class says, and nothing else gets through.

use super::codes;
use super::dates;
use super::identity::{Crosswalk, Identity, Person};
use super::known::Known;
use super::text::{Scrubber, Shift};
use crate::model::table::PersonId;
use crate::model::{Cell, Class, Clean, Column, ColumnType, Domain, Naming, Phi, SealedRow};
use std::collections::HashMap;
use std::sync::Arc;

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
    person: Option<(PersonId, Person, Known)>,
    naming: Option<Record>,
    pseudonyms: HashMap<(Domain, String), String>,
}

/// What a record names people by, and what was learned from it.
struct Record {
    words: Arc<Phi<Vec<Naming>>>,
    known: Known,
}

/// Pseudonyms remembered at most.
const REMEMBERED: usize = 4096;

impl<'a> Cleaner<'a> {
    /// A cleaner that has seen nothing.
    pub fn new(identity: &'a Identity) -> Self {
        Self { identity, crosswalk: Crosswalk::default(), person: None, naming: None, pseudonyms: HashMap::new() }
    }

    /// The old and new ids met on the way.
    pub fn into_crosswalk(self) -> Crosswalk {
        self.crosswalk
    }

    /// De-identifies one row.
    ///
    /// A row without a person keeps no dates: there is no shift to keep intervals with, and an unshifted date must not
    /// pass.
    pub fn clean(&mut self, row: &SealedRow) -> CleanRow {
        let id = row.person.as_ref().map(Phi::open);
        let person = id.map(|id| self.person(id));
        self.learn(row);
        let reference = row.reference_date.as_ref().and_then(|date| dates::parse(date.open()));
        // A message is dated; a table of people is not.
        let undated = id.filter(|_| row.table.folder == "ehr");
        let reference = reference.or_else(|| self.identity.age_day(undated?));
        let record = self.naming.iter().filter(|_| row.naming.is_some()).map(|naming| &naming.known);
        let own = self.person.iter().filter(|_| id.is_some()).map(|(_, _, known)| known);
        let known: Vec<&Known> = record.chain(own).collect();
        let pseudonyms = &mut self.pseudonyms;
        let system = row.table.position("code_system").and_then(|place| row.cells.open().get(place));
        let ndc = matches!(system, Some(Cell::Text(system)) if system.trim().eq_ignore_ascii_case("NDC"));
        let person_of = person.as_ref();
        let mut treat = Treatment { identity: self.identity, person: person_of, known, reference, pseudonyms, ndc };
        let cells = row.table.columns.iter().zip(row.cells.open());
        let cells = cells.map(|(column, cell)| treat.cell(column, cell)).collect();
        CleanRow { cells: Clean::vouch(cells), person }
    }

    fn person(&mut self, id: &PersonId) -> Person {
        match &self.person {
            Some((last, person, _)) if last == id => person.clone(),
            _ => {
                let person = self.identity.person(id);
                self.crosswalk.patients.insert(id.id.trim().to_owned(), person.key.0.clone());
                let mut known = Known::default();
                learn_id(&mut known, &id.id);
                self.person = Some((id.clone(), person.clone(), known));
                person
            }
        }
    }

    fn learn(&mut self, row: &SealedRow) {
        let Some(words) = &row.naming else { return };
        if self.naming.as_ref().is_some_and(|naming| Arc::ptr_eq(&naming.words, words)) {
            return;
        }
        let mut known = Known::default();
        for naming in words.open() {
            match naming {
                Naming::Name(name) => known.name(name),
                Naming::BirthDate(date) => {
                    known.birth_date(date);
                    if date.len() >= 8 && date.bytes().all(|b| b.is_ascii_digit()) {
                        known.learn(date);
                    }
                }
                Naming::Other(words) => learn_id(&mut known, words),
            }
        }
        self.naming = Some(Record { words: words.clone(), known });
    }
}

/// Learns an id of any form. The pieces of four in a UUID are in many numbers and codes of others (one SNOMED CT code in
/// fifty has one): of a UUID the whole, its first and its last piece are known.
fn learn_id(known: &mut Known, id: &str) {
    let pieces: Vec<&str> = id.trim().split('-').collect();
    let hex = |piece: &&str| piece.bytes().all(|b| b.is_ascii_hexdigit());
    match *pieces {
        [first, a, b, c, last]
            if pieces.iter().all(hex) && [first, a, b, c, last].map(str::len) == [8, 4, 4, 4, 12] =>
        {
            [first, last, &pieces.concat()].iter().for_each(|word| known.learn(word));
        }
        _ => known.learn(id),
    }
}

/// What a join made from tables of the data set itself: everything in them has been let through before.
pub fn reread<T>(joined: T) -> Clean<T> {
    Clean::vouch(joined)
}

struct Treatment<'a> {
    identity: &'a Identity,
    person: Option<&'a Person>,
    known: Vec<&'a Known>,
    reference: Option<dates::When>,
    pseudonyms: &'a mut HashMap<(Domain, String), String>,
    /// Whether the row calls its code one of the National Drug Code directory.
    ndc: bool,
}

impl Treatment<'_> {
    fn cell(&mut self, column: &Column, cell: &Cell) -> Cell {
        match (column.class, cell) {
            (_, Cell::Null) | (Class::Drop, _) => Cell::Null,
            (Class::Pseudonym(Domain::Patient), _) if column.name == "patient_id" => {
                self.person.map_or(Cell::Null, |person| Cell::Text(person.key.0.clone()))
            }
            (Class::Code, Cell::Text(text)) if self.ndc && column.name == "code" => {
                let code = codes::keep_ndc(text, &self.known).or_else(|| codes::keep(text, &self.known));
                code.map_or(Cell::Null, Cell::Text)
            }
            (class, Cell::Text(text)) => self.text(class, column.kind, text),
            (Class::Number, Cell::F64(value)) if self.known.iter().any(|known| known.names(&format!("{value:.0}"))) => {
                Cell::Null
            }
            // Numbers and truths were made by our own parser, from columns declared as such.
            (Class::Keep | Class::Number, cell) => cell.clone(),
            _ => Cell::Null,
        }
    }

    fn text(&mut self, class: Class, kind: ColumnType, text: &str) -> Cell {
        if text.trim_matches([' ', '\0']).is_empty() {
            return Cell::Null;
        }
        match class {
            Class::Keep => Cell::Text(text.to_owned()),
            Class::Code => codes::keep(text, &self.known).map_or(Cell::Null, Cell::Text),
            Class::Number if self.known.iter().any(|known| known.names(text)) => Cell::Null,
            Class::Number => number(kind, text),
            Class::Pseudonym(domain) => Cell::Text(self.pseudonym(domain, text)),
            Class::Date => self.date(text).map_or(Cell::Null, |when| Cell::Date(when.days)),
            Class::DateTime => self.date(text).map_or(Cell::Null, |when| {
                Cell::Timestamp(i64::from(when.days) * 86_400_000 + i64::from(when.ms.unwrap_or(0)))
            }),
            Class::BirthDate => {
                let age = dates::parse(text).zip(self.reference).and_then(|(born, at)| dates::age_years(born, at));
                age.map_or(Cell::Null, |years| Cell::F64(f64::from(years)))
            }
            Class::Zip => codes::zip3(text).map_or(Cell::Null, Cell::Text),
            Class::Text => self.prose(text),
            Class::Term => {
                Scrubber::shared().term(text, &self.known).map_or(Cell::Null, |term| Cell::Text(term.to_owned()))
            }
            Class::Drop => Cell::Null,
        }
    }

    /// Free text, with the dates of the person it is about; those of nobody become marks.
    fn prose(&self, text: &str) -> Cell {
        let shift = self.person.map(Shift::of);
        let text = text.trim_matches([' ', '\0']);
        let scrubbed = match &*self.known {
            [one] => Scrubber::shared().scrub(text, one, shift),
            several => {
                let mut known = Known::new();
                several.iter().for_each(|one| known.merge(one));
                Scrubber::shared().scrub(text, &known, shift)
            }
        };
        Cell::Text(scrubbed.text.into_owned())
    }

    fn pseudonym(&mut self, domain: Domain, text: &str) -> String {
        if self.pseudonyms.len() >= REMEMBERED {
            self.pseudonyms.clear();
        }
        let identity = self.identity;
        let key = (domain, text.to_owned());
        self.pseudonyms.entry(key).or_insert_with(|| identity.pseudonym(domain, text)).clone()
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
mod tests {
    use super::*;
    use crate::deid::identity::{Issuers, Shares};
    use crate::deid::key::Key;
    use crate::model::Table;

    const fn column(name: &'static str, kind: ColumnType, class: Class) -> Column {
        Column { name, kind, class, doc: "" }
    }

    static TABLE: Table = Table {
        name: "t",
        folder: "hl7",
        doc: "",
        columns: &[
            column("patient_id", ColumnType::Text, Class::Pseudonym(Domain::Patient)),
            column("code", ColumnType::Text, Class::Code),
            column("value", ColumnType::F64, Class::Number),
            column("day", ColumnType::Date32, Class::Date),
            column("age_years", ColumnType::F64, Class::BirthDate),
            column("note", ColumnType::Text, Class::Text),
            column("name", ColumnType::Text, Class::Drop),
            column("zip3", ColumnType::Text, Class::Zip),
        ],
    };

    /// Month/day/year of a day since 1970-01-01, not padded.
    fn day(days: i32) -> String {
        let date = chrono::NaiveDate::default() + chrono::Duration::days(i64::from(days));
        date.format("%-m/%-d/%Y").to_string()
    }

    fn row(person: bool) -> SealedRow {
        let texts = ["MRN77", "2345-7", "5.5", "20240301", "19630412", "Jane came 3/1/2024", "DOE^JANE", "94110"];
        SealedRow {
            table: &TABLE,
            cells: Phi::seal(texts.iter().map(|t| Cell::Text((*t).into())).collect()),
            person: person.then(|| Phi::seal(PersonId { id: "MRN77".into(), issuer: String::new() })),
            naming: Some(std::sync::Arc::new(Phi::seal(vec![
                Naming::Name("DOE^JANE".into()),
                Naming::Other("777123456".into()),
            ]))),
            reference_date: Some(Phi::seal("20240301120000".into())),
        }
    }

    #[test]
    fn a_code_that_names_somebody_of_the_same_record_goes() {
        let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap();
        let identity = Identity::new(key, Issuers::Merge, Shares { train: 0.8, validation: 0.1 });
        let mut row = row(true);
        let mut cells = vec![Cell::Null; TABLE.columns.len()];
        cells[1] = Cell::Text("GLU-DOE".into());
        cells[2] = Cell::F64(777_123_456.0);
        row.cells = Phi::seal(cells);
        let mut cleaner = Cleaner::new(&identity);
        assert_eq!(cleaner.clean(&row).cells.get()[1..3], [Cell::Null, Cell::Null]);
        row.naming = None;
        assert!(cleaner.clean(&row).cells.get()[1..3].iter().all(|cell| *cell != Cell::Null));
    }

    #[test]
    fn a_piece_of_a_uuid_takes_no_code_along() {
        let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap();
        let identity = Identity::new(key, Issuers::Merge, Shares { train: 0.8, validation: 0.1 });
        let uuid = "9d188916-1008-4406-8390-2ec73fce6e08";
        // 53741008 is coronary arteriosclerosis, 1570 an amount, 3-1008 anything.
        for (code, kept) in
            [("53741008", true), ("44054006", true), (uuid, false), ("X-9d188916", false), ("2ec73fce6e08", false)]
        {
            let mut row = row(true);
            let mut cells = vec![Cell::Null; TABLE.columns.len()];
            (cells[1], cells[2]) = (Cell::Text(code.into()), Cell::F64(1008.0));
            row.cells = Phi::seal(cells);
            row.naming = None;
            row.person = Some(Phi::seal(PersonId { id: uuid.into(), issuer: String::new() }));
            let clean = Cleaner::new(&identity).clean(&row);
            assert_eq!(clean.cells.get()[1] != Cell::Null, kept, "{code}");
            assert_eq!(clean.cells.get()[2], Cell::F64(1008.0));
        }
    }

    #[test]
    fn each_class_is_treated_as_declared() {
        let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap();
        let identity = Identity::new(key, Issuers::Merge, Shares { train: 0.8, validation: 0.1 });
        let mut cleaner = Cleaner::new(&identity);
        let clean = cleaner.clean(&row(true));
        let person = clean.person.unwrap();
        // 2024-03-01 is day 19783 (python datetime).
        let expected = vec![
            Cell::Text(person.key.0.clone()),
            Cell::Text("2345-7".into()),
            Cell::F64(5.5),
            Cell::Date(19783 - person.shift_days),
            Cell::F64(60.0),
            Cell::Text(format!("[NAME] came {}", day(19783 - person.shift_days))),
            Cell::Null,
            Cell::Text("941".into()),
        ];
        assert_eq!(clean.cells.get(), &expected);
        let nobody = cleaner.clean(&row(false));
        assert_eq!(nobody.cells.get()[0], Cell::Null);
        assert_eq!(nobody.cells.get()[3], Cell::Null, "a date without a shift must not pass");
        assert_eq!(nobody.cells.get()[5], Cell::Text("[NAME] came [DATE]".into()));
        assert_eq!(cleaner.into_crosswalk().patients.get("MRN77"), Some(&person.key.0));
    }
}
