//! Where each frame's stream lies among the fragments of encapsulated pixel data, without decoding anything: by the
//! Extended or Basic Offset Table if they are true, else by counting, else by the first bytes of streams.

use super::element::array;
use super::tape::{Fragment, Tape};
use super::words::{EXTENDED_LENGTHS, EXTENDED_OFFSETS};
use crate::error::{Fault, Reason, Result};
use std::borrow::Cow;
use std::ops::Range;

/// The fragments of every frame.
#[derive(Debug)]
pub struct FrameMap {
    fragments: Vec<Fragment>,
    /// First fragment of each frame, and the number of fragments at the end.
    firsts: Vec<u32>,
    /// Bytes of each frame, where the Extended Offset Table says them.
    lengths: Option<Vec<u64>>,
    /// What was tolerated, as stable words.
    pub warnings: Vec<&'static str>,
}

impl FrameMap {
    /// Groups the items of the pixel data (the first is the Basic Offset Table) into `frames` frames.
    pub fn new(tape: &Tape, items: &[Fragment], frames: u32) -> Result<Self> {
        let (table, fragments) = items.split_first().ok_or_else(|| too_few(frames, 0))?;
        let mut warnings = Vec::new();
        let mut lengths = None;
        let extended = extended_table(tape, frames);
        if extended.is_none() && tape.filled(super::tape::Scope::Root, EXTENDED_OFFSETS).is_some() {
            warnings.push("offset-table-ignored");
        }
        let mut firsts = None;
        if let Some((offsets, sizes)) = extended {
            firsts = by_offsets(&offsets, fragments);
            lengths = firsts.as_deref().filter(|firsts| only_padding_left(firsts, fragments, &sizes)).map(|_| sizes);
            if lengths.is_none() {
                warnings.push("offset-table-ignored");
            }
        }
        if firsts.is_none() && table.len > 0 {
            let offsets = basic_table(&tape.data, table);
            firsts = by_offsets(&offsets, fragments).filter(|f| f.len() as u64 > u64::from(frames));
            if firsts.is_none() && !warnings.contains(&"offset-table-ignored") {
                warnings.push("offset-table-ignored");
            }
        }
        let mut firsts = match firsts {
            Some(firsts) => firsts,
            None => by_counting(&tape.data, fragments, frames)?,
        };
        // More frames than announced: the header decides. The stop of the last one stays.
        if firsts.len() as u64 > u64::from(frames) + 1 {
            warnings.push("excess-pixel-data");
            firsts.truncate(frames as usize + 1);
        }
        Ok(Self { fragments: fragments.to_vec(), firsts, lengths, warnings })
    }

    /// The fragments of one frame.
    pub fn fragments(&self, frame: u32) -> &[Fragment] {
        let index = frame as usize;
        let range: Option<Range<usize>> =
            self.firsts.get(index).zip(self.firsts.get(index + 1)).map(|(&a, &b)| a as usize..b as usize);
        range.and_then(|r| self.fragments.get(r)).unwrap_or(&[])
    }

    /// Where the stream of one frame lies in the data, if it lies in one piece.
    pub fn piece(&self, data: &[u8], frame: u32) -> Option<Range<usize>> {
        let [one] = self.fragments(frame) else { return None };
        let start = one.start as usize;
        let said = self.lengths.as_ref().and_then(|lengths| lengths.get(frame as usize));
        let len = said.map_or(u64::from(one.len), |said| u64::from(one.len).min(*said));
        let range = start..start.checked_add(len as usize)?;
        data.get(range.clone()).map(|_| range)
    }

    /// The stream of one frame: borrowed if it lies in one piece.
    pub fn stream<'a>(&self, data: &'a [u8], frame: u32) -> Cow<'a, [u8]> {
        if let Some(piece) = self.piece(data, frame).and_then(|range| data.get(range)) {
            return Cow::Borrowed(piece);
        }
        let piece = |f: &Fragment| {
            let start = f.start as usize;
            data.get(start..start.saturating_add(f.len as usize)).unwrap_or(&[])
        };
        let mut stream: Vec<u8> = self.fragments(frame).iter().flat_map(|f| piece(f).iter().copied()).collect();
        if let Some(&len) = self.lengths.as_ref().and_then(|l| l.get(frame as usize)) {
            stream.truncate(usize::try_from(len).unwrap_or(usize::MAX));
        }
        Cow::Owned(stream)
    }
}

