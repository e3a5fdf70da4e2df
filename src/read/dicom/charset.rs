//! Text by SpecificCharacterSet (0008,0005), code extensions of ISO 2022 included (PS3.3 C.12.1.1.2, PS3.5 6.1).
//! For display nothing fails: a byte that has no meaning becomes U+FFFD. De-identification asks for [`Charset::read`].
//!
//! Without a character set, bytes above 127 are not allowed and nevertheless there: they are read as UTF-8 if that is
//! what they are, else as Latin-1, as pydicom does.

use crate::read::doubt::{is_of_single_bytes, is_utf8};
use encoding_rs::{
    EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6, ISO_8859_7,
    ISO_8859_8, ISO_8859_15, UTF_8, WINDOWS_874, WINDOWS_1254,
};

/// What a code element holds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Page {
    Latin1,
    /// Single bytes above 127, by a table of encoding_rs.
    Single(&'static Encoding),
    /// JIS X 0201 katakana.
    Katakana,
    /// Two bytes each; EUC encodings of encoding_rs take them with the high bits set.
    Double(&'static Encoding),
    /// JIS X 0212, which EUC-JP has behind a third byte.
    Supplement,
    /// All of the text, no code extensions.
    Whole(&'static Encoding),
}

/// Defined terms by the number of their registration, the same with and without code extensions.
const NUMBERED: &[(&str, Page)] = &[
    ("6", Page::Latin1),
    ("100", Page::Latin1),
    ("101", Page::Single(ISO_8859_2)),
    ("109", Page::Single(ISO_8859_3)),
    ("110", Page::Single(ISO_8859_4)),
    ("144", Page::Single(ISO_8859_5)),
    ("127", Page::Single(ISO_8859_6)),
    ("126", Page::Single(ISO_8859_7)),
    ("138", Page::Single(ISO_8859_8)),
    // ISO 8859-9 and ISO-IR 166 differ from these only in control characters.
    ("148", Page::Single(WINDOWS_1254)),
    ("166", Page::Single(WINDOWS_874)),
    ("203", Page::Single(ISO_8859_15)),
    ("13", Page::Katakana),
    ("192", Page::Whole(UTF_8)),
];

/// Escape sequences behind ESC: what they designate, and whether to G1.
const ESCAPES: &[(&[u8], Option<Page>, bool)] = &[
    (b"(B", None, false),
    (b"(J", None, false),
    (b")I", Some(Page::Katakana), true),
    (b"-A", Some(Page::Latin1), true),
    (b"-B", Some(Page::Single(ISO_8859_2)), true),
    (b"-C", Some(Page::Single(ISO_8859_3)), true),
    (b"-D", Some(Page::Single(ISO_8859_4)), true),
    (b"-L", Some(Page::Single(ISO_8859_5)), true),
    (b"-G", Some(Page::Single(ISO_8859_6)), true),
    (b"-F", Some(Page::Single(ISO_8859_7)), true),
    (b"-H", Some(Page::Single(ISO_8859_8)), true),
    (b"-M", Some(Page::Single(WINDOWS_1254)), true),
    (b"-T", Some(Page::Single(WINDOWS_874)), true),
    (b"-b", Some(Page::Single(ISO_8859_15)), true),
    (b"$B", Some(Page::Double(EUC_JP)), false),
    (b"$@", Some(Page::Double(EUC_JP)), false),
    (b"$(D", Some(Page::Supplement), false),
    (b"$)C", Some(Page::Double(EUC_KR)), true),
    (b"$)A", Some(Page::Double(GBK)), true),
];

const ESC: u8 = 0x1B;

/// How the text of one data set is to be read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Charset {
    initial: Option<Page>,
}

impl Charset {
    /// From the value of SpecificCharacterSet; an unknown term counts as none.
    pub fn new(terms: Option<&str>) -> Self {
        let first = terms.and_then(|t| t.split('\\').next()).unwrap_or("").trim();
        let page = match first {
            "GB18030" => Some(Page::Whole(GB18030)),
            "GBK" => Some(Page::Whole(GBK)),
            _ => {
                let number = ["ISO_IR ", "ISO 2022 IR ", "ISO-IR ", "ISO_IR_", "ISO IR "]
                    .iter()
                    .find_map(|prefix| first.strip_prefix(prefix))
                    .unwrap_or("");
                NUMBERED.iter().find(|(n, _)| *n == number).map(|(_, page)| *page)
            }
        };
        Self { initial: page }
    }

    /// Whether the initial character set is one we know: without one, bytes above 127 can mean anything.
    pub fn known(self) -> bool {
        self.initial.is_some()
    }

    /// The text, if every byte of it has a meaning: `None` with a byte that the character sets do not have, and with bytes
    /// above 127 in no character set that are not UTF-8 either. `name` as for [`decode`](Self::decode).
    pub fn read(self, bytes: &[u8], name: bool) -> Option<String> {
        if !self.known() && !bytes.contains(&ESC) {
            return std::str::from_utf8(bytes).ok().map(str::to_owned);
        }
        if self.misreads(bytes) {
            return None;
        }
        let text = self.decode(bytes, name);
        (!text.contains(char::REPLACEMENT_CHARACTER)).then_some(text)
    }

    /// Whether the bytes are text of one byte for a character and the character set has two: GB 18030 declared for Latin-1.
    pub fn misreads(self, bytes: &[u8]) -> bool {
        matches!(self.initial, Some(Page::Whole(encoding)) if encoding != UTF_8) && is_of_single_bytes(bytes)
    }

    /// The text, if it is UTF-8 and declared in a set of single bytes.
    fn utf8(self, bytes: &[u8]) -> Option<&str> {
        let dense = match self.initial? {
            Page::Latin1 => false,
            Page::Single(encoding) => encoding == ISO_8859_5 || encoding == WINDOWS_874,
            _ => return None,
        };
        if bytes.contains(&ESC) || !is_utf8(bytes, dense) { None } else { std::str::from_utf8(bytes).ok() }
    }

    /// The text in the initial character set, if that has all of its characters. Code extensions are not written.
    pub fn write(self, text: &str) -> Option<Vec<u8>> {
        let by = |encoding: &'static Encoding| {
            let (bytes, _, lost) = encoding.encode(text);
            (!lost).then(|| bytes.into_owned())
        };
        match self.initial {
            _ if text.is_ascii() => Some(text.as_bytes().to_vec()),
            None | Some(Page::Katakana | Page::Double(_) | Page::Supplement) => None,
            Some(Page::Latin1) => text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect(),
            Some(Page::Single(encoding) | Page::Whole(encoding)) => by(encoding),
        }
    }

    /// The text; `name` says that ^ and = end a code extension, as they do in person names.
    pub fn decode(self, bytes: &[u8], name: bool) -> String {
        if let Some(text) = self.utf8(bytes) {
            return text.to_owned();
        }
        match self.initial {
            _ if bytes.is_ascii() && !bytes.contains(&ESC) => String::from_utf8_lossy(bytes).into_owned(),
            Some(Page::Whole(encoding)) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
            None if !bytes.contains(&ESC) => match std::str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                Err(_) => encoding_rs::mem::decode_latin1(bytes).into_owned(),
            },
            initial => extended(bytes, name, initial),
        }
    }
}

