//! What patients.parquet says of everybody: age, sex, and from which sources they are known.

use super::columns::{age_band, each, text, whole};
use super::{Gathered, Place};
use crate::error::Result;
use arrow::array::{Array, AsArray};
use arrow::datatypes::Float32Type;
use std::collections::HashMap;

/// Where patients.parquet counts rows that were made of images: all others are of messages and tables.
const OF_IMAGES: &str = "scores";

impl Gathered {
    /// Counts persons.
    pub(super) fn people(&mut self, files: &[Place]) -> Result<()> {
        let ages = self.ages(files)?;
        self.count("sex", files, "patients.parquet", "sex")?;
        let columns = ["patient_id", "age_years", "images", "rows_by_table"];
        for (name, path) in files.iter().filter(|(name, _)| name == "patients.parquet") {
            each(name, path, &columns, |batch| {
                let years = batch.column_by_name("age_years")?.as_primitive_opt::<Float32Type>()?;
                for row in 0..batch.num_rows() {
                    let known = years.is_valid(row).then(|| years.value(row));
                    let age = known.or_else(|| ages.get(text(batch, "patient_id", row)?).copied());
                    self.add("age", age.map_or("unknown", age_band));
                    let rows = text(batch, "rows_by_table", row).unwrap_or("{}");
                    let tables: HashMap<String, u64> = serde_json::from_str(rows).ok()?;
                    let images = whole(batch, "images", row)? > 0 || tables.contains_key(OF_IMAGES);
                    let records = tables.keys().any(|table| table != OF_IMAGES);
                    let place = match (images, records) {
                        (true, false) => 0,
                        (false, true) => 1,
                        (true, true) => 2,
                        (false, false) => continue,
                    };
                    self.coverage[place] += 1;
                }
                Some(())
            })?;
        }
        Ok(())
    }

    /// Ages by person from the tables of scores, for a data set without tensors.
    fn ages(&self, files: &[Place]) -> Result<HashMap<String, f32>> {
        let mut ages = HashMap::new();
        for (name, path) in files.iter().filter(|(name, _)| name.starts_with("scores/")) {
            each(name, path, &["patient_id", "patient_age_years"], |batch| {
                // Tables of earlier versions lack it.
                let Some(years) = batch.column_by_name("patient_age_years") else { return Some(()) };
                let years = years.as_primitive_opt::<Float32Type>()?;
                for row in (0..batch.num_rows()).filter(|row| years.is_valid(*row)) {
                    let patient = text(batch, "patient_id", row)?;
                    if !ages.contains_key(patient) {
                        ages.insert(patient.to_owned(), years.value(row));
                    }
                }
                Some(())
            })?;
        }
        Ok(ages)
    }
}
