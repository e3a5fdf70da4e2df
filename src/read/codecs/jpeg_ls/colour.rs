//! Hewlett-Packard's colour transforms of JPEG-LS streams, which an APP8 segment "mrfx" announces. The standard does
//! not know them; encoders based on HP's code write them. Formulas: the HP Labs encoder as documented with CharLS.

use super::super::Announced;
use crate::error::{Fault, Reason, Result};

/// Undoes the transform in place; gives whether there was one. Fails on a transform or a depth that HP never defined.
pub fn undo(transform: u8, precision: u8, announced: &Announced, place: &'static str, out: &mut [u8]) -> Result<bool> {
    if transform == 0 {
        return Ok(false);
    }
    let known: fn(i32, i32, i32, i32) -> [i32; 3] = match transform {
        1 => hp1,
        2 => hp2,
        3 => hp3,
        _ => return Err(unsupported(place).number("transform", transform)),
    };
    match (announced.samples, precision, announced.sample_bytes()) {
        (3, 8, 1) => {
            for pixel in out.as_chunks_mut::<3>().0 {
                *pixel = known(256, pixel[0].into(), pixel[1].into(), pixel[2].into()).map(|sample| sample as u8);
            }
        }
        (3, 16, 2) => {
            for pixel in out.as_chunks_mut::<6>().0 {
                let [a, b, c, d, e, f] = *pixel;
                let samples = [[a, b], [c, d], [e, f]].map(|le| i32::from(u16::from_le_bytes(le)));
                let [red, green, blue] = known(1 << 16, samples[0], samples[1], samples[2]);
                let bytes = [red, green, blue].map(|sample| (sample as u16).to_le_bytes());
                pixel.copy_from_slice(bytes.as_flattened());
            }
        }
        _ => return Err(unsupported(place).number("precision", precision).number("samples", announced.samples)),
    }
    Ok(true)
}

// Results are taken modulo the range by the caller's narrowing.

fn hp1(range: i32, v1: i32, v2: i32, v3: i32) -> [i32; 3] {
    [v1 + v2 - range / 2, v2, v3 + v2 - range / 2]
}

fn hp2(range: i32, v1: i32, v2: i32, v3: i32) -> [i32; 3] {
    let red = (v1 + v2 - range / 2) & (range - 1);
    [red, v2, v3 + ((red + v2) >> 1) - range / 2]
}

fn hp3(range: i32, v1: i32, v2: i32, v3: i32) -> [i32; 3] {
    let green = (v1 - ((v3 + v2) >> 2) + range / 4) & (range - 1);
    [v3 + green - range / 2, green, v2 + green - range / 2]
}

fn unsupported(place: &'static str) -> Fault {
    Fault::input(Reason::UnsupportedSyntax, place, "a colour transform that is not defined for such samples")
}
