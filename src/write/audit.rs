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

    pub(super) fn text(self) -> String {
        self.text
    }
}

/// The first line whose number, predecessor or hash is not right, counted from 0; `None` if the chain is whole.
pub(super) fn first_break(text: &str) -> Option<u64> {
    let mut prev = BEGINNING.to_owned();
    for (seq, line) in (0..).zip(text.lines()) {
        let Some((body, hash)) = line.rsplit_once(",\"hash\":\"") else { return Some(seq) };
        let (body, hash) = (format!("{body}}}"), hash.trim_end_matches("\"}"));
        let Ok(value) = serde_json::from_str::<Value>(&body) else { return Some(seq) };
        let right = value.get("seq") == Some(&Value::from(seq))
            && value.get("prev").and_then(Value::as_str) == Some(prev.as_str())
            && hex(&Sha256::digest(body.as_bytes())) == hash;
        if !right {
            return Some(seq);
        }
        prev = hash.to_owned();
    }
    None
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
        let text = trail.text();
        assert_eq!(text.lines().count(), 3);
        assert_eq!(first_break(&text), None);
        assert_eq!(first_break(&text.replacen("\"boxes\":3", "\"boxes\":4", 1)), Some(0));
        let without_second: String =
            text.lines().enumerate().filter(|(i, _)| *i != 1).map(|(_, l)| format!("{l}\n")).collect();
        assert_eq!(first_break(&without_second), Some(1));
    }
}
