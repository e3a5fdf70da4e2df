//! Series, headers, profiles and copies from files to tables. What is expected is worked out beside the files.

use super::archive::{self, element, meta};
use super::command::run;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::BTreeMap;
use std::path::Path;
use voxmill::run::context::Purpose;

type Tag = (u16, u16);
/// VR and value by tag; an empty VR leaves the attribute out.
type Change = (Tag, &'static str, Vec<u8>);
type Row = BTreeMap<String, String>;

const IMAGE_TYPE: Tag = (0x8, 0x8);
const SIDE: u16 = 24;

/// Writes files, numbered.
struct Archive<'a> {
    folder: &'a Path,
    written: u32,
}

impl Archive<'_> {
    /// A complete axial CT slice with 12 bits stored, 2.5 mm thick, with some attributes changed.
    fn slice(&mut self, series: u32, number: i64, z: f64, changes: &[Change]) {
        self.written += 1;
        let text = |text: &str| text.as_bytes().to_vec();
        let short = |value: u16| value.to_le_bytes().to_vec();
        let id = self.written;
        let mut all: BTreeMap<Tag, (&str, Vec<u8>)> = BTreeMap::from([
            (IMAGE_TYPE, ("CS", text("ORIGINAL\\PRIMARY\\AXIAL"))),
            ((0x8, 0x16), ("UI", text("1.2.840.10008.5.1.4.1.1.2"))),
            ((0x8, 0x18), ("UI", text(&format!("1.2.3.{id}")))),
            ((0x8, 0x20), ("DA", text("20240611"))),
            ((0x8, 0x60), ("CS", text("CT"))),
            ((0x8, 0x70), ("LO", text("SynthMed"))),
            ((0x8, 0x103E), ("LO", text("ABDOMEN 5MM"))),
            ((0x10, 0x20), ("LO", text("MRN1"))),
            ((0x10, 0x40), ("CS", text("F"))),
            ((0x18, 0x15), ("CS", text("ABDOMEN"))),
            ((0x18, 0x50), ("DS", text("2.5"))),
            ((0x18, 0x60), ("DS", text("120"))),
            ((0x18, 0x1210), ("SH", text("B30"))),
            ((0x18, 0x5100), ("CS", text("HFS"))),
            ((0x20, 0xD), ("UI", text("1.2.4"))),
            ((0x20, 0xE), ("UI", text(&format!("1.2.5.{series}")))),
            ((0x20, 0x13), ("IS", text(&number.to_string()))),
            ((0x20, 0x32), ("DS", text(&format!("0\\0\\{z}")))),
            ((0x20, 0x37), ("DS", text("1\\0\\0\\0\\1\\0"))),
            ((0x20, 0x52), ("UI", text("1.2.6"))),
            ((0x28, 0x2), ("US", short(1))),
            ((0x28, 0x4), ("CS", text("MONOCHROME2"))),
            ((0x28, 0x10), ("US", short(SIDE))),
            ((0x28, 0x11), ("US", short(SIDE))),
            ((0x28, 0x30), ("DS", text("1\\1"))),
            ((0x28, 0x100), ("US", short(16))),
            ((0x28, 0x101), ("US", short(12))),
            ((0x28, 0x102), ("US", short(11))),
            ((0x28, 0x103), ("US", short(0))),
            ((0x28, 0x301), ("CS", text("NO"))),
            ((0x28, 0x1050), ("DS", text("2000"))),
            ((0x28, 0x1051), ("DS", text("4000"))),
            ((0x7FE0, 0x10), ("OW", grain(id, SIDE, 4095))),
        ]);
        for (tag, vr, value) in changes {
            all.insert(*tag, (vr, value.clone()));
        }
        let mut bytes = meta();
        let there = all.into_iter().filter(|(_, (vr, _))| !vr.is_empty());
        there.for_each(|(tag, (vr, value))| bytes.extend(element(tag, vr, &value)));
        std::fs::write(self.folder.join(format!("{id:03}")), bytes).unwrap();
    }

    /// Slices at these heights.
    fn stack(&mut self, series: u32, heights: &[f64], changes: &[Change]) {
        heights.iter().zip(1..).for_each(|(z, number)| self.slice(series, number, *z, changes));
    }
}

