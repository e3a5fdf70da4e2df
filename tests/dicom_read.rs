//! Right files made in memory: every way in which samples, frames, tables and encodings can lie in a data set.
//! Expected values are arithmetic in the comments.

mod dicom_files;

use dicom_files::{BIG, DEFLATED, ENCAPSULATED, EXPLICIT, Element, IMPLICIT, Spec, Style, Value, text, us};
use std::io::Write;
use voxmill::error::{Fault, Reason};
use voxmill::model::{Modality, SampleType, Voi, VoiFunction};
use voxmill::read::dicom::{self, Image, StoredArray};

fn image(bytes: Vec<u8>) -> Result<Image, Fault> {
    dicom::open(bytes)?.image
}

fn stored(spec: &Spec, syntax: &'static str) -> StoredArray {
    image(spec.file(syntax)).and_then(|i| dicom::stored(&i, None)).unwrap()
}

fn refused(spec: &Spec) -> (Reason, &'static str) {
    let fault = image(spec.file(EXPLICIT)).and_then(|i| dicom::stored(&i, None)).expect_err("a refusal");
    (fault.reason, fault.place)
}

fn words(array: &StoredArray) -> Vec<u16> {
    array.bytes.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect()
}

#[test]
fn signed_samples_lose_rubbish_above_high_bit_and_keep_their_sign() {
    // 12 bits: 0x5FFF holds 0xFFF = -1, 0xA800 holds 0x800 = -2048, 0xF7FF holds 0x7FF = 2047.
    let spec = Spec { stored: 12, high: 11, signed: 1, ..Spec::grey(1, 3, &[0x5FFF, 0xA800, 0xF7FF]) };
    for syntax in [EXPLICIT, IMPLICIT, BIG] {
        let array = stored(&spec, syntax);
        assert_eq!(array.sample_type, SampleType::I16);
        assert_eq!(words(&array).iter().map(|&w| w as i16).collect::<Vec<_>>(), [-1, -2048, 2047]);
    }
    // 5 of 8 bits: 0xF0 holds 0x10 = -16, 0x6F holds 0x0F = 15.
    let spec = Spec { stored: 5, high: 4, signed: 1, ..Spec::bytes(1, 2, &[0xF0, 0x6F]) };
    assert_eq!(stored(&spec, EXPLICIT).bytes, [0xF0, 0x0F]);
}

#[test]
fn samples_above_an_overlay_come_down() {
    // HighBit 15 of 12 stored bits: the lowest four are something else. 0xABC5 holds 0xABC.
    let spec = Spec { stored: 12, high: 15, ..Spec::grey(1, 2, &[0xABC5, 0x001F]) };
    assert_eq!(words(&stored(&spec, EXPLICIT)), [0xABC, 0x001]);
    // A HighBit with no room for BitsStored below it says nothing.
    let spec = Spec { stored: 12, high: 5, ..Spec::grey(1, 1, &[0xFABC]) };
    let image = image(spec.file(EXPLICIT)).unwrap();
    assert_eq!(image.warnings(), ["high-bit-ignored"]);
    assert_eq!(words(&dicom::stored(&image, None).unwrap()), [0xABC]);
}

#[test]
fn wide_samples_are_swapped_as_a_whole() {
    let pixels = (0x7FE0_0010, "OW", Value::Longs(vec![0x0102_0304, 0xFFFF_FFFE]));
    let spec = Spec { allocated: 32, stored: 32, high: 31, pixels, ..Spec::grey(1, 2, &[]) };
    for syntax in [EXPLICIT, BIG] {
        assert_eq!(stored(&spec, syntax).bytes, [4, 3, 2, 1, 0xFE, 0xFF, 0xFF, 0xFF]);
    }
    let signed = Spec { signed: 1, ..spec };
    assert_eq!(stored(&signed, EXPLICIT).sample_type, SampleType::I32);
}

#[test]
fn planes_become_pixels() {
    // Two frames of 1 x 2, planes R G B.
    let planes = [1, 2, 11, 12, 21, 22, 3, 4, 13, 14, 23, 24];
    let colour =
        Spec { samples: 3, photometric: "RGB", planar: Some(1), frames: Some("2"), ..Spec::bytes(1, 2, &planes) };
    let array = stored(&colour, EXPLICIT);
    assert_eq!(array.bytes, [1, 11, 21, 2, 12, 22, 3, 13, 23, 4, 14, 24]);
    assert_eq!(array.shape, [2, 1, 2, 3]);
    let wide =
        Spec { samples: 3, photometric: "RGB", planar: Some(1), ..Spec::grey(1, 2, &[1, 2, 301, 302, 601, 602]) };
    assert_eq!(words(&stored(&wide, BIG)), [1, 301, 601, 2, 302, 602]);
    assert_eq!(refused(&Spec { planar: None, ..colour }), (Reason::BadValue, "PlanarConfiguration"));
}

