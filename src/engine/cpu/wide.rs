//! Plain loops compiled twice: for every processor, and once more for those with AVX2, where the same additions in the
//! same order go eight numbers at a time. The one `unsafe` is the call of the second; it stands behind the question
//! whether the processor has it. Nothing else of the instruction set is asked for, so that results are the same bits.

/// Numbers that one step of a loop works on: enough that the compiler makes vectors of it.
pub const LANES: usize = 32;

/// Neighbouring numbers.
pub type Lanes = [f32; LANES];

/// Work whose loops gain from wide registers. `run` and what it calls must be `inline(always)`, or they are compiled once.
pub trait Work {
    /// What comes of it.
    type Output;

    /// Does it.
    fn run(self) -> Self::Output;
}

/// Runs work in the widest form that the processor has.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "calls code compiled for AVX2")]
pub fn wide<W: Work>(work: W) -> W::Output {
    if is_x86_feature_detected!("avx2") {
        // SAFETY: `avx2` is a safe function whose only demand is a processor with AVX2, which was found.
        unsafe { avx2(work) }
    } else {
        work.run()
    }
}

/// Other processors take the loops as they are.
#[cfg(not(target_arch = "x86_64"))]
pub fn wide<W: Work>(work: W) -> W::Output {
    work.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn avx2<W: Work>(work: W) -> W::Output {
    work.run()
}
