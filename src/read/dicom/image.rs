//! An image that can be decoded frame by frame, in any order and from several threads: what other rooms see of the
//! pixels of a DICOM object.

use super::decoding::Decoding;
use super::geometry::Geometry;
use super::header::ImageHeader;
use super::interpretation::Interpreter;
use super::pixels::{Source, announced, unsupported};
use super::regions::regions;
use super::syntax::Packing;
use super::tape::{PixelBytes, Scope, Tape};
use super::words::{BURNED_IN, LOSSY};
use crate::error::{Fault, Reason, Result};
use crate::model::{Frame, Interpretation, Rectangle, Reduction, SampleType, Samples};
use crate::read::codecs::{self, Announced, Coding, Family, Treatment};
use std::borrow::Cow;
use std::sync::Arc;

/// The image of one DICOM object.
pub struct Image {
    pub(super) tape: Arc<Tape>,
    pub(super) header: ImageHeader,
    uid: &'static str,
    pub(super) source: Source,
    interpreter: Interpreter,
    ultrasound_regions: Vec<Rectangle>,
    warnings: Vec<&'static str>,
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image {}x{}x{} x{}", self.header.rows, self.header.columns, self.header.samples, self.header.frames)
    }
}

impl Image {
    pub(super) fn new(tape: Arc<Tape>, uid: &'static str, packing: Packing) -> Result<Self> {
        let coding = codecs::decoder_for(uid);
        if packing == Packing::Encapsulated && coding.is_none() {
            return Err(unsupported("this build has no decoder for it"));
        }
        let pixels = tape.pixels.clone().ok_or_else(|| no_pixels(&tape))?;
        if coding.is_some_and(|c| matches!(c.treatment, Treatment::Video)) {
            return Err(Fault::input(Reason::Video, "TransferSyntaxUID", "a video stream, not still images"));
        }
        let compressed = matches!(pixels.bytes, PixelBytes::Fragments { .. });
        match (packing, compressed) {
            (Packing::Unknown, _) => return Err(unsupported("a transfer syntax that no table lists")),
            (Packing::Native, true) if tape.warnings.contains(&"no-transfer-syntax") => {
                return Err(unsupported("compressed pixels and no transfer syntax to say how"));
            }
            (Packing::Native, true) => {
                return Err(inconsistent("the transfer syntax is uncompressed, the pixel data is in fragments"));
            }
            (Packing::Encapsulated, false) => {
                return Err(inconsistent("the transfer syntax is compressed, the pixel data is not in fragments"));
            }
            _ => {}
        }
        let header = ImageHeader::read(&tape, &pixels, through_codec(coding))?;
        let mut warnings = tape.warnings.clone();
        warnings.extend(&header.warnings);
        let source = Source::new(&tape, &header, &pixels, coding, &mut warnings)?;
        let interpreter = Interpreter::new(&tape, &header)?;
        warnings.extend(interpreter.warnings());
        let (ultrasound_regions, unusable) = regions(&tape, &header);
        warnings.extend(unusable);
        Ok(Self { tape, header, uid, source, interpreter, ultrasound_regions, warnings })
    }

    /// Number of frames, at least 1.
    pub fn frames(&self) -> u32 {
        self.header.frames
    }

    /// Rows of a frame.
    pub fn rows(&self) -> u32 {
        self.header.rows
    }

    /// Columns of a frame.
    pub fn columns(&self) -> u32 {
        self.header.columns
    }

    /// Samples of a decoded pixel, 1 or 3.
    pub fn samples(&self) -> u8 {
        self.header.samples
    }

    /// BitsAllocated: 1, 8, 16, 32, or 64 for double float pixels.
    pub fn bits_allocated(&self) -> u8 {
        self.header.bits_allocated
    }

    /// BitsStored; 32 or 64 for float pixels.
    pub fn bits_stored(&self) -> u8 {
        self.header.bits_stored
    }

    /// How a decoded sample lies in a frame.
    pub fn sample_type(&self) -> SampleType {
        self.header.sample_type()
    }

    /// Bytes of one decoded frame.
    pub fn frame_bytes(&self) -> u64 {
        self.header.frame_bytes()
    }

    /// Bytes of the data set, by which claims are measured.
    pub(super) fn data_len(&self) -> u64 {
        self.tape.data.len() as u64
    }

