//! From the bytes of an uncompressed frame to packed samples, little endian, interleaved by pixel, with the unused
//! bits gone. Knows nothing of files.
//!
//! Cells lie one behind the other, the lowest bit first (PS3.5 8.1.1 and annex D): those of 8, 16 and 32 bits are samples as
//! they are, all others are cut out of the stream of bits and put into the next wider sample.

use super::header::{ImageHeader, SampleKind};
use std::borrow::Cow;

/// Byte order and place of the cells of one frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cells<'a> {
    /// Bytes that hold the frame, and no more than the byte that its last bit is in.
    pub bytes: Cow<'a, [u8]>,
    /// Bits before the frame in the first byte; not 0 only for cells that are no whole bytes.
    pub skip_bits: u8,
    /// Samples wider than a byte are big endian.
    pub big_endian: bool,
}

/// Whether the samples of a frame are its cells in their order: then [`settle`] makes the one out of the other where they lie.
pub fn in_order(header: &ImageHeader) -> bool {
    whole(header) && !header.planar && !header.announced.halved
}

/// Whether each cell holds a sample and nothing else.
fn whole(header: &ImageHeader) -> bool {
    header.kind != SampleKind::Integer || matches!(header.bits_allocated, 8 | 16 | 32)
}

/// Unpacks a frame into `out`, which has the frame's size; `None` if there are too few bytes for its shape.
pub fn unpack(header: &ImageHeader, cells: &Cells<'_>, out: &mut [u8]) -> Option<()> {
    let bits = header.frame_bits() + u64::from(cells.skip_bits);
    if (cells.bytes.len() as u64) * 8 < bits || out.len() as u64 != header.frame_bytes() {
        return None;
    }
    if !whole(header) {
        match header.bits_allocated {
            1 => unpack_bits(cells, out),
            _ => cut_out(header, cells, out),
        }
        return Some(());
    }
    let bytes = cells.bytes.get(..(header.frame_bits() / 8) as usize)?;
    if header.announced.halved {
        repeat_chroma(bytes, out);
    } else if header.planar {
        interleave(bytes, header.sample_type().bytes(), out);
    } else {
        out.copy_from_slice(bytes);
    }
    settle(header, cells.big_endian, out);
    Some(())
}

/// Makes samples of cells that lie where the samples are to be: little endian, with nothing in the unused bits.
pub fn settle(header: &ImageHeader, big_endian: bool, samples: &mut [u8]) {
    if big_endian {
        swap(samples, header.bits_allocated);
    }
    if header.kind == SampleKind::Integer {
        let low = header.high_bit + 1 - header.bits_stored;
        keep_bits(samples, header.bits_allocated, header.bits_stored, low, header.signed);
    }
}

/// The stored bits of each cell as a sample. The header gives integers at most 32 of them.
fn cut_out(header: &ImageHeader, cells: &Cells<'_>, out: &mut [u8]) {
    let mut swapped;
    let mut bytes = &*cells.bytes;
    if cells.big_endian {
        swapped = bytes.to_vec();
        swap(&mut swapped, header.bits_allocated);
        bytes = &swapped;
    }
    let (stored, width) = (u32::from(header.bits_stored), header.sample_type().bytes());
    let mut at = u64::from(cells.skip_bits) + u64::from(header.high_bit + 1 - header.bits_stored);
    let (samples, planes) = (out.len() / width, if header.planar { usize::from(header.samples) } else { 1 });
    let pixels = samples / planes;
    for cell in 0..samples {
        // 32 bits that begin anywhere in a byte lie in 5 bytes.
        let window = bytes.get((at / 8) as usize..).unwrap_or_default().iter().take(5).rev();
        let bits = window.fold(0u64, |bits, byte| bits << 8 | u64::from(*byte)) >> (at % 8);
        let value = bits << (64 - stored);
        let value = if header.signed { (value as i64 >> (64 - stored)) as u64 } else { value >> (64 - stored) };
        let sample = (cell % pixels * planes + cell / pixels) * width;
        let to = out.get_mut(sample..sample + width).unwrap_or_default();
        to.iter_mut().zip(value.to_le_bytes()).for_each(|(to, from)| *to = from);
        at += u64::from(header.bits_allocated);
    }
}

