//! Damaged streams: cut, bent and lying. Nothing may panic past the guard, hang, or give a frame that is not whole.

use super::fixtures::{Fixture, fixtures};
use std::time::Instant;
use voxmill::error::Reason;
use voxmill::read::codecs::{Announced, jpeg_dct, jpeg2000};

/// Bytes after the last bit of the image: an end marker, and what the fixture's encoder put there.
fn dispensable(fixture: &Fixture) -> usize {
    match fixture.name.rsplit('.').next() {
        // The last entropy-coded byte may hold nothing but padding bits.
        Some("jpg") if fixture.uid.ends_with(".53") || fixture.uid.ends_with(".55") => 0,
        Some("jpg") => 3,
        Some("j2k" | "jp2" | "htj2k") => 2,
        _ => 0,
    }
}

#[test]
fn a_stream_cut_short_is_refused_at_every_length() {
    let mut cuts = 0;
    for fixture in fixtures() {
        let trimmed = fixture.stream.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        for length in (0..trimmed - dispensable(&fixture)).step_by(7).chain([trimmed - dispensable(&fixture) - 1]) {
            let fault = match fixture.decode(&fixture.stream[..length]) {
                Err(fault) => fault,
                Ok((_, coded)) => panic!("{}: {length} of {trimmed} bytes decode: {coded:?}", fixture.name),
            };
            let fits = [Reason::Truncated, Reason::DecodeFailed].contains(&fault.reason);
            assert!(fits, "{}: {length} of {trimmed} bytes: {fault}", fixture.name);
            cuts += 1;
        }
    }
    assert!(cuts > 8_000, "{cuts}");
}

#[test]
fn a_missing_end_marker_alone_is_a_warning() {
    let mut walked = 0;
    for fixture in fixtures() {
        let Some(end) = fixture.stream.windows(2).rposition(|pair| pair == [0xFF, 0xD9]) else { continue };
        // The end of a progressive stream is the only sign that no scan is missing.
        let progressive = fixture.uid.ends_with(".53") || fixture.uid.ends_with(".55");
        if fixture.name.ends_with(".jxl") || progressive {
            continue;
        }
        let (found, coded) = fixture.decode(&fixture.stream[..end]).unwrap_or_else(|f| panic!("{}: {f}", fixture.name));
        assert!(coded.warnings.iter().any(|word| word.ends_with("without-end-marker")), "{}", fixture.name);
        assert_eq!(found, fixture.decode(&fixture.stream).expect("decodes").0, "{}", fixture.name);
        walked += 1;
    }
    assert_eq!(walked, 25);
}

/// A small generator (SplitMix64), so that every run bends the same bytes.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % below as u64) as usize
    }
}

#[test]
fn bent_streams_are_refused_or_decoded_but_never_escape() {
    let mut dice = Dice(2026);
    let (mut refused, mut panicked, mut runs) = (0, 0, 0);
    let start = Instant::now();
    for fixture in fixtures() {
        for round in 0..120 {
            let mut stream = fixture.stream.clone();
            // Headers more often than data: half of the rounds bend the first 200 bytes.
            let reach = if round % 2 == 0 { stream.len().min(200) } else { stream.len() };
            for _ in 0..=dice.roll(4) {
                let at = dice.roll(reach);
                stream[at] = [0, 0xFF, stream[at] ^ (1 << dice.roll(8)), dice.roll(256) as u8][dice.roll(4)];
            }
            runs += 1;
            match fixture.decode(&stream) {
                Ok((found, _)) => assert_eq!(found.len(), fixture.announced.frame_bytes()),
                Err(fault) => {
                    refused += 1;
                    panicked += usize::from(fault.reason == Reason::DecoderPanicked);
                    assert_ne!(fault.reason, Reason::Defect, "{}: {fault}", fixture.name);
                }
            }
        }
    }
    println!("{runs} bent streams: {refused} refused, {panicked} of them by a panic, {:?}", start.elapsed());
    assert_eq!(runs, 41 * 120);
    assert!(refused > runs / 3);
}

#[test]
fn a_header_that_says_otherwise_is_inconsistent() {
    for fixture in fixtures() {
        let said = fixture.announced;
        let lies = [
            Announced { rows: said.rows * 2, ..said },
            Announced { columns: said.columns - 1, ..said },
            Announced { samples: 4 - said.samples, ..said },
        ];
        for lie in lies {
            let fault = fixture.decode_as(&fixture.stream, &lie).expect_err(&fixture.name);
            assert_eq!(fault.reason, Reason::Inconsistent, "{}: {fault}", fixture.name);
        }
        if said.bits_allocated == 16 {
            let narrow = Announced { bits_allocated: 8, ..said };
            let fault = fixture.decode_as(&fixture.stream, &narrow).expect_err(&fixture.name);
            assert_eq!(fault.reason, Reason::Inconsistent, "{}: {fault}", fixture.name);
        }
    }
}

