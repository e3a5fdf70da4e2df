//! The value of an OBX by its data type (OBX-2), reference ranges and units.

use super::message::Segment;
use super::take::{Made, decimal, joined, text, words};
use super::value::Value;
use crate::model::Given;
use crate::read::decimal::{comma, comparator};
use std::borrow::Cow;

/// One value, taken apart. What its type does not have stays null.
#[derive(Default)]
pub(super) struct Observed<'m> {
    number: Option<f64>,
    comparator: Option<&'static str>,
    separator: Given<'m>,
    number_2: Option<f64>,
    code: Given<'m>,
    code_system: Given<'m>,
    words: Given<'m>,
    time: Given<'m>,
    bytes: Option<u64>,
}

/// Whether the repetitions of a value are one text rather than several values.
pub(super) fn is_text(obx: &Segment<'_>) -> bool {
    matches!(obx.field(2).raw(), b"TX" | b"FT")
}

impl<'m> Observed<'m> {
    /// Takes one repetition of OBX-5 apart (the whole field for TX and FT).
    pub(super) fn of(obx: &Segment<'m>, value: Value<'m>) -> Self {
        let mut seen = Self::default();
        match obx.field(2).raw() {
            b"NM" => seen.measure(value, true),
            b"SN" => seen.structured(value),
            b"CWE" | b"CNE" | b"CE" | b"CF" | b"IS" | b"ID" => {
                seen.code = text(value.leaf(1));
                seen.code_system = text(value.leaf(3));
                let original = value.leaf(9);
                seen.words = text(if original.is_blank() { value.leaf(2) } else { original });
            }
            b"DT" | b"DTM" | b"TS" => seen.time = text(value.leaf(1)),
            b"ED" => {
                let data = value.component(5);
                seen.bytes = (!data.is_blank()).then_some(data.raw().len() as u64);
            }
            // Pointers, and identifiers, names, addresses and telephone numbers of people: not kept.
            b"RP" | b"CX" | b"EI" | b"HD" | b"XPN" | b"PN" | b"PPN" | b"XCN" | b"CN" | b"CNN" | b"XAD" | b"AD"
            | b"XTN" | b"TN" | b"XON" | b"PL" | b"CK" | b"DLN" => {}
            b"TX" | b"FT" => {
                seen.words = joined(value, "\n", |part| part);
                if value.repetitions().nth(1).is_none() {
                    seen.measure(value, measured(obx));
                }
            }
            // ST, TM, an empty OBX-2, and types that the standard does not have.
            _ => {
                seen.words = text(value);
                seen.measure(value, measured(obx));
            }
        }
        seen
    }

    /// A number with or without a comparator. `sure` says that the value is a measurement; without it, only a
    /// comparator makes one: a bare number in a text may be anybody's identifier.
    fn measure(&mut self, value: Value<'m>, sure: bool) {
        // No number is longer than this; an embedded document is not looked through for one.
        if value.raw().len() > 64 {
            if sure && matches!(self.words, Given::Null) {
                self.words = text(value);
            }
            return;
        }
        let raw = value.text();
        let (sign, rest) = comparator(&raw);
        match decimal(rest) {
            Some(number) if sure || sign.is_some() => {
                self.number = Some(number);
                self.comparator = sign;
            }
            None if sure && matches!(self.words, Given::Null) => self.words = words(raw),
            _ => {}
        }
    }

    /// SN: comparator ^ number ^ separator ^ number.
    fn structured(&mut self, value: Value<'m>) {
        let sign = value.component(1).text();
        let (known, rest) = comparator(&sign);
        let numbers = [value.component(2), value.component(4)].map(|part| (decimal(&part.text()), part.is_blank()));
        let [(first, no_first), (second, no_second)] = numbers;
        let readable = rest.is_empty() && (first.is_some() || no_first) && (second.is_some() || no_second);
        if readable && first.is_some() {
            self.number = first;
            self.number_2 = second;
            self.comparator = known;
            self.separator = text(value.component(3));
        } else {
            self.words = text(value);
        }
    }

