//! A DICOM object: its attributes, its image, the tensor it would become, and each attribute after de-identification.

use super::Look;
use crate::deid::burned_in::{self, Seen};
use crate::deid::changes;
use crate::deid::dicom::Origin;
use crate::deid::facts;
use crate::deid::identity::Crosswalk;
use crate::error::{Fault, Result};
use crate::model::Tag;
use crate::pixel::{Plan, Shape};
use crate::read::dicom::{self, whole};
use crate::run::deid::object;
use crate::run::load::LoadedImage;
use crate::run::{guarded, search};

pub(super) fn inspect(look: &Look<'_>, bytes: Vec<u8>) -> Result<bool> {
    let opened = guarded(|| dicom::open(bytes.clone()))?;
    let tags: Vec<String> =
        opened.sheet.tags().map(|Tag(group, element)| format!("{group:04X},{element:04X}")).collect();
    look.say("attributes read", tags.join(" "));
    let facts = facts::clean(&opened.sheet, "", &look.identity, &mut Crosswalk::default());
    let taken = match opened.image {
        Ok(image) => {
            let loaded = LoadedImage::new(look.recipe, facts, &opened.sheet, image)?;
            described(look, &loaded.image);
            prepared(look, &loaded)
        }
        Err(fault) => {
            // An encapsulated document has no pixels; that it is one says more.
            let seen = Seen { facts: &facts, rows: 0, columns: 0 };
            Err(burned_in::accept(&look.recipe.burned_in, &look.recipe.mask, &seen).err().unwrap_or(fault))
        }
    };
    if let Err(fault) = &taken {
        look.refused("prepare", fault);
    }
    match rewritten(look, bytes) {
        Ok(changes) => look.changes(&changes),
        Err(fault) => look.refused("deid", &fault),
    }
    Ok(taken.is_ok())
}

fn described(look: &Look<'_>, image: &dicom::Image) {
    look.say("transfer syntax", image.transfer_syntax());
    look.say("photometric", image.source_photometric());
    look.say("rows", image.rows());
    look.say("columns", image.columns());
    look.say("frames", image.frames());
    look.say("samples", image.samples());
    look.say("bits stored", image.bits_stored());
    look.say("sample type", image.sample_type().numpy());
    look.say("lossy", image.lossy().map_or("unknown", |lossy| if lossy { "true" } else { "false" }));
    look.say("warnings", image.warnings().join(" "));
}

/// What `prepare` would make of an image. The frame that is looked at is the first that it would take.
fn prepared(look: &Look<'_>, loaded: &LoadedImage) -> Result<()> {
    let (recipe, image) = (look.recipe, &loaded.image);
    let mut frames = recipe.frames.of(image.frames());
    let number = frames.clone().next().ok_or_else(|| Fault::bug("inspect", "an image without frames"))?;
    let frame = guarded(|| image.decode(number))?;
    let how = &frame.interpretation;
    look.say("modality", how.modality_code.unwrap_or("unknown"));
    look.say("body part", how.body_part.unwrap_or("unknown"));
    look.say("views offered", how.voi.len());
    loaded.accept(recipe)?;
    let verdict = search::unsearched(recipe, loaded)?;
    for piece in verdict.masks.boxes() {
        look.say("prepare", format!("blanks {} x {} at {}, {}: {}", piece.w, piece.h, piece.x, piece.y, piece.reason));
    }
    let searched = if search::looks_at_pixels(recipe, loaded) { "searches" } else { "does not search" };
    look.say("prepare", format!("{searched} the pixels for text; `voxmill mask` shows what is found"));
    let plan = Plan::new(&recipe.image, Shape::of(&frame), how, verdict.masks.clone())?;
    let ([channels, rows, columns], dtype) = plan.output();
    let tensors = frames.by_ref().count();
    look.say("prepare", format!("{tensors} x {channels} x {rows} x {columns} {}", dtype.numpy()));
    Ok(())
}

/// The object as `deid` would write it, beside the one that was read.
fn rewritten(look: &Look<'_>, bytes: Vec<u8>) -> Result<changes::Changes> {
    let mut recipe = look.recipe.clone();
    // Whose pixels are searched for text is an option of the profile, which changes no attribute but the marks of it.
    recipe.burned_in.detector = false;
    let (origin, crosswalk) = (Origin { sha256: "", suffix: "" }, &mut Crosswalk::default());
    let before = guarded(|| whole::open(bytes.clone()))?;
    let object = object::open(&recipe, &look.identity, bytes, origin, crosswalk)?;
    let (cleaned, _) = object.clean(&recipe, (&look.profile, &look.identity), origin, None, crosswalk)?;
    let made: Vec<u8> = cleaned.file.get().stretches().flatten().copied().collect();
    let after = guarded(|| whole::open(made))?;
    Ok(changes::of_object(&before, &after))
}
