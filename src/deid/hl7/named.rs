//! What one message says about its people. It is gathered from the fields that the tables treat as identifying, and only
//! looked at in earnest when a text could hold some of it: most codes share no three letters with anybody's name.

use super::plan::{Lesson, Plan};
use crate::deid::grams::Grams;
use crate::deid::identity::Identity;
use crate::deid::known::Known;
use crate::read::hl7::{Message, Value, patient_of};
use std::cell::OnceCell;

/// The people of one message.
pub(super) struct Named<'i> {
    identity: &'i Identity,
    grams: Grams,
    /// Whether the fields of the message at hand have been read.
    gathered: bool,
    known: OnceCell<Known>,
}

impl<'i> Named<'i> {
    pub fn new(identity: &'i Identity) -> Self {
        Self { identity, grams: Grams::new(), gathered: false, known: OnceCell::new() }
    }

    /// Another message, whose fields are read when somebody asks.
    pub fn begin(&mut self) {
        self.gathered = false;
        self.known.take();
    }

    /// Whether anything was asked about the people of the message at hand.
    pub fn was_asked(&self) -> bool {
        self.gathered || self.known.get().is_some()
    }

    /// Reads the fields of a message that say who people are.
    fn gather(&mut self, message: &Message<'_>) {
        self.gathered = true;
        self.grams.clear();
        each_linked(self.identity, message, |name| self.grams.learn_person(name));
        each_lesson(message, |lesson, value| {
            let raw = value.raw();
            match lesson {
                Lesson::Name | Lesson::Person | Lesson::NestedPerson => self.grams.learn_name(raw),
                _ => self.grams.learn(raw),
            }
            // Behind escape sequences, and with what nobody sees, stands more than the bytes say.
            if raw.iter().any(|b| *b == 0 || Some(*b) == message.delimiters().escape) {
                self.grams.learn(value.text().as_bytes());
            }
            // Names are written in the other order too.
            if let Some(at) = raw.iter().position(|b| *b == message.delimiters().component) {
                let (first, rest) = raw.split_at(at);
                let second = rest.get(1..).unwrap_or_default();
                let end = second.iter().position(|b| *b == message.delimiters().component).unwrap_or(second.len());
                let second = second.get(..end).unwrap_or_default();
                if !second.is_empty() {
                    self.grams.learn_turned(first, second);
                }
            }
        });
    }

    /// Whether a text names somebody of the message.
    #[inline]
    pub fn names(&mut self, text: &str, message: &Message<'_>) -> bool {
        self.may_name(text, message) && self.known(message).names(text)
    }

    /// Whether a text may name somebody of the message: no says no for certain.
    #[inline]
    pub fn may_name(&mut self, text: &str, message: &Message<'_>) -> bool {
        if !self.gathered {
            self.gather(message);
        }
        self.grams.may_hold(text.as_bytes())
    }

    /// All that is known.
    pub fn known(&self, message: &Message<'_>) -> &Known {
        self.known.get_or_init(|| {
            let mut known = Known::default();
            each_linked(self.identity, message, |name| known.name(name));
            each_lesson(message, |lesson, value| teach(&mut known, lesson, value));
            known
        })
    }
}

/// What other inputs call the patients of a message.
fn each_linked(identity: &Identity, message: &Message<'_>, mut each: impl FnMut(&str)) {
    if !identity.knows_linked() {
        return;
    }
    let patients = message.segments().filter(|segment| segment.name() == b"PID").filter_map(|pid| patient_of(&pid));
    for patient in patients {
        identity.linked(&patient).iter().flat_map(|names| names.open().lines()).for_each(&mut each);
    }
}

/// Every field that says who people are.
fn each_lesson<'m>(message: &'m Message<'_>, mut each: impl FnMut(Lesson, Value<'m>)) {
    let plan = Plan::shared();
    for segment in message.segments() {
        let Some(compiled) = plan.segment(segment.name()) else { continue };
        let last = segment.last_field();
        for (at, lesson) in &compiled.lessons {
            let at = usize::from(*at);
            if at > last {
                break;
            }
            let field = segment.field(at);
            if !field.is_blank() {
                each(*lesson, field);
            }
        }
    }
}

fn teach(known: &mut Known, lesson: Lesson, field: Value<'_>) {
    for value in field.repetitions() {
        let id = value.leaf(1).text();
        match lesson {
            // Suffix, prefix and degree name nobody: XPN-4 to XPN-6.
            Lesson::Name => name(known, [1, 2, 3, 15].map(|n| value.component(n))),
            Lesson::Id => known.id(&id),
            Lesson::Number => known.number(&id),
            Lesson::NumberedId if id.bytes().any(|b| b.is_ascii_digit()) => known.number(&id),
            Lesson::NumberedId => {}
            Lesson::Person => {
                known.id(&id);
                name(known, [2, 3, 4, 4].map(|n| value.component(n)));
            }
            Lesson::NestedPerson => {
                known.id(&id);
                name(known, [2, 3, 4, 4].map(|n| value.component(1).subcomponent(n)));
            }
            Lesson::Phone => value.components().for_each(|part| known.phone(&part.text())),
            Lesson::Place => value.components().flat_map(|part| part.subcomponents()).for_each(|part| {
                known.address(&part.text());
            }),
            Lesson::Born => known.birth_date(&id),
        }
    }
}

/// Family, given and further names, each by its first sub-component; what else a family name has is part of it.
fn name(known: &mut Known, parts: [Value<'_>; 4]) {
    let first = parts.map(|part| part.subcomponents().next().map(|part| part.text().into_owned()).unwrap_or_default());
    known.name(&first.join("^"));
    for part in parts.iter().flat_map(|part| part.subcomponents().skip(1)) {
        known.name(&part.text());
    }
}
