//! Projection images: CR, DX and mammograms. Samples are what an ideal detector sees behind ellipsoids.

use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

use super::canvas::{Canvas, ellipse};
use super::chance::Chance;
use super::object::{Object, Pixels, Series, Shape, Syntax, acquired, code, sequence, texts};
use super::plan::{Archive, Exam, Study};

/// One projection.
struct View {
    class: &'static str,
    syntax: Syntax,
    /// MONOCHROME1 or 2.
    photometric: &'static str,
    rows: u16,
    columns: u16,
    bits: u16,
    view: &'static str,
    laterality: &'static str,
    orientation: &'static str,
    /// Window center, width and function; an empty center stands for a VOI LUT.
    window: [&'static str; 3],
}

const CR: &str = uids::COMPUTED_RADIOGRAPHY_IMAGE_STORAGE;
const DX: &str = uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION;
const MG: &str = uids::DIGITAL_MAMMOGRAPHY_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION;

const CR_CHEST: View = View {
    class: CR,
    syntax: Syntax::ExplicitLittle,
    photometric: "MONOCHROME1",
    rows: 1500,
    columns: 1200,
    bits: 12,
    view: "PA",
    laterality: "",
    orientation: "L\\F",
    window: ["2048", "3600", "LINEAR"],
};
const CR_PELVIS: View = View {
    syntax: Syntax::JpegLossless,
    photometric: "MONOCHROME2",
    rows: 1200,
    columns: 1500,
    view: "AP",
    window: ["1800\\2200", "3000\\1500", "LINEAR"],
    ..CR_CHEST
};
const DX_HAND: View = View {
    class: DX,
    syntax: Syntax::ImplicitLittle,
    photometric: "MONOCHROME2",
    rows: 1400,
    columns: 1100,
    laterality: "L",
    window: ["", "", ""],
    ..CR_CHEST
};
const DX_CHEST: View = View {
    class: DX,
    syntax: Syntax::Jpeg2000,
    photometric: "MONOCHROME2",
    bits: 14,
    laterality: "U",
    window: ["8000", "9000", "SIGMOID"],
    ..CR_CHEST
};
const MG_RIGHT_CC: View = View {
    class: MG,
    syntax: Syntax::JpegLs,
    photometric: "MONOCHROME2",
    rows: 1400,
    columns: 1100,
    bits: 12,
    view: "CC",
    laterality: "R",
    orientation: "P\\L",
    window: ["2000", "3000", "LINEAR"],
};
const MG_LEFT_CC: View = View { laterality: "L", orientation: "A\\R", ..MG_RIGHT_CC };
const MG_RIGHT_MLO: View = View { view: "MLO", orientation: "P\\FL", ..MG_RIGHT_CC };
const MG_LEFT_MLO: View = View { view: "MLO", orientation: "A\\FR", syntax: Syntax::JpegLossless, ..MG_LEFT_CC };

/// The projections of a study; none if it is another kind of examination.
pub(super) fn objects<'a>(archive: &'a Archive, study: &'a Study) -> Vec<Object<'a>> {
    let views: &'static [View] = match study.row.exam {
        Exam::CrChest => &[CR_CHEST],
        Exam::CrPelvis => &[CR_PELVIS],
        Exam::DxHand => &[DX_HAND],
        Exam::DxChest => &[DX_CHEST],
        Exam::Mammography => &[MG_RIGHT_CC, MG_LEFT_CC, MG_RIGHT_MLO, MG_LEFT_MLO],
        _ => &[],
    };
    (1..).zip(views).map(|(instance, view)| object(archive, study, view, instance)).collect()
}

