//! Objects without pictures, and files that no program can read: what else lies in an archive. A structured report
//! and a structure set become rows without tensors; the broken files become rejects.

use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

use super::chance::Chance;
use super::object::{Object, Pixels, Series, Shape, Syntax, code, item, sequence, texts};
use super::plan::{Archive, Exam, Study};

/// The pictureless objects of a study.
pub(super) fn objects<'a>(archive: &'a Archive, study: &'a Study) -> Vec<Object<'a>> {
    match study.row.exam {
        Exam::CrChest => vec![report(archive, study)],
        Exam::CtAbdomen => vec![structures(archive, study)],
        _ => Vec::new(),
    }
}

/// Basic Text SR (PS3.3 A.35.1): a report that names everybody.
fn report<'a>(archive: &'a Archive, study: &'a Study) -> Object<'a> {
    let series = Series {
        archive,
        study,
        number: 90,
        class: uids::BASIC_TEXT_SR_STORAGE,
        modality: "SR",
        description: "Radiology report".to_string(),
    };
    let person = archive.person(study);
    let mut data = series.data(1);
    texts(
        &mut data,
        &[
            (tags::VALUE_TYPE, VR::CS, "CONTAINER"),
            (tags::CONTINUITY_OF_CONTENT, VR::CS, "SEPARATE"),
            (tags::COMPLETION_FLAG, VR::CS, "COMPLETE"),
            (tags::VERIFICATION_FLAG, VR::CS, "UNVERIFIED"),
        ],
    );
    sequence(&mut data, tags::CONCEPT_NAME_CODE_SEQUENCE, vec![code("18748-4", "LN", "Diagnostic imaging report")]);
    sequence(&mut data, tags::PERFORMED_PROCEDURE_CODE_SEQUENCE, Vec::new());
    sequence(&mut data, tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, Vec::new());
    let part = |kind: &str, name: InMemDicomObject| {
        let mut part = item(&[(tags::RELATIONSHIP_TYPE, VR::CS, "CONTAINS"), (tags::VALUE_TYPE, VR::CS, kind)]);
        sequence(&mut part, tags::CONCEPT_NAME_CODE_SEQUENCE, vec![name]);
        part
    };
    let mut subject = part("PNAME", code("121029", "DCM", "Subject Name"));
    texts(&mut subject, &[(tags::PERSON_NAME, VR::PN, &person.dicom_name())]);
    let mut finding = part("TEXT", code("121071", "DCM", "Finding"));
    texts(&mut finding, &[(tags::TEXT_VALUE, VR::UT, &report_text(archive, study))]);
    sequence(&mut data, tags::CONTENT_SEQUENCE, vec![subject, finding]);
    Object { path: series.path(1), data, picture: None, syntax: Syntax::ExplicitLittle }
}

/// The words of a radiologist, also sent by HL7: they name the patient, the physicians, a date and a number.
pub(super) fn report_text(archive: &Archive, study: &Study) -> String {
    let person = archive.person(study);
    let age = person.birth.years_until(study.day);
    let sex = if person.female { "female" } else { "male" };
    format!(
        "{} ({}), {age} year old {sex}, {}, accession {}. No acute finding. Discussed with Dr. {} on {} by phone {}. \
         Signed Dr. {} {}.",
        person.spoken(),
        person.mrn,
        study.row.words,
        study.accession,
        study.referring.0,
        study.day.slashed(),
        person.phone_dashed(),
        study.reading.1,
        study.reading.0
    )
}

