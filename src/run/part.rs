//! One part, from inputs to committed files.

use super::context::{Context, Purpose, WINDOW_INPUTS};
use super::frames::{Frames, ImageSource, Tally};
use super::ledger::{End, Entry, Ledger};
use super::load::{self, Content, Loaded};
use super::messages;
use super::plan::Inputs;
use super::rows::{self, Origin, TextTally};
use super::times::Stage;
use crate::console::Console;
use crate::deid::identity::Crosswalk;
use crate::engine::Engine;
use crate::error::{Fault, Reason, Result};
use crate::read::walk::Listed;
use crate::write::private;
use crate::write::{Dataset, Fact, PartReceipt, PartWriter};
use rayon::prelude::*;
use std::ops::Range;
use std::path::Path;

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
    let mut seen: Vec<(Entry, InputResult)> = Vec::with_capacity(range.len());
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
            seen.push((Entry { id, sha256, source_digest }, result));
        }
    }
    let tallies = frames.finish(&mut writer)?;
    let mut ledger = Ledger::new(inputs, console);
    for ((entry, result), tally) in seen.into_iter().zip(&tallies) {
        ledger.close(&mut writer, entry, end_of(result, tally));
    }
    private::put_part(private_dir, part, &crosswalk.to_private_csv(), &ledger.into_lines())?;
    writer.audit("part", &[("part", Fact::Number(i64::from(index))), ("inputs", Fact::Number(range.len() as i64))]);
    writer.commit()
}

/// The one outcome of an input; `tally` counts its frames.
fn end_of(result: InputResult, tally: &Tally) -> End {
    let nothing = || Fault::input(Reason::Empty, "file", "nothing in it could be written");
    let (written, fault, filter) = match result {
        InputResult::Refused(fault) => return End::Refused(fault),
        InputResult::Skipped(fault) => return End::Skipped(fault),
        InputResult::Image => (tally.written, tally.first_fault.clone(), tally.first_filter.clone()),
        InputResult::Text(text) => (text.written, text.first_fault, None),
    };
    match (written, fault, filter) {
        (1.., fault, filter) => End::Written(fault.or(filter)),
        // None of its frames is refused and the recipe leaves all of them out.
        (0, None, Some(filter)) => End::Skipped(filter),
        (0, fault, _) => End::Refused(fault.unwrap_or_else(nothing)),
    }
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
