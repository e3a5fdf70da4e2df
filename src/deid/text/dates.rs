//! Dates and times in a text: numbers in every order, months by name in a dozen languages, compact forms of machines. What
//! is relative ("yesterday", "two weeks ago") or only a year stays.

use super::calendar::{self, Slot, Written};
use super::mark::Mark;
use super::page::Page;
use super::token::{Case, Kind, Token};
use super::words::Flags;
use chrono::NaiveDate;

/// Years that dates of a person's life fall into.
const YEARS: std::ops::RangeInclusive<u32> = 1850..=2150;

/// Which number of a date comes first, where the numbers do not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    MonthFirst,
    DayFirst,
}

/// A date before its words are looked at: tokens and what they mean.
struct Reading {
    to: usize,
    year: Option<(usize, u32)>,
    month: (usize, u32),
    day: Option<(usize, u32)>,
    /// The token of the day includes an ordinal behind it.
    day_to: usize,
}

/// Takes all dates and times.
pub(super) fn find(page: &mut Page) {
    if !page.seen.digits {
        return;
    }
    let slashed = order(page);
    let mut at = 0;
    while at < page.tokens.len() {
        at = match page.get(at).map(|token| (token.kind, token.flags, token.mark)) {
            Some((Kind::Number, _, None)) => date_of_number(page, at, slashed),
            Some((Kind::Word, flags, None)) if flags.any(Flags::MONTH) => date_of_month(page, at),
            _ => None,
        }
        .unwrap_or(at + 1);
    }
    for at in 0..page.tokens.len() {
        if page.number(at).is_some() {
            time(page, at);
        }
    }
}

/// What the dates of the whole text say about their order: a first number beyond 12 is a day.
fn order(page: &Page) -> Option<Order> {
    let mut seen = (false, false);
    for at in 0..page.tokens.len() {
        let (Some((first, _)), Some(_), Some((second, _))) =
            (page.number(at), page.sign_of(at + 1, b"/-"), page.number(at + 2))
        else {
            continue;
        };
        if page.sign_of(at + 3, b"/-").is_some() && page.number(at + 4).is_some() {
            seen.0 |= first <= 12 && (13..=31).contains(&second);
            seen.1 |= second <= 12 && (13..=31).contains(&first);
        }
    }
    match seen {
        (true, false) => Some(Order::MonthFirst),
        (false, true) => Some(Order::DayFirst),
        _ => None,
    }
}

fn slot(page: &Page, from: usize, to: usize) -> Option<Slot> {
    Some(Slot(page.get(from)?.start, page.get(to.checked_sub(1)?)?.end))
}

/// The year that a number means: four digits, or two within a hundred years.
fn year((value, digits): (u32, usize)) -> Option<u32> {
    match digits {
        4 => YEARS.contains(&value).then_some(value),
        2 => Some(if value < 50 { 2000 + value } else { 1900 + value }),
        _ => None,
    }
}

fn day(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year as i32, month, day)
}

/// A date that begins with a number.
fn date_of_number(page: &mut Page, at: usize, slashed: Option<Order>) -> Option<usize> {
    // A number behind another one and a point or hyphen is no beginning: 1.2.840, 10-12-2024-3.
    let chained = at >= 2
        && page.glued(at)
        && page.sign_of(at - 1, b".").is_some()
        && page.glued(at - 1)
        && page.get(at - 2).is_some_and(|token| token.kind == Kind::Number);
    if chained {
        return None;
    }
    compact(page, at)
        .or_else(|| numeric(page, at, slashed))
        .or_else(|| asian(page, at))
        .or_else(|| day_and_name(page, at))
}

