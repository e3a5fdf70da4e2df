//! Wrong files: cut, lying, nested, mutated. Each gets a fault with a reason, or pixels that are all there; never a
//! panic, never an allocation that the file does not justify.

mod dicom_files;
mod real_files;

use dicom_files::{BIG, DEFLATED, ENCAPSULATED, EXPLICIT, IMPLICIT, Spec, Style, Value, text, us};
use std::time::Instant;
use voxmill::error::{Fault, Kind, Reason};
use voxmill::read::dicom;

/// Opens and decodes everything; the fault that stopped it, or nothing.
fn read(bytes: Vec<u8>) -> Result<usize, Fault> {
    let opened = dicom::open(bytes)?;
    let image = opened.image?;
    let mut decoded = 0;
    for frame in 0..image.frames().min(8) {
        let _ = image.geometry(frame);
        decoded += image.decode(frame)?.bytes().len();
    }
    Ok(decoded)
}

fn reason(bytes: Vec<u8>) -> (Reason, &'static str) {
    let fault = read(bytes).expect_err("a refusal");
    assert_eq!(fault.kind, Kind::Input);
    (fault.reason, fault.place)
}

/// The most memory this process ever held, in MiB.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024
}

#[test]
fn deep_nesting_is_refused_without_recursion() {
    // 2,000 sequences of undefined length in each other, in three encodings: 36 bytes a level make 72 KB.
    let explicit: &[u8] = b"\x08\x00\x40\x11SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF";
    let unknown: &[u8] = b"\x09\x00\x40\x11UN\0\0\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF";
    let implicit: &[u8] = b"\x08\x00\x40\x11\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF";
    let private: &[u8] = b"\x09\x00\x40\x11\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF";
    // What is inside an UN of undefined length is implicit, so only the first level is written as UN.
    for (syntax, first, level) in [
        (EXPLICIT, explicit, explicit),
        (EXPLICIT, unknown, private),
        (IMPLICIT, implicit, implicit),
        (IMPLICIT, private, private),
    ] {
        let nested_and = |depth: usize, more: &[u8]| {
            let mut bytes = dicom_files::file(syntax, &[text(0x0008_0005, "CS", "ISO_IR 100")]);
            bytes.extend(first);
            bytes.extend(level.repeat(depth - 1));
            bytes.extend(more);
            reason(bytes)
        };
        let nested = |depth| nested_and(depth, &[]);
        for depth in [33, 2000, 100_000] {
            assert_eq!(nested(depth), (Reason::TooDeep, "sequence"));
        }
        // 32 sequences and their items are 64 levels, which is the limit; then the file ends.
        assert_eq!(nested(32), (Reason::Truncated, "data set"));
        // One sequence more, without the item of 8 bytes that each level ends with, is the 65th. A private one of
        // undefined length shows only by its item that it is a sequence.
        let more = nested_and(32, &level[..level.len() - 8]);
        assert_eq!(more.0, if level == private { Reason::Malformed } else { Reason::TooDeep });
    }
}

#[test]
fn every_cut_of_a_file_is_refused_or_has_all_its_pixels() {
    let sequence = (0x0008_1140, "SQ", Value::Items(vec![vec![text(0x0008_1150, "UI", "1.2.3")]], true));
    let spec = Spec::grey(3, 4, &[9; 12]).with(sequence).with((0xFFFC_FFFC, "OB", Value::Bytes(vec![0; 10])));
    let mut complete = 0;
    for syntax in [EXPLICIT, IMPLICIT, BIG] {
        let bytes = spec.file(syntax);
        // The padding element behind the pixels has 10 bytes and a header of 12, or 8 in an implicit file.
        let behind = 10 + if syntax == IMPLICIT { 8 } else { 12 };
        for cut in 0..bytes.len() {
            match read(bytes[..cut].to_vec()) {
                Ok(24) => complete += 1,
                Ok(other) => panic!("{other} bytes of pixels"),
                Err(fault) => {
                    assert_eq!(fault.kind, Kind::Input);
                    assert!(cut < bytes.len() - behind, "{syntax} {cut}: {fault}");
                }
            }
        }
    }
    // 12 + 10, 8 + 10 and 12 + 10 cuts behind the last pixel.
    assert_eq!(complete, 22 + 18 + 22);
    let fragments = Value::Fragments(vec![vec![], vec![1, 2, 3, 4]]);
    let spec = Spec { pixels: (0x7FE0_0010, "OB", fragments), ..Spec::bytes(2, 2, &[]) };
    let bytes = spec.file(ENCAPSULATED);
    for cut in 0..bytes.len() {
        // Only the delimiter of 8 bytes may be missing.
        assert_eq!(read(bytes[..cut].to_vec()).is_ok(), cut >= bytes.len() - 8, "{cut}");
    }
}

