//! Units (OBX-6) in UCUM, as far as they are known: a table of how laboratories spell them.

use super::take::words;
use super::value::Value;
use crate::model::Given;
use std::borrow::Cow;

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
}
