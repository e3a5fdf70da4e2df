//! Days: which ones stand in a person's inputs, and whether a day in the output is one of them, shifted as it must be.

use super::sieve::ByHash;

/// What is wrong with a day in an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DateFinding {
    /// It is a day of this person's inputs, as it stood there.
    Unshifted,
    /// No day of this person's inputs becomes this one: an interval was not kept.
    Unexplained,
    /// Whoever's row it is in is in no input.
    Nobody,
}

impl DateFinding {
    /// The words in findings.
    pub const fn word(self) -> &'static str {
        match self {
            DateFinding::Unshifted => "a date as it stood in the inputs",
            DateFinding::Unexplained => "a date that no date of this patient's inputs becomes by the patient's shift",
            DateFinding::Nobody => "a patient that no input names",
        }
    }
}

/// The days of all persons, by person.
#[derive(Default)]
pub(super) struct Days {
    /// Person and day; sorted and each once when frozen.
    all: Vec<(u64, i32)>,
    /// Days to subtract.
    shifts: ByHash<i32>,
    /// Days of the inputs and what they become, of all persons.
    olds: Vec<i32>,
    news: Vec<i32>,
}

/// Entries gathered before equal ones are put together.
const BATCH: usize = 1 << 20;

impl Days {
    pub fn person(&mut self, person: u64, shift: i32) {
        self.shifts.insert(person, shift);
    }

    pub fn learn(&mut self, person: u64, day: i32) {
        self.all.push((person, day));
        if self.all.len().is_multiple_of(BATCH) {
            self.settle();
        }
    }

    pub fn absorb(&mut self, other: Days) {
        self.all.extend(other.all);
        self.shifts.extend(other.shifts);
        self.settle();
    }

    fn settle(&mut self) {
        self.all.sort_unstable();
        self.all.dedup();
    }

    /// Makes it ready for questions.
    pub fn freeze(&mut self) {
        self.settle();
        let shift = |person: &u64| self.shifts.get(person).copied();
        self.olds = self.all.iter().map(|(_, day)| *day).collect();
        self.news = self.all.iter().filter_map(|(person, day)| Some(day - shift(person)?)).collect();
        for list in [&mut self.olds, &mut self.news] {
            list.sort_unstable();
            list.dedup();
        }
    }

    pub fn knows(&self, person: u64) -> bool {
        self.shifts.contains_key(&person)
    }

    pub fn persons(&self) -> u64 {
        self.shifts.len() as u64
    }

    /// A day in a place that holds one date of `person`.
    pub fn check(&self, person: u64, day: i32) -> Option<DateFinding> {
        let Some(shift) = self.shifts.get(&person) else { return Some(DateFinding::Nobody) };
        let has = |day: i32| self.all.binary_search(&(person, day)).is_ok();
        match (has(day.saturating_add(*shift)), has(day)) {
            (true, _) => None,
            (false, true) => Some(DateFinding::Unshifted),
            (false, false) => Some(DateFinding::Unexplained),
        }
    }

