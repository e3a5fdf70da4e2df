//! One person, one visit, one order: the same pseudonym in messages that are written again as in the tables of `prepare`.

use super::{field, identity, rewrite};
use voxmill::deid::rows::Cleaner;
use voxmill::model::Cell;
use voxmill::read::hl7;

const TEXT: &str = "MSH|^~\\&|LABSYS|HOSP^1.2.3^ISO|EMR|CLINIC|20240301120000||ORU^R01|MSG0001|P|2.5\r\
    PID|1||4711^^^HOSP^MR~123-45-6789^^^USA^SS||DOE^JANE||19630412|F\r\
    PV1|1|I|ICU^2^3|||||55^ROE^ANN|||||||||||V100\r\
    ORC|RE|PL77|FI88\r\
    OBR|1|PL77|FI88|2345-7^Glucose^LN|||20240228|||||||||66^POE^AL||ACC99\r\
    OBX|1|NM|2345-7^Glucose^LN||5.5|mmol/L|||||F|||20240229\r\
    TXA|1|CN||||||||||DOC5||PL77|FI88\r";

/// The cell of a column in the first row of a table, as text.
fn cell(table: &str, column: &str) -> String {
    let identity = identity();
    let mut cleaner = Cleaner::new(&identity);
    let message = hl7::messages(TEXT.as_bytes()).next().unwrap().unwrap();
    let mut found = None;
    hl7::rows(&message, 0, &mut |row| {
        if row.table.name == table && found.is_none() {
            let at = row.table.position(column).unwrap();
            found = Some(cleaner.clean(&row).cells.into_inner().swap_remove(at));
        }
    });
    match found.unwrap() {
        Cell::Text(text) => text,
        Cell::Timestamp(ms) => chrono::DateTime::from_timestamp_millis(ms).unwrap().format("%Y%m%d%H%M%S").to_string(),
        other => panic!("{table}.{column}: {other:?}"),
    }
}

#[test]
fn pseudonyms_and_dates_are_those_of_the_tables() {
    let out = rewrite(TEXT);
    let lines: Vec<&str> = out.split('\r').collect();
    let component = |line: usize, n: usize, c: usize| field(lines[line], n).split('^').nth(c - 1).unwrap().to_owned();
    let mut compared = 0;
    for (place, table, column) in [
        (component(0, 3, 1), "messages", "sending_application"),
        (component(0, 4, 1), "messages", "sending_facility"),
        (component(0, 7, 1), "messages", "message_datetime"),
        (component(0, 10, 1), "messages", "control_id"),
        (component(1, 3, 1), "messages", "patient_id"),
        (component(2, 3, 1), "encounters", "point_of_care"),
        (component(2, 8, 1), "encounters", "referring_id"),
        (component(2, 19, 1), "encounters", "encounter_id"),
        (component(3, 2, 1), "orders", "placer_order"),
        (component(4, 3, 1), "orders", "filler_order"),
        (component(4, 16, 1), "orders", "ordering_provider_id"),
        (component(4, 18, 1), "orders", "accession"),
        (component(4, 7, 1) + "000000", "orders", "observation_datetime"),
        (component(5, 14, 1) + "000000", "observations", "observation_datetime"),
        (component(6, 12, 1), "documents", "document"),
        (component(6, 14, 1), "documents", "placer_order"),
        (component(6, 15, 1), "documents", "filler_order"),
    ] {
        assert_eq!(place, cell(table, column), "{table}.{column}");
        compared += 1;
    }
    assert_eq!(compared, 17);
    assert_eq!(component(3, 3, 1), component(4, 3, 1), "order and request still meet");
    // The social security number beside the record number goes, with its kind still said.
    assert!(field(lines[1], 3).contains("~^^^X") && field(lines[1], 3).ends_with("^SS"), "{}", lines[1]);
}

#[test]
fn a_pseudonym_does_not_depend_on_what_came_before() {
    let alone = rewrite(TEXT);
    let other = TEXT.replace("4711", "9999").replace("MSG0001", "MSG0002");
    let after = rewrite(&format!("{other}{TEXT}"));
    assert!(after.ends_with(&alone));
    assert_eq!(rewrite(TEXT), alone);
}
