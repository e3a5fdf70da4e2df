//! The plain twins against Pillow, numpy and pydicom: expected values come from fixtures/pixel/make.py, pictures from
//! the same formula as there.

use serde_json::Value;
use voxmill::deid::burned_in::clip_to_frame;
use voxmill::model::*;
use voxmill::pixel::resize::{Geometry, Taps, resize};
use voxmill::pixel::spec::{Filter, Fit, FunctionSpec, Normalize, OwnSize, PaddingSpec, Size, VoiSpec};
use voxmill::pixel::{Plan, PlanSpec, Shape, Stats, twin};

/// The picture of make.py: a ramp with a dent, no symmetry.
fn picture(rows: usize, columns: usize, modulus: i64) -> Vec<i64> {
    let at = |x: i64, y: i64| {
        let dent = if x < columns as i64 / 3 && y < rows as i64 / 4 { 90 } else { 0 };
        (x * 37 + y * 101 + (x * y) % 23 * 5 + dent) % modulus
    };
    (0..rows as i64).flat_map(|y| (0..columns as i64).map(move |x| at(x, y))).collect()
}

fn cases(table: &str, at_least: usize) -> Vec<Value> {
    let text = include_str!("../fixtures/pixel/expected.json");
    let all: Value = serde_json::from_str(text).unwrap();
    let cases = all[table].as_array().unwrap().clone();
    assert!(cases.len() >= at_least, "{table}: {} cases", cases.len());
    cases
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn word<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn lut(case: &Value, entries: &Value, bits: u8) -> Lut {
    Lut { first: word(&case["first"]), entries: word(entries), bits }
}

/// Compares sample by sample; `tolerance` is absolute.
fn check(what: &str, got: &[f32], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len(), "{what}: number of samples");
    let apart = |i: &usize| (f64::from(got[*i]) - want[*i]).abs();
    let worst = (0..got.len()).max_by(|a, b| apart(a).total_cmp(&apart(b))).unwrap();
    assert!(
        apart(&worst) <= tolerance,
        "{what}: worst at {worst}: got {}, want {}, tolerance {tolerance}",
        got[worst],
        want[worst]
    );
}

fn interpretation(photometric: Photometric, bits_stored: u8) -> Interpretation {
    Interpretation {
        photometric,
        bits_stored,
        modality: Modality::Identity,
        voi: Vec::new(),
        padding: None,
        palette: None,
        modality_code: None,
        body_part: None,
    }
}

fn frame(rows: u32, columns: u32, sample_type: SampleType, values: &[i64], how: Interpretation) -> Frame {
    let bytes = values.iter().flat_map(|v| match sample_type {
        SampleType::F32 => (*v as f32).to_le_bytes().to_vec(),
        SampleType::F64 => (*v as f64).to_le_bytes().to_vec(),
        _ => v.to_le_bytes()[..sample_type.bytes()].to_vec(),
    });
    let samples = (values.len() / (rows * columns) as usize) as u8;
    Frame::new(rows, columns, samples, sample_type, bytes.collect(), how).unwrap()
}

fn own_size(voi: VoiSpec, normalize: Normalize) -> PlanSpec {
    PlanSpec { voi, size: Size::Own(OwnSize::None), normalize, ..PlanSpec::default() }
}

fn boxes(list: &[[u32; 4]], rows: u32, columns: u32) -> Masks {
    let list: Vec<MaskBox> =
        list.iter().map(|[x, y, w, h]| MaskBox { x: *x, y: *y, w: *w, h: *h, reason: "recipe" }).collect();
    clip_to_frame(&list, rows, columns, "recipe")
}

fn run_masked(frame: &Frame, spec: &PlanSpec, masks: Masks) -> (Tensor, Stats) {
    let plan = Plan::new(spec, Shape::of(frame), &frame.interpretation, masks).unwrap();
    twin(frame, &plan).unwrap()
}

fn run(frame: &Frame, spec: &PlanSpec) -> Vec<f32> {
    run_masked(frame, spec, boxes(&[], frame.rows, frame.columns)).0.to_f32().into_iter().collect()
}

