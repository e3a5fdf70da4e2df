//! A text while rules work on it: its tokens, what has been found in it so far, and the text that comes out.

use super::calendar::Written;
use super::mark::{Found, Mark};
use super::token::{Case, Kind, Seen, Token};
use super::words::Flags;
use super::{Shift, Span};
use crate::deid::known::Known;

/// One text, or a part of a long one.
pub(super) struct Page<'a> {
    pub text: &'a str,
    pub tokens: Vec<Token>,
    pub seen: Seen,
    pub known: &'a Known,
    /// How dates are shifted, if they are.
    pub shift: Option<Shift>,
    /// Dates that stay dates, by group.
    pub dates: Vec<(u32, Written)>,
    groups: u32,
}

impl<'a> Page<'a> {
    pub fn new(text: &'a str, tokens: Vec<Token>, seen: Seen, known: &'a Known, shift: Option<Shift>) -> Self {
        Self { text, tokens, seen, known, shift, dates: Vec::new(), groups: 0 }
    }

    pub fn get(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at)
    }

    /// The token before, if there is one.
    pub fn before(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at.checked_sub(1)?)
    }

    /// The text of a token; empty beyond the end.
    pub fn word(&self, at: usize) -> &'a str {
        self.get(at).and_then(|token| self.text.get(token.start as usize..token.end as usize)).unwrap_or_default()
    }

    /// The text from the token `from` to before the token `to`.
    pub fn text_of(&self, from: usize, to: usize) -> &'a str {
        let place = self.get(from).zip(to.checked_sub(1).and_then(|last| self.get(last)));
        place.and_then(|(a, b)| self.text.get(a.start as usize..b.end as usize)).unwrap_or_default()
    }

    /// Whether a token follows the one before it without a blank.
    pub fn glued(&self, at: usize) -> bool {
        at.checked_sub(1).and_then(|before| self.get(before)).zip(self.get(at)).is_some_and(|(a, b)| a.end == b.start)
    }

    /// Whether a token is this sign.
    pub fn sign(&self, at: usize, sign: u8) -> bool {
        self.get(at).is_some_and(|token| token.kind == Kind::Sign && token.hash == u64::from(sign))
    }

    /// Whether a token is one of these signs.
    pub fn sign_of(&self, at: usize, signs: &[u8]) -> Option<u8> {
        signs.iter().copied().find(|sign| self.sign(at, *sign))
    }

    /// A number that no rule has taken: its value and how many digits it has, at most 9.
    pub fn number(&self, at: usize) -> Option<(u32, usize)> {
        let token = self.get(at).filter(|token| token.kind == Kind::Number && token.mark.is_none())?;
        (token.len() <= 9).then(|| self.word(at).parse().ok()).flatten().map(|value| (value, token.len()))
    }

    /// Whether a token is a word with one of these flags.
    pub fn is(&self, at: usize, flags: Flags) -> bool {
        self.get(at).is_some_and(|token| token.kind == Kind::Word && token.flags.any(flags))
    }

    /// Whether a token is this word, in lower-case ASCII letters.
    pub fn says(&self, at: usize, word: &str) -> bool {
        self.get(at).is_some_and(|token| token.kind == Kind::Word) && self.word(at).eq_ignore_ascii_case(word)
    }

    /// Whether a token is an initial: a letter by itself. The T of T2 is none, nor the C of C-spine, C+ and W/O.
    pub fn initial(&self, at: usize) -> bool {
        let joined = |at: usize, signs: &[u8]| self.glued(at) && self.sign_of(at, signs).is_some();
        let behind = |token: &Token| {
            let word = self.get(at + 2).filter(|word| self.glued(at + 2) && word.kind == Kind::Word && word.folded > 1);
            let name = |word: &Token| word.flags.any(Flags::GIVEN.and(Flags::FAMILY));
            token.kind == Kind::Number && self.glued(at + 1)
                || joined(at + 1, b"+/")
                || joined(at + 1, b"-") && word.is_some_and(|word| !name(word))
        };
        let before = |token: &Token| {
            let number = token.kind == Kind::Number && self.glued(at);
            number || at.checked_sub(1).is_some_and(|sign| self.glued(at) && self.sign_of(sign, b"/_").is_some())
        };
        self.get(at).is_some_and(Token::initial)
            && !self.get(at + 1).is_some_and(behind)
            && !self.before(at).is_some_and(before)
    }

    /// Whether a token is a word with one capital, at its beginning.
    pub fn is_title(&self, at: usize) -> bool {
        self.get(at).is_some_and(|token| token.kind == Kind::Word && token.case == Case::Title)
    }

    /// Whether a word is part of a longer one that underscores join: `Pd_Cor_Orbits`.
    pub fn underscored(&self, at: usize) -> bool {
        self.sign(at + 1, b'_') && self.glued(at + 1) || at > 0 && self.sign(at - 1, b'_') && self.glued(at)
    }

    /// Whether no rule has taken a token yet.
    pub fn free(&self, at: usize) -> bool {
        self.get(at).is_some_and(|token| token.mark.is_none())
    }

    /// Takes tokens `from..to` as one finding. What was taken before is taken over.
    pub fn take(&mut self, from: usize, to: usize, mark: Mark) -> u32 {
        self.groups += 1;
        let group = self.groups;
        for token in self.tokens.get_mut(from..to).unwrap_or_default() {
            if token.kind != Kind::Mark {
                token.mark = Some(mark);
                token.group = group;
            }
        }
        group
    }

    /// What was found, in the order of the text.
    pub fn spans(&self) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        let (mut group, mut last) = (0, 0);
        for (at, token) in self.tokens.iter().enumerate() {
            let Some(mark) = token.mark.filter(|_| token.kind != Kind::Mark) else { continue };
            match spans.last_mut() {
                Some(span) if group == token.group && last + 1 == at => span.end = token.end as usize,
                // Two findings of one class beside each other are one: "[NAME] [NAME]" says nothing more.
                Some(span)
                    if span.mark == mark
                        && self.beside(span.end, token.start as usize)
                        && self.plain(token.group)
                        && self.plain(group) =>
                {
                    span.end = token.end as usize;
                }
                _ => {
                    spans.push(Span { start: token.start as usize, end: token.end as usize, mark, group: token.group })
                }
            }
            (group, last) = (token.group, at);
        }
        spans
    }

    /// Whether only blanks stand between two places.
    fn beside(&self, from: usize, to: usize) -> bool {
        self.text.get(from..to).is_some_and(|gap| gap.bytes().all(|b| b == b' '))
    }

    /// Whether a group is no date that stays one.
    fn plain(&self, group: u32) -> bool {
        self.dated(group).is_none()
    }

    /// The date of a group; groups are numbered in the order of their dates.
    fn dated(&self, group: u32) -> Option<&Written> {
        let place = self.dates.binary_search_by_key(&group, |(dated, _)| *dated).ok()?;
        self.dates.get(place).map(|(_, date)| date)
    }

    /// Writes the text with marks and shifted dates; dates that stay as they are do not count as found.
    pub fn write(&self, spans: &[Span], found: &mut Found, out: &mut String) {
        let mut at = 0;
        for span in spans {
            out.push_str(self.text.get(at..span.start).unwrap_or_default());
            let date = self.dated(span.group).zip(self.shift);
            at = span.end;
            if date.is_some_and(|(_, shift)| shift == Shift(0)) {
                out.push_str(self.text.get(span.start..span.end).unwrap_or_default());
                continue;
            }
            let shifted = date.and_then(|(date, shift)| date.shifted(self.text, shift));
            out.push_str(shifted.as_deref().unwrap_or(span.mark.text()));
            found.count(span.mark);
        }
        out.push_str(self.text.get(at..).unwrap_or_default());
    }
}
