//! The fence around every frame decoder: sizes are checked before it runs, and panics become faults.
//!
//! C code cannot be interrupted, so the work budget is a bound known before decoding. Each decoder bounds itself by
//! what its own format makes impossible (blocks and bits in JPEG, packets and bytes in JPEG 2000, 1032:1 in deflate);
//! here lies the bound for all: see [`unjustified`].

use super::{Announced, Coded, Decoder};
use crate::error::{Fault, Reason, Result};
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

/// Samples that any stream may claim: 64 Mi, beyond the largest single frames in clinical use.
const FREE_SAMPLES: u64 = 1 << 26;

/// Above that, samples a byte of the stream has to vouch for at most. Only pages that are empty all over compress
/// further, and none of them is of use in a training set.
const SAMPLES_A_BYTE: u64 = 1 << 14;

thread_local! {
    /// Set while a decoder runs on this thread: its panic message is not printed.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Whether a stream of `bytes` bytes is too short to justify decoding `samples` samples.
fn unjustified(samples: u64, bytes: u64) -> bool {
    samples > FREE_SAMPLES && samples > bytes.saturating_mul(SAMPLES_A_BYTE)
}

/// Refuses an empty stream (`Truncated`) and one that is too short for the announced size (`WorkBudget`): asked before there
/// is room for the samples, and again by [`run`].
pub fn justified(stream: &[u8], announced: &Announced) -> Result<()> {
    if stream.is_empty() {
        return Err(Fault::input(Reason::Truncated, "frame", "a frame without bytes"));
    }
    let samples = (announced.frame_bytes() / announced.sample_bytes()) as u64;
    if unjustified(samples, stream.len() as u64) {
        return Err(Fault::input(Reason::WorkBudget, "frame", "the stream is too short for the announced size")
            .number("samples", samples)
            .number("bytes", stream.len() as u64));
    }
    Ok(())
}

/// Runs `decode` on one frame. `out` is the frame's place in a batch: zeros, [`Announced::frame_bytes`] long; after a fault
/// nothing of it may be used. Fails as the decoder and [`justified`] do; with `DecoderPanicked` if the decoder panics.
pub fn run(decode: Decoder, stream: &[u8], announced: &Announced, out: &mut [u8]) -> Result<Coded> {
    around(stream, announced, || decode(stream, announced, out))
}

/// The same fence around decoding to another size, such as [`super::jpeg2000::decode_reduced`]. Fails as [`run`] does.
pub fn around<T>(stream: &[u8], announced: &Announced, work: impl FnOnce() -> Result<T>) -> Result<T> {
    justified(stream, announced)?;
    caught(work)
}

/// Runs `work` and turns a panic into `DecoderPanicked`, without a message on stderr. Buffers that `work` wrote to must not be used after an error.
pub fn caught<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                usual(info);
            }
        }));
    });
    let before = QUIET.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    QUIET.set(before);
    result.unwrap_or_else(|_| Err(Fault::input(Reason::DecoderPanicked, "frame", "a decoder panicked")))
}

#[cfg(test)]
mod tests {
    use super::super::Colour;
    use super::*;

    const SMALL: Announced =
        Announced { rows: 2, columns: 3, samples: 1, bits_allocated: 8, bits_stored: 8, signed: false, rgb: false };

    fn panics(_: &[u8], _: &Announced, out: &mut [u8]) -> Result<Coded> {
        out.fill(9);
        panic!("a decoder's own words");
    }

    fn fails(_: &[u8], _: &Announced, out: &mut [u8]) -> Result<Coded> {
        out.fill(9);
        Err(Fault::input(Reason::DecodeFailed, "test", "half a frame"))
    }

    fn keeps(_: &[u8], _: &Announced, _: &mut [u8]) -> Result<Coded> {
        Ok(Coded { colour: Colour::AsAnnounced, precision: 8, signed: None, lossy: false, warnings: Vec::new() })
    }

    #[test]
    fn a_decoder_that_fails_or_panics_is_a_fault() {
        for (decoder, reason) in [(panics as Decoder, Reason::DecoderPanicked), (fails, Reason::DecodeFailed)] {
            assert_eq!(run(decoder, &[1], &SMALL, &mut [0; 6]).map_err(|fault| fault.reason), Err(reason));
        }
    }

    #[test]
    fn no_decoder_runs_without_a_stream() {
        assert!(run(keeps, &[1], &SMALL, &mut [0; 6]).is_ok());
        assert_eq!(run(keeps, &[], &SMALL, &mut [0; 6]).map_err(|fault| fault.reason), Err(Reason::Truncated));
    }

    #[test]
    fn a_claim_has_to_be_justified_only_when_it_is_large() {
        // 8192 x 8192 is free; 8192 x 8193 needs 4097 bytes.
        assert!(!unjustified(1 << 26, 1));
        assert!(unjustified((1 << 26) + 8192, 4096));
        assert!(!unjustified((1 << 26) + 8192, 4097));
    }
}
