//! A canvas of pixels for the charts: the same chart that the page shows as SVG becomes a PNG file for documents. Twice the
//! size of the SVG's units, letters from Noto Sans Mono as pixels: no font of the system is asked for.

use super::charts::MARK;
use crate::error::Result;
use crate::write::picture;
use image::{Rgb, RgbImage};
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendTextStyle, DrawingBackend, DrawingErrorKind};
use std::convert::Infallible;

/// Pixels of a unit of the chart.
const SCALE: i32 = 2;
const HEIGHT: RasterHeight = RasterHeight::Size32;
const WEIGHT: FontWeight = FontWeight::Regular;
/// Above the chart, for its name, in units.
const HEAD: u32 = 28;
/// Ink and bars on paper, as in the light page.
const INK: [u8; 3] = [0x1b, 0x1f, 0x24];
const BAR: [u8; 3] = [0x00, 0x72, 0xb2];
const PAPER: [u8; 3] = [0xff; 3];

/// A chart in the making.
pub(super) struct Canvas<'a> {
    picture: &'a mut RgbImage,
    size: (u32, u32),
}

/// Paper for a chart of so many units, with its name above.
pub(super) fn paper(size: (u32, u32), name: &str) -> RgbImage {
    let scale = SCALE.unsigned_abs();
    let mut picture = RgbImage::from_pixel(size.0 * scale, (size.1 + HEAD) * scale, Rgb(PAPER));
    write(&mut picture, name, (8 * SCALE, 4 * SCALE), INK);
    picture
}

/// The PNG file of a finished chart.
pub(super) fn png(picture: &RgbImage) -> Result<Vec<u8>> {
    picture::png_of_rgb(picture)
}

impl<'a> Canvas<'a> {
    /// Draws on paper of this size, below the name.
    pub(super) fn on(picture: &'a mut RgbImage, size: (u32, u32)) -> Self {
        Self { picture, size }
    }
}

/// Lays colour over a pixel; outside of the picture nothing happens.
fn mix(picture: &mut RgbImage, (x, y): (i32, i32), colour: [u8; 3], share: f64) {
    let place = u32::try_from(x).ok().zip(u32::try_from(y).ok());
    if let Some(pixel) = place.and_then(|(x, y)| picture.get_pixel_mut_checked(x, y)) {
        for (below, above) in pixel.0.iter_mut().zip(colour) {
            // `as` limits to 0..255.
            *below = (f64::from(*below) * (1.0 - share) + f64::from(above) * share).round() as u8;
        }
    }
}

/// Writes a line of text from its upper left corner on, in pixels. What is not ASCII is a question mark.
fn write(picture: &mut RgbImage, text: &str, (left, top): (i32, i32), colour: [u8; 3]) {
    let step = get_raster_width(WEIGHT, HEIGHT) as i32;
    let glyphs = text.chars().filter_map(|letter| {
        let letter = match letter {
            '…' => '.',
            '\u{a0}' => ' ',
            letter => letter,
        };
        get_raster(letter, WEIGHT, HEIGHT).or_else(|| get_raster('?', WEIGHT, HEIGHT))
    });
    for (place, glyph) in (0..).zip(glyphs) {
        for (y, row) in (0..).zip(glyph.rows()) {
            for (x, ink) in (0..).zip(row.iter()) {
                mix(picture, (left + place * step + x, top + y), colour, f64::from(*ink) / 255.0);
            }
        }
    }
}

/// The colour of the page that a colour of the chart stands for.
fn of_page(colour: BackendColor) -> [u8; 3] {
    match colour.rgb {
        MARK => BAR,
        (0, 0, 0) => INK,
        (r, g, b) => [r, g, b],
    }
}

impl DrawingBackend for Canvas<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> std::result::Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn present(&mut self) -> std::result::Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn draw_pixel(
        &mut self,
        (x, y): BackendCoord,
        colour: BackendColor,
    ) -> std::result::Result<(), DrawingErrorKind<Infallible>> {
        let top = HEAD as i32;
        for place in 0..SCALE * SCALE {
            let at = (x * SCALE + place % SCALE, (y + top) * SCALE + place / SCALE);
            mix(self.picture, at, of_page(colour), colour.alpha);
        }
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> std::result::Result<(), DrawingErrorKind<Infallible>> {
        let width = text.chars().count() as i32 * get_raster_width(WEIGHT, HEIGHT) as i32;
        let height = HEIGHT.val() as i32;
        let anchor = style.anchor();
        let left = match anchor.h_pos {
            HPos::Left => 0,
            HPos::Right => width,
            HPos::Center => width / 2,
        };
        let above = match anchor.v_pos {
            VPos::Top => 0,
            VPos::Center => height / 2,
            VPos::Bottom => height,
        };
        let corner = (x * SCALE - left, (y + HEAD as i32) * SCALE - above);
        write(self.picture, text, corner, of_page(style.color()));
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        _: &S,
    ) -> std::result::Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let width = text.chars().count() * get_raster_width(WEIGHT, HEIGHT);
        Ok((width as u32 / SCALE.unsigned_abs(), HEIGHT.val() as u32 / SCALE.unsigned_abs()))
    }
}