fn object<'a>(archive: &'a Archive, study: &'a Study, view: &'static View, instance: u64) -> Object<'a> {
    let series = Series {
        archive,
        study,
        number: 1,
        class: view.class,
        modality: study.row.modality,
        description: study.row.words.to_string(),
    };
    let mut data = series.data(instance);
    acquired(&mut data, study.day, &study.time);
    texts(
        &mut data,
        &[
            (tags::IMAGE_TYPE, VR::CS, if view.class == CR { "ORIGINAL\\PRIMARY" } else { "DERIVED\\PRIMARY" }),
            (tags::VIEW_POSITION, VR::CS, view.view),
            (tags::PATIENT_ORIENTATION, VR::CS, view.orientation),
            (tags::IMAGER_PIXEL_SPACING, VR::DS, "0.2\\0.2"),
            (tags::KVP, VR::DS, "90"),
            (tags::BURNED_IN_ANNOTATION, VR::CS, "NO"),
            (tags::RESCALE_INTERCEPT, VR::DS, "0"),
            (tags::RESCALE_SLOPE, VR::DS, "1"),
            (tags::RESCALE_TYPE, VR::LO, "US"),
        ],
    );
    if view.class == CR {
        texts(&mut data, &[(tags::PLATE_ID, VR::LO, "PLATE7"), (tags::CASSETTE_SIZE, VR::CS, "35CMX43CM")]);
    } else {
        put_detector(&mut data, view);
    }
    put_view_of_interest(&mut data, view);
    let shape = Shape { photometric: view.photometric, ..Shape::grey16(view.rows, view.columns, view.bits) };
    let seed = Chance::about(archive.seed, &[5, study.index as u64, instance]);
    let exam = study.row.exam;
    let draw = move || {
        let canvas = picture(exam, view, &mut seed.clone());
        Pixels { bytes: canvas.bytes16(), burned: Vec::new() }
    };
    Object { path: series.path(instance), data, picture: Some((shape, Box::new(draw))), syntax: view.syntax }
}

/// DX Image, DX Detector and Mammography Image modules (PS3.3 C.8.11).
fn put_detector(data: &mut InMemDicomObject, view: &View) {
    texts(
        data,
        &[
            (tags::PRESENTATION_INTENT_TYPE, VR::CS, "FOR PRESENTATION"),
            (tags::IMAGE_LATERALITY, VR::CS, view.laterality),
            (tags::PIXEL_INTENSITY_RELATIONSHIP, VR::CS, "LOG"),
            (tags::PRESENTATION_LUT_SHAPE, VR::CS, "IDENTITY"),
            (tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "00"),
            (tags::DETECTOR_TYPE, VR::CS, "SCINTILLATOR"),
            (tags::DETECTOR_ID, VR::SH, "SN-DEMO-PANEL-3"),
        ],
    );
    data.put(DataElement::new(tags::PIXEL_INTENSITY_RELATIONSHIP_SIGN, VR::SS, PrimitiveValue::from(-1i16)));
    sequence(data, tags::ACQUISITION_CONTEXT_SEQUENCE, Vec::new());
    if view.class == MG {
        texts(data, &[(tags::ORGAN_EXPOSED, VR::CS, "BREAST"), (tags::BREAST_IMPLANT_PRESENT, VR::CS, "NO")]);
        texts(data, &[(tags::POSITIONER_TYPE, VR::CS, "MAMMOGRAPHIC")]);
        sequence(data, tags::ANATOMIC_REGION_SEQUENCE, vec![code("76752008", "SCT", "Breast")]);
        let (value, meaning) =
            if view.view == "CC" { ("399162004", "cranio-caudal") } else { ("399368009", "medio-lateral oblique") };
        let mut view = code(value, "SCT", meaning);
        sequence(&mut view, tags::VIEW_MODIFIER_CODE_SEQUENCE, Vec::new());
        sequence(data, tags::VIEW_CODE_SEQUENCE, vec![view]);
    } else {
        texts(data, &[(tags::POSITIONER_TYPE, VR::CS, "")]);
        let (value, meaning) = if view.laterality == "L" { ("85562004", "Hand") } else { ("51185008", "Chest") };
        sequence(data, tags::ANATOMIC_REGION_SEQUENCE, vec![code(value, "SCT", meaning)]);
    }
}

