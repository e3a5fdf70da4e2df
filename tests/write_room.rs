//! The write room from outside: what is in the files, what survives a kill, what is refused, what verification sees.

#[path = "write_room/made.rs"]
mod made;

use arrow::array::AsArray;
use arrow::datatypes::UInt64Type;
use made::{IMAGES, OBSERVATIONS, PARTS, fill, finish, key, make, open, tensor, tree};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use voxmill::error::{Kind, Reason};
use voxmill::model::{Cell, DType, Split, Tensor};
use voxmill::write::files::{Durability, FileReceipt, digest_of};
use voxmill::write::verify::{verify, verify_audit, verify_checksums, verify_counts, verify_links};
use voxmill::write::{Dataset, FORMATS, Finisher, Format, PartWriter, RunCard, Unit, read_batches, write_report};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Rows of monai.json by tensor_id: the only list of places that is not Parquet, so that this test needs no reader.
fn places(root: &Path) -> BTreeMap<String, serde_json::Value> {
    let json: serde_json::Value = serde_json::from_slice(&fs::read(root.join("monai.json")).unwrap()).unwrap();
    let lists = ["training", "validation", "test"].into_iter().flat_map(|list| json[list].as_array().unwrap().clone());
    lists.map(|row| (row["tensor_id"].as_str().unwrap().to_owned(), row)).collect()
}

#[test]
fn every_format_gives_back_the_elements_at_their_places() {
    let mut walked = 0;
    for row in FORMATS {
        for (dtype, channels) in [(DType::F32, 1), (DType::F16, 1), (DType::U8, 3), (DType::U16, 1)] {
            let root = folder();
            let made = make(root.path(), row.format, dtype, channels, &[0, 1]).unwrap();
            assert_eq!(made.tensors.values().sum::<u64>(), IMAGES);
            assert_eq!(made.tensors.len(), 3, "the test's patients fill all three splits");
            assert_eq!(verify(root.path()).unwrap(), [], "{}", row.word);
            let places = places(root.path());
            assert_eq!(places.len() as u64, IMAGES);
            for i in 0..IMAGES {
                let place = &places[&key(i)];
                let file = fs::read(root.path().join(place["image"].as_str().unwrap())).unwrap();
                assert!(place["image"].as_str().unwrap().ends_with(row.extension));
                let Some(offset) = place.get("offset").and_then(|v| v.as_u64()) else {
                    assert_eq!(row.extension, "parquet");
                    continue;
                };
                let want = tensor(i, dtype, channels).data;
                assert_eq!(place["length"], want.len());
                assert_eq!(file[offset as usize..][..want.len()], want, "{} {} {i}", row.word, dtype.name());
                if row.format == Format::WebDataset {
                    // 512 of the member header and 128 of the npy header, and members begin at multiples of 512.
                    assert_eq!(offset % 64, 0);
                }
                walked += 1;
            }
        }
    }
    // Three formats with places, four types.
    assert_eq!(walked, 3 * 4 * IMAGES);
}

#[test]
fn what_a_kill_leaves_is_redone_to_the_same_bytes() {
    let (whole, killed) = (folder(), folder());
    make(whole.path(), Format::WebDataset, DType::F32, 1, &[0, 1]).unwrap();

    let dataset = open(killed.path(), Format::WebDataset).unwrap();
    fill(&dataset, 0, DType::F32, 1).unwrap().commit().unwrap();
    // Killed while part 1 was written: a staging folder with half a file. Killed while it was committed: a file with a
    // final name and no receipt.
    let staging = killed.path().join(".tmp-00001-of-00002");
    fs::create_dir_all(&staging).unwrap();
    fs::write(staging.join("data+train-00001-of-00002.tar"), b"half").unwrap();
    fs::write(killed.path().join("data/train-00001-of-00002.tar"), b"old").unwrap();
    fs::create_dir_all(killed.path().join(".tmp-run-1")).unwrap();

    let dataset = open(killed.path(), Format::WebDataset).unwrap();
    assert!(dataset.receipt(0).unwrap().is_some() && dataset.receipt(1).unwrap().is_none());
    let early = finish(&dataset).unwrap_err();
    assert_eq!((early.kind, early.place), (Kind::Config, "--shard"));
    fill(&dataset, 1, DType::F32, 1).unwrap().commit().unwrap();
    finish(&dataset).unwrap();
    let (want, found) = (tree(whole.path()), tree(killed.path()));
    assert!(want.len() > 15);
    assert_eq!(want.keys().collect::<Vec<_>>(), found.keys().collect::<Vec<_>>());
    assert!(want == found);
}

