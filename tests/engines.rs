//! The fast CPU engine against the plain twins, sample by sample: every sample type, colour space, view, fit, filter and
//! element type on awkward sizes. The GPU engine's half is in tests/gpu.rs.

mod made_frames;
mod real_files;

use made_frames::{chance, interpretation};
use real_files::corpus;
use voxmill::deid::burned_in::clip_to_frame;
use voxmill::engine::{Choice, Engine, Job, open};
use voxmill::error::Kind;
use voxmill::model::*;
use voxmill::pixel::spec::{Filter, Fit, FunctionSpec, Normalize, OwnSize, Size, VoiSpec};
use voxmill::pixel::{Plan, PlanSpec, Shape, Stats, Want, twin};

/// Rows and columns: single pixels and lines, primes, small to large, large to small.
const SHAPES: [(u32, u32); 7] = [(1, 1), (1, 13), (17, 1), (5, 3), (31, 47), (97, 53), (7, 211)];

const GREY_TYPES: [(SampleType, u8); 9] = [
    (SampleType::U8, 8),
    (SampleType::U8, 1),
    (SampleType::I8, 8),
    (SampleType::U16, 12),
    (SampleType::I16, 16),
    (SampleType::U32, 32),
    (SampleType::I32, 32),
    (SampleType::F32, 32),
    (SampleType::F64, 64),
];

/// A noisy ramp over the range of the bits.
fn frame((rows, columns): (u32, u32), sample_type: SampleType, samples: u8, how: Interpretation) -> Frame {
    let bits = u32::from(how.bits_stored.min(32));
    let (low, range) = if sample_type.signed() { (-(1i64 << (bits - 1)), 1u64 << bits) } else { (0, 1u64 << bits) };
    let mut next = chance(u64::from(rows * 1000 + columns));
    let count = rows as usize * columns as usize * usize::from(samples);
    let bytes = (0..count).flat_map(|i| {
        let ramp = range as f64 * (i as f64 / count as f64) * 0.75;
        let value = low + (ramp as i64 + (next() % (range / 4).max(2)) as i64).min(range as i64 - 1);
        match sample_type {
            SampleType::F32 if i % 41 == 7 => f32::NAN.to_le_bytes().to_vec(),
            SampleType::F32 => (value as f32 * 1e-3).to_le_bytes().to_vec(),
            SampleType::F64 => (value as f64 * 1e-3).to_le_bytes().to_vec(),
            _ => value.to_le_bytes()[..sample_type.bytes()].to_vec(),
        }
    });
    Frame::new(rows, columns, samples, sample_type, bytes.collect(), how).unwrap()
}

fn job(frame: Frame, spec: &PlanSpec) -> Job {
    let b = |x, y, w, h| MaskBox { x, y, w, h, reason: "recipe" };
    let boxes = [b(2, 1, 5, 3), b(4, 2, 9, 2), b(frame.columns - 1, 0, 1, 1)];
    let boxes = if frame.rows * frame.columns > 1 { &boxes[..] } else { &[] };
    let masks = clip_to_frame(boxes, frame.rows, frame.columns, "recipe");
    let plan = Plan::new(spec, Shape::of(&frame), &frame.interpretation, masks).unwrap();
    Job { frame, plan }
}

/// Runs a batch and compares each result with the twin's; returns how many samples were compared.
fn compare(engine: &mut dyn Engine, jobs: Vec<Job>) -> usize {
    engine.submit(jobs.clone()).unwrap();
    let results = engine.collect().unwrap();
    assert_eq!(results.len(), jobs.len());
    let counting = jobs.iter().map(|job| Job { plan: job.plan.clone().wanting(Want::Both), ..job.clone() });
    engine.submit(counting.collect()).unwrap();
    let counted = engine.collect().unwrap();
    let mut compared = 0;
    for ((job, plain), done) in jobs.iter().zip(results).zip(counted) {
        let (plain, done) = (plain.unwrap(), done.unwrap());
        assert_eq!(plain.tensor, done.tensor, "counting changes a tensor: {:?}", job.frame);
        assert_eq!(plain.stats, if job.plan.counts() { done.stats.clone() } else { Stats::default() });
        let (tensor, stats) = twin(&job.frame, &job.plan).unwrap();
        let what = format!("{} {:?} {:?}", engine.name(), job.frame, done.view.voi);
        assert_eq!(done.stats, stats, "{what}");
        assert_eq!((done.tensor.shape(), done.tensor.dtype), (tensor.shape(), tensor.dtype), "{what}");
        let (got, want) = (done.tensor.to_f32(), tensor.to_f32());
        let (got, want) = (got.as_slice().unwrap(), want.as_slice().unwrap());
        let (low, high) = want.iter().fold((0.0f32, 1.0f32), |(a, b), v| (a.min(*v), b.max(*v)));
        let tolerance = match tensor.dtype {
            DType::F32 => 1e-5 * (high - low),
            // Half precision has 11 bits: one unit in the last place.
            DType::F16 => (high - low) * 2f32.powi(-10),
            DType::U8 | DType::U16 => 1.0,
        };
        for (i, (got, want)) in got.iter().zip(want).enumerate() {
            assert!((got - want).abs() <= tolerance, "{what}: sample {i}: {got}, twin {want}, tolerance {tolerance}");
        }
        compared += got.len();
    }
    compared
}

