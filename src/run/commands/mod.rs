//! The commands beside `prepare`, one file each.

pub mod alerts;
pub mod decode;
pub mod demo;
pub mod inspect;
pub mod mask;
pub mod recipe;
pub mod tables;
pub mod verify;

use crate::deid::facts;
use crate::deid::identity::{Crosswalk, Identity};
use crate::deid::key::Key;
use crate::error::{Fault, Reason, Result};
use crate::read::dicom;
use crate::read::walk::{self, Source};
use crate::recipe::Recipe;
use crate::run::load::LoadedImage;
use crate::run::private;
use crate::write::times::{self, RunTimes};
use std::path::Path;

/// The recipe in a file, or the default one.
pub fn recipe_of(path: Option<&Path>) -> Result<Recipe> {
    match path {
        None => Ok(Recipe::default()),
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| Fault::config("--recipe", "cannot be read", format!("{}: {error}", path.display())))?;
            Recipe::parse(&text)
        }
    }
}

/// The recipe of `score`: where the user names none, without the search for burned-in text, which costs far more than
/// metrics.
pub fn recipe_of_scores(path: Option<&Path>) -> Result<Recipe> {
    let mut recipe = recipe_of(path)?;
    recipe.burned_in.detector &= path.is_some();
    Ok(recipe)
}

/// What the private folder tells of the time that runs took, if it was asked for; without a folder, the default place.
pub fn times_of(dataset: &Path, asked: Option<Option<&Path>>) -> Result<Option<Vec<RunTimes>>> {
    let place = |dir: Option<&Path>| dir.map_or_else(|| private::default_place(dataset), Path::to_owned);
    asked.map(|dir| times::runs(&place(dir))).transpose()
}

/// The bytes of one file that the user named.
fn bytes_of(file: &Path) -> Result<Vec<u8>> {
    let metadata = std::fs::metadata(file)
        .map_err(|error| Fault::config("FILE", "cannot be read", format!("{}: {error}", file.display())))?;
    walk::read(&Source { path: file.to_owned(), member: None, bytes: metadata.len() })
}

/// Opens an image for commands that keep nothing: its pseudonyms come from a key that is forgotten at once, so that
/// mask rules can be matched and nothing can be linked.
fn open_image(bytes: Vec<u8>, recipe: &Recipe) -> Result<LoadedImage> {
    if !dicom::looks_like(&bytes) {
        return Err(Fault::input(Reason::UnknownKind, "file", "not a DICOM file"));
    }
    let identity = Identity::new(Key::generate()?, recipe.identity.issuers, recipe.shares());
    let opened = super::guarded(|| dicom::open(bytes))?;
    let facts = facts::clean(&opened.sheet, "", &identity, &mut Crosswalk::default());
    LoadedImage::new(recipe, facts, &opened.sheet, opened.image?)
}
