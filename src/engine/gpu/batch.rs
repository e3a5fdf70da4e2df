//! Batches on their way: which pieces of which jobs are in a load, and who gets what came back. Nothing here talks to
//! the device.

use super::load::{Bytes, Limits, Piece};
use super::notes::{Draft, Notes};
use super::slot::{Dispatch, Phase, Returned};
use super::task::Task;
use crate::error::{Fault, Result};

/// One piece and where it lies in the buffers of its load.
pub struct Item {
    /// Number of the batch.
    pub batch: u64,
    /// Which task of the batch.
    pub task: usize,
    /// Which rows.
    pub piece: Piece,
    /// What it needs.
    pub bytes: Bytes,
    /// Where it begins.
    pub at: Bytes,
}

/// One batch in flight.
pub struct Batch {
    /// Its number, ascending.
    pub number: u64,
    /// Its jobs.
    pub tasks: Vec<Task>,
}

/// The task of an item.
pub fn task_of<'a>(batches: &'a mut [Batch], item: &Item) -> Result<&'a mut Task> {
    let batch = batches.iter_mut().find(|batch| batch.number == item.batch);
    batch
        .and_then(|batch| batch.tasks.get_mut(item.task))
        .ok_or_else(|| Fault::bug("gpu", "a piece of a batch that is gone"))
}

/// The notes of a load for one phase. Jobs that have ended are left out.
pub fn notes(
    batches: &mut [Batch],
    items: &[Item],
    phase: Phase,
    limits: &Limits,
    stored: u64,
) -> Result<(Notes, Vec<Dispatch>)> {
    let mut draft = Draft::default();
    let mut window = 0;
    for item in items {
        let task = task_of(batches, item)?;
        if !task.ended() {
            task.describe(item, phase, limits, &mut window, &mut draft);
        }
    }
    draft.finish(stored, limits.binding)
}

/// Hands out what came back. A job that cannot use it fails alone.
pub fn take(batches: &mut [Batch], items: &[Item], phase: Phase, returned: &Returned<'_>) -> Result<()> {
    for item in items {
        let task = task_of(batches, item)?;
        if !task.ended()
            && let Err(fault) = task.take(item, phase, returned)
        {
            task.fail(&fault);
        }
    }
    Ok(())
}
