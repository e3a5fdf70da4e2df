//! EHR tables become sealed rows: CSV, TSV, JSON, Parquet, and DICOM metadata in JSON. A table is recognised by its column
//! names, or by the user's own mapping, and only columns that a layout asks for are read; docs/HL7.md lists them.

mod csv;
mod days;
mod dicom_json;
mod every;
mod json;
mod layouts;
mod mapping;
mod parquet;
mod plan;
mod records;

pub use every::every;
pub use mapping::{Mapping, Mappings};

use crate::error::{Fault, Result};
use crate::model::{SealedRow, Table};
use layouts::{LAYOUTS, REFUSED};
use plan::find_layout;

/// A record that is not a row.
#[derive(Clone, Debug, PartialEq)]
pub struct BadRecord {
    /// Its number, from 1; the header row does not count.
    pub record: u64,
    /// Where it begins, in bytes (for UTF-16 in those of the text in UTF-8); in Parquet its row, from 0.
    pub offset: u64,
    /// Why.
    pub fault: Fault,
}

/// What became of a table: `records = rows + rejects`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records after the header row.
    pub records: u64,
    /// Handed out as rows.
    pub rows: u64,
    /// Handed out as bad records.
    pub rejects: u64,
}

/// The tables that can come out of [`rows`], in the order of the manual.
pub fn tables() -> impl Iterator<Item = &'static Table> {
    LAYOUTS.iter().map(|layout| layout.table)
}

/// How much of a table is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Every column that the layout reads.
    All,
    /// Whose record it is, its [`SealedRow::reference_date`] and, in tables with birth dates, what names its person; every
    /// other cell is null.
    People,
}

/// Whether a table has birth dates, by its first bytes; a Parquet file, which names its columns at its end, may have.
pub fn may_have_births(head: &[u8]) -> bool {
    if parquet::looks_like(head) {
        return true;
    }
    let text = csv::utf8(head);
    let names = if json::looks_like(&text) {
        json::first_object(&text).map(|object| json::keys(&object))
    } else {
        csv::header(&text).map(|(_, names)| names)
    };
    names.is_some_and(|names| find_layout(&names).is_ok_and(plan::has_births))
}

/// What [`rows`] hands out.
pub type Sink<'s> = dyn FnMut(std::result::Result<SealedRow, BadRecord>) + 's;

/// Whether an input is a table: its first line is a row of column names of which we know one, its first object has keys
/// that make a table or is a DICOM data set, or it is a Parquet file. Not every one has a layout; [`rows`] says so.
pub fn looks_like(head: &[u8]) -> bool {
    if parquet::looks_like(head) {
        return true;
    }
    let text = csv::utf8(head);
    if json::looks_like(&text) {
        let fits = |keys: Vec<String>| find_layout(&keys).is_ok();
        return json::first_object(&text)
            .is_some_and(|object| dicom_json::is_dataset(&object) || fits(json::keys(&object)));
    }
    let known = |name: &String| {
        LAYOUTS.iter().any(|layout| layout.knows(name))
            || REFUSED.iter().any(|(marks, _)| marks.contains(&name.as_str()))
    };
    csv::header(&text).is_some_and(|(_, names)| names.iter().any(known))
}

/// Reads a table. Its column names decide which one it is, unless a mapping of the user's says so.
///
/// # Errors
/// A table without a layout is refused as a whole; a record that is none is handed out as such, and the next one is read.
pub fn rows(bytes: &[u8], mapping: Option<&Mapping>, sink: &mut Sink<'_>) -> Result<Counts> {
    rows_of(bytes, mapping, Asked::All, sink)
}

/// Reads as much of a table as is asked for.
///
/// # Errors
/// As [`rows`].
pub fn rows_of(bytes: &[u8], mapping: Option<&Mapping>, asked: Asked, sink: &mut Sink<'_>) -> Result<Counts> {
    if parquet::looks_like(bytes) {
        return parquet::rows(bytes, mapping, asked, sink);
    }
    let text = csv::utf8(bytes);
    if json::looks_like(&text) {
        json::rows(&text, mapping, asked, sink)
    } else {
        csv::rows(&text, mapping, asked, sink)
    }
}

impl Counts {
    fn give(&mut self, made: Result<SealedRow>, offset: usize, sink: &mut Sink<'_>) {
        match made {
            Ok(row) => {
                self.rows += 1;
                sink(Ok(row));
            }
            Err(fault) => {
                self.rejects += 1;
                sink(Err(BadRecord { record: self.records, offset: offset as u64, fault }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::plan::spell;
    use super::*;

    #[test]
    fn layouts_are_complete() {
        assert_eq!(LAYOUTS.len(), 13);
        for layout in LAYOUTS {
            assert_eq!(layout.headers.len(), layout.table.columns.len(), "{}", layout.table.name);
            let known = |header: &&str| {
                layout.headers.iter().any(|headers| headers.contains(header))
                    || ["udi", "anchor_age", "age"].contains(header)
            };
            assert!(layout.needs.iter().flat_map(|group| group.iter()).all(known), "{}", layout.table.name);
            assert!(layout.headers.iter().flat_map(|h| h.iter()).all(|h| spell(h) == **h), "{}", layout.table.name);
        }
    }
}
