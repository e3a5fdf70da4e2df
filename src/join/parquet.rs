//! Reads columns of the data set's own Parquet files, batch by batch.

use crate::error::{Fault, Result};
use crate::model::Cell;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Date32Type, Float32Type, Float64Type, TimeUnit, TimestampMillisecondType, UInt64Type,
};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
use std::path::Path;

/// Rows held at once.
const BATCH_ROWS: usize = 8192;

/// Hands every row's cells, in the order of `columns`, to `take`.
pub(super) fn rows(path: &Path, columns: &[&str], take: &mut dyn FnMut(&[Cell])) -> Result<()> {
    let broken = |detail: String| Fault::environment("data set", "a table of the data set cannot be read", detail);
    let file = File::open(path).map_err(|error| broken(error.to_string()))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| broken(error.to_string()))?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    let reader =
        builder.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(|error| broken(error.to_string()))?;
    let mut row = Vec::with_capacity(columns.len());
    for batch in reader {
        let batch = batch.map_err(|error| broken(error.to_string()))?;
        let arrays: Option<Vec<&dyn Array>> =
            columns.iter().map(|name| batch.column_by_name(name).map(AsRef::as_ref)).collect();
        let arrays = arrays.ok_or_else(|| broken("a column is missing".to_owned()))?;
        for at in 0..RecordBatch::num_rows(&batch) {
            row.clear();
            row.extend(arrays.iter().map(|array| cell(*array, at)));
            take(&row);
        }
    }
    Ok(())
}

/// One value; types that joins do not look at are null.
fn cell(array: &dyn Array, at: usize) -> Cell {
    if array.is_null(at) {
        return Cell::Null;
    }
    match array.data_type() {
        DataType::Utf8 => Cell::Text(array.as_string::<i32>().value(at).to_owned()),
        DataType::UInt64 => Cell::U64(array.as_primitive::<UInt64Type>().value(at)),
        DataType::Float64 => Cell::F64(array.as_primitive::<Float64Type>().value(at)),
        DataType::Float32 => Cell::F64(f64::from(array.as_primitive::<Float32Type>().value(at))),
        DataType::Date32 => Cell::Date(array.as_primitive::<Date32Type>().value(at)),
        DataType::Timestamp(TimeUnit::Millisecond, None) => {
            Cell::Timestamp(array.as_primitive::<TimestampMillisecondType>().value(at))
        }
        _ => Cell::Null,
    }
}
