//! The values of one column of a batch: kept by type, one behind the other.

use crate::model::{Cell, ColumnType};

/// The values of one column; `None` and an unset place in `there` are nulls.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Texts, one behind the other.
    Text {
        /// All of them.
        bytes: Vec<u8>,
        /// Where each ends.
        ends: Vec<i32>,
        /// Whether each is there.
        there: Vec<bool>,
    },
    /// Truths.
    Bool(Vec<Option<bool>>),
    /// Unsigned integers of any width.
    U64(Vec<Option<u64>>),
    /// Floats of any width.
    F64(Vec<Option<f64>>),
    /// Days since 1970-01-01.
    Date(Vec<Option<i32>>),
    /// Milliseconds since 1970-01-01T00:00.
    Timestamp(Vec<Option<i64>>),
    /// Anything else: lists.
    Cells(Vec<Cell>),
}

impl Values {
    pub(super) fn of(kind: ColumnType, rows: usize, bytes: usize) -> Self {
        match kind {
            ColumnType::Text => Values::Text {
                bytes: Vec::with_capacity(bytes),
                ends: Vec::with_capacity(rows),
                there: Vec::with_capacity(rows),
            },
            ColumnType::Bool => Values::Bool(Vec::with_capacity(rows)),
            ColumnType::U8 | ColumnType::U32 | ColumnType::U64 => Values::U64(Vec::with_capacity(rows)),
            ColumnType::F32 | ColumnType::F64 => Values::F64(Vec::with_capacity(rows)),
            ColumnType::Date32 => Values::Date(Vec::with_capacity(rows)),
            ColumnType::TimestampMs => Values::Timestamp(Vec::with_capacity(rows)),
            _ => Values::Cells(Vec::new()),
        }
    }

    pub(super) fn text(&mut self, text: Option<&str>) -> bool {
        let Values::Text { bytes, ends, there } = self else { return false };
        bytes.extend_from_slice(text.unwrap_or_default().as_bytes());
        ends.push(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
        there.push(text.is_some());
        true
    }

    /// Puts a cell behind the others; false if it does not fit.
    pub(super) fn cell(&mut self, cell: Cell) -> bool {
        match (self, cell) {
            (column @ Values::Text { .. }, Cell::Null) => column.text(None),
            (column @ Values::Text { .. }, Cell::Text(text)) => column.text(Some(&text)),
            (Values::Bool(all), Cell::Null) => push(all, None),
            (Values::Bool(all), Cell::Bool(truth)) => push(all, Some(truth)),
            (Values::U64(all), Cell::Null) => push(all, None),
            (Values::U64(all), Cell::U64(number)) => push(all, Some(number)),
            (Values::F64(all), Cell::Null) => push(all, None),
            (Values::F64(all), Cell::F64(number)) => push(all, Some(number)),
            (Values::F64(all), Cell::U64(number)) => push(all, Some(number as f64)),
            (Values::Date(all), Cell::Null) => push(all, None),
            (Values::Date(all), Cell::Date(days)) => push(all, Some(days)),
            (Values::Timestamp(all), Cell::Null) => push(all, None),
            (Values::Timestamp(all), Cell::Timestamp(ms)) => push(all, Some(ms)),
            (Values::Cells(all), cell) => {
                all.push(cell);
                true
            }
            _ => false,
        }
    }

    pub(super) fn append(&mut self, other: &mut Values) {
        match (self, other) {
            (Values::Text { bytes, ends, there }, Values::Text { bytes: more, ends: further, there: also }) => {
                let base = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
                bytes.append(more);
                ends.extend(further.iter().map(|end| base.saturating_add(*end)));
                there.append(also);
            }
            (Values::Bool(all), Values::Bool(more)) => all.append(more),
            (Values::U64(all), Values::U64(more)) => all.append(more),
            (Values::F64(all), Values::F64(more)) => all.append(more),
            (Values::Date(all), Values::Date(more)) => all.append(more),
            (Values::Timestamp(all), Values::Timestamp(more)) => all.append(more),
            (Values::Cells(all), Values::Cells(more)) => all.append(more),
            // Two batches of one table have the same columns.
            _ => {}
        }
    }

    /// Puts texts behind the others row by row: `told` says what a row shares with others; where it says nothing, the row has
    /// the next of its `own`. Columns of other types have their own only.
    pub(super) fn interleave<'t>(&mut self, mut own: Values, told: impl Iterator<Item = Option<Option<&'t str>>>) {
        let (Values::Text { .. }, Values::Text { bytes: more, ends: further, there: also }) = (&*self, &own) else {
            return self.append(&mut own);
        };
        let (mut start, mut owned) = (0, further.iter().zip(also));
        for shared in told {
            match shared {
                Some(text) => _ = self.text(text),
                None => {
                    let Some((end, there)) = owned.next() else { return };
                    let text = more.get(start..*end as usize).and_then(|text| std::str::from_utf8(text).ok());
                    self.text(text.filter(|_| *there));
                    start = *end as usize;
                }
            }
        }
    }

    /// The values from a row on, taken out.
    pub(super) fn split_off(&mut self, at: usize) -> Values {
        match self {
            Values::Text { bytes, ends, there } => {
                let base = at.checked_sub(1).and_then(|last| ends.get(last)).copied().unwrap_or(0);
                let mut rest = ends.split_off(at);
                rest.iter_mut().for_each(|end| *end -= base);
                Values::Text { bytes: bytes.split_off(base as usize), ends: rest, there: there.split_off(at) }
            }
            Values::Bool(all) => Values::Bool(all.split_off(at)),
            Values::U64(all) => Values::U64(all.split_off(at)),
            Values::F64(all) => Values::F64(all.split_off(at)),
            Values::Date(all) => Values::Date(all.split_off(at)),
            Values::Timestamp(all) => Values::Timestamp(all.split_off(at)),
            Values::Cells(all) => Values::Cells(all.split_off(at)),
        }
    }

    /// The text of a row; `None` if there is none.
    pub fn text_at(&self, row: usize) -> Option<&str> {
        let Values::Text { bytes, ends, there } = self else { return None };
        let start = row.checked_sub(1).map_or(Some(&0), |before| ends.get(before))?;
        let text = bytes.get(*start as usize..*ends.get(row)? as usize)?;
        std::str::from_utf8(text).ok().filter(|_| there.get(row) == Some(&true))
    }
}

fn push<T>(all: &mut Vec<T>, value: T) -> bool {
    all.push(value);
    true
}
