//! Spelling put aside: lower case, letters without their marks, and a hash that can be joined and cut, so that one pass
//! over a text answers "is this word, or a part of it, known?".

/// Multiplier of the rolling hash: odd, 64 bits, from the golden ratio.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// Longest word, in folded bytes, whose parts are looked at.
pub(in crate::deid) const LONGEST: usize = 64;

/// `STEP` to the power of n.
static POWERS: [u64; LONGEST + 1] = {
    let mut powers = [1u64; LONGEST + 1];
    let mut n = 1;
    while n <= LONGEST {
        powers[n] = powers[n - 1].wrapping_mul(STEP);
        n += 1;
    }
    powers
};

/// One more byte of a word.
#[inline]
pub(in crate::deid) fn roll(hash: u64, byte: u8) -> u64 {
    hash.wrapping_mul(STEP).wrapping_add(u64::from(byte) + 1)
}

/// The hash of folded bytes.
pub(in crate::deid) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |hash, byte| roll(hash, *byte))
}

/// The hash of two words written together; `None` if the second is too long.
pub(in crate::deid) fn join(first: u64, second: u64, second_len: usize) -> Option<u64> {
    Some(first.wrapping_mul(*POWERS.get(second_len)?).wrapping_add(second))
}

/// The hash of what follows a prefix: `whole` without `prefix`, `len` bytes long.
#[inline]
pub(in crate::deid) fn cut(prefix: u64, whole: u64, len: usize) -> Option<u64> {
    Some(whole.wrapping_sub(prefix.wrapping_mul(*POWERS.get(len)?)))
}

/// A letter as ASCII where it has a plain form; letters with two common spellings take the second if `wide`.
fn plain(c: char, wide: bool) -> Option<&'static str> {
    Some(match c {
        'ä' | 'æ' => ["a", "ae"][usize::from(wide)],
        'ö' | 'ø' | 'œ' => ["o", "oe"][usize::from(wide)],
        'ü' => ["u", "ue"][usize::from(wide)],
        'å' => ["a", "aa"][usize::from(wide)],
        'ß' => "ss",
        'þ' => "th",
        'à' | 'á' | 'â' | 'ã' | 'ā' | 'ă' | 'ą' | 'ǎ' => "a",
        'ç' | 'ć' | 'č' | 'ĉ' | 'ċ' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' | 'ĕ' | 'ė' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' | 'ĩ' | 'ĭ' | 'į' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ł' | 'ľ' | 'ĺ' | 'ļ' => "l",
        'ñ' | 'ń' | 'ň' | 'ņ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ō' | 'ő' | 'ŏ' | 'ơ' => "o",
        'ř' | 'ŕ' | 'ŗ' => "r",
        'ś' | 'š' | 'ş' | 'ș' | 'ŝ' => "s",
        'ť' | 'ţ' | 'ț' | 'ŧ' => "t",
        'ù' | 'ú' | 'û' | 'ū' | 'ů' | 'ű' | 'ũ' | 'ŭ' | 'ų' | 'ư' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        // Greek: no accents, one sigma.
        'ά' => "α",
        'έ' => "ε",
        'ή' => "η",
        'ί' | 'ϊ' | 'ΐ' => "ι",
        'ό' => "ο",
        'ύ' | 'ϋ' | 'ΰ' => "υ",
        'ώ' => "ω",
        'ς' => "σ",
        // Cyrillic: е for ё.
        'ё' => "е",
        // Arabic: one alef, one ya.
        'أ' | 'إ' | 'آ' | 'ٱ' => "ا",
        'ى' => "ي",
        'ة' => "ه",
        _ => return latin_extended(c),
    })
}

/// Vietnamese and other letters of the block Latin Extended Additional.
fn latin_extended(c: char) -> Option<&'static str> {
    Some(match c as u32 {
        0x1EA0..=0x1EB7 => "a",
        0x1EB8..=0x1EC7 => "e",
        0x1EC8..=0x1ECB => "i",
        0x1ECC..=0x1EE3 => "o",
        0x1EE4..=0x1EF1 => "u",
        0x1EF2..=0x1EF9 => "y",
        _ => return None,
    })
}

/// Marks that stand on letters, and signs that nobody sees: they are part of a word and say nothing.
pub(in crate::deid) fn silent(c: char) -> bool {
    matches!(c as u32,
        0x00AD | 0x0300..=0x036F | 0x0591..=0x05C7 | 0x0610..=0x061A | 0x0640 | 0x064B..=0x065F | 0x0670
        | 0x200B..=0x200F | 0x2060 | 0xFE00..=0xFE0F | 0xFEFF)
}

/// Folds one character into bytes.
pub(in crate::deid) fn fold_char(c: char, wide: bool, mut sink: impl FnMut(u8)) {
    if c.is_ascii() {
        return sink(c.to_ascii_lowercase() as u8);
    }
    if silent(c) {
        return;
    }
    for lower in c.to_lowercase().filter(|lower| !silent(*lower)) {
        let mut buffer = [0; 4];
        let bytes = plain(lower, wide).unwrap_or_else(|| &*lower.encode_utf8(&mut buffer));
        bytes.bytes().for_each(&mut sink);
    }
}

/// Lower-case letters and digits, words separated by single blanks, apostrophes gone; letters with marks lose them, or
/// become two letters as German and Nordic names are written in machines (`wide`).
pub(in crate::deid) fn fold(text: &str, wide: bool) -> String {
    let mut folded = Vec::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\'' | '’' | '`' => {}
            c if c.is_alphanumeric() => fold_char(c, wide, |byte| folded.push(byte)),
            c if silent(c) => {}
            _ if folded.last().is_none_or(|last| *last == b' ') => {}
            _ => folded.push(b' '),
        }
    }
    if folded.last() == Some(&b' ') {
        folded.pop();
    }
    // What was pushed is whole characters: nothing is lost here.
    String::from_utf8(folded).unwrap_or_default()
}

/// Scripts that are written without blanks between words, or with endings on names: what is known is looked for inside.
pub(in crate::deid) fn unspaced(c: char) -> bool {
    matches!(c as u32,
        0x0E00..=0x0EFF | 0x1100..=0x11FF | 0x3005..=0x3007 | 0x3041..=0x30FF | 0x3130..=0x318F | 0x3400..=0x4DBF
        | 0x4E00..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0xFF66..=0xFF9F | 0x20000..=0x2FA1F)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_lose_their_marks_in_every_script() {
        for (text, narrow, wide) in [
            ("Müller-Lüdenscheidt", "muller ludenscheidt", "mueller luedenscheidt"),
            ("O’Brien", "obrien", "obrien"),
            ("Nguyễn Thị", "nguyen thi", "nguyen thi"),
            ("Jose\u{301}", "jose", "jose"),
            ("Παπαδόπουλος", "παπαδοπουλοσ", "παπαδοπουλοσ"),
            ("Фёдоров", "федоров", "федоров"),
            ("أحمد", "احمد", "احمد"),
            (" ^DOE^^J. ", "doe j", "doe j"),
        ] {
            assert_eq!(fold(text, false), narrow);
            assert_eq!(fold(text, true), wide);
        }
    }

    #[test]
    fn hashes_can_be_joined_and_cut() {
        let (ab, abc, c) = (hash(b"ab"), hash(b"abc"), hash(b"c"));
        assert_eq!(join(ab, c, 1), Some(abc));
        assert_eq!(cut(ab, abc, 1), Some(c));
        assert_ne!(hash(b"ab"), hash(b"ba"));
        assert_eq!(join(ab, c, LONGEST + 1), None);
    }
}