#[test]
fn resize_letterbox_and_crop_equal_pillow() {
    for case in cases("resize", 80) {
        let source: [u32; 2] = word(&case["source"]);
        let target: [u32; 2] = word(&case["target"]);
        let (filter, fit): (Filter, Fit) = (word(&case["filter"]), word(&case["fit"]));
        let geometry = Geometry::new(source, Some(target), fit);
        let plane: Vec<f32> = picture(source[0] as usize, source[1] as usize, 251).iter().map(|v| *v as f32).collect();
        let (across, down) = (Taps::new(&geometry.across, filter), Taps::new(&geometry.down, filter));
        let image = resize(&plane, source[1] as usize, &across, &down);
        let mut got = vec![0.0; (target[0] * target[1]) as usize];
        for (i, value) in image.iter().enumerate() {
            let (y, x) = (i as u32 / geometry.across.target, i as u32 % geometry.across.target);
            got[((y + geometry.down.offset) * target[1] + x + geometry.across.offset) as usize] = *value;
        }
        // Pillow adds in f64, we in f32: 1e-6 of the picture's range of 251, allowing for overshoot.
        check(&format!("{source:?} to {target:?} {fit:?} {filter:?}"), &got, &numbers(&case["values"]), 251.0 * 1e-6);
    }
}

#[test]
fn windows_equal_pydicom() {
    for case in cases("window", 36) {
        let stored: Vec<i64> = word(&case["stored"]);
        let mut how = interpretation(Photometric::Monochrome2, 16);
        if let Some(slope) = case["slope"].as_f64() {
            how.modality = Modality::Rescale { slope, intercept: case["intercept"].as_f64().unwrap() };
        }
        let function = match case["function"].as_str().unwrap() {
            "LINEAR" => FunctionSpec::Linear,
            "LINEAR_EXACT" => FunctionSpec::LinearExact,
            _ => FunctionSpec::Sigmoid,
        };
        let (center, width) = (case["center"].as_f64().unwrap(), case["width"].as_f64().unwrap());
        let spec = own_size(VoiSpec::Window { center, width, function }, Normalize::Unit);
        for sample_type in [SampleType::I16, SampleType::I32, SampleType::F32, SampleType::F64] {
            let how = Interpretation { bits_stored: sample_type.bytes() as u8 * 8, ..how.clone() };
            let got = run(&frame(1, stored.len() as u32, sample_type, &stored, how), &spec);
            check(
                &format!("{sample_type:?} {case}").chars().take(120).collect::<String>(),
                &got,
                &numbers(&case["values"]),
                1e-6,
            );
        }
    }
}

#[test]
fn a_narrow_window_far_from_zero_keeps_its_digits_and_a_negative_slope_turns_it() {
    // modality = 1000000 - stored / 4; linear-exact window from 984999 to 985001, so that the ramp runs over stored
    // values 60004 down to 59996: y = (60004 - stored) / 8.
    let stored: Vec<i64> = (59990..60010).collect();
    let mut how = interpretation(Photometric::Monochrome2, 16);
    how.modality = Modality::Rescale { slope: -0.25, intercept: 1e6 };
    let voi = VoiSpec::Window { center: 985_000.0, width: 2.0, function: FunctionSpec::LinearExact };
    let got = run(&frame(1, 20, SampleType::U16, &stored, how), &own_size(voi, Normalize::Unit));
    let want: Vec<f64> = stored.iter().map(|s| ((60004 - s) as f64 / 8.0).clamp(0.0, 1.0)).collect();
    check("narrow", &got, &want, 0.0);
}

#[test]
fn steps_fall_on_the_right_side_for_both_signs_of_the_slope() {
    // Width 1 at center 10: 0 up to 9.5, 1 beyond. modality = +-0.5 x stored, so the edge is stored 19 or -19.
    for (slope, white) in [(0.5, [false, false, false, true]), (-0.5, [true, false, false, false])] {
        let stored: Vec<i64> = if slope > 0.0 { vec![-40, 18, 19, 20] } else { vec![-20, -19, -18, 40] };
        let mut how = interpretation(Photometric::Monochrome2, 16);
        how.modality = Modality::Rescale { slope, intercept: 0.0 };
        let spec =
            own_size(VoiSpec::Window { center: 10.0, width: 1.0, function: FunctionSpec::Linear }, Normalize::Unit);
        for sample_type in [SampleType::I16, SampleType::F32] {
            let got = run(&frame(1, 4, sample_type, &stored, how.clone()), &spec);
            check("step", &got, &white.map(|w| f64::from(u8::from(w))), 0.0);
        }
    }
    // A step outside what the type can hold shows one side only: center 300 lies above every 8-bit value.
    let spec = own_size(VoiSpec::Window { center: 300.0, width: 1.0, function: FunctionSpec::Linear }, Normalize::Unit);
    assert_eq!(
        run(&frame(1, 2, SampleType::U8, &[0, 255], interpretation(Photometric::Monochrome2, 8)), &spec),
        [0.0; 2]
    );
    let spec = own_size(VoiSpec::Window { center: -3.0, width: 1.0, function: FunctionSpec::Linear }, Normalize::Unit);
    assert_eq!(
        run(&frame(1, 2, SampleType::U8, &[0, 255], interpretation(Photometric::Monochrome2, 8)), &spec),
        [1.0; 2]
    );
}