/// 20240314, 20240314103000, and days of the record written without signs in other orders.
fn compact(page: &mut Page, at: usize) -> Option<usize> {
    let token = *page.get(at)?;
    let word = page.word(at);
    let part = |from: usize, to: usize| word.get(from..to).and_then(|part| part.parse::<u32>().ok());
    if matches!(token.len(), 8 | 10 | 12 | 14) {
        let (y, m, d) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
        let timed = match token.len() {
            8 => true,
            _ => part(8, 10)? < 24 && part(10, 12).is_none_or(|minute| minute < 60),
        };
        if (1900..=2099).contains(&y) && (1..=12).contains(&m) && (1..=31).contains(&d) && timed && token.len() != 10 {
            let start = token.start;
            let slots = (Slot(start, start + 4), Slot(start + 4, start + 6), Slot(start + 6, start + 8));
            let written = day(y, m, d).map(|date| Written {
                date,
                whole: Slot(start, token.end),
                year: Some(slots.0),
                month: slots.1,
                day: Some(slots.2),
                weekday: None,
                padded: true,
            });
            return Some(settle(page, at, at + 1, written));
        }
    }
    let orders: &[[usize; 3]] = match token.len() {
        8 => &[[4, 0, 2], [4, 2, 0]],
        6 => &[[0, 2, 4], [4, 0, 2], [4, 2, 0]],
        _ => return None,
    };
    let width = token.len() - 4;
    for [y, m, d] in orders {
        let year = year((part(*y, y + width)?, width))?;
        let Some(date) = day(year, part(*m, m + 2)?, part(*d, d + 2)?) else { continue };
        let known = page.known.day(chrono::Datelike::num_days_from_ce(&date) - 719_163);
        if known.is_some() {
            page.take(at, at + 1, Mark::Date);
            return Some(at + 1);
        }
    }
    None
}

/// 3/14/2024, 14.03.24, 2024-03-14, 03/2024, and 3/14 where a date is expected.
fn numeric(page: &mut Page, at: usize, slashed: Option<Order>) -> Option<usize> {
    let first = page.number(at)?;
    if first.1 > 4 {
        return None;
    }
    let sign = page.sign_of(at + 1, b"/-.")?;
    let near = page.glued(at + 1);
    let second = page.number(at + 2).filter(|_| near && (page.glued(at + 2) || sign == b'.'))?;
    let third = (page.sign(at + 3, sign) && page.glued(at + 3) && (page.glued(at + 4) || sign == b'.'))
        .then(|| page.number(at + 4))
        .flatten()
        .filter(|third| matches!(third.1, 1 | 2 | 4));
    // 1.2.2024.5 is no date, 14.03.2024. is one.
    let longer =
        |to: usize| page.sign(to, sign) && page.glued(to) && page.glued(to + 1) && page.number(to + 1).is_some();
    if let Some(third) = third.filter(|_| !longer(at + 5)) {
        let places = [(at, first), (at + 2, second), (at + 4, third)];
        if let Some((reading, possible)) = three(page, places, sign, slashed) {
            return Some(settle_reading(page, at, reading, possible));
        }
        return None;
    }
    if longer(at + 3) {
        return None;
    }
    two(page, at, first, second, sign).map(|reading| settle_reading(page, at, reading, true))
}

type Numbered = (usize, (u32, usize));

/// Three numbers as a date; false if the calendar has no such day.
fn three(page: &Page, [a, b, c]: [Numbered; 3], sign: u8, slashed: Option<Order>) -> Option<(Reading, bool)> {
    let whole = |y: Numbered, m: Numbered, d: Numbered| {
        let year = year(y.1)?;
        let reading = Reading {
            to: c.0 + 1,
            year: Some((y.0, year)),
            month: (m.0, m.1.0),
            day: Some((d.0, d.1.0)),
            day_to: d.0 + 1,
        };
        Some((reading, day(year, m.1.0, d.1.0)))
    };
    if a.1.1 == 4 && b.1.1 <= 2 && c.1.1 <= 2 {
        let (reading, date) = whole(a, b, c)?;
        return Some((reading, date.is_some()));
    }
    if a.1.1 > 2 || b.1.1 > 2 || !matches!(c.1.1, 2 | 4) {
        return None;
    }
    // Two digits for the year are weak: 1.5.20 may be a version, 5-10-15 a dose.
    if c.1.1 == 2 && sign != b'/' && (a.1.1 != 2 || b.1.1 != 2) {
        return None;
    }
    let month_first = whole(c, a, b)?;
    let day_first = whole(c, b, a)?;
    let known = |date: Option<NaiveDate>| {
        date.is_some_and(|date| page.known.day(chrono::Datelike::num_days_from_ce(&date) - 719_163).is_some())
    };
    let default = if sign == b'.' { Order::DayFirst } else { slashed.unwrap_or(Order::MonthFirst) };
    let order = match (month_first.1, day_first.1) {
        (Some(_), None) => Order::MonthFirst,
        (None, Some(_)) => Order::DayFirst,
        (None, None) if c.1.1 == 2 && (a.1.0 > 31 || b.1.0 > 31 || a.1.0 == 0 || b.1.0 == 0) => return None,
        (m, d) if known(m) != known(d) => {
            if known(m) {
                Order::MonthFirst
            } else {
                Order::DayFirst
            }
        }
        _ => default,
    };
    let (reading, date) = if order == Order::MonthFirst { month_first } else { day_first };
    Some((reading, date.is_some()))
}

