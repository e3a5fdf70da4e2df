//! What becomes of rows, class by class.

use super::*;
use crate::deid::identity::{Issuers, Shares};
use crate::deid::key::Key;
use crate::model::{Class, Column, ColumnType, Domain, Naming, Phi};

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
            Naming::Other("7123456".into()),
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
    cells[2] = Cell::F64(7_123_456.0);
    row.cells = Phi::seal(cells);
    let mut cleaner = Cleaner::new(&identity);
    assert_eq!(cleaner.clean(&row).cells.get()[1..3], [Cell::Null, Cell::Null]);
    row.naming = None;
    assert!(cleaner.clean(&row).cells.get()[1..3].iter().all(|cell| *cell != Cell::Null));
}

#[test]
fn who_lives_where_is_no_result() {
    static ASKED: Table = Table {
        name: "observations",
        folder: "ehr",
        doc: "",
        columns: &[
            column("code", ColumnType::Text, Class::Code),
            column("code_text", ColumnType::Text, Class::Term),
            column("value_number", ColumnType::F64, Class::Number),
            column("value_text", ColumnType::Text, Class::Text),
        ],
    };
    let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap();
    let identity = Identity::new(key, Issuers::Merge, Shares { train: 0.8, validation: 0.1 });
    let answers = |question: &str| {
        let texts = ["56799-0", question, "42", "1068 Heathcote Wall"];
        let cells = Phi::seal(texts.iter().map(|text| Cell::Text((*text).into())).collect());
        let row = SealedRow { table: &ASKED, cells, ..row(true) };
        Cleaner::new(&identity).clean(&row).cells.get().iter().map(|cell| *cell != Cell::Null).collect::<Vec<_>>()
    };
    assert_eq!(answers("What address do you live at?"), [true, true, false, false]);
    assert_eq!(answers("Housing status"), [true, true, true, true]);
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
        Cell::Text(person.key.to_string()),
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
    assert_eq!(cleaner.into_crosswalk().patients, [("MRN77".into(), person.key)]);
}

#[test]
fn nobody_is_older_than_ninety_in_a_row_that_tells_an_age() {
    let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap();
    let identity = Identity::new(key, Issuers::Merge, Shares { train: 0.8, validation: 0.1 });
    let table = &crate::read::hl7::tables::OBSERVATIONS;
    let place = |name| table.position(name).unwrap();
    let mut cleaner = Cleaner::new(&identity);
    // 1,080 months are 90 years.
    for (code, unit, value, left) in [
        ("30525-0", "a", 102.0, 90.0),
        ("30525-0", "", 61.0, 61.0),
        ("age", "mo", 102.0, 102.0),
        ("AGE", "months", 1200.0, 1080.0),
        ("2345-7", "mg/dL", 102.0, 102.0),
    ] {
        let mut cells = vec![Cell::Null; table.columns.len()];
        cells[place("code")] = Cell::Text(code.into());
        cells[place("unit")] = Cell::Text(unit.into());
        cells[place("value_number")] = Cell::F64(value);
        let row = SealedRow { table, cells: Phi::seal(cells), ..row(true) };
        assert_eq!(cleaner.clean(&row).cells.get()[place("value_number")], Cell::F64(left), "{code} {value} {unit}");
    }
}
