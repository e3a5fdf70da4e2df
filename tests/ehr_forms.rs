//! EHR tables in other forms than text with a header row: Parquet, JSON arrays, DICOM metadata in JSON, and tables under
//! names that only the user's mapping knows.

mod archive;

use archive::{key, run, voxmill};
use arrow::array::{
    ArrayRef, Date32Array, Float64Array, Int64Array, ListArray, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::Int32Type;
use parquet::arrow::ArrowWriter;
use std::path::Path;
use std::sync::Arc;
use voxmill::deid::identity::{Identity, Issuers, Shares};
use voxmill::deid::key::Key;
use voxmill::deid::rows::Cleaner;
use voxmill::error::Reason;
use voxmill::model::{Cell, SealedRow};
use voxmill::read::tables::{Counts, looks_like, rows};

fn identity() -> Identity {
    Identity::new(
        Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap(),
        Issuers::Separate,
        Shares { train: 0.8, validation: 0.1 },
    )
}

fn read(bytes: &[u8]) -> (Counts, Vec<SealedRow>) {
    let mut good = Vec::new();
    let counts = rows(bytes, None, &mut |row| good.extend(row.ok())).unwrap();
    (counts, good)
}

fn cells(row: &SealedRow, columns: &str) -> Vec<Cell> {
    let cells = Cleaner::new(&identity()).clean(row).cells.into_inner();
    columns.split(' ').map(|name| cells[row.table.position(name).unwrap()].clone()).collect()
}

fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn observations() -> Vec<(&'static str, ArrayRef)> {
    // 2024-03-01T12:00 is 1709294400 s after 1970 (python datetime).
    let times = TimestampMicrosecondArray::from(vec![Some(1_709_294_400_000_000), None, Some(1_709_294_400_000_000)]);
    vec![
        ("PATIENT", Arc::new(Int64Array::from(vec![Some(77), Some(78), None])) as ArrayRef),
        ("DATE", Arc::new(times)),
        ("CODE", Arc::new(StringArray::from(vec!["2345-7", "2345-7", "2345-7"]))),
        ("VALUE", Arc::new(Float64Array::from(vec![5.5, 6.0, 7.0]))),
        ("UNITS", Arc::new(StringArray::from(vec![Some("mmol/L"), None, None]))),
    ]
}

#[test]
fn parquet_is_read_like_text() {
    let bytes = parquet(observations());
    assert!(looks_like(&bytes));
    let (counts, good) = read(&bytes);
    // The third row names no patient.
    assert_eq!((counts.records, counts.rows, counts.rejects), (3, 2, 1));
    let csv =
        b"PATIENT,DATE,CODE,VALUE,UNITS\n77,2024-03-01T12:00:00,2345-7,5.5,mmol/L\n78,,2345-7,6.0,\n,,2345-7,7,\n";
    let (same, text) = read(csv);
    assert_eq!(same, counts);
    let columns = "patient_id observation_datetime code value_number unit";
    for (a, b) in good.iter().zip(&text) {
        assert_eq!(cells(a, columns), cells(b, columns));
    }
    assert!(matches!(cells(&good[0], columns)[1], Cell::Timestamp(_)));
}

#[test]
fn dates_of_parquet_are_dates_and_lists_are_not_read() {
    let lists = ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(1), Some(2)])]);
    let bytes = parquet(vec![
        ("patient_id", Arc::new(StringArray::from(vec!["A1"])) as ArrayRef),
        ("condition_code", Arc::new(StringArray::from(vec!["E11.9"]))),
        ("history", Arc::new(lists)),
        // 19783 is 2024-03-01.
        ("onset_date", Arc::new(Date32Array::from(vec![19783]))),
    ]);
    let (counts, good) = read(&bytes);
    assert_eq!(counts.rows, 1);
    let [Cell::Text(code), Cell::Date(day)] = &cells(&good[0], "code start_date")[..] else { panic!() };
    assert_eq!(code, "E11.9");
    assert!((19783 - 365..19783).contains(day), "{day}: shifted back by 1 to 365 days");
}

