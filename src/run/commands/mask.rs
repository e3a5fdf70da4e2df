//! `voxmill mask`: where pixels are blanked, and the picture after blanking. Works frame by frame and keeps nothing.

use crate::console::Console;
use crate::engine::{self, Choice, Job};
use crate::error::{Fault, Result};
use crate::model::{DType, InputId, Masks};
use crate::pixel::spec::{Normalize, OwnSize, Size};
use crate::pixel::{Plan, PlanSpec, Shape};
use crate::read::walk;
use crate::recipe::Recipe;
use crate::run::load::LoadedImage;
use crate::run::plan::Inputs;
use crate::run::{guarded, job};
use crate::write::picture;
use serde_json::json;
use std::path::{Path, PathBuf};

/// What became of it: frames looked at and inputs refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Frames.
    pub frames: u64,
    /// Inputs that hold no readable image.
    pub refused: u64,
}

/// Looks at every image among the inputs.
pub fn run(inputs: &[PathBuf], recipe: &Recipe, png: Option<&Path>, console: &Console) -> Result<Summary> {
    let inputs = Inputs::list(inputs, &[], recipe)?;
    let mut summary = Summary::default();
    for (place, listed) in inputs.listed.iter().enumerate() {
        let id = Inputs::id(place);
        let loaded = match &listed.refused {
            Some(fault) => Err(fault.clone()),
            None => walk::read(&listed.source).and_then(|bytes| super::open_image(bytes, recipe)),
        };
        let result = loaded.and_then(|loaded| frames(id, &loaded, recipe, png, console, &mut summary));
        match result {
            Ok(()) => {}
            Err(fault) if fault.kind == crate::error::Kind::Input => {
                summary.refused += 1;
                console.refused(id, "", &fault, console.path(&listed.source.path));
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(summary)
}

fn frames(
    id: InputId,
    loaded: &LoadedImage,
    recipe: &Recipe,
    png: Option<&Path>,
    console: &Console,
    summary: &mut Summary,
) -> Result<()> {
    loaded.accept(recipe)?;
    let masks = job::masks(recipe, loaded)?;
    let mut engine = engine::open(Choice::Cpu)?;
    for number in recipe.frames.of(loaded.image.frames()) {
        let frame = guarded(|| loaded.image.decode(number))?;
        let masks = masks.clone();
        report(id, number, &masks, console);
        if let Some(dir) = png {
            let colour = !frame.interpretation.photometric.grey();
            let spec = PlanSpec {
                size: Size::Own(OwnSize::None),
                normalize: Normalize::Unit,
                dtype: DType::U8,
                channels: if colour { 3 } else { 1 },
                ..recipe.image.clone()
            };
            let plan = Plan::new(&spec, Shape::of(&frame), &frame.interpretation, masks)?;
            engine.submit(vec![Job { frame, plan }])?;
            let lost = || Fault::bug("Engine", "a batch came back without its result");
            let done = engine.collect().ok_or_else(lost)?.pop().ok_or_else(lost)??;
            picture::put(&dir.join(format!("input-{:07}-frame-{number:05}.png", id.0)), &done.tensor)?;
        }
        summary.frames += 1;
    }
    Ok(())
}

fn report(id: InputId, frame: u32, masks: &Masks, console: &Console) {
    let boxes: Vec<_> =
        masks.boxes().iter().map(|b| json!({ "x": b.x, "y": b.y, "w": b.w, "h": b.h, "reason": b.reason })).collect();
    console.say(&format!("{id} frame {frame}: {}, {} boxes", masks.because(), boxes.len()));
    console.event("mask", json!({ "input": id.0, "frame": frame, "burned_in": masks.because(), "boxes": boxes }));
}
