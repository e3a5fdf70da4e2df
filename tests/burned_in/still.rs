//! What stays while a multi-frame picture moves: extremes on every engine, and boxes on pictures whose truth is known.

use super::archive::{corpus, voxmill};
use super::dicom_files::{EXPLICIT, Spec, Value, text};
use super::made_frames::{chance, interpretation};
use super::{boxes, loaded, mask};
use voxmill::engine::{Choice, Engine, gpu, open};
use voxmill::error::Kind;
use voxmill::model::{Frame, Photometric, Rectangle, SampleType};
use voxmill::pixel::overlay::{Extremes, extremes};
use voxmill::pixel::still;

fn noisy(seed: u64, rows: u32, columns: u32, samples: u8, sample_type: SampleType) -> Frame {
    let mut next = chance(seed);
    let count = rows as usize * columns as usize * usize::from(samples) * sample_type.bytes();
    let photometric = if samples == 3 { Photometric::Rgb } else { Photometric::Monochrome2 };
    let bytes = (0..count).map(|_| next() as u8).collect();
    let bits = 8 * sample_type.bytes() as u8;
    Frame::new(rows, columns, samples, sample_type, bytes, interpretation(photometric, bits)).unwrap()
}

/// Every engine there is; a missing software adapter is a skip that CI treats as a failure.
fn engines() -> Vec<Box<dyn Engine>> {
    let mut engines = vec![open(Choice::Cpu).unwrap()];
    match gpu::open(true) {
        // Loads of 4 KiB: several stacks of frames.
        Ok(gpu) => engines.push(Box::new(gpu.limited(1 << 20, 4096, 7))),
        Err(fault) => {
            assert_eq!(fault.kind, Kind::Environment, "{fault}");
            assert!(std::env::var_os("VOXMILL_NO_SKIP").is_none(), "skips are not allowed, but {fault}");
        }
    }
    engines
}

#[test]
fn the_extremes_of_every_engine_are_those_of_the_twin() {
    let mut compared = 0;
    for mut engine in engines() {
        for sample_type in [SampleType::U8, SampleType::I8, SampleType::U16, SampleType::I16] {
            for (rows, columns, samples) in [(1, 1, 1), (7, 5, 1), (31, 47, 3), (150, 131, 1)] {
                // Twice: what the first image left on a device does not show in the second.
                for seed in [1, 100] {
                    let frames: Vec<Frame> =
                        (seed..seed + 9).map(|n| noisy(n, rows, columns, samples, sample_type)).collect();
                    let want = extremes(&frames).unwrap();
                    let got = engine.extremes(&frames).unwrap();
                    assert_eq!(got, want, "{} {sample_type:?} {rows}x{columns}x{samples}", engine.name());
                    compared += want.samples.len();
                }
            }
        }
        let other = [noisy(1, 2, 3, 1, SampleType::U8), noisy(1, 3, 2, 1, SampleType::U8)];
        assert_eq!(engine.extremes(&other).unwrap_err().kind, Kind::Bug);
        assert_eq!(engine.extremes(&[noisy(1, 2, 3, 1, SampleType::U32)]).unwrap_err().kind, Kind::Bug);
    }
    assert!(compared >= 4 * 2 * (1 + 35 + 4371 + 19650), "{compared} samples");
}

#[test]
fn a_signed_sample_keeps_its_order() {
    let frame = |values: [i16; 2]| {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        Frame::new(1, 2, 1, SampleType::I16, bytes, interpretation(Photometric::Monochrome2, 16)).unwrap()
    };
    let found = extremes(&[frame([-5, 3]), frame([7, -32768])]).unwrap();
    // -5 + 32768, 7 + 32768; -32768 + 32768, 3 + 32768.
    assert_eq!(found.samples, [[32763, 32775], [0, 32771]]);
}

/// Dots of the letters H, I and L in a grid of 5 x 7.
const LETTERS: [[u8; 7]; 3] = [
    [0x11, 0x11, 0x11, 0x1F, 0x11, 0x11, 0x11],
    [0x0E, 0x04, 0x04, 0x04, 0x04, 0x04, 0x0E],
    [0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x1F],
];

/// Draws the letters at twice their size, from (x, y), 36 x 14 pixels in all; says which pixels.
fn letters(x: u32, y: u32) -> Vec<(u32, u32)> {
    let mut dots = Vec::new();
    for (place, rows) in (0u32..).zip(LETTERS) {
        for (row, bits) in (0u32..).zip(rows) {
            for column in (0..5u32).filter(|column| bits >> (4 - column) & 1 == 1) {
                let (left, top) = (x + 12 * place + 2 * column, y + 2 * row);
                dots.extend([(left, top), (left + 1, top), (left, top + 1), (left + 1, top + 1)]);
            }
        }
    }
    dots
}

/// Frames of 96 x 128 that move everywhere right of column 40, with letters of `value` over the movement at (60, 40) and
/// over the unmoving left side at (2, 40), a bright unmoving block of 30 x 30 at (90, 60), and one bright dot at (50, 10).
fn cine(count: u64, value: u8, turned: bool) -> Vec<Vec<u8>> {
    let (rows, columns) = (96u32, 128u32);
    (0..count)
        .map(|number| {
            let mut next = chance(number + 7);
            let mut bytes: Vec<u8> =
                (0..rows * columns).map(|at| if at % columns < 40 { 30 } else { (next() % 160) as u8 }).collect();
            let mut set = |x: u32, y: u32, value: u8| bytes[(y * columns + x) as usize] = value;
            for (x, y) in letters(60, 40).into_iter().chain(letters(2, 40)) {
                set(x, y, value);
            }
            (0..900).for_each(|at| set(90 + at % 30, 60 + at / 30, 255));
            (0..4).for_each(|at| set(50 + at % 2, 10 + at / 2, 255));
            if turned {
                bytes.iter_mut().for_each(|b| *b = 255 - *b);
            }
            bytes
        })
        .collect()
}

