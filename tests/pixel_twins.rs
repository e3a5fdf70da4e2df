//! The plain twins against Pillow, numpy and pydicom: expected values come from fixtures/pixel/make.py, pictures from
//! the same formula as there.

#[path = "pixel_twins/colours.rs"]
mod colours;
#[path = "pixel_twins/edges.rs"]
mod edges;
mod made_frames;

use made_frames::interpretation;
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
