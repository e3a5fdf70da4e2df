//! Every file of the corpus in a syntax of ours, frame by frame, against the digest that other decoders agree on.
//!
//! The files are opened by the shortest way that works on all of them, broken headers included: the shape comes from
//! the corpus' manifest, the fragments from the last encapsulated Pixel Data element. The DICOM room has tests of its
//! own.

use super::{decoded, sha256};
use crate::real_files::corpus;
use std::collections::BTreeMap;
use voxmill::read::codecs::{Announced, Decoder, jpeg_lossless, jpeg_ls, rle};

const SYNTAXES: &[(&str, Decoder)] = &[
    ("1.2.840.10008.1.2.5", rle::decode),
    ("1.2.840.10008.1.2.4.57", jpeg_lossless::decode),
    ("1.2.840.10008.1.2.4.70", jpeg_lossless::decode),
    ("1.2.840.10008.1.2.4.80", jpeg_ls::decode),
    ("1.2.840.10008.1.2.4.81", jpeg_ls::decode),
];

/// Files of one-bit samples, for which the corpus has no reference, and the same image uncompressed.
const TWINS: &[(&str, &str)] = &[
    ("dicom/pydicom-data/liver_rle.dcm", "dicom/pydicom-data/liver.dcm"),
    ("dicom/pydicom-data/liver_nonbyte_aligned_rle.dcm", "dicom/pydicom-data/liver_nonbyte_aligned.dcm"),
];

/// Rows of a CSV file by their path.
fn rows(name: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let text = std::fs::read_to_string(corpus().join(name)).expect("the corpus is there");
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().expect("a header").split(',').collect();
    lines
        .map(|line| {
            let row: BTreeMap<_, _> = columns.iter().map(|name| (*name).to_owned()).zip(fields(line)).collect();
            (row["path"].clone(), row)
        })
        .collect()
}

/// Fields of one CSV line; a quoted field may hold commas.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => fields.last_mut().expect("there is one").push(c),
        }
    }
    fields
}

/// The fragments of the last encapsulated Pixel Data, without the offset table.
fn fragments(file: &[u8]) -> Vec<&[u8]> {
    const HEAD: &[u8] = &[0xE0, 0x7F, 0x10, 0x00, b'O'];
    const TAIL: &[u8] = &[0, 0, 0xFF, 0xFF, 0xFF, 0xFF];
    let at = (0..file.len() - 12)
        .rev()
        .find(|&at| file[at..].starts_with(HEAD) && file[at + 6..].starts_with(TAIL))
        .expect("encapsulated Pixel Data");
    let mut rest = &file[at + 12..];
    let mut fragments = Vec::new();
    while rest.starts_with(&[0xFE, 0xFF, 0x00, 0xE0]) {
        let length = u32::from_le_bytes(rest[4..8].try_into().expect("four bytes")) as usize;
        fragments.push(&rest[8..8 + length]);
        rest = &rest[8 + length..];
    }
    fragments.remove(0);
    fragments
}

/// Masks to BitsStored and extends the sign, as the reference did.
fn interpreted(announced: &Announced, mut bytes: Vec<u8>) -> Vec<u8> {
    let unused = u32::from(announced.bits_allocated - announced.bits_stored);
    if announced.bits_allocated == 16 && unused > 0 {
        for le in bytes.as_chunks_mut::<2>().0 {
            let raw = u16::from_le_bytes(*le) << unused;
            *le = if announced.signed { (raw as i16 >> unused) as u16 } else { raw >> unused }.to_le_bytes();
        }
    }
    bytes
}

#[test]
fn every_file_in_our_syntaxes_equals_the_reference() {
    let expected = rows("expected.csv");
    let mut walked: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (path, row) in rows("MANIFEST.csv") {
        let Some((syntax, decoder)) = SYNTAXES.iter().find(|(uid, _)| row["transfer_syntax_uid"] == *uid) else {
            continue;
        };
        if row["rows"].is_empty() {
            continue; // UN_sequence.dcm has no image.
        }
        let number = |name: &str| row[name].parse::<u32>().expect("a number");
        let announced = Announced {
            rows: number("rows"),
            columns: number("cols"),
            samples: number("samples") as u8,
            bits_allocated: number("bits_allocated") as u8,
            bits_stored: number("bits_stored") as u8,
            signed: row["pixel_representation"] == "1",
            rgb: row["photometric"] == "RGB",
        };
        let frames = row["frames"].parse::<usize>().unwrap_or(1);
        let file = std::fs::read(corpus().join(&path)).expect("a file of the manifest");
        let fragments = fragments(&file);
        let streams = match frames {
            1 => vec![fragments.concat()],
            _ => fragments.iter().map(|fragment| fragment.to_vec()).collect(),
        };
        assert_eq!(streams.len(), frames, "{path}: one fragment a frame");
        let twin = TWINS.iter().find(|(compressed, _)| path == *compressed).map_or(path.as_str(), |(_, plain)| plain);
        let mut pixels = Vec::new();
        for stream in &streams {
            match decoded(*decoder, stream, &announced) {
                Ok((_, frame)) => pixels.extend(interpreted(&announced, frame)),
                Err(fault) => wrong.push(format!("{path}: {fault}")),
            }
        }
        if sha256(&pixels) != expected[twin]["sha256_raw_le"] {
            wrong.push(format!("{path}: other pixels"));
        }
        *walked.entry(syntax).or_default() += 1;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let counts: Vec<(&str, usize)> = walked.into_iter().collect();
    let want = [
        ("1.2.840.10008.1.2.4.70", 11),
        ("1.2.840.10008.1.2.4.80", 16),
        ("1.2.840.10008.1.2.4.81", 15),
        ("1.2.840.10008.1.2.5", 26),
    ];
    assert_eq!(counts, want, "files walked by syntax");
}
