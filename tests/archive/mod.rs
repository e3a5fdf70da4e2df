//! Small archives for tests of the whole program: hand-made DICOM files (explicit VR little endian, PS3.10) and HL7
//! messages, and how to run the program over them.
#![allow(dead_code, reason = "each test file uses its own part of this module")]

#[path = "../real_files/mod.rs"]
mod real_files;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program under test.
pub fn voxmill() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_voxmill"));
    command.env_remove("VOXMILL_KEY").env("RUST_BACKTRACE", "0");
    command
}

/// Runs it and says what it printed if the exit code is another than expected.
pub fn run(command: &mut Command, expected: i32) -> Output {
    let output = command.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(expected), "{command:?}\n{out}\n{err}");
    assert!(!err.contains("panicked"), "{err}");
    output
}

/// One element with a short (16-bit) length, or a long one where the VR wants it.
pub fn element(tag: (u16, u16), vr: &str, value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(if vr == "UI" || vr.starts_with('O') { 0 } else { b' ' });
    }
    let mut bytes = [tag.0.to_le_bytes(), tag.1.to_le_bytes()].concat();
    bytes.extend_from_slice(vr.as_bytes());
    if matches!(vr, "OB" | "OW" | "SQ" | "UN" | "UT") {
        bytes.extend_from_slice(&[0, 0]);
        bytes.extend_from_slice(&(value.len() as u32).to_le_bytes());
    } else {
        bytes.extend_from_slice(&(value.len() as u16).to_le_bytes());
    }
    bytes.extend_from_slice(&value);
    bytes
}

/// Preamble, `DICM` and file meta information for an object in explicit VR little endian.
pub fn meta() -> Vec<u8> {
    let syntax = element((2, 0x10), "UI", b"1.2.840.10008.1.2.1");
    let mut bytes = vec![0; 128];
    bytes.extend_from_slice(b"DICM");
    bytes.extend(element((2, 0), "UL", &(syntax.len() as u32).to_le_bytes()));
    bytes.extend(syntax);
    bytes
}

/// What makes one image differ from another.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    pub patient: &'a str,
    pub name: &'a str,
    pub number: u32,
    pub rows: u16,
    pub columns: u16,
}

/// A CT image: a ramp with a dent in one corner, so that flips and transposes show. Stored = HU + 1024.
pub fn ct(picture: &Picture) -> Vec<u8> {
    let Picture { patient, name, number, rows, columns } = *picture;
    let mut bytes = meta();
    let mut put = |tag, vr, value: &[u8]| bytes.extend(element(tag, vr, value));
    put((8, 0x16), "UI", b"1.2.840.10008.5.1.4.1.1.2");
    put((8, 0x18), "UI", format!("1.2.3.{number}").as_bytes());
    put((8, 0x20), "DA", b"20240611");
    put((8, 0x50), "SH", format!("ACC{patient}").as_bytes());
    put((8, 0x60), "CS", b"CT");
    put((8, 0x70), "LO", b"SynthMed");
    put((0x10, 0x10), "PN", name.as_bytes());
    put((0x10, 0x20), "LO", patient.as_bytes());
    put((0x10, 0x30), "DA", b"19630412");
    put((0x10, 0x40), "CS", b"F");
    put((0x20, 0x0D), "UI", format!("1.2.840.99.{patient}").as_bytes());
    put((0x20, 0x0E), "UI", format!("1.2.840.99.{patient}.1").as_bytes());
    put((0x28, 2), "US", &1u16.to_le_bytes());
    put((0x28, 4), "CS", b"MONOCHROME2");
    put((0x28, 0x10), "US", &rows.to_le_bytes());
    put((0x28, 0x11), "US", &columns.to_le_bytes());
    for (tag, value) in [(0x100, 16u16), (0x101, 16), (0x102, 15), (0x103, 0)] {
        put((0x28, tag), "US", &value.to_le_bytes());
    }
    put((0x28, 0x1050), "DS", b"40");
    put((0x28, 0x1051), "DS", b"400");
    put((0x28, 0x1052), "DS", b"-1024");
    put((0x28, 0x1053), "DS", b"1");
    let mut samples = Vec::new();
    for y in 0..u32::from(rows) {
        for x in 0..u32::from(columns) {
            let dent = if x < 3 && y < 2 { 300 } else { 0 };
            samples.extend_from_slice(&((900 + (x * 3 + y * 5 + number * 7) % 300 + dent) as u16).to_le_bytes());
        }
    }
    put((0x7FE0, 0x10), "OW", &samples);
    bytes
}

/// An ORU message with one glucose result and an order for the accession number of the patient's images.
pub fn oru(patient: &str, name: &str, number: u32, glucose: u32) -> String {
    format!(
        "MSH|^~\\&|LAB|HOSPITAL|EMR|CLINIC|20240611120000||ORU^R01|MSG{number}|P|2.5\r\
         PID|1||{patient}^^^HOSP^MR||{name}||19630412|F|||12 ELM ST^^TOWN^CA^94110||555-0199\r\
         ORC|RE|P{number}|F{number}\r\
         OBR|1|P{number}|F{number}|71045^CHEST^C4||||||||||||||ACC{patient}\r\
         OBX|1|NM|2345-7^Glucose^LN||{glucose}|mg/dL|70-110|N|||F|||20240611110000\r"
    )
}

/// Makes `images` small CT files of `patients` patients and one HL7 file with a message for each patient.
pub fn make(dir: &Path, patients: u32, images: u32, side: u16) {
    std::fs::create_dir_all(dir).unwrap();
    for number in 0..images {
        let patient = format!("MRN{:04}", number % patients);
        let name = format!("TESTCASE{}^ANNABEL", number % patients);
        let picture = Picture { patient: &patient, name: &name, number, rows: side, columns: side + 3 };
        std::fs::write(dir.join(format!("{name}-{number:05}")), ct(&picture)).unwrap();
    }
    let messages: String = (0..patients)
        .map(|n| oru(&format!("MRN{n:04}"), &format!("TESTCASE{n}^ANNABEL"), n, 100 + n * 50) + "\r\n")
        .collect();
    std::fs::write(dir.join("feed.hl7"), messages).unwrap();
}

/// A key file for runs that are compared.
pub fn key(dir: &Path) -> PathBuf {
    let path = dir.join("key.txt");
    std::fs::write(&path, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n").unwrap();
    path
}

/// Every file below a folder with its bytes, by relative name.
pub fn files(dir: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, dir: &Path, found: &mut std::collections::BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    let mut found = std::collections::BTreeMap::new();
    walk(dir, dir, &mut found);
    found
}

/// Fails with the names of files that differ.
pub fn assert_same(left: &Path, right: &Path) {
    let (a, b) = (files(left), files(right));
    let names: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
    let differing: Vec<_> = names.into_iter().filter(|name| a.get(*name) != b.get(*name)).collect();
    assert!(differing.is_empty(), "differ: {differing:?}");
    assert!(a.len() > 10, "{} files compared", a.len());
}

/// The corpus of real files; `None` (with a line that CI treats as a failure) if it is not there.
pub fn corpus() -> Option<PathBuf> {
    let path = real_files::corpus();
    if path.join("MANIFEST.csv").exists() {
        return Some(path);
    }
    assert!(std::env::var_os("VOXMILL_NO_SKIP").is_none(), "no corpus, and skips are not allowed");
    println!("SKIP: no corpus of real files");
    None
}