#[test]
fn damaged_parquet_is_refused_or_ends_with_a_bad_record() {
    let whole = parquet(observations());
    let (mut refused, mut cut) = (0, 0);
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x5A;
        match rows(&bytes, None, &mut |_| {}) {
            Err(_) => refused += 1,
            Ok(counts) => {
                assert_eq!(counts.records, counts.rows + counts.rejects);
                cut += 1;
            }
        }
        if at < whole.len() - 4 {
            assert!(rows(&whole[..at], None, &mut |_| {}).is_err(), "cut at {at}");
        }
    }
    assert_eq!(refused + cut, whole.len());
    assert!(refused > 20, "{refused}");
}

#[test]
fn json_stands_in_lines_arrays_and_one_after_another() {
    let object = |id: u32| {
        format!("{{\"patient_id\": \"{id}\", \"condition_code\": \"I10\",\n \"onset_date\": \"2024-01-0{id}\"}}")
    };
    let flat = |id: u32| object(id).replace('\n', "");
    let forms = [
        format!("{}\n{}\n", flat(1), flat(2)),
        format!("[{},{}]", object(1), object(2)),
        format!(" [\n{}\n,\n{}\n]\n", object(1), object(2)),
        format!("{}\n{}", object(1), object(2)),
    ];
    for form in &forms {
        assert!(looks_like(form.as_bytes()), "{form}");
        let (counts, good) = read(form.as_bytes());
        assert_eq!((counts.records, counts.rows), (2, 2), "{form}");
        assert_eq!(cells(&good[1], "code"), [Cell::Text("I10".into())]);
    }
    // Behind a broken element nothing can be told apart: it and what follows are one bad record.
    let (counts, _) = read(format!("[{},{{\"patient_id\": ,{}]", object(1), object(2)).as_bytes());
    assert_eq!((counts.records, counts.rows, counts.rejects), (2, 1, 1));
    let (counts, _) = read(format!("[{},17,{}]", object(1), object(2)).as_bytes());
    assert_eq!((counts.records, counts.rows, counts.rejects), (3, 2, 1));
}

#[test]
fn objects_within_are_known_by_both_keys() {
    let text = "{\"patient\": {\"id\": 7, \"name\": {\"family\": \"ROEVILLE\"}}, \"loinc\": \"2345-7\", \"value\": 5.5, \"unit\": \"mmol/L\"}\n\
                {\"patient\": {\"id\": 8}, \"loinc\": \"ROEVILLE\", \"value\": 6, \"who\": {\"family\": \"ROEVILLE\"}}\n";
    let (counts, good) = read(text.as_bytes());
    assert_eq!((counts.records, counts.rows), (2, 2));
    assert_eq!(
        cells(&good[0], "code value_number unit"),
        [Cell::Text("2345-7".into()), Cell::F64(5.5), Cell::Text("mmol/L".into())]
    );
    assert_eq!(cells(&good[1], "code"), [Cell::Null], "a name within the same record is known");
}

const DATASET: &str = r#"{"00080020":{"vr":"DA","Value":["20240301"]},"00080030":{"vr":"TM","Value":["101500"]},
 "00080050":{"vr":"SH","Value":["ACC1"]},"00080060":{"vr":"CS","Value":["OPT"]},"00180015":{"vr":"CS","Value":["CHEST"]},
 "00080018":{"vr":"UI","Value":["1.2.3.4"]},"0020000D":{"vr":"UI","Value":["1.2.3"]},"0020000e":{"vr":"UI","Value":["1.2.3.1"]},
 "00100010":{"vr":"PN","Value":[{"Alphabetic":"OPT^JANE"}]},"00100020":{"vr":"LO","Value":["MRN77"]},"00100021":{"vr":"LO","Value":["HOSP"]},
 "00081030":{"vr":"LO"},"7FE00010":{"vr":"OW","BulkDataURI":"http://x/1"}}"#;