    /// A day in prose: any of its readings may be meant. Without a person, a day that nobody's shift explains.
    pub fn check_text(&self, person: Option<u64>, readings: &[i32]) -> Option<DateFinding> {
        let fine = |day: &i32| match person.filter(|person| self.knows(*person)) {
            Some(person) => self.check(person, *day).is_none(),
            None => self.news.binary_search(day).is_ok(),
        };
        let old = |day: &i32| match person.filter(|person| self.knows(*person)) {
            Some(person) => self.all.binary_search(&(person, *day)).is_ok(),
            None => self.olds.binary_search(day).is_ok(),
        };
        let shifted = !self.shifts.is_empty() && !readings.iter().any(fine);
        (shifted && readings.iter().any(old)).then_some(DateFinding::Unshifted)
    }
}

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Every date in a text with what it may mean: `2024-01-02`, `20240102`, `02.01.2024`, `1/2/2024`, `2 January 2024`,
/// `Jan 2, 2024`. Times and zones do not matter.
pub(in crate::deid) fn dates_in(text: &str, each: &mut dyn FnMut(&[i32])) {
    let mut tokens: [Token; 3] = [Token::Nothing; 3];
    let mut push = |token: Token| {
        tokens.rotate_left(1);
        if let Some(last) = tokens.last_mut() {
            *last = token;
        }
        let readings = readings(&tokens);
        if !readings.is_empty() {
            each(&readings);
            tokens = [Token::Nothing; 3];
        }
    };
    let bytes = text.as_bytes();
    if !bytes.iter().any(u8::is_ascii_digit) {
        return;
    }
    let (mut at, mut gap) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        let class = |b: u8| (b.is_ascii_digit(), b.is_ascii_alphabetic());
        match class(byte) {
            (false, false) => {
                gap += 1;
                if gap > 2 || !matches!(byte, b' ' | b'-' | b'.' | b'/' | b',') {
                    push(Token::Nothing);
                }
                at += 1;
            }
            kind => {
                let from = at;
                while bytes.get(at).is_some_and(|b| class(*b) == kind) {
                    at += 1;
                }
                gap = 0;
                let word = bytes.get(from..at).unwrap_or_default();
                let edge = |b: Option<&u8>| b.is_none_or(|b| !b.is_ascii_alphabetic() || *b == b'T');
                push(match kind.0 {
                    true => Token::of_digits(
                        word,
                        edge(from.checked_sub(1).and_then(|n| bytes.get(n))) && edge(bytes.get(at)),
                    ),
                    false => Token::of_letters(word),
                });
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token {
    Nothing,
    /// One or two digits, or four: value and how many.
    Number(u32, u8),
    /// A whole day in one.
    Day(i32),
    Month(u32),
}

impl Token {
    fn of_digits(word: &[u8], bounded: bool) -> Self {
        let number = |digits: &[u8]| digits.iter().fold(0u32, |n, b| n * 10 + u32::from(b - b'0'));
        match word.len() {
            1 | 2 | 4 if bounded => Token::Number(number(word), word.len() as u8),
            // HL7 and DICOM write times behind the day.
            8 | 12 | 14 if bounded => {
                let (year, rest) = word.split_at(4);
                let (month, rest) = rest.split_at(2);
                let day = rest.get(..2).map(number).unwrap_or_default();
                day_of(number(year), number(month), day).map_or(Token::Nothing, Token::Day)
            }
            _ => Token::Nothing,
        }
    }

    fn of_letters(word: &[u8]) -> Self {
        let text = word.to_ascii_lowercase();
        let month = MONTHS.iter().position(|month| text.starts_with(month.as_bytes()) && text.len() <= 9);
        match (month, text.as_slice()) {
            (Some(month), _) => Token::Month(month as u32 + 1),
            // 2nd of January.
            (None, b"st" | b"nd" | b"rd" | b"th" | b"of") => Token::Nothing,
            _ => Token::Nothing,
        }
    }
}

fn readings(tokens: &[Token; 3]) -> Vec<i32> {
    use Token::{Day, Month, Number};
    let days = |list: &[(u32, u32, u32)]| list.iter().filter_map(|(y, m, d)| day_of(*y, *m, *d)).collect();
    match *tokens {
        [_, _, Day(day)] => vec![day],
        [Number(year, 4), Number(month, _), Number(day, 1 | 2)] => days(&[(year, month, day)]),
        [Number(a, 1 | 2), Number(b, 1 | 2), Number(year, 4)] => days(&[(year, a, b), (year, b, a)]),
        [Number(a, 2), Number(b, 2), Number(year, 2)] => {
            let year = if year < 40 { 2000 + year } else { 1900 + year };
            days(&[(year, a, b), (year, b, a)])
        }
        [Number(day, 1 | 2), Month(month), Number(year, 4)] | [Month(month), Number(day, 1 | 2), Number(year, 4)] => {
            days(&[(year, month, day)])
        }
        [Number(year, 4), Month(month), Number(day, 1 | 2)] => days(&[(year, month, day)]),
        _ => Vec::new(),
    }
}

fn day_of(year: u32, month: u32, day: u32) -> Option<i32> {
    if !(1850..2200).contains(&year) {
        return None;
    }
    let date = chrono::NaiveDate::from_ymd_opt(year as i32, month, day)?;
    i32::try_from(date.signed_duration_since(chrono::NaiveDate::default()).num_days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Vec<i32>> {
        let mut found = Vec::new();
        dates_in(text, &mut |readings| found.push(readings.to_vec()));
        found
    }

    #[test]
    fn dates_are_read_in_every_form() {
        // python: (datetime.date(2024,1,2)-datetime.date(1970,1,1)).days == 19724; 2024-02-01 is 19754.
        for text in [
            "on 2024-01-02.",
            "20240102",
            "20240102103000",
            "2024.01.02",
            "2 January 2024",
            "Jan 2, 2024",
            "2024-01-02T10:30:00Z",
            "02-JAN-2024",
        ] {
            assert_eq!(found(text), [vec![19724]], "{text}");
        }
        assert_eq!(found("1/2/2024"), [vec![19724, 19754]]);
        assert_eq!(found("02.01.24"), [vec![19754, 19724]]);
        for text in ["1.2.840.10008", "10:30:00", "20240231", "1024 x 768", "12 3 4", "3f20240102ab"] {
            assert!(found(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_day_is_right_if_the_shift_explains_it() {
        let mut days = Days::default();
        days.person(7, 10);
        [100, 200].iter().for_each(|day| days.learn(7, *day));
        days.person(8, 20);
        days.learn(8, 90);
        days.freeze();
        assert_eq!(days.check(7, 90), None);
        assert_eq!(days.check(7, 100), Some(DateFinding::Unshifted));
        assert_eq!(days.check(7, 95), Some(DateFinding::Unexplained));
        assert_eq!(days.check(9, 90), Some(DateFinding::Nobody));
        // 90 stands in the inputs of 8 and is what 100 of 7 becomes.
        assert_eq!(days.check_text(None, &[90]), None);
        assert_eq!(days.check_text(Some(8), &[90]), Some(DateFinding::Unshifted));
        assert_eq!(days.check_text(None, &[200]), Some(DateFinding::Unshifted));
        assert_eq!(days.check_text(None, &[5]), None);
    }
}
