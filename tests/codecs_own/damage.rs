//! Damaged streams: cut ones are refused as truncated, contradictions as inconsistent, and nothing panics, hangs or
//! goes on working behind the end of its data.

use super::fixtures::{self, Fixture};
use super::{Xorshift, decoded};
use voxmill::error::{Fault, Kind, Reason};
use voxmill::read::codecs::{Announced, Decoder, jpeg_lossless, jpeg_ls, rle};
use voxmill::write::encode::{self, Picture, jpeg_ls::Interleave};

/// Mutations of each stream.
const MUTATIONS: usize = 150;

fn number(fault: &Fault, name: &str) -> i128 {
    fault.numbers.iter().find(|(found, _)| *found == name).expect("a number of that name").1
}

#[test]
fn no_damage_makes_a_decoder_panic() {
    let mut random = Xorshift(0x0BAD_5EED);
    let mut tried = 0;
    let mut refused = 0;
    for Fixture { name, decoder, announced, stream, .. } in fixtures::all() {
        for _ in 0..MUTATIONS {
            let mut damaged = stream.clone();
            for _ in 0..=random.below(3) {
                let at = random.below(damaged.len());
                match random.below(6) {
                    0 => damaged[at] = 0xFF,
                    1 => damaged[at] ^= 1 << random.below(8),
                    2 => damaged[at] = random.next() as u8,
                    3 => damaged.insert(at, random.next() as u8),
                    4 if damaged.len() > 1 => drop(damaged.remove(at)),
                    _ => damaged.truncate(at.max(1)),
                }
            }
            if let Err(fault) = decoded(decoder, &damaged, &announced) {
                assert_eq!(fault.kind, Kind::Input, "{name}");
                refused += 1;
            }
            tried += 1;
        }
    }
    assert_eq!(tried, 76 * MUTATIONS);
    // Damage of a lossless code often gives another picture; but most header damage must show.
    assert!(refused > tried / 3, "{refused} of {tried}");
}

#[test]
fn every_cut_stream_is_refused_as_truncated() {
    let mut cuts = 0;
    for Fixture { name, decoder, announced, stream, .. } in fixtures::all() {
        // The end marker, a byte of padding, and bits of padding may go without loss.
        for length in 0..stream.len().saturating_sub(5) {
            let fault = decoded(decoder, &stream[..length], &announced).expect_err(&name);
            assert_eq!(fault.reason, Reason::Truncated, "{name} cut to {length}: {fault}");
            cuts += 1;
        }
    }
    assert!(cuts > 30_000, "{cuts}");
}

#[test]
fn a_missing_end_marker_is_a_warning() {
    for (name, decoder) in
        [("ll-grey8-p1.jpg", jpeg_lossless::decode as Decoder), ("ls-grey8-near0.jls", jpeg_ls::decode)]
    {
        let fixture = fixtures::all().into_iter().find(|fixture| fixture.name == name).expect("a fixture");
        let end = fixture.stream.windows(2).rposition(|pair| pair == [0xFF, 0xD9]).expect("an end marker");
        let (coded, _) = decoded(decoder, &fixture.stream[..end], &fixture.announced).expect("decodes");
        assert_eq!(coded.warnings, ["no-end-marker"]);
    }
}

#[test]
fn a_stream_that_contradicts_the_announcement_is_refused() {
    let mut refused = 0;
    for Fixture { name, decoder, announced, stream, .. } in fixtures::all() {
        let other_shapes = [
            Announced { rows: announced.rows + 1, ..announced },
            Announced { rows: announced.rows - 1, ..announced },
            Announced { columns: announced.columns + 1, ..announced },
            Announced { columns: announced.columns - 1, ..announced },
            Announced { samples: 2, rgb: false, ..announced },
        ];
        for other in other_shapes {
            let fault = decoded(decoder, &stream, &other).expect_err(&name);
            // RLE has no size of its own: a larger frame looks like a stream that ends early.
            let larger = name.ends_with(".rle") && other.frame_bytes() > announced.frame_bytes();
            if !(larger && fault.reason == Reason::Truncated) {
                assert_eq!(fault.reason, Reason::Inconsistent, "{name}: {fault}");
            }
            refused += 1;
        }
        if announced.bits_stored > 8 {
            let narrow = Announced { bits_allocated: 8, bits_stored: 8, ..announced };
            assert_eq!(decoded(decoder, &stream, &narrow).expect_err(&name).reason, Reason::Inconsistent, "{name}");
        }
    }
    assert_eq!(refused, 76 * 5);
}

#[test]
fn more_precision_than_bits_stored_is_a_warning() {
    let fixture = fixtures::all().into_iter().find(|fixture| fixture.name == "ll-grey16-p1.jpg").expect("a fixture");
    let narrow = Announced { bits_stored: 12, ..fixture.announced };
    let (coded, _) = decoded(fixture.decoder, &fixture.stream, &narrow).expect("decodes");
    assert_eq!((coded.precision, coded.warnings), (16, vec!["precision-above-bits-stored"]));
}

/// The work of a decoder is bounded by its data: it stops in the row in which they end, however large the frame.
#[test]
fn work_ends_where_the_data_end() {
    let (rows, columns) = (3000, 500);
    let mut random = Xorshift(7);
    let bytes: Vec<u8> = (0..rows * columns).map(|_| random.next() as u8).collect();
    let picture = Picture { rows, columns, samples: 1, bits_stored: 8, bytes: &bytes };
    let announced =
        Announced { rows, columns, samples: 1, bits_allocated: 8, bits_stored: 8, signed: false, rgb: false };
    let streams: [(Decoder, Vec<u8>); 2] = [
        (jpeg_lossless::decode, encode::jpeg_lossless::encode(&picture).expect("encodes")),
        (jpeg_ls::decode, encode::jpeg_ls::encode(&picture, Interleave::Line).expect("encodes")),
    ];
    for (decoder, stream) in streams {
        let fault = decoded(decoder, &stream[..4096], &announced).expect_err("4 KB of 1.5 MB");
        // Noise takes at least 8 bits a sample: 4096 bytes are fewer than 9 rows of 500.
        assert_eq!((fault.reason, number(&fault, "row") < 9), (Reason::Truncated, true), "{fault}");
    }
    let stream = encode::rle::encode(&picture).expect("encodes");
    let fault = decoded(rle::decode, &stream[..4096], &announced).expect_err("4 KB of 1.5 MB");
    assert_eq!((fault.reason, number(&fault, "found") < 4096), (Reason::Truncated, true), "{fault}");
}
