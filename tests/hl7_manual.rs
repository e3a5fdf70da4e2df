//! docs/HL7.md lists every table and column as the code declares them, docs/HL7_FIELDS.md every field that may leave. `VOXMILL_WRITE_DOCS=1 cargo test --test hl7_manual`
//! writes the list; without it, a list that differs fails.

use std::fmt::Write;
use std::path::Path;
use voxmill::deid::hl7::fields::SEGMENTS;
use voxmill::deid::hl7::rule::{How, PartHow, Rule};
use voxmill::deid::hl7::types::TYPES;
use voxmill::model::{Class, Table};
use voxmill::read::{hl7, tables};

const BEGIN: &str = "<!-- tables: written by tests/hl7_manual.rs -->\n";
const END: &str = "<!-- end of tables -->\n";
const FIELDS_BEGIN: &str = "<!-- fields: written by tests/hl7_manual.rs -->\n";
const FIELDS_END: &str = "<!-- end of fields -->\n";

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

/// Compares a stretch of a manual with what the code says, or writes it.
fn compare(name: &str, begin: &str, end: &str, want: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    let manual = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = manual.split_once(begin).unwrap();
    let (found, after) = rest.split_once(end).unwrap();
    if std::env::var_os("VOXMILL_WRITE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{begin}{want}{end}{after}")).unwrap();
        return;
    }
    assert!(found == want, "docs/{name} differs from the code: run with VOXMILL_WRITE_DOCS=1");
}

#[test]
fn the_manual_lists_the_tables_of_the_code() {
    let want = list(hl7::tables::TABLES.iter().copied().chain(tables::tables())) + "\n";
    compare("HL7.md", BEGIN, END, &want);
}

/// What is done to a field, as the manual says it.
fn treatment(how: How) -> String {
    match how {
        How::Gone => "goes".into(),
        How::Leaf(rule) => said(rule),
        How::Of(parts) => format!("by component: {}", parts.name),
        How::With(parts, domain) => {
            format!("by component: {}, ids are pseudonyms ({})", parts.name, format!("{domain:?}").to_lowercase())
        }
        How::Observed => "by OBX-2".into(),
    }
}

fn said(rule: Rule) -> String {
    match rule {
        Rule::Id(domain) => format!("{} ({domain:?})", rule.words()).to_lowercase(),
        _ => rule.words().to_owned(),
    }
}

#[test]
fn the_manual_lists_the_fields_of_the_code() {
    let mut text = String::new();
    for segment in SEGMENTS.iter().copied().flatten() {
        let id = std::str::from_utf8(segment.id).unwrap();
        let _ = write!(
            text,
            "\n### {id}: {}\n\n| field | name | treatment | Safe Harbor | why |\n|---|---|---|---|---|\n",
            segment.name
        );
        for row in segment.fields {
            let _ = writeln!(
                text,
                "| {id}-{} | {} | {} | {} | {} |",
                row.at,
                row.name,
                treatment(row.how),
                row.class.words(),
                row.reason
            );
        }
    }
    text += "\n## Components\n\nWhat is not listed goes.\n";
    for parts in TYPES {
        let _ = write!(
            text,
            "\n### {}\n\n| component | name | treatment | Safe Harbor | why |\n|---|---|---|---|---|\n",
            parts.name
        );
        for part in parts.parts {
            let how = match part.how {
                PartHow::Leaf(rule) => said(rule),
                PartHow::Of(inner) => format!("by sub-component: {}", inner.name),
            };
            let _ =
                writeln!(text, "| {} | {} | {how} | {} | {} |", part.at, part.name, part.class.words(), part.reason);
        }
    }
    compare("HL7_FIELDS.md", FIELDS_BEGIN, FIELDS_END, &(text + "\n"));
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
    assert_eq!(walked, 14 + 13);
}
