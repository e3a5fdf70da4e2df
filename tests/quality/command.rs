//! `voxmill score` and the filters of `prepare`, from an archive to tables.

use std::path::Path;
use voxmill::console::Console;
use voxmill::demo::{self, DemoOptions};
use voxmill::engine::Choice;
use voxmill::recipe::Recipe;
use voxmill::run::context::Purpose;
use voxmill::run::prepare::{self, Outcome, Request};
use voxmill::write::{Finished, Unit};

fn run(archive: &Path, out: &Path, recipe: &str, purpose: Purpose, jobs: usize) -> Finished {
    let key = archive.with_extension("key");
    std::fs::write(&key, "00112233445566778899aabbccddeeff".repeat(2)).unwrap();
    let request = Request {
        inputs: vec![archive.to_owned()],
        out: out.to_owned(),
        recipe: Recipe::parse(recipe).unwrap(),
        engine: Choice::Cpu,
        key_file: Some(key),
        private: None,
        jobs: Some(jobs),
        memory: None,
        shard: None,
        crosswalk: None,
        seal_to: None,
        rules: None,
        purpose,
    };
    match prepare::run(&request, &Console::new(false, false)).unwrap() {
        Outcome::Finished(finished) => *finished,
        Outcome::Waiting { .. } => panic!("no shards were asked for"),
    }
}

#[test]
fn an_archive_is_scored_and_filtered_and_nothing_vanishes() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("archive");
    demo::make(&archive, &DemoOptions::default()).unwrap();
    let part = "[output]\npart_inputs = 40\n";
    let scored = run(&archive, &folder.path().join("scored"), part, Purpose::Score, 1);
    let images = scored.counts[&Unit::Images];
    assert!(images.written > 50 && images.adds_up());
    assert_eq!(scored.rows["scores"], images.written);
    assert!(scored.tensors.is_empty() && scored.rows["series"] > 3);
    assert!(scored.counts[&Unit::Inputs].skipped > 0, "messages and tables are not scored");
    // The same bytes with other threads.
    let again = run(&archive, &folder.path().join("again"), part, Purpose::Score, 3);
    assert_eq!(scored.rows, again.rows);
    let sums = |name: &str| std::fs::read_to_string(folder.path().join(name).join("SHA256SUMS")).unwrap();
    assert_eq!(sums("scored"), sums("again"));
    // No image scores above 100, so that 100 leaves out all but perfect ones.
    let recipe = format!("{part}[score]\nmin_score = 100.0\n[image]\nsize = 16\n");
    let filtered = run(&archive, &folder.path().join("filtered"), &recipe, Purpose::Prepare, 2);
    let left = filtered.counts[&Unit::Images];
    assert!(left.adds_up() && left.skipped > 0 && left.read == images.read, "{left:?}");
    assert!(filtered.reasons["filtered"] >= left.skipped);
    assert_eq!(left.written, filtered.tensors.values().sum::<u64>());
}
