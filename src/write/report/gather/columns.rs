//! Columns of the data set's own Parquet files, batch by batch, and their values as words.

use super::{Counts, Missing, Place};
use crate::error::{Fault, Result};
use crate::model::sex::sex;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Float32Type, UInt32Type, UInt64Type};
use chrono::Datelike;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Hands the batches of some columns to `take`, which says `None` for one that is not as it should be.
pub(super) fn each(
    name: &str,
    path: &Path,
    columns: &[&str],
    mut take: impl FnMut(&RecordBatch) -> Option<()>,
) -> Result<()> {
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

pub(super) fn text<'a>(batch: &'a RecordBatch, column: &str, row: usize) -> Option<&'a str> {
    let texts = batch.column_by_name(column)?.as_string_opt::<i32>()?;
    texts.is_valid(row).then(|| texts.value(row))
}

pub(super) fn whole(batch: &RecordBatch, column: &str, row: usize) -> Option<u64> {
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
pub(super) fn spacing(batch: &RecordBatch, row: usize) -> Option<String> {
    let lists = batch.column_by_name("pixel_spacing_mm")?.as_list_opt::<i32>()?;
    if !lists.is_valid(row) {
        return None;
    }
    let values = lists.value(row);
    let first = *values.as_primitive_opt::<Float32Type>()?.values().first()?;
    Some(if first < 0.5 { format!("{first:.2} mm") } else { format!("{first:.1} mm") })
}

pub(super) fn count(batch: &RecordBatch, column: &str, counts: &mut Counts) {
    let Some(array) = batch.column_by_name(column) else { return };
    for row in 0..batch.num_rows() {
        let word = word(array.as_ref(), row);
        let word = if column == "sex" { sex(&word).unwrap_or(&word) } else { &word };
        match counts.get_mut(word) {
            Some(count) => *count += 1,
            None => drop(counts.insert(word.to_owned(), 1)),
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

pub(super) fn age_band(age: f32) -> &'static str {
    match age {
        age if age >= 90.0 => "90+",
        age if age >= 80.0 => "80-89",
        age if age >= 65.0 => "65-79",
        age if age >= 45.0 => "45-64",
        age if age >= 18.0 => "18-44",
        _ => "0-17",
    }
}

/// Rows and nulls of every column of every table, from the files' own statistics where they have them.
pub(super) fn missing(files: &[Place]) -> Result<Vec<Missing>> {
    let mut all: BTreeMap<(String, String), (u64, u64)> = BTreeMap::new();
    for (name, path) in files {
        let table = match name.rsplit_once('/') {
            Some((folder, _)) => folder,
            None => name.trim_end_matches(".parquet"),
        };
        let broken = || Fault::environment("output", "a Parquet file cannot be read back", name.as_str());
        let mut uncounted = BTreeSet::new();
        let read = || {
            let reader = SerializedFileReader::new(File::open(path).ok()?).ok()?;
            let mut columns = Vec::new();
            for group in reader.metadata().row_groups() {
                for column in group.columns() {
                    // Of a list, nulls are those of its elements: only flat columns are told of.
                    let parts = column.column_path().parts();
                    let nulls = column.statistics().and_then(|s| s.null_count_opt());
                    if let [column_name] = parts {
                        columns.push((column_name.clone(), u64::try_from(group.num_rows()).ok()?, nulls));
                    }
                }
            }
            Some(columns)
        };
        for (column, rows, nulls) in catch_unwind(AssertUnwindSafe(read)).ok().flatten().ok_or_else(broken)? {
            let sums = all.entry((table.to_owned(), column.clone())).or_default();
            sums.0 += rows;
            sums.1 += nulls.unwrap_or_default();
            if nulls.is_none() {
                uncounted.insert(column);
            }
        }
        // Numbers of messages are written without statistics: these columns are read.
        for column in uncounted {
            let sums = all.entry((table.to_owned(), column.clone())).or_default();
            each(name, path, &[&column], |batch| {
                sums.1 += batch.column_by_name(&column)?.null_count() as u64;
                Some(())
            })?;
        }
    }
    Ok(all.into_iter().map(|((table, column), (rows, nulls))| Missing { table, column, rows, nulls }).collect())
}
