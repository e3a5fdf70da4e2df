//! Every image of the corpus against what other programs made of it: `expected.csv` lists the arrays of pydicom with
//! the decoders behind it (see SOURCES.md there). Rows with a reference must be equal to the byte; DCT JPEG, whose
//! decoders differ by rounding, must have the same shape and type and nearly the same numbers.

mod real_files;

use real_files::corpus;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Mutex;
use voxmill::error::{Fault, Reason};
use voxmill::model::SampleType;
use voxmill::read::dicom::{self, StoredArray};

const ROWS_WITH_REFERENCE: usize = 343;

/// Rows that no other decoder gave a picture for, and what must become of them.
const WITHOUT_REFERENCE: &[(&str, Outcome)] = &[
    // One-bit RLE is in the standard; pydicom and pylibjpeg do not decode it. The uncompressed originals are liver.dcm
    // and liver_nonbyte_aligned.dcm: their arrays are the reference.
    (
        "dicom/pydicom-data/liver_nonbyte_aligned_rle.dcm",
        Outcome::SameAs("dicom/pydicom-data/liver_nonbyte_aligned.dcm"),
    ),
    ("dicom/pydicom-data/liver_rle.dcm", Outcome::SameAs("dicom/pydicom-data/liver.dcm")),
    // Delimiter bytes were planted in the stream's SIZ segment: it claims 14,540,801 tiles.
    ("dicom/pydicom/JPEG2000-embedded-sequence-delimiter.dcm", Outcome::Refused(Reason::Truncated, "JPEG 2000 stream")),
    // 8130 of 8192 bytes are there.
    ("dicom/pydicom/MR_truncated.dcm", Outcome::Refused(Reason::Truncated, "PixelData")),
    ("dicom/pydicom/badVR.dcm", Outcome::Refused(Reason::BadValue, "NumberOfFrames")),
    ("dicom/pydicom/meta_missing_tsyntax.dcm", Outcome::Refused(Reason::BadValue, "Rows")),
    ("dicom/pydicom/nested_priv_SQ.dcm", Outcome::Refused(Reason::BadValue, "Rows")),
];

