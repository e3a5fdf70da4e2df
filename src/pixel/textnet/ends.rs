//! Ends of lines that nobody sees: letters that run on into ground as bright as they are.
//!
//! # Formula
//! Boxes that touch, or lie at most [`JOIN`] pixels apart along rows or columns, are a group. A group is a line if it fills
//! [`FILLED`] of its rectangle and is at least [`LONG`] times as long as it is high. Of each end the values of the last two heights
//! are looked at: letters are the highest or the lowest of them, the contrast is how far these lie apart (the outermost 4 of 100
//! left out). The line is lost at this end if
//!
//! - the ground beyond, begun within half a height, is even (nine tenths of a quarter of a height lie within [`SAME`] of the contrast
//!   of their middle) and as bright as the letters, or beyond them by up to a contrast: translucent letters are lost in ground as
//!   bright as their paint;
//! - [`INK`] of the end's pixels are that bright, and at most [`BESIDE`] of what lies above and below: else it would be the ground.
//!
//! Then the line goes on as far as the ground is even, at most [`HEIGHTS`] heights.
//!
//! # From space, to space
//! Boxes and stored values (of colour, the mean of the channels) to more boxes, in stored pixel coordinates.
//!
//! # Edge cases
//! Lines below 5 or above 80 pixels, without contrast, or of palettes, whose numbers are no greys, have no lost ends.
//! Outside the frame is no pixel; values that are no number are left out.

use super::super::chain::{stored, usable};
use super::TextBox;
use crate::model::{Frame, Rectangle};
use std::ops::{Range, RangeInclusive};

/// Pixels between boxes of one line at most.
const JOIN: u32 = 5;
/// The part of its rectangle that a line fills.
const FILLED: f64 = 0.6;
/// Heights that a line is long at least.
const LONG: f64 = 1.6;
/// The part of the contrast by which equal values may differ.
const SAME: f64 = 0.15;
/// The part of what is seen as even that must be so.
const EVEN: f64 = 0.9;
/// The part of an end that letters cover.
const INK: RangeInclusive<f64> = 0.05..=0.5;
/// The part of the surroundings that may be as bright as the letters.
const BESIDE: f64 = 0.35;
/// Heights that a line goes on unseen at most.
const HEIGHTS: u32 = 5;

/// What is to be blanked beyond the ends of the lines that `found` makes up; each as sure as the surest box of its line.
pub fn lost(frame: &Frame, found: &[TextBox]) -> Vec<TextBox> {
    if frame.interpretation.palette.is_some() {
        return Vec::new();
    }
    let ends = |line: TextBox| {
        let sides = [(true, true), (true, false), (false, true), (false, false)];
        let end = move |(flat, onwards)| End { frame, line: area(&line), flat, onwards };
        let known = move |Rectangle { x, y, w, h }| TextBox { x, y, w, h, ..line };
        sides.into_iter().filter_map(move |side| end(side).beyond()).map(known)
    };
    lines(found).into_iter().flat_map(ends).collect()
}

fn area(b: &TextBox) -> Rectangle {
    Rectangle { x: b.x, y: b.y, w: b.w, h: b.h }
}

/// Whether boxes belong together.
fn joined(a: &TextBox, b: &TextBox) -> bool {
    let near = |across: u32, down: u32| {
        a.x <= b.x + b.w + across && b.x <= a.x + a.w + across && a.y <= b.y + b.h + down && b.y <= a.y + a.h + down
    };
    near(JOIN, 0) || near(0, JOIN)
}

/// The rectangles of groups that fill them.
fn lines(found: &[TextBox]) -> Vec<TextBox> {
    let mut left = found.to_vec();
    left.sort_by_key(|b| std::cmp::Reverse((b.y, b.x)));
    let mut lines = Vec::new();
    while let Some(first) = left.pop() {
        let (mut group, mut next) = (vec![first], 0);
        while let Some(member) = group.get(next).copied() {
            group.extend(left.extract_if(.., |other| joined(&member, other)));
            next += 1;
        }
        lines.extend(line(&group));
    }
    lines
}

/// The rectangle of a group, if it fills it.
fn line(group: &[TextBox]) -> Option<TextBox> {
    let x = group.iter().map(|b| b.x).min()?;
    let y = group.iter().map(|b| b.y).min()?;
    let w = group.iter().map(|b| b.x + b.w).max()? - x;
    let h = group.iter().map(|b| b.y + b.h).max()? - y;
    let score = group.iter().map(|b| b.score).fold(0.0, f32::max);
    let mut covered = vec![false; w as usize * h as usize];
    for b in group {
        let rows = covered.chunks_exact_mut(w as usize).skip((b.y - y) as usize).take(b.h as usize);
        rows.for_each(|row| row[(b.x - x) as usize..(b.x - x + b.w) as usize].fill(true));
    }
    let filled = covered.iter().filter(|on| **on).count() as f64;
    (filled >= FILLED * covered.len() as f64).then_some(TextBox { x, y, w, h, score })
}