/// Pixels that no two images share, from 0 to `most`, both of which occur.
fn grain(seed: u32, side: u16, most: u32) -> Vec<u8> {
    let value = |place: u32| match place {
        0 => 0,
        1 => most,
        place => (place + seed * 7919).wrapping_mul(2_654_435_761).rotate_left(place % 31) % (most + 1),
    };
    (0..u32::from(side) * u32::from(side)).flat_map(|place| (value(place) as u16).to_le_bytes()).collect()
}

/// The rows of a table as words.
fn rows(path: &Path) -> Vec<Row> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(path).unwrap()).unwrap();
    let options = FormatOptions::default();
    let mut all = Vec::new();
    for batch in reader.build().unwrap().map(Result::unwrap) {
        let formatters: Vec<_> =
            batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
        let schema = batch.schema();
        for row in 0..batch.num_rows() {
            let words = schema.fields().iter().zip(&formatters);
            all.push(words.map(|(field, words)| (field.name().clone(), words.value(row).to_string())).collect());
        }
    }
    all
}

fn change(tag: Tag, vr: &'static str, value: &str) -> Change {
    (tag, vr, value.as_bytes().to_vec())
}

#[test]
fn series_headers_profiles_and_copies_are_told_as_worked_out() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = folder.path().join("files");
    std::fs::create_dir(&inputs).unwrap();
    let mut files = Archive { folder: &inputs, written: 0 };
    let five = [0.0, 2.5, 5.0, 7.5, 10.0];
    let kind = |words: &str| change(IMAGE_TYPE, "CS", words);
    files.stack(1, &five, &[]);
    files.stack(2, &[0.0, 2.5, 5.0, 12.5, 15.0], &[]);
    files.stack(3, &[0.0, 2.5, 2.5, 5.0, 7.5], &[]);
    files.stack(4, &[0.0, 2.5, 5.0, 8.4, 10.9], &[]);
    // cos 15 and sin 15 degrees.
    files.stack(5, &five, &[change((0x20, 0x37), "DS", "1\\0\\0\\0\\0.965926\\0.258819")]);
    files.stack(6, &five[..4], &[]);
    files.slice(6, 5, 0.0, &[change((0x20, 0x37), "DS", "0\\1\\0\\0\\0\\-1")]);
    files.stack(7, &five[..4], &[]);
    let small = |tag| (tag, "US", 20u16.to_le_bytes().to_vec());
    files.slice(7, 5, 10.0, &[small((0x28, 0x10)), small((0x28, 0x11)), ((0x7FE0, 0x10), "OW", grain(99, 20, 4095))]);
    files.stack(8, &five[..4], &[]);
    files.slice(8, 5, 3.0, &[kind("ORIGINAL\\PRIMARY\\LOCALIZER")]);
    files.stack(9, &five[..4], &[]);
    files.slice(9, 5, 10.0, &[kind("DERIVED\\SECONDARY\\SCREEN SAVE")]);
    files.stack(10, &five, &[kind("DERIVED\\PRIMARY")]);
    files.stack(11, &five[..4], &[]);
    files.slice(11, 5, 10.0, &[change((0x28, 0x2110), "CS", "01")]);
    let bits = [((0x28, 0x101), "US", vec![16, 0]), ((0x28, 0x102), "US", vec![15, 0])];
    for (z, number) in five.iter().zip(1..) {
        let pixels = ((0x7FE0, 0x10), "OW", grain(500 + number, SIDE, 511));
        files.slice(12, number.into(), *z, &[bits[0].clone(), bits[1].clone(), pixels]);
    }
    // KVP is required of a CT, ConvolutionKernel recommended.
    files.stack(13, &five, &[change((0x18, 0x60), "", ""), change((0x18, 0x1210), "", "")]);
    // Numbers 1, 2, 5, 6, 6 without positions: 3 and 4 are missing, 6 is double.
    for number in [1, 2, 5, 6, 6] {
        files.slice(14, number, 0.0, &[change((0x20, 0x32), "", ""), change((0x20, 0x37), "", "")]);
    }
    let twice = ((0x7FE0, 0x10), "OW", grain(7000, SIDE, 4095));
    files.slice(15, 1, 0.0, &[twice.clone(), change((0x10, 0x20), "LO", "MRN2")]);
    files.slice(16, 1, 0.0, &[twice, change((0x10, 0x20), "LO", "MRN3"), change((0x32, 0xA), "CS", "COMPLETED")]);
    files.slice(17, 1, 0.0, &[change((0x8, 0x103E), "LO", "TEN LETTER")]);
    assert_eq!(files.written, 73);

    let scored = |profile: &str| {
        let out = folder.path().join(profile);
        let finished = run(
            &inputs,
            &out,
            &format!("[score]\nprofile = '{profile}'\n[burned_in]\ndetector = false\n"),
            Purpose::Score,
            1,
        );
        assert_eq!(finished.rows["scores"], 73, "{:?}", finished.reasons);
        (rows(&out.join("scores/00000-of-00001.parquet")), out)
    };
    let (default, out) = scored("default");
    // Inputs go by name, so that row k is of file k; its series is known from the order in which they were written.
    let mut uids: Vec<&str> = Vec::new();
    default.iter().map(|row| row["series_uid"].as_str()).for_each(|uid| {
        if uids.last() != Some(&uid) {
            uids.push(uid);
        }
    });
    let series = rows(&out.join("series.parquet"));
    assert_eq!((uids.len(), series.len()), (17, 17));
    let of = |number: usize| series.iter().find(|row| row["series_uid"] == uids[number - 1]).unwrap();
    let told = |number: usize, columns: &[&str]| -> String {
        columns.iter().map(|column| of(number)[*column].as_str()).collect::<Vec<_>>().join(" ")
    };
    let wanted: [(usize, &[&str], &str); 22] = [
        (1, &["images", "positions", "spacing_mm", "uneven", "tilt_degrees", "findings"], "5 5 2.5 0.0 0.0 []"),
        (1, &["bits_stored", "bits_used", "required_present", "recommended_present"], "12 12 1.0 1.0"),
        // A gap of 7.5 mm holds two.
        (2, &["missing_slices", "duplicated_slices", "findings"], "2 0 [missing-slices]"),
        (3, &["positions", "missing_slices", "duplicated_slices", "findings"], "4 0 1 [duplicated-slices]"),
        // 3.4 mm is 1.36 spacings.
        (4, &["missing_slices", "findings"], "0 [uneven-spacing]"),
        (5, &["orientations", "findings"], "1 [tilted]"),
        (6, &["orientations", "positions", "findings"], "2 4 [mixed-orientation]"),
        (7, &["matrix_sizes", "findings"], "2 [mixed-matrix]"),
        (8, &["localizers", "positions", "findings"], "1 4 [mixed-kinds]"),
        (9, &["captured", "findings"], "1 [mixed-kinds]"),
        (10, &["derived", "findings"], "5 []"),
        (11, &["lossy", "findings"], "1 [lossy]"),
        // 511 needs 9 bits.
        (12, &["bits_stored", "bits_used", "findings"], "16 9 [bits-unused]"),
        (13, &["findings"], "[incomplete]"),
        (14, &["positions", "missing_slices", "duplicated_slices"], "0 2 1"),
        // Position and orientation are two of the 13 attributes required of a CT.
        (14, &["findings"], "[missing-slices, duplicated-slices, incomplete]"),
        (15, &["images", "findings"], "1 []"),
        (16, &["images", "findings"], "1 []"),
        (17, &["images", "findings"], "1 []"),
        (1, &["localizers", "derived", "captured", "lossy"], "0 0 0 0"),
        (9, &["localizers", "derived", "lossy"], "0 0 0"),
        (8, &["derived", "captured", "lossy"], "0 0 0"),
    ];
    for (number, columns, want) in wanted {
        assert_eq!(told(number, columns), want, "series {number}");
    }
    let number = |row: &Row, column: &str| row[column].parse::<f64>().unwrap();
    let near = |found: f64, want: f64| (found - want).abs() < 1e-3 * want.abs();
    assert!(near(number(of(4), "uneven"), 0.36) && near(number(of(5), "tilt_degrees"), 15.0));
    // 12 of 13 required; 8 of 9 recommended. 11 of 13 without position and orientation.
    assert!(near(number(of(13), "required_present"), 12.0 / 13.0));
    assert!(near(number(of(13), "recommended_present"), 8.0 / 9.0));
    assert!(near(number(of(14), "required_present"), 11.0 / 13.0));

    // What is a screen is measured and told, and no picture of it is kept unsearched.
    let captured: Vec<&Row> = default.iter().filter(|row| row["quality_flags"].contains("captured")).collect();
    assert!(captured.len() == 1 && captured[0]["thumbnail"].is_empty(), "{captured:?}");
    assert_eq!(default.iter().filter(|row| row["thumbnail"].is_empty()).count(), 1);
    let flagged = |flag: &str| default.iter().filter(|row| row["quality_flags"].contains(flag)).count();
    assert_eq!(
        (flagged("localizer"), flagged("lossy"), flagged("derived")),
        (1, 0, 0),
        "the header is for the archive"
    );

    // One image under two patients.
    let copies = rows(&out.join("duplicates.parquet"));
    let exact: Vec<&Row> = copies.iter().filter(|row| row["kind"] == "exact").collect();
    let told: Vec<_> = exact.iter().map(|row| row["same_patient"].as_str()).collect();
    assert_eq!(told, ["false"]);

    // The archive's profile takes shares of what the default leaves: 20 points at half for lossy and derived, so 10 of
    // 100; of 1/13 missing at half 0.3 with power 2: 0.0657 / 1.0657 of 60; of 1/9 at half 0.6: 0.0343 / 1.0343 of 20;
    // of 7/16 bits unused at half 0.6: 0.5317 / 1.5317 of 20.
    let (archived, _) = scored("archive");
    let share =
        |place: usize| number(&archived[place - 1], "quality_score") / number(&default[place - 1], "quality_score");
    let first = |series: usize| 1 + default.iter().position(|row| row["series_uid"] == uids[series - 1]).unwrap();
    let (incomplete, sparse, unused) = (0.0657 / 1.0657 * 0.6, 0.0343 / 1.0343 * 0.2, 0.5317 / 1.5317 * 0.2);
    for (place, want) in [
        (1, 1.0),
        (first(10), 0.9),
        (first(11) + 4, 0.9),
        (first(12), 1.0 - unused),
        (first(13), (1.0 - incomplete) * (1.0 - sparse)),
    ] {
        assert!(near(share(place), want), "row {place}: {} for {want}", share(place));
    }

    // The tutorial's rule: no file is large; descriptions have 11 letters but one of 10; one study is completed.
    let (simple, _) = scored("simple");
    let points = |place: usize| number(&simple[place - 1], "quality_score");
    assert_eq!((points(1), points(first(16)), points(first(17))), (1.0, 2.0, 0.0));
    assert_eq!(simple[first(16) - 1]["quality_reasons"], "[small-file]");

    // The page of scores tells what the images are, though there are no tensors, and with --times what the run took: the
    // folder need not be named.
    archive::run(archive::voxmill().arg("report").arg(&out).arg("--times"), 0);
    let page = std::fs::read_to_string(out.join("report/index.html")).unwrap();
    for told in [
        "<h3>Modality</h3>",
        "<h3>Transfer syntax: how pixels are stored</h3>",
        "id=runs-table",
        "<span>image studies</span>",
    ] {
        assert!(page.contains(told), "{told}");
    }
    assert!(!page.contains("<span>alerts</span>") && !page.contains("<span>masked boxes</span>"));

    // A data set that lost a file says which.
    let lost = "scores/00000-of-00001.parquet";
    std::fs::remove_file(out.join(lost)).unwrap();
    let told = archive::run(archive::voxmill().arg("report").arg(&out), 2);
    assert!(String::from_utf8_lossy(&told.stderr).contains(lost), "{told:?}");
}
