//! Ultrasound in colour, one frame and many, with the patient's name in a banner that is part of the pixels.

use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

use super::canvas::{Canvas, Ellipse, ellipse};
use super::chance::Chance;
use super::object::{Object, Pixels, Series, Shape, Syntax, acquired, sequence, short, texts};
use super::people::HOSPITAL;
use super::plan::{Archive, Exam, Study};

/// Rows and columns of an ultrasound picture; the banner takes the first rows.
const US_ROWS: u16 = 480;
const US_COLUMNS: u16 = 640;
const BANNER: u32 = 44;

/// The ultrasound objects of a study; none if it is another kind of examination.
pub(super) fn objects<'a>(archive: &'a Archive, study: &'a Study) -> Vec<Object<'a>> {
    match study.row.exam {
        Exam::UsAbdomen => vec![ultrasound(archive, study, 1, 1, Syntax::ExplicitLittle)],
        Exam::UsHeart => vec![ultrasound(archive, study, 1, 12, Syntax::JpegBaseline)],
        Exam::UsThyroid => (1..=2).map(|n| ultrasound(archive, study, n, 1, Syntax::Rle)).collect(),
        _ => Vec::new(),
    }
}

fn ultrasound<'a>(archive: &'a Archive, study: &'a Study, instance: u64, frames: u32, syntax: Syntax) -> Object<'a> {
    let many = frames > 1;
    let series = Series {
        archive,
        study,
        number: 1,
        class: if many { uids::ULTRASOUND_MULTI_FRAME_IMAGE_STORAGE } else { uids::ULTRASOUND_IMAGE_STORAGE },
        modality: "US",
        description: format!("{} {}", study.row.words, archive.person(study).given),
    };
    let mut data = series.data(instance);
    acquired(&mut data, study.day, &study.time);
    texts(&mut data, &[(tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY"), (tags::PATIENT_ORIENTATION, VR::CS, "")]);
    if many {
        texts(&mut data, &[(tags::FRAME_TIME, VR::DS, "40")]);
        let pointer = PrimitiveValue::from(tags::FRAME_TIME);
        data.put(DataElement::new(tags::FRAME_INCREMENT_POINTER, VR::AT, pointer));
        // It is not true; files that say so exist, and a program must not believe them.
        texts(&mut data, &[(tags::BURNED_IN_ANNOTATION, VR::CS, "NO")]);
    } else if instance == 1 {
        texts(&mut data, &[(tags::BURNED_IN_ANNOTATION, VR::CS, "YES")]);
    }
    put_region(&mut data);
    let shape = Shape { frames, ..Shape::bytes(US_ROWS, US_COLUMNS, 3, "RGB") };
    let chance = Chance::about(archive.seed, &[8, study.index as u64, instance]);
    let draw = move || {
        let mut chance = chance.clone();
        let mut pixels = Pixels { bytes: Vec::new(), burned: Vec::new() };
        for frame in 0..frames as i32 {
            let mut canvas = sector(frame, &mut chance);
            pixels.burned = banner(&mut canvas, archive, study);
            pixels.bytes.extend(canvas.bytes8());
        }
        pixels
    };
    Object { path: series.path(instance), data, picture: Some((shape, Box::new(draw))), syntax }
}

/// US Region Calibration (PS3.3 C.8.5.5): the part of the picture that is anatomy.
fn put_region(data: &mut InMemDicomObject) {
    let mut region = InMemDicomObject::new_empty();
    short(&mut region, tags::REGION_SPATIAL_FORMAT, 1);
    short(&mut region, tags::REGION_DATA_TYPE, 1);
    short(&mut region, tags::PHYSICAL_UNITS_X_DIRECTION, 3);
    short(&mut region, tags::PHYSICAL_UNITS_Y_DIRECTION, 3);
    for (tag, value) in [
        (tags::REGION_FLAGS, 0),
        (tags::REGION_LOCATION_MIN_X0, 40),
        (tags::REGION_LOCATION_MIN_Y0, BANNER),
        (tags::REGION_LOCATION_MAX_X1, u32::from(US_COLUMNS) - 41),
        (tags::REGION_LOCATION_MAX_Y1, u32::from(US_ROWS) - 25),
    ] {
        region.put(DataElement::new(tag, VR::UL, PrimitiveValue::from(value)));
    }
    for tag in [tags::PHYSICAL_DELTA_X, tags::PHYSICAL_DELTA_Y] {
        region.put(DataElement::new(tag, VR::FD, PrimitiveValue::from(0.0334f64)));
    }
    sequence(data, tags::SEQUENCE_OF_ULTRASOUND_REGIONS, vec![region]);
}

/// A fan of speckle with a vessel in Doppler colours that beats from frame to frame.
fn sector(frame: i32, chance: &mut Chance) -> Canvas {
    let mut canvas = Canvas::new(usize::from(US_ROWS), usize::from(US_COLUMNS), 3, 0);
    let top = BANNER as usize;
    for row in top..usize::from(US_ROWS) - 24 {
        let half = 40 + (row - top) / 2;
        canvas.block([320 - half, row, 2 * half, 1], &[90, 90, 90]);
    }
    for (place, grey) in [([480, 450, 110, 120], 150), ([600, 650, 90, 70], 25), ([430, 700, 40, 60], 190)] {
        let part = ellipse(&canvas, place);
        canvas.disc(part, &[grey, grey, grey]);
    }
    canvas.speckle(chance, 70);
    let beat = (frame % 6 - 3).abs() as f32;
    canvas.disc(Ellipse { x: 300.0, y: 250.0, rx: 26.0 + beat, ry: 14.0 + beat }, &[210, 40, 30]);
    canvas.disc(Ellipse { x: 345.0, y: 262.0, rx: 18.0 - beat, ry: 10.0 }, &[30, 60, 220]);
    canvas.clamp(0, 255);
    canvas
}

/// The lines that the device writes over the picture, and the boxes they cover.
fn banner(canvas: &mut Canvas, archive: &Archive, study: &Study) -> Vec<[u32; 4]> {
    let person = archive.person(study);
    let white = [250, 250, 250];
    let name = format!("{}, {} {}", person.family, person.given, person.mrn);
    let visit = format!("{} {} DR {}", study.day.slashed(), study.time, study.referring.0);
    canvas.block([0, 0, usize::from(US_COLUMNS), BANNER as usize - 4], &[12, 12, 24]);
    vec![
        canvas.text(8, 4, 2, &white, &name),
        canvas.text(8, 23, 2, &white, &format!("{visit} DOB {}", person.birth.slashed())),
        canvas.text(8, usize::from(US_ROWS) - 18, 1, &white, HOSPITAL),
    ]
}
