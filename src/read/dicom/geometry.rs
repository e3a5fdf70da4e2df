//! Where a frame lies in the patient and how large its pixels are: numbers about the scanner, not about the person.
//! An attribute that cannot be read is absent here; it does not refuse the image, because no pixel depends on it.

use super::tape::{Scope, Tape};
use super::words::{
    Attribute, FRAME_OFFSETS, IMAGER_SPACING, ORIENTATION, PIXEL_MEASURES, PIXEL_SPACING, PLANE_ORIENTATION,
    PLANE_POSITION, POSITION, SHARED_GROUPS, SLICE_THICKNESS, SPACING_BETWEEN,
};
use crate::model::Tag;

/// Place and size of one frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Geometry {
    /// PixelSpacing (0028,0030): between rows, between columns.
    pub pixel_spacing_mm: Option<[f32; 2]>,
    /// ImagerPixelSpacing (0018,1164): at the detector, between rows, between columns.
    pub imager_spacing_mm: Option<[f32; 2]>,
    /// SliceThickness (0018,0050).
    pub slice_thickness_mm: Option<f32>,
    /// SpacingBetweenSlices (0018,0088).
    pub slice_spacing_mm: Option<f32>,
    /// ImagePositionPatient (0020,0032).
    pub position_mm: Option<[f32; 3]>,
    /// ImageOrientationPatient (0020,0037): direction of a row, direction of a column.
    pub orientation: Option<[f32; 6]>,
}

impl Geometry {
    pub(super) fn of_frame(tape: &Tape, frame: u32) -> Self {
        let measures = macro_item(tape, PIXEL_MEASURES.tag, frame);
        let position = macro_item(tape, PLANE_POSITION.tag, frame);
        let orientation = macro_item(tape, PLANE_ORIENTATION.tag, frame);
        let directions = exactly(tape, orientation, ORIENTATION);
        Self {
            pixel_spacing_mm: positive(exactly(tape, measures, PIXEL_SPACING)),
            imager_spacing_mm: positive(exactly(tape, None, IMAGER_SPACING)),
            slice_thickness_mm: positive(exactly(tape, measures, SLICE_THICKNESS)).map(|[v]| v),
            slice_spacing_mm: exactly(tape, measures, SPACING_BETWEEN).map(|[v]| v),
            position_mm: exactly(tape, position, POSITION).and_then(|first| offset(tape, frame, first, directions)),
            orientation: directions,
        }
    }
}

/// The first item of a functional group macro for one frame: its own if it has one, else the shared one (PS3.3
/// C.7.6.16). A frame whose own group is missing gets the shared one; it never gets another frame's.
pub(super) fn macro_item(tape: &Tape, sequence: Tag, frame: u32) -> Option<Scope> {
    let own = tape.frame_groups(frame).and_then(|groups| tape.first_item(groups, sequence));
    own.or_else(|| tape.first_item(tape.first_item(Scope::Root, SHARED_GROUPS.tag)?, sequence))
}

fn exactly<const N: usize>(tape: &Tape, item: Option<Scope>, attribute: Attribute) -> Option<[f32; N]> {
    let values = |scope| tape.decimals(scope, attribute).ok().flatten();
    let values = item.and_then(values).or_else(|| values(Scope::Root))?;
    let values: [f64; N] = values.try_into().ok()?;
    Some(values.map(|v| v as f32))
}

/// PS3.3 C.8.8.3.2: the frames of a dose grid lie along its normal, each at its offset, relative to the position of the
/// first one or along the patient; either way their differences count. A frame without an offset lies nowhere.
fn offset(tape: &Tape, frame: u32, first: [f32; 3], directions: Option<[f32; 6]>) -> Option<[f32; 3]> {
    if tape.find(Scope::Root, FRAME_OFFSETS.tag).is_none() {
        return Some(first);
    }
    let offsets = tape.decimals(Scope::Root, FRAME_OFFSETS).ok().flatten()?;
    let along = offsets.get(frame as usize)? - offsets.first()?;
    let [a, b, c, d, e, f] = directions?.map(f64::from);
    let normal = [b * f - c * e, c * d - a * f, a * e - b * d];
    let [x, y, z] = first;
    let [nx, ny, nz] = normal.map(|n| (n * along) as f32);
    Some([x + nx, y + ny, z + nz])
}

fn positive<const N: usize>(values: Option<[f32; N]>) -> Option<[f32; N]> {
    values.filter(|v| v.iter().all(|x| *x > 0.0))
}