#[test]
fn claims_beyond_the_data_are_refused_before_anything_is_allocated() {
    let started = Instant::now();
    let spec = Spec::grey(1, 1, &[7]);
    let huge = Spec { rows: 65535, columns: 65535, ..spec.clone() };
    assert_eq!(reason(huge.file(EXPLICIT)), (Reason::Truncated, "PixelData"));
    let frames = Spec { frames: Some("2147483647"), ..huge.clone() };
    assert_eq!(reason(frames.file(EXPLICIT)), (Reason::Truncated, "PixelData"));
    let wide = Spec {
        allocated: 32,
        stored: 32,
        high: 31,
        samples: 3,
        photometric: "RGB",
        planar: Some(0),
        frames: Some("4294967295"),
        ..huge.clone()
    };
    assert_eq!(reason(wide.file(EXPLICIT)), (Reason::Truncated, "PixelData"));
    // More frames than a 32-bit number holds.
    let more = Spec { frames: Some("99999999999"), ..spec.clone() };
    assert_eq!(reason(more.file(EXPLICIT)), (Reason::BadValue, "NumberOfFrames"));
    // Rows written as UL: 2^32 / 65535 wraps in 32 bits; 65536 is out of range whatever the VR.
    let long = spec.clone().with((0x0028_0010, "UL", Value::Longs(vec![65536])));
    assert_eq!(reason(long.file(EXPLICIT)), (Reason::BadValue, "Rows"));
    // A length of almost 4 GB in 300 bytes, in pixels, in a sequence, in an item, in the file meta.
    let long: &[&[u8]] = &[
        b"\xE0\x7F\x10\x00OW\0\0\xF0\xFF\xFF\xFF\x01",
        b"\x08\x00\x40\x11SQ\0\0\xF0\xFF\xFF\xFF",
        b"\x08\x00\x40\x11SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\xF0\xFF\xFF\xFF",
        b"\xE0\x7F\x10\x00OB\0\0\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\xF0\xFF\xFF\xFF\x01\x02",
        b"\x08\x00\x40\x11UN\0\0\xF0\xFF\xFF\xFF",
    ];
    let mut elements = spec.elements();
    elements.retain(|e| e.0 < 0x7FE0_0000);
    for tail in long {
        let mut bytes = dicom_files::file(EXPLICIT, &elements);
        bytes.extend(*tail);
        let found = reason(bytes);
        assert!(matches!(found.0, Reason::Truncated | Reason::Inconsistent), "{found:?}");
    }
    let mut meta = vec![0; 128];
    meta.extend(b"DICM\x02\x00\x01\x00OB\0\0\xF0\xFF\xFF\xFF\x00\x01");
    assert!(matches!(reason(meta).0, Reason::Truncated | Reason::NoPixels | Reason::Malformed));
    // Compressed claims: the codec is not even asked.
    for syntax in [
        "1.2.840.10008.1.2.5",
        "1.2.840.10008.1.2.4.90",
        "1.2.840.10008.1.2.4.80",
        ENCAPSULATED,
        "1.2.840.10008.1.2.8.1",
    ] {
        let stream = vec![1, 0, 0, 0, 64, 0, 0, 0, 0, 0];
        let spec = Spec {
            rows: 65535,
            columns: 65535,
            pixels: (0x7FE0_0010, "OB", Value::Fragments(vec![vec![], stream])),
            ..Spec::bytes(1, 1, &[])
        };
        let found = reason(spec.file(syntax));
        assert!(matches!(found.0, Reason::WorkBudget | Reason::Truncated), "{syntax} {found:?}");
    }
    assert!(started.elapsed().as_secs() < 5);
}

