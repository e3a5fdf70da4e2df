//! Names that the dictionaries know, or that a capital in the middle of a sentence gives away.

use super::endings;
use super::eponyms;
use super::mark::Mark;
use super::names::{self, Trust};
use super::page::Page;
use super::token::{Case, Kind, Token};
use super::words::Flags;

/// What the writing of a text says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// Capital letters only: they tell nothing.
    pub upper: bool,
    /// A sentence in a language whose common words the dictionaries know: capitals in it mean something.
    pub prose: bool,
    /// A text in German, where every noun has a capital.
    pub nouns: bool,
}

/// Words of German sentences that English has not.
const GERMAN: &[&str] = &[
    "und", "der", "das", "ist", "mit", "auf", "bei", "kein", "keine", "keinen", "nicht", "vom", "zum", "zur", "ohne",
    "dem", "eine", "einen", "nach", "rechts", "links", "sich", "wird", "wurde",
];

impl Style {
    /// Looks at the words of at least three letters.
    pub fn of(page: &Page) -> Self {
        let (mut lower, mut upper, mut common, mut german) = (0, 0, 0, 0);
        let words = page.tokens.iter().enumerate();
        for (at, token) in words.filter(|(_, token)| token.kind == Kind::Word && token.folded >= 3) {
            match token.case {
                Case::Lower => {
                    german += usize::from(token.folded <= 6 && GERMAN.contains(&page.word(at)));
                    lower += 1;
                    common += usize::from(token.flags.any(Flags::SAFE));
                }
                Case::Upper => upper += 1,
                _ => {}
            }
        }
        let prose = lower >= 2 && common * 4 >= lower * 3;
        Self { upper: upper > 2 * lower, prose, nouns: german > 0 && german * 10 >= lower }
    }
}

pub(super) const NAMES: Flags = Flags::GIVEN.and(Flags::FAMILY);

/// Whether an unknown word is built like a word of medicine, or like a common one.
pub(super) fn built(page: &Page, at: usize) -> bool {
    endings::of_common(page.word(at)) || endings::of_medicine(page.word(at))
}

fn word<'p>(page: &'p Page, at: usize) -> Option<&'p Token> {
    page.get(at).filter(|token| token.kind == Kind::Word && token.mark.is_none())
}

/// A word that only names have, as far as the dictionaries know.
fn named(token: &Token) -> bool {
    token.flags.any(NAMES) && !token.flags.any(Flags::SAFE) && token.folded >= 2
}

/// A word of the description of a study, or a part of a code that underscores join, unless only names have it.
fn code(page: &Page, at: usize) -> bool {
    page.is(at, Flags::STUDY) || page.underscored(at) && !word(page, at).is_some_and(named)
}

/// Function words: no name begins with one, whatever stands before it.
fn function(token: &Token) -> bool {
    token.flags.any(Flags::FUNCTION)
}

/// Whether a word can be the first of a name behind a title or label.
pub(super) fn first(page: &Page, at: usize, style: Style) -> bool {
    let Some(token) = word(page, at) else { return false };
    let glued_digit = page.glued(at + 1) && page.get(at + 1).is_some_and(|next| next.kind == Kind::Number);
    if function(token) || token.folded < 2 || glued_digit || code(page, at) {
        return false;
    }
    let plain = token.flags.any(Flags::SAFE) && !token.flags.any(NAMES);
    match token.case {
        Case::Lower | Case::Mixed => !token.flags.any(Flags::SAFE) && !token.flags.any(Flags::TELLING) || named(token),
        Case::Upper if style.upper || token.folded <= 4 => !plain,
        // Behind a title even an apple is a name; what is a person's role is not.
        _ => {
            !token.flags.any(Flags::PERSON.and(Flags::MONTH).and(Flags::WEEKDAY).and(Flags::INSTITUTION))
                || token.flags.any(NAMES)
        }
    }
}

/// Whether a word right behind a title or a role is a name, though it may be a common word: a capital in a text that has
/// small letters, or, behind a title, any word that is a name too.
pub(super) fn titled(page: &Page, at: usize, behind_title: bool, style: Style) -> bool {
    word(page, at).filter(|_| !code(page, at)).is_some_and(|token| {
        let new = !token.flags.any(Flags::SAFE) && !token.flags.any(Flags::TELLING) && token.folded >= 3;
        let named = token.flags.any(NAMES) && !token.flags.any(Flags::MONTH.and(Flags::WEEKDAY));
        token.case == Case::Title && !function(token) && (named || new)
            || style.upper
                && token.case == Case::Upper
                && named
                && !function(token)
                && !token.flags.any(Flags::ACTS)
                && behind_title
    })
}

