//! An input cut into messages. Every byte belongs to a message, to an envelope (FHS, BHS, BTS, FTS, the frame bytes of
//! MLLP, a byte-order mark), to blank space between them, or to a stray stretch that is handed out as such:
//! [`Account`] adds up to the length of the input.

use super::bounds;
use super::delimiters::can_delimit;
use super::message::{Message, Reading, Wide};
use super::tape::{self, BOM, FS, VT, begins, begins_envelope, begins_message, is_blank};
use crate::error::{Fault, Reason};
use std::borrow::Cow;

/// Bytes that no message can be made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Stray {
    /// Where they begin in the input.
    pub offset: u64,
    /// How many they are.
    pub length: u64,
    /// Why: NotHl7 between messages, BadHeaderSegment or TooLarge for a message that cannot be read.
    pub fault: Fault,
}

/// Where the bytes of an input went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Messages handed out.
    pub messages: u64,
    /// Stray stretches handed out.
    pub strays: u64,
    /// Bytes in messages.
    pub message_bytes: u64,
    /// Bytes in envelopes.
    pub envelope_bytes: u64,
    /// Blank bytes between messages.
    pub blank_bytes: u64,
    /// Bytes in stray stretches.
    pub stray_bytes: u64,
}

/// Walks the messages of an input, in order. See [`messages`].
#[derive(Clone, Debug)]
pub struct Messages<'a> {
    input: &'a [u8],
    /// What is searched: the input itself, or one byte for each 16-bit unit.
    view: Cow<'a, [u8]>,
    wide: Option<Wide>,
    at: usize,
    hint: usize,
    account: Account,
}

/// Cuts an input into its messages.
pub fn messages(input: &[u8]) -> Messages<'_> {
    let wide = wide_of(input);
    let mut account = Account::default();
    let mut at = 0;
    let view = match wide {
        None => Cow::Borrowed(input),
        Some(wide) => Cow::Owned(narrow(input, wide)),
    };
    if wide.is_some() && matches!(input, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) {
        account.envelope_bytes = 2;
        at = 1;
    }
    Messages { input, view, wide, at, hint: 64, account }
}

/// UTF-16 by its byte-order mark, or by an ASCII character with a zero beside it at the beginning.
pub(super) fn wide_of(input: &[u8]) -> Option<Wide> {
    match input {
        [0xFF, 0xFE, ..] => Some(Wide::Little),
        [0xFE, 0xFF, ..] => Some(Wide::Big),
        [b'M' | b'F' | b'B' | VT | b'\r' | b'\n', 0, 1..=0x7F, 0, ..] => Some(Wide::Little),
        [0, b'M' | b'F' | b'B' | VT | b'\r' | b'\n', 0, 1..=0x7F, ..] => Some(Wide::Big),
        _ => None,
    }
}

/// One byte for each 16-bit unit: ASCII as it is, everything else as 0xFF.
pub(super) fn narrow(input: &[u8], wide: Wide) -> Vec<u8> {
    let unit = |pair: &[u8; 2]| match wide {
        Wide::Little => u16::from_le_bytes(*pair),
        Wide::Big => u16::from_be_bytes(*pair),
    };
    let ascii = |unit: u16| u8::try_from(unit).ok().filter(u8::is_ascii).unwrap_or(0xFF);
    input.as_chunks::<2>().0.iter().map(|pair| ascii(unit(pair))).collect()
}

impl<'a> Messages<'a> {
    /// Where the bytes went that were walked so far; complete when the iterator has ended.
    pub fn account(&self) -> Account {
        self.account
    }

    fn scale(&self) -> usize {
        1 + usize::from(self.wide.is_some())
    }

    fn rest(&self) -> &[u8] {
        self.view.get(self.at..).unwrap_or_default()
    }

    /// Steps over blanks and envelopes; false at the end of the input.
    fn skip(&mut self) -> bool {
        let scale = self.scale() as u64;
        while let Some(&byte) = self.rest().first() {
            let rest = self.rest();
            let (length, blank) = if is_blank(byte) {
                (1, true)
            } else if matches!(byte, VT | FS) {
                (1, false)
            } else if rest.starts_with(BOM) {
                (3, false)
            } else if begins_envelope(rest) {
                (rest.iter().position(|&b| matches!(b, b'\r' | b'\n' | FS | VT)).unwrap_or(rest.len()), false)
            } else {
                return true;
            };
            self.at += length;
            let bytes = length as u64 * scale;
            if blank { self.account.blank_bytes += bytes } else { self.account.envelope_bytes += bytes }
        }
        false
    }

    fn stray(&mut self, length: usize, fault: Fault) -> Stray {
        let scale = self.scale() as u64;
        let stray = Stray { offset: self.at as u64 * scale, length: length as u64 * scale, fault };
        self.at += length;
        self.account.strays += 1;
        self.account.stray_bytes += stray.length;
        stray
    }

