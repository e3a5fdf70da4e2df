//! DICOM objects on their way through `deid`: each is opened, its image is searched for burned-in text together with its
//! neighbours', and it is written anew. Opening and writing run on many objects at once.

use super::masked::masked;
use crate::deid::burned_in::{self, Seen};
use crate::deid::dicom::{self, Cleaned, Masked, Origin, Profile, Task};
use crate::deid::facts::Facts;
use crate::deid::identity::{Crosswalk, Identity};
use crate::engine::Engine;
use crate::error::{Reason, Result};
use crate::model::Clean;
use crate::read::dicom::whole::{self, Whole};
use crate::recipe::Recipe;
use crate::run::guarded;
use crate::run::job::set_aside;
use crate::run::load::LoadedImage;
use crate::run::search::{self, Subject, Verdict};

/// An object that was read.
pub struct Object {
    whole: Whole,
    content: Content,
}

enum Content {
    /// It has pixels that can be decoded.
    Image(Box<LoadedImage>),
    /// It has none, or none that anybody looks at.
    Other(Box<Clean<Facts>>),
}

/// Opens an object.
///
/// # Errors
/// What cannot be read to its end, kinds of images that the recipe refuses, and pixels that cannot be decoded although the
/// recipe has somebody look at them.
pub fn open(
    recipe: &Recipe,
    identity: &Identity,
    bytes: Vec<u8>,
    origin: Origin,
    crosswalk: &mut Crosswalk,
) -> Result<Object> {
    let whole = guarded(|| whole::open(bytes))?;
    let (facts, sheet) = dicom::facts_of(&whole, origin, identity, crosswalk);
    let (rows, columns) = dicom::size_of(&whole);
    let seen = Seen { facts: &facts, rows, columns };
    burned_in::accept(&recipe.burned_in, &recipe.mask, &seen)?;
    let content = match guarded(|| whole.image()) {
        Ok(image) => Content::Image(Box::new(LoadedImage::new(recipe, facts, &sheet, image)?)),
        Err(fault) => {
            let asked = || burned_in::by_header(&recipe.burned_in, &recipe.mask, &seen, &[]);
            let pixels = fault.reason != Reason::NoPixels;
            if pixels && recipe.burned_in.detector || !asked()?.findings.is_empty() {
                return Err(fault);
            }
            Content::Other(Box::new(facts))
        }
    };
    Ok(Object { whole, content })
}

impl Object {
    /// The image, if the recipe has somebody look at its pixels.
    pub fn to_search(&self, recipe: &Recipe) -> Option<&LoadedImage> {
        match &self.content {
            Content::Image(loaded) if search::looks_at_pixels(recipe, loaded) => Some(loaded),
            _ => None,
        }
    }

    /// Writes it anew. `verdict` is what the search says of its image; without one, the layers of the header decide.
    ///
    /// # Errors
    /// Frames that nobody could look at, text that is left, pixels that cannot be written again, values too long for
    /// their new place.
    pub fn clean(
        self,
        recipe: &Recipe,
        (profile, identity): (&Profile, &Identity),
        origin: Origin,
        verdict: Option<Verdict>,
        crosswalk: &mut Crosswalk,
    ) -> Result<(Cleaned, Option<&'static str>)> {
        let Object { whole, content } = self;
        let (facts, masked, burned_in) = match content {
            Content::Other(facts) => (*facts, None, None),
            Content::Image(loaded) => {
                let verdict = verdict.map_or_else(|| search::unsearched(recipe, &loaded), Ok)?;
                let masked = guarded(|| pixels(recipe, &whole, &loaded, &verdict))?;
                (loaded.facts, masked, Some(verdict.masks.because()))
            }
        };
        let task = Task { whole: &whole, origin, facts, profile, identity, masked, burned_in };
        Ok((guarded(|| dicom::clean(task, crosswalk))?, burned_in))
    }
}

/// The pixels that take the place of an image's own; `None` if those stay as they are, byte for byte.
fn pixels(recipe: &Recipe, whole: &Whole, loaded: &LoadedImage, verdict: &Verdict) -> Result<Option<Masked>> {
    let image = &loaded.image;
    let searched = recipe.burned_in.detector;
    if let Some(fault) = verdict.unread.as_ref().filter(|_| searched) {
        return Err(fault.clone());
    }
    set_aside(recipe, verdict)?;
    // Bytes behind the last frame were not searched.
    let beyond = searched && image.warnings().contains(&"excess-pixel-data");
    let stay = verdict.masks.boxes().is_empty() && !beyond && !dicom::overlay_in_pixels(whole);
    if stay { Ok(None) } else { masked(image, &verdict.masks).map(Some) }
}

/// What the search says of each object that is to be searched, in their order.
pub fn search(
    recipe: &Recipe,
    engine: &mut dyn Engine,
    objects: &[&LoadedImage],
    memory: u64,
) -> Result<Vec<Result<Verdict>>> {
    let subjects: Vec<Subject> = objects.iter().map(|loaded| Subject { loaded, frames: None }).collect();
    search::search(recipe, engine, &subjects, memory)
}