#[test]
fn a_part_that_is_dropped_leaves_nothing() {
    let root = folder();
    let dataset = open(root.path(), Format::ParquetRay).unwrap();
    drop(fill(&dataset, 0, DType::U8, 1).unwrap());
    assert_eq!(tree(root.path()).into_keys().collect::<Vec<_>>(), ["parts/run.json"]);
}

#[test]
fn the_order_of_parts_and_a_second_finish_change_no_byte() {
    for row in FORMATS {
        let (one, other) = (folder(), folder());
        make(one.path(), row.format, DType::F32, 1, &[0, 1]).unwrap();
        make(other.path(), row.format, DType::F32, 1, &[1, 0]).unwrap();
        let want = tree(one.path());
        assert!(want == tree(other.path()), "{}", row.word);
        finish(&open(one.path(), row.format).unwrap()).unwrap();
        write_report(&open(one.path(), row.format).unwrap(), false, None).unwrap();
        assert!(want == tree(one.path()), "{}", row.word);
    }
}

#[test]
fn shards_in_folders_of_their_own_merge_by_copying() {
    let (one, a, b) = (folder(), folder(), folder());
    make(one.path(), Format::SafeTensors, DType::F32, 1, &[0, 1]).unwrap();
    for (root, index) in [(a.path(), 0), (b.path(), 1)] {
        fill(&open(root, Format::SafeTensors).unwrap(), index, DType::F32, 1).unwrap().commit().unwrap();
    }
    for (name, bytes) in tree(b.path()) {
        fs::write(a.path().join(name), bytes).unwrap();
    }
    finish(&open(a.path(), Format::SafeTensors).unwrap()).unwrap();
    assert!(tree(one.path()) == tree(a.path()));
}

#[test]
fn a_folder_that_is_not_ours_or_another_runs_is_refused() {
    let stranger = folder();
    fs::write(stranger.path().join("thesis.txt"), b"years of work").unwrap();
    let fault = open(stranger.path(), Format::Npy).unwrap_err();
    assert_eq!((fault.kind, fault.place, fault.cause), (Kind::Config, "--out", "the output folder is not empty"));

    let ours = folder();
    open(ours.path(), Format::Npy).unwrap();
    let card = RunCard::new("".into(), "r1".into(), "p2".into(), Format::Npy, PARTS);
    let fault = Dataset::open(ours.path(), card, Durability::Buffered).unwrap_err();
    let other = "the folder holds a dataset of other inputs, or made with another key, rules or engine";
    assert_eq!((fault.kind, fault.cause), (Kind::Config, other));
    let card = RunCard::new("".into(), "r2".into(), "p2".into(), Format::Npy, PARTS);
    let fault = Dataset::open(ours.path(), card, Durability::Buffered).unwrap_err();
    assert_eq!((fault.kind, fault.cause), (Kind::Config, "the folder holds a dataset made with another recipe"));

    // A receipt that was copied in from another run.
    let dataset = open(ours.path(), Format::Npy).unwrap();
    fill(&dataset, 0, DType::F32, 1).unwrap().commit().unwrap();
    let name = ours.path().join("parts/00000-of-00002.json");
    let text = fs::read_to_string(&name).unwrap();
    assert!(text.contains("\"plan_digest\":\"p1\""));
    fs::write(&name, text.replace("\"plan_digest\":\"p1\"", "\"plan_digest\":\"p9\"")).unwrap();
    let fault = dataset.receipt(0).unwrap_err();
    assert_eq!((fault.kind, fault.cause), (Kind::Config, "a part of another run lies in the output folder"));
}

