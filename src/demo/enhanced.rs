//! One enhanced multi-frame MR object (PS3.3 A.36.2), whose frames carry their own position, rescale and window in
//! functional groups.

use dicom_core::header::Tag;
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

use super::chance::Chance;
use super::magnetic::{HEAD, Scan, phantom, position, spacing};
use super::object::{Object, Pixels, Series, Shape, code, item, sequence, texts};
use super::plan::{Archive, Exam, Study};

/// The enhanced object of a study; none if it is another kind of examination.
pub(super) fn objects<'a>(archive: &'a Archive, study: &'a Study) -> Vec<Object<'a>> {
    if study.row.exam == Exam::EnhancedMr { vec![enhanced(archive, study)] } else { Vec::new() }
}

fn enhanced<'a>(archive: &'a Archive, study: &'a Study) -> Object<'a> {
    let series = Series {
        archive,
        study,
        number: 5,
        class: uids::ENHANCED_MR_IMAGE_STORAGE,
        modality: "MR",
        description: "T1 multi-frame".to_string(),
    };
    let mut data = series.data(1);
    texts(
        &mut data,
        &[
            (tags::IMAGE_TYPE, VR::CS, "DERIVED\\PRIMARY\\VOLUME\\NONE"),
            (tags::ACQUISITION_DATE_TIME, VR::DT, &format!("{}{}", study.day.digits(), study.time)),
            (tags::PATIENT_POSITION, VR::CS, "HFS"),
            (tags::FRAME_OF_REFERENCE_UID, VR::UI, &archive.uid(study, 5, 1 << 32)),
            (tags::POSITION_REFERENCE_INDICATOR, VR::LO, ""),
            (tags::PIXEL_PRESENTATION, VR::CS, "MONOCHROME"),
            (tags::VOLUMETRIC_PROPERTIES, VR::CS, "VOLUME"),
            (tags::VOLUME_BASED_CALCULATION_TECHNIQUE, VR::CS, "NONE"),
            (tags::COMPLEX_IMAGE_COMPONENT, VR::CS, "MAGNITUDE"),
            (tags::ACQUISITION_CONTRAST, VR::CS, "T1"),
            (tags::CONTENT_QUALIFICATION, VR::CS, "RESEARCH"),
            (tags::BURNED_IN_ANNOTATION, VR::CS, "NO"),
            (tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "00"),
            (tags::PRESENTATION_LUT_SHAPE, VR::CS, "IDENTITY"),
            (tags::MAGNETIC_FIELD_STRENGTH, VR::DS, "1.5"),
        ],
    );
    texts(&mut data, &[(tags::APPLICABLE_SAFETY_STANDARD_AGENCY, VR::CS, "IEC")]);
    sequence(&mut data, tags::ACQUISITION_CONTEXT_SEQUENCE, Vec::new());
    let organization = archive.uid(study, 5, 2 << 32);
    let dimension = |pointer: Tag| {
        let mut one = item(&[(tags::DIMENSION_ORGANIZATION_UID, VR::UI, &organization)]);
        one.put(DataElement::new(tags::DIMENSION_INDEX_POINTER, VR::AT, PrimitiveValue::from(pointer)));
        let group = PrimitiveValue::from(tags::FRAME_CONTENT_SEQUENCE);
        one.put(DataElement::new(tags::FUNCTIONAL_GROUP_POINTER, VR::AT, group));
        one
    };
    let organizations = vec![item(&[(tags::DIMENSION_ORGANIZATION_UID, VR::UI, &organization)])];
    sequence(&mut data, tags::DIMENSION_ORGANIZATION_SEQUENCE, organizations);
    sequence(
        &mut data,
        tags::DIMENSION_INDEX_SEQUENCE,
        vec![dimension(tags::STACK_ID), dimension(tags::IN_STACK_POSITION_NUMBER)],
    );
    sequence(&mut data, tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared(&HEAD)]);
    let frames = (1..=HEAD.slices).map(|frame| per_frame(study, frame)).collect();
    sequence(&mut data, tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, frames);

    let shape = Shape { frames: HEAD.slices as u32, ..Shape::grey16(HEAD.side, HEAD.side, HEAD.bits) };
    let chance = Chance::about(archive.seed, &[7, study.index as u64]);
    let draw = move || {
        let mut chance = chance.clone();
        let frames = 1..=HEAD.slices as i32;
        let bytes = frames.flat_map(|frame| phantom(Exam::EnhancedMr, &HEAD, frame, &mut chance).bytes16()).collect();
        Pixels { bytes, burned: Vec::new() }
    };
    Object { path: series.path(1), data, picture: Some((shape, Box::new(draw))), syntax: HEAD.syntax }
}

