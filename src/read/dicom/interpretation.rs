//! How the stored samples of each frame are to be read: modality, views of interest, padding, palette; for enhanced
//! objects by frame. An attribute that cannot be read refuses the input; nothing becomes a default.

use super::geometry::macro_item;
use super::header::{ImageHeader, SampleKind};
use super::lut::{palette, sequence_lut};
use super::tape::{Scope, Tape};
use super::terms::{body_part, modality_code};
use super::value::{Ambiguous, bad, missing};
use super::words::{
    BODY_PART, DOSE_SCALING, DOUBLE_PADDING, DOUBLE_PADDING_LIMIT, FLOAT_PADDING, FLOAT_PADDING_LIMIT, FRAME_VOI,
    INTERCEPT, MODALITY, MODALITY_LUT, PADDING, PADDING_LIMIT, PER_FRAME_GROUPS, RED_DESCRIPTOR, SHARED_GROUPS, SLOPE,
    TRANSFORMATION, VOI_FUNCTION, VOI_LUT, WINDOW_CENTER, WINDOW_WIDTH,
};
use crate::error::Result;
use crate::model::{Interpretation, Modality, Photometric, Voi, VoiFunction};

/// An interpretation with what was tolerated about it.
#[derive(Clone, Debug)]
pub struct Warned {
    /// The interpretation.
    pub value: Interpretation,
    /// Stable words.
    pub warnings: Vec<&'static str>,
}

/// The interpretation of the top level, and whether frames have their own.
pub struct Interpreter {
    base: Interpretation,
    by_frame: bool,
    warnings: Vec<&'static str>,
}

impl Interpreter {
    /// Reads what all frames share.
    pub fn new(tape: &Tape, header: &ImageHeader) -> Result<Self> {
        let photometric = header.announced.photometric;
        let mut warnings = Vec::new();
        let (modality, voi) = match photometric.grey() {
            true => {
                let modality = modality(tape, Scope::Root, header.signed)?.unwrap_or(Modality::Identity);
                let voi = views(tape, Scope::Root, header, &modality, &mut warnings)?;
                (modality, voi)
            }
            false => (Modality::Identity, Vec::new()),
        };
        let palette = match photometric {
            Photometric::Palette => Some(palette(tape, header.signed)?),
            _ => None,
        };
        if photometric.grey() && tape.find(Scope::Root, RED_DESCRIPTOR.tag).is_some() {
            // C.7.6.19: values from the first entry on are indices of colours. Here they stay grey, as in pydicom.
            warnings.push("supplemental-palette");
        }
        let by_frame = photometric.grey()
            && [SHARED_GROUPS, PER_FRAME_GROUPS].iter().any(|a| tape.find(Scope::Root, a.tag).is_some());
        if by_frame
            && let groups = tape.count_items(Scope::Root, PER_FRAME_GROUPS.tag)
            && groups != 0
            && groups != header.frames
        {
            warnings.push("per-frame-groups-count");
        }
        let base = Interpretation {
            photometric,
            bits_stored: header.bits_stored,
            modality,
            voi,
            dose_grid_scaling: dose_grid_scaling(tape, photometric)?,
            padding: match header.kind {
                SampleKind::Integer => padding(tape, header)?,
                _ => float_padding(tape, header.kind, &mut warnings),
            },
            palette,
            modality_code: tape.term(Scope::Root, MODALITY.tag).and_then(modality_code),
            body_part: tape.term(Scope::Root, BODY_PART.tag).and_then(body_part),
        };
        Ok(Self { base, by_frame, warnings })
    }

    /// What was tolerated at the top level.
    pub fn warnings(&self) -> &[&'static str] {
        &self.warnings
    }

    /// The interpretation of one frame: what its functional groups say comes before the top level.
    pub fn frame(&self, tape: &Tape, header: &ImageHeader, frame: u32) -> Result<Warned> {
        let mut value = self.base.clone();
        let mut warnings = Vec::new();
        if self.by_frame {
            if let Some(item) = macro_item(tape, TRANSFORMATION.tag, frame)
                && let Some(own) = modality(tape, item, header.signed)?
            {
                value.modality = own;
            }
            if let Some(item) = macro_item(tape, FRAME_VOI.tag, frame) {
                let own = views(tape, item, header, &value.modality, &mut warnings)?;
                if !own.is_empty() {
                    value.voi = own;
                }
            }
        }
        Ok(Warned { value, warnings })
    }
}

/// PS3.3 C.11.1: a table, or slope and intercept, or nothing. Half a rescale is none.
fn modality(tape: &Tape, scope: Scope, signed: bool) -> Result<Option<Modality>> {
    if let Some(item) = tape.first_item(scope, MODALITY_LUT.tag) {
        return sequence_lut(tape, item, signed).map(|lut| Some(Modality::Lut(lut)));
    }
    match (tape.decimal(scope, SLOPE)?, tape.decimal(scope, INTERCEPT)?) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(missing(INTERCEPT)),
        (None, Some(_)) => Err(missing(SLOPE)),
        (Some(0.0), Some(_)) => Err(bad(SLOPE, "a slope of 0 leaves no picture")),
        (Some(slope), Some(intercept)) => Ok(Some(Modality::Rescale { slope, intercept })),
    }
}

