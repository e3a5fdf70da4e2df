//! The scanner: from bytes nobody vouches for to a [`Tape`]. It holds no recursion, does its arithmetic in u64, and
//! keeps no more than the file justifies. Foreign parsers see a data set only after it has been through here.
//!
//! A data set that ends early or breaks off in nonsense still gives a tape with a `fault` in it: what lies before
//! is readable. Nesting and counts beyond the limits refuse the input as a whole.

use super::element::{Encoding, Header, first_element_encoding, header};
use super::fragments;
use super::levels::{Level, Levels};
use super::limits::MAX_ELEMENTS;
use super::tape::{ITEM, ITEM_END, Pieces, PixelBytes, PixelElement, SEQUENCE_END, Tape, UNDEFINED, Vr};
use super::words::{standard_vr, wanted_sequence};
use crate::error::{Fault, Reason, Result};
use crate::model::Tag;
use std::sync::{Arc, OnceLock};

struct Scanner {
    data: Arc<Vec<u8>>,
    size: u64,
    root: Encoding,
    levels: Levels,
    seen: u64,
    pixels: Option<PixelElement>,
    warnings: Vec<&'static str>,
    keep: Keep,
    pieces: Vec<Pieces>,
    /// A byte at or before this place is known not to be zero.
    not_zero: u64,
}

/// Which sequences get onto the tape with their content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Those that pixels depend on.
    Wanted,
    /// All, those that were written as UN among them.
    All,
}

/// Scans the data set that starts at `start`.
///
/// Fails with [`Reason::TooDeep`] or [`Reason::TooLarge`] when a limit is passed.
pub fn scan(data: Arc<Vec<u8>>, start: u64, root: Encoding, keep: Keep) -> Result<Tape> {
    let size = data.len() as u64;
    let mut scanner = Scanner {
        data,
        size,
        root,
        levels: Levels::default(),
        seen: 0,
        pixels: None,
        warnings: Vec::new(),
        keep,
        pieces: Vec::new(),
        not_zero: 0,
    };
    let stopped = scanner.walk(start);
    while scanner.levels.last().is_some() {
        scanner.levels.leave();
    }
    let fault = match stopped {
        Ok(()) => None,
        Err(fault) if matches!(fault.reason, Reason::TooDeep | Reason::TooLarge) => return Err(fault),
        Err(_) if scanner.pixels_whole() => {
            scanner.warn("trailing-bytes");
            None
        }
        Err(fault) => Some(fault),
    };
    let mut roots = Vec::new();
    let mut next = 0u32;
    while let Some(element) = scanner.levels.elements.get(next as usize) {
        roots.push(next);
        next = element.end.max(next + 1);
    }
    roots.sort_by_key(|&i| scanner.levels.elements.get(i as usize).map(|e| e.tag));
    Ok(Tape {
        data: scanner.data,
        big_endian: root.big_endian,
        elements: scanner.levels.elements,
        roots,
        pixels: scanner.pixels,
        fault,
        warnings: scanner.warnings,
        pieces: scanner.pieces,
        frame_items: OnceLock::new(),
    })
}

impl Scanner {
    fn walk(&mut self, start: u64) -> Result<()> {
        let mut at = start;
        loop {
            while let Some(stop) = self.levels.last().and_then(|l| l.stop) {
                if at < stop {
                    break;
                }
                self.levels.leave();
            }
            if at >= self.size && self.levels.last().is_none() {
                return Ok(());
            }
            self.seen += 1;
            if self.seen > MAX_ELEMENTS {
                return Err(Fault::input(Reason::TooLarge, "data set", "more elements than the limit")
                    .number("limit", MAX_ELEMENTS));
            }
            at = match self.levels.last().map(|l| (l.item, l.encoding)) {
                Some((false, encoding)) => self.item(at, encoding)?,
                Some((true, encoding)) => self.element(at, encoding)?,
                None if self.rest_is_padding(at) => {
                    self.warn("trailing-bytes");
                    return Ok(());
                }
                None => self.element(at, self.root)?,
            };
        }
    }

