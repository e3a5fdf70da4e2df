//! From the bytes of an uncompressed frame to packed samples, little endian, interleaved by pixel, with the unused
//! bits gone. Knows nothing of files.
//!
//! Cells lie one behind the other, the lowest bit first (PS3.5 8.1.1 and annex D): those of 8, 16 and 32 bits are samples as
//! they are, all others are cut out of the stream of bits and put into the next wider sample.

use super::header::{ImageHeader, SampleKind};

/// Byte order and place of the cells of one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cells<'a> {
    /// Bytes that hold the frame, and no more than the byte that its last bit is in.
    pub bytes: &'a [u8],
    /// Bits before the frame in the first byte; not 0 only for cells that are no whole bytes.
    pub skip_bits: u8,
    /// Samples wider than a byte are big endian.
    pub big_endian: bool,
}

/// Unpacks a frame; `None` if there are too few bytes for its shape.
pub fn unpack(header: &ImageHeader, cells: Cells<'_>) -> Option<Vec<u8>> {
    let bits = header.frame_bits() + u64::from(cells.skip_bits);
    if (cells.bytes.len() as u64) * 8 < bits {
        return None;
    }
    if header.bits_allocated == 1 {
        return Some(unpack_bits(cells, header.frame_samples() as usize));
    }
    let low = header.high_bit + 1 - header.bits_stored;
    let integer = header.kind == SampleKind::Integer;
    let whole = !integer || matches!(header.bits_allocated, 8 | 16 | 32);
    let mut samples = match whole {
        true => cells.bytes.get(..(header.frame_bits() / 8) as usize)?.to_vec(),
        false => cut_out(header, cells, low),
    };
    if whole && cells.big_endian {
        swap(&mut samples, header.bits_allocated);
    }
    if header.announced.halved {
        samples = repeat_chroma(&samples);
    } else if header.planar {
        samples = interleave(&samples, header.sample_type().bytes());
    }
    if whole && integer {
        keep_bits(&mut samples, header.bits_allocated, header.bits_stored, low, header.signed);
    }
    Some(samples)
}

/// The stored bits of each cell as a sample. The header gives integers at most 32 of them.
fn cut_out(header: &ImageHeader, cells: Cells<'_>, low: u8) -> Vec<u8> {
    let mut swapped;
    let mut bytes = cells.bytes;
    if cells.big_endian {
        swapped = bytes.to_vec();
        swap(&mut swapped, header.bits_allocated);
        bytes = &swapped;
    }
    let (stored, width) = (u32::from(header.bits_stored), header.sample_type().bytes());
    let mut out = Vec::with_capacity(header.frame_samples() as usize * width);
    let mut at = u64::from(cells.skip_bits) + u64::from(low);
    for _ in 0..header.frame_samples() {
        // 32 bits that begin anywhere in a byte lie in 5 bytes.
        let window = bytes.get((at / 8) as usize..).unwrap_or_default().iter().take(5).rev();
        let bits = window.fold(0u64, |bits, byte| bits << 8 | u64::from(*byte)) >> (at % 8);
        let value = bits << (64 - stored);
        let value = if header.signed { (value as i64 >> (64 - stored)) as u64 } else { value >> (64 - stored) };
        out.extend(value.to_le_bytes().into_iter().take(width));
        at += u64::from(header.bits_allocated);
    }
    out
}

/// PS3.5 8.1.1: the first pixel is the lowest bit of the first byte.
fn unpack_bits(cells: Cells<'_>, samples: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(samples + 16);
    for &byte in cells.bytes {
        out.extend_from_slice(&[0, 1, 2, 3, 4, 5, 6, 7].map(|bit| byte >> bit & 1));
    }
    out.drain(..usize::from(cells.skip_bits));
    out.truncate(samples);
    out
}

fn swap(samples: &mut [u8], bits: u8) {
    match bits {
        16 => samples.as_chunks_mut::<2>().0.iter_mut().for_each(|c| c.reverse()),
        32 => samples.as_chunks_mut::<4>().0.iter_mut().for_each(|c| c.reverse()),
        64 => samples.as_chunks_mut::<8>().0.iter_mut().for_each(|c| c.reverse()),
        _ => {}
    }
}

/// PS3.3 C.7.6.3.1.2: Y1 Y2 CB CR becomes Y1 CB CR Y2 CB CR.
fn repeat_chroma(halved: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(halved.len() / 2 * 3);
    for &[y1, y2, cb, cr] in halved.as_chunks::<4>().0 {
        out.extend_from_slice(&[y1, cb, cr, y2, cb, cr]);
    }
    out
}

