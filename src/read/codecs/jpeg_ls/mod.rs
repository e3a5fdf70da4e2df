//! JPEG-LS (ITU-T T.87; DICOM .80 and .81): lossless and near-lossless, 2 to 16 bits, one to four components, all
//! interleave modes, preset parameters, restart intervals, HP's colour transforms.
//!
//! Here: the stream's headers, what is compared with the announcement, and the walk over scans and restart intervals.

mod bits;
mod colour;
mod params;
mod scan;

use super::jpeg_lossless::frame::{Frame, MAX_COMPONENTS, store};
use super::jpeg_lossless::markers::{DNL, DRI, EOI, Markers, RST0, SOS, Segment};
use super::{Announced, Coded, Colour};
use crate::error::{Fault, Reason, Result};
use bits::Bits;
use params::{Params, Preset};
use scan::Coder;

const PLACE: &str = "JPEG-LS stream";
/// Start of frame, JPEG-LS.
const SOF55: u8 = 0xF7;
/// JPEG-LS parameters.
const LSE: u8 = 0xF8;
/// Application segment of Hewlett-Packard, which names a colour transform.
const APP8: u8 = 0xE8;

/// What the segments before a scan have set.
#[derive(Default)]
struct State<'a> {
    frame: Option<Frame<'a>>,
    preset: Preset,
    /// Lines between restart markers; 0 for none.
    restart: usize,
    transform: u8,
    /// Components that a scan has brought.
    done: [bool; MAX_COMPONENTS],
    lossy: bool,
}

/// Decodes one JPEG-LS frame. Refuses a stream whose size, components or precision contradict the announcement, one
/// with broken codes or a mapping table, and one that ends before its last sample; a missing EOI alone is a warning.
pub fn decode(stream: &[u8], announced: &Announced, out: &mut [u8]) -> Result<Coded> {
    if out.len() != announced.frame_bytes() {
        return Err(Fault::bug(PLACE, "the output buffer does not have the frame's size"));
    }
    let mut markers = Markers::new(stream, PLACE)?;
    let mut state = State::default();
    let mut warnings = Vec::new();
    let frame = loop {
        let Some(segment) = markers.next()? else {
            return Err(truncated("the stream ends before all components were seen"));
        };
        match segment.code {
            SOF55 if state.frame.is_none() => {
                state.frame = Some(Frame::read(segment.body, announced, PLACE, &mut warnings)?);
            }
            SOF55 | 0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                return Err(unsupported("the stream is not one frame of JPEG-LS").number("marker", segment.code));
            }
            LSE => state.preset = parameters(segment.body)?,
            DRI => state.restart = restart_interval(segment.body)?,
            DNL => return Err(unsupported("the number of lines comes in a DNL segment")),
            APP8 => {
                if let [b'm', b'r', b'f', b'x', transform] = *segment.body {
                    state.transform = transform;
                }
            }
            SOS => {
                let frame = state.frame.ok_or_else(|| broken("a scan before the frame header"))?;
                // Refused before any work is done.
                colour::named(state.transform, frame.precision, announced, PLACE)?;
                let data = markers.entropy(|code| code < 0x80);
                scan(&mut state, &frame, segment.body, data, announced.sample_bytes(), out)?;
                if state.done.iter().take(frame.components.len()).all(|done| *done) {
                    break frame;
                }
            }
            EOI => return Err(truncated("the stream ends before all components were seen")),
            _ => {}
        }
    };
    if !matches!(markers.next(), Ok(Some(Segment { code: EOI, .. }))) {
        warnings.push("no-end-marker");
    }
    let undo = colour::named(state.transform, frame.precision, announced, PLACE)?;
    let colour = match undo {
        Some(undo) => {
            colour::apply(undo, announced.sample_bytes(), out);
            Colour::Rgb
        }
        None => Colour::AsAnnounced,
    };
    Ok(Coded { colour, precision: frame.precision, signed: None, lossy: state.lossy, warnings })
}

/// LSE (C.2.4.1): preset parameters are taken, mapping tables and oversize dimensions refused.
fn parameters(body: &[u8]) -> Result<Preset> {
    match body {
        [1, numbers @ ..] if numbers.len() == 10 => {
            let mut words = numbers.as_chunks().0.iter().map(|&be| u16::from_be_bytes(be));
            let mut word = || words.next().unwrap_or(0);
            Ok(Preset { maxval: word(), thresholds: [word(), word(), word()], reset: word() })
        }
        [2 | 3, ..] => Err(unsupported("a mapping table (palette) inside the stream")),
        [4, ..] => Err(unsupported("oversize image dimensions")),
        _ => Err(broken("an LSE segment of unknown type or wrong length")),
    }
}

/// DRI (C.2.5) in two, three or four bytes.
fn restart_interval(body: &[u8]) -> Result<usize> {
    if !(2..=4).contains(&body.len()) {
        return Err(broken("a DRI segment of a wrong length"));
    }
    Ok(body.iter().fold(0, |lines, &byte| lines << 8 | usize::from(byte)))
}

