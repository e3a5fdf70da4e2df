//! The plan of one frame: a [`PlanSpec`] applied to one shape, one interpretation and one set of masks. Everything
//! that can be refused is refused when the plan is made; what waits for the image's own statistics is settled by
//! [`Plan::resolve`], see [`super::kernel`]. No sample is touched here.

use super::resize::{Geometry, Taps};
use super::spec::{Filter, Normalize, PaddingSpec, PlanSpec, VoiSpec};
use super::window::Curve;
use super::{presets, window};
use crate::error::{Fault, Reason, Result};
use crate::model::{
    DType, Frame, Interpretation, Lut, Masks, Modality, Palette, Photometric, SampleType, Voi, VoiFunction,
};
use std::sync::Arc;

/// The shape of a frame, known from the header before a sample is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Rows.
    pub rows: u32,
    /// Columns.
    pub columns: u32,
    /// Samples a pixel, interleaved.
    pub samples: u8,
    /// Storage of one sample.
    pub sample_type: SampleType,
}

impl Shape {
    /// The shape of a frame in memory.
    pub fn of(frame: &Frame) -> Self {
        Self { rows: frame.rows, columns: frame.columns, samples: frame.samples, sample_type: frame.sample_type }
    }

    /// Number of pixels.
    pub const fn pixels(self) -> usize {
        self.rows as usize * self.columns as usize
    }
}

/// From modality values to the unit range, as far as it is known without the image's statistics.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Look {
    /// Colour: samples over their largest value.
    Colour,
    /// Modality values as they are.
    None,
    /// A window, a range.
    Curve(Curve),
    /// VOI LUT.
    Lut(Lut),
    /// Lowest to highest value of the image.
    MinMax,
    /// Between two percentiles of the image.
    Percentile(f64, f64),
}

/// The view that a tensor shows, for the manifest.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// How it was chosen: `file-window`, `file-lut`, `preset-lung`, `window`, `min-max`, `percentile-1-99`,
    /// `full-range`, `none`, `colour`, `labels`.
    pub voi: String,
    /// Center of the window in modality units; of a range, its middle.
    pub center: Option<f64>,
    /// Width of the window or range.
    pub width: Option<f64>,
}

/// What is wanted of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Want {
    /// The tensor.
    #[default]
    Tensor,
    /// The tensor, and what its quality metrics are made of.
    Both,
    /// What its quality metrics are made of; the tensor is left empty.
    Quality,
}

impl Want {
    /// Whether a tensor is wanted.
    pub fn tensor(self) -> bool {
        self != Want::Quality
    }

    /// Whether quality is wanted.
    pub fn quality(self) -> bool {
        self != Want::Tensor
    }
}

/// What will be done to one frame. Cannot be made without [`Masks`].
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub(super) shape: Shape,
    pub(super) photometric: Photometric,
    pub(super) bits_stored: u8,
    pub(super) modality: Modality,
    pub(super) palette: Option<Palette>,
    pub(super) padding: Option<(i32, i32)>,
    pub(super) masks: Masks,
    pub(super) look: Look,
    pub(super) view: View,
    pub(super) geometry: Geometry,
    pub(super) across: Arc<Taps>,
    pub(super) down: Arc<Taps>,
    pub(super) normalize: Normalize,
    pub(super) dtype: DType,
    pub(super) channels: u8,
    pub(super) want: Want,
}

impl Plan {
    /// Plans a frame of this shape. Fails if the spec is contradictory (Config) or if no operation is defined for
    /// what the file holds (Input): a palette without a table, a LUT over float samples, `voi = "file"` without one.
    pub fn new(spec: &PlanSpec, shape: Shape, interpretation: &Interpretation, masks: Masks) -> Result<Self> {
        let geometry = Geometry::new([shape.rows, shape.columns], spec.size.sides(), spec.fit);
        Self::with(spec, shape, interpretation, masks, geometry)
    }

