//! HL7 messages and table records on their way to de-identified rows. Small inputs are done whole beside each other,
//! large ones in slices, so that memory does not grow with the input.

use super::context::Context;
use crate::deid::identity::Crosswalk;
use crate::deid::rows::{CleanRow, Cleaner};
use crate::error::{Fault, Result};
use crate::model::{SealedRow, Table};
use crate::read::InputKind;
use crate::read::hl7::{self, Message, Stray, Wanted};
use crate::read::tables::{self, Mapping};
use crate::write::{Outcome, PartWriter, Reject, Unit};
use rayon::prelude::*;

/// Messages cleaned at once, in parallel.
const SLICE: usize = 1024;
/// Of which this many by one thread, one after another: neighbours share people and ids.
const CHUNK: usize = 64;

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

/// The rows of one message, or why there are none.
type Cleaned = std::result::Result<Vec<(&'static Table, CleanRow)>, Fault>;

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
        let base = origin.id.0 << 32 | first;
        let cleaned: Vec<(Vec<Cleaned>, Crosswalk)> = slice
            .par_chunks(CHUNK)
            .enumerate()
            .map(|(chunk, messages)| clean_messages(context, messages, base + (chunk * CHUNK) as u64))
            .collect();
        let mut all = Vec::with_capacity(slice.len());
        for (messages, learned) in cleaned {
            all.extend(messages);
            crosswalk.absorb(learned);
        }
        for (n, message) in all.into_iter().enumerate() {
            writer.read(Unit::Messages, 1);
            match message {
                Ok(rows) => {
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

fn clean_messages(
    context: &Context,
    messages: &[std::result::Result<Message, Stray>],
    base: u64,
) -> (Vec<Cleaned>, Crosswalk) {
    let mut cleaner = Cleaner::new(&context.identity);
    let cleaned = (base..)
        .zip(messages)
        .map(|(ordinal, message)| match message {
            Ok(message) => {
                let mut rows = Vec::new();
                hl7::rows_of(message, ordinal, context.hl7, &mut |row: SealedRow| {
                    rows.push((row.table, cleaner.clean(&row)))
                });
                Ok(rows)
            }
            Err(stray) => {
                let fault = stray.fault.clone();
                Err(fault.number("offset", stray.offset).number("length", stray.length))
            }
        })
        .collect();
    (cleaned, cleaner.into_crosswalk())
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
    let mut cleaner = Cleaner::new(&context.identity);
    tables::rows(bytes, origin.mapping, &mut |record| {
        if failed.is_some() {
            return;
        }
        writer.read(Unit::Rows, 1);
        match record {
            Ok(row) => {
                let cleaned = cleaner.clean(&row);
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
    crosswalk.absorb(cleaner.into_crosswalk());
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