#[test]
fn bombs_stay_small() {
    // 64 MB of zeros in 64 KB: deflate's 1000 to 1, four times the ratio that is let through.
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    let head = dicom_files::write(&[text(0x0008_0005, "CS", "ISO_IR 100")], Style::of(EXPLICIT));
    std::io::Write::write_all(&mut encoder, &head).unwrap();
    std::io::Write::write_all(&mut encoder, &vec![0; 64 << 20]).unwrap();
    let bomb = [dicom_files::file(DEFLATED, &[]), encoder.finish().unwrap()].concat();
    assert!(bomb.len() < 100_000);
    assert_eq!(reason(bomb), (Reason::TooLarge, "data set"));
    // Two million empty items are 16 MB: walked, and not kept.
    let mut items = dicom_files::file(EXPLICIT, &[text(0x0008_0005, "CS", "ISO_IR 100")]);
    items.extend(b"\x08\x00\x40\x11SQ\0\0\xFF\xFF\xFF\xFF");
    items.extend(b"\xFE\xFF\x00\xE0\0\0\0\0".repeat(2_000_000));
    items.extend(b"\xFE\xFF\xDD\xE0\0\0\0\0");
    let started = Instant::now();
    assert_eq!(reason(items.clone()), (Reason::NoPixels, "PixelData"));
    assert!(started.elapsed().as_secs() < 2, "{:?}", started.elapsed());
    // The same in the per-frame groups, which are kept.
    let at = items.windows(4).position(|w| w == b"\x08\x00\x40\x11").unwrap();
    items[at..at + 4].copy_from_slice(b"\x00\x52\x30\x92");
    assert_eq!(reason(items.clone()), (Reason::NoPixels, "PixelData"));
    // Beyond the limit of elements that are kept.
    let end = items.len() - 8;
    let more = items[end - 8..end].repeat(2_500_000);
    items.splice(end..end, more);
    assert_eq!(reason(items).0, Reason::TooLarge);
    assert!(peak_mib() < 700, "{} MiB", peak_mib());
}

#[test]
fn a_desert_of_zeros_is_crossed_once() {
    // 16 MB of zeros that are no padding, because a byte follows: looking for that byte from every element would
    // take hours.
    let mut bytes = dicom_files::file(EXPLICIT, &[text(0x0008_0005, "CS", "ISO_IR 100")]);
    bytes.extend(vec![0; 16 << 20]);
    bytes.push(1);
    let started = Instant::now();
    assert_eq!(reason(bytes), (Reason::Truncated, "data set"));
    assert!(started.elapsed().as_secs() < 3, "{:?}", started.elapsed());
}

#[test]
fn files_that_are_something_else_are_not_dicom() {
    let others: &[&[u8]] = &[
        b"MSH|^~\\&|LAB|HOSP|||20260101||ORU^R01|1|P|2.5\rPID|1||123\r",
        b"{\"00080005\": {\"vr\": \"CS\", \"Value\": [\"ISO_IR 100\"]}}",
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
        b"patient_id,name\n1,A\n2,B\n",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0",
        b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0",
        b"PK\x03\x04\x14\0\0\0\x08\0",
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03",
        b"\0\0\x22\x38appl\x02\x20\0\0mntrRGB XYZ \x07\xd3\0\x07",
        b"plain text called .dcm, and nothing more than that in it at all",
        &[0; 4096],
        &[8, 0, 5, 0],
        b"",
    ];
    for bytes in others {
        assert!(!dicom::looks_like(bytes));
        let fault = dicom::open(bytes.to_vec()).unwrap_err();
        assert_eq!(fault.reason, if bytes.is_empty() { Reason::Empty } else { Reason::UnknownKind });
    }
}

#[test]
fn metadata_stays_readable_without_an_image() {
    let no_pixels =
        dicom_files::file(EXPLICIT, &[text(0x0008_0005, "CS", "ISO_IR 100"), text(0x0010_0010, "PN", "A^B")]);
    let directory = dicom_files::file(
        EXPLICIT,
        &[text(0x0004_1130, "CS", "X"), (0x0004_1200, "UL", Value::Longs(vec![0])), text(0x0010_0010, "PN", "A^B")],
    );
    let stream = |syntax| {
        let pixels = (0x7FE0_0010, "OB", Value::Fragments(vec![vec![], vec![0; 16]]));
        Spec { pixels, ..Spec::bytes(2, 2, &[]) }.with(text(0x0010_0010, "PN", "A^B")).file(syntax)
    };
    let grey = Spec::bytes(2, 2, &[1, 2, 3, 4]).with(text(0x0010_0010, "PN", "A^B"));
    let cases = [
        (no_pixels, Reason::NoPixels),
        (directory, Reason::DicomDir),
        (stream("1.2.840.10008.1.2.4.102"), Reason::Video),
        (stream("1.2.840.10008.1.2.4.94"), Reason::UnsupportedSyntax),
        (stream("1.2.3.4.5"), Reason::UnsupportedSyntax),
        (stream(EXPLICIT), Reason::Inconsistent),
        (grey.file("1.2.840.10008.1.2.4.70"), Reason::Inconsistent),
        (grey.with(us(0x0028_0010, 3)).file(EXPLICIT), Reason::Truncated),
    ];
    for (bytes, reason) in cases {
        let opened = dicom::open(bytes).unwrap();
        assert_eq!(opened.image.map_err(|f| f.reason).err(), Some(reason));
        assert!(opened.sheet.get(voxmill::model::Tag(0x0010, 0x0010)).is_some());
    }
}

/// A fixed sequence of numbers: the same mutations in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % limit.max(1)
    }
}

