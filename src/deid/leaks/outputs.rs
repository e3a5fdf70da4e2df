//! De-identified objects and messages on their way through the search. Their values are still sealed: what leaks is told by
//! its place in the list.

use super::days::DateFinding;
use super::search::{Kinds, Piece, Search};
use super::uids;
use crate::deid::dates;
use crate::deid::dicom::dummy;
use crate::model::table::PersonId;
use crate::model::{Phi, SeenAttribute, SeenField, Tag};

/// UIDs of one object, as hashes.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// SOPInstanceUID.
    pub own: Option<u64>,
    /// Objects that it refers to.
    pub references: Vec<u64>,
}

const PATIENT_ID: Tag = Tag(0x0010, 0x0020);
const SOP_INSTANCE_UID: Tag = Tag(0x0008, 0x0018);
const REFERENCED_SOP_INSTANCE_UID: Tag = Tag(0x0008, 0x1155);

/// The sink of findings: which value, and what it is.
pub type Report<'r> = dyn FnMut(usize, &'static str) + 'r;

impl Search {
    /// Looks through all values of a DICOM object.
    pub fn object(&self, values: &[SeenAttribute], report: &mut Report<'_>) -> Links {
        let mut links = Links::default();
        let person = values.iter().position(|seen| seen.tag == PATIENT_ID && seen.depth == 0);
        let pseudonym =
            person.and_then(|place| values.get(place)).map(|seen| seen.text.open().trim_matches([' ', '\0']));
        let pseudonym = pseudonym.filter(|text| !text.is_empty());
        if let (Some(place), Some(pseudonym)) = (person, pseudonym)
            && !self.is_person(pseudonym)
        {
            report(place, DateFinding::Nobody.word());
        }
        for (place, seen) in values.iter().enumerate() {
            for value in seen.text.open().split('\\') {
                let value = value.trim_matches([' ', '\0']);
                if seen.vr == *b"UI" {
                    match seen.tag {
                        SOP_INSTANCE_UID if seen.depth == 0 => links.own = Some(uids::hash(value)),
                        REFERENCED_SOP_INSTANCE_UID => links.references.push(uids::hash(value)),
                        _ => {}
                    }
                }
                self.attribute(place, seen, value, pseudonym, report);
            }
        }
        links
    }

    fn attribute(
        &self,
        place: usize,
        seen: &SeenAttribute,
        value: &str,
        person: Option<&str>,
        report: &mut Report<'_>,
    ) {
        if value.is_empty() {
            return;
        }
        let piece = match &seen.vr {
            // The date that stands where a date must stand and none may.
            b"DA" | b"DT" if value.starts_with(dummy::DATE) => return,
            b"DA" | b"DT" => match (dates::parse(value), person) {
                (Some(when), Some(person)) => {
                    self.day(person, when.days).iter().for_each(|finding| report(place, finding.word()));
                    return;
                }
                _ => Piece::TEXT,
            },
            b"UI" | b"TM" | b"AS" | b"DS" | b"IS" => Piece::MEASURED,
            b"UN" => Piece::TEXT,
            _ => Piece::VALUE,
        };
        self.report(place, value, person, piece, report);
    }

    fn report(&self, place: usize, text: &str, person: Option<&str>, piece: Piece, report: &mut Report<'_>) {
        let mut kinds = Kinds::new();
        self.text(text, piece, &mut kinds);
        kinds.iter().for_each(|kind| report(place, kind.word()));
        if piece.dated {
            self.days_in(person, text).iter().for_each(|finding| report(place, finding.word()));
        }
    }

    /// Looks through the fields of a message that are about one person.
    pub fn fields(&self, fields: &[SeenField], person: Option<&Phi<PersonId>>, report: &mut Report<'_>) {
        let person = person.map(|person| person.open().id.as_str()).filter(|id| self.is_person(id));
        let mut measured = false;
        for (place, field) in fields.iter().enumerate() {
            let components = field.components.open();
            if (&field.segment, field.field) == (b"OBX", 2) {
                measured = matches!(components.first().map(String::as_str), Some("NM" | "SN"));
            }
            let result = measured && (&field.segment, field.field) == (b"OBX", 5);
            for text in components.iter().filter(|text| !text.is_empty()) {
                match text.trim().parse::<f64>().ok().filter(|number| result && number.abs() < 1e18) {
                    // A result of three digits is somebody's number by accident only.
                    Some(number) => {
                        self.measurement(number.abs() as u64).iter().for_each(|kind| report(place, kind.word()));
                    }
                    None => self.report(place, text, person, Piece::VALUE, report),
                }
            }
        }
    }
}
