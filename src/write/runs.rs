//! Keys with bytes behind them in the order of the keys, however many: what does not fit in memory is sorted in runs, which lie in
//! scratch files until they are merged.

use super::files::io_fault;
use crate::error::{Fault, Result};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

/// Bytes of keys and values held before they become a run.
const RUN_BYTES: usize = 64 << 20;
/// What a key and a value cost beside their bytes.
const OVERHEAD: usize = 48;
/// Bytes read ahead of each run while they are merged.
const AHEAD: usize = 1 << 16;

/// A key and what stands behind it; of equal keys that decides, so that the order never depends on where a run ended.
type Packed = (Vec<u8>, Vec<u8>);

/// Makes a file that is nobody's but this process'.
type Scratch = Box<dyn FnMut() -> Result<File> + Send>;

/// Collects in any order.
pub(super) struct Runs {
    scratch: Scratch,
    waiting: Vec<Packed>,
    bytes: usize,
    pub(super) most: usize,
    runs: Vec<File>,
}

pub(super) fn fault(error: &io::Error) -> Fault {
    io_fault("rows being sorted", error)
}

impl Runs {
    /// Nothing collected yet.
    pub(super) fn new(scratch: Scratch) -> Self {
        Self { scratch, waiting: Vec::new(), bytes: 0, most: RUN_BYTES, runs: Vec::new() }
    }

    /// Whether no run was written so far.
    #[cfg(test)]
    pub(super) fn in_memory(&self) -> bool {
        self.runs.is_empty()
    }

    /// Takes a key and what stands behind it.
    pub(super) fn put(&mut self, key: Vec<u8>, value: Vec<u8>) -> Result<()> {
        self.bytes += key.len() + value.len() + OVERHEAD;
        self.waiting.push((key, value));
        if self.bytes >= self.most { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> Result<()> {
        self.waiting.sort_unstable();
        let mut run = BufWriter::new((self.scratch)()?);
        for (key, value) in self.waiting.drain(..) {
            write(&mut run, &key).and_then(|()| write(&mut run, &value)).map_err(|e| fault(&e))?;
        }
        let mut run = run.into_inner().map_err(|e| fault(e.error()))?;
        run.seek(SeekFrom::Start(0)).map_err(|e| fault(&e))?;
        self.runs.push(run);
        self.bytes = 0;
        Ok(())
    }

    /// Hands out everything by key.
    ///
    /// # Errors
    /// What `take` says, and runs that cannot be read again.
    pub(super) fn sorted(mut self, take: &mut dyn FnMut(Vec<u8>, Vec<u8>) -> Result<()>) -> Result<()> {
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
        while let Some(Reverse(((key, value), run))) = heads.pop() {
            take(key, value)?;
            if let Some(head) = next(run)? {
                heads.push(Reverse((head, run)));
            }
        }
        Ok(())
    }
}

/// Bytes with their length before them.
pub(super) fn write(run: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
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
