//! The generator's own random numbers: SplitMix64 (Steele, Lea, Flood 2014). No clock, no other source: the same
//! seed gives the same archive on every machine. Nothing secret is made from these numbers.

/// A stream of numbers that follows from its seed.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    /// A stream for one thing of many: `about` is the kind of thing and its places in lists.
    pub(super) fn about(seed: u64, about: &[u64]) -> Self {
        let mut chance = Self(seed);
        for &word in about {
            chance.0 = chance.next() ^ word.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        }
        chance
    }

    /// The next 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to `limit` - 1; 0 if the limit is 0. The bias of the remainder does not matter here.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next().checked_rem(limit).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i32, high: i32) -> i32 {
        let span = u64::from(high.abs_diff(low)) + 1;
        low.saturating_add(self.below(span) as i32)
    }

    /// Whether something that happens in one of `n` cases happens.
    pub(super) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// One entry of a list that is not empty.
    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len() as u64) as usize]
    }

    /// Four samples of noise near 0, spread about `sigma`: each the sum of two 8-bit numbers, triangular, and
    /// integer arithmetic only, so that no machine rounds differently.
    pub(super) fn noise4(&mut self, sigma: i32) -> [i32; 4] {
        // The sum of two uniform 0..=255 has mean 255 and standard deviation sqrt(2 x (256^2 - 1) / 12) = 104.5.
        let bits = self.next().to_le_bytes();
        let sample = |i: usize| (i32::from(bits[2 * i]) + i32::from(bits[2 * i + 1]) - 255) * sigma / 105;
        [sample(0), sample(1), sample(2), sample(3)]
    }

    /// A UID under 2.25, which needs no registration (PS3.5 B.2).
    pub(super) fn uid(&mut self) -> String {
        let value = (u128::from(self.next()) << 64) | u128::from(self.next());
        format!("2.25.{value}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_splitmix64() {
        // First outputs for seed 1234567 from the reference C program (prng.di.unimi.it/splitmix64.c), as listed by
        // Rosetta Code, "Pseudo-random numbers/Splitmix64".
        let mut chance = Chance(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| chance.next()).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn noise_is_centred_and_as_wide_as_asked() {
        let mut chance = Chance::about(7, &[]);
        let samples: Vec<i32> = (0..25_000).flat_map(|_| chance.noise4(20)).collect();
        let n = samples.len() as f64;
        let mean = samples.iter().map(|&s| f64::from(s)).sum::<f64>() / n;
        let deviation = (samples.iter().map(|&s| f64::from(s * s)).sum::<f64>() / n).sqrt();
        assert!(mean.abs() < 0.5, "mean {mean}");
        assert!((19.0..21.0).contains(&deviation), "deviation {deviation}");
    }
}