fn spec(voi: VoiSpec, normalize: Normalize, size: Size) -> PlanSpec {
    PlanSpec { voi, normalize, size, ..PlanSpec::default() }
}

#[test]
fn grey_of_every_type_size_and_view() {
    let window = |center, width, function| VoiSpec::Window { center, width, function };
    let views = [
        (VoiSpec::Auto, Normalize::Unit),
        (VoiSpec::MinMax, Normalize::ZScore),
        (VoiSpec::None, Normalize::ZScore),
        (window(300.0, 900.0, FunctionSpec::Linear), Normalize::Symmetric),
        (window(50.0, 1.0, FunctionSpec::Linear), Normalize::Unit),
        (window(10.0, 400.0, FunctionSpec::Sigmoid), Normalize::MeanStd { mean: vec![0.4], std: vec![0.2] }),
    ];
    let mut jobs = Vec::new();
    for (sample_type, bits) in GREY_TYPES {
        for (i, shape) in SHAPES.into_iter().enumerate() {
            for (k, (voi, normalize)) in views.iter().enumerate() {
                let photometric = if k % 2 == 0 { Photometric::Monochrome2 } else { Photometric::Monochrome1 };
                let mut how = interpretation(photometric, bits);
                how.modality = Modality::Rescale { slope: if i % 3 == 2 { -0.75 } else { 1.5 }, intercept: -12.25 };
                how.padding = (i % 2 == 0).then_some((0, 9));
                let size = if i % 2 == 0 { Size::Sides([19, 23]) } else { Size::Own(OwnSize::None) };
                jobs.push(job(frame(shape, sample_type, 1, how), &spec(voi.clone(), normalize.clone(), size)));
            }
        }
    }
    assert_eq!(jobs.len(), 9 * 7 * 6);
    assert!(compare(open(Choice::Cpu).unwrap().as_mut(), jobs) > 90_000);
}

#[test]
fn every_fit_filter_and_element_type() {
    let mut jobs = Vec::new();
    for filter in [Filter::Box, Filter::Triangle, Filter::CatmullRom, Filter::Lanczos3, Filter::Nearest] {
        for fit in [Fit::Letterbox, Fit::Crop, Fit::Stretch] {
            for dtype in [DType::F32, DType::F16, DType::U8, DType::U16] {
                for (i, shape) in SHAPES.into_iter().enumerate() {
                    let size = Size::Sides([[16, 9], [3, 40], [37, 37]][i % 3]);
                    let spec = PlanSpec { size, fit, filter, dtype, channels: [1, 3][i % 2], ..PlanSpec::default() };
                    jobs.push(job(
                        frame(shape, SampleType::U16, 1, interpretation(Photometric::Monochrome2, 14)),
                        &spec,
                    ));
                }
            }
        }
    }
    assert_eq!(jobs.len(), 5 * 3 * 4 * 7);
    assert!(compare(open(Choice::Cpu).unwrap().as_mut(), jobs) > 90_000);
}

#[test]
fn tables_and_colours() {
    let lut = |first, bits, step: u32| Lut {
        first,
        bits,
        entries: (0..300).map(|i: u32| (i * step % (1 << u32::from(bits))) as u16).collect(),
    };
    let mut jobs = Vec::new();
    let colours = [
        (Photometric::Rgb, SampleType::U8, 8),
        (Photometric::Rgb, SampleType::U16, 12),
        (Photometric::Rgb, SampleType::U32, 32),
        (Photometric::YbrFull, SampleType::U8, 8),
        (Photometric::YbrPartial, SampleType::U8, 8),
        (Photometric::YbrIct, SampleType::I16, 9),
        (Photometric::YbrRct, SampleType::I16, 9),
        (Photometric::Palette, SampleType::U8, 8),
        (Photometric::Palette, SampleType::U16, 9),
    ];
    for (i, shape) in SHAPES.into_iter().enumerate() {
        for (photometric, sample_type, bits) in colours {
            let mut how = interpretation(photometric, bits);
            let palette = photometric == Photometric::Palette;
            how.palette = palette.then(|| Palette { channels: [lut(3, 16, 901), lut(3, 16, 77), lut(3, 16, 5003)] });
            let samples = if palette { 1 } else { 3 };
            for channels in [1, 3] {
                let normalize = if i % 2 == 0 { Normalize::ZScore } else { Normalize::Unit };
                let spec = PlanSpec { channels, ..spec(VoiSpec::Auto, normalize, Size::Side(21)) };
                jobs.push(job(frame(shape, sample_type, samples, how.clone()), &spec));
            }
        }
        for (modality, voi) in [
            (Modality::Lut(lut(5, 12, 37)), VoiSpec::MinMax),
            (Modality::Lut(lut(5, 12, 37)), VoiSpec::File),
            (Modality::Rescale { slope: 0.3, intercept: 2.0 }, VoiSpec::File),
        ] {
            let mut how = interpretation(Photometric::Monochrome1, 9);
            how.modality = modality;
            how.voi = vec![Voi::Lut(lut(-2, 10, 11))];
            jobs.push(job(frame(shape, SampleType::U16, 1, how), &spec(voi, Normalize::Unit, Size::Side(21))));
        }
    }
    assert_eq!(jobs.len(), 7 * (9 * 2 + 3));
    assert!(compare(open(Choice::Cpu).unwrap().as_mut(), jobs) > 90_000);
}

