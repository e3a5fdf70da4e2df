//! What a JPEG 2000 or HTJ2K codestream says about itself, read before any decoder sees it: image size, components,
//! coding styles, and whether every tile-part that is announced is there. No sample is decoded here.
//!
//! Section numbers are those of ITU-T T.800 (ISO/IEC 15444-1).

use super::jp2_wrapper;
pub use super::jpeg2000_size::Component;
use super::jpeg2000_size::Size;
use crate::error::{Fault, Reason, Result};

const PLACE: &str = "JPEG 2000 stream";

/// Code blocks that any stream may have: a million, some 150 MB of OpenJPEG's bookkeeping. With the usual blocks of 64x64
/// that is four gigapixels.
const FREE_BLOCKS: u64 = 1 << 20;

/// Above that, blocks a byte of the stream has to vouch for at most: an empty block costs a fraction of a bit, and only
/// an image that is empty all over has nothing else.
const BLOCKS_A_BYTE: u64 = 256;

/// The parts of a COD or COC marker that fix how much work and memory decoding takes (A.6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Style {
    pub levels: u8,
    /// Exponent of the samples that a code block covers.
    pub block: u8,
    /// Exponents of precinct width and height, one pair a resolution, lowest first.
    pub precincts: Vec<(u8, u8)>,
    pub reversible: bool,
}

/// A codestream that is complete as far as its markers tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codestream<'a> {
    /// From SOC to EOC (or to the end of the last tile-part); a JP2 wrapper and padding are left out.
    pub bytes: &'a [u8],
    /// Columns of the image area.
    pub columns: u32,
    /// Rows of the image area.
    pub rows: u32,
    /// At most 4, as the codestream numbers them.
    pub components: Vec<Component>,
    /// The component of each colour channel, where a JP2 wrapper defines them; else 0, 1, 2, ….
    pub order: Vec<usize>,
    /// Decomposition levels that every component of every tile has.
    pub levels: u8,
    /// The stream's component transform (RCT or ICT) is on.
    pub component_transform: bool,
    /// Every component of every tile uses the reversible wavelet.
    pub reversible: bool,
    /// EOC is there.
    pub ended: bool,
    /// Places in `bytes` of tile-part counts (TNsot) that are too low, and what they should be: OpenJPEG's strict mode
    /// would drop the tile-parts beyond them without a word.
    pub recount: Vec<(usize, u8)>,
}

pub(super) fn fault(reason: Reason, cause: &'static str) -> Fault {
    Fault::input(reason, PLACE, cause)
}

fn truncated() -> Fault {
    fault(Reason::Truncated, "the codestream ends early")
}

pub(super) fn be16(bytes: &[u8], at: usize) -> Result<u16> {
    let two = bytes.get(at..).and_then(|rest| rest.first_chunk::<2>()).ok_or_else(truncated)?;
    Ok(u16::from_be_bytes(*two))
}

pub(super) fn be32(bytes: &[u8], at: usize) -> Result<u32> {
    let four = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()).ok_or_else(truncated)?;
    Ok(u32::from_be_bytes(*four))
}

pub(super) fn byte(bytes: &[u8], at: usize) -> Result<u8> {
    bytes.get(at).copied().ok_or_else(truncated)
}

/// Reads SPcod or SPcoc (Table A.20); `precincts` says that their sizes follow.
fn style(segment: &[u8], at: usize, precincts: bool) -> Result<Style> {
    let levels = byte(segment, at)?;
    if levels > 32 {
        return Err(fault(Reason::Malformed, "at most 32 decomposition levels").number("found", levels));
    }
    let block = (byte(segment, at + 1)? & 15) + (byte(segment, at + 2)? & 15) + 4;
    let reversible = byte(segment, at + 4)? == 1;
    let mut sizes = Vec::new();
    for resolution in 0..=usize::from(levels) {
        let packed = if precincts { byte(segment, at + 5 + resolution)? } else { 0xFF };
        sizes.push((packed & 15, packed >> 4));
    }
    Ok(Style { levels, block, precincts: sizes, reversible })
}

#[derive(Clone)]
struct Styles {
    layers: u16,
    transform: bool,
    default: Option<Style>,
    own: [Option<Style>; 4],
}

impl Styles {
    fn of(&self, component: usize) -> Result<&Style> {
        self.own
            .get(component)
            .and_then(Option::as_ref)
            .or(self.default.as_ref())
            .ok_or_else(|| fault(Reason::Malformed, "no coding style before the first tile"))
    }

    /// Reads the markers of a main or tile-part header up to `end`, a SOT or SOD marker, and returns its place.
    fn read(&mut self, bytes: &[u8], mut at: usize, end: u16) -> Result<usize> {
        loop {
            let marker = be16(bytes, at)?;
            if marker == end {
                return Ok(at);
            }
            if marker < 0xFF30 {
                return Err(fault(Reason::DecodeFailed, "a header that is not made of markers"));
            }
            let length = usize::from(be16(bytes, at + 2)?);
            let segment = bytes.get(at + 4..at + 2 + length).ok_or_else(truncated)?;
            match marker {
                0xFF52 => {
                    self.layers = be16(segment, 2)?.max(1);
                    self.transform = byte(segment, 4)? == 1;
                    self.default = Some(style(segment, 5, byte(segment, 0)? & 1 != 0)?);
                }
                // COC with fewer than 257 components: one byte names the component.
                0xFF53 => {
                    let of = usize::from(byte(segment, 0)?);
                    let read = style(segment, 2, byte(segment, 1)? & 1 != 0)?;
                    if let Some(own) = self.own.get_mut(of) {
                        *own = Some(read);
                    }
                }
                _ => {}
            }
            at += 2 + length;
        }
    }
}

