//! The text finder on the CPU: views made row by row from the stored samples, the network in bands of rows, boxes.

mod asked;
mod avx2;
mod eye;
mod lanes;
mod levels;
mod parts;
mod stages;
mod stream;
mod tiles;

use super::count;
use crate::engine::Search;
use crate::error::{Fault, Result};
use crate::model::Masks;
use crate::pixel::textnet::relief::Grid;
use crate::pixel::textnet::views::{Look, Plans, Seen, View, fresh, gate};
use crate::pixel::textnet::{Net, Plane, TextBox, boxes, net};
use eye::Eye;
pub use parts::{WIDTH, probability};
use rayon::prelude::*;
use std::sync::{Arc, OnceLock};
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

/// A view that is worth a search, and the means and deviations of its picture if it is gated.
pub type Sight = (View, Option<Arc<Grid>>);

/// The views of each frame that are worth a search; frames side by side.
pub fn sights(searches: &[Search]) -> Vec<Result<Vec<Sight>>> {
    searches.par_iter().map(|search| Ok(looked_at(search, 1)?.0)).collect()
}

/// The views of a frame that are worth a search, and the table that their rows are read with.
fn looked_at(search: &Search, bands: usize) -> Result<(Vec<Sight>, Option<count::Bins>)> {
    let frame = &search.frame;
    let counted = |masks: &Masks| {
        let plans = Plans::of(frame, masks)?;
        let count::Counted { counts, bins, .. } = count::count(frame, &plans.default, bands)?;
        Ok((plans, counts, bins))
    };
    let (plans, counts, bins) = counted(&search.masks)?;
    let views = match &search.before {
        None => plans.views(&counts)?,
        Some(before) => {
            let (old, old_counts, _) = counted(before)?;
            plans.later(&counts, &old.views(&old_counts)?, &fresh(&search.masks, before))?
        }
    };
    // Views of one picture stand on one grid.
    let mut grids: Vec<Option<Arc<Grid>>> = Vec::new();
    let sight = |view: View| {
        let grid = view.gated().then(|| {
            grids.resize(grids.len().max(view.picture + 1), None);
            let new = || Arc::new(Eye::new(frame, &view, bins.as_ref()).grid());
            grids[view.picture].get_or_insert_with(new).clone()
        });
        (view, grid)
    };
    let sights = views.into_iter().map(sight).collect();
    Ok((sights, bins))
}

/// The pictures that a frame's first look takes whole, each once, `look`ed at as they are or smaller.
pub fn pictures(search: &Search, look: Look) -> Result<Vec<Plane>> {
    let (sights, bins) = looked_at(search, 1)?;
    let mut views: Vec<View> = sights.into_iter().map(|(view, _)| view).collect();
    views.sort_by_key(|view| view.picture);
    views.dedup_by_key(|view| view.picture);
    let picture = |view: View| {
        let view = View::new(view.kernel, look, view.picture);
        let eye = Eye::new(&search.frame, &view, bins.as_ref());
        let [rows, columns] = view.shape();
        let mut values = vec![0.0; rows * columns];
        values.chunks_exact_mut(columns).enumerate().for_each(|(y, row)| eye.read(y, row, None));
        Plane { rows, columns, values }
    };
    Ok(views.into_iter().map(picture).collect())
}

/// The maps of a frame's views by any network, on as many threads as there are.
pub fn maps_of(net: &Net, search: &Search) -> Result<Vec<Seen>> {
    maps(&Fast::new(net), search, rayon::current_num_threads())
}

/// The maps of a frame's views.
pub fn maps(fast: &Fast, search: &Search, bands: usize) -> Result<Vec<Seen>> {
    let (sights, bins) = looked_at(search, bands)?;
    let mut maps: Vec<Seen> = Vec::new();
    for (view, grid) in &sights {
        let eye = Eye::new(&search.frame, view, bins.as_ref());
        let views = sights.iter().map(|(view, grid)| (view, grid.as_deref()));
        let gate = gate(views, &maps, fast.net().cell());
        let read = |y: usize, row: &mut [f32]| eye.read(y, row, grid.as_deref());
        let plane = parts::map(fast, view.shape(), &read, gate.as_ref(), (bands, WIDTH));
        maps.push(Seen { look: view.look, part: view.part.clone(), plane });
    }
    Ok(maps)
}
