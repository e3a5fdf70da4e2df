//! The synthetic archive: the same bytes for the same options, complete, small, with every planted identifier in
//! its place; and its pictures, read back by dicom-rs, are the pictures that were drawn.
//!
//! The archive and its truth stay in `target/tmp/demo` and `target/tmp/demo-truth.tsv`, where
//! `tests/demo_check.py` compares them with what pydicom reads.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use dicom_object::{InMemDicomObject, OpenFileOptions};
use dicom_pixeldata::PixelDecoder;
use sha2::{Digest, Sha256};
use voxmill::demo::{DemoOptions, DemoSummary, make, planted_identifiers, truth};
use voxmill::error::Kind;

/// The archive with default options, made once for all tests of this file.
fn archive() -> &'static (PathBuf, DemoSummary) {
    static MADE: OnceLock<(PathBuf, DemoSummary)> = OnceLock::new();
    MADE.get_or_init(|| {
        let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let dir = tmp.join("demo");
        let _ = fs::remove_dir_all(&dir);
        let summary = make(&dir, &DemoOptions::default()).expect("the archive is made");
        let rows: String = truth(&DemoOptions::default())
            .expect("the truth is known")
            .images
            .iter()
            .map(|i| format!("{}\t{}\t{}\t{:?}\t{}\n", i.file, i.transfer_syntax, i.lossless, i.shape, i.sha256))
            .collect();
        fs::write(tmp.join("demo-truth.tsv"), rows).expect("the truth is written");
        (dir, summary)
    })
}

/// Every file below a folder: relative path and bytes.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(dir).expect("below the folder").to_string_lossy().replace('\\', "/");
                found.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

#[test]
fn the_archive_holds_what_its_summary_says() {
    let (dir, summary) = archive();
    let found = files(dir);
    let below = |folder: &str| found.keys().filter(|name| name.starts_with(folder)).count();
    // CT 24 + 24 + 16, projections 4 + 4 mammograms, MR 12 + 8 + 8 + 1 enhanced, ultrasound 1 + 1 + 2, bone scan 1,
    // screenshot 1, report 1, structure set 1: 109. Eight patients more: knee 8, spine 8, thyroid 2, bones 1, twice.
    // Four broken files.
    assert_eq!(summary.dicom_files, 109 + 2 * 19 + 4);
    assert_eq!(below("dicom/"), 151);
    assert_eq!(summary.broken_files, 4);
    assert_eq!((below("hl7/"), below("ehr/"), found.len()), (6, 3, 160));
    assert_eq!((summary.patients, summary.hl7_messages), (24, 1000));
    let lines: usize = found
        .iter()
        .filter(|(name, _)| name.ends_with(".csv"))
        .map(|(_, bytes)| bytes.iter().filter(|&&byte| byte == b'\n').count() - 1)
        .sum();
    assert_eq!(summary.csv_rows as usize, lines);
    let bytes: usize = found.values().map(Vec::len).sum();
    assert_eq!(summary.bytes, bytes as u64);
    assert!(bytes < 80 << 20, "{bytes} bytes");
}

#[test]
fn the_same_options_give_the_same_bytes() {
    let (dir, _) = archive();
    let again = tempfile::tempdir().expect("a folder");
    make(again.path(), &DemoOptions::default()).expect("the archive is made again");
    assert!(files(dir) == files(again.path()), "two runs differ");
    let small = DemoOptions { patients: 1, messages: 40, seed: 2 };
    let other = tempfile::tempdir().expect("a folder");
    make(other.path(), &small).expect("another archive");
    let (first, second) = (files(dir), files(other.path()));
    assert!(second.values().filter(|b| b.len() > 200).all(|bytes| !first.values().any(|known| known == bytes)));
}

#[test]
fn every_planted_identifier_is_in_the_archive() {
    let identifiers = planted_identifiers(&DemoOptions::default());
    assert!(identifiers.len() > 300, "{}", identifiers.len());
    let found = files(&archive().0);
    let mut everything = Vec::new();
    for (name, bytes) in &found {
        everything.extend_from_slice(name.as_bytes());
        everything.extend_from_slice(bytes);
    }
    let missing: Vec<&String> =
        identifiers.iter().filter(|word| memchr::memmem::find(&everything, word.as_bytes()).is_none()).collect();
    assert!(missing.is_empty(), "{missing:?}");
    // The same 24 numbers in images (some of them deflated), messages and the table of patients.
    let listed: BTreeSet<&str> =
        identifiers.iter().filter(|w| w.len() == 10 && w.starts_with("MG4")).map(String::as_str).collect();
    let images = truth(&DemoOptions::default()).expect("the truth").images;
    let shown: BTreeSet<String> = images.iter().map(|image| patient_id(&archive().0.join(&image.file))).collect();
    assert_eq!(listed.len(), 24);
    assert!(shown.iter().map(String::as_str).eq(listed.iter().copied()));
    for folder in ["hl7/", "ehr/patients"] {
        let text: Vec<&Vec<u8>> = found.iter().filter(|(name, _)| name.starts_with(folder)).map(|(_, b)| b).collect();
        let absent = listed
            .iter()
            .filter(|number| text.iter().all(|bytes| memchr::memmem::find(bytes, number.as_bytes()).is_none()))
            .count();
        assert_eq!(absent, 0, "{folder}");
    }
}

