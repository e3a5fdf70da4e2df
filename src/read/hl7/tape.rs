//! The one pass over a message: where its field separators and its lines are, and where it ends.
//!
//! Eight bytes at a time, in plain 64-bit arithmetic: a byte is looked at only if it is the field separator or a
//! control character.

use super::charset::{Charset, UNDECLARED};
use super::delimiters::{Delimiters, can_delimit};
use super::message::{EDGE, Reading};
use crate::error::{Fault, Reason, Result};

pub(super) const VT: u8 = 0x0B;
pub(super) const FS: u8 = 0x1C;
pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Most entries on one tape: a message of nothing but separators must not take many times its size in memory.
const MOST_MARKS: usize = 1 << 24;

/// A message found by [`read`].
pub(super) struct Taped {
    pub tape: Vec<u32>,
    pub reading: Reading,
}

/// Whether a message begins here. `MSH` alone on its line, or with an odd separator and no encoding characters, is a
/// message too: a broken one. `MSH-7 is missing` in a text is not.
pub(super) fn begins_message(bytes: &[u8]) -> bool {
    match bytes.strip_prefix(b"MSH") {
        None => false,
        Some([] | [b'|' | b'\r' | b'\n', ..]) => true,
        Some([field, next, ..]) => can_delimit(*field) && can_delimit(*next) && field != next,
        Some(_) => false,
    }
}

/// Whether a header or trailer of a file or a batch begins here.
pub(super) fn begins_envelope(bytes: &[u8]) -> bool {
    match bytes.split_at_checked(3) {
        Some((b"FHS" | b"BHS" | b"BTS" | b"FTS", rest)) => {
            rest.first().is_none_or(|b| can_delimit(*b) || matches!(*b, b'\r' | b'\n' | FS))
        }
        _ => false,
    }
}

/// Whether a message or an envelope begins here, after a byte-order mark perhaps.
pub(super) fn begins(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(BOM).unwrap_or(bytes);
    begins_message(bytes) || begins_envelope(bytes)
}

pub(super) fn is_blank(byte: u8) -> bool {
    // NUL and 0x1A pad files of old systems.
    matches!(byte, b'\r' | b'\n' | b' ' | b'\t' | 0 | 0x1A)
}

/// Reads the message that begins `bytes`; the length is that of its bytes, also if it cannot be read.
/// `hint` is how many entries the tape will have, more or less.
pub(super) fn read(bytes: &[u8], hint: usize) -> (usize, Result<Taped>) {
    let delimiters = Delimiters::read(bytes);
    let field = delimiters.as_ref().map_or(b'|', |d| d.field);
    let mut tape = Vec::with_capacity(hint);
    let mut line = scan(bytes, 0, field, &UNDECLARED, &mut tape);
    let delimiters = match delimiters {
        Ok(delimiters) => delimiters,
        Err(fault) => {
            while let Some(start) = line.next {
                tape.clear();
                line = scan(bytes, start, field, &UNDECLARED, &mut tape);
            }
            return (line.end, Err(fault));
        }
    };
    let mut charset = declared(bytes, &tape, &delimiters);
    if charset.hides_delimiters() {
        tape.clear();
        line = scan(bytes, 0, field, charset, &mut tape);
    }
    while let Some(start) = line.next {
        line = scan(bytes, start, field, charset, &mut tape);
    }
    // Where the message ends is known now: whether its bytes are what they are said to be can be asked.
    let hidden = charset.hides_delimiters();
    let checked = charset.checked(bytes.get(..line.end).unwrap_or_default());
    let again = hidden && !std::ptr::eq(checked, charset);
    charset = checked;
    if again {
        tape.clear();
        line = scan(bytes, 0, field, charset, &mut tape);
        while let Some(start) = line.next {
            line = scan(bytes, start, field, charset, &mut tape);
        }
    }
    if line.end >= EDGE as usize || tape.len() > MOST_MARKS {
        let fault = Fault::input(Reason::TooLarge, "message", "a message beyond the limits of the reader")
            .number("bytes", line.end as u64)
            .number("most_bytes", EDGE - 1)
            .number("most_fields", MOST_MARKS as u64);
        return (line.end, Err(fault));
    }
    (line.end, Ok(Taped { tape, reading: Reading::new(delimiters, charset) }))
}

