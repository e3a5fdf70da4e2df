//! Frames on their way from images to tensors: decoded in parallel, searched for burned-in text, processed by the engine
//! in batches of bounded size, written in order.

use super::batch;
use super::context::{BATCH_FRAMES, Context, Purpose};
use super::guarded;
use super::job::{self, Prepared};
use super::load::LoadedImage;
use super::score::{self, Judged};
use super::search::{self, Subject, Verdict};
use super::times::Stage;
use crate::deid::manifest::{self, ImageFacts};
use crate::engine::{Done, Engine, Job};
use crate::error::{Fault, Result};
use crate::model::{Cell, Clean, Frame};
use crate::pixel::Want;
use crate::read::dicom::{Decoding, Image};
use crate::score::table::SCORES;
use crate::write::{Outcome, PartWriter, Reject, Unit};
use rayon::prelude::*;
use std::collections::VecDeque;
use std::sync::Arc;

/// What became of the frames of one input.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Tensors written.
    pub written: u64,
    /// Frames refused.
    pub refused: u64,
    /// Why the first of them was refused.
    pub first_fault: Option<Fault>,
    /// Frames that the recipe leaves out.
    pub skipped: u64,
    /// Why the first of them was.
    pub first_filter: Option<Fault>,
}

/// An image and where it came from.
pub struct ImageSource {
    /// Place among the inputs of the part.
    pub place: usize,
    /// Its ordinal.
    pub id: crate::model::InputId,
    /// Its bytes.
    pub bytes: u64,
    /// SHA-256 of the input.
    pub sha256: String,
    /// Keyed digest.
    pub source_digest: Clean<String>,
    /// Facts, header and bytes.
    pub loaded: LoadedImage,
}

/// A frame whose job is with the engine, or whose fault is known already.
struct InFlight {
    source: Arc<ImageSource>,
    frame: u32,
    outcome: std::result::Result<Pending, Fault>,
}

/// What waits for the engine's answer.
struct Pending {
    prepared: Prepared,
    /// Keyed digest of the decoded samples, if the frame is measured.
    pixel_digest: Option<Clean<String>>,
}

/// The frames of a part.
pub struct Frames<'a> {
    context: &'a Context,
    engine: &'a mut dyn Engine,
    waiting: Vec<Arc<ImageSource>>,
    /// What all frames of the waiting images take.
    bytes: u64,
    frames: u64,
    flying: VecDeque<Vec<InFlight>>,
    /// By place among the inputs of the part.
    pub tallies: Vec<Tally>,
}

impl<'a> Frames<'a> {
    /// No frames yet, for a part of `inputs` inputs.
    pub fn new(context: &'a Context, engine: &'a mut dyn Engine, inputs: usize) -> Self {
        Self {
            context,
            engine,
            waiting: Vec::new(),
            bytes: 0,
            frames: 0,
            flying: VecDeque::new(),
            tallies: vec![Tally::default(); inputs],
        }
    }

    /// Queues an image; full batches leave at once.
    pub fn add(&mut self, source: ImageSource, writer: &mut PartWriter) -> Result<()> {
        let image = &source.loaded.image;
        let asked = self.context.recipe.frames.of(image.frames());
        writer.read(Unit::Images, u64::from(asked.end - asked.start));
        let (frames, bytes) =
            (u64::from(image.frames()), image.frame_bytes().saturating_mul(u64::from(image.frames())));
        if !self.fits(frames, bytes) {
            self.dispatch(writer)?;
        }
        self.frames += frames;
        self.bytes = self.bytes.saturating_add(bytes);
        self.waiting.push(Arc::new(source));
        if self.fits(0, 0) { Ok(()) } else { self.dispatch(writer) }
    }

    /// Whether so much more can wait.
    fn fits(&self, frames: u64, bytes: u64) -> bool {
        self.frames + frames <= BATCH_FRAMES as u64 && self.bytes.saturating_add(bytes) <= self.context.memory.batch
    }

    /// Sends what waits and writes everything that is still in flight.
    pub fn finish(mut self, writer: &mut PartWriter) -> Result<Vec<Tally>> {
        self.dispatch(writer)?;
        while !self.flying.is_empty() {
            self.collect(writer)?;
        }
        Ok(self.tallies)
    }

