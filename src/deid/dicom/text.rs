//! Text of a data set: read by its character set, searched, and written back in a set that is valid. What cannot be read
//! is never passed on.

use super::value::is_standard_uid;
use crate::deid::known::{As, Known};
use crate::deid::text::{Mark, Scrubber, Shift, fold};
use crate::deid::{dates, leaks};
use crate::read::dicom::BODY_PARTS;
use crate::read::dicom::charset::Charset;
use crate::read::dicom::tape::Vr;

/// How a text is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Care {
    /// A text that the profile keeps: it loses the identifiers of the object's own people.
    Kept,
    /// A text that an option cleans.
    Cleaned,
}

/// What became of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Text {
    /// Nothing had to be changed.
    Same,
    /// New bytes, in the character set of the target.
    New(Vec<u8>),
    /// The bytes have no meaning in their character set, or nothing of the text may stay.
    Unread,
}

/// Character sets of one object.
#[derive(Clone, Copy, Debug)]
pub struct Scripts {
    /// How texts are read here.
    pub charset: Charset,
    /// Whether all texts are written as UTF-8: because a changed text does not fit its own set, or the set is not valid.
    pub utf8: bool,
}

/// The people of an object.
pub struct People {
    /// Their names and ids.
    pub known: Known,
    /// These, and the words of institutions and addresses: for texts that are cleaned. Makers of devices and terms share
    /// too many of them.
    pub with_places: Known,
    /// Whole names of institutions and lines of addresses in lower case.
    pub places: Vec<String>,
    /// How dates in texts are shifted; `None`: they go.
    pub shift: Option<Shift>,
    /// Days of the object's own dates, as days since 1970-01-01: a short text that tells one of them tells it of the patient.
    pub days: Vec<i32>,
    /// Day of birth (days since 1970-01-01), unless the object was made on that day: a newborn's dates are no birth dates.
    pub born: Option<i32>,
}

/// Digits from which on a number that is an id of the object's people is no coincidence.
const ID_DIGITS: usize = 6;

impl People {
    /// Whether the value of a DA or DT is the patient's birth date.
    pub fn born_on(&self, value: &str) -> bool {
        let day = value.get(..value.len().min(8)).and_then(dates::parse);
        self.born.is_some() && day.is_some_and(|day| Some(day.days) == self.born)
    }

    /// Whether the patient was 90 years and more on one of the object's days: their birth date does not even go shifted.
    pub fn is_oldest(&self) -> bool {
        let years = |days: i32| f64::from(days) / 365.2425;
        let oldest = f64::from(dates::OLDEST_AGE_YEARS) - 1.0;
        self.born.is_some_and(|born| self.days.iter().any(|day| years(day - born) >= oldest))
    }

    /// Whether a number is an id of the object's people, or the digits of one; round numbers are measures.
    pub fn is_id(&self, number: &str) -> bool {
        number.len() >= ID_DIGITS
            && number.bytes().all(|b| b.is_ascii_digit())
            && !number.ends_with("000")
            && self.known.get(fold::hash(number.as_bytes())).any(As(As::ID.0 | As::PHONE.0))
    }

    /// Whether a code string has a word that is a name or number of the object's people and no common word: codes are
    /// words of a standard, but people write into them what has no other place. Parts of the body are nobody, whatever a
    /// phantom is called.
    pub fn in_code(&self, code: &str) -> bool {
        let folded = fold::fold(code, false);
        // AX-7712/3 is one word, alone and behind another.
        let joined = |part: &str| fold::fold(part, false).replace(' ', "");
        let names = |word: &str| {
            let known = self.known.get(fold::hash(word.as_bytes()));
            let common = || Scrubber::shared().is_common(word);
            word.len() >= 4 && known.any(As(As::NAME.0 | As::ID.0 | As::PHONE.0)) && !known.any(As::LOOSE) && !common()
        };
        !self.known.is_empty()
            && !BODY_PARTS.iter().any(|(part, _)| part.eq_ignore_ascii_case(&joined(code)))
            && (names(&joined(code))
                || code.split(' ').any(|part| names(&joined(part)))
                || folded.split(' ').any(names))
    }
}

/// Whether a representation holds text in the character set of the object.
pub fn has_charset(vr: Vr) -> bool {
    matches!(&vr.0, b"LO" | b"LT" | b"PN" | b"SH" | b"ST" | b"UC" | b"UT")
}

/// Cleans a text. `wants_utf8` is set if the result does not fit the character set of the target.
pub fn clean(bytes: &[u8], vr: Vr, care: Care, people: &People, scripts: Scripts, wants_utf8: &mut bool) -> Text {
    let Some(text) = scripts.charset.read(bytes, vr.0 == *b"PN") else { return Text::Unread };
    // PS3.5 6.1.3: NUL is no character of a text. Between letters it is a sign of two bytes a letter: nobody can look into it.
    if text.trim_end_matches(['\0', ' ']).contains('\0') {
        return Text::Unread;
    }
    let plain = bytes.is_ascii() && !bytes.contains(&0x1B);
    if !plain && !scripts.charset.known() {
        *wants_utf8 = true;
    }
    let found = searched(&text, vr, care, people);
    match found {
        None if plain || !scripts.utf8 => Text::Same,
        None => Text::New(text.into_bytes()),
        Some(new) if new.is_empty() => Text::Unread,
        Some(new) if scripts.utf8 => Text::New(new.into_bytes()),
        Some(new) => match scripts.charset.write(&new) {
            Some(bytes) => Text::New(bytes),
            None => {
                *wants_utf8 = true;
                Text::New(new.into_bytes())
            }
        },
    }
}

