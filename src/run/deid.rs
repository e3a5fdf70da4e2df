//! `voxmill deid`: an archive becomes de-identified files. Parts, resume, shards and the private maps are those of `prepare`.

mod input;
mod masked;
pub mod object;

use super::context::Budget;
use super::finder;
use super::part::windows;
use super::people;
use super::plan::Inputs;
use super::prepare::{Outcome, all_committed, pool};
use super::private::{self, Private};
use super::rulebook::RuleBook;
use super::work::Work;
use crate::console::Console;
use crate::deid::dicom::{self, Profile, Tally};
use crate::deid::identity::{Crosswalk, Identity};
use crate::deid::memory::Pool;
use crate::engine::{Choice, Engine};
use crate::error::{Fault, Kind, Reason, Result};
use crate::model::{Clean, InputId};
use crate::read::walk;
use crate::recipe::Recipe;
use crate::write::files::Durability;
use crate::write::private::InputLine;
use crate::write::{Dataset, Fact, Finisher, Outcome as Set, PartReceipt, PartWriter, Reject, RunCard, Unit};
use input::{Input, State, one, searched};
use rayon::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;
use std::ops::Range;
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
    pool(work.jobs)?.install(|| in_pool(work, console))
}

fn in_pool(work: &Work, console: &Console) -> Result<Outcome> {
    let choices = work.recipe.deid.choices()?;
    // An option of the profile like the others: only who names it has it (PS3.15 E.3.1).
    let mut recipe = work.recipe.clone();
    recipe.burned_in.detector = choices.contains(&dicom::Choice::PixelData);
    let recipe = &recipe;
    if work.out.exists() && !work.out.is_dir() {
        let shown = work.out.display().to_string();
        return Err(Fault::config("--out", "this is a file, the new files need a folder", shown));
    }
    let profile = Profile::new(&choices);
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
    let identity =
        people::identity_with_names(private.key.clone(), recipe, work.crosswalk.as_deref(), &inputs, console)?;
    // Without the detector the engine only compares frames, which the CPU does as well.
    let detector = recipe.burned_in.detector;
    let (mut engine, model) = finder::open(if detector { work.engine } else { Choice::Cpu }, &recipe.burned_in)?;
    let engine_name = engine.name();
    let engine_word = engine_name.split(':').next().unwrap_or_default();
    let made_by = if detector { format!("deid {engine_word}") } else { "deid".to_owned() };
    let made_by = model.map_or(made_by.clone(), |model| format!("{made_by} text-model {model}"));
    let plan_digest = inputs.digest(&identity, recipe, &RuleBook::open(None)?, &made_by);
    let card = RunCard::of_files(recipe.canonical(), recipe.digest(), plan_digest, parts);
    let dataset = Dataset::open(&work.out, card, Durability::Buffered)?;
    let shop = Shop {
        profile,
        identity,
        recipe,
        memory: Budget::of(work.memory.unwrap_or_else(Budget::default_bytes), engine_word != "cpu"),
        inputs: &inputs,
        dataset: &dataset,
        private_dir: private.dir.as_path(),
        console,
        memories: Pool::default(),
    };
    let pixels = if detector {
        format!("pixels searched on {engine_name}")
    } else {
        "pixels NOT searched for burned-in text (--clean-pixel-data)".to_owned()
    };
    console.say(&format!(
        "{} inputs, {:.1} MB, Basic Profile {}, {pixels}",
        inputs.listed.len(),
        inputs.bytes() as f64 / 1e6,
        shop.profile.words(),
    ));
    console.begin(inputs.listed.len() as u64, inputs.bytes(), u64::from(parts));
    let mut done = 0u64;
    for (index, range) in inputs.parts.iter().enumerate() {
        let number = index as u32;
        let ours = work.shard.is_none_or(|shard| index as u64 % shard.count == shard.index);
        if dataset.receipt(number)?.is_some() {
            done += 1;
            if ours {
                console.skip(range.len() as u64);
            }
        } else if ours {
            part(&shop, engine.as_mut(), number, range.clone())?;
            console.event("part", json!({ "part": index, "parts": parts, "inputs": range.len() }));
            done += 1;
        }
    }
    console.end();
    if done < u64::from(parts) && !all_committed(&dataset, parts)? {
        return Ok(Outcome::Waiting { done, parts: u64::from(parts) });
    }
    let finished = Finisher::open(&dataset, &[])?.finish_files()?;
    crate::write::private::merge(shop.private_dir, parts)?;
    private.seal(work.seal_to.as_ref())?;
    Ok(Outcome::Finished(Box::new(finished)))
}

