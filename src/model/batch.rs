//! Rows of one table on their way to a file, column by column: a text is appended to the texts before it, not kept by itself.

mod told;
mod values;

pub use told::Told;
pub use values::Values;

use super::{Cell, PatientKey, Split, Table};
use std::sync::Arc;

/// Rows that a batch holds at most, and bytes of text after which it is full.
pub const MOST_ROWS: usize = 1 << 15;
/// See [`MOST_ROWS`].
pub const MOST_BYTES: usize = 16 << 20;

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
    /// What rows share with others; their columns have no value of such a row.
    told: Vec<Arc<Told>>,
    /// By row: which of these, from 1, or 0 for a row that shares nothing. Empty if none does.
    codes: Vec<u16>,
    /// That of the row that is being made.
    code: u16,
}

/// How long the columns of a batch became: what the next one of its table may need.
#[derive(Clone, Debug, Default)]
pub struct Room {
    rows: usize,
    /// Bytes of text, by column.
    texts: Vec<usize>,
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
        let (columns, whose) = (columns.collect(), Vec::with_capacity(room.rows));
        Self { table, rows: 0, bytes: 0, columns, whose, told: Vec::new(), codes: Vec::new(), code: 0 }
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

    /// The columns in the table's order, each as long as there are rows that do not share it.
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

    /// The row that is being made has these columns in common with others: they get no value of their own.
    pub fn share(&mut self, told: &Arc<Told>) {
        self.bytes += told.bytes();
        let known = self.told.iter().rposition(|held| Arc::ptr_eq(held, told));
        match known.map_or_else(|| u16::try_from(self.told.len() + 1).ok(), |place| u16::try_from(place + 1).ok()) {
            Some(code) => {
                if known.is_none() {
                    self.told.push(Arc::clone(told));
                    self.codes.resize(self.rows, 0);
                }
                self.code = code;
            }
            // More than a batch numbers: the row has them for itself.
            None => self.columns.iter_mut().enumerate().for_each(|(place, values)| {
                if let Some(text) = told.at(place) {
                    values.text(text);
                }
            }),
        }
    }

    /// The row that was being made is one; every column has had its value.
    pub fn end_row(&mut self, person: Option<(&PatientKey, Split)>) {
        if !self.told.is_empty() {
            self.codes.push(std::mem::take(&mut self.code));
        }
        self.rows += 1;
        match self.whose.last_mut() {
            Some(last) if last.person.as_ref().map(|(key, _)| key) == person.map(|(key, _)| key) => last.rows += 1,
            _ => self.whose.push(Whose { person: person.map(|(key, split)| (*key, split)), rows: 1 }),
        }
    }

    /// What the first rows share, one after the other.
    fn shared(&self, rows: usize) -> impl Iterator<Item = &Told> {
        let told = |code: &u16| usize::from(*code).checked_sub(1).and_then(|place| self.told.get(place));
        self.codes.iter().take(rows).filter_map(told).map(|told| &**told)
    }

    /// How many of the first rows have a value of their own in a column.
    fn own(&self, column: usize, rows: usize) -> usize {
        rows - self.shared(rows).filter(|told| told.at(column).is_some()).count()
    }

    /// Bytes of the texts of the first rows.
    fn bytes_of(&self, rows: usize) -> usize {
        let end = |(place, values): (usize, &Values)| match (values, self.own(place, rows).checked_sub(1)) {
            (Values::Text { ends, .. }, Some(last)) => ends.get(last).map_or(0, |end| *end as usize),
            _ => 0,
        };
        self.columns.iter().enumerate().map(end).sum::<usize>() + self.shared(rows).map(Told::bytes).sum::<usize>()
    }

    /// The rows behind those that fill a batch together with `rows` rows and `bytes` bytes of text before them, taken out;
    /// `None` if they do not fill one. Where it is cut follows from the rows, not from how they came here.
    pub fn overflow(&mut self, rows: usize, bytes: usize) -> Option<Batch> {
        if rows + self.rows < MOST_ROWS && bytes + self.bytes < MOST_BYTES {
            return None;
        }
        let (mut low, mut high) = (1, self.rows.min(MOST_ROWS.saturating_sub(rows)));
        if bytes + self.bytes < MOST_BYTES {
            // It is the rows alone that fill it.
            low = high;
        }
        while low < high {
            let middle = low.midpoint(high);
            if bytes + self.bytes_of(middle) >= MOST_BYTES { high = middle } else { low = middle + 1 }
        }
        let at = low;
        let bytes = self.bytes_of(at);
        let own: Vec<usize> = (0..self.columns.len()).map(|column| self.own(column, at)).collect();
        let columns = self.columns.iter_mut().zip(own).map(|(values, at)| values.split_off(at)).collect();
        let codes = if self.codes.is_empty() { Vec::new() } else { self.codes.split_off(at) };
        let rest = Batch {
            table: self.table,
            rows: self.rows - at,
            bytes: self.bytes - bytes,
            columns,
            whose: Vec::new(),
            told: self.told.clone(),
            codes,
            code: 0,
        };
        (self.rows, self.bytes) = (at, bytes);
        self.whose.clear();
        Some(rest)
    }