#[derive(Clone, Copy)]
enum Outcome {
    SameAs(&'static str),
    Refused(Reason, &'static str),
}

#[test]
fn every_row_of_the_corpus_is_decoded_exactly_or_refused_for_the_right_reason() {
    let rows = expected();
    assert_eq!(rows.len(), ROWS_WITH_REFERENCE + WITHOUT_REFERENCE.len());
    let work: Vec<&Row> = rows.values().collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    let equal = Mutex::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, |n| n.get()) {
            scope.spawn(|| {
                while let Some(row) = work.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    match check(row, &rows) {
                        Ok(()) => *equal.lock().unwrap() += 1,
                        Err(why) => wrong.lock().unwrap().push(format!("{}: {why}", row.path)),
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    assert_eq!(equal.into_inner().unwrap(), ROWS_WITH_REFERENCE + WITHOUT_REFERENCE.len());
}

#[test]
fn one_frame_is_that_frame_of_the_whole() {
    // 1-bit frames of 510 x 510 begin in the middle of a byte; the others are compressed, planar, big endian.
    let files = [
        "dicom/pydicom-data/liver_nonbyte_aligned.dcm",
        "dicom/pydicom-data/emri_small_jpeg_2k_lossless.dcm",
        "dicom/pydicom-data/SC_rgb_expb_16bit_2frame.dcm",
        "dicom/pydicom/SC_rgb_rle_32bit_2frame.dcm",
        "dicom/pydicom/OBXXXX1A_expb_2frame.dcm",
    ];
    for file in files {
        let image = open(file).unwrap();
        let all = dicom::stored(&image, None).unwrap();
        let size = all.bytes.len() / image.frames() as usize;
        assert!(image.frames() > 1);
        // Backwards: no frame may depend on those before it.
        for frame in (0..image.frames()).rev() {
            let one = dicom::stored(&image, Some(frame)).unwrap();
            assert!(one.bytes == all.bytes[frame as usize * size..][..size], "{file} frame {frame}");
            assert_eq!(one.shape, all.shape[1..]);
        }
        let none = dicom::stored(&image, Some(image.frames())).unwrap_err();
        assert_eq!((none.reason, none.place), (Reason::Inconsistent, "NumberOfFrames"));
    }
}

fn check(row: &Row, rows: &BTreeMap<String, Row>) -> Result<(), String> {
    let array = open(&row.path).and_then(|image| dicom::stored(&image, None));
    if row.status == "OK" {
        return compare(row, &array.map_err(|fault| format!("{}: {fault}", fault.reason.code()))?);
    }
    let outcome = WITHOUT_REFERENCE.iter().find(|(path, _)| *path == row.path).ok_or("no outcome is written down")?.1;
    match (outcome, array) {
        (Outcome::SameAs(path), Ok(array)) => {
            compare(rows.get(path).ok_or("the original is not in the corpus")?, &array)
        }
        (Outcome::Refused(reason, place), Err(fault))
            if fault.reason == reason && (place.is_empty() || fault.place == place) =>
        {
            Ok(())
        }
        (_, Ok(array)) => Err(format!("decoded as {array:?}")),
        (_, Err(fault)) => Err(format!("{}: {fault}", fault.reason.code())),
    }
}

fn compare(row: &Row, array: &StoredArray) -> Result<(), String> {
    let shape = array.shape.iter().map(ToString::to_string).collect::<Vec<_>>().join("x");
    if shape != row.shape || dtype(array.sample_type) != row.dtype {
        return Err(format!("{shape} {:?}, expected {} {}", array.sample_type, row.shape, row.dtype));
    }
    let digest: String = Sha256::digest(&array.bytes).iter().map(|b| format!("{b:02x}")).collect();
    if digest == row.sha256 {
        return Ok(());
    }
    let (min, max, mean) = statistics(array);
    let found = format!("min {min} max {max} mean {mean}, expected {} {} {}", row.min, row.max, row.mean);
    let near = (min - row.min).abs() <= row.tolerance
        && (max - row.max).abs() <= row.tolerance
        && (mean - row.mean).abs() <= 0.02;
    if row.dct && near { Ok(()) } else { Err(format!("other samples: {found}")) }
}

fn statistics(array: &StoredArray) -> (f64, f64, f64) {
    let values: Vec<f64> = match array.sample_type {
        SampleType::U8 => array.bytes.iter().map(|&b| f64::from(b)).collect(),
        SampleType::U16 => array.bytes.chunks_exact(2).map(|b| f64::from(u16::from_le_bytes([b[0], b[1]]))).collect(),
        SampleType::I16 => array.bytes.chunks_exact(2).map(|b| f64::from(i16::from_le_bytes([b[0], b[1]]))).collect(),
        _ => return (f64::NAN, f64::NAN, f64::NAN),
    };
    let fold = |f: fn(f64, f64) -> f64| values.iter().copied().reduce(f).unwrap_or(f64::NAN);
    (fold(f64::min), fold(f64::max), values.iter().sum::<f64>() / values.len() as f64)
}

fn dtype(sample_type: SampleType) -> &'static str {
    match sample_type {
        SampleType::U8 => "uint8",
        SampleType::I8 => "int8",
        SampleType::U16 => "uint16",
        SampleType::I16 => "int16",
        SampleType::U32 => "uint32",
        SampleType::I32 => "int32",
        SampleType::F32 => "float32",
        SampleType::F64 => "float64",
    }
}

fn open(path: &str) -> Result<dicom::Image, Fault> {
    let bytes = std::fs::read(corpus().join(path)).unwrap_or_else(|e| panic!("the corpus has no {path}: {e}"));
    dicom::open(bytes)?.image
}

struct Row {
    path: String,
    status: String,
    dtype: String,
    shape: String,
    sha256: String,
    min: f64,
    max: f64,
    mean: f64,
    dct: bool,
    tolerance: f64,
}

fn expected() -> BTreeMap<String, Row> {
    let text = std::fs::read_to_string(corpus().join("expected.csv")).expect("VOXMILL_CORPUS/expected.csv");
    let manifest = std::fs::read_to_string(corpus().join("MANIFEST.csv")).expect("VOXMILL_CORPUS/MANIFEST.csv");
    let syntaxes: BTreeMap<String, String> =
        records(&manifest).into_iter().map(|mut r| (r.swap_remove(0), r.swap_remove(5))).collect();
    let rows = records(&text).into_iter().skip(1).map(|r| {
        let number = |i: usize| r[i].parse().unwrap_or(f64::NAN);
        let syntax = syntaxes.get(&r[0]).map_or("", String::as_str);
        let row = Row {
            path: r[0].clone(),
            status: r[1].clone(),
            dtype: r[3].clone(),
            shape: r[4].clone(),
            sha256: r[5].clone(),
            min: number(6),
            max: number(7),
            mean: number(8),
            dct: matches!(syntax, "1.2.840.10008.1.2.4.50" | "1.2.840.10008.1.2.4.51"),
            tolerance: f64::max(1.0, r[13].parse().unwrap_or(1.0)),
        };
        (r[0].clone(), row)
    });
    rows.collect()
}

/// Records of a CSV file with quoted fields.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => field.push(chars.next().unwrap()),
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            '\r' if !quoted => {}
            c => field.push(c),
        }
    }
    records
}
