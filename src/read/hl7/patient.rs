//! Whose message it is: the patient's identifier and the visit.

use super::message::{Segment, Segments};
use super::value::Value;
use crate::model::table::PersonId;

/// The patient of a PID: PID-3 by type, or PID-2 where PID-3 has none.
pub fn patient_of(pid: &Segment<'_>) -> Option<PersonId> {
    let mut room = PersonId::default();
    patient_into(pid, &mut room).then_some(room)
}

/// The same in the room that another id had; false if the PID names nobody.
pub fn patient_into(pid: &Segment<'_>, room: &mut PersonId) -> bool {
    identifier_into(pid.field(3), room) || identifier_into(pid.field(2), room)
}

/// The repetition of type MR, else PI, else the first with an id.
pub(super) fn identifier(field: Value<'_>) -> Option<PersonId> {
    let mut room = PersonId::default();
    identifier_into(field, &mut room).then_some(room)
}

fn identifier_into(field: Value<'_>, room: &mut PersonId) -> bool {
    let found = match field.plain() {
        Some(plain) => {
            // One id and nothing else.
            room.id.clear();
            room.id.push_str(plain.trim());
            room.issuer.clear();
            return !room.id.is_empty();
        }
        None => divided(field),
    };
    found.map(|found| *room = found).is_some()
}

fn divided(field: Value<'_>) -> Option<PersonId> {
    let typed = |kind: &[u8]| field.repetitions().find(|r| !r.leaf(1).is_blank() && r.leaf(5).raw() == kind);
    let several = field.repetitions().nth(1).is_some();
    let chosen = if several { typed(b"MR").or_else(|| typed(b"PI")) } else { None };
    let chosen = chosen.or_else(|| field.repetitions().find(|r| !r.leaf(1).is_blank()))?;
    let id = chosen.leaf(1).text().trim().to_owned();
    (!id.is_empty()).then(|| PersonId { id, issuer: chosen.leaf(4).text().trim().to_owned() })
}

/// The visit number of the first PV1 before the next PID.
pub(super) fn visit<'m>(segments: Segments<'m>) -> Option<Value<'m>> {
    let mut patients = 0;
    for segment in segments {
        match &segment.id() {
            b"PID" if patients == 1 => return None,
            b"PID" => patients = 1,
            b"PV1" => return Some(segment.field(19).leaf(1)),
            _ => {}
        }
    }
    None
}