fn patient_id(path: &Path) -> String {
    let file =
        OpenFileOptions::new().read_until(dicom_dictionary_std::tags::PIXEL_DATA).open_file(path).expect("DICOM");
    let element = file.element(dicom_dictionary_std::tags::PATIENT_ID).expect("PatientID");
    element.to_str().expect("text").into_owned()
}

#[test]
fn dicom_rs_reads_the_pictures_that_were_drawn() {
    let truth = truth(&DemoOptions::default()).expect("the truth");
    let mut syntaxes = BTreeSet::new();
    let mut compared = 0;
    for image in &truth.images {
        syntaxes.insert(image.transfer_syntax);
        // dicom-rs has no JPEG-LS and no JPEG 2000 here; tests/demo_check.py reads those.
        if !image.lossless || ["1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90"].contains(&image.transfer_syntax) {
            continue;
        }
        let file = OpenFileOptions::new().open_file(archive().0.join(&image.file)).expect("a DICOM file");
        let samples = samples(&file);
        let hash: String = Sha256::digest(&samples).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, image.sha256, "{}", image.file);
        compared += 1;
    }
    assert_eq!(syntaxes.len(), 9);
    assert_eq!(truth.images.len(), 145);
    // All but one JPEG Baseline, 8 + 1 JPEG 2000 and 8 + 3 JPEG-LS.
    assert_eq!(compared, 145 - 1 - 9 - 11);
}

/// Stored samples, little endian, by pixel.
fn samples(file: &dicom_object::FileDicomObject<InMemDicomObject>) -> Vec<u8> {
    let decoded = file.decode_pixel_data().expect("pixels");
    let bits = decoded.bits_allocated();
    let frame = decoded.rows() as usize * decoded.columns() as usize * decoded.samples_per_pixel() as usize;
    let length = frame * decoded.number_of_frames() as usize * usize::from(bits / 8);
    decoded.data()[..length].to_vec()
}

#[test]
fn names_are_burned_into_ultrasound_and_screenshots() {
    let truth = truth(&DemoOptions { messages: 0, ..DemoOptions::default() }).expect("the truth");
    let burned: Vec<_> = truth.images.iter().filter(|image| !image.burned.is_empty()).collect();
    // Ultrasound 1 + 1 + 2, the same thyroid for two patients more, one screenshot.
    assert_eq!(burned.len(), 9);
    for image in burned {
        let [_, rows, columns, _] = image.shape;
        assert!(image.burned.iter().all(|[x, y, w, h]| *w > 0 && *h >= 7 && x + w <= columns && y + h <= rows));
    }
}

#[test]
fn a_folder_of_others_is_refused_and_an_unfinished_archive_is_finished() {
    let options = DemoOptions { patients: 1, messages: 20, seed: 9 };
    let dir = tempfile::tempdir().expect("a folder");
    make(dir.path(), &options).expect("the archive");
    let whole = files(dir.path());
    // As a killed run leaves it: one file missing, one under its temporary name.
    fs::remove_file(dir.path().join("hl7/adt.hl7")).expect("a file");
    fs::write(dir.path().join("hl7/.tmp-77-adt.hl7"), b"MSH").expect("a file");
    make(dir.path(), &options).expect("the archive is finished");
    assert!(files(dir.path()) == whole);
    fs::write(dir.path().join("thesis.txt"), b"mine").expect("a file");
    let fault = make(dir.path(), &options).expect_err("the folder holds a thesis");
    assert_eq!((fault.kind, fault.place), (Kind::Config, "demo"));
    let nobody = DemoOptions { patients: 0, ..options };
    assert_eq!(make(dir.path(), &nobody).expect_err("no patients").kind, Kind::Config);
    assert!(planted_identifiers(&nobody).is_empty());
}
