//! The scanner: from bytes nobody vouches for to a [`Tape`]. It holds no recursion, does its arithmetic in u64, and
//! keeps no more than the file justifies. Foreign parsers see a data set only after it has been through here.
//!
//! A data set that ends early or breaks off in nonsense still gives a tape with a `fault` in it: what lies before
//! is readable. Nesting and counts beyond the limits refuse the input as a whole.

use super::element::{first_element_encoding, header};
use super::limits::{MAX_DEPTH, MAX_ELEMENTS, MAX_KEPT};
use super::tape::{Element, Fragment, ITEM, ITEM_END, PixelBytes, PixelElement, SEQUENCE_END, Tape, UNDEFINED, Vr};
use super::words::wanted_sequence;
use crate::error::{Fault, Reason, Result};
use crate::model::Tag;
use std::sync::{Arc, OnceLock};

/// How the elements of a data set are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// Value representations are not written.
    pub implicit: bool,
    /// Numbers are big endian.
    pub big_endian: bool,
}

/// The header of one element or item.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// Group and element.
    pub tag: Tag,
    /// Value representation, from the file or the dictionary.
    pub vr: Vr,
    /// Announced length.
    pub len: u32,
    /// Where the value starts.
    pub value: u64,
}

/// An open sequence or item.
struct Level {
    /// Its entry on the tape, if it is kept.
    entry: Option<usize>,
    /// Items hold elements, sequences hold items.
    item: bool,
    /// First byte behind it, if its length is defined.
    stop: Option<u64>,
    encoding: Encoding,
}

struct Scanner {
    data: Arc<Vec<u8>>,
    size: u64,
    root: Encoding,
    levels: Vec<Level>,
    seen: u64,
    elements: Vec<Element>,
    pixels: Option<PixelElement>,
    warnings: Vec<&'static str>,
}

