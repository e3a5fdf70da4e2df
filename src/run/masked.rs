//! Pixels of a DICOM file that is written again: blanked where the recipe's layers find text, cleared of overlays in unused
//! bits, or none of both, and then the file's own bytes stay.

use crate::deid::burned_in::{self, Seen};
use crate::deid::dicom::{Masked, overlay_in_pixels, size_of};
use crate::deid::facts::Facts;
use crate::error::{Fault, Reason, Result};
use crate::model::{Clean, Frame, Photometric, SampleType};
use crate::pixel::mask::blanked;
use crate::read::dicom::limits::FRAME_CEILING;
use crate::read::dicom::whole::Whole;
use crate::recipe::Recipe;

/// The pixels that take the place of an object's own; `None` if those stay.
///
/// # Errors
/// Kinds of images that the recipe refuses, and images whose text must be blanked but cannot be decoded.
pub fn masked(recipe: &Recipe, whole: &Whole, facts: &Clean<Facts>) -> Result<Option<Masked>> {
    let (rows, columns) = size_of(whole);
    let seen = Seen { facts, rows, columns };
    burned_in::accept(&recipe.burned_in, &recipe.mask, &seen)?;
    let image = match whole.image() {
        Ok(image) => image,
        Err(fault) => {
            let found = burned_in::by_header(&recipe.burned_in, &recipe.mask, &seen, &[])?;
            return if found.findings.is_empty() { Ok(None) } else { Err(fault) };
        }
    };
    let seen = Seen { facts, rows: image.rows(), columns: image.columns() };
    // The layers of the header only: looking at every pixel is the business of `prepare` and `mask`.
    let regions = image.ultrasound_regions();
    let found = burned_in::by_header(&recipe.burned_in, &recipe.mask, &seen, regions)?;
    let word = burned_in::state(false, !found.findings.is_empty(), false);
    let masks = burned_in::masks(&found.findings, image.rows(), image.columns(), word);
    if masks.boxes().is_empty() && !overlay_in_pixels(whole) {
        return Ok(None);
    }
    let total = u64::from(image.frames()).saturating_mul(image.frame_bytes());
    if total > FRAME_CEILING {
        return Err(Fault::input(Reason::TooLarge, "NumberOfFrames", "more pixels than are decoded for one file")
            .number("limit", FRAME_CEILING)
            .number("announced", total));
    }
    let mut bytes = Vec::new();
    let mut form = None;
    for number in 0..image.frames() {
        let frame = image.decode(number)?;
        let lost = || Fault::bug("Frame", "a blanked frame has not the size of its shape");
        let frame = blanked(frame, &masks).ok_or_else(lost)?;
        let this = form_of(&frame)?;
        if *form.get_or_insert(this) != this {
            let cause = "frames of different colour spaces cannot be written together";
            return Err(Fault::input(Reason::UnsupportedPixels, "PhotometricInterpretation", cause));
        }
        bytes.extend_from_slice(frame.bytes());
    }
    let Some((photometric, bits_allocated)) = form else { return Ok(None) };
    Ok(Some(Masked {
        bytes,
        photometric,
        samples: image.samples(),
        bits_allocated,
        bits_stored: u16::from(image.bits_stored()),
        lossy: image.lossy() == Some(true),
        blanked: !masks.boxes().is_empty(),
    }))
}

/// The defined term and BitsAllocated of a frame that is written native.
fn form_of(frame: &Frame) -> Result<(&'static str, u16)> {
    let refuse = |place, cause| Err(Fault::input(Reason::UnsupportedPixels, place, cause));
    let photometric = frame.interpretation.photometric;
    if matches!(photometric, Photometric::YbrPartial | Photometric::YbrIct | Photometric::YbrRct) {
        return refuse("PhotometricInterpretation", "a colour space that uncompressed pixels cannot have");
    }
    match frame.sample_type {
        SampleType::U8 | SampleType::I8 => Ok((photometric.keyword(), 8)),
        SampleType::U16 | SampleType::I16 => Ok((photometric.keyword(), 16)),
        SampleType::U32 | SampleType::I32 => Ok((photometric.keyword(), 32)),
        SampleType::F32 | SampleType::F64 => refuse("FloatPixelData", "floating-point pixels are not blanked"),
    }
}
