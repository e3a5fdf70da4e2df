//! Whether a text may hold anything that a message says about its people, answered without knowing what: the set of all
//! runs of three letters and digits in the fields that name people, and of their words of two. A text that shares none of
//! them with the set holds no word of them. A text that does is looked at in earnest.

/// Letters and digits.
const SIGNS: usize = 36;

/// The set.
pub(in crate::deid) struct Grams {
    bits: Vec<u64>,
    set: Vec<u16>,
    /// Words of two signs, by their signs; few names have any.
    pairs: Vec<[u8; 2]>,
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
        Self { bits: vec![0; (SIGNS * SIGNS * SIGNS).div_ceil(64)], set: Vec::new(), pairs: Vec::new(), all: false }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        for gram in self.set.drain(..) {
            self.bits[usize::from(gram) / 64] = 0;
        }
        self.pairs.clear();
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

    /// Takes in a person's name with its parts in their order and turned about.
    pub fn learn_person(&mut self, name: &str) {
        self.learn_name(name.as_bytes());
        let mut parts = name.split(['^', ',', ' ']).map(str::as_bytes);
        let mut last = parts.next().unwrap_or_default();
        for part in parts {
            self.learn_turned(last, part);
            last = part;
        }
    }

    /// Takes in a person's name: of it, words of two letters are words too.
    #[inline]
    pub fn learn_name(&mut self, bytes: &[u8]) {
        self.learn(bytes);
        let pairs = &mut self.pairs;
        words_of_two(bytes, |pair| pairs.push(pair));
        // A name of three signs with a digit among them is looked for in earnest.
        let odd = |word: &[u8]| word.len() == 3 && word.iter().any(u8::is_ascii_digit);
        self.all |= bytes.split(|byte| FOLDED[usize::from(*byte)] == 0).any(odd);
    }

    /// Takes in two parts of a name that stand beside each other in the other order too.
    pub fn learn_turned(&mut self, first: &[u8], second: &[u8]) {
        let tail = second.get(second.len().saturating_sub(2)..).unwrap_or_default();
        let head = first.get(..first.len().min(2)).unwrap_or_default();
        let mut joint = [0u8; 4];
        for (to, from) in joint.iter_mut().zip(tail.iter().chain(head)) {
            *to = *from;
        }
        self.learn(&joint);
    }

    /// Whether a text may hold something that was learned.
    #[inline]
    pub fn may_hold(&self, text: &[u8]) -> bool {
        // A word with a digit in it counts from four signs on, and those are two runs of three behind each other: "500" in
        // "METFORMIN 500MG" is in somebody's number often, and says nothing.
        let (mut found, mut last) = (self.all, false);
        let whole = each(text, |run| {
            let hit = self.bits[run / 64] >> (run % 64) & 1 == 1;
            found |= hit && (last || letters(run));
            last = hit;
            !found
        });
        if found || !whole {
            return true;
        }
        if !self.pairs.is_empty() {
            words_of_two(text, |pair| found |= self.pairs.contains(&pair));
        }
        found
    }
}

/// Whether a run is three letters.
fn letters(run: usize) -> bool {
    const LETTERS: usize = 26;
    run / (SIGNS * SIGNS) < LETTERS && run / SIGNS % SIGNS < LETTERS && run % SIGNS < LETTERS
}

/// Calls `found` for every word of two letters or digits.
fn words_of_two(bytes: &[u8], mut found: impl FnMut([u8; 2])) {
    let fold = |byte: &u8| FOLDED[usize::from(*byte)];
    for word in bytes.split(|byte| fold(byte) == 0) {
        if let [a, b] = word {
            found([fold(a), fold(b)]);
        }
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
        for text in ["", "do", "GLU", "2345-7", "jan", "d.o.x", "771 mg", "71"] {
            assert_eq!(grams.may_hold(text.as_bytes()), text == "jan", "{text}");
        }
        grams.clear();
        assert!(!grams.may_hold(b"doe"));
        grams.learn_name(b"NG^LI");
        for text in ["ng", "Li Chen", "seen by N.G., ng", "LING", "engine", "l", "n g"] {
            let want = !matches!(text, "engine" | "l" | "n g" | "LING");
            assert_eq!(grams.may_hold(text.as_bytes()), want, "{text}");
        }
        grams.learn_turned(b"NG", b"LI");
        assert!(grams.may_hold(b"LING"));
        grams.clear();
        grams.learn("Müller".as_bytes());
        assert!(grams.may_hold(b"GLU"), "what cannot be folded here makes every text suspect");
    }
}
