//! `voxmill deid` as a program: counts add up, names of files say nothing, the same bytes come out however it is run, and
//! every real file is written or refused with its pixels untouched.

mod archive;

use archive::{corpus, files, key, make, run, voxmill};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use voxmill::deid::identity::{Identity, Issuers, Shares};
use voxmill::deid::key::{Key, hex};
use voxmill::demo::{DemoOptions, make as make_demo};
use voxmill::model::InputId;
use voxmill::read::dicom;

fn deid(input: &Path, out: &Path, key: &Path, more: &[&str]) -> std::process::Command {
    let mut command = voxmill();
    command.arg("deid").arg(input).arg("--out").arg(out).arg("--key-file").arg(key).args(more);
    command
}

#[test]
fn the_same_files_come_out_however_it_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    make(&input, 3, 12, 8);
    std::fs::remove_file(input.join("feed.hl7")).unwrap();
    std::fs::write(input.join("TESTCASE0 letter.txt"), b"Dear TESTCASE0, ...").unwrap();
    let recipe = folder.path().join("recipe.toml");
    std::fs::write(&recipe, "[output]\npart_inputs = 4\n").unwrap();
    let recipe = recipe.to_str().unwrap();
    let key = key(folder.path());
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));
    let output = run(&mut deid(&input, &one, &key, &["--json", "--recipe", recipe]), 1);
    let text = String::from_utf8(output.stdout).unwrap();
    let done = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let done = done.into_iter().find(|event| event["event"] == "done").unwrap();
    let counts = &done["counts"]["inputs"];
    assert_eq!(["read", "written", "refused"].map(|what| counts[what].as_u64().unwrap()), [13, 12, 1]);

    // In two shards, and a second time over what is there: the same bytes.
    for shard in ["1/2", "0/2", "0/2"] {
        run(
            &mut deid(&input, &other, &key, &["--jobs", "1", "--shard", shard, "--recipe", recipe]),
            if shard == "1/2" { 0 } else { 1 },
        );
    }
    archive::assert_same(&one, &other);
    let written = files(&one);
    let objects: Vec<&String> = written.keys().filter(|name| name.ends_with(".dcm")).collect();
    assert_eq!(objects.len(), 12);
    for (name, bytes) in &written {
        for old in ["TESTCASE", "MRN0", "ANNABEL", "20240611", "19630412", "ACCMRN", "1.2.840.99"] {
            let found = name.contains(old) || bytes.windows(old.len()).any(|window| window == old.as_bytes());
            assert!(!found, "{old} in {name}");
        }
    }
    run(voxmill().arg("verify").arg(&one), 0);
    let private = std::fs::read_to_string(folder.path().join("one.private/patients.csv")).unwrap();
    assert_eq!(private.lines().count(), 1 + 3);
}

#[test]
fn nothing_of_a_synthetic_hospital_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let (input, key) = (folder.path().join("in"), key(folder.path()));
    let made = make_demo(&input, &DemoOptions { patients: 6, messages: 120, seed: 77 }).unwrap();
    assert!(made.dicom_files > 20 && made.hl7_messages >= 100, "{made:?}");
    let mut walked = 0;
    // Pixels are not what `verify` reads: tests/burned_in looks at them.
    for preset in ["basic", "research", "strict"] {
        let recipe = folder.path().join(format!("{preset}.toml"));
        let kinds = "secondary_capture = 'search'\nscreen_save = 'search'\n";
        let text =
            format!("[deid]\npreset = '{preset}'\n[burned_in]\ndetector = false\nstatic_overlay = false\n{kinds}");
        std::fs::write(&recipe, text).unwrap();
        let out = folder.path().join(preset);
        // The archive holds tables, which deid does not write, and broken files.
        run(&mut deid(&input, &out, &key, &["--recipe", recipe.to_str().unwrap()]), 1);
        let mut verify = voxmill();
        verify.arg("verify").arg(&out).arg("--against").arg(&input).arg("--json").arg("--key-file").arg(&key);
        let output = run(&mut verify, 0);
        let text = String::from_utf8(output.stdout).unwrap();
        let end: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!((&end["event"], &end["findings"], &end["keyed"]), (&"verified".into(), &0.into(), &true.into()));
        assert!(end["identifiers"].as_u64().unwrap() > 500 && end["texts"].as_u64().unwrap() > 5000, "{end}");
        walked += files(&out).keys().filter(|name| name.ends_with(".dcm") || name.ends_with(".hl7")).count();
    }
    assert!(walked > 60, "{walked} files");
}

