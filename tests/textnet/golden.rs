//! The trained network and its boxes against PyTorch's and Python's: fixtures/textnet, made by python/textnet/export.py.

use super::apart;
use std::path::Path;
use voxmill::engine::cpu::textnet::{Fast, WIDTH, probability};
use voxmill::model::Rectangle;
use voxmill::pixel::textnet::views::Look;
use voxmill::pixel::textnet::{Plane, boxes, glyphs, marks, net, relief, twin};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/textnet").join(name)).unwrap()
}

/// An array of f32 with two axes, as numpy writes it: a header whose length is the 9th and 10th byte, then the values.
fn array(name: &str) -> Plane {
    let file = fixture(name);
    let start = 10 + usize::from(u16::from_le_bytes([file[8], file[9]]));
    let header = String::from_utf8_lossy(&file[..start]).into_owned();
    assert!(header.contains("'<f4'") && header.contains("'fortran_order': False"), "{name}");
    let shape = header.split_once("'shape': (").unwrap().1.split_once(')').unwrap().0;
    let sides: Vec<usize> = shape.split(',').map(|side| side.trim().parse().unwrap()).collect();
    let values = file[start..].chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    Plane { rows: sides[0], columns: sides[1], values }
}

/// Boxes of a map, and those of the reference: left, top, right, bottom, score.
fn compare(map: &Plane, look: Look, [rows, columns]: [u32; 2], name: &str, tolerance: f64) -> usize {
    let found = boxes::boxes(map, &net().unwrap().rules().of(look), rows, columns);
    let mut found: Vec<[f64; 5]> = found
        .iter()
        .map(|b| [f64::from(b.x), f64::from(b.y), f64::from(b.x + b.w), f64::from(b.y + b.h), f64::from(b.score)])
        .collect();
    let mut want: Vec<[f64; 5]> = serde_json::from_slice(&fixture(name)).unwrap();
    for list in [&mut found, &mut want] {
        list.sort_by(|a, b| a.partial_cmp(b).unwrap());
    }
    assert_eq!(found.len(), want.len(), "{name}: {found:?}");
    for (found, want) in found.iter().zip(&want) {
        assert_eq!(found[..4], want[..4], "{name}");
        assert!((found[4] - want[4]).abs() < tolerance, "{name}: {found:?}, {want:?}");
    }
    want.len()
}

#[test]
fn the_trained_network_gives_what_pytorch_gives() {
    let (view, want) = (array("view.npy"), array("probability.npy"));
    let net = net().unwrap();
    assert!(want.values.iter().any(|p| *p > 0.5), "a map of nothing shows nothing");
    let slow = twin::probability(net, &view);
    println!("twin and PyTorch: {:e}", apart("twin", &slow, &want, 1e-3));
    println!("fast and PyTorch: {:e}", apart("fast", &probability(&Fast::new(net), &view, 2, WIDTH), &want, 1e-3));
    assert!(compare(&slow, Look::Plain, [90, 150], "boxes.json", 1e-3) > 0);
}

#[test]
fn boxes_are_those_of_the_reference() {
    // A tilted line, an L, a thick block, pieces too small or too faint; the frame ends two rows before the last cell does.
    assert!(compare(&array("map.npy"), Look::Plain, [238, 360], "map-boxes.json", 1e-6) > 10);
    // The same map of a picture at half its size: thick pieces alone, in pixels twice as large.
    assert!(compare(&array("map.npy"), Look::Shrunk(2), [476, 719], "map-boxes-half.json", 1e-6) > 1);
}

#[test]
fn the_relief_is_that_of_the_reference() {
    let (view, want) = (array("view.npy"), array("relief.npy"));
    let spread = want.values.iter().fold([1.0f32, 0.0], |[low, high], v| [low.min(*v), high.max(*v)]);
    assert!(spread[0] < 0.1 && spread[1] > 0.9, "{spread:?}");
    // The same sums of whole numbers; f32 mixes them in one order, numpy in another.
    apart("relief", &relief::relief(&view), &want, 1e-5);
}

#[test]
fn the_letters_of_a_mark_and_what_they_are_said_to_be_are_the_references() {
    // Box and picture of train_marks.py; its letters one below the other, then a row of 27 answers for each.
    let (view, want, answers) = (array("mark-view.npy"), array("mark-letters.npy"), array("mark-answers.npy"));
    let found = Rectangle { x: 15, y: 11, w: 36, h: 26 };
    let window = glyphs::window(found, view.rows as u32, view.columns as u32);
    let cut = |y: u32| {
        let row = y as usize * view.columns;
        &view.values[row + window.x as usize..row + window.right() as usize]
    };
    let values = (window.y..window.bottom()).flat_map(cut).copied().collect();
    let part = Plane { rows: window.h as usize, columns: window.w as usize, values };
    let inside = Rectangle { x: found.x - window.x, y: found.y - window.y, ..found };
    let reader = marks::reader().unwrap();
    let letters = glyphs::glyphs(&part, inside, reader.rules()).expect("two letters");
    assert_eq!(letters.len(), 2);
    let all = letters.iter().flat_map(|letter| letter.values.clone()).collect();
    apart("letters", &Plane { rows: 48, columns: 24, values: all }, &want, 1e-6);
    let said: Vec<f32> = letters.iter().flat_map(|letter| reader.classes(letter)).collect();
    apart("classes", &Plane { rows: 2, columns: 27, values: said }, &answers, 1e-3);
    // The L and the R that are drawn there.
    assert!(answers.values[11] > 0.5 && answers.values[27 + 17] > 0.5, "{:?}", answers.values);
}

#[test]
fn a_broken_reader_of_marks_is_refused() {
    let file = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pixel/textnet/marks.bin")).unwrap();
    assert!(marks::Reader::read(&file).is_ok());
    assert!(marks::Reader::read(&file[..file.len() - 2]).is_err());
    // The finder's own network has one channel at its end, not 27.
    let other = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pixel/textnet/weights.bin")).unwrap();
    assert!(marks::Reader::read(&other).is_err());
}
