//! The audit trail: one JSON object a line, each with the hash of the line before it, so that a line that was changed,
//! left out or added shows. Facts are numbers and fixed words; no clock, host or user is in it, so that equal runs
//! leave equal trails.

use super::files::hex;
use crate::error::{Fault, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// What an entry may say: nothing that could hold a value of a person's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A count or a limit.
    Number(i64),
    /// A word of this program.
    Word(&'static str),
}

/// An entry that waits in a receipt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// What happened.
    pub event: String,
    /// By name.
    pub facts: Map<String, Value>,
}

impl Entry {
    /// An entry of fixed words and numbers.
    pub fn new(event: &'static str, facts: &[(&'static str, Fact)]) -> Self {
        let value = |fact: &Fact| match fact {
            Fact::Number(number) => Value::from(*number),
            Fact::Word(word) => Value::from(*word),
        };
        let facts = facts.iter().map(|(name, fact)| ((*name).to_owned(), value(fact))).collect();
        Self { event: event.to_owned(), facts }
    }
}

/// The hash before the first line.
const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Where a trail ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct End {
    /// Lines.
    pub lines: u64,
    /// Hash of the last one, or of the beginning.
    pub last: String,
}

/// Makes the lines.
pub(super) struct Trail {
    seq: u64,
    prev: String,
    text: String,
}

impl Trail {
    pub(super) fn new() -> Self {
        Self { seq: 0, prev: BEGINNING.to_owned(), text: String::new() }
    }

    /// Adds a line: `{"seq":…,"event":…,"facts":{…},"prev":…,"hash":…}`. The hash is the SHA-256 of the object
    /// without its hash, as it stands on the line.
    pub(super) fn add(&mut self, event: &str, facts: Map<String, Value>) -> Result<()> {
        let line = serde_json::json!({"seq": self.seq, "event": event, "facts": facts, "prev": self.prev});
        let mut line = serde_json::to_string(&line).map_err(|_| Fault::bug("write/audit", "an entry"))?;
        self.prev = hex(&Sha256::digest(line.as_bytes()));
        line.pop();
        self.text += &format!("{line},\"hash\":\"{}\"}}\n", self.prev);
        self.seq += 1;
        Ok(())
    }

    /// Where the trail ends so far: its lines and the hash of the last one. The card keeps it, so that a trail cut short
    /// shows.
    pub(super) fn end(&self) -> End {
        End { lines: self.seq, last: self.prev.clone() }
    }

    pub(super) fn text(self) -> String {
        self.text
    }
}

/// Where the trail ends, or the first line whose number, predecessor or hash is not right, counted from 0.
pub(super) fn walk(text: &str) -> std::result::Result<End, u64> {
    let mut prev = BEGINNING.to_owned();
    let mut lines = 0;
    for (seq, line) in (0..).zip(text.lines()) {
        let Some((body, hash)) = line.rsplit_once(",\"hash\":\"") else { return Err(seq) };
        let (body, hash) = (format!("{body}}}"), hash.trim_end_matches("\"}"));
        let Ok(value) = serde_json::from_str::<Value>(&body) else { return Err(seq) };
        let right = value.get("seq") == Some(&Value::from(seq))
            && value.get("prev").and_then(Value::as_str) == Some(prev.as_str())
            && hex(&Sha256::digest(body.as_bytes())) == hash;
        if !right {
            return Err(seq);
        }
        prev = hash.to_owned();
        lines = seq + 1;
    }
    Ok(End { lines, last: prev })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_or_missing_line_breaks_the_chain() {
        let mut trail = Trail::new();
        for event in ["run", "part", "finish"] {
            trail.add(event, Entry::new(event, &[("boxes", Fact::Number(3))]).facts).unwrap();
        }
        let end = trail.end();
        let text = trail.text();
        assert_eq!(text.lines().count(), 3);
        assert_eq!(walk(&text), Ok(end.clone()));
        assert_eq!(walk(&text.replacen("\"boxes\":3", "\"boxes\":4", 1)), Err(0));
        let (cut, _) = text.trim_end().rsplit_once('\n').unwrap();
        assert!(
            walk(cut).is_ok_and(|there| there != end),
            "without its last line the chain is whole and ends elsewhere"
        );
        let without_second: String =
            text.lines().enumerate().filter(|(i, _)| *i != 1).map(|(_, l)| format!("{l}\n")).collect();
        assert_eq!(walk(&without_second), Err(1));
    }
}
