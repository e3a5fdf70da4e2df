//! What the page tells beyond the receipts, from the data set's own Parquet files: distributions, volumes, alerts, links,
//! what is missing. What is told of small counts is up to `cells`.

use super::cells;
use super::charts::Bar;
use crate::error::{Fault, Result};
use crate::write::summary::Summary;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Float32Type, UInt32Type, UInt64Type};
use chrono::Datelike;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// A Parquet file of the data set: its name there, and where it lies now.
pub(super) type Place = (String, PathBuf);

/// Counts by value.
type Counts = BTreeMap<String, u64>;

/// What the page tells beyond the receipts.
#[derive(Default)]
pub(super) struct Gathered {
    counts: BTreeMap<&'static str, Counts>,
    /// Image studies.
    pub(super) studies: u64,
    /// Persons whose images are in more than one split: none, or the data set is wrong.
    pub(super) straddling: u64,
    /// Kind and rule of links, with links and distinct studies.
    pub(super) links: BTreeMap<(String, String), (u64, u64)>,
    /// Alerts by severity and rule.
    pub(super) alerts: BTreeMap<(String, String), u64>,
    /// Table, column, rows and nulls.
    pub(super) missing: Vec<(String, String, u64, u64)>,
    /// Copies by kind: how many, and how many of them lie in another split than what they are copies of.
    pub(super) copies: BTreeMap<String, (u64, u64)>,
    /// Series findings, with the number of series.
    pub(super) series: BTreeMap<String, u64>,
    /// Thumbnails of the images with the lowest scores, 16 x 16 means.
    pub(super) thumbnails: HashMap<String, Vec<u8>>,
}

/// What is counted where: files below a folder (or one file), the column and how its value becomes a word.
const COUNTED: &[(&str, &str, &str)] = &[
    ("manufacturer", "manifest/", "manufacturer"),
    ("year", "manifest/", "study_date"),
    ("sex", "patients.parquet", "sex"),
    ("age", "patients.parquet", "age_years"),
    ("messages", "hl7/messages/", "message_type"),
    ("results", "hl7/observations/", "code"),
    ("results", "ehr/observations/", "code"),
];

impl Gathered {
    /// Reads the files; one that is not there is not told of.
    pub(super) fn of(files: &[Place], summary: &Summary) -> Result<Self> {
        let mut all = Self::default();
        let below = |prefix: &'static str| files.iter().filter(move |(name, _)| name.starts_with(prefix));
        for (what, prefix, column) in COUNTED {
            for (name, path) in below(prefix) {
                let counts = all.counts.entry(what).or_default();
                each(name, path, &[column], |batch| {
                    count(batch, column, counts);
                    Some(())
                })?;
            }
        }
        all.images(below("manifest/"))?;
        all.links(below("links.parquet"))?;
        for (name, path) in below("alerts.parquet") {
            each(name, path, &["severity", "rule"], |batch| {
                for row in 0..batch.num_rows() {
                    let pair = (text(batch, "severity", row)?.to_owned(), text(batch, "rule", row)?.to_owned());
                    *all.alerts.entry(pair).or_default() += 1;
                }
                Some(())
            })?;
        }
        for (name, path) in below("duplicates.parquet") {
            each(name, path, &["kind", "leak"], |batch| {
                for row in 0..batch.num_rows() {
                    let leak = batch.column_by_name("leak")?.as_boolean_opt()?.value(row);
                    let sums = all.copies.entry(text(batch, "kind", row)?.to_owned()).or_default();
                    *sums = (sums.0 + 1, sums.1 + u64::from(leak));
                }
                Some(())
            })?;
        }
        for (name, path) in below("series.parquet") {
            each(name, path, &["findings"], |batch| {
                let lists = batch.column_by_name("findings")?.as_list_opt::<i32>()?;
                for row in (0..batch.num_rows()).filter(|row| lists.is_valid(*row)) {
                    let words = lists.value(row);
                    for word in words.as_string_opt::<i32>()?.iter().flatten() {
                        *all.series.entry(word.to_owned()).or_default() += 1;
                    }
                }
                Some(())
            })?;
        }
        all.worst(below("scores/"), summary)?;
        all.missing = missing(files)?;
        Ok(all)
    }

    /// Thumbnails of the lowest scores, from the tables of scores: a data set of scores has no tensors.
    fn worst<'a>(&mut self, files: impl Iterator<Item = &'a Place>, summary: &Summary) -> Result<()> {
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

    fn images<'a>(&mut self, files: impl Iterator<Item = &'a Place>) -> Result<()> {
        let (mut studies, mut splits) = (HashSet::new(), HashMap::<String, String>::new());
        let mut straddling = BTreeSet::new();
        let columns = ["study_uid", "patient_id", "split", "rows", "columns", "pixel_spacing_mm"];
        for (name, path) in files {
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
                        self.add("matrix", format!("{rows} x {columns}"));
                    }
                    self.add("spacing", spacing(batch, row).unwrap_or_else(|| "unknown".to_owned()));
                }
                Some(())
            })?;
        }
        self.studies = studies.len() as u64;
        self.straddling = straddling.len() as u64;
        Ok(())
    }

    fn links<'a>(&mut self, files: impl Iterator<Item = &'a Place>) -> Result<()> {
        let mut studies: BTreeMap<(String, String), HashSet<String>> = BTreeMap::new();
        for (name, path) in files {
            each(name, path, &["kind", "rule", "study_uid"], |batch| {
                for row in 0..batch.num_rows() {
                    let pair = (text(batch, "kind", row)?.to_owned(), text(batch, "rule", row)?.to_owned());
                    self.links.entry(pair.clone()).or_default().0 += 1;
                    studies.entry(pair).or_default().insert(text(batch, "study_uid", row)?.to_owned());
                }
                Some(())
            })?;
        }
        for (pair, studies) in studies {
            self.links.entry(pair).or_default().1 = studies.len() as u64;
        }
        Ok(())
    }

    fn add(&mut self, what: &'static str, word: String) {
        *self.counts.entry(what).or_default().entry(word).or_default() += 1;
    }

    /// A distribution, largest first.
    pub(super) fn largest_first(&self, what: &str) -> Vec<Bar> {
        cells::largest_first(self.counted(what))
    }

    /// A distribution in the order of its values.
    pub(super) fn in_order(&self, what: &str) -> Vec<Bar> {
        cells::bars(self.counted(what))
    }

    fn counted(&self, what: &str) -> impl Iterator<Item = (&str, u64)> {
        self.counts.get(what).into_iter().flatten().map(|(word, count)| (word.as_str(), *count))
    }
}

