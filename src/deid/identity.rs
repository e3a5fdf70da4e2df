//! One person, one pseudonym, one date shift, one split, in whatever source and order the person turns up.

use super::dates::When;
use super::key::Key;
use super::last_days::LastDays;
use super::linked::Linked;
use super::same::SamePeople;
use super::samples::Samples;
use crate::model::table::PersonId;
use crate::model::{Domain, PatientKey, Phi, Split};
use std::collections::HashMap;
use std::sync::Arc;

/// Whether two systems may use the same patient id for two people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Issuers {
    /// One id, one person, whoever issued it: what a single hospital wants.
    #[default]
    Merge,
    /// An id counts together with its issuer; an id without issuer stands for itself.
    Separate,
}

/// Shares of the splits; they add up to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shares {
    /// Share of patients to learn from.
    pub train: f64,
    /// Share of patients to choose by.
    pub validation: f64,
}

/// What the recipe says about identity.
#[derive(Clone, Debug)]
pub struct Identity {
    key: Key,
    samples: Samples,
    issuers: Issuers,
    shares: Shares,
    same: SamePeople,
    ages_at: AgesAt,
    linked: Arc<Linked>,
}

/// Which day the age of somebody refers to for whom a table names none.
#[derive(Clone, Debug, Default)]
pub enum AgesAt {
    /// None: the age is unknown.
    #[default]
    Nothing,
    /// This day, in days since 1970.
    Day(i32),
    /// The last day that EHR tables have of the person.
    LastDay(Arc<LastDays>),
}

/// A person as the data set knows them. The old id stays inside `deid`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Person {
    /// The pseudonym.
    pub key: PatientKey,
    /// Days to subtract from every date, 1 to 365.
    pub shift_days: i32,
    /// Where this person's images go.
    pub split: Split,
}

impl Identity {
    /// An identity over one key.
    pub fn new(key: Key, issuers: Issuers, shares: Shares) -> Self {
        let samples = Samples::new(&key);
        let (same, ages_at, linked) = (SamePeople::default(), AgesAt::Nothing, Arc::default());
        Self { key, samples, issuers, shares, same, ages_at, linked }
    }

    /// The same identity, in which several ids may name one person.
    pub fn with(self, same: SamePeople) -> Self {
        Self { same, ..self }
    }

    /// The same identity, with a day for ages.
    pub fn with_ages_at(self, ages_at: AgesAt) -> Self {
        Self { ages_at, ..self }
    }

    /// The same identity, with what other records call people.
    pub fn with_linked(self, linked: Linked) -> Self {
        Self { linked: Arc::new(linked), ..self }
    }

    /// Whether records of other inputs named anybody.
    pub(in crate::deid) fn knows_linked(&self) -> bool {
        !self.linked.is_empty()
    }

    /// What records of other inputs call a person.
    pub(in crate::deid) fn linked(&self, id: &PersonId) -> Option<&Phi<Box<str>>> {
        self.linked.of(self.standing(id))
    }

    /// The day that the age of a person refers to if the record itself names none.
    pub(in crate::deid) fn age_day(&self, id: &PersonId) -> Option<When> {
        let days = match &self.ages_at {
            AgesAt::Nothing => return None,
            AgesAt::Day(day) => *day,
            AgesAt::LastDay(last) => {
                let (id, issuer) = self.standing(id);
                last.of(id, issuer)?
            }
        };
        Some(When { days, ms: None })
    }

    /// A digest of which ids name the same person; what the data set holds depends on it.
    pub fn same_digest(&self) -> String {
        let mut all = Vec::new();
        for part in self.same.sorted().iter().flatten() {
            all.extend_from_slice(part.as_bytes());
            all.push(0);
        }
        super::key::hex(&self.key.mac("same people", &[&all]))
    }

    /// Whether an id counts together with its issuer.
    pub(in crate::deid) fn separates(&self) -> bool {
        self.issuers == Issuers::Separate
    }

    /// The key, for keyed digests.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The keyed digest by which the data set names an input: only a holder of the key can link it to a file.
    pub fn source_digest(&self, sha256: &str) -> crate::model::Clean<String> {
        crate::model::Clean::vouch(base32(&self.key.mac("source", &[sha256.as_bytes()])[..16]))
    }

    /// The id of a person in the research cohort, which no other table bears: made from the pseudonym by the key.
    pub fn study_id(&self, patient: &str) -> String {
        format!("C{}", base32(&self.key.mac("cohort", &[patient.as_bytes()])[..13]))
    }

    /// The keyed digest of an image's shape and decoded samples: equal for copies, whatever their compression, and of no
    /// use to who has the image but not the key.
    pub fn pixel_digest(&self, shape: &[u8], samples: &[u8]) -> crate::model::Clean<String> {
        crate::model::Clean::vouch(base32(&self.samples.digest(&self.key, shape, samples)[..16]))
    }

