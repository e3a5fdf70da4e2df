//! JPEG streams by what they are, not by what the transfer syntax says: the frame header picks the decoder, since
//! real files carry lossless streams under the UID of the baseline and the other way round.

use super::jpeg_header::{Header, Process};
use super::{Announced, Coded, jpeg_dct, jpeg_lossless, jpeg_ls};
use crate::error::Result;

/// Decodes a frame of one of the JPEG transfer syntaxes with a DCT (.50, .51, .53, .55).
pub fn decode_dct(stream: &[u8], announced: &Announced, out: &mut [u8]) -> Result<Coded> {
    decode(stream, announced, out, &[Process::Baseline, Process::Extended, Process::Progressive])
}

/// Decodes a frame of one of the lossless JPEG transfer syntaxes (.57, .70).
pub fn decode_lossless(stream: &[u8], announced: &Announced, out: &mut [u8]) -> Result<Coded> {
    decode(stream, announced, out, &[Process::Lossless])
}

/// Decodes a frame of one of the JPEG-LS transfer syntaxes (.80, .81).
pub fn decode_ls(stream: &[u8], announced: &Announced, out: &mut [u8]) -> Result<Coded> {
    decode(stream, announced, out, &[Process::JpegLs])
}

fn decode(stream: &[u8], announced: &Announced, out: &mut [u8], expected: &[Process]) -> Result<Coded> {
    // A stream whose markers can't be read goes to the decoder that the transfer syntax names; it says why.
    let process = Header::process(stream).or(expected.first().copied());
    let mut coded = match process {
        Some(Process::Lossless) => jpeg_lossless::decode(stream, announced, out)?,
        Some(Process::JpegLs) => jpeg_ls::decode(stream, announced, out)?,
        _ => jpeg_dct::decode(stream, announced, out)?,
    };
    if process.is_some_and(|process| !expected.contains(&process)) {
        coded.warnings.push("jpeg-process-differs-from-transfer-syntax");
    }
    Ok(coded)
}
