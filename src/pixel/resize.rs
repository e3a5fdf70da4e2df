//! Resize: another number of rows and columns.
//!
//! # Meaning
//! Each output pixel is a weighted mean of the input pixels under its filter, which grows with the input pixels an
//! output pixel covers (antialiasing).
//! # Formula and section of the standard
//! Pillow 10 and later, `precompute_coeffs` of src/libImaging/Resample.c, mode F: scale = source length / output
//! length; support = filter's x max(scale, 1); center = start + (i + 0.5) x scale; weights normalised to sum 1.
//! Across first, then down, in f32, terms added in ascending order. Letterbox and crop are `ImageOps.pad` and
//! `ImageOps.fit`, their rounding (half to even) included.
//! Nearest takes the pixel that the middle of the output pixel lies in.
//! # From space, to space
//! Unit (or modality) values of the frame to the same values of the tensor.
//! # Edge cases
//! An axis that keeps its length is copied. A letterbox never gets thinner than one pixel. Around a letterbox lies
//! background. Filters with negative lobes overshoot: unit values are limited to 0..1 afterwards, modality values not.
//! # Tolerance and why
//! 1e-5 of the output range: Pillow adds in f64; GPUs may fuse multiply and add.

use super::spec::{Filter, Fit};

/// One axis: which part of the source becomes how many output pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    /// Pixels of the frame along the axis.
    pub source: u32,
    /// Where the part begins; f32 as Pillow has it.
    pub from: f32,
    /// Where it ends.
    pub to: f32,
    /// Output pixels that show it.
    pub target: u32,
    /// Output pixels before them.
    pub offset: u32,
}

/// Where the image lands in the tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometry {
    /// Rows of the tensor.
    pub rows: u32,
    /// Columns of the tensor.
    pub columns: u32,
    /// Vertical axis.
    pub down: Axis,
    /// Horizontal axis.
    pub across: Axis,
}

impl Geometry {
    /// Fits `source` rows and columns into `target`, or keeps them.
    pub fn new(source: [u32; 2], target: Option<[u32; 2]>, fit: Fit) -> Self {
        let [rows, columns] = target.unwrap_or(source);
        let whole =
            |source: u32, target: u32, offset: u32| Axis { source, from: 0.0, to: source as f32, target, offset };
        let (height, width) = (f64::from(source[0]), f64::from(source[1]));
        let (out_height, out_width) = (f64::from(rows), f64::from(columns));
        let (image, goal) = (width / height, out_width / out_height);
        let (mut down, mut across) = (whole(source[0], rows, 0), whole(source[1], columns, 0));
        match fit {
            Fit::Letterbox if image > goal => {
                let shown = ((height / width * out_width).round_ties_even() as u32).clamp(1, rows);
                down = whole(source[0], shown, (f64::from(rows - shown) * 0.5).round_ties_even() as u32);
            }
            Fit::Letterbox if image < goal => {
                let shown = ((width / height * out_height).round_ties_even() as u32).clamp(1, columns);
                across = whole(source[1], shown, (f64::from(columns - shown) * 0.5).round_ties_even() as u32);
            }
            Fit::Crop if image > goal => {
                let kept = goal * height;
                let from = (width - kept) * 0.5;
                across = Axis { from: from as f32, to: (from + kept) as f32, ..across };
            }
            Fit::Crop if image < goal => {
                let kept = width / goal;
                let from = (height - kept) * 0.5;
                down = Axis { from: from as f32, to: (from + kept) as f32, ..down };
            }
            Fit::Letterbox | Fit::Crop | Fit::Stretch => {}
        }
        Self { rows, columns, down, across }
    }
}

/// The weights of one axis, made once in f64 and given to both engines as f32.
#[derive(Clone, Debug, PartialEq)]
pub struct Taps {
    /// Room for the weights of one output pixel; unused ones are 0.
    pub stride: u32,
    /// First source pixel and number of weights of each output pixel.
    pub spans: Vec<[u32; 2]>,
    /// `stride` weights for each output pixel.
    pub weights: Vec<f32>,
}

