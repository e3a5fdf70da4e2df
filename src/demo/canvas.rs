//! A picture in the making: integer samples and the few shapes that phantoms consist of. Only operations that IEEE
//! 754 rounds in one way are used (+, -, x, /, square root), so that every machine draws the same bytes.

use super::chance::Chance;
use super::font;

/// Rows x columns pixels of interleaved samples.
pub(super) struct Canvas {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) samples: usize,
    values: Vec<i32>,
}

/// An ellipse in pixel coordinates: centre and half axes.
#[derive(Clone, Copy)]
pub(super) struct Ellipse {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) rx: f32,
    pub(super) ry: f32,
}

/// An ellipse given in thousandths of the width and height of a picture.
pub(super) fn ellipse(canvas: &Canvas, [x, y, rx, ry]: [i32; 4]) -> Ellipse {
    let (w, h) = (canvas.columns as f32 / 1000.0, canvas.rows as f32 / 1000.0);
    Ellipse { x: x as f32 * w, y: y as f32 * h, rx: (rx as f32 * w).max(0.5), ry: (ry as f32 * h).max(0.5) }
}

impl Canvas {
    /// A picture of one value.
    pub(super) fn new(rows: usize, columns: usize, samples: usize, value: i32) -> Self {
        Self { rows, columns, samples, values: vec![value; rows * columns * samples] }
    }

    /// The columns of a row that lie in the ellipse.
    fn span(&self, e: Ellipse, row: usize) -> std::ops::Range<usize> {
        let dy = (row as f32 + 0.5 - e.y) / e.ry;
        let left = 1.0 - dy * dy;
        if left <= 0.0 {
            return 0..0;
        }
        let half = e.rx * left.sqrt();
        let first = (e.x - half).max(0.0) as usize;
        let last = (e.x + half).clamp(0.0, self.columns as f32) as usize;
        first.min(last)..last
    }

    /// Fills an ellipse with one value per sample.
    pub(super) fn disc(&mut self, e: Ellipse, value: &[i32]) {
        for row in 0..self.rows {
            for column in self.span(e, row) {
                let at = (row * self.columns + column) * self.samples;
                self.values[at..at + self.samples].copy_from_slice(value);
            }
        }
    }

    /// Adds what a ray loses on its way through an ellipsoid of this density: `depth` at the centre, 0 at the rim.
    pub(super) fn dome(&mut self, e: Ellipse, depth: f32) {
        for row in 0..self.rows {
            let dy = (row as f32 + 0.5 - e.y) / e.ry;
            for column in self.span(e, row) {
                let dx = (column as f32 + 0.5 - e.x) / e.rx;
                let inside = (1.0 - dx * dx - dy * dy).max(0.0);
                self.values[row * self.columns + column] += (depth * inside.sqrt()) as i32;
            }
        }
    }

    /// Fills a rectangle, cut at the border of the picture.
    pub(super) fn block(&mut self, [x, y, w, h]: [usize; 4], value: &[i32]) {
        for row in y..(y + h).min(self.rows) {
            for column in x..(x + w).min(self.columns) {
                let at = (row * self.columns + column) * self.samples;
                self.values[at..at + self.samples].copy_from_slice(value);
            }
        }
    }

    /// Adds noise to every sample.
    pub(super) fn noise(&mut self, chance: &mut Chance, sigma: i32) {
        for four in self.values.chunks_mut(4) {
            for (value, noise) in four.iter_mut().zip(chance.noise4(sigma)) {
                *value += noise;
            }
        }
    }

    /// Multiplies every sample by a random part of itself, as speckle does: `grain` in 1/256.
    pub(super) fn speckle(&mut self, chance: &mut Chance, grain: i32) {
        for pixels in self.values.chunks_mut(4 * self.samples) {
            let noise = chance.noise4(grain);
            for (at, value) in pixels.iter_mut().enumerate() {
                *value += *value * noise[at / self.samples] / 256;
            }
        }
    }