/// Reads all markers of `stream` and checks that it is complete: every tile has its tile-parts, none reaches beyond
/// the end, and there are enough bytes for the packets that the coding style announces.
pub fn read(stream: &[u8]) -> Result<Codestream<'_>> {
    let (bytes, channels) = jp2_wrapper::unwrapped(stream)?;
    let siz_length = usize::from(be16(bytes, 4)?);
    let size = Size::read(bytes.get(6..4 + siz_length).ok_or_else(truncated)?)?;
    let mut main = Styles { layers: 1, transform: false, default: None, own: [None, None, None, None] };
    let mut at = main.read(bytes, 4 + siz_length, 0xFF90)?;

    // A tile-part takes at least 14 bytes (SOT and SOD): more tiles than that cannot all be there.
    let tiles = size.tiles(0) * size.tiles(1);
    if tiles > 65_535 || tiles * 14 > bytes.len() as u64 {
        return Err(fault(Reason::Truncated, "more tiles than the stream has room for").number("tiles", tiles));
    }
    let mut parts = vec![(0u32, 0u8); tiles as usize];
    let mut found = Codestream {
        bytes,
        columns: size.x[1] - size.x[0],
        rows: size.y[1] - size.y[0],
        components: size.components.clone(),
        order: jp2_wrapper::order(channels, size.components.len()),
        levels: 32,
        component_transform: main.transform,
        reversible: true,
        ended: false,
        recount: Vec::new(),
    };
    let mut counts = Vec::new();
    let (mut packets, mut blocks) = (0u64, 0u64);
    while bytes.get(at..at + 2) == Some(&[0xFF, 0x90]) {
        let (tile, length) = (usize::from(be16(bytes, at + 4)?), be32(bytes, at + 6)? as usize);
        let announced_parts = byte(bytes, at + 11)?;
        let (seen, expected) =
            parts.get_mut(tile).ok_or_else(|| fault(Reason::Malformed, "a tile outside the tile grid"))?;
        let mut styles = main.clone();
        let data = styles.read(bytes, at + 12, 0xFF93)?;
        if *seen == 0 {
            for (index, component) in size.components.iter().enumerate() {
                let own = styles.of(index)?;
                found.levels = found.levels.min(own.levels);
                found.reversible &= own.reversible;
                packets += size.precincts(tile as u64, component, own) * u64::from(styles.layers);
                blocks += size.blocks(tile as u64, component, own);
            }
            found.component_transform |= styles.transform;
        }
        *seen += 1;
        counts.push((at + 11, tile, announced_parts));
        *expected = (*expected).max(announced_parts);
        if length == 0 {
            // The last tile-part may leave its length out; then only EOC shows that it is whole (A.4.2).
            let end = last_marker(bytes).filter(|&end| end >= data + 2).ok_or_else(truncated)?;
            at = end;
            break;
        }
        if length < data + 2 - at {
            return Err(fault(Reason::Malformed, "a tile-part shorter than its header"));
        }
        at += length;
        if at > bytes.len() {
            return Err(truncated());
        }
    }
    if parts.iter().any(|&(seen, expected)| seen == 0 || seen < u32::from(expected)) {
        return Err(truncated());
    }
    if packets > bytes.len() as u64 {
        return Err(fault(Reason::WorkBudget, "more packets than the stream has bytes").number("packets", packets));
    }
    if blocks > FREE_BLOCKS && blocks > bytes.len() as u64 * BLOCKS_A_BYTE {
        return Err(fault(Reason::WorkBudget, "more code blocks than the stream has room for").number("blocks", blocks));
    }
    for (place, tile, announced_parts) in counts {
        let (seen, _) = parts.get(tile).copied().unwrap_or_default();
        if announced_parts != 0 && u32::from(announced_parts) < seen {
            let count = u8::try_from(seen).map_err(|_| fault(Reason::Malformed, "more than 255 tile-parts"))?;
            found.recount.push((place, count));
        }
    }
    found.ended = bytes.get(at..at + 2) == Some(&[0xFF, 0xD9]);
    found.bytes = bytes.get(..if found.ended { at + 2 } else { at }).ok_or_else(truncated)?;
    Ok(found)
}

/// The place of an EOC marker that nothing but padding follows.
fn last_marker(bytes: &[u8]) -> Option<usize> {
    let from = bytes.len().saturating_sub(16);
    let tail = bytes.get(from..)?;
    let at = tail.windows(2).rposition(|pair| pair == [0xFF, 0xD9])?;
    tail.get(at + 2..)?.iter().all(|&padding| padding == 0 || padding == 0xFF).then_some(from + at)
}
