//! Metrics with a published definition against scikit-image, scipy, numpy and MRIQC's formulae: fixtures/quality/make.py.

use super::frames::{interpretation, picture, plan};
use serde_json::Value;
use voxmill::engine::cpu;
use voxmill::model::{Photometric, SampleType};
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
