//! Pictures of tensors as PNG files without any text chunk.

use super::files::{self, Access};
use crate::error::{Fault, Result};
use crate::model::{DType, Tensor};
use image::{ExtendedColorType, ImageEncoder, RgbImage};
use std::path::Path;

/// Writes an 8-bit tensor of 1 or 3 channels as it is: 0 is black, 255 white. Makes the folder if need be.
pub fn put(path: &Path, tensor: &Tensor) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| files::io_fault(&folder.display().to_string(), &error))?;
    }
    files::put(path, &png(tensor)?, Access::Shared)?;
    Ok(())
}

/// The same picture in memory, grey as three equal channels.
pub(super) fn rgb(tensor: &Tensor) -> Result<RgbImage> {
    let plane = tensor.height as usize * tensor.width as usize;
    if tensor.dtype != DType::U8
        || !matches!(tensor.channels, 1 | 3)
        || tensor.data.len() != plane * tensor.channels as usize
    {
        return Err(bug());
    }
    let offset = |channel: usize| if tensor.channels == 3 { channel * plane } else { 0 };
    let pixels = (0..plane).flat_map(|at| [0, 1, 2].map(|channel| tensor.data[offset(channel) + at])).collect();
    RgbImage::from_raw(tensor.width, tensor.height, pixels).ok_or_else(bug)
}

/// A PNG file of it.
pub(super) fn png_of_rgb(picture: &RgbImage) -> Result<Vec<u8>> {
    encoded(picture.as_raw(), picture.dimensions(), ExtendedColorType::Rgb8)
}

fn png(tensor: &Tensor) -> Result<Vec<u8>> {
    let colour = rgb(tensor)?;
    match tensor.channels {
        1 => encoded(&tensor.data, (tensor.width, tensor.height), ExtendedColorType::L8),
        _ => png_of_rgb(&colour),
    }
}

fn encoded(pixels: &[u8], (width, height): (u32, u32), colour: ExtendedColorType) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    image::codecs::png::PngEncoder::new(&mut bytes).write_image(pixels, width, height, colour).map_err(|_| bug())?;
    Ok(bytes)
}

fn bug() -> Fault {
    Fault::bug("picture", "not an 8-bit picture of 1 or 3 channels")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_become_pixels() {
        // Two pixels: red 1 2, green 3 4, blue 5 6.
        let tensor = Tensor { channels: 3, height: 1, width: 2, dtype: DType::U8, data: vec![1, 2, 3, 4, 5, 6] };
        let back = image::load_from_memory(&png(&tensor).unwrap()).unwrap().to_rgb8();
        assert_eq!(back.as_raw(), &[1, 3, 5, 2, 4, 6]);
    }
}
