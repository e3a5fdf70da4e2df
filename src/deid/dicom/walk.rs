//! The way through one object: every element of every sequence, once, by a stack of its own; what the profile says of each
//! is written as it comes. Nothing of the source is in the new object that did not pass through here.

use super::concepts::{self, About};
use super::marks::{Body, Marks, Masked};
use super::options::Choice;
use super::profile::{Action, Types, number};
use super::safe_private::SAFE_PRIVATE;
use super::text::Scripts;
use super::unlisted;
use super::value::{New, Object, Value, Words};
use super::writer::{Writer, unit};
use crate::error::{Fault, Result};
use crate::model::{Piece, Tag};
use crate::read::dicom::beside;
use crate::read::dicom::charset::Charset;
use crate::read::dicom::element::Encoding;
use crate::read::dicom::tape::{Element, ITEM, Pieces, Scope, Tape, Vr};
use crate::read::dicom::words::{REPRESENTATION, standard_vr};
use std::ops::Range;

/// What was done to one object, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Attributes that went.
    pub removed: u64,
    /// Attributes with another value.
    pub replaced: u64,
    /// Attributes as they were.
    pub kept: u64,
}

impl Tally {
    /// Adds what was done to another object.
    pub fn add(&mut self, other: Tally) {
        self.removed += other.removed;
        self.replaced += other.replaced;
        self.kept += other.kept;
    }
}

/// An open item, or the top level.
struct Level {
    /// Tape indices of its elements, ascending by tag, each tag once.
    elements: Vec<u32>,
    next: usize,
    scripts: Scripts,
    /// The sequence around it.
    inside: Option<Tag>,
    words: Words,
    coded: Option<bool>,
    about: About,
    /// Items of the sequence that are still to come, after this one.
    items: Vec<u32>,
}

/// How an object is written.
pub struct Target<'a> {
    /// The encoding of the new data set.
    pub encoding: Encoding,
    /// Everything as UTF-8.
    pub utf8: bool,
    /// The types of the object's SOP class.
    pub types: Types,
    /// What the object says of its own de-identification.
    pub marks: &'a Marks,
    /// What takes the place of the pixels, if they were masked.
    pub pixels: Option<&'a Masked>,
}

const CHARACTER_SET: Tag = Tag(0x0008, 0x0005);
const SCHEME: Tag = Tag(0x0008, 0x0102);
/// Sequences whose dummy keeps its form: ContentSequence, GraphicAnnotationSequence.
const CONTENT: &[Tag] = &[Tag(0x0040, 0xA730), Tag(0x0070, 0x0001)];
/// Sets of two bytes a character, which come by escape sequences only: JIS X 0208 and 0212, KS X 1001, GB 2312.
const EXTENSIONS: &[&str] = &["87", "159", "149", "58"];
const PIXELS: Tag = Tag(0x7FE0, 0x0010);

/// Writes the new data set of an object.
pub fn walk(tape: &Tape, object: &mut Object, target: &Target) -> Result<(Vec<Piece>, Tally)> {
    let mut walker = Walker { tape, object, target, writer: Writer::new(target.encoding), tally: Tally::default() };
    walker.run()?;
    Ok((walker.writer.finish(), walker.tally))
}

struct Walker<'a, 'b> {
    tape: &'a Tape,
    object: &'a mut Object<'b>,
    target: &'a Target<'a>,
    writer: Writer,
    tally: Tally,
}

impl Walker<'_, '_> {
    fn run(&mut self) -> Result<()> {
        let scripts = Scripts { charset: Charset::new(None), utf8: self.target.utf8 };
        let mut stack = vec![Level {
            elements: last_of_each(self.tape, self.tape.roots.iter().copied()),
            next: 0,
            scripts,
            inside: None,
            words: Words::Kept,
            coded: None,
            about: About::Anything,
            items: Vec::new(),
        }];
        self.enter(stack.last_mut());
        let mut marks = self.target.marks.elements().iter().peekable();
        while let Some(level) = stack.last_mut() {
            let index = level.elements.get(level.next).copied();
            let element = index.and_then(|index| Some((index, *self.tape.elements.get(index as usize)?)));
            let top = level.inside.is_none();
            if top {
                let bound = element.map(|(_, e)| e.tag);
                while let Some(mark) = marks.next_if(|mark| bound.is_none_or(|tag| mark.tag <= tag)) {
                    self.writer.mark(mark)?;
                    if bound == Some(mark.tag) {
                        level.next += 1;
                    }
                }
                if level.elements.get(level.next).copied() != index {
                    continue;
                }
            }
            let Some((index, element)) = element else {
                self.leave(&mut stack)?;
                continue;
            };
            level.next += 1;
            if let Some(inner) = self.element(level, index, &element)? {
                stack.push(inner);
                self.enter(stack.last_mut());
            }
        }
        Ok(())
    }

