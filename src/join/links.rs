//! links.parquet: which image study answers which order. Only ids link; names never do.

use super::parquet;
use crate::error::Result;
use crate::model::{Cell, Class, Column, ColumnType, Domain, Table};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

const fn text(name: &'static str, class: Class, doc: &'static str) -> Column {
    Column { name, kind: ColumnType::Text, class, doc }
}

/// One row for each pair of an image study and an order of the same accession number.
pub static LINKS: Table = Table {
    name: "links",
    folder: "",
    doc: "One row for each pair of an image study and an HL7 order that belong together.",
    columns: &[
        text("patient_id", Class::Pseudonym(Domain::Patient), "Pseudonym of the patient of the images."),
        text("study_uid", Class::Pseudonym(Domain::Uid), "Replaced StudyInstanceUID, as in the manifest."),
        text(
            "accession_number",
            Class::Pseudonym(Domain::Accession),
            "Pseudonym of the accession number that both name.",
        ),
        text(
            "order_patient_id",
            Class::Pseudonym(Domain::Patient),
            "Pseudonym of the patient of the order; differs from patient_id where the sources disagree.",
        ),
        Column {
            name: "message_ordinal",
            kind: ColumnType::U64,
            class: Class::Keep,
            doc: "message_ordinal of the order in hl7/orders.",
        },
        text("rule", Class::Keep, "Why they were linked: accession."),
    ],
};

/// Pairs every study of the manifests with the orders of the same accession number, sorted.
pub fn links(manifests: &[PathBuf], orders: &[PathBuf]) -> Result<Vec<Vec<Cell>>> {
    let mut studies: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for path in manifests {
        parquet::rows(path, &["accession_number", "patient_id", "study_uid"], &mut |row| {
            if let [Cell::Text(accession), Cell::Text(patient), Cell::Text(study)] = row {
                let pair = (patient.clone(), study.clone());
                // Studies have many images: look before inserting a copy of the accession number.
                match studies.get_mut(accession) {
                    Some(pairs) => drop(pairs.insert(pair)),
                    None => drop(studies.insert(accession.clone(), BTreeSet::from([pair]))),
                }
            }
        })?;
    }
    let mut found: BTreeSet<(String, String, String, Option<String>, u64)> = BTreeSet::new();
    for path in orders {
        parquet::rows(path, &["accession", "patient_id", "message_ordinal"], &mut |row| {
            let [Cell::Text(accession), patient, Cell::U64(message)] = row else { return };
            let by = if let Cell::Text(patient) = patient { Some(patient.clone()) } else { None };
            for (patient, study) in studies.get(accession).into_iter().flatten() {
                found.insert((patient.clone(), study.clone(), accession.clone(), by.clone(), *message));
            }
        })?;
    }
    let rows = found.into_iter().map(|(patient, study, accession, by, message)| {
        vec![
            Cell::Text(patient),
            Cell::Text(study),
            Cell::Text(accession),
            by.map_or(Cell::Null, Cell::Text),
            Cell::U64(message),
            Cell::Text("accession".to_owned()),
        ]
    });
    Ok(rows.collect())
}
