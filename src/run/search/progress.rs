//! One image while it is searched: what was found in it so far, and what becomes of that in the end.

use super::Verdict;
use crate::deid::burned_in::{self, BESIDE, Finding, MARGIN, STATIC, TEXT};
use crate::error::{Fault, Result};
use crate::model::area::outside;
use crate::model::{Frame, Interpretation, Masks, Rectangle};
use crate::pixel::overlay::Extremes;
use crate::pixel::still;
use crate::recipe::Recipe;
use crate::run::load::LoadedImage;

/// One image while it is searched.
pub(super) struct Progress<'a> {
    pub(super) loaded: &'a LoadedImage,
    findings: Vec<Finding>,
    warnings: Vec<&'static str>,
    /// Whether the last look at the pixels added something, and whether the next look is due for that.
    pub(super) more: bool,
    pub(super) due: bool,
    /// What was masked when the pixels were last looked at.
    pub(super) searched: Option<Masks>,
    pub(super) left: Vec<Rectangle>,
    pub(super) released: Vec<Finding>,
    pub(super) unread: Option<Fault>,
    /// Over the frames seen so far, with how to read them, if they are compared with each other.
    extremes: Option<(Extremes, Interpretation)>,
}

/// How far the pixels of an image were looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// The finder saw every frame.
    Searched,
    /// It would have, but no line of text fits in the frames.
    TooSmall,
    /// The recipe has nobody look for text.
    Unasked,
}

/// Share of a frame from which on, if so much of it is found to be text, it is either no picture or was misread: of small
/// pictures the finder takes some anatomy for letters as large as the frame.
const MOST_TEXT: f64 = 0.5;

impl<'a> Progress<'a> {
    pub(super) fn begin(recipe: &Recipe, loaded: &'a LoadedImage) -> Result<Self> {
        let (settings, regions) = (&recipe.burned_in, loaded.image.ultrasound_regions());
        let found = burned_in::by_header(settings, &recipe.mask, &loaded.seen(), regions)?;
        let warnings = if found.beside { vec![BESIDE] } else { Vec::new() };
        Ok(Self {
            loaded,
            findings: found.findings,
            warnings,
            more: false,
            due: false,
            searched: None,
            left: Vec::new(),
            released: Vec::new(),
            unread: None,
            extremes: None,
        })
    }

    pub(super) fn masks(&self, word: &'static str) -> Masks {
        burned_in::masks(&self.findings, self.loaded.image.rows(), self.loaded.image.columns(), word)
    }

    pub(super) fn add(&mut self, area: Rectangle, reason: &'static str, score: Option<f32>) {
        self.findings.push(Finding { area: area.grown(MARGIN), reason, score });
        self.more = true;
    }

    /// Whether what the finder blanks is so much of the frame that what is left would be no picture.
    fn mostly_text(&self) -> bool {
        let (rows, columns) = (self.loaded.image.rows(), self.loaded.image.columns());
        let text: Vec<Rectangle> = self.findings.iter().filter(|f| f.reason == TEXT).map(|f| f.area).collect();
        let clear: u64 = outside(&text, rows, columns).iter().map(|a| u64::from(a.w) * u64::from(a.h)).sum();
        let all = u64::from(rows) * u64::from(columns);
        (all - clear) as f64 >= MOST_TEXT * all as f64 && !text.is_empty()
    }

    /// Takes in the extremes of some more frames, of which `frame` is one.
    pub(super) fn compare(&mut self, extremes: Extremes, frame: &Frame) -> Result<()> {
        match &mut self.extremes {
            Some((all, _)) => all.join(&extremes),
            None => {
                self.extremes = Some((extremes, frame.interpretation.clone()));
                Ok(())
            }
        }
    }

    /// Everything about the pixels is known: what stays is added, and all of it is put in order.
    pub(super) fn settle(&mut self) {
        if let Some((extremes, how)) = self.extremes.take() {
            let lossy = self.loaded.image.lossy() == Some(true);
            still::boxes(&extremes, &how, lossy).into_iter().for_each(|area| self.add(area, STATIC, None));
        }
        let (rows, columns) = (self.loaded.image.rows(), self.loaded.image.columns());
        self.released = burned_in::settled(&self.released, rows, columns);
        // A mark in one frame and something else in the same place of another: nothing of it stays.
        let blanked = self.findings.iter().map(|f| f.area).collect::<Vec<_>>();
        let (cut, whole): (Vec<Finding>, Vec<Finding>) =
            self.released.drain(..).partition(|mark| blanked.iter().any(|area| area.meets(mark.area)));
        self.released = whole;
        cut.iter().for_each(|mark| self.add(mark.area, TEXT, mark.score));
        self.findings = burned_in::settled(&self.findings, rows, columns);
    }

    pub(super) fn conclude(mut self, extent: Extent) -> Verdict {
        let image = &self.loaded.image;
        let unseen = self.findings.is_empty() && image.says_text();
        if extent != Extent::Unasked && (unseen || self.mostly_text()) {
            self.left.push(Rectangle { x: 0, y: 0, w: image.columns(), h: image.rows() });
        }
        let looked = extent == Extent::Searched || !self.left.is_empty();
        let word = burned_in::state(looked, !self.findings.is_empty(), !self.left.is_empty());
        let masks = self.masks(word);
        let Self { findings, left, released, warnings, unread, .. } = self;
        Verdict { findings, masks, released, left, warnings, unread }
    }
}
