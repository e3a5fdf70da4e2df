//! The main job: an archive becomes a data set.

use super::context::{Budget, Context, Purpose};
use super::copies;
use super::finder::Finder;
use super::join;
use super::opening::{self, Opened};
use super::part::{self, Workshop};
use super::people;
use super::rulebook::RuleBook;
use super::score::{self, Judge};
use super::shard::{self, Outcome};
use super::times::Times;
use super::work::Work;
use crate::console::Console;
use crate::deid::memory::Pool;
use crate::error::Result;
use crate::read::tables::Mappings;
use crate::write::files::Durability;
use crate::write::times::{self, RunTimes};
use crate::write::{Dataset, RunCard};

/// What `prepare` or `score` was asked.
#[derive(Clone, Debug)]
pub struct Request {
    /// Inputs, the data set's folder, and how.
    pub work: Work,
    /// Tensors, or scores.
    pub purpose: Purpose,
}

/// Runs it.
pub fn run(request: &Request, console: &Console) -> Result<Outcome> {
    opening::pool(request.work.jobs)?.install(|| in_pool(request, console))
}

fn in_pool(request: &Request, console: &Console) -> Result<Outcome> {
    let work = &request.work;
    let scoring = request.purpose == Purpose::Score;
    let rules = RuleBook::open(work.rules.as_deref())?;
    let mut recipe = work.recipe.clone();
    recipe.burned_in.own_rules = rules.burned_in.clone();
    if scoring {
        score::measure_all(&mut recipe);
    }
    let mappings = Mappings::new(&recipe.ehr.tables)?;
    let mut finder = Finder::open(work.engine, &recipe.burned_in)?;
    let Opened { inputs, parts, private } = Opened::of(work, &recipe)?;
    let (crosswalk, key) = (work.crosswalk.as_deref(), private.key.clone());
    let identity = match request.purpose {
        Purpose::Prepare => people::identity_with_tables(key, &recipe, crosswalk, &inputs, &mappings, console)?,
        Purpose::Score => people::identity(key, &recipe, crosswalk, &inputs)?,
    };
    let plan_digest = inputs.digest(&identity, &recipe, &rules, &finder.made_by(if scoring { "score" } else { "" }));
    let card = RunCard::new(recipe.canonical(), recipe.digest(), plan_digest.clone(), recipe.output.format, parts);
    let dataset = Dataset::open(&work.out, card, Durability::Buffered)?;
    let mut context = Context {
        identity,
        memories: Pool::default(),
        mappings,
        hl7: super::rows::wanted(&recipe.hl7.tables)?,
        plan_digest,
        judge: Judge::new(&recipe, &rules.quality, !scoring)?,
        copies: copies::Found::default(),
        purpose: request.purpose,
        times: Times::begin(),
        memory: Budget::of(opening::memory(work), finder.on_device()),
        engine: finder.word(),
        recipe,
    };
    if !scoring {
        context.copies = copies::find(&context, &inputs)?;
    }
    console.say(&format!(
        "{} inputs, {:.1} MB, {parts} part{}, engine {}",
        inputs.listed.len(),
        inputs.bytes() as f64 / 1e6,
        if parts == 1 { "" } else { "s" },
        finder.name(),
    ));
    let private_dir = private.dir.as_path();
    let workshop = Workshop { context: &context, inputs: &inputs, dataset: &dataset, private_dir, console };
    let mut made = RunTimes::of(&finder.name(), rayon::current_num_threads());
    let waiting = shard::each_part(work, &inputs, &dataset, console, |number, range| {
        part::process(&workshop, finder.engine.as_mut(), number, range.clone())?;
        made.add(range.len(), inputs.listed[range].iter().map(|input| input.source.bytes).sum());
        Ok(())
    })?;
    let all_made = made.parts == u64::from(parts);
    if made.parts > 0 {
        times::append(private_dir, &made.ended(context.times.seconds(), context.times.stages()))?;
    }
    if let Some(waiting) = waiting {
        return Ok(waiting);
    }
    if all_made {
        opening::tell_idle_rules(&context.recipe, console);
    }
    let finished = join::finish(&context, &rules, &dataset, private_dir)?;
    private.seal(work.seal_to.as_ref())?;
    Ok(Outcome::Finished(Box::new(finished)))
}
