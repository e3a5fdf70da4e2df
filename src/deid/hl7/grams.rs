//! Whether a text may hold anything that a message says about its people, answered without knowing what: the set of all
//! runs of three letters and digits in the fields that name people. A text that shares none of them with the set holds
//! no word of them of three letters or more. A text that does is looked at in earnest.

/// Letters and digits.
const SIGNS: usize = 36;

/// The set.
pub(super) struct Grams {
    bits: Vec<u64>,
    set: Vec<u16>,
    /// Something could not be folded here: every text is looked at in earnest.
    all: bool,
}

/// 1 to 36 for letters and digits, 0 for signs that are left out, 255 for what this file can't fold.
static FOLDED: [u8; 256] = {
    let mut folded = [0u8; 256];
    let mut byte = 0usize;
    while byte < 256 {
        folded[byte] = match byte as u8 {
            b @ b'a'..=b'z' => b - b'a' + 1,
            b @ b'A'..=b'Z' => b - b'A' + 1,
            b @ b'0'..=b'9' => b - b'0' + 27,
            0x80.. | b'\\' => 255,
            _ => 0,
        };
        byte += 1;
    }
    folded
};

/// Calls `found` for every run of three; false if something could not be folded.
#[inline]
fn each(bytes: &[u8], mut found: impl FnMut(usize) -> bool) -> bool {
    let (mut run, mut length) = (0usize, 0u32);
    for &byte in bytes {
        match FOLDED[usize::from(byte)] {
            0 => {}
            255 => return false,
            sign => {
                run = (run * SIGNS + usize::from(sign) - 1) % (SIGNS * SIGNS * SIGNS);
                length += 1;
                if length >= 3 && !found(run) {
                    return false;
                }
            }
        }
    }
    true
}

impl Grams {
    pub fn new() -> Self {
        Self { bits: vec![0; (SIGNS * SIGNS * SIGNS).div_ceil(64)], set: Vec::new(), all: false }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        for gram in self.set.drain(..) {
            self.bits[usize::from(gram) / 64] = 0;
        }
        self.all = false;
    }

    /// Takes in the text of a field, signs between its parts left out.
    #[inline]
    pub fn learn(&mut self, bytes: &[u8]) {
        let (bits, set) = (&mut self.bits, &mut self.set);
        let folded = each(bytes, |run| {
            bits[run / 64] |= 1 << (run % 64);
            set.push(run as u16);
            true
        });
        self.all |= !folded;
    }

    /// Whether a text may hold something that was learned.
    #[inline]
    pub fn may_hold(&self, text: &[u8]) -> bool {
        self.all || !each(text, |run| self.bits[run / 64] >> (run % 64) & 1 == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_learned_is_found_and_nothing_else() {
        let mut grams = Grams::new();
        grams.learn(b"DOE^JANE|77-12");
        for text in ["doe", "JaneQ", "xDOEx", "7712", "Ej", "e-jan", "M\u{fc}ller", "a\\X41\\"] {
            assert_eq!(grams.may_hold(text.as_bytes()), text != "Ej", "{text}");
        }
        for text in ["", "do", "GLU", "2345-7", "jan", "d.o.x"] {
            assert_eq!(grams.may_hold(text.as_bytes()), text == "jan", "{text}");
        }
        grams.clear();
        assert!(!grams.may_hold(b"doe"));
        grams.learn("Müller".as_bytes());
        assert!(grams.may_hold(b"GLU"), "what cannot be folded here makes every text suspect");
    }
}
