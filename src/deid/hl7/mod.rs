//! HL7 v2 messages written again without the people in them. What may stay is a list ([`fields`], [`types`]): segments,
//! fields, components and sub-components that are not on it go, whoever sent them. What stays is byte for byte what it was.
//!
//! docs/HL7.md shows the list; identities are those of [`super::identity`], so a patient has the same pseudonym and the
//! same shift here, in images and in tables.

mod day;
pub mod fields;
mod file;
mod head;
mod leaf;
mod named;
mod observed;
mod plan;
mod prose;
pub mod rule;
pub mod types;

pub use file::Written;

use super::codes;
use super::dates;
use super::dicom::profile::Dates;
use super::identity::{Crosswalk, Identity, Person};
use super::memory::Memory;
use crate::model::table::PersonId;
use crate::model::{Domain, PatientKey};
use crate::read::hl7::{Message, Presence, Segment, Value, patient_into, patient_of};
use head::Heads;
use named::Named;
use plan::{Compiled, Plan};
use rule::{Field, Harbor, How, PartHow, Rule, Type};
use std::ops::{Range, RangeInclusive};

/// Whether a segment of this name stays, with what may leave of it.
pub fn leaves(name: &[u8]) -> bool {
    Plan::shared().segment(name).is_some()
}

/// Rewrites messages one after another and remembers what they share. The order of messages does not change what is
/// written.
pub struct Rewriter<'i> {
    identity: &'i Identity,
    dates: Dates,
    memory: Memory,
    crosswalk: Crosswalk,
    /// Everybody whose segments were written.
    people: Vec<Person>,
    named: Named<'i>,
    /// Days of the person whose segments are being written; `None` if no person is named: then dates go.
    shift_days: Option<i32>,
    /// The person's id, as PID-3 gives it.
    person: Option<PersonId>,
    /// Who that is.
    met: Option<Person>,
    /// Room for the next one.
    room: PersonId,
    /// The day of the message: what ages refer to.
    reference: Option<i32>,
    heads: Heads,
}

impl<'i> Rewriter<'i> {
    /// A rewriter that has seen nothing.
    pub fn new(identity: &'i Identity) -> Self {
        Self::with(identity, Dates::Modified, Memory::default())
    }

    /// A rewriter that treats dates as asked, and remembers what another of the same identity saw.
    pub fn with(identity: &'i Identity, dates: Dates, memory: Memory) -> Self {
        Self {
            identity,
            dates,
            memory,
            crosswalk: Crosswalk::default(),
            people: Vec::new(),
            named: Named::new(identity),
            shift_days: None,
            person: None,
            met: None,
            room: PersonId::default(),
            reference: None,
            heads: Heads::default(),
        }
    }

    /// What was remembered, for the next input.
    pub fn into_memory(self) -> Memory {
        self.memory
    }

    /// Writes a message behind what is there already, in the form that the reader gave it (UTF-16 as UTF-8).
    fn message(&mut self, message: &Message<'_>, out: &mut Vec<u8>) {
        self.named.begin();
        let mut first = std::mem::take(&mut self.room);
        let pid = message.segments().find(|segment| segment.name() == b"PID");
        let identified = pid.is_some_and(|pid| patient_into(&pid, &mut first));
        self.turn_to(identified.then_some(first));
        let time = |name: &[u8], field| {
            let segment = message.segments().find(|segment| segment.name() == name)?;
            dates::parse(&segment.field(field).leaf(1).text()).map(|when| when.days)
        };
        self.reference = time(b"MSH", 7).or_else(|| time(b"EVN", 2));
        let mut people = 0;
        let bytes = message.bytes();
        let mut segments = message.segments().peekable();
        while let Some(segment) = segments.next() {
            let end = segments.peek().map_or(bytes.len(), |next| next.span().start);
            if segment.name() == b"PID" {
                people += 1;
                if people > 1 {
                    self.turn_to(patient_of(&segment));
                }
            }
            let written = match segment.name() {
                b"MSH" => self.header(&segment, message, out),
                _ => self.segment(&segment, message, out),
            };
            if written {
                out.extend_from_slice(bytes.get(segment.span().end..end).unwrap_or_default());
            }
        }
    }

    /// From here on, segments are about this person.
    fn turn_to(&mut self, person: Option<PersonId>) {
        if person.is_some() && person == self.person {
            self.room = person.unwrap_or_default();
            return;
        }
        self.met = person.as_ref().map(|id| {
            let (person, first) = self.memory.person(id, self.identity);
            if first {
                self.crosswalk.patient(&id.id, person);
            }
            if self.people.last() != Some(person) {
                self.people.push(*person);
            }
            *person
        });
        self.shift_days = self.met.and_then(|person| match self.dates {
            Dates::Full => Some(0),
            Dates::Modified => Some(person.shift_days),
            Dates::Removed => None,
        });
        self.room = std::mem::replace(&mut self.person, person).unwrap_or_default();
    }

