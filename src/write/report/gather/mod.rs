//! What the page tells beyond the receipts, from the data set's own Parquet files: distributions, volumes, alerts, links,
//! what is missing. What is told of small counts is up to `cells`.

mod columns;
mod images;
mod people;

use super::cells;
use super::charts::Bar;
use crate::error::Result;
use crate::write::summary::Summary;
use arrow::array::{Array, AsArray};
use columns::{count, each, text};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

/// A Parquet file of the data set: its name there, and where it lies now.
pub(super) type Place = (String, PathBuf);

/// Counts by value.
type Counts = BTreeMap<String, u64>;

/// How much of a column is unknown.
pub(super) struct Missing {
    /// Folder or name of its table.
    pub(super) table: String,
    pub(super) column: String,
    pub(super) rows: u64,
    pub(super) nulls: u64,
}

/// What the page tells beyond the receipts.
#[derive(Default)]
pub(super) struct Gathered {
    counts: BTreeMap<&'static str, Counts>,
    /// Image studies.
    pub(super) studies: u64,
    /// Persons whose images are in more than one split: none, or the data set is wrong.
    pub(super) straddling: u64,
    /// Persons by what is known of them: images alone, records alone, both.
    pub(super) coverage: [u64; 3],
    /// Kind and rule of links, with links and distinct studies; the rule of all of a kind together is empty.
    pub(super) links: BTreeMap<(String, String), (u64, u64)>,
    /// Alerts by severity and rule.
    pub(super) alerts: BTreeMap<(String, String), u64>,
    /// Every flat column of every table.
    pub(super) missing: Vec<Missing>,
    /// Copies by kind: how many, and how many of them lie in another split than what they are copies of.
    pub(super) copies: BTreeMap<String, (u64, u64)>,
    /// Series findings, with the number of series.
    pub(super) series: BTreeMap<String, u64>,
    /// Thumbnails of the images with the lowest scores, 16 x 16 means.
    pub(super) thumbnails: HashMap<String, Vec<u8>>,
}

/// What is counted where: files below a folder, the column and how its value becomes a word.
const COUNTED: &[(&str, &str, &str)] = &[
    ("messages", "hl7/messages/", "message_type"),
    ("results", "hl7/observations/", "code"),
    ("results", "ehr/observations/", "code"),
];

impl Gathered {
    /// Reads the files; one that is not there is not told of.
    pub(super) fn of(files: &[Place], summary: &Summary) -> Result<Self> {
        let mut all = Self::default();
        for (what, prefix, column) in COUNTED {
            all.count(what, files, prefix, column)?;
        }
        all.images(files)?;
        all.people(files)?;
        all.links(files)?;
        let below = |prefix: &'static str| files.iter().filter(move |(name, _)| name.starts_with(prefix));
        for (name, path) in below("alerts.parquet") {
            each(name, path, &["severity", "rule"], |batch| {
                for row in 0..batch.num_rows() {
                    let pair = (text(batch, "severity", row)?.to_owned(), text(batch, "rule", row)?.to_owned());
                    *all.alerts.entry(pair).or_default() += 1;
                }
                Some(())
            })?;
        }
        for (name, path) in below("duplicates.parquet") {
            each(name, path, &["kind", "leak"], |batch| {
                for row in 0..batch.num_rows() {
                    let leak = batch.column_by_name("leak")?.as_boolean_opt()?.value(row);
                    let sums = all.copies.entry(text(batch, "kind", row)?.to_owned()).or_default();
                    *sums = (sums.0 + 1, sums.1 + u64::from(leak));
                }
                Some(())
            })?;
        }
        for (name, path) in below("series.parquet") {
            each(name, path, &["findings"], |batch| {
                let lists = batch.column_by_name("findings")?.as_list_opt::<i32>()?;
                for row in (0..batch.num_rows()).filter(|row| lists.is_valid(*row)) {
                    let words = lists.value(row);
                    for word in words.as_string_opt::<i32>()?.iter().flatten() {
                        *all.series.entry(word.to_owned()).or_default() += 1;
                    }
                }
                Some(())
            })?;
        }
        all.worst(below("scores/"), summary)?;
        all.missing = columns::missing(files)?;
        Ok(all)
    }

    /// Counts the values of a column of the files below a folder.
    fn count(&mut self, what: &'static str, files: &[Place], prefix: &str, column: &str) -> Result<()> {
        for (name, path) in files.iter().filter(|(name, _)| name.starts_with(prefix)) {
            let counts = self.counts.entry(what).or_default();
            each(name, path, &[column], |batch| {
                count(batch, column, counts);
                Some(())
            })?;
        }
        Ok(())
    }

    fn links(&mut self, files: &[Place]) -> Result<()> {
        let mut studies: BTreeMap<(String, String), HashSet<String>> = BTreeMap::new();
        for (name, path) in files.iter().filter(|(name, _)| name == "links.parquet") {
            each(name, path, &["kind", "rule", "study_uid"], |batch| {
                for row in 0..batch.num_rows() {
                    let kind = text(batch, "kind", row)?;
                    for rule in [text(batch, "rule", row)?, ""] {
                        let pair = (kind.to_owned(), rule.to_owned());
                        self.links.entry(pair.clone()).or_default().0 += 1;
                        studies.entry(pair).or_default().insert(text(batch, "study_uid", row)?.to_owned());
                    }
                }
                Some(())
            })?;
        }
        for (pair, studies) in studies {
            self.links.entry(pair).or_default().1 = studies.len() as u64;
        }
        Ok(())
    }

    fn add(&mut self, what: &'static str, word: &str) {
        let counts = self.counts.entry(what).or_default();
        match counts.get_mut(word) {
            Some(count) => *count += 1,
            None => drop(counts.insert(word.to_owned(), 1)),
        }
    }

    /// A distribution, largest first.
    pub(super) fn largest_first(&self, what: &str) -> Vec<Bar> {
        cells::largest_first(self.counted(what))
    }

    /// A distribution in the order of its values.
    pub(super) fn in_order(&self, what: &str) -> Vec<Bar> {
        cells::bars(self.counted(what))
    }

    /// Counts by value, in the order of the values.
    pub(super) fn counted(&self, what: &str) -> impl Iterator<Item = (&str, u64)> {
        self.counts.get(what).into_iter().flatten().map(|(word, count)| (word.as_str(), *count))
    }
}
