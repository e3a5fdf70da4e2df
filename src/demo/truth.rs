//! What a test may know about the archive: every identifier planted in it, the samples of every picture, and where
//! names were drawn into pixels. It is computed from the options and written nowhere.

use sha2::{Digest, Sha256};

use super::object::Shape;
use super::plan::Archive;
use super::{Content, DemoOptions, each_file, plan};
use crate::error::Result;
use crate::write::files::hex;

/// The truth about one archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoTruth {
    /// See [`planted_identifiers`].
    pub identifiers: Vec<String>,
    /// One row per file with a readable picture, in the order in which the archive is made.
    pub images: Vec<ImageTruth>,
}

/// The picture of one file as it was before it was coded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageTruth {
    /// Path below the archive, with `/`.
    pub file: String,
    /// TransferSyntaxUID.
    pub transfer_syntax: &'static str,
    /// Whether decoding gives the same samples back.
    pub lossless: bool,
    /// Frames, rows, columns, samples of a pixel.
    pub shape: [u32; 4],
    /// SHA-256 in hex of the stored samples: little endian, by pixel, frame after frame.
    pub sha256: String,
    /// Lines of identifying text in the pixels: x, y, width, height, the same in every frame.
    pub burned: Vec<[u32; 4]>,
}

/// Every string in the archive that names a patient, a relative, a physician, the hospital, a device, an order or a
/// study: none of them may be found in a de-identified dataset. Each has at least five characters, so that none
/// turns up by accident. Dates are not listed. Empty if the options are out of range.
pub fn planted_identifiers(options: &DemoOptions) -> Vec<String> {
    plan(options).map(|archive| archive.identifiers()).unwrap_or_default()
}

/// Draws every picture and says what the archive holds. Fails as [`make`](super::make) does on options out of range.
pub fn truth(options: &DemoOptions) -> Result<DemoTruth> {
    let archive: Archive = plan(options)?;
    let mut images = Vec::new();
    each_file(&archive, 0, &mut |file| {
        if let Content::Dicom(object) = file.content {
            let (syntax, path) = (object.syntax, object.path);
            if let Some((shape, draw)) = object.picture {
                let pixels = draw();
                images.push(ImageTruth {
                    file: path,
                    transfer_syntax: syntax.uid(),
                    lossless: syntax.lossless(),
                    shape: sizes(&shape),
                    sha256: hex(&Sha256::digest(&pixels.bytes)),
                    burned: pixels.burned,
                });
            }
        }
        Ok(())
    })?;
    Ok(DemoTruth { identifiers: archive.identifiers(), images })
}

fn sizes(shape: &Shape) -> [u32; 4] {
    [shape.frames, u32::from(shape.rows), u32::from(shape.columns), u32::from(shape.samples)]
}