    /// Writes the pseudonym of a patient.
    fn patient(&mut self, id: &PersonId, out: &mut Vec<u8>) {
        let (person, first) = self.memory.person(id, self.identity);
        if first {
            self.crosswalk.patient(&id.id, person);
        }
        out.extend_from_slice(person.key.as_str().as_bytes());
    }

    /// Writes a segment without its line end; false if it is not on the list.
    fn segment(&mut self, segment: &Segment<'_>, message: &Message<'_>, out: &mut Vec<u8>) -> bool {
        let Some(plan) = Plan::shared().segment(segment.name()) else { return false };
        let declares = matches!(segment.name(), b"MSH" | b"FHS" | b"BHS");
        let fields = if declares { 3 } else { 1 }..=segment.last_field();
        self.stretch(plan, segment, (fields, segment.span()), message, out);
        true
    }

    /// Writes some fields of a segment and what stands between them: the bytes of `span`.
    fn stretch(
        &mut self,
        plan: &Compiled,
        segment: &Segment<'_>,
        (fields, span): (RangeInclusive<usize>, Range<usize>),
        message: &Message<'_>,
        out: &mut Vec<u8>,
    ) {
        let (bytes, end) = (message.bytes(), span.end);
        let mut copied = span.start;
        for n in fields {
            let Some(span) = segment.field_span(n) else { break };
            if span.is_empty() {
                continue;
            }
            let value = segment.field(n);
            if value.presence() == Presence::Null {
                continue;
            }
            out.extend_from_slice(bytes.get(copied..span.start).unwrap_or_default());
            copied = span.end;
            if let Some(field) = plan.field(n) {
                self.field(field, segment, value, message, out);
            }
        }
        out.extend_from_slice(bytes.get(copied..end).unwrap_or_default());
    }

    fn field(
        &mut self,
        field: &Field,
        segment: &Segment<'_>,
        value: Value<'_>,
        message: &Message<'_>,
        out: &mut Vec<u8>,
    ) {
        if field.class == Harbor::None && !message.delimits_as_usual() && self.hides(value, message) {
            return;
        }
        match field.how {
            How::Gone => {}
            How::Observed => self.observed(segment, value, message, out),
            How::Leaf(rule @ (Rule::Text | Rule::Term)) => self.text(rule, &value.text(), value, message, out),
            How::Leaf(rule) => match value.plain() {
                Some(text) => self.plain_leaf(rule, Domain::Other, value, text, message, out),
                None => self.each(value, message, out, |this, one, out| {
                    this.leaf(rule, Domain::Other, one.leaf(1), message, out);
                }),
            },
            How::Of(parts) => self.composite(parts, Domain::Other, value, message, out),
            How::With(parts, domain) => self.composite(parts, domain, value, message, out),
        }
    }

    /// Whether a field says, once its delimiters are not heeded, what none of its parts says: a name, a date, a number of
    /// a person. Only a sender who chose odd delimiters can do that.
    fn hides(&mut self, value: Value<'_>, message: &Message<'_>) -> bool {
        let text = value.text();
        let set = message.delimiters();
        let signs = [Some(set.component), set.repetition, set.escape, set.subcomponent];
        let joined: String = text.chars().filter(|c| !signs.contains(&u8::try_from(*c).ok())).collect();
        [&*text, &joined].iter().any(|text| codes::personal_shape(text) || self.named.names(text, message))
    }

    /// Writes every repetition.
    fn each<'m>(
        &mut self,
        value: Value<'m>,
        message: &Message<'_>,
        out: &mut Vec<u8>,
        mut one: impl FnMut(&mut Self, Value<'m>, &mut Vec<u8>),
    ) {
        for (at, repetition) in value.repetitions().enumerate() {
            if at > 0 {
                out.extend(message.delimiters().repetition);
            }
            one(self, repetition, out);
        }
    }

    /// Writes a field by its components.
    fn composite(
        &mut self,
        parts: &'static Type,
        own: Domain,
        value: Value<'_>,
        message: &Message<'_>,
        out: &mut Vec<u8>,
    ) {
        if let Some(PartHow::Leaf(rule)) = parts.parts.first().filter(|part| part.at == 1).map(|part| part.how)
            && own != Domain::Patient
            && let Some(text) = value.plain()
        {
            return self.plain_leaf(rule, own, value, text, message, out);
        }
        let several = value.repetitions().nth(1).is_some();
        self.each(value, message, out, |this, one, out| {
            let id = if own == Domain::Patient { this.patient_id(parts, one, several) } else { Patient::NotOne };
            this.repetition(parts, own, id, one, message, out);
        });
    }

