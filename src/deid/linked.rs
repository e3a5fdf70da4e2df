//! What records of other inputs call a person: the table of patients, a PID, a DICOM header. A note that knows nothing but the
//! patient's id is read with it.

use super::identity::Identity;
use crate::model::table::PersonId;
use crate::model::{Naming, Phi, Sheet, Tag};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Bytes that all people together may take, unless the run has less.
const MOST_BYTES: usize = 512 << 20;
/// Names of one person that are kept, the first by the alphabet: former ones, other spellings, mistakes.
const MOST_NAMES: usize = 64;
/// Longest name: the three groups of a DICOM PN (PS3.5 6.2) and more.
const LONGEST: usize = 256;
/// What a person takes beside id and names.
const BESIDE: usize = 160;

const PATIENT_ID: Tag = Tag(0x0010, 0x0020);
const ISSUER_OF_PATIENT_ID: Tag = Tag(0x0010, 0x0021);
/// PatientName, OtherPatientNames, PatientBirthName.
const NAMES: [Tag; 3] = [Tag(0x0010, 0x0010), Tag(0x0010, 0x1001), Tag(0x0010, 0x1005)];

/// Names by the ids of each source, while sources are still read: one a line. What is kept of them does not depend on the order
/// in which they come: where there is no room for all people, those stay whose hash is low enough.
pub struct Heard {
    people: HashMap<PersonId, String>,
    bytes: usize,
    room: usize,
    /// Only people whose hash, shifted right by so many bits fewer than it has, is 0 are kept.
    halvings: u32,
}

impl Heard {
    /// Nothing yet, in a run of so many bytes: at most a sixteenth of them.
    pub fn within(memory: u64) -> Self {
        let room = usize::try_from(memory / 16).unwrap_or(usize::MAX).min(MOST_BYTES);
        Self { people: HashMap::new(), bytes: 0, room, halvings: 0 }
    }

    /// Learns what a record calls its person. Of what it names people by only names count: a town or a number that two
    /// people share would cost the other one's codes.
    pub fn learn(&mut self, person: &Phi<PersonId>, words: &Phi<Vec<Naming>>) {
        for word in words.open() {
            if let Naming::Name(name) = word {
                self.put(person.open(), name);
            }
        }
    }

    /// Learns what a DICOM object calls its patient.
    pub fn learn_sheet(&mut self, sheet: &Sheet) {
        let text = |tag: Tag| sheet.get(tag).map_or("", |value| value.open().trim_matches([' ', '\0']));
        let person = PersonId { id: text(PATIENT_ID).to_owned(), issuer: text(ISSUER_OF_PATIENT_ID).to_owned() };
        if !person.id.is_empty() {
            NAMES.iter().flat_map(|tag| text(*tag).split('\\')).for_each(|name| self.put(&person, name));
        }
    }

    fn put(&mut self, person: &PersonId, name: &str) {
        let name = name.trim();
        if name.is_empty() || name.len() > LONGEST || name.contains('\n') || !self.keeps(person) {
            return;
        }
        match self.people.get_mut(person) {
            Some(all) if all.lines().any(|there| there == name) => return,
            Some(all) => {
                self.bytes += name.len() + 1;
                all.push('\n');
                all.push_str(name);
                if all.lines().count() > MOST_NAMES {
                    let before = all.len();
                    *all = first(all.lines().collect());
                    self.bytes -= before - all.len();
                }
            }
            None => {
                self.bytes += cost(person, name);
                self.people.insert(person.clone(), name.to_owned());
            }
        }
        self.make_room();
    }

    fn keeps(&self, person: &PersonId) -> bool {
        place((&person.id, &person.issuer)).leading_zeros() >= self.halvings
    }

    /// Lets go of half of the people until the others fit.
    fn make_room(&mut self) {
        while self.bytes > self.room && self.halvings < u64::BITS {
            self.halvings += 1;
            self.drop_people();
        }
    }

    fn drop_people(&mut self) {
        let mut people = std::mem::take(&mut self.people);
        people.retain(|person, _| self.keeps(person));
        self.bytes = people.iter().map(|(person, names)| cost(person, names)).sum();
        self.people = people;
    }

    /// Takes over what another one heard.
    pub fn absorb(&mut self, other: Heard) {
        let halvings = self.halvings.max(other.halvings);
        let other = match self.people.is_empty() {
            true => std::mem::replace(self, other),
            false => other,
        };
        if halvings > self.halvings {
            self.halvings = halvings;
            self.drop_people();
        }
        for (person, names) in other.people {
            names.lines().for_each(|name| self.put(&person, name));
        }
    }

    /// Whether there was no room for all.
    pub fn is_full(&self) -> bool {
        self.halvings > 0
    }

    /// The names by person, now that it is known which ids name the same one.
    pub fn settle(self, identity: &Identity) -> Linked {
        let mut people: HashMap<u64, Vec<Phi<String>>> = HashMap::with_capacity(self.people.len());
        for (id, names) in self.people {
            people.entry(place(identity.standing(&id))).or_default().push(Phi::seal(names));
        }
        let all = |names: Vec<Phi<String>>| first(names.iter().flat_map(|names| names.open().lines()).collect());
        Linked(people.into_iter().map(|(person, names)| (person, Phi::seal(all(names).into()))).collect())
    }
}

