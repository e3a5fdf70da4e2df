//! Frames with no symmetry in every sample type, masked and padded, for comparing engines.

pub use super::made_frames::{chance, interpretation};
use voxmill::deid::burned_in::clip_to_frame;
use voxmill::model::*;
use voxmill::pixel::{Plan, PlanSpec, Shape, Want};
use voxmill::score::Rules;

/// One frame and its plan.
pub struct Case {
    pub what: String,
    pub frame: Frame,
    pub plan: Plan,
}

pub fn plan(frame: &Frame, boxes: &[[u32; 4]]) -> Plan {
    let boxes: Vec<_> =
        boxes.iter().map(|[x, y, w, h]| MaskBox { x: *x, y: *y, w: *w, h: *h, reason: "rule" }).collect();
    let masks = clip_to_frame(&boxes, frame.rows, frame.columns, "test");
    let spec = PlanSpec::default();
    Plan::new(&spec, Shape::of(frame), &frame.interpretation, masks).unwrap().wanting(Want::Quality)
}

/// A bright disc with a dent on a darker ramp, with noise, in all bits.
pub fn picture(rows: u32, columns: u32, samples: u8, sample_type: SampleType, how: Interpretation) -> Frame {
    let bits = u32::from(how.bits_stored.min(32));
    let range = 2f64.powi(bits as i32);
    let low = if sample_type.signed() { -range / 2.0 } else { 0.0 };
    let mut next = chance(u64::from(rows * 1000 + columns));
    let mut bytes = Vec::new();
    for y in 0..rows {
        for x in 0..columns {
            let (dx, dy) = (f64::from(x) / f64::from(columns) - 0.45, f64::from(y) / f64::from(rows) - 0.55);
            let disc = if dx * dx + dy * dy < 0.09 && x * 7 % 50 > 3 { 0.5 } else { 0.0 };
            for _ in 0..samples {
                let noise = (next() % 1000) as f64 / 1000.0;
                let value = low + (range - 1.0) * (0.1 + 0.1 * dx + disc + 0.2 * noise).clamp(0.0, 1.0);
                match sample_type {
                    SampleType::F32 if (x + 3 * y) % 41 == 7 => bytes.extend(f32::NAN.to_le_bytes()),
                    SampleType::F32 => bytes.extend((value as f32 * 1e-3).to_le_bytes()),
                    SampleType::F64 => bytes.extend((value * 1e-3).to_le_bytes()),
                    _ => bytes.extend(&(value as i64).to_le_bytes()[..sample_type.bytes()]),
                }
            }
        }
    }
    Frame::new(rows, columns, samples, sample_type, bytes, how).unwrap()
}

/// Single pixels and lines, primes, more rows than one stride surveys.
const SHAPES: [(u32, u32); 8] = [(1, 1), (1, 13), (17, 1), (5, 3), (31, 47), (97, 53), (9, 211), (521, 397)];

const GREY: [(SampleType, u8); 9] = [
    (SampleType::U8, 8),
    (SampleType::U8, 1),
    (SampleType::I8, 8),
    (SampleType::U16, 12),
    (SampleType::U16, 16),
    (SampleType::I16, 16),
    (SampleType::U32, 32),
    (SampleType::F32, 32),
    (SampleType::F64, 64),
];

/// Every sample type in every shape, and for one shape masks, padding, inversion, falling slopes, tables and colour.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |what: String, frame: Frame, boxes: &[[u32; 4]]| {
        let plan = plan(&frame, boxes);
        cases.push(Case { what, frame, plan });
    };
    for (rows, columns) in SHAPES {
        for (sample_type, bits) in GREY {
            let what = format!("{rows}x{columns} {sample_type:?} {bits}");
            add(what, picture(rows, columns, 1, sample_type, interpretation(Photometric::Monochrome2, bits)), &[]);
        }
    }
    let boxes = [[3, 2, 20, 9], [10, 5, 4, 30], [46, 0, 1, 1]];
    for (sample_type, bits) in GREY {
        let mut how = interpretation(Photometric::Monochrome1, bits);
        how.modality = Modality::Rescale { slope: -0.5, intercept: 100.0 };
        how.voi = vec![Voi::Window { center: 60.0, width: 70.0, function: VoiFunction::Linear }];
        let frame = picture(61, 47, 1, sample_type, how.clone());
        add(format!("masked {sample_type:?}"), frame, &boxes);
        let (low, range) = if sample_type.signed() { (-(1i64 << (bits.min(32) - 1)), 30) } else { (0, 30) };
        how.padding = Some((low as i32, (low + range * (1 << bits.min(16)) / 128) as i32));
        add(format!("padded {sample_type:?}"), picture(61, 47, 1, sample_type, how), &boxes[..1]);
    }
    for photometric in [Photometric::Rgb, Photometric::YbrFull, Photometric::YbrPartial] {
        let frame = picture(61, 47, 3, SampleType::U8, interpretation(photometric, 8));
        add(format!("{photometric:?}"), frame, &boxes);
    }
    let frame = picture(8, 8, 1, SampleType::U8, interpretation(Photometric::Monochrome2, 8));
    add("all masked".into(), frame, &[[0, 0, 8, 8]]);
    cases
}

/// The shipped rules; others can be tried without compiling by VOXMILL_TRY_RULES.
pub fn rules() -> Rules {
    match std::env::var_os("VOXMILL_TRY_RULES") {
        Some(path) => Rules::parse(&std::fs::read_to_string(path).unwrap()).unwrap(),
        None => Rules::shipped().unwrap(),
    }
}
