//! Which transfer syntaxes this program can write without loss, and a frame as a stream of one of them. How streams
//! become a data set is decided where the object is written.

use super::jpeg_ls::Interleave;
use super::{Picture, jpeg_lossless, jpeg_ls, jpeg2000, rle};
use crate::error::{Fault, Result};
use crate::model::{Frame, Photometric, SampleType};
use std::io::Write;

/// How samples are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// All frames one behind the other.
    Native,
    /// Each frame as it is, in a fragment of its own.
    Encapsulated,
    /// Each frame deflated.
    Deflated,
    /// Byte runs.
    Rle,
    /// JPEG, process 14, selection value 1.
    JpegLossless,
    /// JPEG-LS with NEAR 0.
    JpegLs,
    /// JPEG 2000 with the reversible wavelet.
    Jpeg2000,
}

/// Explicit VR Little Endian: what every reader reads, and what is written where nothing better is known.
pub const EXPLICIT: &str = "1.2.840.10008.1.2.1";

/// Transfer syntaxes in which samples come back as they were, and their coding. Explicit VR Big Endian is retired and
/// HTJ2K and JPEG XL have no encoder here: they are not listed.
pub const WRITABLE: &[(&str, Coding)] = &[
    ("1.2.840.10008.1.2", Coding::Native),
    (EXPLICIT, Coding::Native),
    ("1.2.840.10008.1.2.1.99", Coding::Native),
    ("1.2.840.10008.1.2.1.98", Coding::Encapsulated),
    ("1.2.840.10008.1.2.8.1", Coding::Deflated),
    ("1.2.840.10008.1.2.5", Coding::Rle),
    ("1.2.840.10008.1.2.4.57", Coding::JpegLossless),
    ("1.2.840.10008.1.2.4.70", Coding::JpegLossless),
    ("1.2.840.10008.1.2.4.80", Coding::JpegLs),
    ("1.2.840.10008.1.2.4.90", Coding::Jpeg2000),
];

/// The transfer syntax for frames like this one that come from `syntax`: the same if it is writable and holds such
/// samples, else Explicit VR Little Endian.
pub fn syntax_for(syntax: &str, frame: &Frame) -> (&'static str, Coding) {
    let bits = frame.interpretation.bits_stored;
    let float = matches!(frame.sample_type, SampleType::F32 | SampleType::F64);
    let holds = |coding: Coding| match coding {
        Coding::Native => true,
        Coding::Encapsulated | Coding::Deflated | Coding::Rle => !float,
        Coding::JpegLossless | Coding::JpegLs => !float && (2..=16).contains(&bits),
        // Its component transform is for RGB only (PS3.5 8.2.4).
        Coding::Jpeg2000 => {
            !float
                && (2..=16).contains(&bits)
                && (frame.samples == 1 || frame.interpretation.photometric == Photometric::Rgb)
        }
    };
    let own = WRITABLE.iter().find(|(uid, coding)| *uid == syntax && holds(*coding));
    own.copied().unwrap_or((EXPLICIT, Coding::Native))
}

impl Coding {
    /// BitsAllocated of a frame in this coding.
    pub fn bits_allocated(self, frame: &Frame) -> u16 {
        match self {
            Coding::JpegLossless | Coding::JpegLs | Coding::Jpeg2000 if frame.interpretation.bits_stored <= 8 => 8,
            Coding::JpegLossless | Coding::JpegLs | Coding::Jpeg2000 => 16,
            _ => frame.sample_type.bytes() as u16 * 8,
        }
    }

    /// PhotometricInterpretation of a frame in this coding.
    pub fn photometric(self, frame: &Frame) -> &'static str {
        match (self, frame.samples) {
            (Coding::Jpeg2000, 3) => Photometric::YbrRct.keyword(),
            _ => frame.interpretation.photometric.keyword(),
        }
    }

    /// The stream of a frame, of even length.
    ///
    /// # Errors
    /// Shapes that [`syntax_for`] does not give this coding for.
    pub fn stream(self, frame: &Frame) -> Result<Vec<u8>> {
        let bits = frame.interpretation.bits_stored;
        let whole = |bytes| Picture {
            rows: frame.rows,
            columns: frame.columns,
            samples: frame.samples,
            bits_stored: (frame.sample_type.bytes() * 8) as u8,
            bytes,
        };
        let narrow = || narrowed(frame.bytes(), frame.sample_type.bytes(), if bits <= 8 { 1 } else { 2 });
        let mut stream = match self {
            Coding::Native | Coding::Encapsulated => frame.bytes().to_vec(),
            Coding::Deflated => deflated(frame.bytes())?,
            Coding::Rle => rle::encode(&whole(frame.bytes()))?,
            Coding::JpegLossless => jpeg_lossless::encode(&Picture { bits_stored: bits, ..whole(&narrow()) })?,
            Coding::JpegLs => jpeg_ls::encode(&Picture { bits_stored: bits, ..whole(&narrow()) }, Interleave::Line)?,
            Coding::Jpeg2000 => {
                jpeg2000::encode(&Picture { bits_stored: bits, ..whole(&narrow()) }, frame.sample_type.signed())?
            }
        };
        // PS3.5 A.4: fragments have an even length. Native frames follow each other without a gap.
        if stream.len() % 2 == 1 && self != Coding::Native {
            stream.push(0);
        }
        Ok(stream)
    }
}

/// Samples of `from` bytes in `to` bytes each, little endian: the upper ones say nothing.
fn narrowed(samples: &[u8], from: usize, to: usize) -> Vec<u8> {
    if from <= to {
        return samples.to_vec();
    }
    samples.chunks_exact(from).flat_map(|sample| sample.iter().take(to)).copied().collect()
}

fn deflated(bytes: &[u8]) -> Result<Vec<u8>> {
    let lost = |_| Fault::bug("write/encode", "deflating in memory failed");
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).map_err(lost)?;
    encoder.finish().map_err(lost)
}

/// Samples of one byte, 0 or 1, as bits: the first is the lowest bit of the first byte (PS3.5 8.1.1).
pub fn bits(samples: &[u8]) -> Vec<u8> {
    samples.chunks(8).map(|eight| eight.iter().rev().fold(0, |byte, sample| byte << 1 | (sample & 1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_begin_at_the_lowest() {
        // 1,0,0,0,0,0,0,0 is 1; 1,1 is 3; the rest of the last byte is 0.
        assert_eq!(bits(&[1, 0, 0, 0, 0, 0, 0, 0, 1, 1]), [1, 3]);
    }

    #[test]
    fn wide_samples_lose_the_bytes_that_say_nothing() {
        assert_eq!(narrowed(&[1, 0, 2, 0], 2, 1), [1, 2]);
        assert_eq!(narrowed(&[1, 2, 0, 0], 4, 2), [1, 2]);
        assert_eq!(narrowed(&[1, 2], 1, 2), [1, 2]);
    }
}
