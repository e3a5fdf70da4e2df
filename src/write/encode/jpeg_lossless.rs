//! JPEG Lossless encoder (ITU-T T.81 process 14, selection value 1; DICOM .70): 2 to 16 bits, one to four components
//! in one interleaved scan, one Huffman table built from the picture.

use super::Picture;
use crate::error::Result;

const PLACE: &str = "JPEG Lossless encoder";
/// Difference categories 0 to 16.
const CATEGORIES: usize = 17;

/// Encodes a picture of 1 or 2 bytes a sample. Fails on more than 16 bits.
pub fn encode(picture: &Picture<'_>) -> Result<Vec<u8>> {
    picture.check(PLACE, 16)?;
    let samples = picture.stored();
    let components = picture.samples as usize;
    let precision = picture.bits_stored.max(2);
    let differences = differences(&samples, picture.columns as usize, components, 1 << (precision - 1));
    let mut counts = [0u64; CATEGORIES];
    for &difference in &differences {
        counts[category(difference) as usize] += 1;
    }
    let lengths = code_lengths(&counts);
    let (table, codes) = assign(&lengths);

    let mut stream = vec![0xFF, 0xD8];
    let mut frame = vec![precision];
    frame.extend((picture.rows as u16).to_be_bytes());
    frame.extend((picture.columns as u16).to_be_bytes());
    frame.push(picture.samples);
    let mut scan = vec![picture.samples];
    for component in 1..=picture.samples {
        frame.extend([component, 0x11, 0]);
        scan.extend([component, 0]);
    }
    // Selection value 1, no end of spectral selection, no point transform.
    scan.extend([1, 0, 0]);
    segment(0xC3, &frame, &mut stream);
    segment(0xC4, &table, &mut stream);
    segment(0xDA, &scan, &mut stream);

    let mut bits = Bits { stream, held: 0, count: 0 };
    for &difference in &differences {
        let category = category(difference);
        let (code, length) = codes[category as usize];
        bits.push(code.into(), length.into());
        if category < 16 {
            // F.1.2.1.1: a negative difference is written minus one, in the category's low bits.
            let extra = if (difference as i16) < 0 { difference.wrapping_sub(1) } else { difference };
            bits.push(u32::from(extra) & ((1 << category) - 1), category);
        }
    }
    let mut stream = bits.finish();
    stream.extend([0xFF, 0xD9]);
    Ok(stream)
}

fn segment(code: u8, body: &[u8], stream: &mut Vec<u8>) {
    stream.extend([0xFF, code]);
    stream.extend((body.len() as u16 + 2).to_be_bytes());
    stream.extend_from_slice(body);
}

/// Differences to the left neighbour, to the one above in the first column, to `initial` in the first pixel.
fn differences(samples: &[u16], columns: usize, components: usize, initial: u16) -> Vec<u16> {
    let width = columns * components;
    let mut differences = Vec::with_capacity(samples.len());
    let mut above = vec![initial; components];
    for row in samples.chunks_exact(width) {
        let (first, others) = row.split_at(components);
        differences.extend(first.iter().zip(&above).map(|(sample, above)| sample.wrapping_sub(*above)));
        differences.extend(others.iter().zip(row).map(|(sample, left)| sample.wrapping_sub(*left)));
        above.copy_from_slice(first);
    }
    differences
}

/// H.1.2.2: bits of the magnitude; the difference 32768 has the category 16.
fn category(difference: u16) -> u32 {
    16 - (difference as i16).unsigned_abs().leading_zeros()
}

