//! The metadata of one DICOM object: which attributes are there, and their values, sealed.

use super::Phi;
use std::collections::{BTreeMap, BTreeSet};

/// Group and element of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(pub u16, pub u16);

/// Attributes of the top level of a data set (and, for enhanced objects, those of the shared functional groups that
/// a manifest needs), decoded to Unicode by SpecificCharacterSet, several values joined by a backslash as in the file.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    attributes: BTreeMap<Tag, Phi<String>>,
    grouped: BTreeSet<Tag>,
}

impl Sheet {
    /// Adds or replaces a value.
    pub fn insert(&mut self, tag: Tag, value: String) {
        self.attributes.insert(tag, Phi::seal(value));
    }

    /// The sealed value, if the attribute is there and not empty.
    pub fn get(&self, tag: Tag) -> Option<&Phi<String>> {
        self.attributes.get(&tag)
    }

    /// Takes note that the functional groups of a multi-frame object have a value of this attribute.
    pub fn note_group(&mut self, tag: Tag) {
        self.grouped.insert(tag);
    }

    /// Whether the functional groups (shared ones, or those of the first frame) have a value of it.
    pub fn in_groups(&self, tag: Tag) -> bool {
        self.grouped.contains(&tag)
    }

    /// The tags that are there: places are not secret, values are.
    pub fn tags(&self) -> impl Iterator<Item = Tag> + '_ {
        self.attributes.keys().copied()
    }
}
