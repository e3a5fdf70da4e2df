//! Text: what the scrubber lets through of terms, comments and reports.

use super::Rewriter;
use super::leaf::keep;
use super::rule::Rule;
use crate::deid::codes;
use crate::deid::known::Known;
use crate::deid::memory::Question;
use crate::deid::text::{Scrubber, Shift};
use crate::read::hl7::{Message, Value};

/// Texts up to this length come back: what the scrubber says of them is remembered.
const SHORT: usize = 200;

/// From this many signs without a blank on, what looks like base 64 or hexadecimal is a document and not a text.
const BLOB: usize = 64;

/// Whether a value is a document in disguise: a long run of base 64, or the beginning of a file.
pub(super) fn is_document(raw: &[u8]) -> bool {
    const BEGINNINGS: &[&[u8]] =
        &[b"{\\rtf", b"%PDF", b"<?xml", b"<html", b"<!DOCTYPE", b"<ClinicalDocument", b"PK\x03\x04"];
    let start = raw.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(raw.len());
    let trimmed = raw.get(start..).unwrap_or_default();
    if BEGINNINGS.iter().any(|begin| trimmed.get(..begin.len()).is_some_and(|head| head.eq_ignore_ascii_case(begin))) {
        return true;
    }
    let mut run = 0;
    raw.iter().any(|&b| {
        run = if b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=') { run + 1 } else { 0 };
        run >= BLOB
    })
}

impl Rewriter<'_> {
    /// Writes what is left of a text, repetitions and all: byte for byte as it stood if nothing is found in it.
    pub(super) fn text(&mut self, rule: Rule, text: &str, value: Value<'_>, message: &Message<'_>, out: &mut Vec<u8>) {
        if is_document(value.raw()) {
            return;
        }
        let short = text.len() <= SHORT;
        if short && !self.named.may_name(text, message) && self.memory.verdict(Question::Harmless, text, is_harmless) {
            return keep(true, value, out);
        }
        let shift = self.shift_days.map(Shift);
        let known = self.named.known(message);
        let scrub = |text: &str| Scrubber::shared().scrub(text, known, shift).text.into_owned();
        let several = rule == Rule::Text && value.repetitions().nth(1).is_some();
        if !several {
            let left = scrub(text);
            return if left == text { keep(true, value, out) } else { out.extend_from_slice(&message.escape(&left)) };
        }
        // Repetitions are the lines of one text: a name may begin on one and end on the next.
        let lines: Vec<String> = value.repetitions().map(|line| line.text().into_owned()).collect();
        let all = lines.join("\n");
        let left = scrub(&all);
        if left == all {
            return keep(true, value, out);
        }
        let mut rest = left.split('\n');
        let same = all.matches('\n').count() == left.matches('\n').count();
        for (at, line) in lines.iter().enumerate() {
            let height = if same { 1 + line.matches('\n').count() } else { usize::from(at + 1 < lines.len()) };
            let part: Vec<&str> =
                if height == 0 { rest.by_ref().collect() } else { rest.by_ref().take(height).collect() };
            if at > 0 {
                out.extend(message.delimiters().repetition);
            }
            out.extend_from_slice(&message.escape(&part.join("\n")));
        }
    }
}

impl Rewriter<'_> {
    /// Whether nothing would be found in a value, whoever the message is about.
    pub(super) fn is_clean(&mut self, value: Value<'_>, message: &Message<'_>) -> bool {
        let text = value.text();
        !self.named.may_name(&text, message) && self.memory.verdict(Question::Harmless, &text, is_harmless)
    }
}

/// Whether a text has the shape of a code, and no word of it is one that only names are like.
pub(super) fn is_code(text: &str) -> bool {
    codes::keep(text, &[]).is_some() && !has_stranger(text)
}

/// Whether a text is a phrase that a field of codes may hold: harmless, and no word of it that only names are like.
pub(super) fn is_phrase(text: &str) -> bool {
    is_harmless(text) && !has_stranger(text)
}

fn has_stranger(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| Scrubber::shared().is_stranger(word))
}

/// Whether the scrubber finds nothing in a text, whoever it is about.
pub(super) fn is_harmless(text: &str) -> bool {
    Scrubber::shared().scrub(text, &Known::new(), None).found.total() == 0
}