    /// [`Plan::new`] with a geometry of the caller's.
    pub(super) fn with(
        spec: &PlanSpec,
        shape: Shape,
        interpretation: &Interpretation,
        masks: Masks,
        geometry: Geometry,
    ) -> Result<Self> {
        spec.check()?;
        check_samples(shape, interpretation)?;
        let modality = interpretation.values();
        check_rescale(&modality)?;
        if masks.boxes().iter().any(|b| b.x.saturating_add(b.w) > shape.columns || b.y.saturating_add(b.h) > shape.rows)
        {
            return Err(Fault::bug("Masks", "boxes were clipped to a frame of another shape"));
        }
        let labels = interpretation.labels();
        if labels && matches!(spec.dtype, DType::U8 | DType::U16) {
            return Err(unsupported("Modality", "labels are no shares of a range, which integer tensors hold")
                .remedy("a float dtype"));
        }
        let (filter, normalize) =
            if labels { (Filter::Nearest, &Normalize::None) } else { (spec.filter, &spec.normalize) };
        let (look, view) = choose(spec, shape, interpretation)?;
        if matches!(modality, Modality::Lut(_)) && interpretation.photometric.grey() && !shape.sample_type.tabulable() {
            return Err(unsupported(
                "ModalityLUTSequence",
                "a table over stored values wants integers of up to 16 bits",
            ));
        }
        Ok(Self {
            shape,
            // The colours of labels are for display: the tensor has the labels.
            photometric: if labels { Photometric::Monochrome2 } else { interpretation.photometric },
            bits_stored: interpretation.bits_stored,
            modality,
            palette: interpretation.palette.clone(),
            padding: interpretation
                .padding
                .filter(|_| spec.padding == PaddingSpec::Blank && interpretation.photometric.grey()),
            masks,
            look,
            view,
            across: Arc::new(Taps::new(&geometry.across, filter)),
            down: Arc::new(Taps::new(&geometry.down, filter)),
            geometry,
            normalize: normalize.clone(),
            dtype: spec.dtype,
            channels: spec.channels,
            want: Want::Tensor,
        })
    }

    /// The same plan with other wants.
    #[must_use]
    pub fn wanting(mut self, want: Want) -> Self {
        self.want = want;
        self
    }

    /// What is wanted.
    pub fn want(&self) -> Want {
        self.want
    }

    /// The shape of the frames it is for.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// What is blanked.
    pub fn masks(&self) -> &Masks {
        &self.masks
    }

    /// Channels, rows, columns and element type of the tensor.
    pub fn output(&self) -> ([u32; 3], DType) {
        ([u32::from(self.channels), self.geometry.rows, self.geometry.columns], self.dtype)
    }

    /// Whether [`Plan::resolve`] waits for the image's statistics.
    pub fn needs_statistics(&self) -> bool {
        matches!(self.look, Look::None | Look::MinMax | Look::Percentile(..))
            || matches!(self.normalize, Normalize::ZScore)
    }

    /// Whether the samples of the frame are counted: for the view, for the normalisation or for its quality.
    pub fn counts(&self) -> bool {
        self.needs_statistics() || self.want.quality()
    }

    /// Refuses a frame that is not the one planned for: the engines call it before they touch a sample.
    pub fn fits(&self, frame: &Frame) -> Result<()> {
        if Shape::of(frame) == self.shape {
            return Ok(());
        }
        Err(Fault::bug("Plan", "a plan was applied to a frame of another shape"))
    }

    /// Planes that are resized: 3 for a colour tensor of a colour frame, else 1.
    pub(super) fn planes(&self) -> u8 {
        if self.photometric.grey() { 1 } else { self.channels }
    }
}

fn unsupported(place: &'static str, cause: &'static str) -> Fault {
    Fault::input(Reason::UnsupportedPixels, place, cause)
}

/// Refuses samples that no operation is defined for.
pub(super) fn check_samples(shape: Shape, interpretation: &Interpretation) -> Result<()> {
    let photometric = interpretation.photometric;
    let single = photometric.grey() || photometric == Photometric::Palette;
    if shape.samples != if single { 1 } else { 3 } {
        return Err(
            unsupported("SamplesPerPixel", "does not fit PhotometricInterpretation").number("samples", shape.samples)
        );
    }
    let bits = shape.sample_type.bytes() * 8;
    if interpretation.bits_stored == 0 || usize::from(interpretation.bits_stored) > bits {
        return Err(unsupported("BitsStored", "does not fit the samples").number("bits", interpretation.bits_stored));
    }
    let signed_transform = matches!(photometric, Photometric::YbrIct | Photometric::YbrRct);
    match photometric {
        _ if photometric.grey() => Ok(()),
        Photometric::Palette if interpretation.palette.is_none() => {
            Err(Fault::input(Reason::BadValue, "PaletteColorLookupTableData", "a palette image without its tables"))
        }
        Photometric::Palette if !shape.sample_type.tabulable() => {
            Err(unsupported("BitsAllocated", "a palette wants indices of up to 16 bits"))
        }
        _ if matches!(shape.sample_type, SampleType::F32 | SampleType::F64) => {
            Err(unsupported("FloatPixelData", "colour is defined for integer samples"))
        }
        Photometric::YbrRct if !shape.sample_type.signed() => {
            Err(unsupported("PixelRepresentation", "YBR_RCT differences need a sign"))
        }
        Photometric::Palette => Ok(()),
        _ if shape.sample_type.signed() && !signed_transform => {
            Err(unsupported("PixelRepresentation", "colour samples have no sign"))
        }
        _ => Ok(()),
    }
}

