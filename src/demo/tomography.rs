//! CT series: phantoms of known Hounsfield units (air -1000, water 0, bone 700), signed samples.

use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};

use super::canvas::{Canvas, ellipse};
use super::chance::Chance;
use super::object::{Object, Pixels, Series, Shape, Syntax, acquired, texts};
use super::plan::{Archive, Exam, Study};

/// Rows and columns of a slice.
const SIDE: u16 = 512;
/// Thickness and distance of slices, mm.
const THICKNESS: f64 = 2.5;
/// What scanners put outside the reconstruction circle, stored units.
const PADDING: i32 = -2000;

/// One CT series of an examination.
struct Scan {
    number: u64,
    slices: u64,
    syntax: Syntax,
    /// RescaleIntercept: stored = HU - intercept.
    intercept: i32,
    /// Whether samples outside the circle hold [`PADDING`].
    padded: bool,
    /// Window centers and widths, as stored in the header, with their explanations.
    windows: [&'static str; 3],
    kernel: &'static str,
}

const CHEST: &[Scan] = &[Scan {
    number: 2,
    slices: 24,
    syntax: Syntax::ExplicitLittle,
    intercept: -1024,
    padded: true,
    windows: ["40\\-600", "400\\1500", "MEDIASTINUM\\LUNG"],
    kernel: "STANDARD",
}];
const HEAD: &[Scan] = &[Scan {
    number: 2,
    slices: 24,
    syntax: Syntax::JpegLossless,
    intercept: 0,
    padded: false,
    windows: ["35", "80", "BRAIN"],
    kernel: "H30s",
}];
const ABDOMEN: &[Scan] = &[
    Scan {
        number: 2,
        slices: 8,
        syntax: Syntax::Jpeg2000,
        intercept: -1024,
        padded: false,
        windows: ["50", "350", "ABDOMEN"],
        kernel: "B30f",
    },
    Scan {
        number: 3,
        slices: 8,
        syntax: Syntax::JpegLs,
        intercept: -1024,
        padded: true,
        windows: ["300", "1500", "BONE"],
        kernel: "B70f",
    },
];

/// The CT objects of a study, in order; none if it is another kind of examination.
pub(super) fn objects<'a>(archive: &'a Archive, study: &'a Study) -> Vec<Object<'a>> {
    let scans = match study.row.exam {
        Exam::CtChest => CHEST,
        Exam::CtHead => HEAD,
        Exam::CtAbdomen => ABDOMEN,
        _ => return Vec::new(),
    };
    scans.iter().flat_map(|scan| (1..=scan.slices).map(|slice| object(archive, study, scan, slice))).collect()
}

fn object<'a>(archive: &'a Archive, study: &'a Study, scan: &'static Scan, slice: u64) -> Object<'a> {
    let series = Series {
        archive,
        study,
        number: scan.number,
        class: uids::CT_IMAGE_STORAGE,
        modality: "CT",
        description: format!("{} {THICKNESS} mm {}", study.row.body_part, archive.person(study).family),
    };
    let z = (slice - 1) as f64 * THICKNESS - 300.0;
    let mut data = series.data(slice);
    acquired(&mut data, study.day, &study.time);
    texts(
        &mut data,
        &[
            (tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\AXIAL"),
            (tags::ACQUISITION_NUMBER, VR::IS, "1"),
            (tags::KVP, VR::DS, "120"),
            (tags::SLICE_THICKNESS, VR::DS, &THICKNESS.to_string()),
            (tags::CONVOLUTION_KERNEL, VR::SH, scan.kernel),
            (tags::PROTOCOL_NAME, VR::LO, &format!("{} {}", study.row.code, archive.person(study).mrn)),
            (tags::PATIENT_POSITION, VR::CS, "HFS"),
            (tags::FRAME_OF_REFERENCE_UID, VR::UI, &archive.uid(study, scan.number, 1 << 32)),
            (tags::POSITION_REFERENCE_INDICATOR, VR::LO, ""),
            (tags::IMAGE_POSITION_PATIENT, VR::DS, &format!("-180\\-180\\{z}")),
            (tags::IMAGE_ORIENTATION_PATIENT, VR::DS, "1\\0\\0\\0\\1\\0"),
            (tags::PIXEL_SPACING, VR::DS, "0.703125\\0.703125"),
            (tags::SLICE_LOCATION, VR::DS, &z.to_string()),
            (tags::RESCALE_INTERCEPT, VR::DS, &scan.intercept.to_string()),
            (tags::RESCALE_SLOPE, VR::DS, "1"),
            (tags::RESCALE_TYPE, VR::LO, "HU"),
            (tags::WINDOW_CENTER, VR::DS, scan.windows[0]),
            (tags::WINDOW_WIDTH, VR::DS, scan.windows[1]),
            (tags::WINDOW_CENTER_WIDTH_EXPLANATION, VR::LO, scan.windows[2]),
        ],
    );
    if scan.padded {
        data.put(DataElement::new(tags::PIXEL_PADDING_VALUE, VR::SS, PrimitiveValue::from(PADDING as i16)));
    }
    let shape = Shape { signed: true, ..Shape::grey16(SIDE, SIDE, 16) };
    let place = (slice - 1) as i32 * 24 / scan.slices as i32;
    let seed = Chance::about(archive.seed, &[4, study.index as u64, scan.number, slice]);
    let exam = study.row.exam;
    let draw = move || {
        let mut canvas = phantom(exam, place);
        canvas.noise(&mut seed.clone(), 12);
        canvas.clamp(-1000, 3000);
        Pixels { bytes: stored(&canvas, scan), burned: Vec::new() }
    };
    Object { path: series.path(slice), data, picture: Some((shape, Box::new(draw))), syntax: scan.syntax }
}