#[test]
fn luts_equal_pydicom() {
    for case in cases("lut", 4) {
        let stored: Vec<i64> = word(&case["stored"]);
        let table = lut(&case, &case["entries"], word(&case["bits"]));
        let mut how = interpretation(Photometric::Monochrome2, 16);
        let modality = case["kind"] == "modality";
        if modality {
            how.modality = Modality::Lut(table);
        } else {
            how.voi = vec![Voi::Lut(table)];
        }
        let spec =
            if modality { own_size(VoiSpec::None, Normalize::None) } else { own_size(VoiSpec::File, Normalize::Unit) };
        let got = run(&frame(8, 8, SampleType::U16, &stored, how), &spec);
        check(case["kind"].as_str().unwrap(), &got, &numbers(&case["values"]), 1e-7);
    }
}

#[test]
fn a_window_after_a_modality_lut_sees_its_output() {
    // Stored 0..4 mean 100, 300, 200, 400, 400 (past the end: the last); a ramp from 100 to 400.
    let mut how = interpretation(Photometric::Monochrome2, 8);
    how.modality = Modality::Lut(Lut { first: 0, entries: vec![100, 300, 200, 400], bits: 16 });
    let spec =
        own_size(VoiSpec::Window { center: 250.0, width: 300.0, function: FunctionSpec::LinearExact }, Normalize::Unit);
    let got = run(&frame(1, 5, SampleType::U8, &[0, 1, 2, 3, 4], how), &spec);
    check("modality lut", &got, &[0.0, 2.0 / 3.0, 1.0 / 3.0, 1.0, 1.0], 1e-7);
}

#[test]
fn colours_equal_pydicom_and_pillow() {
    for case in cases("colour", 4) {
        let stored: Vec<i64> = word(&case["stored"]);
        let (photometric, channels, steps) = match case["from"].as_str().unwrap() {
            "YBR_FULL" => (Photometric::YbrFull, 3, 255.0),
            "RGB" => (Photometric::Rgb, 3, 255.0),
            "L" => (Photometric::Rgb, 1, 255.0),
            _ => (Photometric::Palette, 3, 65535.0),
        };
        let mut how = interpretation(photometric, 8);
        if photometric == Photometric::Palette {
            how.palette = Some(Palette { channels: [0, 1, 2].map(|c| lut(&case, &case["entries"][c], 16)) });
        }
        let samples = if photometric == Photometric::Palette { 1 } else { 3 };
        let pixels = stored.len() / samples;
        let spec = PlanSpec { channels, ..own_size(VoiSpec::Auto, Normalize::Unit) };
        let planar = run(&frame(1, pixels as u32, SampleType::U8, &stored, how), &spec);
        let channels = usize::from(channels);
        let got: Vec<f32> =
            (0..planar.len()).map(|i| planar[i % channels * pixels + i / channels] * steps as f32).collect();
        // The others round to whole steps; ours is up to half a step away.
        let tolerance = if steps > 255.0 { 0.01 } else { 0.502 };
        check(case["from"].as_str().unwrap(), &got, &numbers(&case["values"]), tolerance);
    }
}

