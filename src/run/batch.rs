//! Frames decoded together: those of a batch into one buffer, each into its own slice of it, which the engine reads or brings
//! to its device. Uncompressed frames that lie in their file as they are take no room in it.

use super::guarded;
use crate::error::Result;
use crate::model::{Frame, Reduction, Room};
use crate::read::dicom::{Decoding, Image};
use rayon::prelude::*;

/// A frame, and how it lies over the stored pixels if it is smaller than they.
pub type Decoded = Result<(Frame, Option<Reduction>)>;

/// Decodes frames in their order; each has its own fault. The caller bounds the bytes of all.
pub fn decode(decodings: Vec<Result<Decoding<'_>>>) -> Vec<Decoded> {
    let mut room = Room::of(decodings.iter().map(|decoding| decoding.as_ref().map_or(0, Decoding::room)));
    let work = decodings.into_par_iter().zip(room.slices());
    let decoded: Vec<_> = work.map(|(decoding, slice)| guarded(|| decoding?.decode(slice))).collect();
    decoded.into_iter().zip(room.shared()).map(|(decoded, samples)| decoded?.frame(samples)).collect()
}

/// Decodes whole frames.
pub fn whole(wanted: &[(&Image, u32)]) -> Vec<Result<Frame>> {
    let decodings = wanted.par_iter().map(|&(image, number)| guarded(|| image.decoding(number, 0))).collect();
    decode(decodings).into_iter().map(|decoded| decoded.map(|(frame, _)| frame)).collect()
}

/// Decodes all frames of each image.
pub fn all(images: &[&Image]) -> Vec<Vec<Result<Frame>>> {
    let wanted: Vec<(&Image, u32)> =
        images.iter().flat_map(|&image| (0..image.frames()).map(move |number| (image, number))).collect();
    let mut frames = whole(&wanted).into_iter();
    images.iter().map(|image| frames.by_ref().take(image.frames() as usize).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::dicom;

    /// A file of two frames of 1 x 4 pixels of 8 bits, explicit little endian, in this transfer syntax.
    fn file(syntax: &str, pixels: &[u8], fragments: bool) -> Image {
        let mut bytes = [&[0; 128][..], b"DICM"].concat();
        let mut put = |group: u16, element: u16, vr: &[u8; 2], value: &[u8]| {
            bytes.extend([group.to_le_bytes(), element.to_le_bytes()].concat());
            bytes.extend(vr);
            match vr {
                b"OB" => {
                    let length = if fragments { u32::MAX } else { value.len() as u32 };
                    bytes.extend([[0, 0].as_slice(), &length.to_le_bytes()].concat());
                }
                _ => bytes.extend((value.len() as u16).to_le_bytes()),
            }
            bytes.extend(value);
        };
        put(2, 0x10, b"UI", format!("{syntax}{}", if syntax.len() % 2 == 1 { "\0" } else { "" }).as_bytes());
        put(0x28, 2, b"US", &[1, 0]);
        put(0x28, 4, b"CS", b"MONOCHROME2 ");
        put(0x28, 8, b"IS", b"2 ");
        put(0x28, 0x10, b"US", &[1, 0]);
        put(0x28, 0x11, b"US", &[4, 0]);
        put(0x28, 0x100, b"US", &[8, 0]);
        put(0x28, 0x101, b"US", &[8, 0]);
        put(0x28, 0x102, b"US", &[7, 0]);
        put(0x28, 0x103, b"US", &[0, 0]);
        put(0x7FE0, 0x10, b"OB", pixels);
        dicom::open(bytes).unwrap().image.unwrap()
    }

    /// Two frames, the first of them cut short if it is `broken`.
    fn rle(broken: bool) -> Image {
        let item = |value: &[u8]| [&[0xFE, 0xFF, 0, 0xE0][..], &(value.len() as u32).to_le_bytes(), value].concat();
        let mut header = [0; 64];
        (header[0], header[4]) = (1, 64);
        let frame = |value: u8, run: u8| item(&[&header[..], &[run, value]].concat());
        // 253: four times; 254: three.
        let frames = [item(&[]), frame(5, if broken { 254 } else { 253 }), frame(6, 253)].concat();
        file("1.2.840.10008.1.2.5", &[&frames[..], &[0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]].concat(), true)
    }

    #[test]
    fn compressed_frames_lie_in_one_buffer_and_uncompressed_ones_in_their_file() {
        let (coded, plain) = (rle(false), file("1.2.840.10008.1.2.1", &[1, 2, 3, 4, 5, 6, 7, 8], false));
        let mut all = all(&[&coded, &plain, &coded]);
        let mut frames =
            |image: usize| std::mem::take(&mut all[image]).into_iter().map(Result::unwrap).collect::<Vec<_>>();
        let (first, file, last) = (frames(0), frames(1), frames(2));
        let at = |frame: &Frame| frame.bytes().as_ptr() as usize;
        assert_eq!([first[0].bytes(), first[1].bytes(), last[1].bytes()], [[5; 4], [6; 4], [6; 4]]);
        // One line of cache each, one behind the other; those of the file take no room between them.
        assert_eq!([at(&first[1]), at(&last[0]), at(&last[1])].map(|place| place - at(&first[0])), [64, 128, 192]);
        assert_eq!((file[0].bytes(), at(&file[1]) - at(&file[0])), ([1, 2, 3, 4].as_slice(), 4));
    }

    #[test]
    fn a_frame_that_fails_takes_no_other_with_it() {
        let broken = rle(true);
        let frames = whole(&[(&broken, 0), (&broken, 1), (&broken, 2)]);
        assert_eq!(frames[0].as_ref().map_err(|fault| fault.reason).err(), Some(crate::error::Reason::Truncated));
        assert_eq!(frames[1].as_ref().map(Frame::bytes), Ok(&[6; 4][..]));
        assert_eq!(frames[2].as_ref().map_err(|fault| fault.place).err(), Some("NumberOfFrames"));
    }
}
