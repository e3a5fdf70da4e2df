//! Who is the same person as whom, before the first input is processed: from a crosswalk file and from the merges in HL7
//! messages; which day ages refer to; and, for records that name nobody but an id, what other inputs call the person. Parts
//! are independent only because this is known when they begin.

use super::guarded;
use super::plan::Inputs;
use crate::console::Console;
use crate::deid::identity::{AgesAt, Identity};
use crate::deid::key::Key;
use crate::deid::last_days::LastDays;
use crate::deid::linked::Heard;
use crate::deid::same::Pairs;
use crate::error::{Fault, Result};
use crate::model::SealedRow;
use crate::read::hl7::{self, Message, tables::MERGES};
use crate::read::tables::{self, Asked, Mappings};
use crate::read::walk::{Listed, Look};
use crate::read::{self, InputKind, dicom};
use crate::recipe::{Merges, Recipe};
use rayon::prelude::*;
use std::path::Path;
use std::sync::Arc;

/// Who is who, for commands that read no text about anybody.
///
/// # Errors
/// A crosswalk file that cannot be read, or is none. Inputs that cannot be read are refused later, not here.
pub fn identity(key: Key, recipe: &Recipe, crosswalk: Option<&Path>, inputs: &Inputs) -> Result<Identity> {
    let wanted = Wanted { merges: recipe.identity.merges == Merges::Apply, kinds: false };
    Ok(learned(key, recipe, crosswalk, inputs, &Mappings::default(), wanted)?.0)
}

/// The same, and what tables of people, HL7 messages and DICOM objects call somebody, so that no text of another input
/// repeats it. Where all inputs are messages, or all are objects, each names its own people and nothing is read for that.
///
/// # Errors
/// As [`identity`].
pub fn identity_with_names(
    key: Key,
    recipe: &Recipe,
    crosswalk: Option<&Path>,
    inputs: &Inputs,
    console: &Console,
) -> Result<Identity> {
    let wanted = Wanted { merges: recipe.identity.merges == Merges::Apply, kinds: true };
    let mappings = Mappings::default();
    let (identity, glances) = learned(key, recipe, crosswalk, inputs, &mappings, wanted)?;
    let (_, heard) = listen(inputs, &glances, &mappings, &identity, false);
    Ok(with_names(identity, heard, console))
}

/// The same for inputs among which may be tables that are read. The day that ages in them refer to: the recipe's, else the
/// last day that the tables have of each person.
///
/// # Errors
/// As [`identity`]; a reference date that is none.
pub fn identity_with_tables(
    key: Key,
    recipe: &Recipe,
    crosswalk: Option<&Path>,
    inputs: &Inputs,
    mappings: &Mappings,
    console: &Console,
) -> Result<Identity> {
    let reference = recipe.ehr.reference_day()?;
    let wanted = Wanted { merges: recipe.identity.merges == Merges::Apply, kinds: true };
    let (identity, glances) = learned(key, recipe, crosswalk, inputs, mappings, wanted)?;
    let days = reference.is_none() && glances.iter().any(|glance| glance.births);
    let (last, heard) = listen(inputs, &glances, mappings, &identity, days);
    Ok(with_names(identity, heard, console).with_ages_at(match reference {
        Some(day) => AgesAt::Day(day),
        None if days => AgesAt::LastDay(Arc::new(last)),
        None => AgesAt::Nothing,
    }))
}

/// Reads what inputs of different kinds say of each other's people, and if `days` the last day of each person in tables.
fn listen(
    inputs: &Inputs,
    glances: &[Glance],
    mappings: &Mappings,
    identity: &Identity,
    days: bool,
) -> (LastDays, Heard) {
    let both = || (LastDays::default(), Heard::within(inputs.memory));
    let has = |kind| glances.iter().any(|glance| glance.kind == Some(kind));
    let several = has(InputKind::Table) || has(InputKind::Hl7) && has(InputKind::Dicom);
    if !several {
        return both();
    }
    let telling = |glance: &Glance| glance.kind != Some(InputKind::Table) || glance.births || days;
    let asked = glances.par_iter().enumerate().filter(|(_, glance)| telling(glance));
    asked
        .fold(both, |(mut last, mut heard), (place, glance)| {
            // As far as a parser gets: one that panics refuses the input when its turn comes.
            let _ = guarded(|| {
                records_of((inputs, place), glance, mappings, &mut |row| last.learn(row, identity), &mut heard);
                Ok(())
            });
            (last, heard)
        })
        .reduce(both, |(mut last, mut heard), (more_days, more_names)| {
            last.absorb(more_days);
            heard.absorb(more_names);
            (last, heard)
        })
}

fn with_names(identity: Identity, heard: Heard, console: &Console) -> Identity {
    if heard.is_full() {
        console.say(
            "more people than are remembered by name: texts about the others lose the names of their own record only",
        );
    }
    let linked = heard.settle(&identity);
    identity.with_linked(linked)
}