/// Hands the batches of some columns to `take`, which says `None` for one that is not as it should be.
fn each(name: &str, path: &Path, columns: &[&str], mut take: impl FnMut(&RecordBatch) -> Option<()>) -> Result<()> {
    let broken = || Fault::environment("output", "a Parquet file cannot be read back", name);
    // The reader of arrow-rs panics on corrupt files.
    let read = || {
        let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).ok()?).ok()?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
        for batch in builder.with_projection(mask).with_batch_size(8192).build().ok()? {
            take(&batch.ok()?)?;
        }
        Some(())
    };
    catch_unwind(AssertUnwindSafe(read)).ok().flatten().ok_or_else(broken)
}

fn text<'a>(batch: &'a RecordBatch, column: &str, row: usize) -> Option<&'a str> {
    let texts = batch.column_by_name(column)?.as_string_opt::<i32>()?;
    texts.is_valid(row).then(|| texts.value(row))
}

fn whole(batch: &RecordBatch, column: &str, row: usize) -> Option<u64> {
    let array = batch.column_by_name(column)?;
    if !array.is_valid(row) {
        return None;
    }
    match array.data_type() {
        DataType::UInt32 => Some(u64::from(array.as_primitive_opt::<UInt32Type>()?.value(row))),
        _ => Some(array.as_primitive_opt::<UInt64Type>()?.value(row)),
    }
}

/// Pixel spacing in steps of a tenth of a millimetre, or of a hundredth below half a millimetre.
fn spacing(batch: &RecordBatch, row: usize) -> Option<String> {
    let lists = batch.column_by_name("pixel_spacing_mm")?.as_list_opt::<i32>()?;
    if !lists.is_valid(row) {
        return None;
    }
    let values = lists.value(row);
    let first = *values.as_primitive_opt::<Float32Type>()?.values().first()?;
    Some(if first < 0.5 { format!("{first:.2} mm") } else { format!("{first:.1} mm") })
}

fn count(batch: &RecordBatch, column: &str, counts: &mut Counts) {
    let Some(array) = batch.column_by_name(column) else { return };
    for row in 0..batch.num_rows() {
        let word = word(array.as_ref(), row);
        match counts.get_mut(&word) {
            Some(count) => *count += 1,
            None => drop(counts.insert(word, 1)),
        }
    }
}

/// A value as a word: dates by their year, ages by their band.
fn word(array: &dyn Array, row: usize) -> String {
    let known = || {
        if !array.is_valid(row) {
            return None;
        }
        match array.data_type() {
            DataType::Utf8 => Some(array.as_string_opt::<i32>()?.value(row).to_owned()),
            DataType::Date32 => {
                let days = array.as_primitive_opt::<Date32Type>()?.value(row);
                Some(chrono::DateTime::from_timestamp(i64::from(days) * 86_400, 0)?.year().to_string())
            }
            DataType::Float32 => Some(age_band(array.as_primitive_opt::<Float32Type>()?.value(row)).to_owned()),
            _ => None,
        }
    };
    known().unwrap_or_else(|| "unknown".to_owned())
}

fn age_band(age: f32) -> &'static str {
    match age {
        age if age >= 90.0 => "90+",
        age if age >= 80.0 => "80-89",
        age if age >= 65.0 => "65-79",
        age if age >= 45.0 => "45-64",
        age if age >= 18.0 => "18-44",
        _ => "00-17",
    }
}

/// Rows and nulls of every column of every table, from the files' own statistics: no row is read.
fn missing(files: &[Place]) -> Result<Vec<(String, String, u64, u64)>> {
    let mut all: BTreeMap<(String, String), (u64, u64)> = BTreeMap::new();
    for (name, path) in files {
        let table = match name.rsplit_once('/') {
            Some((folder, _)) => folder,
            None => name.trim_end_matches(".parquet"),
        };
        let broken = || Fault::environment("output", "a Parquet file cannot be read back", name.as_str());
        let read = || {
            let reader = SerializedFileReader::new(File::open(path).ok()?).ok()?;
            let mut columns = Vec::new();
            for group in reader.metadata().row_groups() {
                for column in group.columns() {
                    // Of a list, nulls are those of its elements: only flat columns are told of.
                    let parts = column.column_path().parts();
                    if let ([column_name], Some(nulls)) = (parts, column.statistics().and_then(|s| s.null_count_opt()))
                    {
                        columns.push((column_name.clone(), u64::try_from(group.num_rows()).ok()?, nulls));
                    }
                }
            }
            Some(columns)
        };
        for (column, rows, nulls) in catch_unwind(AssertUnwindSafe(read)).ok().flatten().ok_or_else(broken)? {
            let sums = all.entry((table.to_owned(), column)).or_default();
            sums.0 += rows;
            sums.1 += nulls;
        }
    }
    Ok(all.into_iter().map(|((table, column), (rows, nulls))| (table, column, rows, nulls)).collect())
}
