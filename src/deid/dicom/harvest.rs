//! Who an object is about, in its own words: names, ids and addresses of every sequence, so that no text says them again.

use super::text::People;
use crate::deid::known::Known;
use crate::deid::text::Shift;
use crate::model::{Phi, Tag};
use crate::read::dicom::charset::Charset;
use crate::read::dicom::tape::{Element, Tape, Vr};
use crate::read::dicom::words::standard_vr;

/// What an attribute says about people.
#[derive(Clone, Copy)]
enum Says {
    /// The patient's: its letters may be a name.
    Id,
    Number,
    Phone,
    Address,
    Institution,
    Birth,
}

/// Attributes beside the person names whose values identify people. Ascending.
const IDENTIFIERS: &[(Tag, Says)] = &[
    (Tag(0x0008, 0x0050), Says::Number),      // AccessionNumber
    (Tag(0x0008, 0x0080), Says::Institution), // InstitutionName
    (Tag(0x0008, 0x0081), Says::Address),     // InstitutionAddress
    (Tag(0x0008, 0x0092), Says::Address),     // ReferringPhysicianAddress
    (Tag(0x0008, 0x0094), Says::Phone),       // ReferringPhysicianTelephoneNumbers
    (Tag(0x0010, 0x0020), Says::Id),          // PatientID
    (Tag(0x0010, 0x0030), Says::Birth),       // PatientBirthDate
    (Tag(0x0010, 0x1000), Says::Id),          // OtherPatientIDs
    (Tag(0x0010, 0x1040), Says::Address),     // PatientAddress
    (Tag(0x0010, 0x1090), Says::Id),          // MedicalRecordLocator
    (Tag(0x0010, 0x2154), Says::Phone),       // PatientTelephoneNumbers
    (Tag(0x0010, 0x2155), Says::Phone),       // PatientTelecomInformation
    (Tag(0x0018, 0x1000), Says::Number),      // DeviceSerialNumber
    (Tag(0x0032, 0x1032), Says::Id),          // RequestingPhysician, where it is no PN
    (Tag(0x0038, 0x0010), Says::Number),      // AdmissionID
    (Tag(0x0038, 0x0060), Says::Number),      // ServiceEpisodeID
    (Tag(0x0040, 0x1102), Says::Address),     // PersonAddress
    (Tag(0x0040, 0x1103), Says::Phone),       // PersonTelephoneNumbers
    (Tag(0x0040, 0x2016), Says::Number),      // PlacerOrderNumberImagingServiceRequest
    (Tag(0x0040, 0x2017), Says::Number),      // FillerOrderNumberImagingServiceRequest
];

/// What stands between the lines of an address.
const LINES: [char; 6] = ['^', ',', ';', '=', '\r', '\n'];
/// Most institutions and lines of addresses that are looked for whole.
const MOST_PLACES: usize = 64;
/// Most bytes of one value that are looked at: names are short.
const MOST: usize = 1024;

/// Everybody whom the object names, and what other inputs call its patient (`linked`, one name a line); `shift` is how dates
/// in its texts are shifted.
pub fn people(tape: &Tape, charset: Charset, linked: Option<&Phi<Box<str>>>, shift: Option<Shift>) -> People {
    let (mut known, mut places, mut addresses) = (Known::new(), Vec::new(), Vec::new());
    linked.iter().flat_map(|names| names.open().lines()).for_each(|name| known.name(name));
    for element in &tape.elements {
        let says = IDENTIFIERS.binary_search_by(|row| row.0.cmp(&element.tag)).ok().and_then(|at| IDENTIFIERS.get(at));
        let name = is_name(element);
        if !name && says.is_none() {
            continue;
        }
        let bytes = tape.bytes(element);
        let bytes = bytes.get(..bytes.len().min(MOST)).unwrap_or(bytes);
        // A wrong character set: in plain ASCII the name may be spelled right elsewhere.
        let text = match charset.misreads(bytes) {
            true => encoding_rs::mem::decode_latin1(bytes).into_owned(),
            false => charset.decode(bytes, name),
        };
        for value in text.split('\\').map(|value| value.trim_matches([' ', '\0'])).filter(|value| !value.is_empty()) {
            match says {
                _ if name => known.name(value),
                Some((_, Says::Id)) => known.id(value),
                Some((_, Says::Number)) => known.number(value),
                Some((_, Says::Phone)) => known.phone(value),
                Some((_, Says::Birth)) => known.birth_date(value),
                Some((_, Says::Address)) => {
                    places.extend(
                        value.split(LINES).map(str::trim).filter(|line| is_telling(line)).map(str::to_lowercase),
                    );
                    addresses.push(value.to_owned());
                }
                Some((_, Says::Institution)) => {
                    addresses.push(value.to_owned());
                    if is_telling(value) {
                        places.push(value.to_lowercase());
                    }
                }
                None => {}
            }
        }
    }
    places.truncate(MOST_PLACES);
    let mut with_places = known.clone();
    addresses.iter().for_each(|address| with_places.address(address));
    People { known, with_places, places, shift }
}

/// Whether the name of a place is no word of any other kind: several words, or a word of letters that English has not.
fn is_telling(place: &str) -> bool {
    place.contains(' ') && place.len() >= 8 || !place.is_ascii() && place.chars().count() >= 4
}

fn is_name(element: &Element) -> bool {
    let name = Vr(*b"PN");
    element.vr == name || matches!(&element.vr.0, b"UN" | b"OB" | b"LO") && standard_vr(element.tag) == Some(name)
}
