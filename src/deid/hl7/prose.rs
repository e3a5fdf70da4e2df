//! Text: what the scrubber lets through of terms, comments and reports.

use super::Rewriter;
use super::rule::Rule;
use crate::read::hl7::{Message, Value};

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
    /// Writes what is left of a text.
    pub(super) fn text(&mut self, _: Rule, _: &str, value: Value<'_>, _: &Message<'_>, _: &mut Vec<u8>) {
        if is_document(value.raw()) {}
    }
}