    /// Keeps every sample within the range that the stored bits hold.
    pub(super) fn clamp(&mut self, low: i32, high: i32) {
        for value in &mut self.values {
            *value = (*value).clamp(low, high);
        }
    }

    /// Turns light into dark: `top` - value.
    pub(super) fn invert(&mut self, top: i32) {
        for value in &mut self.values {
            *value = top - *value;
        }
    }

    /// Writes a line of text and says which box it covers: x, y, width, height.
    pub(super) fn text(&mut self, x: usize, y: usize, scale: usize, value: &[i32], words: &str) -> [u32; 4] {
        for (place, letter) in words.chars().enumerate() {
            let left = x + place * (font::WIDTH + 1) * scale;
            for (line, dots) in font::glyph(letter).iter().enumerate() {
                for dot in (0..font::WIDTH).filter(|dot| dots >> (font::WIDTH - 1 - dot) & 1 == 1) {
                    self.block([left + dot * scale, y + line * scale, scale, scale], value);
                }
            }
        }
        let width = words.chars().count() * (font::WIDTH + 1) * scale;
        let right = (x + width).min(self.columns);
        let bottom = (y + font::HEIGHT * scale).min(self.rows);
        [x as u32, y as u32, right.saturating_sub(x) as u32, bottom.saturating_sub(y) as u32]
    }

    /// The samples as 8-bit values.
    pub(super) fn bytes8(&self) -> Vec<u8> {
        self.values.iter().map(|&value| value.clamp(0, 255) as u8).collect()
    }

    /// The samples as 16-bit little-endian values, negative ones as two's complement.
    pub(super) fn bytes16(&self) -> Vec<u8> {
        self.values.iter().flat_map(|&value| (value as u16).to_le_bytes()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_cover_what_their_formula_says() {
        let mut canvas = Canvas::new(40, 60, 1, 0);
        canvas.disc(Ellipse { x: 20.0, y: 15.0, rx: 10.0, ry: 5.0 }, &[7]);
        let inside = canvas.values.iter().filter(|&&v| v == 7).count() as f64;
        // Area of the ellipse: pi x 10 x 5 = 157.
        assert!((150.0..164.0).contains(&inside), "{inside}");
        assert_eq!((canvas.values[15 * 60 + 20], canvas.values[15 * 60 + 35]), (7, 0));

        let mut dome = Canvas::new(41, 41, 1, 0);
        dome.dome(Ellipse { x: 20.5, y: 20.5, rx: 20.0, ry: 20.0 }, 1000.0);
        // At the centre the whole depth; 12 pixels away 1000 x sqrt(1 - 0.36) = 800.
        assert_eq!((dome.values[20 * 41 + 20], dome.values[20 * 41 + 32]), (1000, 800));
    }

    #[test]
    fn text_stays_in_the_box_it_names() {
        let mut canvas = Canvas::new(30, 80, 3, 0);
        let covered = canvas.text(4, 6, 2, &[250, 251, 252], "L1");
        // Two letters of 6 x 2 columns, 7 x 2 rows.
        assert_eq!(covered, [4, 6, 24, 14]);
        let lit: Vec<(usize, usize)> = (0..30 * 80)
            .filter(|at| canvas.values[at * 3..at * 3 + 3] == [250, 251, 252])
            .map(|at| (at % 80, at / 80))
            .collect();
        // L has 7 + 4 dots, 1 has 1 + 2 + 4 + 3 = 10; each dot is 2 x 2.
        assert_eq!(lit.len(), 21 * 4);
        assert!(lit.iter().all(|&(x, y)| (4..28).contains(&x) && (6..20).contains(&y)));
    }

    #[test]
    fn negative_samples_become_twos_complement() {
        assert_eq!(Canvas::new(1, 1, 1, -2000).bytes16(), (-2000i16).to_le_bytes());
    }
}
