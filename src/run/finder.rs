//! Which engine looks for text: the one the user wants, with a second reader beside it if a model was named.

use crate::deid::burned_in::Settings;
use crate::engine::{self, Choice, Engine};
use crate::error::{Fault, Result};
use std::path::Path;

/// Opens it; with the digest of the model, which decides about pixels and so belongs to the digest of a run.
pub fn open(choice: Choice, settings: &Settings) -> Result<(Box<dyn Engine>, Option<String>)> {
    let engine = engine::open(choice)?;
    match &settings.text_model {
        None => Ok((engine, None)),
        Some(path) if settings.detector => with_model(engine, path),
        Some(path) => Err(Fault::config("--text-model", "nobody looks for text here", path.display().to_string())
            .remedy("set recipe.burned_in.detector = true; `deid` looks for text with --clean-pixel-data")),
    }
}

#[cfg(feature = "text-model")]
fn with_model(engine: Box<dyn Engine>, path: &Path) -> Result<(Box<dyn Engine>, Option<String>)> {
    use sha2::{Digest, Sha256};
    let bytes = std::fs::read(path)
        .map_err(|error| Fault::config("--text-model", "cannot be read", format!("{}: {error}", path.display())))?;
    let digest = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((Box::new(engine::reader::Reader::new(engine, bytes)?), Some(digest)))
}

#[cfg(not(feature = "text-model"))]
fn with_model(_: Box<dyn Engine>, path: &Path) -> Result<(Box<dyn Engine>, Option<String>)> {
    Err(Fault::config("--text-model", "this program was built without it", path.display().to_string())
        .remedy("build it with `cargo build --release --features text-model`"))
}
