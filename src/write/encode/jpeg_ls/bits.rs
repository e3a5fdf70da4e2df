//! Bits of a JPEG-LS scan as they are written (ITU-T T.87 A.1 and A.5.3).

/// Writes bits; a byte behind 0xFF holds seven (A.1).
pub struct Bits {
    stream: Vec<u8>,
    held: u64,
    count: u32,
    after_ff: bool,
}

impl Bits {
    /// Goes on behind `stream`, which ends with a whole byte that is not 0xFF.
    pub fn new(stream: Vec<u8>) -> Self {
        Self { stream, held: 0, count: 0, after_ff: false }
    }

    /// The low `bits` bits of `value`, at most 32.
    pub fn push(&mut self, value: u32, bits: u32) {
        self.held = self.held << bits | u64::from(value);
        self.count += bits;
        loop {
            let width = if self.after_ff { 7 } else { 8 };
            if self.count < width {
                return;
            }
            self.count -= width;
            let byte = (self.held >> self.count) as u8 & (0xFF >> (8 - width));
            self.stream.push(byte);
            self.after_ff = byte == 0xFF;
        }
    }

    /// A.5.3: unary part and k bits, or the escape.
    pub fn golomb(&mut self, mapped: u32, k: u32, limit: u32, bpp: u32) {
        let unary = mapped >> k;
        if unary < limit - bpp - 1 {
            self.zeros(unary);
            self.push(1, 1);
            self.push(mapped & ((1 << k) - 1), k);
        } else {
            self.zeros(limit - bpp - 1);
            self.push(1, 1);
            self.push(mapped - 1, bpp);
        }
    }

    fn zeros(&mut self, count: u32) {
        self.push(0, count / 2);
        self.push(0, count - count / 2);
    }

    /// Fills the last byte with zeros; a byte must follow 0xFF, since a marker does.
    pub fn finish(mut self) -> Vec<u8> {
        let width = if self.after_ff { 7 } else { 8 };
        if self.count > 0 || self.after_ff {
            self.push(0, width - self.count);
        }
        self.stream
    }
}
