//! Marker segments of a JPEG or JPEG-LS stream (ITU-T T.81 annex B, T.87 annex C): where each begins, how long it is,
//! and where entropy-coded data ends. What a segment means is its reader's business.

use crate::error::{Fault, Reason, Result};

/// Start of image.
pub const SOI: u8 = 0xD8;
/// End of image.
pub const EOI: u8 = 0xD9;
/// Start of scan.
pub const SOS: u8 = 0xDA;
/// Define Huffman tables.
pub const DHT: u8 = 0xC4;
/// Define number of lines.
pub const DNL: u8 = 0xDC;
/// Define restart interval.
pub const DRI: u8 = 0xDD;
/// The first of the eight restart markers.
pub const RST0: u8 = 0xD0;
/// The last of the eight restart markers.
pub const RST7: u8 = 0xD7;

/// One marker with its parameters; `body` is empty for a marker that stands alone.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// The byte behind 0xFF.
    pub code: u8,
    /// The parameters behind the length.
    pub body: &'a [u8],
}

/// Walks a stream from marker to marker.
#[derive(Clone, Debug)]
pub struct Markers<'a> {
    stream: &'a [u8],
    at: usize,
    place: &'static str,
}

impl<'a> Markers<'a> {
    /// Starts behind SOI; fails if the stream does not begin with it. `place` names the stream in faults.
    pub fn new(stream: &'a [u8], place: &'static str) -> Result<Self> {
        match stream {
            [0xFF, SOI, ..] => Ok(Self { stream, at: 2, place }),
            [] | [_] => Err(Fault::input(Reason::Truncated, place, "the stream is shorter than its first marker")),
            _ => Err(Fault::input(Reason::DecodeFailed, place, "the stream does not begin with the SOI marker")),
        }
    }

    /// The next marker segment, or `None` where the stream ends without EOI.
    pub fn next(&mut self) -> Result<Option<Segment<'a>>> {
        let mut bytes = self.stream.get(self.at..).unwrap_or(&[]);
        match bytes {
            [] => return Ok(None),
            [0xFF, ..] => {}
            _ => return Err(self.broken("bytes between two marker segments")),
        }
        while let [0xFF, rest @ ..] = bytes {
            // B.1.1.2: any number of fill bytes 0xFF before the code.
            bytes = rest;
        }
        let Some((&code, rest)) = bytes.split_first() else { return Ok(None) };
        if matches!(code, 0x01 | RST0..=EOI) {
            self.at = self.stream.len() - rest.len();
            return Ok(Some(Segment { code, body: &[] }));
        }
        let length = match rest {
            [high, low, ..] => usize::from(u16::from_be_bytes([*high, *low])),
            _ => return Err(self.cut()),
        };
        if length < 2 {
            return Err(self.broken("a marker segment shorter than its own length field"));
        }
        let body = rest.get(2..length).ok_or_else(|| self.cut())?;
        self.at = self.stream.len() - rest.len() + length;
        Ok(Some(Segment { code, body }))
    }

    /// Entropy-coded data from here to the next marker that is no restart marker, whose place becomes the current
    /// one. `stuffed` tells which bytes behind 0xFF belong to the data.
    pub fn entropy(&mut self, stuffed: fn(u8) -> bool) -> &'a [u8] {
        let data = self.stream.get(self.at..).unwrap_or(&[]);
        let mut end = data.len();
        let mut from = 0;
        while let Some(found) = memchr::memchr(0xFF, data.get(from..).unwrap_or(&[])) {
            let at = from + found;
            match data.get(at + 1) {
                Some(&code) if stuffed(code) || matches!(code, RST0..=RST7) => from = at + 2,
                Some(0xFF) => from = at + 1,
                _ => {
                    end = at;
                    break;
                }
            }
        }
        let data = data.get(..end).unwrap_or(&[]);
        self.at += end;
        data
    }

    /// A fault: the stream ends inside a marker segment.
    fn cut(&self) -> Fault {
        Fault::input(Reason::Truncated, self.place, "the stream ends inside a marker segment")
            .number("length", self.stream.len() as i128)
    }

    fn broken(&self, cause: &'static str) -> Fault {
        Fault::input(Reason::DecodeFailed, self.place, cause).number("offset", self.at as i128)
    }
}
