//! Closes a data set: joins over the parts' tables, cards, report, checksums, and the private maps.

use super::commands::tables::dataset_tables;
use crate::deid::rows::reread;
use crate::error::Result;
use crate::join::{alerts, links};
use crate::write::{Dataset, Finished, Finisher, private};
use std::path::{Path, PathBuf};

/// Finishes a data set all of whose parts are committed. Doing it again makes the same bytes.
pub fn finish(dataset: &Dataset, private_dir: &Path, parts: u32) -> Result<Finished> {
    let known = dataset_tables();
    let mut finisher = Finisher::open(dataset, &known)?;
    let manifests = files(dataset, parts, "manifest/")?;
    let orders = files(dataset, parts, "hl7/orders/")?;
    finisher.table(&links::LINKS, links::links(&manifests, &orders)?.into_iter().map(reread))?;
    let observations = files(dataset, parts, "hl7/observations/")?;
    let rules = alerts::Rules::shipped()?;
    finisher.table(&alerts::ALERTS, alerts::alerts(&rules, &observations)?.into_iter().map(reread))?;
    let finished = finisher.finish()?;
    private::merge(private_dir, parts)?;
    Ok(finished)
}

/// The parts' files below a folder, in the order of the parts.
fn files(dataset: &Dataset, parts: u32, folder: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for part in 0..parts {
        let Some(receipt) = dataset.receipt(part)? else { continue };
        let names = receipt.files.iter().filter(|file| file.name.starts_with(folder));
        found.extend(names.map(|file| dataset.root().join(&file.name)));
    }
    Ok(found)
}