impl Taps {
    /// The weights of an axis.
    pub fn new(axis: &Axis, filter: Filter) -> Self {
        if axis.source == axis.target && axis.from == 0.0 && axis.to == axis.source as f32 {
            let spans = (0..axis.target).map(|i| [i, 1]).collect();
            return Self { stride: 1, spans, weights: vec![1.0; axis.target as usize] };
        }
        let scale = f64::from(axis.to - axis.from) / f64::from(axis.target);
        let Some((radius, shape)) = kernel(filter) else { return Self::nearest(axis, scale) };
        let stretch = scale.max(1.0);
        let support = radius * stretch;
        let stride = (support.ceil() as usize * 2 + 1).min(axis.source as usize);
        let mut spans = Vec::with_capacity(axis.target as usize);
        let mut weights = Vec::with_capacity(axis.target as usize * stride);
        let mut row: Vec<f64> = Vec::with_capacity(stride);
        for i in 0..axis.target {
            let center = f64::from(axis.from) + (f64::from(i) + 0.5) * scale;
            // As C does: truncation towards zero after adding one half, then limits.
            let first = ((center - support + 0.5) as i64).max(0);
            let end = ((center + support + 0.5) as i64).min(i64::from(axis.source)).max(first);
            row.clear();
            row.extend((first..end).map(|x| shape((x as f64 - center + 0.5) / stretch)));
            let sum: f64 = row.iter().sum();
            let norm = if sum != 0.0 { sum } else { 1.0 };
            spans.push([first as u32, row.len() as u32]);
            weights.extend(row.iter().map(|w| (w / norm) as f32));
            weights.resize((i as usize + 1) * stride, 0.0);
        }
        Self { stride: stride as u32, spans, weights }
    }

    /// One pixel for each output pixel: the one that the middle of the output pixel lies in.
    fn nearest(axis: &Axis, scale: f64) -> Self {
        let source = |i: u32| (f64::from(axis.from) + (f64::from(i) + 0.5) * scale) as u32;
        let spans = (0..axis.target).map(|i| [source(i).min(axis.source.saturating_sub(1)), 1]).collect();
        Self { stride: 1, spans, weights: vec![1.0; axis.target as usize] }
    }

    /// First source pixel and weights of one output pixel.
    pub fn of(&self, output: usize) -> (usize, &[f32]) {
        let [first, count] = self.spans[output];
        let at = output * self.stride as usize;
        (first as usize, &self.weights[at..at + count as usize])
    }
}

/// How far a filter reaches, and its weight at a distance.
type Weighing = (f64, fn(f64) -> f64);

/// Radius and shape of a filter; `None` for the one that weighs nothing.
fn kernel(filter: Filter) -> Option<Weighing> {
    fn sinc(x: f64) -> f64 {
        if x == 0.0 { 1.0 } else { (x * std::f64::consts::PI).sin() / (x * std::f64::consts::PI) }
    }
    Some(match filter {
        Filter::Nearest => return None,
        Filter::Box => (0.5, |x| f64::from(u8::from(x > -0.5 && x <= 0.5))),
        Filter::Triangle => (1.0, |x| (1.0 - x.abs()).max(0.0)),
        Filter::CatmullRom => (2.0, |x| {
            // Pillow's bicubic: a = -0.5.
            let x = x.abs();
            if x < 1.0 {
                (1.5 * x - 2.5) * x * x + 1.0
            } else if x < 2.0 {
                ((x - 5.0) * x + 8.0) * x * -0.5 + 2.0
            } else {
                0.0
            }
        }),
        Filter::Lanczos3 => (3.0, |x| if (-3.0..3.0).contains(&x) { sinc(x) * sinc(x / 3.0) } else { 0.0 }),
    })
}

/// Resizes one plane of `columns` wide rows; the result has as many rows and columns as the taps have spans.
pub fn resize(plane: &[f32], columns: usize, across: &Taps, down: &Taps) -> Vec<f32> {
    let width = across.spans.len();
    let mut narrow = Vec::with_capacity(plane.len() / columns * width);
    for row in plane.chunks_exact(columns) {
        for x in 0..width {
            let (first, weights) = across.of(x);
            let mut sum = 0.0f32;
            for (k, weight) in weights.iter().enumerate() {
                sum += row[first + k] * weight;
            }
            narrow.push(sum);
        }
    }
    let mut out = Vec::with_capacity(down.spans.len() * width);
    for y in 0..down.spans.len() {
        let (first, weights) = down.of(y);
        for x in 0..width {
            let mut sum = 0.0f32;
            for (k, weight) in weights.iter().enumerate() {
                sum += narrow[(first + k) * width + x] * weight;
            }
            out.push(sum);
        }
    }
    out
}