/// What the inputs are looked through for.
#[derive(Clone, Copy)]
struct Wanted {
    merges: bool,
    kinds: bool,
}

/// What a first look at an input tells.
#[derive(Default)]
struct Glance {
    pairs: Pairs,
    /// What it is, if that was asked for.
    kind: Option<InputKind>,
    /// A table that may have birth dates: one of people.
    births: bool,
}

fn learned(
    key: Key,
    recipe: &Recipe,
    crosswalk: Option<&Path>,
    inputs: &Inputs,
    mappings: &Mappings,
    wanted: Wanted,
) -> Result<(Identity, Vec<Glance>)> {
    let mut pairs = match crosswalk {
        None => Pairs::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| {
                Fault::config("--crosswalk", "cannot be read", format!("{}: {error}", path.display()))
            })?;
            Pairs::parse(&text)?
        }
    };
    let mut glances: Vec<Glance> = match wanted.merges || wanted.kinds {
        // What makes a parser panic is refused when its turn comes; nothing is learned of it here.
        true => (0..inputs.listed.len())
            .into_par_iter()
            .map(|place| guarded(|| Ok(glance(inputs, place, mappings, wanted))).unwrap_or_default())
            .collect(),
        false => Vec::new(),
    };
    glances.iter_mut().for_each(|glance| pairs.absorb(std::mem::take(&mut glance.pairs)));
    let same = pairs.settle(recipe.identity.issuers);
    Ok((Identity::new(key, recipe.identity.issuers, recipe.shares()).with(same), glances))
}

/// Looks at one input; nothing is learned of one that is refused or cannot be read. Its first bytes tell what it is; messages
/// are read on, tables if they can be kept, and what was read is kept for its turn.
fn glance(inputs: &Inputs, place: usize, mappings: &Mappings, wanted: Wanted) -> Glance {
    let mut found = Glance::default();
    let Some(Listed { source, refused: None }) = inputs.listed.get(place) else { return found };
    let mapping = mappings.of(&source.path);
    let kind_of = |head: &[u8]| read::kind_with(head, mapping);
    let fits = inputs.shelf.fits(source.bytes);
    let whole = |head: &[u8]| match kind_of(head) {
        Some(InputKind::Hl7) => wanted.merges,
        Some(InputKind::Table) => wanted.kinds && fits,
        _ => false,
    };
    let Ok(look) = inputs.shelf.look(source, whole) else { return found };
    let kind = kind_of(look.bytes());
    found.kind = kind.filter(|_| wanted.kinds);
    if found.kind == Some(InputKind::Table) {
        found.births = mapping.map_or_else(|| tables::may_have_births(look.bytes()), tables::Mapping::has_births);
    }
    if let Look::Whole(bytes) = look {
        if kind == Some(InputKind::Hl7) {
            merges(&bytes, &mut found.pairs);
        }
        inputs.shelf.keep(place, bytes);
    }
    found
}

/// The merges in messages.
fn merges(bytes: &[u8], pairs: &mut Pairs) {
    if !hl7::may_hold(bytes, b"MRG") {
        return;
    }
    let merging = |message: &Message| message.segments().any(|segment| segment.name() == b"MRG");
    for message in hl7::messages(bytes).flatten().filter(merging) {
        hl7::rows_of(&message, 0, hl7::Wanted::only(&[&MERGES]), &mut |row| pairs.learn(&row));
    }
}

/// The days of one table, and what an input calls people; nothing of one that cannot be read or is refused later. Pixels are
/// passed over; what was read whole is kept for its turn.
fn records_of(
    (inputs, place): (&Inputs, usize),
    glance: &Glance,
    mappings: &Mappings,
    day: &mut dyn FnMut(&SealedRow),
    heard: &mut Heard,
) {
    let Some(listed) = inputs.listed.get(place).filter(|listed| listed.refused.is_none()) else { return };
    let skim = match glance.kind {
        Some(InputKind::Dicom) => inputs.shelf.skim(place, &listed.source),
        _ => inputs.read(place).map(|bytes| (bytes, false)),
    };
    let Ok((bytes, skimmed)) = skim else { return };
    match glance.kind {
        Some(InputKind::Table) => {
            let mapping = mappings.of(&listed.source.path);
            let _ = tables::rows_of(&bytes, mapping, Asked::People, &mut |row| {
                let Ok(row) = row else { return };
                day(&row);
                if let (Some(person), Some(naming)) = (&row.person, &row.naming) {
                    heard.learn(person, naming);
                }
            });
        }
        Some(InputKind::Hl7) => {
            for message in hl7::messages(&bytes).flatten() {
                hl7::patients(&message).for_each(|(person, names)| heard.learn(&person, &names));
            }
        }
        Some(InputKind::Dicom) => {
            if let Ok(object) = guarded(|| dicom::open(bytes.clone())) {
                heard.learn_sheet(&object.sheet);
            }
        }
        None => {}
    }
    if !skimmed {
        inputs.shelf.keep(place, bytes);
    }
}
