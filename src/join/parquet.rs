//! Reads columns of the data set's own Parquet files, batch by batch, without a copy of a value that nobody keeps.

use crate::error::{Fault, Result};
use crate::model::Cell;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Date32Type, Float32Type, Float64Type, Int64Type, TimeUnit, TimestampMillisecondType, UInt8Type,
    UInt32Type, UInt64Type,
};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use std::fs::File;
use std::path::Path;

/// Rows held at once.
const BATCH_ROWS: usize = 8192;
/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// One row of the columns that were asked for, by their place in the list.
pub(super) struct Row<'a> {
    arrays: &'a [Option<&'a dyn Array>],
    at: usize,
}

impl<'a> Row<'a> {
    fn array(&self, column: usize) -> Option<&'a dyn Array> {
        self.arrays.get(column).copied().flatten().filter(|array| !array.is_null(self.at))
    }

    /// A text; `None` if it is null, of another type, or the table has no such column.
    pub(super) fn text(&self, column: usize) -> Option<&'a str> {
        Some(self.array(column)?.as_string_opt::<i32>()?.value(self.at))
    }

    /// A float.
    pub(super) fn number(&self, column: usize) -> Option<f64> {
        let array = self.array(column)?;
        match array.data_type() {
            DataType::Float64 => Some(array.as_primitive::<Float64Type>().value(self.at)),
            DataType::Float32 => Some(f64::from(array.as_primitive::<Float32Type>().value(self.at))),
            _ => None,
        }
    }

    /// An unsigned integer.
    pub(super) fn whole(&self, column: usize) -> Option<u64> {
        let array = self.array(column)?;
        match array.data_type() {
            DataType::UInt64 => Some(array.as_primitive::<UInt64Type>().value(self.at)),
            DataType::UInt32 => Some(u64::from(array.as_primitive::<UInt32Type>().value(self.at))),
            DataType::UInt8 => Some(u64::from(array.as_primitive::<UInt8Type>().value(self.at))),
            _ => None,
        }
    }

    /// A signed integer.
    pub(super) fn signed(&self, column: usize) -> Option<i64> {
        Some(self.array(column)?.as_primitive_opt::<Int64Type>()?.value(self.at))
    }

    /// A truth.
    pub(super) fn truth(&self, column: usize) -> Option<bool> {
        Some(self.array(column)?.as_boolean_opt()?.value(self.at))
    }

    /// A list of floats.
    pub(super) fn floats(&self, column: usize) -> Option<Vec<f32>> {
        let list = self.array(column)?.as_list_opt::<i32>()?.value(self.at);
        Some(list.as_primitive_opt::<Float32Type>()?.values().to_vec())
    }

    /// A list of words.
    pub(super) fn words(&self, column: usize) -> Option<Vec<u32>> {
        let list = self.array(column)?.as_list_opt::<i32>()?.value(self.at);
        Some(list.as_primitive_opt::<UInt32Type>()?.values().to_vec())
    }

    /// Milliseconds since 1970, of a date at its midnight.
    pub(super) fn time(&self, column: usize) -> Option<i64> {
        let array = self.array(column)?;
        match array.data_type() {
            DataType::Date32 => Some(i64::from(array.as_primitive::<Date32Type>().value(self.at)) * DAY_MS),
            DataType::Timestamp(TimeUnit::Millisecond, None) => {
                Some(array.as_primitive::<TimestampMillisecondType>().value(self.at))
            }
            _ => None,
        }
    }

    /// Days since 1970, of a time the day it lies in.
    pub(super) fn day(&self, column: usize) -> Option<i32> {
        self.time(column).and_then(day_of)
    }
}

/// The day of a time.
pub(super) fn day_of(ms: i64) -> Option<i32> {
    i32::try_from(ms.div_euclid(DAY_MS)).ok()
}

/// Text for a cell, null where there is none.
pub(super) fn text_cell(text: Option<&str>) -> Cell {
    text.map_or(Cell::Null, |text| Cell::Text(text.to_owned()))
}

/// The batches of a file, with the columns that were asked for.
pub(super) struct Batches(ParquetRecordBatchReader);

fn broken(detail: impl ToString) -> Fault {
    Fault::environment("data set", "a table of the data set cannot be read", detail.to_string())
}

impl Batches {
    /// Opens a file; a column that is `None` is not read.
    pub(super) fn open(path: &Path, columns: &[Option<&str>]) -> Result<Self> {
        let file = File::open(path).map_err(broken)?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(broken)?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied().flatten());
        Ok(Self(builder.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(broken)?))
    }

    /// The next batch; `None` behind the last.
    pub(super) fn next(&mut self) -> Result<Option<RecordBatch>> {
        self.0.next().transpose().map_err(broken)
    }
}

/// A column of a batch.
pub(super) fn column<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b dyn Array> {
    batch.column_by_name(name).map(AsRef::as_ref).ok_or_else(|| broken("a column is missing"))
}

/// Hands every row of a file to `take`. A column that is `None` is null in every row.
pub(super) fn rows(path: &Path, columns: &[Option<&str>], take: &mut dyn FnMut(&Row)) -> Result<()> {
    let mut batches = Batches::open(path, columns)?;
    while let Some(batch) = batches.next()? {
        let array = |name: &Option<&str>| name.map(|name| column(&batch, name)).transpose();
        let arrays = columns.iter().map(array).collect::<Result<Vec<_>>>()?;
        for at in 0..RecordBatch::num_rows(&batch) {
            take(&Row { arrays: &arrays, at });
        }
    }
    Ok(())
}
