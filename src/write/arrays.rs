//! From a [`Table`] and its rows to Arrow arrays. Writing them is in `table`, reading back in `reread`.

use crate::error::{Fault, Result};
use crate::model::batch::{Batch, Values};
use crate::model::{Cell, ColumnType, MaskBox, Table};
use arrow::array::{
    ArrayRef, BooleanArray, BooleanBuilder, Date32Array, Date32Builder, Float32Array, Float32Builder, Float64Array,
    Float64Builder, Int64Builder, ListBuilder, StringArray, StringBuilder, StructBuilder, TimestampMillisecondArray,
    TimestampMillisecondBuilder, UInt8Array, UInt8Builder, UInt32Array, UInt32Builder, UInt64Array, UInt64Builder,
};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field, Fields, Schema, TimeUnit};
use std::collections::HashMap;
use std::sync::Arc;

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
        ColumnType::ListText => list(DataType::Utf8),
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
        ColumnType::ListText => "list<string>",
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
        ColumnType::ListText => build!(ListBuilder::new(StringBuilder::new()), cells, |c: &Cell| match c {
            Cell::ListText(v) => Some(v.iter().cloned().map(Some).collect::<Vec<_>>()),
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

/// The columns of a batch, in its table's order.
pub(super) fn arrays_of_batch(batch: Batch) -> Result<Vec<ArrayRef>> {
    let (table, rows) = (batch.table(), batch.rows());
    let columns = batch.into_columns().into_iter().enumerate();
    let arrays = columns.map(|(place, values)| {
        let kind = table.columns.get(place).map(|column| column.kind);
        let array = kind.and_then(|kind| array_of_values(kind, values));
        array.filter(|array| array.len() == rows).ok_or_else(|| misfit(table, place))
    });
    arrays.collect()
}

/// One column of a batch; `None` if its values are not of the column's kind.
fn array_of_values(kind: ColumnType, values: Values) -> Option<ArrayRef> {
    /// Numbers as a narrower type; `None` if one does not fit.
    fn narrow<T, U: TryFrom<T>>(values: Vec<Option<T>>) -> Option<Vec<Option<U>>> {
        values.into_iter().map(|value| value.map_or(Some(None), |value| U::try_from(value).ok().map(Some))).collect()
    }
    Some(match (kind, values) {
        (ColumnType::Text, Values::Text { bytes, ends, there }) => {
            let mut offsets = Vec::with_capacity(ends.len() + 1);
            offsets.push(0);
            offsets.extend(ends);
            if offsets.windows(2).any(|pair| pair[0] > pair[1]) {
                return None;
            }
            let nulls = there.contains(&false).then(|| NullBuffer::from(there));
            let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
            Arc::new(StringArray::try_new(offsets, Buffer::from_vec(bytes), nulls).ok()?)
        }
        (ColumnType::Bool, Values::Bool(values)) => Arc::new(BooleanArray::from(values)),
        (ColumnType::U8, Values::U64(values)) => Arc::new(UInt8Array::from(narrow::<_, u8>(values)?)),
        (ColumnType::U32, Values::U64(values)) => Arc::new(UInt32Array::from(narrow::<_, u32>(values)?)),
        (ColumnType::U64, Values::U64(values)) => Arc::new(UInt64Array::from(values)),
        (ColumnType::F32, Values::F64(values)) => {
            Arc::new(values.into_iter().map(|value| value.map(|value| value as f32)).collect::<Float32Array>())
        }
        (ColumnType::F64, Values::F64(values)) => Arc::new(Float64Array::from(values)),
        (ColumnType::Date32, Values::Date(values)) => Arc::new(Date32Array::from(values)),
        (ColumnType::TimestampMs, Values::Timestamp(values)) => Arc::new(TimestampMillisecondArray::from(values)),
        (kind, Values::Cells(cells)) => array_of(kind, cells.iter())?,
        _ => return None,
    })
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
    fn a_batch_has_the_arrays_of_its_rows() {
        let row = |small: Cell, half: Cell, boxes: Cell| vec![small, half, boxes];
        let rows = [
            row(Cell::U64(255), Cell::F64(0.5), Cell::Masks(Vec::new())),
            row(Cell::Null, Cell::Null, Cell::Null),
            row(Cell::U64(0), Cell::F64(-1.0), Cell::Null),
        ];
        let mut batch = Batch::new(&TABLE);
        for row in &rows {
            row.iter().enumerate().for_each(|(place, cell)| assert!(batch.cell(place, cell.clone())));
            batch.end_row(None);
        }
        assert_eq!(arrays_of_batch(batch).unwrap(), arrays_of(&TABLE, &rows).unwrap());
        let mut beyond = Batch::new(&TABLE);
        beyond.cell(0, Cell::U64(256));
        beyond.cell(1, Cell::Null);
        beyond.cell(2, Cell::Null);
        beyond.end_row(None);
        assert_eq!(arrays_of_batch(beyond).unwrap_err().place, "small");
    }

    #[test]
    fn null_is_not_an_empty_list() {
        let row = |boxes| vec![Cell::Null, Cell::Null, boxes];
        let columns = arrays_of(&TABLE, &[row(Cell::Null), row(Cell::Masks(Vec::new()))]).unwrap();
        assert_eq!(columns.iter().map(|c| c.null_count()).collect::<Vec<_>>(), [2, 2, 1]);
    }
}
