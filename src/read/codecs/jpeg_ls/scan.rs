//! The coding loop of JPEG-LS (ITU-T T.87 annex A): contexts, regular mode, run mode, one line at a time.
//!
//! A line holds `N` samples a pixel, with one pixel of padding at either end: `[N]` left, the row, `[N]` right. All
//! indices below stay within lines of that shape, which [`Coder::line`] checks once.

use super::bits::{Bits, Escape};
use super::params::Params;

/// A.7.1.2: lengths of run segments as powers of two.
const J: [u32; 32] =
    [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// Statistics of one regular context.
#[derive(Clone, Copy, Debug)]
struct Context {
    a: u32,
    b: i32,
    c: i16,
    n: u16,
    k: u8,
    /// -1 where the mapping of errors is turned round (A.5.2), else 0.
    flip: i8,
}

/// Smallest k with n 2^k >= a; at most 32, far from what an undamaged stream can reach.
#[inline(always)]
fn golomb_k(n: u32, a: u32) -> u32 {
    // One bit more where it changes nothing: a count of zeros is then one instruction.
    let k = (n | 1).leading_zeros().saturating_sub((a | 1).leading_zeros());
    k + u32::from(n << k < a)
}

impl Context {
    fn new(a: u32) -> Self {
        Self { a, b: 0, c: 0, n: 1, k: golomb_k(1, a) as u8, flip: 0 }
    }

    /// A.6.
    #[inline(always)]
    fn update<const LOSSLESS: bool>(&mut self, error: i32, params: &Params) {
        let mut a = self.a.wrapping_add(error.unsigned_abs());
        let mut b = self.b.wrapping_add(if LOSSLESS { error } else { error.wrapping_mul(params.step) });
        let mut n = self.n;
        if n == params.reset {
            a >>= 1;
            b >>= 1;
            n >>= 1;
        }
        n += 1;
        let count = i32::from(n);
        // Both corrections without a branch: which of them applies is as good as random.
        let (low, high) = (b <= -count, b > 0);
        let (raised, lowered) = (b.wrapping_add(count).max(1 - count), b.wrapping_sub(count).min(0));
        b = if low { raised } else { b };
        b = if high { lowered } else { b };
        self.c = (self.c + i16::from(high) - i16::from(low)).clamp(-128, 127);
        let k = golomb_k(n.into(), a);
        self.flip = if LOSSLESS && k == 0 && 2 * b <= -count { -1 } else { 0 };
        (self.a, self.b, self.n, self.k) = (a, b, n, k as u8);
    }
}

/// Statistics of one run interruption context (A.7.2).
#[derive(Clone, Copy, Debug)]
struct Interruption {
    a: u32,
    n: u32,
    negative: u32,
}

/// The state that a restart interval begins anew.
#[derive(Debug)]
pub struct Coder<'p> {
    params: &'p Params,
    escape: Escape,
    contexts: Box<[Context; 512]>,
    interruptions: [Interruption; 2],
}

impl<'p> Coder<'p> {
    /// Contexts as A.2.1 starts them.
    pub fn new(params: &'p Params) -> Self {
        let a = params.first_a();
        Self {
            params,
            escape: Escape { zeros: params.limit - params.qbpp - 1, bits: params.qbpp },
            // 365 contexts; 512 so that a masked index is never out of bounds.
            contexts: Box::new([Context::new(a); 512]),
            interruptions: [Interruption { a, n: 1, negative: 0 }; 2],
        }
    }

    /// Decodes one line of `N` samples a pixel into `line` from the line above it, both padded, and advances
    /// `run_index`.
    pub fn line<const N: usize>(
        &mut self,
        bits: &mut Bits<'_>,
        run_index: &mut usize,
        above: &mut [u16],
        line: &mut [u16],
    ) {
        assert!(above.len() == line.len() && line.len() >= 3 * N && line.len().is_multiple_of(N), "padded lines");
        let end = line.len() - N;
        // A.2.1: a at the start of a line is b; d at its end is b.
        line[..N].copy_from_slice(&above[N..2 * N]);
        above.copy_within(end - N..end, end);
        // A copy that lives in registers for the whole line.
        let mut local = *bits;
        let power_of_two = (self.params.maxval + 1).count_ones() == 1;
        match (self.params.near, power_of_two) {
            (0, true) => self.samples::<N, true, true>(&mut local, run_index, above, line),
            (0, false) => self.samples::<N, true, false>(&mut local, run_index, above, line),
            _ => self.samples::<N, false, false>(&mut local, run_index, above, line),
        }
        *bits = local;
    }

    #[inline(always)]
    fn samples<const N: usize, const LOSSLESS: bool, const WRAPS: bool>(
        &mut self,
        bits: &mut Bits<'_>,
        run_index: &mut usize,
        above: &[u16],
        line: &mut [u16],
    ) {
        let end = line.len() - N;
        let mut at = N;
        while at < end {
            // The neighbours stay in registers from pixel to pixel: reading back what was just written is slow.
            let mut a = pixel::<N>(line, at - N);
            let mut corner = pixel::<N>(above, at - N);
            let mut b = pixel::<N>(above, at);
            let mut before: [i32; N] = std::array::from_fn(|c| self.params.region(b[c] - corner[c]));
            while at < end {
                let d = pixel::<N>(above, at + N);
                let mut regions = [0; N];
                for c in 0..N {
                    let next = self.params.region(d[c] - b[c]);
                    regions[c] = 81 * next + 9 * before[c] + self.params.region(corner[c] - a[c]);
                    before[c] = next;
                }
                if regions == [0; N] {
                    at = self.run::<N, LOSSLESS, WRAPS>(bits, run_index, above, line, at);
                    break;
                }
                for c in 0..N {
                    a[c] = self.regular::<LOSSLESS, WRAPS>(bits, regions[c], a[c], b[c], corner[c]);
                }
                for (sample, value) in line[at..at + N].iter_mut().zip(a) {
                    *sample = value as u16;
                }
                (corner, b) = (b, d);
                at += N;
            }
        }
    }

