//! What the manifests say of images, or the tables of scores where there are no tensors.

use super::columns::{each, spacing, text, whole};
use super::{Gathered, Place};
use crate::error::Result;
use crate::write::summary::Summary;
use arrow::array::{Array, AsArray};
use arrow::datatypes::UInt32Type;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What is counted of images: a name, and the column.
const COUNTED: &[(&str, &str)] = &[
    ("modality", "modality"),
    ("body part", "body_part"),
    ("manufacturer", "manufacturer"),
    ("transfer syntax", "transfer_syntax"),
    ("photometric", "photometric"),
    ("year", "study_date"),
];

impl Gathered {
    /// Counts what the images are, studies, and persons in two splits.
    pub(super) fn images(&mut self, files: &[Place]) -> Result<()> {
        let manifests = files.iter().any(|(name, _)| name.starts_with("manifest/"));
        let prefix = if manifests { "manifest/" } else { "scores/" };
        for (what, column) in COUNTED {
            self.count(what, files, prefix, column)?;
        }
        let (mut studies, mut splits) = (HashSet::new(), HashMap::<String, String>::new());
        let mut straddling = BTreeSet::new();
        let columns = ["study_uid", "patient_id", "split", "rows", "columns", "pixel_spacing_mm"];
        for (name, path) in files.iter().filter(|(name, _)| name.starts_with(prefix)) {
            each(name, path, &columns, |batch| {
                for row in 0..batch.num_rows() {
                    if let Some(uid) = text(batch, "study_uid", row).filter(|uid| !studies.contains(*uid)) {
                        studies.insert(uid.to_owned());
                    }
                    if let (Some(patient), Some(split)) = (text(batch, "patient_id", row), text(batch, "split", row)) {
                        match splits.get(patient) {
                            Some(other) if other != split => drop(straddling.insert(patient.to_owned())),
                            Some(_) => {}
                            None => drop(splits.insert(patient.to_owned(), split.to_owned())),
                        }
                    }
                    if let (Some(rows), Some(columns)) = (whole(batch, "rows", row), whole(batch, "columns", row)) {
                        self.add("matrix", &format!("{rows} x {columns}"));
                    }
                    self.add("spacing", spacing(batch, row).as_deref().unwrap_or("unknown"));
                    self.add("split", text(batch, "split", row).unwrap_or("unknown"));
                }
                Some(())
            })?;
        }
        self.studies = studies.len() as u64;
        self.straddling = straddling.len() as u64;
        Ok(())
    }

    /// Thumbnails of the lowest scores, from the tables of scores: a data set of scores has no tensors.
    pub(super) fn worst<'a>(&mut self, files: impl Iterator<Item = &'a Place>, summary: &Summary) -> Result<()> {
        let wanted: HashSet<&str> = summary.scores.worst.iter().map(|worst| worst.tensor_id.as_str()).collect();
        for (name, path) in files {
            each(name, path, &["tensor_id", "thumbnail"], |batch| {
                let lists = batch.column_by_name("thumbnail")?.as_list_opt::<i32>()?;
                for row in 0..batch.num_rows() {
                    let id = text(batch, "tensor_id", row).filter(|id| wanted.contains(id));
                    if let Some(id) = id.filter(|_| lists.is_valid(row)) {
                        let words = lists.value(row);
                        let words = words.as_primitive_opt::<UInt32Type>()?.values();
                        let means = words.iter().flat_map(|word| word.to_le_bytes()).collect();
                        self.thumbnails.insert(id.to_owned(), means);
                    }
                }
                Some(())
            })?;
        }
        Ok(())
    }
}