/// Whether a word before a comma can be a family name.
pub(super) fn family(page: &Page, at: usize) -> bool {
    word(page, at).is_some_and(|token| {
        token.capital()
            && !function(token)
            && token.folded >= 2
            && (token.flags.any(Flags::FAMILY) || stranger(page, at))
    })
}

/// A word that no dictionary knows and that is not built like a word of medicine or a common one.
fn stranger(page: &Page, at: usize) -> bool {
    expected(page, at) && !endings::of_common(page.word(at))
}

/// The same where a name is expected: it may end as common words do.
pub(super) fn expected(page: &Page, at: usize) -> bool {
    word(page, at).is_some_and(|token| {
        matches!(token.case, Case::Title | Case::Upper)
            && !token.flags.any(Flags::SAFE)
            && (!token.flags.any(Flags::TELLING) || token.flags.any(NAMES))
            && !function(token)
            && token.folded >= 3
            && !endings::of_medicine(page.word(at))
    })
}

/// Whether a word looks like the first of a name behind "by" or "mother".
pub(super) fn likely(page: &Page, at: usize, style: Style) -> bool {
    let Some(token) = word(page, at) else { return false };
    if function(token) || token.folded < 2 || code(page, at) {
        return false;
    }
    if named(token) {
        return token.case != Case::Lower || token.folded >= 4 && token.flags.any(Flags::GIVEN);
    }
    let next = || word(page, at + 1).is_some_and(|next| named(next) && next.case == token.case);
    if token.flags.any(Flags::SAFE) {
        let eponym = token.flags.any(Flags::MEDICAL);
        return token.flags.any(NAMES)
            && token.case == Case::Title
            && (next() || !eponym && (page.word(at).len() > 2 && style.prose && single(page, at)));
    }
    let odd = token.flags.any(Flags::TELLING) && !token.flags.any(Flags::CITY);
    match token.case {
        Case::Title => {
            !odd && !token.flags.any(Flags::CITY) && token.folded >= 3 && !endings::of_medicine(page.word(at))
        }
        Case::Upper => style.upper && !odd && token.folded >= 5 && !endings::of_medicine(page.word(at)),
        _ => false,
    }
}

/// A common word with a capital in the middle of a sentence, with nothing behind it that it could belong to.
fn single(page: &Page, at: usize) -> bool {
    let lower = |at: usize| page.get(at).is_some_and(|token| token.kind == Kind::Word && token.case == Case::Lower);
    at > 0
        && lower(at - 1)
        && !page.is(at, Flags::MONTH.and(Flags::WEEKDAY))
        && (lower(at + 1) || page.get(at + 1).is_none_or(|token| token.kind != Kind::Word))
}

/// Whether a word goes on with a name that has begun.
pub(super) fn further(page: &Page, at: usize, trust: Trust, style: Style) -> bool {
    let Some(token) = word(page, at) else { return false };
    // The word before, over an initial, a hyphen, a comma.
    let mut before = at.checked_sub(1);
    for _ in 0..3 {
        let hop = |at: usize| page.sign_of(at, b".,-").is_some() || page.get(at).is_some_and(Token::initial);
        before = before.and_then(|at| if hop(at) { at.checked_sub(1) } else { Some(at) });
    }
    let last = before.and_then(|at| page.get(at));
    let initial = before.is_some_and(|last| last + 1 < at && page.get(last + 1).is_some_and(Token::initial));
    let lower = last.is_some_and(|last| last.case == Case::Lower);
    let suffix = token.flags.any(Flags::CREDENTIAL) && token.case == Case::Upper;
    if function(token) || suffix || token.folded < 2 || code(page, at) {
        return false;
    }
    if token.flags.any(Flags::SAFE) {
        // "Jane Williams": a common word is a family name behind a given one that is nothing else.
        let given = last.is_some_and(|last| named(last) && last.flags.any(Flags::GIVEN) && last.case == token.case);
        let title = token.case == Case::Title && token.flags.any(NAMES) && (!style.upper || given);
        let family = token.case == Case::Upper && token.flags.any(Flags::FAMILY);
        return title && !token.flags.any(Flags::MONTH.and(Flags::WEEKDAY))
            || style.upper && family && (trust == Trust::Full || given) && !token.flags.any(Flags::MONTH);
    }
    match token.case {
        Case::Lower => named(token) && lower,
        Case::Mixed => false,
        Case::Upper => {
            let behind = last.is_some_and(|last| last.case == Case::Upper && last.folded > 3) || initial;
            let label = token.flags.any(Flags::TELLING) && !token.flags.any(NAMES);
            named(token) || !label && (trust == Trust::Full || behind)
        }
        _ => !token.flags.any(Flags::TELLING) || token.flags.any(NAMES.and(Flags::CITY)),
    }
}

