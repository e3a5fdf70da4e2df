//! The sections of the page, in their order. One that has nothing to tell is left out.

mod images;
mod times;

use super::Page;
use super::cells::{self, single, small};
use super::charts::{Bar, bars};
use super::html::{escaped, table, tiles};
use crate::model::Split;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Writes one section.
type Section = fn(&mut String, &Page);

/// Id, title and writer of each section.
pub(super) const SECTIONS: &[(&str, &str, Section)] = &[
    ("counts", "What was read and what became of it", counts),
    ("reasons", "Set aside, and why", reasons),
    ("images", "Images", distributions),
    ("people", "People and splits", people),
    ("burned-in", "Burned-in text", burned_in),
    ("pictures", "Pictures after masking", images::pictures),
    ("tensors", "Values of the tensors", images::tensors),
    ("scores", "Quality", images::scores),
    ("volumes", "Messages and results", volumes),
    ("alerts", "Alerts", alerts),
    ("links", "Links between sources", links),
    ("missing", "What is missing", missing),
    ("privacy", "De-identification", privacy),
    ("tables", "Tables and files", tables),
    ("times", "Time and throughput", times::times),
    ("recipe", "Recipe", recipe),
];

/// Inputs that were set aside, listed at most.
const LISTED: usize = 1000;
/// Codes of results listed at most.
const CODES: usize = 40;

fn numbers(numbers: &[u64]) -> impl Iterator<Item = String> {
    numbers.iter().map(u64::to_string)
}

fn counts(html: &mut String, page: &Page) {
    let summary = page.summary;
    let persons = single(summary.patients.len() as u64);
    let mut shown: Vec<(&str, String)> = Vec::new();
    for (unit, count) in &summary.counts {
        shown.push((unit.word(), format!("{} of {}", count.written, count.read)));
    }
    shown.push(("patients", persons));
    shown.push(("image studies", single(page.gathered.studies)));
    shown.push(("masked boxes", summary.boxes.to_string()));
    shown.push(("alerts", single(page.gathered.alerts.values().sum())));
    tiles(html, &shown);
    let rows: Vec<Vec<String>> = summary
        .counts
        .iter()
        .map(|(unit, c)| {
            std::iter::once(unit.word().to_owned()).chain(numbers(&[c.read, c.written, c.refused, c.skipped])).collect()
        })
        .collect();
    let head = ["what", "read", "written", "refused", "skipped"];
    table(html, "counts-table", "Everything that was read is written, refused or skipped", &head, &rows);
}

fn reasons(html: &mut String, page: &Page) {
    let reasons = page.summary.reasons();
    if reasons.is_empty() {
        html.push_str("<p>Nothing was set aside.</p>\n");
        return;
    }
    let by_reason: Vec<Bar> = reasons.iter().map(|((_, reason), (count, _))| (reason.clone(), Some(*count))).collect();
    alone(html, page, "Items set aside by reason", &by_reason);
    let rows: Vec<Vec<String>> = reasons
        .into_iter()
        .map(|((outcome, reason), (count, meaning))| vec![outcome, reason, count.to_string(), meaning.to_owned()])
        .collect();
    table(html, "reasons-table", "By reason", &["outcome", "reason", "count", "meaning"], &rows);
    let rows: Vec<Vec<String>> = page
        .summary
        .rejects
        .iter()
        .take(LISTED)
        .map(|row| {
            let item = row.item.map_or_else(String::new, |item| item.to_string());
            vec![
                row.input.to_string(),
                row.input_id.clone(),
                item,
                row.reason.clone(),
                row.place.clone(),
                row.cause.clone(),
            ]
        })
        .collect();
    let caption = format!("The first {} of {}; rejects.parquet has all", rows.len(), page.summary.rejects.len());
    table(html, "rejects-table", &caption, &["input", "keyed id", "item", "reason", "place", "cause"], &rows);
}

/// A chart with its caption, and nothing if there is nothing to draw.
fn figure(html: &mut String, page: &Page, caption: &str, values: &[Bar]) {
    if let Some(svg) = bars(values) {
        page.figures.borrow_mut().push((caption.to_owned(), values.to_vec()));
        let _ = writeln!(html, "<figure><h3>{}</h3>{svg}</figure>", escaped(caption));
    }
}

/// A chart that has no neighbours.
fn alone(html: &mut String, page: &Page, caption: &str, values: &[Bar]) {
    html.push_str("<div class=charts>\n");
    figure(html, page, caption, values);
    html.push_str("</div>\n");
}

