//! `voxmill deid`: an archive becomes de-identified files. Parts, resume, shards and the private maps are those of `prepare`.

mod input;
mod masked;
pub mod object;
mod part;

use super::context::Budget;
use super::finder::Finder;
use super::opening::{self, Opened};
use super::people;
use super::plan::Inputs;
use super::rulebook::RuleBook;
use super::shard::{self, Outcome};
use super::work::Work;
use crate::console::Console;
use crate::deid::dicom::{self, Profile};
use crate::deid::identity::Identity;
use crate::deid::memory::Pool;
use crate::engine::Choice;
use crate::error::Result;
use crate::recipe::Recipe;
use crate::write::files::Durability;
use crate::write::{Dataset, Finisher, RunCard};
use std::path::Path;

/// What every part needs.
struct Shop<'a> {
    profile: Profile,
    identity: Identity,
    recipe: &'a Recipe,
    memory: Budget,
    inputs: &'a Inputs,
    dataset: &'a Dataset,
    private_dir: &'a Path,
    console: &'a Console,
    /// What workers that rewrite messages remember, between two inputs.
    memories: Pool,
}

/// Runs it.
pub fn run(work: &Work, console: &Console) -> Result<Outcome> {
    opening::pool(work.jobs)?.install(|| in_pool(work, console))
}

fn in_pool(work: &Work, console: &Console) -> Result<Outcome> {
    let choices = work.recipe.deid.choices()?;
    // An option of the profile like the others: only who names it has it (PS3.15 E.3.1).
    let detector = choices.contains(&dicom::Choice::PixelData);
    let rules = RuleBook::open(work.rules.as_deref())?;
    let mut recipe = work.recipe.clone();
    recipe.burned_in.detector = detector;
    recipe.burned_in.own_rules = rules.burned_in.clone();
    // Without the detector the engine only compares frames, which the CPU does as well.
    let mut finder = Finder::open(if detector { work.engine } else { Choice::Cpu }, &recipe.burned_in)?;
    let Opened { inputs, parts, private } = Opened::of(work, &recipe)?;
    let key = private.key.clone();
    let identity = people::identity_with_names(key, &recipe, work.crosswalk.as_deref(), &inputs, console)?;
    let plan_digest = inputs.digest(&identity, &recipe, &rules, &finder.made_by("deid"));
    let card = RunCard::of_files(recipe.canonical(), recipe.digest(), plan_digest, parts);
    let dataset = Dataset::open(&work.out, card, Durability::Buffered)?;
    let shop = Shop {
        profile: Profile::new(&choices),
        identity,
        recipe: &recipe,
        memory: Budget::of(opening::memory(work), finder.on_device()),
        inputs: &inputs,
        dataset: &dataset,
        private_dir: private.dir.as_path(),
        console,
        memories: Pool::default(),
    };
    let pixels = if detector {
        format!("pixels searched on {}", finder.name())
    } else {
        "pixels NOT searched for burned-in text (--clean-pixel-data)".to_owned()
    };
    console.say(&format!(
        "{} inputs, {:.1} MB, Basic Profile {}, {pixels}",
        inputs.listed.len(),
        inputs.bytes() as f64 / 1e6,
        shop.profile.words(),
    ));
    let mut made = 0;
    let make = |number, range| {
        made += 1;
        part::process(&shop, finder.engine.as_mut(), number, range).map(drop)
    };
    if let Some(waiting) = shard::each_part(work, &inputs, &dataset, console, make)? {
        return Ok(waiting);
    }
    if made == parts {
        opening::tell_idle_rules(&recipe, console);
    }
    let finished = Finisher::open(&dataset, &[])?.finish_files()?;
    crate::write::private::merge(shop.private_dir, parts)?;
    private.seal(work.seal_to.as_ref())?;
    Ok(Outcome::Finished(Box::new(finished)))
}
