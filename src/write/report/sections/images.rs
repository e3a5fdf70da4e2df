//! What the images are: modality, size, spacing, year and the like, each as a chart.

use super::super::Page;
use super::super::cells;
use super::super::charts::{Bar, MOST};
use super::super::syntaxes;
use super::{charts, tallied};
use std::collections::BTreeMap;

/// Distributions.
pub(super) fn distributions(html: &mut String, page: &Page) {
    let gathered = page.gathered;
    let syntaxes: BTreeMap<&str, u64> =
        gathered.counted("transfer syntax").map(|(uid, count)| (syntaxes::name(uid), count)).collect();
    let (years, when) = years(page);
    let all = [
        ("Modality", gathered.largest_first("modality")),
        ("Body part", gathered.largest_first("body part")),
        ("Manufacturer", gathered.largest_first("manufacturer")),
        ("Transfer syntax: how pixels are stored", cells::largest_first(syntaxes)),
        ("Matrix (rows x columns)", gathered.largest_first("matrix")),
        ("Pixel spacing", gathered.largest_first("spacing")),
        (when, years),
        ("Photometric interpretation", gathered.largest_first("photometric")),
        ("Window by which values became grey", tallied(page, "voi")),
        ("Shape of the tensors", tallied(page, "shape")),
        ("Engine", tallied(page, "engine")),
    ];
    charts(html, page, "images-table", &all);
}

/// Years of the studies, or decades where the years would not fit the chart.
fn years(page: &Page) -> (Vec<Bar>, &'static str) {
    let years: Vec<(&str, u64)> = page.gathered.counted("year").collect();
    if years.len() <= MOST {
        return (cells::bars(years), "Year of the study, shifted");
    }
    let mut decades: BTreeMap<String, u64> = BTreeMap::new();
    for (year, count) in years {
        let decade = match year.get(..3) {
            Some(begin) if year.len() == 4 => format!("{begin}0 to {begin}9"),
            _ => year.to_owned(),
        };
        *decades.entry(decade).or_default() += count;
    }
    (cells::bars(decades.iter().map(|(word, count)| (word.as_str(), *count))), "Decade of the study, shifted")
}
