//! Text as the search compares it: words of folded letters, of digits, or single ideographs, each with where it begins and
//! ends. Folding makes one spelling of many: case, accents, full-width forms, apostrophes. No identifier is known here.

/// What a word is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// Letters of an alphabet.
    Letters,
    /// Decimal digits.
    Digits,
    /// One character of a script that does not put blanks between words.
    Ideograph,
}

/// One word of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Hash of its folded characters.
    pub hash: u64,
    /// Characters; an ideograph says as much as two letters.
    pub chars: u16,
    /// What it is made of.
    pub script: Script,
    /// Nothing of letters and digits stands before it.
    pub begins: bool,
    /// Nothing of letters and digits stands behind it.
    pub ends: bool,
    /// Characters of the run of letters and digits that it is part of.
    pub run: u16,
    /// Up to 18 digits as a number, for words of digits.
    pub number: u64,
    /// The separator before it is one character of those that people put into numbers.
    pub joined: bool,
    /// Part of a run of digits and full stops with at least three stops: a UID, a version, an address of a machine.
    pub dotted: bool,
}

/// Letters with marks in two letters, as machines without them write German and Nordic names, or in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folding {
    /// `ü` is `u`.
    Narrow,
    /// `ü` is `ue`.
    Wide,
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// Mixes one more number into a hash.
pub fn mix(hash: u64, next: u64) -> u64 {
    // The finaliser of splitmix64: every bit of both ends up in every bit.
    let mut x = hash.rotate_left(23) ^ next.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// The hash of words one after the other.
pub fn sequence(words: &[Word]) -> u64 {
    words.iter().fold(SEED, |hash, word| mix(hash, word.hash))
}

/// The hash that a sequence starts from.
pub const fn start() -> u64 {
    SEED
}

/// The hash of several words written as one.
pub fn glued(parts: &[&str]) -> u64 {
    parts.iter().flat_map(|part| part.chars()).fold(SEED, |hash, c| mix(hash, u64::from(u32::from(c))))
}

/// The folded letters of a text, everything else left out.
pub fn folded(text: &str, folding: Folding) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        fold(c, folding, &mut |c| out.push(c));
    }
    out.retain(char::is_alphanumeric);
    out
}

fn fold(c: char, folding: Folding, push: &mut impl FnMut(char)) {
    if c.is_ascii() {
        return push(c.to_ascii_lowercase());
    }
    let c = match c {
        // Full-width forms of ASCII.
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        other => other,
    };
    for c in c.to_lowercase() {
        let wide = folding == Folding::Wide;
        let pair = match c {
            'ä' | 'æ' => {
                if wide {
                    "ae"
                } else {
                    "a"
                }
            }
            'ö' | 'ø' | 'œ' => {
                if wide {
                    "oe"
                } else {
                    "o"
                }
            }
            'ü' => {
                if wide {
                    "ue"
                } else {
                    "u"
                }
            }
            'å' => {
                if wide {
                    "aa"
                } else {
                    "a"
                }
            }
            'ß' => "ss",
            'à' | 'á' | 'â' | 'ã' | 'ā' | 'ă' | 'ą' => "a",
            'ç' | 'ć' | 'č' => "c",
            'ď' | 'đ' | 'ð' => "d",
            'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => "e",
            'ğ' => "g",
            'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' => "i",
            'ł' | 'ľ' => "l",
            'ñ' | 'ń' | 'ň' => "n",
            'ò' | 'ó' | 'ô' | 'õ' | 'ō' | 'ő' => "o",
            'ř' => "r",
            'ś' | 'š' | 'ş' | 'ș' => "s",
            'ť' | 'ţ' | 'ț' => "t",
            'ù' | 'ú' | 'û' | 'ū' | 'ů' | 'ű' => "u",
            'ý' | 'ÿ' => "y",
            'ź' | 'ż' | 'ž' => "z",
            // Combining marks.
            '\u{0300}'..='\u{036F}' => "",
            _ => {
                push(c);
                continue;
            }
        };
        pair.chars().for_each(&mut *push);
    }
}

/// Scripts that write without blanks between words: Han, kana, Hangul, Thai.
fn is_ideograph(c: char) -> bool {
    matches!(u32::from(c), 0x0E00..=0x0E7F | 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF
        | 0xFF66..=0xFF9F | 0x20000..=0x3FFFF)
}

/// Whether folding widely gives another text than folding narrowly.
pub fn has_wide(text: &str) -> bool {
    !text.is_ascii() && text.chars().any(|c| "äæöøœüåÄÆÖØŒÜÅ".contains(c))
}

/// Cuts a text into words, in order. Letters and digits that touch are two words of one run.
pub fn words(text: &str, folding: Folding, out: &mut Vec<Word>) {
    out.clear();
    let mut cutter = Cutter { words: out, open: None, run_from: 0, run_chars: 0, gap: Gap::default(), dots: 0 };
    for c in text.chars() {
        // An apostrophe inside a name is no separator.
        if matches!(c, '\'' | '’' | '`') && cutter.open.is_some_and(|word| word.script == Script::Letters) {
            continue;
        }
        fold(c, folding, &mut |c| cutter.push(c));
    }
    cutter.close_run();
    cutter.close_dots();
}

