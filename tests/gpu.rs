//! The GPU engine against the twins, sample by sample, on a software Vulkan adapter: every sample type, colour space,
//! view, fit, filter, normalisation and element type, awkward sizes, and the paths that only huge frames take.
//!
//! Without an adapter each test prints a line that begins with `SKIP:` and passes, unless VOXMILL_NO_SKIP is set, as
//! in CI: then it fails.

#![expect(clippy::print_stdout, reason = "a skipped test says why, a passed one how close it was")]

#[path = "gpu/compare.rs"]
mod compare;

use compare::*;
use voxmill::engine::{Choice, Engine, Job, gpu, open};
use voxmill::error::{Kind, Result};
use voxmill::model::*;
use voxmill::pixel::PlanSpec;
use voxmill::pixel::spec::{Filter, Fit, FunctionSpec, Normalize, OwnSize, Size, VoiSpec};

const TYPES: [(SampleType, u8); 12] = [
    (SampleType::U8, 8),
    (SampleType::U8, 1),
    (SampleType::I8, 8),
    (SampleType::U16, 16),
    (SampleType::U16, 12),
    (SampleType::I16, 16),
    (SampleType::I16, 12),
    (SampleType::U32, 32),
    (SampleType::I32, 32),
    (SampleType::I32, 20),
    (SampleType::F32, 32),
    (SampleType::F64, 64),
];

const DTYPES: [DType; 4] = [DType::F32, DType::F16, DType::U8, DType::U16];

#[test]
fn every_sample_type_and_element_type_on_awkward_sizes() {
    let Some(mut engine) = engine() else { return };
    let mut jobs = Vec::new();
    for (sample_type, bits) in TYPES {
        for [rows, columns] in [[1, 1], [1, 131], [37, 1], [53, 47], [2, 3]] {
            for dtype in DTYPES {
                for size in [Size::Own(OwnSize::None), Size::Sides([31, 29])] {
                    let half = f64::from(2f32.powi(i32::from(bits.min(31)) - 1)) * 1.25;
                    let voi = window(half / 2.0, half * 1.5, FunctionSpec::LinearExact);
                    let spec = PlanSpec { voi, size, dtype, ..PlanSpec::default() };
                    let what = format!("{sample_type:?}/{bits} {rows}x{columns} to {dtype:?} {size:?}");
                    jobs.push((what, job(grey(rows, columns, sample_type, bits), &spec, &[])));
                }
            }
        }
    }
    assert_eq!(jobs.len(), 12 * 5 * 4 * 2);
    let found = check(&mut engine, jobs);
    found.print("sample and element types");
    // 64-bit floats: 5 sizes x 4 element types x 2.
    assert_eq!(engine.delegated(), 40);
    assert!(found.steps * 1000 <= found.elements, "{} of {} elements differ", found.steps, found.elements);
}

#[test]
fn every_fit_and_filter() {
    let Some(mut engine) = engine() else { return };
    let mut jobs = Vec::new();
    for filter in [Filter::Box, Filter::Triangle, Filter::CatmullRom, Filter::Lanczos3, Filter::Nearest] {
        for fit in [Fit::Letterbox, Fit::Crop, Fit::Stretch] {
            for [rows, columns, out_rows, out_columns] in
                [[61, 43, 17, 23], [7, 5, 41, 37], [64, 3, 16, 16], [3, 200, 24, 24], [40, 40, 40, 80], [1, 1, 9, 4]]
            {
                for channels in [1, 3] {
                    let spec = PlanSpec { filter, fit, channels, ..spec(out_rows, out_columns) };
                    let what = format!("{filter:?} {fit:?} {rows}x{columns} to {channels}x{out_rows}x{out_columns}");
                    jobs.push((
                        what,
                        job(grey(rows, columns, SampleType::I16, 12), &spec, &[[2, 1, 9, 5], [5, 3, 1, 99]]),
                    ));
                }
            }
        }
    }
    assert_eq!(jobs.len(), 5 * 3 * 6 * 2);
    check(&mut engine, jobs).print("fits and filters");
}

