//! Overlay planes, icons and annotations: none of them is in a decoded frame, and so in no tensor.

use super::dicom_files::{ENCAPSULATED, EXPLICIT, Element, Spec, Value, text, us};
use super::loaded;
use voxmill::write::encode::{self, Picture};

const JPEG_LS: &str = "1.2.840.10008.1.2.4.80";
const J2K: &str = "1.2.840.10008.1.2.4.90";
const JPEG_LOSSLESS: &str = "1.2.840.10008.1.2.4.70";
const RLE: &str = "1.2.840.10008.1.2.5";

/// Samples of 12 bits with an overlay in bits 12 to 15, of 8 x 10 pixels; and the same without.
fn samples() -> (Vec<u16>, Vec<u16>) {
    let clean: Vec<u16> = (0..80u16).map(|i| i * 51).collect();
    let drawn = clean.iter().zip(0u16..).map(|(v, i)| v | ((i % 5) << 13) | (u16::from(i % 3 == 0) << 12)).collect();
    (drawn, clean)
}

/// The stored samples that a frame of the file has.
fn decoded(file: Vec<u8>) -> Vec<u16> {
    let frame = loaded(file).image.decode(0).unwrap();
    frame.bytes().chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect()
}

fn spec(pixels: Element) -> Spec {
    Spec { stored: 12, high: 11, pixels, ..Spec::grey(8, 10, &[]) }
}

#[test]
fn an_overlay_in_unused_bits_is_gone_from_every_coding() {
    let (drawn, clean) = samples();
    let bytes: Vec<u8> = drawn.iter().flat_map(|v| v.to_le_bytes()).collect();
    let picture = Picture { rows: 8, columns: 10, samples: 1, bits_stored: 16, bytes: &bytes };
    let fragments = |mut stream: Vec<u8>| {
        stream.resize(stream.len().next_multiple_of(2), 0);
        (0x7FE0_0010, "OB", Value::Fragments(vec![Vec::new(), stream]))
    };
    let files = [
        (EXPLICIT, (0x7FE0_0010, "OW", Value::Words(drawn.clone()))),
        (ENCAPSULATED, fragments(bytes.clone())),
        (JPEG_LS, fragments(encode::jpeg_ls::encode(&picture, encode::jpeg_ls::Interleave::Line).unwrap())),
        (JPEG_LOSSLESS, fragments(encode::jpeg_lossless::encode(&picture).unwrap())),
        (J2K, fragments(encode::jpeg2000::encode(&picture, false).unwrap())),
        (RLE, fragments(encode::rle::encode(&picture).unwrap())),
    ];
    let mut walked = 0;
    for (syntax, pixels) in files {
        assert_eq!(decoded(spec(pixels).file(syntax)), clean, "{syntax}");
        walked += 1;
    }
    assert_eq!(walked, 6);
    assert_ne!(drawn, clean);
}

#[test]
fn planes_icons_and_annotations_change_no_sample() {
    let (_, clean) = samples();
    let pixels = || (0x7FE0_0010, "OW", Value::Words(clean.clone()));
    let plain = decoded(spec(pixels()).file(EXPLICIT));
    assert_eq!(plain, clean);
    // An overlay plane of its own (60xx,3000) with all dots set, and an icon with its own pixel data, in all 7FE0.
    let icon = Spec::bytes(4, 4, &[255; 16]).elements();
    let note = vec![text(0x0070_0006, "ST", "NAME OF A PATIENT")];
    let with = spec(pixels())
        .with(us(0x6000_0010, 8))
        .with(us(0x6000_0011, 10))
        .with(text(0x6000_0040, "CS", "G"))
        .with((0x6000_0050, "SS", Value::Words(vec![1, 1])))
        .with(us(0x6000_0100, 1))
        .with(us(0x6000_0102, 0))
        .with((0x6000_3000, "OW", Value::Words(vec![0xFFFF; 5])))
        .with((0x0088_0200, "SQ", Value::Items(vec![icon], true)))
        .with((0x0070_0001, "SQ", Value::Items(vec![note], true)));
    assert_eq!(decoded(with.file(EXPLICIT)), plain);
    // A plane that says it lies in bit 12 of the samples.
    let (drawn, _) = samples();
    let embedded = spec((0x7FE0_0010, "OW", Value::Words(drawn))).with(us(0x6000_0100, 16)).with(us(0x6000_0102, 12));
    assert_eq!(decoded(embedded.file(EXPLICIT)), plain);
}
