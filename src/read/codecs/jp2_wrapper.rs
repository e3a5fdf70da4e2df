//! The JP2 file format around a JPEG 2000 codestream (ITU-T T.800 Annex I): DICOM forbids it, real files have it. Only
//! where the codestream lies and which component is which colour are of interest here.

use super::jpeg2000_header::{be16, be32, fault};
use crate::error::{Reason, Result};

/// SOC followed by SIZ: the only way a codestream starts (A.3).
const START: [u8; 4] = [0xFF, 0x4F, 0xFF, 0x51];

/// One box of a JP2 file: its type, its content, and what comes after it (I.4).
fn split_box(bytes: &[u8]) -> Option<(u32, &[u8], &[u8])> {
    let kind = be32(bytes, 4).ok()?;
    let (header, length) = match be32(bytes, 0).ok()? {
        0 => (8, bytes.len()),
        1 => (16, usize::try_from(u64::from(be32(bytes, 8).ok()?) << 32 | u64::from(be32(bytes, 12).ok()?)).ok()?),
        short => (8, short as usize),
    };
    Some((kind, bytes.get(header..length)?, bytes.get(length..)?))
}

/// The codestream inside a JP2 file (Annex I), or the bytes themselves if they are one, and the content of the
/// channel definition box, if any.
pub(super) fn unwrapped(stream: &[u8]) -> Result<(&[u8], &[u8])> {
    if stream.starts_with(&START) {
        return Ok((stream, &[]));
    }
    let mut channels: &[u8] = &[];
    let mut rest = stream;
    while let Ok(kind) = be32(rest, 4) {
        // 'jp2c', the contiguous codestream box (I.5.4), may be cut off: the codestream itself says so better.
        if kind == 0x6A70_3263 {
            let header = if be32(rest, 0)? == 1 { 16 } else { 8 };
            return match rest.get(header..) {
                Some(inner) if inner.starts_with(&START) => Ok((inner, channels)),
                _ => Err(fault(Reason::Malformed, "the codestream box holds no codestream")),
            };
        }
        let Some((_, content, after)) = split_box(rest) else { break };
        // 'jp2h' is a box of boxes (I.5.3); 'cdef' among them (I.5.3.6).
        let mut inner = if kind == 0x6A70_3268 { content } else { &[] };
        while let Some((kind, content, after)) = split_box(inner) {
            if kind == 0x6364_6566 {
                channels = content;
            }
            inner = after;
        }
        rest = after;
    }
    Err(fault(Reason::DecodeFailed, "neither a JPEG 2000 codestream nor a JP2 file"))
}

/// Which component each colour channel is: entry i holds the component of colour i (I.5.3.6). As they come, unless
/// the channel definitions name each colour once.
pub(super) fn order(channels: &[u8], components: usize) -> Vec<usize> {
    let as_they_come: Vec<usize> = (0..components).collect();
    let mut order = vec![usize::MAX; components];
    for definition in channels.get(2..).unwrap_or_default().chunks_exact(6) {
        if let (Ok(component), Ok(0), Ok(colour @ 1..)) =
            (be16(definition, 0), be16(definition, 2), be16(definition, 4))
            && let Some(slot) = order.get_mut(usize::from(colour) - 1)
        {
            *slot = usize::from(component);
        }
    }
    let mut sorted = order.clone();
    sorted.sort_unstable();
    if sorted == as_they_come { order } else { as_they_come }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
    }

    #[test]
    fn the_codestream_and_the_channel_definitions_are_found() {
        // Component 0 is blue (3), 1 is green (2), 2 is red (1).
        let channels = [0, 3, 0, 0, 0, 0, 0, 3, 0, 1, 0, 0, 0, 2, 0, 2, 0, 0, 0, 1];
        let header = [boxed(b"ihdr", &[0; 14]), boxed(b"cdef", &channels)].concat();
        let mut file = [boxed(b"jP  ", b"\r\n\x87\n"), boxed(b"jp2h", &header)].concat();
        // The last box may leave its length out.
        file.extend([0, 0, 0, 0, b'j', b'p', b'2', b'c', 0xFF, 0x4F, 0xFF, 0x51, 7]);
        let (codestream, found) = unwrapped(&file).expect("a JP2 file");
        assert_eq!(codestream, [0xFF, 0x4F, 0xFF, 0x51, 7]);
        assert_eq!(order(found, 3), [2, 1, 0]);
        assert!(unwrapped(&file[..file.len() - 5]).is_err());
    }

    #[test]
    fn definitions_that_name_a_colour_twice_or_not_at_all_are_ignored() {
        let twice = [0, 2, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1];
        let alpha = [0, 2, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0];
        for channels in [&twice[..], &alpha, &[]] {
            assert_eq!(order(channels, 2), [0, 1]);
        }
    }
}
