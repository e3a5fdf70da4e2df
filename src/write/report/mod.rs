//! report/index.html: one self-contained page, no network, made from the receipts and the data set's own tables: what was
//! read and what became of it, distributions, volumes, links, alerts, what was masked, and pictures after masking.

mod charts;
mod gather;
mod html;
mod sections;

use super::checksums;
use super::dataset::Dataset;
use super::files::{Busy, Staged, Staging, digest_of, io_fault};
use super::previews::{Chooser, Preview};
use super::summary::{Summary, TableFacts};
use crate::error::{Fault, Result};
use gather::{Gathered, Place};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Where the page lies.
pub(super) const NAME: &str = "report/index.html";

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// A table of the dataset, as the page shows it.
struct TableLine {
    path: String,
    doc: String,
    rows: u64,
    /// Columns by how they are de-identified.
    treatments: BTreeMap<String, u64>,
}

/// Everything the page is made from.
struct Page<'a> {
    summary: &'a Summary,
    tables: &'a [TableLine],
    previews: &'a [Preview],
    gathered: &'a Gathered,
}

/// The page of a data set that is being finished: parts' files have their names, those of the root are staged.
pub(super) fn html(
    root: &Path,
    summary: &Summary,
    tables: &[TableFacts],
    staged: &[Staged],
    previews: &[Preview],
) -> Result<String> {
    let line = |t: &TableFacts| {
        let mut treatments = BTreeMap::new();
        for column in t.table.columns {
            *treatments.entry(super::card::treatment(column.class).to_owned()).or_default() += 1;
        }
        TableLine { path: super::card::path_of(t.table), doc: t.table.doc.into(), rows: t.rows, treatments }
    };
    let mut files = places(root, summary);
    files.extend(staged.iter().map(|file| (file.receipt().name.clone(), file.place().to_owned())));
    let gathered = Gathered::of(&parquet(files))?;
    Ok(page(&Page { summary, tables: &tables.iter().map(line).collect::<Vec<_>>(), previews, gathered: &gathered }))
}

fn places(root: &Path, summary: &Summary) -> Vec<Place> {
    summary.files.iter().map(|file| (file.name.clone(), root.join(&file.name))).collect()
}

/// The tables among the files; tensors that are kept in Parquet are none.
fn parquet(files: Vec<Place>) -> Vec<Place> {
    files.into_iter().filter(|(name, _)| name.ends_with(".parquet") && !name.starts_with("data/")).collect()
}

fn page(page: &Page) -> String {
    let card = &page.summary.card;
    let mut html = format!(
        "<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n\
         <meta name=viewport content=\"width=device-width,initial-scale=1\">\n<title>Dataset report</title>\n\
         <link rel=icon href=\"data:,\">\n<style>{STYLE}</style></head><body>\n<header><h1>Dataset report</h1>\n\
         <button type=button id=theme aria-pressed=false>Light or dark</button></header>\n\
         <p class=note>Made by {}, plan <code>{}</code>. Dates are shifted; counts under five are not told.</p>\n",
        html::escaped(&card.program),
        html::escaped(&card.plan_digest),
    );
    let mut body = String::new();
    let mut links = String::new();
    for (id, title, write) in sections::SECTIONS {
        let mut section = String::new();
        write(&mut section, page);
        if !section.is_empty() {
            let _ = writeln!(links, "<li><a href=#{id}>{title}</a></li>");
            let _ = writeln!(body, "<section aria-labelledby={id}><h2 id={id}>{title}</h2>\n{section}</section>");
        }
    }
    let _ = write!(
        html,
        "<nav aria-label=Sections><ul>\n{links}</ul></nav>\n<main>\n{body}</main>\n<script>{SCRIPT}</script>\n</body></html>\n"
    );
    html
}

/// Makes the report of a finished dataset again, and its line in SHA256SUMS.
pub fn write_report(dataset: &Dataset) -> Result<()> {
    let root = dataset.root();
    let read = |name: &str| std::fs::read_to_string(root.join(name)).map_err(|e| io_fault(name, &e));
    let unfinished = |name: &str| {
        Fault::config("DATASET", "not a finished dataset", name).remedy("run voxmill prepare with the same --out first")
    };
    let card: Value = serde_json::from_str(&read("dataset.json")?).map_err(|_| unfinished("dataset.json"))?;
    let line = |t: &Value| {
        let text = |key: &str| t.get(key).and_then(Value::as_str).map(str::to_owned);
        let mut treatments = BTreeMap::new();
        for column in t.get("columns")?.as_array()? {
            *treatments.entry(column.get("treatment")?.as_str()?.to_owned()).or_default() += 1;
        }
        Some(TableLine { path: text("path")?, doc: text("doc")?, rows: t.get("rows")?.as_u64()?, treatments })
    };
    let tables = card.get("tables").and_then(Value::as_array).and_then(|all| all.iter().map(line).collect());
    let tables: Vec<TableLine> = tables.ok_or_else(|| unfinished("dataset.json"))?;
    let sums = read(checksums::NAME)?;
    let mut lines: Vec<(String, String)> = checksums::parse(&sums)
        .ok_or_else(|| unfinished(checksums::NAME))?
        .into_iter()
        .map(|(hash, name)| (hash.to_owned(), name.to_owned()))
        .collect();
    let staging = Staging::open(root, "finish", dataset.durability(), Busy::Wait)?;
    let summary = Summary::gather(dataset)?;
    let mut chooser = Chooser::new(root, &summary);
    for manifest in in_order_of_splits(&summary) {
        super::reread::entries(root, manifest, |entry| chooser.look(&entry))?;
    }
    let mut files = places(root, &summary);
    // The tables over all parts, as SHA256SUMS lists them.
    for (_, name) in lines.iter().filter(|(_, name)| name.ends_with(".parquet") && !name.contains('/')) {
        let path = root.join(name);
        if !path.is_file() {
            return Err(unfinished(name));
        }
        files.push((name.clone(), path));
    }
    let gathered = Gathered::of(&parquet(files))?;
    let previews = chooser.done();
    let bytes =
        page(&Page { summary: &summary, tables: &tables, previews: &previews, gathered: &gathered }).into_bytes();
    let hash = digest_of(&*bytes).map_err(|e| io_fault(NAME, &e))?.1;
    lines.iter_mut().filter(|line| line.1 == NAME).for_each(|line| line.0.clone_from(&hash));
    let sums: String = lines.iter().map(|(hash, name)| format!("{hash}  {name}\n")).collect();
    staging.whole(NAME, &bytes)?.publish()?;
    staging.whole(checksums::NAME, sums.as_bytes())?.publish()?;
    Ok(())
}

/// Manifests in the order of monai.json, so that the same pictures are chosen.
fn in_order_of_splits(summary: &Summary) -> Vec<&super::files::FileReceipt> {
    let mut files = summary.files_in("manifest");
    let rank =
        |name: &str| crate::model::Split::ALL.iter().position(|s| name.starts_with(&format!("manifest/{}-", s.name())));
    files.sort_by(|a, b| (rank(&a.name), &a.name).cmp(&(rank(&b.name), &b.name)));
    files
}
