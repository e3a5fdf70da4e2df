//! Every file of the corpus in a syntax of these codecs: by digest where coding is exact, by range and mean for DCT.

use crate::real_files::corpus;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use voxmill::read::codecs::{Announced, Coded, Treatment, decoder_for, deflated, guard};

/// One file of the corpus, with what the tests need of its header.
pub struct Case {
    pub path: String,
    pub uid: String,
    pub announced: Announced,
    pub frames: Vec<Vec<u8>>,
    pub expected: BTreeMap<String, String>,
}

fn rows(name: &str) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(corpus().join(name)).expect("the corpus lies beside the repository");
    let split = |line: &str| {
        let (mut cells, mut quoted) = (vec![String::new()], false);
        for letter in line.chars() {
            match letter {
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(String::new()),
                _ => cells.last_mut().expect("never empty").push(letter),
            }
        }
        cells
    };
    let mut lines = text.lines();
    let names = split(lines.next().expect("a heading"));
    lines.map(|line| names.iter().cloned().zip(split(line)).collect()).collect()
}

/// The fragments of the last encapsulated Pixel Data, without the offset table: the shortest way that works on all
/// these files, broken headers included. The DICOM room has tests of its own.
fn fragments(path: &str, file: &[u8]) -> Vec<Vec<u8>> {
    // Of undefined length, with or without a VR in front.
    let start = |at: usize| {
        let after = file[at..].strip_prefix(&[0xE0, 0x7F, 0x10, 0x00])?;
        [&after[4..], after].into_iter().find_map(|after| after.strip_prefix(&[255, 255, 255, 255]))
    };
    let mut rest =
        (0..file.len() - 12).rev().find_map(start).unwrap_or_else(|| panic!("{path}: encapsulated Pixel Data"));
    let mut fragments = Vec::new();
    while rest.starts_with(&[0xFE, 0xFF, 0x00, 0xE0]) {
        let length = u32::from_le_bytes(rest[4..8].try_into().expect("four bytes")) as usize;
        fragments.push(rest[8..8 + length].to_vec());
        rest = &rest[8 + length..];
    }
    fragments.remove(0);
    fragments
}

/// The files of expected.csv whose transfer syntax is one of `uids` (the part after 1.2.840.10008.1.2).
pub fn cases(uids: &[&str]) -> Vec<Case> {
    let mut manifest: BTreeMap<_, _> = rows("MANIFEST.csv").into_iter().map(|row| (row["path"].clone(), row)).collect();
    let mut found = Vec::new();
    for expected in rows("expected.csv") {
        let path = expected["path"].clone();
        let row = manifest.remove(&path).expect("a file of the manifest");
        let uid = row["transfer_syntax_uid"].clone();
        if !uid.strip_prefix("1.2.840.10008.1.2").is_some_and(|end| uids.contains(&end)) {
            continue;
        }
        let number = |name: &str| row[name].parse::<u32>().expect("a number");
        let announced = Announced {
            rows: number("rows"),
            columns: number("cols"),
            samples: number("samples") as u8,
            bits_allocated: number("bits_allocated") as u8,
            bits_stored: number("bits_stored") as u8,
            signed: row["pixel_representation"] == "1",
            rgb: row["photometric"] == "RGB",
        };
        let fragments = fragments(&path, &std::fs::read(corpus().join(&path)).expect("a file of the manifest"));
        let count = row["frames"].parse::<usize>().unwrap_or(1);
        let frames = if count == 1 { vec![fragments.concat()] } else { fragments };
        assert_eq!(frames.len(), count, "{path}: one fragment a frame");
        found.push(Case { path, uid, announced, frames, expected });
    }
    found
}

/// The stored array of all frames as pydicom gives it, and what the codec said of the first.
pub fn stored(case: &Case) -> voxmill::error::Result<(Vec<u8>, Coded)> {
    let coding = decoder_for(&case.uid).expect("a syntax of the table");
    let Treatment::Decode(decode) = coding.treatment else { panic!("{} has a decoder", coding.name) };
    let mut all = Vec::new();
    let mut said = None;
    for frame in &case.frames {
        let mut out = vec![0; case.announced.frame_bytes()];
        let coded = guard::run(decode, frame, &case.announced, &mut out)?;
        interpret(&case.announced, &coded, &mut out);
        all.extend(out);
        said.get_or_insert(coded);
    }
    Ok((all, said.expect("at least one frame")))
}

