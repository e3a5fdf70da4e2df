//! `verify --against`: every identifier of the inputs is gathered, every byte of the data set that can be text is searched.
//! What an identifier is and how it is found is said in `deid::leaks`; how files are read, in `read` and `write::texts`.

mod inputs;
mod outputs;
mod references;

use crate::console::Console;
use crate::deid::key::Key;
use crate::deid::leaks::{Kept, Search};
use crate::error::{Fault, Result};
use crate::recipe::Recipe;
use crate::run::people;
use crate::run::plan::Inputs;
use serde_json::Value;
use std::path::{Path, PathBuf};

pub use outputs::Leak;

/// What is proved against what.
pub struct Request<'a> {
    /// The data set.
    pub dataset: &'a Path,
    /// What it was made from.
    pub inputs: &'a [PathBuf],
    /// Its key, if at hand: without it, days and references are not checked.
    pub key: Option<Key>,
    /// The private folder, which is no input.
    pub private: &'a Path,
    /// The crosswalk that the data set was made with, if any.
    pub crosswalk: Option<&'a Path>,
}

/// What was searched for and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Searched {
    /// Inputs read.
    pub inputs: u64,
    /// Inputs that could not be read: what they hold was not searched for.
    pub unread: u64,
    /// Identifiers, each spelling counted.
    pub identifiers: u64,
    /// Persons known by the key.
    pub persons: u64,
    /// Files of the data set.
    pub files: u64,
    /// Texts in them.
    pub texts: u64,
}

/// What the proof gives.
pub struct Proof {
    /// What leaked.
    pub leaks: Vec<Leak>,
    /// What was searched.
    pub searched: Searched,
    search: Search,
}

impl Proof {
    /// Whether dates and references were checked.
    pub fn keyed(&self) -> bool {
        self.search.keyed()
    }

    /// The name of a file of the data set, as it may be printed.
    pub fn shown<'n>(&self, name: &'n str) -> &'n str {
        if outputs::clean_name(&self.search, name) { name } else { "a file whose name says too much" }
    }
}

/// Runs the proof: what leaked, and what was searched.
///
/// # Errors
/// The inputs or the data set cannot be listed.
pub fn run(request: &Request, console: &Console) -> Result<Proof> {
    let recipe = recipe_of(request.dataset)?;
    let exclude = [request.dataset.to_owned(), request.private.to_owned()];
    let inputs = Inputs::list(request.inputs, &exclude, &recipe)?;
    let identity = match &request.key {
        Some(key) => Some(people::identity(key.clone(), &recipe, request.crosswalk, &inputs)?),
        None => {
            console.say("no key: dates and references are not checked (--key-file, --private or VOXMILL_KEY)");
            None
        }
    };
    let (harvest, mut searched) = inputs::harvest(request, &inputs, &recipe, identity, console)?;
    (searched.identifiers, searched.persons) = harvest.counts();
    console.say(&format!(
        "{} inputs: {} identifiers of {} persons",
        searched.inputs, searched.identifiers, searched.persons
    ));
    let search = harvest.freeze(Kept::of(&recipe.deid.choices()?));
    let leaks = outputs::search(request.dataset, &search, &mut searched)?;
    Ok(Proof { leaks, searched, search })
}

/// The recipe that made a data set, from its card.
fn recipe_of(dataset: &Path) -> Result<Recipe> {
    let card = dataset.join("dataset.json");
    let shown = || card.display().to_string();
    let text = std::fs::read(&card).map_err(|error| crate::write::files::io_fault(&shown(), &error))?;
    let value: Value = serde_json::from_slice(&text).unwrap_or_default();
    let recipe = value.get("recipe").and_then(Value::as_str).unwrap_or_default();
    Recipe::parse(recipe).map_err(|_| Fault::config("DATASET", "its recipe cannot be read", shown()))
}
