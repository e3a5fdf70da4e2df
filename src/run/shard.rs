//! One shard's way through the parts: what is committed is passed over, what is another shard's is left to it, and the rest is made,
//! one part after the other.

use super::plan::Inputs;
use super::work::Work;
use crate::console::Console;
use crate::error::Result;
use crate::write::{Dataset, Finished};
use serde_json::json;
use std::ops::Range;

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

/// Makes the parts of this shard that are not committed: `make` gets a part's number and the places of its inputs. `None` once
/// every part of every shard is committed, else the outcome of a run that has to wait for others.
pub(super) fn each_part(
    work: &Work,
    inputs: &Inputs,
    dataset: &Dataset,
    console: &Console,
    mut make: impl FnMut(u32, Range<usize>) -> Result<()>,
) -> Result<Option<Outcome>> {
    let parts = dataset.card().parts;
    console.begin(inputs.listed.len() as u64, inputs.bytes(), u64::from(parts));
    let mut done = 0u64;
    for (number, range) in (0..parts).zip(&inputs.parts) {
        let ours = work.shard.is_none_or(|shard| u64::from(number) % shard.count == shard.index);
        let committed = dataset.receipt(number)?.is_some();
        if ours && !committed {
            make(number, range.clone())?;
            console.event("part", json!({ "part": number, "parts": parts, "inputs": range.len() }));
        } else {
            inputs.shelf.forget(range.clone());
        }
        if ours && committed {
            console.skip(range.len() as u64);
        }
        done += u64::from(ours || committed);
    }
    console.end();
    // Another shard may have committed its parts in the meantime.
    let waiting = done < u64::from(parts) && !all_committed(dataset, parts)?;
    Ok(waiting.then_some(Outcome::Waiting { done, parts: u64::from(parts) }))
}

fn all_committed(dataset: &Dataset, parts: u32) -> Result<bool> {
    for number in 0..parts {
        if dataset.receipt(number)?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}
