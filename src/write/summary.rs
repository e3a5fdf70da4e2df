//! What all parts together say: totals, rejects in the order of the inputs, patients, the audit trail. Cards and the
//! report are made from it and from nothing else.

use super::audit::Trail;
use super::dataset::{Dataset, RunCard};
use super::everybody::Everybody;
use super::files::{FileReceipt, digest_of, io_fault};
use super::patients::PatientFacts;
use super::receipt::{Count, PartReceipt, RejectRow, Unit};
use super::scores::Scores;
use super::tally::{Tally, add_counts};
use crate::error::{Fault, Reason, Result};
use crate::model::{Split, Table};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs::File;

/// The totals of a dataset.
pub(super) struct Summary {
    pub(super) card: RunCard,
    pub(super) counts: BTreeMap<Unit, Count>,
    pub(super) tensors: BTreeMap<String, u64>,
    pub(super) rows: BTreeMap<String, u64>,
    pub(super) tallies: BTreeMap<String, Tally>,
    pub(super) boxes: u64,
    pub(super) scores: Scores,
    pub(super) rejects: Vec<RejectRow>,
    pub(super) patients: Everybody,
    /// Files of the parts, and the receipts themselves.
    pub(super) files: Vec<FileReceipt>,
    pub(super) trail: Trail,
}

/// A table of the dataset and how many rows it has.
pub(super) struct TableFacts {
    pub(super) table: &'static Table,
    pub(super) rows: u64,
}

fn counts_json(counts: &BTreeMap<Unit, Count>) -> Value {
    serde_json::to_value(counts).unwrap_or_default()
}

fn facts(value: Value) -> Map<String, Value> {
    if let Value::Object(map) = value { map } else { Map::new() }
}

impl Summary {
    /// Reads every receipt. Parts that are not committed are a Config fault.
    pub(super) fn gather(dataset: &Dataset) -> Result<Self> {
        let card = dataset.card().clone();
        let mut all = Self {
            counts: BTreeMap::new(),
            tensors: BTreeMap::new(),
            rows: BTreeMap::new(),
            tallies: BTreeMap::new(),
            boxes: 0,
            scores: Scores::default(),
            rejects: Vec::new(),
            patients: Everybody::default(),
            files: vec![receipt_of(dataset, super::dataset::RUN_CARD)?],
            trail: Trail::new(),
            card,
        };
        let run = json!({"program": all.card.program, "schema": all.card.schema, "format": all.card.format,
            "parts": all.card.parts, "plan_digest": all.card.plan_digest, "recipe_digest": all.card.recipe_digest});
        all.trail.add("run", facts(run))?;
        let mut missing = Vec::new();
        for index in 0..all.card.parts {
            match dataset.receipt(index)? {
                Some(receipt) => {
                    all.files.push(receipt_of(dataset, &receipt.part.receipt_name())?);
                    all.add(receipt)?;
                }
                None => missing.push(index),
            }
        }
        if let Some(first) = missing.first() {
            return Err(Fault::config("--shard", "parts are not committed yet", "")
                .number("missing", missing.len() as i128)
                .number("first", *first)
                .remedy("run the missing shards, then finish"));
        }
        all.rejects.sort();
        let end = json!({"counts": counts_json(&all.counts), "tensors": all.tensors, "rejects": all.rejects.len()});
        all.trail.add("finish", facts(end))?;
        Ok(all)
    }

    fn add(&mut self, receipt: PartReceipt) -> Result<()> {
        let facts_of_part = json!({"part": receipt.part.index, "counts": counts_json(&receipt.counts),
            "tensors": receipt.tensors, "boxes": receipt.boxes, "files": receipt.files.len()});
        self.trail.add("part", facts(facts_of_part))?;
        for entry in receipt.audit {
            self.trail.add(&entry.event, entry.facts)?;
        }
        for (unit, count) in receipt.counts {
            self.counts.entry(unit).or_default().add(count);
        }
        add_counts(&mut self.tensors, receipt.tensors);
        add_counts(&mut self.rows, receipt.rows);
        for (column, tally) in receipt.tallies {
            add_counts(self.tallies.entry(column).or_default(), tally);
        }
        self.boxes += receipt.boxes;
        self.scores.add(receipt.scores);
        self.rejects.extend(receipt.rejects);
        self.patients.add(receipt.patients);
        self.files.extend(receipt.files);
        Ok(())
    }

    /// People of whom there are images, in all splits or in one.
    pub(super) fn imaged(&self, split: Option<Split>) -> u64 {
        let is = |facts: &PatientFacts| !facts.images.is_empty() && (split.is_none() || facts.split == split);
        self.patients.iter().filter(|(_, facts)| is(facts)).count() as u64
    }

    /// Tensors in all splits.
    pub(super) fn images(&self) -> u64 {
        self.tensors.values().sum()
    }

    /// How often each reason occurs, with its meaning.
    pub(super) fn reasons(&self) -> BTreeMap<(String, String), (u64, &'static str)> {
        let mut reasons = BTreeMap::new();
        for reject in &self.rejects {
            let entry = reasons.entry((reject.outcome.clone(), reject.reason.clone()));
            entry.or_insert((0, reject.meaning())).0 += 1;
        }
        reasons
    }

    /// The values of a tallied column, or nothing.
    pub(super) fn tally(&self, column: &str) -> impl Iterator<Item = (&str, u64)> {
        self.tallies.get(column).into_iter().flatten().map(|(value, count)| (value.as_str(), *count))
    }

    /// Images in which each layer blanked something, by layer; an image that two layers blanked counts for both.
    pub(super) fn layers(&self) -> BTreeMap<&str, u64> {
        let mut layers = BTreeMap::new();
        for (words, images) in self.tally("masked").filter(|(words, _)| *words != "nothing") {
            words.split(' ').for_each(|layer| *layers.entry(layer).or_default() += images);
        }
        layers
    }

    /// What waits for a person's eyes: images in which text was still found after masking.
    pub(super) fn review_queue(&self) -> impl Iterator<Item = &RejectRow> {
        let code = Reason::BurnedInReview.code();
        self.rejects.iter().filter(move |row| row.reason == code && row.item.is_some())
    }

    /// The files of a folder, by name.
    pub(super) fn files_in(&self, folder: &str) -> Vec<&FileReceipt> {
        let inside = |f: &&FileReceipt| f.name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let mut files: Vec<_> = self.files.iter().filter(inside).collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        files
    }
}

fn receipt_of(dataset: &Dataset, name: &str) -> Result<FileReceipt> {
    let read = File::open(dataset.root().join(name)).and_then(digest_of);
    let (bytes, sha256) = read.map_err(|e| io_fault(name, &e))?;
    Ok(FileReceipt { name: name.to_owned(), bytes, sha256 })
}