    /// Inside a sequence: the next item, or its end.
    fn item(&mut self, at: u64, encoding: Encoding) -> Result<u64> {
        let header = header(&self.data, at, encoding).ok_or_else(truncated)?;
        match header.tag {
            ITEM => {
                let kept = self.levels.kept();
                let entry = kept.then(|| self.levels.keep_open(&header, encoding)).transpose()?;
                let stop = self.stop(header.value, header.len)?;
                let encoding = self.item_encoding(header.value, stop, encoding);
                self.levels.enter(Level { entry, item: true, stop, encoding })?;
            }
            SEQUENCE_END => self.levels.leave(),
            ITEM_END => self.warn("stray-delimiter"),
            _ => return Err(malformed("sequence", "something other than an item in a sequence")),
        }
        Ok(header.value)
    }

    /// Inside an item or at the top level: the next element, or the end of the item.
    fn element(&mut self, at: u64, encoding: Encoding) -> Result<u64> {
        let header = header(&self.data, at, encoding).ok_or_else(truncated)?;
        if header.tag.0 == 0xFFFE {
            self.delimiter(header.tag)?;
            return Ok(header.value);
        }
        let top = self.levels.last().is_none();
        let kept = top || self.levels.kept();
        let pixel_tag = header.tag.0 == 0x7FE0 && matches!(header.tag.1, 0x0008..=0x0010);
        if header.len == UNDEFINED {
            let bulk = header.tag == Tag(0x7FE0, 0x0010) || matches!(&header.vr.0, b"OB" | b"OW");
            if bulk {
                return self.fragments(&header, kept, top && pixel_tag, encoding);
            }
            // PS3.5 6.2.2 note 2: UN of undefined length is a sequence in implicit VR little endian. An implicit
            // file's unknown attribute of undefined length can be nothing else.
            if header.vr == Vr(*b"UN") && !encoding.implicit {
                let inner = Encoding { implicit: true, big_endian: false };
                return self.open_sequence(&header, kept, None, inner);
            }
            if header.vr == Vr(*b"SQ") || self.starts_with_item(header.value, encoding) {
                return self.open_sequence(&header, kept, None, encoding);
            }
            return Err(malformed("data set", "an element of undefined length that is neither sequence nor pixels"));
        }
        let stop = header.value + u64::from(header.len);
        let limit = self.levels.stop().unwrap_or(self.size).min(self.size);
        if header.vr == Vr(*b"SQ") && header.len > 0 {
            if self.levels.stop().is_some_and(|outer| stop > outer) {
                return Err(malformed("sequence", "a sequence reaches beyond the item that holds it"));
            }
            return self.open_sequence(&header, kept, Some(stop), encoding);
        }
        if header.vr == Vr(*b"UN") && kept && self.sequence(header.tag) && stop <= limit && header.len > 0 {
            let inner = Encoding { implicit: true, big_endian: false };
            return self.open_sequence(&header, kept, Some(stop), inner);
        }
        if top && pixel_tag {
            let there = u64::from(header.len).min(self.size.saturating_sub(header.value));
            let bytes = PixelBytes::Native { start: header.value, len: there, announced: u64::from(header.len) };
            self.pixels_found(&header, bytes);
        }
        if stop > self.size {
            return Err(truncated());
        }
        if stop > limit {
            return Err(malformed("item", "an element reaches beyond the item that holds it"));
        }
        if kept {
            self.levels.keep(&header, encoding)?;
        }
        Ok(stop)
    }

    fn delimiter(&mut self, tag: Tag) -> Result<()> {
        match (tag, self.levels.last().map(|l| l.stop.is_none())) {
            (ITEM_END, Some(true)) => self.levels.leave(),
            (SEQUENCE_END, Some(true)) if self.levels.outer().is_some_and(|l| l.stop.is_none()) => {
                // An item without its delimiter at the end of a sequence.
                self.warn("stray-delimiter");
                self.levels.leave();
                self.levels.leave();
            }
            (ITEM, _) => return Err(malformed("item", "an item outside a sequence")),
            _ => self.warn("stray-delimiter"),
        }
        Ok(())
    }

    fn open_sequence(&mut self, header: &Header, kept: bool, stop: Option<u64>, encoding: Encoding) -> Result<u64> {
        let wanted = kept && (self.keep == Keep::All || wanted_sequence(header.tag));
        let entry = wanted.then(|| self.levels.keep_open(header, encoding)).transpose()?;
        self.levels.enter(Level { entry, item: false, stop, encoding })?;
        Ok(header.value)
    }