#[test]
fn rarer_colour_spaces_follow_the_standard() {
    // YBR_PARTIAL: black is (16, 128, 128), white (235, 128, 128); Y 16 + 219 x 0.5 = 125.5 is the middle.
    let how = interpretation(Photometric::YbrPartial, 8);
    let spec = PlanSpec { channels: 3, ..own_size(VoiSpec::Auto, Normalize::Unit) };
    let got = run(&frame(1, 2, SampleType::U8, &[16, 128, 128, 235, 128, 128], how), &spec);
    check("partial", &got, &[0.0, 1.0, 0.0, 1.0, 0.0, 1.0], 1e-6);
    // PS3.3 gives the way there: R = 255, G = B = 0 is Y 16 + 65.481, Cb 128 - 37.797, Cr 128 + 112 (BT.601).
    let how = interpretation(Photometric::YbrPartial, 8);
    let got = run(&frame(1, 1, SampleType::U8, &[81, 90, 240], how), &spec);
    check("partial red", &got, &[1.0, 0.0, 0.0], 0.01);
    // 32-bit RGB, as pydicom's SC_rgb_32bit has it: half of 2^32 - 1 is the middle.
    let got =
        run(&frame(1, 1, SampleType::U32, &[u32::MAX as i64, 0, 1 << 31], interpretation(Photometric::Rgb, 32)), &spec);
    check("32-bit RGB", &got, &[1.0, 0.0, 0.5], 1e-7);
    // RCT of R 200, G 100, B 50: Y = floor((200 + 200 + 50) / 4) = 112, Cb = 50 - 100, Cr = 200 - 100.
    let how = interpretation(Photometric::YbrRct, 8);
    let got = run(&frame(1, 1, SampleType::I16, &[112, -50, 100], how), &spec);
    check("rct", &got, &[200.0 / 255.0, 100.0 / 255.0, 50.0 / 255.0], 1e-7);
    // ICT with signed chroma: Y = 0.299 x 200 + 0.587 x 100 + 0.114 x 50 = 124.2, Cb = (50 - Y) / 1.772, Cr = (200 - Y) / 1.402.
    let how = interpretation(Photometric::YbrIct, 8);
    let got = run(&frame(1, 1, SampleType::I16, &[124, -42, 54], how), &spec);
    check("ict", &got, &[200.0 / 255.0, 100.0 / 255.0, 50.0 / 255.0], 1.0 / 255.0);
}

#[test]
fn statistics_equal_numpy_without_masked_and_padding_pixels() {
    let values: Vec<i64> = picture(31, 37, 4001).iter().map(|v| v - 1500).collect();
    for case in cases("stats", 4) {
        for sample_type in [SampleType::I16, SampleType::I32, SampleType::F32] {
            let mut how = interpretation(Photometric::Monochrome2, sample_type.bytes() as u8 * 8);
            how.modality = Modality::Rescale { slope: word(&case["slope"]), intercept: word(&case["intercept"]) };
            let masked = case["what"] == "masked";
            how.padding = masked.then_some((-1500, -1450));
            let list: &[[u32; 4]] = if masked { &[[5, 3, 25, 6], [28, 7, 5, 13]] } else { &[] };
            let frame = frame(31, 37, sample_type, &values, how);
            let (_, stats) = run_masked(&frame, &PlanSpec::default(), boxes(list, 31, 37));
            let got = stats.channels[0];
            let close = |name: &str, got: f64, want: &Value| {
                let want = want.as_f64().unwrap();
                assert!((got - want).abs() <= 1e-9 * want.abs().max(1.0), "{name} {sample_type:?}: {got}, not {want}");
            };
            close("min", got.min, &case["min"]);
            close("max", got.max, &case["max"]);
            close("mean", got.mean, &case["mean"]);
            close("std", got.std, &case["std"]);
            (0..5).for_each(|i| close("percentile", got.percentiles[i], &case["percentiles"][i]));
            let told: [u64; 3] = [word(&case["count"]), word(&case["masked"]), word(&case["padding"])];
            assert_eq!([stats.counted, stats.masked, stats.padding], told);
        }
    }
}

