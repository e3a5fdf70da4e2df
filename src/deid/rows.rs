//! Rows of HL7 and EHR tables: each column is treated as its class says, and nothing else gets through.

use super::codes::{self, Known};
use super::dates;
use super::identity::{Crosswalk, Identity, Person};
use crate::model::{Cell, Class, Clean, Column, ColumnType, Domain, SealedRow};

/// A row that may be written, and whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct CleanRow {
    /// One cell per column of the row's table.
    pub cells: Clean<Vec<Cell>>,
    /// The person, if the source names one.
    pub person: Option<Person>,
}

/// De-identifies one row.
///
/// A row without a person keeps no dates: there is no shift to keep intervals with, and an unshifted date must not pass.
pub fn clean(row: &SealedRow, identity: &Identity, crosswalk: &mut Crosswalk) -> CleanRow {
    let mut known = Known::default();
    if row.table.columns.iter().any(|column| column.class == Class::Code) {
        row.naming.iter().flat_map(|words| words.open()).for_each(|words| known.learn(words));
    }
    let person = row.person.as_ref().map(|sealed| {
        let id = sealed.open();
        known.learn(&id.id);
        let person = identity.person(id);
        crosswalk.patients.insert(id.id.trim().to_owned(), person.key.0.clone());
        person
    });
    let reference = row.reference_date.as_ref().and_then(|date| dates::parse(date.open()));
    let treat = Treatment { identity, person: person.as_ref(), known: &known, reference };
    let cells = row.table.columns.iter().zip(row.cells.open()).map(|(column, cell)| treat.cell(column, cell)).collect();
    CleanRow { cells: Clean::vouch(cells), person }
}

/// A row that a join made from tables of the data set itself: what is in them has been let through before.
pub fn reread(cells: Vec<Cell>) -> Clean<Vec<Cell>> {
    Clean::vouch(cells)
}

struct Treatment<'a> {
    identity: &'a Identity,
    person: Option<&'a Person>,
    known: &'a Known,
    reference: Option<dates::When>,
}

impl Treatment<'_> {
    fn cell(&self, column: &Column, cell: &Cell) -> Cell {
        match (column.class, cell) {
            (_, Cell::Null) | (Class::Drop | Class::Text, _) => Cell::Null,
            (Class::Pseudonym(Domain::Patient), _) if column.name == "patient_id" => {
                self.person.map_or(Cell::Null, |person| Cell::Text(person.key.0.clone()))
            }
            (class, Cell::Text(text)) => self.text(class, column.kind, text),
            // Numbers and truths were made by our own parser, from columns declared as such.
            (Class::Keep | Class::Number, cell) => cell.clone(),
            _ => Cell::Null,
        }
    }

    fn text(&self, class: Class, kind: ColumnType, text: &str) -> Cell {
        if text.trim_matches([' ', '\0']).is_empty() {
            return Cell::Null;
        }
        match class {
            Class::Keep => Cell::Text(text.to_owned()),
            Class::Code => codes::keep(text, self.known).map_or(Cell::Null, Cell::Text),
            Class::Number => number(kind, text),
            Class::Pseudonym(domain) => Cell::Text(self.identity.pseudonym(domain, text)),
            Class::Date => self.date(text).map_or(Cell::Null, |when| Cell::Date(when.days)),
            Class::DateTime => self.date(text).map_or(Cell::Null, |when| {
                Cell::Timestamp(i64::from(when.days) * 86_400_000 + i64::from(when.ms.unwrap_or(0)))
            }),
            Class::BirthDate => {
                let age = dates::parse(text).zip(self.reference).and_then(|(born, at)| dates::age_years(born, at));
                age.map_or(Cell::Null, |years| Cell::F64(f64::from(years)))
            }
            Class::Zip => codes::zip3(text).map_or(Cell::Null, Cell::Text),
            Class::Text | Class::Drop => Cell::Null,
        }
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
    use crate::model::table::PersonId;
    use crate::model::{Phi, Table};

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

    fn row(person: bool) -> SealedRow {
        let texts = ["MRN77", "2345-7", "5.5", "20240301", "19630412", "Jane came", "DOE^JANE", "94110"];
        SealedRow {
            table: &TABLE,
            cells: Phi::seal(texts.iter().map(|t| Cell::Text((*t).into())).collect()),
            person: person.then(|| Phi::seal(PersonId { id: "MRN77".into(), issuer: String::new() })),
            naming: Some(std::sync::Arc::new(Phi::seal(vec!["DOE".into()]))),
            reference_date: Some(Phi::seal("20240301120000".into())),
        }
    }

    #[test]
    fn a_code_that_names_somebody_of_the_same_record_goes() {
        let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap();
        let identity = Identity::new(key, Issuers::Merge, Shares { train: 0.8, validation: 0.1 });
        let mut row = row(true);
        let mut cells = vec![Cell::Null; TABLE.columns.len()];
        cells[1] = Cell::Text("glucose for Doe".into());
        row.cells = Phi::seal(cells);
        assert_eq!(clean(&row, &identity, &mut Crosswalk::default()).cells.get()[1], Cell::Null);
        row.naming = None;
        assert_ne!(clean(&row, &identity, &mut Crosswalk::default()).cells.get()[1], Cell::Null);
    }

    #[test]
    fn each_class_is_treated_as_declared() {
        let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap();
        let identity = Identity::new(key, Issuers::Merge, Shares { train: 0.8, validation: 0.1 });
        let mut crosswalk = Crosswalk::default();
        let clean = clean(&row(true), &identity, &mut crosswalk);
        let person = clean.person.unwrap();
        // 2024-03-01 is day 19783 (python datetime).
        let expected = vec![
            Cell::Text(person.key.0.clone()),
            Cell::Text("2345-7".into()),
            Cell::F64(5.5),
            Cell::Date(19783 - person.shift_days),
            Cell::F64(60.0),
            Cell::Null,
            Cell::Null,
            Cell::Text("941".into()),
        ];
        assert_eq!(clean.cells.get(), &expected);
        assert_eq!(crosswalk.patients.get("MRN77"), Some(&person.key.0));

        let nobody = super::clean(&row(false), &identity, &mut crosswalk);
        assert_eq!(nobody.cells.get()[0], Cell::Null);
        assert_eq!(nobody.cells.get()[3], Cell::Null, "a date without a shift must not pass");
    }
}
