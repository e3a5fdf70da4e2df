//! Who is in the data set: ages, sexes, splits, and the check that no person and no copy stands on both sides of a split.

use super::super::Page;
use super::super::cells;
use super::super::html::table;
use super::charts;
use crate::model::Split;
use std::fmt::Write;

/// People and splits.
pub(super) fn people(html: &mut String, page: &Page) {
    let known = ["images alone", "messages or tables alone", "both"];
    let coverage = known.into_iter().zip(page.gathered.coverage).filter(|(_, count)| *count > 0);
    let all = [
        ("Age of the patients, years", page.gathered.in_order("age")),
        ("Sex of the patients", page.gathered.largest_first("sex")),
        ("Patients by what is known of them", cells::bars(coverage)),
    ];
    charts(html, page, "people-table", &all);
    let patients = |split: &str| Split::of(split).map_or(0, |split| page.summary.imaged(Some(split)));
    let splits: Vec<(&str, u64)> = page.gathered.counted("split").collect();
    let images = cells::parts(&splits.iter().map(|(_, count)| *count).collect::<Vec<_>>());
    let patients = cells::parts(&splits.iter().map(|(split, _)| patients(split)).collect::<Vec<_>>());
    let told = splits.iter().zip(images.into_iter().zip(patients));
    let rows: Vec<Vec<String>> = told
        .map(|((split, _), (images, patients))| vec![(*split).to_owned(), cells::word(images), cells::word(patients)])
        .collect();
    table(html, "splits-table", "Splits are by patient", &["split", "images", "patients with images"], &rows);
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
    let caption = "Images of different patients that are alike (exact: the same samples; near: to the eye, as pictures of one phantom or one generator are). Not persons in two splits, but a model may know the picture";
    table(html, "copies-table", caption, &["kind", "copies", "in another split"], &rows);
}
