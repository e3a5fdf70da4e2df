//! Rows before they are sealed: what each table takes from its segments. Here, because nothing outside `deid` can open
//! what [`super::rows()`] hands out.

use super::rows::{Feed, Wanted};
use super::walk::draw;
use super::{messages, tables};
use crate::model::table::PersonId;
use crate::model::{Cell, Table};

/// What a row was drawn as, kept.
pub(super) struct Drawn {
    pub(super) table: &'static Table,
    pub(super) cells: Vec<Cell>,
    person: Option<PersonId>,
    reference_date: Option<String>,
}

pub(super) fn drawn(text: &str) -> Vec<Drawn> {
    let mut rows = Vec::new();
    for (ordinal, message) in messages(text.as_bytes()).enumerate() {
        draw(&message.unwrap(), ordinal as u64, Wanted::ALL, &mut Feed::default(), &mut |row| {
            rows.push(Drawn {
                table: row.table,
                cells: row.cells.iter().cloned().map(|cell| cell.into_cell(row.person)).collect(),
                person: row.person.cloned(),
                reference_date: row.reference_date.map(str::to_owned),
            });
        });
    }
    assert!(rows.iter().all(|row| row.cells.len() == row.table.columns.len()));
    rows
}

fn cell<'r>(row: &'r Drawn, column: &str) -> &'r Cell {
    &row.cells[row.table.position(column).unwrap()]
}

fn shown(row: &Drawn, column: &str) -> String {
    match cell(row, column) {
        Cell::Null => "-".to_owned(),
        Cell::Text(text) => text.clone(),
        Cell::Bool(truth) => truth.to_string(),
        Cell::U64(number) => number.to_string(),
        Cell::F64(number) => number.to_string(),
        other => panic!("{other:?} before deid"),
    }
}

/// Compares columns of every row of one table of a message.
pub(super) fn check(text: &str, table: &'static Table, columns: &str, want: &[&str]) {
    let rows = drawn(text);
    let rows = rows.iter().filter(|row| std::ptr::eq(row.table, table));
    let show = |row| columns.split(' ').map(|column| shown(row, column)).collect::<Vec<_>>().join(" ; ");
    assert_eq!(rows.map(show).collect::<Vec<_>>(), want);
}

pub(super) const HEADER: &str =
    "MSH|^~\\&|LAB|HOSP|EMR|CLINIC|20240105120000+0100||ORU^R01^ORU_R01|C1|P|2.5.1|||||||||\r";
pub(super) const PATIENT: &str =
    "PID|1|X|8^^^A&1.2&ISO^SS~77^^^B^PI~99^^^C^MR||DOE^JANE||19630412|F|||1 St^^T^ST^94110^US\r";

#[test]
fn a_message_is_one_row_of_messages_whatever_else_it_is() {
    let columns =
        "patient_id message_ordinal message_type trigger_event control_id sending_application version segments valid";
    check(
        &format!("{HEADER}{PATIENT}ZZZ|1\r"),
        &tables::MESSAGES,
        columns,
        &["99 ; 0 ; ORU ; R01 ; C1 ; LAB ; 2.5.1 ; 3 ; true"],
    );
    check("MSH|^~\\&|\rjunk", &tables::MESSAGES, columns, &["- ; 0 ; - ; - ; - ; - ; - ; 2 ; false"]);
    let rows = drawn(&format!("{HEADER}{PATIENT}"));
    assert_eq!(rows.iter().map(|row| row.table.name).collect::<Vec<_>>(), ["messages", "patients"]);
    assert_eq!(rows[0].reference_date.as_deref(), Some("20240105120000+0100"));
    let person = rows[1].person.as_ref().unwrap();
    assert_eq!((&*person.id, &*person.issuer), ("99", "C"));
}

#[test]
fn the_patient_is_mr_then_pi_then_the_first_then_pid_2() {
    for (ids, want) in [
        ("|77^^^B^PI~99^^^C^MR", "99"),
        ("|8^^^A^SS~77^^^B^PI", "77"),
        ("|8^^^A^SS~77^^^B^AN", "8"),
        ("|~77", "77"),
        ("55|\"\"", "55"),
        ("|", "-"),
    ] {
        check(&format!("{HEADER}PID|1|{ids}\r"), &tables::PATIENTS, "patient_id", &[want]);
    }
}

