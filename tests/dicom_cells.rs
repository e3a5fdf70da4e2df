//! Cells of unusual widths, retired and supplemental colours, and whose word counts about the colours of JPEG 2000. Expected
//! values are arithmetic in the comments.

mod dicom_files;

use dicom_files::{BIG, EXPLICIT, IMPLICIT, Spec, Value, us};
use voxmill::error::{Fault, Reason};
use voxmill::model::{Photometric, SampleType};
use voxmill::read::dicom::{self, Image, StoredArray};
use voxmill::write::encode::{self, Picture};

const JPEG_2000: &str = "1.2.840.10008.1.2.4.90";
const RLE: &str = "1.2.840.10008.1.2.5";

fn image(bytes: Vec<u8>) -> Result<Image, Fault> {
    dicom::open(bytes)?.image
}

fn stored(spec: &Spec, syntax: &'static str) -> StoredArray {
    image(spec.file(syntax)).and_then(|i| dicom::stored(&i, None)).unwrap()
}

fn refused(spec: &Spec, syntax: &'static str) -> (Reason, &'static str) {
    let fault = image(spec.file(syntax)).and_then(|i| dicom::stored(&i, None)).expect_err("a refusal");
    (fault.reason, fault.place)
}

fn cells(allocated: u16, stored: u16, high: u16, rows: u16, columns: u16, bytes: &[u8]) -> Spec {
    Spec { allocated, stored, high, ..Spec::bytes(rows, columns, bytes) }
}

