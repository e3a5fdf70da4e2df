//! Pictures inside a text: `data:` URLs (RFC 2397) in base 64, as reports carry them. Each is read as the file that it is, so
//! that the letters which a compressed picture happens to spell are not taken for words.

use super::{At, Said, Sink, pictures};
use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use std::borrow::Cow;

const MARK: &str = ";base64,";
const CODE: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The text without its pictures, whose own texts are handed out. What does not decode to a whole PNG stays.
pub(super) fn taken_out<'t>(text: &'t str, at: &At, sink: &mut Sink<'_>) -> Cow<'t, str> {
    let mut kept = String::new();
    let mut from = 0;
    while let Some(start) = text.get(from..).and_then(|rest| rest.find(MARK)).map(|found| from + found + MARK.len()) {
        let behind = text.get(start..).unwrap_or_default();
        let code = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        let (run, _) = behind.split_at(behind.find(|c| !code(c)).unwrap_or(behind.len()));
        let is_picture = CODE.decode(run).is_ok_and(|bytes| {
            bytes.starts_with(b"\x89PNG\r\n\x1a\n")
                && pictures::png(&bytes, &mut |_, person, said: Said<'_>| sink(at, person, said)).is_some()
        });
        let end = start + run.len();
        kept.push_str(text.get(from..if is_picture { start } else { end }).unwrap_or_default());
        from = end;
    }
    if from == 0 {
        return Cow::Borrowed(text);
    }
    kept.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PNG of no pixels with one text chunk; the check sums are not looked at.
    fn png(text: &[u8]) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        for (kind, data) in [(b"tEXt", text), (b"IDAT", b"abc Longname def"), (b"IEND", b"")] {
            bytes.extend((data.len() as u32).to_be_bytes());
            bytes.extend(kind);
            bytes.extend(data);
            bytes.extend([0; 4]);
        }
        bytes
    }

    #[test]
    fn a_picture_says_its_texts_and_not_its_pixels() {
        let code = base64::prelude::BASE64_STANDARD.encode(png(b"Author\0Anna"));
        let line =
            format!("<img src=\"data:image/png;base64,{code}\"><img src=\"data:text/plain;base64,QW5uYQ==\">end");
        let mut said = Vec::new();
        let rest = taken_out(&line, &At::default(), &mut |_, _, what| said.push(format!("{what:?}")));
        assert_eq!(rest, "<img src=\"data:image/png;base64,\"><img src=\"data:text/plain;base64,QW5uYQ==\">end");
        assert_eq!(said.len(), 1, "{said:?}");
        // Half a picture is text.
        let half = &line[..60];
        assert_eq!(taken_out(half, &At::default(), &mut |_, _, _| panic!("nothing is in it")), half);
    }
}
