//! Pictures made worse on purpose, each way at eight levels.

use super::frames::chance;
use libjpeg_turbo_rs::{PixelFormat, Subsampling};
use voxmill::model::*;
use voxmill::read::codecs::{self, Announced};
use voxmill::write::encode::{Picture, jpeg2000};

/// A grey picture as numbers, and how its file says to take them.
#[derive(Clone)]
pub struct Base {
    pub rows: usize,
    pub columns: usize,
    pub values: Vec<f64>,
    pub how: Interpretation,
    /// Percentiles 1 and 99.
    pub low: f64,
    pub high: f64,
}

impl Base {
    fn at(&self, x: isize, y: isize) -> f64 {
        let (x, y) = (x.clamp(0, self.columns as isize - 1), y.clamp(0, self.rows as isize - 1));
        self.values[y as usize * self.columns + x as usize]
    }

    fn range(&self) -> f64 {
        self.high - self.low
    }

    fn map(&self, value: impl Fn(isize, isize) -> f64) -> Base {
        let columns = self.columns as isize;
        let values = (0..self.values.len() as isize).map(|i| value(i % columns, i / columns)).collect();
        Base { values, ..self.clone() }
    }
}

/// Name, the metric meant for it, whether that rises, and what a level makes of an image.
pub type Degradation = (&'static str, &'static str, bool, fn(&Base, usize) -> Base);

/// Every degradation; levels go from 1 to 8.
pub const DEGRADATIONS: [Degradation; 11] = [
    ("blur", "quality_blur", true, |base, level| blurred(base, 0.5 * level as f64)),
    ("noise", "quality_noise_ratio", true, noisy),
    ("clipping", "quality_clipped_high", true, clipped),
    ("JPEG", "quality_blockiness", true, jpeg),
    ("JPEG 2000", "quality_tenengrad", false, jpeg_2000),
    ("stripes", "quality_stripes", true, striped),
    ("ghost", "quality_ghosting", true, ghosted),
    ("downsampling", "quality_coarseness", true, downsampled),
    ("wrong window", "quality_window_loss", true, windowed),
    ("crop", "quality_side", false, cropped),
    ("blank rows", "quality_missing_rows", true, blanked),
];

/// The picture that a degradation begins with: coders are given 8 bits between the percentiles 1 and 99, and what that does
/// to a picture of more bits is not theirs.
pub fn beginning(name: &str, base: &Base) -> Base {
    if ["JPEG", "JPEG 2000"].contains(&name) { from_bytes(base, bytes(base).into_iter()) } else { base.clone() }
}

fn blurred(base: &Base, sigma: f64) -> Base {
    let reach = (3.0 * sigma).ceil() as isize;
    let weights: Vec<f64> = (-reach..=reach).map(|k| (-(k * k) as f64 / (2.0 * sigma * sigma)).exp()).collect();
    let total: f64 = weights.iter().sum();
    let along = |base: &Base, dx: isize, dy: isize| {
        base.map(|x, y| {
            (-reach..=reach).zip(&weights).map(|(k, w)| w * base.at(x + k * dx, y + k * dy)).sum::<f64>() / total
        })
    };
    along(&along(base, 1, 0), 0, 1)
}

fn noisy(base: &Base, level: usize) -> Base {
    let mut next = chance(7);
    // Twelve uniform numbers make a nearly normal one of deviation 1.
    let normal: Vec<f64> =
        base.values.iter().map(|_| (0..12).map(|_| (next() % 4096) as f64 / 4096.0).sum::<f64>() - 6.0).collect();
    let deviation = 0.02 * level as f64 * base.range();
    base.map(|x, y| base.at(x, y) + deviation * normal[y as usize * base.columns + x as usize])
}

fn clipped(base: &Base, level: usize) -> Base {
    let mut sorted = base.values.clone();
    sorted.sort_by(f64::total_cmp);
    let top = sorted[sorted.len() * (100 - 4 * level) / 100];
    base.map(|x, y| base.at(x, y).min(top))
}

/// The picture in 8 bits between its percentiles 1 and 99.
fn bytes(base: &Base) -> Vec<u8> {
    base.values.iter().map(|v| (255.0 * (v - base.low) / base.range()).clamp(0.0, 255.0).round() as u8).collect()
}

fn from_bytes(base: &Base, bytes: impl Iterator<Item = u8>) -> Base {
    let values = bytes.map(|b| base.low + f64::from(b) / 255.0 * base.range()).collect();
    Base { values, ..base.clone() }
}

