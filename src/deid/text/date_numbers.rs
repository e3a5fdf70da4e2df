//! Dates of numbers: 3/14/2024, 14.03.24, 2024-03-14, 20240314, 03/2024, 2024年3月14日, and 3/14 where a date is expected.

use super::calendar::{Slot, Written};
use super::dates::{Order, Reading, day, settle, settle_reading, year};
use super::mark::Mark;
use super::page::Page;
use super::token::Kind;
use super::words::Flags;
use chrono::NaiveDate;

/// 20240314, 20240314103000, and days of the record written without signs in other orders.
pub(super) fn compact(page: &mut Page, at: usize) -> Option<usize> {
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
pub(super) fn numeric(page: &mut Page, at: usize, slashed: Option<Order>) -> Option<usize> {
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

/// Eras that Japanese years are counted in: a date of one is not written anew.
const ERAS: &[&str] = &["令和", "平成", "昭和", "大正"];

/// 2024年3月14日, 2024년 3월 14일.
pub(super) fn asian(page: &mut Page, at: usize) -> Option<usize> {
    let sign = |at: usize, signs: &[&str]| signs.iter().any(|sign| page.word(at).starts_with(sign));
    let (first, months) = (page.number(at)?, &["月", "월"]);
    let (year_at, month_at) = if sign(at + 1, &["年", "년"]) { (Some(at), at + 2) } else { (None, at) };
    let month = page.number(month_at).filter(|_| sign(month_at + 1, months))?;
    let day = page.number(month_at + 2).filter(|_| sign(month_at + 3, &["日", "일", "号"]));
    if year_at.is_none() && day.is_none() || !(1..=12).contains(&month.0) {
        return None;
    }
    let to = if day.is_some() { month_at + 3 } else { month_at + 1 };
    let era = |before: usize| ERAS.iter().any(|era| page.word(before).ends_with(era));
    if year_at.is_some() && first.1 <= 2 && at.checked_sub(1).is_some_and(era) {
        return Some(settle(page, at, to, None));
    }
    let year = match year_at {
        Some(at) => Some((at, year(first)?)),
        None => None,
    };
    let reading = Reading {
        to,
        year,
        month: (month_at, month.0),
        day: day.map(|(day, _)| (month_at + 2, day)),
        day_to: month_at + 3,
    };
    Some(settle_reading(page, at, reading, true))
}