    /// Ends a level; the next item of its sequence takes its place.
    fn leave(&mut self, stack: &mut Vec<Level>) -> Result<()> {
        let Some(done) = stack.pop() else { return Ok(()) };
        if done.inside.is_none() {
            return Ok(());
        }
        self.writer.close()?;
        let mut items = done.items;
        let Some(item) = items.pop() else { return self.writer.close() };
        self.writer.item();
        let outer = stack.last().map_or(done.scripts, |outer| outer.scripts);
        let elements = last_of_each(self.tape, self.tape.children(item).map(|(index, _)| index));
        stack.push(Level { elements, next: 0, scripts: outer, items, ..done });
        self.enter(stack.last_mut());
        Ok(())
    }

    /// Takes note of what the elements of a level say about each other: character set and coding scheme.
    fn enter(&mut self, level: Option<&mut Level>) {
        let Some(level) = level else { return };
        let find = |tag: Tag| {
            let found = level.elements.iter().filter_map(|&index| self.tape.elements.get(index as usize));
            found.into_iter().find(|element| element.tag == tag).map(|element| self.tape.bytes(element))
        };
        let ascii = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_matches([' ', '\0']).to_owned();
        if let Some(terms) = find(CHARACTER_SET) {
            level.scripts.charset = Charset::new(Some(&ascii(terms)));
        }
        level.coded = find(SCHEME).map(|scheme| unlisted::is_standard_scheme(&ascii(scheme)));
        level.about = concepts::about(self.tape, &level.elements);
    }

    /// Writes one element; a sequence opens a level.
    fn element(&mut self, level: &Level, index: u32, element: &Element) -> Result<Option<Level>> {
        let tag = element.tag;
        if tag.1 == 0 || tag.0 < 0x0008 {
            return Ok(None);
        }
        let private = tag.0 % 2 == 1;
        let action = if private {
            Some(self.private(level, tag))
        } else {
            let action = self.object.profile.action(tag, level.inside, self.target.types);
            action.or_else(|| unlisted::by_name(tag))
        };
        if action == Some(Action::Remove) {
            self.tally.removed += 1;
            return Ok(None);
        }
        if tag.0 == PIXELS.0 && tag != PIXELS && self.target.pixels.is_some() {
            // Offset tables of fragments that are no more.
            self.tally.removed += 1;
            return Ok(None);
        }
        if tag == CHARACTER_SET {
            return self.character_set(element).map(|()| None);
        }
        let Some(vr) = form(tag, element).map(|vr| self.spelled(vr)) else {
            self.tally.removed += 1;
            return Ok(None);
        };
        if vr.0 == *b"SQ" {
            return self.sequence(level, index, tag, action);
        }
        if tag == PIXELS || self.in_fragments(index) {
            return self.bulk(level, index, element, vr).map(|()| None);
        }
        let bytes = self.tape.bytes(element);
        let value = Value {
            tag,
            vr,
            bytes,
            scripts: level.scripts,
            top: level.inside.is_none(),
            words: level.words,
            coded: if tag.0 == 0x0008 && (0x0100..=0x0122).contains(&tag.1) { level.coded } else { None },
            about: level.about,
        };
        let new = if private { self.object.safe_private(action, &value) } else { self.object.value(action, &value) };
        match new {
            New::Gone => self.tally.removed += 1,
            New::Same => {
                self.tally.kept += 1;
                self.writer.element(tag, vr, bytes, element.big_endian)?;
            }
            New::Bytes(bytes) => {
                self.tally.replaced += 1;
                self.writer.element(tag, vr, &bytes, self.target.encoding.big_endian)?;
            }
        }
        Ok(None)
    }