    fn message(&mut self) -> Result<Message<'a>, Stray> {
        let (length, taped) = tape::read(self.rest(), self.hint);
        let scale = self.scale();
        let span = self.at * scale..(self.at + length) * scale;
        let bytes = self.input.get(span.clone()).unwrap_or_default();
        let made = match self.wide {
            None => taped.map(|taped| (Cow::Borrowed(bytes), taped)),
            Some(wide) => taped.and_then(|_| {
                let set = if wide == Wide::Little { encoding_rs::UTF_16LE } else { encoding_rs::UTF_16BE };
                let text = set.decode_without_bom_handling(bytes).0.into_owned().into_bytes();
                let (_, taped) = tape::read(&text, self.hint);
                let mut taped = taped?;
                taped.reading = Reading::new(taped.reading.delimiters, &super::charset::UTF8);
                Ok((Cow::Owned(text), taped))
            }),
        };
        let (bytes, taped) = match made {
            Ok(made) => made,
            Err(fault) => return Err(self.stray(length, fault)),
        };
        self.hint = (taped.tape.len() + 8).min(4096);
        let message = Message {
            bytes,
            tape: taped.tape,
            reading: taped.reading,
            wide: self.wide,
            offset: span.start as u64,
            length: span.len() as u64,
        };
        if let Some(fault) = bounds::beyond(&message) {
            return Err(self.stray(length, fault));
        }
        self.at += length;
        self.account.messages += 1;
        self.account.message_bytes += span.len() as u64;
        Ok(message)
    }

    /// How far it is to the next place where a message or an envelope begins.
    fn to_next(&self) -> usize {
        let rest = self.rest();
        let mut at = 0;
        while let Some(found) = memchr::memchr3(b'\r', b'\n', VT, rest.get(at..).unwrap_or_default()) {
            at += found + 1;
            let line = rest.get(at..).unwrap_or_default();
            let text = line.iter().position(|b| !matches!(b, b' ' | b'\t')).unwrap_or(line.len());
            if begins(line.get(text..).unwrap_or_default()) {
                return at;
            }
            at += text;
        }
        rest.len()
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = Result<Message<'a>, Stray>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.skip() {
            if begins_message(self.rest()) {
                return Some(self.message());
            }
            let length = self.to_next();
            let fault = Fault::input(Reason::NotHl7, "message", "bytes that belong to no message")
                .remedy("a message begins with MSH at the start of a line");
            return Some(Err(self.stray(length, fault)));
        }
        // The last byte of a UTF-16 input of odd length is half a character.
        if self.wide.is_some() && self.input.len() % 2 == 1 && self.at * 2 < self.input.len() {
            self.at += 1;
            self.account.strays += 1;
            self.account.stray_bytes += 1;
            let fault = Fault::input(Reason::Truncated, "message", "UTF-16 text of an odd number of bytes");
            return Some(Err(Stray { offset: self.input.len() as u64 - 1, length: 1, fault }));
        }
        None
    }
}

/// Whether an input is HL7 v2, by its first bytes (a few KiB do): a message or an envelope begins at the start of a
/// line, or right behind the start byte of an MLLP block.
pub fn looks_like(head: &[u8]) -> bool {
    let narrowed;
    let head = match wide_of(head) {
        None => head,
        Some(wide) => {
            narrowed = narrow(head, wide);
            narrowed.strip_prefix(b"\xFF").unwrap_or(&narrowed)
        }
    };
    let head = head.get(..LOOK.min(head.len())).unwrap_or_default();
    let convincing = |bytes: &[u8]| {
        let bytes = bytes.strip_prefix(BOM).unwrap_or(bytes);
        match bytes {
            [b'M', b'S', b'H', rest @ ..] | [b'F' | b'B', b'H', b'S', rest @ ..] => {
                matches!(rest, [f, c, ..] if can_delimit(*f) && can_delimit(*c) && f != c)
            }
            _ => false,
        }
    };
    let start = head.iter().position(|&b| !is_blank(b) && b != VT).unwrap_or(head.len());
    let line_starts = memchr::memchr3_iter(b'\r', b'\n', VT, head).map(|at| at + 1);
    std::iter::once(start).chain(line_starts).any(|at| convincing(head.get(at..).unwrap_or_default()))
}

/// Whether some message of an input may have a segment of this name: no says no for certain.
pub fn may_hold(input: &[u8], name: &[u8; 3]) -> bool {
    wide_of(input).is_some() || memchr::memmem::find(input, name).is_some()
}

/// How far into an input [`looks_like`] looks.
const LOOK: usize = 8192;
