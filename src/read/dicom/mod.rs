//! DICOM objects: from bytes we do not trust to a sealed [`Sheet`] and an [`Image`] whose frames decode one by one.
//!
//! The scanner (`scan`) goes over every byte of structure first, within the bounds of `limits`; everything else looks
//! at its tape. What a stream of compressed pixels holds is the business of `read/codecs`.

#[cfg(test)]
mod against_pydicom;
pub mod beside;
pub mod charset;
mod decoding;
pub mod element;
mod every;
mod fragments;
mod frames;
mod geometry;
mod header;
mod image;
mod interpretation;
mod levels;
pub mod limits;
mod lut;
mod native;
mod pixels;
mod reduced;
mod regions;
mod scan;
mod sheet;
mod skim;
mod sniff;
mod stored;
mod syntax;
pub mod tape;
mod terms;
mod value;
pub mod whole;
pub mod words;

pub use decoding::{Decoded, Decoding};
pub use every::{Every, every};
pub use geometry::Geometry;
pub use image::Image;
pub use sheet::SHEET_ATTRIBUTES;
pub use skim::{SKIMMED_FROM, skim};
pub use sniff::looks_like;
pub use stored::{StoredArray, stored};
pub use terms::{BODY_PARTS, MODALITIES};
pub use words::keyword;

use crate::error::{Fault, Reason, Result};
use crate::model::Sheet;
use scan::Keep;
use std::sync::Arc;

/// A DICOM object whose structure was read.
#[derive(Debug)]
pub struct Opened {
    /// Metadata, sealed.
    pub sheet: Sheet,
    /// The image, or why there is none: the metadata stays readable.
    pub image: Result<Image>,
    /// UID of the transfer syntax; empty if the file names none that is known.
    pub transfer_syntax: &'static str,
    /// What was tolerated about the file, as stable words.
    pub warnings: Vec<&'static str>,
}

/// Opens a DICOM object.
///
/// Fails if the bytes are not DICOM ([`Reason::Empty`], [`Reason::UnknownKind`]) or pass a limit of [`limits`]. That
/// there is no image, or none that can be decoded, is no failure here: [`Opened::image`] says it.
pub fn open(bytes: Vec<u8>) -> Result<Opened> {
    let (tape, uid, packing) = read(bytes, Keep::Wanted)?;
    let sheet = sheet::sheet(&tape);
    let warnings = tape.warnings.clone();
    let image = not_a_directory(&tape).and_then(|()| Image::new(Arc::new(tape), uid, packing));
    Ok(Opened { sheet, image, transfer_syntax: uid, warnings })
}

fn read(bytes: Vec<u8>, keep: Keep) -> Result<(tape::Tape, &'static str, syntax::Packing)> {
    let (tape, opening) = scanned(bytes, keep)?;
    Ok((tape, opening.uid, opening.packing))
}

fn scanned(bytes: Vec<u8>, keep: Keep) -> Result<(tape::Tape, syntax::Opening)> {
    if bytes.is_empty() {
        return Err(Fault::input(Reason::Empty, "file", "the file has no bytes"));
    }
    if !looks_like(&bytes) {
        return Err(Fault::input(Reason::UnknownKind, "file", "the content is not DICOM"));
    }
    let opening = syntax::open(Arc::new(bytes))?;
    let mut tape = scan::scan(opening.data.clone(), opening.start, opening.encoding, keep)?;
    tape.warnings.splice(0..0, opening.warnings.iter().copied());
    Ok((tape, opening))
}

/// Group 0004 is the directory's own (PS3.3 F.3).
fn not_a_directory(tape: &tape::Tape) -> Result<()> {
    match tape.elements.iter().any(|e| e.tag.0 == 0x0004) {
        true => Err(Fault::input(Reason::DicomDir, "DirectoryRecordSequence", "an index of other files")),
        false => Ok(()),
    }
}
