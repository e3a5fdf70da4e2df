//! Dates in the forms that databases export beside ISO 8601, brought to ISO 8601 before anything else looks at them.

use std::borrow::Cow;

/// Which of two numbers before a year is the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    DayFirst,
    MonthFirst,
}

/// The words for it in a mapping.
pub(super) const ORDERS: [(&str, Order); 2] = [("day-first", Order::DayFirst), ("month-first", Order::MonthFirst)];

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// What the order of a table's dates is, from those that leave no choice (`13/02/2024`).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    day_first: bool,
    month_first: bool,
}

impl Seen {
    /// Takes note of a date.
    pub(super) fn note(&mut self, text: &str) {
        if let Some(([first, second, _], _)) = slashed(text.trim()) {
            self.day_first |= first > 12;
            self.month_first |= second > 12;
        }
    }

    /// The order, if the dates agree on one.
    pub(super) fn order(self) -> Option<Order> {
        match (self.day_first, self.month_first) {
            (true, false) => Some(Order::DayFirst),
            (false, true) => Some(Order::MonthFirst),
            _ => None,
        }
    }
}

/// A date, with or without a time, as ISO 8601 writes it: from `31.12.2024`, `31-DEC-2024`, `31DEC2024:10:15:00`,
/// `Dec 31 2024 10:15AM`, and, by the order of the table or where the date leaves no choice, `12/31/2024`. Everything
/// else as it stands.
pub(super) fn iso(text: &str, order: Option<Order>) -> Cow<'_, str> {
    let plain = text.trim();
    if plain.get(..4).is_some_and(|year| year.bytes().all(|b| b.is_ascii_digit())) {
        return Cow::Borrowed(plain);
    }
    let found = dotted(plain).or_else(|| named(plain)).or_else(|| {
        let ([first, second, year], rest) = slashed(plain)?;
        let day_first = match order {
            _ if first > 12 => true,
            _ if second > 12 => false,
            order => order? == Order::DayFirst,
        };
        let (day, month) = if day_first { (first, second) } else { (second, first) };
        Some(([year, month, day], rest))
    });
    match found {
        Some(([year, month, day], rest)) if (1..=12).contains(&month) && (1..=31).contains(&day) => {
            Cow::Owned(format!("{year:04}-{month:02}-{day:02}{}", clock(rest)))
        }
        _ => Cow::Borrowed(plain),
    }
}

/// Digits at the beginning, at most so many, as a number, and what follows.
fn digits(text: &str, most: usize) -> Option<(u32, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    if length == 0 || length > most {
        return None;
    }
    Some((text.get(..length)?.parse().ok()?, text.get(length..)?))
}

/// Two numbers and a year of four digits, each behind one of `signs`.
fn three<'t>(text: &'t str, signs: &[char]) -> Option<([u32; 3], &'t str)> {
    let (first, rest) = digits(text, 2)?;
    let (second, rest) = digits(rest.strip_prefix(signs)?, 2)?;
    let rest = rest.strip_prefix(signs)?;
    let (year, tail) = digits(rest, 4)?;
    (rest.len() - tail.len() == 4).then_some(([first, second, year], tail))
}

fn slashed(text: &str) -> Option<([u32; 3], &str)> {
    three(text, &['/', '-'])
}

/// `31.12.2024`: nobody puts the month before a point.
fn dotted(text: &str) -> Option<([u32; 3], &str)> {
    let ([day, month, year], rest) = three(text, &['.'])?;
    Some(([year, month, day], rest))
}

/// The number of a month by its English name, and what follows.
fn month(text: &str) -> Option<(u32, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let word = text.get(..length)?.to_ascii_lowercase();
    let place = MONTHS.iter().position(|month| word.starts_with(month))?;
    Some((place as u32 + 1, text.get(length..)?))
}

/// `31-DEC-2024`, `31DEC2024`, `31 December 2024`, `Dec 31, 2024`.
fn named(text: &str) -> Option<([u32; 3], &str)> {
    const SIGNS: [char; 3] = ['-', ' ', ','];
    let (day, month, rest) = match digits(text, 2) {
        Some((day, rest)) => {
            let (month, rest) = month(rest.trim_start_matches(SIGNS))?;
            (day, month, rest)
        }
        None => {
            let (month, rest) = month(text)?;
            let (day, rest) = digits(rest.trim_start_matches(SIGNS), 2)?;
            (day, month, rest)
        }
    };
    let rest = rest.trim_start_matches(SIGNS);
    let (year, tail) = digits(rest, 4)?;
    (rest.len() - tail.len() == 4).then_some(([year, month, day], tail))
}

/// The time behind a date, of 24 hours; what is none stays as it is, so that the whole is no date.
fn clock(rest: &str) -> String {
    let rest = rest.trim_start_matches([' ', 'T', ':', ',']);
    if rest.is_empty() {
        return String::new();
    }
    let upper = rest.to_ascii_uppercase();
    let half = [("AM", 0), ("PM", 12)].into_iter().find_map(|(word, more)| Some((upper.strip_suffix(word)?, more)));
    let Some((time, more)) = half else { return format!("T{rest}") };
    match digits(time.trim_end(), 2) {
        Some((hour @ 1..=12, tail)) => format!("T{:02}{tail}", hour % 12 + more),
        _ => format!("T{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_one_meaning_become_iso() {
        for (text, want) in [
            ("2024-03-01 10:15:00", "2024-03-01 10:15:00"),
            ("20240301", "20240301"),
            ("31.12.2024", "2024-12-31"),
            ("1.3.2024 10:15", "2024-03-01T10:15"),
            ("31-DEC-2024", "2024-12-31"),
            ("31DEC2024:10:15:00", "2024-12-31T10:15:00"),
            ("1 March 2024", "2024-03-01"),
            ("Mar  1 2024 10:15AM", "2024-03-01T10:15"),
            ("Dec 31, 2024 12:05 PM", "2024-12-31T12:05"),
            ("12/31/2024", "2024-12-31"),
            ("31/12/2024 00:30", "2024-12-31T00:30"),
            ("12-31-2024 12:30:05 AM", "2024-12-31T00:30:05"),
            ("03/04/2024", "03/04/2024"),
            ("03/04/24", "03/04/24"),
            ("13/13/2024", "13/13/2024"),
            ("soon", "soon"),
            ("", ""),
        ] {
            assert_eq!(iso(text, None), want, "{text}");
        }
    }

    #[test]
    fn the_order_is_that_of_the_table() {
        assert_eq!(iso("03/04/2024", Some(Order::DayFirst)), "2024-04-03");
        assert_eq!(iso("3/4/2024 1:05 PM", Some(Order::MonthFirst)), "2024-03-04T13:05");
        let seen = |dates: &[&str]| {
            let mut seen = Seen::default();
            dates.iter().for_each(|date| seen.note(date));
            seen.order()
        };
        assert_eq!(seen(&["03/04/2024", "14/04/2024"]), Some(Order::DayFirst));
        assert_eq!(seen(&["03/04/2024", "04/14/2024"]), Some(Order::MonthFirst));
        assert_eq!(seen(&["14/04/2024", "04/14/2024"]), None, "they do not agree");
        assert_eq!(seen(&["03/04/2024", "2024-14-01"]), None);
    }
}
