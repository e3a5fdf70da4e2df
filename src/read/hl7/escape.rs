//! Escape sequences inside a value (HL7 v2.5.1 section 2.7): raw bytes to text and back.

use super::charset::{Charset, Switched, switched};
use super::delimiters::Delimiters;
use std::borrow::Cow;

/// The text of a raw value. Sequences with a meaning in plain text are replaced, highlighting is left out, and what
/// has no known meaning (`\Z..\`, an unknown word, a lone escape character) stays as it stood: no text is lost.
pub(super) fn decode<'a>(raw: &'a [u8], delimiters: &Delimiters, charset: &'static Charset) -> Cow<'a, str> {
    let Some((escape, first)) = delimiters.escape.and_then(|e| charset.find(raw, e).map(|at| (e, at))) else {
        return charset.decode(raw);
    };
    let mut text = String::with_capacity(raw.len());
    let mut run: Vec<u8> = Vec::new();
    let mut set = Switched::Own;
    let mut rest = raw;
    let mut next = Some(first);
    while let Some(at) = next {
        let (before, sequence) = rest.split_at(at);
        run.extend_from_slice(before);
        let after = sequence.get(1..).unwrap_or_default();
        let Some(length) = charset.find(after, escape) else {
            rest = sequence;
            break;
        };
        let (body, tail) = after.split_at(length);
        if let Some(other) = switched(body) {
            text.push_str(&set.decode(charset, &run));
            run.clear();
            set = other;
        } else if !replace(body, delimiters, &mut run) {
            run.push(escape);
            run.extend_from_slice(body);
            run.push(escape);
        }
        rest = tail.get(1..).unwrap_or_default();
        next = charset.find(rest, escape);
    }
    run.extend_from_slice(rest);
    text.push_str(&set.decode(charset, &run));
    Cow::Owned(text)
}

/// Lines or blanks that one formatting command may ask for.
const MOST_REPEATED: usize = 100;

/// Writes what the sequence between two escape characters stands for; false if that is not known.
fn replace(body: &[u8], delimiters: &Delimiters, run: &mut Vec<u8>) -> bool {
    match body {
        b"F" => run.push(delimiters.field),
        b"S" => run.push(delimiters.component),
        b"T" => run.extend(delimiters.subcomponent),
        b"R" => run.extend(delimiters.repetition),
        b"E" => run.extend(delimiters.escape),
        b"P" => run.extend(delimiters.truncation),
        b"H" | b"N" | b".fi" | b".nf" => {}
        b".br" | b".ce" => run.push(b'\n'),
        [b'X', digits @ ..] => return hexadecimal(digits, run),
        [b'.', command @ ..] => return format_command(command, run),
        _ => return false,
    }
    true
}

/// `.sp3` is three lines, `.sk3` three blanks; indents (`.in`, `.ti`) have no place in plain text.
fn format_command(command: &[u8], run: &mut Vec<u8>) -> bool {
    let Some((name, argument)) = command.split_at_checked(2) else { return false };
    let digits = argument.strip_prefix(b"+").unwrap_or(argument);
    let count = std::str::from_utf8(digits).ok().and_then(|d| d.trim().parse::<usize>().ok());
    match (name, count) {
        (b"sp", None) if argument.is_empty() => run.push(b'\n'),
        (b"sp", Some(n)) => run.extend(std::iter::repeat_n(b'\n', n.min(MOST_REPEATED))),
        (b"sk", Some(n)) => run.extend(std::iter::repeat_n(b' ', n.min(MOST_REPEATED))),
        (b"in" | b"ti", _) => {}
        _ => return false,
    }
    true
}

/// Pairs of hexadecimal digits are bytes in the character set of the message.
fn hexadecimal(digits: &[u8], run: &mut Vec<u8>) -> bool {
    let digit = |byte: u8| (byte as char).to_digit(16);
    let whole = !digits.is_empty() && digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit);
    if whole {
        for pair in digits.as_chunks::<2>().0 {
            if let (Some(high), Some(low)) = (digit(pair[0]), digit(pair[1])) {
                run.push((high * 16 + low) as u8);
            }
        }
    }
    whole
}