    /// The cell of one column.
    pub(super) fn cell(&mut self, made: Made) -> Given<'m> {
        let number = |number: Option<f64>| number.map_or(Given::Null, Given::F64);
        match made {
            Made::Number => number(self.number),
            Made::Comparator => self.comparator.map_or(Given::Null, |sign| Given::Text(Cow::Borrowed(sign))),
            Made::Separator => std::mem::take(&mut self.separator),
            Made::Number2 => number(self.number_2),
            Made::ValueCode => std::mem::take(&mut self.code),
            Made::ValueCodeSystem => std::mem::take(&mut self.code_system),
            Made::ValueText => std::mem::take(&mut self.words),
            Made::ValueTime => std::mem::take(&mut self.time),
            Made::ValueBytes => self.bytes.map_or(Given::Null, Given::U64),
            _ => Given::Null,
        }
    }
}

/// Whether unit or range say that the value of an OBX is a measurement.
fn measured(obx: &Segment<'_>) -> bool {
    !obx.field(6).is_blank() || !obx.field(7).is_blank()
}

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

/// Units as laboratories write them, as [`spelled`] spells them, and what they are in UCUM. Only spellings with one
/// meaning are here.
const UNITS: &[(&str, &str)] = &[
    ("%", "%"),
    ("/100wbc", "/100{WBCs}"),
    ("/hpf", "/[HPF]"),
    ("/lpf", "/[LPF]"),
    ("/min", "/min"),
    ("/nl", "/nL"),
    ("/ul", "/uL"),
    ("10*12/l", "10*12/L"),
    ("10*3/mm3", "10*3/uL"),
    ("10*3/ul", "10*3/uL"),
    ("10*6/mm3", "10*6/uL"),
    ("10*6/ul", "10*6/uL"),
    ("10*9/l", "10*9/L"),
    ("[degf]", "[degF]"),
    ("beats/min", "/min"),
    ("bpm", "/min"),
    ("breaths/min", "/min"),
    ("cel", "Cel"),
    ("cells/ul", "/uL"),
    ("celsius", "Cel"),
    ("cm", "cm"),
    ("degc", "Cel"),
    ("degf", "[degF]"),
    ("fahrenheit", "[degF]"),
    ("fl", "fL"),
    ("g", "g"),
    ("g/24h", "g/(24.h)"),
    ("g/dl", "g/dL"),
    ("g/l", "g/L"),
    ("gm/dl", "g/dL"),
    ("grams/dl", "g/dL"),
    ("h", "h"),
    ("hours", "h"),
    ("hr", "h"),
    ("in", "[in_i]"),
    ("inches", "[in_i]"),
    ("iu/l", "[IU]/L"),
    ("iu/ml", "[IU]/mL"),
    ("k/mm3", "10*3/uL"),
    ("k/ul", "10*3/uL"),
    ("kg", "kg"),
    ("kg/m*2", "kg/m2"),
    ("kg/m2", "kg/m2"),
    ("kpa", "kPa"),
    ("ku/l", "kU/L"),
    ("l", "L"),
    ("l/l", "L/L"),
    ("l/min", "L/min"),
    ("lb", "[lb_av]"),
    ("lbs", "[lb_av]"),
    ("m", "m"),
    ("m/mm3", "10*6/uL"),
    ("m/ul", "10*6/uL"),
    ("meq/l", "meq/L"),
    ("mg", "mg"),
    ("mg/24h", "mg/(24.h)"),
    ("mg/dl", "mg/dL"),
    ("mg/g", "mg/g"),
    ("mg/l", "mg/L"),
    ("mg/mmol", "mg/mmol"),
    ("min", "min"),
    ("minutes", "min"),
    ("miu/l", "m[IU]/L"),
    ("miu/ml", "m[IU]/mL"),
    ("ml", "mL"),
    ("ml/min", "mL/min"),
    ("ml/min/1.73m*2", "mL/min/{1.73_m2}"),
    ("ml/min/1.73m2", "mL/min/{1.73_m2}"),
    ("ml/min/{1.73_m2}", "mL/min/{1.73_m2}"),
    ("mm", "mm"),
    ("mm/h", "mm/h"),
    ("mm/hr", "mm/h"),
    ("mm[hg]", "mm[Hg]"),
    ("mmhg", "mm[Hg]"),
    ("mmol/l", "mmol/L"),
    ("mmol/mol", "mmol/mol"),
    ("mosm/kg", "mosm/kg"),
    ("mosmol/kg", "mosm/kg"),
    ("ng/dl", "ng/dL"),
    ("ng/l", "ng/L"),
    ("ng/ml", "ng/mL"),
    ("nmol/l", "nmol/L"),
    ("pg", "pg"),
    ("pg/ml", "pg/mL"),
    ("ph", "[pH]"),
    ("pmol/l", "pmol/L"),
    ("s", "s"),
    ("sec", "s"),
    ("seconds", "s"),
    ("thou/ul", "10*3/uL"),
    ("thousand/ul", "10*3/uL"),
    ("u/l", "U/L"),
    ("u/ml", "U/mL"),
    ("ug", "ug"),
    ("ug/dl", "ug/dL"),
    ("ug/l", "ug/L"),
    ("ug/ml", "ug/mL"),
    ("uiu/ml", "u[IU]/mL"),
    ("umol/l", "umol/L"),
    ("units/l", "U/L"),
    ("\u{b0}c", "Cel"),
    ("\u{b0}f", "[degF]"),
];

