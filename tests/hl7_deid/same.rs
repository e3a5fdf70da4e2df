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

/// Messages of senders that come back, among them codes in MSH that name the patient of one message and nobody in the next.
fn of_few_senders() -> String {
    let (mut text, people) = (String::new(), ["DOE^JANE", "ROE^ANN", "MILLER^BOB"]);
    for n in 0..60 {
        let (sender, person) = (["LAB", "PHARM", "MILLER"][n % 3], people[n / 3 % 3]);
        let kind = ["ADT^A01^GLU-DOE", "ORU^R01", "RDE^O11"][n % 3];
        let processing = ["P", "T^ROE"][n / 6 % 2];
        text += &format!(
            "MSH|^~\\&|{sender}|HOSP^1.2.3^ISO|EMR|CLINIC|202403{:02}120000||{kind}|MSG{n}|{processing}|2.5|||AL|NE|{}\r\
             PID|1||47{}^^^HOSP^MR||{person}||19630412|F\r\n\r\n",
            n % 28 + 1,
            ["USA", "ROE"][n / 4 % 2],
            n % 5,
        );
    }
    text
}

#[test]
fn what_messages_of_one_sender_share_becomes_what_it_becomes_in_each_of_them() {
    let (text, identity) = (of_few_senders(), identity());
    let (mut feed, mut cleaner) = (hl7::Feed::default(), Cleaner::new(&identity));
    let wanted = hl7::Wanted::only(&[&hl7::tables::MESSAGES]);
    let mut alone = Vec::new();
    for (ordinal, message) in hl7::messages(text.as_bytes()).flatten().enumerate() {
        feed.lines(&message, ordinal as u64, wanted, &mut |line| cleaner.add(line));
        hl7::rows_of(&message, ordinal as u64, wanted, &mut |row| {
            alone.push(Cleaner::new(&identity).clean(&row).cells.into_inner());
        });
    }
    let batches = cleaner.into_rows().batches.into_inner();
    assert_eq!(batches.len(), 1);
    let batch = voxmill::model::batch::Batch::join(batches).unwrap();
    let (mut compared, mut gone) = (0, 0);
    for (row, cells) in alone.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            let want = if let Cell::Text(text) = cell { Some(text.as_str()) } else { None };
            if matches!(batch.columns()[column], voxmill::model::batch::Values::Text { .. }) {
                let name = hl7::tables::MESSAGES.columns[column].name;
                assert_eq!(batch.columns()[column].text_at(row), want, "row {row}, {name}");
                compared += 1;
                gone += usize::from(name == "message_structure" && want.is_none());
            }
        }
    }
    // 12 columns of text; MSH-9.3 is there in twenty messages and names the patient of seven of them (0, 9, ..., 54).
    assert_eq!((alone.len(), compared), (60, 720));
    assert_eq!(gone, 47);
}

#[test]
fn an_msh_is_written_as_if_it_stood_alone() {
    let text = of_few_senders();
    let together = rewrite(&text);
    let alone: String = text.split_inclusive("\r\n\r\n").map(rewrite).collect();
    assert_eq!(together.lines().filter(|line| line.starts_with("MSH")).count(), 60);
    assert_eq!(together, alone);
}