#[test]
fn bands_and_batches_do_not_change_a_byte() {
    let make = || {
        job(frame((301, 203), SampleType::I16, 1, interpretation(Photometric::Monochrome2, 13)), &PlanSpec::default())
    };
    let mut engine = open(Choice::Cpu).unwrap();
    // Alone a frame is split over all threads; in a large batch it is not.
    engine.submit(vec![make()]).unwrap();
    engine.submit((0..64).map(|_| make()).collect()).unwrap();
    let alone = engine.collect().unwrap().remove(0).unwrap();
    let many = engine.collect().unwrap();
    assert!(engine.collect().is_none());
    assert_eq!(many.len(), 64);
    assert!(many.into_iter().all(|done| done.unwrap() == alone));
}

#[test]
fn what_lies_under_a_mask_changes_nothing() {
    // The same picture with other values under the boxes: every byte and every statistic stays.
    let how = || Interpretation { voi: Vec::new(), ..interpretation(Photometric::Monochrome2, 16) };
    let plain = frame((40, 50), SampleType::U16, 1, how());
    let mut bytes = plain.bytes().to_vec();
    for (x, y) in (1..4).flat_map(|y| (2..7).map(move |x| (x, y))).chain([(49, 0)]) {
        bytes[2 * (y * 50 + x)..][..2].copy_from_slice(&[0xff, 0xff]);
    }
    let secret = Frame::new(40, 50, 1, SampleType::U16, bytes, how()).unwrap();
    assert_ne!(plain.bytes(), secret.bytes());
    let spec = spec(VoiSpec::MinMax, Normalize::ZScore, Size::Side(24));
    let mut engine = open(Choice::Cpu).unwrap();
    engine.submit(vec![job(plain, &spec), job(secret, &spec)]).unwrap();
    let results: Vec<_> = engine.collect().unwrap().into_iter().map(|done| done.unwrap()).collect();
    assert_eq!(results[0], results[1]);
}

#[test]
fn a_plan_for_another_shape_is_our_bug_and_costs_only_its_own_job() {
    let good = job(frame((5, 4), SampleType::U8, 1, interpretation(Photometric::Monochrome2, 8)), &PlanSpec::default());
    let other = frame((4, 5), SampleType::U8, 1, interpretation(Photometric::Monochrome2, 8));
    let bad = Job { frame: other, plan: good.plan.clone() };
    let mut engine = open(Choice::Cpu).unwrap();
    engine.submit(vec![good, bad]).unwrap();
    let results = engine.collect().unwrap();
    assert!(results[0].is_ok());
    assert_eq!(results[1].as_ref().unwrap_err().kind, Kind::Bug);
}

#[test]
fn real_frames_agree() {
    let root = corpus();
    let list = std::fs::read_to_string(root.join("expected.csv")).expect("the corpus' expected.csv");
    let mut jobs = Vec::new();
    for line in list.lines().skip(1) {
        let path = root.join(line.split(',').next().unwrap());
        let Ok(bytes) = std::fs::read(path) else { continue };
        let image = voxmill::read::dicom::open(bytes).and_then(|opened| opened.image);
        // What cannot be decoded is the business of the reader's tests; large frames take the twin too long.
        let Ok(image) = image else { continue };
        if image.frame_bytes() > 600_000 {
            continue;
        }
        let Ok(frame) = image.decode(0) else { continue };
        jobs.push(job(frame, &PlanSpec { channels: [1, 3][jobs.len() % 2], ..PlanSpec::default() }));
    }
    assert!(jobs.len() >= 200, "{} frames", jobs.len());
    assert!(compare(open(Choice::Cpu).unwrap().as_mut(), jobs) > 200 * 224 * 224);
}