/// Two numbers as month and year, or as month and day where the words around them say so.
fn two(page: &Page, at: usize, first: (u32, usize), second: (u32, usize), sign: u8) -> Option<Reading> {
    let reading = |to, year, month, day: Option<(usize, u32)>| Reading {
        to,
        year,
        month,
        day,
        day_to: day.map_or(0, |(at, _)| at + 1),
    };
    if second.1 == 4 && first.1 <= 2 && (1..=12).contains(&first.0) && (1900..=2100).contains(&second.0) {
        let padded = first.1 == 2 || sign == b'/';
        return padded.then(|| reading(at + 3, Some((at + 2, second.0)), (at, first.0), None));
    }
    if first.1 == 4 && second.1 == 2 && (1..=12).contains(&second.0) && (1900..=2100).contains(&first.0) && sign != b'.'
    {
        return Some(reading(at + 3, Some((at, first.0)), (at + 2, second.0), None));
    }
    let dated = at.checked_sub(1).is_some_and(|before| page.is(before, Flags::DATED) || at == 1 && page.sign(0, b'('));
    let begins = page.before(at).is_none_or(|token| token.kind == Kind::Line) && page.sign_of(at + 3, b":").is_some();
    let follows = page.is(at + 3, Flags::UNIT) || page.says(at + 3, "strength") || page.sign(at + 3, b'%');
    if sign != b'/' || follows || first.1 > 2 || second.1 > 2 || !(dated || begins) || !page.glued(at + 2) {
        return None;
    }
    // Scores are out of 4, 5, 6 or 10; dates that look like them are not many.
    let score = matches!(second.0, 4 | 5 | 6 | 10) && first.0 <= second.0 && !page.says(at - usize::from(at > 0), "on");
    match (first.0, second.0) {
        (1..=12, 1..=31) if !score => Some(reading(at + 3, None, (at, first.0), Some((at + 2, second.0)))),
        (13..=31, 1..=12) => Some(reading(at + 3, None, (at + 2, second.0), Some((at, first.0)))),
        _ => None,
    }
}

