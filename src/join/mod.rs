//! What one source says together with another: image studies and the orders they answer, results and the rules that
//! call them critical. Reads the data set's own Parquet files, which `deid` has let through; sees no input.

pub mod alerts;
pub mod links;
mod parquet;

use crate::model::Table;

/// The tables that this room makes.
pub const TABLES: &[&Table] = &[&links::LINKS, &alerts::ALERTS];
