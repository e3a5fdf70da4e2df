//! Dates with the month as a word: 14 March 2024, Mar 14, March '24, 14 de marzo de 2024.

use super::calendar;
use super::dates::{Reading, YEARS, settle, settle_reading, year};
use super::page::Page;
use super::token::{Case, Kind, Token};
use super::words::Flags;

/// Between the parts of a date by name: blanks, a hyphen, a slash, a point, a comma, "of", "de". Gives the next part.
fn next_part(page: &Page, mut at: usize) -> usize {
    if let Some(sign) = page.sign_of(at, b".,-/'") {
        at += 1;
        if sign == b'.' && page.sign_of(at, b",-'").is_some() || sign == b',' && page.sign(at, b'\'') {
            at += 1;
        }
    }
    if ["of", "de", "del", "do"].iter().any(|word| page.says(at, word)) {
        at += 1;
    }
    at + usize::from(page.get(at).is_some_and(|token| token.kind == Kind::Sign) && page.word(at) == "’")
}

fn ordinal(page: &Page, at: usize) -> usize {
    let ordinals = ["st", "nd", "rd", "th", "er", "o", "e"];
    let is = page.glued(at) && ordinals.iter().any(|ordinal| page.says(at, ordinal));
    at + usize::from(is || page.glued(at) && matches!(page.word(at), "º" | "°" | "ª"))
}

/// A month's name that is surely meant as one: words such as "may" and "set" need more than a number beside them.
fn surely(token: &Token) -> bool {
    !token.flags.any(Flags::SAFE) || matches!(token.case, Case::Title | Case::Upper)
}

/// 14 March 2024, 14-Mar-24, 14. März, 14 de marzo de 2024.
pub(super) fn day_and_name(page: &mut Page, at: usize) -> Option<usize> {
    let (day, digits) = page.number(at)?;
    if digits > 2 || !(1..=31).contains(&day) {
        return None;
    }
    let day_to = ordinal(page, at + 1);
    // "04:16, October 11": a time, and a date that begins with its month.
    let other = page.sign(day_to, b',') || page.glued(at) && at > 0 && page.sign(at - 1, b':');
    let month_at = next_part(page, day_to);
    let token = *page.get(month_at).filter(|_| page.is(month_at, Flags::MONTH) && !other)?;
    let Some(month) = calendar::month(page.word(month_at)) else {
        // A month of two words, such as "كانون الثاني": no form to write another one in, a mark.
        let (_, to) = year_behind(page, month_at + 1);
        return Some(settle(page, at, to, None));
    };
    let (year, to) = year_behind(page, month_at);
    let sure = year.is_some_and(|(at, _)| page.get(at).is_some_and(|token| token.len() == 4)) || surely(&token);
    let reading = Reading { to, year, month: (month_at, month), day: Some((at, day)), day_to };
    sure.then(|| settle_reading(page, at, reading, true))
}

/// The year behind a month's name, and where the date ends.
fn year_behind(page: &Page, month_at: usize) -> (Option<(usize, u32)>, usize) {
    let dotted = month_at + 1 + usize::from(page.sign(month_at + 1, b'.') && page.glued(month_at + 1));
    let at = next_part(page, month_at + 1);
    let number = page.number(at).filter(|_| !page.sign_of(at + 1, b":").is_some_and(|_| page.glued(at + 1)));
    // Two digits are a year only close by: 14-Mar-24, 14MAR24, March '24.
    let close = page.sign_of(at.saturating_sub(1), b"-/'").is_some() || page.glued(at) || at == month_at + 1;
    let shortened = page.is(at + 1, Flags::UNIT) || page.sign_of(at + 1, b"%").is_some();
    match number.filter(|number| number.1 == 4 || number.1 == 2 && close && !shortened).and_then(year) {
        Some(year) => (Some((at, year)), at + 1),
        None => {
            (None, if dotted <= page.tokens.len() && page.number(dotted).is_some() { dotted } else { month_at + 1 })
        }
    }
}

/// Days of a month in words, the tens of "twenty-first" aside.
#[rustfmt::skip]
const ORDINALS: &[&str] = &[
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth",
    "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth", "thirtieth",
];

fn in_words(page: &Page, at: usize) -> bool {
    page.free(at) && ORDINALS.iter().any(|word| page.says(at, word))
}

