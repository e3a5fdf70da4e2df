//! What neighbouring messages and records share, so that it is worked out once: pseudonyms, people, and verdicts on codes
//! and terms that do not depend on whose they are. All of it is bounded.

use super::habit::Habit;
use super::identity::{Identity, Person};
use crate::model::batch::{Batch, Room};
use crate::model::table::PersonId;
use crate::model::{Domain, Table};
use std::borrow::{Borrow, Cow};
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Entries of one kind that are remembered at most.
const MOST: usize = 1 << 15;

/// Codes that are remembered without a look at the text, as a power of two.
const CODES: u32 = 9;

/// People that are remembered at most: feeds come back to everybody in a ward, a clinic, a day.
const MOST_PEOPLE: usize = 1 << 16;

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
    fn write_u128(&mut self, word: u128) {
        self.mix(word as u64);
        self.mix((word >> 64) as u64);
    }
}

type Map<K, V> = HashMap<K, V, Seed>;

/// Things by their names; looking one up hashes its name once.
struct Known<K, V> {
    places: Map<K, usize>,
    things: Vec<V>,
}

impl<K, V> Default for Known<K, V> {
    fn default() -> Self {
        Self { places: Map::default(), things: Vec::new() }
    }
}

impl<K: Eq + Hash, V> Known<K, V> {
    /// The thing of this name, made if it is not known. When there are too many, all are forgotten.
    fn get<N: Eq + Hash + ?Sized>(&mut self, name: &N, most: usize, make: impl FnOnce() -> V) -> &mut V
    where
        K: Borrow<N> + for<'n> From<&'n N>,
    {
        let place = match self.places.get(name) {
            Some(place) => *place,
            None => {
                if self.things.len() >= most {
                    self.places.clear();
                    self.things.clear();
                }
                self.places.insert(K::from(name), self.things.len());
                self.things.push(make());
                self.things.len() - 1
            }
        };
        &mut self.things[place]
    }
}

/// What workers of one identity remember, to be handed from input to input. What is written does not depend on it.
pub struct Memory {
    people: People,
    pseudonyms: Vec<Known<Box<str>, Box<str>>>,
    verdicts: [Map<Box<str>, bool>; 5],
    key: Vec<u8>,
    /// The last pseudonym that is not remembered.
    scratch: String,
    /// What became of values of HL7 fields of codes.
    pub(in crate::deid) codes: Habit,
    /// How many rows of each table a worker had when it was done.
    rooms: Vec<(&'static Table, Room)>,
    turn: u64,
}

/// A person, and the last part in which somebody asked for them.
struct Met {
    /// The id if it is [`short`], else 0.
    key: u128,
    person: Person,
    turn: u64,
}

/// People by their ids. Most ids are short: those are found in two looks at memory, one at a small table of places and one
/// at the person.
#[derive(Default)]
struct People {
    /// Places in `met` behind the first, by hash; 0 is free. Twice as many as people, or more.
    short: Vec<u32>,
    long: Map<Box<[u8]>, usize>,
    met: Vec<Met>,
    seed: Seed,
}

impl People {
    /// Where a short id is, or would be: its slot, and its place among those met.
    fn find(&self, key: u128) -> (usize, Option<usize>) {
        let mask = self.short.len() - 1;
        let mut slot = self.seed.hash_one(key) as usize & mask;
        loop {
            match self.short[slot].checked_sub(1).map(|place| place as usize) {
                None => return (slot, None),
                Some(place) if self.met[place].key == key => return (slot, Some(place)),
                Some(_) => slot = (slot + 1) & mask,
            }
        }
    }

    /// Makes room for one more.
    fn grow(&mut self) {
        if self.met.len() >= MOST_PEOPLE {
            self.short.fill(0);
            self.long.clear();
            self.met.clear();
        }
        if self.short.len() <= 2 * (self.met.len() + 1) {
            self.short = vec![0; (self.short.len() * 2).max(64)];
            for place in 0..self.met.len() {
                if self.met[place].key != 0 {
                    let (slot, _) = self.find(self.met[place].key);
                    self.short[slot] = place as u32 + 1;
                }
            }
        }
    }
}

/// An id of at most 15 bytes without an issuer that counts. Never 0, which no id of any length is.
fn short(id: &str, issuer: &str) -> Option<u128> {
    let mut bytes = [0u8; 16];
    // The length and one, so that an id of no bytes is not 0.
    bytes[15] = u8::try_from(id.len() + 1).ok().filter(|length| *length <= 16 && issuer.is_empty())?;
    bytes.get_mut(..id.len())?.copy_from_slice(id.as_bytes());
    Some(u128::from_le_bytes(bytes))
}

/// Memories that wait for a worker.
#[derive(Default)]
pub struct Pool {
    waiting: Mutex<Vec<Memory>>,
    turn: AtomicU64,
}

impl Pool {
    /// Another part begins, whose map of people is its own: everybody is met for the first time again.
    pub fn begin(&self) {
        self.turn.fetch_add(1, Ordering::Relaxed);
    }

