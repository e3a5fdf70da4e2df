//! Reference ranges (OBX-7) as laboratories write them: their limits.

use super::take::decimal;
use crate::read::decimal::{comma, comparator};

/// Lower and upper limit of a reference range: `70-110`, `-2 to 2`, `<5.0`, `>= 60`, `3,5 - 5,0`, each with its unit behind
/// it or not. What is neither has none.
pub(super) fn limits(range: &str) -> (Option<f64>, Option<f64>) {
    let range = range.trim();
    let range = range.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(range);
    match comparator(range) {
        (Some("<" | "<="), rest) => return (None, limit(rest)),
        (Some(">" | ">="), rest) => return (limit(rest), None),
        (Some(_), _) => return (None, None),
        (None, _) => {}
    }
    let sign = usize::from(range.starts_with(['-', '+']));
    let body = range.get(sign..).unwrap_or_default();
    let end = body.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(body.len());
    let (low, rest) = range.split_at_checked(sign + end).unwrap_or((range, ""));
    let rest = rest.trim_start();
    let high = ["-", "\u{2013}", "to"].iter().find_map(|dash| rest.strip_prefix(dash));
    match (plain(low), high.and_then(limit)) {
        (Some(low), Some(high)) if low <= high => (Some(low), Some(high)),
        _ => (None, None),
    }
}

/// A number with a point or, where it can be nothing else, a comma.
fn plain(text: &str) -> Option<f64> {
    decimal(text).or_else(|| comma(text))
}

/// One limit, with nothing or a unit behind it.
fn limit(text: &str) -> Option<f64> {
    let text = text.trim();
    plain(text).or_else(|| {
        let end = text.find(|c: char| !c.is_ascii_digit() && !"+-.,".contains(c))?;
        let (number, unit) = text.split_at_checked(end)?;
        let unit = unit.trim();
        let fits = unit.len() <= 12 && unit.starts_with(|c: char| c.is_alphabetic() || "%/[".contains(c));
        if fits && !unit.contains(char::is_whitespace) { plain(number) } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_in_the_forms_laboratories_write() {
        for (range, want) in [
            ("70-110", (Some(70.0), Some(110.0))),
            ("3.5 - 5.1", (Some(3.5), Some(5.1))),
            ("-2-+2", (Some(-2.0), Some(2.0))),
            ("-5 to -1", (Some(-5.0), Some(-1.0))),
            ("<5.0", (None, Some(5.0))),
            (">= 60", (Some(60.0), None)),
            ("110-70", (None, None)),
            ("70_105", (None, None)),
            ("negative", (None, None)),
            ("<", (None, None)),
            ("3,5 - 5,0", (Some(3.5), Some(5.0))),
            ("3,5-5,0", (Some(3.5), Some(5.0))),
            ("(0.7 - 1.3)", (Some(0.7), Some(1.3))),
            ("3.5-5.1 mmol/L", (Some(3.5), Some(5.1))),
            ("<5 mg/dL", (None, Some(5.0))),
            ("\u{2265}60mL/min", (Some(60.0), None)),
            ("150,000 - 400,000", (None, None)),
            ("3-5 of Jane Roe", (None, None)),
            ("1-2-3", (None, None)),
            ("", (None, None)),
        ] {
            assert_eq!(limits(range), want, "{range}");
        }
    }
}
