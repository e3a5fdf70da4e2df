//! Where the frames of uncompressed pixels end. Bytes behind them belong to no picture: no reader shows them and nobody
//! searches them, so that what is written there does not leave.

use crate::read::dicom::tape::{Scope, Tape};
use crate::read::dicom::words::{Attribute, BITS_ALLOCATED, COLUMNS, FRAMES, PHOTOMETRIC, ROWS, SAMPLES};

/// How many of the bytes of native pixels leave: all of them, but for something else than padding behind the last frame.
/// A header that does not say how large a frame is decides nothing.
pub fn leaving(tape: &Tape, pixels: &[u8]) -> usize {
    let end = frames_end(tape).and_then(|end| usize::try_from(end).ok()).unwrap_or(pixels.len());
    match pixels.get(end..) {
        Some(behind) if behind.iter().any(|b| *b != 0) => end,
        _ => pixels.len(),
    }
}

/// Bytes of all frames, to an even number.
fn frames_end(tape: &Tape) -> Option<u64> {
    let number = |attribute: Attribute| {
        let value = tape.integer(Scope::Root, attribute).ok()?;
        value.and_then(|value| u64::try_from(value).ok()).filter(|value| *value > 0)
    };
    // Two pixels share their colour (PS3.3 C.7.6.3.1.2): two samples each, in place of three.
    let halved = tape.term(Scope::Root, PHOTOMETRIC.tag).is_some_and(|term| term.ends_with("_422"));
    let samples = if halved { 2 } else { number(SAMPLES)? };
    let frames = match tape.integer(Scope::Root, FRAMES).ok()? {
        None => 1,
        Some(frames) => u64::try_from(frames).ok().filter(|frames| *frames > 0)?,
    };
    let factors = [number(COLUMNS)?, samples, frames, number(BITS_ALLOCATED)?];
    let bits = factors.into_iter().try_fold(number(ROWS)?, u64::checked_mul)?;
    bits.div_ceil(8).checked_next_multiple_of(2)
}
