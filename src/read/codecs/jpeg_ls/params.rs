//! Coding parameters of a scan (ITU-T T.87 A.2.1 and C.2.4.1.1) and what is derived from them.

use crate::error::{Fault, Reason, Result};

/// What an LSE segment of type 1 spells; 0 asks for the default.
#[derive(Clone, Copy, Debug, Default)]
pub struct Preset {
    /// Largest sample value.
    pub maxval: u16,
    /// Gradient thresholds T1, T2, T3.
    pub thresholds: [u16; 3],
    /// Occurrences after which a context is halved.
    pub reset: u16,
}

/// The parameters of one scan, checked.
#[derive(Clone, Debug)]
pub struct Params {
    /// Largest sample value.
    pub maxval: i32,
    /// Largest error of a sample; 0 is lossless.
    pub near: i32,
    /// 2 NEAR + 1.
    pub step: i32,
    /// Number of error values.
    pub range: i32,
    /// Bits of an error value.
    pub qbpp: u32,
    /// Longest Golomb code.
    pub limit: u32,
    /// Occurrences after which a context is halved.
    pub reset: u16,
    /// T3: gradients beyond it are all one.
    pub steepest: i32,
    /// Region of a gradient, -4 to 4, by gradient + T3.
    regions: Vec<i8>,
}

impl Params {
    /// Fails on values outside the standard's ranges.
    pub fn new(precision: u8, near: u8, preset: &Preset, place: &'static str) -> Result<Self> {
        let broken = |cause| Fault::input(Reason::DecodeFailed, place, cause);
        let most = (1 << precision) - 1;
        let maxval = if preset.maxval == 0 { most } else { i32::from(preset.maxval) };
        let near = i32::from(near);
        if maxval > most || maxval < 1 {
            return Err(broken("a largest sample value beyond the precision").number("found", maxval));
        }
        if near > 255.min(maxval / 2) {
            return Err(broken("a near-lossless bound beyond half the largest sample value").number("found", near));
        }
        let mut thresholds = defaults(maxval, near);
        for (threshold, &given) in thresholds.iter_mut().zip(&preset.thresholds) {
            if given != 0 {
                *threshold = i32::from(given);
            }
        }
        let [t1, t2, t3] = thresholds;
        if !(near < t1 && t1 <= t2 && t2 <= t3 && t3 <= maxval) {
            return Err(broken("gradient thresholds that do not ascend within the sample values"));
        }
        let reset = if preset.reset == 0 { 64 } else { preset.reset };
        if i32::from(reset) < 3 || i32::from(reset) > maxval.max(255) {
            return Err(broken("a RESET value out of range").number("found", reset));
        }
        let step = 2 * near + 1;
        let range = (maxval + 2 * near) / step + 1;
        let bits_for = |values: i32| 32 - (values - 1).leading_zeros();
        let bpp = bits_for(maxval + 1).max(2);
        let region = |gradient: i32| {
            let size = gradient.abs();
            let region = i8::from(size > near) + i8::from(size >= t1) + i8::from(size >= t2) + i8::from(size >= t3);
            if gradient < 0 { -region } else { region }
        };
        Ok(Self {
            maxval,
            near,
            step,
            range,
            qbpp: bits_for(range),
            limit: 2 * (bpp + bpp.max(8)),
            reset,
            steepest: t3,
            regions: (-t3..=t3).map(region).collect(),
        })
    }

    /// The region of a gradient, -4 to 4 (A.3.3).
    #[inline(always)]
    pub fn region(&self, gradient: i32) -> i32 {
        let index = gradient.clamp(-self.steepest, self.steepest) + self.steepest;
        // Clamped: the index is within the table, which has 2 T3 + 1 entries.
        i32::from(self.regions[index as usize])
    }

    /// What A of every context begins with (A.2.1).
    pub fn first_a(&self) -> u32 {
        ((self.range + 32) / 64).max(2) as u32
    }
}

/// C.2.4.1.1.1.
fn defaults(maxval: i32, near: i32) -> [i32; 3] {
    let clamp = |value: i32, least: i32| if value > maxval || value < least { least } else { value };
    let [basic1, basic2, basic3] = [3, 7, 21];
    let wanted = if maxval >= 128 {
        let factor = (maxval.min(4095) + 128) / 256;
        [factor * (basic1 - 2) + 2, factor * (basic2 - 3) + 3, factor * (basic3 - 4) + 4]
            .map(|threshold| [threshold, 0])
    } else {
        let factor = 256 / (maxval + 1);
        [[basic1 / factor, 2], [basic2 / factor, 3], [basic3 / factor, 4]]
    };
    let near_part = [3 * near, 5 * near, 7 * near];
    let mut least = near + 1;
    let mut thresholds = [0; 3];
    for ((threshold, [value, floor]), extra) in thresholds.iter_mut().zip(wanted).zip(near_part) {
        *threshold = clamp((value + extra).max(floor), least);
        least = *threshold;
    }
    thresholds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_equal_the_table_of_the_standard() {
        // T.87 table C.3: 8 bits lossless and the thresholds that encoders spell out for 10, 12 and 16 bits.
        assert_eq!(defaults(255, 0), [3, 7, 21]);
        assert_eq!(defaults(1023, 0), [6, 19, 72]);
        assert_eq!(defaults(4095, 0), [18, 67, 276]);
        assert_eq!(defaults(65535, 0), [18, 67, 276]);
        // JPEGLSNearLossless_16 of pydicom spells 24, 77, 290 for NEAR 2.
        assert_eq!(defaults(65535, 2), [24, 77, 290]);
        // Below 128: FACTOR = 256 / 4 = 64, so the floors rule, as far as MAXVAL lets them.
        assert_eq!(defaults(3, 0), [2, 3, 3]);
    }

    #[test]
    fn derived_sizes() {
        let params = Params::new(12, 0, &Preset::default(), "test").expect("defaults");
        assert_eq!((params.range, params.qbpp, params.limit, params.first_a()), (4096, 12, 48, 64));
        let params = Params::new(8, 3, &Preset::default(), "test").expect("defaults");
        // (255 + 6) / 7 + 1 = 38 error values: 6 bits.
        assert_eq!((params.range, params.qbpp, params.limit), (38, 6, 32));
        assert_eq!([params.region(0), params.region(-3), params.region(4), params.region(-255)], [0, 0, 1, -4]);
    }
}
