//! One message: the tape of its field separators, and segments, fields, repetitions, components and sub-components
//! cut out of its bytes when somebody asks. Numbers are those of the standard: fields, repetitions, components and
//! sub-components count from 1, and MSH-1 is the field separator itself.
//!
//! Values are a person's: they go into sealed rows and nowhere else. Nothing here prints them.

use super::charset::Charset;
use super::delimiters::Delimiters;
use super::escape;
use std::borrow::Cow;
use std::fmt;

/// Marks the first and the last entry of a segment on the tape; offsets stay below it.
pub(super) const EDGE: u32 = 1 << 31;

/// How the input writes one character, if not in a form whose bytes below 0x80 are ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wide {
    /// UTF-16, low byte first.
    Little,
    /// UTF-16, high byte first.
    Big,
}

/// What every value of a message is read by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub delimiters: Delimiters,
    pub charset: &'static Charset,
}

/// One message, from `MSH` to the end of the line of its last segment.
#[derive(Clone)]
pub struct Message<'a> {
    /// The input's own bytes; only UTF-16 is a copy, in UTF-8.
    pub(super) bytes: Cow<'a, [u8]>,
    /// For each segment: its start and its end, flagged with [`EDGE`], and between them its field separators.
    pub(super) tape: Vec<u32>,
    pub(super) reading: Reading,
    pub(super) wide: Option<Wide>,
    /// Where it begins in the input.
    pub offset: u64,
    /// How many bytes of the input it takes.
    pub length: u64,
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message at {}, {} bytes, [phi]", self.offset, self.length)
    }
}

impl Message<'_> {
    /// The bytes as they stood in the input (UTF-16 is written as UTF-8), with the line end of the last segment.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What MSH-1 and MSH-2 declare.
    pub fn delimiters(&self) -> Delimiters {
        self.reading.delimiters
    }

    /// The character set that values are read by.
    pub fn character_set(&self) -> &'static str {
        if self.wide.is_some() { "UTF-16" } else { self.reading.charset.name }
    }

    /// The segments in the order they stand. The first one is MSH.
    pub fn segments(&self) -> Segments<'_> {
        Segments { message: self, tape: &self.tape }
    }

    /// A text as a raw value of this message, for [`super::replace_field`].
    pub fn escape(&self, text: &str) -> Vec<u8> {
        escape::encode(text, &self.reading.delimiters, self.reading.charset)
    }
}

/// Walks the segments of one message.
#[derive(Clone)]
pub struct Segments<'m> {
    message: &'m Message<'m>,
    tape: &'m [u32],
}

impl<'m> Iterator for Segments<'m> {
    type Item = Segment<'m>;

    fn next(&mut self) -> Option<Segment<'m>> {
        let (&start, rest) = self.tape.split_first()?;
        let count = rest.iter().position(|mark| mark & EDGE != 0)?;
        let (separators, rest) = rest.split_at(count);
        let (&end, rest) = rest.split_first()?;
        self.tape = rest;
        let start = (start ^ EDGE) as usize;
        let end = (end ^ EDGE) as usize;
        Some(Segment { message: self.message, start, end, separators })
    }
}

/// One line of a message.
#[derive(Clone, Copy)]
pub struct Segment<'m> {
    message: &'m Message<'m>,
    start: usize,
    end: usize,
    separators: &'m [u32],
}

impl fmt::Debug for Segment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Segment of {} bytes, [phi]", self.end - self.start)
    }
}

impl<'m> Segment<'m> {
    /// The line without its end.
    pub fn bytes(&self) -> &'m [u8] {
        self.message.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Where the line stands in [`Message::bytes`].
    pub fn span(&self) -> std::ops::Range<usize> {
        self.start..self.end
    }

