//! Attributes of a DICOM object, in sequences too, and of the one that was made of it.

use super::{Changes, Deed, Place, deed};
use crate::model::Tag;
use crate::read::dicom::tape::{Element, ITEM, PixelBytes, Scope, Tape};
use crate::read::dicom::whole::Whole;
use crate::read::dicom::words::keyword;
use std::collections::BTreeMap;

const PIXELS: Tag = Tag(0x7FE0, 0x0010);

/// What became of every attribute. Places are tag and keyword, behind those of the sequences they lie in; group lengths
/// are none.
pub fn of_object(old: &Whole, new: &Whole) -> Changes {
    let mut both = Both { old: old.tape.open(), new: new.tape.open(), changes: Changes::default() };
    // A stack of pairs of items: objects may nest as deep as the scanner lets them.
    let mut open = vec![(String::new(), Scope::Root, Scope::Root)];
    while let Some((path, old, new)) = open.pop() {
        both.level(&path, old, new, &mut open);
    }
    both.changes
}

struct Both<'t> {
    old: &'t Tape,
    new: &'t Tape,
    changes: Changes,
}

impl<'t> Both<'t> {
    fn level(&mut self, path: &str, old: Scope, new: Scope, open: &mut Vec<(String, Scope, Scope)>) {
        let (before, mut after) = (elements(self.old, old), elements(self.new, new));
        for (tag, (index, element)) in before {
            let place = format!("{path}{}", name(tag));
            let Some((there, made)) = after.remove(&tag) else {
                self.note(place, Deed::Removed);
                continue;
            };
            if element.vr.0 != *b"SQ" || made.vr.0 != *b"SQ" {
                let same = || pixels(self.old).eq(pixels(self.new));
                let deed = match () {
                    () if tag == PIXELS && path.is_empty() && same() => Deed::Kept,
                    () if tag == PIXELS && path.is_empty() => Deed::Replaced,
                    () => deed(self.old.bytes(element), self.new.bytes(made)),
                };
                self.note(place, deed);
                continue;
            }
            let items =
                |tape: &'t Tape, index: u32| tape.children(index).filter(|(_, e)| e.tag == ITEM).map(|(i, _)| i);
            let (mut old, mut new) = (items(self.old, index), items(self.new, there));
            let mut uneven = None;
            let inner = format!("{place} > ");
            loop {
                match (old.next(), new.next()) {
                    (Some(old), Some(new)) => open.push((inner.clone(), Scope::Item(old), Scope::Item(new))),
                    (Some(_), None) => uneven = Some(Deed::Emptied),
                    (None, Some(_)) => uneven = Some(Deed::Added),
                    (None, None) => break,
                }
            }
            if let Some(deed) = uneven {
                self.note(place, deed);
            }
        }
        for tag in after.into_keys() {
            self.note(format!("{path}{}", name(tag)), Deed::Added);
        }
    }

    fn note(&mut self, name: String, deed: Deed) {
        self.changes.note(Place { name, ..Place::default() }, deed);
    }
}

/// Tag and keyword; private attributes have none.
fn name(tag: Tag) -> String {
    let keyword = if tag.0 % 2 == 1 { "private".to_owned() } else { keyword(tag) };
    format!("{:04X},{:04X} {keyword}", tag.0, tag.1)
}

/// The elements of a level, of equal tags the last, without group lengths.
fn elements(tape: &Tape, scope: Scope) -> BTreeMap<Tag, (u32, &Element)> {
    let indices: Vec<u32> = match scope {
        Scope::Root => tape.roots.clone(),
        Scope::Item(item) => tape.children(item).map(|(index, _)| index).collect(),
    };
    let found = indices.into_iter().filter_map(|index| Some((index, tape.elements.get(index as usize)?)));
    found.filter(|(_, element)| element.tag.1 != 0).map(|(index, element)| (element.tag, (index, element))).collect()
}

/// The bytes of the pixels, fragment by fragment.
fn pixels(tape: &Tape) -> impl Iterator<Item = &[u8]> {
    let stretches: Vec<(u64, u64)> = match tape.pixels.as_ref().map(|pixels| &pixels.bytes) {
        Some(PixelBytes::Native { start, len, .. }) => vec![(*start, *len)],
        Some(PixelBytes::Fragments { items, .. }) => items.iter().map(|i| (i.start, u64::from(i.len))).collect(),
        None => Vec::new(),
    };
    let place = |(start, len): (u64, u64)| Some(usize::try_from(start).ok()?..usize::try_from(start + len).ok()?);
    stretches.into_iter().filter_map(move |stretch| tape.data.get(place(stretch)?))
}
