//! What is known of everybody, in the order of the pseudonyms: how a receipt names people, and how receipts add up.

use super::patients::PatientFacts;
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

/// What is known of persons, in the order of their pseudonyms.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Everybody(pub(super) Vec<(Arc<str>, PatientFacts)>);

impl Everybody {
    /// How many they are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &PatientFacts)> {
        self.0.iter().map(|(patient, facts)| (&**patient, facts))
    }

    /// The pseudonym and facts at a place of the order.
    pub fn at(&self, place: usize) -> Option<(&str, &PatientFacts)> {
        self.0.get(place).map(|(patient, facts)| (&**patient, facts))
    }

    /// Puts what a later part knows to it.
    pub(super) fn add(&mut self, later: Everybody) {
        if self.0.is_empty() {
            *self = later;
            return;
        }
        let mut all = Vec::with_capacity(self.0.len().max(later.0.len()));
        let (mut ours, mut theirs) = (std::mem::take(&mut self.0).into_iter(), later.0.into_iter());
        let (mut one, mut other) = (ours.next(), theirs.next());
        loop {
            (one, other) = match (one, other) {
                (None, None) => break,
                (Some(a), Some(b)) if a.0 == b.0 => {
                    let (patient, mut facts) = a;
                    facts.add(b.1);
                    all.push((patient, facts));
                    (ours.next(), theirs.next())
                }
                (Some(a), Some(b)) if a.0 > b.0 => {
                    all.push(b);
                    (Some(a), theirs.next())
                }
                (Some(a), other) => {
                    all.push(a);
                    (ours.next(), other)
                }
                (None, Some(b)) => {
                    all.push(b);
                    (None, theirs.next())
                }
            };
        }
        self.0 = all;
    }
}

impl Serialize for Everybody {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        self.0.iter().try_for_each(|(patient, facts)| map.serialize_entry(&**patient, facts))?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Everybody {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut all: Vec<(Arc<str>, PatientFacts)> = Vec::new();
        each(from, |patient: String, facts| all.push((patient.into(), facts)))?;
        // In the order in which they were written, unless somebody has rearranged the receipt.
        all.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(Self(all))
    }
}

/// Hands out the entries of a map in their order.
pub(super) fn each<'de, D: Deserializer<'de>, K: Deserialize<'de>, V: Deserialize<'de>>(
    from: D,
    take: impl FnMut(K, V),
) -> Result<(), D::Error> {
    struct Entries<K, V, F>(F, std::marker::PhantomData<(K, V)>);
    impl<'de, K: Deserialize<'de>, V: Deserialize<'de>, F: FnMut(K, V)> Visitor<'de> for Entries<K, V, F> {
        type Value = ();
        fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
            to.write_str("a map")
        }
        fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
            while let Some((key, value)) = map.next_entry()? {
                (self.0)(key, value);
            }
            Ok(())
        }
    }
    from.deserialize_map(Entries(take, std::marker::PhantomData))
}
