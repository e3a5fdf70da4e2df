//! Decimal numbers as people write them in messages and tables.

/// A number with a decimal point, with or without exponent. No `inf`, no `NaN`, no hexadecimal.
pub fn decimal(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.bytes().any(|b| b.is_ascii_digit());
    let plain = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    text.parse().ok().filter(|number: &f64| digits && plain && number.is_finite())
}

/// A number with a decimal comma, where the comma can be nothing else: one comma between digits, and not before exactly
/// three of them unless a zero stands before it. `1,234` may be a thousand and more.
pub fn comma(text: &str) -> Option<f64> {
    let (whole, fraction) = text.trim().split_once(',')?;
    let unsigned = whole.strip_prefix(['-', '+']).unwrap_or(whole);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let sure = fraction.len() != 3 || unsigned == "0";
    if digits(unsigned) && digits(fraction) && sure { decimal(&format!("{whole}.{fraction}")) } else { None }
}

/// Comparators, longest first, and how they are written out.
const COMPARATORS: &[(&str, &str)] =
    &[("<=", "<="), (">=", ">="), ("<>", "<>"), ("≤", "<="), ("≥", ">="), ("<", "<"), (">", ">"), ("=", "=")];

/// A comparator and what follows it.
pub fn comparator(text: &str) -> (Option<&'static str>, &str) {
    let text = text.trim();
    let found = COMPARATORS.iter().find_map(|(sign, word)| text.strip_prefix(sign).map(|rest| (*word, rest)));
    found.map_or((None, text), |(word, rest)| (Some(word), rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_plain_decimals() {
        for (text, want) in [
            ("5.5", Some(5.5)),
            (" -3 ", Some(-3.0)),
            ("1e3", Some(1000.0)),
            ("inf", None),
            ("NaN", None),
            ("0x10", None),
            ("", None),
            ("-", None),
            ("1,5", None),
        ] {
            assert_eq!(decimal(text), want, "{text}");
        }
    }

    #[test]
    fn a_comma_counts_where_it_can_be_no_other() {
        for (text, want) in [
            ("3,5", Some(3.5)),
            ("-3,50", Some(-3.5)),
            ("0,125", Some(0.125)),
            ("12,3456", Some(12.3456)),
            ("1,234", None),
            ("1,234,567", None),
            (",5", None),
            ("5,", None),
            ("3,5e2", None),
            ("3.5", None),
        ] {
            assert_eq!(comma(text), want, "{text}");
        }
    }
}