#[test]
fn every_view_and_normalisation() {
    let Some(mut engine) = engine() else { return };
    let lut = |bits| Lut { first: -90, entries: (0..500u32).map(|i| (i * i % 251) as u16).collect(), bits };
    let mean_std = Normalize::MeanStd { mean: vec![0.485, 0.456, 0.406], std: vec![0.229, 0.224, 0.225] };
    let mut jobs = Vec::new();
    let views = [
        window(200.0, 900.0, LINEAR),
        window(40.0, 1.0, LINEAR),
        window(40.0, 80.0, FunctionSpec::LinearExact),
        window(40.0, 400.0, FunctionSpec::Sigmoid),
        VoiSpec::MinMax,
        VoiSpec::Percentile(2.0, 97.5),
        window(-600.0, 1500.0, LINEAR),
        VoiSpec::None,
        VoiSpec::File,
    ];
    for voi in views {
        for normalize in [Normalize::Unit, Normalize::Symmetric, Normalize::ZScore, mean_std.clone(), Normalize::None] {
            for (photometric, modality) in [
                (Photometric::Monochrome2, Modality::Rescale { slope: -0.5, intercept: 1024.0 }),
                (Photometric::Monochrome1, Modality::Identity),
                (Photometric::Monochrome2, Modality::Lut(lut(9))),
            ] {
                let spec = PlanSpec { voi: voi.clone(), normalize: normalize.clone(), channels: 3, ..spec(19, 26) };
                if spec.check().is_err() {
                    continue;
                }
                let what = format!("{voi:?} {normalize:?} {photometric:?} {}", modality_word(&modality));
                let mut frame = grey(33, 57, SampleType::I16, 12);
                frame.interpretation.voi = vec![Voi::Lut(lut(8))];
                frame.interpretation.photometric = photometric;
                frame.interpretation.modality = modality;
                frame.interpretation.padding = Some((-2048, -2000));
                jobs.push((what, job(frame, &spec, &[[10, 4, 12, 9]])));
            }
        }
    }
    assert_eq!(jobs.len(), (9 * 5 - 2) * 3);
    check(&mut engine, jobs).print("views and normalisations");
}

fn modality_word(modality: &Modality) -> &'static str {
    match modality {
        Modality::Identity => "identity",
        Modality::Rescale { .. } => "rescale",
        Modality::Lut(_) => "lut",
    }
}

#[test]
fn every_colour_space() {
    let Some(mut engine) = engine() else { return };
    let ramp = |step: u32| Lut { first: 3, entries: (0..200u32).map(|i| (i * step % 256) as u16).collect(), bits: 8 };
    let spaces = [
        (Photometric::Rgb, SampleType::U8, 8),
        (Photometric::Rgb, SampleType::U16, 12),
        (Photometric::Rgb, SampleType::U32, 32),
        (Photometric::YbrFull, SampleType::U8, 8),
        (Photometric::YbrPartial, SampleType::U8, 8),
        (Photometric::YbrIct, SampleType::I16, 9),
        (Photometric::YbrRct, SampleType::I16, 9),
        (Photometric::YbrRct, SampleType::I32, 17),
        (Photometric::Palette, SampleType::U8, 8),
        (Photometric::Palette, SampleType::U16, 16),
    ];
    let mut jobs = Vec::new();
    for (photometric, sample_type, bits) in spaces {
        for channels in [1, 3] {
            for normalize in [Normalize::Unit, Normalize::Symmetric] {
                for size in [Size::Own(OwnSize::None), Size::Sides([20, 27])] {
                    for dtype in [DType::F32, DType::U8] {
                        let number = if photometric == Photometric::Palette { 1 } else { 3 };
                        let data = samples(31, 23, number, sample_type, u32::from(bits));
                        let mut how = interpretation(photometric, bits);
                        how.modality = Modality::Identity;
                        how.palette = (number == 1).then(|| Palette { channels: [ramp(7), ramp(11), ramp(29)] });
                        let frame = Frame::new(31, 23, number as u8, sample_type, data, how).unwrap();
                        let spec =
                            PlanSpec { channels, normalize: normalize.clone(), size, dtype, ..PlanSpec::default() };
                        if spec.check().is_err() {
                            continue;
                        }
                        let what =
                            format!("{photometric:?} {sample_type:?} {channels} {normalize:?} {size:?} {dtype:?}");
                        jobs.push((what, job(frame, &spec, &[[3, 3, 5, 6]])));
                    }
                }
            }
        }
    }
    // u8 is refused after `symmetric`: 3 of 4 remain.
    assert_eq!(jobs.len(), 10 * 2 * 2 * 3);
    check(&mut engine, jobs).print("colour spaces");
    assert_eq!(engine.delegated(), 0);
}

