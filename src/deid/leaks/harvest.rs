//! The harvest: sealed values of inputs come in, what the search must not find in an output goes into the sieve.

use super::attributes::{self, Says};
use super::days::{Days, dates_in};
use super::fields::{self, Form};
use super::headers::{self, Holds};
use super::kind::Kind;
use super::people;
use super::search::{Kept, Search};
use super::sieve::{Hashes, Sieve};
use super::words::{mix, start};
use crate::deid::dates;
use crate::deid::dicom::dummy;
use crate::deid::identity::{Identity, Person};
use crate::deid::text::MARKS;
use crate::model::table::PersonId;
use crate::model::{Domain, Phi, SeenAttribute, SeenCell, SeenField, Tag};

/// What inputs say of people, as hashes.
#[derive(Default)]
pub struct Harvest {
    sieve: Sieve,
    days: Days,
    identity: Option<Identity>,
    /// What UIDs of the inputs' objects become.
    objects: Hashes,
    /// What every other UID becomes.
    others: Hashes,
}

const PATIENT_ID: Tag = Tag(0x0010, 0x0020);
const ISSUER_OF_PATIENT_ID: Tag = Tag(0x0010, 0x0021);
const SOP_INSTANCE_UID: Tag = Tag(0x0008, 0x0018);
const STUDY_INSTANCE_UID: Tag = Tag(0x0020, 0x000D);

/// UIDs that the standard and makers of programs give out, not hospitals: classes, syntaxes, implementations.
const PUBLIC_ROOTS: &[&str] = &["1.2.840.10008.", "2.16.840.1.113883.", "1.3.6.1.4.1.19376."];
/// ImplementationClassUID and the like name programs.
const PROGRAM_UIDS: &[Tag] = &[Tag(0x0002, 0x0012), Tag(0x0008, 0x0016), Tag(0x0008, 0x010C)];
/// DeviceUID, ManufacturerDeviceClassUID.
const DEVICE_UIDS: &[Tag] = &[Tag(0x0018, 0x1002), Tag(0x0018, 0x100B)];

impl Harvest {
    /// An empty one. With the key, days are checked as well.
    pub fn new(identity: Option<Identity>) -> Self {
        Self { identity, ..Self::default() }
    }

    /// Learns which words are anybody's: those of the scrubber's dictionaries of common and of medical words, and what stands
    /// where something was taken out. Patients are called `ANONYMIZED` and `NAME` in archives that others went through.
    pub fn dictionaries(&mut self) {
        self.sieve.own(dummy::TEXT);
        MARKS.iter().for_each(|(_, text)| self.sieve.own(text));
        for list in [include_str!("../text/words/common.txt"), include_str!("../text/words/medical.txt")] {
            self.sieve.common_words(list);
        }
    }

    /// An empty one for another thread.
    pub fn sibling(&self) -> Self {
        Self::new(self.identity.clone())
    }

    /// Takes over what another one has gathered.
    pub fn absorb(&mut self, other: Harvest) {
        self.sieve.absorb(other.sieve);
        self.days.absorb(other.days);
        self.objects.extend(other.objects);
        self.others.extend(other.others);
    }

    /// Words that this program writes itself: what they say is nobody's.
    pub fn own_words(&mut self, text: &str) {
        self.sieve.own(text);
    }

