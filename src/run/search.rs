//! Burned-in text of whole images: what the header says, what every frame shows, and what is still to be seen when all
//! of that is blanked. Frames pass in batches of bounded size; nothing is written here.

mod progress;

use super::batch;
use super::context::BATCH_FRAMES;
use super::load::LoadedImage;
use crate::deid::burned_in::{ALLOWED, Finding, TEXT};
use crate::engine::{Engine, Search};
use crate::error::{Fault, Kind, Result};
use crate::model::{Frame, Masks, Rectangle};
use crate::pixel::still;
use crate::pixel::textnet::TextBox;
use crate::pixel::textnet::ends::lost;
use crate::pixel::textnet::fit::fitted;
use crate::pixel::textnet::marks::{self, Allowed};
use crate::read::dicom::Image;
use crate::recipe::Recipe;
use progress::{Extent, Progress};

/// An image to be searched.
pub struct Subject<'a> {
    /// Facts, header and bytes.
    pub loaded: &'a LoadedImage,
    /// Its frames by number, if they are decoded already; else each is decoded when it is looked at.
    pub frames: Option<&'a [Result<Frame>]>,
}

/// What the layers say about one image; the same for all its frames.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// What is blanked and by which layer.
    pub findings: Vec<Finding>,
    /// The same, as a plan wants it.
    pub masks: Masks,
    /// What was found, is surely a mark that the recipe allows ([`ALLOWED`]), and is left readable.
    pub released: Vec<Finding>,
    /// Boxes in which text is still found after masking, over all frames. The whole frame of an image that says it carries
    /// text (BurnedInAnnotation is YES) and in which no layer found any, and of one half of which or more was found to be text.
    pub left: Vec<Rectangle>,
    /// What the search warns of, as stable words.
    pub warnings: Vec<&'static str>,
    /// Why the first of the frames that nobody could look at does not decode.
    pub unread: Option<Fault>,
}

/// Looks at the masked picture, as long as each finds something: what one finds is blanked, what the last finds is left.
const LOOKS: u32 = 2;

/// Shorter and longer side of the smallest frame in which anybody looks for text. A line that names somebody does not fit
/// in less, and of letters as large as the picture the finder sees many that are none.
const SMALLEST: [u32; 2] = [16, 32];

/// Whether the layers of a recipe look at the pixels of an image. If so its frames are decoded whole: small text would
/// be lost in smaller ones.
pub fn looks_at_pixels(recipe: &Recipe, loaded: &LoadedImage) -> bool {
    let (rows, columns) = (loaded.image.rows(), loaded.image.columns());
    let large = rows.min(columns) >= SMALLEST[0] && rows.max(columns) >= SMALLEST[1];
    large && (recipe.burned_in.detector || looks_for_still(recipe, loaded))
}

/// Whether the frames of an image are compared with each other.
fn looks_for_still(recipe: &Recipe, loaded: &LoadedImage) -> bool {
    recipe.burned_in.static_overlay
        && loaded.image.frames() >= still::FEWEST_FRAMES
        && loaded.image.sample_type().tabulable()
}

/// Searches images. `memory` bounds the bytes of frames decoded at once. The outer fault ends the run; an image whose
/// frames cannot be searched has its own. Frames that do not decode are left out, and [`Verdict::unread`] says so: nothing
/// of them may be written.
pub fn search(
    recipe: &Recipe,
    engine: &mut dyn Engine,
    subjects: &[Subject],
    memory: u64,
) -> Result<Vec<Result<Verdict>>> {
    let mut all: Vec<Result<Progress>> = subjects.iter().map(|s| Progress::begin(recipe, s.loaded)).collect();
    let detector = recipe.burned_in.detector;
    let extent = if detector { Extent::Searched } else { Extent::Unasked };
    let allowed = Allowed::of(&recipe.burned_in.allow);
    let pixels = |progress: &Progress| looks_at_pixels(recipe, progress.loaded);
    each_batch(subjects, &mut all, memory, pixels, |all, looks| {
        if detector {
            find(engine, all, looks, (&allowed, true), |progress, b| progress.add(area(b), TEXT, Some(b.score)))?;
        }
        compare(recipe, engine, all, looks)
    })?;
    for look in 1..=LOOKS {
        for progress in all.iter_mut().flatten() {
            progress.settle();
            // Where nothing was added, the masked picture is the one that was searched.
            progress.due = detector && std::mem::take(&mut progress.more);
        }
        each_batch(
            subjects,
            &mut all,
            memory,
            |progress| progress.due,
            |all, looks| {
                find(engine, all, looks, (&allowed, false), |progress, b| match look {
                    LOOKS => progress.left.push(area(b)),
                    _ => progress.add(area(b), TEXT, Some(b.score)),
                })
            },
        )?;
    }
    Ok(all.into_iter().map(|progress| progress.map(|progress| progress.conclude(extent))).collect())
}

