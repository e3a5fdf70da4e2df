//! The sequences and items that are open while a data set is scanned, and the tape entries they write. No bytes here.

use super::element::{Encoding, Header};
use super::limits::{MAX_DEPTH, MAX_KEPT};
use super::tape::{Element, Vr};
use crate::error::{Fault, Reason, Result};

/// An open sequence or item.
pub struct Level {
    /// Its entry on the tape, if it is kept.
    pub entry: Option<usize>,
    /// Items hold elements, sequences hold items.
    pub item: bool,
    /// First byte behind it, if its length is defined.
    pub stop: Option<u64>,
    /// How its content is written.
    pub encoding: Encoding,
}

/// Open levels, outermost first, and the entries so far.
#[derive(Default)]
pub struct Levels {
    open: Vec<Level>,
    /// Entries in file order.
    pub elements: Vec<Element>,
}

impl Levels {
    /// The innermost open level.
    pub fn last(&self) -> Option<&Level> {
        self.open.last()
    }

    /// The level around the innermost one.
    pub fn outer(&self) -> Option<&Level> {
        self.open.iter().rev().nth(1)
    }

    /// Where the innermost level of defined length ends.
    pub fn stop(&self) -> Option<u64> {
        self.open.iter().rev().find_map(|l| l.stop)
    }

    /// Whether elements at this place are kept: the top level and what hangs from kept sequences.
    pub fn kept(&self) -> bool {
        self.open.last().is_none_or(|l| l.entry.is_some())
    }

    /// Keeps an element; fails with [`Reason::TooLarge`] if there are too many.
    pub fn keep(&mut self, header: &Header, encoding: Encoding) -> Result<()> {
        self.push(header, header.vr, header.len, encoding).map(|_| ())
    }

    /// Keeps an item or sequence, whose end is not known yet.
    pub fn keep_open(&mut self, header: &Header, encoding: Encoding) -> Result<usize> {
        self.push(header, Vr(*b"SQ"), 0, encoding)
    }

    fn push(&mut self, header: &Header, vr: Vr, len: u32, encoding: Encoding) -> Result<usize> {
        let index = self.elements.len();
        if index >= MAX_KEPT {
            return Err(Fault::input(Reason::TooLarge, "data set", "more elements than the limit")
                .number("limit", MAX_KEPT as u64));
        }
        // MAX_KEPT is far below 2^32.
        let end = index as u32 + 1;
        let (tag, start, big_endian) = (header.tag, header.value, encoding.big_endian);
        self.elements.push(Element { tag, vr, big_endian, start, len, end });
        Ok(index)
    }

    /// Opens a level; fails with [`Reason::TooDeep`].
    pub fn enter(&mut self, level: Level) -> Result<()> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Fault::input(Reason::TooDeep, "sequence", "sequences are nested deeper than the limit")
                .number("limit", MAX_DEPTH as u64));
        }
        self.open.push(level);
        Ok(())
    }

    /// Closes the innermost level, if one is open.
    pub fn leave(&mut self) {
        let Some(level) = self.open.pop() else { return };
        let end = self.elements.len() as u32;
        if let Some(entry) = level.entry.and_then(|i| self.elements.get_mut(i)) {
            entry.end = end;
        }
    }
}
