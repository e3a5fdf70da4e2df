//! HL7 messages written again without the people in them: every row of the list, every field that is not on it, what
//! stays byte for byte, character sets and hostile delimiters, and the corpus.

#[path = "hl7_deid/corpus.rs"]
mod corpus;
#[path = "hl7_deid/listed.rs"]
mod listed;
#[path = "hl7_deid/program.rs"]
mod program;
#[path = "hl7_deid/rest.rs"]
mod rest;
#[path = "hl7_deid/same.rs"]
mod same;
#[path = "hl7_deid/text.rs"]
mod text;

use voxmill::deid::hl7::{Rewriter, Written};
use voxmill::deid::identity::{Identity, Issuers, Shares};
use voxmill::deid::key::Key;

fn identity() -> Identity {
    let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap();
    Identity::new(key, Issuers::Merge, Shares { train: 0.8, validation: 0.1 })
}

fn written(input: &[u8]) -> Written {
    Rewriter::new(&identity()).input(input)
}

/// What becomes of an input in UTF-8.
fn rewrite(input: &str) -> String {
    let written = written(input.as_bytes());
    assert_eq!(written.read, written.written + written.refused.len() as u64);
    String::from_utf8(written.bytes.into_inner()).unwrap()
}

const MSH: &str = "MSH|^~\\&|||||20240301120000||ADT^A01|1|P|2.8";

/// What becomes of one segment of a message about patient 4711 at noon of 2024-03-01; `None` if it goes.
fn segment(segment: &str) -> Option<String> {
    let text = rewrite(&format!("{MSH}\rPID|1||4711\r{segment}\r"));
    let rest: Vec<&str> = text.split('\r').skip(2).collect();
    match rest.as_slice() {
        [one, ""] => Some((*one).to_owned()),
        [""] => None,
        _ => panic!("{} lines", rest.len()),
    }
}

/// Field `n` of a segment line.
fn field(line: &str, n: usize) -> &str {
    line.split('|').nth(if line.starts_with("MSH") { n - 1 } else { n }).unwrap_or_default()
}

/// Days by which the dates of patient 4711 go back.
fn shift() -> i64 {
    let msh = rewrite(&format!("{MSH}\rPID|1||4711\r"));
    let day = |text: &str| chrono::NaiveDate::parse_from_str(text.get(..8).unwrap(), "%Y%m%d").unwrap();
    let days = (day("20240301") - day(field(msh.lines().next().unwrap(), 7))).num_days();
    assert!((1..=365).contains(&days), "{days}");
    days
}

/// A day, shifted.
fn shifted(day: &str) -> String {
    let day = chrono::NaiveDate::parse_from_str(day, "%Y%m%d").unwrap();
    (day - chrono::Duration::days(shift())).format("%Y%m%d").to_string()
}