/// PS3.5 8.1.1: the first pixel is the lowest bit of the first byte.
fn unpack_bits(cells: &Cells<'_>, out: &mut [u8]) {
    let skip = usize::from(cells.skip_bits);
    // What comes before the first whole byte of the frame, then eight samples a byte.
    let (head, rest) = out.split_at_mut(out.len().min((8 - skip) % 8));
    let first = cells.bytes.first().copied().unwrap_or_default();
    head.iter_mut().zip(skip..).for_each(|(to, bit)| *to = first >> bit & 1);
    let bytes = cells.bytes.get(usize::from(skip > 0)..).unwrap_or_default();
    for (eight, byte) in rest.chunks_mut(8).zip(bytes) {
        eight.iter_mut().enumerate().for_each(|(bit, to)| *to = byte >> bit & 1);
    }
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
fn repeat_chroma(halved: &[u8], out: &mut [u8]) {
    for (&[y1, y2, cb, cr], pixels) in halved.as_chunks::<4>().0.iter().zip(out.as_chunks_mut::<6>().0) {
        *pixels = [y1, cb, cr, y2, cb, cr];
    }
}

/// Three planes to pixels.
fn interleave(planes: &[u8], bytes: usize, out: &mut [u8]) {
    fn run<const N: usize>(planes: &[u8], out: &mut [u8]) {
        let (cells, _) = planes.as_chunks::<N>();
        let (first, rest) = cells.split_at(cells.len() / 3);
        let (second, third) = rest.split_at(cells.len() / 3);
        let pixels = out.as_chunks_mut::<N>().0.as_chunks_mut::<3>().0;
        for (pixel, ((a, b), c)) in pixels.iter_mut().zip(first.iter().zip(second).zip(third)) {
            *pixel = [*a, *b, *c];
        }
    }
    match bytes {
        1 => run::<1>(planes, out),
        2 => run::<2>(planes, out),
        4 => run::<4>(planes, out),
        _ => run::<8>(planes, out),
    }
}

/// Whether [`keep_bits`] would change nothing: the unused bits hold zeros, or the sign of signed cells.
pub fn nothing_to_drop(samples: &[u8], allocated: u8, stored: u8, low: u8, signed: bool) -> bool {
    if stored == allocated {
        return true;
    }
    if stored == 0 || stored > allocated || low != 0 {
        return false;
    }
    // Or-ing all cells together shows every bit that is set anywhere. A signed cell is folded first: where it is negative
    // its bits are turned over, and those from the sign on must be zeros then.
    macro_rules! spare {
        ($unsigned:ty, $signed:ty) => {{
            let (cells, _) = samples.as_chunks::<{ std::mem::size_of::<$unsigned>() }>();
            let folded = |cell: $signed| cell ^ cell >> (allocated - 1);
            match signed {
                true => {
                    cells.iter().fold(0, |any, cell| any | folded(<$signed>::from_le_bytes(*cell))) >> (stored - 1) == 0
                }
                false => cells.iter().fold(0, |any, cell| any | <$unsigned>::from_le_bytes(*cell)) >> stored == 0,
            }
        }};
    }
    match allocated {
        8 => spare!(u8, i8),
        16 => spare!(u16, i16),
        32 => spare!(u32, i32),
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
        assert!(!nothing_to_drop(&clean, 16, 12, 0, true), "a sign has to be extended");
        // -2048 and 2047 of twelve bits as sixteen have them; 2048 is no value of theirs.
        assert!(nothing_to_drop(&[0x00, 0xF8, 0xFF, 0x07], 16, 12, 0, true), "signs are extended");
        assert!(!nothing_to_drop(&[0x00, 0x08], 16, 12, 0, true));
        assert!(!nothing_to_drop(&clean, 16, 12, 4, false), "the bits lie higher");
    }
}
