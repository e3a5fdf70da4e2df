//! HL7 messages and table records on their way to de-identified rows. Small inputs are done whole beside each other,
//! large ones in slices, so that memory does not grow with the input.

use super::context::Context;
use crate::deid::identity::Crosswalk;
use crate::deid::rows::{self, CleanRow};
use crate::error::{Fault, Result};
use crate::model::{SealedRow, Table};
use crate::read::hl7::{self, Message, Stray};
use crate::read::{InputKind, tables};
use crate::write::{Outcome, PartWriter, Reject, Unit};
use rayon::prelude::*;

/// Messages cleaned at once, in parallel.
const SLICE: usize = 1024;

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
}

type Cleaned = (Vec<(&'static Table, CleanRow)>, Crosswalk);

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
        InputKind::Hl7 => messages(context, origin, bytes, crosswalk, writer),
        _ => records(context, origin, bytes, crosswalk, writer),
    }
}

fn messages(
    context: &Context,
    origin: &Origin,
    bytes: &[u8],
    crosswalk: &mut Crosswalk,
    writer: &mut PartWriter,
) -> Result<TextTally> {
    let mut tally = TextTally::default();
    let mut stream = hl7::messages(bytes);
    let mut ordinal = 0;
    loop {
        let slice: Vec<std::result::Result<Message, Stray>> = stream.by_ref().take(SLICE).collect();
        if slice.is_empty() {
            return Ok(tally);
        }
        let first = ordinal;
        ordinal += slice.len() as u64;
        let cleaned: Vec<std::result::Result<Cleaned, Fault>> = slice
            .into_par_iter()
            .enumerate()
            .map(|(n, message)| match message {
                Ok(message) => Ok(clean_message(context, &message, origin.id.0 << 32 | (first + n as u64))),
                Err(stray) => {
                    Err(stray.fault.number("offset", stray.offset as u64).number("length", stray.length as u64))
                }
            })
            .collect();
        for (n, message) in cleaned.into_iter().enumerate() {
            writer.read(Unit::Messages, 1);
            match message {
                Ok((rows, learned)) => {
                    crosswalk.absorb(learned);
                    for (table, row) in rows {
                        if let Some(person) = &row.person {
                            writer.person(&person.key, person.split);
                        }
                        writer.row(table, row.cells)?;
                    }
                    writer.written(Unit::Messages, 1);
                    tally.written += 1;
                }
                Err(fault) => refuse(origin, Unit::Messages, first + n as u64, fault, writer, &mut tally),
            }
        }
    }
}

fn clean_message(context: &Context, message: &Message, ordinal: u64) -> Cleaned {
    let mut learned = Crosswalk::default();
    let mut cleaned = Vec::new();
    hl7::rows(message, ordinal, &mut |row: SealedRow| {
        cleaned.push((row.table, rows::clean(&row, &context.identity, &mut learned)));
    });
    (cleaned, learned)
}

fn records(
    context: &Context,
    origin: &Origin,
    bytes: &[u8],
    crosswalk: &mut Crosswalk,
    writer: &mut PartWriter,
) -> Result<TextTally> {
    let mut tally = TextTally::default();
    let mut failed = None;
    tables::rows(bytes, &mut |record| {
        if failed.is_some() {
            return;
        }
        writer.read(Unit::Rows, 1);
        match record {
            Ok(row) => {
                let cleaned = rows::clean(&row, &context.identity, crosswalk);
                if let Some(person) = &cleaned.person {
                    writer.person(&person.key, person.split);
                }
                match writer.row(row.table, cleaned.cells) {
                    Ok(()) => {
                        writer.written(Unit::Rows, 1);
                        tally.written += 1;
                    }
                    Err(fault) => failed = Some(fault),
                }
            }
            Err(bad) => {
                let fault = bad.fault.number("offset", bad.offset);
                refuse(origin, Unit::Rows, bad.record.saturating_sub(1), fault, writer, &mut tally);
            }
        }
    })?;
    failed.map_or(Ok(tally), Err)
}

fn refuse(origin: &Origin, unit: Unit, item: u64, fault: Fault, writer: &mut PartWriter, tally: &mut TextTally) {
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
