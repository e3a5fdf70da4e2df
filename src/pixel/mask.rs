//! Mask: burned-in text goes first.
//!
//! # Meaning
//! A pixel under a box is background from the first step on: no table, window or filter ever sees what it held.
//! # Formula and section of the standard
//! PS3.15 Annex E.3.1 (Clean Pixel Data Option). A pixel (x, y) is covered if left <= x < right and top <= y < bottom.
//! # From space, to space
//! Stored pixel coordinates to background of the unit range; [`blanked`] stays in stored samples, for DICOM output.
//! # Edge cases
//! Overlapping boxes are one area. Boxes were clipped to the frame when the masks were made.
//! # Tolerance and why
//! None.

use crate::model::{Frame, MaskBox, Masks, Photometric, SampleType};
use std::ops::Range;

/// Whether a box covers a pixel.
pub fn covered(boxes: &[[u32; 4]], x: u32, y: u32) -> bool {
    boxes.iter().any(|[left, top, right, bottom]| (*left..*right).contains(&x) && (*top..*bottom).contains(&y))
}

/// The columns of a row of `columns` pixels that no box covers, from left to right.
pub fn open(boxes: &[[u32; 4]], y: u32, columns: usize) -> Vec<Range<usize>> {
    let of_row = boxes.iter().filter(|[_, top, _, bottom]| (*top..*bottom).contains(&y));
    let mut covered: Vec<[usize; 2]> = of_row.map(|[left, _, right, _]| [*left as usize, *right as usize]).collect();
    covered.sort_unstable();
    let (mut open, mut from) = (Vec::new(), 0);
    for [left, right] in covered {
        open.push(from..left.min(columns));
        from = from.max(right);
    }
    open.push(from..columns);
    open.retain(|range| !range.is_empty());
    open
}

/// The frame with every masked pixel blanked in stored samples, all of them with one value: the padding value if the
/// file names one (viewers show it black), else what displays darkest. Of grey samples that is the darkest value the
/// rest of the frame holds, so that no window is needed to tell the two apart and none shows anything; of colour it is
/// 0 luma with neutral chroma, of a palette its darkest entry. Nothing of it depends on what was under the boxes.
pub fn blanked(frame: Frame, masks: &Masks) -> Option<Frame> {
    let (rows, columns, samples) = (frame.rows, frame.columns, frame.samples);
    let (sample_type, interpretation) = (frame.sample_type, frame.interpretation.clone());
    let (warnings, lossy) = (frame.warnings.clone(), frame.lossy);
    let bytes = sample_type.bytes();
    let fill = fill(&frame, masks);
    let mut data = frame.into_bytes();
    for b in masks.boxes() {
        for y in b.y..b.y + b.h {
            let start = (y as usize * columns as usize + b.x as usize) * fill.len();
            // The boxes were clipped to the frame, so the run lies inside the data.
            for pixel in data[start..start + b.w as usize * fill.len()].chunks_exact_mut(fill.len()) {
                pixel.copy_from_slice(&fill);
            }
        }
    }
    debug_assert_eq!(fill.len(), bytes * usize::from(samples));
    let mut blanked = Frame::new(rows, columns, samples, sample_type, data, interpretation)?;
    (blanked.warnings, blanked.lossy) = (warnings, lossy);
    Some(blanked)
}

/// The bytes of one blank pixel.
fn fill(frame: &Frame, masks: &Masks) -> Vec<u8> {
    let interpretation = &frame.interpretation;
    let (low, high) = super::plan::stored_range(frame.sample_type, interpretation.bits_stored);
    let middle = if frame.sample_type.signed() { 0 } else { 1i64 << (interpretation.bits_stored.clamp(1, 32) - 1) };
    let pixel: Vec<i64> = match interpretation.photometric {
        Photometric::Monochrome1 | Photometric::Monochrome2 => {
            let value = match interpretation.padding {
                Some((first, _)) => f64::from(first),
                None => darkest(frame, masks),
            };
            return encode(value, frame.sample_type);
        }
        Photometric::Palette => vec![darkest_index(frame, low, high)],
        Photometric::Rgb => vec![0; 3],
        Photometric::YbrPartial => vec![16i64 << (interpretation.bits_stored.max(8) - 8), middle, middle],
        Photometric::YbrFull | Photometric::YbrIct | Photometric::YbrRct => vec![0, middle, middle],
    };
    pixel.iter().flat_map(|value| encode(*value as f64, frame.sample_type)).collect()
}

/// The darkest grey value that no box covers; of a frame that is covered all over, 0 or the darkest of its bits.
fn darkest(frame: &Frame, masks: &Masks) -> f64 {
    let turned = frame.interpretation.photometric == Photometric::Monochrome1;
    let rows: Vec<Vec<&MaskBox>> =
        (0..frame.rows).map(|y| masks.boxes().iter().filter(|b| (b.y..b.y + b.h).contains(&y)).collect()).collect();
    let open = (0..frame.pixels()).filter(|place| {
        let (x, y) = ((place % frame.columns as usize) as u32, place / frame.columns as usize);
        !rows[y].iter().any(|b| (b.x..b.x + b.w).contains(&x))
    });
    let values = open.map(|place| super::chain::stored(frame, place)).filter(|v| super::chain::usable(*v));
    let darkest = if turned { values.reduce(f64::max) } else { values.reduce(f64::min) };
    darkest.unwrap_or_else(|| match frame.sample_type {
        SampleType::F32 | SampleType::F64 => 0.0,
        _ => {
            let (low, high) = super::plan::stored_range(frame.sample_type, frame.interpretation.bits_stored);
            (if turned { high } else { low }) as f64
        }
    })
}

fn darkest_index(frame: &Frame, low: i64, high: i64) -> i64 {
    let Some(palette) = &frame.interpretation.palette else { return low };
    let brightness =
        |index: &i64| (super::colour::luma(super::palette::unit_from_stored(palette, *index)) * 1e6) as u64;
    (low..=high).min_by_key(brightness).unwrap_or(low)
}

fn encode(value: f64, sample_type: SampleType) -> Vec<u8> {
    match sample_type {
        SampleType::F32 => (value as f32).to_le_bytes().to_vec(),
        SampleType::F64 => value.to_le_bytes().to_vec(),
        _ => (value as i64).to_le_bytes()[..sample_type.bytes()].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_between_boxes_are_open() {
        // left, top, right, bottom; the third overlaps the second, the fourth lies in another row.
        let boxes = [[8, 0, 10, 4], [2, 1, 5, 3], [4, 2, 6, 3], [0, 3, 12, 4]];
        assert_eq!(open(&boxes, 2, 12), [0..2, 6..8, 10..12]);
        assert_eq!(open(&boxes, 1, 12), [0..2, 5..8, 10..12]);
        assert!(open(&boxes, 3, 12).is_empty());
        assert_eq!(open(&boxes, 9, 12).first(), Some(&(0..12)));
        for (y, x) in (0..5).flat_map(|y| (0..12).map(move |x| (y, x))) {
            let free = open(&boxes, y, 12).iter().any(|range| range.contains(&(x as usize)));
            assert_eq!(free, !covered(&boxes, x, y), "{x} {y}");
        }
    }
}