/// Rescales that f32 can follow: slopes of real devices lie within 1e-12 to 1e5.
fn check_rescale(modality: &Modality) -> Result<()> {
    let Modality::Rescale { slope, intercept } = modality else { return Ok(()) };
    if !(1e-30..=1e7).contains(&slope.abs()) {
        return Err(Fault::input(Reason::BadValue, "RescaleSlope", "expected a magnitude from 1e-30 to 1e7"));
    }
    if intercept.is_nan() || intercept.abs() > 1e30 {
        return Err(Fault::input(Reason::BadValue, "RescaleIntercept", "expected a magnitude of at most 1e30"));
    }
    Ok(())
}

/// The file's view that this frame can be shown with: LUTs are defined over integers of up to 16 bits.
fn usable(voi: &Voi, shape: Shape) -> Option<(Look, View)> {
    match voi {
        Voi::Window { center, width, function } => {
            window::check(*center, *width, *function).ok()?;
            Some(windowed("file-window", *center, *width, *function))
        }
        Voi::Lut(lut) if shape.sample_type.tabulable() && !lut.entries.is_empty() => {
            Some((Look::Lut(lut.clone()), View { voi: "file-lut".into(), center: None, width: None }))
        }
        Voi::Lut(_) => None,
    }
}

fn windowed(voi: impl Into<String>, center: f64, width: f64, function: VoiFunction) -> (Look, View) {
    let view = View { voi: voi.into(), center: Some(center), width: Some(width) };
    (Look::Curve(Curve::window(center, width, function)), view)
}

fn choose(spec: &PlanSpec, shape: Shape, interpretation: &Interpretation) -> Result<(Look, View)> {
    let plain = |look, voi: &str| Ok((look, View { voi: voi.into(), center: None, width: None }));
    if interpretation.labels() {
        return plain(Look::None, "labels");
    }
    if !interpretation.photometric.grey() {
        return plain(Look::Colour, "colour");
    }
    let of_file = || interpretation.voi.iter().find_map(|voi| usable(voi, shape));
    match &spec.voi {
        VoiSpec::Auto => Ok(of_file().unwrap_or_else(|| without_file(shape, interpretation))),
        VoiSpec::File if interpretation.voi.is_empty() => {
            Err(Fault::input(Reason::BadValue, "WindowCenter", "the recipe wants the file's own view; there is none")
                .remedy("voi = \"auto\""))
        }
        VoiSpec::File => of_file().ok_or_else(|| match interpretation.voi.first() {
            Some(Voi::Lut(_)) => unsupported("VOILUTSequence", "a table over values wants integers of up to 16 bits"),
            _ => Fault::input(Reason::BadValue, "WindowWidth", "a window of this width shows nothing"),
        }),
        VoiSpec::None => plain(Look::None, "none"),
        VoiSpec::MinMax => plain(Look::MinMax, "min-max"),
        VoiSpec::Percentile(low, high) => plain(Look::Percentile(*low, *high), &format!("percentile-{low}-{high}")),
        VoiSpec::Preset(_) if !interpretation.hounsfield() => {
            Err(Fault::input(Reason::NoHounsfield, "Modality", "a preset is a window in Hounsfield units, of CT only")
                .remedy("voi = \"auto\" has a view for every modality"))
        }
        VoiSpec::Preset(name) => {
            let preset = presets::by_name(name).ok_or_else(|| Fault::bug("image.voi", "a preset left the table"))?;
            Ok(windowed(format!("preset-{name}"), preset.center, preset.width, VoiFunction::Linear))
        }
        VoiSpec::Window { center, width, function } => Ok(windowed("window", *center, *width, (*function).into())),
    }
}

/// `auto` for a file that offers no usable view.
fn without_file(shape: Shape, interpretation: &Interpretation) -> (Look, View) {
    if interpretation.hounsfield()
        && let Some(preset) = presets::for_ct(interpretation.body_part)
    {
        return windowed(format!("preset-{}", preset.name), preset.center, preset.width, VoiFunction::Linear);
    }
    if interpretation.bits_stored <= 8 && interpretation.modality == Modality::Identity {
        let (low, high) = stored_range(shape.sample_type, interpretation.bits_stored);
        let (low, high) = (low as f64, high as f64);
        let view = View { voi: "full-range".into(), center: Some((low + high) / 2.0), width: Some(high - low) };
        return (Look::Curve(Curve::range(low, high)), view);
    }
    (Look::Percentile(1.0, 99.0), View { voi: "percentile-1-99".into(), center: None, width: None })
}

/// Lowest and highest value of an integer of `bits` bits stored as `sample_type`.
pub(super) fn stored_range(sample_type: SampleType, bits: u8) -> (i64, i64) {
    let bits = u32::from(bits).min(32);
    if sample_type.signed() { (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) } else { (0, (1 << bits) - 1) }
}
