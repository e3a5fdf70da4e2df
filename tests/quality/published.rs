//! Metrics with a published definition against scikit-image, scipy, numpy and MRIQC's formulae: fixtures/quality/make.py.

use super::frames::{interpretation, picture, plan};
use serde_json::Value;
use voxmill::engine::cpu;
use voxmill::model::{Frame, Photometric, SampleType};
use voxmill::score::{self, METRICS, Subject};

#[test]
fn metrics_are_those_of_other_programs() {
    let text = include_str!("../../fixtures/quality/expected.json");
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    let mut walked = 0;
    for case in &cases {
        let number = |name: &str| case[name].as_u64().unwrap();
        let (rows, columns, bits) = (number("rows") as u32, number("columns") as u32, number("bits") as u8);
        let sample_type = if case["signed"] == true { SampleType::I16 } else { SampleType::U16 };
        let frame = picture(rows, columns, 1, sample_type, interpretation(Photometric::Monochrome2, bits));
        let quality = cpu::quality(&frame, &plan(&frame, &[])).unwrap().unwrap();
        let found = score::measure(&Subject::new(&quality, Some("MR")));
        for (name, wanted) in case["metrics"].as_object().unwrap() {
            let place = METRICS.iter().position(|metric| metric.name == name).unwrap();
            let (found, wanted) = (found[place].unwrap(), wanted.as_f64().unwrap());
            // 1e-5: the CPU engine's f32 lanes; values alone are exact to rounding.
            assert!((found - wanted).abs() <= 1e-5 * wanted.abs(), "{rows}x{columns} {name}: {found}, not {wanted}");
            walked += 1;
        }
    }
    assert_eq!((cases.len(), walked), (3, 63));
}

/// The frame of a case of odd.json.
fn odd(case: &Value) -> Frame {
    let number = |name: &str| case[name].as_u64().unwrap();
    let (sample_type, samples, photometric) = match case["sample_type"].as_str().unwrap() {
        "u8" => (SampleType::U8, 1, Photometric::Monochrome2),
        "u16" => (SampleType::U16, 1, Photometric::Monochrome2),
        "i16" => (SampleType::I16, 1, Photometric::Monochrome2),
        "f32" => (SampleType::F32, 1, Photometric::Monochrome2),
        "rgb" => (SampleType::U8, 3, Photometric::Rgb),
        other => panic!("{other}"),
    };
    let mut bytes = Vec::new();
    for pixel in case["pixels"].as_array().unwrap() {
        match sample_type {
            SampleType::F32 => bytes.extend(pixel.as_f64().map_or(f32::NAN, |value| value as f32).to_le_bytes()),
            _ => bytes.extend(&pixel.as_i64().unwrap().to_le_bytes()[..sample_type.bytes()]),
        }
    }
    let how = interpretation(photometric, number("bits") as u8);
    Frame::new(number("rows") as u32, number("columns") as u32, samples, sample_type, bytes, how).unwrap()
}

#[test]
fn odd_images_have_right_metrics_or_none() {
    let text = include_str!("../../fixtures/quality/odd.json");
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    let (mut numbers, mut nulls) = (0, 0);
    for case in &cases {
        let frame = odd(case);
        let quality = cpu::quality(&frame, &plan(&frame, &[])).unwrap().unwrap();
        let found = score::measure(&Subject::new(&quality, Some("MR")));
        let (what, tolerance) = (&case["name"], case["tolerance"].as_f64().unwrap());
        for (name, wanted) in case["metrics"].as_object().unwrap() {
            let found = found[METRICS.iter().position(|metric| metric.name == name).unwrap()];
            match (found, wanted.as_f64()) {
                (Some(found), Some(wanted)) => {
                    // Of sums that are 0 in one program, the other has what rounding leaves.
                    assert!(
                        (found - wanted).abs() <= tolerance * wanted.abs().max(1e-6),
                        "{what} {name}: {found}, not {wanted}"
                    );
                    numbers += 1;
                }
                (None, None) => nulls += 1,
                (found, wanted) => panic!("{what} {name}: {found:?}, not {wanted:?}"),
            }
        }
        for (metric, value) in METRICS.iter().zip(&found) {
            assert!(value.is_none_or(|value| (value as f32).is_finite()), "{what} {}: {value:?}", metric.name);
        }
    }
    assert_eq!((cases.len(), numbers + nulls), (9, 9 * 17));
    assert!(nulls >= 20, "{nulls}");
}

#[test]
fn values_beyond_what_a_column_holds_are_null() {
    // Squares of 1e30 are beyond f32 (3.4e38); the values themselves are not.
    let mut bytes = Vec::new();
    for place in 0..400u32 {
        bytes.extend((if place % 7 < 3 { 1e30f32 } else { (place % 5) as f32 }).to_le_bytes());
    }
    let frame = Frame::new(20, 20, 1, SampleType::F32, bytes, interpretation(Photometric::Monochrome2, 32)).unwrap();
    let quality = cpu::quality(&frame, &plan(&frame, &[])).unwrap().unwrap();
    let found = score::measure(&Subject::new(&quality, Some("MR")));
    let of = |name: &str| found[METRICS.iter().position(|metric| metric.name == name).unwrap()];
    assert!(of("quality_max").is_some_and(|most| (most / 1e30 - 1.0).abs() < 1e-6));
    assert_eq!(of("quality_tenengrad"), None);
}
