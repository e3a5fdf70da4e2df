//! The format `parquet-hf`: the column `tensor` is a list of lists of lists, which Hugging Face datasets gives back as
//! (C, H, W).

use super::parquet_tensors::Layout;
use arrow::array::{ArrayRef, ListArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field};
use std::collections::HashMap;
use std::sync::Arc;

pub(super) const LAYOUT: Layout = Layout { one_shape: false, field, array };

fn list(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(item, false)))
}

fn field(element: DataType, _: [u32; 3]) -> Field {
    Field::new("tensor", list(list(list(element))), false)
        .with_metadata(HashMap::from([("description".to_owned(), "Channels, height, width.".to_owned())]))
}

fn array(values: ArrayRef, shapes: &[[u32; 3]], _: &Field) -> Option<ArrayRef> {
    // Inside out: rows of w elements, channels of h rows, tensors of c channels.
    let repeat = |n: u32, times: u64| std::iter::repeat_n(n as usize, times as usize);
    let rows = shapes.iter().flat_map(|&[c, h, w]| repeat(w, u64::from(c) * u64::from(h)));
    let channels = shapes.iter().flat_map(|&[c, h, _]| repeat(h, u64::from(c)));
    let tensors = shapes.iter().map(|&[c, _, _]| c as usize);
    let wrap = |offsets: OffsetBuffer<i32>, values: ArrayRef| {
        let item = Arc::new(Field::new_list_field(values.data_type().clone(), false));
        ListArray::try_new(item, offsets, values, None).ok().map(|list| Arc::new(list) as ArrayRef)
    };
    let values = wrap(OffsetBuffer::from_lengths(rows), values)?;
    let values = wrap(OffsetBuffer::from_lengths(channels), values)?;
    wrap(OffsetBuffer::from_lengths(tensors), values)
}
