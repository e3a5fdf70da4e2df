//! A value in fragments: where the offset table and the pieces lie, up to the sequence delimiter. Lengths are walked,
//! never searched: delimiter bytes inside a fragment mean nothing.

use super::element::{Encoding, header};
use super::limits::MAX_ELEMENTS;
use super::tape::{Fragment, ITEM, SEQUENCE_END, UNDEFINED};
use crate::error::{Fault, Reason, Result};

/// What was found.
pub struct Found {
    /// Offset table and fragments; empty if they were not to be kept.
    pub items: Vec<Fragment>,
    /// Whether the last one is whole.
    pub whole: bool,
    /// The first byte behind the value.
    pub next: u64,
    /// Whether something else came where the delimiter should be.
    pub unended: bool,
    /// Whether the sequence delimiter is there.
    pub ended: bool,
}

/// Walks the items from `start`. Fails if there are more than the limit.
pub fn walk(data: &[u8], start: u64, encoding: Encoding, keep: bool) -> Result<Found> {
    let size = data.len() as u64;
    let mut items = Vec::new();
    let mut at = start;
    let mut count = 0u64;
    // Without the delimiter, at the end of the data, the last fragment can still be whole.
    while let Some(item) = header(data, at, encoding) {
        match item.tag {
            ITEM if item.len != UNDEFINED => {
                let there = u64::from(item.len).min(size.saturating_sub(item.value));
                if keep {
                    // `there` is at most `len`, a u32.
                    items.push(Fragment { start: item.value, len: there as u32 });
                }
                if there < u64::from(item.len) {
                    return Ok(Found { items, whole: false, next: size, unended: false, ended: false });
                }
                at = item.value + there;
            }
            SEQUENCE_END => return Ok(Found { items, whole: true, next: item.value, unended: false, ended: true }),
            _ => return Ok(Found { items, whole: true, next: at, unended: true, ended: false }),
        }
        count += 1;
        if count > MAX_ELEMENTS {
            return Err(Fault::input(Reason::TooLarge, "PixelData", "more fragments than the limit")
                .number("limit", MAX_ELEMENTS));
        }
    }
    Ok(Found { items, whole: true, next: size, unended: false, ended: false })
}
