//! From a frame in its file to a job for the engine: decoded as far as the recipe needs it, masked as the search says,
//! planned.

use super::load::LoadedImage;
use super::search::Verdict;
use crate::deid::burned_in::settings::OnReview;
use crate::deid::burned_in::{self, Finding};
use crate::engine::Job;
use crate::error::{Fault, Reason, Result};
use crate::model::{Frame, MaskBox, Masks, Reduction};
use crate::pixel::{Plan, Shape, Want, reduce};
use crate::read::dicom::Decoding;
use crate::recipe::Recipe;

/// What the manifest says of a frame beside what the engine finds out.
pub struct Prepared {
    /// What is blanked, in stored pixel coordinates.
    pub masks: Masks,
    /// Marks that were left readable.
    pub released: Vec<MaskBox>,
    /// What decoding repaired or lost.
    pub warnings: Vec<&'static str>,
    /// Modality, a defined term.
    pub modality: Option<&'static str>,
    /// Body part, a defined term.
    pub body_part: Option<&'static str>,
    /// `full`, or the part of the stored size at which the frame was decoded.
    pub decoded: String,
}

/// Makes ready to decode one frame of an image: `whole`, or as small as the recipe allows.
///
/// Fails as its header does, and if text is left in the image and the recipe wants such images set aside.
pub fn begin<'a>(
    recipe: &Recipe,
    loaded: &'a LoadedImage,
    (number, whole): (u32, bool),
    verdict: &Verdict,
) -> Result<Decoding<'a>> {
    set_aside(recipe, verdict)?;
    let image = &loaded.image;
    let halvings = match whole {
        true => 0,
        false => {
            let interpretation = image.interpretation(number)?;
            reduce::halvings(&recipe.image, image.rows(), image.columns(), &interpretation)
        }
    };
    image.decoding(number, halvings)
}

/// Plans one frame of an image with this verdict. Fails as its plan does, and as [`begin`] for a frame that was decoded for
/// the search.
pub fn prepare(
    recipe: &Recipe,
    want: Want,
    (mut decoded, reduction): (Frame, Option<Reduction>),
    verdict: &Verdict,
) -> Result<(Prepared, Job)> {
    set_aside(recipe, verdict)?;
    let interpretation = &decoded.interpretation;
    let (modality, body_part) = (interpretation.modality_code, interpretation.body_part);
    let masks = verdict.masks.clone();
    let shape = Shape::of(&decoded);
    let plan = match &reduction {
        None => Plan::new(&recipe.image, shape, interpretation, masks.clone())?,
        Some(reduction) => {
            let smaller = burned_in::reduced(&masks, reduction, shape.rows, shape.columns);
            Plan::reduced(&recipe.image, shape, interpretation, smaller, reduction)?
        }
    };
    // Metrics are those of stored pixels: an image that was decoded smaller has none.
    let want = if reduction.is_some() { Want::Tensor } else { want };
    let mut warnings = std::mem::take(&mut decoded.warnings);
    warnings.extend(&verdict.warnings);
    let word = reduction.map_or_else(|| "full".to_owned(), |reduction| reduction.word());
    let released = verdict.released.iter().map(Finding::boxed).collect();
    let prepared = Prepared { masks, released, warnings, modality, body_part, decoded: word };
    Ok((prepared, Job { frame: decoded, plan: plan.wanting(want) }))
}

/// Refuses an image in which text is left, unless the recipe keeps those.
pub fn set_aside(recipe: &Recipe, verdict: &Verdict) -> Result<()> {
    if verdict.left.is_empty() || recipe.burned_in.review == OnReview::Keep {
        return Ok(());
    }
    Err(Fault::input(
        Reason::BurnedInReview,
        "PixelData",
        "text is still found after masking, is said to be there and not found, or fills half of the picture",
    )
    .number("boxes", verdict.left.len() as i128)
    .remedy("look at it: voxmill mask --png; then a [[mask]] rule, or [burned_in] review = \"keep\""))
}