    /// Searches the waiting images and sends the frames that are asked for. The frames of small images are decoded once
    /// and kept for that; those of a large multi-frame image are decoded again for each look.
    fn dispatch(&mut self, writer: &mut PartWriter) -> Result<()> {
        // One frame is in memory anyway.
        let small = self.frames == 1 || self.bytes <= self.context.memory.kept;
        let images = std::mem::take(&mut self.waiting);
        (self.bytes, self.frames) = (0, 0);
        let context = self.context;
        let recipe = &context.recipe;
        let looks = |source: &ImageSource| search::looks_at_pixels(recipe, &source.loaded);
        let searched = |source: &&Arc<ImageSource>| small && looks(source);
        let to_keep: Vec<&Image> = images.iter().filter(searched).map(|source| &source.loaded.image).collect();
        let mut decoded = context.times.of(Stage::Decode, || batch::all(&to_keep)).into_iter();
        let kept: Vec<Option<Vec<Result<Frame>>>> =
            images.iter().map(|source| searched(&source).then(|| decoded.next()).flatten()).collect();
        let subjects: Vec<Subject> = images
            .iter()
            .zip(&kept)
            .map(|(source, frames)| Subject { loaded: &source.loaded, frames: frames.as_deref() })
            .collect();
        let engine = &mut *self.engine;
        let verdicts =
            context.times.of(Stage::Search, || search::search(recipe, engine, &subjects, context.memory.batch))?;
        let mut batch: Vec<Asked> = Vec::new();
        let mut bytes = 0u64;
        for ((source, kept), verdict) in images.iter().zip(&kept).zip(&verdicts) {
            let image = &source.loaded.image;
            for frame in recipe.frames.of(image.frames()) {
                if batch.len() >= BATCH_FRAMES || bytes.saturating_add(image.frame_bytes()) > context.memory.batch {
                    self.send(std::mem::take(&mut batch), writer)?;
                    bytes = 0;
                }
                bytes = bytes.saturating_add(image.frame_bytes());
                let whole = kept.as_ref().and_then(|kept| kept.get(frame as usize));
                batch.push(Asked { source, frame, whole, verdict });
            }
        }
        self.send(batch, writer)
    }

    /// Sends one batch of frames; while the engine works on it, the next one is decoded.
    fn send(&mut self, asked: Vec<Asked>, writer: &mut PartWriter) -> Result<()> {
        if asked.is_empty() {
            return Ok(());
        }
        let context = self.context;
        let due = asked.par_iter().filter(|frame| frame.whole.is_none());
        let begun = || batch::decode(due.map(|frame| guarded(|| begin(context, frame))).collect());
        let mut decoded = context.times.of(Stage::Decode, begun).into_iter();
        let decoded: Vec<batch::Decoded> = asked
            .iter()
            .map(|frame| match frame.whole {
                Some(whole) => whole.clone().map(|whole| (whole, None)),
                None => decoded.next().unwrap_or_else(|| Err(Fault::bug("Frame", "a batch lost a frame"))),
            })
            .collect();
        let prepared: Vec<(InFlight, Option<Job>)> =
            asked.into_par_iter().zip(decoded).map(|(frame, decoded)| prepare(context, frame, decoded)).collect();
        let mut batch = Vec::new();
        let mut flying = Vec::new();
        for (frame, job) in prepared {
            batch.extend(job);
            flying.push(frame);
        }
        let engine = &mut *self.engine;
        context.times.of(Stage::Engine, || engine.submit(batch))?;
        self.flying.push_back(flying);
        if self.flying.len() > 1 {
            self.collect(writer)?;
        }
        Ok(())
    }

    fn collect(&mut self, writer: &mut PartWriter) -> Result<()> {
        let Some(frames) = self.flying.pop_front() else { return Ok(()) };
        let lost = || Fault::bug("Engine", "a batch came back with another number of results");
        let (times, engine) = (&self.context.times, &mut *self.engine);
        let mut results = times.of(Stage::Engine, || engine.collect()).ok_or_else(lost)?.into_iter();
        let mut finished = Vec::with_capacity(frames.len());
        for InFlight { source, frame, outcome } in frames {
            let result = match outcome {
                Ok(pending) => results.next().ok_or_else(lost)?.map(|done| (pending, done)),
                Err(fault) => Err(fault),
            };
            finished.push((source, frame, result));
        }
        if results.next().is_some() {
            return Err(lost());
        }
        let judge = self.context.judge.as_ref();
        let judge_all = || {
            let one = |(source, _, result): &(Arc<ImageSource>, u32, Result<(Pending, Done)>)| {
                let (pending, done) = result.as_ref().ok()?;
                let digest = pending.pixel_digest.as_ref()?;
                Some(judge?.judge(source, &pending.prepared, done.quality.as_ref(), digest))
            };
            finished.par_iter().map(one).collect()
        };
        let judged: Vec<Option<Judged>> = times.of(Stage::Score, judge_all);
        for ((source, frame, result), judged) in finished.into_iter().zip(judged) {
            let copied = self.context.copies.fault(source.id, frame);
            let left_out = copied.or_else(|| judge?.left_out(judged.as_ref()?));
            let tally = self.tallies.get_mut(source.place).ok_or_else(lost)?;
            let written = match result {
                Ok(_) if left_out.is_some() => {
                    let Some(fault) = left_out else { continue };
                    set_aside(writer, &source, frame, Outcome::Skipped, &fault);
                    tally.skipped += 1;
                    tally.first_filter.get_or_insert(fault);
                    continue;
                }
                Ok((pending, done)) => {
                    let made = (&pending.prepared, &done, judged.as_ref());
                    times.of(Stage::Write, || write(self.context, writer, &source, frame, made))
                }
                Err(fault) => Err(fault),
            };
            match written {
                Ok(()) => tally.written += 1,
                Err(fault) if fault.kind == crate::error::Kind::Input => {
                    set_aside(writer, &source, frame, Outcome::Refused, &fault);
                    tally.refused += 1;
                    tally.first_fault.get_or_insert(fault);
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }
}

/// Gives a frame its row among the rejects.
fn set_aside(writer: &mut PartWriter, source: &ImageSource, frame: u32, outcome: Outcome, fault: &Fault) {
    writer.reject(&Reject {
        input: source.id,
        input_id: source.source_digest.clone(),
        unit: Unit::Images,
        item: Some(u64::from(frame)),
        outcome,
        fault,
    });
}

/// A frame that becomes a tensor, if it can.
struct Asked<'a> {
    source: &'a Arc<ImageSource>,
    frame: u32,
    /// The frame, if the search has kept it.
    whole: Option<&'a Result<Frame>>,
    verdict: &'a Result<Verdict>,
}

/// Makes ready to decode a frame that the search has not kept.
fn begin<'a>(context: &Context, asked: &Asked<'a>) -> Result<Decoding<'a>> {
    let recipe = &context.recipe;
    let whole = search::looks_at_pixels(recipe, &asked.source.loaded);
    job::begin(recipe, &asked.source.loaded, (asked.frame, whole), asked.verdict.as_ref().map_err(Fault::clone)?)
}

