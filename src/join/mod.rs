//! What one source says together with another: image studies and the orders they answer, results and the rules that
//! call them critical, and everything known of one person. Reads the data set's own Parquet files, which `deid` has let
//! through; sees no input.

pub mod aggregates;
pub mod album;
pub mod alerts;
pub mod cohort;
mod control_ids;
pub mod duplicates;
pub mod links;
mod parquet;
pub mod population;
pub mod records;
pub mod scores;
pub mod series;
pub mod sources;

use crate::model::Table;

/// The tables that this room makes.
pub const TABLES: &[&Table] = &[
    &links::LINKS,
    &alerts::ALERTS,
    &alerts::ALERT_RULES,
    &population::POPULATION,
    &cohort::COHORT,
    &aggregates::AGGREGATES,
    &series::SERIES,
    &duplicates::DUPLICATES,
];