/// Stored samples of a slice in Hounsfield units.
fn stored(canvas: &Canvas, scan: &Scan) -> Vec<u8> {
    let mut bytes = canvas.bytes16();
    let radius = i32::from(SIDE) / 2;
    for (at, sample) in bytes.chunks_exact_mut(2).enumerate() {
        let (y, x) = ((at / usize::from(SIDE)) as i32 - radius, (at % usize::from(SIDE)) as i32 - radius);
        let value = if scan.padded && x * x + y * y > radius * radius {
            PADDING
        } else {
            i32::from(i16::from_le_bytes([sample[0], sample[1]])) - scan.intercept
        };
        sample.copy_from_slice(&(value as i16).to_le_bytes());
    }
    bytes
}

/// One slice in Hounsfield units; `place` runs from 0 (lowest) to 23. Left and right, top and bottom differ, so
/// that flips and transposes show.
fn phantom(exam: Exam, place: i32) -> Canvas {
    let side = usize::from(SIDE);
    let mut canvas = Canvas::new(side, side, 1, -1000);
    let parts: Vec<([i32; 4], i32)> = match exam {
        Exam::CtChest => vec![
            ([500, 520, 400, 270], 40),
            ([330, 500, 130 - place, 190 - 2 * place], -860),
            ([670, 500, 135 - place, 195 - 2 * place], -860),
            ([560, 470, 60 + place, 75 + place], 45),
            ([500, 690, 45, 45], 700),
            ([500, 690, 16, 16], 0),
            ([545, 640, 22, 22], 150),
            ([300 + 4 * place, 430, 12, 12], 30),
        ],
        Exam::CtHead => vec![
            ([500, 500, 300 - place, 380 - place], 700),
            ([500, 500, 275 - place, 350 - place], 35),
            ([460, 450, 30, 90], 5),
            ([540, 450, 26, 90], 5),
            ([610, 560, 10 + 2 * place, 8 + 2 * place], 70),
        ],
        _ => vec![
            ([500, 520, 420, 300], -90),
            ([500, 520, 390, 270], 50),
            ([340, 450, 170, 140 - 2 * place], 110),
            ([650, 480, 60, 90 + place], 120),
            ([500, 700, 45, 45], 700),
            ([470, 620, 20, 20], 160),
            ([600, 640, 40 + place, 60], 30),
            ([430, 420, 30, 18], 0),
        ],
    };
    for (place, hounsfield) in parts {
        let part = ellipse(&canvas, place);
        canvas.disc(part, &[hounsfield]);
    }
    // The table, and a wire on the patient's left shoulder.
    canvas.block([90, 440, 330, 8], &[180]);
    canvas.block([400, 96, 5, 14], &[2500]);
    canvas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phantom_holds_air_water_and_bone_at_known_places() {
        let archive = Archive::new(3, 1);
        let at = |scan: &Scan, exam, x: usize, y: usize| {
            let bytes = stored(&phantom(exam, 0), scan);
            let place = (y * 512 + x) * 2;
            i32::from(i16::from_le_bytes([bytes[place], bytes[place + 1]])) + scan.intercept
        };
        // Spine at (500, 690) thousandths of 512 = (256, 353), its canal water; ring of bone 30 thousandths further.
        assert_eq!(at(&CHEST[0], Exam::CtChest, 256, 353), 0);
        assert_eq!(at(&CHEST[0], Exam::CtChest, 256 + 15, 353), 700);
        assert_eq!(at(&HEAD[0], Exam::CtHead, 256, 20), -1000);
        // The corner lies outside the circle: stored -2000.
        assert_eq!(at(&CHEST[0], Exam::CtChest, 0, 0), PADDING + CHEST[0].intercept);
        assert_eq!(at(&HEAD[0], Exam::CtHead, 0, 0), -1000);
        let counts: Vec<usize> = archive.studies.iter().map(|study| objects(&archive, study).len()).collect();
        assert_eq!(counts[..4], [24, 24, 16, 0]);
    }
}