#[test]
fn results_by_their_data_type() {
    let columns =
        "value_index value_number value_comparator value_number_2 value_code value_text value_datetime value_bytes";
    let obx =
        |kind: &str, value: &str, rest: &str| format!("{HEADER}{PATIENT}OBX|1|{kind}|GLU^Glucose^L||{value}|{rest}\r");
    for (kind, value, rest, want) in [
        ("NM", "5.5", "", "1 ; 5.5 ; - ; - ; - ; - ; - ; -"),
        ("NM", ">500", "", "1 ; 500 ; > ; - ; - ; - ; - ; -"),
        ("NM", "hemolysed", "", "1 ; - ; - ; - ; - ; hemolysed ; - ; -"),
        ("NM", "\"\"", "", "1 ; - ; - ; - ; - ; - ; - ; -"),
        ("SN", "^182", "", "1 ; 182 ; - ; - ; - ; - ; - ; -"),
        ("SN", "<=^5^-^9", "", "1 ; 5 ; <= ; 9 ; - ; - ; - ; -"),
        ("SN", "^many", "", "1 ; - ; - ; - ; - ; ^many ; - ; -"),
        ("CWE", "260373001^Detected^SCT", "", "1 ; - ; - ; - ; 260373001 ; Detected ; - ; -"),
        ("ST", "7.1", "mmol/L", "1 ; 7.1 ; - ; - ; - ; 7.1 ; - ; -"),
        // A bare number in a text without unit or range may be an identifier: it stays text.
        ("ST", "123456", "", "1 ; - ; - ; - ; - ; 123456 ; - ; -"),
        ("ST", "<5", "", "1 ; 5 ; < ; - ; - ; <5 ; - ; -"),
        ("TX", "one~two\\.br\\three", "", "1 ; - ; - ; - ; - ; one\ntwo\nthree ; - ; -"),
        ("DT", "20240101", "", "1 ; - ; - ; - ; - ; - ; 20240101 ; -"),
        ("ED", "^application^pdf^Base64^QUJD", "", "1 ; - ; - ; - ; - ; - ; - ; 4"),
        ("XCN", "7^DOE^JOHN", "", "1 ; - ; - ; - ; - ; - ; - ; -"),
        ("NM", " 5.50", "", "1 ; 5.5 ; - ; - ; - ; - ; - ; -"),
        ("SN", ">^100", "", "1 ; 100 ; > ; - ; - ; - ; - ; -"),
        ("SN", "^1^:^128", "", "1 ; 1 ; - ; 128 ; - ; - ; - ; -"),
        ("SN", "^2^+", "", "1 ; 2 ; - ; - ; - ; - ; - ; -"),
        ("CE", "A^Alpha^L", "", "1 ; - ; - ; - ; A ; Alpha ; - ; -"),
        ("CF", "A^Alpha^L", "", "1 ; - ; - ; - ; A ; Alpha ; - ; -"),
        ("CWE", "A^Alpha^L^^^^^^as it was said", "", "1 ; - ; - ; - ; A ; as it was said ; - ; -"),
        ("FT", "one\\.br\\two", "", "1 ; - ; - ; - ; - ; one\ntwo ; - ; -"),
        ("TM", "153000", "", "1 ; - ; - ; - ; - ; 153000 ; - ; -"),
        ("TS", "202401011530", "", "1 ; - ; - ; - ; - ; - ; 202401011530 ; -"),
        ("DTM", "20240101153000+0100", "", "1 ; - ; - ; - ; - ; - ; 20240101153000+0100 ; -"),
        ("RP", "file.pdf^&app", "", "1 ; - ; - ; - ; - ; - ; - ; -"),
        ("NA", "1^2^3", "", "1 ; - ; - ; - ; - ; 1^2^3 ; - ; -"),
        ("ST", "negative", "", "1 ; - ; - ; - ; - ; negative ; - ; -"),
        ("", "7.1", "mmol/L", "1 ; 7.1 ; - ; - ; - ; 7.1 ; - ; -"),
    ] {
        check(&obx(kind, value, rest), &tables::OBSERVATIONS, columns, &[want]);
    }
    let two = ["1 ; 5 ; - ; - ; - ; - ; - ; -", "2 ; 6 ; - ; - ; - ; - ; - ; -"];
    check(&obx("NM", "5~6", ""), &tables::OBSERVATIONS, columns, &two);
    let columns = "code code_text unit unit_ucum reference_low reference_high abnormal_flags status";
    check(
        &obx("NM", "5", "mg/dL|70-110|H~A|||F"),
        &tables::OBSERVATIONS,
        columns,
        &["GLU ; Glucose ; mg/dL ; mg/dL ; 70 ; 110 ; H A ; F"],
    );
}

