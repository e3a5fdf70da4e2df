//! Decoders of encapsulated frames: one compressed stream in, packed stored samples out.
//!
//! What lives here is the compressed stream only. Fragments, offset tables and everything that the data set says
//! belongs to `read/dicom`.

pub mod deflated;
pub mod guard;
mod jp2_wrapper;
mod jpeg;
pub mod jpeg2000;
mod jpeg2000_ffi;
pub mod jpeg2000_header;
mod jpeg2000_size;
pub mod jpeg_dct;
pub mod jpeg_header;
pub mod jpeg_lossless;
pub mod jpeg_ls;
pub mod jpeg_xl;
pub mod rle;

use crate::error::Result;

/// What the DICOM header announces for one frame; every decoder compares its own header with it before decoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announced {
    /// Rows (0028,0010), 1 to 65535.
    pub rows: u32,
    /// Columns (0028,0011), 1 to 65535.
    pub columns: u32,
    /// SamplesPerPixel (0028,0002): 1, 3 or (retired) 4.
    pub samples: u8,
    /// BitsAllocated (0028,0100): 1, 8, 16 or 32. One-bit images come out as one byte a sample, 0 or 1.
    pub bits_allocated: u8,
    /// BitsStored (0028,0101).
    pub bits_stored: u8,
    /// PixelRepresentation (0028,0103) is 1.
    pub signed: bool,
    /// PhotometricInterpretation is RGB: some JPEG streams carry no marker that says so themselves.
    pub rgb: bool,
}

impl Announced {
    /// Bytes of one sample in the output: 1, 2 or 4.
    pub const fn sample_bytes(&self) -> usize {
        match self.bits_allocated {
            0..=8 => 1,
            9..=16 => 2,
            _ => 4,
        }
    }

    /// Bytes of the whole decoded frame.
    pub const fn frame_bytes(&self) -> usize {
        self.rows as usize * self.columns as usize * self.samples as usize * self.sample_bytes()
    }
}

/// Colour space of the samples as they came out of the decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// What PhotometricInterpretation says: nothing was converted, or there is no colour.
    AsAnnounced,
    /// The stream's own transform was undone (RCT, ICT of JPEG 2000), or the stream proves to hold RGB.
    Rgb,
    /// The stream holds full-range YCbCr, whatever the header says.
    YbrFull,
}

/// What a decoder reports beside the samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coded {
    /// Colour space of the output.
    pub colour: Colour,
    /// Sample precision in the stream's own header.
    pub precision: u8,
    /// Whether the stream says its samples are signed (JPEG 2000 does; JPEG and JPEG-LS can't say).
    pub signed: Option<bool>,
    /// Whether the coding is lossy as far as the stream shows.
    pub lossy: bool,
    /// Stable words for the manifest: what was repaired or ignored.
    pub warnings: Vec<&'static str>,
}

/// A frame decoder: `stream` is one frame's fragments joined; `out` is the frame's place in a batch, zeroed and
/// [`Announced::frame_bytes`] long, and receives little-endian samples, interleaved by pixel. Those written here decode
/// straight into it; so do libjpeg-turbo-rs (8 bits) and jxl. OpenJPEG and 12-bit JPEG have planes of their own, from which
/// they are laid. On an error nothing of `out` may be used.
pub type Decoder = fn(stream: &[u8], announced: &Announced, out: &mut [u8]) -> Result<Coded>;

/// What is to be done with the frames of a transfer syntax.
#[derive(Clone, Copy, Debug)]
pub enum Treatment {
    /// Each frame goes through a decoder; call it through [`guard::run`].
    Decode(Decoder),
    /// Each frame is native pixel data behind a deflate stream: [`deflated::inflate_frame`].
    Inflate,
    /// Each frame is native pixel data as it is.
    Native,
    /// A video: refused with `Reason::Video`.
    Video,
}