    /// Whether a value of defined length that is written as UN is read as a sequence.
    fn sequence(&self, tag: Tag) -> bool {
        wanted_sequence(tag) || self.keep == Keep::All && standard_vr(tag) == Some(Vr(*b"SQ"))
    }

    fn fragments(&mut self, element: &Header, kept: bool, pixels: bool, encoding: Encoding) -> Result<u64> {
        if kept && self.keep == Keep::All {
            let index = self.levels.elements.len() as u32;
            self.levels.keep(&Header { len: 0, ..*element }, encoding)?;
            self.pieces.push(Pieces { index, stop: 0, ended: false });
        }
        let found = fragments::walk(&self.data, element.value, encoding, pixels)?;
        if found.unended {
            self.warn("sequence-delimiter-missing");
        }
        if pixels {
            self.pixels_found(element, PixelBytes::Fragments { items: found.items, whole: found.whole });
        }
        if kept && let Some(pieces) = self.pieces.last_mut() {
            (pieces.stop, pieces.ended) = (found.next, found.ended);
        }
        if found.whole { Ok(found.next) } else { Err(truncated()) }
    }

    fn pixels_found(&mut self, header: &Header, bytes: PixelBytes) {
        // The first one counts; the standard allows only one of the three.
        if matches!(header.tag.1, 0x0008 | 0x0009 | 0x0010) {
            if self.pixels.is_some() {
                self.warn("second-pixel-data");
            } else {
                self.pixels = Some(PixelElement { tag: header.tag, vr: header.vr, bytes });
            }
        }
    }

    fn pixels_whole(&self) -> bool {
        self.pixels.as_ref().is_some_and(|p| match &p.bytes {
            PixelBytes::Native { len, announced, .. } => len == announced,
            PixelBytes::Fragments { whole, .. } => *whole,
        })
    }

    /// Where an item of this length stops; it must lie inside what holds it.
    fn stop(&self, value: u64, len: u32) -> Result<Option<u64>> {
        if len == UNDEFINED {
            return Ok(None);
        }
        let stop = value + u64::from(len);
        match self.levels.stop() {
            Some(outer) if stop > outer => Err(malformed("item", "an item reaches beyond its sequence")),
            _ => Ok(Some(stop)),
        }
    }

    /// Some writers switch between explicit and implicit inside a sequence: the first element of an item shows it.
    fn item_encoding(&self, at: u64, stop: Option<u64>, encoding: Encoding) -> Encoding {
        let room = stop.unwrap_or(self.size).min(self.size);
        if stop.is_some_and(|s| s < at + 8) {
            return encoding;
        }
        first_element_encoding(&self.data, at, room, encoding)
    }

    fn starts_with_item(&self, at: u64, encoding: Encoding) -> bool {
        header(&self.data, at, encoding).is_some_and(|h| matches!(h.tag, ITEM | SEQUENCE_END))
    }

    /// Whether nothing but zeros (or less than a header) is left: padding of sectors and tapes.
    fn rest_is_padding(&mut self, at: u64) -> bool {
        let rest = usize::try_from(at).ok().and_then(|at| self.data.get(at..)).unwrap_or(&[]);
        if rest.len() < 8 {
            return self.pixels.is_some() || rest.iter().all(|&b| b == 0);
        }
        if at < self.not_zero || !rest.starts_with(&[0; 4]) {
            return false;
        }
        // The first byte that is not zero is remembered: looking again from every element would be quadratic.
        match rest.iter().position(|&b| b != 0) {
            Some(ahead) => {
                self.not_zero = at + ahead as u64;
                false
            }
            None => true,
        }
    }

    fn warn(&mut self, word: &'static str) {
        if !self.warnings.contains(&word) {
            self.warnings.push(word);
        }
    }
}

fn truncated() -> Fault {
    Fault::input(Reason::Truncated, "data set", "the data ends inside an element")
}

fn malformed(place: &'static str, cause: &'static str) -> Fault {
    Fault::input(Reason::Malformed, place, cause)
}
