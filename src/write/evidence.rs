//! Evidence of masking for a person's eyes: pictures with the boxes drawn around them, contact sheets of many, and the
//! boxes of all inputs in one file. Made from masked pictures; who wants to see what was there asks for it.

use super::files::{self, Access};
use super::picture;
use crate::error::{Fault, Result};
use crate::model::{MaskBox, Tensor};
use image::{Rgb, RgbImage, imageops};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Longer side of a picture on a contact sheet.
const SIDE: u32 = 160;
/// Pictures in a row of a sheet, and on a sheet.
const ACROSS: u32 = 8;
const ON_SHEET: usize = 64;

/// The colours of outlines, in the order in which their reasons turn up in `reasons`; what is not there is white.
const COLOURS: [[u8; 3]; 5] = [[255, 160, 0], [255, 230, 0], [0, 190, 255], [220, 90, 255], [255, 40, 40]];

/// Where evidence goes, and what is gathered for its end.
pub struct Evidence {
    folder: PathBuf,
    reasons: Vec<&'static str>,
    waiting: Vec<RgbImage>,
    sheets: u32,
    boxes: BTreeMap<String, Vec<[u32; 4]>>,
}

impl Evidence {
    /// Evidence in `folder`, which is made when the first picture is written. `reasons` is the table of reasons.
    pub fn new(folder: &Path, reasons: &[(&'static str, &'static str)]) -> Self {
        let reasons = reasons.iter().map(|(word, _)| *word).collect();
        Self { folder: folder.to_path_buf(), reasons, waiting: Vec::new(), sheets: 0, boxes: BTreeMap::new() }
    }

    /// Writes a frame after masking (`STEM.png`), the same with its boxes outlined (`STEM-boxes.png`), and `before` if
    /// it is given (`STEM-before.png`): 8-bit tensors of 1 or 3 channels at the frame's own size.
    pub fn frame(&mut self, stem: &str, after: &Tensor, boxes: &[MaskBox], before: Option<&Tensor>) -> Result<()> {
        picture::put(&self.folder.join(format!("{stem}.png")), after)?;
        if let Some(before) = before {
            picture::put(&self.folder.join(format!("{stem}-before.png")), before)?;
        }
        let mut drawn = picture::rgb(after)?;
        for b in boxes {
            let colour = self.reasons.iter().position(|reason| *reason == b.reason).and_then(|at| COLOURS.get(at));
            outline(&mut drawn, b, Rgb(colour.copied().unwrap_or([255; 3])));
        }
        self.put(&format!("{stem}-boxes.png"), &drawn)?;
        let small = if drawn.width().max(drawn.height()) > SIDE {
            image::DynamicImage::from(drawn).thumbnail(SIDE, SIDE).into_rgb8()
        } else {
            drawn
        };
        self.waiting.push(small);
        if self.waiting.len() >= ON_SHEET { self.sheet() } else { Ok(()) }
    }

    /// Remembers the boxes of an input, over all its frames, for `boxes.json`.
    pub fn boxes(&mut self, ordinal: u64, boxes: &[MaskBox]) {
        self.boxes.insert(format!("{ordinal:05}"), boxes.iter().map(|b| [b.x, b.y, b.w, b.h]).collect());
    }

    /// Writes the last contact sheet and `boxes.json`: ordinal of the input, in five digits or more, to a list of
    /// [x, y, width, height].
    pub fn finish(mut self) -> Result<()> {
        self.sheet()?;
        let mut text = serde_json::to_string(&self.boxes).map_err(|_| Fault::bug("evidence", "boxes"))?;
        text.push('\n');
        std::fs::create_dir_all(&self.folder)
            .map_err(|error| files::io_fault(&self.folder.display().to_string(), &error))?;
        files::put(&self.folder.join("boxes.json"), text.as_bytes(), Access::Shared)?;
        Ok(())
    }

    fn sheet(&mut self) -> Result<()> {
        let pictures = std::mem::take(&mut self.waiting);
        if pictures.is_empty() {
            return Ok(());
        }
        let count = pictures.len() as u32;
        let mut sheet = RgbImage::new(count.min(ACROSS) * SIDE, count.div_ceil(ACROSS) * SIDE);
        for (at, picture) in (0u32..).zip(&pictures) {
            let (x, y) = (at % ACROSS * SIDE, at / ACROSS * SIDE);
            imageops::replace(&mut sheet, picture, i64::from(x), i64::from(y));
        }
        let name = format!("contact-sheet-{:05}.png", self.sheets);
        self.sheets += 1;
        self.put(&name, &sheet)
    }

    fn put(&self, name: &str, picture: &RgbImage) -> Result<()> {
        files::put(&self.folder.join(name), &picture::png_of_rgb(picture)?, Access::Shared)?;
        Ok(())
    }
}

/// One pixel wide, on the outermost pixels of the box.
fn outline(picture: &mut RgbImage, b: &MaskBox, colour: Rgb<u8>) {
    let (right, bottom) = (b.x.saturating_add(b.w), b.y.saturating_add(b.h));
    let mut dot = |x: u32, y: u32| {
        if let Some(pixel) = picture.get_pixel_mut_checked(x, y) {
            *pixel = colour;
        }
    };
    for x in b.x..right {
        dot(x, b.y);
        dot(x, bottom - 1);
    }
    for y in b.y..bottom {
        dot(b.x, y);
        dot(right - 1, y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DType;

    #[test]
    fn pictures_sheets_and_boxes_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let mut evidence = Evidence::new(folder.path(), &[("rule", ""), ("text", "")]);
        let after = Tensor { channels: 1, height: 4, width: 6, dtype: DType::U8, data: vec![7; 24] };
        let boxes = [MaskBox { x: 1, y: 1, w: 4, h: 3, reason: "text" }];
        for number in 0..66 {
            evidence.frame(&format!("f{number}"), &after, &boxes, (number == 1).then_some(&after)).unwrap();
        }
        evidence.boxes(3, &boxes);
        evidence.finish().unwrap();
        let open = |name: &str| image::open(folder.path().join(name)).unwrap().into_rgb8();
        let drawn = open("f0-boxes.png");
        let at = |x, y| drawn.get_pixel(x, y).0;
        // A box of 4 x 3 has 2 x 1 pixels inside its outline, at (2, 2) and (3, 2).
        assert_eq!((at(1, 1), at(4, 3), at(2, 2), at(0, 0)), ([255, 230, 0], [255, 230, 0], [7; 3], [7; 3]));
        assert_eq!(drawn.pixels().filter(|p| p.0 == [255, 230, 0]).count(), 10);
        assert_eq!(open("f0.png").get_pixel(1, 1).0, [7; 3]);
        assert!(folder.path().join("f1-before.png").exists() && !folder.path().join("f0-before.png").exists());
        // 64 pictures on the first sheet, 2 on the second.
        assert_eq!(open("contact-sheet-00000.png").dimensions(), (8 * 160, 8 * 160));
        assert_eq!(open("contact-sheet-00001.png").dimensions(), (2 * 160, 160));
        let text = std::fs::read_to_string(folder.path().join("boxes.json")).unwrap();
        assert_eq!(text, "{\"00003\":[[1,1,4,3]]}\n");
    }
}
