//! Other spellings of a text: what stands in an output percent-encoded, as entities, escaped, in hexadecimal or in base 64
//! is read back before it is searched. Nothing here knows an identifier.

use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, alphabet};

/// Longest run of hexadecimal or base 64 that is decoded.
const LONGEST_RUN: usize = 1 << 20;
/// Shortest: nine bytes of text.
const SHORTEST_RUN: usize = 12;

/// Calls `each` with every other spelling found in the text; what a run of base 64 or hexadecimal holds is handed out as
/// bytes, since it need not be text.
pub fn others(text: &str, each: &mut dyn FnMut(Spelling)) {
    let bytes = text.as_bytes();
    if bytes.contains(&b'%')
        && let Some(decoded) = percent(text)
    {
        each(Spelling::Text(decoded));
    }
    if bytes.contains(&b'&')
        && let Some(decoded) = entities(text)
    {
        each(Spelling::Text(decoded));
    }
    if bytes.contains(&b'\\')
        && let Some(decoded) = escapes(text)
    {
        each(Spelling::Text(decoded));
    }
    if let Some(apart) = camel(text) {
        each(Spelling::Text(apart));
    }
    let is_code = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_');
    for run in bytes.split(|b| !is_code(*b)).filter(|run| (SHORTEST_RUN..=LONGEST_RUN).contains(&run.len())) {
        if let Some(found) = base64(run) {
            each(Spelling::Bytes(found));
        }
        for part in run.split(|b| !b.is_ascii_hexdigit()).filter(|part| part.len() >= SHORTEST_RUN) {
            if let Some(found) = hexadecimal(part) {
                each(Spelling::Bytes(found));
            }
        }
    }
}

/// What another spelling gives.
pub enum Spelling {
    /// Text.
    Text(String),
    /// Bytes that may be text.
    Bytes(Vec<u8>),
}

fn percent(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let (mut out, mut at, mut found) = (Vec::with_capacity(bytes.len()), 0, false);
    while let Some(&byte) = bytes.get(at) {
        let pair = bytes.get(at + 1..at + 3).filter(|_| byte == b'%').and_then(hex_pair);
        out.push(pair.unwrap_or(if byte == b'+' { b' ' } else { byte }));
        at += if pair.is_some() { 3 } else { 1 };
        found |= pair.is_some();
    }
    found.then(|| String::from_utf8_lossy(&out).into_owned())
}

fn hex_pair(pair: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(pair).ok().filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u8::from_str_radix(text, 16).ok()
}

const NAMED: &[(&str, char)] = &[("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\''), ("nbsp", ' ')];

/// Character references of HTML and XML: numbers, and the few names that writers of programs use.
fn entities(text: &str) -> Option<String> {
    let (mut out, mut rest, mut found) = (String::with_capacity(text.len()), text, false);
    while let Some(at) = rest.find('&') {
        let (before, behind) = rest.split_at(at);
        out.push_str(before);
        let body = behind.get(1..).unwrap_or_default();
        let end = body.bytes().take(12).position(|b| b == b';');
        let decoded = end.and_then(|end| body.get(..end)).and_then(|name| {
            let number = name.strip_prefix('#');
            let number = number.and_then(|n| match n.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => n.parse().ok(),
            });
            number.and_then(char::from_u32).or_else(|| NAMED.iter().find(|row| row.0 == name).map(|row| row.1))
        });
        match (decoded, end) {
            (Some(c), Some(end)) => {
                out.push(c);
                rest = body.get(end + 1..).unwrap_or_default();
                found = true;
            }
            _ => {
                out.push('&');
                rest = body;
            }
        }
    }
    out.push_str(rest);
    found.then_some(out)
}

/// `\u00e9` and `\x4a` of JSON and programs, `\X4A4F\` of HL7.
fn escapes(text: &str) -> Option<String> {
    let (mut out, mut rest, mut found) = (String::with_capacity(text.len()), text, false);
    while let Some(at) = rest.find('\\') {
        let (before, behind) = rest.split_at(at);
        out.push_str(before);
        let body = behind.get(1..).unwrap_or_default();
        let number = |from: usize, to: usize| {
            let digits = body.get(from..to).filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
            u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)
        };
        let (decoded, taken) = match body.as_bytes().first() {
            Some(b'u') => (number(1, 5).map(String::from), 5),
            Some(b'x') => (number(1, 3).map(String::from), 3),
            Some(b'X') => {
                let end = body.find('\\').unwrap_or(0);
                let bytes = body.get(1..end).and_then(|digits| hexadecimal(digits.as_bytes()));
                (bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()), end + 1)
            }
            _ => (None, 0),
        };
        match decoded {
            Some(text) => {
                out.push_str(&text);
                rest = body.get(taken..).unwrap_or_default();
                found = true;
            }
            None => {
                out.push(' ');
                rest = body;
            }
        }
    }
    out.push_str(rest);
    found.then_some(out)
}

