//! JPEG-LS encoder (ITU-T T.87, lossless; DICOM .80): 2 to 16 bits, one to four components, in one scan that is
//! interleaved by line or by pixel if there are several.
//!
//! The twin of this file is the decoder in `read/codecs/jpeg_ls`, which is written for speed; this one follows the
//! order of annex A.

mod bits;

use super::Picture;
use crate::error::Result;
use bits::Bits;

const PLACE: &str = "JPEG-LS encoder";
/// A.7.1.2: lengths of run segments as powers of two.
const J: [u32; 32] =
    [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];
/// The default RESET.
const RESET: i32 = 64;

/// How the samples of a colour picture follow each other in the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interleave {
    /// Line by line, the components in turn.
    Line,
    /// Pixel by pixel.
    Sample,
}

/// Encodes a picture of 1 or 2 bytes a sample; `interleave` matters for colour only. Fails on more than 16 bits.
pub fn encode(picture: &Picture<'_>, interleave: Interleave) -> Result<Vec<u8>> {
    picture.check(PLACE, 16)?;
    let samples = picture.stored();
    let components = picture.samples as usize;
    let columns = picture.columns as usize;
    let precision = picture.bits_stored.max(2);

    let mode = match interleave {
        _ if components == 1 => 0,
        Interleave::Line => 1,
        Interleave::Sample => 2,
    };
    let mut frame = vec![precision];
    frame.extend((picture.rows as u16).to_be_bytes());
    frame.extend((picture.columns as u16).to_be_bytes());
    frame.push(picture.samples);
    let mut scan = vec![picture.samples];
    for component in 1..=picture.samples {
        frame.extend([component, 0x11, 0]);
        scan.extend([component, 0]);
    }
    scan.extend([0, mode, 0]);
    let mut stream = vec![0xFF, 0xD8];
    segment(0xF7, &frame, &mut stream);
    if precision > 12 {
        // Some decoders derive other thresholds than C.2.4.1.1.1 above 12 bits: CharLS spells them out, so do we.
        let maxval = (1u32 << precision) - 1;
        let mut preset = vec![1];
        for value in [maxval as u16, 18, 67, 276, RESET as u16] {
            preset.extend(value.to_be_bytes());
        }
        segment(0xF8, &preset, &mut stream);
    }
    segment(0xDA, &scan, &mut stream);

    let mut coder = Coder::new(precision, stream);
    // By pixel: one group of lines with all samples; by line: a group for each component.
    let (groups, width) = if mode == 2 { (1, components) } else { (components, 1) };
    let padded = (columns + 2) * width;
    let mut lines = vec![(vec![0u16; padded], vec![0u16; padded], 0usize); groups];
    for row in samples.chunks_exact(columns * components) {
        for (group, (above, line, run_index)) in lines.iter_mut().enumerate() {
            let own = row.iter().skip(group).step_by(groups);
            for (to, from) in line[width..].iter_mut().zip(own) {
                *to = *from;
            }
            line.copy_within(padded - 2 * width..padded - width, padded - width);
            line[..width].copy_from_slice(&above[width..2 * width]);
            coder.line(above, line, width, run_index);
            std::mem::swap(above, line);
        }
    }
    let mut stream = coder.bits.finish();
    stream.extend([0xFF, 0xD9]);
    Ok(stream)
}

fn segment(code: u8, body: &[u8], stream: &mut Vec<u8>) {
    stream.extend([0xFF, code]);
    stream.extend((body.len() as u16 + 2).to_be_bytes());
    stream.extend_from_slice(body);
}

/// C.2.4.1.1.1 with NEAR 0.
fn thresholds(maxval: i32) -> [i32; 3] {
    if maxval >= 128 {
        let factor = (maxval.min(4095) + 128) / 256;
        [factor + 2, 4 * factor + 3, 17 * factor + 4]
    } else {
        let factor = 256 / (maxval + 1);
        let clamp = |value: i32, least: i32| if value > maxval { least } else { value.max(least) };
        let t1 = clamp((3 / factor).max(2), 1);
        let t2 = clamp((7 / factor).max(3), t1);
        [t1, t2, clamp((21 / factor).max(4), t2)]
    }
}

#[derive(Clone, Copy, Debug)]
struct Context {
    a: i32,
    b: i32,
    c: i32,
    n: i32,
}

/// Statistics of a run interruption context.
#[derive(Clone, Copy, Debug)]
struct Interruption {
    a: i32,
    n: i32,
    negative: i32,
}

struct Coder {
    maxval: i32,
    thresholds: [i32; 3],
    bpp: u32,
    limit: u32,
    contexts: Vec<Context>,
    interruptions: [Interruption; 2],
    bits: Bits,
}

impl Coder {
    fn new(precision: u8, stream: Vec<u8>) -> Self {
        let bpp = u32::from(precision);
        let a = (((1 << bpp) + 32) / 64).max(2);
        Self {
            maxval: (1 << bpp) - 1,
            thresholds: thresholds((1 << bpp) - 1),
            bpp,
            limit: 2 * (bpp + bpp.max(8)),
            contexts: vec![Context { a, b: 0, c: 0, n: 1 }; 365],
            interruptions: [Interruption { a, n: 1, negative: 0 }; 2],
            bits: Bits::new(stream),
        }
    }

