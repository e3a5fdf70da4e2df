//! Looks at a finished dataset again and says what is not as it was written: checksums, counts, links from rows to
//! tensors, the audit chain. It changes nothing. Leaks are looked for by `deid`.

use super::audit::{End, walk as walk_trail};
use super::checksums;
use super::dataset::{read_card, read_if_there};
use super::files::{FileReceipt, TEMPORARY, digest_of, io_fault};
use super::receipt::{PartId, PartReceipt, Unit};
use super::reread::{entries, read_batches};
use super::verify_tensors::check_tensors;
use crate::error::{Fault, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, File};
use std::path::Path;

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// File of the dataset.
    pub place: String,
    /// What is wrong with it.
    pub what: &'static str,
}

impl Finding {
    pub(super) fn new(place: &str, what: &'static str) -> Self {
        Self { place: place.to_owned(), what }
    }
}

fn unfinished(root: &Path) -> Fault {
    Fault::config("DATASET", "not a finished dataset of this program", root.display().to_string())
        .remedy("run voxmill prepare with the same --out again")
}

/// Everything: checksums first; the rest is looked at only if the files are whole.
pub fn verify(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = verify_checksums(root)?;
    if findings.is_empty() {
        findings.extend(verify_counts(root)?);
        findings.extend(verify_links(root)?);
        findings.extend(verify_audit(root)?);
    }
    Ok(findings)
}

/// Whether each file that SHA256SUMS names is there with its hash, and no other file is there.
pub fn verify_checksums(root: &Path) -> Result<Vec<Finding>> {
    let bytes = read_if_there(root, checksums::NAME)?.ok_or_else(|| unfinished(root))?;
    let Some(lines) = std::str::from_utf8(&bytes).ok().and_then(checksums::parse) else {
        return Ok(vec![Finding::new(checksums::NAME, "not a list of checksums")]);
    };
    let mut findings = Vec::new();
    let mut named: BTreeSet<&str> = [checksums::NAME].into();
    for (hash, name) in lines {
        let plain = |part| matches!(part, std::path::Component::Normal(_));
        if !Path::new(name).components().all(plain) {
            findings.push(Finding::new(checksums::NAME, "a name outside the dataset"));
            continue;
        }
        named.insert(name);
        match File::open(root.join(name)).and_then(digest_of) {
            Ok((_, there)) if there == hash => {}
            Ok(_) => findings.push(Finding::new(name, "another content than was written")),
            Err(_) => findings.push(Finding::new(name, "missing or unreadable")),
        }
    }
    let mut there = Vec::new();
    walk(root, "", &mut there)?;
    let strangers = there.iter().filter(|name| !named.contains(name.as_str()));
    findings.extend(strangers.map(|name| Finding::new(name, "a file that the dataset does not know")));
    Ok(findings)
}

