//! What the record knows, wherever it stands in the text: names in any order with their initials, numbers however they are
//! cut, places.

use super::mark::Mark;
use super::name_words::built;
use super::page::Page;
use super::token::{Case, Kind, Token};
use super::words::Flags;
use crate::deid::known::As;

/// Takes everything known.
pub(super) fn find(page: &mut Page) {
    if page.known.is_empty() {
        return;
    }
    unspaced(page);
    numbers(page);
    if page.seen.known {
        words(page);
    }
    joined(page);
    spaced(page);
    misspelled(page);
}

/// Tokens that may hang on a known word on either side.
const MOST: usize = 24;

fn mark_of(known: As) -> Mark {
    if known.any(As::NAME) {
        Mark::Name
    } else if known.any(As::PLACE) {
        Mark::Address
    } else if known.any(As::PHONE) {
        Mark::Phone
    } else {
        Mark::Id
    }
}

/// Whether a known word counts by itself. Short words and common ones need a capital, common ones of unknown kind a
/// neighbour.
fn strong(token: &Token) -> bool {
    let safe = token.flags.any(
        Flags::SAFE
            .and(Flags::TITLE)
            .and(Flags::CREDENTIAL)
            .and(Flags::PARTICLE)
            .and(Flags::INSTITUTION)
            .and(Flags::STREET),
    );
    let capital = token.case != Case::Lower;
    match token.kind {
        Kind::Number => true,
        _ if token.known.any(As::ID) && !token.known.any(As::LOOSE) => true,
        _ if !safe => token.folded >= 4 || capital,
        _ => {
            let named = token.known.any(As::NAME) && !token.known.any(As::LOOSE);
            let title = token.flags.any(Flags::TITLE.and(Flags::CREDENTIAL).and(Flags::PARTICLE));
            named && capital && !title && token.folded >= 3
        }
    }
}

/// Signs and nothing else between two parts of a name or address.
fn bridges(page: &Page, at: usize) -> bool {
    page.sign_of(at, b",.-^_&'/=").is_some()
}

/// Known words, and what hangs on them: initials, weak words, the signs between.
fn words(page: &mut Page) {
    let known = |token: &Token| {
        token.known != As::default() && matches!(token.kind, Kind::Word | Kind::Number) && token.mark.is_none()
    };
    for at in 0..page.tokens.len() {
        let Some(token) = page.get(at).copied().filter(|token| known(token)) else { continue };
        let weak_pair = || {
            let next = if bridges(page, at + 1) { at + 2 } else { at + 1 };
            page.get(next)
                .is_some_and(|other| known(other) && other.kind == Kind::Word && other.known.0 & token.known.0 != 0)
        };
        let weak = || token.kind == Kind::Word && token.folded >= 2 && token.case != Case::Lower && weak_pair();
        if !(strong(&token) || weak()) {
            continue;
        }
        let hangs = |place: usize| {
            page.get(place).is_some_and(|token| {
                let particle = token.flags.any(Flags::PARTICLE) && token.kind == Kind::Word;
                known(token) || page.initial(place) || particle
            })
        };
        let (mut from, mut to) = (at, at + 1);
        // Backwards: what ends in a known word or an initial, over one sign or two.
        while let Some(before) = from.checked_sub(1).filter(|_| at - from < MOST) {
            let step = if hangs(before) {
                before
            } else if bridges(page, before) && before > 0 && hangs(before - 1) {
                before - 1
            } else {
                break;
            };
            from = step;
        }
        while to - at < MOST {
            let step = if hangs(to) {
                to + 1
            } else if bridges(page, to) && hangs(to + 1) {
                to + 2
            } else {
                break;
            };
            to = step;
        }
        let (from, to) = trimmed(page, from, to, at);
        // The rest of a word that a part of was known: ids glued to letters.
        let mark = mark_of(token.known);
        page.take(from, to, mark);
    }
}

/// Particles at the ends that belong to the sentence: "seen by de", "Smith y".
fn trimmed(page: &Page, mut from: usize, mut to: usize, core: usize) -> (usize, usize) {
    let loose = |at: usize| {
        page.get(at).is_some_and(|token| {
            token.kind == Kind::Sign
                || token.case == Case::Lower && !token.known.any(As::NAME)
                || token.known == As::default() && token.initial() && page.says(at, "a") && !page.sign(at + 1, b'.')
        })
    };
    while from < core && loose(from) {
        from += 1;
    }
    while to > core + 1 && loose(to - 1) {
        to -= 1;
    }
    (from, to)
}

