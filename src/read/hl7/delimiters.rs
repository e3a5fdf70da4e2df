//! The characters a message declares for itself in MSH-1 and MSH-2 (HL7 v2.5.1 chapter 2.5.4). Nothing is assumed:
//! `^~\&` is only what most senders choose.

use crate::error::{Fault, Reason, Result};

/// The delimiters of one message. Those that MSH-2 is too short to declare do not exist in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delimiters {
    /// MSH-1.
    pub field: u8,
    /// First character of MSH-2.
    pub component: u8,
    /// Second character of MSH-2.
    pub repetition: Option<u8>,
    /// Third character of MSH-2.
    pub escape: Option<u8>,
    /// Fourth character of MSH-2.
    pub subcomponent: Option<u8>,
    /// Fifth character of MSH-2, since version 2.7; values are not cut at it.
    pub truncation: Option<u8>,
}

/// Whether a byte can be a delimiter: visible ASCII that is neither letter nor digit.
pub(super) fn can_delimit(byte: u8) -> bool {
    byte.is_ascii_punctuation()
}

impl Delimiters {
    /// Reads the delimiters from the beginning of a message; its first three bytes are known to be `MSH`.
    pub(super) fn read(header: &[u8]) -> Result<Self> {
        let bad = |place, cause| Fault::input(Reason::BadHeaderSegment, place, cause);
        let field = match header.get(3) {
            Some(&byte) if can_delimit(byte) => byte,
            _ => return Err(bad("MSH-1", "no field separator follows MSH")),
        };
        let rest = header.get(4..).unwrap_or_default();
        let end = rest.iter().position(|&b| b == field || b.is_ascii_control()).unwrap_or(rest.len());
        let declared = rest.get(..end).unwrap_or_default();
        let Some((&component, more)) = declared.split_first() else {
            return Err(bad("MSH-2", "no encoding characters"));
        };
        if declared.len() > 5 {
            return Err(bad("MSH-2", "more than five encoding characters").number("found", declared.len() as u64));
        }
        let unusable = |at: usize, byte: u8| !can_delimit(byte) || declared.iter().skip(at + 1).any(|&b| b == byte);
        if declared.iter().enumerate().any(|(at, &byte)| unusable(at, byte)) {
            return Err(bad("MSH-2", "an encoding character is a letter, a digit, or declared twice"));
        }
        Ok(Self {
            field,
            component,
            repetition: more.first().copied(),
            escape: more.get(1).copied(),
            subcomponent: more.get(2).copied(),
            truncation: more.get(3).copied(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(header: &str, place: &str) {
        let fault = Delimiters::read(header.as_bytes()).unwrap_err();
        assert_eq!((fault.reason, fault.place), (Reason::BadHeaderSegment, place), "{header}");
    }

    #[test]
    fn four_and_five_and_odd_characters_are_read_by_place() {
        let usual = Delimiters::read(b"MSH|^~\\&|LAB").unwrap();
        assert_eq!((usual.field, usual.component, usual.repetition), (b'|', b'^', Some(b'~')));
        assert_eq!((usual.escape, usual.subcomponent, usual.truncation), (Some(b'\\'), Some(b'&'), None));
        assert_eq!(Delimiters::read(b"MSH|^~\\&#|").unwrap().truncation, Some(b'#'));
        let odd = Delimiters::read(b"MSH*:;?!*").unwrap();
        assert_eq!((odd.field, odd.component, odd.subcomponent), (b'*', b':', Some(b'!')));
        assert_eq!(Delimiters::read(b"MSH|^~|").unwrap().escape, None);
    }

    #[test]
    fn what_cannot_delimit_is_refused_with_its_place() {
        refused("MSH", "MSH-1");
        refused("MSH\rPID", "MSH-1");
        refused("MSH||LAB", "MSH-2");
        refused("MSH|^~\\&#$|", "MSH-2");
        refused("MSH|^~^&|", "MSH-2");
        refused("MSH|^~A&|", "MSH-2");
        refused("MSH|^~ &|", "MSH-2");
    }
}
