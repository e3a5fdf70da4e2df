//! Character sets of MSH-18 (HL7 table 0211): which bytes can be delimiters in them, and bytes to text.
//! UTF-16 is undone before this file sees anything (`split`).

use crate::read::doubt::{is_of_single_bytes, is_utf8};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, ISO_2022_JP, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6,
    ISO_8859_7, ISO_8859_8, SHIFT_JIS, UTF_8, WINDOWS_874, WINDOWS_1252, WINDOWS_1254,
};
use std::borrow::Cow;

/// How characters of several bytes lie in the text: the second byte may look like a delimiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// No byte below 0x80 is part of a longer character.
    Plain,
    /// A lead byte of 0x81-0x9F or 0xE0-0xFC takes the byte after it along.
    ShiftJis,
    /// A lead byte of 0x81-0xFE takes the byte after it along (GB 18030, Big5, EUC).
    Lead,
    /// `ESC $` begins pairs of bytes, `ESC (` ends them.
    Escaped,
}

/// One character set.
#[derive(Debug)]
pub struct Charset {
    /// The name written to the `character_set` column: ours, not the sender's spelling.
    pub name: &'static str,
    encoding: &'static Encoding,
    layout: Layout,
    /// Nothing was declared: UTF-8 if the bytes are, else Windows-1252.
    guess: bool,
}

const fn plain(name: &'static str, encoding: &'static Encoding) -> Charset {
    Charset { name, encoding, layout: Layout::Plain, guess: false }
}

/// MSH-18 is absent, `ASCII`, or names a set we do not know.
pub(super) static UNDECLARED: Charset =
    Charset { name: "undeclared", encoding: UTF_8, layout: Layout::Plain, guess: true };
/// What the bytes are once UTF-16 is undone, or if a byte-order mark says so.
pub(super) static UTF8: Charset = plain("UTF-8", UTF_8);
static LATIN_1: Charset = plain("ISO 8859-1", WINDOWS_1252);
static LATIN_2: Charset = plain("ISO 8859-2", ISO_8859_2);
static LATIN_3: Charset = plain("ISO 8859-3", ISO_8859_3);
static LATIN_4: Charset = plain("ISO 8859-4", ISO_8859_4);
static CYRILLIC: Charset = plain("ISO 8859-5", ISO_8859_5);
static ARABIC: Charset = plain("ISO 8859-6", ISO_8859_6);
static GREEK: Charset = plain("ISO 8859-7", ISO_8859_7);
static HEBREW: Charset = plain("ISO 8859-8", ISO_8859_8);
static LATIN_5: Charset = plain("ISO 8859-9", WINDOWS_1254);
static LATIN_9: Charset = plain("ISO 8859-15", encoding_rs::ISO_8859_15);
static THAI: Charset = plain("TIS-620", WINDOWS_874);
static JIS: Charset = Charset { name: "ISO-2022-JP", encoding: ISO_2022_JP, layout: Layout::Escaped, guess: false };
static SJIS: Charset = Charset { name: "Shift_JIS", encoding: SHIFT_JIS, layout: Layout::ShiftJis, guess: false };
static GB: Charset = Charset { name: "GB 18030", encoding: GB18030, layout: Layout::Lead, guess: false };
static TAIWAN: Charset = Charset { name: "Big5", encoding: BIG5, layout: Layout::Lead, guess: false };
static KOREAN: Charset = Charset { name: "EUC-KR", encoding: EUC_KR, layout: Layout::Lead, guess: false };
static EUC_JAPAN: Charset = Charset { name: "EUC-JP", encoding: EUC_JP, layout: Layout::Lead, guess: false };

