//! What a run that makes a folder was asked: the same for data sets, scores and de-identified files.

use crate::cli::Shard;
use crate::deid::private::Recipient;
use crate::engine::Choice;
use crate::recipe::Recipe;
use std::path::PathBuf;

/// Inputs, the folder to make, and how.
#[derive(Clone, Debug)]
pub struct Work {
    /// What the user named.
    pub inputs: Vec<PathBuf>,
    /// The folder to make.
    pub out: PathBuf,
    /// The recipe, read and checked.
    pub recipe: Recipe,
    /// Folder of rule files that replace the built-in ones.
    pub rules: Option<PathBuf>,
    /// Where pixel operations and the text finder run.
    pub engine: Choice,
    /// Where the key is, if not in the environment or the private folder.
    pub key_file: Option<PathBuf>,
    /// The private folder, if not beside `out`.
    pub private: Option<PathBuf>,
    /// Whom the private maps are sealed to.
    pub seal_to: Option<Recipient>,
    /// CSV of ids that name the same person.
    pub crosswalk: Option<PathBuf>,
    /// Threads; all cores if `None`.
    pub jobs: Option<usize>,
    /// Bytes for inputs and frames in flight.
    pub memory: Option<u64>,
    /// Which parts; all if `None`.
    pub shard: Option<Shard>,
}

impl Work {
    /// Everything from these inputs into this folder, with what the machine offers.
    pub fn new(inputs: Vec<PathBuf>, out: PathBuf, recipe: Recipe) -> Self {
        Self {
            inputs,
            out,
            recipe,
            rules: None,
            engine: Choice::Auto,
            key_file: None,
            private: None,
            seal_to: None,
            crosswalk: None,
            jobs: None,
            memory: None,
            shard: None,
        }
    }
}
