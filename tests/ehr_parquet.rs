//! Parquet tables as others write them (fixtures/ehr/make.py): every codec and type says the same as the text.

use std::path::{Path, PathBuf};
use voxmill::deid::identity::{Identity, Issuers, Shares};
use voxmill::deid::key::Key;
use voxmill::deid::rows::Cleaner;
use voxmill::error::Reason;
use voxmill::model::{Cell, SealedRow};
use voxmill::read::tables::{looks_like, rows};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ehr")
}

fn read(path: &Path) -> Vec<Vec<Cell>> {
    let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap();
    let identity = Identity::new(key, Issuers::Merge, Shares { train: 0.8, validation: 0.1 });
    let bytes = std::fs::read(path).unwrap();
    assert!(looks_like(&bytes), "{}", path.display());
    let mut found = Vec::new();
    let cells = |row: SealedRow| {
        assert_eq!(row.table.name, "observations");
        let cells = Cleaner::new(&identity).clean(&row).cells.into_inner();
        let columns = ["patient_id", "observation_datetime", "code", "value_number", "value_text", "unit"];
        columns.map(|name| cells[row.table.position(name).unwrap()].clone()).to_vec()
    };
    let counts = rows(&bytes, None, &mut |row| found.push(cells(row.unwrap()))).unwrap();
    assert_eq!((counts.records, counts.rows), (3, 3), "{}", path.display());
    found
}

#[test]
fn every_writer_says_the_same() {
    let want = read(&folder().join("observations.csv"));
    assert!(matches!(want[0][1], Cell::Timestamp(_)) && want[2][1] == Cell::Null);
    assert_eq!((&want[0][3], &want[1][3], &want[2][3]), (&Cell::F64(5.5), &Cell::Null, &Cell::F64(120.0)));
    let mut walked = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "parquet") && path.file_stem().is_some_and(|name| name != "nested") {
            assert_eq!(read(&path), want, "{}", path.display());
            walked += 1;
        }
    }
    assert_eq!(walked, 9);
}

#[test]
fn a_nested_column_is_refused_by_name() {
    let bytes = std::fs::read(folder().join("nested.parquet")).unwrap();
    let fault = rows(&bytes, None, &mut |_| panic!("a row")).unwrap_err();
    // RESULT is one of the headers of value_number.
    assert_eq!((fault.reason, fault.place), (Reason::UnknownKind, "value_number"));
}
