//! Wrong declarations of character sets that the bytes give away. Text of one byte for each character that is declared as
//! text of two (GB 2312, GBK, GB 18030, the EUC sets): read as declared, a letter above 127 would swallow the letter or the
//! delimiter behind it. UTF-8 that is declared as a set of single bytes: read as declared, a name would be other letters
//! and signs, cut where its letters have accents. Either way nobody would find it.

/// Where the letters of Latin-1 begin; below are signs and controls, which start many characters of GBK and few words.
const LETTERS: u8 = 0xC0;

/// Whether more characters of two bytes end in an ASCII character than not. The characters of GB 2312, of KS X 1001 and of
/// JIS X 0208 have two bytes above 0xA0; those that GBK adds are rare in any text. In text of single bytes, letters above
/// 127 stand among those below.
pub(super) fn is_of_single_bytes(bytes: &[u8]) -> bool {
    let (mut pairs, mut odd, mut at) = (0usize, 0usize, 0);
    while let Some(&lead) = bytes.get(at) {
        let length = match (lead, bytes.get(at + 1..).unwrap_or_default()) {
            (0..=0x80, _) => 1,
            (0xFF, _) | (_, []) => {
                odd += usize::from(lead >= LETTERS);
                1
            }
            (_, [0x30..=0x39, 0x81..=0xFE, 0x30..=0x39, ..]) => {
                pairs += 1;
                4
            }
            (_, [0x80..=0xFF, ..]) => {
                pairs += 1;
                2
            }
            (_, [trail, ..]) => {
                odd += usize::from(lead >= LETTERS);
                1 + usize::from((0x40..=0x7E).contains(trail))
            }
        };
        at += length;
    }
    odd > pairs
}

/// Whether text declared in a set of single bytes is UTF-8: by accident such text is next to never, because every letter
/// above 127 would have to stand before the right signs or controls. Sets whose letters lie where UTF-8 continues
/// (`dense`: Cyrillic, Thai) show it by four characters, others by one.
pub(super) fn is_utf8(bytes: &[u8], dense: bool) -> bool {
    !bytes.is_ascii()
        && std::str::from_utf8(bytes).is_ok_and(|text| {
            let least = if dense { 4 } else { 1 };
            text.chars().filter(|c| !c.is_ascii()).nth(least - 1).is_some()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_shows_under_any_name() {
        for text in ["Žofie", "Müller", "山田", "Иванова"] {
            assert!(is_utf8(text.as_bytes(), false) && !is_utf8(b"CT", false), "{text}");
        }
        assert!(is_utf8("Иванова".as_bytes(), true) && !is_utf8("Žofie".as_bytes(), true));
        // Capitals of ISO 8859-5 that are a character of UTF-8, too.
        let cyrillic = encoding_rs::ISO_8859_5.encode("ТАТА").0.into_owned();
        assert!(is_utf8(&cyrillic, false) && !is_utf8(&cyrillic, true));
        for text in ["Müller", "Änne", "25 °C", "Ñandú"] {
            assert!(!is_utf8(&encoding_rs::WINDOWS_1252.encode(text).0, false), "{text}");
        }
    }

    #[test]
    fn a_wrong_declaration_shows() {
        let latin = |text: &str| encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
        for text in ["Müller kam", "René", "Jörg|Ärzte", "é", "Ö^ü"] {
            assert!(is_of_single_bytes(&latin(text)), "{text}");
        }
        // U+9555 and U+20000 are in GBK and in GB 18030 only: half a pair below 0x80, and four bytes.
        for text in ["患者は山田です", "朱镕基来院", "亅亊亐", "\u{20000}", "CT", ""] {
            assert!(!is_of_single_bytes(&encoding_rs::GB18030.encode(text).0), "{text}");
        }
        assert!(!is_of_single_bytes(&encoding_rs::EUC_KR.encode("환자 김철수").0));
    }
}
