//! What a pixel operation means: plans, the numbers an operation reads, and a plain twin of every shader. Nothing is
//! opened here, no thread started, no GPU named; speed lives in `engine`.
//!
//! Order: mask, modality, view (window or VOI LUT), inversion or colour, resize, normalize, dtype.

pub mod block;
pub mod chain;
pub mod colour;
pub mod dtype;
pub mod invert;
pub mod kernel;
pub mod mask;
pub mod modality;
pub mod normalize;
pub mod overlay;
pub mod palette;
pub mod plan;
pub mod presets;
pub mod quality;
pub mod reduce;
pub mod resize;
pub mod spec;
pub mod stage;
pub mod stats;
pub mod still;
pub mod textnet;
pub mod voi_lut;
pub mod window;

pub(crate) use block::uniform;
pub use chain::twin;
pub use kernel::Kernel;
pub use plan::{Plan, Shape, View, Want};
pub use presets::{PRESETS, Preset};
pub use quality::Quality;
pub use spec::PlanSpec;
pub use stats::{Counts, Moments, Stats};

/// Every operation in the order in which it runs: the word of the manual, one sentence, and the stem that
/// `src/pixel/` and `shaders/` share.
pub const OPS: &[(&str, &str, &str)] = &[
    ("overlay", "Finds what stays while the frames of an image change: lowest and highest of each sample.", "overlay"),
    ("mask", "Blanks burned-in text before any other step sees it.", "mask"),
    ("modality", "Turns stored values into modality values, Hounsfield units for CT.", "modality"),
    ("window", "Shows a range of modality values between black and white.", "window"),
    ("voi-lut", "Shows modality values through a table of the file.", "voi_lut"),
    ("invert", "Turns MONOCHROME1 so that 0 is black.", "invert"),
    ("colour", "Converts YBR to RGB, or colour to grey.", "colour"),
    ("palette", "Looks up palette colours.", "palette"),
    ("stats", "Counts values for percentiles, z-scores and quality.", "stats"),
    ("quality", "Sums what quality metrics are made of.", "quality"),
    ("resize", "Changes rows and columns, antialiased.", "resize"),
    ("normalize", "Shifts and scales values for the model.", "normalize"),
    ("dtype", "Stores f32, f16, u8 or u16.", "dtype"),
];
