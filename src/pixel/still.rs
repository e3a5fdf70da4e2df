//! Still: from the extremes of a multi-frame image to the boxes of what was drawn over it. One place for both engines.
//!
//! Pixels that are still and bright and touch are one mark. Marks too thick or too large for letters go, and those
//! whose surroundings do not move; marks that stand close are one box, and a box with a single mark goes too: words
//! have several letters.

use super::overlay::Extremes;
use super::{colour, palette};
use crate::model::{Interpretation, Photometric, Rectangle};

/// Fewest frames that tell still from moving.
pub const FEWEST_FRAMES: u32 = 8;
/// Most that a still pixel may change, in 255ths of the image's range: nothing, or what lossy coding does to it.
const STILL: [u32; 2] = [0, 10];
/// Least brightness, in 255ths of the image's range.
const BRIGHT: u32 = 72;
/// From which change on a pixel moves.
const MOVES: u32 = 24;
/// How far around a pixel movement counts, and which part of that must move: one in so many.
const AROUND: usize = 8;
const PART: u32 = 5;
/// Largest side of a mark; a solid square of this side is no stroke.
const LARGEST: u32 = 64;
const SOLID: usize = 13;
/// Fewest pixels of a mark.
const FEWEST_PIXELS: u32 = 5;
/// How far apart marks of one line of text may be.
const APART: u32 = 9;

/// Brightness and change of every pixel, 0 to 255.
struct Seen {
    bright: Vec<u32>,
    change: Vec<u32>,
}

/// The boxes of what stays while its surroundings move. `lossy` says whether the frames went through lossy coding.
pub fn boxes(extremes: &Extremes, how: &Interpretation, lossy: bool) -> Vec<Rectangle> {
    if extremes.frames < FEWEST_FRAMES {
        return Vec::new();
    }
    let (rows, columns) = (extremes.shape.rows as usize, extremes.shape.columns as usize);
    let seen = seen(extremes, how);
    let moving = Sums::new(rows, columns, |at| seen.change[at] >= MOVES);
    let moves = |x, y| moving.around(x, y, AROUND, |found, area| found * PART >= area);
    let marked: Vec<bool> = (0..rows * columns)
        .map(|at| seen.change[at] <= STILL[usize::from(lossy)] && seen.bright[at] >= BRIGHT)
        .collect();
    let all = Sums::new(rows, columns, |at| marked[at]);
    let solid = |x: usize, y: usize| {
        x + SOLID <= columns && y + SOLID <= rows && all.within(x, y, x + SOLID, y + SOLID) as usize == SOLID * SOLID
    };
    let marks: Vec<Rectangle> = pieces(marked, rows, columns, moves)
        .into_iter()
        .filter(|piece| piece.pixels >= FEWEST_PIXELS && piece.area.w <= LARGEST && piece.area.h <= LARGEST)
        .filter(|piece| piece.amid_movement * 2 >= piece.pixels)
        .filter(|piece| {
            let a = piece.area;
            !(a.y..a.bottom()).any(|y| (a.x..a.right()).any(|x| solid(x as usize, y as usize)))
        })
        .map(|piece| piece.area)
        .collect();
    lines(&marks)
}

/// Brightness and change in 255ths. Grey: of the range that the image has. Colour: of the range of its bits.
fn seen(extremes: &Extremes, how: &Interpretation) -> Seen {
    let samples = &extremes.samples;
    let lowest = samples.iter().map(|s| s[0]).min().unwrap_or(0);
    let highest = samples.iter().map(|s| s[1]).max().unwrap_or(0);
    let bits = u32::from(how.bits_stored.clamp(1, 16));
    let full = (1u32 << bits) - 1;
    let part = |value: u32, range: u32| (value * 255).checked_div(range).unwrap_or(0).min(255);
    let range = u32::from(highest - lowest);
    let pixels: Vec<(u32, u32)> = match how.photometric {
        Photometric::Monochrome2 => samples
            .iter()
            .map(|[low, high]| (part(u32::from(low - lowest), range), part(u32::from(high - low), range)))
            .collect(),
        Photometric::Monochrome1 => samples
            .iter()
            .map(|[low, high]| (part(u32::from(highest - high), range), part(u32::from(high - low), range)))
            .collect(),
        Photometric::Palette => samples
            .iter()
            .map(|[low, high]| {
                let light = |index: u16| {
                    let colours = how.palette.as_ref().map(|p| palette::unit_from_stored(p, i64::from(index)));
                    colours.map_or(0, |rgb| (colour::luma(rgb) * 255.0) as u32)
                };
                // Indices between two may be of any colour: a change of index is a change.
                (
                    light(*low).min(light(*high)),
                    if low == high { 0 } else { light(*low).abs_diff(light(*high)).max(11) },
                )
            })
            .collect(),
        Photometric::Rgb => samples
            .chunks_exact(3)
            .map(|pixel| {
                let bright = pixel.iter().map(|s| part(u32::from(s[0]), full)).max().unwrap_or(0);
                (bright, pixel.iter().map(|s| part(u32::from(s[1] - s[0]), full)).max().unwrap_or(0))
            })
            .collect(),
        // Luma comes first.
        _ => samples
            .chunks_exact(3)
            .map(|pixel| {
                let bright = pixel.first().map_or(0, |s| part(u32::from(s[0]), full));
                (bright, pixel.iter().map(|s| part(u32::from(s[1] - s[0]), full)).max().unwrap_or(0))
            })
            .collect(),
    };
    let (bright, change) = pixels.into_iter().unzip();
    Seen { bright, change }
}

