//! Texts on their way to de-identified rows: HL7 messages ([`super::messages`]) and records of tables ([`super::records`]). Which
//! tables there are, what became of an input, and how one thing of it is set aside.

use super::context::Context;
use super::{messages, records};
use crate::deid::identity::Crosswalk;
use crate::error::{Fault, Result};
use crate::read::InputKind;
use crate::read::hl7::{self, Wanted};
use crate::read::tables::Mapping;
use crate::write::{Outcome, PartWriter, Reject, Unit};

/// What became of an input of text.
#[derive(Clone, Debug, Default)]
pub struct TextTally {
    /// Messages or records written.
    pub written: u64,
    /// Messages, records or stray bytes refused.
    pub refused: u64,
    /// Why the first was refused.
    pub first_fault: Option<Fault>,
}

/// Who is asking: the input that rejects are filed under.
pub struct Origin<'a> {
    /// Its ordinal.
    pub id: crate::model::InputId,
    /// Its keyed digest.
    pub source_digest: &'a crate::model::Clean<String>,
    /// What the recipe says of its columns, if it is a table that the recipe names.
    pub mapping: Option<&'a Mapping>,
}

/// The tables that a recipe names, and `messages`; all if it names none.
///
/// # Errors
/// A name that no table of HL7 messages has.
pub fn wanted(names: &[String]) -> Result<Wanted> {
    if names.is_empty() {
        return Ok(Wanted::ALL);
    }
    let mut tables = vec![&hl7::tables::MESSAGES];
    for name in names {
        let table = hl7::tables::TABLES.iter().find(|table| table.name == name);
        tables.push(table.ok_or_else(|| Fault::config("recipe.hl7.tables", "no table of HL7 messages", name.clone()))?);
    }
    Ok(Wanted::only(&tables))
}

/// Writes all rows of one input.
pub fn write(
    context: &Context,
    origin: &Origin,
    kind: InputKind,
    bytes: &[u8],
    crosswalk: &mut Crosswalk,
    writer: &mut PartWriter,
) -> Result<TextTally> {
    match kind {
        InputKind::Hl7 => messages::write(context, origin, bytes, crosswalk, writer),
        _ => records::write(context, origin, bytes, crosswalk, writer),
    }
}

/// Sets one message or record of an input aside.
pub(super) fn refuse(
    origin: &Origin,
    unit: Unit,
    item: u64,
    fault: Fault,
    writer: &mut PartWriter,
    tally: &mut TextTally,
) {
    writer.reject(&Reject {
        input: origin.id,
        input_id: origin.source_digest.clone(),
        unit,
        item: Some(item),
        outcome: Outcome::Refused,
        fault: &fault,
    });
    tally.refused += 1;
    tally.first_fault.get_or_insert(fault);
}
