//! What the two Parquet formats share: rows of manifest columns with a column `tensor`, written in row groups bounded
//! by bytes. How the column is laid out is in `parquet_hf` and `parquet_ray`. Row i of a data file belongs to row i
//! of the manifest file of the same split and part; `tensor_name` is that i.

use super::arrays::{arrays_of, schema_of};
use super::files::{Staged, Staging};
use super::place::{Item, Place, Sink, other_shape, side_columns};
use super::table::ParquetFile;
use crate::error::{Fault, Result};
use crate::model::manifest::MANIFEST;
use crate::model::{Cell, DType};
use arrow::array::{ArrayRef, Float16Array, Float32Array, UInt8Array, UInt16Array};
use arrow::buffer::{Buffer, MutableBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field, Schema};
use std::sync::Arc;

/// Bytes of tensors after which a row group ends.
const ROW_GROUP_BYTES: usize = 16 << 20;

/// How the column `tensor` lies.
pub(super) struct Layout {
    /// Whether all tensors of a file must have one shape.
    pub(super) one_shape: bool,
    /// The field, for the first tensor's shape.
    pub(super) field: fn(DataType, [u32; 3]) -> Field,
    /// The array over all elements of a row group.
    pub(super) array: fn(ArrayRef, &[[u32; 3]], &Field) -> Option<ArrayRef>,
}

struct Open {
    file: ParquetFile,
    field: Field,
    dtype: DType,
    first: [u32; 3],
}

/// The sink.
pub(super) struct Rows {
    staging: Arc<Staging>,
    name: String,
    layout: Layout,
    open: Option<Open>,
    rows: Vec<Vec<Cell>>,
    shapes: Vec<[u32; 3]>,
    elements: MutableBuffer,
    count: u64,
    places: Vec<Place>,
}

impl Rows {
    pub(super) fn new(staging: Arc<Staging>, stem: String, layout: Layout) -> Self {
        let name = format!("{stem}.parquet");
        let (rows, shapes, places) = (Vec::new(), Vec::new(), Vec::new());
        Self { staging, name, layout, open: None, rows, shapes, elements: MutableBuffer::new(0), count: 0, places }
    }

    fn flush(&mut self) -> Result<()> {
        let Some(open) = self.open.as_mut().filter(|_| !self.rows.is_empty()) else { return Ok(()) };
        let elements = std::mem::replace(&mut self.elements, MutableBuffer::new(0));
        let values = values_of(open.dtype, elements);
        let tensors = (self.layout.array)(values, &self.shapes, &open.field)
            .ok_or_else(|| Fault::bug("write/parquet", "tensors that do not make a column"))?;
        let all = arrays_of(&MANIFEST, &self.rows)?;
        let mut columns: Vec<ArrayRef> = side_columns().filter_map(|(place, _)| all.get(place).cloned()).collect();
        columns.push(tensors);
        self.rows.clear();
        self.shapes.clear();
        open.file.row_group(columns)
    }
}

/// The element type in Arrow.
fn element_type(dtype: DType) -> DataType {
    match dtype {
        DType::F32 => DataType::Float32,
        DType::F16 => DataType::Float16,
        DType::U8 => DataType::UInt8,
        DType::U16 => DataType::UInt16,
    }
}

/// Elements as an Arrow array, without a copy: the buffer is aligned for any of them.
fn values_of(dtype: DType, elements: MutableBuffer) -> ArrayRef {
    let buffer = Buffer::from(elements);
    match dtype {
        DType::F32 => Arc::new(Float32Array::new(ScalarBuffer::from(buffer), None)),
        DType::F16 => Arc::new(Float16Array::new(ScalarBuffer::from(buffer), None)),
        DType::U8 => Arc::new(UInt8Array::new(ScalarBuffer::from(buffer), None)),
        DType::U16 => Arc::new(UInt16Array::new(ScalarBuffer::from(buffer), None)),
    }
}

impl Sink for Rows {
    fn put(&mut self, item: &Item<'_>) -> Result<()> {
        let (dtype, shape) = (item.tensor.dtype, item.tensor.shape());
        let bytes = item.tensor.data.len();
        if i32::try_from(bytes).is_err() {
            // Arrow's lists count in 32 bits.
            return Err(Fault::config("output.format", "a tensor too large for a Parquet list", "")
                .number("limit_bytes", i32::MAX)
                .number("found_bytes", bytes as i128)
                .remedy("set a size with resize, or choose webdataset or safetensors"));
        }
        if self.elements.len() + bytes > ROW_GROUP_BYTES {
            self.flush()?;
        }
        let open = match &mut self.open {
            Some(open) => open,
            closed => {
                let field = (self.layout.field)(element_type(dtype), shape);
                let schema = schema_of(&MANIFEST);
                let mut fields: Vec<_> = side_columns().map(|(place, _)| schema.field(place).clone()).collect();
                fields.push(field.clone());
                let file = ParquetFile::create(&self.staging, &self.name, Schema::new(fields))?;
                closed.insert(Open { file, field, dtype, first: shape })
            }
        };
        if open.dtype != dtype || (self.layout.one_shape && open.first != shape) {
            return Err(other_shape(open.first, shape));
        }
        self.elements.extend_from_slice(&item.tensor.data);
        self.shapes.push(shape);
        self.rows.push(item.row.to_vec());
        self.places.push(Place { file: self.name.clone(), name: self.count.to_string(), bytes: None });
        self.count += 1;
        Ok(())
    }

    fn places(&mut self) -> Vec<Place> {
        std::mem::take(&mut self.places)
    }

    fn close(mut self: Box<Self>) -> Result<(Vec<Place>, Vec<Staged>)> {
        self.flush()?;
        let mut files = Vec::new();
        if let Some(open) = self.open.take() {
            files.push(open.file.close()?);
        }
        Ok((self.places, files))
    }
}