/// Sums over rectangles of a mask, in constant time each.
struct Sums {
    columns: usize,
    rows: usize,
    sums: Vec<u32>,
}

impl Sums {
    fn new(rows: usize, columns: usize, set: impl Fn(usize) -> bool) -> Self {
        let mut sums = vec![0u32; (rows + 1) * (columns + 1)];
        for y in 0..rows {
            let mut line = 0;
            for x in 0..columns {
                line += u32::from(set(y * columns + x));
                sums[(y + 1) * (columns + 1) + x + 1] = sums[y * (columns + 1) + x + 1] + line;
            }
        }
        Self { columns, rows, sums }
    }

    /// How many are set from (x, y) to before (right, bottom), all inside the mask.
    fn within(&self, x: usize, y: usize, right: usize, bottom: usize) -> u32 {
        let at = |x: usize, y: usize| self.sums[y * (self.columns + 1) + x];
        at(right, bottom) + at(x, y) - at(x, bottom) - at(right, y)
    }

    /// Asks about the square of `reach` pixels around (x, y), as far as it lies inside: how many are set, of how many.
    fn around(&self, x: usize, y: usize, reach: usize, ask: impl Fn(u32, u32) -> bool) -> bool {
        let (left, top) = (x.saturating_sub(reach), y.saturating_sub(reach));
        let (right, bottom) = ((x + reach + 1).min(self.columns), (y + reach + 1).min(self.rows));
        ask(self.within(left, top, right, bottom), ((right - left) * (bottom - top)) as u32)
    }
}

/// Marked pixels that touch, also by a corner.
struct Piece {
    area: Rectangle,
    pixels: u32,
    /// Those of them whose surroundings move.
    amid_movement: u32,
}

fn pieces(mut marked: Vec<bool>, rows: usize, columns: usize, moves: impl Fn(usize, usize) -> bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut waiting = Vec::new();
    for start in 0..marked.len() {
        if !std::mem::take(&mut marked[start]) {
            continue;
        }
        let (mut left, mut top, mut right, mut bottom) = (columns, rows, 0, 0);
        let (mut pixels, mut amid_movement) = (0, 0);
        waiting.push(start);
        while let Some(at) = waiting.pop() {
            let (x, y) = (at % columns, at / columns);
            (left, top, right, bottom) = (left.min(x), top.min(y), right.max(x), bottom.max(y));
            pixels += 1;
            amid_movement += u32::from(moves(x, y));
            for row in y.saturating_sub(1)..(y + 2).min(rows) {
                for column in x.saturating_sub(1)..(x + 2).min(columns) {
                    if std::mem::take(&mut marked[row * columns + column]) {
                        waiting.push(row * columns + column);
                    }
                }
            }
        }
        let area =
            Rectangle { x: left as u32, y: top as u32, w: (right + 1 - left) as u32, h: (bottom + 1 - top) as u32 };
        pieces.push(Piece { area, pixels, amid_movement });
    }
    pieces
}

/// Marks that stand close, joined; groups of one are left out.
fn lines(marks: &[Rectangle]) -> Vec<Rectangle> {
    let mut group: Vec<usize> = (0..marks.len()).collect();
    fn root(group: &mut [usize], mut at: usize) -> usize {
        while group[at] != at {
            group[at] = group[group[at]];
            at = group[at];
        }
        at
    }
    // Sorted by their left edge, a mark meets only those that begin before it ends.
    let mut order: Vec<usize> = (0..marks.len()).collect();
    order.sort_by_key(|at| marks[*at].x);
    for (place, &one) in order.iter().enumerate() {
        let wide = marks[one].grown(APART);
        for &other in order[place + 1..].iter().take_while(|other| marks[**other].x < wide.right()) {
            if marks[other].y < wide.bottom() && marks[other].bottom() > wide.y {
                let (a, b) = (root(&mut group, one), root(&mut group, other));
                group[a] = b;
            }
        }
    }
    let mut joined: std::collections::BTreeMap<usize, (Rectangle, u32)> = std::collections::BTreeMap::new();
    for (at, mark) in marks.iter().enumerate() {
        let (area, count) = joined.entry(root(&mut group, at)).or_insert((*mark, 0));
        let (x, y) = (area.x.min(mark.x), area.y.min(mark.y));
        *area = Rectangle { x, y, w: area.right().max(mark.right()) - x, h: area.bottom().max(mark.bottom()) - y };
        *count += 1;
    }
    let mut boxes: Vec<Rectangle> =
        joined.into_values().filter(|(_, count)| *count > 1).map(|(area, _)| area).collect();
    boxes.sort_unstable();
    boxes
}
