//! RLE Lossless encoder (PS3.5 Annex G): one PackBits segment per byte of a pixel, most significant byte first, rows
//! encoded one by one as G.3.1 asks.

use super::Picture;
use crate::error::Result;

const PLACE: &str = "RLE encoder";

/// Encodes a picture of 1, 2 or 4 bytes a sample. Fails on a shape that RLE has no header for.
pub fn encode(picture: &Picture<'_>) -> Result<Vec<u8>> {
    picture.check(PLACE, 32)?;
    let depth = picture.sample_bytes();
    let step = picture.samples as usize * depth;
    let count = step;
    if count > 15 {
        return Err(crate::error::Fault::bug(PLACE, "more than fifteen segments").number("found", count as i128));
    }
    let mut stream = vec![0; 64];
    let mut header = vec![count as u32];
    let mut plane_row = vec![0; picture.columns as usize];
    for segment in 0..count {
        header.push(stream.len() as u32);
        let place = segment / depth * depth + (depth - 1 - segment % depth);
        for row in picture.bytes.chunks_exact(picture.columns as usize * step) {
            for (byte, pixel) in plane_row.iter_mut().zip(row.chunks_exact(step)) {
                *byte = pixel[place];
            }
            pack(&plane_row, &mut stream);
        }
        if stream.len() % 2 == 1 {
            stream.push(0);
        }
    }
    for (word, value) in stream.as_chunks_mut().0.iter_mut().zip(header) {
        *word = value.to_le_bytes();
    }
    Ok(stream)
}

/// PackBits of one row: replicate runs of three or more (of two where no literal run is open), literal runs between.
fn pack(row: &[u8], stream: &mut Vec<u8>) {
    let mut literal: &[u8] = &[];
    let mut rest = row;
    while let Some(&value) = rest.first() {
        let run = rest.iter().take(128).take_while(|&&byte| byte == value).count();
        if run >= 3 || (run == 2 && literal.is_empty()) {
            literals(literal, stream);
            stream.extend([(257 - run) as u8, value]);
            rest = &rest[run..];
            literal = &rest[..0];
        } else {
            let begun = row.len() - rest.len() - literal.len();
            literal = &row[begun..begun + literal.len() + run];
            rest = &rest[run..];
        }
    }
    literals(literal, stream);
}

fn literals(bytes: &[u8], stream: &mut Vec<u8>) {
    for run in bytes.chunks(128) {
        stream.push(run.len() as u8 - 1);
        stream.extend_from_slice(run);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_packed_one_by_one_and_segments_padded_to_even() {
        let bytes = [5, 5, 5, 5, 1, 2, 5, 5];
        let picture = Picture { rows: 2, columns: 4, samples: 1, bits_stored: 8, bytes: &bytes };
        let stream = encode(&picture).expect("a plain picture");
        assert_eq!(stream[..8], [1, 0, 0, 0, 64, 0, 0, 0]);
        // -3: four fives; then four literals, since a run of two does not pay inside a literal run; one byte of padding.
        assert_eq!(stream[64..], [253, 5, 3, 1, 2, 5, 5, 0]);
    }

    #[test]
    fn bytes_that_do_not_fit_the_shape_are_refused() {
        let picture = Picture { rows: 2, columns: 2, samples: 1, bits_stored: 12, bytes: &[0; 4] };
        assert_eq!(encode(&picture).expect_err("four bytes are two samples").place, PLACE);
    }
}