/// A unit without blanks and case, micro as `u`, powers of ten as `10*3`.
fn spelled(unit: &str) -> String {
    let plain: String = unit.chars().filter(|c| *c != ' ').flat_map(char::to_lowercase).collect();
    // U+03BC and U+00B5 look alike.
    let plain = plain.replace(['\u{3BC}', '\u{B5}'], "u").replace('^', "*").replace("mcg", "ug").replace("mcl", "ul");
    let plain = plain.replace('\u{b2}', "2").replace('\u{b3}', "3").replace("mcmol", "umol");
    let power = plain.strip_prefix('x').filter(|rest| rest.starts_with("10")).unwrap_or(&plain);
    match power.strip_prefix("10e") {
        Some(exponent) => format!("10*{exponent}"),
        None => power.to_owned(),
    }
}

/// The unit of an OBX in UCUM.
pub(super) fn ucum<'m>(unit: Value<'m>) -> Given<'m> {
    let given = unit.leaf(1).text();
    if unit.leaf(3).raw().eq_ignore_ascii_case(b"UCUM") {
        return words(given);
    }
    // G/L is grams in a system without small letters, and 10*9/L in France.
    if given.len() > 24 || matches!(given.trim(), "G/L" | "T/L") {
        return Given::Null;
    }
    let plain = spelled(&given);
    UNITS.iter().find(|row| row.0 == plain).map_or(Given::Null, |row| Given::Text(Cow::Borrowed(row.1)))
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

    #[test]
    fn units_are_in_order_and_once() {
        let mut names: Vec<_> = UNITS.iter().map(|row| row.0).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), UNITS.len());
        assert!(UNITS.iter().all(|row| spelled(row.0) == row.0));
        assert!(UNITS.is_sorted());
    }

    #[test]
    fn units_become_ucum_however_they_are_spelled() {
        let found = |unit: &str| UNITS.iter().find(|row| row.0 == spelled(unit)).map(|row| row.1);
        for unit in ["10*3/uL", "x10^3/uL", "X10E3/UL", "10E3/mcL", "K/uL", "K/mcL", "Thousand/uL"] {
            assert_eq!(found(unit), Some("10*3/uL"), "{unit}");
        }
        for (unit, want) in [
            ("mg/dl", Some("mg/dL")),
            ("\u{b5}g/L", Some("ug/L")),
            ("\u{3bc}mol/l", Some("umol/L")),
            ("MCG/DL", Some("ug/dL")),
            ("mm Hg", Some("mm[Hg]")),
            ("mL/min/1.73 m\u{b2}", Some("mL/min/{1.73_m2}")),
            ("kg/m^2", Some("kg/m2")),
            ("\u{b0}F", Some("[degF]")),
            ("10^12/L", Some("10*12/L")),
            ("pills", None),
            ("ratio", None),
        ] {
            assert_eq!(found(unit), want, "{unit}");
        }
    }

    #[test]
    fn numbers_are_plain_decimals() {
        assert_eq!(decimal(" +7.5 "), Some(7.5));
        assert_eq!(decimal("1e3"), Some(1000.0));
        for text in ["", "inf", "NaN", "1,5", "0x10", "e", "1e999", "12-31"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }
}