    /// A.4 to A.6: one sample in regular mode.
    #[inline(always)]
    fn regular<const LOSSLESS: bool, const WRAPS: bool>(
        &mut self,
        bits: &mut Bits<'_>,
        region: i32,
        a: i32,
        b: i32,
        corner: i32,
    ) -> i32 {
        let sign = region >> 31;
        let signed = |value: i32| (value ^ sign) - sign;
        let context = &mut self.contexts[signed(region) as usize & 511];
        let predicted = a.min(b).max(a.max(b).min(a + b - corner));
        let predicted = (predicted + signed(context.c.into())).clamp(0, self.params.maxval);
        let mapped = bits.golomb(context.k.into(), self.escape);
        let error = (mapped >> 1) as i32 ^ -((mapped & 1) as i32) ^ i32::from(context.flip);
        context.update::<LOSSLESS>(error, self.params);
        rebuilt::<LOSSLESS, WRAPS>(predicted, signed(error), self.params)
    }

    /// A.7: a run and the pixel that interrupts it; gives the index behind them.
    #[inline(never)]
    fn run<const N: usize, const LOSSLESS: bool, const WRAPS: bool>(
        &mut self,
        bits: &mut Bits<'_>,
        run_index: &mut usize,
        above: &[u16],
        line: &mut [u16],
        from: usize,
    ) -> usize {
        let end = line.len() - N;
        let mut at = from;
        while at < end && bits.bit() {
            let segment = N << J[*run_index & 31];
            if segment <= end - at {
                *run_index = (*run_index + 1).min(31);
            }
            at = end.min(at + segment);
        }
        let interrupted = at < end;
        if interrupted {
            at += N * bits.read(J[*run_index & 31]) as usize;
            if at >= end {
                bits.set_bad();
                return end;
            }
        }
        let value: [u16; N] = std::array::from_fn(|c| line[from - N + c]);
        for pixel in line[from..at].chunks_exact_mut(N) {
            pixel.copy_from_slice(&value);
        }
        if !interrupted {
            return end;
        }
        for c in 0..N {
            let (a, b) = (i32::from(value[c]), i32::from(above[at + c]));
            // A.7.2 for one component; with several, B.4 knows no second kind of interruption.
            let same = N == 1 && (a - b).abs() <= self.params.near;
            let error = self.interruption(bits, same, *run_index);
            let (predicted, error) = if same || a <= b { (if same { a } else { b }, error) } else { (b, -error) };
            line[at + c] = rebuilt::<LOSSLESS, WRAPS>(predicted, error, self.params) as u16;
        }
        *run_index = run_index.saturating_sub(1);
        at + N
    }

    /// A.7.2.1: the error of the sample that ends a run.
    fn interruption(&mut self, bits: &mut Bits<'_>, same: bool, run_index: usize) -> i32 {
        let context = &mut self.interruptions[usize::from(same)];
        let weight = context.a.wrapping_add(if same { context.n >> 1 } else { 0 });
        let k = golomb_k(context.n, weight);
        // The code of the run's remainder has used up part of LIMIT.
        let zeros = self.escape.zeros.saturating_sub(J[run_index & 31] + 1);
        let mapped = bits.golomb(k, Escape { zeros, ..self.escape });
        let raw = mapped.wrapping_add(u32::from(same));
        let odd = raw & 1 == 1;
        let size = (raw.wrapping_add(raw & 1) >> 1) as i32;
        let negative = (k != 0 || 2 * context.negative >= context.n) == odd;
        let error = if negative { -size } else { size };
        context.negative += u32::from(error < 0);
        context.a = context.a.wrapping_add((mapped.wrapping_add(u32::from(!same))) >> 1);
        if context.n == u32::from(self.params.reset) {
            context.a >>= 1;
            context.n >>= 1;
            context.negative >>= 1;
        }
        context.n += 1;
        error
    }
}

/// The samples of the pixel at `at`.
#[inline(always)]
fn pixel<const N: usize>(line: &[u16], at: usize) -> [i32; N] {
    let samples = &line[at..at + N];
    std::array::from_fn(|c| samples[c].into())
}

/// A.4.4 and A.4.5 backwards: the sample from its prediction and error.
#[inline(always)]
fn rebuilt<const LOSSLESS: bool, const WRAPS: bool>(predicted: i32, error: i32, params: &Params) -> i32 {
    if WRAPS {
        return predicted.wrapping_add(error) & params.maxval;
    }
    let step = if LOSSLESS { 1 } else { params.step };
    let mut value = predicted.wrapping_add(error.wrapping_mul(step));
    if value < -params.near {
        value = value.wrapping_add(params.range * step);
    } else if value > params.maxval + params.near {
        value = value.wrapping_sub(params.range * step);
    }
    value.clamp(0, params.maxval)
}
