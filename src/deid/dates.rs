//! Dates as archives write them, shifted so that intervals survive and the day does not; ages.

/// A date, with the time of day where the text gives one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// Days since 1970-01-01.
    pub days: i32,
    /// Milliseconds of the day, if the text has a time.
    pub ms: Option<u32>,
}

/// Reads a date in the forms of DICOM (DA, DT, the retired `2024.01.02`), HL7 (TS with at least a day) and ISO 8601.
///
/// A date that the calendar does not have (20240231), a bare year or month, and anything else is `None`: a date that
/// cannot be read cannot be shifted, so it must not pass. Time zones are dropped, wall-clock time is kept.
pub fn parse(text: &str) -> Option<When> {
    if let Some(when) = plain(text.as_bytes()) {
        return Some(when);
    }
    let text = text.trim_matches([' ', '\0']);
    let bytes = text.as_bytes();
    let (month, day, rest) = match bytes.get(4) {
        Some(b'-' | b'.' | b'/') if bytes.get(7) == bytes.get(4) => (5..7, 8..10, 10),
        _ => (4..6, 6..8, 8),
    };
    let part = |range: std::ops::Range<usize>| number(bytes.get(range)?);
    let year = i32::try_from(part(0..4)?).ok()?;
    let date = chrono::NaiveDate::from_ymd_opt(year, part(month)?, part(day)?)?;
    let days = date.signed_duration_since(epoch()).num_days();
    Some(When { days: i32::try_from(days).ok()?, ms: time_of_day(text.get(rest..)?)? })
}

/// What most dates are: `YYYYMMDD`, with `HHMM` or `HHMMSS` behind it or nothing. `None` says nothing.
fn plain(bytes: &[u8]) -> Option<When> {
    if !matches!(bytes.len(), 8 | 12 | 14) {
        return None;
    }
    let two = |at: usize| match bytes.get(at..at + 2) {
        Some(&[ten @ b'0'..=b'9', one @ b'0'..=b'9']) => Some(u32::from(ten - b'0') * 10 + u32::from(one - b'0')),
        Some(_) => None,
        None => Some(0),
    };
    let (year, month, day) = (two(0)? * 100 + two(2)?, two(4)?, two(6)?);
    let (hour, minute, second) = (two(8)?, two(10)?, two(12)?);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let most = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => return None,
    };
    if !(1..=most).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Years that begin in March, so that the leap day is their last: days before the month are 153 for every five.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year.checked_sub(1)?, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    let ms = ((hour * 60 + minute) * 60 + second.min(59)) * 1000;
    // 1970-01-01 is 719,468 days after the first of March of the year 0.
    Some(When { days: i32::try_from(days).ok()? - 719_468, ms: (bytes.len() > 8).then_some(ms) })
}

/// The number that these digits are, if they are digits.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0u32, |number, digit| {
        digit.is_ascii_digit().then(|| number.checked_mul(10)?.checked_add(u32::from(digit - b'0'))).flatten()
    })
}

/// `Some(None)`: no time given. `None`: something that is not a time follows the date.
fn time_of_day(rest: &str) -> Option<Option<u32>> {
    let rest = rest.trim_start_matches(['T', ' ']);
    let clock = match rest.find(['+', '-', 'Z']) {
        Some(zone) => rest.get(..zone)?,
        None => rest,
    };
    if clock.is_empty() {
        return Some(None);
    }
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let (mut digits, mut length) = ([b'0'; 6], 0);
    for byte in whole.bytes().filter(|byte| *byte != b':') {
        *digits.get_mut(length)? = byte;
        length += 1;
    }
    if !matches!(length, 2 | 4 | 6) || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |at: usize| number(digits.get(at..at + 2)?);
    let (hour, minute, second) = (part(0)?, part(2)?, part(4)?);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let millis = fraction.bytes().chain(*b"000").take(3).fold(0, |ms, digit| ms * 10 + u32::from(digit - b'0'));
    Some(Some(((hour * 60 + minute) * 60 + second.min(59)) * 1000 + millis))
}

fn epoch() -> chrono::NaiveDate {
    chrono::NaiveDate::default()
}

