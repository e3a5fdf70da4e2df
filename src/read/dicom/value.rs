//! Numbers out of values, strictly: an attribute is absent (`None`), or it has a usable value, or it is a fault with
//! its keyword as place. Nothing is replaced by a default here.

use super::limits::MAX_NUMBERS;
use super::tape::{Element, Scope, Tape};
use super::words::{Attribute, standard_vr};
use crate::error::{Fault, Reason, Result};

/// How `XS` (US or SS) is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ambiguous {
    /// As US.
    Unsigned,
    /// As SS.
    Signed,
}

/// The fault of an attribute whose value cannot be used.
pub fn bad(attribute: Attribute, cause: &'static str) -> Fault {
    Fault::input(Reason::BadValue, attribute.keyword, cause)
}

/// The fault of an attribute that must be there.
pub fn missing(attribute: Attribute) -> Fault {
    Fault::input(Reason::BadValue, attribute.keyword, "the attribute is missing or empty")
}

impl Tape {
    /// The element, if it is there and not empty.
    pub fn filled(&self, scope: Scope, attribute: Attribute) -> Option<&Element> {
        self.find(scope, attribute.tag)
            .filter(|e| self.bytes(e).iter().any(|&b| b != b' ' && b != 0) || binary(e) && e.len > 0)
    }

    /// All values of an integer attribute.
    pub fn integers(&self, scope: Scope, attribute: Attribute, xs: Ambiguous) -> Result<Option<Vec<i64>>> {
        let Some(element) = self.filled(scope, attribute) else { return Ok(None) };
        let numbers = self.numbers(element, xs).ok_or_else(|| bad(attribute, "the value is not a number"))?;
        let whole = |v: &f64| v.fract() == 0.0 && v.abs() < 9.0e15;
        if !numbers.iter().all(whole) {
            return Err(bad(attribute, "the value is not a whole number"));
        }
        Ok(Some(numbers.into_iter().map(|v| v as i64).collect()))
    }

    /// The one value of an integer attribute.
    pub fn integer(&self, scope: Scope, attribute: Attribute) -> Result<Option<i64>> {
        match self.integers(scope, attribute, Ambiguous::Unsigned)?.as_deref() {
            None => Ok(None),
            Some([one]) => Ok(Some(*one)),
            Some(_) => Err(bad(attribute, "expected one value")),
        }
    }

    /// All values of a decimal attribute, finite.
    pub fn decimals(&self, scope: Scope, attribute: Attribute) -> Result<Option<Vec<f64>>> {
        let Some(element) = self.filled(scope, attribute) else { return Ok(None) };
        self.numbers(element, Ambiguous::Unsigned).map(Some).ok_or_else(|| bad(attribute, "the value is not a number"))
    }

    /// The one value of a decimal attribute.
    pub fn decimal(&self, scope: Scope, attribute: Attribute) -> Result<Option<f64>> {
        match self.decimals(scope, attribute)?.as_deref() {
            None => Ok(None),
            Some([one]) => Ok(Some(*one)),
            Some(_) => Err(bad(attribute, "expected one value")),
        }
    }

    /// Every value of an element as a number; `None` if one of them is none, or there are none at all.
    pub fn numbers(&self, element: &Element, xs: Ambiguous) -> Option<Vec<f64>> {
        let bytes = self.bytes(element);
        let vr = match &element.vr.0 {
            b"UN" => standard_vr(element.tag)?.0,
            other => *other,
        };
        let big = element.big_endian;
        macro_rules! binary {
            ($type:ty) => {{
                const SIZE: usize = std::mem::size_of::<$type>();
                let (cells, rest) = bytes.as_chunks::<SIZE>();
                if !rest.is_empty() || cells.is_empty() || cells.len() > MAX_NUMBERS {
                    return None;
                }
                let read = |&c: &[u8; SIZE]| if big { <$type>::from_be_bytes(c) } else { <$type>::from_le_bytes(c) };
                cells.iter().map(|c| read(c) as f64).collect::<Vec<_>>()
            }};
        }
        let numbers: Vec<f64> = match (&vr, xs) {
            (b"US" | b"OW", _) | (b"XS", Ambiguous::Unsigned) => binary!(u16),
            (b"SS", _) | (b"XS", Ambiguous::Signed) => binary!(i16),
            (b"UL" | b"OL", _) => binary!(u32),
            (b"SL", _) => binary!(i32),
            (b"UV" | b"OV", _) => binary!(u64),
            (b"SV", _) => binary!(i64),
            (b"FL" | b"OF", _) => binary!(f32),
            (b"FD" | b"OD", _) => binary!(f64),
            (b"DS" | b"IS", _) => {
                let text = std::str::from_utf8(bytes).ok()?;
                text.split('\\').take(MAX_NUMBERS).map(decimal).collect::<Option<Vec<_>>>()?
            }
            _ => return None,
        };
        numbers.iter().all(|v| v.is_finite()).then_some(numbers)
    }
}

/// Whether zeros can be a value, not padding.
fn binary(element: &Element) -> bool {
    !matches!(
        &element.vr.0,
        b"AE"
            | b"AS"
            | b"CS"
            | b"DA"
            | b"DS"
            | b"DT"
            | b"IS"
            | b"LO"
            | b"LT"
            | b"PN"
            | b"SH"
            | b"ST"
            | b"TM"
            | b"UI"
            | b"UC"
            | b"UT"
            | b"UR"
    )
}

/// A decimal string (PS3.5 6.2), strictly: no `inf`, no `nan`, no second thoughts.
pub fn decimal(text: &str) -> Option<f64> {
    let text = text.trim_matches(|c: char| c == ' ' || c == '\0');
    let plain = |b: u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E');
    if text.len() > 64 || !text.bytes().all(plain) {
        return None;
    }
    text.parse().ok()
}