/// De-identifies the inputs at `range` and commits them as part `index`.
fn part(shop: &Shop, engine: &mut dyn Engine, index: u32, range: Range<usize>) -> Result<PartReceipt> {
    shop.memories.begin();
    let part = shop.dataset.part(index);
    let mut writer = PartWriter::begin(shop.dataset, part)?;
    let maker = writer.maker();
    let mut crosswalk = Crosswalk::default();
    let mut lines = Vec::with_capacity(range.len());
    let mut total = Tally::default();
    let mut looked: BTreeMap<&'static str, i64> = BTreeMap::new();
    for window in windows(&shop.inputs.listed, range.clone(), shop.memory.window) {
        let work = |place: usize| one(shop, &maker, place);
        let mut inputs: Vec<Input> = window.clone().into_par_iter().map(work).collect();
        searched(shop, engine, &maker, &mut inputs)?;
        for (place, done) in window.zip(inputs) {
            let State::Done(result) = done.state else { return Err(Fault::bug("deid", "an input without an outcome")) };
            crosswalk.absorb(done.crosswalk);
            writer.read(Unit::Inputs, 1);
            let id = Inputs::id(place);
            let source = &shop.inputs.listed[place].source;
            let mut line = InputLine {
                ordinal: id.0,
                path: named(source),
                sha256: done.sha256,
                source_digest: done.source_digest.get().clone(),
                outcome: "written",
                reason: "",
            };
            let refused = result.as_ref().map_or(true, |written| written.files.is_empty());
            match result {
                Ok(written) => {
                    let nothing = written.files.is_empty();
                    written.files.into_iter().for_each(|file| writer.file(file));
                    written.people.iter().for_each(|(key, split)| writer.person(key, *split));
                    let (read, refused) = written.messages;
                    writer.read(Unit::Messages, read);
                    writer.written(Unit::Messages, read - refused.len() as u64);
                    for (item, fault) in &refused {
                        let (input_id, outcome) = (done.source_digest.clone(), Set::Refused);
                        writer.reject(&Reject {
                            input: id,
                            input_id,
                            unit: Unit::Messages,
                            item: Some(*item),
                            outcome,
                            fault,
                        });
                    }
                    total.add(written.tally);
                    written.burned_in.into_iter().for_each(|word| *looked.entry(word).or_default() += 1);
                    if nothing {
                        let empty = Fault::input(Reason::Empty, "file", "there is no message in it");
                        let fault = refused.into_iter().next().map_or(empty, |(_, fault)| fault);
                        (line.outcome, line.reason) = (Set::Refused.word(), fault.reason.code());
                        refuse(shop, &mut writer, id, done.source_digest, &fault);
                    } else {
                        writer.written(Unit::Inputs, 1);
                    }
                }
                Err(fault) if fault.kind == Kind::Input => {
                    (line.outcome, line.reason) = (Set::Refused.word(), fault.reason.code());
                    refuse(shop, &mut writer, id, done.source_digest, &fault);
                }
                Err(fault) => return Err(fault),
            }
            shop.console.input_done(source.bytes, 0, refused);
            lines.push(line);
        }
    }
    crate::write::private::put_part(shop.private_dir, part, &crosswalk.to_private_csv(), &lines)?;
    let number = |n: u64| Fact::Number(i64::try_from(n).unwrap_or(i64::MAX));
    writer.audit("part", &[("part", Fact::Number(i64::from(index))), ("inputs", number(range.len() as u64))]);
    let Tally { removed, replaced, kept } = total;
    writer.audit("attributes", &[("removed", number(removed)), ("replaced", number(replaced)), ("kept", number(kept))]);
    let looked: Vec<_> = looked.into_iter().map(|(word, images)| (word, Fact::Number(images))).collect();
    writer.audit("burned_in", &looked);
    writer.commit()
}

fn refuse(shop: &Shop, writer: &mut PartWriter, id: InputId, input_id: Clean<String>, fault: &Fault) {
    let path = shop.console.path(&shop.inputs.listed[id.0 as usize].source.path);
    shop.console.refused(id, input_id.get(), fault, path);
    writer.reject(&Reject { input: id, input_id, unit: Unit::Inputs, item: None, outcome: Set::Refused, fault });
}

/// The path of an input as inputs.csv has it, with `!` and the member's number if it lies in an archive.
fn named(source: &walk::Source) -> String {
    let member = source.member.as_ref().map_or(String::new(), |member| format!("!{}", member.index));
    format!("{}{member}", source.path.display())
}
