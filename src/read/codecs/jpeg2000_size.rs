//! The geometry of a JPEG 2000 codestream (ITU-T T.800 A.5.1 and Annex B): the image area, its tiles, and how many
//! precincts and code blocks the coding style cuts them into. Pure arithmetic on what the SIZ marker says.

use super::jpeg2000_header::{Style, be16, be32, byte, fault};
use crate::error::{Reason, Result};

/// One component of the SIZ marker (A.5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Component {
    /// Bits a sample, 1 to 38.
    pub precision: u8,
    /// Two's complement samples.
    pub signed: bool,
    /// Horizontal separation on the reference grid.
    pub dx: u32,
    /// Vertical separation on the reference grid.
    pub dy: u32,
}

/// The SIZ marker: image area, tile grid and components on the reference grid.
pub(super) struct Size {
    /// Start and end of the image area.
    pub x: [u32; 2],
    /// The same, downwards.
    pub y: [u32; 2],
    /// Columns and rows of a tile.
    pub tile: [u32; 2],
    /// Where the first tile starts.
    pub tile_origin: [u32; 2],
    /// 1 to 4.
    pub components: Vec<Component>,
}

impl Size {
    /// Reads the marker segment; fails on an image area or grid without extent.
    pub fn read(segment: &[u8]) -> Result<Self> {
        // Rsiz bit 15 says Part 2; bit 8 of those, array-based component transforms, which change the samples.
        if be16(segment, 0)? & 0x8100 == 0x8100 {
            return Err(fault(Reason::UnsupportedSyntax, "multi-component transforms of Part 2"));
        }
        let at = |index: usize| be32(segment, 2 + 4 * index);
        let count = be16(segment, 34)?;
        if count == 0 || count > 4 {
            return Err(fault(Reason::Inconsistent, "1 to 4 components").number("found", count));
        }
        let mut components = Vec::new();
        for index in 0..usize::from(count) {
            let depth = byte(segment, 36 + 3 * index)?;
            let dx = u32::from(byte(segment, 37 + 3 * index)?);
            let dy = u32::from(byte(segment, 38 + 3 * index)?);
            if dx == 0 || dy == 0 {
                return Err(fault(Reason::Malformed, "a component without extent"));
            }
            components.push(Component { precision: (depth & 0x7F) + 1, signed: depth & 0x80 != 0, dx, dy });
        }
        let size = Size {
            x: [at(2)?, at(0)?],
            y: [at(3)?, at(1)?],
            tile: [at(4)?, at(5)?],
            tile_origin: [at(6)?, at(7)?],
            components,
        };
        let [tile_x, tile_y] = size.tile_origin;
        let sound = size.x[0] < size.x[1]
            && size.y[0] < size.y[1]
            && size.tile.iter().all(|&side| side > 0)
            && tile_x <= size.x[0]
            && tile_y <= size.y[0]
            && u64::from(tile_x) + u64::from(size.tile[0]) > u64::from(size.x[0])
            && u64::from(tile_y) + u64::from(size.tile[1]) > u64::from(size.y[0]);
        if !sound {
            return Err(fault(Reason::Malformed, "an image area or tile grid without extent"));
        }
        Ok(size)
    }

    /// Tiles across (axis 0) or down (axis 1).
    pub fn tiles(&self, axis: usize) -> u64 {
        let end = if axis == 0 { self.x[1] } else { self.y[1] };
        u64::from(end - self.tile_origin[axis]).div_ceil(u64::from(self.tile[axis]))
    }

    /// Start and end of a tile on one axis of the reference grid (B.3).
    fn tile_span(&self, axis: usize, index: u64) -> (u64, u64) {
        let [start, end] = if axis == 0 { self.x } else { self.y };
        let from = u64::from(self.tile_origin[axis]) + index * u64::from(self.tile[axis]);
        (from.max(u64::from(start)), (from + u64::from(self.tile[axis])).min(u64::from(end)))
    }

    /// Code blocks of one tile-component, as many as its samples fill.
    pub fn blocks(&self, tile: u64, component: &Component, style: &Style) -> u64 {
        let across = self.tiles(0);
        let (x, y) = (self.tile_span(0, tile % across), self.tile_span(1, tile / across));
        let (columns, rows) = (x.1.saturating_sub(x.0), y.1.saturating_sub(y.0));
        (columns.div_ceil(component.dx.into()) * rows.div_ceil(component.dy.into())) >> style.block
    }

    /// Precincts of one tile-component (B.6): each has a packet in every layer, and a packet takes at least a byte.
    pub fn precincts(&self, tile: u64, component: &Component, style: &Style) -> u64 {
        let across = self.tiles(0);
        let (x, y) = (self.tile_span(0, tile % across), self.tile_span(1, tile / across));
        let mut total = 0u64;
        for (resolution, &(wide, high)) in style.precincts.iter().enumerate() {
            let scale = u32::from(style.levels) - resolution as u32;
            let count = |(from, to): (u64, u64), step: u32, exponent: u8| {
                let from = from.div_ceil(u64::from(step)).div_ceil(1 << scale);
                let to = to.div_ceil(u64::from(step)).div_ceil(1 << scale);
                if to > from { to.div_ceil(1 << exponent) - (from >> exponent) } else { 0 }
            };
            total += count(x, component.dx, wide) * count(y, component.dy, high);
        }
        total
    }
}