#[test]
fn results_belong_to_their_order() {
    let text = format!(
        "{HEADER}{PATIENT}PV1|1|I|||||||||||||||||V9\rOBX|1|NM|A||1\rORC|RE|P1|F1\rOBR|1|||CBC\rOBX|1|NM|B||2\r\
         OBR|2|P2|F2^x|LIP|||20240101\rOBX|1|NM|C||3\rNTE|1|L|note\rORC|NW|P3\rRXE||M^Med^L|2||mg\rRXR|PO\r"
    );
    check(
        &text,
        &tables::OBSERVATIONS,
        "code order_index encounter_id observation_datetime",
        &["A ; - ; V9 ; -", "B ; 1 ; V9 ; -", "C ; 2 ; V9 ; 20240101"],
    );
    check(
        &text,
        &tables::ORDERS,
        "order_index order_control placer_order filler_order accession code",
        &["1 ; RE ; P1 ; F1 ; F1 ; CBC", "2 ; - ; P2 ; F2 ; F2 ; LIP", "3 ; NW ; P3 ; - ; - ; -"],
    );
    check(&text, &tables::MEDICATIONS, "order_index stage code amount unit route", &["3 ; encoded ; M ; 2 ; mg ; PO"]);
    check(&text, &tables::NOTES, "order_index about about_set_id source note", &["2 ; OBX ; 1 ; L ; note"]);
}

#[test]
fn merges_name_both_identifiers_pair_by_pair() {
    let text =
        "MSH|^~\\&|A|B|||20240101||ADT^A40|1|P|2.5\rPID|1||10^^^H^MR\rMRG|20^^^H^MR\rPID|2||11\rMRG|~21^^^H^MR|||22\r";
    // The issuer goes along with the id that is given up.
    let want = ["10 ; 20\u{1f}H ; A40", "11 ; 21\u{1f}H ; A40"];
    check(text, &tables::MERGES, "patient_id prior_patient_id trigger_event", &want);
}

#[test]
fn every_event_that_merges_pairs_its_identifiers_with_their_issuers() {
    let events = [
        "A18", "A30", "A34", "A35", "A36", "A39", "A40", "A41", "A42", "A43", "A46", "A47", "A48", "A49", "A50", "A51",
    ];
    for event in events {
        let text = format!(
            "MSH|^~\\&|A|B|||20240101||ADT^{event}|1|P|2.5\rEVN|{event}|20240101\rPID|1||10^^^H&1.2&ISO^MR\r\
             MRG|20^^^G&1.3&ISO^MR||A1||V20\r"
        );
        let columns = "patient_id prior_patient_id prior_encounter_id trigger_event";
        check(&text, &tables::MERGES, columns, &[&format!("10 ; 20\u{1f}G ; V20 ; {event}")]);
    }
    // An identifier that only the retired MRG-4 has.
    let text = "MSH|^~\\&|A|B|||20240101||ADT^A34|1|P|2.3\rPID|1||10\rMRG||||30\r";
    check(text, &tables::MERGES, "patient_id prior_patient_id", &["10 ; 30\u{1f}"]);
}

#[test]
fn problems_and_components_have_rows() {
    let text = "MSH|^~\\&|A|B|||20240101||PPR^PC1|1|P|2.5\rPID|1||10\rPV1|1|I|||||||||||||||||V1\r\
                PRB|AD|20240110|596.5^Bladder^I9|26744||||||||||ACTIVE||20240105\r\
                PRB|UP|20240111|786.5^Chest^I9|26793|||20240106\rPRB|DE|20240112|300.7^Hypo^I9|1\r\
                ORC|NW|P1\rRXO|A^B^C|2|4|mg\rRXR|IV\rRXC|B^Base|5W^Dextrose^L|1000|ML\rRXC|A|POT^Potassium^L|40|MEQ\r";
    check(
        text,
        &tables::DIAGNOSES,
        "encounter_id code code_text code_system diagnosis_datetime action_code set_id priority",
        &[
            "V1 ; 596.5 ; Bladder ; I9 ; 20240105 ; AD ; - ; -",
            "V1 ; 786.5 ; Chest ; I9 ; 20240106 ; UP ; - ; -",
            "V1 ; 300.7 ; Hypo ; I9 ; 20240112 ; DE ; - ; -",
        ],
    );
    check(
        text,
        &tables::MEDICATIONS,
        "order_index stage code amount unit route",
        &["1 ; ordered ; A ; 2 ; mg ; IV", "1 ; component ; 5W ; 1000 ; ML ; -", "1 ; component ; POT ; 40 ; MEQ ; -"],
    );
}

