//! How many rows one message may become, and how long a value that goes into many of them may be. A message beyond that
//! is a reject as a whole: nothing of it vanishes silently, and a megabyte can't become a gigabyte of rows.

use super::message::{EDGE, Message};
use super::observation::is_text;
use super::patient::patient_of;
use crate::error::{Fault, Reason};

/// Rows that the repetitions of one OBX-5 may become.
const MOST_VALUES: usize = 1000;
/// Segments and repetitions of values of one message together.
const MOST_ROWS: usize = 1 << 17;
/// Bytes of a value that every row of a message or of a group repeats.
const MOST_CARRIED: usize = 1000;

/// Fields that are carried into rows of other segments, and where they stand.
const CARRIED: &[(&[u8], usize, &str)] = &[
    (b"MSH", 7, "MSH-7"),
    (b"MSH", 9, "MSH-9"),
    (b"EVN", 2, "EVN-2"),
    (b"PV1", 19, "PV1-19"),
    (b"OBR", 7, "OBR-7"),
    (b"SCH", 1, "SCH-1"),
    (b"SCH", 2, "SCH-2"),
    (b"SCH", 10, "SCH-10"),
    (b"SCH", 11, "SCH-11"),
    (b"SCH", 25, "SCH-25"),
    (b"TQ1", 3, "TQ1-3"),
    (b"TQ1", 7, "TQ1-7"),
    (b"TQ1", 8, "TQ1-8"),
];

/// Why a message may not become rows; `None` for almost every message.
pub(super) fn beyond(message: &Message<'_>) -> Option<Fault> {
    // Short messages of short fields cannot be beyond: one look at the tape says so.
    let mut marks = message.tape.iter().map(|mark| mark & !EDGE);
    let mut last = marks.next().unwrap_or_default();
    let mut widest = 0;
    for mark in marks {
        widest = widest.max(mark - last);
        last = mark;
    }
    if message.bytes.len() <= MOST_ROWS && widest as usize <= MOST_VALUES.min(MOST_CARRIED) {
        return None;
    }
    let mut rows = 0;
    for segment in message.segments() {
        rows += 1;
        if segment.name() == b"OBX" && !is_text(&segment) {
            let values = segment.field(5).repetitions().count();
            if values > MOST_VALUES {
                return Some(too_large(
                    "OBX-5",
                    "more repetitions of a value than one result has",
                    MOST_VALUES,
                    values,
                ));
            }
            rows += values.saturating_sub(1);
        }
        if segment.name() == b"PID" {
            let length = patient_of(&segment).map_or(0, |person| person.id.len() + person.issuer.len());
            if length > MOST_CARRIED {
                return Some(too_large("PID-3", "an identifier longer than any", MOST_CARRIED, length));
            }
        }
        for (_, field, place) in CARRIED.iter().filter(|row| row.0 == segment.name()) {
            let length = segment.field(*field).raw().len();
            if length > MOST_CARRIED {
                return Some(too_large(place, "a value longer than its type can be", MOST_CARRIED, length));
            }
        }
    }
    (rows > MOST_ROWS).then(|| too_large("message", "more segments and values than one message has", MOST_ROWS, rows))
}

fn too_large(place: &'static str, cause: &'static str, limit: usize, found: usize) -> Fault {
    let fault = Fault::input(Reason::TooLarge, place, cause).number("limit", limit as u64);
    fault.number("found", found as u64).remedy("split the message")
}
