//! Tables in text with a row of column names: CSV, TSV and the like.

use super::mapping::Mapping;
use super::plan::{Plan, spell};
use super::records::{DELIMITERS, Records};
use super::{Asked, Counts, Sink};
use crate::error::{Fault, Reason, Result};
use std::borrow::Cow;

/// Records that are looked at for the order of day and month.
const SAMPLE: usize = 1000;

/// UTF-16 becomes UTF-8, everything else stays.
pub(super) fn utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let set = match bytes {
        [0xFF, 0xFE, ..] => encoding_rs::UTF_16LE,
        [0xFE, 0xFF, ..] => encoding_rs::UTF_16BE,
        _ => return Cow::Borrowed(bytes),
    };
    Cow::Owned(set.decode_with_bom_removal(bytes).0.into_owned().into_bytes())
}

/// A field is UTF-8, else Windows-1252.
pub(super) fn decode(field: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(field) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(field).0,
    }
}

/// The delimiter and the names of the first record, if it is a row of names: at least two, each beginning with a
/// letter of any script (or `_`, `#`), short and without control characters. Names may be missing, as that of the
/// index that pandas writes first, and those behind the last delimiter.
pub(super) fn header(text: &[u8]) -> Option<(u8, Vec<String>)> {
    let is_name = |name: &str| {
        name.chars().count() <= 64
            && name.starts_with(|c: char| c.is_alphabetic() || "_#".contains(c))
            && name.chars().all(|c| c.is_alphanumeric() || "_()/%.#[]:+&'’?*°²³µ^=<>\"".contains(c))
    };
    let read = |delimiter: u8| {
        let record = Records::new(text, delimiter).next().filter(|record| !record.broken)?;
        let names: Vec<String> = record.fields.iter().map(|field| spell(&decode(field))).collect();
        let named = names.iter().filter(|name| !name.is_empty());
        (named.clone().nth(1).is_some() && named.clone().all(|name| is_name(name))).then_some((delimiter, names))
    };
    DELIMITERS.into_iter().find_map(read)
}

/// Reads a table in UTF-8 (or Windows-1252 by field).
pub(super) fn rows(text: &[u8], mapping: Option<&Mapping>, asked: Asked, sink: &mut Sink<'_>) -> Result<Counts> {
    let refused = || Fault::input(Reason::UnknownKind, "header row", "no row of column names");
    let (delimiter, names) = header(text).ok_or_else(refused)?;
    let mut plan = Plan::new(mapping, &names, asked)?;
    let records = Records::new(text, delimiter).of_width(names.len()).skip(1);
    for record in records.clone().take(SAMPLE) {
        plan.sample(|place| record.fields.get(place).map(|field| decode(field)).unwrap_or_default());
    }
    let mut counts = Counts::default();
    for record in records {
        counts.records += 1;
        let bad = |cause| Fault::input(Reason::BadTable, "record", cause);
        let made = if record.broken {
            Err(bad("a quoted field that is not closed"))
        } else if record.fields.len() != names.len() {
            Err(bad("not as many fields as the header row")
                .number("expected", names.len() as u64)
                .number("found", record.fields.len() as u64))
        } else {
            let field = |place: usize| record.fields.get(place).map(|field| decode(field)).unwrap_or_default();
            let naming =
                plan.naming().iter().map(|place| (names.get(*place).map_or("", String::as_str), field(*place)));
            plan.row(field, naming, "")
        };
        counts.give(made, record.offset, sink);
    }
    Ok(counts)
}