/// The text without what names somebody; `None` if nothing had to be taken out.
fn searched(text: &str, vr: Vr, care: Care, people: &People) -> Option<String> {
    let scrub = |one: &str| Scrubber::shared().scrub(one, &people.with_places, people.shift).text.into_owned();
    let short = matches!(&vr.0, b"LO" | b"SH" | b"CS" | b"AE" | b"PN");
    let each = |one: &str| -> String {
        match care {
            // Short words that the profile keeps are terms of devices and methods; dictionaries of names know many of them.
            Care::Kept if short && !tells(one, people) => one.to_owned(),
            _ => scrub(one),
        }
    };
    let each = |one: &str| without_uids(&each(one));
    // The path of a file would be cut at its backslashes.
    let drive = text.get(1..3) == Some(":\\") && text.starts_with(|c: char| c.is_ascii_alphabetic());
    let path = drive || text.starts_with("\\\\");
    let new = match (short || vr.0 == *b"UC") && !(path && care == Care::Cleaned) {
        true => text.split('\\').map(each).collect::<Vec<_>>().join("\\"),
        false => each(text),
    };
    (new != text).then(|| fitted(new, vr))
}

/// Whether a short text names somebody of the object or an institution, tells one of its days, or has a way to reach
/// somebody in it.
pub(super) fn tells(text: &str, people: &People) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let reach = |mark| matches!(mark, Mark::Phone | Mark::Email);
    let own_day = || {
        let mut own = false;
        leaks::dates_in(text, &mut |readings| own |= readings.iter().any(|day| people.days.contains(day)));
        own
    };
    let place = || {
        let text = text.to_lowercase();
        people.places.iter().any(|place| stands_in(&text, place))
    };
    people.known.names(text)
        || !people.places.is_empty() && place()
        || digits >= 5 && !people.days.is_empty() && own_day()
        || (digits >= 7 || text.contains('@'))
            && Scrubber::shared().find(text, &people.known).iter().any(|span| reach(span.mark))
}

/// Whether a place stands in a text; a single word as a word of its own. Both in lower case.
fn stands_in(text: &str, place: &str) -> bool {
    if place.contains(' ') || !place.is_ascii() {
        return text.contains(place);
    }
    text.match_indices(place).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let behind = text.get(at + place.len()..).and_then(|text| text.chars().next());
        ![before, behind].into_iter().flatten().any(char::is_alphanumeric)
    })
}

/// The text with UIDs, which name an object as well as an id does, as `[ID]`; those of the standard stay.
fn without_uids(text: &str) -> String {
    let part = |c: char| c.is_ascii_digit() || c == '.';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(part) {
        let (before, tail) = rest.split_at(start);
        let (run, behind) = tail.split_at(tail.find(|c| !part(c)).unwrap_or(tail.len()));
        let uid = run.len() >= 16 && run.matches('.').count() >= 4 && !is_standard_uid(run.trim_matches('.'));
        out.push_str(before);
        out.push_str(if uid { Mark::Id.text() } else { run });
        rest = behind;
    }
    out + rest
}

/// Marks can be longer than what they stand for: cut to what the representation holds.
fn fitted(text: String, vr: Vr) -> String {
    let most = match &vr.0 {
        b"AE" | b"CS" | b"SH" => 16,
        b"LO" | b"PN" => 64,
        _ => return text,
    };
    let cut = |value: &str| value.chars().take(most).collect::<String>();
    text.split('\\').map(cut).collect::<Vec<_>>().join("\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_in_a_text_is_an_id() {
        let text = "see 1.2.840.113619.2.55.3.604688119. and 1.2.840.10008.5.1.4.1.1.2, version 1.2.3";
        assert_eq!(without_uids(text), "see [ID] and 1.2.840.10008.5.1.4.1.1.2, version 1.2.3");
    }

    #[test]
    fn code_strings_stay_unless_they_name_somebody_and_are_no_common_words() {
        let mut known = Known::new();
        known.name("QUIMBY^ANNABEL^KNEE");
        known.id("HEADLESS");
        known.id("AX-7712/3");
        let people =
            People { with_places: known.clone(), known, places: Vec::new(), shift: None, days: Vec::new(), born: None };
        for code in ["KNEE", "ORIGINAL", "HEADLESS", "AXIAL", "ANNA", "QUIM", "7712", ""] {
            assert!(!people.in_code(code), "{code}");
        }
        for code in ["KNEE QUIMBY", "annabel", "ANNABEL_QUIMBY", "AX-7712/3", "AX77123", "HFS AX-7712/3"] {
            assert!(people.in_code(code), "{code}");
        }
    }

    #[test]
    fn short_words_stay_unless_they_name_or_reach_somebody() {
        let mut known = Known::new();
        known.name("QUIMBY^ANNABEL");
        let mut with_places = known.clone();
        with_places.address("Mercy General");
        let people = People {
            with_places,
            known,
            places: vec!["mercy general".into()],
            shift: None,
            days: Vec::new(),
            born: None,
        };
        let same = |text| searched(text, Vr(*b"LO"), Care::Kept, &people).is_none();
        for kept in
            ["Philips Medical Systems", "Jordan 3000", "B30f\\*tfl3d1", "syngo.via VB20A", "2019.03.12", "GENERAL"]
        {
            assert!(same(kept), "{kept}");
        }
        for changed in ["for Annabel Quimby", "call 415-555-0132", "ann@example.org", "at Mercy General"] {
            assert!(!same(changed), "{changed}");
        }
    }
}
