//! The search: a text of an output, and what kinds of identifiers of the inputs stand in it. No value comes out.

use super::days::{DateFinding, Days, dates_in};
use super::harvest::hash_of;
use super::kind::Kind;
use super::sieve::{Hashes, Sieve, is_day};
use super::spellings::{self, Spelling};
use super::uids;
use super::words::{Folding, Script, Word, has_wide, words};
use crate::deid::dicom::Choice;
use std::collections::BTreeSet;

/// What kind of place a text stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// It is a value of its own, such as a cell or an element: a short identifier that is all of it counts.
    pub value: bool,
    /// Digits in it are measurements, times or counts: numbers are not looked for.
    pub measured: bool,
    /// Dates in it are looked at here and not as typed values.
    pub dated: bool,
}

impl Piece {
    /// A value in words.
    pub const VALUE: Piece = Piece { value: true, measured: false, dated: true };
    /// Text around which there is more.
    pub const TEXT: Piece = Piece { value: false, measured: false, dated: true };
    /// A number, a time or a date as text.
    pub const MEASURED: Piece = Piece { value: false, measured: true, dated: false };
}

/// How deep spellings are read in one another: base 64 of JSON with escapes, and no further.
const DEEPEST: u32 = 3;

/// What is searched for. Many threads may ask.
pub struct Search {
    sieve: Sieve,
    days: Days,
    objects: Hashes,
    others: Hashes,
    keyed: bool,
    kept: Kept,
}

/// What a data set keeps because its recipe says so.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Kinds of identifiers that are no leaks.
    pub kinds: Kinds,
    /// Dates stay as they are.
    pub dates: bool,
}

impl Kept {
    /// What the options of the confidentiality profile keep.
    pub fn of(choices: &[Choice]) -> Self {
        let kinds = [
            (Choice::Uids, Kind::Uid),
            (Choice::DeviceIdentity, Kind::Device),
            (Choice::InstitutionIdentity, Kind::Place),
        ];
        Self {
            kinds: kinds.iter().filter(|(choice, _)| choices.contains(choice)).map(|(_, kind)| *kind).collect(),
            dates: choices.contains(&Choice::FullDates),
        }
    }
}

/// What was found in one text.
pub type Kinds = BTreeSet<Kind>;

impl Search {
    pub(super) fn new(sieve: Sieve, days: Days, objects: Hashes, others: Hashes, keyed: bool, kept: Kept) -> Self {
        Self { sieve, days, objects, others, keyed, kept }
    }

    /// Whether days and new UIDs can be checked.
    pub fn keyed(&self) -> bool {
        self.keyed
    }

    /// Looks through a text, in all its spellings.
    pub fn text(&self, text: &str, piece: Piece, found: &mut Kinds) {
        self.spelled(text, piece, 0, found);
        found.retain(|kind| !self.kept.kinds.contains(kind));
    }

    /// Looks through bytes of an unknown kind.
    pub fn bytes(&self, bytes: &[u8], found: &mut Kinds) {
        spellings::texts_in(bytes, &mut |text| self.spelled(text, Piece::TEXT, 1, found));
        found.retain(|kind| !self.kept.kinds.contains(kind));
    }

    fn spelled(&self, text: &str, piece: Piece, depth: u32, found: &mut Kinds) {
        self.plain(text, piece, found);
        if depth < DEEPEST {
            spellings::others(text, &mut |spelling| match spelling {
                Spelling::Text(text) => self.spelled(&text, piece, depth + 1, found),
                Spelling::Bytes(bytes) => {
                    spellings::texts_in(&bytes, &mut |text| self.spelled(text, Piece::TEXT, depth + 1, found));
                }
            });
        }
    }

    fn plain(&self, text: &str, piece: Piece, found: &mut Kinds) {
        let mut cut: Vec<Word> = Vec::new();
        words(text, Folding::Narrow, &mut cut);
        self.words(&cut, piece, found);
        if has_wide(text) {
            words(text, Folding::Wide, &mut cut);
            self.words(&cut, piece, found);
        }
        uids::uids_in(text, &mut |uid| {
            found.extend(self.sieve.uid_kind(uid.as_bytes()));
        });
    }

