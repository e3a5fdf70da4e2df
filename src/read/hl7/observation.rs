//! The value of an OBX by its data type (OBX-2).

use super::message::Segment;
use super::take::{Made, decimal, joined, text, words};
use super::value::Value;
use crate::model::Given;
use crate::read::decimal::comparator;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_plain_decimals() {
        assert_eq!(decimal(" +7.5 "), Some(7.5));
        assert_eq!(decimal("1e3"), Some(1000.0));
        for text in ["", "inf", "NaN", "1,5", "0x10", "e", "1e999", "12-31"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }
}
