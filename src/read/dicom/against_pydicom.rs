//! What this room reads out of the corpus against what pydicom reads (fixtures/dicom/make.py): text in many character
//! sets, rescale, windows, tables, palettes, padding, geometry, by frame. Only a test.

use super::{Geometry, sheet};
use crate::model::{Lut, Modality, Tag, Voi, VoiFunction};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::PathBuf;

const MADE: &str = include_str!("../../../fixtures/dicom/pydicom.json");

fn corpus_file(path: &str) -> Vec<u8> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let corpus = std::env::var_os("VOXMILL_CORPUS").map_or(beside, PathBuf::from);
    std::fs::read(corpus.join(path)).unwrap_or_else(|e| panic!("the corpus has no {path}: {e}"))
}

fn made() -> Value {
    let made: Value = serde_json::from_str(MADE).unwrap();
    assert_eq!(made["pydicom"], "3.0.2");
    made
}

#[test]
fn text_of_seventeen_character_sets_is_what_pydicom_reads() {
    let made = made();
    let mut compared = 0;
    for (path, want) in made["text"].as_object().unwrap() {
        let (tape, ..) = super::read(corpus_file(path), super::Keep::Wanted).unwrap();
        let texts = sheet::texts(&tape);
        for (tag, text) in want.as_object().unwrap() {
            let number = u32::from_str_radix(tag, 16).unwrap();
            let tag = Tag((number >> 16) as u16, number as u16);
            if !sheet::SHEET_ATTRIBUTES.iter().any(|(t, _)| *t == tag) {
                continue;
            }
            let found = texts.iter().rfind(|(t, _)| *t == tag).map(|(_, text)| text.as_str());
            // pydicom drops empty groups at the end of a name and keeps padding between values.
            let plain = |t: &str| t.trim_end_matches('=').trim().replace(" \\", "\\").replace("\r\n", "\n");
            let want = text.as_str().map(plain).filter(|t| !t.is_empty());
            assert_eq!(found.map(plain), want, "{path} {tag:?}");
            compared += 1;
        }
    }
    assert_eq!(made["text"].as_object().unwrap().len(), 17);
    assert_eq!(compared, COMPARED_TEXTS);
}

/// Counted once from the fixture: attributes of the sheet among those of the seventeen files.
const COMPARED_TEXTS: usize = 89;

#[test]
fn interpretation_and_geometry_are_what_pydicom_reads() {
    let made = made();
    let (mut images, mut frames, mut luts) = (0, 0, 0);
    for (path, want) in made["images"].as_object().unwrap() {
        let image = super::open(corpus_file(path)).and_then(|o| o.image).unwrap_or_else(|e| panic!("{path}: {e}"));
        images += 1;
        for (number, want_frame) in want["frames"].as_object().unwrap() {
            let number: u32 = number.parse().unwrap();
            let found = image.interpretation(number).unwrap_or_else(|e| panic!("{path}: {e}"));
            frames += 1;
            match &found.modality {
                Modality::Identity => assert!(want_frame["modality"].is_null(), "{path}"),
                Modality::Rescale { slope, intercept } => {
                    assert_eq!(want_frame["modality"]["slope"], *slope, "{path}");
                    assert_eq!(want_frame["modality"]["intercept"], *intercept, "{path}");
                }
                Modality::Lut(lut) => {
                    same_lut(&want_frame["modality"]["lut"], lut, path);
                    luts += 1;
                }
            }
            let views = want_frame["voi"].as_array().unwrap();
            assert_eq!(views.len(), found.voi.len(), "{path}");
            for (want, found) in views.iter().zip(&found.voi) {
                match found {
                    Voi::Window { center, width, function } => {
                        assert_eq!(want["center"], *center, "{path}");
                        assert_eq!(want["width"], *width, "{path}");
                        assert_eq!(want["function"] == "LINEAR", *function == VoiFunction::Linear, "{path}");
                    }
                    Voi::Lut(lut) => {
                        same_lut(&want["lut"], lut, path);
                        luts += 1;
                    }
                }
            }
            same_geometry(want_frame, &image.geometry(number), path);
            let padding = want.get("padding").map(|p| (p[0].as_i64().unwrap() as i32, p[1].as_i64().unwrap() as i32));
            assert_eq!(found.padding, padding, "{path}");
            assert_eq!(found.palette.is_some(), want.get("palette").is_some(), "{path}");
            for (channel, want) in
                found.palette.iter().flat_map(|p| &p.channels).zip(want["palette"].as_array().into_iter().flatten())
            {
                assert_eq!(want[0], channel.first, "{path}");
                assert_eq!(want[1], channel.entries.len(), "{path}");
                assert_eq!(want[2], digest(channel), "{path}");
                luts += 1;
            }
        }
    }
    assert_eq!(images, 343);
    assert_eq!((frames, luts), COMPARED_FRAMES_AND_TABLES);
}

/// 343 images, of the 37 with several frames the last one too; tables counted once from the fixture.
const COMPARED_FRAMES_AND_TABLES: (usize, usize) = (380, 50);

fn same_lut(want: &Value, found: &Lut, path: &str) {
    assert_eq!(want[0], found.first, "{path}");
    assert_eq!(want[1], found.bits, "{path}");
    assert_eq!(want[2], found.entries.len(), "{path}");
    assert_eq!(want[3], digest(found), "{path}");
}

fn digest(lut: &Lut) -> String {
    let bytes: Vec<u8> = lut.entries.iter().flat_map(|e| e.to_le_bytes()).collect();
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

fn same_geometry(want: &Value, found: &Geometry, path: &str) {
    let want = |key: &str| -> Vec<f32> {
        let values = want[key].as_array().unwrap();
        values.iter().map(|v| v.as_f64().unwrap() as f32).collect()
    };
    // A size of 0 says nothing and is absent here.
    let positive = |values: Vec<f32>| values.into_iter().filter(|v| *v > 0.0).collect::<Vec<_>>();
    let list = |values: Option<&[f32]>| values.unwrap_or(&[]).to_vec();
    assert_eq!(list(found.pixel_spacing_mm.as_ref().map(|v| &v[..])), positive(want("spacing")), "{path}");
    assert_eq!(list(found.position_mm.as_ref().map(|v| &v[..])), want("position"), "{path}");
    assert_eq!(list(found.orientation.as_ref().map(|v| &v[..])), want("orientation"), "{path}");
    let thickness = positive(want("thickness"));
    assert_eq!(list(found.slice_thickness_mm.as_ref().map(std::slice::from_ref)), thickness, "{path}");
}