#[test]
fn dicom_metadata_in_json_is_a_row_of_imaging_studies() {
    for text in [format!("[{DATASET},{DATASET}]"), format!("{0}\n{0}", DATASET.replace('\n', " "))] {
        assert!(looks_like(text.as_bytes()));
        let (counts, good) = read(text.as_bytes());
        assert_eq!((counts.records, counts.rows), (2, 2));
        assert_eq!(good[0].table.name, "imaging_studies");
        let [patient, study, modality] = &cells(&good[0], "patient_id study_uid modality")[..] else { panic!() };
        assert!(matches!(study, Cell::Text(uid) if uid.starts_with("2.25.")));
        assert_eq!(modality, &Cell::Null, "the patient is called OPT: no code of the record may repeat it");
        // The issuer counts: an id without one is another person under `separate`.
        let plain = read(format!("[{}]", DATASET.replace("HOSP", "")).as_bytes()).1;
        assert_ne!(cells(&plain[0], "patient_id"), std::slice::from_ref(patient));
    }
    let (_, good) = read(DATASET.replace("OPT^JANE", "DOE^JANE").as_bytes());
    assert_eq!(cells(&good[0], "modality"), [Cell::Text("OPT".into())]);
}

fn prepare(folder: &Path, recipe: &str, expected: i32) -> std::process::Output {
    std::fs::write(folder.join("recipe.toml"), recipe).unwrap();
    let mut command = voxmill();
    command
        .arg("prepare")
        .arg(folder.join("in"))
        .arg("--out")
        .arg(folder.join("set"))
        .args(["--json", "--engine", "cpu"]);
    run(command.arg("--key-file").arg(key(folder)).arg("--recipe").arg(folder.join("recipe.toml")), expected)
}

#[test]
fn a_mapping_reads_a_table_that_nobody_knows() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("in")).unwrap();
    let table = "PatNr;GebDat;Geschl;PLZ;Nachname\n17;1950-02-01;w;94110;Muster\n18;1960-02-01;m;94110;Beispiel\n";
    std::fs::write(folder.path().join("in/Stammdaten_2024.csv"), table).unwrap();
    let mapping =
        "[ehr.patients]\nfile = 'stammdaten*.csv'\nid = 'PatNr'\nbirth_date = 'GebDat'\nsex = 'Geschl'\nzip = 'PLZ'\n";
    let output = prepare(folder.path(), mapping, 0);
    let last: serde_json::Value =
        serde_json::from_str(String::from_utf8(output.stdout).unwrap().lines().last().unwrap()).unwrap();
    assert_eq!((&last["rows"]["ehr/patients"], &last["patients"]), (&2.into(), &2.into()));
    // Without it the file is of no known kind; with a column that is not there it is refused, and says so.
    std::fs::remove_dir_all(folder.path().join("set")).unwrap();
    prepare(folder.path(), "", 1);
    std::fs::remove_dir_all(folder.path().join("set")).unwrap();
    let output = prepare(folder.path(), &mapping.replace("PLZ", "Postleitzahl"), 1);
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("mapping"), "{said}");
    std::fs::remove_dir_all(folder.path().join("set")).unwrap();
    prepare(folder.path(), "[ehr.patient]\nfile = 'x'\nid = 'y'\n", 2);
}

/// Ages by sex of the rows of `patients.parquet`.
fn ages(folder: &Path, recipe: &str) -> Vec<(String, String)> {
    let _ = std::fs::remove_dir_all(folder.join("set"));
    prepare(folder, recipe, 0);
    let file = std::fs::File::open(folder.join("set/patients.parquet")).unwrap();
    let batches =
        parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let mut found = Vec::new();
    for batch in batches {
        let batch = batch.unwrap();
        let text = |name: &str, at: usize| {
            let column = batch.column_by_name(name).unwrap();
            arrow::util::display::array_value_to_string(column, at).unwrap()
        };
        found.extend((0..batch.num_rows()).map(|at| (text("sex", at), text("age_years", at))));
    }
    found.sort();
    found
}

