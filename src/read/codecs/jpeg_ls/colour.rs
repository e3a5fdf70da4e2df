//! Hewlett-Packard's colour transforms of JPEG-LS streams, which an APP8 segment "mrfx" announces. The standard does
//! not know them; encoders based on HP's code write them. CharLS undoes them in the same way.

use super::super::Announced;
use crate::error::{Fault, Reason, Result};

/// A transform backwards: range and three samples to red, green, blue, modulo the range.
pub type Undo = fn(i32, [i32; 3]) -> [i32; 3];

/// What the number in the APP8 segment stands for, `None` for 0. Fails on a transform or a depth that HP never defined.
pub fn named(number: u8, precision: u8, announced: &Announced, place: &'static str) -> Result<Option<Undo>> {
    let undo: Undo = match number {
        0 => return Ok(None),
        1 => hp1,
        2 => hp2,
        3 => hp3,
        _ => return Err(unsupported(place).number("transform", number)),
    };
    match (announced.samples, precision, announced.sample_bytes()) {
        (3, 8, 1) | (3, 16, 2) => Ok(Some(undo)),
        _ => Err(unsupported(place).number("precision", precision).number("samples", announced.samples)),
    }
}

/// Undoes a transform in place, on pixels of 3 or 6 bytes.
pub fn apply(undo: Undo, sample_bytes: usize, out: &mut [u8]) {
    if sample_bytes == 1 {
        for pixel in out.as_chunks_mut::<3>().0 {
            *pixel = undo(1 << 8, pixel.map(i32::from)).map(|sample| sample as u8);
        }
    } else {
        for pixel in out.as_chunks_mut::<6>().0 {
            let [a, b, c, d, e, f] = *pixel;
            let samples = [[a, b], [c, d], [e, f]].map(|le| i32::from(u16::from_le_bytes(le)));
            let bytes = undo(1 << 16, samples).map(|sample| (sample as u16).to_le_bytes());
            pixel.copy_from_slice(bytes.as_flattened());
        }
    }
}

fn hp1(range: i32, [v1, v2, v3]: [i32; 3]) -> [i32; 3] {
    [v1 + v2 - range / 2, v2, v3 + v2 - range / 2]
}

fn hp2(range: i32, [v1, v2, v3]: [i32; 3]) -> [i32; 3] {
    let red = (v1 + v2 - range / 2) & (range - 1);
    [red, v2, v3 + ((red + v2) >> 1) - range / 2]
}

fn hp3(range: i32, [v1, v2, v3]: [i32; 3]) -> [i32; 3] {
    let green = (v1 - ((v3 + v2) >> 2) + range / 4) & (range - 1);
    [v3 + green - range / 2, green, v2 + green - range / 2]
}

fn unsupported(place: &'static str) -> Fault {
    Fault::input(Reason::UnsupportedSyntax, place, "a colour transform that is not defined for such samples")
}
