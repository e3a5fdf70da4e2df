//! The stored samples of an image as NumPy sees them: what `voxmill decode --stage stored` writes.

use super::image::Image;
use super::limits::{FRAME_CEILING, FRAME_RATIO};
use crate::error::{Fault, Reason, Result};
use crate::model::SampleType;

/// An array of stored samples, little endian, row-major.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredArray {
    /// (frames,) rows, columns(, samples): frames only if there are several and all were asked for, samples only if
    /// there are several.
    pub shape: Vec<usize>,
    /// Type of a sample.
    pub sample_type: SampleType,
    /// The samples.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for StoredArray {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoredArray {:?} {:?}", self.shape, self.sample_type)
    }
}

/// Decodes one frame, or all of them. Equal to pydicom's `pixel_array(raw=True)` except where HighBit is not
/// BitsStored - 1 (pydicom takes the lowest bits then, this the bits that HighBit names), and where the data holds more
/// frames than NumberOfFrames says (pydicom returns them all).
pub fn stored(image: &Image, frame: Option<u32>) -> Result<StoredArray> {
    let mut shape = vec![image.rows() as usize, image.columns() as usize];
    if image.samples() > 1 {
        shape.push(usize::from(image.samples()));
    }
    let bytes = match frame {
        Some(frame) => image.decode(frame)?.into_bytes(),
        None if image.frames() == 1 => image.decode(0)?.into_bytes(),
        None => {
            shape.insert(0, image.frames() as usize);
            let all = u64::from(image.frames()).saturating_mul(image.frame_bytes());
            let limit = image.data_len().saturating_mul(FRAME_RATIO).max(FRAME_CEILING);
            if all > limit {
                return Err(Fault::input(Reason::TooLarge, "NumberOfFrames", "more pixels than the file justifies")
                    .number("limit", limit)
                    .number("announced", all));
            }
            // A frame is decoded before room for all of them is taken: a file that lies fails first.
            let mut bytes = image.decode(0)?.into_bytes();
            let size = bytes.len().max(1);
            bytes.resize(all as usize, 0);
            for (frame, room) in (0..image.frames()).zip(bytes.chunks_exact_mut(size)).skip(1) {
                let decoding = image.decoding(frame, 0)?;
                match decoding.room() {
                    0 => room.copy_from_slice(image.decode(frame)?.bytes()),
                    _ => drop(decoding.decode(room)?),
                }
            }
            bytes
        }
    };
    Ok(StoredArray { shape, sample_type: image.sample_type(), bytes })
}
