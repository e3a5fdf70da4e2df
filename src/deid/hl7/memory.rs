//! What neighbouring messages share, so that it is worked out once: pseudonyms, people, and verdicts on codes and terms
//! that do not depend on whose they are. All of it is bounded.

use crate::deid::identity::{Identity, Person};
use crate::model::Domain;
use crate::model::table::PersonId;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

/// Entries of one kind that are remembered at most.
const MOST: usize = 1 << 15;

/// Hashes short texts in a few steps from a start that nobody outside knows.
#[derive(Clone)]
struct Seed(u64);

impl Default for Seed {
    fn default() -> Self {
        Self(RandomState::new().hash_one(0u8))
    }
}

impl BuildHasher for Seed {
    type Hasher = Quick;
    fn build_hasher(&self) -> Quick {
        Quick(self.0)
    }
}

struct Quick(u64);

impl Quick {
    fn mix(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * 0x9E37_79B9_7F4A_7C15;
        self.0 = (product ^ product >> 64) as u64;
    }
}

impl Hasher for Quick {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.mix(u64::from_le_bytes(*word)));
        let mut last = [0u8; 8];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        self.mix(u64::from_le_bytes(last) ^ (bytes.len() as u64) << 56);
    }
    fn write_u8(&mut self, byte: u8) {
        self.mix(u64::from(byte));
    }
}

type Map<K, V> = HashMap<K, V, Seed>;

/// What rewriters of one identity remember, to be handed from input to input. What is written does not depend on it.
pub struct Memory {
    people: Map<Box<[u8]>, Person>,
    pseudonyms: Vec<Map<Box<str>, Box<str>>>,
    verdicts: [Map<Box<str>, bool>; 2],
    key: Vec<u8>,
}

/// What a verdict is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Question {
    /// Does it have the shape of a code?
    IsCode = 0,
    /// Does the scrubber find nothing in it, whoever it is about?
    IsHarmless = 1,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            people: Map::default(),
            pseudonyms: vec![Map::default(); Domain::Other as usize + 1],
            verdicts: [Map::default(), Map::default()],
            key: Vec::new(),
        }
    }
}

impl Memory {
    /// The person behind an id.
    pub(super) fn person(&mut self, id: &PersonId, identity: &Identity) -> &Person {
        if self.people.len() >= MOST {
            self.people.clear();
        }
        self.key.clear();
        self.key.extend_from_slice(id.id.as_bytes());
        self.key.push(0);
        self.key.extend_from_slice(id.issuer.as_bytes());
        if !self.people.contains_key(&*self.key) {
            self.people.insert(self.key.as_slice().into(), identity.person(id));
        }
        &self.people[&*self.key]
    }

    /// The pseudonym of anything that is not a patient.
    pub(super) fn pseudonym(&mut self, domain: Domain, text: &str, identity: &Identity) -> &str {
        let map = &mut self.pseudonyms[domain as usize];
        if map.len() >= MOST {
            map.clear();
        }
        if !map.contains_key(text) {
            map.insert(text.into(), identity.pseudonym(domain, text).into());
        }
        &map[text]
    }

    /// The answer to a question about a text, worked out once.
    pub(super) fn verdict(&mut self, question: Question, text: &str, work: impl FnOnce(&str) -> bool) -> bool {
        let map = &mut self.verdicts[question as usize];
        if let Some(known) = map.get(text) {
            return *known;
        }
        let verdict = work(text);
        if text.len() <= 200 {
            if map.len() >= MOST {
                map.clear();
            }
            map.insert(text.into(), verdict);
        }
        verdict
    }
}