    /// One that another worker has given back, or a fresh one.
    pub fn take(&self) -> Memory {
        let mut memory = self.waiting.lock().ok().and_then(|mut waiting| waiting.pop()).unwrap_or_default();
        memory.turn = self.turn.load(Ordering::Relaxed);
        memory
    }

    /// Gives one back.
    pub fn put(&self, memory: Memory) {
        if let Ok(mut waiting) = self.waiting.lock() {
            waiting.push(memory);
        }
    }
}

/// What a verdict is about.
#[derive(Clone, Copy, Debug)]
pub(in crate::deid) enum Question {
    /// Does it have the shape of a code?
    Code = 0,
    /// Does the scrubber find nothing in it, whoever it is about?
    Harmless = 1,
    /// Is it the name of a code, whoever it is about?
    Term = 2,
    /// Is it a phrase that a field of codes may hold, whoever it is about?
    Phrase = 3,
    /// Does the answer to it identify somebody?
    Who = 4,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            people: People::default(),
            pseudonyms: (0..=Domain::Other as usize).map(|_| Known::default()).collect(),
            verdicts: Default::default(),
            key: Vec::new(),
            scratch: String::new(),
            codes: Habit::of(CODES),
            rooms: Vec::new(),
            turn: 0,
        }
    }
}

impl Memory {
    /// No rows of a table yet, and room for as many as the last time.
    pub(in crate::deid) fn batch(&self, table: &'static Table) -> Batch {
        let room = self.rooms.iter().find(|(held, _)| std::ptr::eq(*held, table)).map(|(_, room)| room);
        room.map_or_else(|| Batch::new(table), |room| Batch::with(table, room))
    }

    /// Remembers what rows took.
    pub(in crate::deid) fn keep_room(&mut self, batch: &Batch) {
        match self.rooms.iter_mut().find(|(held, _)| std::ptr::eq(*held, batch.table())) {
            Some((_, room)) => *room = batch.room(),
            None => self.rooms.push((batch.table(), batch.room())),
        }
    }

    /// The person behind an id, and whether this is the first time in this part.
    pub(in crate::deid) fn person(&mut self, id: &PersonId, identity: &Identity) -> (&Person, bool) {
        let issuer = if identity.separates() { id.issuer.as_str() } else { "" };
        let people = &mut self.people;
        let key = short(&id.id, issuer);
        let known = match key {
            Some(_) if people.short.is_empty() => None,
            Some(key) => people.find(key).1,
            None => {
                self.key.clear();
                self.key.extend_from_slice(id.id.as_bytes());
                self.key.push(0);
                self.key.extend_from_slice(issuer.as_bytes());
                people.long.get(self.key.as_slice()).copied()
            }
        };
        let place = known.unwrap_or_else(|| {
            people.grow();
            let place = people.met.len();
            match key {
                Some(key) => {
                    let (slot, _) = people.find(key);
                    people.short[slot] = place as u32 + 1;
                }
                None => {
                    people.long.insert(self.key.as_slice().into(), place);
                }
            }
            let (key, turn) = (key.unwrap_or_default(), self.turn.wrapping_sub(1));
            people.met.push(Met { key, person: identity.person(id), turn });
            place
        });
        let met = &mut people.met[place];
        let first = std::mem::replace(&mut met.turn, self.turn) != self.turn;
        (&met.person, first)
    }

    /// The pseudonym of anything; control ids do not come back, remembering them would only push out what does.
    pub(in crate::deid) fn pseudonym(&mut self, domain: Domain, text: &str, identity: &Identity) -> Cow<'_, str> {
        if domain == Domain::Message {
            self.scratch.clear();
            identity.write_pseudonym(domain, text, &mut self.scratch);
            return Cow::Borrowed(&self.scratch);
        }
        let known = &mut self.pseudonyms[domain as usize];
        Cow::Borrowed(known.get(text, MOST, || identity.pseudonym(domain, text).into()))
    }

    /// The answer to a question about a text, worked out once.
    pub(in crate::deid) fn verdict(&mut self, question: Question, text: &str, work: impl FnOnce(&str) -> bool) -> bool {
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
