//! The last steps, over whole rows: unit range, letterbox, normalisation, element type.

use crate::model::{DType, Tensor};
use crate::pixel::{Kernel, chain, dtype, normalize};

/// The tensor of resized planes.
pub fn tensor(kernel: &Kernel, planes: &[Vec<f32>]) -> Tensor {
    let block = &kernel.block;
    let kind = chain::dtype_of(block.dtype);
    let (width, height) = (block.out_columns as usize, block.out_rows as usize);
    let mut data = Vec::with_capacity(width * height * block.channels as usize * kind.bytes());
    let (left, top) = (block.image_left as usize, block.image_top as usize);
    let mut row = vec![0.0f32; width];
    for (channel, plane) in (0..block.channels as usize).zip(planes.iter().cycle()) {
        let pair = normalize::pair(block, channel);
        let mut image = plane.chunks_exact(block.image_columns as usize);
        for y in 0..height {
            row.fill(block.background);
            if (top..top + block.image_rows as usize).contains(&y)
                && let Some(values) = image.next()
            {
                // The plan placed the image inside the tensor.
                row[left..left + values.len()].copy_from_slice(values);
            }
            if block.unit == 1 {
                row.iter_mut().for_each(|x| *x = x.clamp(0.0, 1.0));
            }
            row.iter_mut().for_each(|x| *x = normalize::normalize(pair, *x));
            match kind {
                DType::F32 => {
                    let start = data.len();
                    data.resize(start + 4 * width, 0);
                    let (bytes, _) = data[start..].as_chunks_mut::<4>();
                    bytes.iter_mut().zip(&row).for_each(|(bytes, x)| *bytes = x.to_le_bytes());
                }
                _ => row.iter().for_each(|x| dtype::dtype(*x, kind, &mut data)),
            }
        }
    }
    Tensor { channels: block.channels, height: block.out_rows, width: block.out_columns, dtype: kind, data }
}
