// Window: the view of interest as a curve. Twin: src/pixel/window.rs.
//
// Formula: PS3.3 C.11.2.1.2.1 (LINEAR), C.11.2.1.3.2 (LINEAR_EXACT), C.11.2.1.3.1 (SIGMOID), output range 0 to 1; the
// affine part is in t already.
// From space, to space: t to unit.
// Edge cases: t beyond 80 in the logistic curve counts as 80, so that no infinity occurs.
// Tolerance: ramp none; logistic curve 1e-6, exp of GPUs is not correctly rounded.

fn ramp(t: f32) -> f32 {
    return clamp(t, 0.0, 1.0);
}

fn sigmoid(t: f32) -> f32 {
    return 1.0 / (1.0 + exp(-clamp(t, -80.0, 80.0)));
}
