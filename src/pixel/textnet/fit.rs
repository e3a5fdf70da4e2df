//! From a box made of whole cells to one that ends where its strokes end.
//!
//! # Formula
//! Detail of a pixel: how far the stored values of the 3 x 3 pixels around it lie apart (of colour, in the channel where that is
//! most). Rows and columns at the edges of a box go, at most [`MOST`] on each side, as long as none of their pixels has [`SHARE`] of
//! the detail that a quarter of the box's pixels exceeds: there is ground, and the margin of masking comes on top. A box
//! without any detail stays as it is, and so do those of palettes, whose numbers are no greys.
//!
//! # From space, to space
//! Boxes in stored pixel coordinates, and the stored values under them, so that both engines fit boxes alike.
//!
//! # Edge cases
//! Outside the frame is no pixel. Values that are no number have no detail.

use super::super::chain::{stored, usable};
use crate::model::{Frame, Rectangle};

/// Pixels that a box loses on a side at most: a cell of the map.
pub const MOST: u32 = 4;
/// The part of the box's detail that a stroke has at least.
const SHARE: f64 = 0.5;

/// The rectangle around the strokes in `area`, which lies inside the frame.
pub fn fitted(frame: &Frame, area: Rectangle) -> Rectangle {
    if frame.interpretation.palette.is_some() {
        return area;
    }
    let detail = detail(frame, area);
    let mut sorted = detail.clone();
    let quarter = sorted.len().saturating_sub(1) * 3 / 4;
    if sorted.is_empty() {
        return area;
    }
    let (_, strong, _) = sorted.select_nth_unstable_by(quarter, f64::total_cmp);
    let least = *strong * SHARE;
    if least <= 0.0 {
        return area;
    }
    let wide = area.w as usize;
    let row = |y: u32| detail.iter().skip(y as usize * wide).take(wide).any(|detail| *detail >= least);
    let column = |x: u32| detail.iter().skip(x as usize).step_by(wide).any(|detail| *detail >= least);
    // How many at the front, and how many at the back, are bare.
    let bare = |length: u32, stroke: &dyn Fn(u32) -> bool| {
        let most = MOST.min(length);
        let front = (0..most).take_while(|at| !stroke(*at)).count() as u32;
        let back = (0..most).take_while(|at| !stroke(length - 1 - at)).count() as u32;
        // Where all is bare to the middle nothing is known.
        if front + back < length { [front, back] } else { [0, 0] }
    };
    let [top, bottom] = bare(area.h, &row);
    let [left, right] = bare(area.w, &column);
    Rectangle { x: area.x + left, y: area.y + top, w: area.w - left - right, h: area.h - top - bottom }
}

/// The detail of every pixel of an area inside the frame, row by row.
fn detail(frame: &Frame, area: Rectangle) -> Vec<f64> {
    let (x, y) = (area.x.saturating_sub(1), area.y.saturating_sub(1));
    let (right, bottom) = ((area.right() + 1).min(frame.columns), (area.bottom() + 1).min(frame.rows));
    let channels = usize::from(frame.samples);
    let mut most = vec![0.0f64; area.w as usize * area.h as usize];
    for channel in 0..channels {
        // Lowest and highest of three neighbours in a row, then of three such rows.
        let value =
            |x: u32, y: u32| stored(frame, (y as usize * frame.columns as usize + x as usize) * channels + channel);
        let three = |at: u32, y: u32| {
            let near = (at.max(x + 1) - 1)..(at + 2).min(right);
            near.map(|x| value(x, y)).filter(|v| usable(*v)).fold(NONE, |[low, high], v| [low.min(v), high.max(v)])
        };
        let rows: Vec<Vec<[f64; 2]>> =
            (y..bottom).map(|y| (area.x..area.right()).map(|at| three(at, y)).collect()).collect();
        for (most, place) in most.iter_mut().zip(0..) {
            let (at, row) = (place % area.w as usize, area.y as usize + place / area.w as usize - y as usize);
            let near = rows.iter().take(row + 2).skip(row.saturating_sub(1)).filter_map(|row| row.get(at));
            let [low, high] = near.fold(NONE, |[low, high], [l, h]| [low.min(*l), high.max(*h)]);
            *most = most.max(high - low);
        }
    }
    most
}

