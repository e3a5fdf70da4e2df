//! The tables as the walk wants them: a segment by its name, a field by its number, and what is learned about people
//! from each.

use super::fields::SEGMENTS;
use super::rule::{Field, Harbor, How, Rule, Segment, Type};
use super::types::{CX, EI, NDL, XCN};
use crate::model::Domain;
use std::sync::LazyLock;

/// What a field says about the people of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lesson {
    /// A name.
    Name,
    /// A patient's identifier in the first component: its letters may be a name.
    Id,
    /// Another identifier there.
    Number,
    /// An identifier that is one only if it has a number in it: fields of several uses.
    NumberedId,
    /// Identifier and name of a person: XCN and its kin.
    Person,
    /// The same in sub-components of the first component: NDL.
    NestedPerson,
    /// A telephone number.
    Phone,
    /// An address, a place, an organisation.
    Place,
    /// A birth date.
    Born,
}

/// One segment, ready for the walk.
pub(super) struct Compiled {
    /// By number; `None` where nothing is on the list.
    fields: Vec<Option<&'static Field>>,
    /// Fields that say who people are.
    pub lessons: Vec<(u8, Lesson)>,
}

impl Compiled {
    fn of(segment: &'static Segment) -> Self {
        let most = segment.fields.iter().map(|field| usize::from(field.at)).max().unwrap_or_default();
        let mut fields = vec![None; most + 1];
        for field in segment.fields {
            fields[usize::from(field.at)] = Some(field);
        }
        let lessons = segment.fields.iter().filter_map(|field| Some((field.at, lesson(field)?))).collect();
        Self { fields, lessons }
    }

    /// The rule of a field; `None` if it is not on the list.
    #[inline]
    pub fn field(&self, n: usize) -> Option<&'static Field> {
        self.fields.get(n).copied().flatten()
    }
}

fn is(one: &'static Type, other: &'static Type) -> bool {
    std::ptr::eq(one, other)
}

/// What is learned from a field follows from what is done to it.
fn lesson(field: &Field) -> Option<Lesson> {
    match field.how {
        How::Gone => match field.class {
            Harbor::Names => Some(Lesson::Name),
            Harbor::Geography => Some(Lesson::Place),
            Harbor::Phone | Harbor::Fax | Harbor::Email => Some(Lesson::Phone),
            Harbor::Dates => Some(Lesson::Born),
            Harbor::Other | Harbor::Device | Harbor::Licence => Some(Lesson::NumberedId),
            Harbor::RecordNumber => Some(Lesson::Id),
            Harbor::Ssn | Harbor::Beneficiary | Harbor::Account => Some(Lesson::Number),
            _ => None,
        },
        How::Leaf(Rule::Birth) => Some(Lesson::Born),
        How::Leaf(Rule::Id(Domain::Message)) => None,
        How::Leaf(Rule::Id(_)) => Some(Lesson::NumberedId),
        How::With(t, Domain::Patient) if is(t, &CX) => Some(Lesson::Id),
        How::With(t, _) if is(t, &CX) => Some(Lesson::Number),
        How::With(t, _) if is(t, &EI) => Some(Lesson::NumberedId),
        How::With(t, _) if is(t, &XCN) => Some(Lesson::Person),
        How::With(t, _) if is(t, &NDL) => Some(Lesson::NestedPerson),
        How::Of(_) if field.class == Harbor::Geography => Some(Lesson::Place),
        _ => None,
    }
}

/// All segments.
pub(super) struct Plan {
    segments: Vec<(u32, Compiled)>,
}

/// The name of a segment as a number: cheap to compare.
#[inline]
fn key([a, b, c]: [u8; 3]) -> u32 {
    u32::from_be_bytes([0, a, b, c])
}

impl Plan {
    /// The plan, made once.
    pub fn shared() -> &'static Plan {
        static PLAN: LazyLock<Plan> = LazyLock::new(|| {
            let all = SEGMENTS.iter().copied().flatten();
            let mut segments: Vec<_> = all.map(|segment| (key(*segment.id), Compiled::of(segment))).collect();
            segments.sort_by_key(|row| row.0);
            Plan { segments }
        });
        &PLAN
    }

    /// What is on the list for a segment; `None` if the whole segment goes.
    #[inline]
    pub fn segment(&self, name: &[u8]) -> Option<&Compiled> {
        let id = key(name.try_into().ok()?);
        let at = self.segments.binary_search_by_key(&id, |row| row.0).ok()?;
        self.segments.get(at).map(|row| &row.1)
    }
}
