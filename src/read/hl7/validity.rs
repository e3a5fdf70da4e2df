//! What a message is worth as a source: structure, and the score of identifier, time, type and segments.

use super::message::{Message, Segment};
use super::patient::patient_of;
use crate::model::table::PersonId;

/// Segments of which one is needed.
type Group = &'static [&'static [u8; 3]];

/// Segments that a message type cannot do without: each group needs one of its members. Types that are not here need
/// nothing but their MSH.
const NEEDED: &[(&[u8; 3], &[Group])] = &[
    (b"ADT", &[&[b"PID"]]),
    (b"ORU", &[&[b"PID"], &[b"OBX"]]),
    (b"OUL", &[&[b"OBX", b"OBR"]]),
    (b"ORM", &[&[b"ORC", b"OBR"]]),
    (b"OML", &[&[b"ORC", b"OBR"]]),
    (b"OMG", &[&[b"ORC", b"OBR"]]),
    (b"OMI", &[&[b"ORC", b"OBR"]]),
    (b"OMP", &[&[b"RXO"]]),
    (b"RDE", &[&[b"PID"], &[b"RXE"]]),
    (b"RDS", &[&[b"RXD"]]),
    (b"RGV", &[&[b"RXG"]]),
    (b"RAS", &[&[b"RXA"]]),
    (b"VXU", &[&[b"PID"], &[b"RXA"]]),
    (b"MDM", &[&[b"PID"], &[b"TXA"]]),
    (b"SIU", &[&[b"SCH"]]),
    (b"DFT", &[&[b"PID"], &[b"FT1"]]),
    (b"BAR", &[&[b"PID"]]),
];

/// What one walk over the segments of a message finds.
pub(super) struct Facts<'m> {
    pub msh: Option<Segment<'m>>,
    pub evn: Option<Segment<'m>>,
    /// The first PID.
    pub pid: Option<Segment<'m>>,
    /// The patient that it names.
    pub person: Option<PersonId>,
    pub segments: u64,
    pub structure_valid: bool,
    /// 0, 0.25, 0.5, 0.75 or 1.
    pub score: f64,
}

/// A message of this score or more is valid.
pub(super) const VALID_FROM: f64 = 0.75;

impl<'m> Facts<'m> {
    pub(super) fn of(message: &'m Message<'m>) -> Self {
        let msh = message.segments().next();
        let kind = msh.map(|msh| msh.field(9));
        let code = kind.map_or(&[][..], |kind| kind.leaf(1).raw());
        let own: Option<&[u8; 3]> = code.try_into().ok();
        let needed = NEEDED.iter().find(|row| Some(row.0) == own).map_or(&[][..], |row| row.1);
        let mut facts =
            Self { msh, evn: None, pid: None, person: None, segments: 0, structure_valid: true, score: 0.0 };
        let mut missing = (1u32 << needed.len()) - 1;
        for segment in message.segments() {
            facts.segments += 1;
            facts.structure_valid &= segment.is_named();
            match &segment.id() {
                b"PID" if facts.pid.is_none() => facts.pid = Some(segment),
                b"EVN" if facts.evn.is_none() => facts.evn = Some(segment),
                _ => {}
            }
            for (bit, group) in needed.iter().enumerate() {
                if group.contains(&&segment.id()) {
                    missing &= !(1 << bit);
                }
            }
        }
        let typed = is_code(code) && kind.is_some_and(|kind| is_code(kind.leaf(2).raw()));
        let there = |n: usize| msh.is_some_and(|msh| !msh.field(n).is_blank());
        facts.structure_valid &= [9, 10, 11, 12].into_iter().all(there);
        let timed = msh.is_some_and(|msh| is_day(msh.field(7).leaf(1).raw()));
        facts.person = facts.pid.as_ref().and_then(patient_of);
        facts.score = [facts.person.is_some(), timed, typed, missing == 0]
            .map(|holds| if holds { 0.25 } else { 0.0 })
            .iter()
            .sum();
        facts
    }
}

/// Three letters or digits: `ORU`, `R01`.
fn is_code(text: &[u8]) -> bool {
    text.len() == 3 && text.iter().all(u8::is_ascii_alphanumeric)
}

/// Begins with a day: YYYYMMDD.
fn is_day(text: &[u8]) -> bool {
    let number = |range: std::ops::Range<usize>| {
        let digits = text.get(range).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
        std::str::from_utf8(digits).ok()?.parse::<u32>().ok()
    };
    let (year, month, day) = (number(0..4), number(4..6), number(6..8));
    year.is_some_and(|y| y >= 1850)
        && month.is_some_and(|m| (1..=12).contains(&m))
        && day.is_some_and(|d| (1..=31).contains(&d))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::hl7::messages;

    fn score(text: &str) -> f64 {
        Facts::of(&messages(text.as_bytes()).next().unwrap().unwrap()).score
    }

    #[test]
    fn each_quarter_is_earned_alone() {
        assert_eq!(score("MSH|^~\\&|||||20240101||ORU^R01|1|P|2.5\rPID|||77\rOBX|1|NM"), 1.0);
        assert_eq!(score("MSH|^~\\&|||||20240101||ORU^R01|1|P|2.5\rPID|||77"), 0.75, "no OBX");
        assert_eq!(score("MSH|^~\\&|||||20240101||ORU^R01|1|P|2.5\rPID|||\"\"\rOBX|1"), 0.75, "the id is null");
        assert_eq!(score("MSH|^~\\&|||||20241301||ORU^R01|1|P|2.5\rPID|||77\rOBX|1"), 0.75, "month 13");
        assert_eq!(score("MSH|^~\\&|||||20240101||ORU|1|P|2.5\rPID|||77\rOBX|1"), 0.75, "no trigger event");
        assert_eq!(score("MSH|^~\\&|"), 0.25, "an unknown type needs no segments");
    }
}
