//! Scores by modality, the lowest of them one by one, and what was found of series.

use super::super::Page;
use super::super::cells;
use super::super::charts::Bar;
use super::super::html::{picture, table};
use super::{figure, told};
use crate::write::scores::Worst;

/// Scores by modality and the images with the lowest.
pub(super) fn scores(html: &mut String, page: &Page) {
    let scores = &page.summary.scores;
    if scores.by_modality.is_empty() {
        return;
    }
    let stretch = |place: usize| match place {
        place @ 0..10 => format!("{} to {}", place * 10, place * 10 + 10),
        _ => "not scored".to_owned(),
    };
    html.push_str(
        "<p class=note>100 is an image without fault. Each reason takes a share of what the others left; docs/QUALITY.md says \
         how much. The score puts images in order, it is no grade.</p>\n<div class=charts>\n",
    );
    let sums: Vec<u64> = scores.by_modality.values().map(|counts| counts.iter().sum()).collect();
    for ((modality, counts), sum) in scores.by_modality.iter().zip(cells::parts(&sums)) {
        // The bars of a modality whose sum is withheld would tell it.
        let told = cells::parts(counts).into_iter().map(|count| sum.and(count));
        let values: Vec<Bar> = told.enumerate().map(|(place, count)| (stretch(place), count)).collect();
        figure(html, page, &format!("Scores, {modality}"), &values);
    }
    html.push_str("</div>\n");
    worst(html, page);
    let found: Vec<Vec<String>> =
        page.gathered.series.iter().map(|(word, count)| vec![word.clone(), cells::single(*count)]).collect();
    table(html, "series-table", "Series with findings; series.parquet has all", &["finding", "series"], &found);
}

/// The lowest scores: pictures, then a table. Modalities of few images are not named.
fn worst(html: &mut String, page: &Page) {
    let scores = &page.summary.scores;
    let told = told(page);
    let modality = |worst: &Worst| match told.contains(&worst.modality) {
        true => worst.modality.clone(),
        false => cells::WITHHELD.to_owned(),
    };
    let score = |worst: &Worst| format!("{:.1}", worst.milli as f64 / 1000.0);
    html.push_str("<h3>Lowest scores</h3>\n<div class=pictures>\n");
    for worst in &scores.worst {
        let small = page.gathered.thumbnails.get(&worst.tensor_id).and_then(|means| coarse(means));
        if let Some(png) = page.pictures.worst.get(&worst.tensor_id).cloned().or(small) {
            let name = format!("Image with score {}", score(worst));
            let named = told.get(&worst.modality).map(|modality| format!("{modality} ")).unwrap_or_default();
            let told = format!("{} {named}{}", score(worst), worst.reasons.join(", "));
            picture(html, &png, &name, &told);
        }
    }
    html.push_str("</div>\n");
    let row = |worst: &Worst| vec![worst.tensor_id.clone(), modality(worst), score(worst), worst.reasons.join(", ")];
    let rows: Vec<Vec<String>> = scores.worst.iter().map(row).collect();
    table(html, "scores-table", "Lowest scores; scores/ has all", &["image", "modality", "score", "why"], &rows);
}

/// A PNG file of 16 x 16 means, each six pixels wide.
fn coarse(means: &[u8]) -> Option<Vec<u8>> {
    const SIDE: u32 = 16;
    const EACH: u32 = 6;
    let at = |x: u32, y: u32| means.get((y / EACH * SIDE + x / EACH) as usize).copied();
    at(EACH * SIDE - 1, EACH * SIDE - 1)?;
    let pixel = |x, y| image::Rgb([at(x, y).unwrap_or_default(); 3]);
    crate::write::picture::png_of_rgb(&image::RgbImage::from_fn(EACH * SIDE, EACH * SIDE, pixel)).ok()
}