/// Lengths of an optimal code (T.81 K.2) that stays within 16 bits and leaves the all-ones code free.
fn code_lengths(counts: &[u64; CATEGORIES]) -> [u8; CATEGORIES] {
    // The extra symbol takes the longest code, which is then not handed out.
    let mut nodes: Vec<(u64, Vec<usize>)> =
        counts.iter().enumerate().filter(|(_, n)| **n > 0).map(|(symbol, n)| (*n, vec![symbol])).collect();
    nodes.push((0, vec![CATEGORIES]));
    let mut lengths = [0u8; CATEGORIES + 1];
    while nodes.len() > 1 {
        // The two rarest; among equals the one with the highest symbol goes deeper, so the extra symbol ends lowest.
        nodes.sort_by_key(|(count, symbols)| (std::cmp::Reverse(*count), symbols.iter().max().copied()));
        let (Some((rare, mut symbols)), Some((rarer, others))) = (nodes.pop(), nodes.pop()) else { break };
        symbols.extend(others);
        for &symbol in &symbols {
            lengths[symbol] += 1;
        }
        nodes.push((rare + rarer, symbols));
    }
    // At most 17 levels are possible; K.3: a pair of 17-bit codes moves up under a shorter code's prefix.
    let mut by_length = [0usize; CATEGORIES + 2];
    for &length in lengths.iter().filter(|length| **length > 0) {
        by_length[usize::from(length)] += 1;
    }
    while by_length[17] > 0 {
        let Some(shorter) = (1..16).rev().find(|&length| by_length[length] > 0) else { break };
        by_length[17] -= 2;
        by_length[16] += 1;
        by_length[shorter] -= 1;
        by_length[shorter + 1] += 2;
    }
    let mut order: Vec<usize> = (0..=CATEGORIES).filter(|&symbol| lengths[symbol] > 0).collect();
    order.sort_by_key(|&symbol| (lengths[symbol], symbol));
    let mut limited = [0u8; CATEGORIES];
    let spread = by_length.iter().enumerate().flat_map(|(length, &count)| std::iter::repeat_n(length as u8, count));
    for (symbol, length) in order.into_iter().zip(spread) {
        if let Some(slot) = limited.get_mut(symbol) {
            *slot = length;
        }
    }
    limited
}

/// The DHT body and the code with its length of each category.
fn assign(lengths: &[u8; CATEGORIES]) -> (Vec<u8>, [(u16, u8); CATEGORIES]) {
    let mut table = vec![0];
    let mut categories = Vec::new();
    let mut codes = [(0, 0); CATEGORIES];
    let mut code = 0u32;
    for length in 1..=16 {
        let before = categories.len();
        for (category, slot) in codes.iter_mut().enumerate() {
            if lengths[category] == length {
                *slot = (code as u16, length);
                categories.push(category as u8);
                code += 1;
            }
        }
        table.push((categories.len() - before) as u8);
        code <<= 1;
    }
    table.extend(categories);
    (table, codes)
}

/// Writes bits with a zero stuffed behind each 0xFF.
struct Bits {
    stream: Vec<u8>,
    held: u64,
    count: u32,
}

impl Bits {
    fn push(&mut self, value: u32, bits: u32) {
        self.held = self.held << bits | u64::from(value);
        self.count += bits;
        while self.count >= 8 {
            self.count -= 8;
            let byte = (self.held >> self.count) as u8;
            self.stream.push(byte);
            if byte == 0xFF {
                self.stream.push(0);
            }
        }
    }

    /// F.1.2.3: the last byte is filled with ones.
    fn finish(mut self) -> Vec<u8> {
        self.push(0x7F, 7);
        self.stream
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_follow_table_h_2() {
        let of = |difference: i32| category(difference as u16);
        assert_eq!([0, 1, -1, 2, -3, 4, 255, -256, 32767, 32768].map(of), [0, 1, 1, 2, 2, 3, 8, 9, 15, 16]);
    }

    #[test]
    fn a_skewed_picture_keeps_codes_within_sixteen_bits() {
        // Fibonacci counts are the worst case: without a limit the deepest of 17 symbols needs 17 bits.
        let mut counts = [1u64; CATEGORIES];
        for index in 2..CATEGORIES {
            counts[index] = counts[index - 1] + counts[index - 2];
        }
        let lengths = code_lengths(&counts);
        assert!(lengths.iter().all(|length| (1..=16).contains(length)), "{lengths:?}");
        // Kraft, with room for the all-ones code.
        let taken: u32 = lengths.iter().map(|length| 1 << (16 - length)).sum();
        assert!(taken < 1 << 16, "{taken}");
    }
}
