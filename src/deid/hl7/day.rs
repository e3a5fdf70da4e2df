//! Dates and times of day as HL7 writes them (DT, TM, DTM, TS), shifted in place: precision, fraction and zone stay as
//! they were. What the calendar does not have is no date.

use crate::deid::dates::{self, When};

/// Writes `text` shifted back by `days`; false, and nothing written, if it is no date.
///
/// A year or a month alone is shifted as its middle: what is written is the year or month that this falls into.
pub(super) fn shift(text: &str, days: i32, out: &mut Vec<u8>) -> bool {
    let text = text.trim_matches([' ', '\0']);
    let bytes = text.as_bytes();
    let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    // A zone may follow a date of any precision; anything else follows a day only.
    let zone = bytes.get(digits).is_none_or(|b| matches!(b, b'+' | b'-'));
    match (digits, bytes.get(4), bytes.get(7)) {
        (4, Some(b'-' | b'.' | b'/'), Some(_)) if bytes.get(4) == bytes.get(7) => signed(text, days, out),
        (4 | 6, _, _) if zone => partial(text, digits, days, out),
        (8.., _, _) => whole(text, days, out),
        _ => false,
    }
}

fn whole(text: &str, days: i32, out: &mut Vec<u8>) -> bool {
    let Some((day, rest)) = text.split_at_checked(8) else { return false };
    let Some(date) = day_of(day).filter(|_| rest.is_empty() || is_time(rest) || is_zone(rest)) else { return false };
    let Some((year, month, day)) = civil(date - days) else { return false };
    digits(out, year, 4);
    digits(out, month, 2);
    digits(out, day, 2);
    out.extend_from_slice(rest.as_bytes());
    true
}

/// `2024-01-31`, and what may follow it: not HL7, but written.
fn signed(text: &str, days: i32, out: &mut Vec<u8>) -> bool {
    let part = |range| text.get(range).unwrap_or_default();
    let joined = [part(0..4), part(5..7), part(8..10)].concat();
    let rest = text.get(10..).unwrap_or_default();
    let clock = rest.strip_prefix(['T', ' ']).unwrap_or(rest);
    let Some(date) = day_of(&joined).filter(|_| clock.is_empty() || is_time(clock)) else { return false };
    let Some((year, month, day)) = civil(date - days) else { return false };
    let sign = text.as_bytes().get(4).copied().unwrap_or(b'-');
    digits(out, year, 4);
    out.push(sign);
    digits(out, month, 2);
    out.push(sign);
    digits(out, day, 2);
    out.extend_from_slice(rest.as_bytes());
    true
}

fn partial(text: &str, count: usize, days: i32, out: &mut Vec<u8>) -> bool {
    let (date, zone) = text.split_at(count);
    let middle = if count == 4 { [date, "0701"].concat() } else { [date, "15"].concat() };
    // `1988-5551` is a telephone number and no year with a zone: so close to it, only zones that are in use count.
    let usual = ["00", "15", "30", "45"].iter().any(|minutes| zone.ends_with(minutes));
    let Some(date) = day_of(&middle).filter(|_| zone.is_empty() || (usual && is_zone(zone))) else { return false };
    let Some((year, month, _)) = civil(date - days) else { return false };
    digits(out, year, 4);
    if count == 6 {
        digits(out, month, 2);
    }
    out.extend_from_slice(zone.as_bytes());
    true
}

/// Days since 1970-01-01 of eight digits, if the calendar has the day and somebody could mean it: `610412` is no month of the
/// year 6104 but a day in the form of old systems, whose digits must not pass. Years from 9990 on say "for ever".
fn day_of(text: &str) -> Option<i32> {
    let year = text.get(..4)?;
    let meant = ("1700"..="2200").contains(&year) || year >= "9990";
    dates::parse(text).filter(|_| meant && text.len() == 8).map(|when| when.days)
}

/// A birth date in any precision, in days since 1970-01-01; its middle if only year or month are known.
pub(super) fn born(text: &str) -> Option<i32> {
    let text = text.trim_matches([' ', '\0']);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match digits {
        4 if text.len() == 4 => day_of(&[text, "0701"].concat()),
        6 if text.len() == 6 => day_of(&[text, "15"].concat()),
        8.. => day_of(text.get(..8)?),
        _ => dates::parse(text).map(|when| when.days),
    }
}

/// Writes the year of a shifted birth date; for who is 90 or older at `reference`, the year 90 years before it.
pub(super) fn birth_year(born: i32, reference: i32, days: i32, out: &mut Vec<u8>) -> bool {
    let when = |days| When { days, ms: None };
    let old = dates::age_years(when(born), when(reference)).is_some_and(|age| age >= dates::OLDEST_AGE_YEARS);
    let year = if old {
        civil(reference - days).map(|(year, _, _)| year.saturating_sub(dates::OLDEST_AGE_YEARS as u32))
    } else {
        civil(born - days).map(|(year, _, _)| year)
    };
    if let Some(year) = year {
        digits(out, year, 4);
    }
    year.is_some()
}

