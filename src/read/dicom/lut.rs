//! Tables: LUT descriptors and data with their quirks, and palettes, segmented ones expanded (PS3.3 C.7.9.2).

use super::tape::{Scope, Tape, Vr};
use super::value::{Ambiguous, bad, missing};
use super::words::{
    Attribute, BLUE_DATA, BLUE_DESCRIPTOR, BLUE_SEGMENTS, GREEN_DATA, GREEN_DESCRIPTOR, GREEN_SEGMENTS, LUT_DATA,
    LUT_DESCRIPTOR, RED_DATA, RED_DESCRIPTOR, RED_SEGMENTS,
};
use crate::error::{Fault, Reason, Result};
use crate::model::{Lut, Palette};

/// Number of entries, input of the first, bits of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Descriptor {
    count: usize,
    first: i32,
    bits: u8,
}

/// Modality or VOI LUT in an item of its sequence; `signed` says whether its input can be negative.
pub fn sequence_lut(tape: &Tape, item: Scope, signed: bool) -> Result<Lut> {
    let descriptor = descriptor(tape, item, LUT_DESCRIPTOR, signed)?;
    let entries = entries(tape, item, LUT_DATA, descriptor)?.ok_or_else(|| missing(LUT_DATA))?;
    Ok(finish(descriptor, entries))
}

/// The palette of the top level.
pub fn palette(tape: &Tape, signed: bool) -> Result<Palette> {
    let channel = |attributes: [Attribute; 3]| -> Result<Lut> {
        let [descriptor_at, data_at, segments_at] = attributes;
        let descriptor = descriptor(tape, Scope::Root, descriptor_at, signed)?;
        if !matches!(descriptor.bits, 8 | 16) {
            return Err(bad(descriptor_at, "entries of a palette have 8 or 16 bits").number("found", descriptor.bits));
        }
        let found = match entries(tape, Scope::Root, data_at, descriptor)? {
            Some(found) => found,
            None => Entries { wide: descriptor.bits > 8, values: segments(tape, segments_at, descriptor)? },
        };
        Ok(finish(descriptor, found))
    };
    let mut channels = [
        channel([RED_DESCRIPTOR, RED_DATA, RED_SEGMENTS])?,
        channel([GREEN_DESCRIPTOR, GREEN_DATA, GREEN_SEGMENTS])?,
        channel([BLUE_DESCRIPTOR, BLUE_DATA, BLUE_SEGMENTS])?,
    ];
    // One range for the three, or the colours would shift.
    let bits = channels.iter().map(|c| c.bits).max().unwrap_or(8);
    for channel in &mut channels {
        channel.bits = bits;
    }
    Ok(Palette { channels })
}

/// Entries, and whether they lay in 16 bits each.
struct Entries {
    values: Vec<u16>,
    wide: bool,
}

/// Entries that do not fit the announced bits widen the range: 8-bit palettes with 16-bit entries exist, and
/// 16-bit ones with 8-bit entries.
fn finish(descriptor: Descriptor, entries: Entries) -> Lut {
    let announced = if entries.wide { descriptor.bits } else { 8 };
    let needed = entries.values.iter().max().map_or(0, |m| 16 - m.leading_zeros() as u8);
    Lut { first: descriptor.first, entries: entries.values, bits: announced.max(needed) }
}

fn descriptor(tape: &Tape, scope: Scope, attribute: Attribute, signed: bool) -> Result<Descriptor> {
    let xs = if signed { Ambiguous::Signed } else { Ambiguous::Unsigned };
    let values = tape.integers(scope, attribute, xs)?.ok_or_else(|| missing(attribute))?;
    let &[count, first, bits] = values.as_slice() else {
        return Err(bad(attribute, "a LUT descriptor has three values").number("found", values.len() as u64));
    };
    // The first value is unsigned whatever the representation; 0 stands for 65536 (C.11.1.1).
    let count = match count & 0xFFFF {
        0 => 65536,
        n => n as usize,
    };
    // A signed input cannot begin above 32767: then US was written for SS.
    let first = if signed && first > 32767 { first - 65536 } else { first };
    if !(8..=16).contains(&bits) || !(-65536..=65535).contains(&first) {
        return Err(bad(attribute, "entries of a LUT have 8 to 16 bits").number("found", bits));
    }
    Ok(Descriptor { count, first: first as i32, bits: bits as u8 })
}

