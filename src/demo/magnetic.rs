//! MR images: unsigned samples without rescale, slices in three orientations.

use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

use super::canvas::{Canvas, ellipse};
use super::chance::Chance;
use super::object::{Object, Pixels, Series, Shape, Syntax, acquired, texts};
use super::plan::{Archive, Exam, Study};

/// One MR series.
pub(super) struct Scan {
    pub(super) slices: u64,
    pub(super) side: u16,
    pub(super) bits: u16,
    pub(super) syntax: Syntax,
    /// ImageOrientationPatient, and the axis along which slices follow each other.
    pub(super) orientation: &'static str,
    axis: usize,
    window: [&'static str; 2],
}

const BRAIN: Scan = Scan {
    slices: 12,
    side: 256,
    bits: 16,
    syntax: Syntax::ExplicitBig,
    orientation: "1\\0\\0\\0\\1\\0",
    axis: 2,
    window: ["600", "1200"],
};
const KNEE: Scan =
    Scan { slices: 8, bits: 12, syntax: Syntax::Deflated, orientation: "1\\0\\0\\0\\0\\-1", axis: 1, ..BRAIN };
const SPINE: Scan =
    Scan { slices: 8, side: 320, bits: 12, syntax: Syntax::Rle, orientation: "0\\1\\0\\0\\0\\-1", axis: 0, ..BRAIN };
/// The enhanced object takes its geometry from here.
pub(super) const HEAD: Scan = Scan { slices: 8, side: 192, bits: 12, syntax: Syntax::ExplicitLittle, ..BRAIN };

/// The single-frame MR objects of a study; none if it is another kind of examination.
pub(super) fn objects<'a>(archive: &'a Archive, study: &'a Study) -> Vec<Object<'a>> {
    let scan: &'static Scan = match study.row.exam {
        Exam::MrBrain => &BRAIN,
        Exam::MrKnee => &KNEE,
        Exam::MrSpine => &SPINE,
        _ => return Vec::new(),
    };
    (1..=scan.slices).map(|slice| object(archive, study, scan, slice)).collect()
}

/// Position of a slice, mm, as ImagePositionPatient.
pub(super) fn position(scan: &Scan, slice: u64) -> String {
    let mut place = [-110.0, -115.0, 90.0];
    place[scan.axis] = slice as f64 * 5.0 - 40.0;
    format!("{}\\{}\\{}", place[0], place[1], place[2])
}

/// PixelSpacing of a field of view of 220 mm.
pub(super) fn spacing(scan: &Scan) -> String {
    // 220 mm over 256, 320 or 192 pixels: each a number of few decimals.
    let mm = 220.0 / f64::from(scan.side);
    format!("{mm:.6}\\{mm:.6}")
}

fn put_sequence_settings(data: &mut InMemDicomObject) {
    texts(
        data,
        &[
            (tags::SCANNING_SEQUENCE, VR::CS, "SE"),
            (tags::SEQUENCE_VARIANT, VR::CS, "NONE"),
            (tags::SCAN_OPTIONS, VR::CS, ""),
            (tags::MR_ACQUISITION_TYPE, VR::CS, "2D"),
            (tags::REPETITION_TIME, VR::DS, "520"),
            (tags::ECHO_TIME, VR::DS, "11"),
            (tags::ECHO_TRAIN_LENGTH, VR::IS, "1"),
            (tags::MAGNETIC_FIELD_STRENGTH, VR::DS, "1.5"),
        ],
    );
}

fn object<'a>(archive: &'a Archive, study: &'a Study, scan: &'static Scan, slice: u64) -> Object<'a> {
    let series = Series {
        archive,
        study,
        number: 4,
        class: uids::MR_IMAGE_STORAGE,
        modality: "MR",
        description: format!("T1 SE {}", study.row.body_part),
    };
    let mut data = series.data(slice);
    acquired(&mut data, study.day, &study.time);
    put_sequence_settings(&mut data);
    texts(
        &mut data,
        &[
            (tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\M\\SE"),
            (tags::PATIENT_POSITION, VR::CS, "HFS"),
            (tags::FRAME_OF_REFERENCE_UID, VR::UI, &archive.uid(study, 4, 1 << 32)),
            (tags::POSITION_REFERENCE_INDICATOR, VR::LO, ""),
            (tags::IMAGE_POSITION_PATIENT, VR::DS, &position(scan, slice)),
            (tags::IMAGE_ORIENTATION_PATIENT, VR::DS, scan.orientation),
            (tags::PIXEL_SPACING, VR::DS, &spacing(scan)),
            (tags::SLICE_THICKNESS, VR::DS, "5"),
            (tags::SPACING_BETWEEN_SLICES, VR::DS, "5"),
            (tags::WINDOW_CENTER, VR::DS, scan.window[0]),
            (tags::WINDOW_WIDTH, VR::DS, scan.window[1]),
        ],
    );
    let shape = Shape::grey16(scan.side, scan.side, scan.bits);
    let chance = Chance::about(archive.seed, &[6, study.index as u64, slice]);
    let exam = study.row.exam;
    let draw =
        move || Pixels { bytes: phantom(exam, scan, slice as i32, &mut chance.clone()).bytes16(), burned: Vec::new() };
    Object { path: series.path(slice), data, picture: Some((shape, Box::new(draw))), syntax: scan.syntax }
}

/// One slice, from 1; `exam` says what is in it.
pub(super) fn phantom(exam: Exam, scan: &Scan, slice: i32, chance: &mut Chance) -> Canvas {
    let side = usize::from(scan.side);
    let mut canvas = Canvas::new(side, side, 1, 20);
    let parts: &[([i32; 4], i32)] = match exam {
        Exam::MrKnee => &[
            ([500, 500, 330, 480], 500),
            ([500, 280, 190, 260], 1050),
            ([520, 760, 180, 220], 1000),
            ([210, 460, 60, 110], 900),
            ([500, 515, 200, 16], 120),
        ],
        Exam::MrSpine => &[
            ([500, 500, 460, 490], 350),
            ([520, 500, 90, 480], 900),
            ([650, 500, 35, 480], 150),
            ([650, 480, 18, 440], 420),
            ([800, 520, 60, 400], 1100),
        ],
        _ => &[
            ([500, 500, 400, 460], 1000),
            ([500, 500, 370, 430], 60),
            ([500, 500, 350, 410], 520),
            ([500, 500, 240, 300], 760),
            ([455, 450, 28, 95], 120),
            ([550, 455, 24, 90], 120),
            ([640, 590, 30, 26], 980),
        ],
    };
    for &(place, signal) in parts {
        let [x, y, rx, ry] = place;
        let part = ellipse(&canvas, [x, y, rx - slice * rx / 60, ry - slice * ry / 60]);
        canvas.disc(part, &[signal + 6 * slice]);
    }
    canvas.noise(chance, 14);
    canvas.clamp(0, 4095);
    canvas
}
