//! `voxmill mask`: where pixels are blanked and why, and the picture after blanking. Works input by input and keeps
//! nothing but boxes.

use crate::console::Console;
use crate::deid::burned_in::{self, Finding, REASONS, settings::OnReview};
use crate::engine::{Choice, Engine, Job};
use crate::error::{Fault, Result};
use crate::model::{DType, Frame, InputId, Masks, Rectangle, Tensor};
use crate::pixel::spec::{Normalize, OwnSize, Size};
use crate::pixel::{Plan, PlanSpec, Shape};
use crate::read::walk;
use crate::recipe::Recipe;
use crate::run::finder::Finder;
use crate::run::load::LoadedImage;
use crate::run::plan::Inputs;
use crate::run::search::{self, Subject, Verdict};
use crate::run::{batch, guarded};
use crate::write::evidence::Evidence;
use serde_json::json;
use std::path::{Path, PathBuf};

/// What to look at, and what to show.
#[derive(Debug)]
pub struct Request<'a> {
    /// What the user named.
    pub inputs: &'a [PathBuf],
    /// Its rules and layers.
    pub recipe: &'a Recipe,
    /// Where the text finder runs.
    pub engine: Choice,
    /// Folder for pictures.
    pub png: Option<&'a Path>,
    /// Whether the pictures before masking are written too.
    pub show_before: bool,
}

/// What became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Frames that are shown.
    pub frames: u64,
    /// Images in which text is left after masking: `prepare` sets them aside.
    pub review: u64,
    /// Inputs that hold no readable image.
    pub refused: u64,
}

/// Bytes of frames that are searched at once.
const MEMORY: u64 = 64 << 20;

/// Looks at every image among the inputs.
pub fn run(request: &Request, console: &Console) -> Result<Summary> {
    if request.show_before && request.png.is_none() {
        return Err(Fault::config("--show-before", "pictures go into the folder of --png", "no --png"));
    }
    let inputs = Inputs::list(request.inputs, &[], request.recipe)?;
    let mut engine = Finder::open(request.engine, &request.recipe.burned_in)?.engine;
    let mut summary = Summary::default();
    let mut evidence = request.png.map(|folder| Evidence::new(folder, REASONS));
    for (place, listed) in inputs.listed.iter().enumerate() {
        let id = Inputs::id(place);
        let loaded = match &listed.refused {
            Some(fault) => Err(fault.clone()),
            None => walk::read(&listed.source).and_then(|bytes| super::open_image(bytes, request.recipe)),
        };
        let result = loaded.and_then(|loaded| {
            one(request, id, &loaded, engine.as_mut(), evidence.as_mut(), console).map(|found| {
                summary.frames += found.frames;
                summary.review += found.review;
            })
        });
        match result {
            Ok(()) => {}
            Err(fault) if fault.kind == crate::error::Kind::Input => {
                summary.refused += 1;
                console.refused(id, "", &fault, console.path(&listed.source.path));
            }
            Err(fault) => return Err(fault),
        }
    }
    evidence.map_or(Ok(()), Evidence::finish)?;
    Ok(summary)
}

fn one(
    request: &Request,
    id: InputId,
    loaded: &LoadedImage,
    engine: &mut dyn Engine,
    mut evidence: Option<&mut Evidence>,
    console: &Console,
) -> Result<Summary> {
    let (recipe, image) = (request.recipe, &loaded.image);
    // What `prepare` would refuse is shown all the same: that is what this command is for.
    let refused = loaded.accept(recipe).err().map(|fault| fault.reason.code());
    // What fits is decoded once, for the search and for the pictures.
    let small = image.frame_bytes().saturating_mul(u64::from(image.frames())) <= MEMORY;
    let frames: Option<Vec<Result<Frame>>> = small.then(|| batch::all(&[image]).into_iter().flatten().collect());
    let subject = Subject { loaded, frames: frames.as_deref() };
    let verdicts = search::search(recipe, engine, &[subject], MEMORY)?;
    let verdict = verdicts.into_iter().next().unwrap_or_else(|| Err(Fault::bug("mask", "no verdict")))?;
    let mut summary = Summary::default();
    for number in recipe.frames.of(image.frames()) {
        let kept = frames.as_ref().and_then(|frames| frames.get(number as usize)).cloned();
        let frame = kept.unwrap_or_else(|| guarded(|| image.decode(number)))?;
        report(id, number, &verdict, refused, recipe, console);
        if let Some(evidence) = evidence.as_deref_mut() {
            let after = picture(engine, recipe, &frame, verdict.masks.clone())?;
            let before = match request.show_before {
                true => {
                    let nothing = burned_in::clip_to_frame(&[], frame.rows, frame.columns, "before");
                    Some(picture(engine, recipe, &frame, nothing)?)
                }
                false => None,
            };
            let stem = format!("input-{:07}-frame-{number:05}", id.0);
            evidence.frame(&stem, &after, verdict.masks.boxes(), before.as_ref())?;
        }
        summary.frames += 1;
    }
    if let Some(evidence) = evidence {
        evidence.boxes(id.0, verdict.masks.boxes());
    }
    summary.review = u64::from(!verdict.left.is_empty());
    Ok(summary)
}

/// The frame as the recipe's view shows it, at its own size, in 8 bits.
fn picture(engine: &mut dyn Engine, recipe: &Recipe, frame: &Frame, masks: Masks) -> Result<Tensor> {
    let colour = !frame.interpretation.photometric.grey();
    let spec = PlanSpec {
        size: Size::Own(OwnSize::None),
        normalize: Normalize::Unit,
        dtype: DType::U8,
        channels: if colour { 3 } else { 1 },
        ..recipe.image.clone()
    };
    let plan = Plan::new(&spec, Shape::of(frame), &frame.interpretation, masks)?;
    engine.submit(vec![Job { frame: frame.clone(), plan }])?;
    let lost = || Fault::bug("Engine", "a batch came back without its result");
    Ok(engine.collect().ok_or_else(lost)?.pop().ok_or_else(lost)??.tensor)
}

fn report(
    id: InputId,
    frame: u32,
    verdict: &Verdict,
    refused: Option<&'static str>,
    recipe: &Recipe,
    console: &Console,
) {
    let listed = |findings: &[Finding]| -> Vec<_> {
        let listed = |f: &Finding| {
            let Rectangle { x, y, w, h } = f.area;
            json!({ "x": x, "y": y, "w": w, "h": h, "reason": f.reason, "score": f.score })
        };
        findings.iter().map(listed).collect()
    };
    let (boxes, released) = (listed(&verdict.findings), listed(&verdict.released));
    let left: Vec<_> = verdict.left.iter().map(|a| json!({ "x": a.x, "y": a.y, "w": a.w, "h": a.h })).collect();
    let word = verdict.masks.because();
    let quarantine = !left.is_empty() && recipe.burned_in.review == OnReview::Quarantine;
    let aside = match (refused, quarantine) {
        (Some(reason), _) => format!(", prepare refuses it ({reason})"),
        (None, true) => ", prepare sets it aside".to_owned(),
        (None, false) => String::new(),
    };
    console.say(&format!("{id} frame {frame}: {word}, {} boxes{aside}", boxes.len()));
    console.event(
        "mask",
        json!({
            "input": id.0, "frame": frame, "burned_in": word, "boxes": boxes, "released": released, "left": left, "refused": refused,
        }),
    );
}
