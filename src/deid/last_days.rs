//! The last day that EHR tables have of each person: what the age of the living refers to, who have no other day in a table
//! of birth dates. Days are kept under hashes, so that memory is a few bytes for each person.

use super::dates;
use super::identity::Identity;
use super::linked::place;
use crate::model::SealedRow;
use std::collections::HashMap;

/// Days after this one (2200-01-01) stand for "never" in many systems.
const NEVER: i32 = 84_006;

/// Last days by person.
#[derive(Clone, Debug, Default)]
pub struct LastDays(HashMap<u64, i32>);

impl LastDays {
    /// Takes note of the day of a record. `identity` knows which ids name the same person.
    pub fn learn(&mut self, row: &SealedRow, identity: &Identity) {
        let (Some(person), Some(date)) = (&row.person, &row.reference_date) else { return };
        let Some(when) = dates::parse(date.open()).filter(|when| when.days < NEVER) else { return };
        let day = self.0.entry(place(identity.standing(person.open()))).or_insert(when.days);
        *day = when.days.max(*day);
    }

    /// Takes over what another list learned.
    pub fn absorb(&mut self, other: LastDays) {
        for (key, day) in other.0 {
            let own = self.0.entry(key).or_insert(day);
            *own = day.max(*own);
        }
    }

    /// The last day of whom this id and issuer stand for, in days since 1970.
    pub(in crate::deid) fn of(&self, id: &str, issuer: &str) -> Option<i32> {
        self.0.get(&place((id, issuer))).copied()
    }
}
