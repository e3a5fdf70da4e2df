//! Who is the same person as whom, before the first input is processed: from a crosswalk file and from the merges in HL7
//! messages. Parts are independent only because this is known when they begin.

use super::plan::Inputs;
use crate::deid::identity::Identity;
use crate::deid::key::Key;
use crate::deid::same::Pairs;
use crate::error::{Fault, Result};
use crate::read::hl7::{self, Message, Wanted, tables::MERGES};
use crate::read::walk::{self, Listed};
use crate::read::{self, InputKind};
use crate::recipe::{Merges, Recipe};
use rayon::prelude::*;
use std::path::Path;

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

/// Whether a file begins like HL7; a member of an archive has to be unpacked to know.
fn is_hl7(listed: &Listed) -> bool {
    listed.source.member.is_some()
        || walk::head(&listed.source.path).is_ok_and(|head| read::kind_of(&head) == Some(InputKind::Hl7))
}
