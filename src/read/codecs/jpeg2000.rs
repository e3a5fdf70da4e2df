//! JPEG 2000 (Part 1) and HTJ2K frames: what the codestream says is compared with the DICOM header, OpenJPEG decodes,
//! and the samples are laid into the announced container.
//!
//! Sign: samples are laid down as the stream means them, two's complement at the container's width, and
//! `Coded::signed` tells what the stream says. Where PixelRepresentation says otherwise, the DICOM room reinterprets
//! the lowest `Coded::precision` bits, as pydicom does.

use super::jpeg2000_ffi::{self as ffi, Image};
use super::jpeg2000_header::{self as header, Codestream};
use super::{Announced, Coded, Colour};
use crate::error::{Fault, Reason, Result};

const PLACE: &str = "JPEG 2000 stream";

/// The warning about a stream whose chroma has fewer samples than its luma.
pub const SUBSAMPLED: &str = "jpeg2000-subsampled-chroma";

/// OpenJPEG's limit; DICOM has no images with more (PS3.5 8.2.4 allows up to 38 bits).
const MAX_PRECISION: u8 = 31;

fn inconsistent(cause: &'static str, announced: u32, found: u32) -> Fault {
    Fault::input(Reason::Inconsistent, PLACE, cause).number("announced", announced).number("found", found)
}

/// Compares what the codestream says with what the data set announces.
fn compare(stream: &Codestream<'_>, announced: &Announced) -> Result<()> {
    if stream.rows != announced.rows {
        return Err(inconsistent("Rows differ from the codestream", announced.rows, stream.rows));
    }
    if stream.columns != announced.columns {
        return Err(inconsistent("Columns differ from the codestream", announced.columns, stream.columns));
    }
    let components = stream.components.len() as u32;
    if components != u32::from(announced.samples) {
        return Err(inconsistent("SamplesPerPixel differs from the codestream", announced.samples.into(), components));
    }
    let container = 8 * announced.sample_bytes() as u32;
    for (index, component) in stream.components.iter().enumerate() {
        if u32::from(component.precision) > container {
            return Err(inconsistent(
                "BitsAllocated is less than the codestream's precision",
                announced.bits_allocated.into(),
                component.precision.into(),
            ));
        }
        if component.precision > MAX_PRECISION {
            return Err(Fault::input(Reason::UnsupportedPixels, PLACE, "more bits a sample than can be decoded")
                .number("limit", MAX_PRECISION)
                .number("found", component.precision));
        }
        // Chroma of YBR_PARTIAL_420 may be halved; the first component never is.
        if (index == 0 && (component.dx, component.dy) != (1, 1)) || component.dx > 4 || component.dy > 4 {
            return Err(Fault::input(Reason::UnsupportedPixels, PLACE, "a subsampled first component"));
        }
    }
    Ok(())
}

/// Decodes one frame. Fails with `Inconsistent` if size, components or bits differ from the DICOM header, `Truncated`
/// if a tile-part or packet is cut off, `DecodeFailed` if OpenJPEG refuses the codestream.
pub fn decode(stream: &[u8], announced: &Announced, out: &mut [u8]) -> Result<Coded> {
    let codestream = header::read(stream)?;
    compare(&codestream, announced)?;
    let image = image(&codestream, 0)?;
    lay(&image, &codestream, 0, announced, out)?;
    Ok(coded(&codestream))
}

/// Decodes one frame at 1/2, 1/4, … of its size by leaving out the `levels` highest resolutions; as many as the stream
/// has if it has fewer. Returns rows and columns of what came out (rounded up at each halving, or one less where the picture
/// begins at an odd place); it lies at the beginning of `out`, as [`decode`] lays it. The low band of a wavelet is not an area
/// mean.
pub fn decode_reduced(stream: &[u8], announced: &Announced, levels: u8, out: &mut [u8]) -> Result<(u32, u32, Coded)> {
    let codestream = header::read(stream)?;
    compare(&codestream, announced)?;
    let levels = levels.min(codestream.levels);
    let image = image(&codestream, u32::from(levels))?;
    let (rows, columns) = reduced_size(&image)?;
    let used = rows * columns * usize::from(announced.samples) * announced.sample_bytes();
    let out = out.get_mut(..used).ok_or_else(|| {
        inconsistent("the decoder returned another size", announced.rows >> levels.min(31), rows as u32)
    })?;
    lay(&image, &codestream, levels, announced, out)?;
    Ok((rows as u32, columns as u32, coded(&codestream)))
}

