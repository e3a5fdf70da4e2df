//! From a frame in its file to a job for the engine: decoded as far as the recipe needs it, masked by its rules, planned.

use super::load::LoadedImage;
use crate::deid::burned_in;
use crate::engine::Job;
use crate::error::Result;
use crate::model::Masks;
use crate::pixel::{Plan, Shape, reduce};
use crate::recipe::Recipe;

/// What the manifest says of a frame beside what the engine finds out.
pub struct Prepared {
    /// What is blanked, in stored pixel coordinates.
    pub masks: Masks,
    /// What decoding repaired or lost.
    pub warnings: Vec<&'static str>,
    /// Modality, a defined term.
    pub modality: Option<&'static str>,
    /// Body part, a defined term.
    pub body_part: Option<&'static str>,
    /// `full`, or the part of the stored size at which the frame was decoded.
    pub decoded: String,
}

/// Decodes and plans one frame. Fails as its decoder and its plan do.
pub fn prepare(recipe: &Recipe, loaded: &LoadedImage, frame: u32) -> Result<(Prepared, Job)> {
    let image = &loaded.image;
    let interpretation = image.interpretation(frame)?;
    let halvings = reduce::halvings(&recipe.image, image.rows(), image.columns(), &interpretation);
    let (mut decoded, reduction) = image.decode_reduced(frame, halvings)?;
    let interpretation = &decoded.interpretation;
    let (modality, body_part) = (interpretation.modality_code, interpretation.body_part);
    let masks = masks(recipe, loaded)?;
    let shape = Shape::of(&decoded);
    let plan = match &reduction {
        None => Plan::new(&recipe.image, shape, interpretation, masks.clone())?,
        Some(reduction) => {
            let smaller = burned_in::reduced(&masks, reduction, shape.rows, shape.columns);
            Plan::reduced(&recipe.image, shape, interpretation, smaller, reduction)?
        }
    };
    let warnings = std::mem::take(&mut decoded.warnings);
    let word = reduction.map_or_else(|| "full".to_owned(), |reduction| reduction.word());
    Ok((Prepared { masks, warnings, modality, body_part, decoded: word }, Job { frame: decoded, plan }))
}

/// What is blanked in every frame of an image.
pub fn masks(recipe: &Recipe, loaded: &LoadedImage) -> Result<Masks> {
    let image = &loaded.image;
    let found = burned_in::by_header(&recipe.burned_in, &recipe.mask, &loaded.seen(), image.ultrasound_regions())?;
    Ok(burned_in::masks(&found.findings, image.rows(), image.columns(), found.because))
}
