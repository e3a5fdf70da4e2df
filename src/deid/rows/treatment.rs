//! One value of a row: kept, shifted, replaced, scrubbed or gone, as the class of its column says.

use crate::deid::codes;
use crate::deid::dates;
use crate::deid::habit::{self, Becomes, Habit};
use crate::deid::identity::{Identity, Person};
use crate::deid::known::Known;
use crate::deid::memory::{Memory, Question};
use crate::deid::record::{About, Record};
use crate::deid::text::{Scrubber, Shift};
use crate::model::table::PersonId;
use crate::model::{Cell, Class, Column, ColumnType, Domain, Given};
use std::borrow::Cow;

/// What becomes of a value.
pub(super) enum Treated<'t> {
    /// A text that leaves.
    Text(Cow<'t, str>),
    /// Anything else that leaves, nulls among it.
    Cell(Cell),
}

const NULL: Treated<'static> = Treated::Cell(Cell::Null);

pub(super) struct Treatment<'t> {
    pub(super) identity: &'t Identity,
    pub(super) person: Option<&'t Person>,
    pub(super) memory: &'t mut Memory,
    pub(super) record: &'t mut Record,
    pub(super) about: About<'t>,
    /// Whose row it is if it is of a table that is not dated, as messages are.
    pub(super) undated: Option<&'t PersonId>,
    /// Whether the row calls its code one of the National Drug Code directory.
    pub(super) ndc: bool,
    /// Whether the row answers a question for what identifies somebody.
    pub(super) who: bool,
    /// The largest number that a row which tells an age may tell; infinite for other rows.
    pub(super) oldest: f64,
}

/// Columns that hold the answer of a row beside free text.
const VALUES: &[&str] = &["value_code", "value_datetime", "value_number", "value_number_2"];

/// Texts up to this length come back: what the scrubber says of them is remembered.
const SHORT: usize = 200;

