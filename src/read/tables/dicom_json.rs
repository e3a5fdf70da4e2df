//! DICOM metadata in JSON (PS3.18 F.2, the answer of WADO-RS and QIDO-RS): each data set is a row of `imaging_studies`.

use super::Asked;
use super::json::{Object, leaves};
use super::plan::Plan;
use crate::error::{Fault, Reason, Result};
use crate::model::SealedRow;
use std::borrow::Cow;

/// Attribute and the column of `imaging_studies` that it is read into.
const COLUMNS: &[(&str, &str)] = &[
    ("00100020", "patient_id"),
    ("00080020", "study_date"),
    ("0020000D", "study_uid"),
    ("0020000E", "series_uid"),
    ("00080018", "sop_uid"),
    ("00080050", "accession_number"),
    ("00180015", "body_part"),
    ("00080060", "modality"),
];

/// IssuerOfPatientID.
const ISSUER: &str = "00100021";
/// StudyTime, put behind StudyDate.
const STUDY_TIME: &str = "00080030";
/// Attributes of group 0010 that name nobody: sex, age, size, weight.
const HARMLESS: [&str; 4] = ["00100040", "00101010", "00101020", "00101030"];
/// InstitutionName and InstitutionAddress.
const PLACES: [&str; 2] = ["00080080", "00080081"];

/// Whether an object is a data set: every key eight hexadecimal digits, every value an object with a VR.
pub(super) fn is_dataset(object: &Object) -> bool {
    let attribute = |(key, value): (&String, &serde_json::Value)| {
        key.len() == 8
            && key.bytes().all(|b| b.is_ascii_hexdigit())
            && value.get("vr").is_some_and(serde_json::Value::is_string)
    };
    !object.is_empty() && object.iter().all(attribute)
}

/// How data sets are read.
pub(super) fn plan(asked: Asked) -> Result<Plan> {
    let names: Vec<String> = COLUMNS.iter().map(|(_, column)| (*column).to_owned()).collect();
    Plan::new(None, &names, asked)
}

/// The first value of an attribute; of several only the first, as every attribute here has one (PS3.6).
pub(super) fn value<'a>(object: &'a Object, tag: &str) -> Option<Cow<'a, str>> {
    let (_, attribute) = object.iter().find(|(key, _)| key.eq_ignore_ascii_case(tag))?;
    match attribute.get("Value")?.get(0)? {
        serde_json::Value::String(text) => Some(Cow::Borrowed(text)),
        serde_json::Value::Number(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

/// One data set as a row.
pub(super) fn row(plan: &Plan, object: &Object) -> Result<SealedRow> {
    if !is_dataset(object) {
        return Err(Fault::input(Reason::BadTable, "record", "not a data set of the DICOM JSON model"));
    }
    let mut naming = Vec::new();
    for (key, attribute) in object {
        let tag = key.to_ascii_uppercase();
        let is_name = attribute.get("vr").and_then(serde_json::Value::as_str) == Some("PN");
        let of_patient = tag.starts_with("0010") && !HARMLESS.contains(&tag.as_str()) && tag != "00100020";
        let names_people = is_name || of_patient || PLACES.contains(&tag.as_str());
        if let Some(values) = attribute.get("Value").filter(|_| names_people) {
            leaves("name", values, &mut naming);
        }
    }
    let field = |place: usize| {
        let Some((tag, column)) = COLUMNS.get(place) else { return Cow::Borrowed("") };
        let found = value(object, tag).unwrap_or_default();
        match value(object, STUDY_TIME) {
            Some(time) if *column == "study_date" && !found.is_empty() => Cow::Owned(format!("{found}{time}")),
            _ => found,
        }
    };
    let issuer = value(object, ISSUER).unwrap_or_default();
    plan.row(field, naming.into_iter(), &issuer)
}
