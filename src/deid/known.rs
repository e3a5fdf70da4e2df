//! What is known of the people a record is about: their names, ids, telephones and addresses, harvested from the same
//! file, message or linked record. Free text loses them wherever they stand, and no code that has one of them leaves.
//! Of most words only hashes are kept; a `Known` shows nobody when it is printed.

use super::dates;
use super::text::fold::{self, LONGEST};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Letters from this length on are looked for inside other words too ("ZQUUXANNA"), shorter ones only whole.
const INSIDE_FROM: usize = 5;
/// Names from this length on are found with one slip of the pen, from [`LONG_FROM`] on with two.
const SLIP_FROM: usize = 6;
const LONG_FROM: usize = 10;
/// Names that are compared letter by letter; of a crowd only its first.
const MOST_COMPARED: usize = 64;

/// What a word is known as; several at once are possible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::deid) struct As(pub u8);

impl As {
    /// Part of a person's name.
    pub const NAME: As = As(1);
    /// An identifier or the number in one.
    pub const ID: As = As(2);
    /// A telephone number, digits only.
    pub const PHONE: As = As(4);
    /// Part of an address or the name of a place.
    pub const PLACE: As = As(8);
    /// Nobody said what it is: a common word of this kind counts only beside another known word.
    pub const LOOSE: As = As(16);
    /// Long enough to be found inside other words.
    const INSIDE: As = As(32);

    /// Whether it shares a kind with `other`.
    pub fn any(self, other: As) -> bool {
        self.0 & other.0 != 0
    }
}

/// Keys that are hashes already.
#[derive(Clone, Copy, Default)]
struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_u64(&mut self, value: u64) {
        // The low bits of a polynomial hash are its weakest.
        self.0 = value ^ value >> 32;
    }
}

/// Words of identifiers, folded to plain lower-case letters and digits, so that Müller, MUELLER and O'BRIEN are found as
/// Muller, Mueller and Obrien too.
#[derive(Clone, Default)]
pub struct Known {
    words: HashMap<u64, As, BuildHasherDefault<Same>>,
    /// Bit n: a word of n folded bytes is known that is found inside others too.
    lengths: u64,
    /// Names in scripts without blanks between words.
    unspaced: Vec<Box<str>>,
    /// Parts of names long enough to be told from others although one letter is wrong, folded.
    compared: Vec<Box<str>>,
    /// Days that may stand in the text in unusual order, and whether one is a birth date.
    days: Vec<(i32, bool)>,
}

