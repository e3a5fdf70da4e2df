//! Window: the view of interest as a curve.
//!
//! # Meaning
//! Which modality values are shown black, which white, and what lies between.
//! # Formula and section of the standard
//! PS3.3 C.11.2.1.2.1 (LINEAR), C.11.2.1.3.2 (LINEAR_EXACT), C.11.2.1.3.1 (SIGMOID), with output range 0 to 1.
//! LINEAR: y = (x - (c - 0.5)) / (w - 1) + 0.5; LINEAR_EXACT: y = (x - c) / w + 0.5, both limited to 0..1;
//! SIGMOID: y = 1 / (1 + exp(-4 (x - c) / w)).
//! # From space, to space
//! t, which [`super::modality`] made of the stored value, to unit. For a ramp t is 0 at its foot and 1 at its head,
//! for the logistic curve t = 4 (x - c) / w: the affine part of the curve is joined with the rescale in f64.
//! # Edge cases
//! LINEAR of width 1 is a step at c - 0.5; a range whose ends meet is a step at that value: what is above is 1, what
//! is not is 0. Widths below 1 (LINEAR) or not above 0 (others) are refused when the window is made.
//! t beyond 80 in the logistic curve counts as 80, so that no infinity occurs.
//! # Tolerance and why
//! Ramp: none. Logistic curve: 1e-6, `exp` of GPUs is not correctly rounded.

use crate::model::VoiFunction;

/// Where a view starts and ends, in modality units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Curve {
    /// 0 at `foot`, 1 at `foot + rise`; `rise` is above 0.
    Ramp {
        /// Modality value that is shown black.
        foot: f64,
        /// From black to white.
        rise: f64,
    },
    /// 0 up to and including `above`, 1 beyond.
    Step {
        /// Last modality value shown black.
        above: f64,
    },
    /// The logistic curve.
    Sigmoid {
        /// Shown at one half.
        center: f64,
        /// Four times the length over which the exponent changes by one.
        width: f64,
    },
}

impl Curve {
    /// A window of the standard; its numbers have passed [`check`].
    pub fn window(center: f64, width: f64, function: VoiFunction) -> Self {
        match function {
            VoiFunction::Linear if width <= 1.0 => Curve::Step { above: center - 0.5 },
            VoiFunction::Linear => Curve::Ramp { foot: center - 0.5 - (width - 1.0) / 2.0, rise: width - 1.0 },
            VoiFunction::LinearExact => Curve::Ramp { foot: center - width / 2.0, rise: width },
            VoiFunction::Sigmoid => Curve::Sigmoid { center, width },
        }
    }

    /// From `low`, shown black, to `high`, shown white.
    pub fn range(low: f64, high: f64) -> Self {
        if high > low { Curve::Ramp { foot: low, rise: high - low } } else { Curve::Step { above: low } }
    }

    /// The curve in f64, for tables.
    pub fn unit_from_modality(self, value: f64) -> f64 {
        match self {
            Curve::Ramp { foot, rise } => ((value - foot) / rise).clamp(0.0, 1.0),
            Curve::Step { above } => f64::from(u8::from(value > above)),
            Curve::Sigmoid { center, width } => 1.0 / (1.0 + (-4.0 * (value - center) / width).exp()),
        }
    }
}

/// Whether a window can be followed; says what is wrong with it if not.
pub fn check(center: f64, width: f64, function: VoiFunction) -> Result<(), &'static str> {
    if !center.is_finite() || !width.is_finite() || center.abs() > 1e30 || width > 1e30 {
        return Err("expected a center and a width within 1e30");
    }
    match function {
        VoiFunction::Linear if width < 1.0 => Err("a linear window is at least 1 wide"),
        VoiFunction::LinearExact | VoiFunction::Sigmoid if width <= 0.0 => Err("a window is wider than 0"),
        _ => Ok(()),
    }
}

/// Ramp with flat ends.
pub fn ramp(t: f32) -> f32 {
    t.clamp(0.0, 1.0)
}

/// Logistic curve.
pub fn sigmoid(t: f32) -> f32 {
    1.0 / (1.0 + (-t.clamp(-80.0, 80.0)).exp())
}
