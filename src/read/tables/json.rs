//! Tables in JSON: one object a line, one after another, or in one array.

use super::mapping::Mapping;
use super::plan::{Plan, names_people, spell};
use super::{Asked, Counts, Sink, dicom_json};
use crate::error::{Fault, Reason, Result};
use crate::model::SealedRow;
use std::borrow::Cow;

pub(super) type Object = serde_json::Map<String, serde_json::Value>;

/// Bytes that are looked at for the order of day and month.
const SAMPLE: usize = 1 << 18;

/// A text, number or truth.
pub(super) fn scalar(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(_) | serde_json::Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// Every text and number within a value, with the key of the whole.
pub(super) fn leaves<'r>(key: &'r str, value: &serde_json::Value, found: &mut Vec<(&'r str, Cow<'r, str>)>) {
    match value {
        serde_json::Value::Array(values) => values.iter().for_each(|value| leaves(key, value, found)),
        serde_json::Value::Object(values) => values.values().for_each(|value| leaves(key, value, found)),
        value => found.extend(scalar(value).map(|text| (key, Cow::Owned(text)))),
    }
}

/// Every object of a text, with where it begins, or `None` for what is no object. Objects stand one a line, or one after
/// another, or in one array; a broken line costs itself, behind anything else that is broken nothing can be told apart.
pub(super) fn objects(text: &[u8], each: &mut dyn FnMut(usize, Option<Object>)) {
    let is_one = |line: &[u8]| serde_json::from_slice::<Object>(line).is_ok();
    let first = lines(text).map(|(_, line)| line).next();
    if first.is_some_and(is_one) {
        lines(text).for_each(|(begins, line)| each(begins, serde_json::from_slice(line).ok()));
        return;
    }
    let mut at = start(text);
    let array = text.get(at) == Some(&b'[');
    at += usize::from(array);
    loop {
        let between = |b: &u8| b.is_ascii_whitespace() || array && *b == b',';
        at += text.get(at..).unwrap_or_default().iter().take_while(|b| between(b)).count();
        let rest = text.get(at..).unwrap_or_default();
        if rest.is_empty() || array && rest.starts_with(b"]") {
            return;
        }
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<serde_json::Value>();
        match values.next() {
            Some(Ok(value)) => {
                let begins = at;
                at += values.byte_offset();
                each(begins, if let serde_json::Value::Object(object) = value { Some(object) } else { None });
            }
            Some(Err(_)) | None => return each(at, None),
        }
    }
}

/// Lines that are not blank, with where they begin.
fn lines(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut offset = 0;
    text.split(|b| *b == b'\n').filter_map(move |line| {
        let begins = offset;
        offset += line.len() + 1;
        let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        (!line.iter().all(u8::is_ascii_whitespace)).then_some((begins, line))
    })
}

/// Where the first value begins: behind a byte order mark and blanks.
fn start(text: &[u8]) -> usize {
    let mark = if text.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    mark + text.get(mark..).unwrap_or_default().iter().take_while(|b| b.is_ascii_whitespace()).count()
}

/// Whether a text begins like an object or an array of them.
pub(super) fn looks_like(text: &[u8]) -> bool {
    matches!(text.get(start(text)), Some(b'{' | b'['))
}

/// The first object; nothing behind it is looked at.
pub(super) fn first_object(text: &[u8]) -> Option<Object> {
    let at = start(text);
    let rest = text.get(at + usize::from(text.get(at) == Some(&b'['))..)?;
    serde_json::Deserializer::from_slice(rest).into_iter::<Object>().next()?.ok()
}

/// Keys as layouts spell them, with their values. What stands in an object within is known by both keys: `patient_id` for
/// `{"patient": {"id": 7}}`. Lists stay whole.
pub(super) fn flat(object: &Object) -> Vec<(String, &serde_json::Value)> {
    let mut found = Vec::with_capacity(object.len());
    let mut waiting: Vec<(String, &serde_json::Value)> =
        object.iter().rev().map(|(key, value)| (spell(key), value)).collect();
    while let Some((key, value)) = waiting.pop() {
        match value {
            serde_json::Value::Object(within) => {
                waiting.extend(within.iter().rev().map(|(inner, value)| (format!("{key}_{}", spell(inner)), value)));
            }
            value => found.push((key, value)),
        }
    }
    found
}

/// Its keys as layouts spell them.
pub(super) fn keys(object: &Object) -> Vec<String> {
    flat(object).into_iter().map(|(key, _)| key).collect()
}

/// The text under one of the names.
fn field<'v>(names: &[String], values: &[(String, &'v serde_json::Value)], place: usize) -> Cow<'v, str> {
    let value = values.iter().find(|(key, _)| names.get(place) == Some(key)).map(|(_, value)| *value);
    // Lists have no place in a flat table.
    match value {
        Some(serde_json::Value::String(text)) => Cow::Borrowed(text),
        value => value.and_then(scalar).map_or(Cow::Borrowed(""), Cow::Owned),
    }
}

/// Reads a table of objects. The keys of the first one decide which table it is; later ones may leave keys out.
pub(super) fn rows(text: &[u8], mapping: Option<&Mapping>, asked: Asked, sink: &mut Sink<'_>) -> Result<Counts> {
    let refused = || Fault::input(Reason::UnknownKind, "first object", "no JSON object, nor an array of them");
    let first = first_object(text).ok_or_else(refused)?;
    let bad = || Fault::input(Reason::BadTable, "record", "not a JSON object");
    let mut counts = Counts::default();
    if dicom_json::is_dataset(&first) {
        let plan = dicom_json::plan(asked)?;
        objects(text, &mut |offset, object| {
            counts.records += 1;
            let made = object.ok_or_else(bad).and_then(|object| dicom_json::row(&plan, &object));
            counts.give(made, offset, sink);
        });
        return Ok(counts);
    }
    let names = keys(&first);
    let mut plan = Plan::new(mapping, &names, asked)?;
    if let Some(sample) = text.get(..text.len().min(SAMPLE)) {
        objects(sample, &mut |_, object| {
            let object = object.unwrap_or_default();
            let values = flat(&object);
            plan.sample(|place| field(&names, &values, place));
        });
    }
    objects(text, &mut |offset, object| {
        counts.records += 1;
        counts.give(object.ok_or_else(bad).and_then(|object| row(&plan, &names, &object)), offset, sink);
    });
    Ok(counts)
}

fn row(plan: &Plan, names: &[String], object: &Object) -> Result<SealedRow> {
    let values = flat(object);
    // Keys that the first object has not name people too, and so do lists.
    let mut naming = Vec::new();
    for (key, value) in &values {
        match names.iter().position(|name| name == key) {
            Some(place) if plan.naming().contains(&place) => leaves(key, value, &mut naming),
            None if names_people(key) => leaves(key, value, &mut naming),
            _ => {}
        }
    }
    plan.row(|place| field(names, &values, place), naming.into_iter(), "")
}
