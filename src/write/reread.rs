//! Reads the dataset's own files back: manifests for lists and previews, tensors for verification. A file is looked at
//! only after its length and SHA-256 were found to be those that were written: the reader of arrow-rs panics on
//! corrupt files. A panic that happens all the same ends as a fault.

use super::files::{FileReceipt, digest_of, io_fault};
use crate::error::{Fault, Result};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float16Type, Float32Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use std::fs::File;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Whether a file is the one that was written.
pub(super) fn is_intact(root: &Path, receipt: &FileReceipt) -> Result<bool> {
    let there = File::open(root.join(&receipt.name)).and_then(digest_of);
    let (bytes, sha256) = there.map_err(|e| io_fault(&receipt.name, &e))?;
    Ok(bytes == receipt.bytes && sha256 == receipt.sha256)
}

fn guarded<T>(name: &str, work: impl FnOnce() -> Option<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work))
        .ok()
        .flatten()
        .ok_or_else(|| Fault::environment("output", "a Parquet file cannot be read back", name))
}

/// Reads a Parquet file of the dataset batch by batch: the given columns (all if none are named) of the given rows.
pub fn read_batches(
    root: &Path,
    receipt: &FileReceipt,
    columns: &[&str],
    rows: Option<Range<usize>>,
    mut each: impl FnMut(RecordBatch) -> Result<()>,
) -> Result<()> {
    let name = receipt.name.as_str();
    if !is_intact(root, receipt)? {
        return Err(Fault::environment("output", "a file is not the one that was written", name)
            .remedy("remove its part's receipt under parts/ and run the same command again"));
    }
    let file = File::open(root.join(name)).map_err(|e| io_fault(name, &e))?;
    let mut reader: ParquetRecordBatchReader = guarded(name, || {
        let mut builder = ParquetRecordBatchReaderBuilder::try_new(file).ok()?;
        if !columns.is_empty() {
            let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
            builder = builder.with_projection(mask);
        }
        if let Some(rows) = rows {
            builder = builder.with_offset(rows.start).with_limit(rows.len());
        }
        builder.with_batch_size(256).build().ok()
    })?;
    while let Some(batch) = guarded(name, || reader.next().transpose().ok())? {
        each(batch)?;
    }
    Ok(())
}

/// What finishing and verifying need of a manifest row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entry {
    pub(super) tensor_id: String,
    pub(super) tensor_file: String,
    pub(super) tensor_name: String,
    pub(super) place: Option<(u64, u64)>,
    pub(super) dtype: String,
    pub(super) shape: Vec<u32>,
    pub(super) split: String,
    pub(super) patient_id: Option<String>,
    pub(super) modality: Option<String>,
    /// Rows and columns of the stored image.
    pub(super) stored: Option<(u32, u32)>,
    /// What was blanked, in stored pixels: left, top, width, height.
    pub(super) masked: Vec<[u32; 4]>,
}

const ENTRY_COLUMNS: [&str; 13] = [
    "tensor_id",
    "tensor_file",
    "tensor_name",
    "offset",
    "length",
    "dtype",
    "shape",
    "split",
    "patient_id",
    "modality",
    "rows",
    "columns",
    "masked",
];

fn entry_of(batch: &RecordBatch, row: usize) -> Option<Entry> {
    let array = |name| batch.column_by_name(name).filter(|array| row < array.len());
    let text = |name| {
        let texts = array(name)?.as_string_opt::<i32>()?;
        texts.is_valid(row).then(|| texts.value(row).to_owned())
    };
    let number = |name| {
        let numbers = array(name)?.as_primitive_opt::<UInt64Type>()?;
        numbers.is_valid(row).then(|| numbers.value(row))
    };
    let side = |name| {
        let sides = array(name)?.as_primitive_opt::<UInt32Type>()?;
        sides.is_valid(row).then(|| sides.value(row))
    };
    let shape = array("shape")?.as_list_opt::<i32>()?.value(row);
    Some(Entry {
        tensor_id: text("tensor_id")?,
        tensor_file: text("tensor_file")?,
        tensor_name: text("tensor_name")?,
        place: number("offset").zip(number("length")),
        dtype: text("dtype")?,
        shape: shape.as_primitive_opt::<UInt32Type>()?.values().to_vec(),
        split: text("split")?,
        patient_id: text("patient_id"),
        modality: text("modality"),
        stored: side("rows").zip(side("columns")),
        masked: array("masked").and_then(|array| boxes_of(array, row)).unwrap_or_default(),
    })
}

/// The rectangles of a column `masked`.
fn boxes_of(array: &ArrayRef, row: usize) -> Option<Vec<[u32; 4]>> {
    let lists = array.as_list_opt::<i32>().filter(|lists| lists.is_valid(row))?;
    let boxes = lists.value(row);
    let fields = boxes.as_struct_opt()?;
    let side = |name| Some(fields.column_by_name(name)?.as_primitive_opt::<UInt32Type>()?.values().to_vec());
    let (x, y, w, h) = (side("x")?, side("y")?, side("w")?, side("h")?);
    Some((0..fields.len()).filter_map(|at| Some([*x.get(at)?, *y.get(at)?, *w.get(at)?, *h.get(at)?])).collect())
}

/// The rows of a manifest file, in order.
pub(super) fn entries(root: &Path, receipt: &FileReceipt, mut each: impl FnMut(Entry) -> Result<()>) -> Result<()> {
    // Nested columns are chosen by their root.
    read_batches(root, receipt, &ENTRY_COLUMNS, None, |batch| {
        for row in 0..batch.num_rows() {
            let entry = entry_of(&batch, row).ok_or_else(|| {
                Fault::environment("output", "a manifest without the columns of a manifest", receipt.name.as_str())
            })?;
            each(entry)?;
        }
        Ok(())
    })
}

/// The elements of one row of the column `tensor`, as bytes, whichever of the two layouts it has.
pub(super) fn elements_of(column: &ArrayRef, row: usize) -> Option<Vec<u8>> {
    let mut array = match column.data_type() {
        DataType::List(_) => column.as_list_opt::<i32>()?.value(row),
        DataType::FixedSizeList(..) => column.as_fixed_size_list_opt()?.value(row),
        _ => return None,
    };
    while let Some(list) = array.as_list_opt::<i32>() {
        let (first, last) = (*list.value_offsets().first()?, *list.value_offsets().last()?);
        array = list.values().slice(first as usize, (last - first) as usize);
    }
    let bytes = match array.data_type() {
        DataType::Float32 => array.as_primitive_opt::<Float32Type>()?.values().inner().as_slice(),
        DataType::Float16 => array.as_primitive_opt::<Float16Type>()?.values().inner().as_slice(),
        DataType::UInt8 => array.as_primitive_opt::<UInt8Type>()?.values().inner().as_slice(),
        DataType::UInt16 => array.as_primitive_opt::<UInt16Type>()?.values().inner().as_slice(),
        _ => return None,
    };
    Some(bytes.to_vec())
}