/// How many times the frame can be halved by [`decode_reduced`]; only markers are read.
pub fn resolution_levels(stream: &[u8]) -> Result<u8> {
    Ok(header::read(stream)?.levels)
}

fn image(codestream: &Codestream<'_>, reduce: u32) -> Result<Image> {
    let decoded = if codestream.ended && codestream.recount.is_empty() {
        ffi::decode(codestream.bytes, reduce)
    } else {
        // Every tile-part is there, but EOC is missing or the tile-parts are miscounted: real encoders do that, and
        // OpenJPEG's strict mode minds.
        let mut mended = codestream.bytes.to_vec();
        for &(place, count) in &codestream.recount {
            if let Some(byte) = mended.get_mut(place) {
                *byte = count;
            }
        }
        if !codestream.ended {
            mended.extend([0xFF, 0xD9]);
        }
        ffi::decode(&mended, reduce)
    };
    decoded.ok_or_else(|| Fault::input(Reason::DecodeFailed, PLACE, "the codestream is broken"))
}

fn reduced_size(image: &Image) -> Result<(usize, usize)> {
    let plane = image.plane(0).ok_or_else(no_samples)?;
    Ok((plane.rows, plane.columns))
}

fn no_samples() -> Fault {
    Fault::input(Reason::DecodeFailed, PLACE, "a component without samples")
}

fn coded(codestream: &Codestream<'_>) -> Coded {
    let mut warnings = Vec::new();
    if !codestream.ended {
        warnings.push("jpeg2000-without-end-marker");
    }
    if !codestream.recount.is_empty() {
        warnings.push("jpeg2000-miscounted-tile-parts");
    }
    if codestream.components.iter().any(|component| (component.dx, component.dy) != (1, 1)) {
        warnings.push(SUBSAMPLED);
    }
    let transformed = codestream.component_transform && codestream.components.len() >= 3;
    Coded {
        colour: if transformed { Colour::Rgb } else { Colour::AsAnnounced },
        precision: codestream.components.iter().map(|component| component.precision).max().unwrap_or(0),
        signed: Some(codestream.components.iter().any(|component| component.signed)),
        lossy: !codestream.reversible,
        warnings,
    }
}

/// Lays the planes into `out`, interleaved by pixel, little endian, repeating subsampled chroma.
fn lay(image: &Image, stream: &Codestream<'_>, levels: u8, announced: &Announced, out: &mut [u8]) -> Result<()> {
    let (rows, columns) = reduced_size(image)?;
    if levels == 0 && (rows, columns) != (announced.rows as usize, announced.columns as usize) {
        return Err(inconsistent("the decoder returned another size", announced.rows, rows as u32));
    }
    let samples = stream.components.len();
    for (index, &source) in stream.order.iter().enumerate() {
        let component = stream.components.get(source).ok_or_else(no_samples)?;
        let plane = image.plane(source).ok_or_else(no_samples)?;
        let (dx, dy) = (component.dx as usize, component.dy as usize);
        if plane.columns < columns.div_ceil(dx) || plane.rows < rows.div_ceil(dy) {
            return Err(Fault::input(Reason::Inconsistent, PLACE, "a component smaller than its subsampling says"));
        }
        for (y, line) in out.chunks_exact_mut(columns * samples * announced.sample_bytes()).take(rows).enumerate() {
            let row = plane.samples.chunks_exact(plane.columns).nth(y / dy).unwrap_or_default();
            match announced.sample_bytes() {
                1 => put(row, dx, line, samples, index, |value| [value as u8]),
                2 => put(row, dx, line, samples, index, |value| (value as u16).to_le_bytes()),
                _ => put(row, dx, line, samples, index, i32::to_le_bytes),
            }
        }
    }
    Ok(())
}

/// Writes one component of one row; each sample of `row` is repeated `dx` times.
fn put<const N: usize>(
    row: &[i32],
    dx: usize,
    line: &mut [u8],
    samples: usize,
    index: usize,
    bytes: impl Fn(i32) -> [u8; N],
) {
    let pixels = line.chunks_exact_mut(samples * N).filter_map(|pixel| pixel.get_mut(index * N..(index + 1) * N));
    if dx == 1 {
        for (pixel, &value) in pixels.zip(row) {
            pixel.copy_from_slice(&bytes(value));
        }
    } else {
        for (x, pixel) in pixels.enumerate() {
            if let Some(&value) = row.get(x / dx) {
                pixel.copy_from_slice(&bytes(value));
            }
        }
    }
}
