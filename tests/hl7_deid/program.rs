//! The program: `voxmill deid` on HL7 inputs. Messages in = messages written + messages refused.

use super::{MSH, rewrite};
use std::process::Command;

#[test]
fn the_program_writes_messages_and_counts_them() {
    let dir = tempfile::tempdir().unwrap();
    let archive = dir.path().join("in");
    std::fs::create_dir(&archive).unwrap();
    let good = format!("{MSH}\rPID|1||4711XQ||QWERTYIA^ANNABEL\r");
    std::fs::write(archive.join("qwertyia.hl7"), format!("{good}noise\r{good}\rMSH\rPID|1||4711XQ\r")).unwrap();
    std::fs::write(archive.join("broken.hl7"), "MSH|^~^&|\rPID|||4711XQ\r").unwrap();
    let key = dir.path().join("key");
    std::fs::write(&key, (0u8..32).collect::<Vec<_>>()).unwrap();
    let out = dir.path().join("out");
    let run = |out: &std::path::Path, jobs: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_voxmill"));
        command.arg("deid").arg(&archive).arg("--out").arg(out).arg("--key-file").arg(&key).args(["--jobs", jobs]);
        command.output().unwrap()
    };
    let ran = run(&out, "1");
    assert_eq!(ran.status.code(), Some(1), "{}", String::from_utf8_lossy(&ran.stderr));
    let files: Vec<_> = std::fs::read_dir(out.join("hl7")).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    let text = std::fs::read_to_string(&files[0]).unwrap();
    // The key of the program and of the other tests is the same, and so are the bytes; the line that is no segment is gone.
    let one = rewrite(&good);
    assert_eq!(text, format!("{one}{one}\r"));
    let card: serde_json::Value = serde_json::from_slice(&std::fs::read(out.join("dataset.json")).unwrap()).unwrap();
    let counts =
        |unit: &str| ["read", "written", "refused"].map(|what| card["counts"][unit][what].as_u64().unwrap_or(0));
    assert_eq!((counts("messages"), counts("inputs")), ([4, 2, 2], [2, 1, 1]), "{}", card["counts"]);
    for file in walk(&out) {
        let bytes = std::fs::read(&file).unwrap();
        // No digest in hexadecimal holds an X by chance.
        let held = |words: &[u8]| bytes.windows(words.len()).any(|window| window.eq_ignore_ascii_case(words));
        assert!(!held(b"qwertyia") && !held(b"4711xq"), "{}", file.display());
    }
    let again = dir.path().join("again");
    run(&again, "4");
    assert_eq!(walk(&out).len(), walk(&again).len());
    for (one, other) in walk(&out).iter().zip(walk(&again)) {
        assert_eq!(one.strip_prefix(&out).unwrap(), other.strip_prefix(&again).unwrap());
        assert!(std::fs::read(one).unwrap() == std::fs::read(&other).unwrap(), "{}", one.display());
    }
}

fn walk(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