impl Known {
    /// Nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.unspaced.is_empty() && self.days.is_empty()
    }

    /// A person's name in any form: a DICOM PN or HL7 XPN (`FAMILY^GIVEN^MIDDLE`, component groups after `=`), `Given Family`,
    /// `Family, Given`. Words of two letters on count; single letters are found beside them without being known.
    pub fn name(&mut self, text: &str) {
        for group in text.split(['=', '\\']) {
            for wide in spellings(group) {
                let parts: Vec<String> = group.split(['^', ',', '&']).map(|part| fold::fold(part, wide)).collect();
                for part in &parts {
                    for word in part.split(' ').filter(|word| word.chars().count() >= 2) {
                        self.add(word, As::NAME);
                        self.compare_with(word);
                    }
                    self.add_joined(part, As::NAME);
                }
                if let [family, given, ..] = &*parts
                    && let Some(initial) = given.chars().next()
                {
                    let family = family.replace(' ', "");
                    self.add_joined(&format!("{initial}{family}"), As::NAME);
                    self.add_joined(&format!("{family}{initial}"), As::NAME);
                    let given = given.replace(' ', "");
                    self.add_joined(&format!("{given}{family}"), As::NAME);
                    self.add_joined(&format!("{family}{given}"), As::NAME);
                }
            }
            self.add_unspaced(group);
        }
    }

    /// A patient's id: a [number](Self::number) whose letters may be the patient's name (`SMITH1234`).
    pub fn id(&mut self, text: &str) {
        self.number(text);
        let folded = fold::fold(text, false);
        let digits = |c: char| c.is_ascii_digit();
        for word in folded.split(' ').flat_map(|word| word.split(digits)).filter(|word| word.chars().count() >= 4) {
            self.add(word, As(As::NAME.0 | As::LOOSE.0));
        }
    }

    /// An accession number, order, account or device number: at least 4 letters and digits. Its digits alone are known too
    /// if they are at least 5, with or without leading zeros; its letters are nobody's name (`FUJI95706`).
    pub fn number(&mut self, text: &str) {
        let folded = fold::fold(text, false);
        let whole = folded.replace(' ', "");
        if whole.len() < 4 {
            return;
        }
        let digits = |c: char| c.is_ascii_digit();
        self.add(&whole, if whole.contains(digits) { As::ID } else { As(As::ID.0 | As::LOOSE.0) });
        for run in whole.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() >= 5) {
            self.add(run, As::ID);
            let short = run.trim_start_matches('0');
            if short.len() >= 5 {
                self.add(short, As::ID);
            }
        }
    }

    /// A date of the record in a form of [`dates::parse`]: helps to read dates of unclear order.
    pub fn date(&mut self, text: &str) {
        self.days.extend(dates::parse(text).map(|when| (when.days, false)));
    }

    /// A birth date: never shifted, always taken out of texts.
    pub fn birth_date(&mut self, text: &str) {
        self.days.extend(dates::parse(text).map(|when| (when.days, true)));
    }

    /// A telephone or fax number: at least 7 digits; without country and area code too.
    pub fn phone(&mut self, text: &str) {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        if text.contains('@') {
            self.email(text);
        }
        for length in [digits.len(), 11, 10, 9, 8, 7] {
            if let Some(end) = digits.len().checked_sub(length).filter(|_| length >= 7).and_then(|at| digits.get(at..))
            {
                self.add(end, As::PHONE);
            }
        }
    }

    /// An e-mail address: what stands before the @ is known wherever it stands.
    pub fn email(&mut self, text: &str) {
        if let Some((local, _)) = text.split_once('@') {
            let folded = fold::fold(local, false);
            self.add_joined(&folded, As::NAME);
            folded.split(' ').filter(|word| word.len() >= 4).for_each(|word| self.add(word, As::NAME));
        }
    }

    /// An address or the name of a place or institution, or a part of one: words from 4 letters on, numbers from 4 digits on.
    /// Its common words ("hospital") count only beside each other.
    pub fn address(&mut self, text: &str) {
        for wide in spellings(text) {
            for part in text.split(['^', '&', ',', ';', '\n']) {
                let folded = fold::fold(part, wide);
                folded.split(' ').filter(|word| word.chars().count() >= 4).for_each(|word| self.add(word, As::PLACE));
                self.add_joined(&folded, As::PLACE);
            }
        }
        self.add_unspaced(text);
    }

    /// Adds every word of an identifier of unknown kind: words of letters from 3 characters on, those with digits from
    /// 4: a house number is no reason to lose a code.
    pub fn learn(&mut self, text: &str) {
        for wide in spellings(text) {
            let spelling = fold::fold(text, wide);
            let whole = spelling.replace(' ', "");
            for word in spelling.split(' ').chain([&*whole]) {
                let digits = word.bytes().any(|b| b.is_ascii_digit());
                if word.chars().count() >= if digits { 4 } else { 3 } {
                    self.add(word, if digits { As::ID } else { As(As::NAME.0 | As::LOOSE.0) });
                }
            }
        }
        if text.bytes().filter(u8::is_ascii_digit).count() >= 7 {
            self.phone(text);
        }
        self.add_unspaced(text);
    }

    /// Takes over all that another record knows.
    pub fn merge(&mut self, other: &Known) {
        for (hash, known) in &other.words {
            let mine = self.words.entry(*hash).or_default();
            *mine = As(mine.0 | known.0);
        }
        self.lengths |= other.lengths;
        self.unspaced.extend(other.unspaced.iter().cloned());
        other.compared.iter().for_each(|name| self.compare_with(name));
        self.days.extend(&other.days);
    }

    fn add_joined(&mut self, folded: &str, known: As) {
        let whole = folded.replace(' ', "");
        if whole.chars().count() >= 4 {
            self.add(&whole, known);
        }
    }

    fn add(&mut self, word: &str, known: As) {
        let digits = word.bytes().any(|b| b.is_ascii_digit());
        let inside = word.len() >= if digits { INSIDE_FROM - 1 } else { INSIDE_FROM } && word.len() < LONGEST;
        if inside {
            self.lengths |= 1 << word.len();
        }
        let entry = self.words.entry(fold::hash(word.as_bytes())).or_insert(known);
        // Somebody who says what it is knows more than somebody who does not.
        let loose = entry.0 & known.0 & As::LOOSE.0;
        *entry = As((entry.0 | known.0) & !As::LOOSE.0 | loose | if inside { As::INSIDE.0 } else { 0 });
    }

    fn add_unspaced(&mut self, text: &str) {
        if text.is_ascii() {
            return;
        }
        for word in text.split(|c: char| !fold::unspaced(c)).filter(|word| word.chars().nth(1).is_some()) {
            self.unspaced.push(word.into());
        }
    }

    fn compare_with(&mut self, name: &str) {
        let long = (SLIP_FROM..LONGEST).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase());
        if long && self.compared.len() < MOST_COMPARED && !self.compared.iter().any(|there| **there == *name) {
            self.compared.push(name.into());
        }
    }

    /// Whether a folded word is nearly a known name of six letters or more: one letter too many, too few or wrong, or two
    /// in the wrong order; from ten letters on two such slips.
    pub(in crate::deid) fn is_nearly(&self, word: &str) -> bool {
        self.compared.iter().any(|name| {
            let slips = if name.len() < LONG_FROM { 1 } else { 2 };
            name.len().abs_diff(word.len()) <= slips && strsim::osa_distance(name, word) <= slips
        })
    }

    /// Whether there is a name to compare with.
    pub(in crate::deid) fn compares(&self) -> bool {
        !self.compared.is_empty()
    }

    /// What a folded word is known as.
    #[inline]
    pub(in crate::deid) fn get(&self, hash: u64) -> As {
        if self.words.is_empty() { As::default() } else { self.words.get(&hash).copied().unwrap_or_default() }
    }

    /// Names in scripts without blanks between words.
    pub(in crate::deid) fn unspaced(&self) -> &[Box<str>] {
        &self.unspaced
    }

    /// Whether a day is a day of this record; `Some(true)` for a birth date.
    pub(in crate::deid) fn day(&self, days: i32) -> Option<bool> {
        self.days.iter().filter(|(day, _)| *day == days).map(|(_, birth)| *birth).reduce(|a, b| a | b)
    }

    /// What stands inside a folded word, given the hashes of all its prefixes (the empty one first): any part that is
    /// known and long enough.
    pub(in crate::deid) fn inside(&self, prefixes: &[u64]) -> As {
        let mut lengths = self.lengths;
        while lengths != 0 {
            let length = lengths.trailing_zeros() as usize;
            lengths &= lengths - 1;
            for window in prefixes.windows(length + 1) {
                let (Some(first), Some(last)) = (window.first(), window.last()) else { continue };
                let known = fold::cut(*first, *last, length).map_or(As::default(), |hash| self.get(hash));
                if known.any(As::INSIDE) {
                    return known;
                }
            }
        }
        As::default()
    }

    /// Whether the text contains a known word: as a word, joined to others, or split by signs.
    pub fn names(&self, text: &str) -> bool {
        if self.words.is_empty() && self.unspaced.is_empty() {
            return false;
        }
        let word = |word: &str| self.get(fold::hash(word.as_bytes())) != As::default();
        self.unspaced.iter().any(|name| text.contains(&**name))
            || spellings(text).map(|wide| fold::fold(text, wide)).any(|spelling| {
                let joined = spelling.replace(' ', "");
                let prefixes: Vec<u64> = std::iter::once(0)
                    .chain(joined.bytes().scan(0, |hash, byte| {
                        *hash = fold::roll(*hash, byte);
                        Some(*hash)
                    }))
                    .collect();
                word(&joined) || spelling.split(' ').any(word) || self.inside(&prefixes) != As::default()
            })
    }
}

