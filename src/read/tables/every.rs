//! Every cell of a table, columns that no layout asks for included: for the proof that nothing was forgotten.

use super::csv::{decode, header, utf8};
use super::json::{Object, leaves};
use super::mapping::Mapping;
use super::plan::find_layout;
use super::records::Records;
use super::{dicom_json, json, parquet};
use crate::model::table::PersonId;
use crate::model::{Phi, SeenCell};

/// Whose record it is and its cells.
pub type Sink<'s> = dyn FnMut(Option<Phi<PersonId>>, &[SeenCell]) + 's;

/// Hands out every record with its cells; records that cannot be cut give the fields they have. False if it is no table.
pub fn every(bytes: &[u8], mapping: Option<&Mapping>, sink: &mut Sink<'_>) -> bool {
    if parquet::looks_like(bytes) {
        let mut each = |names: &[String], fields: &[&str]| {
            let cells: Vec<SeenCell> = names.iter().zip(fields).map(|(name, text)| cell(name, text)).collect();
            let id = patient_column(names, mapping).and_then(|own| fields.get(own));
            sink(person(id.copied().unwrap_or_default(), ""), &cells);
        };
        return parquet::every(bytes, &mut each).is_ok();
    }
    let text = utf8(bytes);
    if json::looks_like(&text) {
        objects(&text, mapping, sink);
        return true;
    }
    let Some((delimiter, names)) = header(&text) else { return false };
    let own = patient_column(&names, mapping);
    for record in Records::new(&text, delimiter).of_width(names.len()).skip(1) {
        let fields: Vec<_> = record.fields.iter().map(|field| decode(field)).collect();
        let name = |place: usize| names.get(place).map_or("", String::as_str);
        let cells: Vec<SeenCell> = fields.iter().enumerate().map(|(place, text)| cell(name(place), text)).collect();
        let id = own.and_then(|own| fields.get(own)).map_or("", |field| field.as_ref());
        sink(person(id, ""), &cells);
    }
    true
}

fn cell<'h>(header: &'h str, text: &str) -> SeenCell<'h> {
    SeenCell { header, text: Phi::seal(text.to_owned()) }
}

fn person(id: &str, issuer: &str) -> Option<Phi<PersonId>> {
    let id = id.trim();
    let of = |id: &str| PersonId { id: id.to_owned(), issuer: issuer.trim().to_owned() };
    (!id.is_empty()).then(|| Phi::seal(of(id)))
}

/// The column that the patient's id is taken from.
fn patient_column(names: &[String], mapping: Option<&Mapping>) -> Option<usize> {
    if let Some(mapping) = mapping {
        let (_, own) = mapping.columns.iter().find(|(column, _)| *column == 0)?;
        return names.iter().position(|name| name == own);
    }
    let headers = find_layout(names).ok()?.headers.first()?;
    headers.iter().find_map(|header| names.iter().position(|name| name == header))
}

fn objects(text: &[u8], mapping: Option<&Mapping>, sink: &mut Sink<'_>) {
    let first = json::first_object(text).unwrap_or_default();
    let data_sets = dicom_json::is_dataset(&first);
    let names = json::keys(&first);
    let own = patient_column(&names, mapping).and_then(|place| names.get(place).cloned());
    json::objects(text, &mut |_, object| {
        let Some(object) = object else { return };
        if data_sets {
            return data_set(&object, sink);
        }
        let keyed = json::flat(&object);
        let mut values = Vec::new();
        keyed.iter().for_each(|(key, value)| leaves(key, value, &mut values));
        let id = values.iter().find(|(key, _)| own.as_deref() == Some(*key)).map_or("", |(_, id)| id.as_ref());
        let cells: Vec<SeenCell> = values.iter().map(|(header, text)| cell(header, text)).collect();
        sink(person(id, ""), &cells);
    });
}

/// A data set of the DICOM JSON model: names and what else is said of the patient, dates and UIDs.
fn data_set(object: &Object, sink: &mut Sink<'_>) {
    let mut values = Vec::new();
    for (key, attribute) in object {
        let header = match attribute.get("vr").and_then(serde_json::Value::as_str) {
            Some("PN") => "name",
            Some("DA" | "DT") => "date",
            Some("UI") => "uid",
            _ if key.starts_with("0010") => "id",
            _ => "value",
        };
        attribute.get("Value").into_iter().for_each(|value| leaves(header, value, &mut values));
    }
    let text = |tag| dicom_json::value(object, tag).unwrap_or_default();
    let cells: Vec<SeenCell> = values.iter().map(|(header, text)| cell(header, text)).collect();
    sink(person(&text("00100020"), &text("00100021")), &cells);
}