/// Names of MSH-18 as table 0211 spells them and as senders do, upper case, without blanks, hyphens, underscores and
/// slashes. ISO IR numbers are those of HL7 v2.5.1 section 2.15.9.18. `UNICODE` without an encoding form is UTF-8 here:
/// had it been UTF-16, `split` would have seen it.
static NAMES: &[(&[u8], &Charset)] = &[
    (b"", &UNDECLARED),
    (b"ASCII", &UNDECLARED),
    (b"USASCII", &UNDECLARED),
    (b"ISOIR6", &UNDECLARED),
    (b"UTF8", &UTF8),
    (b"UNICODE", &UTF8),
    (b"UNICODEUTF8", &UTF8),
    (b"UNICODEUTF16", &UTF8),
    (b"UTF16", &UTF8),
    (b"ISOIR192", &UTF8),
    (b"88591", &LATIN_1),
    (b"ISO88591", &LATIN_1),
    (b"ISOIR100", &LATIN_1),
    (b"LATIN1", &LATIN_1),
    (b"WINDOWS1252", &LATIN_1),
    (b"CP1252", &LATIN_1),
    (b"88592", &LATIN_2),
    (b"ISO88592", &LATIN_2),
    (b"ISOIR101", &LATIN_2),
    (b"88593", &LATIN_3),
    (b"ISO88593", &LATIN_3),
    (b"ISOIR109", &LATIN_3),
    (b"88594", &LATIN_4),
    (b"ISO88594", &LATIN_4),
    (b"ISOIR110", &LATIN_4),
    (b"88595", &CYRILLIC),
    (b"ISO88595", &CYRILLIC),
    (b"ISOIR144", &CYRILLIC),
    (b"88596", &ARABIC),
    (b"ISO88596", &ARABIC),
    (b"ISOIR127", &ARABIC),
    (b"88597", &GREEK),
    (b"ISO88597", &GREEK),
    (b"ISOIR126", &GREEK),
    (b"88598", &HEBREW),
    (b"ISO88598", &HEBREW),
    (b"ISOIR138", &HEBREW),
    (b"88599", &LATIN_5),
    (b"ISO88599", &LATIN_5),
    (b"ISOIR148", &LATIN_5),
    (b"885915", &LATIN_9),
    (b"ISO885915", &LATIN_9),
    (b"ISOIR203", &LATIN_9),
    (b"ISOIR166", &THAI),
    (b"TIS620", &THAI),
    (b"ISOIR14", &JIS),
    (b"ISOIR87", &JIS),
    (b"ISOIR159", &JIS),
    (b"ISO2022JP", &JIS),
    (b"JIS", &JIS),
    (b"ISOIR13", &SJIS),
    (b"SHIFTJIS", &SJIS),
    (b"SJIS", &SJIS),
    (b"CP932", &SJIS),
    (b"WINDOWS31J", &SJIS),
    (b"GB18030", &GB),
    (b"GB180302000", &GB),
    (b"GB2312", &GB),
    (b"GBK", &GB),
    (b"BIG5", &TAIWAN),
    (b"KSX1001", &KOREAN),
    (b"ISOIR149", &KOREAN),
    (b"EUCKR", &KOREAN),
    (b"EUCJP", &EUC_JAPAN),
];

/// The set that one name of MSH-18 stands for.
fn named(name: &[u8]) -> Option<&'static Charset> {
    let mut spelled = [0u8; 16];
    let mut length = 0;
    for byte in name.iter().filter(|b| !matches!(b, b' ' | b'-' | b'_' | b'/')) {
        *spelled.get_mut(length)? = byte.to_ascii_uppercase();
        length += 1;
    }
    let spelled = spelled.get(..length)?;
    NAMES.iter().find(|row| row.0 == spelled).map(|row| row.1)
}

