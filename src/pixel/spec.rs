//! What a user asks of every image: the `[image]` section of a recipe. Words and their validation; no image is known
//! here, see [`super::Plan`] for one image's plan.

use crate::error::{Fault, Result};
use crate::model::{DType, VoiFunction};
use serde::{Deserialize, Serialize};

/// The `[image]` section. Every field has a default.
///
/// ```
/// let spec: voxmill::pixel::PlanSpec = toml::from_str(r#"
///     voi = { preset = "lung" }
///     size = [320, 256]
///     normalize = { mean-std = { mean = [0.485], std = [0.229] } }
/// "#).unwrap();
/// assert!(spec.check().is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PlanSpec {
    /// Which grey values become black and white.
    pub voi: VoiSpec,
    /// Rows and columns of the tensor.
    pub size: Size,
    /// What happens when the shapes differ.
    pub fit: Fit,
    /// How pixels are combined when the size changes; always antialiased.
    pub filter: Filter,
    /// How values are shifted and scaled at the end.
    pub normalize: Normalize,
    /// Element type of the tensor.
    pub dtype: DType,
    /// 1 or 3. Grey is repeated to 3; colour becomes Rec. 601 luma for 1.
    pub channels: u8,
    /// What becomes of pixels that the file marks as padding.
    pub padding: PaddingSpec,
    /// How much of a compressed image is decoded.
    pub decode: Decode,
}

impl Default for PlanSpec {
    fn default() -> Self {
        Self {
            voi: VoiSpec::Auto,
            size: Size::Sides([224, 224]),
            fit: Fit::Letterbox,
            filter: Filter::Triangle,
            normalize: Normalize::Unit,
            dtype: DType::F32,
            channels: 1,
            padding: PaddingSpec::Blank,
            decode: Decode::Full,
        }
    }
}

/// The view of interest: which modality values become 0 and 1. Colour images have none: their samples are divided by
/// their largest value, whatever stands here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum VoiSpec {
    /// The file's first view; else, for a CT in Hounsfield units, the preset of its body part; else the full range of
    /// up to 8 bits; else percentiles 1 to 99.
    Auto,
    /// The file's first view; a file without one is refused.
    File,
    /// Modality values as they are, not limited to 0..1.
    None,
    /// The image's lowest value becomes 0, its highest 1.
    MinMax,
    /// Two percentiles of the image become 0 and 1; numpy's linear interpolation.
    Percentile(f64, f64),
    /// A named window in Hounsfield units; images without them are refused.
    Preset(String),
    /// This window.
    Window {
        /// Center in modality units.
        center: f64,
        /// Width in modality units.
        width: f64,
        /// Its function.
        #[serde(default)]
        function: FunctionSpec,
    },
}

/// VOI LUT Function (0028,1056).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FunctionSpec {
    /// PS3.3 C.11.2.1.2.1.
    #[default]
    Linear,
    /// PS3.3 C.11.2.1.3.2.
    LinearExact,
    /// PS3.3 C.11.2.1.3.1.
    Sigmoid,
}

impl From<FunctionSpec> for VoiFunction {
    fn from(word: FunctionSpec) -> Self {
        match word {
            FunctionSpec::Linear => VoiFunction::Linear,
            FunctionSpec::LinearExact => VoiFunction::LinearExact,
            FunctionSpec::Sigmoid => VoiFunction::Sigmoid,
        }
    }
}

/// Rows and columns of the tensor: `224`, `[320, 256]` or `"none"` for the image's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number, [rows, columns] or \"none\"")]
pub enum Size {
    /// A square.
    Side(u32),
    /// Rows, columns.
    Sides([u32; 2]),
    /// The image's own.
    Own(OwnSize),
}

/// The word `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnSize {
    /// Keep the size.
    None,
}

/// What happens when image and tensor have different shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    /// The whole image, its shape kept, centred on background.
    Letterbox,
    /// The largest centred part of the tensor's shape.
    Crop,
    /// The whole image, its shape lost.
    Stretch,
}

/// Resampling filter, by Pillow's definitions, widened when the image shrinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// The mean of the pixels under an output pixel.
    Box,
    /// Linear; what others call bilinear with antialiasing.
    Triangle,
    /// Cubic with a = -0.5; Pillow's BICUBIC.
    CatmullRom,
    /// Windowed sinc over three lobes.
    Lanczos3,
    /// The pixel under the middle of an output pixel; Pillow's NEAREST. Labels of segmentations always take it.
    Nearest,
}