#[test]
fn two_processes_cannot_write_one_part() {
    let root = folder();
    let dataset = open(root.path(), Format::WebDataset).unwrap();
    let _first = fill(&dataset, 0, DType::F32, 1).unwrap();
    let fault = PartWriter::begin(&dataset, dataset.part(0)).err().unwrap();
    assert_eq!((fault.kind, fault.cause), (Kind::Config, "another voxmill is writing the same part"));
}

#[test]
fn a_committed_part_whose_file_is_gone_is_done_again() {
    let root = folder();
    let dataset = open(root.path(), Format::WebDataset).unwrap();
    let receipt = fill(&dataset, 0, DType::F32, 1).unwrap().commit().unwrap();
    fs::remove_file(root.path().join(&receipt.files[0].name)).unwrap();
    assert_eq!(dataset.receipt(0).unwrap(), None);
}

#[test]
fn counts_that_do_not_add_up_stop_the_commit() {
    let root = folder();
    let dataset = open(root.path(), Format::WebDataset).unwrap();
    let mut part = fill(&dataset, 0, DType::F32, 1).unwrap();
    part.read(Unit::Messages, 3);
    part.written(Unit::Messages, 2);
    let fault = part.commit().unwrap_err();
    assert_eq!((fault.kind, fault.place), (Kind::Bug, "messages"));
    assert!(fault.numbers.contains(&("read", 3)) && fault.numbers.contains(&("written", 2)));
    assert_eq!(tree(root.path()).into_keys().collect::<Vec<_>>(), ["parts/run.json"]);
}

fn refused(part: &mut PartWriter, key: &str, tensor: &Tensor) -> voxmill::error::Fault {
    part.tensor(Split::Train, key, tensor, made::manifest_row(0).cells).unwrap_err()
}

#[test]
fn tensors_that_would_lie_are_refused() {
    let root = folder();
    let dataset = open(root.path(), Format::Npy).unwrap();
    let mut part = PartWriter::begin(&dataset, dataset.part(0)).unwrap();
    let good = tensor(0, DType::F32, 1);
    part.tensor(Split::Train, "a", &good, made::manifest_row(0).cells).unwrap();
    for key in ["a", "", "a.b", "../x", "é", &"x".repeat(91)] {
        assert_eq!(refused(&mut part, key, &good).place, "tensor_id", "{key}");
    }
    let short = Tensor { data: vec![0; 4], ..good.clone() };
    assert_eq!(refused(&mut part, "b", &short).kind, Kind::Bug);
    let wide = tensor(0, DType::F32, 3);
    let fault = refused(&mut part, "c", &wide);
    assert_eq!((fault.kind, fault.reason, fault.place), (Kind::Input, Reason::OtherShape, "output.format"));
    let shapes: Vec<_> = fault.numbers.iter().map(|(_, number)| *number).collect();
    assert_eq!(shapes, [1, 6, 5, 3, 6, 5]);
    // What was refused left nothing behind: the next one of the right shape is the second of the file.
    part.read(Unit::Images, 2);
    part.tensor(Split::Train, "d", &good, made::manifest_row(0).cells).unwrap();
    assert_eq!(part.commit().unwrap().tensors["train"], 2);
}