/// Ages above this are written as this (HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i)(C): "90 or older").
pub const OLDEST_AGE_YEARS: f32 = 90.0;

/// Whole years from birth to `at`, as people count them, capped at [`OLDEST_AGE_YEARS`]; below 2 years in 1/12 years.
pub fn age_years(birth: When, at: When) -> Option<f32> {
    use chrono::Datelike;
    let day = |when: When| epoch().checked_add_signed(chrono::Duration::days(i64::from(when.days)));
    let (born, now) = (day(birth)?, day(at)?);
    let months =
        (now.year() - born.year()) * 12 + now.month() as i32 - born.month() as i32 - i32::from(now.day() < born.day());
    match months {
        ..0 => None,
        0..24 => Some(months as f32 / 12.0),
        _ => Some(((months / 12) as f32).min(OLDEST_AGE_YEARS)),
    }
}

/// Reads PatientAge (AS, PS3.5 6.2: `061Y`, `018M`, `003W`, `010D`) as years, capped at [`OLDEST_AGE_YEARS`].
pub fn age_from_as(text: &str) -> Option<f32> {
    let text = text.trim_matches([' ', '\0']);
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: f32 = number.parse().ok()?;
    let years = match unit {
        "Y" => number,
        "M" => number / 12.0,
        "W" => number * 7.0 / 365.25,
        "D" => number / 365.25,
        _ => return None,
    };
    Some(years.min(OLDEST_AGE_YEARS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_way_and_the_calendar_agree() {
        let mut walked = 0;
        for year in [1600, 1700, 1899, 1900, 1970, 2000, 2023, 2024, 2100, 9999] {
            for (month, day) in (0..=13).flat_map(|month| (0..=32).map(move |day| (month, day))) {
                let text = format!("{year:04}{month:02}{day:02}");
                let date = chrono::NaiveDate::from_ymd_opt(year, month, day);
                let days = date.map(|date| i32::try_from((date - epoch()).num_days()).unwrap());
                assert_eq!(plain(text.as_bytes()).map(|when| when.days), days, "{text}");
                walked += 1;
            }
        }
        assert_eq!(walked, 10 * 14 * 33);
        let ms = |text: &str| plain(text.as_bytes()).map(|when| when.ms);
        assert_eq!(ms("20240301"), Some(None));
        assert_eq!((ms("202403011530"), ms("20240301153059")), (Some(Some(55_800_000)), Some(Some(55_859_000))));
        for text in
            ["2024030", "20240301T1530", "2024030124", "202403012400", "20240301156000", "2024O301", "20240301 1530"]
        {
            assert_eq!(ms(text), None, "{text}");
        }
    }

    fn day(text: &str) -> Option<i32> {
        parse(text).map(|w| w.days)
    }

    #[test]
    fn every_spelling_of_a_day_is_the_same_day() {
        // python: (datetime.date(2024,1,2)-datetime.date(1970,1,1)).days == 19724
        for text in
            ["20240102", "2024.01.02", "2024-01-02", "2024-01-02T10:30:00Z", "20240102103000.5+0100", " 20240102 "]
        {
            assert_eq!(day(text), Some(19724), "{text}");
        }
        // 10:30:00.5 = (10*60+30)*60*1000 + 500
        assert_eq!(parse("20240102103000.5+0100").unwrap().ms, Some(37_800_500));
        assert_eq!(parse("20240102").unwrap().ms, None);
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in
            ["20240231", "2024", "202401", "", "DOE^JANE", "20241301", "20240102x", "2024010299", "20240102 25:00"]
        {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn ages_are_capped_and_counted_like_birthdays() {
        let age = |birth, at| age_years(parse(birth).unwrap(), parse(at).unwrap());
        assert_eq!(age("19630412", "20240411"), Some(60.0));
        assert_eq!(age("19630412", "20240412"), Some(61.0));
        assert_eq!(age("19200101", "20240101"), Some(90.0));
        assert_eq!(age("20240101", "20240701"), Some(0.5));
        assert_eq!(age("20250101", "20240101"), None);
        assert_eq!(
            (age_from_as("095Y"), age_from_as("018M"), age_from_as("Y"), age_from_as("")),
            (Some(90.0), Some(1.5), None, None)
        );
    }
}
