//! `voxmill decode`: one image as NumPy sees it, at one of four stages.

use crate::cli::Stage;
use crate::engine::{self, Choice, Done, Job};
use crate::error::{Fault, Result};
use crate::model::Frame;
use crate::pixel::{Want, stage};
use crate::read::dicom;
use crate::recipe::Recipe;
use crate::run::finder::Finder;
use crate::run::{batch, guarded, job, search};
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
    /// For the tensor.
    pub recipe: &'a Recipe,
    /// For the tensor.
    pub engine: Choice,
}

/// Bytes of frames that are searched at once.
const MEMORY: u64 = 64 << 20;

/// Decodes and writes. Arrays are (frames,) rows, columns(, samples); tensors are (frames,) channels, rows, columns.
/// The frame axis is there only if the image has several frames and none was chosen.
pub fn run(request: &Request) -> Result<()> {
    let loaded = super::open_image(super::bytes_of(request.file)?, request.recipe)?;
    let image = &loaded.image;
    if let Some(frame) = request.frame.filter(|frame| *frame >= image.frames()) {
        return Err(
            Fault::config("--frame", "the image has no such frame", frame.to_string()).number("frames", image.frames())
        );
    }
    let frames = request.frame.map_or(0..image.frames(), |frame| frame..frame + 1);
    if request.stage == Stage::Stored {
        let array = guarded(|| dicom::stored(image, request.frame))?;
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
    // No other stage needs an engine.
    let mut tensors = match request.stage {
        Stage::Tensor => {
            loaded.accept(request.recipe)?;
            let mut engine = Finder::open(request.engine, &request.recipe.burned_in)?.engine;
            let verdict = search::search_one(request.recipe, engine.as_mut(), &loaded, MEMORY)?;
            Some((engine, verdict))
        }
        _ => None,
    };
    let mut out: Option<OutFile> = None;
    for frame in frames {
        let decoded = || guarded(|| image.decode(frame));
        let (inner, descr, bytes) = match request.stage {
            Stage::Modality => modality_array(&decoded()?)?,
            Stage::Display => {
                let decoded = decoded()?;
                array_of(&decoded, &stage::display(&decoded)?)
            }
            _ => {
                let searched = tensors.as_mut().ok_or_else(|| Fault::bug("decode", "an image that was not searched"));
                let (engine, verdict) = searched?;
                let whole = search::looks_at_pixels(request.recipe, &loaded);
                let decoding = guarded(|| job::begin(request.recipe, &loaded, (frame, whole), verdict));
                let decoded = batch::decode(vec![decoding]).pop().unwrap_or_else(|| Err(lost()))?;
                tensor(engine.as_mut(), guarded(|| job::prepare(request.recipe, Want::Tensor, decoded, verdict))?.1)?
            }
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
    Ok(array_of(frame, &stage::modality(frame)))
}

/// rows x columns, or rows x columns x samples, of f64.
fn array_of(frame: &Frame, values: &[f64]) -> Array {
    let mut shape = vec![u64::from(frame.rows), u64::from(frame.columns)];
    let samples = values.len() / frame.pixels();
    if samples > 1 {
        shape.push(samples as u64);
    }
    (shape, "<f8", values.iter().flat_map(|value| value.to_le_bytes()).collect())
}

fn lost() -> Fault {
    Fault::bug("Engine", "a batch came back without its result")
}

fn tensor(engine: &mut dyn engine::Engine, job: Job) -> Result<Array> {
    engine.submit(vec![job])?;
    let Done { tensor, .. } = engine.collect().ok_or_else(lost)?.pop().ok_or_else(lost)??;
    Ok((tensor.shape().map(u64::from).to_vec(), tensor.dtype.numpy(), tensor.data))
}
