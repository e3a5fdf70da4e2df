//! `decode = "reduced"`: what comes out of the smaller decoding against the full one, on waves whose phase shows a shift
//! of a fraction of a pixel, on burned-in text, on real files, and through the program.
//!
//! docs/REDUCED.md shows what `cargo test --release --test reduced -- --nocapture real` prints.

#[path = "archive/mod.rs"]
mod archive;
mod dicom_files;

use dicom_files::{Spec, Value};
use libjpeg_turbo_rs::{PixelFormat, Subsampling};
use voxmill::deid::burned_in;
use voxmill::engine::{Choice, Job, open};
use voxmill::model::{MaskBox, Tensor};
use voxmill::pixel::spec::{Decode, Size};
use voxmill::pixel::{Plan, PlanSpec, Shape, reduce};
use voxmill::read::dicom::{self, Image};
use voxmill::write::encode::{self, Picture};

const J2K: &str = "1.2.840.10008.1.2.4.90";
const JPEG: &str = "1.2.840.10008.1.2.4.50";

fn recipe(side: u32) -> PlanSpec {
    PlanSpec { size: Size::Side(side), decode: Decode::Reduced, ..PlanSpec::default() }
}

fn opened(bytes: Vec<u8>) -> Image {
    dicom::open(bytes).expect("DICOM").image.expect("an image")
}

/// Tensors of the first frame from its full and its reduced decoding, and how much smaller the latter was.
fn both(image: &Image, spec: &PlanSpec, boxes: &[MaskBox]) -> (Tensor, Tensor, u32) {
    let masks = burned_in::clip_to_frame(boxes, image.rows(), image.columns(), "masked-by-rule");
    let halvings = reduce::halvings(spec, image.rows(), image.columns(), &image.interpretation(0).unwrap());
    let (frame, reduction) = image.decode_reduced(0, halvings).expect("decodes");
    let shape = Shape::of(&frame);
    let smaller = match &reduction {
        Some(reduction) => {
            let masks = burned_in::reduced(&masks, reduction, shape.rows, shape.columns);
            Plan::reduced(spec, shape, &frame.interpretation, masks, reduction)
        }
        None => Plan::new(spec, shape, &frame.interpretation, masks.clone()),
    };
    let whole = image.decode(0).expect("decodes");
    let plan = Plan::new(spec, Shape::of(&whole), &whole.interpretation, masks).expect("a plan");
    let mut engine = open(Choice::Cpu).expect("the CPU");
    engine.submit(vec![Job { frame: whole, plan }, Job { frame, plan: smaller.expect("a plan") }]).unwrap();
    let mut done = engine.collect().expect("a batch").into_iter().map(|done| done.expect("a tensor").tensor);
    (done.next().unwrap(), done.next().unwrap(), reduction.map_or(1, |reduction| reduction.factor()))
}

/// Mean and largest absolute difference over the pixels that are at least `border` away from the edge.
fn difference(full: &Tensor, reduced: &Tensor, border: usize) -> (f64, f64) {
    assert_eq!(full.shape(), reduced.shape());
    let (a, b) = (full.to_f32(), reduced.to_f32());
    let (_, rows, columns) = a.dim();
    let inner = ndarray::s![.., border..rows - border, border..columns - border];
    let all: Vec<f64> = a.slice(inner).iter().zip(b.slice(inner)).map(|(x, y)| f64::from(*x - *y).abs()).collect();
    (all.iter().sum::<f64>() / all.len() as f64, all.iter().copied().fold(0.0, f64::max))
}