#[test]
fn floats_that_are_no_values_are_background() {
    let Some(mut engine) = engine() else { return };
    let mut data = samples(9, 11, 1, SampleType::F32, 12);
    for (place, value) in [(3, f32::NAN), (40, f32::INFINITY), (98, f32::NEG_INFINITY), (70, 2e30)] {
        data[place * 4..place * 4 + 4].copy_from_slice(&value.to_le_bytes());
    }
    let frame = Frame::new(9, 11, 1, SampleType::F32, data, interpretation(Photometric::Monochrome1, 32)).unwrap();
    let spec = PlanSpec { size: Size::Own(OwnSize::None), voi: VoiSpec::MinMax, ..PlanSpec::default() };
    let job = job(frame, &spec, &[]);
    assert_eq!(check(&mut engine, vec![("floats".into(), job.clone())]).tensors, 1);
    engine.submit(vec![job]).unwrap();
    let done = engine.collect().unwrap().remove(0).unwrap();
    // 2e30 is beyond 2^100 = 1.27e30.
    assert_eq!(done.stats.not_finite, 4);
    for place in [3, 40, 98, 70] {
        assert_eq!(done.tensor.data[place * 4..place * 4 + 4], [0; 4], "element {place}");
    }
}

#[test]
fn half_floats_are_rounded_to_even_and_limited() {
    let Some(mut engine) = engine() else { return };
    // IEEE 754 binary16 has 11 bits: from 2048 on a step is 2, ties go to the even neighbour. The least subnormal is
    // 2^-24, its half goes to 0 and one and a half of it to 2. 65504 is the largest; beyond it values are limited.
    let unit = 2f32.powi(-24);
    let cases: [(f32, u16); 12] = [
        (2049.0, 0x6800),
        (2051.0, 0x6802),
        (2049.5, 0x6801),
        (-2049.0, 0xe800),
        (0.5 * unit, 0x0000),
        (1.5 * unit, 0x0002),
        (0.75 * unit, 0x0001),
        (1023.5 * unit, 0x0400),
        (65504.0, 0x7bff),
        (65519.0, 0x7bff),
        (1e9, 0x7bff),
        (-1e9, 0xfbff),
    ];
    let data = cases.iter().flat_map(|(value, _)| value.to_le_bytes()).collect();
    let mut how = interpretation(Photometric::Monochrome2, 32);
    how.modality = Modality::Identity;
    let frame = Frame::new(3, 4, 1, SampleType::F32, data, how).unwrap();
    let (voi, size) = (VoiSpec::None, Size::Own(OwnSize::None));
    let spec = PlanSpec { voi, size, normalize: Normalize::None, dtype: DType::F16, ..PlanSpec::default() };
    engine.submit(vec![job(frame, &spec, &[])]).unwrap();
    let done = engine.collect().unwrap().remove(0).unwrap();
    let found: Vec<_> = done.tensor.data.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
    assert_eq!(found, cases.map(|(_, bits)| bits));
}

/// With small limits a frame of 300x500 takes the paths of one of gigabytes: bands of rows in several windows, pieces of
/// a tensor, several loads, workgroups in two dimensions.
#[test]
fn small_limits_change_nothing() {
    let Some(engine) = engine() else { return };
    let mut engine = engine.limited(16 << 10, 24 << 10, 3);
    let mut jobs = Vec::new();
    for (sample_type, bits) in [(SampleType::U8, 8), (SampleType::I16, 12), (SampleType::F32, 32)] {
        for size in [Size::Own(OwnSize::None), Size::Sides([70, 50]), Size::Sides([333, 20]), Size::Sides([1, 1])] {
            for dtype in [DType::F32, DType::U8] {
                for voi in [window(200.0, 900.0, LINEAR), VoiSpec::MinMax] {
                    let spec = PlanSpec { voi, size, dtype, ..PlanSpec::default() };
                    let what = format!("{sample_type:?} {size:?} {dtype:?} {:?} in small pieces", spec.voi);
                    jobs.push((what, job(grey(300, 211, sample_type, bits), &spec, &[[20, 100, 60, 120]])));
                }
            }
        }
    }
    let data = samples(150, 101, 3, SampleType::U8, 8);
    let frame = Frame::new(150, 101, 3, SampleType::U8, data, interpretation(Photometric::Rgb, 8)).unwrap();
    let spec = PlanSpec { channels: 3, dtype: DType::U8, ..spec(40, 50) };
    jobs.push(("RGB in small pieces".into(), job(frame, &spec, &[])));
    assert_eq!(jobs.len(), 3 * 4 * 2 * 2 + 1);
    check(&mut engine, jobs).print("small limits");
    assert_eq!(engine.delegated(), 0);
}

#[test]
fn more_than_65535_workgroups() {
    let Some(mut engine) = engine() else { return };
    // 17,000,000 elements of f32 are as many words: 17,000,000 / 256 = 66,407 workgroups.
    let spec = PlanSpec { size: Size::Own(OwnSize::None), voi: window(100.0, 200.0, LINEAR), ..PlanSpec::default() };
    let found = check(&mut engine, vec![("wide".into(), job(grey(4000, 4250, SampleType::U8, 8), &spec, &[]))]);
    found.print("workgroups");
}

