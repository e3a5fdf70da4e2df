//! From a [`Table`] and its rows to Arrow and Parquet. Which rows there are is decided elsewhere; reading back is in
//! `reread`.

use super::files::{OutFile, Staged, Staging, io_fault};
use crate::error::{Fault, Result};
use crate::model::{Cell, Clean, ColumnType, MaskBox, Table};
use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float32Builder, Float64Builder, Int64Builder, ListBuilder, RecordBatch,
    StringBuilder, StructBuilder, TimestampMillisecondBuilder, UInt8Builder, UInt32Builder, UInt64Builder,
};
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use std::collections::HashMap;
use std::sync::Arc;

/// Rows of a row group: what a table holds in memory at most.
pub const ROW_GROUP: usize = 10_000;

/// Bytes of text and lists after which a row group ends early.
const ROW_GROUP_BYTES: usize = 16 << 20;

/// Names of the fields of a mask box.
const MASK_FIELDS: [&str; 5] = ["x", "y", "w", "h", "reason"];

fn mask_fields() -> Fields {
    MASK_FIELDS
        .iter()
        .map(|name| {
            let kind = if *name == "reason" { DataType::Utf8 } else { DataType::UInt32 };
            Field::new(*name, kind, false)
        })
        .collect()
}

/// The Arrow type of a column.
pub fn arrow_type(kind: ColumnType) -> DataType {
    let list = |item| DataType::List(Arc::new(Field::new_list_field(item, true)));
    match kind {
        ColumnType::Text => DataType::Utf8,
        ColumnType::Bool => DataType::Boolean,
        ColumnType::U8 => DataType::UInt8,
        ColumnType::U32 => DataType::UInt32,
        ColumnType::U64 => DataType::UInt64,
        ColumnType::I64 => DataType::Int64,
        ColumnType::F32 => DataType::Float32,
        ColumnType::F64 => DataType::Float64,
        ColumnType::Date32 => DataType::Date32,
        ColumnType::TimestampMs => DataType::Timestamp(TimeUnit::Millisecond, None),
        ColumnType::ListU32 => list(DataType::UInt32),
        ColumnType::ListF32 => list(DataType::Float32),
        ColumnType::ListMask => list(DataType::Struct(mask_fields())),
    }
}

/// The type of a column as cards and docs spell it.
pub fn type_word(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text => "string",
        ColumnType::Bool => "bool",
        ColumnType::U8 => "uint8",
        ColumnType::U32 => "uint32",
        ColumnType::U64 => "uint64",
        ColumnType::I64 => "int64",
        ColumnType::F32 => "float32",
        ColumnType::F64 => "float64",
        ColumnType::Date32 => "date32",
        ColumnType::TimestampMs => "timestamp[ms]",
        ColumnType::ListU32 => "list<uint32>",
        ColumnType::ListF32 => "list<float32>",
        ColumnType::ListMask => "list<struct<x, y, w, h, reason>>",
    }
}

/// The Arrow schema of a table; every field carries its doc as metadata `description`.
pub fn schema_of(table: &Table) -> Schema {
    let fields: Vec<Field> = table
        .columns
        .iter()
        .map(|column| {
            Field::new(column.name, arrow_type(column.kind), true)
                .with_metadata(HashMap::from([("description".to_owned(), column.doc.to_owned())]))
        })
        .collect();
    Schema::new(fields)
}

fn misfit(table: &'static Table, place: usize) -> Fault {
    Fault::bug(table.columns.get(place).map_or("write/table", |c| c.name), "a cell that does not fit its column")
        .number("column", place as i128)
}

/// Builds one Arrow array; `$take` turns a cell into `Some(value)` or `None` if it does not fit.
macro_rules! build {
    ($builder:expr, $cells:expr, $take:expr) => {{
        let mut builder = $builder;
        for cell in $cells {
            match cell {
                Cell::Null => builder.append_null(),
                cell => builder.append_value($take(cell)?),
            }
        }
        Arc::new(builder.finish()) as ArrayRef
    }};
}

fn unsigned(cell: &Cell) -> Option<u64> {
    match cell {
        Cell::U64(v) => Some(*v),
        Cell::I64(v) => u64::try_from(*v).ok(),
        _ => None,
    }
}

fn float(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::F64(v) => Some(*v),
        Cell::I64(v) => Some(*v as f64),
        Cell::U64(v) => Some(*v as f64),
        _ => None,
    }
}