/// Whether to fold with `ue` for `ü`: both ways, but for texts that have no such letter.
fn spellings(text: &str) -> impl Iterator<Item = bool> {
    [false, true].into_iter().take(if text.is_ascii() { 1 } else { 2 })
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[known words]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_however_it_is_spelled() {
        let mut known = Known::default();
        ["Müller^José", "O'Brien", "ZQUUX^QWERTYIA", "XYZ77", "12"].iter().for_each(|name| known.learn(name));
        for text in
            ["MUELLER", "muller ct", "obrien", "O BRIEN", "jose", "ZquuxQwertyia", "Z.quux", "MRN XYZ77", "MRNXYZ77"]
        {
            assert!(known.names(text), "{text}");
        }
        for text in ["12", "CT", "mull", "2345-7", "GLU"] {
            assert!(!known.names(text), "{text}");
        }
    }

    #[test]
    fn a_crowd_is_known_one_by_one() {
        let mut known = Known::default();
        (0..5000).for_each(|n| known.learn(&format!("name{n:05}")));
        assert!(known.names("seen by name04711") && !known.names("GLU"));
    }

    #[test]
    fn a_name_with_its_kind_is_known_in_short_and_joined_forms() {
        let mut known = Known::new();
        known.name("De la Cruz^María^J^Dr");
        for word in ["cruz", "maria", "de", "delacruz", "mdelacruz", "delacruzm", "mariadelacruz"] {
            assert!(known.get(fold::hash(word.as_bytes())).any(As::NAME), "{word}");
        }
        known.id("MRN-0012345");
        for word in ["mrn0012345", "0012345", "12345"] {
            assert!(known.get(fold::hash(word.as_bytes())).any(As::ID), "{word}");
        }
        let is_name = |known: &Known, word: &str| known.get(fold::hash(word.as_bytes())).any(As::NAME);
        known.id("SMITH1234");
        known.number("FUJI95706");
        assert!(is_name(&known, "smith") && !is_name(&known, "fuji"), "letters of an accession number are no name");
        assert!(known.names("FUJI95706") && !known.names("FUJI PHOTO FILM"));
        known.name("Yamada^Tarou=山田^太郎=やまだ^たろう");
        assert!(known.names("患者は山田です"));
    }
}
