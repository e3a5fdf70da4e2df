//! report/index.html: one self-contained page, no network, made from the receipts and the data set's own tables: what was
//! read and what became of it, distributions, volumes, links, alerts, what was masked, and pictures after masking.

mod canvas;
pub(super) mod cells;
mod charts;
mod gather;
mod html;
mod sections;
mod syntaxes;

use super::checksums;
use super::dataset::Dataset;
use super::files::{Busy, Staged, Staging, digest_of, io_fault};
use super::previews::{Chooser, Pictures};
use super::receipt::PartReceipt;
use super::summary::{Summary, TableFacts};
use super::times::RunTimes;
use crate::error::{Fault, Result};
use charts::Bar;
use gather::{Gathered, Place};
use serde_json::Value;
use std::cell::RefCell;
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
    /// How each column is de-identified, by its name.
    treatments: BTreeMap<String, String>,
}

impl TableLine {
    /// The folder of its files, or its name without one.
    fn place(&self) -> &str {
        let place = self.path.trim_end_matches(".parquet");
        place.strip_suffix("/*").unwrap_or(place)
    }
}

/// Everything the page is made from.
struct Page<'a> {
    summary: &'a Summary,
    tables: &'a [TableLine],
    pictures: &'a Pictures,
    gathered: &'a Gathered,
    /// What runs took, if somebody asked: a data set itself holds no clock.
    times: Option<&'a [RunTimes]>,
    /// The charts of the page, in its order: name and values.
    figures: RefCell<Vec<(String, Vec<Bar>)>>,
}

/// The page of a data set that is being finished: parts' files have their names, those of the root are staged.
pub(super) fn html(
    root: &Path,
    summary: &Summary,
    tables: &[TableFacts],
    staged: &[Staged],
    pictures: &Pictures,
) -> Result<String> {
    let line = |t: &TableFacts| {
        let treatment = |class| super::card::treatment(class).to_owned();
        let treatments = t.table.columns.iter().map(|c| (c.name.to_owned(), treatment(c.class))).collect();
        TableLine { path: super::card::path_of(t.table), doc: t.table.doc.into(), rows: t.rows, treatments }
    };
    let mut files = places(root, summary);
    files.extend(staged.iter().map(|file| (file.receipt().name.clone(), file.place().to_owned())));
    let gathered = Gathered::of(&parquet(files), summary)?;
    let tables: Vec<TableLine> = tables.iter().map(line).collect();
    let figures = RefCell::default();
    Ok(page(&Page { summary, tables: &tables, pictures, gathered: &gathered, times: None, figures }))
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
         <label class=tools>Search all tables <input type=search id=search></label>\n\
         <button type=button id=theme aria-pressed=false>Light or dark</button></header>\n\
         <p class=note>Made by {}, plan <code>{}</code>. Dates are shifted; counts under five are withheld, and one more where a sum would tell them.</p>\n",
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

/// Makes the report of a finished dataset again, and its lines in SHA256SUMS; with `charts`, also each chart of the page as
/// a PNG file below `report/png/`; with `times`, what these runs took.
///
/// # Errors
/// A folder that is no data set, or not a finished one: what is missing is named.
pub fn write_report(dataset: &Dataset, charts: bool, times: Option<&[RunTimes]>) -> Result<()> {
    let root = dataset.root();
    let unfinished = |name: &str| {
        Fault::config("DATASET", "not a finished dataset: this is missing or not what it should be", name)
            .remedy("run the same command again that began it: it goes on where it stopped")
    };
    let read = |name: &str| match std::fs::read_to_string(root.join(name)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(unfinished(name)),
        text => text.map_err(|error| io_fault(name, &error)),
    };
    committed(dataset)?;
    let summary = Summary::gather(dataset)?;
    let card: Value = serde_json::from_str(&read("dataset.json")?).map_err(|_| unfinished("dataset.json"))?;
    let line = |t: &Value| {
        let text = |key: &str| t.get(key).and_then(Value::as_str).map(str::to_owned);
        let mut treatments = BTreeMap::new();
        for column in t.get("columns")?.as_array()? {
            let of_column = |key| column.get(key).and_then(Value::as_str).map(str::to_owned);
            treatments.insert(of_column("name")?, of_column("treatment")?);
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
    let gathered = Gathered::of(&parquet(files), &summary)?;
    let (pictures, figures) = (chooser.done(), RefCell::default());
    let page = Page { summary: &summary, tables: &tables, pictures: &pictures, gathered: &gathered, times, figures };
    let mut made = vec![(NAME.to_owned(), self::page(&page).into_bytes())];
    if charts {
        for (place, (name, values)) in page.figures.borrow().iter().enumerate() {
            if let Some(picture) = charts::picture(name, values) {
                made.push((format!("{CHARTS}{place:02}-{}.png", slug(name)), canvas::png(&picture)?));
            }
        }
        lines.retain(|(_, name)| !name.starts_with(CHARTS));
    }
    for (name, bytes) in &made {
        let hash = digest_of(bytes.as_slice()).map_err(|e| io_fault(name, &e))?.1;
        lines.retain(|(_, other)| other != name);
        lines.push((hash, name.clone()));
        staging.whole(name, bytes)?.publish()?;
    }
    lines.sort_by(|a, b| a.1.cmp(&b.1));
    let sums: String = lines.iter().map(|(hash, name)| format!("{hash}  {name}\n")).collect();
    staging.whole(checksums::NAME, sums.as_bytes())?.publish()?;
    Ok(())
}

/// Refuses a data set with parts that are not committed, or without one of their files: which, is said before anything else
/// is looked for.
fn committed(dataset: &Dataset) -> Result<()> {
    let card = dataset.card();
    let mut missing = Vec::new();
    for index in 0..card.parts {
        match PartReceipt::stated(dataset.root(), dataset.part(index), &card.plan_digest)? {
            Some(receipt) => {
                if let Some(name) = receipt.lost(dataset.root()) {
                    return Err(Fault::config(
                        "DATASET",
                        "a file of a finished part is gone or has another length",
                        name,
                    )
                    .number("part", index)
                    .remedy("run the same command again that made it: the part is done once more"));
                }
            }
            None => missing.push(index),
        }
    }
    match missing.first() {
        None => Ok(()),
        Some(first) => Err(Fault::config("DATASET", "not a finished dataset: parts are not committed yet", "parts/")
            .number("missing", missing.len() as i128)
            .number("of", card.parts)
            .number("first", *first)
            .remedy("run the same command again that began it, and all of its shards: it goes on where it stopped")),
    }
}

/// Where charts lie.
const CHARTS: &str = "report/png/";

/// A chart's name as that of a file: letters and digits, hyphens between them.
fn slug(name: &str) -> String {
    let letters = name.to_ascii_lowercase().replace(|letter: char| !letter.is_ascii_alphanumeric(), " ");
    letters.split_whitespace().collect::<Vec<_>>().join("-")
}

/// Manifests in the order of monai.json, so that the same pictures are chosen.
fn in_order_of_splits(summary: &Summary) -> Vec<&super::files::FileReceipt> {
    let mut files = summary.files_in("manifest");
    let rank =
        |name: &str| crate::model::Split::ALL.iter().position(|s| name.starts_with(&format!("manifest/{}-", s.name())));
    files.sort_by(|a, b| (rank(&a.name), &a.name).cmp(&(rank(&b.name), &b.name)));
    files
}
