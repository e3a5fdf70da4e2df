//! Pictures for the report: the first few tensors of each modality, those with the lowest scores, and those in which
//! something was blanked. They are made from the dataset's own tensors, which a masked plan made, and from nothing else;
//! of what lay under a mask nothing was ever kept.

use super::contact::{Pair, pair};
use super::files::FileReceipt;
use super::reread::{Entry, elements_of, read_batches};
use super::summary::Summary;
use crate::error::{Fault, Result};
use crate::model::{DType, Tensor};
use image::{DynamicImage, GrayImage, ImageFormat, RgbImage};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Previews of one modality.
const PER_MODALITY: usize = 4;

/// Previews in all.
const IN_ALL: usize = 24;

/// Longer side of a preview.
const SIDE: u32 = 192;

/// Longer side of a picture in the list of lowest scores.
const SMALL: u32 = 96;

/// Blanked images on the contact sheet, and those of one object: frames of one are blanked alike.
const BLANKED: usize = 24;
const BLANKED_OF_ONE: usize = 2;

/// Values of a tensor that are looked at for the histograms.
const SAMPLED: usize = 4096;

/// Longest tensor that is worth a preview: more would cost memory for a thumbnail.
const TENSOR_BYTES: u64 = 256 << 20;

/// A picture for the report.
pub(super) struct Preview {
    pub(super) name: String,
    pub(super) modality: String,
    pub(super) png: Vec<u8>,
}

/// Everything that was made while the manifests went by.
#[derive(Default)]
pub(super) struct Pictures {
    /// The first images of each modality.
    pub(super) first: Vec<Preview>,
    /// Small pictures of the images with the lowest scores, by name.
    pub(super) worst: BTreeMap<String, Vec<u8>>,
    /// Blanked images, before and after.
    pub(super) blanked: Vec<Pair>,
    /// By modality: some values of each tensor that was looked at.
    pub(super) values: BTreeMap<String, Vec<f32>>,
}

/// Chooses the tensors while the manifests go by.
pub(super) struct Chooser {
    root: PathBuf,
    files: HashMap<String, FileReceipt>,
    by_modality: BTreeMap<String, usize>,
    worst: BTreeSet<String>,
    /// Pairs on the contact sheet, by object.
    pairs: HashMap<String, usize>,
    /// How images become as large as tensors: the recipe's word.
    fit: String,
    pictures: Pictures,
}

impl Chooser {
    pub(super) fn new(root: &Path, summary: &Summary) -> Self {
        let files = summary.files_in("data").into_iter().map(|f| (f.name.clone(), f.clone())).collect();
        let worst = summary.scores.worst.iter().map(|worst| worst.tensor_id.clone()).collect();
        let fit = summary.card.recipe.lines().find_map(|line| line.strip_prefix("fit = "));
        let fit = fit.unwrap_or_default().trim_matches('"').to_owned();
        let (by_modality, pairs, pictures) = (BTreeMap::new(), HashMap::new(), Pictures::default());
        Self { root: root.to_path_buf(), files, by_modality, worst, pairs, fit, pictures }
    }

    /// Looks at a row, and makes its pictures if there are few of its kind.
    pub(super) fn look(&mut self, entry: &Entry) -> Result<()> {
        let modality = entry.modality.clone().unwrap_or_else(|| "unknown".to_owned());
        let made = self.by_modality.entry(modality.clone()).or_default();
        let first = *made < PER_MODALITY && self.pictures.first.len() < IN_ALL;
        let worst = self.worst.contains(&entry.tensor_id);
        // A name ends in the number of the frame.
        let object = entry.tensor_id.rsplit_once('-').map_or(entry.tensor_id.as_str(), |(object, _)| object);
        let few = self.pairs.get(object).is_none_or(|pairs| *pairs < BLANKED_OF_ONE);
        let blanked = !entry.masked.is_empty() && few && self.pictures.blanked.len() < BLANKED;
        if !first && !worst && !blanked {
            return Ok(());
        }
        let missing = || Fault::environment("output", "a manifest row without its tensor", entry.tensor_file.as_str());
        let receipt = self.files.get(&entry.tensor_file).ok_or_else(missing)?;
        let Some(tensor) = load(&self.root, receipt, entry)? else { return Ok(()) };
        let values = tensor.to_f32().into_raw_vec_and_offset().0;
        let whole = picture_of(&tensor, &values)?;
        if first {
            *made += 1;
            let name = format!("previews/{}.png", entry.tensor_id);
            let png = png(&within(&whole, SIDE))?;
            self.pictures.first.push(Preview { name, modality: modality.clone(), png });
        }
        if worst {
            self.pictures.worst.insert(entry.tensor_id.clone(), png(&within(&whole, SMALL))?);
        }
        if blanked {
            *self.pairs.entry(object.to_owned()).or_default() += 1;
            let small = within(&whole, SIDE);
            let (before, after) = pair(&small.to_rgb8(), entry, &self.fit);
            let (before, after) = (png(&before.into())?, png(&after.into())?);
            self.pictures.blanked.push(Pair { boxes: entry.masked.len(), before, after });
        }
        let step = (values.len() / SAMPLED).max(1);
        let sampled = self.pictures.values.entry(modality).or_default();
        sampled.extend(values.iter().step_by(step).filter(|value| value.is_finite()));
        Ok(())
    }

