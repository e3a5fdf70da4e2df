//! The control ids of messages by their ordinals, read alongside results that stand in the same order: nothing is held
//! but a batch.

use super::parquet::{Batches, column};
use super::sources::Sources;
use crate::error::Result;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::UInt64Type;

/// The table, and its columns that are read.
const MESSAGES: (&str, [&str; 2]) = ("hl7/messages", ["message_ordinal", "control_id"]);

/// A place in the table of messages.
pub(super) struct ControlIds<'a> {
    sources: &'a Sources,
    /// The file that is read next.
    file: usize,
    batches: Option<Batches>,
    batch: Option<RecordBatch>,
    /// The row of the batch that is looked at next.
    at: usize,
    /// The ordinal that was asked for last.
    asked: u64,
}

impl<'a> ControlIds<'a> {
    pub(super) fn new(sources: &'a Sources) -> Self {
        Self { sources, file: 0, batches: None, batch: None, at: 0, asked: 0 }
    }

    /// The control id of a message. Asked in rising order this is one walk over the table; a lower ordinal than the last
    /// begins anew.
    pub(super) fn of(&mut self, ordinal: u64) -> Result<Option<String>> {
        if ordinal < self.asked {
            *self = Self::new(self.sources);
        }
        self.asked = ordinal;
        loop {
            if let Some(batch) = &self.batch {
                let (numbers, names) = (column(batch, MESSAGES.1[0])?, column(batch, MESSAGES.1[1])?);
                let (Some(numbers), Some(names)) =
                    (numbers.as_primitive_opt::<UInt64Type>(), names.as_string_opt::<i32>())
                else {
                    return Ok(None);
                };
                let rest = numbers.values().get(self.at..).unwrap_or_default();
                self.at += rest.partition_point(|number| *number < ordinal);
                if let Some(number) = numbers.values().get(self.at) {
                    let known = *number == ordinal && !names.is_null(self.at);
                    return Ok(known.then(|| names.value(self.at).to_owned()));
                }
            }
            if !self.turn()? {
                return Ok(None);
            }
        }
    }

    /// Goes to the next batch; false behind the last.
    fn turn(&mut self) -> Result<bool> {
        (self.batch, self.at) = (None, 0);
        loop {
            if let Some(batches) = &mut self.batches {
                self.batch = batches.next()?;
                if self.batch.is_some() {
                    return Ok(true);
                }
            }
            let Some(path) = self.sources.files(MESSAGES.0).get(self.file) else {
                self.batches = None;
                return Ok(false);
            };
            self.batches = Some(Batches::open(path, &MESSAGES.1.map(Some))?);
            self.file += 1;
        }
    }
}