/// Decodes one scan into its components' places in `out`.
fn scan(
    state: &mut State<'_>,
    frame: &Frame<'_>,
    body: &[u8],
    data: &[u8],
    sample_bytes: usize,
    out: &mut [u8],
) -> Result<()> {
    let parted = body.split_first().and_then(|(&count, rest)| rest.split_at_checked(2 * usize::from(count)));
    let Some((selectors, &[near, interleave, transform])) = parted else {
        return Err(broken("a scan header of a wrong length"));
    };
    let (selectors, _) = selectors.as_chunks::<2>();
    if selectors.is_empty() || selectors.len() > frame.components.len() {
        return Err(broken("a scan with a wrong number of components").number("found", selectors.len() as i128));
    }
    if interleave > 2 || (interleave == 0 && selectors.len() > 1) {
        return Err(broken("an interleave mode that does not fit the scan").number("mode", interleave));
    }
    if transform != 0 {
        return Err(unsupported("a point transform").number("found", transform));
    }
    let mut places = Vec::with_capacity(selectors.len());
    for &[identifier, table] in selectors {
        if table != 0 {
            return Err(unsupported("a mapping table (palette) inside the stream"));
        }
        let place = frame
            .component(identifier, &state.done)
            .ok_or_else(|| broken("a scan of a component that is unknown or was there before"))?;
        if let Some(done) = state.done.get_mut(place) {
            *done = true;
        }
        places.push(place);
    }
    state.lossy |= near > 0;
    let params = Params::new(frame.precision, near, &state.preset, PLACE)?;

    let components = frame.components.len();
    // By pixel: one group of lines with all samples; by line: as many groups as components.
    let (groups, width) = if interleave == 2 { (1, places.len()) } else { (places.len(), 1) };
    let padded = (frame.columns + 2) * width;
    let mut lines: Vec<[Vec<u16>; 2]> = vec![[vec![0; padded], vec![0; padded]]; groups];
    let row_bytes = frame.columns * components * sample_bytes;
    let interval = if state.restart == 0 { frame.rows } else { state.restart.min(frame.rows) };
    let mut rest = data;
    for (part, rows) in out.chunks_mut(row_bytes * interval).enumerate() {
        if part > 0 && rest.is_empty() {
            return Err(truncated("the stream ends before its last restart interval").number("interval", part as i128));
        }
        let (bytes, behind, marker) = interval_at(rest);
        rest = behind;
        if marker.is_some_and(|code| code != RST0 + (part & 7) as u8) {
            return Err(broken("a restart marker is missing or out of order").number("interval", part as i128));
        }
        let mut bits = Bits::new(bytes);
        let mut coder = Coder::new(&params);
        let mut run_indices = [0; MAX_COMPONENTS];
        lines.iter_mut().flatten().for_each(|line| line.fill(0));
        for (row, to) in rows.chunks_exact_mut(row_bytes).enumerate() {
            let numbers =
                |fault: Fault| fault.number("row", (part * interval + row) as i128).number("rows", frame.rows as i128);
            for (group, ([above, line], run_index)) in lines.iter_mut().zip(&mut run_indices).enumerate() {
                match width {
                    1 => coder.line::<1>(&mut bits, run_index, above, line),
                    2 => coder.line::<2>(&mut bits, run_index, above, line),
                    3 => coder.line::<3>(&mut bits, run_index, above, line),
                    _ => coder.line::<4>(&mut bits, run_index, above, line),
                }
                if bits.exhausted() {
                    return Err(numbers(truncated("the coded data ends before the last sample")));
                }
                if bits.bad() {
                    return Err(numbers(broken("a code that no encoder writes")));
                }
                let targets = places.get(group..group + width).unwrap_or(&[]);
                let samples = line.get(width..padded - width).unwrap_or(&[]);
                store(samples, targets, components, 0, sample_bytes, to);
                std::mem::swap(above, line);
            }
        }
    }
    Ok(())
}

/// The restart interval at the head of `data`, what follows it, and the marker that ended it.
fn interval_at(data: &[u8]) -> (&[u8], &[u8], Option<u8>) {
    let ends = memchr::memchr_iter(0xFF, data).find_map(|at| match data.get(at + 1) {
        Some(&code) if code >= 0x80 && code != 0xFF => Some((at, code)),
        _ => None,
    });
    match ends {
        Some((at, code)) => (data.get(..at).unwrap_or(&[]), data.get(at + 2..).unwrap_or(&[]), Some(code)),
        None => (data, &[], None),
    }
}

fn truncated(cause: &'static str) -> Fault {
    Fault::input(Reason::Truncated, PLACE, cause)
}

fn broken(cause: &'static str) -> Fault {
    Fault::input(Reason::DecodeFailed, PLACE, cause)
}

fn unsupported(cause: &'static str) -> Fault {
    Fault::input(Reason::UnsupportedSyntax, PLACE, cause)
}