impl Charset {
    /// The set to read a message by, from its MSH-18 cut at repetitions. The first one counts; the others may be
    /// switched to by escape sequences, and if one of those is Japanese in ISO 2022 form (`ASCII~ISO IR87`), the
    /// message is read as ISO-2022-JP, which contains ASCII.
    pub(super) fn of<'a>(mut repetitions: impl Iterator<Item = &'a [u8]>) -> &'static Charset {
        let first = repetitions.next().and_then(named).unwrap_or(&UNDECLARED);
        if first.guess && repetitions.filter_map(named).any(|set| std::ptr::eq(set, &JIS)) { &JIS } else { first }
    }

    /// The set to read these bytes by if this one is declared: another one if the bytes have no meaning in it, are text of
    /// one byte for each character and it has two, or are UTF-8 and it has one.
    pub(super) fn checked(&'static self, bytes: &[u8]) -> &'static Charset {
        let wrong = match self.layout {
            Layout::Plain => !std::ptr::eq(self.encoding, UTF_8) && is_utf8(bytes, self.dense()),
            Layout::Lead if !std::ptr::eq(self, &TAIWAN) && is_of_single_bytes(bytes) => true,
            _ => self.encoding.decode_without_bom_handling_and_without_replacement(bytes).is_none(),
        };
        if wrong { &UNDECLARED } else { self }
    }

    /// Whether its letters fill the bytes that continue a character of UTF-8.
    fn dense(&self) -> bool {
        std::ptr::eq(self, &CYRILLIC) || std::ptr::eq(self, &THAI)
    }

    /// Whether a byte-wise search for a delimiter could stop inside a character.
    #[inline]
    pub(super) fn hides_delimiters(&self) -> bool {
        self.layout != Layout::Plain
    }

    /// The first place of `wanted`, not inside a longer character.
    #[inline]
    pub(super) fn find(&self, bytes: &[u8], wanted: u8) -> Option<usize> {
        if self.layout == Layout::Plain {
            // Most values are a few bytes: a loop beats the set-up of a vector search.
            let short = bytes.len() <= 32;
            return if short { bytes.iter().position(|b| *b == wanted) } else { memchr::memchr(wanted, bytes) };
        }
        self.find_by(bytes, |byte| byte == wanted)
    }

    /// The first byte for which `wanted` holds, not inside a longer character. Every search begins in the state
    /// that text begins in: senders return to ASCII before a delimiter (HL7 v2.5.1 section 2.15.9.18).
    pub(super) fn find_by(&self, bytes: &[u8], wanted: impl Fn(u8) -> bool) -> Option<usize> {
        let mut at = 0;
        let mut pairs = false;
        while let Some(&byte) = bytes.get(at) {
            // A line end is never inside a character: a broken lead byte at the end of a line takes nothing along.
            let next_ends = matches!(bytes.get(at + 1), None | Some(b'\r' | b'\n'));
            let step = match self.layout {
                Layout::Plain => 1,
                Layout::ShiftJis if matches!(byte, 0x81..=0x9F | 0xE0..=0xFC) && !next_ends => 2,
                Layout::Lead if matches!(byte, 0x81..=0xFE) && !next_ends => 2,
                Layout::ShiftJis | Layout::Lead => 1,
                Layout::Escaped => match (byte, bytes.get(at + 1)) {
                    (0x1B, Some(b'$')) => {
                        pairs = true;
                        3
                    }
                    (0x1B, Some(b'(')) => {
                        pairs = false;
                        3
                    }
                    (b'\r' | b'\n', _) => {
                        pairs = false;
                        1
                    }
                    _ if pairs => {
                        at += 1;
                        continue;
                    }
                    _ => 1,
                },
            };
            if step == 1 && wanted(byte) {
                return Some(at);
            }
            at += step;
        }
        None
    }

    /// Bytes to text. What the set has no character for becomes U+FFFD.
    #[inline]
    pub(super) fn decode<'a>(&self, bytes: &'a [u8]) -> Cow<'a, str> {
        if std::ptr::eq(self.encoding, UTF_8) {
            return match std::str::from_utf8(bytes) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) if self.guess => WINDOWS_1252.decode_without_bom_handling(bytes).0,
                Err(_) => String::from_utf8_lossy(bytes),
            };
        }
        self.encoding.decode_without_bom_handling(bytes).0
    }

    /// Text to bytes; a character that the set does not have becomes `?`.
    pub(super) fn encode<'a>(&self, text: &'a str) -> Cow<'a, [u8]> {
        let (bytes, _, unmappable) = self.encoding.encode(text);
        if !unmappable {
            return bytes;
        }
        // encoding_rs writes numeric character references, whose `&` and `#` may be delimiters.
        let mut buffer = [0u8; 4];
        let mut known = |c: &char| !self.encoding.encode(c.encode_utf8(&mut buffer)).2;
        let text: String = text.chars().map(|c| if known(&c) { c } else { '?' }).collect();
        Cow::Owned(self.encoding.encode(&text).0.into_owned())
    }

    /// The set to write a message in, of which these are the bytes: an undeclared set is what the bytes are.
    pub(super) fn written(&'static self, bytes: &[u8]) -> &'static Charset {
        if self.guess && std::str::from_utf8(bytes).is_err() { &LATIN_1 } else { self }
    }

    /// Whether a name of MSH-18 is one that this reader knows.
    pub(super) fn knows(name: &[u8]) -> bool {
        named(name).is_some()
    }
}

