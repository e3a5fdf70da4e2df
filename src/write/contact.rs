//! The contact sheet: images in which something was blanked, before and after. Both are made from the masked tensor. Of the
//! picture before, only where the text lay can be told: the whole is blurred and its place is an even grey; what was written
//! there was never kept.

use super::reread::Entry;
use image::{Rgb, RgbImage, imageops};

/// Deviation of the blur, pixels of a picture of 192.
const BLUR: f32 = 3.0;
/// What stands where the text lay.
const PLACE: Rgb<u8> = Rgb([0x96, 0x96, 0x96]);
/// The frame of a box: an orange that the colour-blind tell from grey.
const FRAME: Rgb<u8> = Rgb([0xe6, 0x9f, 0x00]);

/// One image of the sheet.
pub(super) struct Pair {
    /// Boxes that were blanked.
    pub(super) boxes: usize,
    /// A PNG file.
    pub(super) before: Vec<u8>,
    /// A PNG file.
    pub(super) after: Vec<u8>,
}

/// Before and after, from the masked picture; `fit` is the recipe's word for how stored images become tensors.
pub(super) fn pair(masked: &RgbImage, entry: &Entry, fit: &str) -> (RgbImage, RgbImage) {
    let (mut before, mut after) = (masked.clone(), masked.clone());
    let boxes = placed(masked.dimensions(), entry, fit);
    for [left, top, right, bottom] in &boxes {
        for (x, y) in (*top..*bottom).flat_map(|y| (*left..*right).map(move |x| (x, y))) {
            before.put_pixel(x, y, PLACE);
            if x == *left || x + 1 == *right || y == *top || y + 1 == *bottom {
                after.put_pixel(x, y, FRAME);
            }
        }
    }
    (imageops::blur(&before, BLUR), after)
}

/// The boxes in pixels of a picture of the tensor, right and bottom exclusive.
fn placed((width, height): (u32, u32), entry: &Entry, fit: &str) -> Vec<[u32; 4]> {
    let Some((rows, columns)) = entry.stored.filter(|(rows, columns)| *rows > 0 && *columns > 0) else {
        return Vec::new();
    };
    let (across, down) = (f64::from(width) / f64::from(columns), f64::from(height) / f64::from(rows));
    let (across, down) = match fit {
        "stretch" => (across, down),
        "crop" => (across.max(down), across.max(down)),
        _ => (across.min(down), across.min(down)),
    };
    // Letterbox and crop are centred.
    let (left, top) =
        ((f64::from(width) - across * f64::from(columns)) / 2.0, (f64::from(height) - down * f64::from(rows)) / 2.0);
    // `as` limits to 0 and above.
    let edge = |place: f64, most: u32| (place as u32).min(most);
    let place = |[x, y, w, h]: &[u32; 4]| {
        let (x, y, w, h) = (f64::from(*x), f64::from(*y), f64::from(*w), f64::from(*h));
        [
            edge((left + across * x).floor(), width),
            edge((top + down * y).floor(), height),
            edge((left + across * (x + w)).ceil(), width),
            edge((top + down * (y + h)).ceil(), height),
        ]
    };
    entry.masked.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(stored: (u32, u32), masked: [u32; 4]) -> Entry {
        Entry { stored: Some(stored), masked: vec![masked], ..Entry::default() }
    }

    #[test]
    fn boxes_lie_where_the_recipe_puts_them() {
        // 100 rows of 200 in 50 x 50: letterbox at a quarter, 12.5 above; crop at a half, 25 cut off on the left.
        let entry = entry((100, 200), [40, 20, 80, 10]);
        assert_eq!(placed((50, 50), &entry, "letterbox"), [[10, 17, 30, 20]]);
        assert_eq!(placed((50, 50), &entry, "crop"), [[0, 10, 35, 15]]);
        assert_eq!(placed((50, 50), &entry, "stretch"), [[10, 10, 30, 15]]);
    }

    #[test]
    fn neither_picture_shows_what_lies_in_a_box() {
        // Were there still letters in the box, before and after would not tell them from none: before is grey there.
        let letters = |x: u32, y: u32| if x.is_multiple_of(2) && (20..30).contains(&y) { 255 } else { 0 };
        let with = RgbImage::from_fn(60, 60, |x, y| Rgb([letters(x, y); 3]));
        let without = RgbImage::from_pixel(60, 60, Rgb([0; 3]));
        let entry = entry((60, 60), [0, 20, 60, 10]);
        let (one, other) = (pair(&with, &entry, "letterbox"), pair(&without, &entry, "letterbox"));
        assert_eq!(one.0, other.0);
        assert_eq!(one.1.get_pixel(0, 25), &FRAME);
        assert_eq!(one.1.get_pixel(30, 5), &Rgb([0; 3]));
    }
}