/// RT Structure Set (PS3.3 A.19) with one contour: a DICOM object that never had pixels.
fn structures<'a>(archive: &'a Archive, study: &'a Study) -> Object<'a> {
    let series = Series {
        archive,
        study,
        number: 91,
        class: uids::RT_STRUCTURE_SET_STORAGE,
        modality: "RTSTRUCT",
        description: "Contours".to_string(),
    };
    let person = archive.person(study);
    let mut data = series.data(1);
    let label = format!("PLAN {}", person.family);
    texts(
        &mut data,
        &[
            (tags::STRUCTURE_SET_LABEL, VR::SH, &label),
            (tags::STRUCTURE_SET_DATE, VR::DA, &study.day.digits()),
            (tags::STRUCTURE_SET_TIME, VR::TM, &study.time),
            (tags::APPROVAL_STATUS, VR::CS, "UNAPPROVED"),
        ],
    );
    let frame = archive.uid(study, 2, 1 << 32);
    texts(
        &mut data,
        &[(tags::FRAME_OF_REFERENCE_UID, VR::UI, &frame), (tags::POSITION_REFERENCE_INDICATOR, VR::LO, "")],
    );
    let region = item(&[
        (tags::ROI_NUMBER, VR::IS, "1"),
        (tags::REFERENCED_FRAME_OF_REFERENCE_UID, VR::UI, &frame),
        (tags::ROI_NAME, VR::LO, "LIVER"),
        (tags::ROI_GENERATION_ALGORITHM, VR::CS, "MANUAL"),
    ]);
    sequence(&mut data, tags::STRUCTURE_SET_ROI_SEQUENCE, vec![region]);
    let contour = item(&[
        (tags::CONTOUR_GEOMETRIC_TYPE, VR::CS, "CLOSED_PLANAR"),
        (tags::NUMBER_OF_CONTOUR_POINTS, VR::IS, "3"),
        (tags::CONTOUR_DATA, VR::DS, "-60\\-20\\-300\\-40\\-20\\-300\\-50\\10\\-300"),
    ]);
    let mut contours = item(&[(tags::REFERENCED_ROI_NUMBER, VR::IS, "1")]);
    sequence(&mut contours, tags::CONTOUR_SEQUENCE, vec![contour]);
    sequence(&mut data, tags::ROI_CONTOUR_SEQUENCE, vec![contours]);
    let observation = item(&[
        (tags::OBSERVATION_NUMBER, VR::IS, "1"),
        (tags::REFERENCED_ROI_NUMBER, VR::IS, "1"),
        (tags::RTROI_INTERPRETED_TYPE, VR::CS, "ORGAN"),
        (tags::ROI_INTERPRETER, VR::PN, &format!("{}^{}", study.reading.0, study.reading.1)),
    ]);
    sequence(&mut data, tags::RTROI_OBSERVATIONS_SEQUENCE, vec![observation]);
    Object { path: series.path(1), data, picture: None, syntax: Syntax::ImplicitLittle }
}

/// What is wrong with a broken file.
pub(super) enum Broken<'a> {
    /// These bytes, which are not DICOM.
    Bytes(Vec<u8>),
    /// The first half of this object's file.
    Half(Box<Object<'a>>),
    /// An object whose header cannot be meant.
    Whole(Box<Object<'a>>),
}

/// The broken files with their paths.
pub(super) fn broken(archive: &Archive) -> Vec<(String, Broken<'_>)> {
    let Some(study) = archive.studies.first() else { return Vec::new() };
    let person = archive.person(study);
    let note =
        format!("Ask {} ({}) for the missing films, phone {}\n", person.spoken(), person.mrn, person.phone_dashed());
    let place = |name: &str| format!("dicom/{}/UNSORTED/{name}.dcm", person.folder());
    vec![
        (place("empty"), Broken::Bytes(Vec::new())),
        (place("notes"), Broken::Bytes(note.into_bytes())),
        (place("truncated"), Broken::Half(Box::new(capture(archive, study, 1, 64)))),
        (place("zero_rows"), Broken::Whole(Box::new(capture(archive, study, 2, 0)))),
    ]
}

/// A small grey capture, whose header may claim that there are no rows.
fn capture<'a>(archive: &'a Archive, study: &'a Study, instance: u64, rows: u16) -> Object<'a> {
    let series = Series {
        archive,
        study,
        number: 98,
        class: uids::SECONDARY_CAPTURE_IMAGE_STORAGE,
        modality: "OT",
        description: "Import".to_string(),
    };
    let mut data = series.data(instance);
    texts(&mut data, &[(tags::CONVERSION_TYPE, VR::CS, "DI")]);
    let chance = Chance::about(archive.seed, &[10, instance]);
    let draw = move || {
        let mut chance = chance.clone();
        let bytes = (0..usize::from(rows.max(1)) * 64 / 8).flat_map(|_| chance.next().to_le_bytes()).collect();
        Pixels { bytes, burned: Vec::new() }
    };
    let shape = Shape::bytes(rows, 64, 1, "MONOCHROME2");
    Object { path: String::new(), data, picture: Some((shape, Box::new(draw))), syntax: Syntax::ExplicitLittle }
}