#[test]
fn safetensors_files_roll_at_32_mib() {
    let root = folder();
    let dataset = open(root.path(), Format::SafeTensors).unwrap();
    let mut part = PartWriter::begin(&dataset, dataset.part(0)).unwrap();
    // 5 MiB each: six fit into 32 MiB, so eight make files of six and two.
    let tensor = Tensor { channels: 1, height: 1024, width: 5120, dtype: DType::U8, data: vec![7; 5 << 20] };
    for i in 0..8 {
        let row = made::manifest_row(0);
        part.read(Unit::Images, 1);
        part.tensor(row.person.unwrap().split, &key(1000 + i), &tensor, row.cells).unwrap();
    }
    let split = made::manifest_row(0).person.unwrap().split.name();
    let names: Vec<String> = part.commit().unwrap().files.into_iter().map(|file| file.name).collect();
    assert_eq!(
        names,
        [
            format!("data/{split}-00000-of-00002-000.safetensors"),
            format!("data/{split}-00000-of-00002-001.safetensors"),
            format!("manifest/{split}-00000-of-00002.parquet"),
        ]
    );
    fill(&dataset, 1, DType::U8, 1).unwrap().commit().unwrap();
    finish(&dataset).unwrap();
    assert_eq!(verify_links(root.path()).unwrap(), []);
}

#[test]
fn rejects_stand_in_the_order_of_inputs_and_counts_add_up() {
    let root = folder();
    let made = make(root.path(), Format::WebDataset, DType::F32, 1, &[1, 0]).unwrap();
    let inputs = made.counts[&Unit::Inputs];
    // 40 images and, in each of 2 parts, one refused and one skipped input.
    assert_eq!((inputs.read, inputs.written, inputs.refused, inputs.skipped), (44, 40, 2, 2));
    assert_eq!(made.reasons, BTreeMap::from([("filtered".to_owned(), 2), ("too-deep".to_owned(), 2)]));
    assert_eq!((made.rows["rejects"], made.rows["hl7/observations"], made.rows["links"]), (4, 40, 0));
    // Persons are i mod 17.
    assert_eq!((made.patients, made.rows["patients"]), (17, 17));
    let text = fs::read_to_string(root.path().join("SHA256SUMS")).unwrap();
    assert_eq!(text.lines().count() as u64 + 1, made.files);
    let (bytes, sha256) = digest_of(fs::File::open(root.path().join("rejects.parquet")).unwrap()).unwrap();
    let receipt = FileReceipt { name: "rejects.parquet".into(), bytes, sha256 };
    let mut inputs = Vec::new();
    read_batches(root.path(), &receipt, &["input"], None, |batch| {
        inputs.extend_from_slice(batch.column(0).as_primitive::<UInt64Type>().values());
        Ok(())
    })
    .unwrap();
    // Part 1 was written first, and each part rejects its later input first.
    assert_eq!(inputs, [1000, 1001, 1010, 1011]);
}

#[test]
fn sha256sum_of_the_system_agrees() {
    let root = folder();
    make(root.path(), Format::WebDataset, DType::F32, 1, &[0, 1]).unwrap();
    let mut check = std::process::Command::new("sha256sum");
    check.args(["-c", "--strict", "SHA256SUMS"]).current_dir(root.path());
    let done = check.output().expect("sha256sum of coreutils is needed");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(String::from_utf8_lossy(&done.stdout).lines().all(|line| line.ends_with(": OK")));
}

