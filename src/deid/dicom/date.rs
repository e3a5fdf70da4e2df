//! Dates and times as DICOM writes them (PS3.5 6.2), read strictly: what is not one is `None` and cannot pass as one.

use crate::deid::dates::{self, When};
use crate::deid::identity::Person;

/// A DA value, shifted; the retired form `2024.01.02` becomes the present one.
pub fn shifted_da(value: &str, person: &Person) -> Option<String> {
    da(person.shift(day(value)?).days)
}

/// A DT value with at least a day, shifted; time of day and zone stay.
pub fn shifted_dt(value: &str, person: &Person) -> Option<String> {
    let (day, rest) = value.split_at_checked(8)?;
    let when = self::day(day).filter(|_| is_rest_of_dt(rest))?;
    Some(da(person.shift(when).days)? + rest)
}

/// A day and nothing else: neither a range nor a time.
fn day(value: &str) -> Option<When> {
    let right = matches!(value.len(), 8 | 10) && value.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    right.then(|| dates::parse(value)).flatten()
}

/// Days since 1970-01-01 as DA; `None` beyond the years that four digits have.
fn da(days: i32) -> Option<String> {
    let date = chrono::NaiveDate::from_epoch_days(days)?;
    let text = date.format("%Y%m%d").to_string();
    (text.len() == 8).then_some(text)
}

/// Whether it is a DA value of the calendar.
pub fn is_da(value: &str) -> bool {
    day(value).is_some()
}

/// Whether it is a DT value: a year, a month or a day, then time and zone.
pub fn is_dt(value: &str) -> bool {
    match value.split_at_checked(8) {
        Some((day, rest)) => is_da(day) && is_rest_of_dt(rest),
        None => matches!(value.len(), 4 | 6) && value.bytes().all(|b| b.is_ascii_digit()),
    }
}

/// `HHMMSS.FFFFFF&ZZXX`, every part but the hour optional, or nothing.
fn is_rest_of_dt(rest: &str) -> bool {
    let (time, zone) = match rest.find(['+', '-']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    (time.is_empty() || is_clock(time)) && (zone.is_empty() || is_zone(zone))
}

/// Whether it is a TM value; the retired form with colons is one too.
pub fn is_tm(value: &str) -> bool {
    is_clock(&value.replace(':', ""))
}

fn is_clock(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let part = |at: usize, most: u8| whole.get(at..at + 2).is_none_or(|t| t.parse::<u8>().is_ok_and(|n| n <= most));
    matches!(whole.len(), 2 | 4 | 6)
        && digits(whole)
        && digits(fraction)
        && fraction.len() <= 6
        && (fraction.is_empty() || whole.len() == 6)
        && part(0, 23)
        && part(2, 59)
        && part(4, 60)
}

/// Whether it is an offset from UTC: `+0100`.
pub fn is_zone(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or("");
    digits.len() == 4 && digits.parse::<u16>().is_ok_and(|n| n <= 1400 && n % 100 < 60)
}

/// A PatientAge as it may leave: 90 years and above are `090Y`. `None` if it is no age.
pub fn capped_age(value: &str) -> Option<String> {
    let years = dates::age_from_as(value)?;
    let well_formed = value.len() == 4;
    match years >= dates::OLDEST_AGE_YEARS {
        true => Some("090Y".to_owned()),
        false if well_formed => Some(value.to_owned()),
        false => Some(format!("{:0>4}", value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PatientKey, Split};

    fn ten_days() -> Person {
        Person { key: PatientKey::new("P").unwrap(), shift_days: 10, split: Split::Train }
    }

    #[test]
    fn dates_go_back_by_the_patients_days() {
        let person = ten_days();
        assert_eq!(shifted_da("20240301", &person).as_deref(), Some("20240220"));
        assert_eq!(shifted_da("2024.01.02", &person).as_deref(), Some("20231223"));
        assert_eq!(shifted_dt("20240105101530.25+0100", &person).as_deref(), Some("20231226101530.25+0100"));
        assert_eq!(shifted_dt("20240105", &person).as_deref(), Some("20231226"));
        for bad in ["20240231", "2024", "DOE^JANE", "20240105-20240106", "", "20240105 "] {
            assert_eq!((shifted_da(bad, &person), shifted_dt(bad, &person)), (None, None), "{bad}");
        }
    }

    #[test]
    fn times_and_zones_are_read_strictly() {
        for good in ["10", "1015", "101530", "101530.123456", "10:15:30", "235960"] {
            assert!(is_tm(good), "{good}");
        }
        for bad in ["", "1", "24", "1061", "101561", "10.5", "DOE", "101530.1234567"] {
            assert!(!is_tm(bad), "{bad}");
        }
        assert!(is_zone("+0100") && is_zone("-1130") && !is_zone("0100") && !is_zone("+9999") && !is_zone("+01"));
        assert!(is_dt("2024") && is_dt("202401") && is_dt("20240105+0100") && !is_dt("20240105x"));
    }

    #[test]
    fn ninety_is_the_oldest() {
        let ages = ["061Y", "095Y", "89Y", "018M", "1100M", "young"].map(capped_age);
        let expected = [Some("061Y"), Some("090Y"), Some("089Y"), Some("018M"), Some("090Y"), None];
        assert_eq!(ages.each_ref().map(Option::as_deref), expected);
    }
}
