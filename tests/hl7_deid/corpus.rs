//! The messages of the corpus: all are written, none of their people's names and numbers is, and what is written is read
//! again as the same messages.

use super::written;
use std::path::PathBuf;
use voxmill::read::hl7::{Message, messages};

fn corpus() -> Option<PathBuf> {
    let root = std::env::var_os("VOXMILL_CORPUS").map(PathBuf::from);
    let root = root.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpus")));
    let root = root.join("hl7/microsoft-fhir-converter");
    root.is_dir().then_some(root)
}

/// Fields whose leaves are names, streets, telephone numbers and numbers of persons, whatever our list says: segment,
/// field, components.
const PEOPLE: &[(&str, usize, &[usize])] = &[
    ("PID", 3, &[1]),
    ("PID", 5, &[1, 2, 3]),
    ("PID", 6, &[1, 2]),
    ("PID", 11, &[1, 2, 3]),
    ("PID", 13, &[1]),
    ("PID", 18, &[1]),
    ("PID", 19, &[1]),
    ("PID", 20, &[1]),
    ("NK1", 2, &[1, 2]),
    ("NK1", 4, &[1, 3]),
    ("NK1", 30, &[1, 2]),
    ("GT1", 3, &[1, 2]),
    ("GT1", 12, &[1]),
    ("IN1", 16, &[1, 2]),
    ("IN1", 36, &[1]),
    ("IN2", 2, &[1]),
    ("MRG", 1, &[1]),
    ("PV1", 7, &[1, 2, 3]),
    ("PV1", 8, &[1, 2, 3]),
    ("PV1", 19, &[1]),
    ("OBR", 2, &[1]),
    ("OBR", 3, &[1]),
    ("OBR", 16, &[1, 2, 3]),
    ("ORC", 12, &[1, 2, 3]),
    ("OBX", 16, &[1, 2, 3]),
    ("ROL", 4, &[1, 2, 3]),
    ("PRT", 5, &[1, 2, 3]),
    ("AIP", 3, &[1, 2, 3]),
    ("CTD", 2, &[1, 2]),
];

fn people(message: &Message<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for segment in message.segments() {
        for (_, field, parts) in PEOPLE.iter().filter(|row| row.0.as_bytes() == segment.name()) {
            for value in segment.field(*field).repetitions() {
                found.extend(parts.iter().map(|n| value.leaf(*n).text().trim().to_owned()));
            }
        }
    }
    found.retain(|text| text.chars().filter(|c| c.is_alphanumeric()).count() >= 5);
    found
}

#[test]
fn the_corpus_is_written_without_its_people() {
    let Some(root) = corpus() else {
        assert!(std::env::var_os("VOXMILL_NO_SKIP").is_none(), "no corpus");
        eprintln!("SKIP: no corpus of HL7 messages");
        return;
    };
    let mut files: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut all, mut before, mut after, mut names) = (0, 0, 0, 0);
    for file in &files {
        let input = std::fs::read(file).unwrap();
        let written = written(&input);
        assert_eq!(written.read, written.written + written.refused.len() as u64);
        assert_eq!(written.refused, [], "{}", file.display());
        let out = written.bytes.into_inner();
        let old: Vec<_> = messages(&input).flatten().collect();
        let new: Vec<_> = messages(&out).flatten().collect();
        assert_eq!(old.len(), new.len());
        let text = String::from_utf8_lossy(&out).to_lowercase();
        let words: std::collections::HashSet<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
        for (old, new) in old.iter().zip(&new) {
            all += 1;
            before += old.segments().count();
            after += new.segments().count();
            for name in people(old) {
                names += 1;
                let name = name.to_lowercase();
                let whole =
                    if name.chars().all(char::is_alphanumeric) { words.contains(&*name) } else { text.contains(&name) };
                assert!(!whole, "{}: a person of {} signs is left", file.display(), name.len());
            }
        }
    }
    assert_eq!(files.len(), 139);
    assert_eq!((all, before, after), (139, 2252, 2234));
    assert!(names > 2000, "{names}");
}