/// Charts beside each other, and below them one table of all their numbers.
fn charts(html: &mut String, page: &Page, id: &str, all: &[(&str, Vec<Bar>)]) {
    let drawn: Vec<&(&str, Vec<Bar>)> = all.iter().filter(|(_, values)| !values.is_empty()).collect();
    if drawn.is_empty() {
        return;
    }
    html.push_str("<div class=charts>\n");
    drawn.iter().for_each(|(caption, values)| figure(html, page, caption, values));
    html.push_str("</div>\n");
    let rows: Vec<Vec<String>> = drawn
        .iter()
        .flat_map(|(caption, values)| {
            values.iter().map(move |(word, count)| vec![(*caption).to_owned(), word.clone(), cells::word(*count)])
        })
        .collect();
    table(html, id, "All numbers of the charts", &["what", "value", "count"], &rows);
}

fn tallied(page: &Page, column: &str) -> Vec<Bar> {
    cells::largest_first(page.summary.tally(column))
}

fn distributions(html: &mut String, page: &Page) {
    if page.summary.images() == 0 {
        return;
    }
    let all = [
        ("Modality", tallied(page, "modality")),
        ("Body part", tallied(page, "body_part")),
        ("Manufacturer", page.gathered.largest_first("manufacturer")),
        ("Transfer syntax", tallied(page, "transfer_syntax")),
        ("Matrix (rows x columns)", page.gathered.largest_first("matrix")),
        ("Pixel spacing", page.gathered.largest_first("spacing")),
        ("Year of the study, shifted", page.gathered.in_order("year")),
        ("Photometric interpretation", tallied(page, "photometric")),
        ("View of interest", tallied(page, "voi")),
        ("Shape of the tensors", tallied(page, "shape")),
        ("Engine", tallied(page, "engine")),
    ];
    charts(html, page, "images-table", &all);
}

fn people(html: &mut String, page: &Page) {
    let all = [("Age", page.gathered.in_order("age")), ("Sex", page.gathered.largest_first("sex"))];
    charts(html, page, "people-table", &all);
    let patients = |split: &str| {
        let theirs = Split::of(split);
        page.summary.patients.iter().filter(|(_, facts)| facts.split == theirs).count() as u64
    };
    let splits = &page.summary.tensors;
    let images = cells::parts(&splits.values().copied().collect::<Vec<_>>());
    let patients = cells::parts(&splits.keys().map(|split| patients(split)).collect::<Vec<_>>());
    let told = splits.iter().zip(images.into_iter().zip(patients));
    let rows: Vec<Vec<String>> = told
        .map(|((split, _), (images, patients))| vec![split.clone(), cells::word(images), cells::word(patients)])
        .collect();
    table(html, "splits-table", "Splits are by patient", &["split", "images", "patients"], &rows);
    let told = match page.gathered.straddling {
        0 => "Leakage check: no patient has images in two splits.".to_owned(),
        n => format!("Leakage check failed: {n} patients have images in two splits."),
    };
    let _ = writeln!(html, "<p>{told}</p>");
    let rows: Vec<Vec<String>> = page
        .gathered
        .copies
        .iter()
        .map(|(kind, (copies, leaks))| vec![kind.clone(), copies.to_string(), leaks.to_string()])
        .collect();
    let caption =
        "Copies of images (near: alike to the eye in another patient; one phantom or one generator makes such, too)";
    table(html, "copies-table", caption, &["kind", "copies", "in another split"], &rows);
}

/// Frames of the review queue that the page lists; rejects.parquet has them all.
const QUEUE: usize = 100;

/// What the search for burned-in text came to, by image and by layer, and the images that wait for a person.
fn burned_in(html: &mut String, page: &Page) {
    let layers = page.summary.layers();
    let layers = cells::bars(layers.iter().map(|(layer, images)| (*layer, *images)));
    let all = [("What the search came to", tallied(page, "burned_in")), ("Layers that blanked something", layers)];
    charts(html, page, "burned-table", &all);
    let rows: Vec<Vec<String>> = page
        .summary
        .review_queue()
        .take(QUEUE)
        .map(|row| {
            let frame = row.item.map_or_else(String::new, |frame| frame.to_string());
            vec![row.input.to_string(), frame, row.input_id.clone()]
        })
        .collect();
    if !rows.is_empty() {
        html.push_str(
            "<p>Text was still found after masking. <code>voxmill mask --png</code> shows these inputs; a mask rule of the \
             recipe can cover what is left.</p>\n",
        );
    }
    let waiting = page.summary.review_queue().count();
    table(html, "review-table", &format!("Waiting for review: {waiting}"), &["input", "frame", "keyed id"], &rows);
}

