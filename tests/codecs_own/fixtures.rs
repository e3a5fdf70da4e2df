//! Streams of fixtures/codecs: those of other encoders must decode to what other decoders made of them, and our
//! encoders must still write the streams that other decoders have read.

use super::{decoded, sha256};
use std::path::PathBuf;
use voxmill::read::codecs::{Announced, Colour, Decoder, jpeg_lossless, jpeg_ls, rle};
use voxmill::write::encode::{self, Picture, jpeg_ls::Interleave};

/// One row of index.csv with its stream.
pub struct Fixture {
    pub name: String,
    pub decoder: Decoder,
    pub announced: Announced,
    pub lossy: bool,
    pub sha256: String,
    pub stream: Vec<u8>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/codecs")
}

/// All rows, at least as many as were there when this was written.
pub fn all() -> Vec<Fixture> {
    let index = std::fs::read_to_string(folder().join("index.csv")).expect("index.csv");
    let fixtures: Vec<Fixture> = index
        .lines()
        .skip(1)
        .map(|line| {
            let field: Vec<&str> = line.split(',').collect();
            let number = |index: usize| field[index].parse::<u8>().expect("a small number");
            let bits_stored = number(5);
            Fixture {
                name: field[0].to_owned(),
                decoder: match field[1] {
                    "jpeg-lossless" => jpeg_lossless::decode,
                    "jpeg-ls" => jpeg_ls::decode,
                    "rle" => rle::decode,
                    other => panic!("unknown codec {other}"),
                },
                announced: Announced {
                    rows: number(2).into(),
                    columns: number(3).into(),
                    samples: number(4),
                    bits_allocated: bits_stored.next_multiple_of(8),
                    bits_stored,
                    signed: false,
                    rgb: number(4) == 3,
                },
                lossy: field[6] == "1",
                sha256: field[7].to_owned(),
                stream: std::fs::read(folder().join(field[0])).expect("a stream of the index"),
            }
        })
        .collect();
    assert_eq!(fixtures.len(), 76, "streams in index.csv");
    fixtures
}

#[test]
fn streams_of_other_encoders_decode_to_what_other_decoders_found() {
    for fixture in all() {
        let Fixture { name, announced, .. } = &fixture;
        let (coded, pixels) = decoded(fixture.decoder, &fixture.stream, announced).expect(name);
        assert_eq!(sha256(&pixels), fixture.sha256, "{name}");
        // DCMTK writes 12 bits as 16 when it shifts.
        let wide = name == "ll-grey12-dcmtk-p5-shift2.jpg";
        let warnings: &[&str] = if wide { &["precision-above-bits-stored"] } else { &[] };
        if !name.ends_with(".rle") {
            assert_eq!(coded.precision, if wide { 16 } else { announced.bits_stored }, "{name}");
        }
        assert_eq!((coded.lossy, coded.signed, &coded.warnings[..]), (fixture.lossy, None, warnings), "{name}");
        let hp = name.contains("-hp");
        assert_eq!(coded.colour, if hp { Colour::Rgb } else { Colour::AsAnnounced }, "{name}");
    }
}

#[test]
fn a_one_byte_file_fits_into_two_byte_containers() {
    for fixture in all().into_iter().filter(|fixture| fixture.announced.bits_stored == 8) {
        let (_, bytes) = decoded(fixture.decoder, &fixture.stream, &fixture.announced).expect("decodes");
        let wide = Announced { bits_allocated: 16, ..fixture.announced };
        if fixture.name.ends_with(".rle") || fixture.name.contains("-hp") {
            // RLE has a segment per byte, and HP's transforms are modulo the depth they are made for.
            continue;
        }
        let (_, words) = decoded(fixture.decoder, &fixture.stream, &wide).expect("decodes");
        let want: Vec<u8> = bytes.iter().flat_map(|byte| [*byte, 0]).collect();
        assert_eq!(words, want, "{}", fixture.name);
    }
}

/// Pictures that other encoders' streams hold, by the name that ours are called after.
const PICTURES: &[(&str, &str)] = &[
    ("grey4", "ls-grey4-near0.jls"),
    ("grey8", "ll-grey8-p1.jpg"),
    ("grey12", "ll-grey12-p4.jpg"),
    ("grey16", "ll-grey16-p1.jpg"),
    ("rgb8", "ll-rgb8-p1.jpg"),
    ("rgb16", "ls-rgb16-ilv0.jls"),
];

/// What our encoders make of the pictures: names and streams.
fn own() -> Vec<(String, Vec<u8>)> {
    let fixtures: Vec<_> = all();
    let mut streams = Vec::new();
    for (name, source) in PICTURES {
        let fixture = fixtures.iter().find(|fixture| fixture.name == *source).expect("a picture");
        let Announced { rows, columns, samples, bits_stored, .. } = fixture.announced;
        let (_, bytes) = decoded(fixture.decoder, &fixture.stream, &fixture.announced).expect("decodes");
        let picture = Picture { rows, columns, samples, bits_stored, bytes: &bytes };
        streams.push((format!("own-{name}.jpg"), encode::jpeg_lossless::encode(&picture).expect("encodes")));
        streams.push((format!("own-{name}.rle"), encode::rle::encode(&picture).expect("encodes")));
        let sample = encode::jpeg_ls::encode(&picture, Interleave::Sample).expect("encodes");
        streams.push((format!("own-{name}.jls"), sample));
    }
    streams
}

/// VOXMILL_BLESS=1 writes the streams anew; fixtures/codecs/make.py must then have other decoders read them.
#[test]
fn our_encoders_still_write_what_other_decoders_have_read() {
    let own = own();
    assert_eq!(own.len(), 18);
    for (name, stream) in own {
        let path = folder().join(&name);
        if std::env::var_os("VOXMILL_BLESS").is_some() {
            std::fs::write(&path, &stream).expect("writable fixtures");
        }
        assert_eq!(std::fs::read(&path).expect("a stream of ours"), stream, "{name}");
    }
}
