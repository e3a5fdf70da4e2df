//! Pictures of the tensors, the contact sheet, and the values of the tensors. Nothing here names a modality, or shows how
//! many images there are of something, where tables withhold the count.

use super::super::Page;
use super::super::cells;
use super::super::charts::Bar;
use super::super::html::picture;
use super::{figure, told};

/// The first images of each modality, and the contact sheet.
pub(super) fn pictures(html: &mut String, page: &Page) {
    let (pictures, told) = (page.pictures, told(page));
    let mut first = pictures.first.iter().filter(|preview| told.contains(&preview.modality)).peekable();
    if first.peek().is_some() {
        html.push_str(
            "<p class=note>The first images of each modality of at least five, as they are in the data \
             set.</p>\n<div class=pictures>\n",
        );
        first
            .for_each(|preview| picture(html, &preview.png, &format!("{} image", preview.modality), &preview.modality));
        html.push_str("</div>\n");
    }
    // Where the count of blanked images is withheld, one picture for each would tell it.
    let (nothing, blanked): (Vec<_>, Vec<_>) =
        page.summary.tally("masked").partition(|(layers, _)| *layers == "nothing");
    let sum = |counts: Vec<(&str, u64)>| counts.iter().map(|(_, count)| count).sum();
    let masked = cells::parts(&[sum(blanked), sum(nothing)]).first().is_some_and(Option::is_some);
    if masked && !pictures.blanked.is_empty() {
        html.push_str(
            "<h3>Blanked, before and after</h3>\n<p class=note>Both pictures are made from masked pixels: what lay under a \
             box was never kept. Before: the picture blurred, grey where the text lay. After: the image in the data set, \
             with its boxes.</p>\n<div class=pictures>\n",
        );
        for pair in &pictures.blanked {
            let boxes = if pair.boxes == 1 { "1 box".to_owned() } else { format!("{} boxes", pair.boxes) };
            html.push_str("<div class=pair>");
            picture(html, &pair.before, &format!("{boxes}, before, blurred"), "before, blurred");
            picture(html, &pair.after, &format!("{boxes}, after"), &format!("after, {boxes}"));
            html.push_str("</div>\n");
        }
        html.push_str("</div>\n");
    }
}

/// Bars of the histogram of tensors.
const BINS: usize = 16;

/// Values of some tensors by modality.
pub(super) fn tensors(html: &mut String, page: &Page) {
    let told = told(page);
    let mut all = page.pictures.values.iter().filter(|(modality, _)| told.contains(*modality)).peekable();
    if all.peek().is_none() {
        return;
    }
    html.push_str(
        "<p class=note>How often a value occurs, of some tensors of each modality of at least five; at most 4,096 values \
         of each, evenly spaced.</p>\n<div class=charts>\n",
    );
    for (modality, values) in all {
        let (low, high) = values.iter().fold((f32::MAX, f32::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
        let width = ((high - low) / BINS as f32).max(f32::MIN_POSITIVE);
        let mut bins = [0u64; BINS];
        // `as` limits to 0 and above; the highest value belongs to the last bar.
        values.iter().for_each(|v| bins[(((v - low) / width) as usize).min(BINS - 1)] += 1);
        let name = |bin: usize| format!("{:.3} to {:.3}", low + width * bin as f32, low + width * (bin + 1) as f32);
        let bars: Vec<Bar> = bins.iter().enumerate().map(|(bin, count)| (name(bin), Some(*count))).collect();
        figure(html, page, &format!("Values of tensors, {modality}"), &bars);
    }
    html.push_str("</div>\n");
}
