//! EHR tables in text: CSV, TSV and NDJSON become sealed rows. A table is recognised by its headers, and only columns
//! that a layout asks for are read; docs/HL7.md lists them.

mod layouts;
mod records;

use crate::error::{Fault, Reason, Result};
use crate::model::table::PersonId;
use crate::model::{Cell, Class, ColumnType, Domain, Phi, SealedRow, Table};
use layouts::{BIRTHPLACES, CLINICAL, LAYOUTS, Layout, REFUSED};
use records::{DELIMITERS, Records};
use std::borrow::Cow;
use std::sync::Arc;

/// A record that is not a row.
#[derive(Clone, Debug, PartialEq)]
pub struct BadRecord {
    /// Its number, from 1; the header row does not count.
    pub record: u64,
    /// Where it begins, in bytes (for UTF-16 in those of the text in UTF-8).
    pub offset: u64,
    /// Why.
    pub fault: Fault,
}

/// What became of a table: `records = rows + rejects`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records after the header row.
    pub records: u64,
    /// Handed out as rows.
    pub rows: u64,
    /// Handed out as bad records.
    pub rejects: u64,
}

/// The tables that can come out of [`rows`], in the order of the manual.
pub fn tables() -> impl Iterator<Item = &'static Table> {
    LAYOUTS.iter().map(|layout| layout.table)
}

/// What [`rows`] hands out.
pub type Sink<'s> = dyn FnMut(std::result::Result<SealedRow, BadRecord>) + 's;

/// Whether an input is a table of text: its first line is a row of headers of which we know one, or an object whose keys
/// make a table. Not every row of headers has a layout; [`rows`] says so.
pub fn looks_like(head: &[u8]) -> bool {
    let text = utf8(head);
    if is_json(&text) {
        return first_object(&text).is_some_and(|keys| find_layout(&keys).is_ok());
    }
    let known = |name: &String| {
        LAYOUTS.iter().any(|layout| layout.knows(name))
            || REFUSED.iter().any(|(marks, _)| marks.contains(&name.as_str()))
    };
    header(&text).is_some_and(|(_, names)| names.iter().any(known))
}

/// Reads a table. The header row decides which; a table without a layout is refused as a whole.
pub fn rows(bytes: &[u8], sink: &mut Sink<'_>) -> Result<Counts> {
    let text = utf8(bytes);
    if is_json(&text) {
        return json_rows(&text, sink);
    }
    let refused = || Fault::input(Reason::UnknownKind, "header row", "no row of column names");
    let (delimiter, names) = header(&text).ok_or_else(refused)?;
    let plan = Plan::new(find_layout(&names)?, &names);
    let mut counts = Counts::default();
    for record in Records::new(&text, delimiter).of_width(names.len()).skip(1) {
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
            let naming = plan.naming.iter().map(|place| (names.get(*place).map_or("", String::as_str), field(*place)));
            plan.row(field, naming)
        };
        counts.give(made, record.offset, sink);
    }
    Ok(counts)
}

impl Counts {
    fn give(&mut self, made: Result<SealedRow>, offset: usize, sink: &mut Sink<'_>) {
        match made {
            Ok(row) => {
                self.rows += 1;
                sink(Ok(row));
            }
            Err(fault) => {
                self.rejects += 1;
                sink(Err(BadRecord { record: self.records, offset: offset as u64, fault }));
            }
        }
    }
}

/// UTF-16 becomes UTF-8, everything else stays.
fn utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let set = match bytes {
        [0xFF, 0xFE, ..] => encoding_rs::UTF_16LE,
        [0xFE, 0xFF, ..] => encoding_rs::UTF_16BE,
        _ => return Cow::Borrowed(bytes),
    };
    Cow::Owned(set.decode_with_bom_removal(bytes).0.into_owned().into_bytes())
}

/// A field is UTF-8, else Windows-1252.
fn decode(field: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(field) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(field).0,
    }
}

/// A header as layouts spell it.
fn spell(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '-'], "_")
}

/// The delimiter and the names of the first record, if it is a row of names: at least two, each beginning with a
/// letter and made of letters, digits and a few signs.
fn header(text: &[u8]) -> Option<(u8, Vec<String>)> {
    let is_name = |name: &str| {
        name.len() <= 64
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "_()/%.#".contains(c))
    };
    let read = |delimiter: u8| {
        let record = Records::new(text, delimiter).next().filter(|record| !record.broken)?;
        let names: Vec<String> = record.fields.iter().map(|field| spell(&decode(field))).collect();
        (names.len() >= 2 && names.iter().all(|name| is_name(name))).then_some((delimiter, names))
    };
    DELIMITERS.into_iter().find_map(read)
}