fn masks<'a>(cells: impl Iterator<Item = &'a Cell>) -> Option<ArrayRef> {
    let mut builder = ListBuilder::new(StructBuilder::from_fields(mask_fields(), 0));
    for cell in cells {
        let boxes: &[MaskBox] = match cell {
            Cell::Null => {
                builder.append_null();
                continue;
            }
            Cell::Masks(boxes) => boxes,
            _ => return None,
        };
        for b in boxes {
            let values = builder.values();
            for (place, value) in [b.x, b.y, b.w, b.h].into_iter().enumerate() {
                values.field_builder::<UInt32Builder>(place)?.append_value(value);
            }
            values.field_builder::<StringBuilder>(4)?.append_value(b.reason);
            values.append(true);
        }
        builder.append(true);
    }
    Some(Arc::new(builder.finish()))
}

/// One column of the rows as an Arrow array; `None` if a cell does not fit.
fn array_of<'a>(kind: ColumnType, cells: impl Iterator<Item = &'a Cell>) -> Option<ArrayRef> {
    let text = |cell: &'a Cell| if let Cell::Text(t) = cell { Some(t.as_str()) } else { None };
    Some(match kind {
        ColumnType::Text => build!(StringBuilder::new(), cells, text),
        ColumnType::Bool => {
            build!(BooleanBuilder::new(), cells, |c: &Cell| if let Cell::Bool(b) = c { Some(*b) } else { None })
        }
        ColumnType::U8 => build!(UInt8Builder::new(), cells, |c| unsigned(c).and_then(|v| v.try_into().ok())),
        ColumnType::U32 => build!(UInt32Builder::new(), cells, |c| unsigned(c).and_then(|v| v.try_into().ok())),
        ColumnType::U64 => build!(UInt64Builder::new(), cells, unsigned),
        ColumnType::I64 => build!(Int64Builder::new(), cells, |c: &Cell| match c {
            Cell::I64(v) => Some(*v),
            Cell::U64(v) => i64::try_from(*v).ok(),
            _ => None,
        }),
        ColumnType::F32 => build!(Float32Builder::new(), cells, |c| float(c).map(|v| v as f32)),
        ColumnType::F64 => build!(Float64Builder::new(), cells, float),
        ColumnType::Date32 => {
            build!(Date32Builder::new(), cells, |c: &Cell| if let Cell::Date(d) = c { Some(*d) } else { None })
        }
        ColumnType::TimestampMs => build!(TimestampMillisecondBuilder::new(), cells, |c: &Cell| match c {
            Cell::Timestamp(t) => Some(*t),
            _ => None,
        }),
        ColumnType::ListU32 => build!(ListBuilder::new(UInt32Builder::new()), cells, |c: &Cell| match c {
            Cell::ListU32(v) => Some(v.iter().copied().map(Some).collect::<Vec<_>>()),
            _ => None,
        }),
        ColumnType::ListF32 => build!(ListBuilder::new(Float32Builder::new()), cells, |c: &Cell| match c {
            Cell::ListF32(v) => Some(v.iter().copied().map(Some).collect::<Vec<_>>()),
            _ => None,
        }),
        ColumnType::ListMask => masks(cells)?,
    })
}

/// The columns of `rows`, in the table's order. A row of another length or a cell of another kind is a bug of ours.
pub(super) fn arrays_of(table: &'static Table, rows: &[Vec<Cell>]) -> Result<Vec<ArrayRef>> {
    if let Some(row) = rows.iter().find(|row| row.len() != table.columns.len()) {
        return Err(Fault::bug(table.name, "a row of another length than its table")
            .number("expected", table.columns.len() as i128)
            .number("found", row.len() as i128));
    }
    let column = |place: usize| {
        let cells = rows.iter().filter_map(|row| row.get(place));
        array_of(table.columns[place].kind, cells).ok_or_else(|| misfit(table, place))
    };
    (0..table.columns.len()).map(column).collect()
}

pub(super) fn parquet_fault(name: &str, error: &ParquetError) -> Fault {
    match error {
        ParquetError::External(inner) => match inner.downcast_ref::<std::io::Error>() {
            Some(io) => io_fault(name, io),
            None => Fault::environment("output", "a Parquet file could not be written or read", name),
        },
        _ => Fault::environment("output", "a Parquet file could not be written or read", format!("{name}: {error}")),
    }
}

/// A Parquet file being written: snappy, no clock, no host in it.
pub(super) struct ParquetFile {
    name: String,
    schema: SchemaRef,
    writer: ArrowWriter<OutFile>,
}

