//! Who an object is about, in its own words: names, ids and addresses of every sequence, so that no text says them again.

use super::options::Choice;
use super::profile::Profile;
use super::text::People;
use crate::deid::known::Known;
use crate::deid::text::{Scrubber, Shift, fold};
use crate::deid::{codes, dates};
use crate::model::{Phi, Tag};
use crate::read::dicom::charset::Charset;
use crate::read::dicom::tape::{Element, Scope, Tape, Vr};
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
    /// What a device is called: looked for in texts that are cleaned, for makers give models the names of stations.
    Device,
    Birth,
}

/// Attributes beside the person names whose values identify people. Ascending.
const IDENTIFIERS: &[(Tag, Says)] = &[
    (Tag(0x0008, 0x0050), Says::Number),      // AccessionNumber
    (Tag(0x0008, 0x0080), Says::Institution), // InstitutionName
    (Tag(0x0008, 0x0081), Says::Address),     // InstitutionAddress
    (Tag(0x0008, 0x0092), Says::Address),     // ReferringPhysicianAddress
    (Tag(0x0008, 0x0094), Says::Phone),       // ReferringPhysicianTelephoneNumbers
    (Tag(0x0008, 0x1010), Says::Device),      // StationName
    (Tag(0x0008, 0x1040), Says::Institution), // InstitutionalDepartmentName
    (Tag(0x0010, 0x0020), Says::Id),          // PatientID
    (Tag(0x0010, 0x0030), Says::Birth),       // PatientBirthDate
    (Tag(0x0010, 0x1000), Says::Id),          // OtherPatientIDs
    (Tag(0x0010, 0x1040), Says::Address),     // PatientAddress
    (Tag(0x0010, 0x1090), Says::Id),          // MedicalRecordLocator
    (Tag(0x0010, 0x2154), Says::Phone),       // PatientTelephoneNumbers
    (Tag(0x0010, 0x2155), Says::Phone),       // PatientTelecomInformation
    (Tag(0x0018, 0x1000), Says::Number),      // DeviceSerialNumber
    (Tag(0x0018, 0x1004), Says::Device),      // PlateID
    (Tag(0x0018, 0x1005), Says::Device),      // GeneratorID
    (Tag(0x0018, 0x1007), Says::Device),      // CassetteID
    (Tag(0x0018, 0x1008), Says::Device),      // GantryID
    (Tag(0x0018, 0x700A), Says::Device),      // DetectorID
    (Tag(0x0032, 0x1032), Says::Id),          // RequestingPhysician, where it is no PN
    (Tag(0x0038, 0x0010), Says::Number),      // AdmissionID
    (Tag(0x0038, 0x0060), Says::Number),      // ServiceEpisodeID
    (Tag(0x0040, 0x0010), Says::Device),      // ScheduledStationName
    (Tag(0x0040, 0x0242), Says::Device),      // PerformedStationName
    (Tag(0x0040, 0x1102), Says::Address),     // PersonAddress
    (Tag(0x0040, 0x1103), Says::Phone),       // PersonTelephoneNumbers
    (Tag(0x0040, 0x2016), Says::Number),      // PlacerOrderNumberImagingServiceRequest
    (Tag(0x0040, 0x2017), Says::Number),      // FillerOrderNumberImagingServiceRequest
    (Tag(0x300A, 0x00B2), Says::Device),      // TreatmentMachineName
];

const DEVICE_SERIAL_NUMBER: Tag = Tag(0x0018, 0x1000);
const INSTITUTION_ADDRESS: Tag = Tag(0x0008, 0x0081);
/// StudyDate, SeriesDate, AcquisitionDate, ContentDate, AcquisitionDateTime.
const DAYS_MADE: &[Tag] =
    &[Tag(0x0008, 0x0020), Tag(0x0008, 0x0021), Tag(0x0008, 0x0022), Tag(0x0008, 0x0023), Tag(0x0008, 0x002A)];
/// What stands between the lines of an address.
const LINES: [char; 6] = ['^', ',', ';', '=', '\r', '\n'];
/// Most institutions and lines of addresses that are looked for whole.
const MOST_PLACES: usize = 64;
/// Most bytes of one value that are looked at: names are short.
const MOST: usize = 1024;

/// What an option keeps is no identifier that other texts must be rid of.
fn is_kept(tag: Tag, says: Says, profile: &Profile) -> bool {
    match says {
        Says::Device => profile.has(Choice::DeviceIdentity),
        Says::Number => tag == DEVICE_SERIAL_NUMBER && profile.has(Choice::DeviceIdentity),
        Says::Institution => profile.has(Choice::InstitutionIdentity),
        Says::Address => tag == INSTITUTION_ADDRESS && profile.has(Choice::InstitutionIdentity),
        _ => false,
    }
}

/// Everybody whom the object names, and what other inputs call its patient (`linked`, one name a line); `shift` is how dates
/// in its texts are shifted.
pub fn people(
    tape: &Tape,
    charset: Charset,
    linked: Option<&Phi<Box<str>>>,
    profile: &Profile,
    shift: Option<Shift>,
) -> People {
    let (mut known, mut places, mut addresses, mut devices) = (Known::new(), Vec::new(), Vec::new(), Vec::new());
    let mut born = None;
    linked.iter().flat_map(|names| names.open().lines()).for_each(|name| known.name(name));
    for element in &tape.elements {
        let says = IDENTIFIERS.binary_search_by(|row| row.0.cmp(&element.tag)).ok().and_then(|at| IDENTIFIERS.get(at));
        let says = says.filter(|(tag, says)| !is_kept(*tag, *says, profile));
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
                Some((_, Says::Device)) => devices.push(value.to_owned()),
                Some((_, Says::Birth)) => {
                    known.birth_date(value);
                    born = dates::parse(value).map(|when| when.days);
                }
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
    devices.iter().filter(|device| !is_common(device)).for_each(|device| with_places.number(device));
    let day = |tag: &Tag| dates::parse(tape.term(Scope::Root, *tag)?.get(..8)?).map(|when| when.days);
    let mut days: Vec<i32> = DAYS_MADE.iter().filter_map(day).collect();
    let patients = born;
    let born = born.filter(|born| !days.contains(born));
    days.extend(patients);
    People { known, with_places, places, shift, days, born }
}

/// Whether the name of a place is no word of any other kind: several words, a word of letters that English has not, or one
/// that no dictionary knows and no maker is called.
fn is_telling(place: &str) -> bool {
    let word = || place.len() >= 5 && place.bytes().all(|b| b.is_ascii_alphabetic()) && !is_common(place);
    place.contains(' ') && place.len() >= 8
        || !place.is_ascii() && place.chars().count() >= 4
        || word() && codes::keep_maker(place, &Known::new()).is_none()
}

/// Whether a word is common or medical.
fn is_common(word: &str) -> bool {
    Scrubber::shared().is_common(&fold::fold(word, false))
}

fn is_name(element: &Element) -> bool {
    let name = Vr(*b"PN");
    element.vr == name || matches!(&element.vr.0, b"UN" | b"OB" | b"LO") && standard_vr(element.tag) == Some(name)
}
