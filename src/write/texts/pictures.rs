//! PNG: text chunks of all three kinds, compressed ones unpacked, and every other chunk that is not pixels (EXIF, profiles).

use super::{At, Said, Sink};
use std::io::Read;

/// Bytes that a compressed text may unpack to.
const MOST_TEXT: u64 = 16 << 20;

/// `None` if the chunks do not fit together.
pub(super) fn png(bytes: &[u8], sink: &mut Sink<'_>) -> Option<()> {
    let mut rest = bytes.get(8..)?;
    let mut number = 0;
    while let Some((head, tail)) = rest.split_first_chunk::<8>() {
        let (length, kind) = head.split_first_chunk::<4>()?;
        let length = u32::from_be_bytes(*length) as usize;
        let data = tail.get(..length)?;
        let at = At::of("chunk", number);
        match kind {
            b"IDAT" | b"PLTE" | b"IHDR" | b"IEND" => {}
            _ => {
                sink(&at, None, Said::Bytes(data));
                // Keyword, NUL, one to four bytes and more text, then the zlib stream.
                for from in data.iter().enumerate().filter(|(_, b)| **b == 0x78).map(|(from, _)| from).take(8) {
                    let mut text = Vec::new();
                    let stream = flate2::read::ZlibDecoder::new(data.get(from..)?);
                    if stream.take(MOST_TEXT).read_to_end(&mut text).is_ok() && !text.is_empty() {
                        sink(&at, None, Said::Bytes(&text));
                    }
                }
            }
        }
        rest = tail.get(length + 4..)?;
        number += 1;
        if kind == b"IEND" {
            break;
        }
    }
    if !rest.is_empty() {
        sink(&At::default(), None, Said::Bytes(rest));
    }
    Some(())
}
