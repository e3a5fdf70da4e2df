//! Parquet: every text, date and whole number of every column, nested ones too, and the metadata of the file.

use super::{At, Said, Sink};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type, UInt64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Rows held at once.
const BATCH_ROWS: usize = 1024;

/// `None` if the file cannot be read as Parquet.
pub(super) fn parquet(path: &Path, sink: &mut Sink<'_>) -> Option<()> {
    // arrow-rs panics on some broken files.
    catch_unwind(AssertUnwindSafe(|| read(path, sink))).ok().flatten()
}

fn read(path: &Path, sink: &mut Sink<'_>) -> Option<()> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).ok()?).ok()?;
    let file = builder.metadata().file_metadata();
    let whole = At::default();
    file.created_by().iter().for_each(|text| sink(&whole, None, Said::Text(text)));
    for entry in file.key_value_metadata().into_iter().flatten() {
        sink(&whole, None, Said::Value(&entry.key));
        // The schema of Arrow, in base 64 of a binary form.
        if entry.key != "ARROW:schema" {
            entry.value.iter().for_each(|text| sink(&whole, None, Said::Text(text)));
        }
    }
    for field in builder.schema().fields() {
        sink(&whole, None, Said::Value(field.name()));
        for (key, value) in field.metadata() {
            sink(&whole, None, Said::Value(key));
            sink(&whole, None, Said::Text(value));
        }
    }
    let mut first = 0;
    for batch in builder.with_batch_size(BATCH_ROWS).build().ok()? {
        let batch = batch.ok()?;
        let people = batch.column_by_name("patient_id").and_then(|column| column.as_string_opt::<i32>().cloned());
        for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
            // Elements of tensors.
            if field.name() == "tensor" {
                continue;
            }
            for row in 0..batch.num_rows() {
                let at = At::of("row", first + row as u64).named(field.name());
                let person = people.as_ref().filter(|people| people.is_valid(row)).map(|people| people.value(row));
                cell(column, row, &at, person, sink);
            }
        }
        first += batch.num_rows() as u64;
    }
    Some(())
}

fn cell(column: &ArrayRef, row: usize, at: &At, person: Option<&str>, sink: &mut Sink<'_>) {
    if column.is_null(row) {
        return;
    }
    match column.data_type() {
        DataType::Utf8 => {
            if let Some(texts) = column.as_string_opt::<i32>() {
                sink(at, person, Said::Value(texts.value(row)));
            }
        }
        DataType::Binary => {
            if let Some(bytes) = column.as_binary_opt::<i32>() {
                sink(at, person, Said::Bytes(bytes.value(row)));
            }
        }
        DataType::Date32 => {
            if let Some(days) = column.as_primitive_opt::<Date32Type>() {
                sink(at, person, Said::Day(days.value(row)));
            }
        }
        DataType::Timestamp(..) => {
            let one = cast(&column.slice(row, 1), &DataType::Date32).ok();
            if let Some(days) = one.as_ref().and_then(|one| one.as_primitive_opt::<Date32Type>()) {
                sink(at, person, Said::Day(days.value(0)));
            }
        }
        DataType::UInt64 => {
            if let Some(numbers) = column.as_primitive_opt::<UInt64Type>() {
                sink(at, person, Said::Number(numbers.value(row)));
            }
        }
        DataType::Int64 => {
            if let Some(numbers) = column.as_primitive_opt::<Int64Type>() {
                sink(at, person, Said::Number(numbers.value(row).unsigned_abs()));
            }
        }
        DataType::Float64 => {
            if let Some(numbers) = column.as_primitive_opt::<Float64Type>() {
                let number = numbers.value(row).abs();
                if number.fract() == 0.0 && number < 1e18 {
                    sink(at, person, Said::Number(number as u64));
                }
            }
        }
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => {
            let inner = match column.data_type() {
                DataType::List(_) => column.as_list_opt::<i32>().map(|list| list.value(row)),
                DataType::LargeList(_) => column.as_list_opt::<i64>().map(|list| list.value(row)),
                _ => column.as_fixed_size_list_opt().map(|list| list.value(row)),
            };
            if let Some(inner) = inner.filter(|inner| !inner.data_type().is_floating()) {
                (0..inner.len()).for_each(|place| cell(&inner, place, at, person, sink));
            }
        }
        DataType::Struct(_) => {
            if let Some(fields) = column.as_struct_opt() {
                fields.columns().iter().for_each(|inner| cell(inner, row, at, person, sink));
            }
        }
        DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => {
            if let Ok(one) = cast(&column.slice(row, 1), &DataType::Utf8) {
                cell(&one, 0, at, person, sink);
            }
        }
        _ => {}
    }
}
