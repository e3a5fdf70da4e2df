//! Rows in the order of their keys, however many. What a key means is decided elsewhere.

use super::files::Staging;
use super::runs::{Runs, fault, write};
use crate::error::{Fault, Result};
use crate::model::{Cell, Clean};
use std::sync::Arc;

/// Collects rows in any order.
pub struct Sorter(Runs);

impl Sorter {
    /// Nothing collected yet; runs lie in the staging folder.
    pub(super) fn new(staging: Arc<Staging>) -> Self {
        Self(Runs::new(Box::new(move || staging.scratch())))
    }

    /// Takes a row.
    ///
    /// # Errors
    /// A full disk; a row with a list, which no joined table has.
    pub fn row(&mut self, key: Vec<u8>, row: &Clean<Vec<Cell>>) -> Result<()> {
        self.plain_row(key, row.get())
    }

    fn plain_row(&mut self, key: Vec<u8>, row: &[Cell]) -> Result<()> {
        self.0.put(key, pack(row)?)
    }

    /// Hands out all rows by key.
    ///
    /// # Errors
    /// What `take` says, and runs that cannot be read again.
    pub fn sorted(self, take: &mut dyn FnMut(Vec<Cell>) -> Result<()>) -> Result<()> {
        self.0.sorted(&mut |_, row| take(unpack(&row)?))
    }
}

/// A row as bytes: for each cell a letter and what it says.
fn pack(row: &[Cell]) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(row.len() * 9);
    for cell in row {
        match cell {
            Cell::Null => bytes.push(b'n'),
            Cell::Text(text) => {
                bytes.push(b't');
                write(&mut bytes, text.as_bytes()).map_err(|e| fault(&e))?;
            }
            Cell::Bool(truth) => bytes.extend([b'b', u8::from(*truth)]),
            Cell::U64(number) => eight(&mut bytes, b'u', number.to_le_bytes()),
            Cell::I64(number) => eight(&mut bytes, b'i', number.to_le_bytes()),
            Cell::F64(number) => eight(&mut bytes, b'f', number.to_le_bytes()),
            Cell::Timestamp(ms) => eight(&mut bytes, b's', ms.to_le_bytes()),
            Cell::Date(day) => eight(&mut bytes, b'd', i64::from(*day).to_le_bytes()),
            Cell::ListU32(_) | Cell::ListF32(_) | Cell::ListText(_) | Cell::Masks(_) => {
                return Err(Fault::bug("write/sorter", "a list in a row to be sorted"));
            }
        }
    }
    Ok(bytes)
}

fn eight(bytes: &mut Vec<u8>, letter: u8, number: [u8; 8]) {
    bytes.push(letter);
    bytes.extend(number);
}

fn unpack(bytes: &[u8]) -> Result<Vec<Cell>> {
    fn cell(rest: &mut &[u8]) -> Option<Cell> {
        let (letter, tail) = rest.split_first()?;
        *rest = tail;
        let mut number = || {
            let (number, tail) = rest.split_first_chunk::<8>()?;
            *rest = tail;
            Some(*number)
        };
        Some(match letter {
            b'n' => Cell::Null,
            b'b' => {
                let (truth, tail) = rest.split_first()?;
                *rest = tail;
                Cell::Bool(*truth != 0)
            }
            b't' => {
                let (length, tail) = rest.split_first_chunk::<4>()?;
                let (text, tail) = tail.split_at_checked(u32::from_le_bytes(*length) as usize)?;
                *rest = tail;
                Cell::Text(String::from_utf8(text.to_vec()).ok()?)
            }
            b'u' => Cell::U64(u64::from_le_bytes(number()?)),
            b'i' => Cell::I64(i64::from_le_bytes(number()?)),
            b'f' => Cell::F64(f64::from_le_bytes(number()?)),
            b's' => Cell::Timestamp(i64::from_le_bytes(number()?)),
            b'd' => Cell::Date(i32::try_from(i64::from_le_bytes(number()?)).ok()?),
            _ => return None,
        })
    }
    let (mut rest, mut row) = (bytes, Vec::new());
    while !rest.is_empty() {
        let damaged = || Fault::environment("output", "rows being sorted were changed by something else", "");
        row.push(cell(&mut rest).ok_or_else(damaged)?);
    }
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::super::files::{Busy, Durability};
    use super::*;

    fn sorter(folder: &std::path::Path, most: usize) -> Sorter {
        let staging = Staging::open(folder, "test", Durability::Buffered, Busy::Wait).unwrap();
        let mut sorter = Sorter::new(Arc::new(staging));
        sorter.0.most = most;
        sorter
    }

    fn sorted(sorter: Sorter) -> Vec<Vec<Cell>> {
        let mut rows = Vec::new();
        sorter
            .sorted(&mut |row| {
                rows.push(row);
                Ok(())
            })
            .unwrap();
        rows
    }

    #[test]
    fn rows_come_back_in_order_however_often_memory_was_full() {
        let rows: Vec<(Vec<u8>, Vec<Cell>)> = (0..1000u64)
            .map(|n| {
                // 7919 is prime: every key from 0 to 999 once, in no order.
                let key = n * 7919 % 1000;
                let row = vec![Cell::U64(key), Cell::Text(format!("é{key}")), Cell::Null, Cell::F64(0.1 * key as f64)];
                (key.to_be_bytes().to_vec(), row)
            })
            .collect();
        for most in [usize::MAX, 20_000, 1] {
            let folder = tempfile::tempdir().unwrap();
            let mut sorter = sorter(folder.path(), most);
            for (key, row) in &rows {
                sorter.plain_row(key.clone(), row).unwrap();
            }
            assert_eq!(sorter.0.in_memory(), most == usize::MAX, "{most}");
            let found = sorted(sorter);
            let numbers: Vec<_> = found.iter().map(|row| row[0].clone()).collect();
            assert_eq!(numbers, (0..1000).map(Cell::U64).collect::<Vec<_>>(), "{most}");
            assert_eq!(found[7], vec![Cell::U64(7), Cell::Text("é7".into()), Cell::Null, Cell::F64(0.1 * 7.0)]);
            assert_eq!(
                std::fs::read_dir(folder.path()).unwrap().count(),
                0,
                "the runs are gone with the staging folder"
            );
        }
    }

    #[test]
    fn every_kind_of_cell_survives() {
        let row = vec![
            Cell::Bool(true),
            Cell::I64(-5),
            Cell::F64(-0.0),
            Cell::Date(-1),
            Cell::Timestamp(i64::MIN),
            Cell::Text(String::new()),
            Cell::Null,
        ];
        assert_eq!(unpack(&pack(&row).unwrap()).unwrap(), row);
        assert!(pack(&[Cell::ListU32(vec![1])]).is_err());
        assert!(unpack(b"u123").is_err() && unpack(b"t\xFF\0\0\0x").is_err() && unpack(b"?").is_err());
    }
}
