//! Times of day: those of a shifted date stay with it, as the times of all dates do; others go.

use super::mark::Mark;
use super::page::Page;
use super::token::{Case, Kind};

/// Where the time ends that belongs to a shifted date: it stays as the times of all dates do.
pub(super) fn behind_date(page: &mut Page, to: usize) -> usize {
    let at = to
        + usize::from(
            page.sign_of(to, b",-@").is_some() || ["at", "t", "um", "a", "à"].iter().any(|word| page.says(to, word)),
        );
    match clock(page, at) {
        Some(end) => {
            page.tokens.get_mut(at..end).unwrap_or_default().iter_mut().for_each(|token| token.kept = true);
            end
        }
        None => to,
    }
}

/// Where a time of day ends that begins here: 14:35, 14:35:10.5, 2:35 pm, 1435h, 14h35, 14.35 Uhr.
fn clock(page: &Page, at: usize) -> Option<usize> {
    let (hour, digits) = page.number(at)?;
    let half = |at: usize| ["am", "pm"].iter().any(|word| page.says(at, word));
    let dotted = |at: usize| {
        (page.says(at, "a") || page.says(at, "p"))
            && page.sign(at + 1, b'.')
            && page.says(at + 2, "m")
            && page.glued(at + 2)
    };
    let mut end =
        if digits <= 2 && hour < 24 && (page.sign(at + 1, b':') || page.says(at + 1, "h")) && page.glued(at + 1) {
            let (minute, two) = page.number(at + 2).filter(|_| page.glued(at + 2))?;
            if two != 2 || minute > 59 {
                return None;
            }
            let mut end = at + 3;
            while end < at + 9
                && page.sign_of(end, b":.").is_some()
                && page.glued(end)
                && page.glued(end + 1)
                && page.number(end + 1).is_some()
            {
                end += 2;
            }
            end
        } else if digits <= 2 && (1..=12).contains(&hour) && (half(at + 1) || dotted(at + 1)) {
            at + 1
        } else if digits == 4
            && hour / 100 < 24
            && hour % 100 < 60
            && ["h", "hrs", "hours", "uhr"].iter().any(|word| page.says(at + 1, word))
        {
            return Some(at + 2);
        } else if digits <= 2 && hour < 24 && page.sign(at + 1, b'.') && page.says(at + 3, "uhr") {
            return Some(at + 4);
        } else {
            return None;
        };
    if half(end) || page.says(end, "uhr") {
        end += 1;
    } else if dotted(end) {
        end += 3 + usize::from(
            page.sign(end + 3, b'.')
                && page.get(end + 4).is_some_and(|token| token.kind == Kind::Word && token.case == Case::Lower),
        );
    }
    if page.glued(end) && page.says(end, "z") {
        end += 1;
    } else if page.glued(end)
        && page.sign_of(end, b"+-").is_some()
        && page.number(end + 1).is_some_and(|(_, digits)| digits == 4 || digits == 2)
    {
        end += 2;
        if page.sign(end, b':') && page.glued(end) && page.number(end + 1).is_some_and(|(_, digits)| digits == 2) {
            end += 2;
        }
    }
    Some(end)
}

/// A time of day that belongs to no date.
pub(super) fn alone(page: &mut Page, at: usize) {
    if page.get(at).is_none_or(|token| token.kept) {
        return;
    }
    // Ratios and titres look like times: 1:40, 1:16.
    let ratio = page.number(at) == Some((1, 1))
        && page.sign(at + 1, b':')
        && ["titer", "titre", "dilution", "ratio", "of", "to"].iter().any(|word| at > 0 && page.says(at - 1, word));
    let chained = page.glued(at) && at > 0 && (page.sign(at - 1, b':') || page.sign(at - 1, b'.'));
    if ratio || chained {
        return;
    }
    if let Some(end) = clock(page, at) {
        page.take(at, end, Mark::Time);
    }
}