/// Scans the data set that starts at `start`.
///
/// Fails with [`Reason::TooDeep`] or [`Reason::TooLarge`] when a limit is passed.
pub fn scan(data: Arc<Vec<u8>>, start: u64, root: Encoding) -> Result<Tape> {
    let size = data.len() as u64;
    let mut scanner = Scanner {
        data,
        size,
        root,
        levels: Vec::new(),
        seen: 0,
        elements: Vec::new(),
        pixels: None,
        warnings: Vec::new(),
    };
    let stopped = scanner.walk(start);
    while let Some(level) = scanner.levels.pop() {
        scanner.close(&level);
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
    while let Some(element) = scanner.elements.get(next as usize) {
        roots.push(next);
        next = element.end.max(next + 1);
    }
    roots.sort_by_key(|&i| scanner.elements.get(i as usize).map(|e| e.tag));
    Ok(Tape {
        data: scanner.data,
        big_endian: root.big_endian,
        elements: scanner.elements,
        roots,
        pixels: scanner.pixels,
        fault,
        warnings: scanner.warnings,
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
                self.leave();
            }
            if at >= self.size && self.levels.is_empty() {
                return Ok(());
            }
            self.seen += 1;
            if self.seen > MAX_ELEMENTS {
                return Err(Fault::input(Reason::TooLarge, "data set", "more elements than the limit")
                    .number("limit", MAX_ELEMENTS));
            }
            at = match self.levels.last() {
                Some(level) if !level.item => self.item(at, level.encoding)?,
                Some(level) => self.element(at, level.encoding)?,
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
                let entry = self.parent_kept().then(|| self.keep(ITEM, Vr(*b"SQ"), header.value, 0)).transpose()?;
                let stop = self.stop(header.value, header.len)?;
                let encoding = self.item_encoding(header.value, stop, encoding);
                self.enter(Level { entry, item: true, stop, encoding })?;
            }
            SEQUENCE_END => self.leave(),
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
        let top = self.levels.is_empty();
        let kept = top || self.parent_kept();
        let pixel_tag = header.tag.0 == 0x7FE0 && matches!(header.tag.1, 0x0008..=0x0010);
        if header.len == UNDEFINED {
            let bulk = header.tag == Tag(0x7FE0, 0x0010) || matches!(&header.vr.0, b"OB" | b"OW");
            if bulk {
                return self.fragments(&header, top && pixel_tag, encoding);
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
        let limit = self.levels.iter().rev().find_map(|l| l.stop).unwrap_or(self.size).min(self.size);
        if header.vr == Vr(*b"SQ") && header.len > 0 {
            if self.levels.iter().rev().find_map(|l| l.stop).is_some_and(|outer| stop > outer) {
                return Err(malformed("sequence", "a sequence reaches beyond the item that holds it"));
            }
            return self.open_sequence(&header, kept, Some(stop), encoding);
        }
        if header.vr == Vr(*b"UN") && kept && wanted_sequence(header.tag) && stop <= limit && header.len > 0 {
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
            self.keep(header.tag, header.vr, header.value, header.len)?;
        }
        Ok(stop)
    }

    fn delimiter(&mut self, tag: Tag) -> Result<()> {
        match (tag, self.levels.last().map(|l| l.stop.is_none())) {
            (ITEM_END, Some(true)) => self.leave(),
            (SEQUENCE_END, Some(true)) if self.levels.iter().rev().nth(1).is_some_and(|l| l.stop.is_none()) => {
                // An item without its delimiter at the end of a sequence.
                self.warn("stray-delimiter");
                self.leave();
                self.leave();
            }
            (ITEM, _) => return Err(malformed("item", "an item outside a sequence")),
            _ => self.warn("stray-delimiter"),
        }
        Ok(())
    }

    fn open_sequence(&mut self, header: &Header, kept: bool, stop: Option<u64>, encoding: Encoding) -> Result<u64> {
        let entry = (kept && wanted_sequence(header.tag))
            .then(|| self.keep(header.tag, Vr(*b"SQ"), header.value, 0))
            .transpose()?;
        self.enter(Level { entry, item: false, stop, encoding })?;
        Ok(header.value)
    }

    /// A value in fragments: an offset table and pieces up to the sequence delimiter.
    fn fragments(&mut self, element: &Header, pixels: bool, encoding: Encoding) -> Result<u64> {
        let mut items = Vec::new();
        let mut at = element.value;
        let (whole, next) = loop {
            let Some(item) = header(&self.data, at, encoding) else {
                // Without the delimiter the last fragment can still be whole.
                break (true, self.size);
            };
            match item.tag {
                ITEM if item.len != UNDEFINED => {
                    let there = u64::from(item.len).min(self.size.saturating_sub(item.value));
                    if pixels {
                        // `there` is at most `len`, a u32.
                        items.push(Fragment { start: item.value, len: there as u32 });
                    }
                    if there < u64::from(item.len) {
                        break (false, self.size);
                    }
                    at = item.value + u64::from(item.len);
                }
                SEQUENCE_END => break (true, item.value),
                _ => {
                    self.warn("sequence-delimiter-missing");
                    break (true, at);
                }
            }
            self.seen += 1;
            if self.seen > MAX_ELEMENTS {
                return Err(Fault::input(Reason::TooLarge, "PixelData", "more fragments than the limit")
                    .number("limit", MAX_ELEMENTS));
            }
        };
        if pixels {
            self.pixels_found(element, PixelBytes::Fragments { items, whole });
        }
        if whole { Ok(next) } else { Err(truncated()) }
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

    fn parent_kept(&self) -> bool {
        self.levels.last().is_none_or(|l| l.entry.is_some())
    }

    fn keep(&mut self, tag: Tag, vr: Vr, start: u64, len: u32) -> Result<usize> {
        let index = self.elements.len();
        if index >= MAX_KEPT {
            return Err(Fault::input(Reason::TooLarge, "data set", "more elements than the limit")
                .number("limit", MAX_KEPT as u64));
        }
        // MAX_KEPT is far below 2^32.
        self.elements.push(Element { tag, vr, start, len, end: index as u32 + 1 });
        Ok(index)
    }

    fn enter(&mut self, level: Level) -> Result<()> {
        if self.levels.len() >= MAX_DEPTH {
            return Err(Fault::input(Reason::TooDeep, "sequence", "sequences are nested deeper than the limit")
                .number("limit", MAX_DEPTH as u64));
        }
        self.levels.push(level);
        Ok(())
    }

    fn leave(&mut self) {
        if let Some(level) = self.levels.pop() {
            self.close(&level);
        }
    }

    fn close(&mut self, level: &Level) {
        let end = self.elements.len() as u32;
        if let Some(entry) = level.entry.and_then(|i| self.elements.get_mut(i)) {
            entry.end = end;
        }
    }

    /// Where an item of this length stops; it must lie inside what holds it.
    fn stop(&self, value: u64, len: u32) -> Result<Option<u64>> {
        if len == UNDEFINED {
            return Ok(None);
        }
        let stop = value + u64::from(len);
        match self.levels.iter().rev().find_map(|l| l.stop) {
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
    fn rest_is_padding(&self, at: u64) -> bool {
        let rest = usize::try_from(at).ok().and_then(|at| self.data.get(at..)).unwrap_or(&[]);
        rest.starts_with(&[0, 0, 0, 0]) && rest.iter().all(|&b| b == 0) || rest.len() < 8 && self.pixels.is_some()
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