#[test]
fn the_whole_chain_equals_pydicom_numpy_and_pillow() {
    let mut values = picture(43, 57, 4093);
    values.chunks_exact_mut(57).for_each(|row| row[..3].fill(4095));
    let mut how = interpretation(Photometric::Monochrome1, 12);
    how.modality = Modality::Rescale { slope: 1.5, intercept: -700.0 };
    how.padding = Some((4095, 4095));
    how.voi = vec![Voi::Window { center: 900.0, width: 2600.0, function: VoiFunction::Linear }];
    let frame = frame(43, 57, SampleType::U16, &values, how);
    let want = numbers(&cases("chain", 1)[0]["values"]);
    let spec = |dtype, normalize| PlanSpec {
        size: Size::Sides([24, 30]),
        filter: Filter::Lanczos3,
        dtype,
        normalize,
        ..PlanSpec::default()
    };
    let tensor = |spec: &PlanSpec| run_masked(&frame, spec, boxes(&[[20, 5, 24, 6]], 43, 57)).0;
    let values = |spec: &PlanSpec| tensor(spec).to_f32().into_iter().collect::<Vec<f32>>();
    check("f32", &values(&spec(DType::F32, Normalize::Unit)), &want, 1e-6);
    let scaled = |f: &dyn Fn(f64) -> f64| want.iter().map(|v| f(*v)).collect::<Vec<f64>>();
    check("symmetric", &values(&spec(DType::F32, Normalize::Symmetric)), &scaled(&|v| 2.0 * v - 1.0), 2e-6);
    let mean_std = Normalize::MeanStd { mean: vec![0.5, 0.25, 0.125], std: vec![0.5, 2.0, 0.25] };
    let three = PlanSpec { channels: 3, ..spec(DType::F32, mean_std) };
    let per_channel: Vec<f64> = [(0.5, 0.5), (0.25, 2.0), (0.125, 0.25)]
        .iter()
        .flat_map(|(mean, std)| want.iter().map(move |v| (v - mean) / std))
        .collect();
    check("mean-std", &values(&three), &per_channel, 4e-6);
    // binary16 has 11 bits: half a unit in the last place of numbers up to 1 is 2^-12.
    check("f16", &values(&spec(DType::F16, Normalize::Unit)), &want, 2f64.powi(-12) + 1e-6);
    check("u8", &values(&spec(DType::U8, Normalize::Unit)), &scaled(&|v| v * 255.0), 0.5 + 1e-3);
    check("u16", &values(&spec(DType::U16, Normalize::Unit)), &scaled(&|v| v * 65535.0), 0.5 + 0.1);
    assert_eq!(tensor(&three).shape(), [3, 24, 30]);
}

