//! Pixels of a DICOM file that is written again in another form: blanked under masks, or cleared of what lies beside the
//! image in them. Every frame is decoded, blanked in stored samples and coded again without loss, one after the other.

use crate::deid::dicom::{Body, Loss, Masked};
use crate::error::{Fault, Reason, Result};
use crate::model::{Frame, Masks, Photometric, SampleType};
use crate::pixel::mask::blanked;
use crate::read::codecs::{Family, decoder_for};
use crate::read::dicom::Image;
use crate::read::dicom::limits::FRAME_CEILING;
use crate::write::encode::frame::{Coding, EXPLICIT, bits, syntax_for};

/// The pixels of an image under its masks: in its own transfer syntax where that loses nothing and can be written, else as
/// Explicit VR Little Endian; the colour space is that of the decoded samples.
///
/// # Errors
/// Frames that do not decode, pixels that cannot be blanked, and more of them than are held at once.
pub fn masked(image: &Image, masks: &Masks) -> Result<Masked> {
    let total = u64::from(image.frames()).saturating_mul(image.frame_bytes());
    if total > FRAME_CEILING {
        return Err(Fault::input(Reason::TooLarge, "NumberOfFrames", "more pixels than are decoded for one file")
            .number("limit", FRAME_CEILING)
            .number("announced", total));
    }
    let single_bits = image.bits_allocated() == 1;
    let mut form = None;
    let mut native = Vec::new();
    let mut streams = Vec::new();
    let mut lossy = image.lossy() == Some(true);
    for number in 0..image.frames() {
        let lost = || Fault::bug("Frame", "a blanked frame has not the size of its shape");
        let frame = blanked(image.decode(number)?, masks).ok_or_else(lost)?;
        let this = Form::of(&frame, image.transfer_syntax(), single_bits)?;
        if *form.get_or_insert(this) != this {
            let cause = "frames of different colour spaces cannot be written together";
            return Err(Fault::input(Reason::UnsupportedPixels, "PhotometricInterpretation", cause));
        }
        lossy |= frame.lossy;
        match this.coding {
            Coding::Native => native.extend_from_slice(frame.bytes()),
            coding => streams.push(coding.stream(&frame)?),
        }
    }
    let Some(form) = form else { return Err(Fault::bug("Image", "an image without a frame")) };
    if single_bits {
        native = bits(&native);
    }
    Ok(Masked {
        syntax: form.syntax,
        body: if form.coding == Coding::Native { Body::Native(native) } else { Body::Fragments(streams) },
        photometric: form.photometric,
        samples: image.samples(),
        bits_allocated: if single_bits { 1 } else { form.bits_allocated },
        bits_stored: u16::from(image.bits_stored()),
        loss: lossy.then(|| Loss { last: last_loss(image, form.syntax, total) }),
    })
}

/// What all frames of a file share.
#[derive(Clone, Copy, PartialEq)]
struct Form {
    syntax: &'static str,
    coding: Coding,
    photometric: &'static str,
    bits_allocated: u16,
}

impl Form {
    fn of(frame: &Frame, syntax: &str, single_bits: bool) -> Result<Self> {
        let refuse = |place, cause| Err(Fault::input(Reason::UnsupportedPixels, place, cause));
        let photometric = frame.interpretation.photometric;
        if matches!(photometric, Photometric::YbrPartial | Photometric::YbrIct | Photometric::YbrRct) {
            return refuse("PhotometricInterpretation", "a colour space that pixels cannot be written in again");
        }
        if matches!(frame.sample_type, SampleType::F32 | SampleType::F64) {
            return refuse("FloatPixelData", "floating-point pixels are not blanked");
        }
        // Bits in fragments are nobody's to read.
        let (syntax, coding) = match syntax_for(syntax, frame) {
            (_, coding) if single_bits && coding != Coding::Native => (EXPLICIT, Coding::Native),
            own => own,
        };
        let (photometric, bits_allocated) = (coding.photometric(frame), coding.bits_allocated(frame));
        Ok(Self { syntax, coding, photometric, bits_allocated })
    }
}

/// LossyImageCompressionMethod and ratio of a source whose own syntax lost something that the new one does not show.
fn last_loss(image: &Image, syntax: &str, decoded: u64) -> Option<(&'static str, f64)> {
    if image.transfer_syntax() == syntax {
        return None;
    }
    let method = match decoder_for(image.transfer_syntax())?.family {
        Family::JpegDct => "ISO_10918_1",
        Family::JpegLs => "ISO_14495_1",
        Family::Jpeg2000 if image.transfer_syntax() == "1.2.840.10008.1.2.4.203" => "ISO_15444_15",
        Family::Jpeg2000 => "ISO_15444_1",
        Family::JpegXl => "ISO_18181_1",
        Family::Native | Family::Rle | Family::JpegLossless | Family::Video => return None,
    };
    let streams: u64 = (0..image.frames()).filter_map(|frame| image.stream(frame)).map(|(s, _)| s.len() as u64).sum();
    (streams > 0).then(|| (method, decoded as f64 / streams as f64))
}