impl Layout {
    fn knows(&self, name: &str) -> bool {
        self.headers.iter().chain(self.needs).any(|headers| headers.contains(&name))
    }
}

/// The layout that a row of headers fits best: every need met, and the most headers known.
fn find_layout(names: &[String]) -> Result<&'static Layout> {
    let has = |header: &&str| names.iter().any(|name| name == *header);
    let unknown = |cause| {
        Fault::input(Reason::UnknownKind, "header row", cause)
            .remedy("docs/HL7.md lists the tables and headers that are read")
    };
    if let Some((_, cause)) = REFUSED.iter().find(|(marks, _)| marks.iter().all(has)) {
        return Err(unknown(cause));
    }
    let fits = LAYOUTS.iter().filter(|layout| layout.needs.iter().all(|group| group.iter().any(has)));
    let known = |layout: &Layout| names.iter().filter(|name| layout.knows(name)).count();
    let best = fits.clone().map(known).max().ok_or_else(|| unknown("no table we know has these columns"))?;
    let mut first = fits.filter(|layout| known(layout) == best);
    match (first.next(), first.next()) {
        (Some(layout), None) => Ok(layout),
        _ => Err(unknown("the columns fit more than one table")),
    }
}

/// Which header each column of a layout is read from.
struct Plan {
    layout: &'static Layout,
    /// Place among the headers, for each column.
    places: Vec<Option<usize>>,
    /// Headers whose values name people.
    naming: Vec<usize>,
}

/// Whether the values under a header name people: ids of all kinds, birth dates and postal codes that a layout knows, and
/// every header that none knows and that is not clinical by its last word.
fn names_people(name: &str) -> bool {
    let columns = || LAYOUTS.iter().flat_map(|layout| layout.headers.iter().zip(layout.table.columns));
    let mut classes =
        columns().filter(|(headers, _)| headers.contains(&name)).map(|(_, column)| column.class).peekable();
    if classes.peek().is_none() {
        return !name.rsplit('_').next().is_some_and(|end| CLINICAL.contains(&end));
    }
    classes.all(|class| matches!(class, Class::Pseudonym(_) | Class::BirthDate | Class::Zip))
}

impl Plan {
    fn new(layout: &'static Layout, names: &[String]) -> Self {
        let place = |headers: &&[&str]| headers.iter().find_map(|header| names.iter().position(|name| name == header));
        let places: Vec<_> = layout.headers.iter().map(place).collect();
        // The patient's id is known by itself; a second column of a header that is read is not read.
        let own = places.first().copied().flatten();
        let unread = |place: &usize, name: &String| {
            names_people(name)
                || (!places.contains(&Some(*place)) && names.iter().position(|n| n == name) != Some(*place))
        };
        let naming = names.iter().enumerate().filter(|(place, name)| Some(*place) != own && unread(place, name));
        let naming = naming.map(|(place, _)| place).collect();
        Self { layout, places, naming }
    }

    /// `naming`: headers and values that name people.
    fn row<'r>(
        &self,
        field: impl Fn(usize) -> Cow<'r, str>,
        naming: impl Iterator<Item = (&'r str, Cow<'r, str>)>,
    ) -> Result<SealedRow> {
        let text = |column: usize| self.places.get(column).copied().flatten().map(&field).unwrap_or_default();
        let id = text(0).trim().to_owned();
        if id.is_empty() {
            return Err(Fault::input(Reason::BadTable, "patient_id", "a record that names no patient"));
        }
        let table = self.layout.table;
        let numeric =
            table.position("value_number").filter(|&n| decimal(&text(n)).is_some()).map(|n| self.places.get(n));
        let cell = |(column, declared): (usize, &crate::model::Column)| {
            let value = text(column);
            let value = value.trim();
            match (declared.class, declared.kind) {
                _ if value.is_empty() => Cell::Null,
                (Class::Number, ColumnType::F64) => decimal(value).map_or(Cell::Null, Cell::F64),
                // One header for numbers and words: a number is not repeated as text.
                (Class::Text, _) if numeric.is_some() && numeric == Some(self.places.get(column)) => Cell::Null,
                (Class::Pseudonym(Domain::Patient), _) => Cell::Text(id.clone()),
                _ => Cell::Text(value.to_owned()),
            }
        };
        let cells = table.columns.iter().enumerate().map(cell).collect();
        let state = table.position("state").map(&text).unwrap_or_default();
        let naming: Vec<String> = naming.filter_map(|(name, value)| naming_words(name, &value, state.trim())).collect();
        let reference = self.layout.reference.map(text).filter(|date| !date.trim().is_empty());
        Ok(SealedRow {
            table,
            naming: (!naming.is_empty()).then(|| Arc::new(Phi::seal(naming))),
            cells: Phi::seal(cells),
            reference_date: reference.map(|date| Phi::seal(date.trim().to_owned())),
            person: Some(Phi::seal(PersonId { id, issuer: String::new() })),
        })
    }
}

