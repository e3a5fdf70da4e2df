//! The regions of an ultrasound.

use super::archive::corpus;
use super::dicom_files::{EXPLICIT, Element, Spec, Value, text};
use super::{boxes, loaded, mask};
use voxmill::model::Rectangle;

fn region(x0: u32, y0: u32, x1: u32, y1: u32) -> Vec<Element> {
    let at = |tag, value| (tag, "UL", Value::Longs(vec![value]));
    vec![at(0x0018_6018, x0), at(0x0018_601A, y0), at(0x0018_601C, x1), at(0x0018_601E, y1)]
}

/// A picture of 20 rows and 30 columns with these regions.
fn ultrasound(regions: Vec<Vec<Element>>) -> Vec<u8> {
    let spec = Spec::bytes(20, 30, &[100; 600]).with(text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.6.1"));
    spec.with((0x0018_6011, "SQ", Value::Items(regions, true))).file(EXPLICIT)
}

#[test]
fn regions_are_taken_as_the_standard_says_or_not_at_all() {
    let r = |x, y, w, h| Rectangle { x, y, w, h };
    let warning = "ultrasound-region-unusable";
    let mut short = region(1, 1, 9, 9);
    short.pop();
    let cases = [
        // The last column and row are part of a region: 2 to 28 are 27 columns.
        (vec![region(2, 3, 28, 18)], vec![r(2, 3, 27, 16)], false),
        // Devices that name the edge behind the last column mean the edge.
        (vec![region(2, 3, 30, 20)], vec![r(2, 3, 28, 17)], false),
        (vec![region(2, 3, 31, 18)], vec![], true),
        (vec![region(2, 3, 28, 21)], vec![], true),
        (vec![region(9, 3, 8, 18)], vec![], true),
        (vec![region(9, 3, 9, 18)], vec![], true),
        (vec![short], vec![], true),
        (
            vec![region(0, 0, 9, 9), region(5, 5, 99, 18), region(10, 0, 19, 9)],
            vec![r(0, 0, 10, 10), r(10, 0, 10, 10)],
            true,
        ),
        (vec![region(1, 1, 9, 9); 65], vec![], true),
        (vec![], vec![], false),
    ];
    for (regions, expected, warned) in &cases {
        let file = loaded(ultrasound(regions.clone()));
        assert_eq!(file.image.ultrasound_regions(), expected, "{expected:?}");
        assert_eq!(file.image.warnings().contains(&warning), *warned, "{expected:?}");
    }
    assert_eq!(cases.len(), 10);
}

#[test]
fn what_lies_outside_is_blanked_unless_the_recipe_says_no() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("us.dcm");
    std::fs::write(&file, ultrasound(vec![region(4, 5, 29, 19)])).unwrap();
    let [line] = mask(&file, "", 0).try_into().expect("one frame");
    assert_eq!(boxes(&line, "us-region"), [[0, 0, 30, 5], [0, 5, 4, 15]]);
    let [line] = mask(&file, "[burned_in]\nultrasound_regions = false", 0).try_into().expect("one frame");
    assert_eq!(boxes(&line, "us-region"), [[0u64; 4]; 0]);
}

#[test]
fn regions_of_real_machines() {
    let Some(corpus) = corpus() else { return };
    // As pydicom prints them: GREYSCALE_CINE (10, 31, 788, 592) of 600 x 800; OBXXXX1A (120, 60, 800, 518) and
    // (176, 522, 743, 576), whose first ends behind the last column; examples_ybr_color was made smaller than its region.
    let r = |x, y, w, h| Rectangle { x, y, w, h };
    let cases: [(&str, &[Rectangle]); 4] = [
        ("deid-data/ultrasounds/GREYSCALE_CINE.dcm", &[r(10, 31, 779, 562)]),
        ("pydicom-data/OBXXXX1A.dcm", &[r(120, 60, 680, 459), r(176, 522, 568, 55)]),
        ("pydicom/examples_ybr_color.dcm", &[]),
        ("pydicom/examples_palette.dcm", &[]),
    ];
    for (path, expected) in cases {
        let file = loaded(std::fs::read(corpus.join("dicom").join(path)).expect("a file of the corpus"));
        assert_eq!(file.image.ultrasound_regions(), expected, "{path}");
    }
}