    fn region(&self, gradient: i32) -> i32 {
        let size = gradient.abs();
        let region =
            i32::from(size > 0) + self.thresholds.iter().filter(|threshold| size >= **threshold).count() as i32;
        region * gradient.signum()
    }

    /// Encodes a line of `width` samples a pixel; both lines are padded by a pixel at either end.
    fn line(&mut self, above: &[u16], line: &[u16], width: usize, run_index: &mut usize) {
        let end = line.len() - width;
        let mut at = width;
        while at < end {
            let regions: Vec<i32> = (at..at + width)
                .map(|at| {
                    let (a, b) = (i32::from(line[at - width]), i32::from(above[at]));
                    let (c, d) = (i32::from(above[at - width]), i32::from(above[at + width]));
                    81 * self.region(d - b) + 9 * self.region(b - c) + self.region(c - a)
                })
                .collect();
            if regions.iter().all(|region| *region == 0) {
                at = self.run(above, line, width, run_index, at);
                continue;
            }
            for (at, region) in (at..).zip(&regions) {
                let (a, b, c) = (i32::from(line[at - width]), i32::from(above[at]), i32::from(above[at - width]));
                self.regular(*region, [a, b, c], line[at].into());
            }
            at += width;
        }
    }

    /// A.4 to A.6.
    fn regular(&mut self, region: i32, [a, b, c]: [i32; 3], value: i32) {
        let sign = if region < 0 { -1 } else { 1 };
        let context = &mut self.contexts[region.unsigned_abs() as usize];
        // A.4.1: the median of a, b and a + b - c.
        let edge = if c >= a.max(b) {
            a.min(b)
        } else if c <= a.min(b) {
            a.max(b)
        } else {
            a + b - c
        };
        let predicted = (edge + sign * context.c).clamp(0, self.maxval);
        let error = reduced(sign * (value - predicted), self.maxval + 1);
        let k = golomb_k(context.n, context.a);
        let turned = k == 0 && 2 * context.b <= -context.n;
        let error_to_map = if turned { -error - 1 } else { error };
        let mapped = if error_to_map >= 0 { 2 * error_to_map } else { -2 * error_to_map - 1 };
        context.a += error.abs();
        context.b += error;
        if context.n == RESET {
            context.a >>= 1;
            context.b >>= 1;
            context.n >>= 1;
        }
        context.n += 1;
        if context.b <= -context.n {
            context.b = (context.b + context.n).max(1 - context.n);
            context.c = (context.c - 1).max(-128);
        } else if context.b > 0 {
            context.b = (context.b - context.n).min(0);
            context.c = (context.c + 1).min(127);
        }
        self.bits.golomb(mapped as u32, k, self.limit, self.bpp);
    }

    /// A.7: gives the index behind the run and the pixel that interrupts it.
    fn run(&mut self, above: &[u16], line: &[u16], width: usize, run_index: &mut usize, from: usize) -> usize {
        let end = line.len() - width;
        let value = &line[from - width..from];
        let mut length = line[from..end].chunks_exact(width).take_while(|pixel| *pixel == value).count();
        let at = from + length * width;
        while length >= 1 << J[*run_index] {
            self.bits.push(1, 1);
            length -= 1 << J[*run_index];
            *run_index = (*run_index + 1).min(31);
        }
        if at == end {
            if length > 0 {
                self.bits.push(1, 1);
            }
            return end;
        }
        self.bits.push(0, 1);
        self.bits.push(length as u32, J[*run_index]);
        for at in at..at + width {
            let (a, b) = (i32::from(line[at - width]), i32::from(above[at]));
            self.interruption(a, b, line[at].into(), width == 1 && a == b, *run_index);
        }
        *run_index = run_index.saturating_sub(1);
        at + width
    }

    /// A.7.2; `same` is RItype.
    fn interruption(&mut self, a: i32, b: i32, value: i32, same: bool, run_index: usize) {
        let error = if a > b { b - value } else { value - b };
        let error = reduced(if same { value - a } else { error }, self.maxval + 1);
        let context = &mut self.interruptions[usize::from(same)];
        let weight = if same { context.a + (context.n >> 1) } else { context.a };
        let k = golomb_k(context.n, weight);
        let turned = if error < 0 {
            k != 0 || 2 * context.negative >= context.n
        } else {
            error > 0 && k == 0 && 2 * context.negative < context.n
        };
        let mapped = 2 * error.abs() - i32::from(same) - i32::from(turned);
        context.negative += i32::from(error < 0);
        context.a += (mapped + 1 - i32::from(same)) >> 1;
        if context.n == RESET {
            context.a >>= 1;
            context.n >>= 1;
            context.negative >>= 1;
        }
        context.n += 1;
        self.bits.golomb(mapped as u32, k, self.limit - J[run_index] - 1, self.bpp);
    }
}

/// Smallest k with n 2^k >= a.
fn golomb_k(n: i32, a: i32) -> u32 {
    (0..).find(|k| n << k >= a).unwrap_or(0)
}

/// A.4.5: an error modulo the range, -range/2 to range/2 - 1.
fn reduced(error: i32, range: i32) -> i32 {
    let error = if error < 0 { error + range } else { error };
    if error >= (range + 1) / 2 { error - range } else { error }
}
