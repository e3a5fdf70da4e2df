//! One message: the tape of its field separators, and segments and fields cut out of its bytes when somebody asks.
//! Fields are numbered as in the standard: from 1, and MSH-1 is the field separator itself.
//!
//! Values are a person's: they go into sealed rows and nowhere else. Nothing here prints them.

use super::charset::Charset;
use super::delimiters::Delimiters;
use super::value::Value;
use super::{edit, escape};
use crate::error::Result;
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
    /// The delimiters are `^~\\&` and the set does not hide them: most values can be taken as they stand.
    pub usual: bool,
}

impl Reading {
    pub(super) fn new(delimiters: Delimiters, charset: &'static Charset) -> Self {
        let Delimiters { component, repetition, escape, subcomponent, .. } = delimiters;
        let declared = (component, repetition, escape, subcomponent);
        let usual = declared == (b'^', Some(b'~'), Some(b'\\'), Some(b'&')) && !charset.hides_delimiters();
        Self { delimiters, charset, usual }
    }
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
        let charset = self.reading.charset.written(&self.bytes);
        escape::encode(text, &self.reading.delimiters, charset)
    }

    /// Whether the input is UTF-16, of which [`Message::bytes`] is a copy in UTF-8.
    pub fn is_wide(&self) -> bool {
        self.wide.is_some()
    }

    /// Whether the delimiters are `^~\\&` and no character hides one: then most values stand for themselves.
    pub fn is_usual(&self) -> bool {
        self.reading.usual
    }

    /// Whether the delimiters are `^~\\&`, whatever the character set.
    pub fn delimits_as_usual(&self) -> bool {
        let Delimiters { component, repetition, escape, subcomponent, .. } = self.reading.delimiters;
        (component, repetition, escape, subcomponent) == (b'^', Some(b'~'), Some(b'\\'), Some(b'&'))
    }

    /// Whether a name of MSH-18 is one that values can be read by.
    pub fn knows_character_set(name: &[u8]) -> bool {
        Charset::knows(name)
    }

    /// A message made of this one's bytes, in the encoding of the input: UTF-16 where that was UTF-16.
    pub fn in_encoding_of_input(&self, bytes: Vec<u8>) -> Result<Vec<u8>> {
        match self.wide {
            None => Ok(bytes),
            Some(wide) => edit::widen(&bytes, wide),
        }
    }

    /// The line of an envelope (FHS, BHS, BTS, FTS) as a message of one segment.
    pub(super) fn of_envelope(line: &[u8], reading: Reading, wide: Option<Wide>) -> Message<'static> {
        let mut tape = vec![EDGE];
        let fields = line.iter().enumerate().filter(|(_, b)| **b == reading.delimiters.field);
        tape.extend(fields.map(|(at, _)| at as u32 & !EDGE));
        tape.push(EDGE | line.len() as u32);
        Message { bytes: Cow::Owned(line.to_vec()), tape, reading, wide, offset: 0, length: line.len() as u64 }
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

    /// Whether this is the MSH, FHS or BHS: it begins the message, and declares the delimiters.
    #[inline]
    fn is_header(&self) -> bool {
        // Of what can stand first, only the trailers BTS and FTS declare nothing.
        self.start == 0 && !matches!(self.message.bytes.get(1), Some(b'T'))
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
        Value::new(bytes, &self.message.reading, whole)
    }
}
