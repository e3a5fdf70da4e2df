//! A field and its parts: repetitions, components, sub-components, counted from 1, cut out and decoded when somebody asks.
//!
//! Values are a person's: they go into sealed rows and nowhere else. Nothing here prints them.

use super::escape;
use super::message::Reading;
use std::borrow::Cow;
use std::fmt;

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
    /// `whole`: MSH-1 and MSH-2, which are not cut at the delimiters that they declare.
    pub(super) fn new(bytes: Option<&'m [u8]>, reading: &'m Reading, whole: bool) -> Self {
        Self { bytes, reading, whole }
    }

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
            Presence::Value => seen(escape::decode(self.raw(), &self.reading.delimiters, self.reading.charset)),
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
            Some(bytes) if self.is_plain() => Value { bytes: (n == 1).then_some(bytes), ..*self },
            Some(_) => self.component(n).part(self.reading.delimiters.subcomponent, 1),
        }
    }

    /// The text of a short value without structure, escapes or characters beyond ASCII, as most are: its first leaf
    /// is the whole of it. `None` says nothing.
    #[inline]
    pub fn plain(&self) -> Option<&'m str> {
        if self.is_plain() { std::str::from_utf8(self.raw()).ok() } else { None }
    }

    /// The leaves of a field that needs no decoding, cut in one go; `None` says nothing.
    pub(super) fn undecoded_pieces(&self) -> Option<impl Iterator<Item = &'m str>> {
        let bytes = self
            .bytes
            .filter(|bytes| !self.whole && self.reading.usual && memchr::memchr2(b'\\', 0, bytes).is_none())?;
        let text = std::str::from_utf8(bytes).ok()?;
        Some(text.split(['^', '~', '&']).filter(|piece| !piece.is_empty() && *piece != "\"\""))
    }

    #[inline]
    fn is_plain(&self) -> bool {
        let short = self.bytes.filter(|bytes| bytes.len() <= 64 && !self.whole && self.reading.usual);
        short.is_some_and(|bytes| bytes.iter().all(|b| PLAIN.get(usize::from(*b)).copied().unwrap_or(false)))
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

/// A text without what nobody sees: NUL, which pads fields of old systems, and marks that word processors leave inside words
/// (soft hyphens, blanks of no width, byte-order marks). A name would not be known with one in it.
fn seen(text: Cow<'_, str>) -> Cow<'_, str> {
    let unseen = |c: char| matches!(c, '\0' | '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}');
    let plain = text.is_ascii() && memchr::memchr(0, text.as_bytes()).is_none();
    if plain || !text.contains(unseen) { text } else { Cow::Owned(text.replace(unseen, "")) }
}

/// Bytes that stand for themselves under the usual delimiters: printable ASCII without those and the quote of a null.
static PLAIN: [bool; 128] = {
    let mut plain = [false; 128];
    let mut byte = b' ';
    while byte < 0x7F {
        plain[byte as usize] = !matches!(byte, b'^' | b'~' | b'\\' | b'&' | b'"');
        byte += 1;
    }
    plain
};

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
