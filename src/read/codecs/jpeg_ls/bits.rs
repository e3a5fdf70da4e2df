//! Bits of a JPEG-LS scan (ITU-T T.87 A.1 and C.2.5): a byte behind 0xFF brings seven bits, and Golomb codes are
//! limited in length.

/// Reads bits, the next one on top of `held`. Behind the end it gives zeros and counts them.
#[derive(Clone, Copy, Debug)]
pub struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Below `count` there may be bits of the byte at `at`.
    held: u64,
    count: u32,
    /// Zero bits given from behind the end.
    padding: u32,
    after_ff: bool,
    bad: bool,
    /// From `at` to here plus 8 there is no 0xFF.
    plain: usize,
}

/// Where a Golomb code stops being unary (A.5.3): the longest run of zeros, and the bits that follow it.
#[derive(Clone, Copy, Debug)]
pub struct Escape {
    /// LIMIT - qbpp - 1.
    pub zeros: u32,
    /// qbpp.
    pub bits: u32,
}

impl<'a> Bits<'a> {
    /// Starts at the first bit of `bytes`, which hold no marker.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, held: 0, count: 0, padding: 0, after_ff: false, bad: false, plain: 0 }
    }

    /// A mapped error value with Golomb parameter `k`, which is at most 32.
    #[inline(always)]
    pub fn golomb(&mut self, k: u32, escape: Escape) -> u32 {
        self.fill();
        // The lowest bit is never held: setting it spares a test for zero.
        let zeros = (self.held | 1).leading_zeros();
        let length = zeros + 1 + k;
        if zeros < escape.zeros && length <= self.count {
            let low = self.held << zeros << 1;
            self.held = low << k;
            self.count -= length;
            return zeros.wrapping_shl(k) | (low >> 1 >> (63 - k)) as u32;
        }
        let (bits, value) = long_golomb(*self, k, escape);
        *self = bits;
        value
    }

    /// One bit.
    #[inline(always)]
    pub fn bit(&mut self) -> bool {
        self.read(1) == 1
    }

    /// `bits` bits, at most 32.
    #[inline(always)]
    pub fn read(&mut self, bits: u32) -> u32 {
        self.fill();
        let value = (self.held >> 1 >> (63 - bits)) as u32;
        self.held <<= bits;
        self.count -= bits;
        value
    }

    /// Loads until at least 56 bits are held; without a branch that depends on how many there were.
    #[inline(always)]
    fn fill(&mut self) {
        if let (true, Some(eight)) = (self.at < self.plain, self.bytes.get(self.at..self.at.wrapping_add(8))) {
            let word = eight.iter().fold(0, |word, &byte| word << 8 | u64::from(byte));
            self.held |= word >> self.count;
            self.at += ((63 - self.count) >> 3) as usize;
            self.count |= 56;
            return;
        }
        *self = fill_by_bytes(*self);
    }

    /// Whether more bits were used than there are.
    pub fn exhausted(&self) -> bool {
        self.padding > self.count
    }

    /// Whether a code was met that cannot be.
    pub fn bad(&self) -> bool {
        self.bad
    }

    /// Marks the stream as broken.
    pub fn set_bad(&mut self) {
        self.bad = true;
    }
}

#[inline(never)]
fn fill_by_bytes(mut bits: Bits<'_>) -> Bits<'_> {
    // Never 64: a shift by all bits is none.
    while bits.count < 56 {
        let width = if bits.after_ff { 7 } else { 8 };
        match bits.bytes.get(bits.at) {
            Some(&byte) if width == 8 || byte < 0x80 => {
                bits.held |= u64::from(byte) << (64 - width - bits.count);
                bits.after_ff = byte == 0xFF;
                bits.at += 1;
            }
            _ => bits.padding += width,
        }
        bits.count += width;
    }
    if !bits.after_ff {
        // Where the next 0xFF is, decides how far the fast way goes.
        let rest = bits.bytes.get(bits.at..).unwrap_or(&[]);
        let plain = memchr::memchr(0xFF, rest).unwrap_or(rest.len());
        bits.plain = (bits.at + plain).saturating_sub(7);
    }
    bits
}

/// Codes that are longer than what is held, and those that escape from unary.
#[cold]
fn long_golomb(mut bits: Bits<'_>, k: u32, escape: Escape) -> (Bits<'_>, u32) {
    let mut zeros = 0;
    loop {
        bits.fill();
        let run = bits.held.leading_zeros().min(bits.count - 1);
        zeros += run;
        bits.held <<= run;
        bits.count -= run;
        if zeros > escape.zeros {
            bits.bad = true;
            return (bits, 0);
        }
        if bits.bit() {
            break;
        }
        zeros += 1;
    }
    let value = match zeros {
        unary if unary < escape.zeros => unary.wrapping_shl(k) | bits.read(k),
        // More than LIMIT allows can only come from damage.
        unary if unary > escape.zeros => {
            bits.bad = true;
            0
        }
        _ => bits.read(escape.bits) + 1,
    };
    (bits, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_behind_ff_brings_seven_bits() {
        let mut bits = Bits::new(&[0xFF, 0x7F, 0x80]);
        assert_eq!([bits.read(15), bits.read(8), u32::from(bits.exhausted())], [0x7FFF, 0x80, 0]);
        assert!(!bits.bit() && bits.exhausted());
    }

    #[test]
    fn reading_no_bits_from_a_full_buffer_changes_nothing() {
        let bytes: Vec<u8> = (1..=24).collect();
        let mut bits = Bits::new(&bytes);
        assert_eq!([bits.read(0), bits.read(0), bits.read(8), bits.read(16)], [0, 0, 1, 0x0203]);
        // The eight bytes that were held first, then the next.
        let rest: Vec<u32> = (3..24).map(|_| bits.read(8)).collect();
        assert_eq!(rest, (4..=24).collect::<Vec<u32>>());
    }

    #[test]
    fn unary_escape_and_too_long() {
        let escape = Escape { zeros: 7, bits: 4 };
        // 001 + 01 (k 2): 2 * 4 + 1 = 9. 00000001 + 1010: 11. Nine zeros: broken.
        let mut bits = Bits::new(&[0b0010_1000, 0b0000_1101, 0b0000_0000, 0b0100_0000]);
        assert_eq!([bits.golomb(2, escape), bits.golomb(2, escape)], [9, 11]);
        assert!(!bits.bad());
        bits.golomb(2, escape);
        assert!(bits.bad());
    }
}
