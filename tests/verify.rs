//! `voxmill verify --against`: nothing is found in a correct data set, and each of many planted leaks is found, named by its
//! place and never by its value.

mod archive;
#[path = "verify/hospital.rs"]
mod hospital;
#[path = "verify/plants.rs"]
mod plants;

use archive::{key, run, voxmill};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A prepared data set and what it was made from.
struct Prepared {
    folder: tempfile::TempDir,
}

impl Prepared {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        hospital::make(&folder.path().join("in"));
        let mut command = voxmill();
        command.arg("prepare").arg(folder.path().join("in")).arg("--out").arg(folder.path().join("set"));
        run(command.args(["--engine", "cpu", "--key-file"]).arg(key(folder.path())), 0);
        Self { folder }
    }

    fn set(&self) -> PathBuf {
        self.folder.path().join("set")
    }

    /// The events of `verify --against`, and everything that was printed.
    fn verify(&self, set: &Path, code: i32) -> (Vec<Value>, String) {
        let mut command = voxmill();
        command.arg("verify").arg(set).arg("--against").arg(self.folder.path().join("in")).arg("--json");
        let output = run(command.arg("--key-file").arg(self.folder.path().join("key.txt")), code);
        let text = String::from_utf8(output.stdout).unwrap();
        let events = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (events, text + &String::from_utf8(output.stderr).unwrap())
    }
}

fn leaks(events: &[Value]) -> Vec<(String, String, String)> {
    let text = |event: &Value, key: &str| event[key].as_str().unwrap().to_owned();
    let leaks = events.iter().filter(|event| event["event"] == "leak");
    leaks.map(|event| (text(event, "place"), text(event, "name"), text(event, "what"))).collect()
}

fn copy(from: &Path, to: &Path) {
    for (name, bytes) in archive::files(from) {
        let target = to.join(name);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::write(target, bytes).unwrap();
    }
}

#[test]
fn a_correct_set_is_clean_and_every_planted_leak_is_found() {
    let prepared = Prepared::new();
    let (events, _) = prepared.verify(&prepared.set(), 0);
    assert!(leaks(&events).is_empty(), "{:#?}", leaks(&events));
    let end = events.last().unwrap();
    assert_eq!((&end["event"], &end["keyed"], &end["unread"]), (&"verified".into(), &true.into(), &0.into()));
    // Three patients; files: at least card, tables, manifest, tensors, report.
    assert_eq!(end["persons"], 3);
    assert!(end["identifiers"].as_u64().unwrap() > 100 && end["files"].as_u64().unwrap() > 20, "{end}");

    let planted = prepared.folder.path().join("planted");
    copy(&prepared.set(), &planted);
    let pseudonym = pseudonym_of_annelise(&prepared.set());
    let plants = plants::all(&pseudonym);
    assert!(plants.len() >= 60, "{} plants", plants.len());
    for plant in &plants {
        let target = planted.join(&plant.file);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::write(target, &plant.bytes).unwrap();
    }
    let (events, printed) = prepared.verify(&planted, 1);
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (place, _, what) in leaks(&events) {
        found.entry(place).or_default().insert(what);
    }
    let missed: Vec<&str> = plants
        .iter()
        .filter(|plant| !plant.named)
        .filter(|plant| !found.get(&plant.file).is_some_and(|kinds| kinds.contains(plant.what)))
        .map(|plant| plant.file.as_str())
        .collect();
    assert!(missed.is_empty(), "missed {missed:#?} in {found:#?}");
    // Files and folders whose names leak are named by their number.
    let named = plants.iter().filter(|plant| plant.named).count();
    let numbered: BTreeSet<&str> =
        found.keys().map(String::as_str).filter(|place| place.starts_with("file ")).collect();
    assert!(numbered.len() >= named, "{numbered:?}");
    // Nothing but planted files is found, and no value is printed.
    let innocent: Vec<&String> =
        found.keys().filter(|place| !place.starts_with("planted/") && !place.starts_with("file ")).collect();
    assert!(innocent.is_empty(), "{innocent:?}");
    let harmless = plants::harmless();
    assert!(harmless.iter().all(|(file, _)| !found.contains_key(*file)));
    let lower = printed.to_lowercase();
    let printed: Vec<&str> = hospital::SECRETS.iter().copied().filter(|s| lower.contains(&s.to_lowercase())).collect();
    assert!(printed.is_empty(), "{printed:?}");
}

/// The pseudonym of the patient whose CT files come first, from the manifest's side files.
fn pseudonym_of_annelise(set: &Path) -> String {
    let map = std::fs::read_to_string(set.with_extension("private").join("patients.csv")).unwrap();
    let line = map.lines().find(|line| line.starts_with(hospital::MRN)).unwrap();
    line.rsplit_once(',').unwrap().1.to_owned()
}