/// PS3.3 C.11.2: tables first, as pydicom prefers them, then windows in their order.
fn views(
    tape: &Tape,
    scope: Scope,
    header: &ImageHeader,
    modality: &Modality,
    warnings: &mut Vec<&'static str>,
) -> Result<Vec<Voi>> {
    let signed = can_be_negative(header, modality);
    let mut views = Vec::new();
    for item in tape.items(scope, VOI_LUT.tag) {
        views.push(Voi::Lut(sequence_lut(tape, item, signed)?));
    }
    let centers = tape.decimals(scope, WINDOW_CENTER)?.unwrap_or_default();
    let widths = tape.decimals(scope, WINDOW_WIDTH)?.unwrap_or_default();
    if centers.len() != widths.len() {
        warnings.push("window-counts-differ");
    }
    let function = match tape.term(scope, VOI_FUNCTION.tag) {
        None | Some("LINEAR") => VoiFunction::Linear,
        Some("LINEAR_EXACT") => VoiFunction::LinearExact,
        Some("SIGMOID") => VoiFunction::Sigmoid,
        Some(_) => return Err(bad(VOI_FUNCTION, "not a VOI LUT function of the standard")),
    };
    for (center, width) in centers.into_iter().zip(widths) {
        // C.11.2.1.2.1: LINEAR needs at least 1; C.11.2.1.3: the others more than 0.
        let usable = if function == VoiFunction::Linear { width >= 1.0 } else { width > 0.0 };
        match usable {
            true => views.push(Voi::Window { center, width, function }),
            false => warnings.push("window-width-unusable"),
        }
    }
    Ok(views)
}

/// Whether the input of a VOI LUT can be negative (C.11.2.1.1: then its first value is signed).
fn can_be_negative(header: &ImageHeader, modality: &Modality) -> bool {
    match modality {
        Modality::Identity => header.signed,
        Modality::Lut(_) => false,
        Modality::Rescale { slope, intercept } => {
            let range = 2f64.powi(i32::from(header.bits_stored));
            let (low, high) = if header.signed { (-range / 2.0, range / 2.0 - 1.0) } else { (0.0, range - 1.0) };
            (slope * low + intercept).min(slope * high + intercept) < 0.0
        }
    }
}

/// PS3.3 C.8.8.3: what a dose grid is multiplied with. It stands in dose grids only.
fn dose_grid_scaling(tape: &Tape, photometric: Photometric) -> Result<Option<f64>> {
    match tape.decimal(Scope::Root, DOSE_SCALING)? {
        Some(scaling) if !photometric.grey() || scaling <= 0.0 => {
            Err(bad(DOSE_SCALING, "expected a factor above 0 of grey pixels").number("grey", photometric.grey()))
        }
        scaling => Ok(scaling),
    }
}

/// PS3.3 C.7.6.24 and C.7.6.25. Blanked are values that are whole numbers; NaN and 2^100 and beyond, which many files
/// take, are no values and blank anyway. Anything else stays in the picture, with a warning.
fn float_padding(tape: &Tape, kind: SampleKind, warnings: &mut Vec<&'static str>) -> Option<(i32, i32)> {
    let (value, limit) = match kind {
        SampleKind::Double => (DOUBLE_PADDING, DOUBLE_PADDING_LIMIT),
        _ => (FLOAT_PADDING, FLOAT_PADDING_LIMIT),
    };
    tape.filled(Scope::Root, value)?;
    let read = |attribute| tape.decimal(Scope::Root, attribute).ok().flatten();
    let value = read(value)?;
    let limit = read(limit).unwrap_or(value);
    let whole = |v: f64| v.fract() == 0.0 && v >= f64::from(i32::MIN) && v <= f64::from(i32::MAX);
    if whole(value) && whole(limit) {
        return Some((value.min(limit) as i32, value.max(limit) as i32));
    }
    if value.abs() < 2f64.powi(100) || limit.abs() < 2f64.powi(100) {
        warnings.push("float-padding-kept");
    }
    None
}

/// PS3.3 C.7.5.1.1.2. The values take the same way as the samples: unused bits dropped, sign extended.
fn padding(tape: &Tape, header: &ImageHeader) -> Result<Option<(i32, i32)>> {
    let xs = if header.signed { Ambiguous::Signed } else { Ambiguous::Unsigned };
    let read = |attribute| -> Result<Option<i64>> {
        match tape.integers(Scope::Root, attribute, xs)?.as_deref() {
            None => Ok(None),
            Some([one]) => Ok(Some(*one)),
            Some(_) => Err(bad(attribute, "expected one value")),
        }
    };
    let settle = |value: i64| -> i32 {
        if header.bits_stored >= 32 {
            return value.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32;
        }
        let unused = 64 - u32::from(header.bits_stored);
        let bits = value << unused;
        (if header.signed { bits >> unused } else { ((bits as u64) >> unused) as i64 }) as i32
    };
    let Some(value) = read(PADDING)?.map(settle) else { return Ok(None) };
    let limit = read(PADDING_LIMIT)?.map_or(value, settle);
    Ok(Some((value.min(limit), value.max(limit))))
}
