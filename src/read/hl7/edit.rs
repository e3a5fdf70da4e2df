//! Rewriting a field: every byte outside it stays as it was.

use super::message::{Message, Wide};
use crate::error::{Fault, Reason, Result};

/// One field to rewrite.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Edit<'e> {
    /// Place of the segment in the message, from 0 (MSH).
    pub segment: usize,
    /// Number of the field, from 1.
    pub field: usize,
    /// The new raw value: delimiters act, so text goes through [`Message::escape`] first.
    pub value: &'e [u8],
}

/// The message with one field replaced. A field beyond the end of its segment is added, with the separators it needs.
pub fn replace_field(message: &Message<'_>, segment: usize, field: usize, value: &[u8]) -> Result<Vec<u8>> {
    replace_fields(message, &[Edit { segment, field, value }])
}

/// The message with fields replaced, in the encoding of the input. Refused are edits of MSH-1 and MSH-2, segments
/// that are not there, values with a field separator or a line end in them, and two edits of one field.
pub fn replace_fields(message: &Message<'_>, edits: &[Edit<'_>]) -> Result<Vec<u8>> {
    let separator = message.delimiters().field;
    let charset = message.reading.charset;
    let bad = |cause| Fault::input(Reason::Malformed, "HL7 field", cause);
    let mut order: Vec<&Edit<'_>> = edits.iter().collect();
    order.sort_by_key(|edit| (edit.segment, edit.field));
    let mut out = Vec::with_capacity(message.bytes.len() + edits.len() * 16);
    let mut copied = 0;
    let mut segments = message.segments().enumerate();
    let mut current = segments.next();
    // The last edit of a segment that went behind its end, so that the next one counts from there.
    let mut added = (usize::MAX, 0);
    for (place, edit) in order.iter().enumerate() {
        while current.is_some_and(|(index, _)| index < edit.segment) {
            current = segments.next();
        }
        let (_, segment) = current.ok_or_else(|| bad("the message has no such segment"))?;
        let twice =
            place > 0 && order.get(place - 1).is_some_and(|p| (p.segment, p.field) == (edit.segment, edit.field));
        if twice || edit.field == 0 || (edit.field <= 2 && segment.name() == b"MSH") {
            return Err(bad("a field that is not there to be edited").number("field", edit.field as u64));
        }
        if charset.find_by(edit.value, |b| b == separator || matches!(b, b'\r' | b'\n')).is_some() {
            return Err(bad("a new value with a field separator or a line end in it"));
        }
        let (span, separators) = match segment.field_span(edit.field) {
            Some(span) => (span, 0),
            None => {
                let last = if added.0 == edit.segment { added.1 } else { segment.last_field() };
                added = (edit.segment, edit.field);
                (segment.span().end..segment.span().end, edit.field.saturating_sub(last))
            }
        };
        if separators > MOST_FIELDS {
            return Err(bad("a field number beyond the limit").number("limit", MOST_FIELDS as u64));
        }
        out.extend_from_slice(message.bytes.get(copied..span.start).unwrap_or_default());
        out.extend(std::iter::repeat_n(separator, separators));
        out.extend_from_slice(edit.value);
        copied = span.end;
    }
    out.extend_from_slice(message.bytes.get(copied..).unwrap_or_default());
    match message.wide {
        None => Ok(out),
        Some(wide) => widen(&out, wide),
    }
}

/// Most fields that one edit may add.
const MOST_FIELDS: usize = 1000;

/// UTF-8 back to the UTF-16 it came from.
pub(super) fn widen(bytes: &[u8], wide: Wide) -> Result<Vec<u8>> {
    let bad = || Fault::input(Reason::Malformed, "HL7 field", "a UTF-16 message with broken characters");
    let text = std::str::from_utf8(bytes).map_err(|_| bad())?;
    if text.contains('\u{FFFD}') {
        return Err(bad());
    }
    let pair = |unit: u16| match wide {
        Wide::Little => unit.to_le_bytes(),
        Wide::Big => unit.to_be_bytes(),
    };
    Ok(text.encode_utf16().flat_map(pair).collect())
}
