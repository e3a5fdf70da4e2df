//! One part, from inputs to committed files.

use super::context::{Context, Purpose, WINDOW_INPUTS};
use super::frames::{Frames, ImageSource, Tally};
use super::load::{self, Content, Loaded};
use super::messages;
use super::plan::Inputs;
use super::rows::{self, Origin, TextTally};
use super::times::Stage;
use crate::console::Console;
use crate::deid::identity::Crosswalk;
use crate::engine::Engine;
use crate::error::{Fault, Reason, Result};
use crate::model::{Clean, InputId};
use crate::read::walk::Listed;
use crate::write::private::{self, InputLine};
use crate::write::{Dataset, Fact, Outcome, PartReceipt, PartWriter, Reject, Unit};
use rayon::prelude::*;
use std::ops::Range;
use std::path::Path;

/// What is remembered of each input until the part is committed.
struct Seen {
    id: InputId,
    sha256: String,
    source_digest: Clean<String>,
    result: InputResult,
}

enum InputResult {
    /// Frames tell.
    Image,
    Text(TextTally),
    Refused(Fault),
    Skipped(Fault),
}

/// Where parts come from and go to: the same for all parts of a run.
pub struct Workshop<'a> {
    /// Recipe, identity, limits.
    pub context: &'a Context,
    /// All inputs.
    pub inputs: &'a Inputs,
    /// The data set.
    pub dataset: &'a Dataset,
    /// The private directory.
    pub private_dir: &'a Path,
    /// Progress and events.
    pub console: &'a Console,
}

/// Processes the inputs at `range` and commits them as part `index`.
pub fn process(workshop: &Workshop, engine: &mut dyn Engine, index: u32, range: Range<usize>) -> Result<PartReceipt> {
    let Workshop { context, inputs, dataset, private_dir, console } = *workshop;
    context.memories.begin();
    let part = dataset.part(index);
    let mut writer = PartWriter::begin(dataset, part)?;
    let mut crosswalk = Crosswalk::default();
    let mut seen: Vec<Seen> = Vec::with_capacity(range.len());
    let mut frames = Frames::new(context, engine, range.len());
    for window in windows(&inputs.listed, range.clone(), context.memory.window) {
        let stretches = load::stretches(&inputs.listed, window.clone());
        let load = |places| context.times.of(Stage::Read, || load::stretch(context, inputs, places));
        let loaded: Vec<Vec<Loaded>> = stretches.into_par_iter().map(load).collect();
        for (place, loaded) in window.zip(loaded.into_iter().flatten()) {
            let Loaded { id, sha256, source_digest, crosswalk: learned, content } = loaded;
            crosswalk.absorb(learned);
            let refused = matches!(content, Content::Refused(_));
            let result = match content {
                Content::Refused(fault) => InputResult::Refused(fault),
                Content::Image(loaded) => {
                    let (sha256, source_digest) = (sha256.clone(), source_digest.clone());
                    let place = place - range.start;
                    let bytes = inputs.listed[range.start + place].source.bytes;
                    frames
                        .add(ImageSource { place, id, bytes, sha256, source_digest, loaded: *loaded }, &mut writer)?;
                    InputResult::Image
                }
                Content::Rows(made) => {
                    let origin = Origin { id, source_digest: &source_digest, mapping: None };
                    InputResult::Text(messages::write_made(context, &origin, *made, &mut crosswalk, &mut writer)?)
                }
                Content::Text { .. } if context.purpose == Purpose::Score => {
                    InputResult::Skipped(Fault::input(Reason::Filtered, "file", "no image; scores are of images"))
                }
                Content::Text { kind, bytes } => {
                    let mapping = context.mappings.of(&inputs.listed[place].source.path);
                    let origin = Origin { id, source_digest: &source_digest, mapping };
                    match rows::write(context, &origin, kind, &bytes, &mut crosswalk, &mut writer) {
                        Ok(tally) => InputResult::Text(tally),
                        Err(fault) if fault.kind == crate::error::Kind::Input => InputResult::Refused(fault),
                        Err(fault) => return Err(fault),
                    }
                }
            };
            console.input_done(
                inputs.listed[place].source.bytes,
                u64::from(matches!(result, InputResult::Image)),
                refused,
            );
            seen.push(Seen { id, sha256, source_digest, result });
        }
    }
    let tallies = frames.finish(&mut writer)?;
    let lines = conclude(seen, &tallies, inputs, &mut writer, console);
    private::put_part(private_dir, part, &crosswalk.to_private_csv(), &lines)?;
    writer.audit("part", &[("part", Fact::Number(i64::from(index))), ("inputs", Fact::Number(range.len() as i64))]);
    writer.commit()
}

/// Gives every input its one outcome: written, refused or skipped.
fn conclude(
    seen: Vec<Seen>,
    tallies: &[Tally],
    inputs: &Inputs,
    writer: &mut PartWriter,
    console: &Console,
) -> Vec<InputLine> {
    let mut lines = Vec::with_capacity(seen.len());
    for (input, tally) in seen.into_iter().zip(tallies) {
        let (written, fault, filter) = match input.result {
            InputResult::Refused(fault) => (0, Some(fault), None),
            InputResult::Skipped(fault) => (0, None, Some(fault)),
            InputResult::Image => (tally.written, tally.first_fault.clone(), tally.first_filter.clone()),
            InputResult::Text(text) => (text.written, text.first_fault, None),
        };
        // An input none of whose frames is refused and all of which the recipe leaves out is left out itself.
        let set_aside = if fault.is_none() && filter.is_some() { Outcome::Skipped } else { Outcome::Refused };
        let fault = fault.or(filter);
        writer.read(Unit::Inputs, 1);
        let mut outcome = "written";
        if written > 0 {
            writer.written(Unit::Inputs, 1);
        } else {
            outcome = set_aside.word();
            let nothing = Fault::input(Reason::Empty, "file", "nothing in it could be written");
            let fault = fault.as_ref().unwrap_or(&nothing);
            writer.reject(&Reject {
                input: input.id,
                input_id: input.source_digest.clone(),
                unit: Unit::Inputs,
                item: None,
                outcome: set_aside,
                fault,
            });
            let path = console.path(&inputs.listed[input.id.0 as usize].source.path);
            if set_aside == Outcome::Refused {
                console.refused(input.id, input.source_digest.get(), fault, path);
            }
        }
        let source = &inputs.listed[input.id.0 as usize].source;
        let member = source.member.map_or(String::new(), |member| format!("!{}", member.index));
        lines.push(InputLine {
            ordinal: input.id.0,
            path: format!("{}{member}", source.path.display()),
            sha256: input.sha256,
            source_digest: input.source_digest.into_inner(),
            outcome,
            reason: fault.map_or("", |fault| fault.reason.code()),
        });
    }
    lines
}

/// Consecutive stretches of inputs that together stay below `bytes`, at least one input each.
pub(super) fn windows(listed: &[Listed], range: Range<usize>, bytes: u64) -> impl Iterator<Item = Range<usize>> {
    let mut at = range.start;
    std::iter::from_fn(move || {
        let start = at;
        let mut held = 0u64;
        while at < range.end && at - start < WINDOW_INPUTS {
            held = held.saturating_add(listed[at].source.bytes);
            if held > bytes && at > start {
                break;
            }
            at += 1;
        }
        (at > start).then_some(start..at)
    })
}
