//! Records of tables on their way to de-identified rows.

use super::context::Context;
use super::guarded_at;
use super::rows::{Origin, TextTally, refuse};
use crate::deid::identity::Crosswalk;
use crate::deid::rows::{CleanRows, Cleaner};
use crate::error::{Reason, Result};
use crate::read::tables::{self, Sink};
use crate::write::{PartWriter, Unit};

/// Records that wait for the writer.
const RECORDS: usize = 8192;

/// Writes all rows of a table.
///
/// # Errors
/// Of the input if nothing of it could be read; of the machine if nothing can be written.
pub(super) fn write(
    context: &Context,
    origin: &Origin,
    bytes: &[u8],
    crosswalk: &mut Crosswalk,
    writer: &mut PartWriter,
) -> Result<TextTally> {
    read(context, origin, crosswalk, writer, &mut |sink| tables::rows(bytes, origin.mapping, sink).map(|_| ()))
}

/// Rows that were added and not written yet.
struct Waiting<'c> {
    cleaner: Cleaner<'c>,
    /// Which records they are.
    records: Vec<u64>,
}

impl<'c> Waiting<'c> {
    fn new(context: &'c Context) -> Self {
        Self { cleaner: Cleaner::with(&context.identity, context.memories.take()), records: Vec::new() }
    }

    fn put(self, context: &Context, crosswalk: &mut Crosswalk, writer: &mut PartWriter) -> Result<u64> {
        let CleanRows { batches, crosswalk: learned, memory } = self.cleaner.into_rows();
        context.memories.put(memory);
        crosswalk.absorb(learned);
        batches.each().try_for_each(|batch| writer.batch(batch))?;
        let rows = self.records.len() as u64;
        writer.written(Unit::Rows, rows);
        Ok(rows)
    }
}

/// Writes what a reader hands out. Every record is written or refused, also if the reader gives up or panics.
fn read(
    context: &Context,
    origin: &Origin,
    crosswalk: &mut Crosswalk,
    writer: &mut PartWriter,
    reader: &mut dyn FnMut(&mut Sink<'_>) -> Result<()>,
) -> Result<TextTally> {
    let mut tally = TextTally::default();
    let mut failed = None;
    let mut waiting = Waiting::new(context);
    let mut seen = 0;
    let ended = guarded_at("record", || {
        reader(&mut |record| {
            if failed.is_some() {
                return;
            }
            let number = seen;
            seen += 1;
            writer.read(Unit::Rows, 1);
            match record {
                Ok(row) => {
                    waiting.records.push(number);
                    waiting.cleaner.add_row(&row);
                    if waiting.records.len() >= RECORDS {
                        let full = std::mem::replace(&mut waiting, Waiting::new(context));
                        match full.put(context, crosswalk, writer) {
                            Ok(rows) => tally.written += rows,
                            Err(fault) => failed = Some(fault),
                        }
                    }
                }
                Err(bad) => {
                    let fault = bad.fault.number("offset", bad.offset);
                    refuse(origin, Unit::Rows, bad.record.saturating_sub(1), fault, writer, &mut tally);
                }
            }
        })
    });
    if let Some(fault) = failed {
        return Err(fault);
    }
    let Err(fault) = ended else {
        tally.written += waiting.put(context, crosswalk, writer)?;
        return Ok(tally);
    };
    if fault.reason == Reason::DecoderPanicked {
        // What waits may be half made.
        for number in waiting.records {
            refuse(origin, Unit::Rows, number, fault.clone(), writer, &mut tally);
        }
    } else {
        tally.written += waiting.put(context, crosswalk, writer)?;
    }
    if seen == 0 {
        return Err(fault);
    }
    // Nobody knows how many stand behind it: all of that is one refusal.
    writer.read(Unit::Rows, 1);
    refuse(origin, Unit::Rows, seen, fault, writer, &mut tally);
    Ok(tally)
}
