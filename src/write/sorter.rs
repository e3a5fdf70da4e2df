//! Rows in the order of their keys, however many: what does not fit in memory is sorted in runs, which lie in the staging
//! folder until they are merged. What a key means is decided elsewhere.

use super::files::{Staging, io_fault};
use crate::error::{Fault, Result};
use crate::model::{Cell, Clean};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

/// Bytes of keys and rows held before they become a run.
const RUN_BYTES: usize = 64 << 20;
/// What a key and a row cost beside their bytes.
const OVERHEAD: usize = 48;
/// Bytes read ahead of each run while they are merged.
const AHEAD: usize = 1 << 16;

/// A key and a row as bytes; of equal keys the row decides, so that the order never depends on where a run ended.
type Packed = (Vec<u8>, Vec<u8>);

/// Collects rows in any order.
pub struct Sorter {
    staging: Arc<Staging>,
    waiting: Vec<Packed>,
    bytes: usize,
    most: usize,
    runs: Vec<File>,
}

fn fault(error: &io::Error) -> Fault {
    io_fault("rows being sorted", error)
}

impl Sorter {
    /// Nothing collected yet; runs lie in the staging folder.
    pub(super) fn new(staging: Arc<Staging>) -> Self {
        Self { staging, waiting: Vec::new(), bytes: 0, most: RUN_BYTES, runs: Vec::new() }
    }

    /// Takes a row.
    ///
    /// # Errors
    /// A full disk; a row with a list, which no joined table has.
    pub fn row(&mut self, key: Vec<u8>, row: &Clean<Vec<Cell>>) -> Result<()> {
        self.plain_row(key, row.get())
    }

    fn plain_row(&mut self, key: Vec<u8>, row: &[Cell]) -> Result<()> {
        let packed = pack(row)?;
        self.bytes += key.len() + packed.len() + OVERHEAD;
        self.waiting.push((key, packed));
        if self.bytes >= self.most { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> Result<()> {
        self.waiting.sort_unstable();
        let mut run = BufWriter::new(self.staging.scratch()?);
        for (key, row) in self.waiting.drain(..) {
            write(&mut run, &key).and_then(|()| write(&mut run, &row)).map_err(|e| fault(&e))?;
        }
        let mut run = run.into_inner().map_err(|e| fault(e.error()))?;
        run.seek(SeekFrom::Start(0)).map_err(|e| fault(&e))?;
        self.runs.push(run);
        self.bytes = 0;
        Ok(())
    }

    /// Hands out all rows by key.
    ///
    /// # Errors
    /// What `take` says, and runs that cannot be read again.
    pub fn sorted(mut self, take: &mut dyn FnMut(Vec<Cell>) -> Result<()>) -> Result<()> {
        self.waiting.sort_unstable();
        let mut runs: Vec<_> = self.runs.drain(..).map(|run| BufReader::with_capacity(AHEAD, run)).collect();
        // The last run never left memory.
        let mut last = self.waiting.into_iter();
        let mut next = |run: usize| match runs.get_mut(run) {
            Some(run) => read(run).map_err(|e| fault(&e)),
            None => Ok(last.next()),
        };
        let mut heads = BinaryHeap::new();
        for run in 0.. {
            match next(run)? {
                Some(head) => heads.push(Reverse((head, run))),
                // Only the last one, that of memory, may be empty.
                None => break,
            }
        }
        while let Some(Reverse(((_, row), run))) = heads.pop() {
            take(unpack(&row)?)?;
            if let Some(head) = next(run)? {
                heads.push(Reverse((head, run)));
            }
        }
        Ok(())
    }
}

fn write(run: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
    run.write_all(&length.to_le_bytes())?;
    run.write_all(bytes)
}

/// The next key and row of a run; `None` at its end.
fn read(run: &mut impl Read) -> io::Result<Option<Packed>> {
    let mut piece = || -> io::Result<Option<Vec<u8>>> {
        let mut length = [0; 4];
        let got = run.read(&mut length)?;
        if got == 0 {
            return Ok(None);
        }
        run.read_exact(length.get_mut(got..).unwrap_or_default())?;
        let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
        run.read_exact(&mut bytes)?;
        Ok(Some(bytes))
    };
    let Some(key) = piece()? else { return Ok(None) };
    let row = piece()?.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
    Ok(Some((key, row)))
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
        Sorter { most, ..Sorter::new(Arc::new(staging)) }
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
            assert_eq!(sorter.runs.is_empty(), most == usize::MAX, "{most}");
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