fn longs(array: &StoredArray) -> Vec<u32> {
    array.bytes.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

#[test]
fn cells_of_twelve_bits_are_cut_out_of_the_stream() {
    // Two frames of three pixels, 36 bits each: the second begins in the middle of a byte. Lowest bits first:
    // ABC 123 -> BC 3A 12, FED 001 -> ED 1F 00, 800 7FF -> 00 F8 7F.
    let bytes = [0xBC, 0x3A, 0x12, 0xED, 0x1F, 0x00, 0x00, 0xF8, 0x7F, 0];
    let spec = Spec { frames: Some("2"), ..cells(12, 12, 11, 1, 3, &bytes) };
    for syntax in [EXPLICIT, IMPLICIT] {
        let array = stored(&spec, syntax);
        assert_eq!((array.sample_type, array.shape.as_slice()), (SampleType::U16, &[2, 1, 3][..]));
        let words: Vec<u16> = array.bytes.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
        assert_eq!(words, [0xABC, 0x123, 0xFED, 0x001, 0x800, 0x7FF]);
    }
    let array = stored(&Spec { signed: 1, ..spec.clone() }, EXPLICIT);
    let words: Vec<i16> = array.bytes.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect();
    assert_eq!(words, [0xABC - 4096, 0x123, 0xFED - 4096, 0x001, -2048, 0x7FF]);
    // Without the last byte the last pixel is cut.
    let short = Spec { frames: Some("2"), ..cells(12, 12, 11, 1, 3, &bytes[..8]) };
    assert_eq!(refused(&short, EXPLICIT), (Reason::Truncated, "PixelData"));
}

#[test]
fn cells_of_four_bits_are_samples_of_one_byte() {
    // 1, F, 8 -> F1 08.
    assert_eq!(stored(&cells(4, 4, 3, 1, 3, &[0xF1, 0x08]), EXPLICIT).bytes, [1, 15, 8]);
    let signed = Spec { signed: 1, ..cells(4, 4, 3, 1, 3, &[0xF1, 0x08]) };
    assert_eq!(stored(&signed, EXPLICIT).bytes, [1, 0xFF, 0xF8]);
}

#[test]
fn cells_of_three_and_of_eight_bytes_are_samples_of_four() {
    let three = cells(24, 24, 23, 1, 2, &[0x03, 0x02, 0x81, 0xFE, 0xFF, 0xFF]);
    assert_eq!(longs(&stored(&three, EXPLICIT)), [0x81_02_03, 0xFF_FF_FE]);
    let signed = stored(&Spec { signed: 1, ..three }, EXPLICIT);
    assert_eq!(signed.sample_type, SampleType::I32);
    assert_eq!(longs(&signed).iter().map(|&v| v as i32).collect::<Vec<_>>(), [0x81_02_03 - (1 << 24), -2]);
    // 20 bits up to bit 27 of 64: 0x0ABCDE stands in 0xF0ABCDE5A << 0 as bits 8 to 27.
    let eight = cells(64, 20, 27, 1, 1, &[0x5A, 0xDE, 0xBC, 0xFA, 0xFF, 0xFF, 0xFF, 0xFF]);
    assert_eq!(longs(&stored(&eight, EXPLICIT)), [0xABCDE]);
    let big = cells(64, 20, 27, 1, 1, &[0xFF, 0xFF, 0xFF, 0xFF, 0xFA, 0xBC, 0xDE, 0x5A]);
    assert_eq!(longs(&stored(&big, BIG)), [0xABCDE]);
}

#[test]
fn planes_of_unusual_cells_become_pixels() {
    // Planes R, G, B of two pixels of 24 bits.
    let bytes: Vec<u8> = [1u32, 2, 11, 12, 21, 22].iter().flat_map(|v| v.to_le_bytes()[..3].to_vec()).collect();
    let spec = Spec { samples: 3, photometric: "RGB", planar: Some(1), ..cells(24, 24, 23, 1, 2, &bytes) };
    assert_eq!(longs(&stored(&spec, EXPLICIT)), [1, 11, 21, 2, 12, 22]);
}

#[test]
fn cells_that_nothing_defines_are_refused() {
    let wide = cells(64, 40, 39, 1, 1, &[0; 8]);
    assert_eq!(refused(&wide, EXPLICIT), (Reason::UnsupportedPixels, "BitsStored"));
    // Above 32 bits only whole bytes; in big endian words only the usual sizes.
    assert_eq!(refused(&cells(36, 30, 29, 1, 2, &[0; 10]), EXPLICIT), (Reason::UnsupportedPixels, "BitsAllocated"));
    assert_eq!(refused(&cells(24, 24, 23, 1, 2, &[0; 6]), BIG), (Reason::UnsupportedPixels, "BitsAllocated"));
    assert_eq!(refused(&cells(65, 8, 7, 1, 2, &[0; 20]), EXPLICIT), (Reason::BadValue, "BitsAllocated"));
    let fragments = Value::Fragments(vec![Vec::new(), vec![0; 80]]);
    let rle = Spec { pixels: (0x7FE0_0010, "OB", fragments), ..cells(24, 24, 23, 1, 2, &[]) };
    assert_eq!(refused(&rle, RLE), (Reason::UnsupportedPixels, "BitsAllocated"));
}

#[test]
fn retired_colours_have_their_own_cause() {
    for (photometric, samples) in [("ARGB", 4), ("CMYK", 4), ("HSV", 3)] {
        let spec = Spec { photometric, samples, planar: Some(0), ..Spec::bytes(1, 2, &[9; 8]) };
        let fault = image(spec.file(EXPLICIT)).expect_err("a retired term");
        assert_eq!((fault.reason, fault.place), (Reason::UnsupportedPhotometric, "PhotometricInterpretation"));
        assert!(fault.cause.contains("retired"), "{photometric}");
    }
}

#[test]
fn a_supplemental_palette_is_told() {
    let grey = Spec::grey(1, 1, &[7]);
    assert!(image(grey.file(EXPLICIT)).unwrap().warnings().is_empty());
    let descriptor = (0x0028_1101, "US", Value::Words(vec![16, 4000, 16]));
    let with = image(grey.with(descriptor).file(EXPLICIT)).unwrap();
    assert_eq!(with.warnings(), ["supplemental-palette"]);
}

/// JPEG 2000 of 2 x 3 RGB pixels, with the component transform or with the flag for it cleared.
fn jpeg2000(transformed: bool) -> Vec<u8> {
    let bytes: Vec<u8> = (0..18).map(|v| v * 13).collect();
    let picture = Picture { rows: 2, columns: 3, samples: 3, bits_stored: 8, bytes: &bytes };
    let mut stream = encode::jpeg2000::encode(&picture, false).expect("a picture");
    // COD: marker, length, style, order, layers (2 bytes), transform.
    let cod = stream.windows(2).position(|pair| pair == [0xFF, 0x52]).expect("COD");
    assert_eq!(stream[cod + 8], 1, "the encoder transforms colours");
    stream[cod + 8] = u8::from(transformed);
    stream
}

#[test]
fn the_header_names_the_colours_of_jpeg_2000_as_pydicom_takes_it() {
    // pydicom 3.0.2: YBR_ICT and YBR_RCT come out as RGB, whether the stream transforms or not; others stay.
    let rows = [
        ("RGB", Photometric::Rgb),
        ("YBR_RCT", Photometric::Rgb),
        ("YBR_ICT", Photometric::Rgb),
        ("YBR_FULL", Photometric::YbrFull),
    ];
    for (photometric, want) in rows {
        for transformed in [true, false] {
            let fragments = Value::Fragments(vec![Vec::new(), jpeg2000(transformed)]);
            let pixels = (0x7FE0_0010, "OB", fragments);
            let spec = Spec {
                samples: 3,
                photometric,
                planar: Some(0),
                pixels,
                extra: vec![us(0x0028_0010, 2)],
                ..Spec::bytes(2, 3, &[])
            };
            let frame = image(spec.file(JPEG_2000)).and_then(|i| i.decode(0)).unwrap();
            assert_eq!(frame.interpretation.photometric, want, "{photometric} {transformed}");
        }
    }
}
