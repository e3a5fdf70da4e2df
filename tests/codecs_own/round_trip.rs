//! What our encoders write, our decoders read back: random shapes, depths and contents.

use super::{Xorshift, decoded};
use proptest::prelude::*;
use voxmill::read::codecs::{Announced, Decoder, jpeg_lossless, jpeg_ls, rle};
use voxmill::write::encode::{self, Picture, jpeg_ls::Interleave};

/// A random picture's bytes: noise, ramps and flat runs in turn, so that every mode of every coder is met.
fn bytes(seed: u64, count: usize, bits: u8, flatness: usize) -> Vec<u8> {
    let mut random = Xorshift(seed | 1);
    let mask = (1u64 << bits) - 1;
    let (mut value, mut left) = (0u64, 0usize);
    let mut bytes = Vec::new();
    for _ in 0..count {
        if left == 0 {
            value = random.next();
            left = random.below(flatness);
        } else {
            left -= 1;
            value = value.wrapping_add((random.next() & 3) / 3);
        }
        let size = usize::from(bits).div_ceil(8).next_power_of_two();
        bytes.extend_from_slice(&(value & mask).to_le_bytes()[..size]);
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_we_write_we_read(
        rows in 1u32..40,
        columns in 1u32..40,
        samples in 1u8..=4,
        bits in 2u8..=16,
        seed in any::<u64>(),
        flatness in 1usize..60,
    ) {
        let bytes = bytes(seed, (rows * columns) as usize * samples as usize, bits, flatness);
        let picture = Picture { rows, columns, samples, bits_stored: bits, bytes: &bytes };
        let bits_allocated = bits.next_multiple_of(8);
        let announced =
            Announced { rows, columns, samples, bits_allocated, bits_stored: bits, signed: false, rgb: samples == 3 };
        let streams: [(Decoder, Vec<u8>); 4] = [
            (jpeg_lossless::decode, encode::jpeg_lossless::encode(&picture).expect("encodes")),
            (jpeg_ls::decode, encode::jpeg_ls::encode(&picture, Interleave::Line).expect("encodes")),
            (jpeg_ls::decode, encode::jpeg_ls::encode(&picture, Interleave::Sample).expect("encodes")),
            (rle::decode, encode::rle::encode(&picture).expect("encodes")),
        ];
        for (index, (decoder, stream)) in streams.iter().enumerate() {
            let (coded, out) = decoded(*decoder, stream, &announced).expect("our own stream");
            prop_assert!(out == bytes, "codec {index}");
            prop_assert!(!coded.lossy && coded.warnings.is_empty(), "codec {index}");
        }
    }

    #[test]
    fn thirty_two_bits_go_through_rle(rows in 1u32..20, columns in 1u32..20, samples in 1u8..=3, seed in any::<u64>()) {
        let bytes = bytes(seed, (rows * columns) as usize * samples as usize, 32, 9);
        let picture = Picture { rows, columns, samples, bits_stored: 32, bytes: &bytes };
        let announced =
            Announced { rows, columns, samples, bits_allocated: 32, bits_stored: 32, signed: false, rgb: samples == 3 };
        let stream = encode::rle::encode(&picture).expect("encodes");
        prop_assert!(decoded(rle::decode, &stream, &announced).expect("our own stream").1 == bytes);
    }
}

#[test]
fn a_signed_picture_is_coded_without_its_sign_bits() {
    // -1 and 5 as 12 bits in 16: the bits above the twelfth are the sign's and come back as zeros.
    let bytes = [0xFF, 0xFF, 0x05, 0x00];
    let picture = Picture { rows: 1, columns: 2, samples: 1, bits_stored: 12, bytes: &bytes };
    let announced =
        Announced { rows: 1, columns: 2, samples: 1, bits_allocated: 16, bits_stored: 12, signed: true, rgb: false };
    let stream = encode::jpeg_lossless::encode(&picture).expect("encodes");
    let (coded, out) = decoded(jpeg_lossless::decode, &stream, &announced).expect("decodes");
    assert_eq!((coded.precision, out), (12, vec![0xFF, 0x0F, 0x05, 0x00]));
}

#[test]
fn the_difference_of_category_sixteen_has_no_bits_of_its_own() {
    // T.81 H.1.2.2: 0 to 32768 and back; 65535 behind 0 is the difference -1.
    let bytes: Vec<u8> =
        [0x8000u16, 0, 0x8000, 0, 0xFFFF, 0x7FFF].iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let picture = Picture { rows: 1, columns: 6, samples: 1, bits_stored: 16, bytes: &bytes };
    let announced =
        Announced { rows: 1, columns: 6, samples: 1, bits_allocated: 16, bits_stored: 16, signed: false, rgb: false };
    let stream = encode::jpeg_lossless::encode(&picture).expect("encodes");
    let table = stream.windows(2).position(|pair| pair == [0xFF, 0xC4]).expect("a table");
    assert!(stream[table..table + 30].contains(&16), "the table has category 16");
    assert_eq!(decoded(jpeg_lossless::decode, &stream, &announced).expect("decodes").1, bytes);
}
