//! Who is the same person as whom, before the first input is processed: from a crosswalk file and from the merges in HL7
//! messages; and which day ages refer to. Parts are independent only because this is known when they begin.

use super::plan::Inputs;
use crate::deid::identity::{AgesAt, Identity};
use crate::deid::key::Key;
use crate::deid::last_days::LastDays;
use crate::deid::same::Pairs;
use crate::error::{Fault, Result};
use crate::read::hl7::{self, Message, tables::MERGES};
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
    let wanted = Wanted { merges: recipe.identity.merges == Merges::Apply, tables: false };
    Ok(learned(key, recipe, crosswalk, inputs, &Mappings::default(), wanted)?.0)
}

/// The same, with the day that ages in EHR tables refer to: the recipe's, else the last day that the tables have of each
/// person. Without a table of birth dates no table is read for it.
///
/// # Errors
/// As [`identity`]; a reference date that is none.
pub fn identity_with_ages(
    key: Key,
    recipe: &Recipe,
    crosswalk: Option<&Path>,
    inputs: &Inputs,
    mappings: &Mappings,
) -> Result<Identity> {
    let reference = recipe.ehr.reference_day()?;
    let wanted = Wanted { merges: recipe.identity.merges == Merges::Apply, tables: reference.is_none() };
    let (identity, glances) = learned(key, recipe, crosswalk, inputs, mappings, wanted)?;
    if let Some(day) = reference {
        return Ok(identity.with_ages_at(AgesAt::Day(day)));
    }
    if !glances.iter().any(|glance| glance.births) {
        return Ok(identity);
    }
    let tables = inputs.listed.par_iter().zip(&glances).filter(|(_, glance)| glance.table);
    let last =
        tables.map(|(listed, _)| last_days(listed, &identity, mappings)).reduce(LastDays::default, |mut all, other| {
            all.absorb(other);
            all
        });
    Ok(identity.with_ages_at(AgesAt::LastDay(Arc::new(last))))
}

/// What the inputs are looked through for.
#[derive(Clone, Copy)]
struct Wanted {
    merges: bool,
    tables: bool,
}

/// What a first look at an input tells.
#[derive(Default)]
struct Glance {
    pairs: Pairs,
    table: bool,
    /// A table that may have birth dates.
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
    let mut glances: Vec<Glance> = match wanted.merges || wanted.tables {
        true => inputs.listed.par_iter().map(|listed| glance(listed, mappings, wanted)).collect(),
        false => Vec::new(),
    };
    glances.iter_mut().for_each(|glance| pairs.absorb(std::mem::take(&mut glance.pairs)));
    let same = pairs.settle(recipe.identity.issuers);
    Ok((Identity::new(key, recipe.identity.issuers, recipe.shares()).with(same), glances))
}

/// Looks at one input; nothing is learned of one that is refused or cannot be read. A member of an archive has to be
/// unpacked to know what it is, of a file its first bytes tell.
fn glance(listed: &Listed, mappings: &Mappings, wanted: Wanted) -> Glance {
    let mut found = Glance::default();
    let source = &listed.source;
    let head = match (&listed.refused, &source.member) {
        (Some(_), _) => return found,
        (None, Some(_)) => walk::read(source).ok(),
        (None, None) => walk::head(&source.path).ok(),
    };
    let Some(head) = head else { return found };
    let mapping = mappings.of(&source.path);
    match read::kind_of(&head).or_else(|| mapping.map(|_| InputKind::Table)) {
        Some(InputKind::Hl7) if wanted.merges => {
            let whole = if source.member.is_some() { Ok(head) } else { walk::read(source) };
            whole.iter().for_each(|bytes| merges(bytes, &mut found.pairs));
        }
        Some(InputKind::Table) if wanted.tables => {
            found.table = true;
            found.births = mapping.map_or_else(|| tables::may_have_births(&head), tables::Mapping::has_births);
        }
        _ => {}
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

/// The days of one table; none of one that cannot be read or is refused later.
fn last_days(listed: &Listed, identity: &Identity, mappings: &Mappings) -> LastDays {
    let mut days = LastDays::default();
    let Ok(bytes) = walk::read(&listed.source) else { return days };
    let mapping = mappings.of(&listed.source.path);
    let _ = tables::rows_of(&bytes, mapping, Asked::Days, &mut |row| {
        row.iter().for_each(|row| days.learn(row, identity));
    });
    days
}
