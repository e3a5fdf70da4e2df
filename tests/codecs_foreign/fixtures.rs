//! Small streams of other encoders against the arrays that other decoders, or the pictures themselves, give.

use std::path::PathBuf;
use voxmill::error::Result;
use voxmill::read::codecs::{Announced, Coded, Colour, Decoder, Treatment, decoder_for, guard, jpeg_dct, jpeg2000};
use voxmill::write::encode::{self, Picture};

/// One row of foreign/index.csv with its two files.
pub struct Fixture {
    pub name: String,
    pub uid: String,
    pub announced: Announced,
    pub colour: Colour,
    pub tolerance: u32,
    pub stream: Vec<u8>,
    pub wanted: Vec<u8>,
}

impl Fixture {
    pub fn decoder(&self) -> Decoder {
        match decoder_for(&self.uid).expect("a syntax of the table").treatment {
            Treatment::Decode(decoder) => decoder,
            other => panic!("{}: {other:?}", self.name),
        }
    }

    /// Decodes `stream` as if it were this fixture's.
    pub fn decode(&self, stream: &[u8]) -> Result<(Vec<u8>, Coded)> {
        self.decode_as(stream, &self.announced)
    }

    /// Decodes `stream` announced as something else.
    pub fn decode_as(&self, stream: &[u8], announced: &Announced) -> Result<(Vec<u8>, Coded)> {
        let mut out = vec![0; announced.frame_bytes()];
        guard::run(self.decoder(), stream, announced, &mut out).map(|coded| (out, coded))
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/codecs/foreign")
}

pub fn file(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub fn fixtures() -> Vec<Fixture> {
    let index = String::from_utf8(file("index.csv")).expect("text");
    let fixture = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |at: usize| cells[at].parse::<u32>().expect("a number");
        Fixture {
            name: cells[0].to_string(),
            uid: cells[1].to_string(),
            announced: Announced {
                rows: number(2),
                columns: number(3),
                samples: number(4) as u8,
                bits_allocated: number(5) as u8,
                bits_stored: number(6) as u8,
                signed: number(7) == 1,
                rgb: number(8) == 1,
            },
            colour: match cells[9] {
                "rgb" => Colour::Rgb,
                "ybr" => Colour::YbrFull,
                _ => Colour::AsAnnounced,
            },
            tolerance: number(10),
            stream: file(cells[0]),
            wanted: file(&format!("{}.raw", cells[0])),
        }
    };
    index.lines().skip(1).map(fixture).collect()
}

/// The greatest difference between two arrays, and where.
fn greatest_difference(announced: &Announced, found: &[u8], wanted: &[u8]) -> (u32, usize) {
    assert_eq!(found.len(), wanted.len());
    let values = |bytes: &[u8]| -> Vec<u32> {
        match announced.sample_bytes() {
            1 => bytes.iter().map(|&byte| byte.into()).collect(),
            _ => bytes.as_chunks::<2>().0.iter().map(|&pair| u16::from_le_bytes(pair).into()).collect(),
        }
    };
    let differences = values(found).into_iter().zip(values(wanted)).map(|(a, b)| a.abs_diff(b));
    differences.zip(0..).max_by_key(|&(difference, _)| difference).expect("samples")
}

#[test]
fn every_stream_decodes_to_its_array_and_says_its_colour() {
    let fixtures = fixtures();
    for fixture in &fixtures {
        let (found, coded) =
            fixture.decode(&fixture.stream).unwrap_or_else(|fault| panic!("{}: {fault}", fixture.name));
        let (difference, at) = greatest_difference(&fixture.announced, &found, &fixture.wanted);
        assert!(difference <= fixture.tolerance, "{}: sample {at} differs by {difference}: {coded:?}", fixture.name);
        assert_eq!(coded.colour, fixture.colour, "{}", fixture.name);
        assert_eq!(coded.precision, fixture.announced.bits_stored, "{}", fixture.name);
        // The lossless syntaxes among the fixtures.
        let lossless = [".90", ".201", ".110"].iter().any(|end| fixture.uid.ends_with(end));
        assert_eq!(coded.lossy, !lossless, "{}", fixture.name);
    }
    assert_eq!(fixtures.len(), 41);
}

#[test]
fn an_eight_bit_stream_fits_a_sixteen_bit_container() {
    let mut walked = 0;
    for mut fixture in fixtures() {
        if fixture.announced.bits_allocated == 8 {
            fixture.announced.bits_allocated = 16;
            let (found, _) =
                fixture.decode(&fixture.stream).unwrap_or_else(|fault| panic!("{}: {fault}", fixture.name));
            let wide: Vec<u8> = fixture.wanted.iter().flat_map(|&byte| [byte, 0]).collect();
            let (difference, at) = greatest_difference(&fixture.announced, &found, &wide);
            assert!(difference <= fixture.tolerance, "{}: sample {at} differs by {difference}", fixture.name);
            walked += 1;
        }
    }
    assert_eq!(walked, 27);
}

#[test]
fn a_jpeg_xl_frame_in_an_unaligned_buffer_is_the_same() {
    let fixture = fixtures().into_iter().find(|fixture| fixture.name == "grey16.jxl").expect("a fixture");
    let mut room = vec![0u8; fixture.announced.frame_bytes() + 2];
    let odd = room.as_ptr().align_offset(2) ^ 1;
    let out = &mut room[odd..odd + fixture.announced.frame_bytes()];
    fixture.decoder()(&fixture.stream, &fixture.announced, out).expect("decodes");
    assert_eq!(out, fixture.wanted);
}

#[test]
fn quarter_size_is_what_pillow_makes_of_it() {
    let announced =
        Announced { rows: 72, columns: 44, samples: 1, bits_allocated: 8, bits_stored: 8, signed: false, rgb: false };
    let stream = file("reduce.j2k");
    let wanted = file("reduce.j2k.quarter.raw");
    assert_eq!(jpeg2000::resolution_levels(&stream), Ok(2));
    let mut out = vec![0; 18 * 11];
    for levels in [2, 200] {
        let (rows, columns, _) = jpeg2000::decode_reduced(&stream, &announced, levels, &mut out).expect("decodes");
        // No more halvings than the stream has.
        assert_eq!((rows, columns, out == wanted), (18, 11, true));
    }

    let stream = file("reduce.jpg");
    let wanted = file("reduce.jpg.quarter.raw");
    assert_eq!(jpeg_dct::halvings(&stream), 3);
    out.fill(0);
    let (rows, columns, _) = jpeg_dct::decode_scaled(&stream, &announced, 2, &mut out).expect("decodes");
    assert_eq!((rows, columns, out == wanted), (18, 11, true));
    let (rows, columns, _) = jpeg_dct::decode_scaled(&stream, &announced, 3, &mut out).expect("decodes");
    assert_eq!((rows, columns), (9, 6));
}

#[test]
fn colour_is_scaled_untransformed() {
    let fixture = fixtures().into_iter().find(|fixture| fixture.name == "ycbcr_420.jpg").expect("a fixture");
    let mut out = vec![0; 19 * 15 * 3];
    let (rows, columns, coded) =
        jpeg_dct::decode_scaled(&fixture.stream, &fixture.announced, 1, &mut out).expect("decodes");
    assert_eq!((rows, columns, coded.colour), (19, 15, Colour::YbrFull));
    assert_eq!(out, file("ycbcr_420.jpg.half.raw"));
}

#[test]
fn the_frame_header_picks_the_decoder_whatever_the_syntax_says() {
    let all = fixtures();
    // Twelve bits under the marker of the baseline.
    let fixture = all.iter().find(|fixture| fixture.name == "grey12_sequential.jpg").expect("a fixture");
    let mut stream = fixture.stream.clone();
    let frame = stream.windows(2).position(|pair| pair == [0xFF, 0xC1]).expect("SOF1");
    stream[frame + 1] = 0xC0;
    assert_eq!(fixture.decode(&stream).expect("decodes").0, fixture.wanted);

    // Lossless and JPEG-LS streams under the UID of the baseline.
    let fixture = all.iter().find(|fixture| fixture.name == "grey.jpg").expect("a fixture");
    let picture = Picture { rows: 37, columns: 29, samples: 1, bits_stored: 8, bytes: &fixture.wanted };
    let streams = [
        encode::jpeg_lossless::encode(&picture).expect("a picture"),
        encode::jpeg_ls::encode(&picture, encode::jpeg_ls::Interleave::Line).expect("a picture"),
    ];
    for stream in streams {
        let (found, coded) = fixture.decode(&stream).expect("decodes");
        assert_eq!(found, fixture.wanted);
        assert_eq!(coded.warnings, ["jpeg-process-differs-from-transfer-syntax"]);
        assert!(!coded.lossy);
    }
}
