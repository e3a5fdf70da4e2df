//! HL7: the parser alone, every field touched, the messages table, every table. The messages are those of the tutorial
//! that Python programs are measured with: ADT, ORU and RDE in turn, 222 bytes on average, blank lines between.
//! `cargo bench --bench hl7` prints messages per second.

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use std::fmt::Write;
use voxmill::deid::hl7::Rewriter;
use voxmill::deid::identity::{Identity, Issuers, Shares};
use voxmill::deid::key::Key;
use voxmill::read::hl7;

fn main() {
    divan::main();
}

const MESSAGES: usize = 100_000;

fn archive() -> String {
    let mut text = String::new();
    for i in 0..MESSAGES {
        let time = format!("2024010{}{:02}0000", i % 9 + 1, i % 24);
        let (application, event, middle) =
            [("LAB", "ADT^A01", 'A'), ("LAB", "ORU^R01", 'B'), ("PHARM", "RDE^O11", 'C')][i % 3];
        let _ = write!(
            text,
            "MSH|^~\\&|{application}|HOSPITAL|EMR|CLINIC|{time}||{event}|{}|P|2.5\rPID|1||{}||PATIENT{}^FNAME{}^{middle}||\
             {}{:02}{:02}|{}|||{} MEDICAL ST^^CITY{}^ST^{}||555-{}|||S||{}-{}-{}",
            i + 10_000,
            100_000 + i % 50_000,
            i % 1000,
            i % 500,
            1950 + i % 70,
            i % 12 + 1,
            i % 28 + 1,
            ["M", "F"][i % 2],
            i % 9999,
            i % 100,
            10_000 + i % 90_000,
            i % 9000 + 1000,
            100 + i % 900,
            10 + i % 90,
            1000 + i % 9000,
        );
        let _ = match i % 3 {
            0 => Ok(()),
            1 => write!(text, "\rOBX|1|NM|GLU^Glucose^L||{}|mg/dL|70-110|N|||F", 85 + i % 50),
            _ => write!(text, "\rRXE|1^1^{time}^{time}|METFORMIN 500MG|{}||TAB|PO|QD|||", 30 + i % 60),
        };
        text.push_str("\r\n\r\n");
    }
    text
}

fn bench(bencher: Bencher, work: impl Fn(&[u8]) -> u64 + Sync) {
    let archive = archive();
    bencher
        .counter(ItemsCount::new(MESSAGES))
        .counter(BytesCount::new(archive.len()))
        .bench(|| work(black_box(archive.as_bytes())));
}

/// Messages cut and taped; nothing decoded.
#[divan::bench]
fn parse(bencher: Bencher) {
    bench(bencher, |bytes| hl7::messages(bytes).filter(Result::is_ok).count() as u64);
}

/// Messages cut and taped, and every field of every segment looked at.
#[divan::bench]
fn walk_every_field(bencher: Bencher) {
    bench(bencher, |bytes| {
        let mut length = 0;
        for message in hl7::messages(bytes).flatten() {
            for segment in message.segments() {
                length += (1..=segment.last_field()).map(|n| segment.field(n).raw().len() as u64).sum::<u64>();
            }
        }
        length
    });
}

fn count_rows(bytes: &[u8], wanted: hl7::Wanted) -> u64 {
    let mut rows = 0;
    for (ordinal, message) in hl7::messages(bytes).flatten().enumerate() {
        hl7::rows_of(&message, ordinal as u64, wanted, &mut |row| {
            rows += 1;
            drop(black_box(row));
        });
    }
    rows
}

/// Sealed rows of the messages table.
#[divan::bench]
fn messages_table(bencher: Bencher) {
    let wanted = hl7::Wanted::only(&[&hl7::tables::MESSAGES]);
    bench(bencher, |bytes| count_rows(bytes, wanted));
}

/// Sealed rows of every table.
#[divan::bench]
fn all_tables(bencher: Bencher) {
    bench(bencher, |bytes| count_rows(bytes, hl7::Wanted::ALL));
}

/// Messages rewritten without the people in them, every message parsed, judged and written to memory.
#[divan::bench]
fn rewrite(bencher: Bencher) {
    let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).expect("a key");
    let identity = Identity::new(key, Issuers::Merge, Shares { train: 0.8, validation: 0.1 });
    bench(bencher, |bytes| {
        let written = Rewriter::new(&identity).input(bytes);
        assert_eq!(written.written, MESSAGES as u64);
        written.bytes.get().len() as u64
    });
}