fn jpeg(base: &Base, level: usize) -> Base {
    let quality = [90, 75, 60, 45, 32, 22, 14, 8][level - 1];
    let (wide, tall) = (base.columns, base.rows);
    let format = PixelFormat::Grayscale;
    let stream = libjpeg_turbo_rs::compress(&bytes(base), wide, tall, format, quality, Subsampling::S444).unwrap();
    let back = libjpeg_turbo_rs::decompress_to(&stream, format).unwrap();
    from_bytes(base, back.data.into_iter())
}

fn jpeg_2000(base: &Base, level: usize) -> Base {
    let ratio = [6.0, 10.0, 16.0, 25.0, 40.0, 60.0, 90.0, 140.0][level - 1];
    let data = bytes(base);
    let (rows, columns) = (base.rows as u32, base.columns as u32);
    let picture = Picture { rows, columns, samples: 1, bits_stored: 8, bytes: &data };
    let stream = jpeg2000::encode_lossy(&picture, false, ratio).unwrap();
    let (bits_allocated, bits_stored, signed, rgb) = (8, 8, false, false);
    let announced = Announced { rows, columns, samples: 1, bits_allocated, bits_stored, signed, rgb };
    let mut out = vec![0u8; data.len()];
    codecs::jpeg2000::decode(&stream, &announced, &mut out).unwrap();
    from_bytes(base, out.into_iter())
}

fn striped(base: &Base, level: usize) -> Base {
    let height = 0.01 * level as f64 * base.range();
    base.map(|x, y| base.at(x, y) + height * (std::f64::consts::TAU * y as f64 / 7.0).sin())
}

fn ghosted(base: &Base, level: usize) -> Base {
    let (share, half) = (0.06 * level as f64, base.rows as isize / 2);
    base.map(|x, y| base.at(x, y) + share * base.at(x, (y + half) % base.rows as isize))
}

fn downsampled(base: &Base, level: usize) -> Base {
    let factor = 1.0 + 0.5 * level as f64;
    // Means over squares, and back by straight lines.
    let mean = |cx: isize, cy: isize| {
        let ends = |c: isize| ((c as f64 * factor).round() as isize, ((c + 1) as f64 * factor).round() as isize);
        let ((left, right), (top, bottom)) = (ends(cx), ends(cy));
        let all: Vec<f64> =
            (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y))).map(|(x, y)| base.at(x, y)).collect();
        all.iter().sum::<f64>() / all.len() as f64
    };
    let (wide, tall) = ((base.columns as f64 / factor).ceil() as isize, (base.rows as f64 / factor).ceil() as isize);
    let small: Vec<f64> = (0..wide * tall).map(|i| mean(i % wide, i / wide)).collect();
    let pick = |x: isize, y: isize| small[(y.clamp(0, tall - 1) * wide + x.clamp(0, wide - 1)) as usize];
    base.map(|x, y| {
        let (u, v) = ((x as f64 + 0.5) / factor - 0.5, (y as f64 + 0.5) / factor - 0.5);
        let (i, j, s, t) = (u.floor() as isize, v.floor() as isize, u - u.floor(), v - v.floor());
        let row = |j| pick(i, j) * (1.0 - s) + pick(i + 1, j) * s;
        row(j) * (1.0 - t) + row(j + 1) * t
    })
}

/// The window moves off the values, an eighth of the range at a time.
fn windowed(base: &Base, level: usize) -> Base {
    let mut base = base.clone();
    let center = (base.low + base.high) / 2.0 + level as f64 / 8.0 * base.range();
    base.how.voi = vec![Voi::Window { center, width: base.range(), function: VoiFunction::Linear }];
    base
}

fn cropped(base: &Base, level: usize) -> Base {
    let keep = 1.0 - 0.08 * level as f64;
    let (rows, columns) = ((base.rows as f64 * keep) as usize, (base.columns as f64 * keep) as usize);
    let (top, left) = ((base.rows - rows) / 2, (base.columns - columns) / 2);
    let values = (0..rows * columns).map(|i| base.values[(top + i / columns) * base.columns + left + i % columns]);
    Base { rows, columns, values: values.collect(), ..base.clone() }
}

fn blanked(base: &Base, level: usize) -> Base {
    let (first, count) = (base.rows as isize * 2 / 5, (base.rows * level / 25) as isize);
    base.map(|x, y| if (first..first + count).contains(&y) { 0.0 } else { base.at(x, y) })
}
