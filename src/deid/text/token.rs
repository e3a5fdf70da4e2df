//! A text as words, numbers and signs: one pass that folds each word, hashes it and asks what is known of it. No token
//! is made for blanks.

use super::fold::{self, LONGEST};
use super::mark::Mark;
use super::words::{Flags, Words};
use crate::deid::known::{As, Known};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters of one script, apostrophes inside included.
    Word,
    /// ASCII digits.
    Number,
    /// One sign that is no letter, digit or blank.
    Sign,
    /// One or more line ends.
    Line,
    /// A run of a script without blanks between words.
    Unspaced,
    /// A mark that this scrubber writes.
    Mark,
}

/// How a word is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    /// `word`
    Lower,
    /// `Word`, `McDonald`
    Title,
    /// `WORD`, `W`
    Upper,
    /// `wORD`
    Mixed,
    /// A script without cases.
    None,
}

/// One token; the text stays where it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub start: u32,
    pub end: u32,
    /// Of the folded word or the digits.
    pub hash: u64,
    /// Folded length in bytes, at most 255.
    pub folded: u8,
    pub kind: Kind,
    pub case: Case,
    /// What the dictionaries say.
    pub flags: Flags,
    /// What the record says.
    pub known: As,
    /// What a rule has made of it.
    pub mark: Option<Mark>,
    /// Part of a time that stays with its shifted date.
    pub kept: bool,
    /// Tokens of one finding share a number.
    pub group: u32,
}

impl Token {
    /// Its length in the text, in bytes.
    pub fn len(&self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the word is written as names are: with a capital, or in a script that has none.
    pub fn capital(&self) -> bool {
        self.kind == Kind::Word && matches!(self.case, Case::Title | Case::Upper | Case::None)
    }

    /// Whether it is one letter: an initial.
    pub fn initial(&self) -> bool {
        self.kind == Kind::Word && self.case == Case::Upper && self.folded == 1
    }
}

/// What kinds of things a text has, so that rules that need them can be left out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub digits: bool,
    pub at: bool,
    pub capitals: bool,
    pub known: bool,
    /// A word that the dictionaries know as something else than a common word.
    pub telling: bool,
    pub colon: bool,
    /// A point, or the word "dot" in one of several languages.
    pub dots: bool,
    /// A slash or a backslash.
    pub slash: bool,
}

const BLANK: u8 = 0;
const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const SIGN: u8 = 3;
const BREAK: u8 = 4;
const HIGH: u8 = 5;

static CLASS: [u8; 256] = {
    let mut class = [SIGN; 256];
    let mut b = 0;
    while b < 256 {
        class[b] = match b as u8 {
            b'\n' | b'\r' | 0x0B | 0x0C => BREAK,
            0..=b' ' | 0x7F => BLANK,
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            b'0'..=b'9' => DIGIT,
            0x80.. => HIGH,
            _ => SIGN,
        };
        b += 1;
    }
    class
};

/// Cuts a text of less than 4 GiB.
pub(super) fn cut(text: &str, known: &Known, words: &Words, tokens: &mut Vec<Token>) -> Seen {
    let mut cutter = Cutter { text, bytes: text.as_bytes(), at: 0, known, words, seen: Seen::default() };
    tokens.clear();
    while let Some(token) = cutter.next() {
        tokens.push(token);
    }
    cutter.seen
}

struct Cutter<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    known: &'a Known,
    words: &'a Words,
    seen: Seen,
}

