//! The tape: what the scanner found, flat and in file order. A sequence is followed by its items, an item by its
//! elements; `end` says where a subtree stops. Values stay where they are in the bytes.

use super::limits::MAX_TEXT;
use super::words::PER_FRAME_GROUPS;
use crate::error::Fault;
use crate::model::Tag;
use std::sync::{Arc, OnceLock};

/// Tag of an item.
pub const ITEM: Tag = Tag(0xFFFE, 0xE000);
/// Tag of an item delimiter.
pub const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
/// Tag of a sequence delimiter.
pub const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);
/// Length that says "up to the delimiter".
pub const UNDEFINED: u32 = u32::MAX;

/// A value representation as its two letters. `XS` stands for "US or SS, by PixelRepresentation" in implicit files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vr(pub [u8; 2]);

impl Vr {
    /// Whether both letters are upper-case ASCII, as those of every value representation are.
    pub fn spelled(self) -> bool {
        self.0.iter().all(u8::is_ascii_uppercase)
    }

    /// Whether the standard knows it.
    pub fn known(self) -> bool {
        self.wide() || SHORT_VRS.contains(&self.0)
    }

    /// Whether its explicit length has 32 bits (PS3.5 7.1.2).
    pub fn wide(self) -> bool {
        WIDE_VRS.contains(&self.0)
    }
}

const WIDE_VRS: &[[u8; 2]] =
    &[*b"OB", *b"OD", *b"OF", *b"OL", *b"OV", *b"OW", *b"SQ", *b"SV", *b"UC", *b"UN", *b"UR", *b"UT", *b"UV"];
const SHORT_VRS: &[[u8; 2]] = &[
    *b"AE", *b"AS", *b"AT", *b"CS", *b"DA", *b"DS", *b"DT", *b"FD", *b"FL", *b"IS", *b"LO", *b"LT", *b"PN", *b"SH",
    *b"SL", *b"SS", *b"ST", *b"TM", *b"UI", *b"UL", *b"US",
];

/// One element, or one item of a sequence (its tag is [`ITEM`]).
#[derive(Clone, Copy, Debug)]
pub struct Element {
    /// Group and element.
    pub tag: Tag,
    /// Value representation; `SQ` for a sequence, whatever the file says.
    pub vr: Vr,
    /// Byte order of its numbers: the file's, except in sequences written as UN, which are little endian.
    pub big_endian: bool,
    /// Where the value starts.
    pub start: u64,
    /// Bytes of the value; 0 for sequences and items, whose content follows on the tape.
    pub len: u32,
    /// Tape index of the first entry behind this one and all that it holds.
    pub end: u32,
}

/// The bytes of one fragment of encapsulated pixel data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Where its value starts.
    pub start: u64,
    /// Its bytes.
    pub len: u32,
}

/// Where the pixels lie.
#[derive(Clone, Debug)]
pub enum PixelBytes {
    /// In one piece.
    Native {
        /// First byte.
        start: u64,
        /// Bytes that are there.
        len: u64,
        /// Bytes that the element announces.
        announced: u64,
    },
    /// In fragments; the first item is the Basic Offset Table.
    Fragments {
        /// Offset table and fragments, in file order.
        items: Vec<Fragment>,
        /// Whether the last one is whole.
        whole: bool,
    },
}

/// A value in fragments as one stretch of bytes, its items and their headers included.
#[derive(Clone, Copy, Debug)]
pub struct Pieces {
    /// Tape index of its element, whose `start` is where the first item begins.
    pub index: u32,
    /// First byte behind the value.
    pub stop: u64,
    /// Whether the sequence delimiter is its last item; some files leave it out.
    pub ended: bool,
}

/// The pixel data element of the top level.
#[derive(Clone, Debug)]
pub struct PixelElement {
    /// 7FE0,0010 or its float and double forms.
    pub tag: Tag,
    /// OB or OW; it says how 8-bit samples lie in big endian.
    pub vr: Vr,
    /// Where the pixels lie.
    pub bytes: PixelBytes,
}

/// Where to look for an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The top level.
    Root,
    /// The item at this tape index.
    Item(u32),
}

