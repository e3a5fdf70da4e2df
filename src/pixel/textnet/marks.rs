//! Marks that may stay: which of the boxes of a frame hold, surely and alone, one of the marks that a recipe allows. Letters are
//! read only to be compared with those; what was read is neither returned nor kept. docs/BURNEDIN.md has the figures.
//!
//! # Formula
//! Boxes that touch are one place. A place may stay if nothing else was found and nothing is blanked near it
//! ([`GlyphRules::alone`]), if [`super::glyphs`] finds as many letters in it as the mark has, in every window that the finder looks
//! through, and if a small network gives each of them the wanted class of 27 (the capital letters, and all else) with at least
//! the probability [`GlyphRules::sure`]. Anything else stays where it was: under a box.

use super::super::stats::Counts;
use super::glyphs::{self, GlyphRules, SIDE, glyphs};
use super::views::{Look, Plans, View, within};
use super::{Layer, Plane, TextBox, net, twin};
use crate::error::{Fault, Result};
use crate::model::{Frame, Masks, Rectangle};
use serde::Deserialize;
use std::sync::OnceLock;

/// The classes of letters, A to Z; the one after them is all else.
const LETTERS: usize = 26;
/// Pixels between boxes of one place.
const TOUCH: u32 = 2;

static WEIGHTS: &[u8] = include_bytes!("marks.bin");

/// The network that reads a letter, and what a mark must be like.
#[derive(Clone, Debug, PartialEq)]
pub struct Reader {
    layers: Vec<Layer>,
    rules: GlyphRules,
}

#[derive(Deserialize)]
struct Header {
    marks: GlyphRules,
}

impl Reader {
    /// Reads a file. A fault of kind Bug if its network does not see a letter and give it one of 27 classes.
    pub fn read(file: &[u8]) -> Result<Self> {
        let (layers, header) = net::read::<Header>(file)?;
        let scale = layers.iter().map(|layer| layer.scale).max().unwrap_or(1);
        let fits = layers.last().is_some_and(|head| head.outputs == LETTERS + 1 && SIDE.is_multiple_of(scale));
        let rules = header.marks;
        if !fits || rules.sure.is_nan() || rules.ring == 0 || rules.least_height == 0 {
            return Err(net::broken("no reader of letters"));
        }
        Ok(Self { layers, rules })
    }

    /// What a mark must be like.
    pub fn rules(&self) -> &GlyphRules {
        &self.rules
    }

    /// The probability of every class for a letter of [`SIDE`] x [`SIDE`].
    pub fn classes(&self, letter: &Plane) -> Vec<f32> {
        let answers = twin::middle(&self.layers, letter);
        let highest = answers.iter().copied().fold(f32::MIN, f32::max);
        let powers: Vec<f32> = answers.iter().map(|answer| (answer - highest).exp()).collect();
        let sum: f32 = powers.iter().sum();
        powers.iter().map(|power| power / sum).collect()
    }
}

/// The reader of this program. A fault of kind Bug if the file it was built with is broken.
pub fn reader() -> Result<&'static Reader> {
    static READER: OnceLock<Result<Reader>> = OnceLock::new();
    READER.get_or_init(|| Reader::read(WEIGHTS)).as_ref().map_err(Fault::clone)
}

/// The marks that may stay, as classes of their letters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed(Vec<Vec<usize>>);

impl Allowed {
    /// Of the words of a recipe. Characters other than A to Z match nothing.
    pub fn of(marks: &[String]) -> Self {
        let class = |letter: u8| usize::from(letter.wrapping_sub(b'A'));
        Self(marks.iter().map(|mark| mark.bytes().map(class).collect()).collect())
    }

    /// Whether nothing may stay.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How surely letters, by their probabilities, are one of the marks: the least of its letters' probabilities.
    fn surely(&self, letters: &[Vec<f32>]) -> f32 {
        let chance = |(class, letter): (&usize, &Vec<f32>)| {
            if *class < LETTERS { letter.get(*class).copied().unwrap_or(0.0) } else { 0.0 }
        };
        let marks = self.0.iter().filter(|mark| mark.len() == letters.len() && !mark.is_empty());
        marks.map(|mark| mark.iter().zip(letters).map(chance).fold(1.0, f32::min)).fold(0.0, f32::max)
    }
}

