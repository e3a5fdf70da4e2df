//! What records of other inputs call a person: the table of patients, a PID, a DICOM header. A note that knows nothing but the
//! patient's id is read with it.

use super::identity::Identity;
use crate::model::table::PersonId;
use crate::model::{Naming, Phi, Sheet, Tag};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Bytes that all people together may take; who comes later is known by the record at hand only.
const MOST_BYTES: usize = 512 << 20;
/// Letters of the names of one person: former ones, other spellings, mistakes.
const MOST_LETTERS: usize = 1000;
/// What a person takes beside id and names.
const BESIDE: usize = 160;

const PATIENT_ID: Tag = Tag(0x0010, 0x0020);
const ISSUER_OF_PATIENT_ID: Tag = Tag(0x0010, 0x0021);
/// PatientName, OtherPatientNames, PatientBirthName.
const NAMES: [Tag; 3] = [Tag(0x0010, 0x0010), Tag(0x0010, 0x1001), Tag(0x0010, 0x1005)];

/// Names by the ids of each source, while sources are still read: one a line.
#[derive(Default)]
pub struct Heard {
    people: HashMap<PersonId, String>,
    bytes: usize,
    full: bool,
}

impl Heard {
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
        let there = self.people.get_mut(person);
        if name.is_empty() || name.contains('\n') || there.as_ref().is_some_and(|all| all.lines().any(|n| n == name)) {
            return;
        }
        let new = if there.is_some() { 0 } else { person.id.len() + person.issuer.len() + BESIDE };
        let bytes = name.len() + 1 + new;
        if self.bytes + bytes > MOST_BYTES {
            self.full = true;
            return;
        }
        match there {
            Some(all) if all.len() + name.len() > MOST_LETTERS => {}
            Some(all) => {
                self.bytes += bytes;
                all.reserve_exact(name.len() + 1);
                all.push('\n');
                all.push_str(name);
            }
            None => {
                self.bytes += bytes;
                self.people.insert(person.clone(), name.to_owned());
            }
        }
    }

    /// Takes over what another one heard.
    pub fn absorb(&mut self, other: Heard) {
        self.full |= other.full;
        if self.people.is_empty() {
            (self.people, self.bytes) = (other.people, other.bytes);
            return;
        }
        for (person, names) in other.people {
            names.lines().for_each(|name| self.put(&person, name));
        }
    }

    /// Whether there was no room for all.
    pub fn is_full(&self) -> bool {
        self.full
    }

    /// The names by person, now that it is known which ids name the same one.
    pub fn settle(self, identity: &Identity) -> Linked {
        let mut people: HashMap<u64, Phi<Box<str>>> = HashMap::with_capacity(self.people.len());
        for (id, names) in self.people {
            let all = people.entry(place(identity.standing(&id))).or_insert_with(|| Phi::seal("".into()));
            let both =
                [all.open(), &*names].iter().filter(|names| !names.is_empty()).copied().collect::<Vec<_>>().join("\n");
            *all = Phi::seal(both.into());
        }
        Linked(people)
    }
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
        let (mut one, mut other) = (Heard::default(), Heard::default());
        one.learn(&person("P1", "A"), &name("Quorbitz^Anna"));
        one.learn(&person("P1", "A"), &name("Quorbitz^Anna"));
        other.learn(&person("Q7", "B"), &name("Stemmrich^Anna"));
        let mut sheet = Sheet::default();
        sheet.insert(PATIENT_ID, " P1 ".into());
        sheet.insert(NAMES[0], "Quorbitz^A\\Quorbitz-Stemmrich^A".into());
        other.learn_sheet(&sheet);
        // 400 names of five letters and a line end are more than one person is known by.
        other.learn(&person("P3", ""), &Phi::seal((0..400).map(|n| Naming::Name(format!("nn{n:03}"))).collect()));
        one.absorb(other);
        assert!(!one.is_full());
        let linked = one.settle(&identity);
        for id in ["P1", "Q7"] {
            let asked = PersonId { id: id.into(), issuer: String::new() };
            let mut names: Vec<&str> = linked.of(identity.standing(&asked)).unwrap().open().lines().collect();
            names.sort_unstable();
            assert_eq!(names, ["Quorbitz-Stemmrich^A", "Quorbitz^A", "Quorbitz^Anna", "Stemmrich^Anna"], "{id}");
        }
        // 1000 / 6 and the first, which needs no line end.
        assert_eq!(linked.of(("P3", "")).unwrap().open().lines().count(), 167);
        assert!(linked.of(("P2", "")).is_none());
        assert_eq!(format!("{linked:?}"), "[2 people]");
    }
}
