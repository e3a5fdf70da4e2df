//! The text finder on the CPU: views made row by row from the stored samples, the network in bands of rows, boxes.

mod avx2;
mod lanes;
mod parts;
mod stream;

use super::count;
use super::rows::Rows;
use crate::engine::Search;
use crate::error::{Fault, Result};
use crate::pixel::Kernel;
use crate::pixel::textnet::{Net, Plane, TextBox, boxes, net, views};
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

/// The views of each frame that are worth a search, as kernels; frames side by side.
pub fn kernels(searches: &[Search]) -> Vec<Result<Vec<Kernel>>> {
    let kernels = |search: &Search| {
        let plans = views::plans(&search.frame, &search.masks)?;
        views::kernels(&plans, &count::count(&search.frame, &plans[0], 1)?.counts)
    };
    searches.par_iter().map(kernels).collect()
}

/// The maps of a frame's views by any network, on as many threads as there are.
pub fn maps_of(net: &Net, search: &Search) -> Result<Vec<Plane>> {
    maps(&Fast::new(net), search, rayon::current_num_threads())
}

/// The maps of a frame's views.
pub fn maps(fast: &Fast, search: &Search, bands: usize) -> Result<Vec<Plane>> {
    let frame = &search.frame;
    let plans = views::plans(frame, &search.masks)?;
    let count::Counted { counts, bins, .. } = count::count(frame, &plans[0], bands)?;
    let kernels = views::kernels(&plans, &counts)?;
    let map = |kernel: &Kernel| {
        let rows = Rows::new(frame, kernel, bins.as_ref());
        let read = |y: usize, planes: &mut [Vec<f32>]| rows.read(y, planes);
        parts::map(fast, [frame.rows as usize, frame.columns as usize], &read, bands, WIDTH)
    };
    Ok(kernels.iter().map(map).collect())
}