    fn sequence(&mut self, level: &Level, index: u32, tag: Tag, action: Option<Action>) -> Result<Option<Level>> {
        self.writer.sequence(tag);
        let mut items: Vec<u32> = match action {
            Some(Action::Empty) => Vec::new(),
            _ => self.tape.children(index).filter(|(_, item)| item.tag == ITEM).map(|(index, _)| index).collect(),
        };
        items.reverse();
        let Some(item) = items.pop() else {
            self.writer.close()?;
            return Ok(None);
        };
        self.writer.item();
        let elements = last_of_each(self.tape, self.tape.children(item).map(|(index, _)| index));
        let words = match (action, level.words) {
            (_, Words::None) => Words::None,
            (Some(Action::Dummy), _) if CONTENT.contains(&tag) => Words::Codes,
            (Some(Action::Dummy), _) => Words::None,
            (_, Words::Codes) => Words::Codes,
            (Some(Action::Clean), _) => Words::Cleaned,
            (_, outer) => outer,
        };
        let (scripts, inside) = (level.scripts, Some(tag));
        Ok(Some(Level { elements, next: 0, scripts, inside, words, coded: None, about: About::Anything, items }))
    }

    /// The pixels, untouched; other values in fragments and pixels inside sequences are pictures nobody looked at.
    fn bulk(&mut self, level: &Level, index: u32, element: &Element, vr: Vr) -> Result<()> {
        if level.inside.is_some() || element.tag != PIXELS {
            self.tally.removed += 1;
            return Ok(());
        }
        if let Some(pixels) = self.target.pixels {
            self.tally.replaced += 1;
            // PS3.5 A.1: implicit VR knows PixelData as OW only.
            let words = pixels.bits_allocated > 8 || self.target.encoding.implicit;
            return match &pixels.body {
                Body::Native(bytes) => {
                    self.writer.element(PIXELS, Vr(if words { *b"OW" } else { *b"OB" }), bytes, false)
                }
                Body::Fragments(streams) => self.writer.streams(PIXELS, streams),
            };
        }
        self.tally.kept += 1;
        let place = |start: u64, stop: u64| Some(usize::try_from(start).ok()?..usize::try_from(stop).ok()?);
        let lost = || Fault::bug("deid/dicom", "pixels outside the source");
        match self.pieces(index) {
            Some(pieces) => {
                let place: Range<usize> = place(element.start, pieces.stop).ok_or_else(lost)?;
                let blanks = self.object.told_in(self.tape, beside::comments(self.tape));
                self.writer.fragments(PIXELS, Vr(*b"OB"), place, pieces.ended, &blanks)
            }
            None => {
                let stop = element.start + u64::from(element.len);
                let behind = beside::behind_frames(self.tape).map(|behind| behind.start);
                let place = place(element.start, stop).ok_or_else(lost)?;
                self.writer.kept(PIXELS, vr, place.start..behind.unwrap_or(place.end))
            }
        }
    }

    /// US or SS, where an implicit file leaves it to PixelRepresentation.
    fn spelled(&self, vr: Vr) -> Vr {
        if vr.0 != *b"XS" {
            return vr;
        }
        let signed = self.tape.find(Scope::Root, REPRESENTATION.tag).is_some_and(|e| self.tape.bytes(e).contains(&1));
        Vr(if signed { *b"SS" } else { *b"US" })
    }

    fn pieces(&self, index: u32) -> Option<Pieces> {
        let place = self.tape.pieces.binary_search_by_key(&index, |pieces| pieces.index).ok()?;
        self.tape.pieces.get(place).copied()
    }

    fn in_fragments(&self, index: u32) -> bool {
        self.pieces(index).is_some()
    }

    /// SpecificCharacterSet: as it is where every term is known, else UTF-8.
    fn character_set(&mut self, element: &Element) -> Result<()> {
        let value = String::from_utf8_lossy(self.tape.bytes(element)).trim_matches([' ', '\0']).to_owned();
        let extension = |term: &str| term.strip_prefix("ISO 2022 IR ").is_some_and(|n| EXTENSIONS.contains(&n));
        let known = |term: &str| term.is_empty() || extension(term) || Charset::new(Some(term)).known();
        if self.target.utf8 {
            // The mark at the top says UTF-8 for the whole object.
            return Ok(());
        }
        if !value.split('\\').map(str::trim).all(known) {
            self.object.wants_utf8 = true;
        }
        self.tally.kept += 1;
        self.writer.element(CHARACTER_SET, Vr(*b"CS"), self.tape.bytes(element), element.big_endian)
    }