#[test]
fn a_frame_larger_than_a_binding() {
    let Some(mut engine) = engine() else { return };
    // 9000 x 8000 x 2 = 144,000,000 bytes; the software adapter binds 134,217,728.
    let jobs =
        vec![("144 MB".into(), job(grey(9000, 8000, SampleType::U16, 16), &spec(64, 64), &[[7000, 8000, 900, 900]]))];
    check(&mut engine, jobs).print("large frame");
    assert_eq!(engine.delegated(), 0);
}

#[test]
fn batches_come_back_in_their_order_and_share_no_bytes() {
    let Some(engine) = engine() else { return };
    let mut engine = engine.limited(u64::MAX, 1 << 20, u32::MAX);
    let mut batches = Vec::new();
    for batch in 0..6u32 {
        // From large to small and back, so that buffers are reused by shorter loads; every third waits for statistics.
        let side = [160, 3, 90, 1, 200, 17][batch as usize];
        let voi = if batch % 3 == 1 { VoiSpec::MinMax } else { window(200.0, 900.0, LINEAR) };
        let of = |i: u32| {
            let spec = PlanSpec { voi: voi.clone(), dtype: DType::U8, ..spec(21 + batch, 13 + i) };
            job(grey(side + i, side + 2 * i + 1, SampleType::I16, 12), &spec, &[])
        };
        batches.push((0..5).map(of).collect::<Vec<_>>());
    }
    for batch in &batches {
        engine.submit(batch.clone()).unwrap();
    }
    let mut found = Found::default();
    for (number, batch) in batches.iter().enumerate() {
        let results = engine.collect().unwrap();
        assert_eq!(results.len(), batch.len());
        for (i, (job, done)) in batch.iter().zip(results).enumerate() {
            found.compare(&format!("batch {number}, job {i}"), "software", job, &done.unwrap());
        }
    }
    assert!(engine.collect().is_none());
    assert_eq!(found.tensors, 30);
    engine.submit(Vec::new()).unwrap();
    assert_eq!(engine.collect().map(|results| results.len()), Some(0));
}

#[test]
fn a_job_that_cannot_be_done_fails_alone() {
    let Some(mut engine) = engine() else { return };
    let good = job(grey(20, 30, SampleType::U8, 8), &spec(8, 8), &[]);
    // A plan for another shape is our mistake, and only this job's.
    let wrong = Job { frame: grey(20, 31, SampleType::U8, 8), plan: good.plan.clone() };
    engine.submit(vec![good.clone(), wrong, good.clone()]).unwrap();
    let results = engine.collect().unwrap();
    assert_eq!(results.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(results[1].as_ref().unwrap_err().kind, Kind::Bug);
    assert_eq!(results[0].as_ref().unwrap().tensor, results[2].as_ref().unwrap().tensor);
}

#[test]
fn a_software_adapter_is_listed_and_used_only_if_asked_for() {
    if engine().is_none() {
        return;
    }
    let devices = gpu::devices();
    let software: Vec<_> = devices.iter().filter(|device| device.kind == "software").collect();
    assert!(!software.is_empty() && software.iter().all(|device| device.usable == "asked"));
    if devices.len() == software.len() {
        let fault = gpu::open(false).map(|_| ()).unwrap_err();
        assert_eq!((fault.kind, fault.place), (Kind::Environment, "gpu"));
        assert!(fault.remedy.contains("--software-gpu"), "{fault}");
    }
}

/// Runs itself again with a Vulkan loader that is told of no driver.
#[test]
fn without_a_driver_there_is_a_fault_with_a_remedy_and_auto_takes_the_cpu() {
    const CHILD: &str = "VOXMILL_TEST_WITHOUT_DRIVER";
    if std::env::var_os(CHILD).is_none() {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "without_a_driver_there_is_a_fault_with_a_remedy_and_auto_takes_the_cpu"])
            .envs([(CHILD, "1"), ("VK_DRIVER_FILES", "/dev/null"), ("VK_ICD_FILENAMES", "/dev/null")])
            .output()
            .unwrap();
        let talk = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && talk.contains("1 passed"), "{talk}");
        return;
    }
    assert_eq!(gpu::devices(), []);
    for software in [false, true] {
        let fault = gpu::open(software).map(|_| ()).unwrap_err();
        assert_eq!((fault.kind, fault.place), (Kind::Environment, "gpu"));
        assert!(fault.remedy.contains("mesa-vulkan-drivers and libvulkan1"), "{fault}");
    }
    assert_eq!(open(Choice::Auto).unwrap().name(), "cpu");
}