/// Three planes to pixels.
fn interleave(planes: &[u8], bytes: usize) -> Vec<u8> {
    fn run<const N: usize>(planes: &[u8]) -> Vec<u8> {
        let (cells, _) = planes.as_chunks::<N>();
        let (first, rest) = cells.split_at(cells.len() / 3);
        let (second, third) = rest.split_at(cells.len() / 3);
        let mut out = Vec::with_capacity(planes.len());
        for ((a, b), c) in first.iter().zip(second).zip(third) {
            out.extend_from_slice(a);
            out.extend_from_slice(b);
            out.extend_from_slice(c);
        }
        out
    }
    match bytes {
        1 => run::<1>(planes),
        2 => run::<2>(planes),
        4 => run::<4>(planes),
        _ => run::<8>(planes),
    }
}

/// Whether [`keep_bits`] would change nothing: the unused bits of unsigned cells hold zeros.
pub fn nothing_to_drop(samples: &[u8], allocated: u8, stored: u8, low: u8, signed: bool) -> bool {
    if stored == allocated {
        return true;
    }
    if stored == 0 || stored > allocated || low != 0 || signed {
        return false;
    }
    // Or-ing all cells together shows every bit that is set anywhere.
    macro_rules! spare {
        ($unsigned:ty) => {{
            let (cells, _) = samples.as_chunks::<{ std::mem::size_of::<$unsigned>() }>();
            cells.iter().fold(0, |any, cell| any | <$unsigned>::from_le_bytes(*cell)) >> stored == 0
        }};
    }
    match allocated {
        8 => spare!(u8),
        16 => spare!(u16),
        32 => spare!(u32),
        _ => false,
    }
}

/// Keeps `stored` bits of each cell, starting at bit `low`, and extends their sign: the other bits can hold
/// overlays or rubbish (PS3.5 8.1.1). Little endian in, little endian out.
pub fn keep_bits(samples: &mut [u8], allocated: u8, stored: u8, low: u8, signed: bool) {
    if stored >= allocated || stored == 0 || low > allocated - stored {
        return;
    }
    let up = u32::from(allocated - stored - low);
    let down = u32::from(allocated - stored);
    macro_rules! shift {
        ($unsigned:ty, $signed:ty) => {{
            for cell in samples.as_chunks_mut::<{ std::mem::size_of::<$unsigned>() }>().0 {
                let value = <$unsigned>::from_le_bytes(*cell) << up;
                let value = if signed { (value as $signed >> down) as $unsigned } else { value >> down };
                *cell = value.to_le_bytes();
            }
        }};
    }
    match allocated {
        8 => shift!(u8, i8),
        16 => shift!(u16, i16),
        32 => shift!(u32, i32),
        _ => {}
    }
}

/// Holds each sample within the range of `stored` bits. Little endian in, little endian out.
pub fn hold_within(samples: &mut [u8], allocated: u8, stored: u8, signed: bool) {
    if stored >= allocated || stored == 0 {
        return;
    }
    macro_rules! hold {
        ($unsigned:ty, $signed:ty) => {{
            let (low, high) = ((-1 as $signed) << (stored - 1), !((-1 as $signed) << (stored - 1)));
            let most = !((<$unsigned>::MAX) << stored);
            for cell in samples.as_chunks_mut::<{ std::mem::size_of::<$unsigned>() }>().0 {
                *cell = match signed {
                    true => <$signed>::from_le_bytes(*cell).clamp(low, high).to_le_bytes(),
                    false => <$unsigned>::from_le_bytes(*cell).min(most).to_le_bytes(),
                };
            }
        }};
    }
    match allocated {
        8 => hold!(u8, i8),
        16 => hold!(u16, i16),
        32 => hold!(u32, i32),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overshoots_is_the_last_value_of_its_range() {
        let held = |samples: &[u16], signed| {
            let mut bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
            hold_within(&mut bytes, 16, 12, signed);
            bytes.as_chunks::<2>().0.iter().map(|cell| u16::from_le_bytes(*cell)).collect::<Vec<u16>>()
        };
        assert_eq!(held(&[0, 4095, 4096, 65_535], false), [0, 4095, 4095, 4095]);
        // Twelve signed bits: -2,048 to 2,047; -2,049 is 63,487 and -2,048 is 63,488 in sixteen.
        assert_eq!(held(&[2047, 2048, 63_487, 65_535], true), [2047, 2047, 63_488, 65_535]);
    }

    #[test]
    fn cells_with_rubbish_above_are_not_taken_as_they_are() {
        let clean = [0xFF, 0x0F, 0x01, 0x00];
        assert!(nothing_to_drop(&clean, 16, 12, 0, false));
        assert!(nothing_to_drop(&clean, 16, 16, 0, true));
        assert!(!nothing_to_drop(&[0xFF, 0x0F, 0x00, 0x10], 16, 12, 0, false));
        assert!(!nothing_to_drop(&clean, 16, 12, 0, true), "a sign may have to be extended");
        assert!(!nothing_to_drop(&clean, 16, 12, 4, false), "the bits lie higher");
    }
}