#[test]
fn verification_sees_each_kind_of_damage() {
    let found = |damage: &dyn Fn(&Path), look: &dyn Fn(&Path) -> voxmill::error::Result<Vec<_>>| {
        let root = folder();
        make(root.path(), Format::WebDataset, DType::F32, 1, &[0, 1]).unwrap();
        damage(root.path());
        let findings: Vec<voxmill::write::verify::Finding> = look(root.path()).unwrap();
        findings.into_iter().map(|finding| (finding.place, finding.what)).collect::<Vec<_>>()
    };
    let edit = |root: &Path, name: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = fs::read(root.join(name)).unwrap();
        change(&mut bytes);
        fs::write(root.join(name), bytes).unwrap();
    };
    let tar = "data/train-00000-of-00002.tar";
    let got = found(&|root| edit(root, tar, &|bytes| bytes[700] ^= 1), &verify_checksums);
    assert_eq!(got, [(tar.to_owned(), "another content than was written")]);
    let got = found(&|root| fs::remove_file(root.join(tar)).unwrap(), &verify_checksums);
    assert_eq!(got, [(tar.to_owned(), "missing or unreadable")]);
    let got = found(&|root| fs::write(root.join("data/x.tar"), b"").unwrap(), &verify_checksums);
    assert_eq!(got, [("data/x.tar".to_owned(), "a file that the dataset does not know")]);
    // Byte 600 is in the npy header of the first member: the row says another shape then.
    let got = found(&|root| edit(root, tar, &|bytes| bytes[570] = b'9'), &verify_links);
    assert_eq!(got, [(tar.to_owned(), "a tensor that is not where its row says")]);
    let got = found(&|root| edit(root, "audit.jsonl", &|bytes| bytes[8] ^= 1), &verify_audit);
    assert_eq!(got, [("audit.jsonl".to_owned(), "the chain of hashes is broken")]);
    let receipt = "parts/00001-of-00002.json";
    let lie = |root: &Path| {
        let text = fs::read_to_string(root.join(receipt)).unwrap();
        assert!(text.contains("\"refused\":1"));
        fs::write(root.join(receipt), text.replacen("\"refused\":1", "\"refused\":2", 1)).unwrap();
    };
    let got = found(&lie, &verify_counts);
    assert!(got.contains(&(receipt.to_owned(), "read is not written + refused + skipped")), "{got:?}");
    assert!(got.contains(&("dataset.json".to_owned(), "other totals than the receipts")), "{got:?}");
}

