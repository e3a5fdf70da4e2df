//! What neighbouring messages share, so that it is worked out once: pseudonyms, people, and verdicts on codes and terms
//! that do not depend on whose they are. All of it is bounded.

use crate::deid::identity::{Identity, Person};
use crate::model::Domain;
use crate::model::table::PersonId;
use std::collections::HashMap;

/// Entries of one kind that are remembered at most.
const MOST: usize = 1 << 15;

/// What rewriters of one identity remember, to be handed from input to input. What is written does not depend on it.
pub struct Memory {
    people: HashMap<Box<[u8]>, Person>,
    pseudonyms: Vec<HashMap<Box<str>, Box<str>>>,
    verdicts: [HashMap<Box<str>, bool>; 2],
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
            people: HashMap::new(),
            pseudonyms: vec![HashMap::new(); Domain::Other as usize + 1],
            verdicts: [HashMap::new(), HashMap::new()],
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