#[test]
fn halved_chroma_is_repeated() {
    // Y1 Y2 CB CR: two pixels share CB and CR.
    let spec = Spec {
        samples: 3,
        photometric: "YBR_FULL_422",
        planar: Some(0),
        ..Spec::bytes(1, 4, &[1, 2, 50, 60, 3, 4, 51, 61])
    };
    assert_eq!(stored(&spec, EXPLICIT).bytes, [1, 50, 60, 2, 50, 60, 3, 51, 61, 4, 51, 61]);
    let odd = Spec { columns: 3, rows: 2, ..spec.clone() };
    assert_eq!(refused(&odd), (Reason::UnsupportedPixels, "Columns"));
    // Twelve bytes are as many as without halving: then the photometric interpretation lies, and nobody knows how.
    let full = Spec { pixels: (0x7FE0_0010, "OB", Value::Bytes(vec![7; 12])), ..spec };
    assert_eq!(refused(&full), (Reason::Inconsistent, "PixelData"));
}

#[test]
fn bits_begin_in_the_middle_of_a_byte() {
    // Three frames of 3 bits, lowest bit first: 1 0 1 | 0 1 1 | 0 0 1 is 0b0011_0101, 0b1.
    let pixels = (0x7FE0_0010, "OB", Value::Bytes(vec![0b0011_0101, 0b1]));
    let spec = Spec { allocated: 1, stored: 1, high: 0, frames: Some("3"), pixels, ..Spec::grey(1, 3, &[]) };
    let image = image(spec.file(EXPLICIT)).unwrap();
    let frames: Vec<_> = (0..3).map(|f| dicom::stored(&image, Some(f)).unwrap().bytes).collect();
    assert_eq!(frames, [[1, 0, 1], [0, 1, 1], [0, 0, 1]]);
    let short = Spec { frames: Some("6"), ..spec };
    // 6 x 3 = 18 bits need 3 bytes; 2 are there.
    assert_eq!(refused(&short), (Reason::Truncated, "PixelData"));
}