/// Known numbers that blanks, points or hyphens cut: 943 476 5919, AB-123/45.
fn numbers(page: &mut Page) {
    for at in 0..page.tokens.len() {
        let Some(token) = page.get(at).copied() else { continue };
        let letters = matches!(token.kind, Kind::Word | Kind::Unspaced);
        if !(letters || token.kind == Kind::Number)
            || token.mark.is_some()
            || token.kind == Kind::Word && token.folded > 8
            || token.kind == Kind::Unspaced && token.folded >= 60
        {
            continue;
        }
        let (mut hash, mut end) = (token.hash, at + 1);
        for _ in 0..7 {
            let sign = page.sign_of(end, b"-./_:()").is_some();
            let next = end + usize::from(sign) + usize::from(sign && page.sign_of(end + 1, b"-()").is_some());
            let Some(part) = page
                .get(next)
                .filter(|part| matches!(part.kind, Kind::Number | Kind::Word | Kind::Unspaced) && part.folded < 60)
            else {
                break;
            };
            if part.kind != Kind::Number && !sign && !page.glued(next) && letters {
                break;
            }
            let Some(joined) = super::fold::join(hash, part.hash, usize::from(part.folded)) else { break };
            (hash, end) = (joined, next + 1);
            let known = page.known.get(hash);
            if known.any(As(As::ID.0 | As::PHONE.0 | As::PLACE.0))
                || known.any(As::NAME) && letters && part.kind == Kind::Number
            {
                let mark = mark_of(known);
                // The country code before a known number: +1 212 555 0142.
                let code = at >= 2
                    && mark == Mark::Phone
                    && page.sign(at - 2, b'+')
                    && page.number(at - 1).is_some_and(|(_, digits)| digits <= 3);
                page.take(if code { at - 2 } else { at }, end, mark);
                break;
            }
        }
    }
}

/// "O Brien", "Mc Donald", "Mac Donald", "Jean-Luc" known as one word, and words that a line end cuts.
fn joined(page: &mut Page) {
    for at in 1..page.tokens.len() {
        let broken = page.get(at).is_some_and(|token| token.kind == Kind::Line);
        let next = at + usize::from(broken);
        let (Some(first), Some(second)) = (page.before(at).copied(), page.get(next).copied()) else { continue };
        let words = first.kind == Kind::Word && second.kind == Kind::Word;
        if !words || first.folded > 3 && !broken || second.mark.is_some() {
            continue;
        }
        let known =
            super::fold::join(first.hash, second.hash, usize::from(second.folded)).map(|hash| page.known.get(hash));
        let long = second.folded >= 3 || broken && first.folded.saturating_add(second.folded) >= 5;
        if known.is_some_and(|known| known.any(As::NAME)) && long {
            page.take(at - 1, next + 1, Mark::Name);
        }
    }
}

/// Names in scripts without blanks: the whole run goes if it is short, else the name.
fn unspaced(page: &mut Page) {
    if page.known.unspaced().is_empty() {
        return;
    }
    for at in 0..page.tokens.len() {
        let is = page.get(at).is_some_and(|token| token.kind == Kind::Unspaced);
        if is && page.known.unspaced().iter().any(|name| page.word(at).contains(&**name)) {
            page.take(at, at + 1, Mark::Name);
        }
    }
}

/// `S M I T H`, `S m i t h`: letters that stand apart and are a name together.
fn spaced(page: &mut Page) {
    let single = |token: &Token| token.kind == Kind::Word && token.folded == 1 && token.mark.is_none();
    let letter = |page: &Page, at: usize| page.get(at).is_some_and(single);
    let mut at = 0;
    while at < page.tokens.len() {
        let mut end = at;
        let mut hash = 0;
        while letter(page, end)
            && let Some(joined) = page.get(end).and_then(|token| super::fold::join(hash, token.hash, 1))
        {
            (hash, end) = (joined, end + 1);
        }
        if end - at >= 4 && page.known.get(hash).any(As::NAME) {
            page.take(at, end, Mark::Name);
        }
        at = end.max(at + 1);
    }
}

/// Shortest word that is compared: a name of six letters without one of them.
const SHORTEST_SLIP: u8 = 5;

/// Words that no dictionary knows and that are nearly a known name.
fn misspelled(page: &mut Page) {
    if !page.known.compares() {
        return;
    }
    const NAMES: Flags = Flags::GIVEN.and(Flags::FAMILY);
    for at in 0..page.tokens.len() {
        let is = page.get(at).is_some_and(|token| {
            let strange = token.flags == Flags::default() || token.flags.any(NAMES) && !token.flags.any(Flags::SAFE);
            token.kind == Kind::Word && token.mark.is_none() && token.folded >= SHORTEST_SLIP && strange
        });
        if is && !built(page, at) && page.known.is_nearly(&super::fold::fold(page.word(at), false)) {
            page.take(at, at + 1, Mark::Name);
        }
    }
}
