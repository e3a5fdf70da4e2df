//! EHR tables: Synthea's files of the corpus, other layouts, broken records, refusals. Values are seen as `deid` lets
//! them through.

use std::path::{Path, PathBuf};
use voxmill::deid::identity::{Identity, Issuers, Shares};
use voxmill::deid::key::Key;
use voxmill::deid::rows::Cleaner;
use voxmill::error::Reason;
use voxmill::model::{Cell, SealedRow};
use voxmill::read::tables::{BadRecord, Counts, looks_like, rows};

fn read(bytes: &[u8]) -> (Counts, Vec<SealedRow>, Vec<BadRecord>) {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    let counts = rows(bytes, None, &mut |row| match row {
        Ok(row) => good.push(row),
        Err(record) => bad.push(record),
    })
    .unwrap();
    assert_eq!((counts.rows, counts.rejects), (good.len() as u64, bad.len() as u64));
    assert_eq!(counts.records, counts.rows + counts.rejects);
    (counts, good, bad)
}

fn identity() -> Identity {
    let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap();
    Identity::new(key, Issuers::Merge, Shares { train: 0.8, validation: 0.1 })
}

/// Columns of a row, after `deid`, by name; words only for what is text.
fn shown(row: &SealedRow, columns: &str) -> String {
    let cells = Cleaner::new(&identity()).clean(row).cells.into_inner();
    let show = |name: &str| match &cells[row.table.position(name).unwrap()] {
        Cell::Null => "-".to_owned(),
        Cell::Text(text) => text.clone(),
        Cell::F64(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    columns.split(' ').map(show).collect::<Vec<_>>().join(" ; ")
}

fn corpus() -> PathBuf {
    let root = std::env::var_os("VOXMILL_CORPUS").map(PathBuf::from);
    let root = root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"));
    root.join("ehr/synthea-csv")
}

/// File, table and number of records (Python: `len(list(csv.reader(open(file)))) - 1`).
const SYNTHEA: [(&str, &str, u64); 12] = [
    ("patients.csv", "patients", 27),
    ("encounters.csv", "encounters", 604),
    ("conditions.csv", "conditions", 438),
    ("observations.csv", "observations", 990),
    ("medications.csv", "medications", 663),
    ("procedures.csv", "procedures", 249),
    ("allergies.csv", "allergies", 40),
    ("immunizations.csv", "immunizations", 29),
    ("imaging_studies.csv", "imaging_studies", 1),
    ("devices.csv", "devices", 3),
    ("careplans.csv", "careplans", 49),
    ("supplies.csv", "supplies", 72),
];

const NOT_CLINICAL: [&str; 6] = [
    "claims.csv",
    "claims_transactions.csv",
    "organizations.csv",
    "payer_transitions.csv",
    "payers.csv",
    "providers.csv",
];

#[test]
fn every_table_of_synthea_is_read_or_refused() {
    for (file, table, records) in SYNTHEA {
        let bytes = std::fs::read(corpus().join(file)).expect("the corpus is there");
        assert!(looks_like(&bytes), "{file}");
        let (counts, good, _) = read(&bytes);
        assert_eq!(counts, Counts { records, rows: records, rejects: 0 }, "{file}");
        assert!(
            good.iter().all(|row| row.table.name == table && row.table.folder == "ehr" && row.person.is_some()),
            "{file}"
        );
    }
    for file in NOT_CLINICAL {
        let bytes = std::fs::read(corpus().join(file)).expect("the corpus is there");
        let fault = rows(&bytes, None, &mut |_| panic!("{file}")).unwrap_err();
        assert_eq!((fault.reason, fault.place), (Reason::UnknownKind, "header row"), "{file}");
    }
    assert_eq!(std::fs::read_dir(corpus()).unwrap().count(), SYNTHEA.len() + NOT_CLINICAL.len());
}

#[test]
fn no_name_address_or_number_of_a_person_gets_a_cell() {
    let bytes = std::fs::read(corpus().join("patients.csv")).expect("the corpus is there");
    let text = String::from_utf8(bytes.clone()).unwrap();
    let (_, good, _) = read(&bytes);
    let mut looked = 0;
    for (line, row) in text.lines().skip(1).zip(&good) {
        let seen = format!("{:?}", Cleaner::new(&identity()).clean(row).cells.get());
        // Id, SSN, FIRST, LAST, BIRTHPLACE, ADDRESS, CITY, COUNTY, LAT, LON.
        for field in [0, 3, 7, 8, 15, 16, 17, 19, 21, 22].map(|n| line.split(',').nth(n).unwrap()) {
            assert!(field.is_empty() || !seen.contains(field), "column of a person in a row");
            looked += 1;
        }
    }
    assert!(looked > 0 && looked == good.len() * 10);
}

#[test]
fn values_land_in_their_columns() {
    let synthea = "DATE,PATIENT,ENCOUNTER,CATEGORY,CODE,DESCRIPTION,VALUE,UNITS,TYPE\n\
                   2023-10-10T04:17:47Z,p1,e1,laboratory,2339-0,\"Glucose, blood\",127.9,mg/dL,numeric\n\
                   2023-10-10T04:17:47Z,p1,e1,survey,72166-2,Smoking,Never smoked,,text\n";
    let (_, good, _) = read(synthea.as_bytes());
    let columns = "code code_text value_number unit value_type category";
    assert_eq!(shown(&good[0], columns), "2339-0 ; Glucose, blood ; 127.9 ; mg/dL ; numeric ; laboratory");
    assert_eq!(shown(&good[1], columns), "72166-2 ; Smoking ; - ; - ; text ; survey");
}

#[test]
fn other_layouts_delimiters_and_encodings() {
    let rows = "Patient ID;Date of Birth;Sex;ZIP;Name\r\n7;1950-01-02;F;94110;Jane Doe\r\n";
    let wide: Vec<u8> = format!("\u{FEFF}{rows}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let tabs = rows.replace(';', "\t");
    let marked = format!("\u{FEFF}{rows}");
    for bytes in [rows.as_bytes(), &wide, tabs.as_bytes(), marked.as_bytes()] {
        assert!(looks_like(bytes));
        let (_, good, _) = read(bytes);
        assert_eq!(good[0].table.name, "patients");
        assert_eq!(shown(&good[0], "sex zip"), "F ; 941");
    }
    for (header, table) in [
        ("subject_id,hadm_id,admittime,dischtime,admission_type", "encounters"),
        ("patient_id,icd10,diagnosis_date", "conditions"),
        ("patient_id,loinc_code,result_value,unit,result_date", "observations"),
        ("patient_id,drug_name,ndc,dose,route,start_date", "medications"),
        ("patient_id,cpt_code,procedure_date", "procedures"),
        ("patient_id,allergen,severity", "allergies"),
        ("patient_id,vaccine_code,administered_date", "immunizations"),
    ] {
        let record = vec!["1"; header.split(',').count()].join(",");
        let (_, good, _) = read(format!("{header}\n{record}\n").as_bytes());
        assert_eq!(good[0].table.name, table, "{header}");
    }
}

#[test]
fn names_of_columns_may_be_missing_or_in_any_script() {
    for header in [
        ",patient_id,birth_date,sex,zip",
        "patient_id,birth_date,sex,zip,Größe,Prénom",
        "patient_id,birth_date,sex,zip,氏名",
        "patient_id,birth_date,sex,zip,Glucose [mg/dL],e-mail?,_id,#",
        "patient_id,birth_date,sex,zip,",
    ] {
        let record: Vec<&str> = header
            .split(',')
            .map(|name| match name {
                "patient_id" => "7",
                "birth_date" => "1950-01-02",
                "sex" => "F",
                "zip" => "94110",
                _ => "x",
            })
            .collect();
        let table = format!("{header}\n{}\n", record.join(","));
        assert!(looks_like(table.as_bytes()), "{header}");
        let (counts, good, _) = read(table.as_bytes());
        assert_eq!((counts.rows, good[0].table.name, shown(&good[0], "sex zip").as_str()), (1, "patients", "F ; 941"));
    }
    for text in ["patient,\u{7}bell\n1,2\n", "patient_id\n1\n", ",,\n1,2,3\n", "1950,sex\n1,F\n"] {
        assert!(!looks_like(text.as_bytes()), "{text}");
    }
}

#[test]
fn ndjson_is_read_by_the_same_layouts() {
    let text = "{\"patient_id\":\"7\",\"loinc\":\"2339-0\",\"value\":5.5,\"unit\":\"mmol/L\"}\n\
                {\"patient_id\":8,\"loinc\":\"2339-0\",\"value\":null,\"extra\":[1]}\n\nnot json\n[1]\n{\"loinc\":\"x\"}\n";
    assert!(looks_like(text.as_bytes()));
    let (counts, good, bad) = read(text.as_bytes());
    assert_eq!(counts, Counts { records: 5, rows: 2, rejects: 3 });
    assert_eq!(shown(&good[0], "code value_number unit"), "2339-0 ; 5.5 ; mmol/L");
    assert_eq!(shown(&good[1], "code value_number unit"), "2339-0 ; - ; -");
    assert_eq!(
        bad.iter().map(|b| (b.record, b.fault.place)).collect::<Vec<_>>(),
        [(3, "record"), (4, "record"), (5, "patient_id")]
    );
    assert!(!looks_like(b"{\"resourceType\":\"Patient\",\"id\":\"7\"}"));
}

#[test]
fn a_bad_record_is_a_reject_with_its_number_and_the_next_one_is_read() {
    let text = "patient_id,sex,birth_date\n1,F,1950-01-01\n2,F\n3,M,1951-01-01,x\n,F,1950-01-01\n\"4\"x,F,1950-01-01\n5,M,1960-01-01";
    let (counts, good, bad) = read(text.as_bytes());
    assert_eq!(counts, Counts { records: 6, rows: 2, rejects: 4 });
    assert_eq!(good.len(), 2);
    let seen: Vec<_> = bad.iter().map(|b| (b.record, b.fault.reason, b.fault.place)).collect();
    assert_eq!(
        seen,
        [
            (2, Reason::BadTable, "record"),
            (3, Reason::BadTable, "record"),
            (4, Reason::BadTable, "patient_id"),
            (5, Reason::BadTable, "record"),
        ]
    );
    assert_eq!(bad[0].offset, text.find("2,F").unwrap() as u64);
}

/// Rows of a table whose column of codes repeats each field of the record in turn.
#[test]
fn no_code_repeats_another_column_of_its_record() {
    let names =
        ["FIRST", "LAST", "SSN", "PASSPORT", "DRIVERS", "ADDRESS", "CITY", "PHONE", "EMAIL", "MAIDEN", "UNHEARD_OF"];
    let values = [
        "Maynard",
        "Mosciski",
        "999-17-5017",
        "X7311",
        "S9991",
        "Stamm",
        "Somerville",
        "555-0100",
        "may@nard",
        "Kuhn",
        "Zyx",
    ];
    let header = format!("patient_id,encounter_id,provider,{},code,result_date,value,flag", names.join(","));
    let mut looked = 0;
    for value in values.iter().copied().chain(["P7001", "E7002", "D7003", "mosciski"]) {
        let csv = format!("{header}\nP7001,E7002,D7003,{},{value},20200101,5,{value}-1\n", values.join(","));
        let keys = header.split(',').zip(csv.lines().nth(1).unwrap().split(','));
        let object: serde_json::Map<_, _> = keys.map(|(k, v)| (k.to_owned(), serde_json::json!(v))).collect();
        for text in [csv.clone(), serde_json::Value::Object(object).to_string()] {
            let (_, good, _) = read(text.as_bytes());
            assert_eq!(good[0].table.name, "observations");
            assert_eq!(shown(&good[0], "code abnormal_flag"), "- ; -", "{value}");
            looked += 1;
        }
    }
    assert_eq!(looked, 30);
    // What the record does not say may leave, and a value of clinical columns is no name.
    let text = format!("{header},status,base_cost\nP1,E1,D1,{},2345-7,20200101,5,H,final,59932.56\n", values.join(","));
    assert_eq!(shown(&read(text.as_bytes()).1[0], "code abnormal_flag value_number"), "2345-7 ; H ; 5");
    // Keys and objects that the first line has not.
    let text = "{\"patient_id\":\"1\",\"loinc\":\"2345-7\",\"value\":1}\n\
                {\"patient_id\":\"1\",\"loinc\":\"ROE\",\"value\":1,\"who\":{\"family\":[\"Roe\"]}}\n";
    let (_, good, _) = read(text.as_bytes());
    assert_eq!((shown(&good[0], "code"), shown(&good[1], "code")), ("2345-7".into(), "-".into()));
}

#[test]
fn born_where_one_lives_is_no_reason_to_lose_the_state() {
    let text = "id,birthdate,gender,birthplace,city,state,race\n1,1975-04-12,F,Boston  Utah  US,Moab,Utah,Boston\n\
                2,1975-04-12,F,Boston,Moab,Moab,1975-2\n";
    let (_, good, _) = read(text.as_bytes());
    assert_eq!(shown(&good[0], "state race"), "Utah ; -");
    assert_eq!(shown(&good[1], "state race"), "- ; 1975-2");
}

#[test]
fn one_stray_quote_costs_one_record() {
    let record = |n: usize| match n {
        300 => "300,\"F,1950-01-01,stray\n".to_owned(),
        n if n % 100 == 0 => format!("{n},F,1950-01-01,\"a \"\"quoted\"\"\nnote\"\n"),
        n => format!("{n},F,1950-01-01,note\n"),
    };
    let text = format!("patient_id,sex,birth_date,note\n{}", (1..=900).map(record).collect::<String>());
    let (counts, _, bad) = read(text.as_bytes());
    assert_eq!(counts, Counts { records: 900, rows: 899, rejects: 1 });
    assert_eq!((bad[0].record, bad[0].fault.place), (300, "record"));
    assert_eq!(bad[0].offset, text.find("300,").unwrap() as u64);
}

#[test]
fn what_is_no_table_of_patients_is_refused() {
    for text in ["", "a,b,c\n1,2,3\n", "patient_id\n1\n", "hello, world\n", "{}", "{\"a\":1", "1,2,3\n"] {
        assert_eq!(rows(text.as_bytes(), None, &mut |_| panic!()).unwrap_err().reason, Reason::UnknownKind, "{text:?}");
    }
    for no in ["", "MSH|^~\\&|LAB", "plain text, with a comma", "1,2", "\x00\x01"] {
        assert!(!looks_like(no.as_bytes()), "{no:?}");
    }
}
