//! report/index.html: one self-contained static page made from the receipts, without scripts: what was read and what
//! became of it, by split, modality and transfer syntax, what was masked, why things were set aside.

use super::checksums;
use super::dataset::Dataset;
use super::files::{Busy, Staging, digest_of, io_fault};
use super::previews::{Chooser, Preview};
use super::scores::{Scores, Worst};
use super::summary::{Summary, TableFacts};
use crate::error::{Fault, Result};
use serde_json::Value;
use std::fmt::Write;

/// Where the page lies.
pub(super) const NAME: &str = "report/index.html";

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1b1f24}\
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;margin:.5rem 0}\
th,td{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #d8dee4;vertical-align:top}\
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}figure{display:inline-block;margin:.3rem}\
figcaption{font-size:.8rem;color:#57606a}img{background:#000;max-width:192px}code{font-size:.85rem;overflow-wrap:anywhere}";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let at = |i: usize| u32::from(three.get(i).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            // n bytes make n + 1 characters; the rest is padding.
            let index = (bits >> (18 - 6 * place)) & 63;
            text.push(if place <= three.len() { ALPHABET[index as usize] as char } else { '=' });
        }
    }
    text
}

/// A table of the page: cells that are numbers stand on the right.
fn table(html: &mut String, head: &[&str], rows: &[Vec<String>]) {
    if rows.is_empty() {
        html.push_str("<p>None.</p>\n");
        return;
    }
    let number = |cell: &str| !cell.is_empty() && cell.bytes().all(|b| b.is_ascii_digit());
    html.push_str("<table><tr>");
    for (place, name) in head.iter().enumerate() {
        let class = if rows.iter().all(|row| row.get(place).is_some_and(|c| number(c))) { " class=n" } else { "" };
        let _ = write!(html, "<th{class}>{}</th>", escaped(name));
    }
    html.push_str("</tr>\n");
    for row in rows {
        html.push_str("<tr>");
        for cell in row {
            let _ = write!(html, "<td{}>{}</td>", if number(cell) { " class=n" } else { "" }, escaped(cell));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</table>\n");
}

/// A table of the dataset, as the page shows it.
pub(super) struct TableLine {
    path: String,
    doc: String,
    rows: u64,
}

/// The page.
pub(super) fn html(summary: &Summary, tables: &[TableFacts], previews: &[Preview]) -> String {
    let line =
        |t: &TableFacts| TableLine { path: super::card::path_of(t.table), doc: t.table.doc.into(), rows: t.rows };
    page(summary, &tables.iter().map(line).collect::<Vec<_>>(), previews)
}

fn page(summary: &Summary, tables: &[TableLine], previews: &[Preview]) -> String {
    let card = &summary.card;
    let mut html = format!(
        "<!doctype html>\n<html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>Dataset report</title><style>{STYLE}</style></head><body>\n<h1>Dataset report</h1>\n\
         <p>{} images of {} patients in {} parts, format {}. {} boxes masked. Made by {}, plan <code>{}</code>.</p>\n",
        summary.images(),
        summary.patients.len(),
        card.parts,
        escaped(&card.format),
        summary.boxes,
        escaped(&card.program),
        escaped(&card.plan_digest),
    );
    html.push_str("<h2>What was read and what became of it</h2>\n");
    let counts: Vec<Vec<String>> = summary
        .counts
        .iter()
        .map(|(unit, c)| {
            let numbers = [c.read, c.written, c.refused, c.skipped].map(|n| n.to_string());
            std::iter::once(unit.word().to_owned()).chain(numbers).collect()
        })
        .collect();
    table(&mut html, &["", "read", "written", "refused", "skipped"], &counts);
    html.push_str("<h2>Set aside, and why</h2>\n");
    let reasons: Vec<Vec<String>> = summary
        .reasons()
        .into_iter()
        .map(|((outcome, reason), (count, meaning))| vec![outcome, reason, count.to_string(), meaning.to_owned()])
        .collect();
    table(&mut html, &["outcome", "reason", "count", "meaning"], &reasons);
    burned_in(&mut html, summary);
    html.push_str("<h2>Images by split</h2>\n");
    let mut by_split = Vec::new();
    for (split, count) in &summary.tensors {
        let patients = summary.patients.values().filter(|p| p.split.as_ref() == Some(split)).count();
        by_split.push(vec![split.clone(), count.to_string(), patients.to_string()]);
    }
    table(&mut html, &["split", "images", "patients"], &by_split);
    for (column, title) in [
        ("modality", "modality"),
        ("body_part", "body part"),
        ("transfer_syntax", "transfer syntax"),
        ("photometric", "photometric interpretation"),
        ("voi", "view of interest"),
        ("shape", "shape of the tensors"),
        ("engine", "engine"),
    ] {
        let rows: Vec<Vec<String>> = summary.tally(column).map(|(v, n)| vec![v.to_owned(), n.to_string()]).collect();
        if !rows.is_empty() {
            let _ = writeln!(html, "<h2>Images by {title}</h2>");
            table(&mut html, &[title, "images"], &rows);
        }
    }
    if !previews.is_empty() {
        html.push_str("<h2>First images of each modality, after masking</h2>\n");
        for p in previews {
            let (modality, split, data) = (escaped(&p.modality), escaped(&p.split), base64(&p.png));
            let _ = writeln!(
                html,
                "<figure><img alt=\"{modality}\" src=\"data:image/png;base64,{data}\"><figcaption>{modality}, {split}</figcaption></figure>"
            );
        }
    }
    scores(&mut html, &summary.scores);
    html.push_str("<h2>Tables</h2>\n");
    let rows: Vec<Vec<String>> =
        tables.iter().map(|t| vec![t.path.clone(), t.rows.to_string(), t.doc.clone()]).collect();
    table(&mut html, &["files", "rows", "what"], &rows);
    html.push_str("<h2>Files of tensors</h2>\n");
    let files = summary.files_in("data");
    let bytes: u64 = files.iter().map(|file| file.bytes).sum();
    let _ = writeln!(html, "<p>{} files, {bytes} bytes. SHA256SUMS lists every file of the dataset.</p>", files.len());
    let _ = writeln!(html, "<h2>Recipe</h2>\n<pre><code>{}</code></pre>\n</body></html>", escaped(&card.recipe));
    html
}

/// Frames of the review queue that the page lists; rejects.parquet has them all.
const QUEUE: usize = 100;

/// What the search for burned-in text came to, by image and by layer, and the images that wait for a person.
fn burned_in(html: &mut String, summary: &Summary) {
    html.push_str("<h2>Burned-in text</h2>\n");
    let rows: Vec<Vec<String>> =
        summary.tally("burned_in").map(|(word, images)| vec![word.to_owned(), images.to_string()]).collect();
    table(html, &["outcome", "images"], &rows);
    let rows: Vec<Vec<String>> =
        summary.layers().into_iter().map(|(layer, images)| vec![layer.to_owned(), images.to_string()]).collect();
    table(html, &["layer that blanked something", "images"], &rows);
    let waiting = summary.review_queue().count();
    let _ = writeln!(html, "<h3>Waiting for review: {waiting}</h3>");
    if waiting > 0 {
        html.push_str("<p>Text was still found after masking. <code>voxmill mask --png</code> shows these inputs; a mask rule of the recipe can cover what is left.</p>\n");
        let rows: Vec<Vec<String>> = summary
            .review_queue()
            .take(QUEUE)
            .map(|row| {
                vec![
                    row.input.to_string(),
                    row.item.map_or(String::new(), |frame| frame.to_string()),
                    row.input_id.clone(),
                ]
            })
            .collect();
        table(html, &["input", "frame", "keyed id"], &rows);
    }
}

/// Scores by modality and the images with the lowest.
fn scores(html: &mut String, scores: &Scores) {
    if scores.by_modality.is_empty() {
        return;
    }
    html.push_str("<h2>Scores by modality</h2>\n");
    let head: Vec<String> =
        std::iter::once("modality".to_owned()).chain((0..10).map(|d| format!("{}-{}", d * 10, d * 10 + 10))).collect();
    let head: Vec<&str> = head.iter().map(String::as_str).chain(["not scored"]).collect();
    let row = |(modality, counts): (&String, &Vec<u64>)| {
        std::iter::once(modality.clone()).chain(counts.iter().map(u64::to_string)).collect()
    };
    table(html, &head, &scores.by_modality.iter().map(row).collect::<Vec<_>>());
    html.push_str("<h2>Lowest scores</h2>\n");
    let row = |worst: &Worst| {
        let score = format!("{:.1}", worst.milli as f64 / 1000.0);
        vec![worst.tensor_id.clone(), worst.modality.clone(), score, worst.reasons.join(", ")]
    };
    table(html, &["image", "modality", "score", "why"], &scores.worst.iter().map(row).collect::<Vec<_>>());
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
        Some(TableLine { path: text("path")?, doc: text("doc")?, rows: t.get("rows")?.as_u64()? })
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
    let bytes = page(&summary, &tables, &chooser.done()).into_bytes();
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

#[cfg(test)]
mod tests {
    use super::{base64, escaped, table};

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(escaped("<b a=\"1\">&"), "&lt;b a=&quot;1&quot;&gt;&amp;");
        let mut html = String::new();
        table(&mut html, &["<i>"], &[vec!["<script>".to_owned()]]);
        assert!(!html.contains("<script>") && !html.contains("<i>"));
    }

    #[test]
    fn base64_is_that_of_rfc_4648_section_10() {
        let want = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
        for (n, want) in want.into_iter().enumerate() {
            assert_eq!(base64(&b"foobar"[..n]), want);
        }
    }
}