#[test]
fn what_one_kind_of_input_calls_somebody_leaves_the_texts_of_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let (input, key) = (folder.path().join("in"), key(folder.path()));
    std::fs::create_dir(&input).unwrap();
    // An image whose patient is named in a message only, and a message whose patient is named in an image only.
    for (number, patient, name, description) in
        [(1, "MRN77", "", "thorax quorbitz follow up"), (2, "MRN88", "STEMMRICH^ULF", "thorax quorbitz")]
    {
        let mut bytes = archive::ct(&archive::Picture { patient, name, number, rows: 8, columns: 8 });
        let at = bytes.windows(6).position(|window| window == b"\x10\0\x10\0PN").unwrap();
        bytes.splice(at..at, archive::element((8, 0x1030), "LO", description.as_bytes()));
        std::fs::write(input.join(format!("{number}.dcm")), bytes).unwrap();
    }
    let start = |number| format!("MSH|^~\\&|LAB|H|E|C|20240611||ORU^R01|{number}|P|2.5\r");
    let named = format!("{}PID|1||MRN77||QUORBITZ^ANNA\r", start(1));
    let unnamed = format!(
        "{}PID|1||MRN88\rOBR|1|||24627-2^CT^LN\rNTE|1||stemmrich, seen before\rOBX|1|ST|1^A^L||stemmrich stable||||||F\r",
        start(2)
    );
    std::fs::write(input.join("a.hl7"), named).unwrap();
    std::fs::write(input.join("b.hl7"), unnamed).unwrap();
    let recipe = folder.path().join("recipe.toml");
    std::fs::write(&recipe, "[deid]\npreset = 'research'\n").unwrap();
    let out = folder.path().join("out");
    run(&mut deid(&input, &out, &key, &["--recipe", recipe.to_str().unwrap()]), 0);
    let all: String = files(&out).values().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
    for (text, times) in [
        ("thorax [NAME] follow up", 1),
        // Nobody of MRN88 is called that.
        ("thorax quorbitz", 1),
        ("NTE|1||[NAME], seen before\r", 1),
        ("||[NAME] stable||", 1),
        ("stemmrich", 0),
    ] {
        assert_eq!(all.matches(text).count(), times, "{text}");
    }
}

/// Samples of an image, if both this program and the file allow it.
fn samples(bytes: Vec<u8>) -> Option<Vec<u8>> {
    dicom::stored(&dicom::open(bytes).ok()?.image.ok()?, None).ok().map(|array| array.bytes)
}

#[test]
fn every_real_file_is_written_with_its_pixels_or_refused() {
    let Some(corpus) = corpus() else { return };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let key = key(folder.path());
    let recipe = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/deid/everything.toml");
    run(&mut deid(&corpus.join("dicom"), &out, &key, &["--recipe", recipe]), 1);
    let identity = Identity::new(
        Key::parse(&std::fs::read(&key).unwrap()).unwrap(),
        Issuers::Merge,
        Shares { train: 0.8, validation: 0.1 },
    );
    let written: BTreeMap<String, std::path::PathBuf> = files(&out)
        .into_keys()
        .filter(|name| name.ends_with(".dcm"))
        .map(|name| (name[name.len() - 12..name.len() - 4].to_owned(), out.join(name)))
        .collect();
    let inputs = std::fs::read_to_string(folder.path().join("out.private/inputs.csv")).unwrap();
    let (mut all, mut refused, mut compared) = (0, 0, 0);
    for line in inputs.lines().skip(1) {
        all += 1;
        let fields: Vec<&str> = line.split(',').collect();
        if fields[fields.len() - 2] == "refused" {
            refused += 1;
            continue;
        }
        let (ordinal, sha256) = (fields[0].parse().unwrap(), fields[fields.len() - 4]);
        let suffix = identity.tensor_id(sha256, InputId(ordinal), 0);
        let new = std::fs::read(&written[&suffix[..8]]).unwrap();
        dicom::open(new.clone()).unwrap();
        let path = fields[1..fields.len() - 4].join(",");
        let Ok(old) = std::fs::read(path.trim_matches('"')) else { continue };
        if hex(&Sha256::digest(&old)) != sha256 {
            continue;
        }
        if let Some(before) = samples(old) {
            assert_eq!(
                samples(new).map(|after| hex(&Sha256::digest(&after))),
                Some(hex(&Sha256::digest(&before))),
                "input {ordinal}"
            );
            compared += 1;
        }
    }
    assert_eq!(all, written.len() + refused);
    let listed = std::fs::read_to_string(corpus.join("MANIFEST.csv")).unwrap();
    assert_eq!(all, listed.lines().filter(|line| line.starts_with("dicom/")).count());
    assert!(refused < 30 && compared > 250, "{all} inputs, {refused} refused, {compared} compared");
}
