//! Reduce: how far a decoder may shrink an image whose tensor is smaller, and the plan of an image that it shrank.
//!
//! A decoder's halves are means of stored values: close to what the resize would make of them, not equal. What they
//! cannot be made of is named in [`halvings`]. Measured differences: docs/REDUCED.md.

use super::plan::{Plan, Shape};
use super::resize::{Axis, Geometry};
use super::spec::{Decode, PaddingSpec, PlanSpec};
use crate::error::Result;
use crate::model::{Interpretation, Masks, Photometric, Reduction};

/// How many pixels an output pixel must still cover after decoding, along each axis: what the resize filter needs so
/// that it, and not the decoder's, decides what the tensor looks like.
const COVERED: f64 = 2.0;

/// How often both sides of an image may be halved before it is resized: the tensor's part of it stays at least twice
/// as large as the tensor on both axes. 0 if the recipe wants all of it, and where means of stored values mean nothing:
/// palette indices, bits, labels of a segmentation, and padding that has to be told from the image beside it.
pub fn halvings(spec: &PlanSpec, rows: u32, columns: u32, interpretation: &Interpretation) -> u8 {
    let padded = interpretation.padding.is_some() && spec.padding == PaddingSpec::Blank;
    let labels = interpretation.photometric == Photometric::Palette
        || interpretation.bits_stored == 1
        || interpretation.labels();
    if spec.decode == Decode::Full || labels || (padded && interpretation.photometric.grey()) {
        return 0;
    }
    let geometry = Geometry::new([rows, columns], spec.size.sides(), spec.fit);
    let covered = |axis: &Axis| f64::from(axis.to - axis.from) / f64::from(axis.target);
    let least = covered(&geometry.down).min(covered(&geometry.across));
    // Sides are at most 65535, so 15 halvings leave one pixel.
    (0..=15).rev().find(|k| least / f64::from(1u32 << k) >= COVERED).unwrap_or(0)
}

impl Plan {
    /// Plans a frame that was decoded smaller: the tensor shows the same part of the image at the same place as
    /// [`Plan::new`] would for the stored size. `shape` and `masks` are those of the smaller frame.
    pub fn reduced(
        spec: &PlanSpec,
        shape: Shape,
        interpretation: &Interpretation,
        masks: Masks,
        reduction: &Reduction,
    ) -> Result<Self> {
        let stored = Geometry::new([reduction.rows, reduction.columns], spec.size.sides(), spec.fit);
        let place = |at: f32| reduction.decoded_from_stored(f64::from(at)) as f32;
        let smaller = |axis: Axis, source| Axis { source, from: place(axis.from), to: place(axis.to), ..axis };
        let geometry = Geometry {
            down: smaller(stored.down, shape.rows),
            across: smaller(stored.across, shape.columns),
            ..stored
        };
        Self::with(spec, shape, interpretation, masks, geometry)
    }
}

#[cfg(test)]
mod tests {
    use super::super::spec::{Fit, OwnSize, Size};
    use super::*;

    fn grey() -> Interpretation {
        Interpretation { modality_code: Some("CR"), ..Interpretation::plain(Photometric::Monochrome2, 12) }
    }

    #[test]
    fn the_tensor_stays_half_of_what_is_decoded() {
        let asked = |size, fit, rows, columns| {
            halvings(&PlanSpec { size, fit, decode: Decode::Reduced, ..PlanSpec::default() }, rows, columns, &grey())
        };
        let square = Size::Side(224);
        // 1792 = 8 x 224: a quarter, 448, is still twice 224; one column less is not.
        assert_eq!(asked(square, Fit::Stretch, 1792, 1792), 2);
        assert_eq!(asked(square, Fit::Stretch, 1792, 1791), 1);
        // A letterbox of 1792 x 896 shows 224 x 112; the largest square in it is 896, of which half is 448.
        assert_eq!(asked(square, Fit::Letterbox, 1792, 896), 2);
        assert_eq!(asked(square, Fit::Crop, 1792, 896), 1);
        assert_eq!(asked(square, Fit::Stretch, 1792, 896), 1);
        assert_eq!(asked(square, Fit::Letterbox, 447, 447), 0);
        assert_eq!(asked(Size::Own(OwnSize::None), Fit::Letterbox, 9999, 9999), 0);
        assert_eq!(asked(Size::Side(1), Fit::Stretch, 65535, 65535), 14);
    }

    #[test]
    fn labels_and_padding_are_never_averaged() {
        let spec = PlanSpec { decode: Decode::Reduced, ..PlanSpec::default() };
        let asked = |interpretation: &Interpretation, spec: &PlanSpec| halvings(spec, 2048, 2048, interpretation);
        assert_eq!(asked(&grey(), &spec), 2);
        assert_eq!(asked(&grey(), &PlanSpec::default()), 0);
        let padded = Interpretation { padding: Some((0, 0)), ..grey() };
        assert_eq!(asked(&padded, &spec), 0);
        assert_eq!(asked(&padded, &PlanSpec { padding: PaddingSpec::Keep, ..spec.clone() }), 2);
        for labels in [
            Interpretation { photometric: Photometric::Palette, ..grey() },
            Interpretation { bits_stored: 1, ..grey() },
            Interpretation { modality_code: Some("SEG"), ..grey() },
        ] {
            assert_eq!(asked(&labels, &spec), 0);
        }
    }
}
