//! The text finder on the CPU: views made row by row from the stored samples, the network in bands of rows, boxes.

mod avx2;
mod eye;
mod lanes;
mod parts;
mod stream;

use super::count;
use crate::engine::Search;
use crate::error::{Fault, Result};
use crate::pixel::textnet::relief::Grid;
use crate::pixel::textnet::views::{Plans, Seen, View};
use crate::pixel::textnet::{Net, TextBox, boxes, net};
use eye::Eye;
pub use parts::{WIDTH, probability};
use rayon::prelude::*;
use std::sync::OnceLock;
pub use stream::Fast;

/// The program's network, ready to run.
fn fast() -> Result<&'static Fast> {
    static FAST: OnceLock<Result<Fast>> = OnceLock::new();
    FAST.get_or_init(|| net().map(Fast::new)).as_ref().map_err(Fault::clone)
}

/// The boxes of a frame; its map is made in so many bands side by side, which changes nothing.
pub fn find(search: &Search, bands: usize) -> Result<Vec<TextBox>> {
    let (fast, frame) = (fast()?, &search.frame);
    Ok(boxes::of_views(&maps(fast, search, bands)?, fast.net().rules(), frame.rows, frame.columns))
}

/// A view that is worth a search, and what it stands on if it is a relief.
pub type Sight = (View, Option<Grid>);

/// The views of each frame that are worth a search; frames side by side.
pub fn sights(searches: &[Search]) -> Vec<Result<Vec<Sight>>> {
    let sights = |search: &Search| {
        let plans = Plans::of(&search.frame, &search.masks)?;
        let count::Counted { counts, bins, .. } = count::count(&search.frame, &plans.default, 1)?;
        let grid = |view: &View| Eye::new(&search.frame, view, bins.as_ref()).into_grid();
        Ok(plans.views(&counts, search.again)?.into_iter().map(|view| (view.clone(), grid(&view))).collect())
    };
    searches.par_iter().map(sights).collect()
}

/// The maps of a frame's views by any network, on as many threads as there are.
pub fn maps_of(net: &Net, search: &Search) -> Result<Vec<Seen>> {
    maps(&Fast::new(net), search, rayon::current_num_threads())
}

/// The maps of a frame's views.
pub fn maps(fast: &Fast, search: &Search, bands: usize) -> Result<Vec<Seen>> {
    let frame = &search.frame;
    let plans = Plans::of(frame, &search.masks)?;
    let count::Counted { counts, bins, .. } = count::count(frame, &plans.default, bands)?;
    let map = |view: &View| {
        let eye = Eye::new(frame, view, bins.as_ref());
        let plane = parts::map(fast, view.shape(), &|y, row| eye.read(y, row), bands, WIDTH);
        Seen { look: view.look, plane }
    };
    Ok(plans.views(&counts, search.again)?.iter().map(map).collect())
}
