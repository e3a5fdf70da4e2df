//! How a cell is taken from the segments of a row. The tables say it for each column; this does it.

use super::message::Segment;
use super::value::Value;
use crate::model::Given;
pub use crate::read::decimal::decimal;
use std::borrow::Cow;

/// Where a cell comes from. Segments are counted within the row: 0 is the row's own, 1 and 2 those that go with it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Take {
    /// The patient's id.
    Patient,
    /// The number of the message.
    Ordinal,
    /// The visit number.
    Encounter,
    /// Which order of the message.
    Order,
    /// Text of the first sub-component of a component of the first repetition: segment, field, component.
    At(u8, u8, u8),
    /// The same as a number.
    Num(u8, u8, u8),
    /// A field as a set id.
    Int(u8, u8),
    /// One component of every repetition, separated by blanks.
    Codes(u8, u8, u8),
    /// Every repetition as a line.
    Lines(u8, u8),
    /// Another take, if its text has a shape: codes that some senders write sentences into.
    If(fn(&str) -> bool, &'static Take),
    /// The first of these that is there.
    Or(&'static [Take]),
    /// Worked out by the code that makes the row.
    Made(Made),
}

/// What the code of a row works out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    /// A column that this kind of segment has nothing for.
    Nothing,
    CharacterSet,
    Segments,
    Bytes,
    StructureValid,
    ValidationScore,
    Valid,
    Trigger,
    MessageTime,
    PriorPatient,
    ValueIndex,
    Number,
    Comparator,
    Separator,
    Number2,
    ValueCode,
    ValueCodeSystem,
    ValueText,
    ValueTime,
    ValueBytes,
    Ucum,
    Low,
    High,
    Stage,
    DrugCode,
    DrugText,
    DrugSystem,
    Amount,
    AmountMaximum,
    DrugUnit,
    Form,
    Interval,
    Start,
    Stop,
    DispenseAmount,
    Refills,
    Prescription,
    Completion,
    Instructions,
    AllergyDate,
    AllergyAction,
    About,
    AboutSet,
}

pub(super) const fn at(segment: u8, field: u8, component: u8) -> Take {
    Take::At(segment, field, component)
}

pub(super) const fn num(segment: u8, field: u8, component: u8) -> Take {
    Take::Num(segment, field, component)
}

pub(super) const fn int(segment: u8, field: u8) -> Take {
    Take::Int(segment, field)
}

pub(super) const fn codes(segment: u8, field: u8, component: u8) -> Take {
    Take::Codes(segment, field, component)
}

pub(super) const fn lines(segment: u8, field: u8) -> Take {
    Take::Lines(segment, field)
}

/// Text as a cell; nothing for what is absent, empty or null.
#[inline]
pub(super) fn text<'m>(value: Value<'m>) -> Given<'m> {
    match value.plain() {
        Some(plain) => words(Cow::Borrowed(plain)),
        None if value.is_blank() => Given::Null,
        None => words(value.text()),
    }
}

/// Words as a cell; nothing if they are blank.
#[inline]
pub(super) fn words(words: Cow<'_, str>) -> Given<'_> {
    if words.bytes().all(|b| b == b' ') { Given::Null } else { Given::Text(words) }
}

/// A number as a cell.
pub(super) fn number(value: Value<'_>) -> Given<'static> {
    decimal(&value.text()).map_or(Given::Null, Given::F64)
}

/// The largest set id: what is larger is somebody's number, not a place in a list.
const MOST_SETS: u64 = 9999;

/// A set id as a cell.
pub(super) fn whole(value: Value<'_>) -> Given<'static> {
    let number = value.text().trim().parse().ok();
    number.filter(|n| (1..=MOST_SETS).contains(n)).map_or(Given::Null, Given::U64)
}

/// Takes one cell that the segments of the row can give; `None` for what only the context knows.
#[inline]
pub(super) fn from_segments<'m>(take: Take, segments: &[Option<Segment<'m>>]) -> Option<Given<'m>> {
    let field = |segment: u8, field: u8| {
        let segment = segments.get(usize::from(segment)).copied().flatten();
        segment.map(|segment| segment.field(usize::from(field)))
    };
    let cell = match take {
        Take::At(s, f, c) => field(s, f).map(|value| match value.plain() {
            Some(plain) if c == 1 && !plain.is_empty() => words(Cow::Borrowed(plain)),
            Some(_) => Given::Null,
            None => text(value.leaf(usize::from(c))),
        }),
        Take::Num(s, f, c) => field(s, f).map(|value| number(value.leaf(usize::from(c)))),
        Take::Int(s, f) => field(s, f).map(|value| whole(value.leaf(1))),
        Take::Codes(s, f, c) => field(s, f).map(|value| joined(value, " ", |part| part.leaf(usize::from(c)))),
        Take::Lines(s, f) => field(s, f).map(|value| joined(value, "\n", |part| part)),
        Take::Patient | Take::Ordinal | Take::Encounter | Take::Order | Take::If(..) | Take::Or(_) | Take::Made(_) => {
            return None;
        }
    };
    Some(cell.unwrap_or_default())
}

/// The repetitions of a value, each cut down to a part, with a separator between those that hold something.
pub(super) fn joined<'m>(value: Value<'m>, separator: &str, part: impl Fn(Value<'m>) -> Value<'m>) -> Given<'m> {
    let mut all = String::new();
    for value in value.repetitions().map(part).filter(|value| !value.is_blank()) {
        if !all.is_empty() {
            all.push_str(separator);
        }
        all.push_str(&value.text());
    }
    words(Cow::Owned(all))
}