fn prepare(context: &Context, asked: Asked, decoded: batch::Decoded) -> (InFlight, Option<Job>) {
    let Asked { source, frame, verdict, .. } = asked;
    let recipe = &context.recipe;
    let want = match (context.purpose, &context.judge) {
        (Purpose::Score, _) => Want::Quality,
        (Purpose::Prepare, Some(_)) => Want::Both,
        (Purpose::Prepare, None) => Want::Tensor,
    };
    let job = || {
        let verdict = verdict.as_ref().map_err(Fault::clone)?;
        job::prepare(recipe, want, decoded?, verdict)
    };
    match guarded(job) {
        Ok((prepared, job)) => {
            let pixel_digest = job.plan.want().quality().then(|| score::pixel_digest(context, &job.frame));
            let pending = Pending { prepared, pixel_digest };
            (InFlight { source: source.clone(), frame, outcome: Ok(pending) }, Some(job))
        }
        Err(fault) => (InFlight { source: source.clone(), frame, outcome: Err(fault) }, None),
    }
}

fn write(
    context: &Context,
    writer: &mut PartWriter,
    source: &ImageSource,
    frame: u32,
    (pending, done, judged): (&Prepared, &Done, Option<&Judged>),
) -> Result<()> {
    let image = &source.loaded.image;
    let geometry = image.geometry(frame);
    let facts = ImageFacts {
        frame,
        modality: pending.modality,
        body_part: pending.body_part,
        rows: image.rows(),
        columns: image.columns(),
        bits_stored: image.bits_stored(),
        photometric: image.source_photometric(),
        transfer_syntax: image.transfer_syntax(),
        lossy: image.lossy(),
        pixel_spacing_mm: geometry.pixel_spacing_mm,
        slice_thickness_mm: geometry.slice_thickness_mm,
        image_position_patient: geometry.position_mm,
        image_orientation_patient: geometry.orientation,
        voi: &done.view.voi,
        window_center: done.view.center,
        window_width: done.view.width,
        decoded: &pending.decoded,
        masks: &pending.masks,
        released: &pending.released,
        warnings: &pending.warnings,
        plan_digest: &context.plan_digest,
        source_digest: source.source_digest.get(),
        engine: &context.engine,
    };
    let LoadedImage { facts: of_object, traits, .. } = &source.loaded;
    let key = context.identity.tensor_id(&source.sha256, source.id, frame);
    let mut measured = judged.map(|judged| judged.measured.clone()).unwrap_or_default();
    if let Some(original) = context.copies.marked(source.id, frame) {
        measured.push(("duplicate_of", Cell::Text(original.to_owned())));
    }
    if judged.is_some() {
        measured.push(("tensor_id", Cell::Text(key.clone())));
    }
    // The scores of a tensor that its format cannot hold do not count.
    match context.purpose {
        Purpose::Score => writer.written(Unit::Images, 1),
        Purpose::Prepare => {
            let row = manifest::row(of_object, &facts, &measured);
            writer.tensor(of_object.get().person.split, &key, &done.tensor, row)?;
        }
    }
    if judged.is_some() {
        writer.score(&SCORES, manifest::score_row(&SCORES, of_object, traits, &facts, &measured))?;
    }
    Ok(())
}