/// Lowest and highest of no value.
const NONE: [f64; 2] = [f64::INFINITY, f64::NEG_INFINITY];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Interpretation, Modality, Photometric, SampleType};

    fn plain(photometric: Photometric) -> Interpretation {
        Interpretation {
            photometric,
            bits_stored: 8,
            modality: Modality::Identity,
            voi: vec![],
            padding: None,
            dose_grid_scaling: None,
            palette: None,
            modality_code: None,
            body_part: None,
        }
    }

    fn frame(rows: u32, columns: u32, samples: u8, value: impl Fn(u32, u32, u8) -> u8) -> Frame {
        let photometric = if samples == 3 { Photometric::Rgb } else { Photometric::Monochrome2 };
        let at = (0..rows).flat_map(|y| (0..columns).map(move |x| (x, y)));
        let bytes =
            at.flat_map(|(x, y)| (0..samples).map(move |c| (x, y, c))).map(|(x, y, c)| value(x, y, c)).collect();
        Frame::new(rows, columns, samples, SampleType::U8, bytes, plain(photometric)).unwrap()
    }

    #[test]
    fn a_box_ends_where_its_strokes_end() {
        // Strokes at columns 10, 12, ... 20 of rows 7 to 11, ground of 50 with a ripple of 3. A stroke's detail reaches a pixel
        // further: columns 9 to 21, rows 6 to 12.
        let stroke = |x: u32, y: u32| (10..=20).contains(&x) && x.is_multiple_of(2) && (7..=11).contains(&y);
        let drawn = |x: u32, y: u32, _: u8| if stroke(x, y) { 200 } else { 50 + (x % 2 * 3) as u8 };
        let frame = frame(20, 40, 1, drawn);
        let area = Rectangle { x: 8, y: 4, w: 16, h: 12 };
        assert_eq!(fitted(&frame, area), Rectangle { x: 9, y: 6, w: 13, h: 7 });
        // No more than a cell on a side: rows 0 and 1 stay.
        assert_eq!(fitted(&frame, Rectangle { y: 0, h: 16, ..area }), Rectangle { x: 9, y: 4, w: 13, h: 9 });
    }

    #[test]
    fn faint_strokes_in_a_box_hold_it_and_nothing_else_changes_it() {
        // A dot of half the strokes' contrast in row 5, as far as it is asked for, holds the box; a weaker one does not.
        let drawn = |dot: u8| {
            frame(20, 40, 1, move |x, y, _| match (x, y) {
                (14, 4) => 50 + dot,
                (10..=20, 7..=11) if x.is_multiple_of(2) => 150,
                _ => 50,
            })
        };
        let area = Rectangle { x: 8, y: 3, w: 16, h: 12 };
        assert_eq!(fitted(&drawn(50), area).y, 3);
        assert_eq!(fitted(&drawn(49), area).y, 6);
        // One value has no detail.
        assert_eq!(fitted(&frame(20, 40, 1, |_, _, _| 7), area), area);
    }

    #[test]
    fn of_colour_the_channel_with_the_most_detail_counts_and_the_frame_is_the_end() {
        let blue = frame(12, 16, 3, |x, y, c| if c == 2 && x >= 12 && y >= 8 && x.is_multiple_of(2) { 255 } else { 0 });
        // Columns 11 to 15, rows 7 to 11, as far as four go.
        let area = Rectangle { x: 8, y: 4, w: 8, h: 8 };
        assert_eq!(fitted(&blue, area), Rectangle { x: 11, y: 7, w: 5, h: 5 });
    }
}