/// What follows a `\C..\` or `\M..\` escape: text in another set of the message.
#[derive(Clone, Copy, Debug)]
pub(super) enum Switched {
    /// Back to the set of the message.
    Own,
    /// A set of its own.
    To(&'static Charset),
    /// Pairs of 7-bit bytes of JIS X 0208.
    Kanji,
}

/// Escape sequences of HL7 v2.5.1 section 2.7.2, by their hexadecimal digits.
static SWITCHES: &[(&[u8], Switched)] = &[
    (b"C2842", Switched::Own),
    (b"C284A", Switched::Own),
    (b"C2949", Switched::To(&SJIS)),
    (b"C2D41", Switched::To(&LATIN_1)),
    (b"C2D42", Switched::To(&LATIN_2)),
    (b"C2D43", Switched::To(&LATIN_3)),
    (b"C2D44", Switched::To(&LATIN_4)),
    (b"C2D4C", Switched::To(&CYRILLIC)),
    (b"C2D47", Switched::To(&ARABIC)),
    (b"C2D46", Switched::To(&GREEK)),
    (b"C2D48", Switched::To(&HEBREW)),
    (b"C2D4D", Switched::To(&LATIN_5)),
    (b"C2D62", Switched::To(&LATIN_9)),
    (b"C2D54", Switched::To(&THAI)),
    (b"M2442", Switched::Kanji),
    (b"M2440", Switched::Kanji),
];

/// The set that an escape's body (`C2D41`) switches to.
pub(super) fn switched(body: &[u8]) -> Option<Switched> {
    SWITCHES.iter().find(|row| row.0.eq_ignore_ascii_case(body)).map(|row| row.1)
}

impl Switched {
    /// Bytes to text while the switch holds.
    pub(super) fn decode<'a>(self, own: &Charset, bytes: &'a [u8]) -> Cow<'a, str> {
        match self {
            Switched::Own => own.decode(bytes),
            Switched::To(set) => set.decode(bytes),
            Switched::Kanji => {
                let sequence = [b"\x1B$B", bytes, b"\x1B(B"].concat();
                Cow::Owned(JIS.decode(&sequence).into_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_however_they_are_spelled() {
        for (name, want) in [
            ("UNICODE UTF-8", "UTF-8"),
            ("8859/1", "ISO 8859-1"),
            ("iso-8859-15", "ISO 8859-15"),
            ("GB 18030-2000", "GB 18030"),
            ("KS X 1001", "EUC-KR"),
            ("KLINGON", "undeclared"),
            ("A NAME LONGER THAN ANY IN THE TABLE", "undeclared"),
        ] {
            assert_eq!(Charset::of([name.as_bytes()].into_iter()).name, want, "{name}");
        }
        assert_eq!(Charset::of([&b"ASCII"[..], b"ISO IR87"].into_iter()).name, "ISO-2022-JP");
        assert_eq!(Charset::of(std::iter::empty()).name, "undeclared");
    }

    #[test]
    fn a_wrong_set_of_single_bytes_is_not_believed() {
        let name = |set: &'static Charset, bytes: &[u8]| set.checked(bytes).name;
        assert_eq!(name(&LATIN_1, "PID|1||7||Přibyl^Žofie".as_bytes()), "undeclared");
        assert_eq!(name(&CYRILLIC, "PID|1||7||Иванова^Ольга".as_bytes()), "undeclared");
        assert_eq!(name(&LATIN_1, b"PID|1||7||M\xFCller^J\xF6rg"), "ISO 8859-1");
        assert_eq!(name(&CYRILLIC, b"PID|1||7||\xC2\xB0^\xB8"), "ISO 8859-5");
        assert_eq!(name(&UTF8, "Müller".as_bytes()), "UTF-8");
    }

    #[test]
    fn a_delimiter_byte_inside_a_character_is_not_found() {
        // JIS X 0208 row 0x25, cell 0x5E; Shift-JIS 0x83 0x7C is KATAKANA PO: its second byte is `|`.
        assert_eq!(SJIS.find(b"\x83\x7C|", b'|'), Some(2));
        // GB 18030 0x81 0x7C is one character.
        assert_eq!(GB.find(b"\x81\x7Ca|", b'|'), Some(3));
        // In ISO-2022-JP the pair 0x25 0x7C stands between the escapes.
        assert_eq!(JIS.find(b"\x1B$B%|\x1B(B|", b'|'), Some(8));
        assert_eq!(JIS.find(b"\x1B$B%|\r|", b'|'), Some(6));
        // A lead byte at the end of a line takes nothing along.
        assert_eq!(GB.find_by(b"\x81\r|", |b| b == b'\r'), Some(1));
    }

    #[test]
    fn undeclared_text_is_utf8_or_windows_1252() {
        assert_eq!(UNDECLARED.decode("Müller".as_bytes()), "Müller");
        assert_eq!(UNDECLARED.decode(b"M\xFCller"), "Müller");
        assert_eq!(UTF8.decode(b"M\xFCller"), "M\u{FFFD}ller");
        assert_eq!(CYRILLIC.decode(b"\xB8\xD2\xD0\xDD"), "Иван");
    }
}
