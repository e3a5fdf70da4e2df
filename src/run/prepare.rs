//! The main job: an archive becomes a data set.

use super::allocator;
use super::context::{Budget, Context, Purpose};
use super::copies;
use super::finder;
use super::join;
use super::part::{self, Workshop};
use super::people;
use super::plan::Inputs;
use super::private::{self, Private};
use super::rulebook::RuleBook;
use super::score::{self, Judge};
use super::times::Times;
use super::work::Work;
use crate::console::Console;
use crate::deid::memory::Pool;
use crate::error::{Fault, Result};
use crate::read::tables::Mappings;
use crate::write::files::Durability;
use crate::write::times::{self, RunTimes};
use crate::write::{Dataset, Finished, RunCard};
use serde_json::json;
use std::path::PathBuf;

/// What `prepare` or `score` was asked.
#[derive(Clone, Debug)]
pub struct Request {
    /// Inputs, the data set's folder, and how.
    pub work: Work,
    /// Folder of rule files that stand for the shipped ones.
    pub rules: Option<PathBuf>,
    /// Tensors, or scores.
    pub purpose: Purpose,
}

/// What became of a run.
#[derive(Debug)]
pub enum Outcome {
    /// The data set is closed.
    Finished(Box<Finished>),
    /// This shard's parts are committed, others' are not.
    Waiting {
        /// Parts that are committed.
        done: u64,
        /// Parts there are.
        parts: u64,
    },
}

/// Most threads: beyond the cores of any one machine they only take memory from each other.
const MOST_JOBS: usize = 512;

/// Runs it.
pub fn run(request: &Request, console: &Console) -> Result<Outcome> {
    pool(request.work.jobs)?.install(|| in_pool(request, console))
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

fn in_pool(request: &Request, console: &Console) -> Result<Outcome> {
    let work = &request.work;
    if work.out.exists() && !work.out.is_dir() {
        return Err(Fault::config("--out", "this is a file, the data set is a folder", work.out.display().to_string()));
    }
    let rules = RuleBook::open(request.rules.as_deref())?;
    let mut recipe = work.recipe.clone();
    recipe.burned_in.own_rules = rules.burned_in.clone();
    if request.purpose == Purpose::Score {
        score::measure_all(&mut recipe);
    }
    let recipe = &recipe;
    let mappings = Mappings::new(&recipe.ehr.tables)?;
    let (mut engine, model) = finder::open(work.engine, &recipe.burned_in)?;
    let private_dir = work.private.clone().unwrap_or_else(|| private::default_place(&work.out));
    let exclude = [work.out.clone(), private_dir.clone()];
    let inputs = Inputs::list(&work.inputs, &exclude, recipe)?;
    if inputs.listed.is_empty() {
        return Err(Fault::config("INPUT", "there is no file in what was named", "0 inputs"));
    }
    let parts = u32::try_from(inputs.parts.len())
        .map_err(|_| Fault::config("recipe.output", "too many parts", inputs.parts.len().to_string()))?;
    inputs.shelf.limit(Budget::shelf(work.memory.unwrap_or_else(Budget::default_bytes)));
    let private = Private::open(private_dir, work.key_file.as_deref())?;
    let engine_name = engine.name();
    let engine_word = engine_name.split(':').next().unwrap_or_default().to_owned();
    let crosswalk = work.crosswalk.as_deref();
    let key = private.key.clone();
    let identity = match request.purpose {
        Purpose::Prepare => people::identity_with_tables(key, recipe, crosswalk, &inputs, &mappings, console)?,
        Purpose::Score => people::identity(key, recipe, crosswalk, &inputs)?,
    };
    let made_by = match request.purpose {
        Purpose::Prepare => engine_word.clone(),
        Purpose::Score => format!("score {engine_word}"),
    };
    let made_by = model.map_or(made_by.clone(), |model| format!("{made_by} text-model {model}"));
    let plan_digest = inputs.digest(&identity, recipe, &rules, &made_by);
    let card = RunCard::new(recipe.canonical(), recipe.digest(), plan_digest.clone(), recipe.output.format, parts);
    let dataset = Dataset::open(&work.out, card, Durability::Buffered)?;
    let mut context = Context {
        recipe: recipe.clone(),
        identity,
        memories: Pool::default(),
        mappings,
        hl7: super::rows::wanted(&recipe.hl7.tables)?,
        plan_digest,
        judge: Judge::new(recipe, &rules.quality, request.purpose == Purpose::Prepare)?,
        copies: copies::Found::default(),
        purpose: request.purpose,
        times: Times::begin(),
        memory: Budget::of(work.memory.unwrap_or_else(Budget::default_bytes), engine_word != "cpu"),
        engine: engine_word,
    };
    if request.purpose == Purpose::Prepare {
        context.copies = copies::find(&context, &inputs)?;
    }
    console.say(&format!(
        "{} inputs, {:.1} MB, {parts} part{}, engine {engine_name}",
        inputs.listed.len(),
        inputs.bytes() as f64 / 1e6,
        if parts == 1 { "" } else { "s" },
    ));
    console.begin(inputs.listed.len() as u64, inputs.bytes(), u64::from(parts));
    let (inputs, dataset, private_dir) = (&inputs, &dataset, private.dir.as_path());
    let workshop = Workshop { context: &context, inputs, dataset, private_dir, console };
    let (mut done, mut ours_done) = (0u64, RunTimes::of(&engine_name, rayon::current_num_threads()));
    for (index, range) in inputs.parts.iter().enumerate() {
        let number = index as u32;
        let ours = work.shard.is_none_or(|shard| index as u64 % shard.count == shard.index);
        if dataset.receipt(number)?.is_some() {
            done += 1;
            inputs.shelf.forget(range.clone());
            if ours {
                console.skip(range.len() as u64);
            }
            continue;
        }
        if !ours {
            inputs.shelf.forget(range.clone());
        } else {
            part::process(&workshop, engine.as_mut(), number, range.clone())?;
            ours_done.add(range.len(), inputs.listed[range.clone()].iter().map(|input| input.source.bytes).sum());
            console.event("part", json!({ "part": index, "parts": parts, "inputs": range.len() }));
            done += 1;
        }
    }
    console.end();
    if ours_done.parts > 0 {
        times::append(private_dir, &ours_done.ended(context.times.seconds(), context.times.stages()))?;
    }
    if done < u64::from(parts) && !all_committed(dataset, parts)? {
        return Ok(Outcome::Waiting { done, parts: u64::from(parts) });
    }
    let finished = join::finish(&context, &rules, dataset, private_dir)?;
    private.seal(work.seal_to.as_ref())?;
    Ok(Outcome::Finished(Box::new(finished)))
}

pub(super) fn all_committed(dataset: &Dataset, parts: u32) -> Result<bool> {
    for number in 0..parts {
        if dataset.receipt(number)?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}