/// The character set of MSH-18, from the tape of the first line.
fn declared(bytes: &[u8], tape: &[u32], delimiters: &Delimiters) -> &'static Charset {
    // Entry 0 is the start of the line, entry n the separator after MSH-n, the last the end of the line.
    let at = |n: usize| tape.get(n).map(|mark| (mark & !EDGE) as usize);
    let value = match (at(17), at(18)) {
        (Some(start), Some(end)) => bytes.get(start + 1..end).unwrap_or_default(),
        _ => return &UNDECLARED,
    };
    let component = delimiters.component;
    let names = value.split(|b| Some(*b) == delimiters.repetition);
    Charset::of(names.map(|name| name.split(|b| *b == component).next().unwrap_or_default()))
}

/// One line: where the message goes on after it, and where it would end with it.
struct Line {
    /// The start of the next line of the same message.
    next: Option<usize>,
    /// Behind the line end, if there is one.
    end: usize,
}

/// Puts the line that begins at `start` on the tape.
fn scan(bytes: &[u8], start: usize, field: u8, charset: &'static Charset, tape: &mut Vec<u32>) -> Line {
    let mut mark = |at: usize, flag: u32| {
        if at < EDGE as usize && tape.len() <= MOST_MARKS {
            tape.push(at as u32 | flag);
        }
    };
    mark(start, EDGE);
    let mut at = start;
    let stop = loop {
        let found = if charset.hides_delimiters() {
            let rest = bytes.get(at..).unwrap_or_default();
            charset.find_by(rest, |b| b == field || b < b' ').map_or(bytes.len(), |n| at + n)
        } else {
            plain(bytes, at, field, &mut mark)
        };
        match bytes.get(found) {
            None | Some(b'\r' | b'\n') => break found.min(bytes.len()),
            Some(&b) if b == field => mark(found, 0),
            Some(_) if ends_frame(bytes, found) => break found,
            Some(_) => {}
        }
        at = found + 1;
    };
    mark(stop, EDGE);
    after_line(bytes, stop)
}

/// Marks field separators from `at` on, up to the first control character or the end.
#[inline]
fn plain(bytes: &[u8], mut at: usize, field: u8, mark: &mut impl FnMut(usize, u32)) -> usize {
    const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    // The high bit of each byte that is zero, exactly (Hacker's Delight, 6-1).
    let zeros = |y: u64| !(((y & LOW) + LOW) | y | LOW);
    let pattern = u64::from_ne_bytes([field; 8]);
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let fields = zeros(word ^ pattern);
        let controls = zeros(word & 0xE0E0_E0E0_E0E0_E0E0);
        let mut hits =
            if controls == 0 { fields } else { fields & (controls & controls.wrapping_neg()).wrapping_sub(1) };
        while hits != 0 {
            mark(at + (hits.trailing_zeros() / 8) as usize, 0);
            hits &= hits - 1;
        }
        if controls != 0 {
            return at + (controls.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(&byte) = bytes.get(at) {
        if byte == field {
            mark(at, 0);
        } else if byte < b' ' {
            break;
        }
        at += 1;
    }
    at
}

/// Whether the control character at `at` closes the message: the end of an MLLP block, or the start of the next one
/// where the end was lost. Both characters are data anywhere else (0x0B is a soft line break of word processors).
fn ends_frame(bytes: &[u8], at: usize) -> bool {
    let after = bytes.get(at + 1..).unwrap_or_default();
    match bytes.get(at) {
        Some(&FS) => matches!(after.first(), None | Some(b'\r' | b'\n' | &VT)),
        Some(&VT) => begins(after),
        _ => false,
    }
}

/// What follows a line that stops at `stop`: blank lines are skipped, then the message goes on or is over.
fn after_line(bytes: &[u8], stop: usize) -> Line {
    let end = match (bytes.get(stop), bytes.get(stop + 1)) {
        (Some(b'\r'), Some(b'\n')) => stop + 2,
        (Some(b'\r' | b'\n'), _) => stop + 1,
        _ => return Line { next: None, end: stop },
    };
    let rest = bytes.get(end..).unwrap_or_default();
    let text = rest.iter().position(|&b| !is_blank(b)).unwrap_or(rest.len());
    let over = match rest.get(text..).unwrap_or_default() {
        [] => true,
        next => begins(next) || ends_frame(bytes, end + text),
    };
    Line { next: (!over).then_some(end + text), end }
}