#[test]
fn edge_cases_are_values() {
    let grey = |sample_type: SampleType| interpretation(Photometric::Monochrome2, sample_type.bytes() as u8 * 8);
    let z = own_size(VoiSpec::MinMax, Normalize::ZScore);
    // Constant: min-max shows 0 everywhere; deviation 0 counts as 1.
    assert_eq!(run(&frame(2, 2, SampleType::I16, &[7; 4], grey(SampleType::I16)), &z), [0.0; 4]);
    // Constant modality values: 7 - mean 7.
    let none = own_size(VoiSpec::None, Normalize::ZScore);
    assert_eq!(run(&frame(2, 2, SampleType::I16, &[7; 4], grey(SampleType::I16)), &none), [0.0; 4]);
    // Two values 1 and 3: mean 2, deviation 1.
    assert_eq!(run(&frame(1, 2, SampleType::I16, &[1, 3], grey(SampleType::I16)), &none), [-1.0, 1.0]);
    // All padding: nothing to count, all background, not shifted.
    let how = Interpretation { padding: Some((7, 9)), ..grey(SampleType::U16) };
    let all = frame(1, 3, SampleType::U16, &[7, 8, 9], how);
    let (tensor, stats) = run_masked(&all, &z, boxes(&[], 1, 3));
    assert_eq!(tensor.to_f32().into_iter().collect::<Vec<_>>(), [0.0; 3]);
    assert_eq!((stats.counted, stats.padding, stats.channels.len()), (0, 3, 0));
    // Kept on request: 7, 8, 9 over min to max.
    let keep = PlanSpec { padding: PaddingSpec::Keep, ..own_size(VoiSpec::MinMax, Normalize::Unit) };
    assert_eq!(run(&all, &keep), [0.0, 0.5, 1.0]);
    // NaN and infinity are background and counted; modality values keep the lowest as background: -2.
    let bytes = [f32::NAN, -2.0, f32::INFINITY, 6.0].iter().flat_map(|v| v.to_le_bytes()).collect();
    let holes = Frame::new(1, 4, 1, SampleType::F32, bytes, grey(SampleType::F32)).unwrap();
    let (tensor, stats) = run_masked(&holes, &own_size(VoiSpec::None, Normalize::None), boxes(&[], 1, 4));
    assert_eq!(tensor.to_f32().into_iter().collect::<Vec<_>>(), [-2.0, -2.0, -2.0, 6.0]);
    assert_eq!((stats.not_finite, stats.counted, stats.channels[0].max), (2, 2, 6.0));
    // Auto for 8 bits without a window is the full range; beyond, percentiles.
    let auto = own_size(VoiSpec::Auto, Normalize::Unit);
    let bytes = frame(1, 4, SampleType::U8, &[0, 51, 254, 255], grey(SampleType::U8));
    check("full range", &run(&bytes, &auto), &[0.0, 0.2, 254.0 / 255.0, 1.0], 1e-7);
    let words = frame(1, 101, SampleType::U16, &(0..101).collect::<Vec<_>>(), grey(SampleType::U16));
    // Percentiles 1 and 99 of 0..=100 are 1 and 99: (50 - 1) / 98 = 0.5.
    assert_eq!(run(&words, &auto)[50], 0.5);
    // 1 bit arrives as 0 and 1 and MONOCHROME1 turns it.
    let how = interpretation(Photometric::Monochrome1, 1);
    assert_eq!(run(&frame(1, 2, SampleType::U8, &[0, 1], how), &auto), [1.0, 0.0]);
    // Floats of 2^100 and beyond are no values either, so that nothing infinite comes out.
    let bytes = [1e38f32, 5.0, -2e30, 1e30].iter().flat_map(|v| v.to_le_bytes()).collect();
    let huge = Frame::new(1, 4, 1, SampleType::F32, bytes, grey(SampleType::F32)).unwrap();
    let (tensor, stats) = run_masked(&huge, &own_size(VoiSpec::None, Normalize::None), boxes(&[], 1, 4));
    assert_eq!(tensor.to_f32().into_iter().collect::<Vec<_>>(), [5.0, 5.0, 5.0, 1e30]);
    assert_eq!(stats.not_finite, 2);
    // f16 ends at 65504.
    let spec = PlanSpec { dtype: DType::F16, ..own_size(VoiSpec::None, Normalize::None) };
    assert_eq!(run(&frame(1, 2, SampleType::I32, &[-70000, 65504], grey(SampleType::I32)), &spec), [-65504.0, 65504.0]);
    // The largest 32-bit values, one apart, are told apart by a window around them.
    let top = u32::MAX as i64;
    let voi = VoiSpec::Window { center: u32::MAX as f64 - 1.0, width: 4.0, function: FunctionSpec::LinearExact };
    let got = run(
        &frame(1, 3, SampleType::U32, &[top - 2, top - 1, top], grey(SampleType::U32)),
        &own_size(voi, Normalize::Unit),
    );
    assert_eq!(got, [0.25, 0.5, 0.75]);
}