    /// The name of a tensor: unique in a data set, the same whenever the same archive is prepared with the same key.
    /// Letters, digits and `-` only, so that it can be a file name, a tar member and a WebDataset key.
    pub fn tensor_id(&self, sha256: &str, input: crate::model::InputId, frame: u32) -> String {
        let mac = self.key.mac("tensor", &[sha256.as_bytes(), &input.0.to_le_bytes()]);
        format!("{}-{frame:05}", base32(&mac[..13]))
    }

    /// The person behind an id. White space and NUL around id and issuer do not count (PS3.5 6.2: not significant in LO).
    pub(in crate::deid) fn person(&self, id: &PersonId) -> Person {
        let (id, issuer) = self.standing(id);
        self.person_of("patient", &[id.as_bytes(), issuer.as_bytes()])
    }

    /// The id and issuer that stand for the person behind an id.
    pub(in crate::deid) fn standing<'a>(&'a self, id: &'a PersonId) -> (&'a str, &'a str) {
        let blank = [' ', '\0', '\t'];
        let issuer = match self.issuers {
            Issuers::Merge => "",
            Issuers::Separate => id.issuer.trim_matches(blank),
        };
        self.same.standing(id.id.trim_matches(blank), issuer)
    }

    /// The person behind an object that names no patient: its study is all we know of them.
    pub(in crate::deid) fn person_of_study(&self, study: &str) -> Person {
        self.person_of("patient of study", &[study.as_bytes()])
    }

    fn person_of(&self, domain: &str, parts: &[&[u8]]) -> Person {
        let key = PatientKey::new(&base32_behind('P', &self.key.mac(domain, parts)[..13]));
        let key = key.expect("a letter and thirteen bytes in base 32 are 22 characters");
        let number = |domain| {
            let mac = self.key.mac(domain, &[key.as_str().as_bytes()]);
            u64::from_le_bytes([mac[0], mac[1], mac[2], mac[3], mac[4], mac[5], mac[6], mac[7]])
        };
        let shift_days = 1 + (number("date shift") % 365) as i32;
        let point = number("split") as f64 / 2f64.powi(64);
        let split = if point < self.shares.train {
            Split::Train
        } else if point < self.shares.train + self.shares.validation {
            Split::Validation
        } else {
            Split::Test
        };
        Person { key, shift_days, split }
    }

    /// The pseudonym of anything that is not a patient. UIDs become `2.25.` and 128 bits in decimal (PS3.5 B.2).
    pub(in crate::deid) fn pseudonym(&self, domain: Domain, value: &str) -> String {
        let mut text = String::with_capacity(24);
        self.write_pseudonym(domain, value, &mut text);
        text
    }

    /// The same behind a text.
    pub(in crate::deid) fn write_pseudonym(&self, domain: Domain, value: &str, text: &mut String) {
        use std::fmt::Write;
        if domain == Domain::Patient {
            return text.push_str(self.person(&PersonId::from_cell(value)).key.as_str());
        }
        let value = value.trim_matches([' ', '\0', '\t']);
        let mac = self.key.mac(domain_name(domain), &[value.as_bytes()]);
        match domain {
            Domain::Uid => {
                let mut bits = [0u8; 16];
                bits.copy_from_slice(&mac[..16]);
                // A String takes all that is written to it.
                let _ = write!(text, "2.25.{}", u128::from_be_bytes(bits));
            }
            // SH holds 16 characters (PS3.5 6.2), in DICOM as in HL7: 80 bits and no letter.
            Domain::Accession => encode(&mac[..10], text),
            _ => {
                text.push(domain_letter(domain));
                encode(&mac[..13], text);
            }
        }
    }
}

impl Person {
    /// A date of this person, shifted.
    pub fn shift(&self, when: When) -> When {
        When { days: when.days - self.shift_days, ms: when.ms }
    }
}

fn domain_name(domain: Domain) -> &'static str {
    match domain {
        Domain::Patient => "patient",
        Domain::Accession => "accession",
        Domain::Encounter => "encounter",
        Domain::Message => "message",
        Domain::Order => "order",
        Domain::Uid => "uid",
        Domain::Staff => "staff",
        Domain::Other => "other",
    }
}

fn domain_letter(domain: Domain) -> char {
    match domain {
        Domain::Patient => 'P',
        Domain::Accession => 'A',
        Domain::Encounter => 'E',
        Domain::Message => 'M',
        Domain::Order => 'O',
        Domain::Uid => 'U',
        Domain::Staff => 'S',
        Domain::Other => 'X',
    }
}

