//! A frame at a stage of the chain, at its own size and in its own numbers: what `voxmill decode --stage` writes and what
//! other programs can be compared with. Nothing is masked or normalised here.

use super::plan::stored_range;
use super::window::Curve;
use super::{block, chain, colour, modality, palette, plan, voi_lut};
use crate::error::Result;
use crate::model::{Frame, Modality, Photometric, SampleType, Voi};

/// Modality values of every sample, as pydicom's `apply_modality_lut` gives them; colour samples as stored.
pub fn modality(frame: &Frame) -> Vec<f64> {
    let grey = frame.interpretation.photometric.grey();
    stored(frame)
        .map(|v| if grey { modality::modality_from_stored(&frame.interpretation.modality, v) } else { v })
        .collect()
}

fn stored(frame: &Frame) -> impl Iterator<Item = f64> + '_ {
    (0..frame.pixels() * usize::from(frame.samples)).map(|place| chain::stored(frame, place))
}

/// Display values as pydicom gives them. Grey: `apply_voi_lut`, the file's table if it has one, else its first window,
/// over the output range of the stored bits (floats: 0 to 1); MONOCHROME1 is not turned; without a view the modality values. Colour:
/// red, green, blue in whole steps of the stored bits (of the table's bits for a palette). Fails where a plan would:
/// samples that no colour conversion is defined for.
pub fn display(frame: &Frame) -> Result<Vec<f64>> {
    let how = &frame.interpretation;
    if !how.photometric.grey() {
        return colours(frame);
    }
    let voi = how.voi.iter().find(|voi| matches!(voi, Voi::Lut(_))).or(how.voi.first());
    let values = modality(frame);
    Ok(match voi {
        None => values,
        Some(Voi::Lut(lut)) => values.iter().map(|v| f64::from(modality::entry(lut, *v))).collect(),
        Some(Voi::Window { center, width, function }) => {
            let curve = Curve::window(*center, *width, *function);
            let (low, high) = output_range(frame);
            values.iter().map(|v| curve.unit_from_modality(*v) * (high - low) + low).collect()
        }
    })
}

/// The values a window spreads over: those of the stored bits, in modality units; 0 to 1 for floats, which have none.
fn output_range(frame: &Frame) -> (f64, f64) {
    let how = &frame.interpretation;
    if matches!(frame.sample_type, SampleType::F32 | SampleType::F64) {
        return (0.0, 1.0);
    }
    if let Modality::Lut(lut) = &how.modality {
        return (0.0, voi_lut::largest(lut));
    }
    let (low, high) = stored_range(frame.sample_type, how.bits_stored);
    let value = |stored: i64| modality::modality_from_stored(&how.modality, stored as f64);
    (value(low), value(high))
}

fn colours(frame: &Frame) -> Result<Vec<f64>> {
    let how = &frame.interpretation;
    plan::check_samples(plan::Shape::of(frame), how)?;
    if let (Photometric::Palette, Some(tables)) = (how.photometric, &how.palette) {
        let bits = tables.channels.each_ref().map(voi_lut::largest);
        let rgb = |v: f64| palette::unit_from_stored(tables, v as i64);
        let whole = |unit: [f32; 3]| [0, 1, 2].map(|c| (f64::from(unit[c]) * bits[c]).round());
        return Ok(stored(frame).flat_map(|v| whole(rgb(v))).collect());
    }
    if how.photometric == Photometric::Rgb {
        return Ok(stored(frame).collect());
    }
    let mut numbers = block::Block::default();
    colour::fields(how.photometric, frame.sample_type, how.bits_stored, &mut numbers);
    let largest = 2f64.powi(i32::from(how.bits_stored)) - 1.0;
    let samples: Vec<f64> = stored(frame).collect();
    let (pixels, _) = samples.as_chunks::<3>();
    Ok(pixels
        .iter()
        .flat_map(|pixel| colour::colour(&numbers, pixel.map(|v| v as f32)))
        .map(|unit| (f64::from(unit) * largest).round())
        .collect())
}
