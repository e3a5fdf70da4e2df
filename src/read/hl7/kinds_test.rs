//! Which rows messages of each kind become, told by the table: appointments, charges, documents, imaging and laboratory
//! orders, vaccinations, results of the point of care and of alarms, waveforms, links between patients.

use super::rows_test::{HEADER, PATIENT, check, drawn};
use super::tables;

/// A header of this type and event.
fn header(event: &str) -> String {
    HEADER.replace("ORU^R01^ORU_R01", event)
}

/// The tables of all rows, in their order, with how many rows stand behind each other.
fn shape(text: &str) -> String {
    let mut told: Vec<(&str, usize)> = Vec::new();
    for row in drawn(text) {
        match told.last_mut() {
            Some((name, count)) if *name == row.table.name => *count += 1,
            _ => told.push((row.table.name, 1)),
        }
    }
    told.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}

const SCHEDULE: &str = "SCH|P7|F7||||R|CK|N|30|MIN|^^^20240201^20240202||||||||||||||Booked\r";

#[test]
fn every_event_of_scheduling_is_an_appointment() {
    let group = format!(
        "{SCHEDULE}{PATIENT}PV1|1|O\rRGS|1\rAIS|1|A|X^Scan^Z|20240201||| 20|MIN\rAIG|1|A|R7\rAIL|1|A|W^3\rAIP|1|A|9^ROE\r"
    );
    let events = ["S12", "S13", "S14", "S15", "S16", "S17", "S18", "S19", "S20", "S21", "S22", "S23", "S24", "S26"];
    for event in events {
        let text = format!("{}{group}", header(&format!("SIU^{event}")));
        assert_eq!(shape(&text), "messages 1, appointments 1, patients 1, encounters 1", "{event}");
        let columns = "patient_id trigger_event filler_appointment service_code service_duration status";
        check(&text, &tables::APPOINTMENTS, columns, &[&format!("99 ; {event} ; F7 ; X ; 20 ; Booked")]);
    }
}

#[test]
fn charges_of_a_visit_have_no_money() {
    let text = format!(
        "{}EVN|P03|20240105\r{PATIENT}PV1|1|I|||||||||||||||||V3\rFT1|1|T1||20240104||CG|99213^Visit^C4|||2|100.00|250.00|||||||I10^Htn^I10~E11^^I10||||||71046^Chest^C4\r\
         FT1|2|T2||20240104||CR|80048^Panel^C4|||1\rDG1|1||I10^Htn^I10\r",
        header("DFT^P03")
    );
    assert_eq!(shape(&text), "messages 1, patients 1, encounters 1, transactions 2, diagnoses 1");
    check(
        &text,
        &tables::TRANSACTIONS,
        "encounter_id transaction_datetime transaction_type code quantity diagnosis_code procedure_code",
        &["V3 ; 20240104 ; CG ; 99213 ; 2 ; I10 E11 ; 71046", "V3 ; 20240104 ; CR ; 80048 ; 1 ; - ; -"],
    );
    let amounts = drawn(&text).iter().filter(|row| format!("{:?}", row.cells).contains("250")).count();
    assert_eq!(amounts, 0);
}

#[test]
fn documents_come_with_their_text() {
    for event in ["T01", "T02", "T03", "T04", "T05", "T06", "T07", "T08", "T09", "T10", "T11"] {
        let text = format!(
            "{}EVN|{event}|20240105\r{PATIENT}PV1|1|O|||||||||||||||||V3\rTXA|1|DS|TX|20240104||20240105||||||D5|D4|P1|F1|f|DI|U|AV|AC\r\
             OBX|1|TX|18842-5^Summary^LN||first line~second line\r",
            header(&format!("MDM^{event}"))
        );
        assert_eq!(shape(&text), "messages 1, patients 1, encounters 1, documents 1, observations 1", "{event}");
        let columns = "encounter_id document_type document parent_document placer_order filler_order confidentiality availability";
        check(&text, &tables::DOCUMENTS, columns, &["V3 ; DS ; D5 ; D4 ; P1 ; F1 ; U ; AV"]);
        check(&text, &tables::OBSERVATIONS, "value_text", &["first line\nsecond line"]);
    }
}

#[test]
fn imaging_orders_name_their_study() {
    let text = format!(
        "{}{PATIENT}PV1|1|O|||||||||||||||||V3\rORC|NW|P1|F1\rTQ1|1||||||20240106||R\rOBR|1|P1|F1|71250^CT chest^C4|||||||||||||||A77||||||CT\r\
         IPC|A77|RP1|1.2.3.4|SPS1|CT\rIPC|A77|RP1|1.2.3.4|SPS2|CT\r",
        header("OMI^O23^OMI_O23")
    );
    assert_eq!(shape(&text), "messages 1, patients 1, encounters 1, orders 1");
    check(&text, &tables::ORDERS, "encounter_id code modality study_uid", &["V3 ; 71250 ; CT ; 1.2.3.4"]);
    check(&text, &tables::MESSAGES, "validation_score valid", &["1 ; true"]);
}

