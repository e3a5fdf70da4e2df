//! JPEG with a DCT: baseline, extended sequential with 8 and 12 bits, spectral selection and full progression.
//! Samples come out as the stream holds them (YCbCr stays YCbCr), chroma brought to full size by libjpeg's filter.
//!
//! The entropy decoder is strict: it fails when a scan ends before its last block, where libjpeg pads with grey.

use super::jpeg_header::{Header, Process};
use super::{Announced, Coded, Colour};
use crate::error::{Fault, Reason, Result};
use libjpeg_turbo_rs::{ColorSpace, DecodeLimits, Decoder, JpegError, ScalingFactor};

const PLACE: &str = "JPEG stream";

/// More passes than this over one component cannot be: 14 over DC and over each of 63 AC coefficients (T.81 G.1.1).
const SCANS_A_COMPONENT: u32 = 14 * 64;

/// Blocks times scans, for hostile progressive streams: each scan walks all blocks however few bytes it has.
const BLOCK_VISITS: u64 = 1 << 31;

/// Decodes one frame. Fails with `Inconsistent` if the frame header differs from the DICOM header, `Truncated` if a
/// scan ends early, `UnsupportedSyntax` for arithmetic coding and hierarchical processes.
pub fn decode(stream: &[u8], announced: &Announced, out: &mut [u8]) -> Result<Coded> {
    let header = checked(stream, announced)?;
    let stream = stream.get(..header.length).unwrap_or(stream);
    if header.precision == 12 {
        let samples = twelve(stream, &header)?;
        lay(samples.iter().map(|&value| value.max(0) as u32), announced, out)?;
    } else if announced.sample_bytes() == 1 {
        let decoder = eight(stream, &header)?;
        let info = decoder.decode_image_into(out).map_err(refused)?;
        if info.bytes_written != out.len() {
            return Err(short());
        }
    } else {
        let image = eight(stream, &header)?.decode_image().map_err(refused)?;
        lay(image.data.iter().map(|&value| u32::from(value)), announced, out)?;
    }
    Ok(coded(&header, announced))
}

/// How many times both sides can be halved by [`decode_scaled`]: 3 for 8-bit streams with a DCT, else 0. Only markers are read.
pub fn halvings(stream: &[u8]) -> u8 {
    let scales = |header: Header| {
        header.precision == 8 && matches!(header.process, Process::Baseline | Process::Extended | Process::Progressive)
    };
    if Header::read(stream).is_ok_and(scales) { 3 } else { 0 }
}

/// Decodes an 8-bit frame at 1/2, 1/4 or 1/8 of its size (`halvings` 1, 2 or 3) by leaving out high frequencies. Returns
/// rows and columns of what came out, rounded up; it lies at the beginning of `out`, as [`decode`] lays it.
pub fn decode_scaled(stream: &[u8], announced: &Announced, halvings: u8, out: &mut [u8]) -> Result<(u32, u32, Coded)> {
    let header = checked(stream, announced)?;
    let scale = ScalingFactor::try_new(1, 1 << halvings.min(3))
        .map_err(|_| Fault::bug(PLACE, "a DCT scale other than 1/2, 1/4, 1/8"))?;
    if header.precision != 8 {
        return Err(Fault::input(Reason::UnsupportedPixels, PLACE, "only streams of 8 bits are decoded smaller"));
    }
    let stream = stream.get(..header.length).unwrap_or(stream);
    let mut decoder = eight(stream, &header)?;
    decoder.set_scale(scale);
    let (width, height) = if announced.sample_bytes() == 1 {
        let info = decoder.decode_image_into(out).map_err(refused)?;
        (info.width, info.height)
    } else {
        let image = decoder.decode_image().map_err(refused)?;
        lay(image.data.iter().map(|&value| u32::from(value)), announced, out)?;
        (image.width, image.height)
    };
    Ok((height as u32, width as u32, coded(&header, announced)))
}

