//! Rows of one table on their way to a file, column by column: a text is appended to the texts before it, not kept by itself.

use super::{Cell, ColumnType, PatientKey, Split, Table};

/// Rows that a batch holds at most, and bytes of text after which it is full.
pub const MOST_ROWS: usize = 10_000;
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

impl Values {
    fn of(kind: ColumnType) -> Self {
        match kind {
            ColumnType::Text => Values::Text { bytes: Vec::new(), ends: Vec::new(), there: Vec::new() },
            ColumnType::Bool => Values::Bool(Vec::new()),
            ColumnType::U8 | ColumnType::U32 | ColumnType::U64 => Values::U64(Vec::new()),
            ColumnType::F32 | ColumnType::F64 => Values::F64(Vec::new()),
            ColumnType::Date32 => Values::Date(Vec::new()),
            ColumnType::TimestampMs => Values::Timestamp(Vec::new()),
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
        let columns = table.columns.iter().map(|column| Values::of(column.kind)).collect();
        Self { table, rows: 0, bytes: 0, columns, whose: Vec::new() }
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
            _ => self.whose.push(Whose { person: person.map(|(key, split)| (key.clone(), split)), rows: 1 }),
        }
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
            batch.end_row(Some((&PatientKey(person.to_owned()), Split::Train)));
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
    fn what_does_not_fit_is_said() {
        let mut batch = Batch::new(&TABLE);
        assert!(!batch.text(1, "x") && !batch.cell(1, Cell::Bool(true)) && !batch.cell(2, Cell::Null));
    }
}