/// Which format a transfer syntax holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Not compressed, or only deflated.
    Native,
    /// Byte runs (PS3.5 Annex G).
    Rle,
    /// JPEG with a DCT: [`jpeg_dct::decode_scaled`] gives 1/2, 1/4 and 1/8.
    JpegDct,
    /// JPEG Lossless.
    JpegLossless,
    /// JPEG-LS.
    JpegLs,
    /// JPEG 2000 and HTJ2K: [`jpeg2000::decode_reduced`] gives 1/2, 1/4 and so on.
    Jpeg2000,
    /// JPEG XL.
    JpegXl,
    /// MPEG-2, H.264, HEVC.
    Video,
}

/// One encapsulated transfer syntax.
#[derive(Clone, Copy, Debug)]
pub struct Coding {
    /// Transfer Syntax UID (0002,0010).
    pub uid: &'static str,
    /// Its name in PS3.6, shortened.
    pub name: &'static str,
    /// Format.
    pub family: Family,
    /// The syntax itself promises that nothing was lost in coding.
    pub lossless: bool,
    /// What to do.
    pub treatment: Treatment,
}

const fn row(uid: &'static str, name: &'static str, family: Family, lossless: bool, treatment: Treatment) -> Coding {
    Coding { uid, name, family, lossless, treatment }
}