/// A baseline JPEG of 100 bytes that claims 8192 x 8192.
#[test]
fn claims_beyond_what_the_bytes_can_hold_are_refused_at_once() {
    let fixture = fixtures().into_iter().find(|fixture| fixture.name == "grey.jpg").expect("a fixture");
    let frame = fixture.stream.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("SOF0");
    let mut stream = fixture.stream.clone();
    stream[frame + 5..frame + 9].copy_from_slice(&[0x20, 0x00, 0x20, 0x00]);
    let huge = Announced { rows: 8192, columns: 8192, ..fixture.announced };
    let fault = jpeg_dct::decode_scaled(&stream, &huge, 3, &mut vec![0; 1024 * 1024]).expect_err("too few bits");
    assert_eq!(fault.reason, Reason::Truncated, "{fault}");

    // One-pixel precincts: 37 x 29 and its five halvings, three bands each, in a stream shorter than its packets.
    let fixture = fixtures().into_iter().find(|fixture| fixture.name == "grey8.j2k").expect("a fixture");
    let style = fixture.stream.windows(2).position(|pair| pair == [0xFF, 0x52]).expect("COD");
    let mut stream = fixture.stream.clone();
    stream[style + 4] |= 1;
    let levels = usize::from(stream[style + 9]);
    stream[style + 3] += levels as u8 + 1;
    stream.splice(style + 14..style + 14, vec![0u8; levels + 1]);
    let mut out = vec![0; fixture.announced.frame_bytes()];
    let fault = jpeg2000::decode(&stream, &fixture.announced, &mut out).expect_err("too few bytes");
    assert_eq!(fault.reason, Reason::WorkBudget, "{fault}");

    // 8192 x 8192 in code blocks of 4x4: four million of them.
    let mut stream = fixture.stream.clone();
    for side in [8, 12, 24, 28] {
        stream[side..side + 4].copy_from_slice(&8192u32.to_be_bytes());
    }
    stream[style + 10..style + 12].fill(0);
    let fault = jpeg2000::resolution_levels(&stream).expect_err("too few bytes");
    assert_eq!((fault.reason, fault.numbers.first()), (Reason::WorkBudget, Some(&("blocks", 4_194_304))), "{fault}");
}

#[test]
fn a_tile_part_cut_and_relabelled_is_refused() {
    let mut walked = 0;
    for fixture in fixtures().iter().filter(|fixture| fixture.name == "grey16.j2k" || fixture.name == "rgb.htj2k") {
        let whole = &fixture.stream;
        let start = whole.windows(2).position(|pair| pair == [0xFF, 0x90]).expect("SOT");
        let end = whole.windows(2).rposition(|pair| pair == [0xFF, 0xD9]).expect("EOC");
        let cut = (end - start) / 3;
        let mut stream = whole[..end - cut].to_vec();
        stream.extend([0xFF, 0xD9]);
        stream[start + 6..start + 10].copy_from_slice(&((end - cut - start) as u32).to_be_bytes());
        let fault = fixture.decode(&stream).expect_err(&fixture.name);
        assert_eq!(fault.reason, Reason::DecodeFailed, "{}: {fault}", fixture.name);
        walked += 1;
    }
    assert_eq!(walked, 2);
}

/// libjpeg knows such streams, the library at hand does not: they are named for what they are and not called broken.
#[test]
fn a_luma_smaller_than_its_chroma_is_unsupported() {
    let fixture = fixtures().into_iter().find(|fixture| fixture.name == "ycbcr_420.jpg").expect("a fixture");
    let frame = fixture.stream.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("SOF0");
    let mut stream = fixture.stream.clone();
    // Marker, length, precision, size, count; then three bytes a component, the second its sampling.
    assert_eq!([stream[frame + 11], stream[frame + 14]], [0x22, 0x11]);
    stream.swap(frame + 11, frame + 14);
    let fault = fixture.decode(&stream).expect_err("refused");
    assert_eq!((fault.reason, fault.cause), (Reason::UnsupportedPixels, "a subsampled first component"));
}