/// What a person takes.
fn cost(person: &PersonId, names: &str) -> usize {
    person.id.len() + person.issuer.len() + names.len() + 1 + BESIDE
}

/// The first names by the alphabet, each once.
fn first(mut names: Vec<&str>) -> String {
    names.sort_unstable();
    names.dedup();
    names.truncate(MOST_NAMES);
    names.join("\n")
}

/// Names by person, one a line. People are hashes.
#[derive(Default)]
pub struct Linked(HashMap<u64, Phi<Box<str>>>);

impl Linked {
    /// Whether nobody is known.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What whoever this id and issuer stand for is called, if anybody said so.
    pub(super) fn of(&self, person: (&str, &str)) -> Option<&Phi<Box<str>>> {
        if self.is_empty() { None } else { self.0.get(&place(person)) }
    }
}

/// A person's place among people, from what [`Identity::standing`] gives.
pub(super) fn place((id, issuer): (&str, &str)) -> u64 {
    let mut hasher = DefaultHasher::new();
    (issuer, id).hash(&mut hasher);
    hasher.finish()
}

impl std::fmt::Debug for Linked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{} people]", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deid::identity::{Issuers, Shares};
    use crate::deid::key::Key;
    use crate::deid::same::Pairs;

    #[test]
    fn whoever_an_id_stands_for_is_known_by_all_that_was_said() {
        let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap();
        let same = Pairs::parse("id,issuer,id,issuer\nP1,,Q7,\n").unwrap().settle(Issuers::Merge);
        let identity = Identity::new(key, Issuers::Merge, Shares { train: 1.0, validation: 0.0 }).with(same);
        let person = |id: &str, issuer: &str| Phi::seal(PersonId { id: id.into(), issuer: issuer.into() });
        let name = |text: &str| Phi::seal(vec![Naming::Name(text.into()), Naming::Other("Boston".into())]);
        let (mut one, mut other) = (Heard::within(1 << 30), Heard::within(1 << 30));
        one.learn(&person("P1", "A"), &name("Quorbitz^Anna"));
        one.learn(&person("P1", "A"), &name("Quorbitz^Anna"));
        other.learn(&person("Q7", "B"), &name("Stemmrich^Anna"));
        let mut sheet = Sheet::default();
        sheet.insert(PATIENT_ID, " P1 ".into());
        sheet.insert(NAMES[0], "Quorbitz^A\\Quorbitz-Stemmrich^A".into());
        other.learn_sheet(&sheet);
        // More than one person is known by.
        other.learn(&person("P3", ""), &Phi::seal((0..400).map(|n| Naming::Name(format!("nn{n:03}"))).collect()));
        one.absorb(other);
        assert!(!one.is_full());
        let linked = one.settle(&identity);
        for id in ["P1", "Q7"] {
            let asked = PersonId { id: id.into(), issuer: String::new() };
            let names: Vec<&str> = linked.of(identity.standing(&asked)).unwrap().open().lines().collect();
            assert_eq!(names, ["Quorbitz-Stemmrich^A", "Quorbitz^A", "Quorbitz^Anna", "Stemmrich^Anna"], "{id}");
        }
        assert_eq!(linked.of(("P3", "")).unwrap().open().lines().count(), MOST_NAMES);
        assert!(linked.of(("P2", "")).is_none());
        assert_eq!(format!("{linked:?}"), "[2 people]");
    }
    #[test]
    fn what_is_kept_does_not_depend_on_who_hears_what_first() {
        let person = |n: u32| PersonId { id: format!("P{n}"), issuer: String::new() };
        // 300 people of 164 bytes and 200 names of one of them; there is room for 32,768 bytes, fewer than all.
        let said: Vec<(u32, String)> = (0..300)
            .map(|n| (n, format!("n{n}")))
            .chain((0..200).map(|n| (7, format!("m{:03}", n * 37 % 200))))
            .collect();
        let kept = |pieces: &[usize]| {
            let mut all = Heard::within(16 << 15);
            for (piece, first) in pieces.iter().enumerate() {
                let mut heard = Heard::within(16 << 15);
                let last = pieces.get(piece + 1).copied().unwrap_or(said.len());
                said.iter().take(last).skip(*first).for_each(|(n, name)| heard.put(&person(*n), name));
                all.absorb(heard);
            }
            assert!(all.is_full() && all.bytes <= 1 << 15);
            let mut people: Vec<(String, String)> =
                all.people.iter().map(|(person, names)| (person.id.clone(), first(names.lines().collect()))).collect();
            people.sort();
            people
        };
        let once = kept(&[0]);
        assert!((100..200).contains(&once.len()), "{}", once.len());
        assert_eq!(kept(&[0, 10, 299, 301, 460]), once);
    }
}
