//! Dates and times in a text: numbers in every order, months by name in a dozen languages, compact forms of machines. What
//! is relative ("yesterday", "two weeks ago") or only a year stays.

use super::calendar::{Slot, Written};
use super::date_names::{date_of_month, day_and_name, day_in_words};
use super::date_numbers::{asian, compact, numeric};
use super::mark::Mark;
use super::page::Page;
use super::times;
use super::token::Kind;
use super::words::Flags;
use chrono::NaiveDate;

/// Years that dates of a person's life fall into.
pub(super) const YEARS: std::ops::RangeInclusive<u32> = 1850..=2150;

/// Which number of a date comes first, where the numbers do not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    MonthFirst,
    DayFirst,
}

/// A date before its words are looked at: tokens and what they mean.
pub(super) struct Reading {
    pub to: usize,
    pub year: Option<(usize, u32)>,
    pub month: (usize, u32),
    pub day: Option<(usize, u32)>,
    /// The token of the day includes an ordinal behind it.
    pub day_to: usize,
}

/// Takes all dates and times.
pub(super) fn find(page: &mut Page) {
    // Months are words that tell.
    if !page.seen.digits && !page.seen.telling {
        return;
    }
    let slashed = order(page);
    let mut at = 0;
    while at < page.tokens.len() {
        at = match page.get(at).map(|token| (token.kind, token.flags, token.mark)) {
            Some((Kind::Number, _, None)) => date_of_number(page, at, slashed),
            Some((Kind::Word, flags, None)) if flags.any(Flags::MONTH) => {
                day_in_words(page, at).or_else(|| date_of_month(page, at))
            }
            _ => None,
        }
        .unwrap_or(at + 1);
    }
    for at in 0..page.tokens.len() {
        if page.number(at).is_some() {
            times::alone(page, at);
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
pub(super) fn year((value, digits): (u32, usize)) -> Option<u32> {
    match digits {
        4 => YEARS.contains(&value).then_some(value),
        2 => Some(if value < 50 { 2000 + value } else { 1900 + value }),
        _ => None,
    }
}

pub(super) fn day(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
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

/// Takes what was read. A day that the calendar does not have becomes a mark.
pub(super) fn settle_reading(page: &mut Page, at: usize, reading: Reading, possible: bool) -> usize {
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
    let article = |at: usize| ["the", "den", "dem", "el", "le"].iter().any(|word| page.says(at, word));
    while at - before < 4 && (page.sign_of(before, b",.").is_some() || article(before)) {
        before = before.checked_sub(1)?;
    }
    page.is(before, Flags::WEEKDAY).then_some(before)
}

pub(super) fn settle(page: &mut Page, from: usize, to: usize, written: Option<Written>) -> usize {
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
        return times::behind_date(page, to);
    }
    to
}