/// One end of a line.
struct End<'a> {
    frame: &'a Frame,
    line: Rectangle,
    /// Whether the line goes along rows.
    flat: bool,
    /// Whether it is the end at the larger coordinate.
    onwards: bool,
}

impl End<'_> {
    /// The value `step` pixels beyond the end (below 0: before it) and `across` from the line's first row or column.
    fn value(&self, step: i64, across: i64) -> Option<f64> {
        let Rectangle { x, y, .. } = self.line;
        let along = |from: u32, to: u32| if self.onwards { i64::from(to) + step } else { i64::from(from) - 1 - step };
        let (x, y) = match self.flat {
            true => (along(x, self.line.right()), i64::from(y) + across),
            false => (i64::from(x) + across, along(y, self.line.bottom())),
        };
        let (x, y) = (u32::try_from(x).ok()?, u32::try_from(y).ok()?);
        if x >= self.frame.columns || y >= self.frame.rows {
            return None;
        }
        let samples = usize::from(self.frame.samples);
        let place = (y as usize * self.frame.columns as usize + x as usize) * samples;
        let sum: f64 = (place..place + samples).map(|at| stored(self.frame, at)).sum();
        usable(sum).then_some(sum / samples as f64)
    }

    /// The values of all steps and places across.
    fn values(&self, steps: Range<i64>, across: impl Iterator<Item = i64> + Clone) -> Vec<f64> {
        steps
            .flat_map(|step| across.clone().map(move |across| (step, across)))
            .filter_map(|(s, a)| self.value(s, a))
            .collect()
    }

    /// What is to be blanked beyond it, if the line is lost there.
    fn beyond(&self) -> Option<Rectangle> {
        let Rectangle { x, y, w, h } = self.line;
        let (long, high) = if self.flat { (w, h) } else { (h, w) };
        if !(5..=80).contains(&high) || f64::from(long) < LONG * f64::from(high) {
            return None;
        }
        let (inside, across) = (i64::from(long.min(2 * high + 4)), 0..i64::from(high));
        let letters = Letters::of(self.values(-inside..0, across.clone()))?;
        let probe = i64::from(high / 4).max(3);
        let begun = (0..i64::from(high / 2) + 2).find_map(|begin| {
            let strip = self.values(begin..begin + probe, across.clone());
            let whole = strip.len() == (probe * i64::from(high)) as usize;
            Some((begin, letters.ground(strip).filter(|_| whole)?))
        });
        let (begin, ground) = begun?;
        let beside = self.values(-inside..0, [-3, -2, across.end + 1, across.end + 2].into_iter());
        if !letters.lost_in(ground, &beside) {
            return None;
        }
        let even = |step: &i64| {
            let column = self.values(*step..*step + 1, across.clone());
            !column.is_empty() && letters.even(&column, ground)
        };
        let most = begin + i64::from(HEIGHTS * high);
        let far = (begin..most).take_while(even).count() as i64;
        let reach = u32::try_from(begin + far).ok().filter(|_| far >= probe)?;
        Some(match (self.flat, self.onwards) {
            (true, true) => Rectangle { x: x + w, w: reach, y, h },
            (true, false) => Rectangle { x: x - reach, w: reach, y, h },
            (false, true) => Rectangle { x, w, y: y + h, h: reach },
            (false, false) => Rectangle { x, w, y: y - reach, h: reach },
        })
    }
}

/// The values at an end of a line.
struct Letters {
    /// All of them.
    values: Vec<f64>,
    /// The lowest and the highest but for the outermost.
    low: f64,
    high: f64,
    /// By how much equal ones differ.
    same: f64,
}

impl Letters {
    /// Of a line with contrast.
    fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let rank = |share: usize| values.get(values.len().saturating_sub(1) * share / 100).copied();
        let (low, high) = (rank(4)?, rank(96)?);
        let same = SAME * (high - low);
        (same > 0.0).then_some(Self { values, low, high, same })
    }

    /// The middle of a strip that is even and could hold letters that nobody sees.
    fn ground(&self, mut strip: Vec<f64>) -> Option<f64> {
        strip.sort_by(f64::total_cmp);
        let middle = strip.get(strip.len() / 2).copied()?;
        let contrast = self.high - self.low;
        let above = (self.high - self.same..=self.high + contrast).contains(&middle);
        let below = (self.low - contrast..=self.low + self.same).contains(&middle);
        ((above || below) && self.even(&strip, middle)).then_some(middle)
    }

    /// Whether values are those of even ground.
    fn even(&self, values: &[f64], ground: f64) -> bool {
        share(values, |v| (v - ground).abs() <= self.same) >= EVEN
    }

    /// Whether the ground is as bright as the letters, and these are letters on another ground; `beside` lies above and below.
    fn lost_in(&self, ground: f64, beside: &[f64]) -> bool {
        let bright = ground >= self.high - self.same;
        let alike = |v: f64| if bright { v >= self.high - self.same } else { v <= self.low + self.same };
        INK.contains(&share(&self.values, alike)) && !beside.is_empty() && share(beside, alike) <= BESIDE
    }
}

