//! The text finder on the CPU: views, network, boxes of one frame.

use crate::engine::Search;
use crate::error::Result;
use crate::pixel::textnet::{TextBox, boxes, net, twin, views};
use rayon::prelude::*;

/// The boxes of a frame, its views side by side if there are threads for more than one.
pub fn find(search: &Search, bands: usize) -> Result<Vec<TextBox>> {
    let (net, frame) = (net()?, &search.frame);
    let found = |view| boxes::boxes(&twin::probability(net, view), net.cell(), net.rules(), frame.rows, frame.columns);
    let views = views::views(frame, &search.masks)?;
    let found: Vec<_> =
        if bands > 1 { views.par_iter().map(found).collect() } else { views.iter().map(found).collect() };
    Ok(boxes::together(found))
}
