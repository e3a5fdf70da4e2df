//! What stands between the messages of an input: blanks, frame bytes, byte-order marks, and the lines of file and batch
//! envelopes. Rewriting an input copies the former and rewrites the latter.

use super::charset::UNDECLARED;
use super::delimiters::Delimiters;
use super::message::{Message, Reading, Wide};
use super::split::wide_of;
use super::tape::{FS, VT, begins_envelope};
use std::ops::Range;

/// One stretch between two messages.
pub enum Gap {
    /// Blanks, frame bytes of MLLP, byte-order marks: these bytes of the input.
    Blank(Range<usize>),
    /// The line of an envelope, without its end.
    Envelope(Message<'static>),
}

/// Cuts the stretch of an input that [`super::messages`] stepped over. Trailers are read by the delimiters of the last
/// header; an envelope whose header declares none is read with the usual ones.
pub fn gaps(input: &[u8], stretch: Range<usize>, last: &mut Option<Delimiters>) -> Vec<Gap> {
    let wide = wide_of(input);
    let scale = 1 + usize::from(wide.is_some());
    let bytes = input.get(stretch.clone()).unwrap_or_default();
    let view = narrowed(bytes, wide);
    let mut found = Vec::new();
    let mut at = 0;
    let mut blank = 0;
    while at < view.len() {
        let rest = view.get(at..).unwrap_or_default();
        if !begins_envelope(rest) {
            at += 1;
            continue;
        }
        let length = rest.iter().position(|&b| matches!(b, b'\r' | b'\n' | FS | VT)).unwrap_or(rest.len());
        if blank < at {
            found.push(Gap::Blank(stretch.start + blank * scale..stretch.start + at * scale));
        }
        let raw = bytes.get(at * scale..(at + length) * scale).unwrap_or_default();
        let line = decoded(raw, wide);
        if matches!(line.get(..3), Some(b"FHS" | b"BHS")) {
            *last = Delimiters::read(&line).ok();
        }
        let usual = Delimiters {
            field: line.get(3).copied().unwrap_or(b'|'),
            component: b'^',
            repetition: Some(b'~'),
            escape: Some(b'\\'),
            subcomponent: Some(b'&'),
            truncation: None,
        };
        found.push(Gap::Envelope(Message::of_envelope(&line, Reading::new(last.unwrap_or(usual), &UNDECLARED), wide)));
        at += length;
        blank = at;
    }
    if blank < view.len() {
        found.push(Gap::Blank(stretch.start + blank * scale..stretch.end));
    }
    found
}

/// One byte for each character unit.
fn narrowed(bytes: &[u8], wide: Option<Wide>) -> Vec<u8> {
    wide.map_or_else(|| bytes.to_vec(), |wide| super::split::narrow(bytes, wide))
}

/// UTF-16 as UTF-8.
fn decoded(bytes: &[u8], wide: Option<Wide>) -> Vec<u8> {
    let set = match wide {
        None => return bytes.to_vec(),
        Some(Wide::Little) => encoding_rs::UTF_16LE,
        Some(Wide::Big) => encoding_rs::UTF_16BE,
    };
    set.decode_without_bom_handling(bytes).0.into_owned().into_bytes()
}
