//! The calibrated regions of an ultrasound: where the picture is a picture. Read strictly, because what lies outside
//! them is blanked: a region that cannot be one counts as absent, with a warning.

use super::header::ImageHeader;
use super::tape::{Scope, Tape};
use super::words::{REGION_X0, REGION_X1, REGION_Y0, REGION_Y1, ULTRASOUND_REGIONS};
use crate::model::Rectangle;

/// What is warned of if a region of the file is not used.
const UNUSABLE: &str = "ultrasound-region-unusable";

/// Most regions that a file may name; no device draws as many.
const MOST: usize = 64;

/// The regions of PS3.3 C.8.5.5 that lie inside the frame, and a warning if the file has others. X1 and Y1 are the last
/// column and row; devices that name the one behind are read as meaning the frame's edge, and nothing beyond that.
pub fn regions(tape: &Tape, header: &ImageHeader) -> (Vec<Rectangle>, Option<&'static str>) {
    let items = tape.items(Scope::Root, ULTRASOUND_REGIONS.tag);
    if items.len() > MOST {
        return (Vec::new(), Some(UNUSABLE));
    }
    let side = |item, low, high, length: u32| {
        let number = |attribute| tape.integer(item, attribute).ok().flatten();
        let (low, high) = (number(low)?, number(high)?.min(i64::MAX - 1));
        // A region of one column or row is none.
        let fits = 0 <= low && low < high && high <= i64::from(length);
        let last = high.min(i64::from(length) - 1);
        fits.then_some((low as u32, (last - low + 1) as u32))
    };
    let found: Vec<Option<Rectangle>> = items
        .into_iter()
        .map(|item| {
            let (x, w) = side(item, REGION_X0, REGION_X1, header.columns)?;
            let (y, h) = side(item, REGION_Y0, REGION_Y1, header.rows)?;
            Some(Rectangle { x, y, w, h })
        })
        .collect();
    let warning = found.iter().any(Option::is_none).then_some(UNUSABLE);
    (found.into_iter().flatten().collect(), warning)
}