/// The header, compared with the DICOM header, and the a-priori bounds.
fn checked(stream: &[u8], announced: &Announced) -> Result<Header> {
    let header = Header::read(stream)?;
    if !matches!(header.process, Process::Baseline | Process::Extended | Process::Progressive) {
        return Err(Fault::input(Reason::UnsupportedSyntax, PLACE, "a coding process that DICOM has retired"));
    }
    // Baseline has 8 bits by definition (T.81 Table B.2), but 12 under its marker mean nothing else than in Extended.
    if !matches!(header.precision, 8 | 12) {
        return Err(Fault::input(Reason::UnsupportedPixels, PLACE, "a DCT stream of neither 8 nor 12 bits")
            .number("bits", header.precision));
    }
    header.compare(announced)?;
    if !matches!(header.components.len(), 1 | 3) {
        return Err(Fault::input(Reason::UnsupportedPixels, PLACE, "a DCT stream of neither 1 nor 3 components")
            .number("components", header.components.len() as u64));
    }
    if header.components.iter().any(|c| !(1..=4).contains(&c.sampling.0) || !(1..=4).contains(&c.sampling.1)) {
        return Err(Fault::input(Reason::Malformed, PLACE, "a sampling factor outside 1 to 4"));
    }
    // libjpeg-turbo-rs brings the others to the size of the first.
    let first = header.components.first().map_or((0, 0), |c| c.sampling);
    if header.components.iter().any(|c| c.sampling.0 > first.0 || c.sampling.1 > first.1) {
        return Err(Fault::input(Reason::UnsupportedPixels, PLACE, "a subsampled first component"));
    }
    // Each block takes at least one bit, for its DC difference (T.81 F.1.2.1): more blocks than bits cannot be there.
    let blocks = header.blocks();
    if blocks > 8 * stream.len() as u64 {
        return Err(Fault::input(Reason::Truncated, PLACE, "fewer bits than blocks").number("blocks", blocks));
    }
    let components = header.components.len() as u32;
    if header.scans > components * SCANS_A_COMPONENT || blocks * u64::from(header.scans) > BLOCK_VISITS.max(blocks) {
        return Err(Fault::input(Reason::WorkBudget, PLACE, "more scans than an image needs")
            .number("scans", header.scans)
            .number("blocks", blocks));
    }
    Ok(header)
}

fn limits(header: &Header) -> DecodeLimits {
    DecodeLimits {
        max_width: header.columns as usize,
        max_height: header.rows as usize,
        max_pixels: u64::from(header.columns) * u64::from(header.rows),
        max_scans: header.scans as usize,
        max_memory: None,
    }
}

/// A decoder that leaves the components untransformed, whatever colour space the markers make libjpeg believe in.
fn eight<'a>(stream: &'a [u8], header: &Header) -> Result<Decoder<'a>> {
    let mut decoder = Decoder::new_with_limits(stream, limits(header)).map_err(refused)?;
    if decoder.jpeg_color_space() == ColorSpace::YCbCr {
        decoder.set_output_colorspace(ColorSpace::YCbCr);
    }
    Ok(decoder)
}