fn extended(bytes: &[u8], name: bool, declared: Option<Page>) -> String {
    let mut out = String::with_capacity(bytes.len());
    let initial = declared.unwrap_or(Page::Latin1);
    let (mut low, mut high) = (None, initial);
    // Writers that escape once a value: behind a delimiter their bytes above 127 have no meaning in ISO-IR 6.
    let mut designated = None;
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        if first == ESC {
            let found = ESCAPES.iter().find(|(sequence, ..)| tail.starts_with(sequence));
            rest = tail;
            match found {
                Some((sequence, page, to_high)) => {
                    rest = tail.get(sequence.len()..).unwrap_or(&[]);
                    if *to_high {
                        high = page.unwrap_or(initial);
                        designated = page.filter(|_| declared.is_none());
                    } else {
                        low = *page;
                    }
                }
                None => out.push(char::REPLACEMENT_CHARACTER),
            }
            continue;
        }
        let page = if first < 0x80 { low } else { Some(high) };
        let taken = match page {
            _ if first < 0x21 => 1,
            Some(Page::Double(_) | Page::Supplement) => 2.min(rest.len()),
            _ => 1,
        };
        let (character, behind) = rest.split_at(taken);
        rest = behind;
        if taken == 1 && (matches!(first, b'\t' | b'\n' | 0x0C | b'\r' | b'\\') || name && matches!(first, b'^' | b'='))
        {
            // PS3.5 6.1.2.5.3: delimiters bring back the initial state.
            (low, high) = (None, designated.unwrap_or(initial));
        }
        one(character, page, &mut out);
    }
    out
}

fn one(character: &[u8], page: Option<Page>, out: &mut String) {
    match (page, character) {
        (_, &[b]) if b < 0x80 => out.push(b as char),
        (Some(Page::Latin1), &[b]) => out.push(b as char),
        (Some(Page::Single(encoding)), _) => push(encoding, character, out),
        (Some(Page::Katakana), &[b]) => push(EUC_JP, &[0x8E, b], out),
        (Some(Page::Double(encoding)), &[a, b]) => push(encoding, &[a | 0x80, b | 0x80], out),
        (Some(Page::Supplement), &[a, b]) => push(EUC_JP, &[0x8F, a | 0x80, b | 0x80], out),
        _ => out.push(char::REPLACEMENT_CHARACTER),
    }
}

fn push(encoding: &'static Encoding, bytes: &[u8], out: &mut String) {
    out.push_str(&encoding.decode_without_bom_handling(bytes).0);
}