#[test]
fn every_segment_of_the_corpus_has_its_row() {
    let root = std::env::var_os("VOXMILL_CORPUS").map(std::path::PathBuf::from);
    let root = root.unwrap_or_else(|| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"));
    let (mut files, mut segments, mut made) = (0, std::collections::BTreeMap::new(), std::collections::BTreeMap::new());
    for entry in std::fs::read_dir(root.join("hl7/microsoft-fhir-converter")).expect("the corpus is there") {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        files += 1;
        for line in bytes.split(|b| matches!(b, b'\r' | b'\n')) {
            if let (Some(name), Some(b'|')) = (line.get(..3), line.get(3)) {
                *segments.entry(String::from_utf8_lossy(name).into_owned()).or_insert(0) += 1;
            }
        }
        for message in messages(&bytes) {
            draw(&message.unwrap(), 0, Wanted::ALL, &mut Feed::default(), &mut |row| {
                *made.entry(row.table.name).or_insert(0) += 1
            });
        }
    }
    let count = |names: &[&str]| names.iter().map(|name| segments.get(*name).copied().unwrap_or(0)).sum::<i32>();
    let rows = |table: &str| made.get(table).copied().unwrap_or(0);
    assert_eq!((files, rows("messages")), (139, 139));
    for (table, names) in [
        ("patients", &["PID"][..]),
        ("encounters", &["PV1"]),
        ("diagnoses", &["DG1", "PRB"]),
        ("procedures", &["PR1"]),
        ("allergies", &["AL1", "IAM"]),
        ("notes", &["NTE"]),
        ("documents", &["TXA"]),
        ("transactions", &["FT1"]),
        ("medications", &["RXO", "RXE", "RXD", "RXG", "RXA", "RXC"]),
    ] {
        assert!(count(names) > 0, "{table}");
        assert_eq!(rows(table), count(names), "{table}");
    }
    // A result has a row for each repetition, an order for an ORC and its OBR together, an appointment for each service.
    assert!(rows("observations") >= count(&["OBX"]) && rows("orders") >= count(&["OBR"]));
    assert!(rows("orders") <= count(&["OBR", "ORC"]) && rows("appointments") >= count(&["SCH"]));
    assert!(rows("merges") > 0 && rows("merges") <= count(&["MRG"]), "one without identifier names nobody");
}

#[test]
fn visits_diagnoses_procedures_allergies() {
    let text = format!(
        "{HEADER}{PATIENT}PV1|1|I|ICU^2^B|E|||D1^Who||||||||||||V1|||||||||||||||||01||||||||20240101|20240103\rPV2|||R^Reason^S\r\
         DG1|1|I9|V04.5^Rabies^I9||20240102|A\rPR1|1||71045^Chest^C4||20240102||30\rAL1|1|DA|P^Penicillin^L|SV|rash~itch|20200101\r\
         IAM|2|FA|N^Nut^L|MO|hives|A|||||20210101\rTXA|1|DS|TX|20240101||20240102\rFT1|1|||20240101||CG|99^Visit^C4|||2\r"
    );
    let visit = "encounter_id patient_class attending_id discharge_disposition admit_datetime discharge_datetime admit_reason_code";
    check(&text, &tables::ENCOUNTERS, visit, &["V1 ; I ; D1 ; 01 ; 20240101 ; 20240103 ; R"]);
    check(&text, &tables::DIAGNOSES, "encounter_id code code_system diagnosis_type", &["V1 ; V04.5 ; I9 ; A"]);
    check(&text, &tables::PROCEDURES, "code code_text procedure_datetime minutes", &["71045 ; Chest ; 20240102 ; 30"]);
    let allergies = ["DA ; P ; SV ; rash\nitch ; 20200101 ; -", "FA ; N ; MO ; hives ; 20210101 ; A"];
    check(&text, &tables::ALLERGIES, "allergen_type code severity reaction identified_date action_code", &allergies);
    check(
        &text,
        &tables::DOCUMENTS,
        "document_type activity_datetime origination_datetime",
        &["DS ; 20240101 ; 20240102"],
    );
    check(&text, &tables::TRANSACTIONS, "code quantity transaction_type", &["99 ; 2 ; CG"]);
}

#[test]
fn appointments_know_the_patient_that_comes_after_them() {
    let text = "MSH|^~\\&|A|B|||20240101||SIU^S12|1|P|2.5\rSCH|P7|F7||||R|CK|N|30|MIN|^^^20240201^20240202\rPID|1||10\rPV1|1|O|||||||||||||||||V3\r\
                RGS|1\rAIS|1|A|X^Y^Z|20240201\rAIS|2|A|Q\r";
    check(
        text,
        &tables::APPOINTMENTS,
        "patient_id encounter_id filler_appointment duration start_datetime service_set_id service_code",
        &["10 ; V3 ; F7 ; 30 ; 20240201 ; 1 ; X", "10 ; V3 ; F7 ; 30 ; 20240201 ; 2 ; Q"],
    );
}

#[test]
fn vaccinations_and_dispenses_are_medications() {
    let text = format!(
        "{HEADER}{PATIENT}ORC|RE||F\rRXA|0|1|20120814|20120815|140^Influenza^CVX|0.5|mL^MilliLiter^UCUM|||||||||||||CP\rRXR|C28161^IM^NCIT|RA\r\
         RXD|1|0115^Doxy^NDC|20201212|10|T\rRXO|A^B^C|2|4|mg\r"
    );
    check(
        &text,
        &tables::MEDICATIONS,
        "stage code amount amount_maximum unit route site start_datetime end_datetime completion_status",
        &[
            "administered ; 140 ; 0.5 ; - ; mL ; C28161 ; RA ; 20120814 ; 20120815 ; CP",
            "dispensed ; 0115 ; 10 ; - ; T ; - ; - ; 20201212 ; - ; -",
            "ordered ; A ; 2 ; 4 ; mg ; - ; - ; - ; - ; -",
        ],
    );
}

#[test]
fn no_column_holds_a_name_an_address_or_a_number_of_the_patient() {
    let text = format!(
        "{HEADER}PID|1|PHI0|77^^^PHI1|PHI2|PHI3^PHI4|PHI5|19630412|F|PHI6|R|PHI7^PHI8^PHI9^ST^94110^US^^^PHI10|PHI11|PHI12|PHI13|EN|M|PHI14|PHI15|PHI16|PHI17|PHI18||PHI19||\r\
         NK1|1|PHI20^PHI21||PHI22\rGT1|1||PHI23\rIN1|1|PHI24|||PHI25\rPD1||||PHI26\r"
    );
    let rows = drawn(&text);
    let texts = rows
        .iter()
        .flat_map(|row| &row.cells)
        .filter_map(|cell| if let Cell::Text(text) = cell { Some(text) } else { None });
    assert_eq!(texts.filter(|text| text.contains("PHI")).count(), 0);
}

#[test]
fn a_set_id_is_a_small_number() {
    let text = format!(
        "{HEADER}{PATIENT}OBX|9999|NM|A||1\rNTE|88812345|L|x\rOBX|10000|NM|A||1\rNTE|0||x\rOBX|88812345|NM|A||1\rNTE|2||x\r"
    );
    check(&text, &tables::OBSERVATIONS, "set_id", &["9999", "-", "-"]);
    check(&text, &tables::NOTES, "set_id about_set_id", &["- ; 9999", "- ; -", "2 ; -"]);
}

#[test]
fn prose_in_fields_of_codes_is_dropped() {
    let text = format!(
        "{HEADER}{PATIENT}OBX|1|NM|A||1|mg/dL|70-110\rNTE|1|O|x\rOBX|2|NM|A||1|as Jane Roe said|see Jane Roe\r\
         NTE|1|Jane|x\rOBX|3|NM|A||1|as Roe said^^UCUM|Negative\r\
         SCH|P|F||||Jane Roe moved|ask Jane|NORMAL|30|MIN\r"
    );
    check(
        &text,
        &tables::OBSERVATIONS,
        "unit unit_ucum reference_range reference_low",
        &["mg/dL ; mg/dL ; 70-110 ; 70", "- ; - ; - ; -", "- ; - ; Negative ; -"],
    );
    check(&text, &tables::NOTES, "source", &["O", "-"]);
    let columns = "event_reason appointment_reason appointment_type duration_unit";
    check(&text, &tables::APPOINTMENTS, columns, &["- ; - ; NORMAL ; MIN"]);
}

#[test]
fn only_what_is_wanted_is_made() {
    let text = format!("{HEADER}{PATIENT}OBX|1|NM|A||1\r");
    let message = messages(text.as_bytes()).next().unwrap().unwrap();
    for (wanted, want) in [
        (Wanted::only(&[&tables::MESSAGES]), vec!["messages"]),
        (Wanted::only(&[&tables::OBSERVATIONS]), vec!["observations"]),
        (Wanted::ALL, vec!["messages", "patients", "observations"]),
    ] {
        let mut names = Vec::new();
        draw(&message, 0, wanted, &mut Feed::default(), &mut |row| names.push(row.table.name));
        assert_eq!(names, want);
    }
}
