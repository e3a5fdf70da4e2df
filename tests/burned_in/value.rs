//! What masked pixels become in stored samples: one value, the same whatever was under the box, dark in every window.

use super::made_frames::interpretation;
use voxmill::deid::burned_in::clip_to_frame;
use voxmill::model::{Frame, Interpretation, Lut, MaskBox, Palette, Photometric, SampleType, Voi, VoiFunction};
use voxmill::pixel::mask::blanked;
use voxmill::pixel::stage;

/// Bounds of the box in a frame of 12 x 16.
const BOX: [u32; 4] = [5, 3, 6, 4];

/// A ramp outside the box, `under` plus a checker inside it.
fn frame(sample_type: SampleType, samples: u8, how: Interpretation, first: i64, under: i64) -> Frame {
    let mut bytes = Vec::new();
    for at in 0..12u32 * 16 {
        let (x, y) = (at % 16, at / 16);
        let inside = (BOX[0]..BOX[0] + BOX[2]).contains(&x) && (BOX[1]..BOX[1] + BOX[3]).contains(&y);
        for channel in 0..i64::from(samples) {
            let value = if inside { under + i64::from((x + y) % 2) } else { first + i64::from(at) / 4 + channel };
            match sample_type {
                SampleType::F32 => bytes.extend((value as f32).to_le_bytes()),
                SampleType::F64 => bytes.extend((value as f64).to_le_bytes()),
                _ => bytes.extend(&value.to_le_bytes()[..sample_type.bytes()]),
            }
        }
    }
    Frame::new(12, 16, samples, sample_type, bytes, how).unwrap()
}

fn masked(frame: Frame) -> Frame {
    let [x, y, w, h] = BOX;
    let masks = clip_to_frame(&[MaskBox { x, y, w, h, reason: "text" }], 12, 16, "masked");
    blanked(frame, &masks).unwrap()
}

/// The samples inside the box: all equal, as one number; and those outside.
fn split(frame: &Frame) -> (Vec<f64>, Vec<f64>) {
    let values = stage::modality(frame);
    let samples = usize::from(frame.samples);
    let inside = |pixel: usize| {
        let (x, y) = (pixel as u32 % 16, pixel as u32 / 16);
        (BOX[0]..BOX[0] + BOX[2]).contains(&x) && (BOX[1]..BOX[1] + BOX[3]).contains(&y)
    };
    let (mut under, mut beside) = (Vec::new(), Vec::new());
    for (pixel, value) in values.chunks_exact(samples).enumerate() {
        if inside(pixel) { under.extend_from_slice(value) } else { beside.extend_from_slice(value) }
    }
    (under, beside)
}

#[test]
fn grey_becomes_the_padding_or_the_darkest_that_is_there() {
    let types = [
        (SampleType::U8, 8, 20),
        (SampleType::I8, 8, -60),
        (SampleType::U16, 12, 700),
        (SampleType::I16, 16, -900),
        (SampleType::U32, 32, 70_000),
        (SampleType::I32, 32, -70_000),
        (SampleType::F32, 32, -5),
        (SampleType::F64, 64, -5),
    ];
    let mut walked = 0;
    for (sample_type, bits, first) in types {
        for (photometric, darkest) in [(Photometric::Monochrome2, first), (Photometric::Monochrome1, first + 191 / 4)] {
            // Darker and brighter than everything beside it: neither shows in what it becomes.
            for under in [first - 18, first + 60] {
                let found = masked(frame(sample_type, 1, interpretation(photometric, bits), first, under));
                let (inside, beside) = split(&found);
                assert!(inside.iter().all(|v| *v == darkest as f64), "{sample_type:?} {photometric:?}: {inside:?}");
                assert_eq!(beside.len() + inside.len(), 12 * 16);
                walked += 1;
            }
            let padded = Interpretation { padding: Some((-3, 9)), ..interpretation(photometric, bits) };
            let (inside, _) = split(&masked(frame(sample_type, 1, padded, first, first + 60)));
            let padding =
                if sample_type.signed() { -3.0 } else { (-3i64 as u64 % (1 << (8 * sample_type.bytes() % 64))) as f64 };
            assert!(inside.iter().all(|v| *v == padding), "{sample_type:?}: {inside:?}");
        }
    }
    assert_eq!(walked, 32);
}

#[test]
fn no_window_shows_the_box() {
    for photometric in [Photometric::Monochrome2, Photometric::Monochrome1] {
        for (center, width) in [(100.0, 1.0), (700.0, 4096.0), (720.0, 50.0), (-500.0, 10.0), (1e5, 1e5)] {
            let window = Voi::Window { center, width, function: VoiFunction::Linear };
            let how = || Interpretation { voi: vec![window.clone()], ..interpretation(photometric, 12) };
            let pictures =
                [3000, 650].map(|under| stage::display(&masked(frame(SampleType::U16, 1, how(), 700, under))).unwrap());
            assert_eq!(pictures[0], pictures[1], "{center} {width}");
        }
    }
}

#[test]
fn colour_becomes_black() {
    let gradient =
        |first: i32, step: u32| Lut { first, bits: 16, entries: (0..64).map(|i| (65535 - i * step) as u16).collect() };
    // The darkest entry of the palette is its last.
    let palette = Palette { channels: [gradient(0, 900), gradient(0, 1000), gradient(0, 1030)] };
    let cases = [
        (Photometric::Rgb, SampleType::U8, 3, None, vec![0.0, 0.0, 0.0]),
        (Photometric::YbrFull, SampleType::U8, 3, None, vec![0.0, 128.0, 128.0]),
        (Photometric::YbrPartial, SampleType::U8, 3, None, vec![16.0, 128.0, 128.0]),
        (Photometric::YbrRct, SampleType::I16, 3, None, vec![0.0, 0.0, 0.0]),
        (Photometric::Palette, SampleType::U8, 1, Some(palette), vec![63.0]),
    ];
    for (photometric, sample_type, samples, palette, pixel) in cases {
        let how = || Interpretation {
            palette: palette.clone(),
            ..interpretation(photometric, if sample_type == SampleType::I16 { 9 } else { 8 })
        };
        let pictures = [7, 33].map(|under| masked(frame(sample_type, samples, how(), 10, under)));
        assert_eq!(pictures[0].bytes(), pictures[1].bytes(), "{photometric:?}");
        let (inside, _) = split(&pictures[0]);
        assert!(inside.chunks_exact(usize::from(samples)).all(|p| p == pixel), "{photometric:?}: {inside:?}");
    }
}