    /// Batches of one table behind each other as one, in which every column has a value of every row. Whose the rows are is
    /// not in it. `None` if there are none.
    pub fn join(pieces: Vec<Batch>) -> Option<Batch> {
        let table = pieces.first()?.table;
        let rows = pieces.iter().map(|piece| piece.rows).sum();
        let text = |piece: &Batch, place: usize| match piece.columns.get(place) {
            Some(Values::Text { bytes, .. }) => {
                bytes.len() + piece.shared(piece.rows).filter_map(|told| told.at(place)?).map(str::len).sum::<usize>()
            }
            _ => 0,
        };
        let texts = (0..table.columns.len()).map(|place| pieces.iter().map(|piece| text(piece, place)).sum()).collect();
        let mut all = Batch::with(table, &Room { rows, texts });
        pieces.into_iter().for_each(|piece| all.append(piece));
        Some(all)
    }

    /// Puts the rows of another batch of the same table behind these, which share nothing.
    fn append(&mut self, mut other: Batch) {
        self.rows += other.rows;
        self.bytes += other.bytes;
        let columns = std::mem::take(&mut other.columns);
        for (place, (all, mut more)) in self.columns.iter_mut().zip(columns).enumerate() {
            if other.told.iter().any(|told| told.at(place).is_some()) {
                let texts: Vec<_> = std::iter::once(None).chain(other.told.iter().map(|told| told.at(place))).collect();
                all.interleave(more, other.codes.iter().map(|code| texts.get(usize::from(*code)).copied().flatten()));
            } else {
                all.append(&mut more);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Class, Column, ColumnType};

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
        let pieces = vec![batch(&[Some("ab"), None, Some("")], "P1"), batch(&[Some("cde")], "P2")];
        assert_eq!(pieces[0].whose().iter().map(|whose| whose.rows).collect::<Vec<_>>(), [3]);
        let all = Batch::join(pieces).unwrap();
        let texts: Vec<_> = (0..5).map(|row| all.columns()[0].text_at(row)).collect();
        assert_eq!(texts, [Some("ab"), None, Some(""), Some("cde"), None]);
        assert_eq!((all.rows(), all.bytes()), (4, 5));
    }

    #[test]
    fn a_batch_is_cut_where_it_is_full_however_it_was_filled() {
        let word = "x".repeat(MOST_BYTES / 4);
        let words = [None, Some("ab"), Some(&*word), Some(&*word), Some(&*word), Some(&*word), Some("c"), None];
        // 2 + 3 x a quarter is less than the whole, 2 + 4 x a quarter is more: the sixth row fills it.
        let mut whole = batch(&words, "P1");
        let mut pieces = Batch::join(vec![batch(&words[..3], "P1"), batch(&words[3..], "P1")]).unwrap();
        let mut last = batch(&words[3..], "P1");
        assert_eq!(last.overflow(3, 2 + MOST_BYTES / 4).map(|rest| (last.rows(), rest.rows())), Some((3, 2)));
        for full in [&mut whole, &mut pieces] {
            let rest = full.overflow(0, 0).unwrap();
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
        assert_eq!((rows.overflow(0, 0).map(|rest| rest.rows()), rows.rows()), (Some(3), MOST_ROWS));
        let mut behind = batch(&none[..5], "P1");
        assert_eq!((behind.overflow(MOST_ROWS - 2, 0).map(|rest| rest.rows()), behind.rows()), (Some(3), 2));
        assert_eq!(batch(&[Some("a")], "P1").overflow(0, 0), None);
    }

    #[test]
    fn rows_that_share_columns_are_the_rows_that_have_them_for_themselves() {
        let told = |text: Option<&str>| Arc::new(Told::new(&TABLE, vec![Some(text.map(Into::into)), None]).unwrap());
        let (one, other) = (told(Some("ab")), told(None));
        let words = [Some("x"), Some("ab"), None, Some("yz"), None, Some("ab"), Some("")];
        // Rows 1 and 5 share the one, row 2 shares the other; row 4 has no text of its own.
        let mut sharing = Batch::new(&TABLE);
        for (row, word) in words.iter().enumerate() {
            match row {
                1 | 5 => sharing.share(&one),
                2 => sharing.share(&other),
                _ => assert!(sharing.cell(0, word.map_or(Cell::Null, |word| Cell::Text(word.to_owned())))),
            }
            assert!(sharing.cell(1, Cell::U64(1)));
            sharing.end_row(Some((&PatientKey::new("P1").unwrap(), Split::Train)));
        }
        let plain = batch(&words, "P1");
        assert_eq!((sharing.rows(), sharing.bytes()), (plain.rows(), plain.bytes()));
        assert_eq!((0..=7).map(|n| sharing.bytes_of(n)).collect::<Vec<_>>(), [0, 1, 3, 3, 5, 5, 7, 7]);
        let joined = Batch::join(vec![sharing.clone(), plain.clone()]).unwrap();
        assert_eq!(joined, Batch::join(vec![plain.clone(), plain.clone()]).unwrap());
        // Cut at every row.
        for at in 1..7 {
            let mut first = sharing.clone();
            let rest = first.overflow(MOST_ROWS - at, 0).unwrap();
            assert_eq!((first.rows(), rest.rows(), first.bytes() + rest.bytes()), (at, 7 - at, 7));
            assert_eq!(Batch::join(vec![first, rest]), Batch::join(vec![plain.clone()]));
        }
        assert!(Told::new(&TABLE, vec![None, Some(None)]).is_none(), "a number is no text");
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let mut batch = Batch::new(&TABLE);
        assert!(!batch.text(1, "x") && !batch.cell(1, Cell::Bool(true)) && !batch.cell(2, Cell::Null));
    }
}
