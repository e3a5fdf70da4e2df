//! `voxmill score` and the filters of `prepare`, from an archive to tables.

use arrow::array::AsArray;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::path::Path;
use voxmill::console::Console;
use voxmill::demo::{self, DemoOptions};
use voxmill::engine::Choice;
use voxmill::recipe::Recipe;
use voxmill::run::context::Purpose;
use voxmill::run::prepare::{self, Request};
use voxmill::run::shard::Outcome;
use voxmill::run::work::Work;
use voxmill::write::{Finished, Unit};

pub(super) fn run(archive: &Path, out: &Path, recipe: &str, purpose: Purpose, jobs: usize) -> Finished {
    let key = archive.with_extension("key");
    std::fs::write(&key, "00112233445566778899aabbccddeeff".repeat(2)).unwrap();
    let work = Work {
        engine: Choice::Cpu,
        key_file: Some(key),
        jobs: Some(jobs),
        ..Work::new(vec![archive.to_owned()], out.to_owned(), Recipe::parse(recipe).unwrap())
    };
    let request = Request { work, purpose };
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
    // The screen of the demo is scored, and refused by prepare before its frame is counted.
    assert!(left.adds_up() && left.skipped > 0 && left.read + 1 == images.read, "{left:?}");
    assert!(filtered.reasons["filtered"] >= left.skipped);
    assert_eq!(left.written, filtered.tensors.values().sum::<u64>());
}

/// A column of texts of all manifests.
fn column(dataset: &Path, name: &str) -> Vec<Option<String>> {
    let mut files: Vec<_> =
        std::fs::read_dir(dataset.join("manifest")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let texts = |path| {
        let reader = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(path).unwrap()).unwrap();
        let batches: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
        let of = |batch: &arrow::array::RecordBatch| {
            let texts = batch.column_by_name(name).unwrap().as_string::<i32>().clone();
            texts.iter().map(|text| text.map(str::to_owned)).collect::<Vec<_>>()
        };
        batches.iter().flat_map(of).collect::<Vec<_>>()
    };
    files.into_iter().flat_map(texts).collect()
}

/// The first DICOM file below a folder.
fn first_image(folder: &Path) -> Option<std::path::PathBuf> {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries.into_iter().find_map(|path| match path.is_dir() {
        true => first_image(&path),
        false => std::fs::read(&path).unwrap().get(128..132).is_some_and(|magic| magic == b"DICM").then_some(path),
    })
}

#[test]
fn copies_are_left_out_with_a_row_each() {
    let folder = tempfile::tempdir().unwrap();
    let (archive, twice) = (folder.path().join("archive"), folder.path().join("twice"));
    demo::make(&archive, &DemoOptions::default()).unwrap();
    let image = first_image(&archive).unwrap();
    std::fs::create_dir(&twice).unwrap();
    for name in ["a", "b", "c"] {
        std::fs::copy(&image, twice.join(name)).unwrap();
    }
    let recipe = |copies: &str| format!("[image]\nsize = 16\n[score]\ncopies = '{copies}'\n");
    let kept = run(&twice, &folder.path().join("kept"), &recipe("keep"), Purpose::Prepare, 1);
    let images = kept.counts[&Unit::Images];
    assert!(images.written >= 3 && kept.rows["duplicates"] == images.written * 2 / 3, "{images:?}");
    // Marked copies stay, and their rows name one original.
    let out = folder.path().join("marked");
    let marked = run(&twice, &out, &recipe("mark"), Purpose::Prepare, 2);
    assert_eq!(marked.counts[&Unit::Images], images);
    let (names, originals) = (column(&out, "tensor_id"), column(&out, "duplicate_of"));
    let told: Vec<&String> = originals.iter().flatten().collect();
    assert_eq!((names.len() as u64, told.len() as u64), (images.written, images.written * 2 / 3));
    let is_original =
        |name: &Option<String>| originals[names.iter().position(|other| other == name).unwrap()].is_none();
    assert!(originals.iter().filter(|original| original.is_some()).all(is_original));
    let times = voxmill::write::times::runs(&folder.path().join("marked.private")).unwrap();
    assert!(times.len() == 1 && times[0].inputs == 3 && times[0].stages.len() == 6, "{times:?}");
    for copies in ["leave-out-exact", "leave-out-near"] {
        let left = run(&twice, &folder.path().join(copies), &recipe(copies), Purpose::Prepare, 2);
        let images = left.counts[&Unit::Images];
        assert!(images.adds_up() && images.skipped == 2 * images.written && images.written > 0, "{images:?}");
        // Each frame and each of the two inputs has its row.
        assert_eq!(left.reasons["filtered"], images.skipped + 2);
        assert_eq!(left.rows["duplicates"], 0);
    }
}