fn put_view_of_interest(data: &mut InMemDicomObject, view: &View) {
    let [center, width, function] = view.window;
    if !center.is_empty() {
        return texts(
            data,
            &[
                (tags::WINDOW_CENTER, VR::DS, center),
                (tags::WINDOW_WIDTH, VR::DS, width),
                (tags::VOILUT_FUNCTION, VR::CS, function),
            ],
        );
    }
    // A VOI LUT of 4096 entries of 12 bits: the square root, which brightens soft tissue.
    let entries: Vec<u16> = (0..4096u16).map(|x| (f32::from(x) * 4095.0).sqrt() as u16).collect();
    let mut lut = InMemDicomObject::new_empty();
    lut.put(DataElement::new(tags::LUT_DESCRIPTOR, VR::US, PrimitiveValue::U16([4096, 0, 12].as_slice().into())));
    texts(&mut lut, &[(tags::LUT_EXPLANATION, VR::LO, "SQUARE ROOT")]);
    lut.put(DataElement::new(tags::LUT_DATA, VR::OW, PrimitiveValue::U16(entries.into())));
    data.put(DataElement::new(tags::VOILUT_SEQUENCE, VR::SQ, DataSetSequence::from(vec![lut])));
}

/// Centre and half axes in thousandths, and what a ray through the centre loses, in thousandths of the range.
type Body = ([i32; 4], i32);

fn bodies(exam: Exam) -> &'static [Body] {
    match exam {
        Exam::CrChest | Exam::DxChest => &[
            ([500, 600, 480, 700], 520),
            ([330, 480, 160, 330], -260),
            ([680, 480, 150, 310], -260),
            ([560, 600, 130, 170], 180),
            ([500, 500, 45, 600], 140),
            ([380, 380, 14, 12], 90),
        ],
        Exam::CrPelvis => &[
            ([500, 500, 520, 480], 500),
            ([270, 400, 170, 240], 180),
            ([730, 400, 165, 240], 180),
            ([500, 330, 70, 260], 150),
            ([240, 760, 70, 250], 160),
            ([770, 760, 70, 240], 160),
        ],
        _ => &[
            ([480, 700, 270, 260], 420),
            ([250, 330, 45, 260], 330),
            ([380, 270, 50, 290], 330),
            ([510, 250, 52, 300], 330),
            ([640, 290, 48, 270], 330),
            ([820, 560, 60, 210], 330),
            ([480, 640, 150, 160], 160),
        ],
    }
}

/// The picture behind the bodies: bright where much was absorbed, dark where little, as MONOCHROME2 shows it;
/// MONOCHROME1 stores the opposite.
fn picture(exam: Exam, view: &View, chance: &mut Chance) -> Canvas {
    let top = (1i32 << view.bits) - 1;
    let mut canvas = Canvas::new(usize::from(view.rows), usize::from(view.columns), 1, top / 20);
    if exam == Exam::Mammography {
        breast(&mut canvas, view, top);
    } else {
        for &(place, loss) in bodies(exam) {
            let body = ellipse(&canvas, place);
            canvas.dome(body, (loss * top / 1000) as f32);
        }
    }
    canvas.noise(chance, top / 400);
    // The side marker of lead, top left.
    canvas.text(40, 40, 8, &[top], if view.laterality == "L" { "L" } else { "R" });
    canvas.clamp(0, top);
    if view.photometric == "MONOCHROME1" {
        canvas.invert(top);
    }
    canvas
}

fn breast(canvas: &mut Canvas, view: &View, top: i32) {
    // The chest wall is at the right border for the right breast, at the left for the left one.
    let wall = if view.laterality == "R" { 1000 } else { 0 };
    let inward = |x: i32| if view.laterality == "R" { wall - x } else { wall + x };
    let drop = if view.view == "MLO" { 60 } else { 0 };
    for (place, loss) in [
        ([wall, 500 + drop, 640, 430], 450),
        ([inward(250), 470 + drop, 260, 230], 200),
        ([inward(330), 380 + drop, 25, 22], 160),
        ([inward(180), 620 + drop, 9, 8], 240),
    ] {
        let body = ellipse(canvas, place);
        canvas.dome(body, (loss * top / 1000) as f32);
    }
    if view.view == "MLO" {
        let muscle = ellipse(canvas, [wall, 60, 260, 420]);
        canvas.dome(muscle, (top / 4) as f32);
    }
}