/// Whether a given name or an initial with a capital stands here: what follows the comma of "Doe, Jane".
pub(super) fn given(page: &Page, at: usize, trust: Trust, style: Style) -> bool {
    let Some(token) = word(page, at) else { return false };
    let dictionary =
        token.flags.any(Flags::GIVEN) && !(token.flags.any(Flags::SAFE) && (style.upper || token.case == Case::Lower));
    let new = expected(page, at)
        && (token.case == Case::Title || style.upper)
        && (trust == Trust::Full || at >= 2 && expected(page, at - 2));
    dictionary && token.folded >= 2
        || new
        || page.initial(at) && (page.sign(at + 1, b'.') || page.get(at + 1).is_none_or(|next| next.kind != Kind::Word))
}

/// Takes what the dictionaries know and what stands out.
pub(super) fn find(page: &mut Page, style: Style) {
    let mut at = 0;
    while at < page.tokens.len() {
        let told = page.get(at).is_some_and(|token| token.mark == Some(Mark::Name));
        at = if told { listed(page, at + 1, style) } else { name(page, at, style).unwrap_or(at + 1) };
    }
}

fn name(page: &mut Page, at: usize, style: Style) -> Option<usize> {
    let token = *word(page, at)?;
    if token.case == Case::Lower {
        return pair(page, at);
    }
    if !token.capital() {
        return None;
    }
    let taken = if token.initial() {
        page.initial(at) && initialled(page, at, style)
    } else {
        surname_first(page, at, style) || lone(page, at, style)
    };
    if !taken {
        return None;
    }
    let end = names::sequence(page, at, Trust::Full, style).max(at + 1);
    let from = if token.initial() { at } else { unknown_before(page, at) };
    page.take(from, end, Mark::Name);
    Some(listed(page, end, style))
}

/// "Zemoth Miller": where a name of the dictionaries stands behind a word that nobody knows, written alike, both are one.
fn unknown_before(page: &Page, at: usize) -> usize {
    let written = |token: &Token| page.get(at).is_some_and(|name| name.case == token.case);
    let unknown = |at: usize| {
        let token = word(page, at).filter(|token| token.flags == Flags::default() && token.folded >= 4);
        token.is_some_and(written) && !built(page, at) && !page.underscored(at) && !page.glued(at + 1)
    };
    at.checked_sub(1).filter(|before| unknown(*before)).unwrap_or(at)
}

/// "jane doe" in small letters: both words only names.
fn pair(page: &mut Page, at: usize) -> Option<usize> {
    let (first, second) = (*word(page, at)?, *word(page, at + 1)?);
    let both = named(&first) && named(&second) && second.case == Case::Lower && first.folded >= 3 && second.folded >= 3;
    let kinds = first.flags.any(Flags::GIVEN) && second.flags.any(Flags::FAMILY)
        || first.flags.any(Flags::FAMILY) && second.flags.any(Flags::GIVEN);
    (both && kinds).then(|| {
        page.take(at, at + 2, Mark::Name);
        at + 2
    })
}

/// "J. Doe", "J.Q. Doe", "J Doe" if Doe is a known name.
fn initialled(page: &Page, at: usize, style: Style) -> bool {
    let (mut next, mut dots) = (at + 1, 0);
    while next < at + 8 {
        if page.sign(next, b'.') {
            (next, dots) = (next + 1, dots + 1);
        } else if page.get(next).is_some_and(Token::initial) && dots > 0 {
            next += 1;
        } else {
            break;
        }
    }
    // "37.2 C. Foley catheter": a unit, not a person.
    let unit = page.before(at).is_some_and(|before| before.kind == Kind::Number);
    let Some(token) = word(page, next).filter(|_| !unit) else { return false };
    let new = dots > 0 && stranger(page, next) && (token.case == Case::Title || style.upper && token.folded >= 5);
    let common =
        dots > 0 && token.case == Case::Title && token.flags.any(Flags::FAMILY) && !token.flags.any(Flags::MEDICAL);
    named(token) && token.case != Case::Lower || new || common && !function(token)
}

