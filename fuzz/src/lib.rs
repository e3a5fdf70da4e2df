//! What a DICOM header would announce about a bare stream, so that plain streams can be seeds: a decoder refuses any
//! other announcement before it gets to work.

use voxmill::read::codecs::{Announced, Coded, Decoder};

/// Samples that one run may decode: more of them only make runs slow.
const MOST_SAMPLES: usize = 1 << 18;

/// The announcement that fits the first frame header with this marker (T.81 B.2.2): FF, marker, length, precision, rows,
/// columns, components. `None` if there is none, or if it is too large for a run.
pub fn by_frame_header(stream: &[u8], marker: u8) -> Option<Announced> {
    let at = stream.windows(2).position(|pair| pair == [0xFF, marker])?;
    let &[precision, r1, r0, c1, c0, samples] = stream.get(at + 4..at + 10)? else { return None };
    announced([u16::from_be_bytes([r1, r0]), u16::from_be_bytes([c1, c0])], samples, precision)
}

/// An announcement out of the first four bytes, for streams without a frame header, and the stream behind them.
pub fn by_prefix(data: &[u8]) -> Option<(Announced, &[u8])> {
    let (&[rows, columns, samples, bits], stream) = data.split_first_chunk::<4>()?;
    Some((announced([rows.into(), columns.into()], 1 + samples % 4, 1 + bits % 32)?, stream))
}

fn announced([rows, columns]: [u16; 2], samples: u8, bits_stored: u8) -> Option<Announced> {
    let bits_allocated = match bits_stored {
        1..=8 => 8,
        9..=16 => 16,
        17..=32 => 32,
        _ => return None,
    };
    let fits = rows > 0 && columns > 0 && matches!(samples, 1..=4);
    let rgb = samples == 3;
    let announced = Announced {
        rows: rows.into(),
        columns: columns.into(),
        samples,
        bits_allocated,
        bits_stored,
        signed: false,
        rgb,
    };
    (fits && announced.frame_bytes() <= MOST_SAMPLES).then_some(announced)
}

/// Decodes without the fence of `codecs::guard`, so that a panic shows, and checks what a decoder promises.
pub fn decode(decoder: Decoder, stream: &[u8], announced: &Announced) {
    let mut out = vec![0; announced.frame_bytes()];
    match decoder(stream, announced, &mut out) {
        Ok(Coded { precision, .. }) => assert!(precision <= 32, "{precision} bits"),
        Err(fault) => assert_eq!(fault.kind, voxmill::error::Kind::Input, "{fault}"),
    }
}