#[test]
fn words_that_only_look_like_leaks_are_left_alone() {
    let prepared = Prepared::new();
    let planted = prepared.folder.path().join("planted");
    copy(&prepared.set(), &planted);
    for (file, bytes) in plants::harmless() {
        let target = planted.join(file);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::write(target, bytes).unwrap();
    }
    // The files themselves are strangers to the data set; what is in them is no leak.
    let (events, _) = prepared.verify(&planted, 1);
    assert!(leaks(&events).is_empty(), "{:#?}", leaks(&events));
}

#[test]
fn a_key_of_another_set_does_not_prove_anything() {
    let prepared = Prepared::new();
    let other = prepared.folder.path().join("other.key");
    std::fs::write(&other, "ff".repeat(31) + "00\n").unwrap();
    let mut command = voxmill();
    command.arg("verify").arg(prepared.set()).arg("--against").arg(prepared.folder.path().join("in"));
    let output = run(command.arg("--json").arg("--key-file").arg(other), 1);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("a patient that no input names"), "{text}");
    // A key too short is no key at all.
    let short = prepared.folder.path().join("short.key");
    std::fs::write(&short, "abcd").unwrap();
    let mut command = voxmill();
    command.arg("verify").arg(prepared.set()).arg("--against").arg(prepared.folder.path().join("in"));
    run(command.arg("--key-file").arg(short), 2);
}

#[test]
fn a_trail_cut_short_is_noticed_whatever_the_checksums_say() {
    use sha2::Digest;
    let prepared = Prepared::new();
    let set = prepared.set();
    let trail = std::fs::read_to_string(set.join("audit.jsonl")).unwrap();
    let cut = trail.trim_end().rsplit_once('\n').unwrap().0.to_owned() + "\n";
    let hex = |text: &str| sha2::Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect::<String>();
    std::fs::write(set.join("audit.jsonl"), &cut).unwrap();
    let sums = std::fs::read_to_string(set.join("SHA256SUMS")).unwrap().replace(&hex(&trail), &hex(&cut));
    std::fs::write(set.join("SHA256SUMS"), sums).unwrap();
    let output = run(voxmill().arg("verify").arg(&set), 1);
    assert!(String::from_utf8_lossy(&output.stderr).contains("does not end where dataset.json says"));
}

/// A public key; the private one was forgotten when it was made.
const PUBLIC: &str = "age13aqvttdk3ujkyjh9kg2w5an6dmy5mq5a84a4uxk3hfhnugfc9p0sy5p2wh";

#[test]
fn a_pipe_among_the_inputs_is_refused_and_never_opened() {
    let prepared = Prepared::new();
    // Opening it would wait for a writer until the end of time.
    let made = std::process::Command::new("mkfifo").arg(prepared.folder.path().join("in/pipe")).status().unwrap();
    assert!(made.success());
    let (events, _) = prepared.verify(&prepared.set(), 0);
    assert_eq!(leaks(&events), []);
}

#[test]
fn sealed_maps_are_all_that_is_left() {
    let folder = tempfile::tempdir().unwrap();
    hospital::make(&folder.path().join("in"));
    let private = folder.path().join("private");
    let prepare = |code: i32| {
        let mut command = voxmill();
        command.arg("prepare").arg(folder.path().join("in")).arg("--out").arg(folder.path().join("set"));
        command.args(["--engine", "cpu", "--seal-to", PUBLIC, "--private"]).arg(&private);
        run(&mut command, code)
    };
    prepare(0);
    let left = archive::files(&private);
    let names: Vec<&str> = left.keys().map(String::as_str).collect();
    // What runs took is told in the clear: it holds counts and seconds.
    assert_eq!(names, ["inputs.csv.age", "key.age", "patients.csv.age", "times.jsonl", "uids.csv.age"]);
    for (name, bytes) in &left {
        let sealed = bytes.starts_with(b"age-encryption.org/v1\n-> X25519 ");
        assert!(sealed || name == "times.jsonl", "{name}");
        assert!(memchr::memmem::find(bytes, b"MRN0012345").is_none());
    }
    // The key is sealed: the same run cannot be repeated without it.
    let output = prepare(2);
    assert!(String::from_utf8_lossy(&output.stderr).contains("the key of this folder is sealed"));
    let mut command = voxmill();
    command.arg("prepare").arg(folder.path().join("in")).arg("--out").arg(folder.path().join("other"));
    run(command.args(["--engine", "cpu", "--seal-to", "age1nonsense"]), 2);
    assert!(!folder.path().join("other").exists());
}