#[test]
fn bytes_in_big_endian_words_are_swapped_across_frames() {
    // Two frames of 3 bytes, 1 2 3 | 4 5 6, as words: (2 1) (4 3) (6 5).
    let pixels = (0x7FE0_0010, "OW", Value::Bytes(vec![2, 1, 4, 3, 6, 5]));
    let spec = Spec { frames: Some("2"), pixels, ..Spec::bytes(1, 3, &[]) };
    assert_eq!(stored(&spec, BIG).bytes, [1, 2, 3, 4, 5, 6]);
    let plain = Spec { pixels: (0x7FE0_0010, "OB", Value::Bytes(vec![1, 2, 3, 4, 5, 6])), ..spec };
    assert_eq!(stored(&plain, BIG).bytes, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn float_pixels_keep_their_bits() {
    let pixels = (0x7FE0_0008, "OF", Value::Longs(vec![1.5f32.to_bits(), f32::NAN.to_bits()]));
    let spec = Spec { allocated: 32, pixels, ..Spec::grey(1, 2, &[]) };
    let array = stored(&spec, BIG);
    assert_eq!(array.sample_type, SampleType::F32);
    assert_eq!(array.bytes, [1.5f32.to_le_bytes(), f32::NAN.to_le_bytes()].concat());
    let double = (0x7FE0_0009, "OD", Value::Bytes(2.5f64.to_le_bytes().to_vec()));
    let spec = Spec { allocated: 64, pixels: double, ..Spec::grey(1, 1, &[]) };
    assert_eq!(stored(&spec, EXPLICIT).bytes, 2.5f64.to_le_bytes());
}

#[test]
fn every_encoding_gives_the_same_image() {
    let spec = Spec::grey(2, 3, &[1, 2, 3, 40, 500, 60000]);
    let right = stored(&spec, EXPLICIT);
    assert_eq!(words(&right), [1, 2, 3, 40, 500, 60000]);
    let elements = spec.elements();
    let explicit = dicom_files::write(&elements, Style::of(EXPLICIT));
    let mut files: Vec<(&str, Vec<u8>)> = vec![
        ("implicit", spec.file(IMPLICIT)),
        ("big endian", spec.file(BIG)),
        ("no meta, explicit", explicit.clone()),
        ("no meta, implicit", dicom_files::write(&elements, Style::of(IMPLICIT))),
        ("no meta, big endian", dicom_files::write(&elements, Style::of(BIG))),
    ];
    let mut deflater = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    deflater.write_all(&explicit).unwrap();
    let packed = deflater.finish().unwrap();
    files.push(("deflated", [dicom_files::file(DEFLATED, &[]), packed].concat()));
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    zlib.write_all(&explicit).unwrap();
    files.push(("deflated with zlib header", [dicom_files::file(DEFLATED, &[]), zlib.finish().unwrap()].concat()));
    let whole = spec.file(EXPLICIT);
    files.push(("no preamble", whole[132..].to_vec()));
    files.push(("DICM only", whole[128..].to_vec()));
    let mut wrong_length = whole.clone();
    wrong_length[140..144].copy_from_slice(&7777u32.to_le_bytes());
    files.push(("wrong group length", wrong_length));
    // Group length is 12 bytes behind the magic.
    files.push(("no group length", [&whole[..132], &whole[144..]].concat()));
    files.push((
        "says explicit, is implicit",
        [dicom_files::file(EXPLICIT, &[]), dicom_files::write(&elements, Style::of(IMPLICIT))].concat(),
    ));
    files.push(("says implicit, is explicit", [dicom_files::file(IMPLICIT, &[]), explicit.clone()].concat()));
    files.push((
        "says little, is big endian",
        [dicom_files::file(EXPLICIT, &[]), dicom_files::write(&elements, Style::of(BIG))].concat(),
    ));
    let command = dicom_files::write(
        &[(0, "UL", Value::Longs(vec![10])), (0x0000_0100, "US", Value::Words(vec![1]))],
        Style::of(IMPLICIT),
    );
    files.push(("command group first", [command, dicom_files::write(&elements, Style::of(IMPLICIT))].concat()));
    files.push(("zeros behind", [whole.clone(), vec![0; 999]].concat()));
    files.push((
        "padding element",
        [whole.clone(), dicom_files::write(&[(0xFFFC_FFFC, "OB", Value::Bytes(vec![0; 20]))], Style::of(EXPLICIT))]
            .concat(),
    ));
    files.push(("rubbish behind the pixels", [whole, b"\x10\x00\x10\x00PN\xFF\xFFrest".to_vec()].concat()));
    for (name, bytes) in files {
        assert!(dicom::looks_like(&bytes[..bytes.len().min(512)]), "{name}");
        let array = image(bytes).and_then(|i| dicom::stored(&i, None)).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(array, right, "{name}");
    }
}

#[test]
fn sequences_of_all_sorts_are_walked_over() {
    let inner =
        vec![text(0x0008_0100, "SH", "A"), (0x0040_A730, "SQ", Value::Items(vec![vec![us(0x0028_0010, 9)]], true))];
    // An icon has rows and pixels of its own; they are not the image's.
    let icon = vec![us(0x0028_0010, 7), us(0x0028_0011, 7), (0x7FE0_0010, "OB", Value::Bytes(vec![9; 4]))];
    let packed_icon =
        vec![us(0x0028_0010, 7), (0x7FE0_0010, "OB", Value::Fragments(vec![vec![], vec![0xFE, 0xFF, 0xDD, 0xE0]]))];
    for undefined in [false, true] {
        for syntax in [EXPLICIT, IMPLICIT, BIG] {
            let spec = Spec::grey(1, 2, &[5, 6])
                .with((0x0008_1140, "SQ", Value::Items(vec![inner.clone(), vec![], inner.clone()], undefined)))
                .with((0x0009_1001, "UN", Value::Items(vec![vec![text(0x0009_1002, "LO", "x")]], true)))
                .with((0x0009_1003, "UN", Value::Bytes(vec![1, 2, 3, 4])))
                .with((0x0088_0200, "SQ", Value::Items(vec![icon.clone(), packed_icon.clone()], undefined)));
            // UN of undefined length holds implicit little endian whatever the file is in: not in a big-endian one here.
            let spec = if syntax == IMPLICIT {
                spec
            } else {
                Spec { extra: spec.extra.into_iter().filter(|e| e.0 != 0x0009_1001).collect(), ..spec }
            };
            assert_eq!(words(&stored(&spec, syntax)), [5, 6], "{syntax} {undefined}");
        }
    }
    // The same in an explicit file, by hand.
    let mut bytes = dicom_files::file(EXPLICIT, &[text(0x0008_0005, "CS", "ISO_IR 100")]);
    bytes.extend(b"\x09\x00\x01\x10UN\0\0\xFF\xFF\xFF\xFF");
    bytes.extend(
        dicom_files::write(
            &[(0x0009_1001, "UN", Value::Items(vec![vec![text(0x0009_1002, "LO", "x")]], true))],
            Style::of(IMPLICIT),
        )
        .split_off(8),
    );
    bytes.extend(dicom_files::write(&Spec::grey(1, 2, &[5, 6]).elements(), Style::of(EXPLICIT)));
    assert_eq!(words(&image(bytes).and_then(|i| dicom::stored(&i, None)).unwrap()), [5, 6]);
}

/// Three frames of two bytes in fragments, Encapsulated Uncompressed.
fn fragments(table: &[u32], pieces: &[&[u8]]) -> Spec {
    let table = table.iter().flat_map(|v| v.to_le_bytes()).collect();
    let all = std::iter::once(table).chain(pieces.iter().map(|p| p.to_vec())).collect();
    Spec { frames: Some("3"), pixels: (0x7FE0_0010, "OB", Value::Fragments(all)), ..Spec::bytes(1, 2, &[]) }
}

#[test]
fn frames_are_found_among_fragments() {
    let right = [1, 2, 3, 4, 5, 6];
    // Offsets count from the item behind the table: 8 bytes of header and 2 of value each.
    assert_eq!(stored(&fragments(&[0, 10, 20], &[&[1, 2], &[3, 4], &[5, 6]]), ENCAPSULATED).bytes, right);
    assert_eq!(stored(&fragments(&[], &[&[1, 2], &[3, 4], &[5, 6]]), ENCAPSULATED).bytes, right);
    // The second frame is in two fragments of one byte.
    assert_eq!(stored(&fragments(&[0, 10, 28], &[&[1, 2], &[3], &[4], &[5, 6]]), ENCAPSULATED).bytes, right);
    // A table that points nowhere, or to too few frames, is ignored: there is a fragment for each.
    for table in [&[0, 11, 20][..], &[4, 10, 20], &[0, 10], &[0, 0, 0], &[0, 20, 10]] {
        let image = image(fragments(table, &[&[1, 2], &[3, 4], &[5, 6]]).file(ENCAPSULATED)).unwrap();
        assert_eq!(dicom::stored(&image, None).unwrap().bytes, right);
        assert_eq!(image.warnings(), ["offset-table-ignored"]);
    }
    let refused = |spec: &Spec| image(spec.file(ENCAPSULATED)).and_then(|i| dicom::stored(&i, None)).unwrap_err();
    let fault = refused(&fragments(&[], &[&[1, 2], &[3, 4]]));
    assert_eq!((fault.reason, fault.place), (Reason::Inconsistent, "NumberOfFrames"));
    let fault = refused(&fragments(&[], &[&[1, 2], &[3], &[4], &[5, 6]]));
    assert_eq!((fault.reason, fault.place), (Reason::Inconsistent, "PixelData"));
    let fault = refused(&fragments(&[], &[&[1, 2], &[3], &[5, 6]]));
    assert_eq!((fault.reason, fault.place), (Reason::Truncated, "PixelData"));
    // One frame in many fragments.
    let one = Spec { frames: None, ..fragments(&[], &[&[1], &[2]]) };
    assert_eq!(stored(&one, ENCAPSULATED).bytes, [1, 2]);
}

#[test]
fn an_extended_offset_table_comes_first() {
    let longs = |values: [u64; 3]| Value::Bytes(values.iter().flat_map(|v| v.to_le_bytes()).collect());
    let with = |first: &[u8], lengths: [u64; 3]| {
        let next = 8 + first.len() as u64;
        let table = (0x7FE0_0001, "OV", longs([0, next, next + 10]));
        let spec = fragments(&[], &[first, &[3, 4], &[5, 6]]).with(table).with((0x7FE0_0002, "OV", longs(lengths)));
        let image = image(spec.file(ENCAPSULATED)).unwrap();
        assert_eq!(dicom::stored(&image, None).unwrap().bytes, [1, 2, 3, 4, 5, 6]);
        (image.stream(0).map(|(stream, _)| stream.len()), image.warnings().to_vec())
    };
    assert_eq!(with(&[1, 2, 9], [2, 2, 2]), (Some(2), vec![]));
    // Lengths that leave out more than a byte of padding say nothing; those that go beyond what is there end with it.
    assert_eq!(with(&[1, 2, 9, 9], [2, 2, 2]), (Some(4), vec!["offset-table-ignored"]));
    assert_eq!(with(&[1, 2], [2, 2, 0]), (Some(2), vec!["offset-table-ignored"]));
    assert_eq!(with(&[1, 2], [2, 9, 9]), (Some(2), vec![]));
}

/// PS3.5 A.4 keeps fragments for encapsulated syntaxes.
#[test]
fn uncompressed_pixels_in_fragments_are_refused() {
    assert_eq!(refused(&fragments(&[], &[&[1, 2], &[3, 4], &[5, 6]])), (Reason::Inconsistent, "PixelData"));
}

#[test]
fn streams_are_told_apart_by_their_first_bytes() {
    // Two JPEG-like streams of two fragments each and no table: only the marker shows where the second begins.
    let head: &[u8] = b"\xFF\xD8\xFF\xE0 twelve bytes";
    let spec = Spec { frames: Some("2"), ..fragments(&[], &[head, b"more", head, b"rest"]) };
    let image = image(spec.file("1.2.840.10008.1.2.4.50")).unwrap();
    assert_eq!(image.stream(1).map(|(s, _)| s.into_owned()), Some([head, b"rest"].concat()));
    // With one frame announced, the second stream is not glued to the first.
    let one = opened_as(Spec { frames: None, ..spec }, "1.2.840.10008.1.2.4.50");
    assert_eq!(one.stream(0).map(|(s, _)| s.into_owned()), Some([head, b"more"].concat()));
    assert_eq!(one.warnings(), ["excess-pixel-data"]);
}

fn rescale(slope: &'static str, intercept: &'static str) -> Vec<Element> {
    vec![text(0x0028_1052, "DS", intercept), text(0x0028_1053, "DS", slope)]
}

fn group(sequence: u32, elements: Vec<Element>) -> Element {
    (sequence, "SQ", Value::Items(vec![elements], true))
}

#[test]
fn a_frame_without_its_own_group_gets_the_shared_one_and_not_its_neighbours() {
    let own = |slope| {
        vec![
            group(0x0028_9145, rescale(slope, "0")),
            group(0x0028_9132, vec![text(0x0028_1050, "DS", slope), text(0x0028_1051, "DS", "10")]),
        ]
    };
    let per_frame = vec![own("2"), vec![], own("4")];
    let place = |x| group(0x0020_9113, vec![text(0x0020_0032, "DS", x)]);
    let per_frame: Vec<Vec<Element>> = per_frame
        .into_iter()
        .zip(["0\\0\\1", "0\\0\\2", "0\\0\\3"])
        .map(|(e, x)| [vec![place(x)], e].concat())
        .collect();
    let spec = Spec { frames: Some("3"), ..Spec::grey(1, 1, &[1, 2, 3]) }
        .with(group(
            0x5200_9229,
            vec![
                group(0x0028_9110, vec![text(0x0028_0030, "DS", "0.5\\0.25")]),
                group(0x0028_9145, rescale("9", "-1")),
            ],
        ))
        .with((0x5200_9230, "SQ", Value::Items(per_frame, false)));
    for syntax in [EXPLICIT, IMPLICIT] {
        let image = image(spec.file(syntax)).unwrap();
        let read: Vec<_> = (0..3).map(|f| image.interpretation(f).unwrap()).collect();
        let slope = |slope, intercept| Modality::Rescale { slope, intercept };
        assert_eq!(
            read.iter().map(|i| i.modality.clone()).collect::<Vec<_>>(),
            [slope(2.0, 0.0), slope(9.0, -1.0), slope(4.0, 0.0)]
        );
        assert_eq!(read.iter().map(|i| i.voi.len()).collect::<Vec<_>>(), [1, 0, 1]);
        let places: Vec<_> = (0..3).map(|f| image.geometry(f).position_mm.unwrap()[2]).collect();
        assert_eq!(places, [1.0, 2.0, 3.0]);
        assert_eq!(image.geometry(1).pixel_spacing_mm, Some([0.5, 0.25]));
    }
}

#[test]
fn what_cannot_be_read_is_refused_and_never_a_default() {
    let spec = Spec::grey(1, 1, &[7]);
    let with = |extra: Vec<Element>| Spec { extra, ..spec.clone() };
    let cases: &[(Vec<Element>, Reason, &str)] = &[
        (rescale("one", "0"), Reason::BadValue, "RescaleSlope"),
        (rescale("nan", "0"), Reason::BadValue, "RescaleSlope"),
        (rescale("1e999", "0"), Reason::BadValue, "RescaleSlope"),
        (rescale("0", "5"), Reason::BadValue, "RescaleSlope"),
        (rescale("1", "1\\2"), Reason::BadValue, "RescaleIntercept"),
        (rescale("1", ""), Reason::BadValue, "RescaleIntercept"),
        (rescale("", "1"), Reason::BadValue, "RescaleSlope"),
        (vec![text(0x0028_1050, "DS", "40"), text(0x0028_1051, "DS", "wide")], Reason::BadValue, "WindowWidth"),
        (vec![text(0x0028_1056, "CS", "CUBIC")], Reason::BadValue, "VOILUTFunction"),
        (vec![us(0x0028_0010, 0)], Reason::BadValue, "Rows"),
        (vec![(0x0028_0010, "US", Value::Words(vec![1, 2]))], Reason::BadValue, "Rows"),
        (vec![(0x0028_0010, "UL", Value::Longs(vec![70000]))], Reason::BadValue, "Rows"),
        (vec![text(0x0028_0010, "LO", "1")], Reason::BadValue, "Rows"),
        (vec![us(0x0028_0002, 4)], Reason::Inconsistent, "SamplesPerPixel"),
        (vec![us(0x0028_0002, 3)], Reason::Inconsistent, "SamplesPerPixel"),
        (vec![text(0x0028_0004, "CS", "HSV")], Reason::UnsupportedPhotometric, "PhotometricInterpretation"),
        (vec![text(0x0028_0004, "CS", "")], Reason::BadValue, "PhotometricInterpretation"),
        (vec![us(0x0028_0100, 36)], Reason::UnsupportedPixels, "BitsAllocated"),
        (vec![us(0x0028_0101, 0)], Reason::BadValue, "BitsStored"),
        (vec![us(0x0028_0101, 17)], Reason::BadValue, "BitsStored"),
        (vec![us(0x0028_0103, 2)], Reason::BadValue, "PixelRepresentation"),
        (vec![text(0x0028_0008, "IS", "1A")], Reason::BadValue, "NumberOfFrames"),
        (vec![text(0x0028_0008, "IS", "-1")], Reason::BadValue, "NumberOfFrames"),
        (vec![text(0x0028_0008, "IS", "2")], Reason::Truncated, "PixelData"),
        (vec![us(0x0028_0010, 2)], Reason::Truncated, "PixelData"),
        (vec![text(0x0028_0004, "CS", "PALETTE COLOR")], Reason::BadValue, "RedPaletteColorLookupTableDescriptor"),
        (vec![group(0x0028_3000, vec![])], Reason::BadValue, "LUTDescriptor"),
        (
            vec![group(
                0x0028_3010,
                vec![(0x0028_3002, "US", Value::Words(vec![3, 0, 16])), (0x0028_3006, "OW", Value::Words(vec![1]))],
            )],
            Reason::Truncated,
            "LUTData",
        ),
        (
            vec![group(
                0x0028_3010,
                vec![(0x0028_3002, "US", Value::Words(vec![1, 0, 40])), (0x0028_3006, "OW", Value::Words(vec![1]))],
            )],
            Reason::BadValue,
            "LUTDescriptor",
        ),
    ];
    for (extra, reason, place) in cases {
        assert_eq!(refused(&with(extra.clone())), (*reason, *place));
    }
    assert_eq!(cases.len(), 29);
    // Absent is absent: both empty, or neither there.
    for extra in [rescale("", ""), vec![]] {
        let image = image(with(extra).file(EXPLICIT)).unwrap();
        assert_eq!(image.interpretation(0).unwrap().modality, Modality::Identity);
    }
}

#[test]
fn windows_that_the_standard_forbids_are_dropped_with_a_word() {
    let windows = vec![text(0x0028_1050, "DS", "40\\50\\60"), text(0x0028_1051, "DS", "400\\0.5\\1")];
    let spec = Spec { extra: windows, ..Spec::grey(1, 1, &[7]) };
    let image = image(spec.file(EXPLICIT)).unwrap();
    let window = |center, width, function| Voi::Window { center, width, function };
    let linear = VoiFunction::Linear;
    assert_eq!(image.interpretation(0).unwrap().voi, [window(40.0, 400.0, linear), window(60.0, 1.0, linear)]);
    assert_eq!(image.warnings(), ["window-width-unusable"]);
    assert_eq!(image.decode(0).unwrap().warnings, ["window-width-unusable"]);
    let exact = spec.with(text(0x0028_1056, "CS", "LINEAR_EXACT"));
    let voi = opened(exact).interpretation(0).unwrap().voi;
    assert_eq!(voi[1], window(50.0, 0.5, VoiFunction::LinearExact));
}

fn opened(spec: Spec) -> Image {
    opened_as(spec, EXPLICIT)
}

fn opened_as(spec: Spec, syntax: &'static str) -> Image {
    image(spec.file(syntax)).unwrap()
}

#[test]
fn tables_have_their_quirks() {
    let lut = |descriptor: [u16; 3], vr, data: Value| {
        group(0x0028_3000, vec![(0x0028_3002, vr, Value::Words(descriptor.to_vec())), (0x0028_3006, "OW", data)])
    };
    let read = |element: Element, signed, syntax| {
        let spec = Spec { signed, ..Spec::grey(1, 1, &[7]) }.with(element);
        match image(spec.file(syntax)).unwrap().interpretation(0).unwrap().modality {
            Modality::Lut(lut) => (lut.first, lut.entries, lut.bits),
            other => panic!("{other:?}"),
        }
    };
    for syntax in [EXPLICIT, IMPLICIT, BIG] {
        // 0xFFFE is -2 for signed pixels, also where US was written.
        assert_eq!(read(lut([2, 0xFFFE, 12], "SS", Value::Words(vec![1, 4095])), 1, syntax), (-2, vec![1, 4095], 12));
        assert_eq!(read(lut([2, 0xFFFE, 12], "US", Value::Words(vec![1, 4095])), 1, syntax), (-2, vec![1, 4095], 12));
        assert_eq!(read(lut([2, 0xFFFE, 12], "US", Value::Words(vec![1, 4095])), 0, syntax).0, 65534);
        // 0 stands for 65536 entries.
        let many: Vec<u16> = (0..=65535).collect();
        assert_eq!(read(lut([0, 0, 16], "US", Value::Words(many.clone())), 0, syntax), (0, many, 16));
    }
    // 8-bit entries two to a word, the first in the low byte; odd counts are padded.
    assert_eq!(read(lut([3, 5, 8], "US", Value::Bytes(vec![7, 8, 9, 0])), 0, EXPLICIT), (5, vec![7, 8, 9], 8));
    assert_eq!(read(lut([3, 5, 8], "US", Value::Bytes(vec![8, 7, 0, 9])), 0, BIG), (5, vec![7, 8, 9], 8));
    // 16-bit entries of which none is beyond 8 bits although 8 are announced, and one that is: 300 needs 9 bits.
    assert_eq!(read(lut([2, 0, 8], "US", Value::Words(vec![7, 255])), 0, EXPLICIT), (0, vec![7, 255], 8));
    assert_eq!(read(lut([2, 0, 8], "US", Value::Words(vec![7, 300])), 0, EXPLICIT), (0, vec![7, 300], 9));
}

#[test]
fn segmented_palettes_are_expanded() {
    // Discrete 2 entries 0 10; linear 4 entries to 18 (12 14 16 18); indirect: 1 segment at byte offset 0, the
    // discrete one again (0 10). Nine cells of 16 bits.
    let cells = vec![0, 2, 0, 10, 1, 4, 18, 2, 1, 0, 0];
    let channel = |element: u32, data: Value| {
        [(0x0028_1100 + element, "US", Value::Words(vec![8, 0, 16])), (0x0028_1220 + element, "OW", data)]
    };
    let palette =
        |cells: &[u16]| -> Vec<Element> { (1..=3).flat_map(|c| channel(c, Value::Words(cells.to_vec()))).collect() };
    let spec = Spec { photometric: "PALETTE COLOR", extra: palette(&cells), ..Spec::grey(1, 1, &[1]) };
    for syntax in [EXPLICIT, BIG] {
        let image = image(spec.file(syntax)).unwrap();
        let palette = image.interpretation(0).unwrap().palette.unwrap();
        assert_eq!(palette.channels[2].entries, [0, 10, 12, 14, 16, 18, 0, 10]);
    }
    // Too few entries, a linear segment first, an unknown code, an indirect one that points to itself or outside.
    let bad: &[&[u16]] =
        &[&[0, 2, 0, 10], &[1, 4, 18], &[9, 4, 18], &[0, 1, 5, 2, 9, 6, 0], &[0, 1, 5, 2, 9, 600, 0], &[0, 0, 0, 0]];
    for cells in bad {
        let (reason, place) = refused(&Spec { extra: palette(cells), ..spec.clone() });
        assert!(matches!(reason, Reason::BadValue | Reason::Truncated), "{cells:?}");
        assert_eq!(place, "SegmentedRedPaletteColorLookupTableData");
    }
}

#[test]
fn padding_takes_the_way_of_the_samples() {
    let padded = |signed, value: u16, limit: Option<u16>| {
        let mut spec = Spec { signed, stored: 12, high: 11, ..Spec::grey(1, 1, &[7]) }.with(us(0x0028_0120, value));
        spec.extra.extend(limit.map(|l| us(0x0028_0121, l)));
        opened(spec).interpretation(0).unwrap().padding
    };
    // 0xF830 is -2000: in 12 bits 0x830 = 2096 unsigned, -2000 signed.
    assert_eq!(padded(1, 0xF830, None), Some((-2000, -2000)));
    assert_eq!(padded(0, 0xF830, None), Some((2096, 2096)));
    assert_eq!(padded(0, 100, Some(20)), Some((20, 100)));
}

#[test]
fn padding_of_floats_is_blanked_where_it_is_a_whole_number() {
    let pixels = (0x7FE0_0008, "OF", Value::Longs(vec![1.5f32.to_bits()]));
    let read = |value: f32, limit: Option<f32>| {
        let float = |tag, v: f32| (tag, "FL", Value::Longs(vec![v.to_bits()]));
        let mut spec = Spec { allocated: 32, pixels: pixels.clone(), ..Spec::grey(1, 1, &[]) };
        spec.extra.push(float(0x0028_0122, value));
        spec.extra.extend(limit.map(|v| float(0x0028_0124, v)));
        let image = opened(spec);
        (image.interpretation(0).unwrap().padding, image.warnings().contains(&"float-padding-kept"))
    };
    assert_eq!(read(-1e6, None), (Some((-1_000_000, -1_000_000)), false));
    assert_eq!(read(-10.0, Some(-20.0)), (Some((-20, -10)), false));
    // No values, and blank for that reason.
    assert_eq!(read(f32::NAN, None), (None, false));
    assert_eq!(read(f32::MIN, None), (None, false));
    assert_eq!(read(0.25, None), (None, true));
}

#[test]
fn a_dose_grid_is_scaled_and_its_frames_lie_at_their_offsets() {
    // HFS, rows to the left, columns to the back: the normal is (0, 0, 1); feet first head down it is (0, 0, -1).
    let grid = |orientation, offsets| {
        let mut spec = Spec { frames: Some("3"), ..Spec::grey(1, 1, &[1, 2, 3]) };
        spec.extra.push(text(0x0020_0032, "DS", "10\\20\\-5"));
        spec.extra.push(text(0x0020_0037, "DS", orientation));
        spec.extra.push(text(0x3004_000C, "DS", offsets));
        spec.extra.push(text(0x3004_000E, "DS", "2.5e-3"));
        let image = opened(spec);
        let how = image.interpretation(0).unwrap();
        assert_eq!(how.values(), Modality::Rescale { slope: 0.0025, intercept: 0.0 });
        // What pydicom calls the modality value is the stored one.
        assert_eq!(how.modality, Modality::Identity);
        [0, 1, 2].map(|frame| image.geometry(frame).position_mm)
    };
    let at = |z: f32| Some([10.0, 20.0, z]);
    assert_eq!(grid("1\\0\\0\\0\\1\\0", "0\\3\\7.5"), [at(-5.0), at(-2.0), at(2.5)]);
    assert_eq!(grid("1\\0\\0\\0\\1\\0", "-5\\-2\\2.5"), [at(-5.0), at(-2.0), at(2.5)]);
    assert_eq!(grid("1\\0\\0\\0\\-1\\0", "0\\3\\6"), [at(-5.0), at(-8.0), at(-11.0)]);
    assert_eq!(grid("1\\0\\0\\0\\1\\0", "0\\3"), [at(-5.0), at(-2.0), None], "a frame without an offset");
}

#[test]
fn a_file_is_skimmed_up_to_its_pixels_and_on_behind_them() {
    let behind = text(0xFFFC_FFFC, "OB", "behind");
    let spec = Spec::grey(256, 256, &[7; 65_536]).with(text(0x0010_0010, "PN", "A^B")).with(behind);
    for syntax in [EXPLICIT, IMPLICIT] {
        let bytes = spec.file(syntax);
        let skimmed = dicom::skim(&mut std::io::Cursor::new(&bytes)).unwrap().expect("has pixels");
        // 131,072 bytes of pixels are gone; the length of their element says so.
        assert_eq!(skimmed.len(), bytes.len() - 131_072, "{syntax}");
        assert!(skimmed.ends_with(b"behind") && skimmed.starts_with(&bytes[..300]));
        let fault = dicom::open(skimmed).unwrap().image.unwrap_err();
        assert_eq!((fault.reason, fault.place), (Reason::Truncated, "PixelData"), "{syntax}");
        // Pixels that are cut off, and what is no DICOM, are read whole.
        let cut = &bytes[..bytes.len() - 1000];
        assert_eq!(dicom::skim(&mut std::io::Cursor::new(cut)).unwrap(), None);
        assert_eq!(dicom::skim(&mut std::io::Cursor::new(&bytes[1000..])).unwrap(), None);
    }
}
