//! Holds the map of docs/ARCHITECTURE.md against the code: which room may name which room, which crates have a room,
//! where unsafe may stand, how long a file may be.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// room -> rooms it may name. `seal` is deid/seal.rs: the three seals that model re-exports.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("model", &["deid::seal"]),
    ("error", &["model"]),
    ("read", &["model", "error"]),
    ("score", &["pixel", "model", "error"]),
    ("join", &["score", "model", "error"]),
    // deid/dicom and deid/hl7 walk the tape that the scanner made: a second form of the same bytes would be a second truth.
    ("deid", &["model", "error", "read::dicom", "read::hl7"]),
    ("pixel", &["model", "error"]),
    ("engine", &["pixel", "model", "error"]),
    ("write", &["model", "error", "deid::private", "pixel::PlanSpec", "pixel::spec"]),
    ("demo", &["write", "model", "error"]),
    ("recipe", &["model", "error", "deid", "pixel", "score", "write", "join::links"]),
    ("cli", &["engine"]),
    ("console", &["model", "error"]),
];

/// crate -> rooms (or files) that may name it.
const CRATES: &[(&str, &[&str])] = &[
    ("wgpu", &["engine/gpu"]),
    ("rten", &["engine/reader.rs"]),
    ("rayon", &["engine/cpu", "run"]),
    ("indicatif", &["console.rs"]),
    ("clap", &["cli.rs", "main.rs"]),
    ("arrow", &["write", "join", "read/tables"]),
    ("parquet", &["write", "join", "read/tables"]),
    ("dicom_core", &["read", "write/dicom", "deid/dicom", "demo"]),
    ("dicom_object", &["read", "write/dicom", "deid/dicom", "demo"]),
    ("dicom_pixeldata", &["read", "write/dicom", "deid/dicom", "demo"]),
    ("dicom_encoding", &["read", "write/dicom", "deid/dicom", "demo"]),
    ("dicom_transfer_syntax_registry", &["read", "write/dicom", "deid/dicom", "demo"]),
    ("dicom_dictionary_std", &["read", "write/dicom", "deid/dicom", "demo"]),
    ("plotters", &["write/report"]),
    ("plotters_backend", &["write/report"]),
    ("noto_sans_mono_bitmap", &["write/report"]),
    ("openjpeg_sys", &["read/codecs/jpeg2000_ffi.rs", "write/encode"]),
    ("libc", &["run/allocator.rs"]),
    ("hmac", &["deid"]),
    ("xxhash_rust", &["deid/samples.rs"]),
    ("x25519_dalek", &["deid/age.rs"]),
    ("chacha20poly1305", &["deid/age.rs"]),
];

/// Files whose tables make them long; logic may not be.
const LONG: usize = 400;

fn sources() -> Vec<(String, String)> {
    fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    found.sort();
    found.retain(|path| path.extension().is_some_and(|e| e == "rs"));
    let name = |path: &Path| path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
    found.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

/// The code of a file without comments, doc examples and its test module.
fn code(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
    text[..end].lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn room(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap()
}

#[test]
fn rooms_name_only_whom_they_may() {
    let map: BTreeMap<_, _> = MAY_NAME.iter().copied().collect();
    let rooms = [
        "model", "read", "deid", "pixel", "engine", "score", "join", "write", "run", "demo", "recipe", "cli", "console",
    ];
    let mut walked = 0;
    for (file, text) in sources() {
        let here = room(&file);
        let Some(allowed) = map.get(here) else { continue };
        walked += 1;
        for (number, line) in code(&text).lines().enumerate() {
            for (at, _) in line.match_indices("crate::") {
                let named = &line[at + 7..];
                let target = named.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
                let fine = !rooms.contains(&target)
                    || target == here
                    || allowed.iter().any(|a| named.starts_with(a) || *a == target);
                assert!(fine, "{file}: code line {number}: {here} may not name {target}: {line}");
            }
        }
    }
    assert!(walked > 40, "{walked} files walked");
}

#[test]
fn foreign_crates_stay_in_their_rooms() {
    let mut walked = 0;
    for (file, text) in sources() {
        walked += 1;
        let code = code(&text);
        for (name, allowed) in CRATES {
            let named = code.lines().any(|line| {
                let line = line.trim_start();
                line.starts_with(&format!("use {name}"))
                    && !line[4 + name.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
                    || line
                        .match_indices(&format!("{name}::"))
                        .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'))
            });
            assert!(!named || allowed.iter().any(|a| file.starts_with(a)), "{file} names {name}");
        }
    }
    assert!(walked > 40, "{walked} files walked");
}

#[test]
fn unsafe_stands_in_named_files_only() {
    let mut with_unsafe = Vec::new();
    for (file, text) in sources() {
        if code(&text).split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "unsafe") {
            with_unsafe.push(file);
        }
    }
    assert_eq!(with_unsafe, UNSAFE, "unsafe code outside the files named in docs/ARCHITECTURE.md");
}

/// C codecs, code compiled for AVX2, settings of the C library's allocator: see the safety comments there.
const UNSAFE: &[&str] = &[
    "engine/cpu/textnet/avx2.rs",
    "engine/cpu/wide.rs",
    "read/codecs/jpeg2000_ffi.rs",
    "run/allocator.rs",
    "write/encode/jpeg2000.rs",
];

#[test]
fn phi_is_opened_in_deid_only() {
    // The compiler holds this too (the method is private to deid); this test finds a widened visibility.
    let seal = sources().into_iter().find(|(file, _)| file == "deid/seal.rs").unwrap().1;
    assert!(seal.contains("pub(in crate::deid) fn open(&self)"));
    assert!(seal.contains("pub(in crate::deid) fn vouch(value: T)"));
    assert!(seal.contains("pub(in crate::deid) fn new(boxes: Vec<MaskBox>"));
}

#[test]
fn rows_come_back_into_clean_in_one_place() {
    // `reread` vouches for rows that a join made from the data set's own tables; nobody else has such rows.
    let mut callers = Vec::new();
    for (file, text) in sources() {
        if file != "deid/rows.rs" && code(&text).contains("reread") && !file.starts_with("write/") {
            callers.push(file);
        }
    }
    assert_eq!(callers, ["run/join.rs"]);
}

#[test]
fn files_can_be_read_in_one_sitting() {
    let tables = ["const ", "static "];
    for (file, text) in sources() {
        let lines = text.lines().count();
        let rows =
            text.lines().filter(|l| l.trim_start().starts_with(['(', '"', '[']) || l.contains("column(")).count();
        let is_table = rows * 2 > lines && tables.iter().any(|t| text.contains(t));
        assert!(lines <= LONG || is_table, "{file}: {lines} lines; look for the second noun in it");
    }
}
