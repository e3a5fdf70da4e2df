//! What the search looks for, as hashes: sequences of words, numbers whatever their signs, UIDs; and what may stand in an
//! output although it is also somebody's name. A few bytes per identifier, so that millions fit.

use super::kind::Kind;
use super::words::{Folding, Script, Word, folded, glued, has_wide, mix, sequence, start, words};
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// When a sequence of words is a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// Never: an identifier goes on behind it.
    Beginning,
    /// If nothing else stands in the value.
    Whole,
    /// Unless all its words are common.
    Rare,
    /// Always.
    Strong,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    kind: Kind,
    weight: Weight,
}

/// The keys are hashes already.
#[derive(Default)]
pub(super) struct Ready(u64);

impl Hasher for Ready {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, b| mix(hash, u64::from(*b)));
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

/// A map whose keys are hashes.
pub(super) type ByHash<V> = HashMap<u64, V, BuildHasherDefault<Ready>>;
/// A set of hashes.
pub(super) type Hashes = HashSet<u64, BuildHasherDefault<Ready>>;

/// Said by more than one person's records, or by this program.
const ANYBODY: u64 = 0;
/// Words and pairs that may be remembered as common; beyond that, more is found rather than less.
const MOST_COMMON: usize = 8_000_000;
/// Words of the longest identifier that is looked for as a whole: a UUID can have 36, letters and digits in turn.
const LONGEST: usize = 40;
/// Words of a name that are combined.
const NAME_PARTS: usize = 8;

/// The identifiers.
#[derive(Default)]
pub(super) struct Sieve {
    sequences: ByHash<Entry>,
    numbers: ByHash<Kind>,
    uids: Hashes,
    /// UIDs of devices, which an option keeps that does not keep others.
    device_uids: Hashes,
    /// Words and sequences of places that name nobody, and whose records they stood in.
    common: ByHash<u64>,
    /// Common words in the plural, as tables and folders are called: `patients.csv`. `Woods` is a person all the same.
    plurals: Hashes,
    cut: Vec<Word>,
}

impl Sieve {
    /// How many sequences, numbers and UIDs are looked for.
    pub fn len(&self) -> u64 {
        let sequences = self.sequences.values().filter(|entry| entry.weight != Weight::Beginning).count();
        (sequences + self.numbers.len() + self.uids.len() + self.device_uids.len()) as u64
    }

    /// Takes over what another one has learned.
    pub fn absorb(&mut self, other: Sieve) {
        for (hash, entry) in other.sequences {
            self.put(hash, entry);
        }
        self.numbers.extend(other.numbers);
        self.uids.extend(other.uids);
        self.device_uids.extend(other.device_uids);
        for (hash, person) in other.common {
            self.put_common(hash, person);
        }
    }

    fn put(&mut self, hash: u64, entry: Entry) {
        let there = self.sequences.entry(hash).or_insert(entry);
        // What is an id and a file's name is an id.
        if (there.weight, entry.kind) < (entry.weight, there.kind) {
            *there = entry;
        }
    }

    fn put_sequence(&mut self, words: &[Word], entry: Entry) {
        let mut hash = start();
        for (place, word) in words.iter().enumerate() {
            hash = mix(hash, word.hash);
            let beginning = Entry { weight: Weight::Beginning, ..entry };
            self.put(hash, if place + 1 == words.len() { entry } else { beginning });
        }
    }

    fn each_folding(&mut self, text: &str, mut each: impl FnMut(&mut Self, &[Word], Folding)) {
        let mut cut = std::mem::take(&mut self.cut);
        words(text, Folding::Narrow, &mut cut);
        each(self, &cut, Folding::Narrow);
        if has_wide(text) {
            words(text, Folding::Wide, &mut cut);
            each(self, &cut, Folding::Wide);
        }
        self.cut = cut;
    }

