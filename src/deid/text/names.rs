//! Names that nobody told us: what follows a title, a label or "seen by", what stands before a degree, and what the
//! dictionaries know.

use super::mark::Mark;
use super::page::Page;
use super::token::{Case, Kind};
use super::words::Flags;

/// Takes all of them.
pub(super) fn find(page: &mut Page) {
    if !page.seen.capitals && !page.seen.telling {
        return;
    }
    for at in 0..page.tokens.len() {
        if page.is(at, Flags::TITLE)
            && page
                .get(at)
                .is_some_and(|token| token.case != Case::Lower || token.folded >= 3 || page.sign(at + 1, b'.'))
        {
            let from = at + 1 + usize::from(page.sign(at + 1, b'.'));
            name(page, from);
        }
    }
}

/// Takes up to four words of a name that begins here: capitals, initials and particles.
fn name(page: &mut Page, from: usize) {
    let (mut at, mut end, mut words) = (from, from, 0);
    while words < 4 {
        let Some(token) = page.get(at).filter(|token| token.kind == Kind::Word) else { break };
        let particle = token.flags.any(Flags::PARTICLE) && token.case == Case::Lower;
        if !token.capital() && !particle
            || token.flags.any(Flags::SAFE) && words > 0 && !token.flags.any(Flags::FAMILY.and(Flags::GIVEN))
        {
            break;
        }
        at += 1;
        if !particle {
            words += 1;
            end = at;
        }
        let dot = page.sign(at, b'.') && page.before(at).is_some_and(|token| token.folded == 1);
        if dot || page.sign(at, b'-') && page.glued(at) && page.glued(at + 1) {
            at += 1;
            if dot {
                end = at;
            }
        }
    }
    if end > from {
        page.take(from, end, Mark::Name);
    }
}