/// All that the scanner found in one data set.
pub struct Tape {
    /// The bytes that positions refer to: the file, or the inflated data set.
    pub data: Arc<Vec<u8>>,
    /// Byte order of the pixels.
    pub big_endian: bool,
    /// Entries in file order.
    pub elements: Vec<Element>,
    /// Indices of top-level elements, sorted by tag, the last of equal tags last.
    pub roots: Vec<u32>,
    /// The pixel data element, if there is one.
    pub pixels: Option<PixelElement>,
    /// Why the scan stopped before the end, if it did and no pixels had been seen whole.
    pub fault: Option<Fault>,
    /// What was tolerated, as stable words.
    pub warnings: Vec<&'static str>,
    /// Values in fragments, by ascending index; only if everything was kept.
    pub pieces: Vec<Pieces>,
    /// Items of the per-frame functional groups, found once: looking each up from the start would be quadratic.
    pub frame_items: OnceLock<Vec<u32>>,
}

impl Tape {
    /// The element with this tag; of several the last one, as pydicom takes it.
    pub fn find(&self, scope: Scope, tag: Tag) -> Option<&Element> {
        match scope {
            Scope::Root => {
                let behind =
                    self.roots.partition_point(|&i| self.elements.get(i as usize).is_some_and(|e| e.tag <= tag));
                let index = *self.roots.get(behind.checked_sub(1)?)?;
                self.elements.get(index as usize).filter(|e| e.tag == tag)
            }
            Scope::Item(item) => self.children(item).map(|(_, e)| e).filter(|e| e.tag == tag).last(),
        }
    }

    /// Entries directly below the one at `parent`, with their tape indices.
    pub fn children(&self, parent: u32) -> impl Iterator<Item = (u32, &Element)> {
        let stop = self.elements.get(parent as usize).map_or(0, |e| e.end);
        let mut next = parent.saturating_add(1);
        std::iter::from_fn(move || {
            if next >= stop {
                return None;
            }
            let index = next;
            let element = self.elements.get(index as usize)?;
            next = element.end.max(index + 1);
            Some((index, element))
        })
    }

    /// The items of a sequence, as scopes.
    pub fn items(&self, scope: Scope, sequence: Tag) -> Vec<Scope> {
        let Some(index) = self.index_of(scope, sequence) else { return Vec::new() };
        self.children(index).filter(|(_, e)| e.tag == ITEM).map(|(i, _)| Scope::Item(i)).collect()
    }

    /// The first item of a sequence, if it has one.
    pub fn first_item(&self, scope: Scope, sequence: Tag) -> Option<Scope> {
        let index = self.index_of(scope, sequence)?;
        self.children(index).find(|(_, e)| e.tag == ITEM).map(|(i, _)| Scope::Item(i))
    }

    /// The functional groups of one frame, if the file has its own for it.
    pub fn frame_groups(&self, frame: u32) -> Option<Scope> {
        let items = self.frame_items.get_or_init(|| {
            let Some(index) = self.index_of(Scope::Root, PER_FRAME_GROUPS.tag) else { return Vec::new() };
            self.children(index).filter(|(_, e)| e.tag == ITEM).map(|(i, _)| i).collect()
        });
        items.get(frame as usize).map(|&i| Scope::Item(i))
    }

    /// How many items a sequence has; 0 if it is not there.
    pub fn count_items(&self, scope: Scope, sequence: Tag) -> u32 {
        let Some(index) = self.index_of(scope, sequence) else { return 0 };
        self.children(index).filter(|(_, e)| e.tag == ITEM).count() as u32
    }

    fn index_of(&self, scope: Scope, sequence: Tag) -> Option<u32> {
        let index = match scope {
            Scope::Root => {
                let behind =
                    self.roots.partition_point(|&i| self.elements.get(i as usize).is_some_and(|e| e.tag <= sequence));
                *self.roots.get(behind.checked_sub(1)?)?
            }
            Scope::Item(item) => self.children(item).filter(|(_, e)| e.tag == sequence).last()?.0,
        };
        self.elements.get(index as usize).filter(|e| e.tag == sequence && e.vr == Vr(*b"SQ")).map(|_| index)
    }

    /// The bytes of a value; empty if it lies outside the data, which the scanner does not let happen.
    pub fn bytes(&self, element: &Element) -> &[u8] {
        let Ok(start) = usize::try_from(element.start) else { return &[] };
        start.checked_add(element.len as usize).and_then(|end| self.data.get(start..end)).unwrap_or(&[])
    }

    /// A code string or UID: ASCII, without padding. `None` if absent, empty or not ASCII.
    pub fn term(&self, scope: Scope, tag: Tag) -> Option<&str> {
        let bytes = self.bytes(self.find(scope, tag)?);
        let text = std::str::from_utf8(bytes.get(..bytes.len().min(MAX_TEXT))?).ok()?;
        let text = text.trim_matches(|c: char| c == ' ' || c == '\0');
        (!text.is_empty() && text.is_ascii()).then_some(text)
    }
}
