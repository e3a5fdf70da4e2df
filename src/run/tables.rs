//! The tables of a data set, of all rooms that make any.

use crate::model::Table;
use crate::model::manifest::{MANIFEST, PATIENTS, REJECTS};
use crate::read::{hl7, tables};
use crate::score::table::SCORES;

/// Every table of a data set, in the order of the manual.
pub fn dataset_tables() -> Vec<&'static Table> {
    let mut all = vec![&MANIFEST, &SCORES, &REJECTS, &PATIENTS];
    all.extend(crate::join::TABLES);
    all.extend(hl7::tables::TABLES);
    all.extend(tables::tables());
    all
}