/// 8-bit grey as lossless JPEG 2000 and as JPEG of quality 95.
fn files(rows: u16, columns: u16, bytes: &[u8]) -> [(&'static str, Vec<u8>); 2] {
    let picture = Picture { rows: rows.into(), columns: columns.into(), samples: 1, bits_stored: 8, bytes };
    let j2k = encode::jpeg2000::encode(&picture, false).expect("encodes");
    let (width, height) = (usize::from(columns), usize::from(rows));
    let jpeg = libjpeg_turbo_rs::compress(bytes, width, height, PixelFormat::Grayscale, 95, Subsampling::S444);
    [(J2K, j2k), (JPEG, jpeg.expect("encodes"))].map(|(syntax, mut stream)| {
        stream.resize(stream.len().next_multiple_of(2), 0);
        let pixels = (0x7FE0_0010, "OB", Value::Fragments(vec![Vec::new(), stream]));
        let spec = Spec { pixels, ..Spec::bytes(rows, columns, &[]) };
        (syntax, spec.file(syntax))
    })
}

#[test]
fn waves_keep_their_place() {
    // 904 x 896 shown in 112 x 112 (111 columns): a quarter, 226 x 224, is at least twice that.
    let (rows, columns) = (904u16, 896u16);
    let wave = |x: u16, y: u16| {
        let phase = std::f64::consts::TAU * (f64::from(x) / 64.0 + f64::from(y) / 96.0);
        (128.0 + 100.0 * phase.sin()).round() as u8
    };
    let bytes: Vec<u8> = (0..rows).flat_map(|y| (0..columns).map(move |x| wave(x, y))).collect();
    for (syntax, file) in files(rows, columns, &bytes) {
        let (full, reduced, factor) = both(&opened(file), &recipe(112), &[]);
        assert_eq!(factor, 4, "{syntax}");
        // Taking the first pixel of four for their middle shifts the wave by 1.5 pixels down and across, which is
        // 1.5 x 2 pi x (1/64 + 1/96) = 0.245 of its phase, and that times 100 of 255 is 0.096. What is allowed is the two
        // filters' gain: 5/3 twice lets these waves through at up to 1.017 and a triangle over four samples at up to 1.015
        // of one over sixteen: 0.0125, and two roundings to 255 levels.
        let (mean, most) = difference(&full, &reduced, 2);
        println!("{syntax}: mean {mean:.5}, most {most:.5}");
        assert!(most < 0.025, "{syntax}: {most}");
    }
}

#[test]
fn masked_text_leaves_no_trace() {
    // Ground 50, text that alternates between 0 and 255 in a box of odd place and size.
    let (rows, columns) = (512u16, 640u16);
    let text = MaskBox { x: 101, y: 67, w: 150, h: 35, reason: "rule" };
    let inside = |x: u16, y: u16| (101..251).contains(&x) && (67..102).contains(&y);
    let sample = |x: u16, y: u16| if inside(x, y) { 255 * u8::from((x / 3 + y / 5).is_multiple_of(2)) } else { 50 };
    let bytes: Vec<u8> = (0..rows).flat_map(|y| (0..columns).map(move |x| sample(x, y))).collect();
    for (syntax, file) in files(rows, columns, &bytes) {
        let image = opened(file);
        for (side, expected) in [(160, 2), (80, 4), (40, 8)] {
            let (_, open, factor) = both(&image, &recipe(side), &[]);
            assert_eq!(factor, expected, "{syntax}");
            let brightest = open.to_f32().iter().copied().fold(0.0, f32::max);
            // Means of the text are some 127 of 255; the ground is 50 of 255.
            assert!(brightest > 0.35, "{syntax} {side}: the text shows without a mask, {brightest}");
            let (_, masked, _) = both(&image, &recipe(side), &[text]);
            let masked = masked.to_f32();
            let brightest = masked.iter().copied().fold(0.0, f32::max);
            // 50 / 255 = 0.196. Quality 95 may be off by one or two of 255 in blocks beside the text.
            let slack = if syntax == J2K { 0.0001 } else { 0.006 };
            assert!(brightest < 50.0 / 255.0 + slack, "{syntax} {side}: {brightest}");
            // The letterbox is 4/5 of the side high: its first row is a tenth of the side down.
            let scale = side as f32 / 640.0;
            let (x, y) = ((176.0 * scale) as usize, (side as f32 * 0.1 + 84.0 * scale) as usize);
            assert_eq!(masked[[0, y, x]], 0.0, "{syntax} {side}");
        }
    }
}

/// Real files: JPEG 2000 reversible and irreversible, HTJ2K, JPEG; grey and colour; side of the tensor; most allowed mean
/// difference in the unit range. Full decoding of the same files is held against other decoders in tests/expected.rs.
const REAL: &[(&str, u32, f64)] = &[
    ("wg04/J2KR/CT2_J2KR", 96, 0.01),
    ("wg04/J2KR/MR1_J2KR", 96, 0.01),
    ("wg04/J2KR/MR4_J2KR", 96, 0.01),
    ("wg04/J2KR/XA1_J2KR", 224, 0.01),
    ("pydicom-data/MR2_J2KR.dcm", 224, 0.01),
    ("pydicom-data/RG1_J2KI.dcm", 224, 0.01),
    ("wg04/J2KI/RG2_J2KI", 224, 0.01),
    ("pydicom-data/RG3_J2KR.dcm", 224, 0.01),
    ("wg04/J2KI/SC1_J2KI", 224, 0.01),
    ("wg04/J2KI/MG1_J2KI", 512, 0.01),
    ("wg04/J2KI/VL4_J2KI", 224, 0.01),
    ("wg04/J2KR/VL6_J2KR", 96, 0.01),
    ("pydicom-data/HTJ2KLossless_08_RGB.dcm", 96, 0.01),
    ("pydicom-data/HTJ2K_08_RGB.dcm", 96, 0.01),
    ("deid-data/dicom-cookies/image1.dcm", 224, 0.01),
    ("deid-data/humans/ctbrain1.dcm", 96, 0.01),
    ("pydicom/examples_ybr_color.dcm", 64, 0.01),
];

#[test]
fn real_files_look_the_same() {
    let Some(corpus) = archive::corpus() else { return };
    let mut smaller = 0;
    for (path, side, allowed) in REAL {
        let image = opened(std::fs::read(corpus.join("dicom").join(path)).expect("a file of the corpus"));
        let spec = PlanSpec { channels: image.samples(), ..recipe(*side) };
        let (full, reduced, factor) = both(&image, &spec, &[]);
        let (mean, most) = difference(&full, &reduced, 0);
        println!("| {path} | {} x {} | {side} | 1/{factor} | {mean:.5} | {most:.3} |", image.rows(), image.columns());
        smaller += usize::from(factor > 1);
        assert!(mean <= *allowed, "{path}: mean {mean}");
    }
    assert_eq!((REAL.len(), smaller), (17, 17));
}

#[test]
fn what_has_no_smaller_form_is_decoded_whole() {
    let Some(corpus) = archive::corpus() else { return };
    // Twelve bits of DCT, JPEG Lossless, RLE; then bits of a segmentation, and padding that is declared.
    const WHOLE: [&str; 5] = [
        "wg04/JPLY/RG2_JPLY",
        "wg04/JPLL/MR1_JPLL",
        "wg04/RLE/MR1_RLE",
        "pydicom-data/liver_j2k.dcm",
        "wg04/J2KR/CT1_J2KR",
    ];
    for path in WHOLE {
        let image = opened(std::fs::read(corpus.join("dicom").join(path)).expect("a file of the corpus"));
        let (full, reduced, factor) = both(&image, &recipe(64), &[]);
        assert_eq!((factor, full == reduced), (1, true), "{path}");
    }
}

#[test]
fn damage_is_refused_or_leaves_all_pixels() {
    let bytes: Vec<u8> = (0..48u32 * 40).map(|i| (i * i / 7 % 251) as u8).collect();
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut random = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % limit as u64) as usize
    };
    let (mut refused, mut read) = (0, 0);
    for (syntax, file) in files(48, 40, &bytes) {
        for round in 0..600u16 {
            let mut damaged = file.clone();
            // The stream takes up the end of the file.
            for _ in 0..=random(3) {
                let at = damaged.len() - 1 - random(bytes.len().min(damaged.len() - 1));
                match random(4) {
                    0 => damaged[at] = 0xFF,
                    1 => damaged[at] ^= 1 << random(8),
                    2 => drop(damaged.remove(at)),
                    _ => damaged[at] = random(256) as u8,
                }
            }
            let decoded = dicom::open(damaged).and_then(|opened| opened.image).and_then(|image| {
                image.decode_reduced(0, 1 + (round % 3) as u8).map(|found| (found, image.rows(), image.columns()))
            });
            match decoded {
                Ok(((frame, reduction), rows, columns)) => {
                    let factor = reduction.map_or(1, |reduction| reduction.factor());
                    assert_eq!(
                        (frame.rows, frame.columns),
                        (rows.div_ceil(factor), columns.div_ceil(factor)),
                        "{syntax}"
                    );
                    read += 1;
                }
                Err(fault) => {
                    assert_eq!(fault.kind, voxmill::error::Kind::Input, "{syntax}: {fault}");
                    assert_ne!(fault.reason, voxmill::error::Reason::DecoderPanicked, "{syntax}: {fault}");
                    refused += 1;
                }
            }
        }
    }
    assert_eq!(refused + read, 2 * 600);
    assert!(refused > 200 && read > 50, "{refused} refused, {read} read");
}

