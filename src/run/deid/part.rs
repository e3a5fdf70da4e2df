//! One part of `deid`, from inputs to committed files.

use super::Shop;
use super::input::{Input, State, Written, one, searched};
use crate::deid::dicom::Tally;
use crate::deid::identity::Crosswalk;
use crate::engine::Engine;
use crate::error::{Fault, Kind, Reason, Result};
use crate::run::ledger::{End, Entry, Ledger};
use crate::run::part::windows;
use crate::write::{Fact, Outcome, PartReceipt, PartWriter, Reject, Unit, private};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;

/// What the inputs of a part add up to.
#[derive(Default)]
struct Sum {
    attributes: Tally,
    /// Images by what is known of text in their pixels.
    burned_in: BTreeMap<&'static str, i64>,
}

/// De-identifies the inputs at `range` and commits them as part `index`.
pub(super) fn process(shop: &Shop, engine: &mut dyn Engine, index: u32, range: Range<usize>) -> Result<PartReceipt> {
    shop.memories.begin();
    let part = shop.dataset.part(index);
    let mut writer = PartWriter::begin(shop.dataset, part)?;
    let maker = writer.maker();
    let mut crosswalk = Crosswalk::default();
    let mut ledger = Ledger::new(shop.inputs, shop.console);
    let mut sum = Sum::default();
    for window in windows(&shop.inputs.listed, range.clone(), shop.memory.window) {
        let mut inputs: Vec<Input> = window.into_par_iter().map(|place| one(shop, &maker, place)).collect();
        searched(shop, engine, &maker, &mut inputs)?;
        for input in inputs {
            let Input { entry, crosswalk: learned, state } = input;
            crosswalk.absorb(learned);
            let end = match state {
                State::Done(Ok(written)) => enter(&mut writer, &mut sum, &entry, written),
                State::Done(Err(fault)) if fault.kind == Kind::Input => End::Refused(fault),
                State::Done(Err(fault)) => return Err(fault),
                State::Open(_) => return Err(Fault::bug("deid", "an input without an outcome")),
            };
            let bytes = shop.inputs.listed[entry.id.0 as usize].source.bytes;
            shop.console.input_done(bytes, 0, matches!(end, End::Refused(_)));
            ledger.close(&mut writer, entry, end);
        }
    }
    private::put_part(shop.private_dir, part, &crosswalk.to_private_csv(), &ledger.into_lines())?;
    let number = |n: u64| Fact::Number(i64::try_from(n).unwrap_or(i64::MAX));
    writer.audit("part", &[("part", Fact::Number(i64::from(index))), ("inputs", number(range.len() as u64))]);
    let Tally { removed, replaced, kept } = sum.attributes;
    writer.audit("attributes", &[("removed", number(removed)), ("replaced", number(replaced)), ("kept", number(kept))]);
    let burned_in: Vec<_> = sum.burned_in.into_iter().map(|(word, images)| (word, Fact::Number(images))).collect();
    writer.audit("burned_in", &burned_in);
    writer.commit()
}

/// Enters files, people and messages of an input into the part.
fn enter(writer: &mut PartWriter, sum: &mut Sum, entry: &Entry, written: Written) -> End {
    let nothing = written.files.is_empty();
    written.files.into_iter().for_each(|file| writer.file(file));
    written.people.iter().for_each(|(key, split)| writer.person(key, *split));
    sum.attributes.add(written.tally);
    written.burned_in.into_iter().for_each(|word| *sum.burned_in.entry(word).or_default() += 1);
    let (read, refused) = written.messages;
    writer.read(Unit::Messages, read);
    writer.written(Unit::Messages, read - refused.len() as u64);
    for (item, fault) in &refused {
        let (input, input_id, outcome) = (entry.id, entry.source_digest.clone(), Outcome::Refused);
        writer.reject(&Reject { input, input_id, unit: Unit::Messages, item: Some(*item), outcome, fault });
    }
    let first = refused.into_iter().next().map(|(_, fault)| fault);
    match nothing {
        false => End::Written(first),
        true => End::Refused(first.unwrap_or_else(|| Fault::input(Reason::Empty, "file", "there is no message in it"))),
    }
}