#[test]
fn mutated_files_of_the_corpus_never_panic() {
    const FILES: &[&str] = &[
        "dicom/pydicom/MR_small.dcm",
        "dicom/pydicom/MR_small_implicit.dcm",
        "dicom/pydicom/MR_small_expb.dcm",
        "dicom/pydicom/rtdose_rle_1frame.dcm",
        "dicom/pydicom/SC_rgb_small_odd_jpeg.dcm",
        "dicom/pydicom/SC_rgb_jls_lossy_sample.dcm",
        "dicom/pydicom/JPEGLSNearLossless_16.dcm",
        "dicom/pydicom/UN_sequence.dcm",
        "dicom/pydicom/nested_priv_SQ.dcm",
        "dicom/pydicom/rtplan.dcm",
        "dicom/pydicom/liver_1frame.dcm",
        "dicom/pydicom/image_dfl.dcm",
        "dicom/pydicom/dicomdirtests/DICOMDIR",
        "dicom/pydicom-data/emri_small_jpeg_2k_lossless.dcm",
        "dicom/pydicom-data/emri_small_RLE.dcm",
        "dicom/pydicom-data/liver_nonbyte_aligned_deflate.dcm",
        "dicom/pydicom-charset/chrH32.dcm",
        "dicom/dcmqi/segmentations/24x38x3/multiframe/mf.dcm",
    ];
    const ROUNDS: usize = 150;
    let corpus = real_files::corpus();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut read_whole, mut refused) = (0, 0);
    for file in FILES {
        let original = std::fs::read(corpus.join(file)).unwrap_or_else(|e| panic!("the corpus has no {file}: {e}"));
        // Half of the changes hit the headers, where they matter most.
        let head = original.len().min(2000);
        for _ in 0..ROUNDS {
            let mut bytes = original.clone();
            for _ in 0..1 + dice.below(6) {
                let room = if dice.below(2) == 0 { head } else { original.len() };
                let at = dice.below(room).min(bytes.len().saturating_sub(1));
                match dice.below(7) {
                    0 => bytes.truncate(at),
                    1 => drop(bytes.drain(at..(at + dice.below(9)).min(bytes.len()))),
                    2 => drop(bytes.splice(at..at, [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0])),
                    3 => bytes.iter_mut().skip(at).take(4).for_each(|b| *b = 0xFF),
                    4 => bytes.iter_mut().skip(at).take(2).for_each(|b| *b = 0),
                    5 => bytes.iter_mut().skip(at).take(1).for_each(|b| *b ^= 1 << dice.below(8)),
                    _ => bytes.iter_mut().skip(at).take(1).for_each(|b| *b = dice.below(256) as u8),
                }
                if bytes.is_empty() {
                    break;
                }
            }
            match read(bytes) {
                Ok(_) => read_whole += 1,
                Err(fault) => {
                    assert_eq!(fault.kind, Kind::Input, "{file}: {fault}");
                    assert_ne!(fault.reason, Reason::DecoderPanicked, "{file}: {fault}");
                    refused += 1;
                }
            }
        }
    }
    assert_eq!(read_whole + refused, FILES.len() * ROUNDS);
    assert!(read_whole > 200 && refused > 200, "{read_whole} {refused}");
    assert!(peak_mib() < 700, "{} MiB", peak_mib());
}

/// What `fuzz/` found, held to what its target holds files to: an input fault or all samples, smaller only if it says so.
#[test]
fn what_fuzzing_found_stays_mended() {
    let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/dicom/found");
    let mut walked = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "dcm") {
            continue;
        }
        walked += 1;
        let refused = |fault: &Fault| {
            assert_eq!(fault.kind, Kind::Input, "{}: {fault}", path.display());
            assert_ne!(fault.reason, Reason::DecoderPanicked, "{}: {fault}", path.display());
        };
        let image = match dicom::open(std::fs::read(&path).unwrap()).and_then(|opened| opened.image) {
            Ok(image) => image,
            Err(fault) => {
                refused(&fault);
                continue;
            }
        };
        for frame in [0, image.frames() - 1] {
            match image.decode(frame) {
                Ok(decoded) => assert_eq!(decoded.bytes().len() as u64, image.frame_bytes(), "{}", path.display()),
                Err(fault) => refused(&fault),
            }
            match image.decode_reduced(frame, 2) {
                Ok((decoded, reduction)) => {
                    let smaller = (decoded.rows, decoded.columns) != (image.rows(), image.columns());
                    assert_eq!(reduction.is_some(), smaller, "{}", path.display());
                }
                Err(fault) => refused(&fault),
            }
        }
    }
    assert_eq!(walked, FOUND);
}

/// Files that fuzzing found.
const FOUND: usize = 1;