fn still_boxes(frames: &[Vec<u8>], photometric: Photometric) -> Vec<Rectangle> {
    let colour = photometric == Photometric::Rgb;
    let frames: Vec<Frame> = frames
        .iter()
        .map(|grey| {
            let bytes = if colour { grey.iter().flat_map(|v| [*v; 3]).collect() } else { grey.clone() };
            Frame::new(96, 128, if colour { 3 } else { 1 }, SampleType::U8, bytes, interpretation(photometric, 8))
                .unwrap()
        })
        .collect();
    still::boxes(&extremes(&frames).unwrap(), &interpretation(photometric, 8), false)
}

#[test]
fn letters_over_a_moving_picture_are_found_and_nothing_else() {
    // Letters from (60, 40), 12 columns each of which the last uses 10: 34 x 14. The left side does not move, the block
    // is no stroke, one dot is no word.
    let expected = [Rectangle { x: 60, y: 40, w: 34, h: 14 }];
    assert_eq!(still_boxes(&cine(8, 250, false), Photometric::Monochrome2), expected);
    assert_eq!(still_boxes(&cine(8, 250, true), Photometric::Monochrome1), expected);
    assert_eq!(still_boxes(&cine(12, 180, false), Photometric::Rgb), expected);
    assert_eq!(still_boxes(&cine(7, 250, false), Photometric::Monochrome2), [], "too few frames to tell");
    assert_eq!(still_boxes(&cine(8, 40, false), Photometric::Monochrome2), [], "not bright");
}

#[test]
fn joined_extremes_are_those_of_all_frames() {
    let frames: Vec<Frame> = (0..6).map(|n| noisy(n, 9, 8, 3, SampleType::U16)).collect();
    let mut joined: Extremes = extremes(&frames[..2]).unwrap();
    joined.join(&extremes(&frames[2..]).unwrap()).unwrap();
    assert_eq!(joined, extremes(&frames).unwrap());
    assert!(joined.join(&extremes(&[noisy(1, 8, 9, 3, SampleType::U16)]).unwrap()).is_err());
}

/// A multi-frame ultrasound of these frames.
fn file(frames: &[Vec<u8>]) -> Vec<u8> {
    let mut spec = Spec::bytes(96, 128, &[]).with(text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.3.1"));
    spec.frames = Some(if frames.len() == 8 { "8" } else { "2" });
    spec.pixels.2 = Value::Bytes(frames.concat());
    spec.file(EXPLICIT)
}

#[test]
fn the_program_blanks_them_in_every_frame() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cine.dcm");
    std::fs::write(&path, file(&cine(8, 250, false))).unwrap();
    let only = "[burned_in]\ndetector = false\n";
    let lines = mask(&path, only, 0);
    assert_eq!(lines.len(), 8);
    for line in &lines {
        // Three pixels more on each side.
        assert_eq!(boxes(line, "static-overlay"), [[57, 37, 40, 20]]);
        assert_eq!(line["burned_in"], "masked-not-searched");
    }
    let [first, ..] = lines.as_slice() else { panic!("no lines") };
    assert_eq!(first["boxes"].as_array().unwrap().len(), 1);
    let lines = mask(&path, &format!("{only}static_overlay = false"), 0);
    assert!(lines.iter().all(|line| line["burned_in"] == "not-searched"));

    // The pixels of every frame of the data set are background there.
    let recipe = folder.path().join("recipe.toml");
    std::fs::write(&recipe, format!("{only}[image]\nsize = 'none'\n")).unwrap();
    for frame in ["0", "7"] {
        let array = folder.path().join("tensor.npy");
        let mut command = voxmill();
        command.args(["decode", "--stage", "tensor", "--engine", "cpu", "--frame", frame, "--recipe"]).arg(&recipe);
        super::archive::run(command.arg(&path).arg("--out").arg(&array), 0);
        let npy = std::fs::read(array).unwrap();
        let values: Vec<f32> = npy[npy.len() - 96 * 128 * 4..]
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect();
        let at = |x: usize, y: usize| values[y * 128 + x];
        assert!((37..57).all(|y| (57..97).all(|x| at(x, y) == 0.0)), "frame {frame}");
        assert!((60..90).all(|y| (97..120).all(|x| at(x, y) == 1.0)), "the block stays");
    }
}

#[test]
fn real_cines() {
    let Some(corpus) = corpus() else { return };
    // Their text stands on black, which does not move: nothing for this layer, and anatomy is not mistaken for it.
    for path in ["deid-data/ultrasounds/GREYSCALE_CINE.dcm", "pydicom/examples_ybr_color.dcm"] {
        let file = loaded(std::fs::read(corpus.join("dicom").join(path)).expect("a file of the corpus"));
        let frames: Vec<Frame> = (0..file.image.frames()).map(|n| file.image.decode(n).unwrap()).collect();
        assert!(frames.len() >= 27);
        let found = extremes(&frames).unwrap();
        let boxes = still::boxes(&found, &frames[0].interpretation, file.image.lossy() == Some(true));
        let area: usize = boxes.iter().map(|b| b.w as usize * b.h as usize).sum();
        assert!(area * 200 <= frames[0].pixels(), "{path}: {boxes:?}");
    }
}