impl Cutter<'_> {
    fn next(&mut self) -> Option<Token> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            match CLASS[usize::from(byte)] {
                BLANK => self.at += 1,
                LETTER => return Some(self.word()),
                DIGIT => return Some(self.number()),
                SIGN => return Some(self.sign(byte)),
                BREAK => {
                    let start = self.at;
                    while self.bytes.get(self.at).is_some_and(|b| CLASS[usize::from(*b)] == BREAK) {
                        self.at += 1;
                    }
                    return Some(self.token(start, Kind::Line));
                }
                _ => {
                    let c = self.text.get(self.at..)?.chars().next()?;
                    if fold::unspaced(c) {
                        return Some(self.unspaced());
                    } else if c.is_alphabetic() || fold::silent(c) {
                        return Some(self.word());
                    }
                    let start = self.at;
                    self.at += c.len_utf8();
                    if !c.is_whitespace() {
                        return Some(self.token(start, Kind::Sign));
                    }
                }
            }
        }
    }

    fn token(&self, start: usize, kind: Kind) -> Token {
        Token {
            start: start as u32,
            end: self.at as u32,
            hash: 0,
            folded: 0,
            kind,
            case: Case::None,
            flags: Flags::default(),
            known: As::default(),
            mark: None,
            kept: false,
            group: 0,
        }
    }

    fn sign(&mut self, byte: u8) -> Token {
        let start = self.at;
        if byte == b'['
            && let Some((mark, length)) = self.bytes.get(start..).and_then(Mark::at)
        {
            self.at += length;
            return Token { mark: Some(mark), ..self.token(start, Kind::Mark) };
        }
        self.at += 1;
        match byte {
            b'@' => self.seen.at = true,
            b':' | b'#' => self.seen.colon = true,
            b'.' => self.seen.dots = true,
            b'/' | b'\\' => self.seen.slash = true,
            _ => {}
        }
        Token { hash: u64::from(byte), ..self.token(start, Kind::Sign) }
    }

    fn number(&mut self) -> Token {
        let (start, mut hash) = (self.at, 0);
        while let Some(byte) = self.bytes.get(self.at).filter(|b| b.is_ascii_digit()) {
            hash = fold::roll(hash, *byte);
            self.at += 1;
        }
        self.seen.digits = true;
        let known = self.known.get(hash);
        self.seen.known |= known != As::default();
        let folded = (self.at - start).min(255) as u8;
        Token { hash, folded, known, ..self.token(start, Kind::Number) }
    }

    fn unspaced(&mut self) -> Token {
        let (start, mut hash, mut folded) = (self.at, 0, 0usize);
        for c in self.text.get(start..).unwrap_or_default().chars() {
            if !fold::unspaced(c) {
                break;
            }
            fold::fold_char(c, false, |byte| (hash, folded) = (fold::roll(hash, byte), folded + 1));
            self.at += c.len_utf8();
        }
        // Nothing else may be in the text that a rule looks for.
        self.seen.known |= !self.known.unspaced().is_empty();
        Token { hash, folded: folded.min(255) as u8, ..self.token(start, Kind::Unspaced) }
    }

    fn word(&mut self) -> Token {
        let start = self.at;
        let mut prefixes = [0u64; LONGEST];
        let (mut hash, mut wide, mut folded) = (0u64, 0u64, 0usize);
        let (mut upper, mut lower, mut first_upper) = (0u32, 0u32, false);
        let mut one = |byte: u8, hash: &mut u64| {
            *hash = fold::roll(*hash, byte);
            folded += 1;
            if let Some(place) = prefixes.get_mut(folded) {
                *place = *hash;
            }
        };
        while let Some(&byte) = self.bytes.get(self.at) {
            match CLASS[usize::from(byte)] {
                LETTER => {
                    let small = byte | 0x20;
                    one(small, &mut hash);
                    wide = fold::roll(wide, small);
                    if byte == small {
                        lower += 1;
                    } else {
                        first_upper |= upper + lower == 0;
                        upper += 1;
                    }
                    self.at += 1;
                }
                HIGH => {
                    let Some(c) = self.text.get(self.at..).and_then(|rest| rest.chars().next()) else { break };
                    if c == '’' && self.joins(self.at + c.len_utf8()) {
                        self.at += c.len_utf8();
                        continue;
                    }
                    if fold::unspaced(c) || !(c.is_alphabetic() || fold::silent(c)) {
                        break;
                    }
                    if c.is_uppercase() {
                        first_upper |= upper + lower == 0;
                        upper += 1;
                    } else if c.is_lowercase() {
                        lower += 1;
                    }
                    fold::fold_char(c, false, |byte| one(byte, &mut hash));
                    fold::fold_char(c, true, |byte| wide = fold::roll(wide, byte));
                    self.at += c.len_utf8();
                }
                _ if byte == b'\'' && self.joins(self.at + 1) => self.at += 1,
                _ => break,
            }
        }
        let case = match (upper, lower, first_upper) {
            (0, 0, _) => Case::None,
            (0, ..) => Case::Lower,
            (_, 0, _) => Case::Upper,
            (_, _, true) => Case::Title,
            _ => Case::Mixed,
        };
        let flags = self.words.flags(hash);
        let mut known = self.known.get(hash);
        if wide != hash && known == As::default() {
            known = self.known.get(wide);
        }
        if known == As::default() && folded > 5 && !self.known.is_empty() && !flags.any(Flags::SAFE) {
            known = self.known.inside(prefixes.get(..=folded.min(LONGEST - 1)).unwrap_or_default());
        }
        self.seen.known |= known != As::default();
        self.seen.dots |= matches!(self.text.get(start..self.at), Some("dot" | "punkt" | "punto"));
        self.seen.capitals |= !matches!(case, Case::Lower);
        self.seen.telling |= flags.any(Flags::TELLING);
        Token { hash, folded: folded.min(255) as u8, case, flags, known, ..self.token(start, Kind::Word) }
    }

    /// Whether an apostrophe before `at` joins two parts of a word: O'Brien, l'hôpital; not Smith's.
    fn joins(&self, at: usize) -> bool {
        let mut rest = self.text.get(at..).unwrap_or_default().chars();
        let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
        match rest.next() {
            Some('s' | 'S') => letter(rest.next()),
            c => letter(c),
        }
    }
}