/// Whether a text is a time of day with or without a zone: `HH[MM[SS[.S[S[S[S]]]]]][+/-ZZZZ]`, colons allowed.
pub(super) fn is_time(text: &str) -> bool {
    let at = text.find(['+', '-', 'Z']).unwrap_or(text.len());
    let (clock, zone) = text.split_at(at);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = [0u32; 3];
    let mut count = 0;
    let mut rest = clock;
    while !rest.is_empty() {
        let two = rest.get(..2).filter(|two| two.bytes().all(|b| b.is_ascii_digit()));
        let (Some(two), Some(part)) = (two, parts.get_mut(count)) else { return false };
        *part = two.parse().unwrap_or(99);
        count += 1;
        rest = rest.get(2..).unwrap_or_default();
        rest = rest.strip_prefix(':').filter(|more| !more.is_empty()).unwrap_or(rest);
    }
    let fraction = (1..=9).contains(&fraction.len()) && fraction.bytes().all(|b| b.is_ascii_digit());
    count > 0 && fraction && parts[0] < 24 && parts[1] < 60 && parts[2] <= 60 && (zone.is_empty() || is_zone(zone))
}

/// `+0100`, `-05`, `+01:00`, `Z`.
fn is_zone(zone: &str) -> bool {
    if zone == "Z" {
        return true;
    }
    let Some(hours) = zone.strip_prefix(['+', '-']) else { return false };
    let digits: String = hours.chars().filter(|c| *c != ':').collect();
    let minutes = digits.get(2..).unwrap_or_default();
    matches!(digits.len(), 2 | 4)
        && digits.bytes().all(|b| b.is_ascii_digit())
        && digits.as_str() <= "1500"
        && minutes < "60"
}

/// Year, month and day of a day since 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms");
/// `None` before the year 1 and after the year 9999.
fn civil(days: i32) -> Option<(u32, u32, u32)> {
    let shifted = i64::from(days) + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    ((1..=9999).contains(&year)).then_some((year as u32, month as u32, day as u32))
}

fn digits(out: &mut Vec<u8>, number: u32, width: u32) {
    for place in (0..width).rev() {
        out.push(b'0' + (number / 10u32.pow(place) % 10) as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shifted(text: &str, days: i32) -> Option<String> {
        let mut out = Vec::new();
        shift(text, days, &mut out).then(|| String::from_utf8(out).unwrap())
    }

    #[test]
    fn every_precision_and_zone_survives_the_shift() {
        // python: datetime.date(2024,3,1) - datetime.timedelta(n)
        for (text, days, want) in [
            ("20240301", 1, "20240229"),
            ("20240301", 365, "20230302"),
            ("2024030115", 1, "2024022915"),
            ("202403011530", 61, "202312311530"),
            ("20240301153059", 60, "20240101153059"),
            ("20240301153059.1234+0545", 60, "20240101153059.1234+0545"),
            ("20240301-0500", 1, "20240229-0500"),
            ("2024-03-01T15:30:00Z", 1, "2024-02-29T15:30:00Z"),
            ("2024/03/01", 1, "2024/02/29"),
            // The middle of the year, 2024-07-01, less 183 days is 2023-12-31; less 182 it is 2024-01-01.
            ("2024", 183, "2023"),
            ("2024", 182, "2024"),
            // 2024-03-15 less 15 days is 2024-02-29.
            ("202403", 15, "202402"),
            ("202403+0100", 14, "202403+0100"),
            (" 20240301 ", 1, "20240229"),
        ] {
            assert_eq!(shifted(text, days).as_deref(), Some(want), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_not_written() {
        for text in [
            "20240231",
            "20241301",
            "2024130",
            "20240",
            "DOE",
            "20240301x",
            "20240301 1530",
            "2024030124",
            "202403011560",
            "20240301-DOE",
            "2024-0301",
            "20240301153059.",
            "00000000",
            "2024 JANE",
            "555-1234",
            "1988-5551234",
            "",
            "20240301+9999",
        ] {
            assert_eq!(shifted(text, 5), None, "{text}");
        }
    }

    #[test]
    fn civil_is_the_inverse_of_the_calendar() {
        for (days, want) in [(0, (1970, 1, 1)), (19_782, (2024, 2, 29)), (-1, (1969, 12, 31)), (-719_162, (1, 1, 1))] {
            assert_eq!(civil(days), Some(want));
        }
        assert_eq!(civil(-719_163), None);
    }

    #[test]
    fn a_birth_date_is_a_year_and_the_oldest_are_ninety() {
        let year = |born_on: &str, at: &str, days| {
            let mut out = Vec::new();
            birth_year(born(born_on).unwrap(), born(at).unwrap(), days, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(year("19630412", "20240301", 10), "1963");
        // 1963-01-05 less 10 days is in 1962.
        assert_eq!(year("19630105", "20240301", 10), "1962");
        assert_eq!(year("1963", "20240301", 10), "1963");
        // 1934-03-01 is 90 on 2024-03-01: 2024-02-20 less 90 years. A day later it is 89.
        assert_eq!(year("19340301", "20240301", 10), "1934");
        assert_eq!(year("19000101", "20240301", 10), "1934");
        assert_eq!(year("19340302", "20240301", 70), "1933");
    }

    #[test]
    fn times_of_day_are_told_from_other_numbers() {
        for text in ["15", "1530", "153059", "15:30", "15:30:59.5", "1530+0100", "153059.1234-05"] {
            assert!(is_time(text), "{text}");
        }
        for text in ["", "24", "1560", "153", "1", "15:", "15309", "15305911", "1530 JANE", "15.", "+0100"] {
            assert!(!is_time(text), "{text}");
        }
    }
}
