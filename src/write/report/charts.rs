//! Bar charts as SVG that takes its colours from the page, so that light, dark and print need one picture.

use super::canvas::{self, Canvas};
use super::cells;
use image::RgbImage;
use plotters::prelude::{
    BLACK, ChartBuilder, DrawingBackend, IntoDrawingArea, IntoSegmentedCoord, RGBColor, Rectangle, SVGBackend,
    SegmentValue, Text,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, IntoTextStyle};

/// One bar: what it stands for, and how many; `None` where that is withheld.
pub(super) type Bar = (String, Option<u64>);

/// Bars in one chart; the page has a table of all of them.
pub(super) const MOST: usize = 20;
/// Letters of a label.
const LABEL: usize = 26;
/// Pixels of a bar with the space around it.
const STEP: u32 = 22;

/// Horizontal bars in the given order, or `None` if there is nothing to draw.
pub(super) fn bars(values: &[Bar]) -> Option<String> {
    let values = values.get(..values.len().min(MOST))?;
    let most = values.iter().filter_map(|(_, count)| *count).max()?;
    let mut svg = String::new();
    draw(SVGBackend::with_string(&mut svg, size(values)?), values, most).ok()?;
    Some(themed(&svg))
}

/// The same chart as a picture, under its name.
pub(super) fn picture(name: &str, values: &[Bar]) -> Option<RgbImage> {
    let values = values.get(..values.len().min(MOST))?;
    let most = values.iter().filter_map(|(_, count)| *count).max()?;
    let size = size(values)?;
    let mut picture = canvas::paper(size, name);
    draw(Canvas::on(&mut picture, size), values, most).ok()?;
    Some(picture)
}

/// Width and height of a chart.
fn size(values: &[Bar]) -> Option<(u32, u32)> {
    Some((640, 34 + STEP * u32::try_from(places(values)).ok()?))
}

/// Places for bars: at least two, because an axis of one place has no scale.
fn places(values: &[Bar]) -> usize {
    values.len().max(2)
}

fn label(text: &str) -> String {
    if text.chars().count() <= LABEL { text.to_owned() } else { text.chars().take(LABEL - 1).chain(['…']).collect() }
}

fn draw<B: DrawingBackend>(backend: B, values: &[Bar], most: u64) -> Result<(), Box<dyn std::error::Error>>
where
    B::ErrorType: 'static,
{
    let places = places(values);
    let area = backend.into_drawing_area();
    let mut chart = ChartBuilder::on(&area)
        .margin(4)
        // For half of the last number below the axis.
        .margin_right(28)
        .x_label_area_size(22)
        .y_label_area_size(190)
        .build_cartesian_2d(0..most + most / 8 + 1, (0..places - 1).into_segmented())?;
    // The first value stands on top.
    let place = |n: usize| places.saturating_sub(n + 1);
    let value = |at: usize| places.checked_sub(at + 1).and_then(|n| values.get(n));
    let name = |at: &SegmentValue<usize>| match at {
        SegmentValue::CenterOf(at) => value(*at).map(|(name, _)| label(name)).unwrap_or_default(),
        _ => String::new(),
    };
    chart
        .configure_mesh()
        .disable_y_mesh()
        .light_line_style(BLACK.mix(0.0))
        .bold_line_style(BLACK.mix(0.15))
        .axis_style(BLACK.mix(0.4))
        .x_labels(5)
        .y_labels(places)
        .y_label_formatter(&name)
        .label_style(("sans-serif", 14))
        .draw()?;
    let bar = |(n, (_, count)): (usize, &Bar)| {
        let ends = [(0, SegmentValue::Exact(place(n))), (count.unwrap_or(0), SegmentValue::Exact(place(n) + 1))];
        let mut bar = Rectangle::new(ends, BAR.filled());
        bar.set_margin(3, 3, 0, 0);
        bar
    };
    chart.draw_series(values.iter().enumerate().map(bar))?;
    let style = ("sans-serif", 13).into_font().into_text_style(&area).pos(Pos::new(HPos::Left, VPos::Center));
    let count = |(n, (_, count)): (usize, &Bar)| {
        // SVG drops an ordinary space.
        let told = format!("\u{a0}{}", cells::word(*count));
        Text::new(told, (count.unwrap_or(0), SegmentValue::CenterOf(place(n))), style.clone())
    };
    chart.draw_series(values.iter().enumerate().map(count))?;
    area.present()?;
    Ok(())
}

/// The colour of bars, found again by [`themed`].
const BAR: RGBColor = RGBColor(MARK.0, MARK.1, MARK.2);
/// The same as plain numbers: no other part of a chart has this colour.
pub(super) const MARK: (u8, u8, u8) = (1, 2, 3);

/// Colours of the page in the place of fixed ones; the chart's words are the figure's caption, so it is hidden from screen
/// readers, which get the table below it.
fn themed(svg: &str) -> String {
    svg.replace("\"#000000\"", "\"currentColor\"").replace("fill=\"#010203\"", "class=\"bar\"").replacen(
        "<svg ",
        "<svg aria-hidden=\"true\" focusable=\"false\" ",
        1,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_counts() {
        let values: Vec<Bar> = vec![("CT".into(), Some(100)), ("<MR>".into(), Some(50)), ("US".into(), None)];
        let svg = bars(&values).unwrap();
        let widths: Vec<u32> = svg
            .lines()
            .filter(|line| line.contains("class=\"bar\""))
            .map(|line| line.split("width=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap())
            .collect();
        assert_eq!(widths.len(), 3);
        assert!(widths[0].abs_diff(2 * widths[1]) <= 2, "{widths:?}: 100 is twice 50");
        assert!(widths[2] <= 1, "a suppressed count has no length");
        assert_eq!(svg.matches("\nCT\n").count(), 1, "each label once");
        assert!(svg.contains("&lt;MR&gt;") && !svg.contains("<MR>"));
        assert!(svg.contains(cells::WITHHELD) && !svg.contains("#000000"));
    }

    #[test]
    fn the_picture_is_the_chart() {
        let values: Vec<Bar> = vec![("CT".into(), Some(100)), ("MR".into(), Some(50))];
        let picture = picture("Modality", &values).unwrap();
        let blue = |y: u32| picture.rows().nth(y as usize).unwrap().filter(|pixel| pixel.0 == [0, 0x72, 0xb2]).count();
        let widths: Vec<usize> = (0..picture.height()).map(blue).filter(|width| *width > 0).collect();
        let (longest, shortest) = (widths.iter().max().unwrap(), widths.iter().min().unwrap());
        assert!(longest.abs_diff(2 * shortest) <= 6, "{longest} and {shortest}: 100 is twice 50");
        // Of 78 units the axis takes 22 and margins 8: 24 for each of two bars, less 3 on either side, at 2 pixels: 72, and
        // what smoothing adds.
        assert!((72..=78).contains(&widths.len()), "{} rows of bars", widths.len());
        assert!(picture.pixels().any(|pixel| pixel.0[0] < 60), "letters");
        assert!(super::picture("x", &[]).is_none());
    }

    #[test]
    fn nothing_is_no_chart_and_many_are_cut() {
        assert!(bars(&[]).is_none());
        assert!(bars(&[("x".into(), None)]).is_none(), "all suppressed");
        let many: Vec<Bar> =
            (0..100).map(|n| (format!("value number {n} with a long name indeed"), Some(n + 1))).collect();
        assert_eq!(bars(&many).unwrap().matches("class=\"bar\"").count(), MOST);
    }
}
