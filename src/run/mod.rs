//! The one place where rooms meet: inputs are listed and cut into parts, parts are read, de-identified, processed and
//! written, finished parts are skipped, and the data set is closed. Threads, queues and their sizes live here.

mod allocator;
mod batch;
pub mod commands;
pub mod context;
mod copies;
pub mod deid;
mod finder;
mod frames;
mod job;
mod join;
mod ledger;
pub mod load;
mod messages;
mod opening;
mod part;
pub mod people;
pub mod plan;
pub mod prepare;
pub mod private;
pub mod proof;
mod records;
mod rows;
pub mod rulebook;
mod score;
pub mod search;
pub mod shard;
pub mod shelf;
mod stream;
pub mod tables;
pub mod times;
pub mod work;

use crate::error::{Fault, Reason, Result};

/// Runs foreign code on data from outside: a panic becomes a fault of the input.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    crate::read::codecs::guard::caught(work)
}

/// The same for what is no frame: a message, a record.
fn guarded_at<T>(place: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    guarded(work).map_err(|fault| match fault.reason {
        Reason::DecoderPanicked => Fault::input(fault.reason, place, "made the program give up in a way it should not"),
        _ => fault,
    })
}