#[derive(Default)]
struct Gap {
    chars: u8,
    joining: bool,
    stop: bool,
}

struct Cutter<'o> {
    words: &'o mut Vec<Word>,
    open: Option<Word>,
    /// First word of the run that is open.
    run_from: usize,
    run_chars: u16,
    gap: Gap,
    /// Words of digits one after the other with single full stops between them.
    dots: usize,
}

impl Cutter<'_> {
    fn push(&mut self, c: char) {
        let script = match c {
            '0'..='9' => Script::Digits,
            c if is_ideograph(c) => Script::Ideograph,
            c if c.is_alphanumeric() => Script::Letters,
            _ => {
                self.close_run();
                let joining = matches!(c, ' ' | '-' | '(' | ')' | '.' | '/' | '+');
                self.gap.joining = joining && (self.gap.chars == 0 || self.gap.joining);
                self.gap.stop = c == '.' && self.gap.chars == 0;
                self.gap.chars = self.gap.chars.saturating_add(1);
                return;
            }
        };
        if self.open.is_none_or(|word| word.script != script || script == Script::Ideograph) {
            self.close_word();
            let begins = self.run_chars == 0;
            let joined = begins && self.gap.joining && self.gap.chars <= 2;
            if begins {
                self.run_from = self.words.len();
                if !(script == Script::Digits && self.gap.stop && self.gap.chars == 1) {
                    self.close_dots();
                }
            }
            let (hash, number) = (SEED, 0);
            let word = Word { hash, chars: 0, script, begins, ends: false, run: 0, number, joined, dotted: false };
            self.open = Some(word);
        }
        let weight = if script == Script::Ideograph { 2 } else { 1 };
        self.run_chars = self.run_chars.saturating_add(weight);
        if let Some(word) = &mut self.open {
            word.hash = mix(word.hash, u64::from(u32::from(c)));
            word.chars = word.chars.saturating_add(weight);
            if let (Some(digit), 0..=18) = (c.to_digit(10), word.chars) {
                word.number = word.number * 10 + u64::from(digit);
            }
        }
        self.gap = Gap::default();
    }

    fn close_word(&mut self) {
        self.words.extend(self.open.take());
    }

    fn close_run(&mut self) {
        self.close_word();
        let chars = std::mem::take(&mut self.run_chars);
        if chars == 0 {
            return;
        }
        let run = self.words.get_mut(self.run_from..).unwrap_or_default();
        let one_number = matches!(run, [word] if word.script == Script::Digits);
        let ideographs = run.iter().all(|word| word.script == Script::Ideograph);
        for word in run.iter_mut() {
            word.run = chars;
            // Any ideograph may begin or end a name.
            (word.begins, word.ends) = (word.begins || ideographs, ideographs);
        }
        if let Some(last) = run.last_mut() {
            last.ends = true;
        }
        self.dots = if one_number { self.dots + 1 } else { 0 };
    }

    fn close_dots(&mut self) {
        let dotted = std::mem::take(&mut self.dots);
        if dotted >= 4 {
            let from = self.words.len().saturating_sub(dotted);
            self.words.iter_mut().skip(from).for_each(|word| word.dotted = true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<Word> {
        let mut out = Vec::new();
        words(text, Folding::Narrow, &mut out);
        out
    }

    #[test]
    fn one_name_has_one_spelling() {
        let spell = |text: &str| sequence(&cut(text));
        for text in ["DOE^JANE", "Doe, Jane", "doe jane", "döe_jàne", "Doe\u{301}-Ｊａｎｅ"] {
            assert_eq!(spell(text), spell("doe jane"), "{text}");
        }
        assert_eq!(spell("O'Brien"), spell("OBRIEN"));
        assert_ne!(spell("jane doe"), spell("doe jane"));
        assert_eq!(cut("doejane")[0].hash, glued(&["doe", "jane"]));
    }

    #[test]
    fn letters_and_digits_part_but_stay_one_run() {
        let found = cut("MRN0012-7");
        let shape: Vec<_> = found.iter().map(|w| (w.chars, w.begins, w.ends, w.run, w.number)).collect();
        assert_eq!(shape, [(3, true, false, 7, 0), (4, false, true, 7, 12), (1, true, true, 1, 7)]);
        assert!(found[2].joined && !found[0].joined);
    }

    #[test]
    fn uids_are_told_from_numbers() {
        assert!(cut("1.2.840.10008").iter().all(|word| word.dotted));
        assert!(cut("1.2.840.10008 x 7").iter().filter(|word| word.dotted).count() == 4);
        assert!(!cut("555.123.4567").iter().any(|word| word.dotted));
    }

    #[test]
    fn ideographs_are_words_of_their_own() {
        let found = cut("山田さん");
        assert_eq!(found.len(), 4);
        assert!(found.iter().all(|word| word.begins && word.ends && word.chars == 2));
    }
}