impl Treatment<'_> {
    /// What becomes of the value of a column.
    pub(super) fn cell<'v>(&'v mut self, column: &Column, given: &'v Given<'_>, habit: &'v mut Habit) -> Treated<'v> {
        match (column.class, given) {
            (_, Given::Null) | (Class::Drop, _) => NULL,
            (class, _) if self.who && (class == Class::Text || VALUES.contains(&column.name)) => NULL,
            (Class::Pseudonym(Domain::Patient), _) if column.name == "patient_id" => {
                self.person.map_or(NULL, |person| Treated::Text(Cow::Borrowed(person.key.as_str())))
            }
            (Class::Code, Given::Text(text)) if self.ndc && column.name == "code" => {
                let code = codes::keep_ndc(text, &[]).or_else(|| codes::keep(text, &[]));
                let code = code.filter(|code| !self.record.names(code, self.about));
                code.map_or(NULL, |code| Treated::Text(Cow::Owned(code)))
            }
            (Class::Code, Given::Text(text)) => self.code(text, habit),
            (Class::Pseudonym(domain), Given::Text(text)) => self.pseudonym(domain, text, habit),
            (class, Given::Text(text)) => self.text(class, column.kind, text),
            (Class::Number, Given::F64(value)) if *value > self.oldest => Treated::Cell(Cell::F64(self.oldest)),
            (Class::Number, Given::F64(value)) if self.is_no_quantity(*value) => NULL,
            // Numbers and truths were made by our own parser, from columns declared as such.
            (Class::Keep | Class::Number, given) => Treated::Cell(given.clone().into_cell(None)),
            _ => NULL,
        }
    }

    /// What a value of a column becomes whoever it is about, `Some(None)` if it goes; `None` if that depends on the person.
    pub(super) fn whoever(&mut self, column: &Column, given: &Given<'_>) -> Option<Option<Box<str>>> {
        match (column.class, given) {
            _ if self.ndc || self.who => None,
            (_, Given::Null) => Some(None),
            (Class::Keep, Given::Text(text)) => Some(Some((**text).into())),
            (Class::Code, Given::Text(text)) => {
                let text = text.trim_matches([' ', '\0']);
                if text.is_empty() {
                    return Some(None);
                }
                let (kept, whoever) = self.is_code(text);
                whoever.then(|| kept.then(|| text.into()))
            }
            (Class::Pseudonym(Domain::Message | Domain::Patient), _) => None,
            (Class::Pseudonym(domain), Given::Text(text)) => {
                let blank = text.bytes().all(|b| matches!(b, b' ' | 0));
                Some((!blank).then(|| self.memory.pseudonym(domain, text, self.identity).into()))
            }
            _ => None,
        }
    }

    fn text<'v>(&'v mut self, class: Class, kind: ColumnType, text: &'v str) -> Treated<'v> {
        let trimmed = text.trim_matches([' ', '\0']);
        if trimmed.is_empty() {
            return NULL;
        }
        let kept = |keep: bool| if keep { Treated::Text(Cow::Borrowed(trimmed)) } else { NULL };
        match class {
            Class::Keep => Treated::Text(Cow::Borrowed(text)),
            Class::Term => {
                let term = |text: &str| Scrubber::shared().term(text, &[]).is_some();
                let term = self.memory.verdict(Question::Term, trimmed, term);
                kept(term && !self.record.names(trimmed, self.about))
            }
            Class::Number if codes::is_no_quantity(trimmed) || self.record.names(trimmed, self.about) => NULL,
            Class::Number => Treated::Cell(match number(kind, text) {
                Cell::F64(value) => Cell::F64(value.min(self.oldest)),
                cell => cell,
            }),
            Class::Date => Treated::Cell(self.date(text).map_or(Cell::Null, |when| Cell::Date(when.days))),
            Class::DateTime => Treated::Cell(self.date(text).map_or(Cell::Null, |when| {
                Cell::Timestamp(i64::from(when.days) * 86_400_000 + i64::from(when.ms.unwrap_or(0)))
            })),
            Class::BirthDate => {
                let reference = self.about.reference.and_then(dates::parse);
                let reference = reference.or_else(|| self.identity.age_day(self.undated?));
                let age = dates::parse(text).zip(reference).and_then(|(born, at)| dates::age_years(born, at));
                Treated::Cell(age.map_or(Cell::Null, |years| Cell::F64(f64::from(years))))
            }
            Class::Zip => Treated::Cell(codes::zip3(text).map_or(Cell::Null, Cell::Text)),
            Class::Text => self.prose(trimmed),
            // These have been treated before.
            Class::Code | Class::Pseudonym(_) | Class::Drop => NULL,
        }
    }

    /// A code, kept or not.
    fn code<'v>(&'v mut self, text: &'v str, habit: &'v mut Habit) -> Treated<'v> {
        let key = habit::key(text);
        match habit.get(key) {
            Some(Becomes::Same) => return Treated::Text(Cow::Borrowed(text)),
            Some(Becomes::Nothing) => return NULL,
            _ => {}
        }
        let trimmed = text.trim_matches([' ', '\0']);
        if trimmed.is_empty() {
            return NULL;
        }
        let (kept, whoever) = self.is_code(trimmed);
        if whoever && trimmed.len() == text.len() {
            habit.keep(key, if kept { Becomes::Same } else { Becomes::Nothing });
        }
        if kept { Treated::Text(Cow::Borrowed(trimmed)) } else { NULL }
    }

    fn pseudonym<'v>(&'v mut self, domain: Domain, text: &'v str, habit: &'v mut Habit) -> Treated<'v> {
        if text.bytes().all(|b| matches!(b, b' ' | 0)) {
            return NULL;
        }
        // Control ids do not come back, and a person's id may be one of several.
        let key = habit::key(text).filter(|_| !matches!(domain, Domain::Message | Domain::Patient));
        if habit.get(key).is_none() {
            let pseudonym = self.memory.pseudonym(domain, text, self.identity);
            if key.is_none() {
                return Treated::Text(pseudonym);
            }
            habit.keep(key, Becomes::Other((&*pseudonym).into()));
        }
        match habit.get(key) {
            Some(Becomes::Other(pseudonym)) => Treated::Text(Cow::Borrowed(pseudonym)),
            _ => NULL,
        }
    }

    /// Whether a text is a code that may leave, and whether that is so whoever it is about.
    fn is_code(&mut self, text: &str) -> (bool, bool) {
        if codes::is_message_code(text) {
            return (true, true);
        }
        let code = |text: &str| codes::keep(text, &[]).is_some();
        match self.memory.verdict(Question::Code, text, code) {
            true if codes::is_nobodys(text) => (true, true),
            true => (!self.record.names(text, self.about), false),
            false => (false, true),
        }
    }

    /// Whether a number is no measurement; an identifier of digits has four of them or more.
    fn is_no_quantity(&mut self, value: f64) -> bool {
        if value.abs() < 999.0 {
            return false;
        }
        let text = format!("{value:.0}");
        codes::is_no_quantity(&text) || self.record.names(&text, self.about)
    }

    /// Free text, with the dates of the person it is about; those of nobody become marks.
    fn prose<'v>(&mut self, text: &'v str) -> Treated<'v> {
        let harmless = |text: &str| Scrubber::shared().scrub(text, &Known::new(), None).found.total() == 0;
        let quiet = text.len() <= SHORT && !self.record.may_name(text, self.about);
        if quiet && self.memory.verdict(Question::Harmless, text, harmless) {
            return Treated::Text(Cow::Borrowed(text));
        }
        let about = self.about;
        self.record.may_name(text, about);
        let shift = self.person.map(Shift::of);
        Treated::Text(Scrubber::shared().scrub(text, self.record.known(), shift).text)
    }

    fn date(&self, text: &str) -> Option<dates::When> {
        Some(self.person?.shift(dates::parse(text)?))
    }
}

fn number(kind: ColumnType, text: &str) -> Cell {
    let text = text.trim();
    match kind {
        ColumnType::F32 | ColumnType::F64 => {
            text.parse().ok().filter(|x: &f64| x.is_finite()).map_or(Cell::Null, Cell::F64)
        }
        ColumnType::I64 => text.parse().map_or(Cell::Null, Cell::I64),
        ColumnType::U8 | ColumnType::U32 | ColumnType::U64 => text.parse().map_or(Cell::Null, Cell::U64),
        _ => Cell::Null,
    }
}
