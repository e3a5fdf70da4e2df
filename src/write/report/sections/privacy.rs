//! What was done to protect people: the search for burned-in text, the treatment of columns; and what tables there are and
//! what in them is unknown.

use super::super::Page;
use super::super::cells::{self, single, small};
use super::super::html::table;
use super::{charts, tallied};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Frames of the review queue that the page lists; rejects.parquet has them all.
const QUEUE: usize = 100;

/// What the search for burned-in text came to, by image and by layer, and the images that wait for a person.
pub(super) fn burned_in(html: &mut String, page: &Page) {
    let layers = page.summary.layers();
    let layers = cells::bars(layers.iter().map(|(layer, images)| (*layer, *images)));
    let all = [("What the search came to", tallied(page, "burned_in")), ("What found the text", layers)];
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
    if page.summary.images() == 0 && rows.is_empty() {
        return;
    }
    if !rows.is_empty() {
        html.push_str(
            "<p>Text was still found after masking. <code>voxmill mask --png</code> shows these inputs; a mask rule of the \
             recipe can cover what is left.</p>\n",
        );
    }
    let waiting = page.summary.review_queue().count();
    table(html, "review-table", &format!("Waiting for review: {waiting}"), &["input", "frame", "keyed id"], &rows);
}

/// How much of each column is unknown.
pub(super) fn missing(html: &mut String, page: &Page) {
    let rows: Vec<Vec<String>> = page
        .gathered
        .missing
        .iter()
        .filter(|column| column.rows > 0 && column.nulls > 0)
        .map(|column| {
            let (rows, nulls) = (column.rows, column.nulls);
            let share = match small(nulls) || small(rows - nulls) {
                true => cells::WITHHELD.to_owned(),
                false => format!("{:.1}%", 100.0 * nulls as f64 / rows as f64),
            };
            vec![column.table.clone(), column.column.clone(), single(rows), share]
        })
        .collect();
    table(html, "missing-table", "Columns with unknown values", &["table", "column", "rows", "unknown"], &rows);
}

/// What the rules of de-identification are called, by how a column is treated.
pub(super) fn treatments(html: &mut String, page: &Page) {
    // Nulls are known of flat columns; of lists every row counts.
    let nulls: BTreeMap<(&str, &str), u64> =
        page.gathered.missing.iter().map(|m| ((m.table.as_str(), m.column.as_str()), m.nulls)).collect();
    let mut sums: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for table in page.tables.iter().filter(|table| table.rows > 0) {
        for (column, treatment) in &table.treatments {
            let empty = nulls.get(&(table.place(), column.as_str())).copied().unwrap_or_default();
            let (columns, values) = sums.entry(treatment).or_default();
            *columns += 1;
            *values += table.rows.saturating_sub(empty);
        }
    }
    let rows: Vec<Vec<String>> = sums
        .into_iter()
        .map(|(treatment, (columns, values))| vec![treatment.to_owned(), columns.to_string(), single(values)])
        .collect();
    let caption = "Columns of all tables by the rule that treats them, and how many values they hold; names, addresses and contacts have no column";
    table(html, "privacy-table", caption, &["rule", "columns", "values"], &rows);
}

/// The tables and files of the data set.
pub(super) fn tables(html: &mut String, page: &Page) {
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