/// What the DICOM room does with the samples: bits above BitsStored go (RG3_JPLY has some), and where
/// PixelRepresentation is signed and the stream is not, the sign is extended.
fn interpret(announced: &Announced, coded: &Coded, out: &mut [u8]) {
    let bits = if coded.signed.is_some() { coded.precision } else { announced.bits_stored };
    if announced.sample_bytes() == 2 && coded.signed != Some(true) {
        let unused = 16 - u32::from(bits);
        for pair in out.as_chunks_mut::<2>().0 {
            let raw = u16::from_le_bytes(*pair) << unused;
            *pair = if announced.signed { (raw as i16 >> unused) as u16 } else { raw >> unused }.to_le_bytes();
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Minimum, maximum, mean.
fn summary(case: &Case, bytes: &[u8]) -> [f64; 3] {
    let values: Vec<f64> = match (case.announced.sample_bytes(), case.announced.signed) {
        (1, _) => bytes.iter().map(|&b| f64::from(b)).collect(),
        (_, false) => bytes.as_chunks::<2>().0.iter().map(|&b| f64::from(u16::from_le_bytes(b))).collect(),
        (_, true) => bytes.as_chunks::<2>().0.iter().map(|&b| f64::from(i16::from_le_bytes(b))).collect(),
    };
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    [least, most, values.iter().sum::<f64>() / values.len() as f64]
}

#[test]
fn jpeg_2000_and_htj2k_files_are_exact() {
    let cases = cases(&[".4.90", ".4.91", ".4.201", ".4.203"]);
    let mut exact = 0;
    for case in &cases {
        match stored(case) {
            Ok((bytes, coded)) => {
                assert_eq!(hex(&bytes), case.expected["sha256_raw_le"], "{}: {coded:?}", case.path);
                exact += 1;
            }
            Err(fault) => assert_eq!(case.expected["status"], "NO REFERENCE", "{}: {fault}", case.path),
        }
    }
    assert_eq!((cases.len(), exact), (47, 46));
}

#[test]
fn dct_files_have_the_range_and_mean_of_the_reference() {
    let cases = cases(&[".4.50", ".4.51", ".4.53", ".4.55"]);
    let mut equal = 0;
    for case in &cases {
        let (bytes, coded) = stored(case).unwrap_or_else(|fault| panic!("{}: {fault}", case.path));
        equal += usize::from(hex(&bytes) == case.expected["sha256_raw_le"]);
        let tolerance = case.expected["max_abs_diff_between_decoders"].parse().unwrap_or(1.0f64).max(1.0);
        let found = summary(case, &bytes);
        for (name, value) in ["min", "max", "mean"].iter().zip(found) {
            let wanted: f64 = case.expected[*name].parse().expect("a number");
            assert!((value - wanted).abs() <= tolerance, "{}: {name} {value}, not {wanted}: {coded:?}", case.path);
        }
    }
    // The other three were decoded by another library's inverse DCT; no sample differs by more than 1.
    assert_eq!((cases.len(), equal), (30, 27));
}

#[test]
fn deflated_frames_are_exact() {
    let cases = cases(&[".8.1"]);
    for case in &cases {
        let bits = case.announced.rows as usize * case.announced.columns as usize;
        let mut all = Vec::new();
        for frame in &case.frames {
            let mut native = vec![0; bits.div_ceil(8)];
            deflated::inflate_frame(frame, &mut native).expect("a whole frame");
            all.extend((0..bits).map(|bit| native[bit / 8] >> (bit % 8) & 1));
        }
        assert_eq!(hex(&all), case.expected["sha256_raw_le"], "{}", case.path);
    }
    assert_eq!(cases.len(), 2);
}
