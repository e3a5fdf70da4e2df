//! What the page shows of images themselves: pictures, the contact sheet, values of tensors, scores and the lowest of them.

use super::super::Page;
use super::super::cells;
use super::super::charts::Bar;
use super::super::html::{picture, table};
use super::figure;
use crate::write::scores::Worst;

/// The first images of each modality, and the contact sheet.
pub(super) fn pictures(html: &mut String, page: &Page) {
    let pictures = page.pictures;
    if !pictures.first.is_empty() {
        html.push_str(
            "<p class=note>The first images of each modality, as they are in the data set.</p>\n<div class=pictures>\n",
        );
        for preview in &pictures.first {
            let name = format!("{} image, {} split", preview.modality, preview.split);
            picture(html, &preview.png, &name, &format!("{}, {}", preview.modality, preview.split));
        }
        html.push_str("</div>\n");
    }
    if !pictures.blanked.is_empty() {
        html.push_str(
            "<h3>Blanked, before and after</h3>\n<p class=note>Both pictures are made from masked pixels: what lay under a \
             box was never kept. Before: the picture blurred, grey where the text lay. After: the image in the data set, \
             with its boxes.</p>\n<div class=pictures>\n",
        );
        for pair in &pictures.blanked {
            html.push_str("<div class=pair>");
            picture(html, &pair.before, &format!("{}, before, blurred", pair.told), "before, blurred");
            picture(html, &pair.after, &format!("{}, after", pair.told), &pair.told);
            html.push_str("</div>\n");
        }
        html.push_str("</div>\n");
    }
}

/// Bars of the histogram of tensors.
const BINS: usize = 16;

/// Values of some tensors by modality.
pub(super) fn tensors(html: &mut String, page: &Page) {
    if page.pictures.values.is_empty() {
        return;
    }
    html.push_str(
        "<p class=note>Of the tensors whose pictures this page shows; at most 4,096 values of each, evenly \
         spaced.</p>\n<div class=charts>\n",
    );
    for (modality, (count, values)) in &page.pictures.values {
        let (low, high) = values.iter().fold((f32::MAX, f32::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
        let width = ((high - low) / BINS as f32).max(f32::MIN_POSITIVE);
        let mut bins = [0u64; BINS];
        // `as` limits to 0 and above; the highest value belongs to the last bar.
        values.iter().for_each(|v| bins[(((v - low) / width) as usize).min(BINS - 1)] += 1);
        let name = |bin: usize| format!("{:.3} to {:.3}", low + width * bin as f32, low + width * (bin + 1) as f32);
        let bars: Vec<Bar> = bins.iter().enumerate().map(|(bin, count)| (name(bin), Some(*count))).collect();
        figure(html, page, &format!("Values of {count} tensors, {modality}"), &bars);
    }
    html.push_str("</div>\n");
}

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
    html.push_str("<div class=charts>\n");
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
    table(html, "series-table", "Findings of series", &["finding", "series"], &found);
}

/// The lowest scores: pictures, then a table.
fn worst(html: &mut String, page: &Page) {
    let scores = &page.summary.scores;
    let score = |worst: &Worst| format!("{:.1}", worst.milli as f64 / 1000.0);
    html.push_str("<h3>Lowest scores</h3>\n<div class=pictures>\n");
    for worst in &scores.worst {
        let small = page.gathered.thumbnails.get(&worst.tensor_id).and_then(|means| coarse(means));
        if let Some(png) = page.pictures.worst.get(&worst.tensor_id).cloned().or(small) {
            let name = format!("{} image, score {}", worst.modality, score(worst));
            let told = format!("{} {} {}", score(worst), worst.modality, worst.reasons.join(", "));
            picture(html, &png, &name, &told);
        }
    }
    html.push_str("</div>\n");
    let row =
        |worst: &Worst| vec![worst.tensor_id.clone(), worst.modality.clone(), score(worst), worst.reasons.join(", ")];
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
