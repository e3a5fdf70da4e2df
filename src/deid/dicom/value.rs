//! One value: what is written in its place. The action comes from the profile; an attribute that the profile does not know
//! is treated here by its value representation and its content.

use super::concepts::About;
use super::date;
use super::dummy::{TEXT, dummy};
use super::profile::{Action, Dates, Otherwise, Profile};
use super::text::{self, Care, People, Scripts, Text};
use super::unlisted;
use crate::deid::identity::{Crosswalk, Identity, Person};
use crate::model::table::PersonId;
use crate::model::{Domain, Tag};
use crate::read::dicom::tape::{Tape, Vr};
use encoding_rs::mem::decode_latin1;
use std::borrow::Cow;
use std::ops::Range;

/// What is written in place of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum New {
    /// Nothing: the attribute goes.
    Gone,
    /// The bytes as they are.
    Same,
    /// Other bytes, of text or without byte order.
    Bytes(Vec<u8>),
}

/// What every value of an object may need.
pub struct Object<'a> {
    /// The profile of the run.
    pub profile: &'a Profile,
    /// The pseudonyms of the run.
    pub identity: &'a Identity,
    /// Whose object it is.
    pub person: Person,
    /// Whom its texts may name.
    pub people: People,
    /// Old and new ids.
    pub crosswalk: &'a mut Crosswalk,
    /// A text did not fit its character set: the object must be written as UTF-8.
    pub wants_utf8: bool,
}

/// What of the texts in a sequence may stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// Those that name nobody of the object.
    Kept,
    /// What cleaning leaves of them (action C on a sequence around them).
    Cleaned,
    /// None but those of standard codes (action D on a content tree or on annotations).
    Codes,
    /// None (action D on any other sequence).
    None,
}

/// One value on its way.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    /// Its attribute.
    pub tag: Tag,
    /// How it is read and written.
    pub vr: Vr,
    /// The bytes.
    pub bytes: &'a [u8],
    /// Character sets.
    pub scripts: Scripts,
    /// Whether it lies at the top level.
    pub top: bool,
    /// What of the texts around it may stay.
    pub words: Words,
    /// Whether it is part of a coded entry, and of a standard's coding scheme.
    pub coded: Option<bool>,
    /// What the content item is about that it stands in.
    pub about: About,
}

/// Longest value of unknown kind that may be text.
const MOST_WORDS: usize = 1 << 16;
/// Groups whose numbers say how images and pixels belong together (SeriesNumber, InstanceNumber, NumberOfFrames): they stay,
/// whatever a patient's id is.
const STRUCTURE: &[u16] = &[0x0020, 0x0028];
/// Code strings without which pixels cannot be read: PhotometricInterpretation, VOILUTFunction.
const PIXEL_TERMS: &[Tag] = &[Tag(0x0028, 0x0004), Tag(0x0028, 0x1056)];
const MODALITY: Tag = Tag(0x0008, 0x0060);
const DEVICE_SERIAL_NUMBER: Tag = Tag(0x0018, 0x1000);
const PATIENT_NAME: Tag = Tag(0x0010, 0x0010);
const PATIENT_ID: Tag = Tag(0x0010, 0x0020);
const PATIENT_AGE: Tag = Tag(0x0010, 0x1010);
const ACCESSION_NUMBER: Tag = Tag(0x0008, 0x0050);
const STUDY_ID: Tag = Tag(0x0020, 0x0010);
/// CodingSchemeResponsibleOrganization.
const SCHEME_KEEPER: Tag = Tag(0x0008, 0x0116);
const SCHEME: Tag = Tag(0x0008, 0x0102);
/// TextValue of a content item.
const TEXT_VALUE: Tag = Tag(0x0040, 0xA160);
/// DateTime and Date of a content item.
const CONTENT_DAYS: &[Tag] = &[Tag(0x0040, 0xA120), Tag(0x0040, 0xA121)];
const ZONE: Tag = Tag(0x0008, 0x0201);

impl Value<'_> {
    /// The value as text without padding; what is not ASCII stands as U+FFFD.
    fn ascii(&self) -> String {
        String::from_utf8_lossy(self.bytes).trim_matches([' ', '\0']).to_owned()
    }

    /// The whole value as text, if every byte of it is part of a character of the object's set and none is a control.
    fn words(&self) -> Option<String> {
        let end = self.bytes.iter().rposition(|b| *b != 0)?;
        let bytes = self.bytes.get(..=end).filter(|bytes| bytes.len() <= MOST_WORDS)?;
        let control = |b: &u8| *b < b' ' && !matches!(b, b'\t' | b'\n' | 0x0C | b'\r' | 0x1B) || *b == 0x7F;
        (!bytes.iter().any(control)).then(|| self.scripts.charset.read(bytes, false))?
    }

    fn is_text(&self) -> bool {
        text::has_charset(self.vr)
    }
}

