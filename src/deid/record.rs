//! Whom the record of a row names: asked for only when something of the row is to be judged, and looked at in earnest only
//! when the text at hand could hold some of it.

use super::grams::Grams;
use super::known::Known;
use crate::model::table::{NamingOf, PersonId};
use crate::model::{Given, Naming, Phi, SealedLine, SealedRow};
use std::cell::OnceCell;
use std::sync::Arc;

/// A row as one that lies in its input.
pub(super) fn with_line<T>(row: &SealedRow, then: impl FnOnce(&SealedLine<'_>) -> T) -> T {
    let cells: Vec<Given<'_>> = row.cells.open().iter().map(Given::of).collect();
    let listed = row.naming.clone().unwrap_or_default();
    let naming = || listed.clone();
    then(&SealedLine {
        table: row.table,
        cells: Phi::seal(&cells),
        person: row.person.as_ref().map(|id| Phi::seal(id.open())),
        naming: row.naming.as_ref().map(|_| &naming as &NamingOf<'_>),
        reference_date: row.reference_date.as_ref().map(|date| Phi::seal(date.open().as_str())),
        alike: None,
    })
}

/// Whom a record names, worked out as far as somebody asks: most codes share no three letters with anybody's name.
pub(super) struct Record {
    /// Whether the row at hand has been looked at.
    asked: bool,
    words: Option<Arc<Phi<Vec<Naming>>>>,
    /// Names that records of other inputs have, one a line.
    linked: String,
    id: Option<PersonId>,
    grams: Grams,
    known: OnceCell<Known>,
}

/// What a row says of whom it is about.
#[derive(Clone, Copy)]
pub(super) struct About<'t> {
    pub naming: Option<&'t NamingOf<'t>>,
    /// What records of other inputs call the person, one name a line.
    pub linked: Option<&'t Phi<Box<str>>>,
    pub id: Option<&'t PersonId>,
    pub reference: Option<&'t str>,
}

impl Record {
    pub(super) fn new() -> Self {
        Self { asked: false, words: None, linked: String::new(), id: None, grams: Grams::new(), known: OnceCell::new() }
    }

    /// Another row, perhaps of another record.
    pub(super) fn begin(&mut self) {
        self.asked = false;
    }

    /// Whether a text may name somebody: no says no for certain.
    pub(super) fn may_name(&mut self, text: &str, about: About<'_>) -> bool {
        if !self.asked {
            self.asked = true;
            self.ask(about);
        }
        self.grams.may_hold(text.as_bytes())
    }

    /// Whether a text names somebody.
    pub(super) fn names(&mut self, text: &str, about: About<'_>) -> bool {
        self.may_name(text, about) && self.known().names(text)
    }

    fn ask(&mut self, about: About<'_>) {
        let words = about.naming.map(|naming| naming());
        let same = match (&words, &self.words) {
            (Some(words), Some(last)) => Arc::ptr_eq(words, last),
            (None, None) => true,
            _ => false,
        };
        if same && self.id.as_ref() == about.id {
            return;
        }
        self.known = OnceCell::new();
        self.grams.clear();
        if let Some(id) = about.id {
            self.grams.learn(id.id.as_bytes());
        }
        self.linked.clear();
        for name in about.linked.iter().flat_map(|names| names.open().lines()) {
            self.grams.learn_person(name);
            self.linked.push_str(name);
            self.linked.push('\n');
        }
        for naming in words.iter().flat_map(|words| words.open()) {
            match naming {
                Naming::Name(name) => self.grams.learn_person(name),
                Naming::BirthDate(text) | Naming::Other(text) => self.grams.learn(text.as_bytes()),
            }
        }
        self.words = words;
        self.id = about.id.cloned();
    }

    /// All that is known, once somebody has asked.
    pub(super) fn known(&self) -> &Known {
        self.known.get_or_init(|| {
            let mut known = Known::default();
            self.linked.lines().for_each(|name| known.name(name));
            for naming in self.words.iter().flat_map(|words| words.open()) {
                match naming {
                    Naming::Name(name) => known.name(name),
                    Naming::BirthDate(date) => {
                        known.birth_date(date);
                        if date.len() >= 8 && date.bytes().all(|b| b.is_ascii_digit()) {
                            known.learn(date);
                        }
                    }
                    Naming::Other(words) => learn_id(&mut known, words),
                }
            }
            if let Some(id) = &self.id {
                learn_id(&mut known, &id.id);
            }
            known
        })
    }
}

/// Learns an id of any form. The pieces of four in a UUID are in many numbers and codes of others (one SNOMED CT code in
/// fifty has one): of a UUID the whole, its first and its last piece are known.
fn learn_id(known: &mut Known, id: &str) {
    let pieces: Vec<&str> = id.trim().split('-').collect();
    let hex = |piece: &&str| piece.bytes().all(|b| b.is_ascii_hexdigit());
    match *pieces {
        [first, a, b, c, last]
            if pieces.iter().all(hex) && [first, a, b, c, last].map(str::len) == [8, 4, 4, 4, 12] =>
        {
            [first, last, &pieces.concat()].iter().for_each(|word| known.learn(word));
        }
        _ => known.learn(id),
    }
}
