//! What rows that are alike say in the columns that they share.

use crate::model::{ColumnType, Table};

/// The texts of the columns that rows of a table share.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// By place; `None` for a column that is each row's own, `Some(None)` for a null.
    texts: Vec<Option<Option<Box<str>>>>,
    bytes: usize,
}

impl Told {
    /// One value for each column of the table, `None` for those that rows have for themselves; `None` if a column that is no
    /// text is shared.
    pub fn new(table: &Table, texts: Vec<Option<Option<Box<str>>>>) -> Option<Self> {
        let mut columns = table.columns.iter().zip(&texts);
        if columns.any(|(column, text)| text.is_some() && column.kind != ColumnType::Text) {
            return None;
        }
        let bytes = texts.iter().flatten().flatten().map(|text| text.len()).sum();
        Some(Self { texts, bytes })
    }

    /// What rows share in a column, if they do.
    pub fn at(&self, column: usize) -> Option<Option<&str>> {
        self.texts.get(column)?.as_ref().map(|text| text.as_deref())
    }

    /// Bytes of the texts.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}
