//! docs/HL7.md lists every table and column as the code declares them. `VOXMILL_WRITE_DOCS=1 cargo test --test hl7_manual`
//! writes the list; without it, a list that differs fails.

use std::fmt::Write;
use std::path::Path;
use voxmill::model::{Class, Table};
use voxmill::read::{hl7, tables};

const BEGIN: &str = "<!-- tables: written by tests/hl7_manual.rs -->\n";
const END: &str = "<!-- end of tables -->\n";

fn class(class: Class) -> String {
    match class {
        Class::Keep => "keep".into(),
        Class::Code => "code".into(),
        Class::Term => "term".into(),
        Class::Number => "number".into(),
        Class::Pseudonym(domain) => format!("pseudonym ({domain:?})").to_lowercase(),
        Class::Date | Class::DateTime => "date".into(),
        Class::BirthDate => "age".into(),
        Class::Zip => "zip".into(),
        Class::Text => "text".into(),
        Class::Drop => panic!("a column that never leaves has no place in a table"),
    }
}

fn list<'t>(tables: impl Iterator<Item = &'t Table>) -> String {
    let mut text = String::new();
    for table in tables {
        let _ = write!(
            text,
            "\n### {}/{}\n{}\n\n| column | type | class | from |\n|---|---|---|---|\n",
            table.folder, table.name, table.doc
        );
        for column in table.columns {
            let kind = format!("{:?}", column.kind).to_lowercase();
            let _ = writeln!(text, "| {} | {kind} | {} | {} |", column.name, class(column.class), column.doc);
        }
    }
    text
}

#[test]
fn the_manual_lists_the_tables_of_the_code() {
    let want = list(hl7::tables::TABLES.iter().copied().chain(tables::tables())) + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/HL7.md");
    let manual = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = manual.split_once(BEGIN).unwrap();
    let (found, after) = rest.split_once(END).unwrap();
    if std::env::var_os("VOXMILL_WRITE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{want}{END}{after}")).unwrap();
        return;
    }
    assert!(found == want, "docs/HL7.md differs from the code: run with VOXMILL_WRITE_DOCS=1");
}

#[test]
fn every_table_begins_with_its_patient_and_names_each_column_once() {
    let mut walked = 0;
    for table in hl7::tables::TABLES.iter().copied().chain(tables::tables()) {
        let names: std::collections::BTreeSet<_> = table.columns.iter().map(|column| column.name).collect();
        assert_eq!(names.len(), table.columns.len(), "{}", table.name);
        assert_eq!(table.columns[0].name, "patient_id");
        assert!(table.folder != "hl7" || table.columns[1].name == "message_ordinal");
        assert!(table.columns.iter().all(|column| column.class != Class::Drop && !column.doc.is_empty()));
        walked += 1;
    }
    assert_eq!(walked, 14 + 12);
}
