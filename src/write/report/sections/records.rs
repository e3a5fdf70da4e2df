//! Messages, results, alerts, and what links them to images.

use super::super::Page;
use super::super::cells::{self, single, small};
use super::super::html::table;
use super::{alone, charts};
use std::collections::BTreeMap;

/// Codes of results listed at most.
const CODES: usize = 40;
/// What an image study can be linked to.
const LINKED: [&str; 3] = ["order", "encounter", "observation"];

/// Messages by type and results by code.
pub(super) fn volumes(html: &mut String, page: &Page) {
    let mut results = page.gathered.largest_first("results");
    results.truncate(CODES);
    let all = [("Messages by type", page.gathered.largest_first("messages")), ("Results by code", results)];
    charts(html, page, "volumes-table", &all);
}

/// Alerts by severity and rule.
pub(super) fn alerts(html: &mut String, page: &Page) {
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

/// How many image studies belong to an order, a visit or a result, and by which rule.
pub(super) fn links(html: &mut String, page: &Page) {
    let studies = page.gathered.studies;
    let [_, records, both] = page.gathered.coverage;
    if studies == 0 || records + both == 0 {
        return;
    }
    let share = |n: u64| match small(n) || small(studies.saturating_sub(n)) {
        true => cells::WITHHELD.to_owned(),
        false => format!("{:.1}%", 100.0 * n as f64 / studies as f64),
    };
    let links = &page.gathered.links;
    let mut rows: Vec<Vec<String>> = Vec::new();
    for kind in LINKED {
        let any = (kind.to_owned(), String::new());
        let ours = links.iter().filter(|((of, _), _)| of == kind).map(|((_, rule), counts)| (rule.as_str(), *counts));
        let none = (!links.contains_key(&any)).then_some(("", (0, 0)));
        for (rule, (count, linked)) in none.into_iter().chain(ours) {
            let rule = if rule.is_empty() { "any rule" } else { rule };
            rows.push(vec![kind.to_owned(), rule.to_owned(), single(count), single(linked), share(linked)]);
        }
    }
    let caption = format!("How many of {} image studies are linked, by a rule or by any", single(studies));
    table(html, "links-table", &caption, &["linked to", "rule", "links", "studies", "share of studies"], &rows);
}