/// PS3.3 C.7.6.3.1.8: 64-bit offsets and lengths, one of each per frame.
fn extended_table(tape: &Tape, frames: u32) -> Option<(Vec<u64>, Vec<u64>)> {
    let read = |attribute| {
        let bytes = tape.bytes(tape.filled(super::tape::Scope::Root, attribute)?);
        let (cells, rest) = bytes.as_chunks::<8>();
        let values: Vec<u64> = cells.iter().map(|c| u64::from_le_bytes(*c)).collect();
        (rest.is_empty() && values.len() == frames as usize).then_some(values)
    };
    Some((read(EXTENDED_OFFSETS)?, read(EXTENDED_LENGTHS)?))
}

fn basic_table(data: &[u8], table: &Fragment) -> Vec<u64> {
    let offset = |i: u32| array(data, table.start + u64::from(i) * 4).map_or(0, u32::from_le_bytes);
    (0..table.len / 4).map(|i| u64::from(offset(i))).collect()
}

/// Frame starts by offsets from the first byte behind the Basic Offset Table to the item of a frame's first
/// fragment; `None` if one of them points elsewhere or they do not ascend.
fn by_offsets(offsets: &[u64], fragments: &[Fragment]) -> Option<Vec<u32>> {
    let origin = fragments.first()?.start;
    let mut firsts = Vec::with_capacity(offsets.len() + 1);
    for offset in offsets {
        let index = fragments.binary_search_by_key(&origin.checked_add(*offset)?, |f| f.start).ok()? as u32;
        if firsts.last().is_some_and(|&last| index <= last) {
            return None;
        }
        firsts.push(index);
    }
    if firsts.first() != Some(&0) {
        return None;
    }
    firsts.push(fragments.len() as u32);
    Some(firsts)
}

/// Whether the lengths of frames leave out nothing but the byte that makes the last fragment of each even (PS3.3 C.7.6.3.1.8).
fn only_padding_left(firsts: &[u32], fragments: &[Fragment], lengths: &[u64]) -> bool {
    let there = |pair: &[u32]| match pair {
        &[from, to] => {
            fragments.get(from as usize..to as usize).map(|own| own.iter().map(|f| u64::from(f.len)).sum::<u64>())
        }
        _ => None,
    };
    firsts.windows(2).zip(lengths).all(|(pair, len)| there(pair).is_some_and(|there| there.saturating_sub(*len) <= 1))
}

/// Without a table: a fragment for each frame, or all fragments for the only one, or a new frame where a stream begins.
fn by_counting(data: &[u8], fragments: &[Fragment], frames: u32) -> Result<Vec<u32>> {
    let count = fragments.len() as u32;
    if count == frames {
        return Ok((0..=count).collect());
    }
    if count < frames {
        return Err(too_few(frames, count));
    }
    let begins = |i: &u32| fragments.get(*i as usize).is_some_and(|f| starts_stream(data, f));
    let mut firsts: Vec<u32> = (0..count).filter(begins).collect();
    let told_apart = firsts.first() == Some(&0) && firsts.len() as u64 >= u64::from(frames);
    firsts.push(count);
    match (told_apart, frames) {
        (true, _) => Ok(firsts),
        (false, 1) => Ok(vec![0, count]),
        (false, _) => {
            let cause = "no way to tell which fragments belong to which frame";
            let fault = Fault::input(Reason::Inconsistent, "PixelData", cause);
            Err(fault.number("frames", frames).number("fragments", count))
        }
    }
}

/// First bytes of the streams that DICOM knows: JPEG and JPEG-LS, JPEG 2000, JP2, JPEG XL, and RLE headers.
fn starts_stream(data: &[u8], fragment: &Fragment) -> bool {
    let Some(head) = array::<12>(data, fragment.start).filter(|_| fragment.len >= 12) else { return false };
    let rle = matches!(head, [1..=15, 0, 0, 0, 64, 0, 0, 0, ..]);
    rle || [&b"\xFF\xD8\xFF"[..], b"\xFF\x4F\xFF\x51", b"\0\0\0\x0CjP  ", b"\xFF\x0A", b"\0\0\0\x0CJXL "]
        .iter()
        .any(|magic| head.starts_with(magic))
}

fn too_few(frames: u32, fragments: u32) -> Fault {
    Fault::input(Reason::Inconsistent, "NumberOfFrames", "more frames are announced than there are fragments")
        .number("frames", frames)
        .number("fragments", fragments)
}