    /// A name of a file or folder of the inputs.
    pub fn file_name(&mut self, name: &Phi<String>) {
        let name = name.open();
        let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
        self.sieve.phrase(stem, Kind::FileName);
        if stem.chars().any(|c| c.is_ascii_digit()) && stem.len() <= 64 {
            for word in stem.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() >= 6) {
                if word.chars().any(|c| c.is_ascii_digit()) && word.chars().any(|c| c.is_alphabetic()) {
                    self.sieve.code(word, Kind::FileName);
                }
            }
        }
    }

    /// All values of one DICOM object. `source` gives the SHA-256 of its file, which stands for a patient and a study that
    /// the object does not name.
    pub fn object(&mut self, values: &[SeenAttribute], source: impl FnOnce() -> String) {
        let top = |tag: Tag| {
            let found = values.iter().filter(|seen| seen.tag == tag && seen.depth == 0).map(|seen| seen.text.open());
            found.map(|text| text.trim_matches([' ', '\0'])).rfind(|text| !text.is_empty())
        };
        let id = top(PATIENT_ID).map(str::to_owned);
        let issuer = top(ISSUER_OF_PATIENT_ID).unwrap_or_default().to_owned();
        let study = top(STUDY_INSTANCE_UID).map(str::to_owned);
        let stand_in = || study.unwrap_or_else(source);
        let person = match (&self.identity, id) {
            (Some(identity), Some(id)) => {
                let person = identity.person(&PersonId { id, issuer });
                self.meet(&person)
            }
            (Some(identity), None) => {
                let person = identity.person_of_study(&stand_in());
                self.meet(&person)
            }
            (None, id) => hash_of(&id.unwrap_or_else(stand_in)),
        };
        for seen in values {
            for value in seen.text.open().split('\\') {
                self.attribute(seen, value.trim_matches([' ', '\0']), person);
            }
        }
    }

    fn attribute(&mut self, seen: &SeenAttribute, value: &str, person: u64) {
        if value.is_empty() {
            return;
        }
        match &seen.vr {
            b"PN" => value.split('=').for_each(|group| self.sieve.name(group)),
            b"UI" => self.uid(seen.tag, value),
            b"DA" | b"DT" => self.day(value, person),
            b"UN" if value.len() > 256 => self.prose(value, person),
            vr => match attributes::says(seen.tag, *vr) {
                Says::Identifier(kind) => self.identifier(value, kind),
                Says::Trade => self.sieve.neutral(value, person),
                Says::Prose => self.prose(value, person),
                Says::Nothing => {}
            },
        }
    }

    fn uid(&mut self, tag: Tag, uid: &str) {
        let public = PUBLIC_ROOTS.iter().any(|root| uid.starts_with(root)) || PROGRAM_UIDS.contains(&tag);
        if public || uid.len() < 6 || !uid.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return;
        }
        self.sieve.uid(uid, DEVICE_UIDS.contains(&tag));
        if let Some(identity) = &self.identity {
            let new = super::uids::hash(&identity.pseudonym(Domain::Uid, uid));
            if tag == SOP_INSTANCE_UID { &mut self.objects } else { &mut self.others }.insert(new);
        }
    }

    /// An identifier of a kind, taken apart as its kind wants.
    fn identifier(&mut self, value: &str, kind: Kind) {
        match kind {
            Kind::Name => self.sieve.name(value),
            Kind::Phone => {
                self.sieve.number(value, kind);
                people::learn(value, &mut self.sieve);
            }
            Kind::Id | Kind::Uid | Kind::Contact => self.sieve.code(value, kind),
            Kind::Device => {
                self.sieve.code(value, kind);
                self.sieve.phrase(value, kind);
            }
            Kind::Address | Kind::Place | Kind::FileName => self.sieve.phrase(value, kind),
        }
    }

    fn prose(&mut self, value: &str, person: u64) {
        people::learn(value, &mut self.sieve);
        let days = &mut self.days;
        dates_in(value, &mut |readings| readings.iter().for_each(|day| days.learn(person, *day)));
    }

    fn day(&mut self, value: &str, person: u64) {
        match dates::parse(value) {
            Some(when) => self.days.learn(person, when.days),
            None => {
                let days = &mut self.days;
                dates_in(value, &mut |readings| readings.iter().for_each(|day| days.learn(person, *day)));
            }
        }
    }

    /// The hash of a person, whose shift is remembered.
    fn meet(&mut self, person: &Person) -> u64 {
        let hash = hash_of(person.key.as_str());
        self.days.person(hash, person.shift_days);
        hash
    }

    fn person(&mut self, person: Option<&Phi<PersonId>>) -> u64 {
        let Some(id) = person.map(Phi::open) else { return hash_of("") };
        match self.identity.as_ref().map(|identity| identity.person(id)) {
            Some(person) => self.meet(&person),
            None => hash_of(&id.id),
        }
    }

    /// All fields of one HL7 message.
    pub fn message(&mut self, seen: &[SeenField], person: Option<&Phi<PersonId>>) {
        let person = self.person(person);
        for field in seen {
            let components = field.components.open();
            let at = |n: usize| components.get(n).map_or("", String::as_str);
            match fields::form(&field.segment, field.field) {
                Some(Form::Person) => self.sieve.name(&[at(0), at(1), at(2)].join("^")),
                Some(Form::Staff) => {
                    self.sieve.code(at(0), Kind::Id);
                    self.sieve.name(&[at(1), at(2), at(3)].join("^"));
                }
                Some(Form::Reader) => {
                    let mut parts = at(0).split(' ').filter(|part| !part.is_empty());
                    self.sieve.code(parts.next().unwrap_or_default(), Kind::Id);
                    self.sieve.name(&parts.take(3).collect::<Vec<_>>().join("^"));
                }
                Some(Form::Id) => self.sieve.code(at(0), fields::kind_of_id(&field.segment)),
                Some(Form::Telecom) => {
                    for text in [at(0), at(3), at(11)] {
                        let kind = if text.contains('@') { Kind::Contact } else { Kind::Phone };
                        self.identifier(text, kind);
                    }
                    self.sieve.number(&format!("{}{}", at(5), at(6)), Kind::Phone);
                }
                Some(Form::Address) => {
                    self.sieve.phrase(at(0), Kind::Address);
                    self.sieve.phrase(at(1), Kind::Address);
                    self.sieve.phrase(at(2), Kind::Place);
                    self.sieve.phrase(at(4), Kind::Address);
                    self.sieve.phrase(at(8), Kind::Place);
                }
                Some(Form::Place) => self.sieve.phrase(at(0), Kind::Place),
                Some(Form::Code) => components.iter().for_each(|text| self.sieve.neutral(text, person)),
                None => components.iter().for_each(|text| self.other_component(text, person)),
            }
        }
    }

    /// The days of fields that a message says of several persons, with whom they become other days: what stands before the
    /// first PID.
    pub fn shared_days(&mut self, seen: &[SeenField], person: Option<&Phi<PersonId>>) {
        let person = self.person(person);
        for text in seen.iter().flat_map(|field| field.components.open()) {
            self.day(text, person);
        }
    }

    fn other_component(&mut self, text: &str, person: u64) {
        match dates::parse(text) {
            Some(when) => self.days.learn(person, when.days),
            None => self.prose(text, person),
        }
    }

    /// All cells of one record of a table.
    pub fn record(&mut self, cells: &[SeenCell], person: Option<&Phi<PersonId>>) {
        let person = self.person(person);
        let mut name = String::new();
        for cell in cells {
            let value = cell.text.open().trim();
            if let Some(when) = dates::parse(value) {
                self.days.learn(person, when.days);
                continue;
            }
            // Dates in the other forms that tables have: day and month in either order.
            if value.len() <= LONGEST_DATE {
                dates_in(value, &mut |readings| readings.iter().for_each(|day| self.days.learn(person, *day)));
            }
            match headers::holds(cell.header) {
                Holds::Names => {
                    name.push_str(value);
                    name.push('^');
                }
                Holds::Identifiers(kind) => self.identifier(value, kind),
                Holds::Codes => self.sieve.neutral(value, person),
                Holds::Prose => self.prose(value, person),
                Holds::Other => {
                    // A column that nobody knows may hold anything that looks like an identifier.
                    if value.contains('@') || value.len() >= 32 && !value.contains(' ') {
                        self.sieve.code(value, Kind::Id);
                    }
                }
            }
        }
        self.sieve.name(&name);
    }

    /// Text of an input that was read as nothing we know.
    pub fn unknown(&mut self, text: &Phi<String>) {
        people::learn(text.open(), &mut self.sieve);
    }

    /// How many identifiers there are, and how many persons, for the report.
    pub fn counts(&self) -> (u64, u64) {
        (self.sieve.len(), self.days.persons())
    }

    /// No more inputs: the search. What the recipe keeps is no leak.
    pub fn freeze(mut self, kept: Kept) -> Search {
        self.days.freeze();
        Search::new(self.sieve, self.days, self.objects, self.others, self.identity.is_some(), kept)
    }
}

/// `31 December 2024 12:30:05.123 PM`, with some room.
const LONGEST_DATE: usize = 40;

/// The hash of a person's pseudonym, or of what stands for it.
pub(super) fn hash_of(key: &str) -> u64 {
    // Never 0, which stands for anybody.
    key.bytes().fold(start(), |hash, b| mix(hash, u64::from(b))) | 1
}
