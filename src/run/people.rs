//! Who is the same person as whom, before the first input is processed: from a crosswalk file and from the merges in HL7
//! messages; and which day ages refer to. Parts are independent only because this is known when they begin.

use super::plan::Inputs;
use crate::deid::identity::{AgesAt, Identity};
use crate::deid::key::Key;
use crate::deid::last_days::LastDays;
use crate::deid::same::Pairs;
use crate::error::{Fault, Result};
use crate::read::hl7::{self, Message, Wanted, tables::MERGES};
use crate::read::tables::{self, Asked, Mappings};
use crate::read::walk::{self, Listed};
use crate::read::{self, InputKind};
use crate::recipe::{Merges, Recipe};
use rayon::prelude::*;
use std::path::Path;
use std::sync::Arc;

/// The identity of a run over these inputs.
///
/// # Errors
/// A crosswalk file that cannot be read, or is none. Inputs that cannot be read are refused later, not here.
pub fn identity(key: Key, recipe: &Recipe, crosswalk: Option<&Path>, inputs: &Inputs) -> Result<Identity> {
    let mut pairs = match crosswalk {
        None => Pairs::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| {
                Fault::config("--crosswalk", "cannot be read", format!("{}: {error}", path.display()))
            })?;
            Pairs::parse(&text)?
        }
    };
    if recipe.identity.merges == Merges::Apply {
        let learned: Vec<Pairs> = inputs.listed.par_iter().map(merges).collect();
        learned.into_iter().for_each(|other| pairs.absorb(other));
    }
    let same = pairs.settle(recipe.identity.issuers);
    Ok(Identity::new(key, recipe.identity.issuers, recipe.shares()).with(same))
}

/// The merges of one input; none of one that is not HL7 or cannot be read.
fn merges(listed: &Listed) -> Pairs {
    let mut pairs = Pairs::default();
    if listed.refused.is_some() || !is_hl7(listed) {
        return pairs;
    }
    let Ok(bytes) = walk::read(&listed.source) else { return pairs };
    if read::kind_of(&bytes) != Some(InputKind::Hl7) {
        return pairs;
    }
    let merging = |message: &Message| message.segments().any(|segment| segment.name() == b"MRG");
    for message in hl7::messages(&bytes).flatten().filter(merging) {
        hl7::rows_of(&message, 0, Wanted::only(&[&MERGES]), &mut |row| pairs.learn(&row));
    }
    pairs
}

/// The same identity, with the day that ages in EHR tables refer to: the recipe's, else the last day that the tables have
/// of each person. Without a table of birth dates nothing is read.
///
/// # Errors
/// A reference date that is none.
pub fn ages(identity: Identity, recipe: &Recipe, mappings: &Mappings, inputs: &Inputs) -> Result<Identity> {
    if let Some(day) = recipe.ehr.reference_day()? {
        return Ok(identity.with_ages_at(AgesAt::Day(day)));
    }
    if !inputs.listed.iter().any(|listed| has_births(listed, mappings)) {
        return Ok(identity);
    }
    let last = inputs.listed.par_iter().map(|listed| last_days(listed, &identity, mappings));
    let last = last.reduce(LastDays::default, |mut all, other| {
        all.absorb(other);
        all
    });
    Ok(identity.with_ages_at(AgesAt::LastDay(Arc::new(last))))
}

/// Whether an input may be a table of people; a member of an archive has to be unpacked to know.
fn has_births(listed: &Listed, mappings: &Mappings) -> bool {
    let mapped = |mapping: &tables::Mapping| mapping.has_births();
    listed.refused.is_none()
        && match (mappings.of(&listed.source.path), &listed.source.member) {
            (Some(mapping), _) => mapped(mapping),
            (None, Some(_)) => true,
            (None, None) => walk::head(&listed.source.path)
                .is_ok_and(|head| read::kind_of(&head) == Some(InputKind::Table) && tables::may_have_births(&head)),
        }
}

/// The days of one table; none of what is no table or cannot be read: that is refused later.
fn last_days(listed: &Listed, identity: &Identity, mappings: &Mappings) -> LastDays {
    let mut days = LastDays::default();
    let mapping = mappings.of(&listed.source.path);
    let table = |bytes: &[u8]| mapping.is_some() || read::kind_of(bytes) == Some(InputKind::Table);
    let member = listed.source.member.is_some();
    if listed.refused.is_some() || !member && !walk::head(&listed.source.path).is_ok_and(|head| table(&head)) {
        return days;
    }
    let Ok(bytes) = walk::read(&listed.source) else { return days };
    if table(&bytes) {
        // A table that is refused has no days.
        let _ = tables::rows_of(&bytes, mapping, Asked::Days, &mut |row| {
            row.iter().for_each(|row| days.learn(row, identity));
        });
    }
    days
}

/// Whether a file begins like HL7; a member of an archive has to be unpacked to know.
fn is_hl7(listed: &Listed) -> bool {
    listed.source.member.is_some()
        || walk::head(&listed.source.path).is_ok_and(|head| read::kind_of(&head) == Some(InputKind::Hl7))
}
