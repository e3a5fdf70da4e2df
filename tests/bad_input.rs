//! Bad input of every kind ends in a reject row with its reason or in a clear error, never in a panic, never in a
//! wrong tensor, and never in more memory than the file can justify.

mod archive;

use archive::{Picture, ct, element, key, meta, run, voxmill};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

fn prepare(archive: &Path, folder: &Path) -> Command {
    let mut command = voxmill();
    command.arg("prepare").arg(archive).arg("--out").arg(folder.join("out")).args(["--engine", "cpu", "--json"]);
    command.arg("--key-file").arg(key(folder));
    command
}

/// Events of `--json` by their name.
fn events(stdout: &[u8]) -> Vec<serde_json::Value> {
    let text = String::from_utf8(stdout.to_vec()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn good() -> Vec<u8> {
    ct(&Picture { patient: "MRN1", name: "DOE^JANE", number: 1, rows: 16, columns: 19 })
}

/// The good file with the value of a short element replaced by one of the same length.
fn with(tag: (u16, u16), value: &[u8]) -> Vec<u8> {
    let mut bytes = good();
    let head = [tag.0.to_le_bytes(), tag.1.to_le_bytes()].concat();
    let at = bytes.windows(4).position(|w| w == head).unwrap() + 8;
    bytes[at..at + value.len()].copy_from_slice(value);
    bytes
}

/// 2,000 sequences of undefined length, each in an item of the one before: 72 KB with its padding.
fn nested() -> Vec<u8> {
    let mut bytes = meta();
    for _ in 0..2000 {
        bytes.extend_from_slice(&[0x40, 0x00, 0x75, 0x02, b'S', b'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
        bytes.extend_from_slice(&[0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF]);
    }
    for _ in 0..2000 {
        bytes.extend_from_slice(&[0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0, 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
    }
    bytes
}

#[test]
fn every_bad_file_is_a_row_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("archive");
    std::fs::create_dir_all(archive.join("sub")).unwrap();
    let good = good();
    let without_meta = good[132 + meta().len() - 132..].to_vec();
    let lying = |frames: &str| {
        let mut bytes = good.clone();
        let at = bytes.windows(4).position(|w| w == [0x28, 0, 0x10, 0]).unwrap();
        bytes.splice(at..at, element((0x28, 8), "IS", frames.as_bytes()));
        bytes
    };
    let cases: BTreeMap<&str, (Vec<u8>, Option<&str>)> = BTreeMap::from([
        ("good.dcm", (good.clone(), None)),
        ("no-preamble", (good[128..].to_vec(), None)),
        ("no-meta", (without_meta, None)),
        ("nested", (nested(), Some("too-deep"))),
        ("truncated", (good[..good.len() - 9].to_vec(), Some("truncated"))),
        ("wrong-vr", (with((0x28, 0x1053), b"x"), Some("bad-value"))),
        ("huge", (with((0x28, 0x10), &[0xFF, 0xFF]), Some("truncated"))),
        ("no-rows", (with((0x28, 0x10), &[0, 0]), Some("bad-value"))),
        ("frames-lie", (lying("2147483647"), Some("truncated"))),
        ("empty", (Vec::new(), Some("empty"))),
        ("text.dcm", (b"This is a text and no image at all.\n".to_vec(), Some("unknown-kind"))),
    ]);
    for (name, (bytes, _)) in &cases {
        std::fs::write(archive.join(name), bytes).unwrap();
    }
    std::os::unix::fs::symlink(&archive, archive.join("sub/loop")).unwrap();
    std::os::unix::fs::symlink("/no/such/file", archive.join("sub/gone")).unwrap();
    use std::os::unix::ffi::OsStrExt;
    std::fs::write(archive.join(std::ffi::OsStr::from_bytes(b"sub/caf\xe9")), &good).unwrap();

    let output = run(prepare(&archive, folder.path()).arg("--show-paths"), 1);
    let events = events(&output.stdout);
    let mut refused: BTreeMap<String, String> = BTreeMap::new();
    for event in events.iter().filter(|event| event["event"] == "refused") {
        let path = event["path"].as_str().unwrap().to_owned();
        refused.insert(path.rsplit('/').next().unwrap().to_owned(), event["reason"].as_str().unwrap().to_owned());
    }
    for (name, (_, reason)) in &cases {
        assert_eq!(refused.get(*name).map(String::as_str), *reason, "{name}");
    }
    assert_eq!(refused.get("loop").map(String::as_str), Some("unreadable"));
    assert_eq!(refused.get("gone").map(String::as_str), Some("unreadable"));
    let done = events.iter().find(|event| event["event"] == "done").unwrap();
    // 11 cases, the loop, the dangling link and the name that is not UTF-8; 3 good ones of the cases and the last.
    assert_eq!(done["counts"]["inputs"], serde_json::json!({ "read": 14, "written": 4, "refused": 10, "skipped": 0 }));
}

#[test]
fn a_small_file_never_gets_large_memory() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("archive");
    std::fs::create_dir(&archive).unwrap();
    // 65535 x 65535 pixels claimed by less than a kilobyte, native and as RLE.
    let mut claims = with((0x28, 0x10), &[0xFF, 0xFF]);
    let at = claims.windows(4).position(|w| w == [0x28, 0, 0x11, 0]).unwrap() + 8;
    claims[at..at + 2].copy_from_slice(&[0xFF, 0xFF]);
    std::fs::write(archive.join("claims"), &claims).unwrap();
    let mut rle = claims.clone();
    let syntax = b"1.2.840.10008.1.2.1\0";
    let at = rle.windows(20).position(|w| w == syntax).unwrap();
    rle[at..at + 20].copy_from_slice(b"1.2.840.10008.1.2.5\0");
    std::fs::write(archive.join("rle"), rle).unwrap();
    let inner = prepare(&archive, folder.path());
    let mut command = Command::new("bash");
    // 1 GiB of address space: the 8 GiB that the files claim cannot be had.
    command.arg("-c").arg("ulimit -v 1048576; exec \"$0\" \"$@\" --jobs 2 --memory 64MiB").arg(inner.get_program());
    command.args(inner.get_args());
    let output = run(&mut command, 1);
    let refused = events(&output.stdout).iter().filter(|event| event["event"] == "refused").count();
    assert_eq!(refused, 2);
}

#[test]
fn a_full_disk_ends_the_run_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("archive");
    archive::make(&archive, 2, 20, 64);
    let inner = prepare(&archive, folder.path());
    let mut command = Command::new("bash");
    // No file may grow beyond 64 KiB; the signal is ignored, so that writing fails as on a full disk.
    command.arg("-c").arg("trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\"").arg(inner.get_program());
    command.args(inner.get_args());
    let output = run(&mut command, 3);
    assert!(String::from_utf8_lossy(&output.stderr).contains("no space left"), "{output:?}");
    // With room again, the same command finishes the job.
    run(&mut prepare(&archive, folder.path()), 0);
}

#[test]
fn what_was_asked_wrongly_is_said_before_any_work() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("archive");
    archive::make(&archive, 1, 1, 16);
    let stderr = |command: &mut Command| String::from_utf8(run(command, 2).stderr).unwrap();

    std::fs::write(folder.path().join("recipe.toml"), "[image]\nsise = 3\n").unwrap();
    let text = stderr(prepare(&archive, folder.path()).arg("--recipe").arg(folder.path().join("recipe.toml")));
    assert!(text.contains("sise"), "{text}");

    let full = folder.path().join("full");
    std::fs::create_dir(&full).unwrap();
    std::fs::write(full.join("thesis.doc"), b"years of work").unwrap();
    let text = stderr(voxmill().arg("prepare").arg(&archive).arg("--out").arg(&full).args(["--engine", "cpu"]));
    assert!(text.contains("not empty"), "{text}");
    assert_eq!(std::fs::read(full.join("thesis.doc")).unwrap(), b"years of work");

    let text = stderr(voxmill().args(["prepare", "/no/such/archive", "--out"]).arg(folder.path().join("o2")));
    assert!(text.contains("no such file"), "{text}");

    std::fs::write(folder.path().join("short.key"), "abc").unwrap();
    let out = folder.path().join("o3");
    let text = stderr(
        voxmill()
            .arg("prepare")
            .arg(&archive)
            .arg("--out")
            .arg(&out)
            .arg("--key-file")
            .arg(folder.path().join("short.key")),
    );
    assert!(text.contains("64 hexadecimal"), "{text}");
    assert!(!out.exists(), "nothing is made before the request is right");
    assert!(!folder.path().join("out").exists());

    // Another dataset is closed: what is made inside it would be none of its files, and would be found by its proof.
    let set = folder.path().join("set");
    run(voxmill().arg("prepare").arg(&archive).arg("--out").arg(&set).args(["--engine", "cpu"]), 0);
    for command in ["prepare", "deid"] {
        let text = stderr(voxmill().arg(command).arg(&archive).arg("--out").arg(set.join("data/more")));
        assert!(text.contains("another dataset") && !set.join("data/more").exists(), "{text}");
    }

    for (recipe, told) in [("[score]\nmin_score = 500\n", "500"), ("[score]\nmin_score = -5\n", "-5")] {
        std::fs::write(folder.path().join("recipe.toml"), recipe).unwrap();
        let text = stderr(prepare(&archive, folder.path()).arg("--recipe").arg(folder.path().join("recipe.toml")));
        assert!(text.contains("from 0 to 100") && text.contains(told), "{text}");
    }
}