#[test]
fn the_program_says_so_in_the_manifest() {
    let folder = tempfile::tempdir().unwrap();
    let (rows, columns) = (512u16, 640u16);
    let bytes: Vec<u8> = (0..u32::from(rows) * 640).map(|i| if i % 640 < 100 { 250 } else { 20 }).collect();
    let input = folder.path().join("in");
    std::fs::create_dir(&input).unwrap();
    let [(_, file), _] = files(rows, columns, &bytes);
    std::fs::write(input.join("one.dcm"), &file).unwrap();
    let recipe = folder.path().join("recipe.toml");
    let rule = "[image]\nsize = 80\ndecode = 'reduced'\n[burned_in]\ndetector = false\nsecondary_capture = 'search'\n[[mask]]\nrows = 512\ncolumns = 640\n\
                boxes = [{ x = 0, y = 0, w = 101, h = 512 }]\n";
    std::fs::write(&recipe, rule).unwrap();
    let out = folder.path().join("out");
    let mut command = archive::voxmill();
    command.args(["prepare", "--engine", "cpu", "--key-file"]).arg(archive::key(folder.path()));
    archive::run(command.arg(&input).arg("--out").arg(&out).arg("--recipe").arg(&recipe), 0);

    let mut found = Vec::new();
    for entry in std::fs::read_dir(out.join("manifest")).unwrap() {
        let file = std::fs::File::open(entry.unwrap().path()).unwrap();
        let rows = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        for batch in rows.build().unwrap() {
            let batch = batch.unwrap();
            let mut json = arrow::json::ArrayWriter::new(Vec::new());
            json.write(&batch).unwrap();
            json.finish().unwrap();
            found.extend(serde_json::from_slice::<Vec<serde_json::Value>>(&json.into_inner()).unwrap());
        }
    }
    let [row] = found.as_slice() else { panic!("{} rows", found.len()) };
    // The manifest stays in stored pixels.
    assert_eq!(
        (row["decoded"].as_str(), row["rows"].as_u64(), row["columns"].as_u64()),
        (Some("1/4"), Some(512), Some(640))
    );
    let mask = &row["masked"][0];
    assert_eq!((mask["x"].as_u64(), mask["w"].as_u64(), mask["h"].as_u64()), (Some(0), Some(101), Some(512)));

    let array = folder.path().join("tensor.npy");
    let mut command = archive::voxmill();
    command.args(["decode", "--stage", "tensor", "--engine", "cpu", "--recipe"]).arg(&recipe);
    archive::run(command.arg(input.join("one.dcm")).arg("--out").arg(&array), 0);
    let npy = std::fs::read(array).unwrap();
    let values: Vec<f32> =
        npy[npy.len() - 80 * 80 * 4..].chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    let brightest = values.iter().copied().fold(0.0, f32::max);
    assert!((20.0 / 255.0 - 0.001..20.0 / 255.0 + 0.001).contains(&brightest), "{brightest}");
}