/// What is done to values after resizing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Normalize {
    /// 0 to 1.
    Unit,
    /// -1 to 1.
    Symmetric,
    /// Mean 0 and standard deviation 1 of the image's own unmasked pixels before resizing.
    ZScore,
    /// (x - mean) / std with one number, or one for each channel.
    MeanStd {
        /// Subtracted, in the units of the view (0 to 1, or modality units after `voi = "none"`).
        mean: Vec<f64>,
        /// Divided by; above 0.
        std: Vec<f64>,
    },
    /// Nothing: the view's values as they are.
    None,
}

/// What becomes of padding pixels (0028,0120) and (0028,0121).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaddingSpec {
    /// Background, and left out of all statistics.
    Blank,
    /// Values like any other.
    Keep,
}

/// How much of a compressed image is decoded before it is resized; see [`super::reduce`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decode {
    /// All of it.
    #[default]
    Full,
    /// Of JPEG 2000, HTJ2K and 8-bit JPEG with a DCT, the smallest half, quarter and so on that is still at least
    /// twice the tensor's size: several times faster, values differ slightly.
    Reduced,
}

/// Longest side of a tensor.
pub const LONGEST_SIDE: u32 = 16384;

impl Size {
    /// Rows and columns, if not the image's own.
    pub const fn sides(self) -> Option<[u32; 2]> {
        match self {
            Size::Side(side) => Some([side, side]),
            Size::Sides(sides) => Some(sides),
            Size::Own(OwnSize::None) => None,
        }
    }
}

impl PlanSpec {
    /// Refuses words that no image can follow, before the first file is read.
    pub fn check(&self) -> Result<()> {
        check_voi(&self.voi)?;
        if let Some(sides) = self.size.sides()
            && sides.iter().any(|side| !(1..=LONGEST_SIDE).contains(side))
        {
            return Err(Fault::config("image.size", "each side is from 1 to 16384", format!("{sides:?}")));
        }
        if !matches!(self.channels, 1 | 3) {
            return Err(Fault::config("image.channels", "expected 1 or 3", self.channels.to_string()));
        }
        let integer = matches!(self.dtype, DType::U8 | DType::U16);
        if integer && !matches!(self.normalize, Normalize::Unit) {
            return Err(Fault::config("image.dtype", "u8 and u16 hold the unit range only", self.dtype.name())
                .remedy("normalize = \"unit\", or a float dtype"));
        }
        if self.voi == VoiSpec::None && matches!(self.normalize, Normalize::Unit | Normalize::Symmetric) {
            return Err(Fault::config("image.normalize", "modality values have no unit range", "voi = \"none\"")
                .remedy("normalize = \"none\", \"z-score\" or mean-std"));
        }
        if let Normalize::MeanStd { mean, std } = &self.normalize {
            let fits = |list: &[f64]| list.len() == 1 || list.len() == usize::from(self.channels);
            if !fits(mean) || !fits(std) {
                return Err(Fault::config("image.normalize", "one number, or one for each channel", "mean-std"));
            }
            let usable = |s: &f64| (*s as f32).is_finite() && *s as f32 > 0.0 && (1.0 / *s as f32).is_finite();
            if !mean.iter().all(|m| (*m as f32).is_finite()) || !std.iter().all(usable) {
                return Err(Fault::config("image.normalize", "finite means, and deviations above 0", "mean-std"));
            }
        }
        Ok(())
    }
}

fn check_voi(voi: &VoiSpec) -> Result<()> {
    match voi {
        VoiSpec::Percentile(low, high) if !(0.0 <= *low && low < high && *high <= 100.0) => {
            Err(Fault::config("image.voi", "percentiles from 0 to 100, the lower one first", format!("{low}, {high}")))
        }
        VoiSpec::Preset(name) if super::presets::by_name(name).is_none() => {
            Err(Fault::config("image.voi", "no preset of this name", name.clone())
                .remedy("`voxmill rules` lists the presets"))
        }
        VoiSpec::Window { center, width, function } => super::window::check(*center, *width, (*function).into())
            .map_err(|cause| Fault::config("image.voi", cause, format!("center {center}, width {width}"))),
        _ => Ok(()),
    }
}