/// The part of the values that are so.
fn share(values: &[f64], so: impl Fn(f64) -> bool) -> f64 {
    values.iter().filter(|v| so(**v)).count() as f64 / values.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Interpretation, Photometric, SampleType};

    /// 40 x 120 pixels of a value each.
    fn drawn(value: impl Fn(u32, u32) -> u8, turned: bool) -> Frame {
        let (rows, columns) = if turned { (120, 40) } else { (40, 120) };
        let at = (0..rows).flat_map(|y| (0..columns).map(move |x| if turned { (y, x) } else { (x, y) }));
        let interpretation = Interpretation::plain(Photometric::Monochrome2, 8);
        Frame::new(rows, columns, 1, SampleType::U8, at.map(|(x, y)| value(x, y)).collect(), interpretation).unwrap()
    }

    fn stroke(x: u32, y: u32) -> bool {
        (16..24).contains(&y) && (20..78).contains(&x) && x.is_multiple_of(4)
    }

    fn ground(x: u32) -> u8 {
        if x < 60 { 20 } else { 200 }
    }

    /// Ground of 20, 200 from column 60 on; letters are strokes of `ink` in rows 16 to 23 at every fourth column from 20 to 76,
    /// so that from 60 on those of 200 are lost. `turned` swaps rows and columns.
    fn frame(ink: u8, turned: bool) -> Frame {
        drawn(|x, y| if stroke(x, y) { ink } else { ground(x) }, turned)
    }

    fn boxed(x: u32, y: u32, w: u32, h: u32) -> TextBox {
        TextBox { x, y, w, h, score: 0.5 }
    }

    #[test]
    fn a_line_goes_on_where_its_ground_becomes_as_bright_as_its_letters() {
        // Two boxes of one line, up to the last stroke that is seen; 8 rows high: five heights are 40 columns, from 58 on 42 with
        // the two before the ground becomes bright.
        let found = [boxed(19, 16, 25, 8), boxed(49, 16, 9, 8)];
        assert_eq!(lost(&frame(200, false), &found), [boxed(58, 16, 42, 8)]);
        // Six pixels apart they are two, the second too short to be a line.
        assert!(lost(&frame(200, false), &[boxed(19, 16, 24, 8), found[1]]).is_empty());
        let turned = found.map(|b| boxed(b.y, b.x, b.h, b.w));
        assert_eq!(lost(&frame(200, true), &turned), [boxed(16, 58, 8, 42)]);
    }

    #[test]
    fn letters_of_another_brightness_end_where_they_end() {
        // 120 is 100 above the ground; the bright part lies 80 further up and counts as at least as bright: only darker ones are seen to go on.
        let found = [boxed(19, 16, 39, 8)];
        assert!(lost(&frame(20, false), &found).is_empty());
        // Black letters on bright ground, right of the border: the dark ground left of it is as dark as they are.
        let right = [boxed(62, 16, 16, 8)];
        assert_eq!(lost(&frame(20, false), &right), [boxed(21, 16, 41, 8)]);
        assert!(lost(&frame(120, false), &right).is_empty());
    }

    #[test]
    fn where_the_ground_is_what_letters_are_taken_for_nothing_is_lost() {
        let found = [boxed(19, 16, 39, 8)];
        // A box of rows 14 to 25 around the letters in a bright picture: half of what lies above and below is bright.
        let boxed = |x, y| if stroke(x, y) || x >= 60 || !(14..26).contains(&y) { 200 } else { 20 };
        assert!(lost(&drawn(boxed, false), &found).is_empty());
        // Three of four columns are as bright as the ground beyond: the dark ones are the letters.
        let dark = |x, y| if (16..24).contains(&y) && !stroke(x, y) { 200 } else { ground(x) };
        assert!(lost(&drawn(dark, false), &found).is_empty());
    }

    #[test]
    fn what_is_no_line_has_no_ends() {
        // As high as long; without a second height of letters; a ragged group.
        assert!(lost(&frame(200, false), &[boxed(46, 14, 12, 12)]).is_empty());
        assert!(lost(&frame(200, false), &[boxed(19, 16, 39, 4)]).is_empty());
        let ragged = [boxed(19, 16, 39, 4), boxed(19, 20, 4, 14)];
        assert!(lost(&frame(200, false), &ragged).is_empty());
    }
}