/// What the header alone says about an image whose pixels nobody looks at, because the recipe has nobody look or the
/// frames are too small to hold a line of text.
pub fn unsearched(recipe: &Recipe, loaded: &LoadedImage) -> Result<Verdict> {
    let mut progress = Progress::begin(recipe, loaded)?;
    progress.settle();
    Ok(progress.conclude(if recipe.burned_in.detector { Extent::TooSmall } else { Extent::Unasked }))
}

/// Searches one image, for commands that take them one by one.
pub fn search_one(recipe: &Recipe, engine: &mut dyn Engine, loaded: &LoadedImage, memory: u64) -> Result<Verdict> {
    let verdicts = search(recipe, engine, &[Subject { loaded, frames: None }], memory)?;
    verdicts.into_iter().next().unwrap_or_else(|| Err(Fault::bug("search", "an image without a verdict")))
}

fn area(b: &TextBox) -> Rectangle {
    Rectangle { x: b.x, y: b.y, w: b.w, h: b.h }
}

/// A mark that stays.
fn finding(mark: &TextBox) -> Finding {
    Finding { area: area(mark), reason: ALLOWED, score: Some(mark.score) }
}

/// Frames of one batch that decoded, each with the index of its subject.
type Looks = (Vec<usize>, Vec<Search>);

/// Goes through every frame of the images that `wanted` chooses, masked as far as is known when it begins: image by
/// image, frames in their order.
fn each_batch(
    subjects: &[Subject],
    all: &mut [Result<Progress>],
    memory: u64,
    wanted: impl Fn(&Progress) -> bool,
    mut look: impl FnMut(&mut [Result<Progress>], &Looks) -> Result<()>,
) -> Result<()> {
    // What is masked now, and what was when the image was last looked at.
    let marked = |progress: &mut Progress| {
        let masks = progress.masks("searching");
        let before = progress.searched.replace(masks.clone());
        (masks, before)
    };
    let masks: Vec<Option<(Masks, Option<Masks>)>> =
        all.iter_mut().map(|p| p.as_mut().ok().filter(|p| wanted(p)).map(marked)).collect();
    for batch in batches(subjects, memory, |index| masks.get(index).is_some_and(Option::is_some)) {
        let frames = frames_of(subjects, &batch);
        let mut looks = Looks::default();
        for ((index, _), frame) in batch.into_iter().zip(frames) {
            let Some((masks, before)) = masks.get(index).cloned().flatten() else { continue };
            match (frame, all.get_mut(index)) {
                (Ok(frame), _) => {
                    looks.0.push(index);
                    looks.1.push(Search { frame, masks, before });
                }
                (Err(fault), Some(Ok(progress))) => {
                    progress.unread.get_or_insert(fault);
                }
                (Err(_), _) => {}
            }
        }
        look(all, &looks)?;
    }
    Ok(())
}