    /// What stands before the first field separator: `PID`. Lines that are no segments have odd names.
    #[inline]
    pub fn name(&self) -> &'m [u8] {
        let end = self.separators.first().map_or(self.end, |&at| at as usize);
        self.message.bytes.get(self.start..end).unwrap_or_default()
    }

    /// The name if it is three bytes long, else zeros: cheap to compare.
    #[inline]
    pub(super) fn id(&self) -> [u8; 3] {
        self.name().try_into().unwrap_or_default()
    }

    /// Whether this is the MSH: it begins the message, and no other segment does.
    #[inline]
    fn is_header(&self) -> bool {
        self.start == 0
    }

    /// Whether the name is one: an upper-case letter and two upper-case letters or digits.
    pub fn is_named(&self) -> bool {
        matches!(self.name(), [a, b, c] if a.is_ascii_uppercase()
            && (b.is_ascii_uppercase() || b.is_ascii_digit())
            && (c.is_ascii_uppercase() || c.is_ascii_digit()))
    }

    /// Number of the last field that is there, empty or not.
    pub fn last_field(&self) -> usize {
        self.separators.len() + usize::from(self.is_header() && !self.separators.is_empty())
    }

    /// Where field `n` stands in [`Message::bytes`]; `None` if the segment ends before it, or for 0.
    #[inline]
    pub fn field_span(&self, n: usize) -> Option<std::ops::Range<usize>> {
        let mut index = n.checked_sub(1)?;
        if self.is_header() {
            let first = *self.separators.first()? as usize;
            if n == 1 {
                return Some(first..first + 1);
            }
            index -= 1;
        }
        let start = *self.separators.get(index)? as usize + 1;
        let end = self.separators.get(index + 1).map_or(self.end, |&at| at as usize);
        Some(start..end)
    }

    /// Field `n`, absent if the segment ends before it.
    #[inline]
    pub fn field(&self, n: usize) -> Value<'m> {
        let bytes = self.field_span(n).and_then(|span| self.message.bytes.get(span));
        // MSH-1 and MSH-2 declare the delimiters and are not cut at them.
        let whole = n <= 2 && self.is_header();
        Value { bytes, reading: &self.message.reading, whole }
    }
}

/// A field, or a part of one. A part of a part that is not divided is its first part: `field(3).component(1)` reads
/// the first repetition, `component(4).subcomponent(1)` the whole of an undivided component.
#[derive(Clone, Copy)]
pub struct Value<'m> {
    bytes: Option<&'m [u8]>,
    reading: &'m Reading,
    whole: bool,
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_absent() { "absent" } else { "[phi]" })
    }
}

/// How a value that holds no text came to hold none (HL7 v2.5.1 section 2.5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// The segment, field or component ends before it.
    Absent,
    /// It is there, with nothing in it: no statement.
    Empty,
    /// `""`: the sender says that the value is to be deleted.
    Null,
    /// There is something.
    Value,
}

