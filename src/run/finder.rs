//! Which engine looks for text: the one the user wants, with a second reader beside it if a model was named.

use crate::deid::burned_in::Settings;
use crate::engine::{self, Choice, Engine};
use crate::error::{Fault, Result};
use std::path::Path;

/// An engine and what a run says of it.
pub struct Finder {
    /// The engine, with the second reader beside it if there is one.
    pub engine: Box<dyn Engine>,
    /// Digest of the second reader's model.
    model: Option<String>,
}

impl Finder {
    /// Opens the engine, and the model if the recipe names one.
    ///
    /// # Errors
    /// A fault if there is no such engine, or if a model is named that nobody would ask or that cannot be read.
    pub fn open(choice: Choice, settings: &Settings) -> Result<Self> {
        let engine = engine::open(choice)?;
        let (engine, model) = match &settings.text_model {
            None => (engine, None),
            Some(path) if settings.detector => with_model(engine, path)?,
            Some(path) => {
                let shown = path.display().to_string();
                return Err(Fault::config("--text-model", "nobody looks for text here", shown)
                    .remedy("set recipe.burned_in.detector = true; `deid` looks for text with --clean-pixel-data"));
            }
        };
        Ok(Self { engine, model })
    }

    /// The engine with its adapter, as the user is told it.
    pub fn name(&self) -> String {
        self.engine.name()
    }

    /// `cpu` or `gpu`, as the manifest has it.
    pub fn word(&self) -> String {
        self.name().split(':').next().unwrap_or_default().to_owned()
    }

    /// Whether frames go to a device.
    pub fn on_device(&self) -> bool {
        self.word() != "cpu"
    }

    /// What decides about pixels and so belongs to the digest of a run, after the `task` that the run has.
    pub fn made_by(&self, task: &str) -> String {
        let model = self.model.as_ref().map(|digest| format!("text-model {digest}"));
        let words = [(!task.is_empty()).then(|| task.to_owned()), Some(self.word()), model];
        words.into_iter().flatten().collect::<Vec<_>>().join(" ")
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
