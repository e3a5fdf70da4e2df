//! Deflated Image Frame Compression (PS3.5 A.4.12): each frame's native bytes behind one raw deflate stream.
//!
//! What comes out is what an uncompressed frame would hold (one-bit pixels packed eight to a byte); laying it out is
//! the DICOM room's work, as it is for native pixel data.

use crate::error::{Fault, Reason, Result};
use flate2::{Decompress, FlushDecompress, Status};

const PLACE: &str = "deflated frame";

/// Refuses a stream that cannot hold `native_len` bytes, before there is room for them: deflate makes at most 1032 bytes out of
/// one (zlib's technical notes).
pub fn justified(stream: &[u8], native_len: u64) -> Result<()> {
    if native_len > (stream.len() as u64).saturating_mul(1032) {
        return Err(Fault::input(Reason::Truncated, PLACE, "too few bytes to hold the frame")
            .number("bytes", stream.len() as u64)
            .number("expected", native_len));
    }
    Ok(())
}

/// Inflates one frame into `out`, the bytes of a native frame; one byte of padding after it is dropped. Fails with `Truncated`
/// if the stream gives less, `Inconsistent` if it gives more, `DecodeFailed` if it is not raw deflate.
pub fn inflate_frame(stream: &[u8], out: &mut [u8]) -> Result<()> {
    justified(stream, out.len() as u64)?;
    let mut inflater = Decompress::new(false);
    let mut inflate = |from: u64, out: &mut [u8], flush| {
        let rest = stream.get(from as usize..).unwrap_or_default();
        let broken = |_| Fault::input(Reason::DecodeFailed, PLACE, "not a raw deflate stream");
        let status = inflater.decompress(rest, out, flush).map_err(broken)?;
        Ok((status, inflater.total_in(), inflater.total_out()))
    };
    let expected = out.len() as u64;
    let (mut status, taken, mut made) = inflate(0, out, FlushDecompress::None)?;
    if made == expected && status != Status::StreamEnd {
        // The padding byte to an even length, and one more to notice an excess.
        (status, _, made) = inflate(taken, &mut [0; 2], FlushDecompress::Finish)?;
    }
    if made < expected {
        return Err(Fault::input(Reason::Truncated, PLACE, "the deflated frame ends early")
            .number("bytes", made)
            .number("expected", expected));
    }
    if made > expected + 1 {
        return Err(Fault::input(Reason::Inconsistent, PLACE, "the deflated frame holds more than the image")
            .number("expected", expected));
    }
    if status != Status::StreamEnd {
        return Err(Fault::input(Reason::Truncated, PLACE, "the deflated frame has no end"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut writer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        writer.write_all(bytes).expect("writing to memory");
        writer.finish().expect("writing to memory")
    }

    fn inflated(stream: &[u8], native_len: usize) -> Result<Vec<u8>> {
        let mut out = vec![0; native_len];
        inflate_frame(stream, &mut out).map(|()| out)
    }

    fn reason(stream: &[u8], native_len: usize) -> Option<Reason> {
        inflated(stream, native_len).err().map(|fault| fault.reason)
    }

    #[test]
    fn a_frame_comes_back_and_every_shorter_stream_is_refused() {
        let native: Vec<u8> = (0..1000u32).map(|n| ((n * n) >> 3) as u8).collect();
        let stream = deflated(&native);
        assert_eq!(inflated(&stream, native.len()), Ok(native.clone()));
        for cut in 0..stream.len() {
            assert_eq!(reason(&stream[..cut], native.len()), Some(Reason::Truncated), "cut at {cut}");
        }
    }

    #[test]
    fn padding_is_dropped_and_excess_refused() {
        let native = [7u8; 32_513];
        let padded: Vec<u8> = native.iter().copied().chain([0]).collect();
        assert_eq!(inflated(&deflated(&padded), native.len()), Ok(native.to_vec()));
        assert_eq!(reason(&deflated(&[7; 40_000]), native.len()), Some(Reason::Inconsistent));
        assert_eq!(reason(&[0xFF; 400], native.len()), Some(Reason::DecodeFailed));
    }

    #[test]
    fn a_claim_beyond_what_deflate_can_hold_is_refused_before_there_is_room() {
        assert_eq!(justified(&[3, 0], 2065).map_err(|fault| fault.reason), Err(Reason::Truncated));
        assert_eq!(justified(&[3, 0], 2064), Ok(()));
    }
}