    /// PhotometricInterpretation as the file has it.
    pub fn source_photometric(&self) -> &'static str {
        self.header.announced.term
    }

    /// UID of the transfer syntax.
    pub fn transfer_syntax(&self) -> &'static str {
        self.uid
    }

    /// What was tolerated about the file, as stable words. Each frame carries its own beside them.
    pub fn warnings(&self) -> &[&'static str] {
        &self.warnings
    }

    /// Whether the pixels went through lossy compression: by LossyImageCompression (0028,2110), else by a transfer
    /// syntax that cannot be lossless; `None` if neither says.
    pub fn lossy(&self) -> Option<bool> {
        match self.tape.term(Scope::Root, LOSSY.tag) {
            Some("01") => Some(true),
            Some("00") => Some(false),
            _ => match &self.source {
                // Baseline and extended JPEG cannot but lose; the lossy syntaxes of the other families may be lossless.
                Source::Fragments(_, coding) if coding.family == Family::JpegDct => Some(true),
                _ => None,
            },
        }
    }

    /// Whether BurnedInAnnotation (0028,0301) is YES. That it is NO, or not there, says nothing: files that say NO carry names.
    pub fn says_text(&self) -> bool {
        self.tape.term(Scope::Root, BURNED_IN.tag) == Some("YES")
    }

    /// The regions of an ultrasound that hold the picture (PS3.3 C.8.5.5), those that lie inside the frame; empty if
    /// the file names none that can be used.
    pub fn ultrasound_regions(&self) -> &[Rectangle] {
        &self.ultrasound_regions
    }

    /// Place and size of a frame in the patient's space.
    pub fn geometry(&self, frame: u32) -> Geometry {
        Geometry::of_frame(&self.tape, frame)
    }

    /// How the stored samples of a frame are to be read, without decoding them. A decoder can still find another colour
    /// space in the stream; [`Image::decode`] says which.
    pub fn interpretation(&self, frame: u32) -> Result<Interpretation> {
        self.interpreter.frame(&self.tape, &self.header, frame).map(|warned| warned.value)
    }

    /// The compressed stream of one frame and what the header announces about it, for decoding at a reduced size;
    /// `None` for pixels that are not compressed.
    pub fn stream(&self, frame: u32) -> Option<(Cow<'_, [u8]>, Announced)> {
        match &self.source {
            Source::Fragments(map, _) if frame < self.header.frames => {
                Some((map.stream(&self.tape.data, frame), announced(&self.header)))
            }
            _ => None,
        }
    }

    /// Makes ready to decode one frame, touching no other, with both sides halved up to `halvings` times, as often as its
    /// format offers it (JPEG 2000, HTJ2K and 8-bit JPEG with a DCT do). The caller knows that means of stored values make
    /// sense for this image.
    ///
    /// Fails if the frame does not exist, its interpretation cannot be read, or its bytes cannot justify its size.
    pub fn decoding(&self, frame: u32, halvings: u8) -> Result<Decoding<'_>> {
        if frame >= self.header.frames {
            return Err(Fault::input(Reason::Inconsistent, "NumberOfFrames", "there is no such frame")
                .number("frames", self.header.frames)
                .number("asked", frame));
        }
        let read = self.interpreter.frame(&self.tape, &self.header, frame)?;
        let way = self.source.way(&self.tape, &self.header, frame, halvings)?;
        let warnings = self.warnings.iter().copied().chain(read.warnings).collect();
        Ok(Decoding { image: self, way, interpretation: read.value, warnings })
    }

    /// Decodes one frame, touching no other, into a buffer of its own.
    ///
    /// Fails as [`Image::decoding`] does, and if its stream is broken or contradicts the header.
    pub fn decode(&self, frame: u32) -> Result<Frame> {
        self.decode_reduced(frame, 0).map(|(frame, _)| frame)
    }

    /// The same with both sides halved, as [`Image::decoding`] says, and how the result lies over the stored pixels; `None`
    /// if it was decoded whole.
    pub fn decode_reduced(&self, frame: u32, halvings: u8) -> Result<(Frame, Option<Reduction>)> {
        let decoding = self.decoding(frame, halvings)?;
        let mut room = vec![0; decoding.room()];
        decoding.decode(&mut room)?.frame(Samples::all(room))
    }
}

/// Whether frames come out of a decoder, which interleaves and repeats chroma by itself.
pub(super) fn through_codec(coding: Option<&Coding>) -> bool {
    coding.is_some_and(|c| matches!(c.treatment, Treatment::Decode(_)))
}

/// Why a tape has no pixels: the scan broke off, or there are none.
pub(super) fn no_pixels(tape: &Tape) -> Fault {
    tape.fault.clone().unwrap_or_else(|| Fault::input(Reason::NoPixels, "PixelData", "the object holds no image"))
}

fn inconsistent(cause: &'static str) -> Fault {
    Fault::input(Reason::Inconsistent, "PixelData", cause)
}
