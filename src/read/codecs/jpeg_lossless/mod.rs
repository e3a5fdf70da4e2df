//! JPEG Lossless, Huffman coding (ITU-T T.81 process 14; DICOM .57 and .70): all predictors, 2 to 16 bits, one to
//! four components, interleaved or not, restart intervals, point transform.
//!
//! Here: the stream's headers, what is compared with the announcement, and the walk over scans and restart intervals.

pub(in crate::read::codecs) mod frame;
mod huffman;
pub(in crate::read::codecs) mod markers;
mod scan;

use super::{Announced, Coded, Colour};
use crate::error::{Fault, Reason, Result};
use frame::{Frame, MAX_COMPONENTS, store};
use huffman::{Destinations, Interval, Table};
use markers::{DHT, DNL, DRI, EOI, Markers, RST0, SOS, Segment};

const PLACE: &str = "JPEG Lossless stream";
/// Start of frame, lossless, Huffman coding.
const SOF3: u8 = 0xC3;
/// Application segment of Adobe, which names the colour transform.
const APP14: u8 = 0xEE;

/// What the segments before a scan have set.
#[derive(Default)]
struct State<'a> {
    frame: Option<Frame<'a>>,
    tables: Destinations<'a>,
    /// MCUs between restart markers; 0 for none.
    restart: usize,
    adobe_transform: Option<u8>,
    /// Components that a scan has brought.
    done: [bool; MAX_COMPONENTS],
    lossy: bool,
}

/// Decodes one JPEG Lossless frame. Refuses a stream whose size, components or precision contradict the announcement,
/// one with broken codes, and one that ends before its last sample; a missing EOI alone is a warning.
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
            SOF3 if state.frame.is_none() => {
                state.frame = Some(Frame::read(segment.body, announced, PLACE, &mut warnings)?);
            }
            0xC0..=0xCF if segment.code != DHT && segment.code != 0xC8 && segment.code != 0xCC => {
                return Err(unsupported("the stream is not one frame of lossless JPEG with Huffman codes")
                    .number("marker", segment.code));
            }
            DHT => huffman::define(segment.body, &mut state.tables, PLACE)?,
            DRI => match *segment.body {
                [high, low] => state.restart = usize::from(u16::from_be_bytes([high, low])),
                _ => return Err(broken("a DRI segment of a wrong length")),
            },
            DNL => return Err(unsupported("the number of lines comes in a DNL segment")),
            APP14 => {
                if let [b'A', b'd', b'o', b'b', b'e', _, _, _, _, _, _, transform, ..] = *segment.body {
                    state.adobe_transform = Some(transform);
                }
            }
            SOS => {
                let frame = state.frame.ok_or_else(|| broken("a scan before the frame header"))?;
                let data = markers.entropy(|code| code == 0);
                scan(&mut state, &frame, &segment, data, announced.sample_bytes(), out)?;
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
    let ycbcr = state.adobe_transform == Some(1) && frame.components.len() == 3 && announced.rgb;
    let colour = if ycbcr { Colour::YbrFull } else { Colour::AsAnnounced };
    Ok(Coded { colour, precision: frame.precision, signed: None, lossy: state.lossy, warnings })
}

/// Decodes one scan into its components' places in `out`.
fn scan(
    state: &mut State<'_>,
    frame: &Frame<'_>,
    segment: &Segment<'_>,
    data: &[u8],
    sample_bytes: usize,
    out: &mut [u8],
) -> Result<()> {
    let parted = segment.body.split_first().and_then(|(&count, rest)| rest.split_at_checked(2 * usize::from(count)));
    let Some((selectors, &[predictor, _, approximation, ..])) = parted else {
        return Err(broken("a scan header that is too short"));
    };
    let shift = approximation & 15;
    if !(1..=7).contains(&predictor) {
        return Err(unsupported("a predictor outside 1 to 7").number("predictor", predictor));
    }
    if shift >= frame.precision {
        return Err(broken("a point transform that leaves no bits").number("shift", shift));
    }
    state.lossy |= shift > 0;
    let (selectors, _) = selectors.as_chunks::<2>();
    if selectors.is_empty() || selectors.len() > frame.components.len() {
        return Err(broken("a scan with a wrong number of components").number("found", selectors.len() as i128));
    }
    let mut places = Vec::with_capacity(selectors.len());
    let mut tables = Vec::with_capacity(selectors.len());
    for &[identifier, destinations] in selectors {
        let place = frame
            .component(identifier, &state.done)
            .ok_or_else(|| broken("a scan of a component that is unknown or was there before"))?;
        if let Some(done) = state.done.get_mut(place) {
            *done = true;
        }
        places.push(place);
        let spelled = state.tables.get(usize::from(destinations >> 4)).copied().flatten();
        tables.push(Table::new(
            &spelled.ok_or_else(|| broken("a scan names a Huffman table that is not there"))?,
            PLACE,
        )?);
    }
    let interval_rows = match state.restart {
        0 => frame.rows,
        // H.1.1: a restart interval is a whole number of rows.
        mcus if mcus % frame.columns == 0 => mcus / frame.columns,
        mcus => {
            return Err(
                unsupported("a restart interval that is not a whole number of rows").number("mcus", mcus as i128)
            );
        }
    };
    let tables: Vec<&Table> = tables.iter().collect();
    let rows = scan::Rows { tables: &tables, predictor, initial: 1 << (frame.precision - shift - 1) };
    let width = frame.columns * places.len();
    let (mut above, mut row) = (vec![0u16; width], vec![0u16; width]);
    let row_bytes = frame.columns * frame.components.len() * sample_bytes;
    let mut rest = data;
    let mut interval = Interval::default();
    let mut restarts = 0u8;
    for (part, lines) in out.chunks_mut(row_bytes * interval_rows).enumerate() {
        if part > 0 && rest.is_empty() {
            return Err(truncated("the stream ends before its last restart interval").number("interval", part as i128));
        }
        let (behind, marker) = interval.take(rest);
        rest = behind;
        if marker.is_some_and(|code| code != RST0 + restarts) {
            return Err(broken("a restart marker is missing or out of order").number("interval", part as i128));
        }
        restarts = (restarts + 1) & 7;
        let mut bits = interval.bits();
        for (line, bytes) in lines.chunks_exact_mut(row_bytes).enumerate() {
            rows.decode(&mut bits, (line > 0).then_some(&above[..]), &mut row);
            if bits.exhausted() {
                return Err(truncated("the coded data ends before the last sample")
                    .number("row", (part * interval_rows + line) as i128)
                    .number("rows", frame.rows as i128));
            }
            if bits.bad() {
                return Err(broken("a Huffman code that the table does not have")
                    .number("row", (part * interval_rows + line) as i128));
            }
            store(&row, &places, frame.components.len(), shift, sample_bytes, bytes);
            std::mem::swap(&mut above, &mut row);
        }
    }
    Ok(())
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