#[test]
fn what_makes_no_sense_is_refused_with_its_place() {
    use voxmill::error::Kind;
    let refused = |how: Interpretation, samples: u8, sample_type: SampleType, spec: &PlanSpec| {
        let shape = Shape { rows: 4, columns: 4, samples, sample_type };
        let fault = Plan::new(spec, shape, &how, boxes(&[], 4, 4)).unwrap_err();
        (fault.kind, fault.place)
    };
    let plain = PlanSpec::default();
    let grey = interpretation(Photometric::Monochrome2, 8);
    let file = own_size(VoiSpec::File, Normalize::Unit);
    let input = |place| (Kind::Input, place);
    let config = |place| (Kind::Config, place);
    assert_eq!(
        refused(interpretation(Photometric::Palette, 8), 1, SampleType::U8, &plain),
        input("PaletteColorLookupTableData")
    );
    assert_eq!(refused(grey.clone(), 3, SampleType::U8, &plain), input("SamplesPerPixel"));
    assert_eq!(refused(interpretation(Photometric::Rgb, 8), 1, SampleType::U8, &plain), input("SamplesPerPixel"));
    assert_eq!(refused(interpretation(Photometric::Rgb, 32), 3, SampleType::F32, &plain), input("FloatPixelData"));
    let indices = Interpretation {
        palette: Some(Palette { channels: [0, 1, 2].map(|_| Lut { first: 0, entries: vec![0], bits: 16 }) }),
        ..interpretation(Photometric::Palette, 32)
    };
    assert_eq!(refused(indices, 1, SampleType::U32, &plain), input("BitsAllocated"));
    assert_eq!(refused(interpretation(Photometric::Rgb, 8), 3, SampleType::I8, &plain), input("PixelRepresentation"));
    assert_eq!(
        refused(interpretation(Photometric::YbrRct, 8), 3, SampleType::U8, &plain),
        input("PixelRepresentation")
    );
    assert_eq!(refused(interpretation(Photometric::Monochrome2, 9), 1, SampleType::U8, &plain), input("BitsStored"));
    assert_eq!(refused(grey.clone(), 1, SampleType::U8, &file), input("WindowCenter"));
    let table = Lut { first: 0, entries: vec![0, 255], bits: 8 };
    let with_lut =
        Interpretation { voi: vec![Voi::Lut(table.clone())], ..interpretation(Photometric::Monochrome2, 32) };
    assert_eq!(refused(with_lut, 1, SampleType::F32, &file), input("VOILUTSequence"));
    let with_lut = Interpretation { modality: Modality::Lut(table), ..interpretation(Photometric::Monochrome2, 32) };
    assert_eq!(refused(with_lut, 1, SampleType::U32, &plain), input("ModalityLUTSequence"));
    let sloped = |slope, intercept| Interpretation { modality: Modality::Rescale { slope, intercept }, ..grey.clone() };
    assert_eq!(refused(sloped(0.0, 0.0), 1, SampleType::U8, &plain), input("RescaleSlope"));
    assert_eq!(refused(sloped(f64::NAN, 0.0), 1, SampleType::U8, &plain), input("RescaleSlope"));
    assert_eq!(refused(sloped(1.0, f64::INFINITY), 1, SampleType::U8, &plain), input("RescaleIntercept"));
    let shape = Shape { rows: 4, columns: 4, samples: 1, sample_type: SampleType::U8 };
    let fault = Plan::new(&plain, shape, &grey, boxes(&[[3, 3, 2, 1]], 4, 5)).unwrap_err();
    assert_eq!((fault.kind, fault.place), (Kind::Bug, "Masks"));
    let asked = |spec: PlanSpec| refused(grey.clone(), 1, SampleType::U8, &spec);
    let narrow = VoiSpec::Window { center: 0.0, width: 0.5, function: FunctionSpec::Linear };
    assert_eq!(asked(own_size(narrow, Normalize::Unit)), config("image.voi"));
    assert_eq!(asked(own_size(VoiSpec::Preset("toe".into()), Normalize::Unit)), config("image.voi"));
    assert_eq!(asked(own_size(VoiSpec::Percentile(50.0, 50.0), Normalize::Unit)), config("image.voi"));
    assert_eq!(asked(own_size(VoiSpec::None, Normalize::Unit)), config("image.normalize"));
    assert_eq!(
        asked(PlanSpec { dtype: DType::U8, normalize: Normalize::Symmetric, ..plain.clone() }),
        config("image.dtype")
    );
    assert_eq!(asked(PlanSpec { size: Size::Side(0), ..plain.clone() }), config("image.size"));
    assert_eq!(asked(PlanSpec { channels: 2, ..plain }), config("image.channels"));
}

#[test]
fn recipes_spell_every_word() {
    let parse = |text: &str| toml::from_str::<PlanSpec>(text);
    assert_eq!(parse("").unwrap(), PlanSpec::default());
    let spec =
        parse("voi = { percentile = [0.5, 99.5] }\nsize = \"none\"\nfit = \"crop\"\nfilter = \"catmull-rom\"").unwrap();
    assert_eq!((spec.voi, spec.size), (VoiSpec::Percentile(0.5, 99.5), Size::Own(OwnSize::None)));
    let spec = parse(
        "voi = { window = { center = 40, width = 80, function = \"linear-exact\" } }\nsize = 64\nnormalize = \"z-score\"",
    );
    let function = FunctionSpec::LinearExact;
    assert_eq!(spec.unwrap().voi, VoiSpec::Window { center: 40.0, width: 80.0, function });
    for wrong in ["voi = \"maybe\"", "size = \"big\"", "colour = true", "voi = { window = { center = 1.0 } }"] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
    let back = toml::to_string(&PlanSpec::default()).unwrap();
    assert_eq!(parse(&back).unwrap(), PlanSpec::default());
}

