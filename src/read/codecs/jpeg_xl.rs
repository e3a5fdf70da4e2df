//! JPEG XL frames (lossless, recompressed JPEG, lossy), grey and RGB, up to 16 bits.
//!
//! Colour: an XYB stream is brought back to the colour space it was made from, a recompressed JPEG from YCbCr to RGB;
//! both are part of decoding. No profile conversion beyond that takes place.

use super::{Announced, Coded, Colour};
use crate::error::{Fault, Reason, Result};
use jxl::api::{
    Endianness, Event, JxlBitDepth, JxlColorEncoding, JxlColorProfile, JxlColorType, JxlDataFormat, JxlDecoder,
    JxlDecoderOptions, JxlOutputBuffer, JxlPixelFormat, ProfileLevel,
};

const PLACE: &str = "JPEG XL stream";

fn broken() -> Fault {
    Fault::input(Reason::DecodeFailed, PLACE, "the codestream is broken")
}

fn truncated() -> Fault {
    Fault::input(Reason::Truncated, PLACE, "the codestream ends early")
}

fn inconsistent(cause: &'static str, announced: u32, found: u32) -> Fault {
    Fault::input(Reason::Inconsistent, PLACE, cause).number("announced", announced).number("found", found)
}

/// What the image header says.
struct Found {
    precision: u8,
    extra_channels: usize,
    lossy: bool,
}

/// Compares the image header with the DICOM header.
fn compare(decoder: &JxlDecoder, announced: &Announced) -> Result<Found> {
    let info = decoder.basic_info().ok_or_else(broken)?;
    let (columns, rows) = (info.size.0 as u32, info.size.1 as u32);
    if rows != announced.rows {
        return Err(inconsistent("Rows differ from the image header", announced.rows, rows));
    }
    if columns != announced.columns {
        return Err(inconsistent("Columns differ from the image header", announced.columns, columns));
    }
    let JxlBitDepth::Int { bits_per_sample } = info.bit_depth else {
        return Err(Fault::input(Reason::UnsupportedPixels, PLACE, "floating-point samples"));
    };
    if bits_per_sample > 16 {
        return Err(Fault::input(Reason::UnsupportedPixels, PLACE, "more than 16 bits a sample")
            .number("found", bits_per_sample));
    }
    if bits_per_sample > 8 * announced.sample_bytes() as u32 {
        let allocated = announced.bits_allocated.into();
        return Err(inconsistent("BitsAllocated is less than the stream's precision", allocated, bits_per_sample));
    }
    let grey = match decoder.embedded_color_profile() {
        Some(JxlColorProfile::Simple(JxlColorEncoding::GrayscaleColorSpace { .. })) => true,
        // The colour space signature of an ICC profile stands at byte 16 (ICC.1, 7.2.6).
        Some(JxlColorProfile::Icc(profile)) => profile.get(16..20) == Some(b"GRAY"),
        _ => false,
    };
    let components = if grey { 1 } else { 3 };
    if components != announced.samples {
        let found = components.into();
        return Err(inconsistent("SamplesPerPixel differs from the image header", announced.samples.into(), found));
    }
    Ok(Found {
        precision: bits_per_sample as u8,
        extra_channels: info.extra_channels.len(),
        lossy: !info.uses_original_profile,
    })
}

/// Decodes one frame. Fails with `Inconsistent` if size, components or bits differ from the DICOM header, `Truncated`
/// if the codestream ends early, `UnsupportedPixels` for floats, more than 16 bits or animations.
pub fn decode(stream: &[u8], announced: &Announced, out: &mut [u8]) -> Result<Coded> {
    if announced.sample_bytes() > 2 {
        return Err(Fault::input(Reason::UnsupportedPixels, PLACE, "more than 16 bits allocated")
            .number("allocated", announced.bits_allocated));
    }
    let mut options = JxlDecoderOptions::default();
    // Level 5 is for the web; medical images may need what level 10 allows.
    options.max_profile_level = ProfileLevel::Main10;
    // Colour counts as three channels there; frames of the codestream may be larger than the image, within reason.
    let pixels = announced.rows as usize * announced.columns as usize;
    options.sample_limit = Some(pixels.saturating_mul(16).max(1 << 20));
    let mut decoder = JxlDecoder::new(options);
    let mut input = stream;
    match decoder.process(&mut input, None, None) {
        Ok(Event::BasicInfo) => {}
        Ok(Event::NeedMoreInput { .. }) => return Err(truncated()),
        _ => return Err(broken()),
    }
    let found = compare(&decoder, announced)?;
    let depth = found.precision;
    let data_format = match announced.sample_bytes() {
        1 => JxlDataFormat::U8 { bit_depth: depth },
        _ => JxlDataFormat::U16 { endianness: Endianness::LittleEndian, bit_depth: depth },
    };
    let format = JxlPixelFormat {
        color_type: if announced.samples == 1 { JxlColorType::Grayscale } else { JxlColorType::Rgb },
        color_data_format: Some(data_format),
        extra_channel_format: vec![None; found.extra_channels],
    };
    decoder.set_pixel_format(format).map_err(|_| broken())?;

    // The library wants rows aligned to their samples.
    let aligned = announced.sample_bytes() == 1 || bytemuck::try_cast_slice_mut::<u8, u16>(out).is_ok();
    if aligned {
        fill(&mut decoder, &mut input, announced, out)?;
    } else {
        let mut samples = vec![0u16; out.len() / 2];
        fill(&mut decoder, &mut input, announced, bytemuck::cast_slice_mut(&mut samples))?;
        out.copy_from_slice(bytemuck::cast_slice(&samples));
    }
    let mut warnings = Vec::new();
    if found.extra_channels > 0 {
        warnings.push("jpegxl-extra-channels-ignored");
    }
    let colour = if announced.samples == 3 { Colour::Rgb } else { Colour::AsAnnounced };
    Ok(Coded { colour, precision: found.precision, signed: None, lossy: found.lossy, warnings })
}

/// Decodes a frame of the recompression syntax (.111): a JPEG that was packed without further loss, so lossy.
pub fn decode_recompressed(stream: &[u8], announced: &Announced, out: &mut [u8]) -> Result<Coded> {
    Ok(Coded { lossy: true, ..decode(stream, announced, out)? })
}

/// Decodes the only frame of the stream into `out`.
fn fill(decoder: &mut JxlDecoder, input: &mut &[u8], announced: &Announced, out: &mut [u8]) -> Result<()> {
    let rows = announced.rows as usize;
    let row_bytes = out.len() / rows;
    let mut buffers = [JxlOutputBuffer::new(out, rows, row_bytes)];
    loop {
        match decoder.process(input, Some(&mut buffers), None) {
            Ok(Event::FrameHeader) => {}
            Ok(Event::FrameComplete { has_more_frames: false }) | Ok(Event::Complete) => return Ok(()),
            Ok(Event::FrameComplete { .. }) => {
                return Err(Fault::input(Reason::UnsupportedPixels, PLACE, "an animation in one frame"));
            }
            Ok(Event::NeedMoreInput { .. }) => return Err(truncated()),
            Ok(Event::BasicInfo) | Err(_) => return Err(broken()),
        }
    }
}
