//! What was read and what became of it: totals, what was set aside and why, and the recipe that said so.

use super::super::Page;
use super::super::cells::single;
use super::super::charts::Bar;
use super::super::html::{escaped, table, tiles};
use super::{alone, numbers};
use crate::write::receipt::Unit;
use std::fmt::Write;

/// Inputs that were set aside, listed at most.
const LISTED: usize = 1000;

/// Totals.
pub(super) fn counts(html: &mut String, page: &Page) {
    let summary = page.summary;
    let mut shown: Vec<(&str, String)> = Vec::new();
    for (unit, count) in &summary.counts {
        shown.push((unit.word(), format!("{} of {}", count.written, count.read)));
    }
    shown.push(("patients", single(summary.patients.len() as u64)));
    let some = |unit: Unit| summary.counts.get(&unit).is_some_and(|count| count.read > 0);
    if some(Unit::Images) {
        shown.push(("image studies", single(page.gathered.studies)));
    }
    if summary.images() > 0 {
        shown.push(("masked boxes", summary.boxes.to_string()));
    }
    if some(Unit::Messages) || some(Unit::Rows) {
        shown.push(("alerts", single(page.gathered.alerts.values().sum())));
    }
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

/// What was set aside.
pub(super) fn reasons(html: &mut String, page: &Page) {
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
    let caption = format!(
        "One by one: the first {} of {}; rejects.parquet has all. inputs.csv of the private folder knows their files by number",
        rows.len(),
        page.summary.rejects.len()
    );
    table(html, "rejects-table", &caption, &["input", "keyed id", "item", "reason", "place", "cause"], &rows);
}

/// The recipe.
pub(super) fn recipe(html: &mut String, page: &Page) {
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