/// "the third of March 2024", "twenty-first of May", "March the fourth, 2024": no form to write another day in, a mark.
pub(super) fn day_in_words(page: &mut Page, at: usize) -> Option<usize> {
    let token = *page.get(at)?;
    let tens = |at: usize| page.says(at, "twenty") || page.says(at, "thirty");
    let of = at.checked_sub(1).filter(|before| page.says(*before, "of"));
    let before = of.unwrap_or(at).checked_sub(1).filter(|day| in_words(page, *day) && (of.is_some() || surely(&token)));
    if let Some(day) = before {
        let hyphen = usize::from(day > 0 && page.sign(day - 1, b'-'));
        let from = day.checked_sub(1 + hyphen).filter(|from| tens(*from)).unwrap_or(day);
        let (_, to) = year_behind(page, at);
        return Some(settle(page, from, to, None));
    }
    let next = next_part(page, at + 1);
    let article = page.says(next, "the");
    let next = next + usize::from(article);
    let day = if tens(next) { next + 1 + usize::from(page.sign(next + 1, b'-')) } else { next };
    if !in_words(page, day) || !surely(&token) {
        return None;
    }
    let year_at = next_part(page, day + 1);
    let year = page.number(year_at).is_some_and(|number| number.1 == 4 && YEARS.contains(&number.0));
    // "May first be seen in the ward."
    let told = article || year || !token.flags.any(Flags::SAFE);
    told.then(|| settle(page, at, if year { year_at + 1 } else { day + 1 }, None))
}

/// Months in capitals that are methods and tracers as well.
const METHODS: &[&str] = &["mar", "oct", "mag", "set", "sep", "mai"];

/// March 14, 2024; March the 14th, 2024; Mar 14; March 2024.
pub(super) fn date_of_month(page: &mut Page, at: usize) -> Option<usize> {
    let token = *page.get(at)?;
    let month = calendar::month(page.word(at))?;
    let next = next_part(page, at + 1);
    let next = next + usize::from(page.says(next, "the"));
    let number = page.number(next)?;
    let surely = surely(&token);
    if number.1 == 4 {
        let year = YEARS.contains(&number.0).then_some(number.0)?;
        let reading = Reading { to: next + 1, year: Some((next, year)), month: (at, month), day: None, day_to: 0 };
        let prose = token.case == Case::Lower && token.flags.any(Flags::SAFE) && !page.glued(next);
        return (!prose || page.before(at).is_some()).then(|| settle_reading(page, at, reading, true));
    }
    if number.1 > 2 || !(1..=31).contains(&number.0) {
        let apostrophe = page.sign(next.wrapping_sub(1), b'\'') || page.word(next.wrapping_sub(1)) == "’";
        let reading =
            Reading { to: next + 1, year: Some((next, year(number)?)), month: (at, month), day: None, day_to: 0 };
        return (apostrophe && surely).then(|| settle_reading(page, at, reading, true));
    }
    let day_to = ordinal(page, next + 1);
    let year_at = next_part(page, day_to);
    let year = page.number(year_at).filter(|number| {
        let close = page.sign_of(year_at - 1, b"-/',").is_some();
        let clock = page.sign(year_at + 1, b':') && page.glued(year_at + 1);
        number.1 == 4 && YEARS.contains(&number.0) || number.1 == 2 && close && page.glued(year_at) && !clock
    });
    let year = year.and_then(super::dates::year).map(|year| (year_at, year));
    let to = if year.is_some() { year_at + 1 } else { day_to };
    // MAG3, "CT MAR 2" and "OCT 5 line" are a tracer and methods, "MAR 3.0" no day; "Mar 3" and "seen MAR 3" are.
    let glued = page.glued(at + 1) && next == at + 1 && token.flags.any(Flags::SAFE);
    let dated = at.checked_sub(1).is_some_and(|before| page.is(before, Flags::DATED.and(Flags::BY).and(Flags::ACTS)));
    let method = number.1 == 1 && token.case == Case::Upper && !dated && METHODS.iter().any(|word| page.says(at, word));
    let decimal =
        page.sign(day_to, b'.') && page.glued(day_to) && page.glued(day_to + 1) && page.number(day_to + 1).is_some();
    let tracer = year.is_none() && (glued || method || decimal);
    let measure = tracer || year.is_none() && (page.is(day_to, Flags::UNIT) || page.sign_of(day_to, b"%/").is_some());
    let reading = Reading { to, year, month: (at, month), day: Some((next, number.0)), day_to };
    (surely && !measure || year.is_some_and(|(at, _)| page.word(at).len() == 4))
        .then(|| settle_reading(page, at, reading, true))
}
