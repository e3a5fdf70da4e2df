//! Every input is read once, in the counts of the reader: messages and tables, which have to be known before the first part,
//! wait on the shelf for their turn; of images the first bytes are looked at before; who needs no pixels passes over them.

mod dicom_files;
mod real_files;

use dicom_files::{EXPLICIT, Spec};
use std::io::{Cursor, Write};
use std::path::Path;
use voxmill::console::Console;
use voxmill::deid::key::Key;
use voxmill::model::Tag;
use voxmill::read::dicom;
use voxmill::read::tables::Mappings;
use voxmill::read::walk::HEAD_BYTES;
use voxmill::recipe::Recipe;
use voxmill::run::people;
use voxmill::run::plan::Inputs;
use voxmill::run::shelf::Account;

/// A message that makes one person of two, with so many results behind it.
fn messages(results: usize) -> Vec<u8> {
    let mut feed = b"MSH|^~\\&|A|B|C|D|20260101||ADT^A40|1|P|2.5\rPID|1||NEW^^^H\rMRG|OLD^^^H\r".to_vec();
    for number in 0..results {
        feed.extend(format!("OBX|{number}|NM|2345-7^Glucose^LN||{number}|mg/dL|||||F\r").bytes());
    }
    feed
}

/// Two plain feeds, others in a gzip and in a zip, a table of births, a small image in the zip and a larger one outside.
fn archive(folder: &Path) {
    let image = Spec::grey(64, 64, &[7; 4096]).file(EXPLICIT);
    std::fs::write(folder.join("a.dcm"), Spec::grey(256, 256, &[7; 65_536]).file(EXPLICIT)).unwrap();
    std::fs::write(folder.join("b.hl7"), messages(1)).unwrap();
    std::fs::write(folder.join("c.hl7"), messages(500)).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&messages(300)).unwrap();
    std::fs::write(folder.join("d.hl7.gz"), gzip.finish().unwrap()).unwrap();
    std::fs::write(folder.join("e.csv"), "patient_id,birth_date,sex\nNEW,1960-01-02,F\n").unwrap();
    let mut zip = zip::ZipWriter::new(std::fs::File::create(folder.join("f.zip")).unwrap());
    for (name, bytes) in [("one", &messages(200)), ("two", &image)] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

/// Learns who is who and then gives every input its turn; what that read, before and after.
fn turns(folder: &Path, room: Option<u64>) -> (Account, Account, Vec<u64>) {
    let recipe = Recipe::parse("").unwrap();
    let inputs = Inputs::list(&[folder.to_owned()], &[], &recipe).unwrap();
    room.into_iter().for_each(|room| inputs.shelf.limit(room));
    let mappings = Mappings::new(&recipe.ehr.tables).unwrap();
    let console = Console::new(false, false);
    people::identity_with_tables(Key::generate().unwrap(), &recipe, None, &inputs, &mappings, &console).unwrap();
    let before = inputs.shelf.account();
    let sizes = (0..inputs.listed.len()).map(|place| inputs.read(place).unwrap().len() as u64).collect();
    (before, inputs.shelf.account(), sizes)
}

#[test]
fn every_input_is_read_once_but_for_the_first_bytes_of_images() {
    let folder = tempfile::tempdir().unwrap();
    archive(folder.path());
    let (before, after, sizes) = turns(folder.path(), None);
    assert_eq!(sizes.len(), 7);
    // a.dcm and the second member of f.zip are images; of the larger one the names are read up to its pixels.
    let (looks, skim) = (2 * HEAD_BYTES as u64, 32 << 10);
    let all = sizes.iter().sum::<u64>();
    assert!(sizes[0] > 131_072 && sizes[6] > HEAD_BYTES as u64);
    assert_eq!(before, Account { opened: 9, bytes: all - sizes[0] + looks + skim });
    assert_eq!(after, Account { opened: 10, bytes: all + looks + skim });
}

#[test]
fn what_the_shelf_has_no_room_for_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    archive(folder.path());
    let (_, kept, sizes) = turns(folder.path(), None);
    let (_, again, _) = turns(folder.path(), Some(0));
    // The four feeds for merges, names and rows; of the table its first bytes, then all of it for its days and for its rows;
    // the small image for its names and for its pixels.
    let feeds = sizes[1] + sizes[2] + sizes[3] + sizes[5];
    assert_eq!(again.bytes - kept.bytes, 2 * feeds + 2 * sizes[4] + sizes[6]);
    assert_eq!(again.opened - kept.opened, 2 * 4 + 2 + 1);
}

/// Every value of every file of the corpus is there without the pixels too.
#[test]
fn skimming_leaves_out_nothing_but_pixels_and_what_lies_beside_them() {
    let (mut skims, mut left) = (0, 0u64);
    for path in files(&real_files::corpus()) {
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let Some(skimmed) = dicom::skim(&mut Cursor::new(&bytes)).unwrap() else { continue };
        left += (bytes.len() - skimmed.len()) as u64;
        let (whole, part) = (dicom::every(bytes).unwrap(), dicom::every(skimmed).unwrap());
        // Comments of streams and bytes behind the last frame lie in the element that is passed over.
        let others = |every: &dicom::Every| {
            let values = every.values.iter().filter(|value| value.tag != Tag(0x7FE0, 0x0010));
            values.map(|value| (value.tag, value.vr, value.depth)).collect::<Vec<_>>()
        };
        assert_eq!(others(&whole), others(&part), "{}", path.display());
        skims += 1;
    }
    assert!(skims > 200 && left > 50_000_000, "{skims} files, {left} bytes");
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the corpus") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
