//! The main job over real files: everything is written or set aside with a reason, and the counts add up.

mod archive;

use archive::{corpus, key, run, voxmill};
use std::collections::BTreeMap;

#[test]
fn every_real_file_is_written_or_set_aside_with_a_reason() {
    let Some(corpus) = corpus() else { return };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let mut command = voxmill();
    command.arg("prepare").arg(corpus.join("dicom")).arg(corpus.join("hl7")).arg("--out").arg(&out);
    command.args(["--engine", "cpu", "--json", "--key-file"]).arg(key(folder.path()));
    // Many of these files are secondary captures, which are refused unless a recipe has them searched. What the finder
    // makes of real files is told by tests/burned_in.rs; here it would only take time.
    let recipe = folder.path().join("recipe.toml");
    std::fs::write(&recipe, "[burned_in]\ndetector = false\nsecondary_capture = 'search'\ndose_report = 'search'\n")
        .unwrap();
    command.arg("--recipe").arg(&recipe);
    let output = run(&mut command, 1);
    let text = String::from_utf8(output.stdout).unwrap();
    let events: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let done = events.iter().find(|event| event["event"] == "done").unwrap();
    let count = |unit: &str, what: &str| done["counts"][unit][what].as_u64().unwrap();

    // The inputs are the files of the corpus' own list; zipMR.gz is one member.
    let listed = std::fs::read_to_string(corpus.join("MANIFEST.csv")).unwrap();
    let files = listed.lines().filter(|line| line.starts_with("dicom/") || line.starts_with("hl7/")).count() as u64;
    assert_eq!(count("inputs", "read"), files);
    assert!(files > 500, "{files} files");
    assert_eq!(count("inputs", "read"), count("inputs", "written") + count("inputs", "refused"));
    assert_eq!((count("messages", "read"), count("messages", "written")), (139, 139));

    // Every frame of every file that other programs decode is a tensor, unless the list below says why not.
    let expected = std::fs::read_to_string(corpus.join("expected.csv")).unwrap();
    let frames: u64 = expected
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut fields = line.split(',').skip(1);
            (fields.next()? == "OK").then(|| fields.next()?.parse::<u64>().ok()).flatten()
        })
        .sum();
    assert!(frames > 500, "{frames} frames");
    assert!(count("images", "written") >= frames, "{} of {frames} frames", count("images", "written"));

    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for event in events.iter().filter(|event| event["event"] == "refused") {
        *reasons.entry(event["reason"].as_str().unwrap()).or_default() += 1;
        assert!(event.get("path").is_none(), "paths are shown only if asked for");
    }
    assert_eq!(reasons.values().sum::<u64>(), count("inputs", "refused"));
    run(voxmill().arg("verify").arg(&out), 0);
}