fn volumes(html: &mut String, page: &Page) {
    let mut results = page.gathered.largest_first("results");
    results.truncate(CODES);
    let all = [("Messages by type", page.gathered.largest_first("messages")), ("Results by code", results)];
    charts(html, page, "volumes-table", &all);
}

fn alerts(html: &mut String, page: &Page) {
    let found = &page.gathered.alerts;
    if found.is_empty() {
        return;
    }
    let mut by_severity: BTreeMap<&str, u64> = BTreeMap::new();
    for ((severity, _), count) in found {
        *by_severity.entry(severity).or_default() += count;
    }
    let values = cells::bars(by_severity);
    alone(html, page, "Alerts by severity", &values);
    let mut rows = Vec::new();
    for (severity, sum) in &values {
        let rules: Vec<(&str, u64)> =
            found.iter().filter(|((of, _), _)| of == severity).map(|((_, rule), n)| (rule.as_str(), *n)).collect();
        for (rule, count) in cells::bars(rules) {
            // The rules of a severity whose sum is withheld would tell it.
            rows.push(vec![severity.clone(), rule, cells::word(sum.and(count))]);
        }
    }
    table(html, "alerts-table", "By rule of rules/alerts.toml", &["severity", "rule", "alerts"], &rows);
}

fn links(html: &mut String, page: &Page) {
    let studies = page.gathered.studies;
    if studies == 0 {
        return;
    }
    let share = |n: u64| match small(n) || small(studies.saturating_sub(n)) {
        true => cells::WITHHELD.to_owned(),
        false => format!("{:.1}%", 100.0 * n as f64 / studies as f64),
    };
    let rows: Vec<Vec<String>> = page
        .gathered
        .links
        .iter()
        .map(|((kind, rule), (links, linked))| {
            vec![kind.clone(), rule.clone(), single(*links), single(*linked), share(*linked)]
        })
        .collect();
    let caption = format!("Of {} image studies", single(studies));
    table(html, "links-table", &caption, &["linked", "rule", "links", "studies", "share of studies"], &rows);
}

fn missing(html: &mut String, page: &Page) {
    let rows: Vec<Vec<String>> = page
        .gathered
        .missing
        .iter()
        .filter(|(_, _, rows, nulls)| *rows > 0 && *nulls > 0)
        .map(|(table, column, rows, nulls)| {
            let share = match small(*nulls) || small(rows - nulls) {
                true => cells::WITHHELD.to_owned(),
                false => format!("{:.1}%", 100.0 * *nulls as f64 / *rows as f64),
            };
            vec![table.clone(), column.clone(), single(*rows), share]
        })
        .collect();
    table(html, "missing-table", "Columns with unknown values", &["table", "column", "rows", "unknown"], &rows);
}

fn privacy(html: &mut String, page: &Page) {
    let mut columns: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for table in page.tables.iter().filter(|table| table.rows > 0) {
        for (treatment, count) in &table.treatments {
            let sums = columns.entry(treatment).or_default();
            sums.0 += count;
            sums.1 += count * table.rows;
        }
    }
    let rows: Vec<Vec<String>> = columns
        .into_iter()
        .map(|(treatment, (columns, cells))| vec![treatment.to_owned(), columns.to_string(), cells.to_string()])
        .collect();
    let caption = "How the columns of the tables are treated; names, addresses and contacts have no column";
    table(html, "privacy-table", caption, &["treatment", "columns", "cells"], &rows);
}

fn tables(html: &mut String, page: &Page) {
    let rows: Vec<Vec<String>> =
        page.tables.iter().map(|t| vec![t.path.clone(), single(t.rows), t.doc.clone()]).collect();
    table(html, "tables-table", "Tables", &["files", "rows", "what"], &rows);
    let files = page.summary.files_in("data");
    let bytes: u64 = files.iter().map(|file| file.bytes).sum();
    let _ = writeln!(
        html,
        "<p>{} files of tensors, {bytes} bytes. SHA256SUMS lists every file of the dataset.</p>",
        files.len()
    );
}

fn recipe(html: &mut String, page: &Page) {
    let card = &page.summary.card;
    let _ = writeln!(
        html,
        "<p class=note>Recipe digest <code>{}</code>, {} parts, format {}.</p>\n<pre><code>{}</code></pre>",
        escaped(&card.recipe_digest),
        card.parts,
        escaped(&card.format),
        escaped(&card.recipe),
    );
}
