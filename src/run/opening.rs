//! What `prepare`, `score` and `deid` find out before their first part: which inputs there are, how they are cut, where the key
//! is; and the threads that all of it runs on.

use super::allocator;
use super::context::Budget;
use super::plan::Inputs;
use super::private::{self, Private};
use super::work::Work;
use crate::console::Console;
use crate::error::{Fault, Result};
use crate::recipe::Recipe;
use crate::write::Dataset;

/// Most threads: beyond the cores of any one machine they only take memory from each other.
const MOST_JOBS: usize = 512;

/// What a run stands on.
pub(super) struct Opened {
    pub(super) inputs: Inputs,
    /// Into how many parts they are cut, at least one.
    pub(super) parts: u32,
    pub(super) private: Private,
}

impl Opened {
    /// Lists the inputs and opens the private folder.
    ///
    /// # Errors
    /// A fault of configuration if the place of the output is a file, nothing was found, or the key cannot be had.
    pub(super) fn of(work: &Work, recipe: &Recipe) -> Result<Self> {
        if work.out.exists() && !work.out.is_dir() {
            let shown = work.out.display().to_string();
            return Err(Fault::config("--out", "this is a file, what is made needs a folder", shown));
        }
        // Before a private folder and a key are made beside it.
        Dataset::could_be(&work.out)?;
        let private_dir = work.private.clone().unwrap_or_else(|| private::default_place(&work.out));
        let exclude = [work.out.clone(), private_dir.clone()];
        let mut inputs = Inputs::list(&work.inputs, &exclude, recipe)?;
        if inputs.listed.is_empty() {
            return Err(Fault::config("INPUT", "there is no file in what was named", "0 inputs"));
        }
        let parts = u32::try_from(inputs.parts.len())
            .map_err(|_| Fault::config("recipe.output", "too many parts", inputs.parts.len().to_string()))?;
        inputs.within(memory(work));
        let private = Private::open(private_dir, work.key_file.as_deref())?;
        Ok(Self { inputs, parts, private })
    }
}

/// Bytes that a run may use: what the user gave it, else a quarter of the machine's.
pub(super) fn memory(work: &Work) -> u64 {
    work.memory.unwrap_or_else(Budget::default_bytes)
}

/// Tells which mask rules of the recipe matched no image, once all parts were made: whoever misspelt a manufacturer would take
/// the pictures for masked.
pub(super) fn tell_idle_rules(recipe: &Recipe, console: &Console) {
    for (place, _) in recipe.mask.iter().enumerate().filter(|(_, rule)| rule.is_idle()) {
        console.say(&format!("[[mask]] rule {} of the recipe matched no image", place + 1));
    }
}

/// As many threads as were asked for.
pub(super) fn pool(jobs: Option<usize>) -> Result<rayon::ThreadPool> {
    allocator::keep_freed();
    let mut pool = rayon::ThreadPoolBuilder::new().thread_name(|n| format!("voxmill-{n}"));
    if let Some(jobs) = jobs {
        if !(1..=MOST_JOBS).contains(&jobs) {
            return Err(Fault::config("--jobs", "a number of threads from 1 to 512", jobs.to_string()));
        }
        pool = pool.num_threads(jobs);
    }
    pool.build().map_err(|error| Fault::environment("threads", "cannot be started", error.to_string()))
}
