//! Other colour pictures: a screenshot of a dose report, which is nothing but names; a bone scan through a palette.

use dicom_core::header::Tag;
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

use super::canvas::{Canvas, ellipse};
use super::chance::Chance;
use super::object::{Object, Pixels, Series, Shape, Syntax, acquired, item, sequence, short, texts};
use super::plan::{Archive, Exam, Study};

/// These objects of a study; none if it is another kind of examination.
pub(super) fn objects<'a>(archive: &'a Archive, study: &'a Study) -> Vec<Object<'a>> {
    match study.row.exam {
        Exam::Bones => vec![bone_scan(archive, study)],
        Exam::CtAbdomen => vec![screenshot(archive, study)],
        _ => Vec::new(),
    }
}

/// Secondary Capture of a screen: text by nature.
fn screenshot<'a>(archive: &'a Archive, study: &'a Study) -> Object<'a> {
    let series = Series {
        archive,
        study,
        number: 99,
        class: uids::SECONDARY_CAPTURE_IMAGE_STORAGE,
        modality: "OT",
        description: format!("Dose report {}", archive.person(study).spoken()),
    };
    let mut data = series.data(1);
    texts(
        &mut data,
        &[
            (tags::CONVERSION_TYPE, VR::CS, "WSD"),
            (tags::IMAGE_TYPE, VR::CS, "DERIVED\\SECONDARY\\SCREEN SAVE"),
            (tags::BURNED_IN_ANNOTATION, VR::CS, "YES"),
            (tags::PATIENT_ORIENTATION, VR::CS, ""),
        ],
    );
    let draw = move || {
        let person = archive.person(study);
        let mut canvas = Canvas::new(400, 600, 3, 16);
        canvas.block([0, 0, 600, 30], &[30, 60, 120]);
        let lines = [
            format!("NAME  {}, {}", person.family, person.given),
            format!("MRN   {}", person.mrn),
            format!("DOB   {}", person.birth.slashed()),
            format!("PHONE {}", person.phone_dashed()),
            format!("ACC   {}", study.accession),
            "DLP   412 MGY CM".to_string(),
        ];
        let burned = (0..)
            .zip(&lines)
            .map(|(line, words)| canvas.text(20, 50 + 40 * line, 3, &[230, 230, 120], words))
            .collect();
        Pixels { bytes: canvas.bytes8(), burned }
    };
    let shape = Shape::bytes(400, 600, 3, "RGB");
    Object { path: series.path(1), data, picture: Some((shape, Box::new(draw))), syntax: Syntax::Deflated }
}

/// Nuclear medicine: two views, 8-bit indices into a palette of 256 colours.
fn bone_scan<'a>(archive: &'a Archive, study: &'a Study) -> Object<'a> {
    let series = Series {
        archive,
        study,
        number: 1,
        class: uids::NUCLEAR_MEDICINE_IMAGE_STORAGE,
        modality: "NM",
        description: study.row.words.to_string(),
    };
    let mut data = series.data(1);
    acquired(&mut data, study.day, &study.time);
    texts(
        &mut data,
        &[
            (tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\WHOLE BODY\\EMISSION"),
            (tags::COUNTS_ACCUMULATED, VR::IS, "1200000"),
            (tags::PIXEL_SPACING, VR::DS, "2.4\\2.4"),
        ],
    );
    let pointers = PrimitiveValue::Tags([tags::ENERGY_WINDOW_VECTOR, tags::DETECTOR_VECTOR].as_slice().into());
    data.put(DataElement::new(tags::FRAME_INCREMENT_POINTER, VR::AT, pointers));
    for (tag, values) in [(tags::ENERGY_WINDOW_VECTOR, [1u16, 1]), (tags::DETECTOR_VECTOR, [1, 2])] {
        data.put(DataElement::new(tag, VR::US, PrimitiveValue::U16(values.as_slice().into())));
    }
    short(&mut data, tags::NUMBER_OF_ENERGY_WINDOWS, 1);
    short(&mut data, tags::NUMBER_OF_DETECTORS, 2);
    texts(
        &mut data,
        &[
            (tags::ACTUAL_FRAME_DURATION, VR::IS, "600000"),
            (tags::SCAN_VELOCITY, VR::DS, "3.3"),
            (tags::SCAN_LENGTH, VR::IS, "1980"),
            (tags::LATERALITY, VR::CS, ""),
        ],
    );
    for tag in [
        tags::DETECTOR_INFORMATION_SEQUENCE,
        tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE,
        tags::PATIENT_ORIENTATION_CODE_SEQUENCE,
        tags::PATIENT_GANTRY_RELATIONSHIP_CODE_SEQUENCE,
    ] {
        sequence(&mut data, tag, Vec::new());
    }
    let window = item(&[(tags::ENERGY_WINDOW_NAME, VR::SH, "Tc99m")]);
    sequence(&mut data, tags::ENERGY_WINDOW_INFORMATION_SEQUENCE, vec![window]);
    put_palette(&mut data);
    let shape = Shape { frames: 2, ..Shape::bytes(512, 192, 1, "PALETTE COLOR") };
    let chance = Chance::about(archive.seed, &[9, study.index as u64]);
    let draw = move || {
        let mut chance = chance.clone();
        let bytes = (0..2).flat_map(|view| skeleton(view, &mut chance).bytes8()).collect();
        Pixels { bytes, burned: Vec::new() }
    };
    Object { path: series.path(1), data, picture: Some((shape, Box::new(draw))), syntax: Syntax::ExplicitLittle }
}

/// Hot iron: red rises first, then green, then blue; 256 entries of 16 bits (PS3.3 C.7.6.3.1.5).
fn put_palette(data: &mut InMemDicomObject) {
    let ramp = |from: i32| -> Vec<u16> { (0..256).map(|i| ((i - from) * 2).clamp(0, 255) as u16 * 257).collect() };
    let channels: [(Tag, Tag, i32); 3] = [
        (tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA, 0),
        (tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA, 64),
        (tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA, 128),
    ];
    for (descriptor, table, from) in channels {
        let head = PrimitiveValue::U16([256, 0, 16].as_slice().into());
        data.put(DataElement::new(descriptor, VR::US, head));
        data.put(DataElement::new(table, VR::OW, PrimitiveValue::U16(ramp(from).into())));
    }
}

fn skeleton(view: i32, chance: &mut Chance) -> Canvas {
    let mut canvas = Canvas::new(512, 192, 1, 6);
    let hot = 560 - 130 * view;
    for (place, counts) in [
        ([500, 100, 140, 70], 90),
        ([500, 420, 60, 250], 120),
        ([500, 320, 270, 110], 60),
        ([500, 600, 220, 60], 110),
        ([400, 800, 50, 170], 70),
        ([610, 800, 50, 165], 70),
        ([hot, 380, 40, 14], 220),
    ] {
        let part = ellipse(&canvas, place);
        canvas.disc(part, &[counts]);
    }
    canvas.noise(chance, 8);
    canvas.clamp(0, 255);
    canvas
}