/// "Doe, Jane", "DOE, J.".
fn surname_first(page: &Page, at: usize, style: Style) -> bool {
    let Some(token) = word(page, at) else { return false };
    let family = token.flags.any(Flags::FAMILY)
        || !token.flags.any(Flags::SAFE) && !token.flags.any(Flags::TELLING) && !built(page, at);
    if !family || !page.sign(at + 1, b',') || function(token) || code(page, at) {
        return false;
    }
    let Some(after) = word(page, at + 2) else { return false };
    if after.initial() {
        return !token.flags.any(Flags::SAFE) && given(page, at + 2, Trust::Some, style);
    }
    if named(after) && after.flags.any(Flags::GIVEN) && after.case != Case::Lower {
        return true;
    }
    // "Doe, Zemoth Q.", "Zemoth, Doe said", "Stone, Zemoth MD".
    let initial = page.get(at + 3).is_some_and(Token::initial) && (page.sign(at + 4, b'.') || page.sign(at + 4, b','));
    let acts = page.is(at + 3, Flags::ACTS)
        || page.is(at + 3, Flags::CREDENTIAL) && page.get(at + 3).is_some_and(|token| token.case == Case::Upper);
    // "Zemoth, Brenz" at the end of a description, one of both in the dictionaries or both with one capital.
    let last = page.get(at + 3).is_none_or(|next| next.kind != Kind::Word && next.kind != Kind::Sign);
    let listed = token.flags.any(Flags::FAMILY) || stranger(page, at) && token.case == Case::Title;
    stranger(page, at + 2)
        && after.case == token.case
        && (initial || acts || !style.prose && last && listed && token.folded >= 4 && after.folded >= 4)
        && (token.case == Case::Title || style.upper)
}

/// A word by itself.
fn lone(page: &Page, at: usize, style: Style) -> bool {
    let Some(token) = word(page, at) else { return false };
    let glued = page.glued(at + 1) && page.get(at + 1).is_some_and(|next| next.kind == Kind::Number)
        || page.glued(at) && page.before(at).is_some_and(|before| before.kind == Kind::Number);
    if token.flags.any(Flags::SAFE) || glued || function(token) {
        // "Rose Miller", "Grant Hill": a common word with a capital before a word that is only a name.
        let next = word(page, at + 1).is_some_and(|next| named(next) && next.case == token.case);
        return !glued
            && !function(token)
            && token.flags.any(Flags::GIVEN)
            && next
            && !token.flags.any(Flags::MONTH)
            && (token.case == Case::Title || style.upper);
    }
    if named(token) {
        let alone = !page.before(at).is_some_and(|before| before.mark == Some(Mark::Name) || named(before));
        if alone && eponyms::is_one(page, at, style.upper) {
            return false;
        }
        let short = token.folded <= 3 && token.case == Case::Upper;
        return !short || word(page, at + 1).is_some_and(|next| named(next) && next.folded > 3);
    }
    if token.flags.any(Flags::TELLING)
        || token.case != Case::Title
        || token.folded < 3
        || !style.prose
        || style.nouns
        || built(page, at)
    {
        return false;
    }
    // Two words that nobody knows, or one in the middle of a sentence, or one that does what people do.
    let new = |at: usize| stranger(page, at) && page.get(at).is_some_and(|token| token.case == Case::Title);
    let inside = page.before(at).is_some_and(|before| {
        before.kind == Kind::Word && before.case == Case::Lower
            || page.sign(at - 1, b',')
            || before.kind == Kind::Mark
            || before.mark.is_some()
    });
    let middle = page.get(at + 1).is_some_and(Token::initial) && new(at + 2 + usize::from(page.sign(at + 2, b'.')));
    new(at + 1) || middle || inside || page.is(at + 1, Flags::ACTS)
}

/// "Doe, Roe and Poe", "Doe; Roe": what a list that begins with a name goes on with.
fn listed(page: &mut Page, mut end: usize, style: Style) -> usize {
    let lower = |page: &Page, at| word(page, at).is_some_and(|token: &Token| token.case == Case::Lower);
    for _ in 0..8 {
        let joined = page.sign_of(end, b",/&;").is_some() || ["and", "und", "et"].iter().any(|and| page.says(end, and));
        let next = end + 1 + usize::from(page.sign(end, b',') && page.says(end + 1, "and"));
        // A comma or semicolon may end what is said of the name: what follows must look like one.
        let pause = page.sign_of(end, b",;").is_some();
        let another = word(page, next).is_some_and(|token| {
            let new = expected(page, next) && !(pause && built(page, next));
            match token.case {
                Case::Title => (new || named(token)) && !(page.sign(end, b';') && lower(page, next + 1)),
                Case::Upper => style.upper && token.folded >= 5 && !pause && new,
                _ => false,
            }
        });
        if !joined || !another {
            break;
        }
        let last = names::sequence(page, next, Trust::Full, style).max(next + 1);
        page.take(next, last, Mark::Name);
        end = last;
    }
    end
}
