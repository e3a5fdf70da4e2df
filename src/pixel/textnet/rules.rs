//! The numbers that boxes are made by, as the header of `weights.bin` gives them: a set for each kind of view.

use super::views::Look;
use crate::error::{Fault, Result};
use serde::Deserialize;

/// The numbers for one kind of view.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Rules {
    /// Pixels along a side of a cell: [`super::Net::cell`].
    pub cell: usize,
    /// Probability from which on a cell belongs to a piece.
    pub low: f32,
    /// Share of the highest probability among the cells around it that it must have, too.
    pub beside: f32,
    /// Probability that a piece must reach in one cell.
    pub high: f32,
    /// Fewest cells of a piece.
    pub least_cells: usize,
    /// Fewest cells along its shorter side.
    pub least_side: usize,
    /// Least mean of a piece.
    pub mean: f64,
    /// Least mean of a piece thicker than text is.
    pub mean_thick: f64,
    /// Cells along the shorter side beyond which a piece is thick.
    pub thick: usize,
    /// Least share of its rectangle that a piece fills.
    pub fill: f64,
    /// Cells along a side that may not be halved any more; a part has at least so many before it shrinks.
    pub min_split: usize,
    /// Pixels that a box grows by on each side.
    pub grow: f64,
    /// More of them for each pixel of the shorter side.
    pub grow_share: f64,
    /// Most of them.
    pub grow_most: f64,
}

impl Rules {
    /// Refuses numbers by which boxes would be without bound or halved without end.
    pub fn check(&self) -> Result<()> {
        let unit = 0.0..=1.0;
        let probabilities = self.low > 0.0
            && (0.0..=1.0).contains(&self.beside)
            && self.high < 1.0
            && unit.contains(&self.mean)
            && unit.contains(&self.mean_thick);
        let pixels = 0.0..=256.0;
        let grown = pixels.contains(&self.grow) && unit.contains(&self.grow_share) && pixels.contains(&self.grow_most);
        if probabilities && grown && unit.contains(&self.fill) && self.low <= self.high && self.min_split > 0 {
            return Ok(());
        }
        Err(Fault::bug("weights.bin", "numbers that no box can be made by"))
    }
}

/// The numbers for every kind of view.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct RuleSet {
    /// Pictures as they are shown.
    pub plain: Rules,
    /// Pictures of equal local contrast.
    pub relief: Rules,
    /// Pictures made smaller; counted in cells of the smaller picture.
    pub shrunk: Rules,
}

impl RuleSet {
    /// Refuses what [`Rules::check`] refuses, and cells of another size than the network's.
    pub fn check(&self, cell: usize) -> Result<()> {
        let all = [&self.plain, &self.relief, &self.shrunk];
        if all.iter().any(|rules| rules.cell != cell) {
            return Err(Fault::bug("weights.bin", "boxes of other cells than the map has"));
        }
        all.iter().try_for_each(|rules| rules.check())
    }

    /// Those for a view, in cells of its map and pixels of the frame.
    pub fn of(&self, look: Look) -> Rules {
        let rules = match look {
            Look::Plain => &self.plain,
            Look::Relief => &self.relief,
            Look::Shrunk(_) => &self.shrunk,
        };
        Rules { cell: rules.cell * look.shrink(), ..rules.clone() }
    }
}