/// The places of a frame that hold surely and alone an allowed mark, with the least probability of a letter. `found` is all that
/// was found in it, `masks` what is blanked.
pub fn released(frame: &Frame, masks: &Masks, found: &[TextBox], allowed: &Allowed) -> Result<Vec<TextBox>> {
    let reader = reader()?;
    let places = places(found);
    let lone: Vec<Rectangle> =
        places.iter().copied().filter(|place| alone(*place, &places, masks, reader.rules())).collect();
    if allowed.is_empty() || lone.is_empty() {
        return Ok(Vec::new());
    }
    let plans = Plans::of(frame, masks)?;
    let mut views = plans.views(&Counts::of(frame, &plans.default)?)?;
    views.retain(|view| view.look == Look::Plain);
    let score = |place: Rectangle| {
        let sure = views.iter().map(|view| in_view(reader, frame, view, place, allowed));
        sure.fold(1.0, f32::min)
    };
    let sure = |place: Rectangle| {
        let score = score(place);
        let Rectangle { x, y, w, h } = place;
        (score >= reader.rules().sure).then_some(TextBox { x, y, w, h, score })
    };
    Ok(lone.into_iter().filter_map(sure).collect())
}

/// How surely a place of one view holds a mark.
fn in_view(reader: &Reader, frame: &Frame, view: &View, place: Rectangle, allowed: &Allowed) -> f32 {
    let window = glyphs::window(place, frame.rows, frame.columns);
    let found = Rectangle { x: place.x - window.x, y: place.y - window.y, ..place };
    let letters = glyphs(&within(frame, &view.kernel, window), found, reader.rules());
    let read = |letters: Vec<Plane>| allowed.surely(&letters.iter().map(|l| reader.classes(l)).collect::<Vec<_>>());
    letters.map_or(0.0, read)
}

/// Boxes that touch, as one.
fn places(found: &[TextBox]) -> Vec<Rectangle> {
    let mut places: Vec<Rectangle> = Vec::new();
    for b in found {
        let mut place = Rectangle { x: b.x, y: b.y, w: b.w, h: b.h };
        // What grows can meet others.
        while let Some(at) = places.iter().position(|other| other.grown(TOUCH).meets(place)) {
            place = around(place, places.swap_remove(at));
        }
        places.push(place);
    }
    places.sort_unstable();
    places
}

fn around(a: Rectangle, b: Rectangle) -> Rectangle {
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    Rectangle { x, y, w: a.right().max(b.right()) - x, h: a.bottom().max(b.bottom()) - y }
}

/// Whether nothing else was found and nothing is blanked near a place.
fn alone(place: Rectangle, places: &[Rectangle], masks: &Masks, rules: &GlyphRules) -> bool {
    let near = place.grown((rules.alone * f64::from(place.h)) as u32);
    let blanked = masks.boxes().iter().map(|b| Rectangle { x: b.x, y: b.y, w: b.w, h: b.h });
    let others = places.iter().copied().filter(|other| *other != place);
    !blanked.chain(others).any(|other| near.meets(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deid::burned_in::clip_to_frame;

    fn b(x: u32, y: u32, w: u32, h: u32) -> TextBox {
        TextBox { x, y, w, h, score: 0.9 }
    }

    #[test]
    fn a_place_is_alone_if_nothing_lies_within_three_of_its_heights() {
        let rules = reader().unwrap().rules();
        assert_eq!(rules.alone, 3.0);
        let lone = |other: &[TextBox], masks: &Masks| {
            let places = places(&[&[b(100, 100, 8, 10), b(106, 100, 8, 10)], other].concat());
            let first = Rectangle { x: 100, y: 100, w: 14, h: 10 };
            assert!(places.contains(&first), "{places:?}");
            alone(first, &places, masks, rules)
        };
        let none = clip_to_frame(&[], 300, 300, "test");
        // 114 + 3 x 10 = 144 is the first column that does not count; 100 - 30 - 5 = 65.
        assert!(lone(&[b(144, 100, 5, 5), b(65, 100, 5, 5), b(100, 140, 5, 5)], &none));
        for near in [b(143, 100, 5, 5), b(66, 100, 5, 5), b(100, 139, 5, 5)] {
            assert!(!lone(&[near], &none), "{near:?}");
        }
        let blanked = crate::model::MaskBox { x: 120, y: 90, w: 5, h: 5, reason: "rule" };
        assert!(!lone(&[], &clip_to_frame(&[blanked], 300, 300, "test")));
    }

    #[test]
    fn a_mark_is_as_sure_as_its_least_letter_and_has_all_of_them() {
        let allowed = Allowed::of(&["L".into(), "AP".into(), "a".into()]);
        let letter = |class: usize, chance: f32| {
            let mut letter = vec![0.0; 27];
            letter[class] = chance;
            letter
        };
        assert_eq!(allowed.surely(&[letter(11, 0.9)]), 0.9);
        assert_eq!(allowed.surely(&[letter(0, 0.9), letter(15, 0.7)]), 0.7);
        // P A, L with another letter beside it, the class of all else, nothing.
        for other in [
            vec![letter(15, 1.0), letter(0, 1.0)],
            vec![letter(11, 1.0), letter(0, 1.0)],
            vec![letter(26, 1.0)],
            vec![],
        ] {
            assert_eq!(allowed.surely(&other), 0.0);
        }
    }
}