fn walk(root: &Path, inside: &str, names: &mut Vec<String>) -> Result<()> {
    let fault = |e: std::io::Error| io_fault(inside, &e);
    for entry in fs::read_dir(root.join(inside)).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let own = entry.file_name().to_string_lossy().into_owned();
        let name = if inside.is_empty() { own } else { format!("{inside}/{own}") };
        if entry.file_type().map_err(fault)?.is_dir() && !name.starts_with(TEMPORARY) {
            walk(root, &name, names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}

/// The receipts of all parts, or what is wrong with them.
fn receipts(root: &Path) -> Result<(Vec<PartReceipt>, Vec<Finding>)> {
    let card = read_card(root)?.ok_or_else(|| unfinished(root))?;
    let (mut receipts, mut findings) = (Vec::new(), Vec::new());
    for index in 0..card.parts {
        let part = PartId { index, count: card.parts };
        match PartReceipt::read(root, part, &card.plan_digest) {
            Ok(Some(receipt)) => receipts.push(receipt),
            Ok(None) => findings.push(Finding::new(&part.receipt_name(), "a part that is not whole")),
            Err(_) => findings.push(Finding::new(&part.receipt_name(), "not a receipt of this run")),
        }
    }
    Ok((receipts, findings))
}

fn rows_of(root: &Path, file: &FileReceipt) -> Option<u64> {
    let mut rows = 0;
    let read = read_batches(root, file, &[], None, |batch| {
        rows += batch.num_rows() as u64;
        Ok(())
    });
    read.ok().map(|()| rows)
}

fn receipt_of_root_file(root: &Path, name: &str) -> Result<FileReceipt> {
    let (bytes, sha256) = File::open(root.join(name)).and_then(digest_of).map_err(|e| io_fault(name, &e))?;
    Ok(FileReceipt { name: name.to_owned(), bytes, sha256 })
}

/// Whether read = written + refused + skipped in every part, every table has the rows its receipt says, and the card
/// says the same totals.
pub fn verify_counts(root: &Path) -> Result<Vec<Finding>> {
    let (receipts, mut findings) = receipts(root)?;
    let mut totals: BTreeMap<Unit, super::Count> = BTreeMap::new();
    let (mut rejects, mut images) = (0, 0);
    for receipt in &receipts {
        let name = receipt.part.receipt_name();
        let mut say = |what| findings.push(Finding::new(&name, what));
        for (unit, count) in &receipt.counts {
            if !count.adds_up() {
                say("read is not written + refused + skipped");
            }
            totals.entry(*unit).or_default().add(*count);
            let refused = receipt.rejects.iter().filter(|r| r.unit == unit.word() && r.outcome == "refused").count();
            let skipped = receipt.rejects.iter().filter(|r| r.unit == unit.word() && r.outcome == "skipped").count();
            if (refused as u64, skipped as u64) != (count.refused, count.skipped) {
                say("another number of rejects than was counted");
            }
        }
        let tensors: u64 = receipt.tensors.values().sum();
        if tensors != receipt.counts.get(&Unit::Images).map_or(0, |count| count.written) {
            say("another number of tensors than of images written");
        }
        for file in receipt.files.iter().filter(|file| file.name.ends_with(".parquet")) {
            let expected = match file.name.rsplit_once('/').map(|(folder, _)| folder) {
                Some("data") => continue,
                Some("manifest") => {
                    let split = file.name.trim_start_matches("manifest/").split('-').next().unwrap_or_default();
                    receipt.tensors.get(split)
                }
                Some(folder) => receipt.rows.get(folder),
                None => None,
            };
            if rows_of(root, file).as_ref() != expected {
                findings.push(Finding::new(&file.name, "another number of rows than its receipt says"));
            }
        }
        rejects += receipt.rejects.len() as u64;
        images += tensors;
    }
    let file = receipt_of_root_file(root, "rejects.parquet")?;
    if rows_of(root, &file) != Some(rejects) {
        findings.push(Finding::new(&file.name, "another number of rows than the receipts say"));
    }
    let card = read_if_there(root, "dataset.json")?.ok_or_else(|| unfinished(root))?;
    let card: Value = serde_json::from_slice(&card).unwrap_or_default();
    let said: u64 =
        card.get("tensors").and_then(Value::as_object).into_iter().flatten().filter_map(|t| t.1.as_u64()).sum();
    if card.get("counts") != serde_json::to_value(&totals).ok().as_ref() || said != images {
        findings.push(Finding::new("dataset.json", "other totals than the receipts"));
    }
    Ok(findings)
}

/// Whether each manifest row's tensor is where the row says, with its type and shape; names are unique, and no patient
/// is in two splits.
pub fn verify_links(root: &Path) -> Result<Vec<Finding>> {
    let (receipts, mut findings) = receipts(root)?;
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut splits: HashMap<String, String> = HashMap::new();
    for receipt in &receipts {
        let files: HashMap<&str, &FileReceipt> = receipt.files.iter().map(|f| (f.name.as_str(), f)).collect();
        for manifest in receipt.files.iter().filter(|file| file.name.starts_with("manifest/")) {
            let mut rows = Vec::new();
            let read = entries(root, manifest, |entry| {
                rows.push(entry);
                Ok(())
            });
            if read.is_err() {
                findings.push(Finding::new(&manifest.name, "cannot be read"));
                continue;
            }
            for row in &rows {
                if !names.insert(row.tensor_id.clone()) {
                    findings.push(Finding::new(&manifest.name, "a tensor_id that comes twice"));
                }
                if let Some(patient) = &row.patient_id {
                    let split = splits.entry(patient.clone()).or_insert_with(|| row.split.clone());
                    if *split != row.split {
                        findings.push(Finding::new(&manifest.name, "a patient in two splits"));
                    }
                }
            }
            findings.extend(check_tensors(root, &files, &manifest.name, &rows)?);
        }
    }
    findings.sort();
    findings.dedup();
    Ok(findings)
}

/// Whether the audit trail's chain of hashes is whole and ends where the card says.
pub fn verify_audit(root: &Path) -> Result<Vec<Finding>> {
    let bytes = read_if_there(root, "audit.jsonl")?.ok_or_else(|| unfinished(root))?;
    let card = read_if_there(root, "dataset.json")?.ok_or_else(|| unfinished(root))?;
    let card: Value = serde_json::from_slice(&card).unwrap_or_default();
    let said = card.get("audit").cloned().and_then(|end| serde_json::from_value::<End>(end).ok());
    let end = std::str::from_utf8(&bytes).ok().and_then(|text| walk_trail(text).ok());
    Ok(match end {
        None => vec![Finding::new("audit.jsonl", "the chain of hashes is broken")],
        Some(end) if Some(&end) != said.as_ref() => {
            vec![Finding::new("audit.jsonl", "the trail does not end where dataset.json says")]
        }
        Some(_) => Vec::new(),
    })
}
