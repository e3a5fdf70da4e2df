// Invert: MONOCHROME1 upside down. Twin: src/pixel/invert.rs.
//
// Formula: PS3.3 C.7.6.3.1.2, y = 1 - x. From space, to space: unit to unit.
// Edge cases: only if the block says so; background is 0 after inversion too. Tolerance: none.

fn invert(unit: f32) -> f32 {
    return 1.0 - unit;
}
