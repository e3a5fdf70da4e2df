//! What a format is to the rest of the room: a [`Sink`] takes tensors one by one and says where each lies.

use super::files::Staged;
use crate::error::{Fault, Reason, Result};
use crate::model::manifest::MANIFEST;
use crate::model::{Cell, Tensor};

/// Where a tensor lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Relative to the dataset.
    pub(crate) file: String,
    /// Name or index inside the file.
    pub(crate) name: String,
    /// First byte and number of bytes of the elements, if they lie in the file as they are.
    pub(crate) bytes: Option<(u64, u64)>,
}

/// A tensor on its way to a file.
pub(crate) struct Item<'a> {
    /// tensor_id: letters, digits, `-` and `_`, at most 90.
    pub(crate) key: &'a str,
    /// The array.
    pub(crate) tensor: &'a Tensor,
    /// Its manifest row, without the place.
    pub(crate) row: &'a [Cell],
}

/// One open output of one split of a part.
pub(crate) trait Sink: Send {
    /// Takes a tensor.
    fn put(&mut self, item: &Item<'_>) -> Result<()>;
    /// Places that have become known since the last call, in the order of `put`.
    fn places(&mut self) -> Vec<Place>;
    /// Ends the files: the remaining places, and the files that wait for their names.
    fn close(self: Box<Self>) -> Result<(Vec<Place>, Vec<Staged>)>;
}

/// Manifest columns that say where a tensor lies: not repeated beside the tensor.
pub(crate) const PLACE_COLUMNS: [&str; 4] = ["tensor_file", "tensor_name", "offset", "length"];

/// The manifest columns that travel beside the tensor, with their positions.
pub(crate) fn side_columns() -> impl Iterator<Item = (usize, &'static crate::model::Column)> {
    MANIFEST.columns.iter().enumerate().filter(|(_, column)| !PLACE_COLUMNS.contains(&column.name))
}

/// The fault of a tensor that does not fit the tensors before it: it becomes a reject.
pub(crate) fn other_shape(first: [u32; 3], found: [u32; 3]) -> Fault {
    let [c, h, w] = first.map(i128::from);
    let [own_c, own_h, own_w] = found.map(i128::from);
    Fault::input(
        Reason::OtherShape,
        "output.format",
        "this format needs all tensors of a file to have one shape and type",
    )
    .number("expected_channels", c)
    .number("expected_rows", h)
    .number("expected_columns", w)
    .number("found_channels", own_c)
    .number("found_rows", own_h)
    .number("found_columns", own_w)
    .remedy("set [image] size and channels, or choose webdataset, safetensors or parquet-hf")
}

/// `value` of a column as JSON, for the side file and for lists; `None` if it is null.
pub(crate) fn json_of(cell: &Cell, single: bool) -> Option<serde_json::Value> {
    use serde_json::{Value, json};
    let number = |v: f64| {
        // A 32-bit value is written with the digits that give it back, not with those of its 64-bit neighbour.
        let v = if single { (v as f32).to_string().parse().unwrap_or(v) } else { v };
        serde_json::Number::from_f64(v).map(Value::Number)
    };
    Some(match cell {
        Cell::Null => return None,
        Cell::Text(text) => json!(text),
        Cell::Bool(truth) => json!(truth),
        Cell::U64(v) => json!(v),
        Cell::I64(v) => json!(v),
        Cell::F64(v) => number(*v)?,
        Cell::Date(days) => json!(iso_date(*days)?),
        Cell::Timestamp(ms) => json!(chrono::DateTime::from_timestamp_millis(*ms)?.naive_utc().to_string()),
        Cell::ListU32(list) => json!(list),
        Cell::ListText(list) => json!(list),
        Cell::ListF32(list) => {
            Value::Array(list.iter().map(|&v| number(f64::from(v)).unwrap_or(Value::Null)).collect())
        }
        Cell::Masks(boxes) => {
            boxes.iter().map(|b| json!({"x": b.x, "y": b.y, "w": b.w, "h": b.h, "reason": b.reason})).collect::<Value>()
        }
    })
}

/// Days since 1970-01-01 as YYYY-MM-DD.
pub(crate) fn iso_date(days: i32) -> Option<String> {
    Some(chrono::NaiveDate::from_epoch_days(days)?.to_string())
}