    fn private(&self, level: &Level, tag: Tag) -> Action {
        if !self.object.profile.has(Choice::SafePrivate) {
            return Action::Remove;
        }
        let creator_of = |block: u16| {
            let element = |index: &u32| self.tape.elements.get(*index as usize);
            let wanted = Tag(tag.0, block);
            let place = level.elements.partition_point(|index| element(index).is_some_and(|e| e.tag < wanted));
            let creator = level.elements.get(place).and_then(element).filter(|e| e.tag == wanted)?;
            Some(String::from_utf8_lossy(self.tape.bytes(creator)).trim_matches([' ', '\0']).to_owned())
        };
        match tag.1 {
            0x0010..=0x00FF => match creator_of(tag.1) {
                Some(creator) if SAFE_PRIVATE.iter().any(|row| row.0 == creator && row.1 == tag.0) => Action::Keep,
                _ => Action::Remove,
            },
            0x1000.. => match creator_of(tag.1 >> 8) {
                Some(creator) => self.object.profile.private(&creator, tag),
                None => Action::Remove,
            },
            _ => Action::Remove,
        }
    }
}

/// Of the elements of a level the last of each tag, ascending: a tag that comes twice is written once.
fn last_of_each(tape: &Tape, elements: impl Iterator<Item = u32>) -> Vec<u32> {
    let tag = |index: &u32| tape.elements.get(*index as usize).map_or(0, |element| number(element.tag));
    let mut elements: Vec<u32> = elements.collect();
    elements.sort_by_key(|index| (tag(index), *index));
    let mut kept: Vec<u32> = Vec::with_capacity(elements.len());
    for index in elements {
        if kept.last().is_some_and(|last| tag(last) == tag(&index)) {
            kept.pop();
        }
        kept.push(index);
    }
    kept
}

const TEXTS: &[&[u8; 2]] = &[
    b"AE", b"AS", b"CS", b"DA", b"DS", b"DT", b"IS", b"LO", b"LT", b"PN", b"SH", b"ST", b"TM", b"UC", b"UI", b"UR",
    b"UT",
];

/// The representation by which a value is read and written: the dictionary's, where the file's own makes no sense of it.
/// `None` for a value that cannot be what its attribute is.
fn form(tag: Tag, element: &Element) -> Option<Vr> {
    let (file, bulk) = (element.vr, [*b"OB", *b"OW", *b"UN"]);
    let text = |vr: Vr| TEXTS.iter().any(|known| **known == vr.0);
    let Some(listed) = standard_vr(tag) else {
        // Nobody knows what it is: only what cannot be words stays.
        let private = tag.0 % 2 == 1;
        let fine = private || !bulk.contains(&file.0) && !matches!(&file.0, b"SQ" | b"PN" | b"AE" | b"UR");
        let words = matches!(&file.0, b"LO" | b"LT" | b"SH" | b"ST" | b"UC" | b"UT");
        return (fine && (private || !words)).then_some(file);
    };
    let same = file == listed || listed.0 == *b"OW" && !text(file) && file.0 != *b"SQ";
    let chosen = match () {
        () if listed.0 == *b"SQ" => (file.0 == *b"SQ" || element.len == 0).then_some(listed),
        () if file.0 == *b"SQ" => None,
        () if same => Some(if file.0 == *b"UN" { listed } else { file }),
        () if listed.0 == *b"XS" => (!text(file) && !bulk.contains(&file.0)).then_some(file),
        () if text(listed) && (text(file) || bulk.contains(&file.0)) => Some(listed),
        () if !text(listed) && !text(file) => Some(if file.0 == *b"UN" { listed } else { file }),
        () => None,
    }?;
    // Numbers must be whole; bulk in OW may be of any length.
    (chosen.0 == *b"OW" || (element.len as usize).is_multiple_of(unit(chosen))).then_some(chosen)
}