/// What a value that names people is known by. Of a birthplace the state is left out: it may leave, and most people are
/// born where they live. Of a date only the whole counts: its year is in many codes.
fn naming_words(name: &str, value: &str, state: &str) -> Option<String> {
    let value = value.trim();
    let signs = |b: u8| matches!(b, b'-' | b'/' | b'.');
    let numbers: Vec<usize> = value.as_bytes().split(|b| signs(*b)).map(<[u8]>::len).collect();
    let is_date = matches!(*numbers, [4, 2, 2] | [2, 2, 4]) && value.bytes().all(|b| b.is_ascii_digit() || signs(b));
    let words = if is_date {
        value.chars().filter(char::is_ascii_digit).collect()
    } else if BIRTHPLACES.contains(&name) && !state.is_empty() {
        value.replace(state, "")
    } else {
        value.to_owned()
    };
    (!words.is_empty()).then_some(words)
}

fn decimal(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    text.parse().ok().filter(|number: &f64| plain && number.is_finite())
}

fn is_json(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    text.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{')
}

type Object = serde_json::Map<String, serde_json::Value>;

/// The keys of the first object, which must end on its line.
fn first_object(text: &[u8]) -> Option<Vec<String>> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let line = text.split(|b| *b == b'\n').find(|line| !line.iter().all(u8::is_ascii_whitespace))?;
    let object: Object = serde_json::from_slice(line).ok()?;
    Some(object.keys().map(|key| spell(key)).collect())
}

/// A text, number or truth.
fn scalar(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(_) | serde_json::Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// Every text and number within a value, with the key of the whole.
fn leaves<'r>(key: &'r str, value: &serde_json::Value, found: &mut Vec<(&'r str, Cow<'r, str>)>) {
    match value {
        serde_json::Value::Array(values) => values.iter().for_each(|value| leaves(key, value, found)),
        serde_json::Value::Object(values) => values.values().for_each(|value| leaves(key, value, found)),
        value => found.extend(scalar(value).map(|text| (key, Cow::Owned(text)))),
    }
}

/// One JSON object a line. The keys of the first one decide which table it is; later ones may leave keys out.
fn json_rows(text: &[u8], sink: &mut Sink<'_>) -> Result<Counts> {
    let refused = || Fault::input(Reason::UnknownKind, "first line", "not one JSON object on a line of its own");
    let names = first_object(text).ok_or_else(refused)?;
    let plan = Plan::new(find_layout(&names)?, &names);
    let mut counts = Counts::default();
    let mut offset = 0;
    for line in text.split(|b| *b == b'\n') {
        let begins = offset;
        offset += line.len() + 1;
        let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        counts.records += 1;
        let bad = || Fault::input(Reason::BadTable, "record", "a line that is not a JSON object");
        let made = serde_json::from_slice::<Object>(line).map_err(|_| bad()).and_then(|object| {
            let values: Vec<(String, &serde_json::Value)> =
                object.iter().map(|(key, value)| (spell(key), value)).collect();
            // Keys that the first object has not name people too, and so do lists and objects.
            let mut naming = Vec::new();
            for (key, value) in &values {
                match names.iter().position(|name| name == key) {
                    Some(place) if plan.naming.contains(&place) => leaves(key, value, &mut naming),
                    None if names_people(key) => leaves(key, value, &mut naming),
                    _ => {}
                }
            }
            let field = |place: usize| {
                let value = values.iter().find(|(key, _)| names.get(place) == Some(key)).map(|(_, value)| *value);
                // Lists and objects have no place in a flat table.
                value.and_then(scalar).map_or(Cow::Borrowed(""), Cow::Owned)
            };
            plan.row(field, naming.into_iter())
        });
        counts.give(made, begins, sink);
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_are_complete() {
        assert_eq!(LAYOUTS.len(), 12);
        for layout in LAYOUTS {
            assert_eq!(layout.headers.len(), layout.table.columns.len(), "{}", layout.table.name);
            let known = |header: &&str| {
                layout.headers.iter().any(|headers| headers.contains(header))
                    || ["udi", "anchor_age", "age"].contains(header)
            };
            assert!(layout.needs.iter().flat_map(|group| group.iter()).all(known), "{}", layout.table.name);
            assert!(layout.headers.iter().flat_map(|h| h.iter()).all(|h| spell(h) == **h), "{}", layout.table.name);
        }
    }
}
