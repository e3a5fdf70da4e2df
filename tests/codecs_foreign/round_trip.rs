//! Our JPEG 2000 encoder against the decoder: every shape comes back as it was.

use voxmill::read::codecs::{Announced, Colour, guard, jpeg2000};
use voxmill::write::encode::{self, Picture};

/// A ramp with a dent, over all stored bits; the same arithmetic for every shape.
fn bytes(rows: u32, columns: u32, samples: u8, bits: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    for y in 0..rows {
        for x in 0..columns {
            for channel in 0..u32::from(samples) {
                let dent = if (2..5).contains(&y) && x < 3 { 7919 } else { 0 };
                let value = (y * 257 + x * 31 * (channel + 1) + dent) & ((1 << bits) - 1);
                match bits {
                    0..=8 => bytes.push(value as u8),
                    _ => bytes.extend((value as u16).to_le_bytes()),
                }
            }
        }
    }
    bytes
}

#[test]
fn pictures_come_back_from_jpeg_2000() {
    let mut walked = 0;
    for (rows, columns) in [(1, 1), (1, 70), (37, 1), (61, 47)] {
        for samples in [1, 3] {
            for (bits, signed) in [(1, false), (8, false), (8, true), (12, false), (12, true), (16, false), (16, true)]
            {
                let bytes = bytes(rows, columns, samples, bits);
                let picture = Picture { rows, columns, samples, bits_stored: bits, bytes: &bytes };
                let stream = encode::jpeg2000::encode(&picture, signed).expect("a picture");
                let announced = Announced {
                    rows,
                    columns,
                    samples,
                    bits_allocated: if bits > 8 { 16 } else { 8 },
                    bits_stored: bits,
                    signed,
                    rgb: samples == 3,
                };
                let mut out = vec![0; announced.frame_bytes()];
                let coded = guard::run(jpeg2000::decode, &stream, &announced, &mut out).expect("decodes");
                // Signed samples come out sign-extended; what was stored are the lowest bits.
                let mask = ((1u32 << bits) - 1) as u16;
                match bits {
                    0..=8 => out.iter_mut().for_each(|byte| *byte &= mask as u8),
                    _ => out
                        .as_chunks_mut::<2>()
                        .0
                        .iter_mut()
                        .for_each(|pair| *pair = (u16::from_le_bytes(*pair) & mask).to_le_bytes()),
                }
                assert!(out == bytes, "{rows}x{columns}x{samples}, {bits} bits, signed {signed}");
                assert_eq!((coded.precision, coded.signed, coded.lossy), (bits, Some(signed), false));
                assert_eq!(coded.colour, if samples == 3 { Colour::Rgb } else { Colour::AsAnnounced });
                walked += 1;
            }
        }
    }
    assert_eq!(walked, 4 * 2 * 7);
}
