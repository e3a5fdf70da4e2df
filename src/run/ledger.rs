//! The book of a part's inputs: each gets one outcome, one line of inputs.csv and, if nothing of it was written, one row of
//! rejects.parquet. No input leaves a run in another way.

use super::plan::Inputs;
use crate::console::Console;
use crate::error::Fault;
use crate::model::{Clean, InputId};
use crate::write::private::InputLine;
use crate::write::{Outcome, PartWriter, Reject, Unit};

/// An input, as the book knows it.
pub(super) struct Entry {
    pub(super) id: InputId,
    /// In hexadecimal; empty if it could not be read.
    pub(super) sha256: String,
    /// Its keyed digest, by which the data set calls it.
    pub(super) source_digest: Clean<String>,
}

/// What became of an input.
pub(super) enum End {
    /// Something of it was written; with the first thing that was not.
    Written(Option<Fault>),
    /// It could not be read or may not be written.
    Refused(Fault),
    /// The recipe leaves it out.
    Skipped(Fault),
}

/// The lines of one part, in the order of its inputs.
pub(super) struct Ledger<'a> {
    inputs: &'a Inputs,
    console: &'a Console,
    lines: Vec<InputLine>,
}

impl<'a> Ledger<'a> {
    /// An empty book.
    pub(super) fn new(inputs: &'a Inputs, console: &'a Console) -> Self {
        Self { inputs, console, lines: Vec::new() }
    }

    /// Writes down what became of an input, and tells the user if it was refused.
    pub(super) fn close(&mut self, writer: &mut PartWriter, entry: Entry, end: End) {
        let Entry { id, sha256, source_digest } = entry;
        let source = &self.inputs.listed[id.0 as usize].source;
        writer.read(Unit::Inputs, 1);
        let (outcome, fault) = match end {
            End::Written(fault) => (None, fault),
            End::Refused(fault) => (Some(Outcome::Refused), Some(fault)),
            End::Skipped(fault) => (Some(Outcome::Skipped), Some(fault)),
        };
        match (outcome, &fault) {
            (Some(outcome), Some(fault)) => {
                let input_id = source_digest.clone();
                writer.reject(&Reject { input: id, input_id, unit: Unit::Inputs, item: None, outcome, fault });
                if outcome == Outcome::Refused {
                    self.console.refused(id, source_digest.get(), fault, self.console.path(&source.path));
                }
            }
            _ => writer.written(Unit::Inputs, 1),
        }
        let member = source.member.as_ref().map_or(String::new(), |member| format!("!{}", member.index));
        self.lines.push(InputLine {
            ordinal: id.0,
            path: format!("{}{member}", source.path.display()),
            sha256,
            source_digest: source_digest.into_inner(),
            outcome: outcome.map_or("written", Outcome::word),
            reason: fault.map_or("", |fault| fault.reason.code()),
        });
    }

    /// All lines.
    pub(super) fn into_lines(self) -> Vec<InputLine> {
        self.lines
    }
}