#[test]
fn the_living_are_as_old_as_on_the_last_day_that_tables_have_of_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("in")).unwrap();
    // A word that is no sex stays, so that it tells who is who. A lives, seen last on 2024-05-31: one day short of 74. B died at 60. C is in no other table. D is 101.
    let people = "patient_id,birth_date,death_date,sex\nA,1950-06-01,,X1\nB,1940-01-01,2000-01-02,X2\nC,1950-06-01,,X3\nD,1920-01-01,,X4\n";
    let visits = "patient_id,encounter_id,encounter_type,start_date\nA,1,x,2020-01-01\nA,2,x,2024-05-31\nA,3,x,9999-12-31\n\
                  B,4,x,2024-01-01\nD,5,x,2021-01-02\n";
    std::fs::write(folder.path().join("in/people.csv"), people).unwrap();
    std::fs::write(folder.path().join("in/visits.csv"), visits).unwrap();
    let of = |ages: [&str; 4]| {
        ["X1", "X2", "X3", "X4"].map(str::to_owned).into_iter().zip(ages.map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(ages(folder.path(), ""), of(["73.0", "60.0", "", "90.0"]));
    let recipe = "[ehr]\nreference_date = '2024-06-01'\n";
    assert_eq!(ages(folder.path(), recipe), of(["74.0", "60.0", "74.0", "90.0"]));
}

#[test]
fn dates_with_slashes_are_read_in_the_order_of_their_table() {
    let table = |dates: &str| format!("patient_id;condition_code;onset_date\n{dates}");
    let days = |text: &str| {
        let (_, good) = read(text.as_bytes());
        good.iter().map(|row| cells(row, "start_date").remove(0)).collect::<Vec<_>>()
    };
    let want = days(&table("1;I10;2024-03-04\n1;I10;2024-03-14\n"));
    assert!(want.iter().all(|day| matches!(day, Cell::Date(_))));
    for dates in [
        "1;I10;03/04/2024\n1;I10;3/14/2024\n",
        "1;I10;04/03/2024\n1;I10;14/03/2024\n",
        "1;I10;4.3.2024\n1;I10;14-MAR-2024\n",
    ] {
        assert_eq!(days(&table(dates)), want, "{dates}");
    }
    assert_eq!(days(&table("1;I10;03/04/2024\n")), [Cell::Null], "nobody knows which is the month");
}

#[test]
fn a_comparator_before_a_number_is_told_apart() {
    let text = "patient_id,loinc,value,unit\n1,2345-7,>500,mg/dL\n1,2345-7,<= 0.01,mg/dL\n1,2345-7,5,mg/dL\n1,2345-7,<none,mg/dL\n";
    let (_, good) = read(text.as_bytes());
    let seen: Vec<_> = good.iter().map(|row| cells(row, "value_number value_comparator value_text")).collect();
    let sign = |sign: &str| Cell::Text(sign.into());
    assert_eq!(seen[0], [Cell::F64(500.0), sign(">"), Cell::Null]);
    assert_eq!(seen[1], [Cell::F64(0.01), sign("<="), Cell::Null]);
    assert_eq!(seen[2], [Cell::F64(5.0), Cell::Null, Cell::Null]);
    assert_eq!(seen[3][..2], [Cell::Null, Cell::Null]);
    let text = "patient_id,loinc,comparator,value_number,unit\n1,2345-7,>,500,mg/dL\n";
    let (_, good) = read(text.as_bytes());
    assert_eq!(cells(&good[0], "value_number value_comparator"), [Cell::F64(500.0), sign(">")]);
}

#[test]
fn a_decimal_comma_is_read_where_it_can_be_nothing_else() {
    let text = "patient_id;loinc;value;unit\n1;2345-7;5,5;mmol/L\n1;777-3;1,234;x\n";
    let (_, good) = read(text.as_bytes());
    assert_eq!(cells(&good[0], "value_number value_text"), [Cell::F64(5.5), Cell::Null]);
    assert_eq!(cells(&good[1], "value_number"), [Cell::Null]);
}

#[test]
fn a_parquet_file_without_a_layout_is_refused() {
    let bytes = parquet(vec![("colour", Arc::new(StringArray::from(vec!["red"])) as ArrayRef)]);
    assert_eq!(rows(&bytes, None, &mut |_| panic!()).unwrap_err().reason, Reason::UnknownKind);
}
