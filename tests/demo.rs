//! `voxmill demo` from the first file to the report: it works, and nothing that was planted in the archive is in any
//! byte of the data set, any file name or any line of output.

mod archive;

use archive::{run, voxmill};
use arrow_of::strings;
use std::path::Path;
use voxmill::demo::{DemoOptions, make, planted_identifiers, truth};
use voxmill::model::Frame;
use voxmill::read::dicom;
use voxmill::run::commands::demo::RECIPE;

/// Every text in the Parquet files of a data set, decoded.
mod arrow_of {
    use std::path::Path;

    pub fn strings(path: &Path) -> String {
        let file = std::fs::File::open(path).unwrap();
        let reader =
            parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
        reader.map(|batch| arrow_text(&batch.unwrap())).collect()
    }

    fn arrow_text(batch: &arrow::record_batch::RecordBatch) -> String {
        let mut writer = arrow::json::LineDelimitedWriter::new(Vec::new());
        writer.write(batch).unwrap();
        writer.finish().unwrap();
        String::from_utf8(writer.into_inner()).unwrap()
    }
}

fn demo(folder: &Path) -> String {
    let output = run(voxmill().arg("demo").arg("--out").arg(folder.join("demo")).args(["--engine", "cpu"]), 0);
    let dataset = folder.join("demo/dataset");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), dataset.to_str().unwrap());
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Places in `text` where an identifier stands; the identifier itself is not repeated.
fn found(identifiers: &[String], text: &[u8], place: &str, leaks: &mut Vec<String>) {
    let lower = text.to_ascii_lowercase();
    for (number, identifier) in identifiers.iter().enumerate() {
        let wanted = identifier.to_ascii_lowercase();
        if memchr::memmem::find(&lower, wanted.as_bytes()).is_some() {
            leaks.push(format!("identifier {number}, {identifier}, in {place}"));
        }
    }
}

#[test]
fn nothing_planted_in_the_archive_is_in_the_data_set() {
    let folder = tempfile::tempdir().unwrap();
    let talk = demo(folder.path());
    let dataset = folder.path().join("demo/dataset");
    run(voxmill().arg("verify").arg(&dataset), 0);

    let identifiers = planted_identifiers(&DemoOptions::default());
    assert!(identifiers.len() > 200, "{} identifiers", identifiers.len());
    let archive_text: Vec<u8> = archive::files(&folder.path().join("demo/archive")).into_values().flatten().collect();
    let mut planted = Vec::new();
    found(&identifiers, &archive_text, "archive", &mut planted);
    assert!(planted.len() * 10 > identifiers.len() * 8, "the search finds {} of them in the archive", planted.len());

    let (mut leaks, mut files, mut tables) = (Vec::new(), 0, 0);
    found(&identifiers, talk.as_bytes(), "the program's output", &mut leaks);
    for (name, bytes) in archive::files(&dataset) {
        files += 1;
        found(&identifiers, name.as_bytes(), "a file name", &mut leaks);
        found(&identifiers, &bytes, &name, &mut leaks);
        if name.ends_with(".parquet") {
            tables += 1;
            found(&identifiers, strings(&dataset.join(&name)).as_bytes(), &name, &mut leaks);
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
    assert!(files > 30 && tables > 10, "{files} files, {tables} tables");
}

#[test]
fn an_existing_folder_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("demo/archive")).unwrap();
    let output = run(voxmill().arg("demo").arg("--out").arg(folder.path().join("demo")), 2);
    assert!(String::from_utf8_lossy(&output.stderr).contains("there already"));
}

/// Which part of the bright pixels of a box lies under boxes: the letters are the brightest there is in their line.
fn covered(frame: &Frame, [x, y, w, h]: [u32; 4], masks: &[[u32; 4]]) -> f64 {
    let under = |x, y| masks.iter().any(|m| (m[0]..m[0] + m[2]).contains(&x) && (m[1]..m[1] + m[3]).contains(&y));
    let red = |x, y| frame.bytes()[3 * (y * frame.columns + x) as usize];
    let all = (y..y + h).flat_map(|y| (x..x + w).map(move |x| (x, y)));
    let ink: Vec<(u32, u32)> = all.filter(|(x, y)| red(*x, *y) >= 200).collect();
    assert!(ink.len() > 50, "{} bright pixels", ink.len());
    ink.iter().filter(|(x, y)| under(*x, *y)).count() as f64 / ink.len() as f64
}

#[test]
fn names_drawn_into_pixels_are_found_and_blanked() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("archive");
    make(&archive, &DemoOptions::default()).unwrap();
    let recipe = folder.path().join("recipe.toml");
    std::fs::write(&recipe, RECIPE).unwrap();
    let (mut lines, mut by_finder) = (0, 0);
    let truth = truth(&DemoOptions::default()).unwrap();
    for image in truth.images.iter().filter(|image| !image.burned.is_empty()) {
        let mut command = voxmill();
        command.args(["mask", "--json", "--engine", "cpu", "--recipe"]).arg(&recipe).arg(archive.join(&image.file));
        let output = String::from_utf8(run(&mut command, 0).stdout).unwrap();
        let event: serde_json::Value = serde_json::from_str(output.lines().next().unwrap()).unwrap();
        assert_eq!(event["burned_in"], "masked", "{}", image.transfer_syntax);
        let side = |b: &serde_json::Value, name: &str| b[name].as_u64().unwrap() as u32;
        let boxes = |finder: bool| -> Vec<[u32; 4]> {
            let all = event["boxes"].as_array().unwrap().iter().filter(|b| !finder || b["reason"] == "text");
            all.map(|b| [side(b, "x"), side(b, "y"), side(b, "w"), side(b, "h")]).collect()
        };
        let bytes = std::fs::read(archive.join(&image.file)).unwrap();
        let frame = dicom::open(bytes).unwrap().image.unwrap().decode(0).unwrap();
        for line in &image.burned {
            let share = covered(&frame, *line, &boxes(false));
            assert!(share > 0.99, "{}: {line:?} is blanked by {share}", image.transfer_syntax);
            by_finder += usize::from(covered(&frame, *line, &boxes(true)) > 0.99);
            lines += 1;
        }
    }
    // Four ultrasound files of three lines, whose names lie outside their regions, and a photographed screen.
    assert!(lines >= 12 + 3, "{lines} lines");
    assert!(by_finder >= 3, "{by_finder} lines by the finder alone");
}
