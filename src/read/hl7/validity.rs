//! What a message is worth as a source: structure, and the score of identifier, time, type and segments.

use super::message::{Message, Segment};
use super::patient::patient_into;
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

/// What the MSH alone says, whenever the message was sent and whichever it is.
#[derive(Clone, Copy)]
pub(super) struct Header {
    /// What its type needs.
    needed: &'static [Group],
    /// There are a message type and a trigger event.
    typed: bool,
    /// MSH-9, MSH-11 and MSH-12 are there.
    whole: bool,
}

impl Header {
    pub(super) fn of(msh: Option<&Segment<'_>>) -> Self {
        let kind = msh.map(|msh| msh.field(9));
        let code = kind.map_or(&[][..], |kind| kind.leaf(1).raw());
        let own: Option<&[u8; 3]> = code.try_into().ok();
        let needed = NEEDED.iter().find(|row| Some(row.0) == own).map_or(&[][..], |row| row.1);
        let typed = is_code(code) && kind.is_some_and(|kind| is_code(kind.leaf(2).raw()));
        let whole = [9, 11, 12].into_iter().all(|n| msh.is_some_and(|msh| !msh.field(n).is_blank()));
        Self { needed, typed, whole }
    }
}

/// What one walk over the segments of a message finds.
pub(super) struct Facts<'m> {
    pub evn: Option<Segment<'m>>,
    /// Whether the first PID names a patient.
    pub identified: bool,
    pub segments: u64,
    pub structure_valid: bool,
    /// 0, 0.25, 0.5, 0.75 or 1.
    pub score: f64,
}

/// A message of this score or more is valid.
pub(super) const VALID_FROM: f64 = 0.75;

impl<'m> Facts<'m> {
    /// Walks a message that begins with this header; the patient's id comes into `person`.
    pub(super) fn of(message: &'m Message<'m>, header: Header, person: &mut PersonId) -> Self {
        let Header { needed, typed, whole } = header;
        let msh = message.segments().next();
        let mut facts = Self { evn: None, identified: false, segments: 0, structure_valid: whole, score: 0.0 };
        let mut pid = None;
        let mut missing = (1u32 << needed.len()) - 1;
        for segment in message.segments() {
            facts.segments += 1;
            facts.structure_valid &= segment.is_named();
            match &segment.id() {
                b"PID" if pid.is_none() => pid = Some(segment),
                b"EVN" if facts.evn.is_none() => facts.evn = Some(segment),
                _ => {}
            }
            for (bit, group) in needed.iter().enumerate() {
                if group.contains(&&segment.id()) {
                    missing &= !(1 << bit);
                }
            }
        }
        facts.structure_valid &= msh.is_some_and(|msh| !msh.field(10).is_blank());
        let timed = msh.is_some_and(|msh| is_day(msh.field(7).leaf(1).raw()));
        facts.identified = pid.is_some_and(|pid| patient_into(&pid, person));
        facts.score =
            [facts.identified, timed, typed, missing == 0].map(|holds| if holds { 0.25 } else { 0.0 }).iter().sum();
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
        let message = messages(text.as_bytes()).next().unwrap().unwrap();
        let header = Header::of(message.segments().next().as_ref());
        Facts::of(&message, header, &mut PersonId::default()).score
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