/// RFC 4648 base 32 in lower case without padding: 13 bytes are 104 bits in 21 characters.
pub(in crate::deid) fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    encode(bytes, &mut text);
    text
}

/// A letter and base 32 behind it.
fn base32_behind(letter: char, bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 2);
    text.push(letter);
    encode(bytes, &mut text);
    text
}

fn encode(bytes: &[u8], text: &mut String) {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    // Five bytes are eight letters.
    for piece in bytes.chunks(5) {
        let mut word = [0u8; 8];
        word.iter_mut().skip(3).zip(piece).for_each(|(to, from)| *to = *from);
        let bits = u64::from_be_bytes(word);
        let mut letters = [0u8; 8];
        for (place, letter) in (0u32..).zip(&mut letters) {
            *letter = ALPHABET[(bits >> (35 - 5 * place) & 31) as usize];
        }
        let length = (piece.len() * 8).div_ceil(5);
        text.push_str(std::str::from_utf8(&letters[..length]).unwrap_or_default());
    }
}

/// Pairs of old and new ids met on the way, for the private directory only.
#[derive(Debug, Default)]
pub struct Crosswalk {
    /// An id may come several times, with or without another pseudonym: its issuer tells them apart.
    pub(in crate::deid) patients: Vec<(Box<str>, PatientKey)>,
    pub(in crate::deid) uids: HashMap<String, String>,
}

impl Crosswalk {
    /// Learns a patient's id.
    pub(in crate::deid) fn patient(&mut self, id: &str, person: &Person) {
        self.patients.push((id.trim().into(), person.key));
    }

    /// Takes over what another crosswalk learned.
    pub fn absorb(&mut self, other: Crosswalk) {
        self.patients.extend(other.patients);
        self.uids.extend(other.uids);
    }

    /// patients.csv and uids.csv as text, `id_old,id_new`, sorted. For the private directory and nothing else.
    pub fn to_private_csv(&self) -> super::private::PrivateCsv {
        let patients = self.patients.iter().map(|(old, new)| (&**old, new.as_str())).collect();
        let uids = self.uids.iter().map(|(old, new)| (old.as_str(), new.as_str())).collect();
        super::private::PrivateCsv::from_pairs(patients, uids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deid::dates;

    fn identity(issuers: Issuers) -> Identity {
        let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap();
        Identity::new(key, issuers, Shares { train: 0.8, validation: 0.1 })
    }

    fn id(id: &str, issuer: &str) -> PersonId {
        PersonId { id: id.into(), issuer: issuer.into() }
    }

    #[test]
    fn base32_is_rfc_4648() {
        // python: base64.b32encode(b"foobar").lower().rstrip(b"=") == b"mzxw6ytboi"
        assert_eq!(base32(b"foobar"), "mzxw6ytboi");
        // base64.b32encode(bytes(range(250, 256)) + bytes(7)).lower().rstrip(b"=")
        assert_eq!(base32(&[250, 251, 252, 253, 254, 255, 0, 0, 0, 0, 0, 0, 0]), "7l57z7p674aaaaaaaaaaa");
    }

    #[test]
    fn the_same_person_in_every_source_is_one() {
        let merge = identity(Issuers::Merge);
        assert_eq!(merge.person(&id("MRN1 ", "")), merge.person(&id("MRN1", "HOSP\0")));
        assert_ne!(merge.person(&id("MRN1", "")).key, merge.person(&id("MRN2", "")).key);
        let separate = identity(Issuers::Separate);
        assert_ne!(separate.person(&id("MRN1", "A")).key, separate.person(&id("MRN1", "B")).key);
        assert_eq!(*merge.pseudonym(Domain::Patient, "MRN1"), *merge.person(&id("MRN1", "")).key.as_str());
    }

    #[test]
    fn shifts_keep_intervals_and_splits_keep_their_shares() {
        let identity = identity(Issuers::Merge);
        let mut train = 0;
        for n in 0..2000 {
            let person = identity.person(&id(&format!("MRN{n}"), ""));
            assert!((1..=365).contains(&person.shift_days));
            train += usize::from(person.split == Split::Train);
            let (a, b) = (dates::parse("20240101").unwrap(), dates::parse("20240301").unwrap());
            assert_eq!(person.shift(b).days - person.shift(a).days, 60);
        }
        // 2000 draws at 0.8: standard deviation 17.9; five of them either side.
        assert!((1510..=1690).contains(&train), "{train}");
    }

    #[test]
    fn uids_stay_valid_uids() {
        let uid = identity(Issuers::Merge).pseudonym(Domain::Uid, "1.2.3");
        assert!(uid.starts_with("2.25.") && uid.len() <= 64 && uid.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    }
}