    fn words(&self, words: &[Word], piece: Piece, found: &mut Kinds) {
        let mut at = 0;
        while let Some(rest) = words.get(at..).filter(|rest| !rest.is_empty()) {
            let whole = piece.value && at == 0;
            let measured =
                |taken: usize| piece.measured && rest.iter().take(taken).all(|word| word.script == Script::Digits);
            match self.sieve.at(rest, whole) {
                Some((kind, taken)) if !measured(taken) => {
                    found.insert(kind);
                    at += taken;
                    continue;
                }
                _ => {}
            }
            if !piece.measured
                && let Some(kind) = self.number(rest)
            {
                found.insert(kind);
            }
            at += 1;
        }
    }

    /// A number that people write with signs, from the first word on.
    fn number(&self, words: &[Word]) -> Option<Kind> {
        let (mut number, mut chars) = (0u64, 0u32);
        let bounded = words.first().is_some_and(|word| word.begins);
        for (place, word) in words.iter().take(6).enumerate() {
            if !bounded || word.script != Script::Digits || word.dotted || place > 0 && !word.joined {
                return None;
            }
            let scale = 10u64.checked_pow(u32::from(word.chars))?;
            number = number.checked_mul(scale)?.checked_add(word.number)?;
            chars += u32::from(word.chars);
            let taken = words.get(..=place)?;
            if word.ends && chars >= 7 && !is_day(taken) && !is_written_day(taken) {
                let next = words.get(place + 1);
                let ended = next.is_none_or(|next| !next.joined || next.script != Script::Digits);
                if let Some(kind) = self.sieve.number_of(number, chars).filter(|_| ended || chars >= 9) {
                    return Some(kind);
                }
            }
        }
        None
    }

    /// Looks at a number that stands in a column of measurements.
    pub fn measurement(&self, number: u64) -> Option<Kind> {
        let digits = number.checked_ilog10().map_or(1, |n| n + 1);
        // Round numbers are counts.
        (digits >= 7 && !number.is_multiple_of(100)).then(|| self.sieve.number_of(number, digits)).flatten()
    }

    /// Looks at a date in a place of its own. `None` without the key.
    pub fn day(&self, person: &str, day: i32) -> Option<DateFinding> {
        let finding = self.keyed.then(|| self.days.check(hash_of(person), day)).flatten();
        // The shift of dates that stay is none.
        finding.filter(|finding| !self.kept.dates || *finding == DateFinding::Nobody)
    }

    /// Looks at a date that stands in nobody's row: it may be any day that a shift made.
    pub fn loose_day(&self, day: i32) -> Option<DateFinding> {
        (self.keyed && !self.kept.dates).then(|| self.days.check_text(None, &[day])).flatten()
    }

    /// Looks at the dates in prose. `person` is the pseudonym of whoever the text is about.
    pub fn days_in(&self, person: Option<&str>, text: &str) -> Option<DateFinding> {
        if !self.keyed || self.kept.dates {
            return None;
        }
        let person = person.map(hash_of);
        let mut found = None;
        dates_in(text, &mut |readings| found = found.or(self.days.check_text(person, readings)));
        found
    }

    /// Whether a pseudonym is that of a person of the inputs; `true` without the key.
    pub fn is_person(&self, pseudonym: &str) -> bool {
        !self.keyed || self.days.knows(hash_of(pseudonym))
    }

    /// Whether the hash of a UID of an output is that of what an object of the inputs becomes.
    pub fn is_object(&self, uid: u64) -> bool {
        self.objects.contains(&uid)
    }

    /// Whether the hash of a UID of an output is that of what any UID of the inputs becomes.
    pub fn is_made(&self, uid: u64) -> bool {
        self.objects.contains(&uid) || self.others.contains(&uid)
    }
}

/// 2024-01-02 and the like are days, not numbers.
fn is_written_day(words: &[Word]) -> bool {
    let shape: Vec<u16> = words.iter().map(|word| word.chars).collect();
    matches!(*shape, [4, 2, 2] | [2, 2, 4] | [4, 2, 2, 2] | [4, 2, 2, 2, 2])
}
