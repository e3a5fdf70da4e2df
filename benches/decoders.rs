//! Speed of the decoders of our own in samples per second on one core, on synthetic pictures that compress like real
//! ones: a phantom with noise of a few grey levels (about 2:1 in the JPEG family).
//!
//! `cargo bench --bench decoders`; divan prints items per second, an item is a sample. `-- --test` runs each once.

use divan::Bencher;
use divan::counter::ItemsCount;
use voxmill::read::codecs::{Announced, Decoder, jpeg_lossless, jpeg_ls, rle};
use voxmill::write::encode::{self, Picture, jpeg_ls::Interleave};

fn main() {
    divan::main();
}

/// A picture's shape.
#[derive(Clone, Copy)]
struct Shape {
    side: u32,
    samples: u8,
    bits: u8,
}

const CT: Shape = Shape { side: 512, samples: 1, bits: 12 };
const RADIOGRAPH: Shape = Shape { side: 2000, samples: 1, bits: 12 };
const ULTRASOUND: Shape = Shape { side: 600, samples: 3, bits: 8 };

/// A disc with two inserts on an empty ground, and noise inside.
fn picture(shape: Shape) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let side = f64::from(shape.side);
    let top = f64::from((1u32 << shape.bits) - 1);
    let mut bytes = Vec::new();
    for y in 0..shape.side {
        for x in 0..shape.side {
            let (u, v) = (f64::from(x) / side - 0.5, f64::from(y) / side - 0.5);
            let inside = u * u + v * v < 0.2;
            let insert = (u - 0.1).abs() < 0.08 && (v + 0.1).abs() < 0.05 || (u + 0.2).hypot(v) < 0.06;
            for _ in 0..shape.samples {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let noise = f64::from((state >> 40) as u16 % 16) - 7.5;
                let level = if insert { 0.55 } else { 0.25 + 0.1 * v };
                let value = if inside { (level * top + noise).clamp(0.0, top) } else { 0.0 } as u16;
                bytes.extend_from_slice(&value.to_le_bytes()[..usize::from(shape.bits).div_ceil(8)]);
            }
        }
    }
    bytes
}

fn bench(bencher: Bencher, shape: Shape, decoder: Decoder, encode: impl Fn(&Picture<'_>) -> Vec<u8>) {
    let Shape { side, samples, bits } = shape;
    let bytes = picture(shape);
    let stream = encode(&Picture { rows: side, columns: side, samples, bits_stored: bits, bytes: &bytes });
    let announced = Announced {
        rows: side,
        columns: side,
        samples,
        bits_allocated: bits.next_multiple_of(8),
        bits_stored: bits,
        signed: false,
        rgb: samples == 3,
    };
    let mut out = vec![0; announced.frame_bytes()];
    let count = side as usize * side as usize * samples as usize;
    bencher
        .counter(ItemsCount::new(count))
        .bench_local(|| decoder(&stream, &announced, &mut out).expect("our own stream"));
    assert_eq!(out, bytes, "the decoder that was measured is exact");
}

#[divan::bench(args = [CT.side, RADIOGRAPH.side])]
fn jpeg_lossless_grey(bencher: Bencher, side: u32) {
    let encode = |picture: &Picture<'_>| encode::jpeg_lossless::encode(picture).expect("encodes");
    bench(bencher, Shape { side, ..CT }, jpeg_lossless::decode, encode);
}

#[divan::bench]
fn jpeg_lossless_colour(bencher: Bencher) {
    let encode = |picture: &Picture<'_>| encode::jpeg_lossless::encode(picture).expect("encodes");
    bench(bencher, ULTRASOUND, jpeg_lossless::decode, encode);
}

#[divan::bench(args = [CT.side, RADIOGRAPH.side])]
fn jpeg_ls_grey(bencher: Bencher, side: u32) {
    let encode = |picture: &Picture<'_>| encode::jpeg_ls::encode(picture, Interleave::Line).expect("encodes");
    bench(bencher, Shape { side, ..CT }, jpeg_ls::decode, encode);
}

#[divan::bench]
fn jpeg_ls_colour_by_line(bencher: Bencher) {
    let encode = |picture: &Picture<'_>| encode::jpeg_ls::encode(picture, Interleave::Line).expect("encodes");
    bench(bencher, ULTRASOUND, jpeg_ls::decode, encode);
}

#[divan::bench]
fn jpeg_ls_colour_by_sample(bencher: Bencher) {
    let encode = |picture: &Picture<'_>| encode::jpeg_ls::encode(picture, Interleave::Sample).expect("encodes");
    bench(bencher, ULTRASOUND, jpeg_ls::decode, encode);
}

#[divan::bench]
fn rle_grey(bencher: Bencher) {
    bench(bencher, CT, rle::decode, |picture| encode::rle::encode(picture).expect("encodes"));
}

#[divan::bench]
fn rle_colour(bencher: Bencher) {
    bench(bencher, ULTRASOUND, rle::decode, |picture| encode::rle::encode(picture).expect("encodes"));
}
