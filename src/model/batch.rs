//! Rows of one table on their way to a file, column by column: a text is appended to the texts before it, not kept by itself.

use super::{Cell, ColumnType, PatientKey, Split, Table};

/// Rows that a batch holds at most, and bytes of text after which it is full.
pub const MOST_ROWS: usize = 1 << 15;
/// See [`MOST_ROWS`].
pub const MOST_BYTES: usize = 16 << 20;

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

/// Whose rows: a stretch of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Whose {
    /// The person; `None` for rows of nobody.
    pub person: Option<(PatientKey, Split)>,
    /// How many rows.
    pub rows: usize,
}

/// Rows of one table.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    table: &'static Table,
    rows: usize,
    bytes: usize,
    columns: Vec<Values>,
    whose: Vec<Whose>,
}

/// How long the columns of a batch became: what the next one of its table may need.
#[derive(Clone, Debug, Default)]
pub struct Room {
    rows: usize,
    /// Bytes of text, by column.
    texts: Vec<usize>,
}

impl Values {
    fn of(kind: ColumnType, rows: usize, bytes: usize) -> Self {
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

    fn text(&mut self, text: Option<&str>) -> bool {
        let Values::Text { bytes, ends, there } = self else { return false };
        bytes.extend_from_slice(text.unwrap_or_default().as_bytes());
        ends.push(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
        there.push(text.is_some());
        true
    }

    /// Puts a cell behind the others; false if it does not fit.
    fn cell(&mut self, cell: Cell) -> bool {
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

    fn append(&mut self, other: &mut Values) {
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

    /// The values from a row on, taken out.
    fn split_off(&mut self, at: usize) -> Values {
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

impl Batch {
    /// No rows yet.
    pub fn new(table: &'static Table) -> Self {
        Self::with(table, &Room::default())
    }

    /// No rows yet, and room for some.
    pub fn with(table: &'static Table, room: &Room) -> Self {
        let texts = room.texts.iter().copied().chain(std::iter::repeat(0));
        let columns = table.columns.iter().zip(texts).map(|(column, text)| Values::of(column.kind, room.rows, text));
        Self { table, rows: 0, bytes: 0, columns: columns.collect(), whose: Vec::with_capacity(room.rows) }
    }

    /// What the rows took, with an eighth of it to spare.
    pub fn room(&self) -> Room {
        let spare = |length: usize| length + length / 8;
        let text = |values: &Values| if let Values::Text { bytes, .. } = values { spare(bytes.len()) } else { 0 };
        Room { rows: spare(self.rows), texts: self.columns.iter().map(text).collect() }
    }

    /// Which table the rows are of.
    pub fn table(&self) -> &'static Table {
        self.table
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes of their texts.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether it is time for another one.
    pub fn is_full(&self) -> bool {
        self.rows >= MOST_ROWS || self.bytes >= MOST_BYTES
    }

    /// The columns in the table's order, each as long as there are rows.
    pub fn columns(&self) -> &[Values] {
        &self.columns
    }

    /// The columns, taken out.
    pub fn into_columns(self) -> Vec<Values> {
        self.columns
    }

    /// Whose the rows are, in their order.
    pub fn whose(&self) -> &[Whose] {
        &self.whose
    }

    /// Puts a text into a column of the row that is being made; false if the column is no text.
    pub fn text(&mut self, column: usize, text: &str) -> bool {
        self.bytes += text.len();
        self.columns.get_mut(column).is_some_and(|values| values.text(Some(text)))
    }

    /// Puts a cell into a column of the row that is being made; false if it does not fit.
    pub fn cell(&mut self, column: usize, cell: Cell) -> bool {
        if let Cell::Text(text) = &cell {
            self.bytes += text.len();
        }
        self.columns.get_mut(column).is_some_and(|values| values.cell(cell))
    }

    /// The row that was being made is one; every column has had its value.
    pub fn end_row(&mut self, person: Option<(&PatientKey, Split)>) {
        self.rows += 1;
        match self.whose.last_mut() {
            Some(last) if last.person.as_ref().map(|(key, _)| key) == person.map(|(key, _)| key) => last.rows += 1,
            _ => self.whose.push(Whose { person: person.map(|(key, split)| (*key, split)), rows: 1 }),
        }
    }

    /// Bytes of the texts of the first rows.
    fn bytes_of(&self, rows: usize) -> usize {
        let end = |values: &Values| match (values, rows.checked_sub(1)) {
            (Values::Text { ends, .. }, Some(last)) => ends.get(last).map_or(0, |end| *end as usize),
            _ => 0,
        };
        self.columns.iter().map(end).sum()
    }

    /// The rows behind those that fill a batch, taken out; `None` if it is not full. Where it is cut follows from the rows,
    /// not from how they came here.
    pub fn overflow(&mut self) -> Option<Batch> {
        if !self.is_full() {
            return None;
        }
        let (mut low, mut high) = (1, self.rows.min(MOST_ROWS));
        while low < high {
            let middle = low.midpoint(high);
            if self.bytes_of(middle) >= MOST_BYTES { high = middle } else { low = middle + 1 }
        }
        let at = low;
        let bytes = self.bytes_of(at);
        let columns = self.columns.iter_mut().map(|values| values.split_off(at)).collect();
        let rest =
            Batch { table: self.table, rows: self.rows - at, bytes: self.bytes - bytes, columns, whose: Vec::new() };
        (self.rows, self.bytes) = (at, bytes);
        self.whose.clear();
        Some(rest)
    }

    /// Puts the rows of another batch of the same table behind these.
    pub fn append(&mut self, mut other: Batch) {
        self.rows += other.rows;
        self.bytes += other.bytes;
        self.columns.iter_mut().zip(&mut other.columns).for_each(|(all, more)| all.append(more));
        self.whose.append(&mut other.whose);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Class, Column};

    const fn column(name: &'static str, kind: ColumnType) -> Column {
        Column { name, kind, class: Class::Keep, doc: "" }
    }

    static TABLE: Table = Table {
        name: "t",
        folder: "",
        doc: "",
        columns: &[column("word", ColumnType::Text), column("size", ColumnType::U32)],
    };

    fn batch(words: &[Option<&str>], person: &str) -> Batch {
        let mut batch = Batch::new(&TABLE);
        for word in words {
            assert!(match word {
                Some(word) => batch.text(0, word),
                None => batch.cell(0, Cell::Null),
            });
            assert!(batch.cell(1, Cell::U64(1)));
            batch.end_row(Some((&PatientKey::new(person).unwrap(), Split::Train)));
        }
        batch
    }

    #[test]
    fn batches_behind_each_other_are_one() {
        let mut all = batch(&[Some("ab"), None, Some("")], "P1");
        all.append(batch(&[Some("cde")], "P2"));
        let texts: Vec<_> = (0..5).map(|row| all.columns()[0].text_at(row)).collect();
        assert_eq!(texts, [Some("ab"), None, Some(""), Some("cde"), None]);
        assert_eq!((all.rows(), all.bytes()), (4, 5));
        assert_eq!(all.whose().iter().map(|whose| whose.rows).collect::<Vec<_>>(), [3, 1]);
    }

    #[test]
    fn a_batch_is_cut_where_it_is_full_however_it_was_filled() {
        let word = "x".repeat(MOST_BYTES / 4);
        let words = [None, Some("ab"), Some(&*word), Some(&*word), Some(&*word), Some(&*word), Some("c"), None];
        // 2 + 3 x a quarter is less than the whole, 2 + 4 x a quarter is more: the sixth row fills it.
        let mut whole = batch(&words, "P1");
        let mut pieces = batch(&words[..3], "P1");
        pieces.append(batch(&words[3..], "P1"));
        for full in [&mut whole, &mut pieces] {
            let rest = full.overflow().unwrap();
            assert_eq!((full.rows(), full.bytes(), rest.rows(), rest.bytes()), (6, 2 + MOST_BYTES, 2, 1));
            assert_eq!((full.columns()[0].text_at(1), full.columns()[0].text_at(6)), (Some("ab"), None));
            assert_eq!((rest.columns()[0].text_at(0), rest.columns()[0].text_at(1)), (Some("c"), None));
            assert_eq!(
                (&full.columns()[1], &rest.columns()[1]),
                (&Values::U64(vec![Some(1); 6]), &Values::U64(vec![Some(1); 2]))
            );
        }
        let none: Vec<Option<&str>> = vec![None; MOST_ROWS + 3];
        let mut rows = batch(&none, "P1");
        assert_eq!((rows.overflow().map(|rest| rest.rows()), rows.rows()), (Some(3), MOST_ROWS));
        assert_eq!(batch(&[Some("a")], "P1").overflow(), None);
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let mut batch = Batch::new(&TABLE);
        assert!(!batch.text(1, "x") && !batch.cell(1, Cell::Bool(true)) && !batch.cell(2, Cell::Null));
    }
}
