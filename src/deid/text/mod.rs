//! Free text: what is known of the record's people goes, then what looks like an identifier, then what reads like a name.
//! Each finding leaves the mark of its class, dates are shifted with the person's other dates and stay dates. What the
//! rules do not know they leave: nobody can promise that a sentence names nobody.

mod address;
mod calendar;
mod contacts;
mod date_names;
mod date_numbers;
mod dates;
mod endings;
mod eponyms;
pub(in crate::deid) mod fold;
mod mark;
mod name_words;
mod names;
mod numbers;
mod page;
mod places;
mod postal;
mod record;
mod term;
mod times;
mod token;
mod words;

pub use mark::{Found, MARKS, Mark};

use super::identity::Person;
use super::known::Known;
use page::Page;
use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::LazyLock;
use token::Token;

/// Days to subtract from every date; 0 leaves dates as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift(pub i32);

impl Shift {
    /// The shift of a person.
    pub fn of(person: &Person) -> Self {
        Self(person.shift_days)
    }
}

/// A finding: bytes of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// Behind the last byte.
    pub end: usize,
    /// What it is.
    pub mark: Mark,
    group: u32,
}

/// What is left of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Scrubbed<'t> {
    /// The text; borrowed if nothing was found.
    pub text: Cow<'t, str>,
    /// What was found.
    pub found: Found,
}

/// Texts are worked on in pieces of about this many bytes, cut at a line end or blank, so that memory stays small.
const PIECE: usize = 64 << 10;

/// Readings of one text at most.
const ROUNDS: usize = 4;

/// The rules and their dictionaries.
pub struct Scrubber {
    words: words::Words,
}

thread_local! {
    static TOKENS: RefCell<Vec<Token>> = const { RefCell::new(Vec::new()) };
}

impl Scrubber {
    /// The scrubber that everybody shares: its dictionaries are read once.
    pub fn shared() -> &'static Scrubber {
        static SHARED: LazyLock<Scrubber> = LazyLock::new(|| Scrubber { words: words::Words::load() });
        &SHARED
    }

    /// Takes out of a text what identifies people. Without a shift dates become `[DATE]`.
    ///
    /// ```
    /// use voxmill::deid::{known::Known, text::{Scrubber, Shift}};
    /// let mut known = Known::new();
    /// known.name("DOE^JANE");
    /// let scrub = |text| Scrubber::shared().scrub(text, &known, Some(Shift(10))).text;
    /// assert_eq!(scrub("CT of Jane Doe, 03/14/2024: no nodule."), "CT of [NAME], 03/04/2024: no nodule.");
    /// ```
    pub fn scrub<'t>(&self, text: &'t str, known: &Known, shift: Option<Shift>) -> Scrubbed<'t> {
        let mut found = Found::default();
        let plain = with_plain_digits(text);
        let mut left = plain;
        // What was beside a finding may read differently beside its mark: read again until nothing is found, with the
        // dates left as they are by then.
        for round in 0..ROUNDS {
            let shift = if round == 0 { shift } else { shift.map(|_| Shift(0)) };
            let before = found;
            let Some(next) = self.round(left.as_deref().unwrap_or(text), known, shift, &mut found) else { break };
            if found == before {
                break;
            }
            left = Some(next);
        }
        let changed = left.filter(|_| found != Found::default());
        Scrubbed { text: changed.map_or(Cow::Borrowed(text), Cow::Owned), found }
    }

    /// One reading; `None` if there is nothing to write.
    fn round(&self, text: &str, known: &Known, shift: Option<Shift>, found: &mut Found) -> Option<String> {
        let mut out = None::<String>;
        let mut done = 0;
        for piece in pieces(text) {
            self.read(piece, known, shift, |page, spans| {
                if !spans.is_empty() {
                    let out = out.get_or_insert_with(|| text.get(..done).unwrap_or_default().to_owned());
                    page.write(spans, found, out);
                } else if let Some(out) = &mut out {
                    out.push_str(piece);
                }
            });
            done += piece.len();
        }
        out
    }

    /// Where something identifies people, in the order of the text; the times of dates are findings of their own.
    pub fn find(&self, text: &str, known: &Known) -> Vec<Span> {
        let (mut all, mut done) = (Vec::new(), 0);
        for piece in pieces(text) {
            self.read(piece, known, None, |_, spans| {
                all.extend(spans.iter().map(|span| Span { start: span.start + done, end: span.end + done, ..*span }));
            });
            done += piece.len();
        }
        all
    }

    fn read(&self, piece: &str, known: &Known, shift: Option<Shift>, then: impl FnOnce(&Page, &[Span])) {
        let mut tokens = TOKENS.with(|tokens| tokens.take());
        let seen = token::cut(piece, known, &self.words, &mut tokens);
        let mut page = Page::new(piece, tokens, seen, known, shift);
        if seen.digits
            || seen.at
            || seen.capitals
            || seen.known
            || seen.telling
            || seen.colon
            || seen.dots
            || seen.slash
        {
            contacts::find(&mut page);
            dates::find(&mut page);
            record::find(&mut page);
            numbers::find(&mut page);
            postal::find(&mut page);
            address::find(&mut page);
            names::find(&mut page);
        }
        let spans = page.spans();
        then(&page, &spans);
        TOKENS.with(|tokens| tokens.replace(page.tokens));
    }
}

/// The text with the digits of other scripts (Arabic, Persian, Devanagari, full-width) as those of ASCII, which the rules
/// know; `None` if it has none.
fn with_plain_digits(text: &str) -> Option<String> {
    const ZEROS: [char; 4] = ['\u{660}', '\u{6F0}', '\u{966}', '\u{FF10}'];
    let plain = |c: char| {
        let value = ZEROS.iter().find_map(|zero| (c as u32).checked_sub(*zero as u32).filter(|value| *value < 10));
        value.and_then(|value| char::from_digit(value, 10))
    };
    let any = !text.is_ascii() && text.chars().any(|c| plain(c).is_some());
    any.then(|| text.chars().map(|c| plain(c).unwrap_or(c)).collect())
}

/// Cuts a text into pieces at line ends, or blanks, or anywhere between two characters.
fn pieces(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (piece, rest) = if text.len() <= PIECE {
            (text, "")
        } else {
            let mut most = PIECE;
            while !text.is_char_boundary(most) {
                most -= 1;
            }
            let window = text.get(..most).unwrap_or_default();
            let half = |at: &usize| *at > PIECE / 2;
            let cut = window.rfind('\n').filter(half).or_else(|| window.rfind(' ').filter(half));
            text.split_at(cut.map_or(most, |at| at + 1))
        };
        text = rest;
        (!piece.is_empty()).then_some(piece)
    })
}

#[cfg(test)]
mod tests;
