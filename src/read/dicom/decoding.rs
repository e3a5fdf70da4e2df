//! A frame on its way to its samples, in three steps, so that many frames are decoded into one buffer: what room it asks
//! for, the samples in that room, and the frame over them. Who makes the room and who runs the middle step is not known here.

use super::image::Image;
use super::pixels::{Source, Way};
use super::reduced::Made;
use crate::error::{Fault, Result};
use crate::model::{Frame, Interpretation, Photometric, Reduction, Samples};
use crate::read::codecs::{Coded, Colour, Family};

/// A frame that can be decoded: [`Image::decoding`].
pub struct Decoding<'a> {
    pub(super) image: &'a Image,
    pub(super) way: Way<'a>,
    pub(super) interpretation: Interpretation,
    pub(super) warnings: Vec<&'static str>,
}

/// A frame whose samples are where they belong.
pub struct Decoded<'a> {
    decoding: Decoding<'a>,
    coded: Option<Coded>,
    size: [u32; 2],
    reduction: Option<Reduction>,
}

impl<'a> Decoding<'a> {
    /// Bytes of samples that it puts into a buffer; none if they lie in the file just as a frame has them.
    pub fn room(&self) -> usize {
        // A frame that is larger than memory was refused by the length of its stream.
        self.way.room(&self.image.header) as usize
    }

    /// Decodes into `room`: zeros, as many bytes as it asked for. After a fault nothing of them may be used.
    ///
    /// Fails if the stream is broken or contradicts the header.
    pub fn decode(self, room: &mut [u8]) -> Result<Decoded<'a>> {
        if room.len() != self.room() {
            return Err(size());
        }
        let header = &self.image.header;
        let (coded, size, reduction) = match self.way.decode(header, room)? {
            (_, Some(Made { rows, columns, coded, reduction })) => {
                // A picture of one pixel has no half.
                let smaller = [rows, columns] != [header.rows, header.columns];
                (Some(coded), [rows, columns], smaller.then_some(reduction))
            }
            (coded, None) => (coded, [header.rows, header.columns], None),
        };
        Ok(Decoded { decoding: self, coded, size, reduction })
    }
}

impl Decoded<'_> {
    /// The frame over the samples in the `room` that was given, and how it lies over the stored pixels if it is smaller.
    pub fn frame(self, room: Samples) -> Result<(Frame, Option<Reduction>)> {
        let Self {
            decoding: Decoding { image, way, mut interpretation, warnings }, coded, size: [rows, columns], ..
        } = self;
        let (header, bytes) = (&image.header, |rows: u32, columns: u32| {
            rows as usize * columns as usize * usize::from(image.header.samples) * image.header.sample_type().bytes()
        });
        let samples = match way {
            Way::There(range) => Samples::of(image.tape.data.clone(), range),
            _ => room.first(bytes(rows, columns)),
        };
        if let Some(coded) = &coded {
            interpretation.photometric = colour_of(image, coded.colour);
        }
        let over = samples.and_then(|samples| {
            Frame::shared(rows, columns, header.samples, header.sample_type(), samples, interpretation)
        });
        let mut frame = over.ok_or_else(size)?;
        frame.warnings = warnings;
        if let Some(coded) = coded {
            frame.lossy = coded.lossy;
            frame.warnings.extend(coded.warnings);
        }
        Ok((frame, self.reduction))
    }
}

fn size() -> Fault {
    Fault::bug("Frame", "a decoded frame has not the size of its shape")
}

/// The colour space of decoded samples. The names of JPEG 2000's own transforms mean that a decoder has undone them, if
/// the stream used one at all; a stream that transformed what the header calls YBR_FULL holds YBR_FULL again. So does
/// pydicom.
fn colour_of(image: &Image, coded: Colour) -> Photometric {
    let announced = image.header.announced.photometric;
    let jpeg2000 = matches!(&image.source, Source::Fragments(_, coding) if coding.family == Family::Jpeg2000);
    match (coded, announced) {
        (_, Photometric::YbrIct | Photometric::YbrRct) if jpeg2000 => Photometric::Rgb,
        (Colour::Rgb, Photometric::YbrFull) if jpeg2000 => Photometric::YbrFull,
        (Colour::AsAnnounced, _) => announced,
        (Colour::Rgb, _) => Photometric::Rgb,
        (Colour::YbrFull, _) => Photometric::YbrFull,
    }
}