/// arrow-rs panics on some corrupt files; a digest that agrees with the corruption must not let the panic through.
#[test]
fn a_corrupt_parquet_file_with_a_fitting_digest_ends_no_process() {
    let root = folder();
    make(root.path(), Format::ParquetHf, DType::F32, 1, &[0, 1]).unwrap();
    let receipt = "parts/00000-of-00002.json";
    let name = "manifest/train-00000-of-00002.parquet";
    let (clean, text) =
        (fs::read(root.path().join(name)).unwrap(), fs::read_to_string(root.path().join(receipt)).unwrap());
    let digest = |bytes: &[u8]| voxmill::write::files::digest_of(bytes).unwrap().1;
    let mut seen = 0;
    for at in (4..clean.len()).step_by(97) {
        let mut bytes = clean.clone();
        bytes[at] ^= 0xff;
        fs::write(root.path().join(name), &bytes).unwrap();
        fs::write(root.path().join(receipt), text.replace(&digest(&clean), &digest(&bytes))).unwrap();
        seen += usize::from(!verify_links(root.path()).unwrap().is_empty());
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn cells_that_do_not_fit_their_column_are_our_bug() {
    let root = folder();
    let dataset = open(root.path(), Format::WebDataset).unwrap();
    let mut part = PartWriter::begin(&dataset, dataset.part(0)).unwrap();
    let row = voxmill::model::SealedRow {
        table: &OBSERVATIONS,
        cells: voxmill::model::Phi::seal(vec![Cell::Null, Cell::Null, Cell::Bool(true), Cell::Null]),
        person: None,
        naming: None,
        reference_date: None,
    };
    let clean = voxmill::deid::rows::Cleaner::new(&made::identity()).clean(&row);
    part.row(&OBSERVATIONS, clean.cells).unwrap();
    let fault = part.commit().unwrap_err();
    assert_eq!((fault.kind, fault.place), (Kind::Bug, "value"));
}

#[test]
fn a_table_that_finishing_does_not_know_is_our_bug() {
    let root = folder();
    let dataset = open(root.path(), Format::WebDataset).unwrap();
    for index in 0..PARTS {
        fill(&dataset, index, DType::F32, 1).unwrap().commit().unwrap();
    }
    assert_eq!(Finisher::open(&dataset, &[]).err().unwrap().kind, Kind::Bug);
}

/// Datasets for tests/readers.sh, one per format, with one that has 16-bit integers in three channels; into
/// VOXMILL_READERS_OUT if it is set.
#[test]
fn datasets_for_the_readers_are_made() {
    let temporary = folder();
    let out = std::env::var_os("VOXMILL_READERS_OUT").map_or(temporary.path().to_path_buf(), Into::into);
    for row in FORMATS {
        let made = make(&out.join(row.word), row.format, DType::F32, 1, &[0, 1]).unwrap();
        assert_eq!(made.tensors.values().sum::<u64>(), IMAGES);
        make(&out.join(format!("{}-u16", row.word)), row.format, DType::U16, 3, &[0, 1]).unwrap();
        make(&out.join(format!("{}-f16", row.word)), row.format, DType::F16, 1, &[0, 1]).unwrap();
    }
}

/// Files sealed to the public key in VOXMILL_READERS_SEAL/recipient, for tests/readers/sealed.py: byte i is 7 i + 3 mod 256,
/// the file's name is how many there are. None, one chunk, a whole chunk, more than two.
#[test]
fn files_for_the_age_reader_are_sealed() {
    const KEY: &str = "age13aqvttdk3ujkyjh9kg2w5an6dmy5mq5a84a4uxk3hfhnugfc9p0sy5p2wh";
    let temporary = folder();
    let given = std::env::var_os("VOXMILL_READERS_SEAL").map(std::path::PathBuf::from);
    let key = given.as_ref().map(|dir| std::fs::read_to_string(dir.join("recipient")).unwrap());
    let recipient = voxmill::deid::private::Recipient::parse(key.as_deref().unwrap_or(KEY)).unwrap();
    let dir = given.unwrap_or_else(|| temporary.path().to_path_buf());
    for length in [0usize, 5, 65_536, 150_000] {
        let bytes: Vec<u8> = (0..length).map(|i| (7 * i + 3) as u8).collect();
        let sealed = recipient.seal(&bytes).unwrap();
        assert!(sealed.starts_with(b"age-encryption.org/v1\n-> X25519 ") && sealed.len() > length + 100);
        std::fs::write(dir.join(format!("{length}.age")), sealed).unwrap();
    }
}

#[test]
fn a_run_without_a_single_image_still_makes_a_whole_dataset() {
    let root = folder();
    let dataset = open(root.path(), Format::ParquetHf).unwrap();
    for index in 0..PARTS {
        PartWriter::begin(&dataset, dataset.part(index)).unwrap().commit().unwrap();
    }
    let finished = finish(&dataset).unwrap();
    assert_eq!((finished.patients, finished.rows["manifest"], finished.rows["rejects"]), (0, 0, 0));
    assert_eq!(verify(root.path()).unwrap(), []);
    assert_eq!(places(root.path()).len(), 0);
}

#[test]
fn a_list_of_checksums_cannot_lead_out_of_the_dataset() {
    let root = folder();
    make(root.path(), Format::Npy, DType::U8, 1, &[0, 1]).unwrap();
    let name = root.path().join("SHA256SUMS");
    let text = fs::read_to_string(&name).unwrap() + &"0".repeat(64) + "  ../../etc/passwd\n";
    fs::write(&name, text).unwrap();
    let findings = verify_checksums(root.path()).unwrap();
    assert_eq!(findings.iter().map(|f| f.what).collect::<Vec<_>>(), ["a name outside the dataset"]);
}

#[test]
fn a_patient_in_two_splits_is_found() {
    let root = folder();
    let dataset = open(root.path(), Format::WebDataset).unwrap();
    for index in 0..PARTS {
        let mut part = PartWriter::begin(&dataset, dataset.part(index)).unwrap();
        part.read(Unit::Images, 1);
        let split = [Split::Train, Split::Test][index as usize];
        let row = made::manifest_row(0).cells;
        part.tensor(split, &key(u64::from(index)), &tensor(0, DType::U8, 1), row).unwrap();
        part.commit().unwrap();
    }
    finish(&dataset).unwrap();
    let findings = verify_links(root.path()).unwrap();
    assert_eq!(findings.iter().map(|f| f.what).collect::<Vec<_>>(), ["a patient in two splits"]);
}