/// Samples of a 12-bit stream, interleaved. The library's 12-bit decoder reads one sequential scan and converts
/// YCbCr; any other stream is first rewritten, coefficient by coefficient, as one that it reads and leaves alone.
fn twelve(stream: &[u8], header: &Header) -> Result<Vec<i16>> {
    let plain = header.components.len() == 1 && header.components.iter().all(|c| c.sampling == (1, 1));
    let image = if plain && header.scans == 1 && header.process != Process::Progressive {
        libjpeg_turbo_rs::decompress_12bit_with_limits(stream, &limits(header)).map_err(refused)?
    } else {
        if header.scans > 1 && header.process != Process::Progressive {
            return Err(Fault::input(Reason::UnsupportedPixels, PLACE, "12-bit components in scans of their own"));
        }
        let mut coefficients = libjpeg_turbo_rs::read_coefficients(stream).map_err(refused)?;
        coefficients.saw_jfif_marker = false;
        coefficients.adobe_transform = Some(0);
        if let [only] = coefficients.components.as_mut_slice() {
            // Alone in its scan, a component is coded block after block whatever its factors (T.81 A.2.2).
            (only.h_sampling, only.v_sampling) = (1, 1);
        }
        let rewritten = libjpeg_turbo_rs::write_coefficients_optimized(&coefficients).map_err(refused)?;
        libjpeg_turbo_rs::decompress_12bit_with_limits(&rewritten, &limits(header)).map_err(refused)?
    };
    Ok(image.data)
}

/// Lays samples into the announced container, little endian.
fn lay(samples: impl ExactSizeIterator<Item = u32>, announced: &Announced, out: &mut [u8]) -> Result<()> {
    let bytes = announced.sample_bytes();
    if samples.len() * bytes != out.len() {
        return Err(short());
    }
    match bytes {
        1 => out.iter_mut().zip(samples).for_each(|(to, value)| *to = value as u8),
        2 => {
            for (to, value) in out.as_chunks_mut::<2>().0.iter_mut().zip(samples) {
                *to = (value as u16).to_le_bytes();
            }
        }
        _ => {
            for (to, value) in out.as_chunks_mut::<4>().0.iter_mut().zip(samples) {
                *to = value.to_le_bytes();
            }
        }
    }
    Ok(())
}

fn short() -> Fault {
    Fault::input(Reason::Inconsistent, PLACE, "the decoder returned another number of samples")
}

fn refused(error: JpegError) -> Fault {
    match error {
        JpegError::UnexpectedEof => Fault::input(Reason::Truncated, PLACE, "the entropy-coded data ends early"),
        JpegError::LimitExceeded { .. } | JpegError::AllocationFailed { .. } => {
            Fault::input(Reason::WorkBudget, PLACE, "decoding would take more than the frame header justifies")
        }
        JpegError::Unsupported(_) => Fault::input(Reason::UnsupportedPixels, PLACE, "a layout that is not decoded"),
        _ => Fault::input(Reason::DecodeFailed, PLACE, "the entropy-coded data is broken"),
    }
}

/// What the samples are, by pydicom's and DCMTK's rules: component ids 'R','G','B' first, then JFIF, then an Adobe
/// marker that says YCbCr; else PhotometricInterpretation holds, even against an Adobe marker that says "unknown".
fn colour(header: &Header, announced: &Announced) -> Colour {
    let ids = header.components.iter().map(|component| component.id).collect::<Vec<_>>();
    match (ids.as_slice(), header.adobe) {
        ([_], _) => Colour::AsAnnounced,
        (b"RGB" | b"rgb", _) => Colour::Rgb,
        _ if header.jfif => Colour::YbrFull,
        (_, Some(1)) => Colour::YbrFull,
        _ if announced.rgb => Colour::Rgb,
        _ => Colour::AsAnnounced,
    }
}

fn coded(header: &Header, announced: &Announced) -> Coded {
    let colour = colour(header, announced);
    let mut warnings = Vec::new();
    if header.bad_selection {
        warnings.push("jpeg-bad-spectral-selection");
    }
    if !header.ended {
        warnings.push("jpeg-without-end-marker");
    }
    if announced.rgb && colour == Colour::YbrFull {
        warnings.push("jpeg-is-ycbcr-though-rgb-announced");
    }
    if announced.rgb && colour == Colour::Rgb && header.subsampled() {
        // Subsampled green and blue make no sense: the header most likely lies, but pydicom and DCMTK believe it.
        warnings.push("jpeg-rgb-with-subsampled-components");
    }
    Coded { colour, precision: header.precision, signed: None, lossy: true, warnings }
}