/// Every encapsulated transfer syntax that this build knows (PS3.5 A.4, PS3.6 Table A-1). Others, JPIP and SMPTE
/// ST 2110 among them, are refused with `Reason::UnsupportedSyntax`.
#[rustfmt::skip]
pub const CODINGS: &[Coding] = &[
    row("1.2.840.10008.1.2.1.98", "Encapsulated Uncompressed", Family::Native, true, Treatment::Native),
    row("1.2.840.10008.1.2.8.1", "Deflated Image Frame", Family::Native, true, Treatment::Inflate),
    row("1.2.840.10008.1.2.5", "RLE Lossless", Family::Rle, true, Treatment::Decode(rle::decode)),
    row("1.2.840.10008.1.2.4.50", "JPEG Baseline", Family::JpegDct, false, Treatment::Decode(jpeg::decode_dct)),
    row("1.2.840.10008.1.2.4.51", "JPEG Extended", Family::JpegDct, false, Treatment::Decode(jpeg::decode_dct)),
    row("1.2.840.10008.1.2.4.53", "JPEG Spectral Selection", Family::JpegDct, false, Treatment::Decode(jpeg::decode_dct)),
    row("1.2.840.10008.1.2.4.55", "JPEG Full Progression", Family::JpegDct, false, Treatment::Decode(jpeg::decode_dct)),
    row("1.2.840.10008.1.2.4.57", "JPEG Lossless", Family::JpegLossless, true, Treatment::Decode(jpeg::decode_lossless)),
    row("1.2.840.10008.1.2.4.70", "JPEG Lossless SV1", Family::JpegLossless, true, Treatment::Decode(jpeg::decode_lossless)),
    row("1.2.840.10008.1.2.4.80", "JPEG-LS Lossless", Family::JpegLs, true, Treatment::Decode(jpeg::decode_ls)),
    row("1.2.840.10008.1.2.4.81", "JPEG-LS Near-Lossless", Family::JpegLs, false, Treatment::Decode(jpeg::decode_ls)),
    row("1.2.840.10008.1.2.4.90", "JPEG 2000 Lossless", Family::Jpeg2000, true, Treatment::Decode(jpeg2000::decode)),
    row("1.2.840.10008.1.2.4.91", "JPEG 2000", Family::Jpeg2000, false, Treatment::Decode(jpeg2000::decode)),
    row("1.2.840.10008.1.2.4.92", "JPEG 2000 Part 2 Lossless", Family::Jpeg2000, true, Treatment::Decode(jpeg2000::decode)),
    row("1.2.840.10008.1.2.4.93", "JPEG 2000 Part 2", Family::Jpeg2000, false, Treatment::Decode(jpeg2000::decode)),
    row("1.2.840.10008.1.2.4.201", "HTJ2K Lossless", Family::Jpeg2000, true, Treatment::Decode(jpeg2000::decode)),
    row("1.2.840.10008.1.2.4.202", "HTJ2K Lossless RPCL", Family::Jpeg2000, true, Treatment::Decode(jpeg2000::decode)),
    row("1.2.840.10008.1.2.4.203", "HTJ2K", Family::Jpeg2000, false, Treatment::Decode(jpeg2000::decode)),
    row("1.2.840.10008.1.2.4.110", "JPEG XL Lossless", Family::JpegXl, true, Treatment::Decode(jpeg_xl::decode)),
    row("1.2.840.10008.1.2.4.111", "JPEG XL JPEG Recompression", Family::JpegXl, false, Treatment::Decode(jpeg_xl::decode_recompressed)),
    row("1.2.840.10008.1.2.4.112", "JPEG XL", Family::JpegXl, false, Treatment::Decode(jpeg_xl::decode)),
    row("1.2.840.10008.1.2.4.100", "MPEG-2 Main Level", Family::Video, false, Treatment::Video),
    row("1.2.840.10008.1.2.4.100.1", "MPEG-2 Main Level, fragmentable", Family::Video, false, Treatment::Video),
    row("1.2.840.10008.1.2.4.101", "MPEG-2 High Level", Family::Video, false, Treatment::Video),
    row("1.2.840.10008.1.2.4.101.1", "MPEG-2 High Level, fragmentable", Family::Video, false, Treatment::Video),
    row("1.2.840.10008.1.2.4.102", "H.264 High 4.1", Family::Video, false, Treatment::Video),
    row("1.2.840.10008.1.2.4.102.1", "H.264 High 4.1, fragmentable", Family::Video, false, Treatment::Video),
    row("1.2.840.10008.1.2.4.103", "H.264 BD-compatible", Family::Video, false, Treatment::Video),
    row("1.2.840.10008.1.2.4.103.1", "H.264 BD-compatible, fragmentable", Family::Video, false, Treatment::Video),
    row("1.2.840.10008.1.2.4.104", "H.264 High 4.2 2D", Family::Video, false, Treatment::Video),
    row("1.2.840.10008.1.2.4.104.1", "H.264 High 4.2 2D, fragmentable", Family::Video, false, Treatment::Video),
    row("1.2.840.10008.1.2.4.105", "H.264 High 4.2 3D", Family::Video, false, Treatment::Video),
    row("1.2.840.10008.1.2.4.105.1", "H.264 High 4.2 3D, fragmentable", Family::Video, false, Treatment::Video),
    row("1.2.840.10008.1.2.4.106", "H.264 Stereo High 4.2", Family::Video, false, Treatment::Video),
    row("1.2.840.10008.1.2.4.106.1", "H.264 Stereo High 4.2, fragmentable", Family::Video, false, Treatment::Video),
    row("1.2.840.10008.1.2.4.107", "HEVC Main 5.1", Family::Video, false, Treatment::Video),
    row("1.2.840.10008.1.2.4.108", "HEVC Main 10 5.1", Family::Video, false, Treatment::Video),
];

/// The row of a transfer syntax; trailing NUL or space padding of the UID is ignored.
pub fn decoder_for(transfer_syntax_uid: &str) -> Option<&'static Coding> {
    let uid = transfer_syntax_uid.trim_end_matches(['\0', ' ']);
    CODINGS.iter().find(|coding| coding.uid == uid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_syntax_is_listed_once_and_found_with_padding() {
        for coding in CODINGS {
            let padded = format!("{}\0", coding.uid);
            assert_eq!(decoder_for(&padded).map(|found| found.name), Some(coding.name));
        }
        assert_eq!(CODINGS.len(), 37);
        // JPIP Referenced, and Explicit VR Little Endian, which is not encapsulated.
        assert!(decoder_for("1.2.840.10008.1.2.4.94").is_none() && decoder_for("1.2.840.10008.1.2.1").is_none());
    }

    #[test]
    fn videos_are_known_as_such() {
        let videos = CODINGS.iter().filter(|coding| matches!(coding.treatment, Treatment::Video));
        assert_eq!(videos.filter(|coding| coding.family == Family::Video).count(), 16);
    }
}
