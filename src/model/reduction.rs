//! How a frame that was decoded at less than its stored size lies over the stored pixels.

/// Where the center of a decoded pixel lies among the stored pixels that it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Siting {
    /// On the center of the first of them: low bands of a wavelet (T.800 F.3: they hold the even places).
    First,
    /// In their middle: blocks of a DCT with fewer coefficients.
    Middle,
}

/// Stored size and position of a frame that was decoded smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reduction {
    /// Rows as stored.
    pub rows: u32,
    /// Columns as stored.
    pub columns: u32,
    /// How many times both sides were halved, at least 1.
    pub halvings: u8,
    /// Where decoded pixels lie.
    pub siting: Siting,
    /// How many stored pixels beyond those it stands for a decoded pixel may have seen, in every direction.
    pub reach: u32,
}

impl Reduction {
    /// Stored pixels along one side of a decoded pixel.
    pub fn factor(&self) -> u32 {
        1 << self.halvings.min(31)
    }

    /// `1/2`, `1/4` and so on.
    pub fn word(&self) -> String {
        format!("1/{}", self.factor())
    }

    /// Where a place on a stored axis lies on the decoded axis; pixel i covers i to i + 1 on both.
    pub fn decoded_from_stored(&self, place: f64) -> f64 {
        let factor = f64::from(self.factor());
        match self.siting {
            Siting::First => (place - 0.5) / factor + 0.5,
            Siting::Middle => place / factor,
        }
    }

    /// First and end of the decoded pixels that may have seen one of the stored pixels from `first` to `end`.
    pub fn touched(&self, first: u32, end: u32) -> [u32; 2] {
        let factor = u64::from(self.factor());
        let end = (u64::from(end) + u64::from(self.reach)).div_ceil(factor);
        [(u64::from(first.saturating_sub(self.reach)) / factor) as u32, end as u32]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_reach() {
        let of = |halvings, siting, reach| Reduction { rows: 100, columns: 100, halvings, siting, reach };
        // Decoded pixel 3 of a quarter stands on stored pixel 12: center 12.5 goes to 3.5.
        assert_eq!(of(2, Siting::First, 0).decoded_from_stored(12.5), 3.5);
        // Or for stored pixels 12 to 15: their middle, 14, goes to 3.5.
        assert_eq!(of(2, Siting::Middle, 0).decoded_from_stored(14.0), 3.5);
        // Stored pixels 20 to 29, with 6 around them 14 to 35: quarters 3 (12 to 15) to 8 (32 to 35).
        assert_eq!(of(2, Siting::First, 6).touched(20, 30), [3, 9]);
        assert_eq!(of(1, Siting::First, 6).touched(2, 3), [0, 5]);
        assert_eq!(of(3, Siting::First, 0).word(), "1/8");
    }
}
