//! From an object to the bytes of its file: the Image Pixel module, the coding of the pixels by the program's own
//! encoders and those of dicom-rs, and the data set by dicom-object.

use dicom_core::value::PixelFragmentSequence;
use dicom_core::{DataElement, Length, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use dicom_pixeldata::Transcode;
use dicom_transfer_syntax_registry::entries;

use super::object::{Object, Shape, Syntax, short, texts};
use crate::error::{Fault, Result};
use crate::write::encode::jpeg_ls::Interleave;
use crate::write::encode::{Picture, jpeg_lossless, jpeg_ls, jpeg2000, rle};

impl Syntax {
    /// The UID (PS3.6 A).
    pub(super) fn uid(self) -> &'static str {
        match self {
            Syntax::ImplicitLittle => uids::IMPLICIT_VR_LITTLE_ENDIAN,
            Syntax::ExplicitLittle => uids::EXPLICIT_VR_LITTLE_ENDIAN,
            // Retired, and deprecated in the dictionary; archives still hold it.
            Syntax::ExplicitBig => "1.2.840.10008.1.2.2",
            Syntax::Deflated => uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
            Syntax::Rle => uids::RLE_LOSSLESS,
            Syntax::JpegBaseline => uids::JPEG_BASELINE8_BIT,
            Syntax::JpegLossless => uids::JPEG_LOSSLESS_SV1,
            Syntax::JpegLs => uids::JPEGLS_LOSSLESS,
            Syntax::Jpeg2000 => uids::JPEG2000_LOSSLESS,
        }
    }

    /// Whether the samples of the picture come back unchanged.
    pub(super) fn lossless(self) -> bool {
        self != Syntax::JpegBaseline
    }
}

/// The bytes of the object's file.
pub(super) fn file_bytes(object: Object<'_>) -> Result<Vec<u8>> {
    let Object { mut data, picture, syntax, .. } = object;
    // JPEG Baseline is written through dicom-pixeldata's own transcoding, which starts from native pixels.
    let first = if syntax == Syntax::JpegBaseline { Syntax::ExplicitLittle } else { syntax };
    if let Some((shape, draw)) = picture {
        put_shape(&mut data, &shape);
        put_pixels(&mut data, &shape, draw().bytes, first)?;
    }
    let mut file = data
        .with_meta(FileMetaTableBuilder::new().transfer_syntax(first.uid()))
        .map_err(|_| Fault::bug("demo", "the file meta group of a synthetic object is incomplete"))?;
    if syntax == Syntax::JpegBaseline {
        file.transcode(&entries::JPEG_BASELINE.erased())
            .map_err(|_| Fault::bug("demo", "a synthetic picture could not be coded as JPEG Baseline"))?;
        texts(&mut file, &[(tags::LOSSY_IMAGE_COMPRESSION_METHOD, VR::CS, "ISO_10918_1")]);
    }
    let mut bytes = Vec::new();
    file.write_all(&mut bytes).map_err(|_| Fault::bug("demo", "a synthetic object could not be written"))?;
    Ok(bytes)
}

fn put_shape(data: &mut InMemDicomObject, shape: &Shape) {
    short(data, tags::SAMPLES_PER_PIXEL, shape.samples);
    texts(data, &[(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, shape.photometric)]);
    if shape.samples > 1 {
        short(data, tags::PLANAR_CONFIGURATION, 0);
    }
    if shape.frames > 1 {
        texts(data, &[(tags::NUMBER_OF_FRAMES, VR::IS, &shape.frames.to_string())]);
    }
    short(data, tags::ROWS, shape.rows);
    short(data, tags::COLUMNS, shape.columns);
    short(data, tags::BITS_ALLOCATED, shape.bits_allocated);
    short(data, tags::BITS_STORED, shape.bits_stored);
    short(data, tags::HIGH_BIT, shape.bits_stored - 1);
    short(data, tags::PIXEL_REPRESENTATION, u16::from(shape.signed));
}

fn put_pixels(data: &mut InMemDicomObject, shape: &Shape, bytes: Vec<u8>, syntax: Syntax) -> Result<()> {
    let encode: fn(&Picture<'_>, bool) -> Result<Vec<u8>> = match syntax {
        Syntax::ImplicitLittle | Syntax::ExplicitLittle | Syntax::ExplicitBig | Syntax::Deflated => {
            data.put(native(shape, bytes, syntax));
            return Ok(());
        }
        Syntax::Rle => |picture, _| rle::encode(picture),
        Syntax::JpegLossless => |picture, _| jpeg_lossless::encode(picture),
        Syntax::JpegLs => |picture, _| jpeg_ls::encode(picture, Interleave::Line),
        Syntax::Jpeg2000 => jpeg2000::encode,
        Syntax::JpegBaseline => return Err(Fault::bug("demo", "JPEG Baseline is coded by transcoding")),
    };
    let mut fragments = Vec::new();
    let mut offsets = Vec::new();
    let mut offset = 0u32;
    for frame in bytes.chunks_exact(shape.frame_bytes()) {
        let mut stream = encode(&picture(shape, frame), shape.signed)?;
        // PS3.5 A.4: fragments have an even length.
        if stream.len() % 2 == 1 {
            stream.push(0);
        }
        offsets.push(offset);
        offset += stream.len() as u32 + 8;
        fragments.push(stream);
    }
    // Both forms occur in archives: a table for pictures of several frames, an empty one for a single frame.
    if shape.frames == 1 {
        offsets.clear();
    }
    data.put(DataElement::new_with_len(
        tags::PIXEL_DATA,
        VR::OB,
        Length::UNDEFINED,
        PixelFragmentSequence::new(offsets, fragments),
    ));
    Ok(())
}

fn picture<'a>(shape: &Shape, bytes: &'a [u8]) -> Picture<'a> {
    Picture {
        rows: u32::from(shape.rows),
        columns: u32::from(shape.columns),
        samples: shape.samples as u8,
        bits_stored: shape.bits_stored as u8,
        bytes,
    }
}

/// Native pixel data; 16-bit samples as words, so that big endian swaps them.
fn native(shape: &Shape, mut bytes: Vec<u8>, syntax: Syntax) -> DataElement<InMemDicomObject> {
    if shape.bits_allocated == 16 {
        let words: Vec<u16> = bytes.as_chunks().0.iter().map(|&pair| u16::from_le_bytes(pair)).collect();
        return DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(words.into()));
    }
    if bytes.len() % 2 == 1 {
        bytes.push(0);
    }
    // PS3.5 A.1: implicit VR knows Pixel Data as OW only.
    let vr = if syntax == Syntax::ImplicitLittle { VR::OW } else { VR::OB };
    DataElement::new(tags::PIXEL_DATA, vr, PrimitiveValue::from(bytes))
}