impl ParquetFile {
    pub(super) fn create(staging: &Staging, name: &str, schema: Schema) -> Result<Self> {
        let schema = Arc::new(schema);
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("voxmill version ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let writer = ArrowWriter::try_new(staging.file(name)?, schema.clone(), Some(properties))
            .map_err(|e| parquet_fault(name, &e))?;
        Ok(Self { name: name.to_owned(), schema, writer })
    }

    /// Writes the columns as one row group.
    pub(super) fn row_group(&mut self, columns: Vec<ArrayRef>) -> Result<()> {
        let batch = RecordBatch::try_new(self.schema.clone(), columns)
            .map_err(|_| Fault::bug("write/table", "columns that do not make a batch"))?;
        self.writer.write(&batch).and_then(|()| self.writer.flush()).map_err(|e| parquet_fault(&self.name, &e))
    }

    pub(super) fn close(self) -> Result<Staged> {
        self.writer.into_inner().map_err(|e| parquet_fault(&self.name, &e))?.close()
    }
}

/// A table being written to one Parquet file, a row group at a time.
pub struct TableFile {
    table: &'static Table,
    file: ParquetFile,
    waiting: Vec<Vec<Cell>>,
    waiting_bytes: usize,
    rows: u64,
}

impl TableFile {
    /// Begins the file `<dataset>/<name>`. A table without rows still has its columns.
    pub fn create(staging: &Staging, name: &str, table: &'static Table) -> Result<Self> {
        let file = ParquetFile::create(staging, name, schema_of(table))?;
        Ok(Self { table, file, waiting: Vec::new(), waiting_bytes: 0, rows: 0 })
    }

    /// Adds a row.
    pub fn row(&mut self, row: Clean<Vec<Cell>>) -> Result<()> {
        self.plain_row(row.into_inner())
    }

    /// Adds a row of this program's own making: counts, reasons, places of tensors.
    pub(super) fn plain_row(&mut self, row: Vec<Cell>) -> Result<()> {
        self.waiting_bytes += row.iter().map(bytes_of).sum::<usize>();
        self.waiting.push(row);
        self.rows += 1;
        if self.waiting.len() >= ROW_GROUP || self.waiting_bytes >= ROW_GROUP_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        if !self.waiting.is_empty() {
            self.file.row_group(arrays_of(self.table, &self.waiting)?)?;
            self.waiting.clear();
            self.waiting_bytes = 0;
        }
        Ok(())
    }

    /// Writes what waits and ends the file; the number of rows comes with it.
    pub fn close(mut self) -> Result<(Staged, u64)> {
        self.flush()?;
        Ok((self.file.close()?, self.rows))
    }
}

/// What a cell takes in memory, about.
fn bytes_of(cell: &Cell) -> usize {
    size_of::<Cell>()
        + match cell {
            Cell::Text(text) => text.len(),
            Cell::ListU32(list) => list.len() * 4,
            Cell::ListF32(list) => list.len() * 4,
            Cell::Masks(boxes) => boxes.len() * size_of::<MaskBox>(),
            _ => 0,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Class, Column};

    const fn column(name: &'static str, kind: ColumnType) -> Column {
        Column { name, kind, class: Class::Keep, doc: "A column." }
    }

    static TABLE: Table = Table {
        name: "t",
        folder: "",
        doc: "",
        columns: &[
            column("small", ColumnType::U8),
            column("half", ColumnType::F32),
            column("boxes", ColumnType::ListMask),
        ],
    };

    #[test]
    fn numbers_beyond_their_column_are_a_bug_not_a_wrap() {
        let row = |small| vec![Cell::U64(small), Cell::F64(0.5), Cell::Masks(Vec::new())];
        assert!(arrays_of(&TABLE, &[row(255)]).is_ok());
        let fault = arrays_of(&TABLE, &[row(255), row(256)]).unwrap_err();
        assert_eq!((fault.kind, fault.place), (crate::error::Kind::Bug, "small"));
        let fault = arrays_of(&TABLE, &[vec![Cell::Null]]).unwrap_err();
        assert_eq!(fault.numbers, [("expected", 3), ("found", 1)]);
    }

    #[test]
    fn null_is_not_an_empty_list() {
        let row = |boxes| vec![Cell::Null, Cell::Null, boxes];
        let columns = arrays_of(&TABLE, &[row(Cell::Null), row(Cell::Masks(Vec::new()))]).unwrap();
        assert_eq!(columns.iter().map(|c| c.null_count()).collect::<Vec<_>>(), [2, 2, 1]);
    }

    #[test]
    fn a_full_disk_is_seen_through_parquet() {
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        let fault = parquet_fault("x.parquet", &ParquetError::External(Box::new(full)));
        assert_eq!(fault.cause, "no space left for the output");
    }
}
