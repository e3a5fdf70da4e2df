//! Words that name the people a record is about: what contains one of them does not leave as a code.

use std::collections::BTreeSet;

/// With more words than this nothing can be told apart any more: then every text counts as naming somebody.
const MOST_WORDS: usize = 2000;

/// Words from this length on are looked for inside other words too ("ZQUUXANNA"), shorter ones only whole.
const INSIDE_FROM: usize = 5;

/// Words of identifiers: folded to plain lower-case letters and digits, so that Müller, MUELLER and O'BRIEN are found as
/// Muller, Mueller and Obrien too.
#[derive(Clone, Default)]
pub struct Known {
    words: BTreeSet<String>,
}

impl Known {
    /// Adds every word of an identifier: name parts, ids, addresses. Words of letters count from 3 characters on, those
    /// with digits from 4: a house number is no reason to lose a code.
    pub fn learn(&mut self, text: &str) {
        for spelling in [fold(text, false), fold(text, true)] {
            let words = spelling.split(' ').map(str::to_owned);
            let whole = std::iter::once(spelling.replace(' ', ""));
            self.words.extend(words.chain(whole).filter(|word| {
                let least = if word.bytes().any(|b| b.is_ascii_digit()) { 4 } else { 3 };
                word.chars().count() >= least
            }));
        }
    }

    /// Whether the text contains a known word: as a word, joined to others, or split by signs.
    pub fn names(&self, text: &str) -> bool {
        if self.words.is_empty() {
            return false;
        }
        if self.words.len() > MOST_WORDS {
            return true;
        }
        [fold(text, false), fold(text, true)].iter().any(|spelling| {
            let joined = spelling.replace(' ', "");
            let inside = |word: &String| {
                let least = if word.bytes().any(|b| b.is_ascii_digit()) { INSIDE_FROM - 1 } else { INSIDE_FROM };
                word.len() >= least && joined.contains(word.as_str())
            };
            self.words.contains(&joined)
                || spelling.split(' ').any(|word| self.words.contains(word))
                || self.words.iter().any(inside)
        })
    }
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[known words]")
    }
}

/// Lower-case letters and digits, words separated by single blanks, apostrophes gone; letters with marks lose them, or
/// become two letters as German and Nordic names are written in machines (`wide`).
fn fold(text: &str, wide: bool) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            '\'' | '’' | '`' => {}
            'ä' | 'æ' => folded.push_str(if wide { "ae" } else { "a" }),
            'ö' | 'ø' | 'œ' => folded.push_str(if wide { "oe" } else { "o" }),
            'ü' => folded.push_str(if wide { "ue" } else { "u" }),
            'å' => folded.push_str(if wide { "aa" } else { "a" }),
            'ß' => folded.push_str("ss"),
            'à' | 'á' | 'â' | 'ã' | 'ā' | 'ă' | 'ą' => folded.push('a'),
            'ç' | 'ć' | 'č' => folded.push('c'),
            'ď' | 'đ' | 'ð' => folded.push('d'),
            'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => folded.push('e'),
            'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' => folded.push('i'),
            'ł' | 'ľ' => folded.push('l'),
            'ñ' | 'ń' | 'ň' => folded.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ō' | 'ő' => folded.push('o'),
            'ř' => folded.push('r'),
            'ś' | 'š' | 'ş' => folded.push('s'),
            'ť' | 'ţ' => folded.push('t'),
            'ù' | 'ú' | 'û' | 'ū' | 'ů' | 'ű' => folded.push('u'),
            'ý' | 'ÿ' => folded.push('y'),
            'ź' | 'ż' | 'ž' => folded.push('z'),
            c if c.is_alphanumeric() => folded.push(c),
            _ if folded.ends_with(' ') || folded.is_empty() => {}
            _ => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(names: &[&str]) -> Known {
        let mut known = Known::default();
        names.iter().for_each(|name| known.learn(name));
        known
    }

    #[test]
    fn a_name_is_found_however_it_is_spelled() {
        let known = known(&["Müller^José", "O'Brien", "ZQUUX^QWERTYIA", "XYZ77", "12"]);
        for text in
            ["MUELLER", "muller ct", "obrien", "O BRIEN", "jose", "ZquuxQwertyia", "Z.quux", "MRN XYZ77", "MRNXYZ77"]
        {
            assert!(known.names(text), "{text}");
        }
        for text in ["12", "CT", "mull", "2345-7", "GLU"] {
            assert!(!known.names(text), "{text}");
        }
    }

    #[test]
    fn a_record_that_names_a_crowd_lets_nothing_through() {
        let crowd: Vec<String> = (0..=MOST_WORDS).map(|n| format!("name{n:05}")).collect();
        let known = known(&crowd.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(known.names("GLU"));
    }
}
