//! Where burned-in text is blanked: boxes from the recipe and from rules become [`Masks`].

use crate::model::{MaskBox, Masks};

/// Clips boxes to a frame of `rows` x `columns` and drops those that lie outside.
///
/// `because` says which rule decided, also when no box remains.
pub fn clip_to_frame(boxes: &[MaskBox], rows: u32, columns: u32, because: &'static str) -> Masks {
    let mut clipped: Vec<MaskBox> = boxes
        .iter()
        .filter(|b| b.x < columns && b.y < rows && b.w > 0 && b.h > 0)
        .map(|b| MaskBox { w: b.w.min(columns - b.x), h: b.h.min(rows - b.y), ..*b })
        .collect();
    clipped.sort_unstable();
    clipped.dedup();
    Masks::new(clipped, because)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_end_at_the_frame_and_those_outside_go() {
        let b = |x, y, w, h| MaskBox { x, y, w, h, reason: "recipe" };
        let masks = clip_to_frame(&[b(8, 1, 10, 2), b(10, 0, 1, 1), b(0, 0, 0, 4)], 4, 10, "recipe");
        // 8 + 10 = 18 is cut to the 10 columns there are: 2 remain.
        assert_eq!(masks.boxes(), [b(8, 1, 2, 2)]);
        assert_eq!(masks.because(), "recipe");
    }
}