/// Shows frames to the text finder and hands on each box, but for those of marks that may stay. Those are read in the first look;
/// in later ones they must be read again in every frame, and no other may stay: it could be what blanking left of a word.
fn find(
    engine: &mut dyn Engine,
    all: &mut [Result<Progress>],
    (places, searches): &Looks,
    (allowed, first): (&Allowed, bool),
    mut found: impl FnMut(&mut Progress, &TextBox),
) -> Result<()> {
    let results = engine.find_text(searches)?;
    if results.len() != searches.len() {
        return Err(Fault::bug("Engine", "a search came back with another number of results"));
    }
    for ((index, search), boxes) in places.iter().zip(searches).zip(results) {
        let Some(slot) = all.get_mut(*index) else { continue };
        match (slot.as_mut(), boxes) {
            (Ok(progress), Ok(boxes)) => {
                let mut marks = match allowed.is_empty() {
                    true => Vec::new(),
                    false => marks::released(&search.frame, &search.masks, &boxes, allowed)?,
                };
                match first {
                    true => progress.released.extend(marks.iter().map(finding)),
                    false => marks.retain(|mark| progress.released.iter().any(|known| known.area.meets(area(mark)))),
                }
                let stays = |b: &TextBox| marks.iter().any(|mark| area(mark).holds(area(b)));
                let fit = |b: &TextBox| {
                    let Rectangle { x, y, w, h } = fitted(&search.frame, area(b));
                    TextBox { x, y, w, h, ..*b }
                };
                let fitted: Vec<TextBox> = boxes.iter().filter(|b| !stays(b)).map(fit).collect();
                // What nobody sees is blanked, not found again: in the first look alone.
                let unseen = if first { lost(&search.frame, &fitted) } else { Vec::new() };
                let unseen = unseen.iter().filter(|b| !marks.iter().any(|mark| area(mark).meets(area(b))));
                fitted.iter().chain(unseen).for_each(|b| found(progress, b));
            }
            (Ok(_), Err(fault)) if fault.kind == Kind::Input => *slot = Err(fault),
            (Ok(_), Err(fault)) => return Err(fault),
            (Err(_), _) => {}
        }
    }
    Ok(())
}

/// Compares the frames of each image that has enough of them.
fn compare(
    recipe: &Recipe,
    engine: &mut dyn Engine,
    all: &mut [Result<Progress>],
    (places, searches): &Looks,
) -> Result<()> {
    for (index, slot) in all.iter_mut().enumerate() {
        let Ok(progress) = slot else { continue };
        if !looks_for_still(recipe, progress.loaded) {
            continue;
        }
        let own = places.iter().zip(searches).filter(|(place, _)| **place == index);
        let frames: Vec<Frame> = own.map(|(_, search)| search.frame.clone()).collect();
        if let Some(frame) = frames.first() {
            progress.compare(engine.extremes(&frames)?, frame)?;
        }
    }
    Ok(())
}

/// Frames of subjects: those that are decoded already, and all others, decoded together.
fn frames_of(subjects: &[Subject], wanted: &[(usize, u32)]) -> Vec<Result<Frame>> {
    let kept = |(index, number): &(usize, u32)| subjects.get(*index)?.frames?.get(*number as usize);
    let image = |(index, number): &(usize, u32)| Some((&subjects.get(*index)?.loaded.image, *number));
    let due: Vec<(&Image, u32)> = wanted.iter().filter(|frame| kept(frame).is_none()).filter_map(image).collect();
    let mut decoded = batch::whole(&due).into_iter();
    let next = |decoded: &mut dyn Iterator<Item = Result<Frame>>| {
        decoded.next().unwrap_or_else(|| Err(Fault::bug("search", "a batch lost a frame")))
    };
    wanted.iter().map(|frame| kept(frame).cloned().unwrap_or_else(|| next(&mut decoded))).collect()
}

/// All frames of the chosen subjects as (subject, frame), cut so that no batch holds more than `memory` bytes (unless
/// one frame alone does) or [`BATCH_FRAMES`] frames.
fn batches(subjects: &[Subject], memory: u64, chosen: impl Fn(usize) -> bool) -> Vec<Vec<(usize, u32)>> {
    let mut batches = Vec::new();
    let (mut batch, mut bytes) = (Vec::new(), 0u64);
    for (index, subject) in subjects.iter().enumerate().filter(|(index, _)| chosen(*index)) {
        let size = subject.loaded.image.frame_bytes();
        for number in 0..subject.loaded.image.frames() {
            let full = batch.len() >= BATCH_FRAMES || bytes.saturating_add(size) > memory;
            if full && !batch.is_empty() {
                batches.push(std::mem::take(&mut batch));
                bytes = 0;
            }
            batch.push((index, number));
            bytes = bytes.saturating_add(size);
        }
    }
    if !batch.is_empty() {
        batches.push(batch);
    }
    batches
}
