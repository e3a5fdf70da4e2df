//! EHR tables in Parquet, read row group by row group; values become text as Arrow shows them, and then go the way of
//! every other table.

use super::mapping::Mapping;
use super::plan::{Plan, spell};
use super::{Counts, Sink};
use crate::error::{Fault, Reason, Result};
use crate::read::codecs::guard;
use arrow::array::{Array, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use std::borrow::Cow;

/// First and last four bytes of a file.
const MAGIC: &[u8] = b"PAR1";
/// Rows held at once.
const BATCH_ROWS: usize = 4096;
/// Unpacked bytes of one row group that a file may claim.
const MOST_BYTES: i64 = 1 << 31;

/// Whether a file is Parquet.
pub(super) fn looks_like(head: &[u8]) -> bool {
    head.starts_with(MAGIC)
}

/// Reads a table. Lists and structs have no place in a flat table and are not read.
///
/// # Errors
/// A file that cannot be read as Parquet, a compression that this build has not, a table without a layout. A batch that
/// cannot be read ends the table: what follows is one bad record.
pub(super) fn rows(bytes: &[u8], mapping: Option<&Mapping>, sink: &mut Sink<'_>) -> Result<Counts> {
    let (names, mut reader) = open(bytes)?;
    let plan = Plan::new(mapping, &names)?;
    let mut counts = Counts::default();
    while let Some(batch) = next(&mut reader).transpose() {
        let made = batch.and_then(|batch| shown(&batch));
        match made {
            Ok(table) => {
                for at in 0..table.rows {
                    counts.records += 1;
                    let field = |place: usize| Cow::Borrowed(table.field(place, at));
                    let naming = plan.naming().iter();
                    let naming = naming.map(|place| (names.get(*place).map_or("", String::as_str), field(*place)));
                    let offset = counts.records as usize - 1;
                    counts.give(plan.row(field, naming, ""), offset, sink);
                }
            }
            Err(fault) => {
                counts.records += 1;
                let offset = counts.records as usize - 1;
                counts.give(Err(fault), offset, sink);
                break;
            }
        }
    }
    Ok(counts)
}

/// Hands out the names of the flat columns and every row as text, as far as the file can be read.
pub(super) fn every(bytes: &[u8], each: &mut dyn FnMut(&[String], &[&str])) -> Result<()> {
    let (names, mut reader) = open(bytes)?;
    while let Some(batch) = next(&mut reader)? {
        let table = shown(&batch)?;
        for at in 0..table.rows {
            let fields: Vec<&str> = (0..names.len()).map(|place| table.field(place, at)).collect();
            each(&names, &fields);
        }
    }
    Ok(())
}

/// Names of the columns that are no lists or structs, and a reader of them.
fn open(bytes: &[u8]) -> Result<(Vec<String>, ParquetRecordBatchReader)> {
    let broken = || Fault::input(Reason::BadTable, "Parquet", "not a file that can be read");
    let owned = bytes::Bytes::copy_from_slice(bytes);
    guard::caught(|| {
        let builder = ParquetRecordBatchReaderBuilder::try_new(owned).map_err(|_| broken())?;
        if builder.metadata().row_groups().iter().any(|group| group.total_byte_size() > MOST_BYTES) {
            let fault = Fault::input(Reason::TooLarge, "Parquet", "a row group larger than one may be");
            return Err(fault.number("limit", MOST_BYTES));
        }
        let flat: Vec<usize> = (0..builder.schema().fields().len())
            .filter(|place| builder.schema().fields().get(*place).is_some_and(|field| !field.data_type().is_nested()))
            .collect();
        let names: Vec<String> = flat
            .iter()
            .filter_map(|place| builder.schema().fields().get(*place).map(|field| spell(field.name())))
            .collect();
        let mask = ProjectionMask::roots(builder.parquet_schema(), flat);
        let reader = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(|_| broken())?;
        Ok((names, reader))
    })
}

fn next(reader: &mut ParquetRecordBatchReader) -> Result<Option<RecordBatch>> {
    guard::caught(|| {
        let bad = |_| Fault::input(Reason::BadTable, "Parquet", "rows that cannot be read");
        reader.next().transpose().map_err(bad)
    })
}

/// A batch as text, column by column; null is empty.
struct Shown {
    columns: Vec<Vec<String>>,
    rows: usize,
}

impl Shown {
    fn field(&self, column: usize, row: usize) -> &str {
        self.columns.get(column).and_then(|values| values.get(row)).map_or("", String::as_str)
    }
}

fn shown(batch: &RecordBatch) -> Result<Shown> {
    let bad = |_| Fault::input(Reason::BadTable, "Parquet", "a column of a type that has no text");
    let options = FormatOptions::default().with_null("");
    let mut columns = Vec::with_capacity(batch.num_columns());
    for array in batch.columns() {
        let format = ArrayFormatter::try_new(array.as_ref(), &options).map_err(bad)?;
        let mut values = Vec::with_capacity(array.len());
        for at in 0..array.len() {
            values.push(format.value(at).try_to_string().map_err(bad)?);
        }
        columns.push(values);
    }
    Ok(Shown { columns, rows: batch.num_rows() })
}