    pub(super) fn done(self) -> Pictures {
        self.pictures
    }
}

/// The type by its name.
pub(super) fn dtype_of(word: &str) -> Option<DType> {
    [DType::F32, DType::F16, DType::U8, DType::U16].into_iter().find(|dtype| dtype.name() == word)
}

/// Reads one tensor; `None` if it is too large for a thumbnail. A row that does not fit its file is a fault.
fn load(root: &Path, receipt: &FileReceipt, entry: &Entry) -> Result<Option<Tensor>> {
    let broken = || Fault::environment("output", "a manifest row does not fit its tensor", entry.tensor_file.as_str());
    let dtype = dtype_of(&entry.dtype).ok_or_else(broken)?;
    let &[channels, height, width] = entry.shape.as_slice() else { return Err(broken()) };
    let bytes = u64::from(channels) * u64::from(height) * u64::from(width) * dtype.bytes() as u64;
    if bytes > TENSOR_BYTES {
        return Ok(None);
    }
    let mut data = Vec::new();
    if let Some((offset, length)) = entry.place {
        let mut file = File::open(root.join(&receipt.name)).map_err(|_| broken())?;
        file.seek(SeekFrom::Start(offset)).map_err(|_| broken())?;
        file.take(length).read_to_end(&mut data).map_err(|_| broken())?;
    } else {
        let row: usize = entry.tensor_name.parse().map_err(|_| broken())?;
        read_batches(root, receipt, &["tensor"], Some(row..row + 1), |batch| {
            data = batch.column_by_name("tensor").and_then(|c| elements_of(c, 0)).ok_or_else(broken)?;
            Ok(())
        })?;
    }
    if data.len() as u64 != bytes {
        return Err(broken());
    }
    Ok(Some(Tensor { channels, height, width, dtype, data }))
}

/// A picture of a tensor's values: its own minimum is black, its maximum white.
fn picture_of(tensor: &Tensor, values: &[f32]) -> Result<DynamicImage> {
    let finite = || values.iter().copied().filter(|v| v.is_finite());
    let (low, high) = (finite().fold(f32::INFINITY, f32::min), finite().fold(f32::NEG_INFINITY, f32::max));
    let scale = if high > low { 255.0 / (high - low) } else { 0.0 };
    // `as` limits to 0..255 and makes 0 of what is not a number.
    let grey = |v: &f32| ((v - low) * scale + 0.5) as u8;
    let (width, height) = (tensor.width, tensor.height);
    let size = width as usize * height as usize;
    let plane = |channel: usize| values.get(channel * size..(channel + 1) * size).unwrap_or_default();
    let picture = if tensor.channels == 3 {
        let pixels = plane(0).iter().zip(plane(1)).zip(plane(2));
        let interleaved = pixels.flat_map(|((red, green), blue)| [red, green, blue].map(grey)).collect();
        RgbImage::from_raw(width, height, interleaved).map(DynamicImage::from)
    } else {
        GrayImage::from_raw(width, height, plane(0).iter().map(grey).collect()).map(DynamicImage::from)
    };
    picture.ok_or_else(|| Fault::bug("write/previews", "a tensor's picture"))
}

/// The picture with its longer side at most this long.
fn within(picture: &DynamicImage, side: u32) -> DynamicImage {
    if picture.width().max(picture.height()) > side { picture.thumbnail(side, side) } else { picture.clone() }
}

fn png(picture: &DynamicImage) -> Result<Vec<u8>> {
    let mut png = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).map_err(|_| Fault::bug("write/previews", "a picture"))?;
    Ok(png.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tensor's picture, through PNG.
    fn read_back(tensor: &Tensor) -> DynamicImage {
        let values = tensor.to_f32().into_raw_vec_and_offset().0;
        image::load_from_memory(&png(&picture_of(tensor, &values).unwrap()).unwrap()).unwrap()
    }

    #[test]
    fn the_minimum_is_black_the_maximum_white_and_nothing_is_turned() {
        // 2 rows of 3: a ramp with a dent, so that a flip or a transpose shows.
        let values = [-1.0f32, 0.0, 1.0, 3.0, f32::NAN, 1.0];
        let data = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let tensor = Tensor { channels: 1, height: 2, width: 3, dtype: DType::F32, data };
        let picture = read_back(&tensor).into_luma8();
        assert_eq!(picture.dimensions(), (3, 2));
        // (v + 1) / 4 x 255, rounded; no number is black.
        assert_eq!(picture.into_raw(), [0, 64, 128, 255, 0, 128]);
    }

    #[test]
    fn colours_keep_their_channels() {
        let data = [255u8, 0, 0, 100, 0, 0].to_vec();
        let tensor = Tensor { channels: 3, height: 1, width: 2, dtype: DType::U8, data };
        let picture = read_back(&tensor).into_rgb8();
        assert_eq!(picture.into_raw(), [255, 0, 0, 0, 100, 0]);
    }
}
