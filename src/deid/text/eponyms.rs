//! Names that are none: what things are called after people and places by, so that a disease, a view or a score stays.

use super::name_words::NAMES;
use super::page::Page;
use super::token::Case;
use super::words::Flags;

/// Whether a name is what something is called after: "Hunt classification", "Boyd's vein", "Virchow-Robin", "(NASH)".
pub(super) fn is_one(page: &Page, at: usize, upper: bool) -> bool {
    let genitive = page.sign(at + 1, b'\'') && page.glued(at + 1) && page.says(at + 2, "s");
    let next = at + 1 + 2 * usize::from(genitive);
    let called = page.is(next, Flags::CALLED)
        || genitive && page.is(next, Flags::MEDICAL) && page.is(next + 1, Flags::CALLED.and(Flags::STUDY));
    let medical = |at: usize| page.is(at, Flags::MEDICAL) && !page.is(at, NAMES);
    let paired = page.sign(at + 1, b'-') && page.glued(at + 1) && page.glued(at + 2) && medical(at + 2)
        || at > 1 && page.sign(at - 1, b'-') && page.glued(at) && page.glued(at - 1) && medical(at - 2);
    let short = page.get(at).is_some_and(|token| token.case == Case::Upper && token.folded <= 5) && !upper;
    let bracketed = at > 0 && page.sign(at - 1, b'(') && page.sign(at + 1, b')');
    // "Lewis a negative": a blood group.
    let letter = page.get(at + 1).is_some_and(|token| token.case == Case::Lower && token.folded == 1);
    let group = letter && ["positive", "negative", "antigen"].iter().any(|word| page.says(at + 2, word));
    called || paired || group || short && bracketed || pair_of_names(page, at)
}

/// Two names that stand for a thing together.
#[rustfmt::skip]
const PAIRS: &[(&str, &str)] = &[
    ("ann", "arbor"), ("beckman", "coulter"), ("bence", "jones"), ("child", "pugh"), ("epstein", "barr"), ("howell", "jolly"), ("hunt", "hess"),
    ("johnson", "johnson"), ("reed", "sternberg"), ("robertson", "reid"), ("smith", "nephew"), ("winston", "lutz"), ("bland", "altman"),
    ("monte", "carlo"), ("harris", "beath"), ("gustilo", "anderson"), ("clark", "breslow"), ("duke", "lewis"),
];

/// Whether a word is one of such a pair: `Reed-Sternberg`, `Hunt and Hess`, `Smith & Nephew`.
fn pair_of_names(page: &Page, at: usize) -> bool {
    let joins = |at: usize| page.sign_of(at, b"-&").is_some() || page.says(at, "and");
    let next = at + 1 + usize::from(joins(at + 1));
    let last = at.checked_sub(1).and_then(|before| if joins(before) { before.checked_sub(1) } else { Some(before) });
    PAIRS.iter().any(|(one, other)| {
        page.says(at, one) && page.says(next, other)
            || page.says(at, other) && last.is_some_and(|last| page.says(last, one))
    })
}