/// 2024年3月14日, 2024년 3월 14일.
fn asian(page: &mut Page, at: usize) -> Option<usize> {
    let sign = |at: usize, signs: &[&str]| signs.iter().any(|sign| page.word(at).starts_with(sign));
    let (first, months) = (page.number(at)?, &["月", "월"]);
    let (year_at, month_at) = if sign(at + 1, &["年", "년"]) { (Some(at), at + 2) } else { (None, at) };
    let month = page.number(month_at).filter(|_| sign(month_at + 1, months))?;
    let day = page.number(month_at + 2).filter(|_| sign(month_at + 3, &["日", "일", "号"]));
    if year_at.is_none() && day.is_none() || !(1..=12).contains(&month.0) {
        return None;
    }
    let year = match year_at {
        Some(at) => Some((at, year(first)?)),
        None => None,
    };
    let to = if day.is_some() { month_at + 3 } else { month_at + 1 };
    let reading = Reading {
        to,
        year,
        month: (month_at, month.0),
        day: day.map(|(day, _)| (month_at + 2, day)),
        day_to: month_at + 3,
    };
    Some(settle_reading(page, at, reading, true))
}

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
fn day_and_name(page: &mut Page, at: usize) -> Option<usize> {
    let (day, digits) = page.number(at)?;
    if digits > 2 || !(1..=31).contains(&day) {
        return None;
    }
    let day_to = ordinal(page, at + 1);
    let month_at = next_part(page, day_to);
    let token = *page.get(month_at).filter(|_| page.is(month_at, Flags::MONTH))?;
    let month = calendar::month(page.word(month_at))?;
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

/// March 14, 2024; Mar 14; March 2024.
fn date_of_month(page: &mut Page, at: usize) -> Option<usize> {
    let token = *page.get(at)?;
    let month = calendar::month(page.word(at))?;
    let next = next_part(page, at + 1);
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
    let year = year.and_then(year_of).map(|year| (year_at, year));
    let to = if year.is_some() { year_at + 1 } else { day_to };
    let measure = year.is_none() && (page.is(day_to, Flags::UNIT) || page.sign_of(day_to, b"%/").is_some());
    let reading = Reading { to, year, month: (at, month), day: Some((next, number.0)), day_to };
    (surely && !measure || year.is_some_and(|(at, _)| page.word(at).len() == 4))
        .then(|| settle_reading(page, at, reading, true))
}

fn year_of(number: (u32, usize)) -> Option<u32> {
    year(number)
}

/// Takes what was read. A day that the calendar does not have becomes a mark.
fn settle_reading(page: &mut Page, at: usize, reading: Reading, possible: bool) -> usize {
    // A year that no one wrote: one without a leap day, so that every date has a next day of the same kind.
    let year = reading.year.map_or(2023, |(_, year)| year);
    let date = day(year, reading.month.1, reading.day.map_or(15, |(_, day)| day)).filter(|_| possible);
    let weekday = weekday_before(page, at);
    let from = weekday.unwrap_or(at);
    let digits = |at: usize| page.get(at).is_some_and(|token| token.kind == Kind::Number && token.len() == 1);
    let named = page.get(reading.month.0).is_some_and(|token| token.kind == Kind::Word);
    let padded = !named && !digits(reading.month.0) && !reading.day.is_some_and(|(at, _)| digits(at));
    let written = date.zip(slot(page, reading.month.0, reading.month.0 + 1)).and_then(|(date, month)| {
        Some(Written {
            date,
            whole: slot(page, from, reading.to)?,
            year: reading.year.and_then(|(at, _)| slot(page, at, at + 1)),
            month,
            day: reading.day.and_then(|(at, _)| slot(page, at, reading.day_to)),
            weekday: weekday.and_then(|at| slot(page, at, at + 1)),
            padded,
        })
    });
    settle(page, from, reading.to, written)
}

/// A weekday right before a date, with a comma or without.
fn weekday_before(page: &Page, at: usize) -> Option<usize> {
    let mut before = at.checked_sub(1)?;
    while page.sign_of(before, b",.").is_some()
        || ["the", "den", "dem", "el", "le"].iter().any(|word| page.says(before, word))
    {
        before = before.checked_sub(1)?;
    }
    page.is(before, Flags::WEEKDAY).then_some(before)
}

fn settle(page: &mut Page, from: usize, to: usize, written: Option<Written>) -> usize {
    let born = page
        .tokens
        .get(from.saturating_sub(4)..from)
        .unwrap_or_default()
        .iter()
        .any(|token| token.kind == Kind::Word && token.flags.any(Flags::BORN));
    let birth = written.is_some_and(|written| {
        let days = chrono::Datelike::num_days_from_ce(&written.date) - 719_163;
        written.day.is_some() && written.year.is_some() && page.known.day(days) == Some(true)
    });
    let group = page.take(from, to, Mark::Date);
    if let Some(written) = written.filter(|_| !born && !birth && page.shift.is_some()) {
        page.dates.push((group, written));
        return behind_time(page, to);
    }
    to
}

/// Where the time ends that belongs to a shifted date: it stays as the times of all dates do.
fn behind_time(page: &mut Page, to: usize) -> usize {
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
            while page.sign_of(end, b":.").is_some()
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
fn time(page: &mut Page, at: usize) {
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
