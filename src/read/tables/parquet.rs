//! EHR tables in Parquet, read row group by row group; values become text, and then go the way of every other table.

use super::mapping::Mapping;
use super::plan::{Plan, nested_column, spell};
use super::{Asked, Counts, Sink};
use crate::error::{Fault, Reason, Result};
use crate::read::codecs::guard;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Float16Type, Float32Type, Float64Type, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use std::borrow::Cow;
use std::sync::Arc;

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

/// Reads a table. Lists and structs have no place in a flat table: one that the layout would read refuses the table, others
/// are not read.
///
/// # Errors
/// A file that cannot be read as Parquet, a compression that this build has not, a table without a layout, a nested column
/// where a flat one is read. A batch that cannot be read ends the table: what follows is one bad record.
pub(super) fn rows(bytes: &[u8], mapping: Option<&Mapping>, asked: Asked, sink: &mut Sink<'_>) -> Result<Counts> {
    let (names, nested, mut reader) = open(bytes)?;
    if let (None, Some(column)) = (mapping, nested_column(&names, &nested)) {
        let cause = "the column that would be read into it is nested (a list, struct or map)";
        return Err(Fault::input(Reason::UnknownKind, column, cause)
            .remedy("flatten the column, or name the file's columns in a mapping, [ehr.<table>]"));
    }
    let plan = Plan::new(mapping, &names, asked)?;
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
    let (names, _, mut reader) = open(bytes)?;
    while let Some(batch) = next(&mut reader)? {
        let table = shown(&batch)?;
        for at in 0..table.rows {
            let fields: Vec<&str> = (0..names.len()).map(|place| table.field(place, at)).collect();
            each(&names, &fields);
        }
    }
    Ok(())
}

/// Names of the columns that are no lists or structs, of those that are, and a reader of the former.
fn open(bytes: &[u8]) -> Result<(Vec<String>, Vec<String>, ParquetRecordBatchReader)> {
    let broken = || Fault::input(Reason::BadTable, "Parquet", "not a file that can be read");
    let owned = bytes::Bytes::copy_from_slice(bytes);
    guard::caught(|| {
        let builder = ParquetRecordBatchReaderBuilder::try_new(owned).map_err(|_| broken())?;
        if builder.metadata().row_groups().iter().any(|group| group.total_byte_size() > MOST_BYTES) {
            let fault = Fault::input(Reason::TooLarge, "Parquet", "a row group larger than one may be");
            return Err(fault.number("limit", MOST_BYTES));
        }
        let (mut flat, mut names, mut nested) = (Vec::new(), Vec::new(), Vec::new());
        for (place, field) in builder.schema().fields().iter().enumerate() {
            if field.data_type().is_nested() {
                nested.push(spell(field.name()));
            } else {
                flat.push(place);
                names.push(spell(field.name()));
            }
        }
        let mask = ProjectionMask::roots(builder.parquet_schema(), flat);
        let reader = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(|_| broken())?;
        Ok((names, nested, reader))
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
    let columns = batch.columns().iter().map(texts).collect::<Result<_>>()?;
    Ok(Shown { columns, rows: batch.num_rows() })
}

/// A column as text: as Arrow shows it, with four exceptions. Times that bear the name of a zone are shown in UTC, in which
/// they are stored (those with an offset, at it). Whole floats lose their `.0`: pandas makes floats of whole numbers where
/// one of them is missing, and 77.0 is nobody's id. Bytes are UTF-8 or nothing: some writers do not say that they are.
/// Dictionaries are what their keys stand for.
fn texts(array: &ArrayRef) -> Result<Vec<String>> {
    let bad = || Fault::input(Reason::BadTable, "Parquet", "a column of a type that has no text");
    let bytes = |value: Option<&[u8]>| {
        value.and_then(|value| std::str::from_utf8(value).ok()).map(str::to_owned).unwrap_or_default()
    };
    match array.data_type() {
        DataType::Dictionary(_, values) => texts(&cast(array, values).map_err(|_| bad())?),
        DataType::Timestamp(unit, Some(zone)) if !zone.starts_with(['+', '-']) => texts(&in_utc(array, *unit)),
        DataType::Float64 => Ok(array.as_primitive::<Float64Type>().iter().map(number).collect()),
        DataType::Float32 => {
            // In its own digits: 5.1 is not 5.099999904632568.
            let shown = |value: Option<f32>| match value {
                Some(value) if value.fract() != 0.0 => value.to_string(),
                value => number(value.map(f64::from)),
            };
            Ok(array.as_primitive::<Float32Type>().iter().map(shown).collect())
        }
        DataType::Float16 => {
            Ok(array.as_primitive::<Float16Type>().iter().map(|value| number(value.map(f64::from))).collect())
        }
        DataType::Binary => Ok(array.as_binary::<i32>().iter().map(bytes).collect()),
        DataType::LargeBinary => Ok(array.as_binary::<i64>().iter().map(bytes).collect()),
        DataType::BinaryView => Ok(array.as_binary_view().iter().map(bytes).collect()),
        DataType::FixedSizeBinary(_) => Ok(array.as_fixed_size_binary().iter().map(bytes).collect()),
        _ => {
            let options = FormatOptions::default().with_null("");
            let format = ArrayFormatter::try_new(array.as_ref(), &options).map_err(|_| bad())?;
            (0..array.len()).map(|at| format.value(at).try_to_string().map_err(|_| bad())).collect()
        }
    }
}

/// A float; nothing for what is none.
fn number(value: Option<f64>) -> String {
    match value {
        Some(value) if !value.is_finite() => String::new(),
        // Below 2^53 a float holds every whole number.
        Some(value) if value.fract() == 0.0 && value.abs() < 9e15 => format!("{}", value as i64),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}

/// The same instants without the zone.
fn in_utc(array: &ArrayRef, unit: TimeUnit) -> ArrayRef {
    let none = None::<Arc<str>>;
    match unit {
        TimeUnit::Second => Arc::new(array.as_primitive::<TimestampSecondType>().clone().with_timezone_opt(none)),
        TimeUnit::Millisecond => {
            Arc::new(array.as_primitive::<TimestampMillisecondType>().clone().with_timezone_opt(none))
        }
        TimeUnit::Microsecond => {
            Arc::new(array.as_primitive::<TimestampMicrosecondType>().clone().with_timezone_opt(none))
        }
        TimeUnit::Nanosecond => {
            Arc::new(array.as_primitive::<TimestampNanosecondType>().clone().with_timezone_opt(none))
        }
    }
}
