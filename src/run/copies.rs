//! Copies that the recipe leaves out or marks, known before the first part begins: every image is read and decoded once for it,
//! so that each part can treat its own and parts stay independent. The first by ordinal and frame is the original.

use super::context::{Context, WINDOW_INPUTS};
use super::load::{self, Content, LoadedImage};
use super::plan::Inputs;
use super::{guarded, part, score};
use crate::deid::burned_in;
use crate::engine::cpu;
use crate::error::{Fault, Reason, Result};
use crate::join::album::Album;
use crate::join::duplicates::{self, Picture};
use crate::model::{Frame, InputId};
use crate::pixel::{Plan, Quality, Shape, Want};
use crate::score::phash::{self, Thumbnail};
use crate::score::spec::Copies;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Frames that are copies, by ordinal and frame.
#[derive(Default)]
pub struct Found {
    copies: BTreeMap<(u64, u32), Copied>,
    /// Whether they stay, each with the name of its original.
    marked: bool,
}

struct Copied {
    /// Whether to the last sample.
    exact: bool,
    /// Ordinal of what it is a copy of.
    original: u64,
    /// Its tensor.
    tensor: String,
}

impl Found {
    /// The tensor that a frame is a copy of, if the recipe wants copies marked.
    pub fn marked(&self, input: InputId, frame: u32) -> Option<&str> {
        self.copies.get(&(input.0, frame)).filter(|_| self.marked).map(|copied| copied.tensor.as_str())
    }

    /// Why a frame is left out; `None` if it stays.
    pub fn fault(&self, input: InputId, frame: u32) -> Option<Fault> {
        let Copied { exact, original, .. } = self.copies.get(&(input.0, frame)).filter(|_| !self.marked)?;
        let cause = match exact {
            true => "shape and samples are those of another input, which stays",
            false => "looks like an image of another patient, which stays",
        };
        Some(Fault::input(Reason::Filtered, "recipe.score.copies", cause).number("input", *original))
    }
}

/// Finds the copies among the inputs that the recipe wants left out or marked.
pub fn find(context: &Context, inputs: &Inputs) -> Result<Found> {
    let wanted = context.recipe.score.copies;
    if wanted == Copies::Keep {
        return Ok(Found::default());
    }
    let mut pictures: Vec<Picture> = Vec::new();
    let mut album = Album::in_memory();
    let mut hashes: BTreeMap<u64, String> = BTreeMap::new();
    for window in part::windows(&inputs.listed, 0..inputs.listed.len(), context.memory.window) {
        let found: Vec<Option<Look>> =
            window.into_par_iter().with_max_len(WINDOW_INPUTS).map(|place| look(context, inputs, place)).collect();
        for (of_input, (input, sha256)) in found.into_iter().flatten() {
            for (picture, thumbnail) in of_input {
                let thumbnail = thumbnail.map(|thumbnail| album.add(&thumbnail)).transpose()?;
                pictures.push(Picture { thumbnail, ..picture });
            }
            hashes.insert(input.0, sha256);
        }
    }
    let copies = duplicates::find(&mut pictures, &mut album)?;
    let place = |at: usize| pictures.get(at).and_then(|picture| named(&picture.id));
    let near = wanted != Copies::LeaveOutExact;
    let mut all = Found { marked: wanted == Copies::Mark, ..Found::default() };
    for copy in copies.iter().filter(|copy| copy.exact || near) {
        let lost = || Fault::bug("run/copies", "a copy of no input");
        let ((copied, frame), (original, first)) = place(copy.of.0).zip(place(copy.of.1)).ok_or_else(lost)?;
        let sha256 = hashes.get(&original).ok_or_else(lost)?;
        let tensor = context.identity.tensor_id(sha256, InputId(original), first);
        all.copies.insert((copied, frame), Copied { exact: copy.exact, original, tensor });
    }
    Ok(all)
}

/// A frame and its thumbnail, which is not in the album yet.
type Seen = (Picture, Option<Box<Thumbnail>>);

/// The frames of an input, the input, and its SHA-256.
type Look = (Vec<Seen>, (InputId, String));

/// Looks at an input; `None` if it is no image or cannot be read: it is refused when its part comes.
fn look(context: &Context, inputs: &Inputs, place: usize) -> Option<Look> {
    // Messages and tables were read before and wait for their part.
    if inputs.shelf.keeps(place) {
        return None;
    }
    let loaded = load::load(context, inputs, place);
    let Content::Image(image) = loaded.content else { return None };
    let frames = context.recipe.frames.of(image.image.frames());
    let pictures = frames.filter_map(|frame| picture(context, &image, loaded.id, frame)).collect();
    Some((pictures, (loaded.id, loaded.sha256)))
}

fn picture(context: &Context, loaded: &LoadedImage, input: InputId, number: u32) -> Option<Seen> {
    let person = &loaded.facts.get().person;
    let frame = guarded(|| loaded.image.decode(number)).ok()?;
    let near = context.recipe.score.copies != Copies::LeaveOutExact;
    let quality = if near { guarded(|| quality(context, &frame)).ok().flatten() } else { None };
    let picture = Picture {
        id: name(input, number).into(),
        patient: person.key.as_str().into(),
        split: person.split.name().into(),
        digest: Some(score::pixel_digest(context, &frame).into_inner().into()),
        hash: quality.as_ref().and_then(|quality| phash::phash(&quality.sums, quality.bright)),
        thumbnail: None,
    };
    let thumbnail = quality.as_ref().and_then(|quality| phash::thumbnail(&quality.sums, quality.bright));
    Some((picture, thumbnail.map(Box::new)))
}

/// What the hashes are made of. Nothing is masked: they are compared and forgotten.
fn quality(context: &Context, frame: &Frame) -> Result<Option<Quality>> {
    let masks = burned_in::masks(&[], frame.rows, frame.columns, "none");
    let plan = Plan::new(&context.recipe.image, Shape::of(frame), &frame.interpretation, masks)?;
    cpu::quality(frame, &plan.wanting(Want::Quality))
}

/// Names in the order of inputs and frames.
fn name(input: InputId, frame: u32) -> String {
    format!("{:020}-{frame:010}", input.0)
}

fn named(name: &str) -> Option<(u64, u32)> {
    let (input, frame) = name.split_once('-')?;
    Some((input.parse().ok()?, frame.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_as_inputs_do_and_read_back() {
        assert!(name(InputId(9), 20) < name(InputId(10), 3) && name(InputId(10), 3) < name(InputId(10), 20));
        assert_eq!(named(&name(InputId(10), 3)), Some((10, 3)));
    }
}
