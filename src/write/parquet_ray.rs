//! The format `parquet-ray`: the column `tensor` has Arrow's canonical extension type `arrow.fixed_shape_tensor`, a
//! fixed-size list with its shape in the metadata, which Ray Data and pyarrow give back as (C, H, W).

use super::parquet_tensors::Layout;
use arrow::array::{ArrayRef, FixedSizeListArray};
use arrow::datatypes::{DataType, Field};
use std::collections::HashMap;
use std::sync::Arc;

pub(super) const LAYOUT: Layout = Layout { one_shape: true, field, array };

fn field(element: DataType, shape: [u32; 3]) -> Field {
    let [c, h, w] = shape;
    // A tensor's bytes were checked to fit 31 bits.
    let size = (u64::from(c) * u64::from(h) * u64::from(w)) as i32;
    // The elements are called nullable because the extension type's own storage is: with `not null` pyarrow 26 reads a
    // plain list.
    let kind = DataType::FixedSizeList(Arc::new(Field::new_list_field(element, true)), size);
    let metadata = [
        ("ARROW:extension:name".to_owned(), "arrow.fixed_shape_tensor".to_owned()),
        ("ARROW:extension:metadata".to_owned(), format!("{{\"shape\":[{c},{h},{w}]}}")),
    ];
    Field::new("tensor", kind, false).with_metadata(HashMap::from(metadata))
}

fn array(values: ArrayRef, _: &[[u32; 3]], field: &Field) -> Option<ArrayRef> {
    let DataType::FixedSizeList(item, size) = field.data_type() else { return None };
    FixedSizeListArray::try_new(item.clone(), *size, values, None).ok().map(|list| Arc::new(list) as ArrayRef)
}