#[test]
fn blanked_frames_show_nothing_under_the_boxes_and_everything_else() {
    use voxmill::pixel::mask::blanked;
    let values: Vec<i64> = (1..=12).collect();
    // 3 rows of 4; the box covers columns 1 and 2 of row 1: places 5 and 6.
    let expect = |photometric, padding, fill: i64| {
        let how = Interpretation { padding, ..interpretation(photometric, 12) };
        let frame = blanked(frame(3, 4, SampleType::U16, &values, how), &boxes(&[[1, 1, 2, 1]], 3, 4)).unwrap();
        let got: Vec<u16> = frame.view::<u16>().unwrap().iter().copied().collect();
        let want: Vec<u16> = (0..12).map(|i| if i == 5 || i == 6 { fill as u16 } else { i + 1 }).collect();
        assert_eq!(got, want);
    };
    expect(Photometric::Monochrome2, None, 0);
    expect(Photometric::Monochrome1, None, 4095);
    expect(Photometric::Monochrome1, Some((77, 80)), 77);
    let how = interpretation(Photometric::YbrFull, 8);
    let frame = blanked(frame(1, 2, SampleType::U8, &[1, 2, 3, 4, 5, 6], how), &boxes(&[[1, 0, 1, 1]], 1, 2)).unwrap();
    assert_eq!(frame.bytes(), [1, 2, 3, 0, 128, 128]);
}

#[test]
fn stages_equal_pydicom_in_its_own_numbers() {
    use voxmill::pixel::stage;
    for case in cases("window", 36) {
        let stored: Vec<i64> = word(&case["stored"]);
        let mut how = interpretation(Photometric::Monochrome1, 16);
        let (slope, intercept) = (case["slope"].as_f64().unwrap_or(1.0), case["intercept"].as_f64().unwrap_or(0.0));
        how.modality = Modality::Rescale { slope, intercept };
        let function = match case["function"].as_str().unwrap() {
            "LINEAR" => VoiFunction::Linear,
            "LINEAR_EXACT" => VoiFunction::LinearExact,
            _ => VoiFunction::Sigmoid,
        };
        how.voi = vec![Voi::Window { center: word(&case["center"]), width: word(&case["width"]), function }];
        let frame = frame(1, stored.len() as u32, SampleType::I16, &stored, how);
        let modality: Vec<f64> = stored.iter().map(|v| *v as f64 * slope + intercept).collect();
        assert_eq!(stage::modality(&frame), modality);
        // make.py divided pydicom's numbers by the range of 16 signed bits in modality units; ours come in that range.
        let display: Vec<f32> = stage::display(&frame)
            .unwrap()
            .iter()
            .map(|v| ((v - intercept) / slope + 32768.0) as f32 / 65535.0)
            .collect();
        check("display", &display, &numbers(&case["values"]), 1e-6);
    }
    for case in cases("colour", 4).iter().filter(|case| case["from"] != "L") {
        let stored: Vec<i64> = word(&case["stored"]);
        let palette = case["from"] == "PALETTE";
        let photometric = match case["from"].as_str().unwrap() {
            "YBR_FULL" => Photometric::YbrFull,
            "RGB" => Photometric::Rgb,
            _ => Photometric::Palette,
        };
        let mut how = interpretation(photometric, 8);
        how.palette = palette.then(|| Palette { channels: [0, 1, 2].map(|c| lut(case, &case["entries"][c], 16)) });
        let pixels = stored.len() / if palette { 1 } else { 3 };
        let frame = frame(1, pixels as u32, SampleType::U8, &stored, how);
        assert_eq!(stage::display(&frame).unwrap(), numbers(&case["values"]), "{}", case["from"]);
    }
}

#[test]
fn every_operation_has_a_twin_with_its_headings_and_a_shader() {
    // cargo runs tests in the package's root; elsewhere the path of this file is absolute.
    let root = std::path::Path::new(file!()).parent().unwrap().join("..");
    for (word, help, stem) in voxmill::pixel::OPS {
        let twin = std::fs::read_to_string(root.join(format!("src/pixel/{stem}.rs"))).unwrap();
        for heading in [
            "Meaning",
            "Formula and section of the standard",
            "From space, to space",
            "Edge cases",
            "Tolerance and why",
        ] {
            assert!(twin.contains(&format!("//! # {heading}\n")), "{stem}: {heading}");
        }
        assert!(root.join(format!("shaders/{stem}.wgsl")).is_file(), "{stem}");
        assert!(help.ends_with('.') && !word.contains('_'), "{word}");
    }
    assert_eq!(voxmill::pixel::OPS.len(), 11);
}