/// `JaneDoe` as two words.
fn camel(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let turn = |pair: &[u8]| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase());
    if !bytes.windows(2).any(turn) {
        return None;
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut small = false;
    for c in text.chars() {
        if small && c.is_ascii_uppercase() {
            out.push(' ');
        }
        small = c.is_ascii_lowercase();
        out.push(c);
    }
    Some(out)
}

fn hexadecimal(run: &[u8]) -> Option<Vec<u8>> {
    let bytes: Option<Vec<u8>> = run.chunks_exact(2).map(hex_pair).collect();
    bytes.filter(|bytes| mostly_text(bytes))
}

/// Base 64 of RFC 4648, either alphabet, with or without padding, also cut short.
fn base64(run: &[u8]) -> Option<Vec<u8>> {
    const LOOSE: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    const CODE: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LOOSE);
    let whole = run.len() - usize::from(run.len() % 4 == 1);
    let plain = |byte: &u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => *byte,
    };
    let run: Vec<u8> = run.iter().take(whole).map(plain).collect();
    CODE.decode(run).ok().filter(|bytes| mostly_text(bytes))
}

/// Whether bytes begin like text (or like a picture, which may hold text): most words decode to noise.
fn mostly_text(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(64)).unwrap_or(bytes);
    let text = |b: &u8| matches!(b, 9 | 10 | 13 | 32..=126);
    let wide = head.len() >= 8 && head.iter().filter(|b| **b == 0).count() * 3 > head.len();
    let count = head.iter().filter(|b| text(b)).count();
    !head.is_empty() && (count * 10 >= head.len() * 8 || wide && count * 3 >= head.len())
        || head.starts_with(b"\x89PNG")
        || std::str::from_utf8(head).is_ok_and(|t| t.chars().filter(|c| c.is_alphabetic()).count() * 2 > t.len())
}

/// Texts in bytes of an unknown kind: as UTF-8, as Latin-1, and as UTF-16 of either order. Runs of fewer than four
/// characters are noise.
pub fn texts_in(bytes: &[u8], each: &mut dyn FnMut(&str)) {
    match std::str::from_utf8(bytes) {
        Ok(text) => each(text),
        Err(_) => {
            let run = |b: &u8| !matches!(b, 0..=8 | 14..=31 | 127..=159);
            for run in bytes.split(|b| !run(b)).filter(|run| run.len() >= 4) {
                match std::str::from_utf8(run) {
                    Ok(text) => each(text),
                    Err(_) => each(&run.iter().map(|b| char::from(*b)).collect::<String>()),
                }
            }
        }
    }
    if !bytes.contains(&0) {
        return;
    }
    for (offset, big) in [(0, false), (1, false), (0, true), (1, true)] {
        let mut run = String::new();
        for pair in bytes.get(offset..).unwrap_or_default().chunks(2) {
            let unit = match *pair {
                [a, b] => u16::from_be_bytes(if big { [a, b] } else { [b, a] }),
                _ => 0,
            };
            match char::from_u32(u32::from(unit)).filter(|c| !c.is_control() && u32::from(*c) < 0xD800) {
                Some(c) => run.push(c),
                None => flush(&mut run, each),
            }
        }
        flush(&mut run, each);
    }
}

fn flush(run: &mut String, each: &mut dyn FnMut(&str)) {
    if run.chars().count() >= 4 {
        each(run);
    }
    run.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        others(text, &mut |spelling| match spelling {
            Spelling::Text(text) => found.push(text),
            Spelling::Bytes(bytes) => texts_in(&bytes, &mut |text| found.push(text.to_owned())),
        });
        found
    }

    #[test]
    fn what_is_spelled_otherwise_is_read_back() {
        // python: base64.b64encode(b"Fauxworth, Annelise"), the same .hex(), urllib.parse.quote, html.escape of digits.
        for text in [
            "x=RmF1eHdvcnRoLCBBbm5lbGlzZQ==;",
            "466175 x 466175 78776f7274682c20416e6e656c697365 466175",
            "a%20Fauxworth%2C%20Annelise",
            "&#70;auxworth&#x2c; Annelise",
            "\\u0046auxworth, Annelise",
            "\\X46617578776F7274682C20416E6E656C697365\\",
        ] {
            let found = spelled(text).join("|");
            assert!(found.contains("orth, Annelise"), "{text}: {found}");
        }
        assert!(spelled("FauxworthAnnelise").contains(&"Fauxworth Annelise".to_owned()));
        assert!(spelled("3f8812345a3f8812345a3f8812345a3f 44054006 lower case only").is_empty());
    }

    #[test]
    fn texts_are_found_in_bytes() {
        let mut bytes = vec![0xFF, 0x00, 0x03];
        bytes.extend("Jane Doe".encode_utf16().flat_map(u16::to_le_bytes));
        bytes.extend_from_slice(b"\xFF\x00\x01M\xFCller\x00");
        let mut found = Vec::new();
        texts_in(&bytes, &mut |text| found.push(text.to_owned()));
        assert!(found.iter().any(|text| text.contains("Jane Doe")), "{found:?}");
        assert!(found.iter().any(|text| text.contains("Müller")), "{found:?}");
    }
}