fn entries(tape: &Tape, scope: Scope, attribute: Attribute, descriptor: Descriptor) -> Result<Option<Entries>> {
    let Some(element) = tape.filled(scope, attribute) else { return Ok(None) };
    let bytes = tape.bytes(element);
    let count = descriptor.count;
    if bytes.len() >= 2 * count {
        let values = words(bytes, element.big_endian).take(count).collect();
        return Ok(Some(Entries { values, wide: true }));
    }
    if bytes.len() >= count && bytes.len() <= count + 1 {
        let pairs_swapped = element.big_endian && matches!(element.vr, Vr([b'O', b'W']) | Vr([b'U', b'S']));
        let byte = |i: usize| bytes.get(if pairs_swapped { i ^ 1 } else { i }).copied().map(u16::from);
        let values: Option<Vec<u16>> = (0..count).map(byte).collect();
        if let Some(values) = values {
            return Ok(Some(Entries { values, wide: false }));
        }
    }
    Err(Fault::input(Reason::Truncated, attribute.keyword, "fewer entries than the descriptor announces")
        .number("entries", count as u64)
        .number("bytes", bytes.len() as u64))
}

fn words(bytes: &[u8], big_endian: bool) -> impl Iterator<Item = u16> + '_ {
    let read = move |c: &[u8; 2]| if big_endian { u16::from_be_bytes(*c) } else { u16::from_le_bytes(*c) };
    bytes.as_chunks::<2>().0.iter().map(read)
}

/// Expands segments; work and size are bounded by the number of entries that the descriptor announces.
fn segments(tape: &Tape, attribute: Attribute, descriptor: Descriptor) -> Result<Vec<u16>> {
    let element = tape.filled(Scope::Root, attribute).ok_or_else(|| missing(attribute))?;
    let bytes = tape.bytes(element);
    let wide = descriptor.bits > 8;
    let cells: Vec<u16> =
        if wide { words(bytes, element.big_endian).collect() } else { bytes.iter().map(|&b| u16::from(b)).collect() };
    let mut expander =
        Expander { cells: &cells, wide, big_endian: element.big_endian, out: Vec::new(), count: descriptor.count };
    expander.run().ok_or_else(|| bad(attribute, "the segments of the palette cannot be expanded"))?;
    if expander.out.len() < descriptor.count {
        return Err(Fault::input(Reason::Truncated, attribute.keyword, "fewer entries than the descriptor announces")
            .number("entries", descriptor.count as u64)
            .number("found", expander.out.len() as u64));
    }
    expander.out.truncate(descriptor.count);
    Ok(expander.out)
}

struct Expander<'a> {
    cells: &'a [u16],
    wide: bool,
    big_endian: bool,
    out: Vec<u16>,
    count: usize,
}

impl Expander<'_> {
    fn run(&mut self) -> Option<()> {
        let mut at = 0;
        // An odd cell at the end is padding.
        while at + 1 < self.cells.len() && self.out.len() < self.count {
            match *self.cells.get(at)? {
                2 => {
                    let copies = *self.cells.get(at + 1)?;
                    let mut from = self.offset(at + 2)?;
                    at += if self.wide { 4 } else { 6 };
                    for _ in 0..copies {
                        if self.out.len() >= self.count {
                            break;
                        }
                        from = self.simple(from)?;
                    }
                }
                _ => at = self.simple(at)?,
            }
        }
        Some(())
    }

    /// A discrete or linear segment; returns where the next one starts. Segments without entries are refused, so
    /// that every step adds one.
    fn simple(&mut self, at: usize) -> Option<usize> {
        let (code, len) = (*self.cells.get(at)?, usize::from(*self.cells.get(at + 1)?));
        if len == 0 {
            return None;
        }
        match code {
            0 => {
                self.out.extend_from_slice(self.cells.get(at + 2..at + 2 + len)?);
                Some(at + 2 + len)
            }
            1 => {
                let (from, to) = (f64::from(*self.out.last()?), f64::from(*self.cells.get(at + 2)?));
                let step = (to - from) / len as f64;
                self.out.extend((1..=len).map(|i| (from + step * i as f64).round_ties_even() as u16));
                Some(at + 3)
            }
            _ => None,
        }
    }

    /// The offset of an indirect segment counts bytes, least significant half first.
    fn offset(&self, at: usize) -> Option<usize> {
        let cell = |i: usize| self.cells.get(at + i).map(|&c| usize::from(c));
        if self.wide {
            let bytes = cell(1)? << 16 | cell(0)?;
            return Some(bytes / 2);
        }
        let order = if self.big_endian { [2, 3, 0, 1] } else { [3, 2, 1, 0] };
        order.iter().try_fold(0, |sum, &i| Some(sum << 8 | cell(i)?))
    }
}
