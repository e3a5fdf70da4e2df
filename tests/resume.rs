//! A run that is killed and started again, or cut into shards, ends with the same bytes as one that was left alone.

mod archive;

use archive::{assert_same, key, make, run, voxmill};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RECIPE: &str =
    "[output]\npart_inputs = 60\n[image]\nsize = 160\nfilter = 'lanczos3'\n\n[burned_in]\ndetector = false";

fn prepare(archive: &Path, out: &Path, folder: &Path) -> Command {
    let mut command = voxmill();
    command.arg("prepare").arg(archive).arg("--out").arg(out).args(["--engine", "cpu", "--recipe"]);
    command.arg(folder.join("recipe.toml")).arg("--key-file").arg(folder.join("key.txt"));
    command
}

fn setup(images: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    make(&folder.path().join("archive"), 7, images, 320);
    key(folder.path());
    std::fs::write(folder.path().join("recipe.toml"), RECIPE).unwrap();
    folder
}

/// Kills of running processes that the test wants.
const KILLS: usize = 24;

#[test]
fn a_killed_run_is_finished_by_the_next_with_the_same_bytes() {
    let folder = setup(900);
    let (archive, whole) = (folder.path().join("archive"), folder.path().join("whole"));
    let began = Instant::now();
    run(&mut prepare(&archive, &whole, folder.path()), 0);
    let full = began.elapsed();

    // A fixed sequence of moments (SplitMix64), spread over the time of a whole run: no clock decides what is tested
    // but the machine's own speed.
    let mut state = 7u64;
    let mut moment = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        full.mul_f64(0.02 + 0.5 * ((z ^ (z >> 31)) % 1000) as f64 / 1000.0)
    };
    let (mut kills, mut datasets) = (0, 0);
    while kills < KILLS {
        datasets += 1;
        let out = folder.path().join(format!("killed-{datasets}"));
        loop {
            let mut child =
                prepare(&archive, &out, folder.path()).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
            let deadline = Instant::now() + moment();
            let status = loop {
                match child.try_wait().unwrap() {
                    Some(status) => break Some(status),
                    None if Instant::now() >= deadline => break None,
                    None => std::thread::park_timeout(Duration::from_millis(1)),
                }
            };
            match status {
                Some(status) => {
                    assert_eq!(status.code(), Some(0));
                    break;
                }
                None => {
                    child.kill().unwrap();
                    child.wait().unwrap();
                    kills += 1;
                    no_half_files(&out);
                }
            }
        }
        assert_same(&whole, &out);
        std::fs::remove_dir_all(&out).unwrap();
    }
    assert!(kills >= KILLS, "{kills} kills over {datasets} data sets");
}

/// After a kill, what has a final name is whole: receipts read, and the files they name have their sizes.
fn no_half_files(out: &Path) {
    let Ok(entries) = std::fs::read_dir(out.join("parts")) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        let receipt: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        for file in receipt["files"].as_array().into_iter().flatten() {
            let there = std::fs::metadata(out.join(file["name"].as_str().unwrap())).unwrap();
            assert_eq!(there.len(), file["bytes"].as_u64().unwrap());
        }
    }
}

#[test]
fn shards_make_the_same_data_set_as_one_run() {
    let folder = setup(300);
    let (archive, whole) = (folder.path().join("archive"), folder.path().join("whole"));
    run(prepare(&archive, &whole, folder.path()).args(["--jobs", "1"]), 0);
    let sharded = folder.path().join("sharded");
    for shard in [2, 0, 1] {
        run(prepare(&archive, &sharded, folder.path()).arg("--shard").arg(format!("{shard}/3")), 0);
    }
    assert_same(&whole, &sharded);
}

#[test]
fn another_recipe_does_not_mix_with_what_is_there() {
    let folder = setup(3);
    let (archive, out) = (folder.path().join("archive"), folder.path().join("out"));
    run(&mut prepare(&archive, &out, folder.path()), 0);
    std::fs::write(folder.path().join("recipe.toml"), "frames = 'first'").unwrap();
    let output = run(&mut prepare(&archive, &out, folder.path()), 2);
    assert!(String::from_utf8_lossy(&output.stderr).contains("another recipe"));
}