impl<'m> Value<'m> {
    /// The bytes as they stand, escape sequences and all; empty if absent.
    #[inline]
    pub fn raw(&self) -> &'m [u8] {
        self.bytes.unwrap_or_default()
    }

    /// Whether there is a value, and if not, in which way.
    #[inline]
    pub fn presence(&self) -> Presence {
        match self.bytes {
            None => Presence::Absent,
            Some([]) => Presence::Empty,
            Some(b"\"\"") => Presence::Null,
            Some(_) => Presence::Value,
        }
    }

    /// Whether the message ends before this value.
    pub fn is_absent(&self) -> bool {
        self.bytes.is_none()
    }

    /// Whether there is neither text nor structure: absent, empty or null.
    #[inline]
    pub fn is_blank(&self) -> bool {
        self.presence() != Presence::Value
    }

    /// The text: escape sequences resolved, decoded by the character set of the message. Empty for a null.
    #[inline]
    pub fn text(&self) -> Cow<'m, str> {
        match self.presence() {
            Presence::Value if self.whole => String::from_utf8_lossy(self.raw()),
            Presence::Value => escape::decode(self.raw(), &self.reading.delimiters, self.reading.charset),
            _ => Cow::Borrowed(""),
        }
    }

    /// The repetitions; none if the value is absent or empty.
    pub fn repetitions(&self) -> Parts<'m> {
        self.parts(self.reading.delimiters.repetition)
    }

    /// The components of the first repetition.
    pub fn components(&self) -> Parts<'m> {
        self.repetition(1).parts(Some(self.reading.delimiters.component))
    }

    /// The sub-components of the first component.
    pub fn subcomponents(&self) -> Parts<'m> {
        self.component(1).parts(self.reading.delimiters.subcomponent)
    }

    /// Repetition `n`.
    #[inline]
    pub fn repetition(&self, n: usize) -> Value<'m> {
        self.part(self.reading.delimiters.repetition, n)
    }

    /// Component `n` of the first repetition.
    #[inline]
    pub fn component(&self, n: usize) -> Value<'m> {
        self.repetition(1).part(Some(self.reading.delimiters.component), n)
    }

    /// Sub-component `n` of the first component.
    pub fn subcomponent(&self, n: usize) -> Value<'m> {
        self.component(1).part(self.reading.delimiters.subcomponent, n)
    }

    /// The first sub-component of component `n`: the value proper of an identifier or a code.
    #[inline]
    pub fn leaf(&self, n: usize) -> Value<'m> {
        match self.bytes {
            None => *self,
            Some(_) => self.component(n).part(self.reading.delimiters.subcomponent, 1),
        }
    }

    /// The text of a short value without structure, escapes or characters beyond ASCII, as most are: its first leaf
    /// is the whole of it. `None` says nothing.
    #[inline]
    pub(super) fn plain(&self) -> Option<&'m str> {
        let Reading { delimiters, charset } = self.reading;
        let bytes = self.bytes.filter(|bytes| bytes.len() <= 64 && !self.whole && !charset.hides_delimiters())?;
        // A delimiter that the message does not have is as good as one that it has.
        let or = |delimiter: Option<u8>| delimiter.unwrap_or(delimiters.component);
        let acts =
            [delimiters.component, or(delimiters.repetition), or(delimiters.subcomponent), or(delimiters.escape)];
        let fine = bytes.iter().fold(true, |fine, b| {
            fine & (0x20..0x7F).contains(b)
                & (*b != b'"')
                & (*b != acts[0])
                & (*b != acts[1])
                & (*b != acts[2])
                & (*b != acts[3])
        });
        if fine { std::str::from_utf8(bytes).ok() } else { None }
    }

    fn parts(&self, delimiter: Option<u8>) -> Parts<'m> {
        let rest = self.bytes.filter(|bytes| !bytes.is_empty());
        Parts { rest, delimiter: delimiter.filter(|_| !self.whole), value: *self }
    }

    #[inline]
    fn part(&self, delimiter: Option<u8>, n: usize) -> Value<'m> {
        let mut bytes = self.bytes;
        match delimiter.filter(|_| !self.whole) {
            None if n != 1 => bytes = None,
            None => {}
            Some(delimiter) => {
                let find = |bytes: &[u8]| self.reading.charset.find(bytes, delimiter);
                for _ in 1..n {
                    bytes = bytes.and_then(|b| b.get(find(b)? + 1..));
                }
                bytes = bytes.filter(|_| n > 0).map(|b| find(b).and_then(|end| b.get(..end)).unwrap_or(b));
            }
        }
        Value { bytes, ..*self }
    }
}

/// The parts of a value, in order.
#[derive(Clone)]
pub struct Parts<'m> {
    rest: Option<&'m [u8]>,
    delimiter: Option<u8>,
    value: Value<'m>,
}

impl<'m> Iterator for Parts<'m> {
    type Item = Value<'m>;

    fn next(&mut self) -> Option<Value<'m>> {
        let rest = self.rest?;
        let end = self.delimiter.and_then(|d| self.value.reading.charset.find(rest, d));
        let (part, tail) = match end.and_then(|at| rest.split_at_checked(at)) {
            Some((part, tail)) => (part, tail.get(1..)),
            None => (rest, None),
        };
        self.rest = tail;
        Some(Value { bytes: Some(part), ..self.value })
    }
}