impl Object<'_> {
    /// What is written in place of a value, by the action of the profile, or without one.
    pub fn value(&mut self, action: Option<Action>, value: &Value) -> New {
        if self.says_who(value) {
            return dumb(value.vr);
        }
        match action {
            Some(Action::Remove) => New::Gone,
            Some(Action::Empty) => self.pseudonym(value).map_or(New::Bytes(Vec::new()), New::Bytes),
            Some(Action::Dummy) => self.pseudonym(value).map_or_else(|| dumb(value.vr), New::Bytes),
            Some(Action::Uid) => self.uids(value),
            Some(Action::Shift(otherwise)) => self.shift(value).unwrap_or_else(|| match otherwise {
                Otherwise::Remove => New::Gone,
                Otherwise::Empty => New::Bytes(Vec::new()),
                Otherwise::Dummy => dumb(value.vr),
            }),
            Some(Action::Clean) if !value.is_text() && !matches!(&value.vr.0, b"CS" | b"AE" | b"UR") => New::Gone,
            Some(Action::Clean) => self.text(value, Care::Cleaned),
            Some(Action::Keep) => self.kept(value),
            None => self.unlisted(value),
        }
    }

    /// What is written in place of a private value that is known to be safe: its content must agree.
    pub fn safe_private(&mut self, action: Option<Action>, value: &Value) -> New {
        let item = value.bytes.starts_with(&[0xFE, 0xFF, 0x00, 0xE0]);
        match (action, &value.vr.0) {
            (Some(Action::Keep), _) => New::Same,
            (
                _,
                b"UI" | b"DA" | b"DT" | b"TM" | b"LO" | b"LT" | b"SH" | b"ST" | b"UC" | b"UT" | b"CS" | b"DS" | b"IS",
            ) => self.unlisted(value),
            (_, b"UN" | b"OB") if item || self.names_somebody(value) => New::Gone,
            // Implicit data sets tell no representation: what reads as words is treated as words.
            (_, b"UN") if value.words().is_some() => self.text(&Value { vr: Vr(*b"LO"), ..*value }, Care::Kept),
            (_, b"PN" | b"AE" | b"UR") => New::Gone,
            _ => New::Same,
        }
    }

    /// Whether a value of a content item says who somebody is by the concept it stands for, or is a birth date that would
    /// stay as it is, or be shifted of somebody of 90 years and more.
    fn says_who(&self, value: &Value) -> bool {
        let shifted = self.profile.dates() == Dates::Modified && !self.people.is_oldest();
        match (value.about, &value.vr.0) {
            (About::Identity, b"UT" | b"LT" | b"ST" | b"LO") => value.tag == TEXT_VALUE,
            (_, b"DA" | b"DT") if shifted => false,
            (About::Birth, b"DA" | b"DT") => CONTENT_DAYS.contains(&value.tag),
            (_, b"DA" | b"DT") => CONTENT_DAYS.contains(&value.tag) && self.people.born_on(&value.ascii()),
            _ => false,
        }
    }

    /// The pseudonym that takes the place of an id. An id that is not there has none.
    fn pseudonym(&mut self, value: &Value) -> Option<Vec<u8>> {
        if !matches!(value.tag, PATIENT_NAME | PATIENT_ID | ACCESSION_NUMBER | STUDY_ID) {
            return None;
        }
        let text = value.scripts.charset.decode(value.bytes, false);
        let text = text.trim_matches([' ', '\0', '\t']);
        if text.is_empty() {
            return None;
        }
        let new = match value.tag {
            PATIENT_NAME | PATIENT_ID if value.top => self.person.key.to_string(),
            PATIENT_NAME => return None,
            PATIENT_ID => {
                self.identity.person(&PersonId { id: text.to_owned(), issuer: String::new() }).key.to_string()
            }
            ACCESSION_NUMBER => self.identity.pseudonym(Domain::Accession, text),
            // Study ids are small numbers that many patients share: the patient belongs to it.
            _ => self.identity.pseudonym(Domain::Accession, &format!("study id {} {text}", self.person.key)),
        };
        Some(new.into_bytes())
    }

    fn uids(&mut self, value: &Value) -> New {
        if value.vr.0 != *b"UI" {
            return dumb(value.vr);
        }
        let text = value.ascii();
        if text.is_empty() {
            return New::Same;
        }
        let new: Vec<String> = text.split('\\').map(|uid| self.uid(uid.trim_matches([' ', '\0']))).collect();
        let new = new.join("\\");
        if new == text { New::Same } else { New::Bytes(new.into_bytes()) }
    }

    /// The pseudonym of a UID; those of the standard are nobody's.
    fn uid(&mut self, uid: &str) -> String {
        if uid.is_empty() || is_standard_uid(uid) {
            return uid.to_owned();
        }
        let new = self.identity.pseudonym(Domain::Uid, uid);
        self.crosswalk.uids.insert(uid.to_owned(), new.clone());
        new
    }

    /// A date shifted, a time as it is; `None` if it is neither.
    fn shift(&self, value: &Value) -> Option<New> {
        let text = value.ascii();
        if text.is_empty() {
            return Some(New::Same);
        }
        let each = |one: &dyn Fn(&str) -> Option<String>| {
            let values: Option<Vec<String>> = text.split('\\').map(|v| one(v.trim_matches(' '))).collect();
            values.map(|values| New::Bytes(values.join("\\").into_bytes()))
        };
        match &value.vr.0 {
            b"DA" => each(&|v| date::shifted_da(v, &self.person)),
            b"DT" => each(&|v| date::shifted_dt(v, &self.person)),
            b"TM" => text.split('\\').all(|v| date::is_tm(v.trim_matches(' '))).then_some(New::Same),
            b"SH" if value.tag == ZONE => date::is_zone(&text).then_some(New::Same),
            _ => None,
        }
    }

    /// A value that an option keeps: as it is, if it is what its representation says and names nobody.
    fn kept(&mut self, value: &Value) -> New {
        let text = value.ascii();
        let all = |right: &dyn Fn(&str) -> bool| text.split('\\').all(|v| v.is_empty() || right(v.trim_matches(' ')));
        let right = match &value.vr.0 {
            b"AS" if value.tag == PATIENT_AGE => {
                return match date::capped_age(&text) {
                    Some(age) if age == text => New::Same,
                    Some(age) => New::Bytes(age.into_bytes()),
                    None => New::Bytes(Vec::new()),
                };
            }
            b"DA" => all(&date::is_da),
            b"DT" => all(&date::is_dt),
            b"TM" => all(&date::is_tm),
            b"UI" => all(&is_uid),
            b"DS" | b"IS" => all(&is_number),
            b"SH" if value.tag == ZONE => date::is_zone(&text),
            // An option keeps it, so it is no identifier that its own text must be rid of.
            b"LO" if value.tag == DEVICE_SERIAL_NUMBER && is_serial(&text) => true,
            b"CS" | b"AE" | b"AS" | b"UR" | b"LO" | b"LT" | b"PN" | b"SH" | b"ST" | b"UC" | b"UT" => {
                return self.text(value, Care::Kept);
            }
            b"OB" | b"UN" => !self.names_somebody(value),
            _ => true,
        };
        if right { New::Same } else { New::Bytes(Vec::new()) }
    }

    /// A text without what names somebody; what cannot be read goes as an empty value.
    fn text(&mut self, value: &Value, care: Care) -> New {
        match text::clean(value.bytes, value.vr, care, &self.people, value.scripts, &mut self.wants_utf8) {
            Text::Same => New::Same,
            Text::New(bytes) => New::Bytes(bytes),
            Text::Unread => New::Bytes(Vec::new()),
        }
    }

    /// An attribute that the table does not know.
    fn unlisted(&mut self, value: &Value) -> New {
        if let Some(action) = unlisted::by_name(value.tag) {
            return self.value(Some(action), value);
        }
        if value.bytes.is_empty() {
            return New::Same;
        }
        let text = value.ascii();
        let all = |right: &dyn Fn(&str) -> bool| text.split('\\').all(|v| v.is_empty() || right(v.trim_matches(' ')));
        let right = match &value.vr.0 {
            b"UI" if unlisted::is_class(value.tag) => all(&is_uid),
            b"UI" if self.profile.has(super::options::Choice::Uids) => all(&is_uid),
            b"UI" => return self.uids(value),
            b"DA" | b"DT" | b"TM" => {
                return match self.profile.dates() {
                    Dates::Modified => self.shift(value).unwrap_or_else(|| dumb(value.vr)),
                    Dates::Full => match self.kept(value) {
                        New::Same => New::Same,
                        _ => dumb(value.vr),
                    },
                    Dates::Removed if value.vr.0 == *b"TM" && all(&date::is_tm) => New::Same,
                    Dates::Removed => dumb(value.vr),
                };
            }
            b"PN" | b"AE" => false,
            b"UR" => value.tag == Tag(0x0008, 0x0120) && text.starts_with("urn:") && text.len() <= 64,
            b"DS" | b"IS" => {
                let structure = STRUCTURE.contains(&value.tag.0);
                all(&|v| (is_number(v) || v.len() <= 2) && (structure || !self.people.is_id(v)))
            }
            b"AS" => all(&|v| date::capped_age(v).as_deref() == Some(v)),
            // Code strings are structure: HEAD stays, whatever the patient is called; KNEE SMITH does not.
            b"CS" if all(&is_code_string) => return self.codes(value, &text),
            b"CS" => false,
            b"LO" | b"LT" | b"SH" | b"ST" | b"UC" | b"UT" => {
                return match (value.words, value.coded) {
                    // The name of a coding scheme, and its version.
                    _ if value.tag == SCHEME && is_code_string(&text) && !text.contains(' ') => New::Same,
                    _ if matches!(value.tag, Tag(0x0008, 0x0102 | 0x0103)) => self.text(value, Care::Kept),
                    // Who keeps a coding scheme, unless that is an institution of the file.
                    _ if value.tag == SCHEME_KEEPER && !self.people.with_places.names(&text) => New::Same,
                    (Words::None, _) | (Words::Codes, None) => dumb(value.vr),
                    (Words::Cleaned, None) | (_, Some(false)) => self.text(value, Care::Cleaned),
                    _ => self.text(value, Care::Kept),
                };
            }
            b"OB" | b"UN" => !self.names_somebody(value),
            _ => true,
        };
        if right { New::Same } else { dumb(value.vr) }
    }

    /// Of these places of the data, those whose text names somebody of the object or tells how to reach them.
    pub fn told_in(&self, tape: &Tape, places: Vec<Range<usize>>) -> Vec<Range<usize>> {
        let mut told = Vec::new();
        for place in places {
            let bytes = tape.data.get(place.clone()).unwrap_or(&[]);
            let mut at = place.start;
            for run in bytes.split(|b| *b < b' ' || *b == 0x7F) {
                let text = std::str::from_utf8(run).map_or_else(|_| decode_latin1(run), Cow::Borrowed);
                if run.len() >= 4 && text::tells(&text, &self.people) {
                    told.push(at..at + run.len());
                }
                at += run.len() + 1;
            }
        }
        told
    }

    /// Code strings without those that name somebody of the object.
    fn codes(&self, value: &Value, text: &str) -> New {
        if PIXEL_TERMS.contains(&value.tag)
            || value.tag == MODALITY
            || !text.split('\\').any(|code| self.people.in_code(code))
        {
            return New::Same;
        }
        let each = |code| if self.people.in_code(code) { TEXT } else { code };
        New::Bytes(text.split('\\').map(each).collect::<Vec<_>>().join("\\").into_bytes())
    }

    /// Whether bytes that may be anything hold a text that names somebody. Bulk is no text.
    fn names_somebody(&self, value: &Value) -> bool {
        let printable = |b: &u8| (b' '..0x7F).contains(b);
        value.bytes.len() <= MOST_WORDS
            && (value
                .bytes
                .split(|b| !printable(b))
                .filter(|run| run.len() >= 4)
                .any(|run| std::str::from_utf8(run).is_ok_and(|text| self.people.known.names(text)))
                || value.words().is_some_and(|text| self.people.known.names(&text)))
    }
}

fn dumb(vr: Vr) -> New {
    New::Bytes(dummy(vr).to_vec())
}

/// Whether a UID belongs to the DICOM standard itself: its own arcs only, which are short numbers.
pub fn is_standard_uid(uid: &str) -> bool {
    let Some(arcs) = uid.strip_prefix("1.2.840.10008.") else { return false };
    arcs.len() <= 24
        && arcs.split('.').all(|arc| (1..=4).contains(&arc.len()) && arc.bytes().all(|b| b.is_ascii_digit()))
}

pub fn is_uid(text: &str) -> bool {
    text.len() <= 64 && text.contains('.') && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

fn is_number(text: &str) -> bool {
    text.len() <= 16 && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'))
}

/// A code string (PS3.5 6.2), lower case tolerated: writers that use it are common.
fn is_code_string(text: &str) -> bool {
    text.len() <= 16 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'_' | b'-' | b'.' | b'/'))
}
/// Whether a text has the form of a serial number: one word with a digit in it.
fn is_serial(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b))
}