#[test]
fn laboratory_orders_are_one_row_each_with_their_results() {
    for event in ["OML^O21^OML_O21", "OML^O33^OML_O33", "OML^O35^OML_O35"] {
        let text = format!(
            "{}{PATIENT}ORC|NW|P1\rOBR|1|P1||CBC^Count^L\rSPM|1|||BLD\rOBX|1|NM|HGB||14|g/dL\rORC|NW|P2\rOBR|2|P2||LIP^Lipids^L\rNTE|1|L|fasting\r",
            header(event)
        );
        assert_eq!(shape(&text), "messages 1, patients 1, orders 1, observations 1, orders 1, notes 1", "{event}");
        check(&text, &tables::ORDERS, "order_index code", &["1 ; CBC", "2 ; LIP"]);
        check(&text, &tables::OBSERVATIONS, "order_index code value_number", &["1 ; HGB ; 14"]);
        check(&text, &tables::NOTES, "order_index about note", &["2 ; OBR ; fasting"]);
    }
}

#[test]
fn vaccinations_with_their_findings() {
    let text = format!(
        "{}{PATIENT}ORC|RE||F1\rRXA|0|1|20240105||08^HepB^CVX|0.5|mL\rRXR|IM|LA\rOBX|1|CE|64994-7^Funding^LN|1|V02^VFC^HL70064\r\
         ORC|RE||F2\rRXA|0|1|20240105||998^none^CVX|999\rOBX|1|CE|59784-9^Immunity^LN|1|38907003^Varicella^SCT\r",
        header("VXU^V04^VXU_V04")
    );
    assert_eq!(
        shape(&text),
        "messages 1, patients 1, medications 1, observations 1, orders 1, medications 1, observations 1, orders 1"
    );
    check(
        &text,
        &tables::MEDICATIONS,
        "stage code amount route site",
        &["administered ; 08 ; 0.5 ; IM ; LA", "administered ; 998 ; 999 ; - ; -"],
    );
    check(
        &text,
        &tables::OBSERVATIONS,
        "order_index code value_code",
        &["1 ; 64994-7 ; V02", "2 ; 59784-9 ; 38907003"],
    );
}

#[test]
fn results_of_the_point_of_care_and_of_alarms_are_results() {
    for event in ["ORU^R30^ORU_R30", "ORU^R31^ORU_R30", "ORU^R32^ORU_R30", "ORU^R40^ORU_R40", "ORU^W01^ORU_W01"] {
        let text =
            format!("{}{PATIENT}ORC|NW\rOBR|1|||GLU^Glucose^L\rOBX|1|NM|GLU||410|mg/dL|70-110|HH|||F\r", header(event));
        assert_eq!(shape(&text), "messages 1, patients 1, orders 1, observations 1", "{event}");
        check(&text, &tables::OBSERVATIONS, "code value_number abnormal_flags", &["GLU ; 410 ; HH"]);
        let trigger = event.split('^').nth(1).unwrap();
        check(&text, &tables::MESSAGES, "trigger_event valid", &[&format!("{trigger} ; true")]);
    }
}

#[test]
fn arrays_are_rows_of_their_samples_and_no_measurement() {
    // MA (HL7 v2.5.1 2.A.42): one repetition for each moment, one component for each channel; NA: one array.
    let text = format!(
        "{}{PATIENT}OBR|1|||WAVE\rOBX|1|MA|8716-3^Waveform^LN||0^1^2~3^4^5\rOBX|2|NA|X^Values^L||1.5^-2^3\rOBX|3|MA|X^Empty^L||\r",
        header("ORU^W01^ORU_W01")
    );
    check(
        &text,
        &tables::OBSERVATIONS,
        "set_id value_index value_type value_number value_text",
        &["1 ; 1 ; MA ; - ; 0^1^2", "1 ; 2 ; MA ; - ; 3^4^5", "2 ; 1 ; NA ; - ; 1.5^-2^3", "3 ; 1 ; MA ; - ; -"],
    );
}

#[test]
fn linked_and_unlinked_patients_stay_two() {
    // A24 links records that may be a mother's and her child's, A37 takes that back (HL7 v2.5.1 3.3.24, 3.3.37): neither says
    // that one identifier is given up, as an MRG does.
    for event in ["A24", "A37"] {
        let text = format!(
            "{}EVN|{event}|20240105\rPID|1||10^^^H\rPV1|1|I\rPID|2||20^^^H\rPV1|1|I\r",
            header(&format!("ADT^{event}"))
        );
        assert_eq!(shape(&text), "messages 1, patients 1, encounters 1, patients 1, encounters 1", "{event}");
        check(
            &text,
            &tables::PATIENTS,
            "patient_id trigger_event",
            &[&format!("10 ; {event}"), &format!("20 ; {event}")],
        );
        check(&text, &tables::MERGES, "patient_id", &[]);
    }
}
