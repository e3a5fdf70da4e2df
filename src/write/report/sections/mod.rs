//! The sections of the page, in their order. One that has nothing to tell is left out.

mod images;
mod people;
mod pictures;
mod privacy;
mod quality;
mod records;
mod set_aside;
mod times;

use super::Page;
use super::cells;
use super::charts::{Bar, MOST, bars};
use super::html::{escaped, table};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Writes one section.
type Section = fn(&mut String, &Page);

/// Id, title and writer of each section.
pub(super) const SECTIONS: &[(&str, &str, Section)] = &[
    ("counts", "What was read and what became of it", set_aside::counts),
    ("reasons", "Set aside, and why", set_aside::reasons),
    ("images", "Images", images::distributions),
    ("people", "People and splits", people::people),
    ("burned-in", "Burned-in text", privacy::burned_in),
    ("pictures", "Pictures after masking", pictures::pictures),
    ("tensors", "Values of the tensors", pictures::tensors),
    ("scores", "Quality", quality::scores),
    ("volumes", "Messages and results", records::volumes),
    ("alerts", "Alerts", records::alerts),
    ("links", "Links between sources", records::links),
    ("missing", "Unknown values", privacy::missing),
    ("privacy", "De-identification by rule", privacy::treatments),
    ("tables", "Tables and files", privacy::tables),
    ("times", "Time and throughput", times::times),
    ("recipe", "Recipe", set_aside::recipe),
];

fn numbers(numbers: &[u64]) -> impl Iterator<Item = String> {
    numbers.iter().map(u64::to_string)
}

/// A chart with its caption, and nothing if there is nothing to draw.
fn figure(html: &mut String, page: &Page, caption: &str, values: &[Bar]) {
    if let Some(svg) = bars(values) {
        page.figures.borrow_mut().push((caption.to_owned(), values.to_vec()));
        let cut = match values.len() {
            all if all > MOST => format!(" <span class=note>(first {MOST} of {all})</span>"),
            _ => String::new(),
        };
        let _ = writeln!(html, "<figure><h3>{}{cut}</h3>{svg}</figure>", escaped(caption));
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

/// Modalities whose number of images is told: pictures, titles and lists name no other, or they would tell it.
fn told(page: &Page) -> BTreeSet<String> {
    let bars = page.gathered.in_order("modality");
    bars.into_iter().filter(|(_, count)| count.is_some()).map(|(word, _)| word).collect()
}