    fn repetition(
        &mut self,
        parts: &'static Type,
        own: Domain,
        id: Patient,
        one: Value<'_>,
        message: &Message<'_>,
        out: &mut Vec<u8>,
    ) {
        let mut rules = parts.parts.iter().peekable();
        for (at, component) in (1u8..=u8::MAX).zip(one.components()) {
            if at > 1 {
                out.push(message.delimiters().component);
            }
            let Some(part) = rules.next_if(|part| part.at == at) else { continue };
            match (part.how, &id) {
                (PartHow::Leaf(Rule::OwnId), Patient::Gone) => {}
                (PartHow::Leaf(Rule::OwnId), Patient::Own(key)) if component.presence() == Presence::Value => {
                    out.extend_from_slice(key.as_str().as_bytes());
                }
                (PartHow::Leaf(Rule::OwnId), Patient::Is(id)) if component.presence() == Presence::Value => {
                    self.patient(id, out);
                }
                // Terms are often written with an unescaped `&`: they are taken whole if nothing is found in them. Else the
                // rest is a part that the type does not have.
                (PartHow::Leaf(rule @ (Rule::Term | Rule::Text)), _) => {
                    let divided = component.subcomponents().nth(1).is_some();
                    let kept = if divided && !self.is_clean(component, message) {
                        component.subcomponent(1)
                    } else {
                        component
                    };
                    self.leaf(rule, own, kept, message, out);
                }
                (PartHow::Leaf(rule), _) => self.leaf(rule, own, component.subcomponent(1), message, out),
                (PartHow::Of(inner), _) => self.subcomponents(inner, own, component, message, out),
            }
        }
    }

    fn subcomponents(
        &mut self,
        parts: &'static Type,
        own: Domain,
        component: Value<'_>,
        message: &Message<'_>,
        out: &mut Vec<u8>,
    ) {
        let mut rules = parts.parts.iter().peekable();
        for (at, value) in (1u8..=u8::MAX).zip(component.subcomponents()) {
            if at > 1 {
                out.extend(message.delimiters().subcomponent);
            }
            let Some(part) = rules.next_if(|part| part.at == at) else { continue };
            let rule = match part.how {
                PartHow::Leaf(rule) => rule,
                // A type inside a type has no delimiter of its own any more: its first part stands for it.
                PartHow::Of(inner) => match inner.parts.first().map(|part| part.how) {
                    Some(PartHow::Leaf(rule)) => rule,
                    _ => continue,
                },
            };
            self.leaf(rule, own, value, message, out);
        }
    }

    /// Who one repetition of a patient's identifiers means. Numbers that the state, a bank or an insurer gives go, unless
    /// it is the one by which the patient is known.
    fn patient_id(&self, parts: &'static Type, one: Value<'_>, several: bool) -> Patient {
        let (text, own) = (one.leaf(1).text(), self.person.as_ref());
        let id = text.trim();
        if id.is_empty() {
            return Patient::Gone;
        }
        let own = own.filter(|person| person.id == id);
        if several && own.is_none() && FOREIGN.contains(&one.leaf(5).raw()) {
            return Patient::Gone;
        }
        if let (Some(_), Some(met), false) = (own, self.met, self.identity.separates()) {
            return Patient::Own(met.key);
        }
        // The assigning authority is the fourth component of a CX and the ninth of an XCN.
        let issuer = if std::ptr::eq(parts, &types::CX) { 4 } else { 9 };
        Patient::Is(PersonId { id: id.to_owned(), issuer: one.leaf(issuer).text().trim().to_owned() })
    }
}

/// What an identifier is to the patient.
enum Patient {
    /// The field holds no patient's identifier.
    NotOne,
    /// It goes.
    Gone,
    /// It is the id of the person whose segments are being written.
    Own(PatientKey),
    /// It is this person's.
    Is(PersonId),
}

/// Types of identifiers (table 0203) that are not the hospital's: social security, licences, passports, insurance, banks,
/// military and tax numbers.
const FOREIGN: &[&[u8]] = &[
    b"SS", b"SSN", b"DL", b"PPN", b"NI", b"NII", b"NH", b"HC", b"MA", b"MC", b"MCN", b"MS", b"AN", b"ANC", b"ANON",
    b"BA", b"BC", b"BR", b"CZ", b"DN", b"EN", b"GI", b"GN", b"JHN", b"MB", b"MI", b"NB", b"NPI", b"PE", b"PN", b"PRC",
    b"SL", b"SN", b"TAX", b"WC", b"WCN", b"WIC",
];