    /// Learns a name of a person: each part of at least four letters alone, every two parts in either order, also
    /// written as one word.
    pub fn name(&mut self, text: &str) {
        let parts: Vec<&str> = text
            .split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’' | '`' | '\u{300}'..='\u{36F}'))
            .filter(|part| !part.is_empty() && part.len() <= 64)
            .take(NAME_PARTS)
            .collect();
        self.each_folding(text, |sieve, words, folding| {
            let words = words.get(..words.len().min(NAME_PARTS)).unwrap_or(words);
            for (place, word) in words.iter().enumerate() {
                // Digits in a name are a number of somebody's, not a name.
                let letters = word.script != Script::Digits;
                if letters && word.chars >= 4 && word.begins && word.ends && word.script == Script::Letters {
                    sieve.put_sequence(&[*word], Entry { kind: Kind::Name, weight: Weight::Rare });
                } else if letters && word.chars == 3 && word.begins && word.ends {
                    sieve.put_sequence(&[*word], Entry { kind: Kind::Name, weight: Weight::Whole });
                }
                for other in words.iter().skip(place + 1) {
                    if word.chars + other.chars >= 5 && word.chars.min(other.chars) >= 2 && word.hash != other.hash {
                        let (there, back) = ([*word, *other], [*other, *word]);
                        let entry = Entry { kind: Kind::Name, weight: Weight::Rare };
                        sieve.put_sequence(&there, entry);
                        sieve.put_sequence(&back, entry);
                    }
                }
            }
            if words.iter().all(|word| word.script == Script::Ideograph) && (2..=6).contains(&words.len()) {
                sieve.put_sequence(words, Entry { kind: Kind::Name, weight: Weight::Rare });
            } else if words.len() > 2 && words.iter().map(|word| word.chars).sum::<u16>() >= 8 {
                sieve.put_sequence(words, Entry { kind: Kind::Name, weight: Weight::Strong });
            }
            let folded: Vec<String> = parts.iter().map(|part| folded(part, folding)).collect();
            for (place, a) in folded.iter().enumerate() {
                for b in folded.iter().skip(place + 1) {
                    let letters = a.chars().chain(b.chars()).all(|c| c.is_alphabetic());
                    if letters && a.len().min(b.len()) >= 2 && a.len() + b.len() >= 8 {
                        for pair in [[a.as_str(), b.as_str()], [b.as_str(), a.as_str()]] {
                            sieve.put(mix(start(), glued(&pair)), Entry { kind: Kind::Name, weight: Weight::Rare });
                        }
                    }
                }
            }
        });
    }

    /// Learns an id, a serial number, an address in the net: as a whole.
    pub fn code(&mut self, text: &str, kind: Kind) {
        self.each_folding(text, |sieve, words, _| {
            let chars: u32 = words.iter().map(|word| u32::from(word.chars)).sum();
            let digits: u32 =
                words.iter().filter(|w| w.script == Script::Digits).map(|word| u32::from(word.chars)).sum();
            if words.is_empty() || words.len() > LONGEST || chars < 3 {
                return;
            }
            let weight = match (digits, chars) {
                (0, 0..=4) => return,
                (0, _) => Weight::Rare,
                // A short number is somebody's, but also anybody's.
                (n, n2) if n == n2 && n < 6 => Weight::Whole,
                (_, 3 | 4) => Weight::Whole,
                _ => Weight::Strong,
            };
            sieve.put_sequence(words, Entry { kind, weight });
            if digits == chars && digits >= 7 {
                sieve.put_number(words, kind);
            }
        });
    }

    /// Learns a number that people write with signs in different places.
    pub fn number(&mut self, text: &str, kind: Kind) {
        self.each_folding(text, |sieve, words, _| sieve.put_number(words, kind));
    }

    fn put_number(&mut self, words: &[Word], kind: Kind) {
        let digits = words.iter().filter(|word| word.script == Script::Digits);
        let (number, chars) = digits.fold((0u64, 0u32), |(number, chars), word| {
            let scale = 10u64.saturating_pow(u32::from(word.chars));
            (number.saturating_mul(scale).saturating_add(word.number), chars + u32::from(word.chars))
        });
        if (7..=18).contains(&chars) {
            self.numbers.insert(mix(u64::from(chars), number), kind);
        }
    }

    /// Learns a street, an institution, a place, a file name: the words in their order.
    pub fn phrase(&mut self, text: &str, kind: Kind) {
        self.each_folding(text, |sieve, words, _| {
            let words = words.get(..words.len().min(LONGEST)).unwrap_or(words);
            let chars: u32 = words.iter().map(|word| u32::from(word.chars)).sum();
            let letters = words.iter().any(|word| word.script != Script::Digits);
            let house = kind == Kind::Address && words.first().is_some_and(|word| word.script == Script::Digits);
            let weight = match (words.len(), chars, letters) {
                (0, ..) | (_, 0..=4, _) => return,
                (1, _, true) => Weight::Rare,
                (_, 0..=5, _) | (_, _, false) => {
                    return sieve.put_sequence(words, Entry { kind, weight: Weight::Whole });
                }
                (2, ..) => Weight::Rare,
                // Many common words in one order are no accident, nor are a house number and its street.
                _ if house || words.iter().filter(|word| word.chars >= 3).count() >= 3 => Weight::Strong,
                _ => Weight::Rare,
            };
            sieve.put_sequence(words, Entry { kind, weight });
            if kind == Kind::Address {
                let street: Vec<Word> =
                    words.iter().skip_while(|word| word.script == Script::Digits).copied().collect();
                if street.len() >= 2 && street.iter().map(|word| word.chars).sum::<u16>() >= 8 {
                    sieve.put_sequence(&street, Entry { kind, weight: Weight::Rare });
                }
            }
        });
    }

    /// Learns a UID, of a device or of anything else.
    pub fn uid(&mut self, uid: &str, device: bool) {
        let uids = if device { &mut self.device_uids } else { &mut self.uids };
        uids.insert(uid_hash(uid.as_bytes()));
    }

    /// What this is, if it is a UID of the inputs.
    pub fn uid_kind(&self, uid: &[u8]) -> Option<Kind> {
        let hash = uid_hash(uid);
        match self.uids.contains(&hash) {
            true => Some(Kind::Uid),
            false => self.device_uids.contains(&hash).then_some(Kind::Device),
        }
    }

    /// Whether these digits, `chars` of them, are a number of the inputs.
    pub fn number_of(&self, number: u64, chars: u32) -> Option<Kind> {
        self.numbers.get(&mix(u64::from(chars), number)).copied()
    }

    /// Remembers words of a place that names nobody. What stands there for two persons is no identifier of one.
    pub fn neutral(&mut self, text: &str, person: u64) {
        self.each_folding(text, |sieve, words, _| {
            for from in 0..words.len() {
                let mut hash = start();
                for word in words.iter().skip(from).take(4) {
                    hash = mix(hash, word.hash);
                    sieve.put_common(hash, person);
                }
            }
        });
    }

    /// Remembers words that this program writes whatever the inputs say.
    pub fn own(&mut self, text: &str) {
        self.neutral(text, ANYBODY);
    }

    /// Remembers words of a dictionary, one by one.
    pub fn common_words(&mut self, list: &str) {
        for word in list.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace) {
            self.each_folding(word, |sieve, words, _| {
                words.iter().for_each(|word| {
                    sieve.put_common(sequence(&[*word]), ANYBODY);
                })
            });
            let ies = word.strip_suffix('y').map(|stem| format!("{stem}ies"));
            for plural in [format!("{word}s"), format!("{word}es")].into_iter().chain(ies) {
                self.each_folding(&plural, |sieve, words, _| {
                    sieve.plurals.extend(words.iter().map(|word| sequence(&[*word])));
                });
            }
        }
    }

    fn put_common(&mut self, hash: u64, person: u64) {
        if self.common.len() < MOST_COMMON {
            let there = self.common.entry(hash).or_insert(person);
            if *there != person {
                *there = ANYBODY;
            }
        }
    }

    /// Whether it stands in a place of the inputs that names nobody, be it in one person's records only.
    fn is_said(&self, hash: u64) -> bool {
        self.common.contains_key(&hash)
    }

    fn is_common(&self, hash: u64) -> bool {
        self.common.get(&hash) == Some(&ANYBODY)
    }

    /// The kind of the longest identifier that begins with the first of `words`, and how many words it has.
    pub fn at(&self, words: &[Word], whole: bool) -> Option<(Kind, usize)> {
        let mut hash = start();
        let mut found = None;
        for (place, word) in words.iter().take(LONGEST).enumerate() {
            hash = mix(hash, word.hash);
            let Some(entry) = self.sequences.get(&hash) else { break };
            let taken = words.get(..=place).unwrap_or_default();
            if self.counts(*entry, taken, hash, whole && place + 1 == words.len()) {
                found = Some((entry.kind, place + 1));
            }
        }
        found
    }

    fn counts(&self, entry: Entry, words: &[Word], hash: u64, whole: bool) -> bool {
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
        let chars: u16 = words.iter().map(|word| word.chars).sum();
        let digits = words.iter().all(|word| word.script == Script::Digits);
        let bounded = first.begins && last.ends
            // MRN0012345 for 0012345; but not seven digits in a checksum.
            || chars >= 6 && words.iter().any(|w| w.script == Script::Digits && w.chars >= 5)
                && first.run.max(last.run) <= chars + 8;
        if !bounded || digits && (first.dotted || is_day(words)) || self.is_common(hash) {
            return false;
        }
        match entry.weight {
            Weight::Beginning => false,
            // A short number or word that is a code of the inputs too tells nothing where it stands alone.
            Weight::Whole => whole && !self.is_said(hash),
            Weight::Strong => true,
            // An id of letters only is a word like others.
            Weight::Rare if entry.kind == Kind::Id && words.iter().all(|word| self.is_said(sequence(&[*word]))) => {
                false
            }
            Weight::Rare => {
                let pair = entry.kind == Kind::Name && words.len() > 1;
                let plural = |hash| entry.kind == Kind::FileName && self.plurals.contains(&hash);
                let hashes = || words.iter().map(|word| sequence(&[*word]));
                pair || !hashes().all(|hash| self.is_common(hash) || plural(hash))
            }
        }
    }
}

/// Whether digits are a day between 1900 and 2099 as DICOM and HL7 write it: `days` looks at those.
pub(super) fn is_day(words: &[Word]) -> bool {
    let [word] = words else { return false };
    let (year, month, day) = (word.number / 10_000, word.number / 100 % 100, word.number % 100);
    word.chars == 8 && (1900..2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)
}

fn uid_hash(uid: &[u8]) -> u64 {
    uid.iter().fold(start(), |hash, b| mix(hash, u64::from(*b)))
}

#[cfg(test)]
mod tests;