/// A text as a raw value of a message: delimiters and line ends escaped, in the character set of the message.
pub(super) fn encode(text: &str, delimiters: &Delimiters, charset: &'static Charset) -> Vec<u8> {
    let Some(escape) = delimiters.escape else {
        // Nothing can be escaped: what would act as a delimiter becomes a blank.
        let acts =
            |b: u8| b == delimiters.field || b == delimiters.component || Some(b) == delimiters.repetition || b < b' ';
        return charset.encode(text).iter().map(|&b| if acts(b) { b' ' } else { b }).collect();
    };
    let mut raw = Vec::with_capacity(text.len() + 8);
    let letter = |b: u8| -> Option<&'static [u8]> {
        match b {
            b if b == escape => Some(b"E"),
            b if b == delimiters.field => Some(b"F"),
            b if b == delimiters.component => Some(b"S"),
            b if Some(b) == delimiters.repetition => Some(b"R"),
            b if Some(b) == delimiters.subcomponent => Some(b"T"),
            b'\n' => Some(b".br"),
            b'\r' => Some(b"X0D"),
            0x0B => Some(b"X0B"),
            0x1C => Some(b"X1C"),
            _ => None,
        }
    };
    // Runs between delimiters are encoded in one go: ISO-2022-JP returns to ASCII at the end of each.
    let mut rest = text;
    while let Some((at, letter)) = rest.bytes().enumerate().find_map(|(at, b)| letter(b).map(|letter| (at, letter))) {
        raw.extend_from_slice(&charset.encode(rest.get(..at).unwrap_or_default()));
        raw.push(escape);
        raw.extend_from_slice(letter);
        raw.push(escape);
        rest = rest.get(at + 1..).unwrap_or_default();
    }
    raw.extend_from_slice(&charset.encode(rest));
    raw
}

#[cfg(test)]
mod tests {
    use super::super::charset::{UNDECLARED, UTF8};
    use super::*;

    fn check(raw: &str, want: &str) {
        let delimiters = Delimiters::read(b"MSH|^~\\&#|").unwrap();
        assert_eq!(decode(raw.as_bytes(), &delimiters, &UNDECLARED), want, "{raw}");
    }

    #[test]
    fn every_sequence_of_the_standard() {
        check("a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f\\P\\", "a|b^c&d~e\\f#");
        check("\\X0D0a\\", "\r\n");
        check("\\XC3BC\\", "ü");
        check("one\\.br\\two\\.sp2\\three\\.sk3\\four", "one\ntwo\n\nthree   four");
        check("\\.in+4\\\\.ti-2\\\\.fi\\\\H\\bold\\N\\", "bold");
        // \C2D41\ is ISO 8859-1 by ESC 2/13 4/1, \C2842\ is back to ASCII; \XE9\ is e with acute in the former.
        check("\\C2D4C\\\\XB8\\\\C2842\\n", "Иn");
        // JIS X 0208 0x3441 0x3B7A (漢字).
        check("\\M2442\\4A;z\\C2842\\!", "漢字!");
    }

    #[test]
    fn what_has_no_meaning_stays() {
        for raw in ["\\Zlocal\\", "C:\\dir\\file", "\\", "a\\b", "\\XG0\\", "\\X0\\", "\\X\\", "\\.zz9\\", "\\\\"] {
            check(raw, raw);
        }
    }

    #[test]
    fn a_repeat_count_cannot_fill_the_memory() {
        let delimiters = Delimiters::read(b"MSH|^~\\&|").unwrap();
        assert_eq!(decode(b"\\.sk4000000000\\", &delimiters, &UTF8).len(), MOST_REPEATED);
    }

    #[test]
    fn encoding_is_undone_by_decoding() {
        let delimiters = Delimiters::read(b"MSH|^~\\&|").unwrap();
        let text = "a|b^c~d\\e&f\ng\rh Ü";
        let raw = encode(text, &delimiters, &UTF8);
        assert_eq!(raw, "a\\F\\b\\S\\c\\R\\d\\E\\e\\T\\f\\.br\\g\\X0D\\h Ü".as_bytes());
        assert_eq!(decode(&raw, &delimiters, &UTF8), text);
    }
}
