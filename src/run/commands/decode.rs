//! `voxmill decode`: one image as NumPy sees it, at one of four stages.

use crate::cli::Stage;
use crate::deid::burned_in::{self, Seen};
use crate::deid::facts::Facts;
use crate::engine::{self, Choice, Done, Job};
use crate::error::{Fault, Result};
use crate::model::{Clean, Frame};
use crate::pixel::spec::{Normalize, OwnSize, Size};
use crate::pixel::{Plan, PlanSpec, Shape, chain, modality};
use crate::read::dicom;
use crate::recipe::Recipe;
use crate::run::guarded;
use crate::run::load::LoadedImage;
use crate::write::files::{self, Access, Durability, OutFile};
use crate::write::npy;
use std::path::Path;

/// What to decode.
#[derive(Debug)]
pub struct Request<'a> {
    /// The DICOM file.
    pub file: &'a Path,
    /// The .npy file to make.
    pub out: &'a Path,
    /// One frame, or all.
    pub frame: Option<u32>,
    /// How far.
    pub stage: Stage,
    /// For display and tensor.
    pub recipe: &'a Recipe,
    /// For display and tensor.
    pub engine: Choice,
}

/// Decodes and writes. Arrays are (frames,) rows, columns(, samples); tensors are (frames,) channels, rows, columns.
/// The frame axis is there only if the image has several frames and none was chosen.
pub fn run(request: &Request) -> Result<()> {
    let LoadedImage { facts, image } = super::open_image(super::bytes_of(request.file)?, request.recipe)?;
    if let Some(frame) = request.frame.filter(|frame| *frame >= image.frames()) {
        return Err(Fault::config("--frame", "the image has no such frame", frame.to_string())
            .number("frames", image.frames()));
    }
    let frames = request.frame.map_or(0..image.frames(), |frame| frame..frame + 1);
    if request.stage == Stage::Stored {
        let array = guarded(|| dicom::stored(&image, request.frame))?;
        let shape: Vec<u64> = array.shape.iter().map(|&n| n as u64).collect();
        let mut bytes = npy::header(array.sample_type.numpy(), &shape);
        bytes.extend_from_slice(&array.bytes);
        files::put(request.out, &bytes, Access::Shared)?;
        return Ok(());
    }
    let mut shape: Vec<u64> = Vec::new();
    if request.frame.is_none() && image.frames() > 1 {
        shape.push(u64::from(image.frames()));
    }
    let mut engine = engine::open(request.engine)?;
    let mut out: Option<OutFile> = None;
    for frame in frames {
        let decoded = guarded(|| image.decode(frame))?;
        let (inner, descr, bytes) = match request.stage {
            Stage::Modality => modality_array(&decoded)?,
            stage => process(engine.as_mut(), decoded, &facts, stage, request.recipe)?,
        };
        if out.is_none() {
            shape.extend(inner);
            let mut file = OutFile::beside(request.out, Access::Shared, Durability::Buffered)?;
            file.put(&npy::header(descr, &shape))?;
            out = Some(file);
        }
        if let Some(file) = &mut out {
            file.put(&bytes)?;
        }
    }
    let file = out.ok_or_else(|| Fault::bug("decode", "an image without frames"))?;
    file.close()?.publish()?;
    Ok(())
}

type Array = (Vec<u64>, &'static str, Vec<u8>);

/// Modality values in f64; colour has none and is refused.
fn modality_array(frame: &Frame) -> Result<Array> {
    if frame.samples != 1 {
        return Err(Fault::config("--stage", "colour has no modality values", "modality")
            .remedy("use --stage stored or --stage display"));
    }
    let rescale = &frame.interpretation.modality;
    let mut bytes = Vec::with_capacity(frame.pixels() * 8);
    for place in 0..frame.pixels() {
        bytes.extend(modality::modality_from_stored(rescale, chain::stored(frame, place)).to_le_bytes());
    }
    Ok((vec![u64::from(frame.rows), u64::from(frame.columns)], "<f8", bytes))
}

fn spec_of(stage: Stage, recipe: &Recipe) -> PlanSpec {
    let mut spec = recipe.image.clone();
    if stage == Stage::Display {
        spec.size = Size::Own(OwnSize::None);
        spec.normalize = Normalize::Unit;
        spec.dtype = crate::model::DType::F32;
    }
    spec
}

fn process(
    engine: &mut dyn engine::Engine,
    frame: Frame,
    facts: &Clean<Facts>,
    stage: Stage,
    recipe: &Recipe,
) -> Result<Array> {
    let colour = !frame.interpretation.photometric.grey();
    let mut spec = spec_of(stage, recipe);
    if stage == Stage::Display {
        spec.channels = if colour { 3 } else { 1 };
    }
    let modality = frame.interpretation.modality_code;
    let seen = Seen { facts, modality, rows: frame.rows, columns: frame.columns };
    let masks = burned_in::masks(&recipe.mask, &seen);
    let plan = Plan::new(&spec, Shape::of(&frame), &frame.interpretation, masks)?;
    engine.submit(vec![Job { frame, plan }])?;
    let lost = || Fault::bug("Engine", "a batch came back without its result");
    let Done { tensor, .. } = engine.collect().ok_or_else(lost)?.pop().ok_or_else(lost)??;
    let [channels, rows, columns] = tensor.shape().map(u64::from);
    if stage == Stage::Tensor {
        return Ok((vec![channels, rows, columns], tensor.dtype.numpy(), tensor.data));
    }
    if channels == 1 {
        return Ok((vec![rows, columns], tensor.dtype.numpy(), tensor.data));
    }
    // Planes to pixels: display arrays are rows x columns x samples, as pydicom gives them.
    let plane = tensor.data.len() / 3;
    let mut bytes = Vec::with_capacity(tensor.data.len());
    for at in (0..plane).step_by(4) {
        for channel in 0..3 {
            bytes.extend_from_slice(&tensor.data[channel * plane + at..channel * plane + at + 4]);
        }
    }
    Ok((vec![rows, columns, channels], tensor.dtype.numpy(), bytes))
}