/// What all frames share.
fn shared(scan: &Scan) -> InMemDicomObject {
    let mut group = InMemDicomObject::new_empty();
    sequence(
        &mut group,
        tags::PIXEL_MEASURES_SEQUENCE,
        vec![item(&[
            (tags::PIXEL_SPACING, VR::DS, &spacing(scan)),
            (tags::SLICE_THICKNESS, VR::DS, "5"),
            (tags::SPACING_BETWEEN_SLICES, VR::DS, "5"),
        ])],
    );
    let orientation = item(&[(tags::IMAGE_ORIENTATION_PATIENT, VR::DS, scan.orientation)]);
    sequence(&mut group, tags::PLANE_ORIENTATION_SEQUENCE, vec![orientation]);
    let kind = item(&[
        (tags::FRAME_TYPE, VR::CS, "DERIVED\\PRIMARY\\VOLUME\\NONE"),
        (tags::PIXEL_PRESENTATION, VR::CS, "MONOCHROME"),
        (tags::VOLUMETRIC_PROPERTIES, VR::CS, "VOLUME"),
        (tags::VOLUME_BASED_CALCULATION_TECHNIQUE, VR::CS, "NONE"),
        (tags::COMPLEX_IMAGE_COMPONENT, VR::CS, "MAGNITUDE"),
        (tags::ACQUISITION_CONTRAST, VR::CS, "T1"),
    ]);
    let mut anatomy = item(&[(tags::FRAME_LATERALITY, VR::CS, "U")]);
    sequence(&mut anatomy, tags::ANATOMIC_REGION_SEQUENCE, vec![code("69536005", "SCT", "Head")]);
    sequence(&mut group, tags::FRAME_ANATOMY_SEQUENCE, vec![anatomy]);
    sequence(&mut group, tags::MR_IMAGE_FRAME_TYPE_SEQUENCE, vec![kind]);
    group
}

/// What differs: position, and a slope and window of each frame's own.
fn per_frame(study: &Study, frame: u64) -> InMemDicomObject {
    let mut group = InMemDicomObject::new_empty();
    let place = u32::try_from(frame).unwrap_or_default();
    let moment = format!("{}{}", study.day.digits(), study.time);
    let mut content = item(&[(tags::STACK_ID, VR::SH, "1"), (tags::FRAME_ACQUISITION_DATE_TIME, VR::DT, &moment)]);
    content.put(DataElement::new(tags::IN_STACK_POSITION_NUMBER, VR::UL, PrimitiveValue::from(place)));
    let index = PrimitiveValue::U32([1, place].as_slice().into());
    content.put(DataElement::new(tags::DIMENSION_INDEX_VALUES, VR::UL, index));
    sequence(&mut group, tags::FRAME_CONTENT_SEQUENCE, vec![content]);
    let plane = item(&[(tags::IMAGE_POSITION_PATIENT, VR::DS, &position(&HEAD, frame))]);
    sequence(&mut group, tags::PLANE_POSITION_SEQUENCE, vec![plane]);
    let slope = 1.0 + frame as f64 / 8.0;
    sequence(
        &mut group,
        tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE,
        vec![item(&[
            (tags::RESCALE_INTERCEPT, VR::DS, "0"),
            (tags::RESCALE_SLOPE, VR::DS, &slope.to_string()),
            (tags::RESCALE_TYPE, VR::LO, "US"),
        ])],
    );
    sequence(
        &mut group,
        tags::FRAME_VOILUT_SEQUENCE,
        vec![item(&[
            (tags::WINDOW_CENTER, VR::DS, &(600.0 * slope).to_string()),
            (tags::WINDOW_WIDTH, VR::DS, &(1200.0 * slope).to_string()),
        ])],
    );
    group
}
