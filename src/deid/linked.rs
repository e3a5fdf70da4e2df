//! What records of other inputs call a person: the table of patients, a PID, a DICOM header. A note that knows nothing but the
//! patient's id is read with it.

use super::identity::Identity;
use crate::model::table::PersonId;
use crate::model::{Naming, Phi, Sheet, Tag};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// Bytes that all people together may take; who comes later is known by the record at hand only.
const MOST_BYTES: usize = 512 << 20;
/// Names of one person: former ones, other spellings, mistakes.
const MOST_NAMES: usize = 32;
/// What a name, or a person, takes beside its letters.
const BESIDE: usize = 64;

const PATIENT_ID: Tag = Tag(0x0010, 0x0020);
const ISSUER_OF_PATIENT_ID: Tag = Tag(0x0010, 0x0021);
/// PatientName, OtherPatientNames, PatientBirthName.
const NAMES: [Tag; 3] = [Tag(0x0010, 0x0010), Tag(0x0010, 0x1001), Tag(0x0010, 0x1005)];

/// Names by the ids of each source, while sources are still read.
#[derive(Default)]
pub struct Heard {
    people: HashMap<PersonId, Vec<Naming>>,
    bytes: usize,
    full: bool,
}

impl Heard {
    /// Learns what a record calls its person. Of what it names people by only names count: a town or a number that two
    /// people share would cost the other one's codes.
    pub fn learn(&mut self, person: &Phi<PersonId>, words: &Phi<Vec<Naming>>) {
        let names = words.open().iter().filter(|word| matches!(word, Naming::Name(_)));
        self.put(person.open(), names);
    }

    /// Learns what a DICOM object calls its patient.
    pub fn learn_sheet(&mut self, sheet: &Sheet) {
        let text = |tag: Tag| sheet.get(tag).map(|value| value.open().trim_matches([' ', '\0']).to_owned());
        let Some(id) = text(PATIENT_ID).filter(|id| !id.is_empty()) else { return };
        let person = PersonId { id, issuer: text(ISSUER_OF_PATIENT_ID).unwrap_or_default() };
        let names = NAMES.iter().filter_map(|tag| text(*tag));
        let names: Vec<Naming> =
            names.flat_map(|all| all.split('\\').map(|n| Naming::Name(n.into())).collect::<Vec<_>>()).collect();
        self.put(&person, names.iter());
    }

    fn put<'n>(&mut self, person: &PersonId, names: impl Iterator<Item = &'n Naming>) {
        let there = self.people.get(person);
        let known = |name: &&Naming| there.is_some_and(|names| names.contains(name));
        let new: Vec<Naming> = names.filter(|name| !known(name)).take(MOST_NAMES).cloned().collect();
        let length = |name: &Naming| match name {
            Naming::Name(text) | Naming::BirthDate(text) | Naming::Other(text) => text.len() + BESIDE,
        };
        let bytes = new.iter().map(length).sum::<usize>() + person.id.len() + person.issuer.len() + BESIDE;
        let enough = there.is_some_and(|names| names.len() >= MOST_NAMES);
        self.full |= self.bytes + bytes > MOST_BYTES;
        if !new.is_empty() && !enough && !self.full {
            self.bytes += bytes;
            self.people.entry(person.clone()).or_default().extend(new);
        }
    }

    /// Takes over what another one heard.
    pub fn absorb(&mut self, other: Heard) {
        self.full |= other.full;
        other.people.iter().for_each(|(person, names)| self.put(person, names.iter()));
    }

    /// Whether there was no room for all.
    pub fn is_full(&self) -> bool {
        self.full
    }

    /// The names by person, now that it is known which ids name the same one.
    pub fn settle(self, identity: &Identity) -> Linked {
        let mut people: HashMap<u64, Vec<Naming>> = HashMap::with_capacity(self.people.len());
        for (id, names) in self.people {
            people.entry(place(identity.standing(&id))).or_default().extend(names);
        }
        Linked(people.into_iter().map(|(place, names)| (place, Arc::new(Phi::seal(names)))).collect())
    }
}

/// Names by person. People are hashes.
#[derive(Default)]
pub struct Linked(HashMap<u64, Arc<Phi<Vec<Naming>>>>);

impl Linked {
    /// What whoever this id and issuer stand for is called, if anybody said so.
    pub(super) fn of(&self, person: (&str, &str)) -> Option<&Arc<Phi<Vec<Naming>>>> {
        if self.0.is_empty() { None } else { self.0.get(&place(person)) }
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
        // 40 names are more than one person is known by.
        other.learn(&person("P3", ""), &Phi::seal((0..40).map(|n| Naming::Name(format!("n{n}"))).collect()));
        one.absorb(other);
        assert!(!one.is_full());
        let linked = one.settle(&identity);
        for id in ["P1", "Q7"] {
            let asked = PersonId { id: id.into(), issuer: String::new() };
            assert_eq!(linked.of(identity.standing(&asked)).unwrap().open().len(), 4, "{id}");
        }
        assert_eq!(linked.of(("P3", "")).unwrap().open().len(), MOST_NAMES);
        assert!(linked.of(("P2", "")).is_none());
        assert_eq!(format!("{linked:?}"), "[2 people]");
    }
}
