//! Every field of a message with its components, decoded and sealed, by whose it is: for the proof that nothing was
//! forgotten.

use super::message::{Message, Segment};
use super::patient::patient_of;
use crate::model::table::PersonId;
use crate::model::{Phi, SeenField};

/// Hands out the fields of a message, in order, in one list for the header and for each patient (from one PID to the next).
pub fn every(message: &Message<'_>, sink: &mut dyn FnMut(Option<Phi<PersonId>>, Vec<SeenField>)) {
    let (mut person, mut fields) = (None, Vec::new());
    let mut patients = 0;
    for segment in message.segments() {
        if segment.name() == b"PID" {
            patients += 1;
            if patients > 1 {
                sink(person.take(), std::mem::take(&mut fields));
            }
            // What stands before the first PID is about its patient too.
            person = patient_of(&segment).map(Phi::seal);
        }
        take(&segment, &mut fields);
    }
    sink(person, fields);
}

fn take(segment: &Segment<'_>, fields: &mut Vec<SeenField>) {
    let name: [u8; 3] = segment.name().try_into().unwrap_or_default();
    if !segment.is_named() {
        let text = String::from_utf8_lossy(segment.bytes()).into_owned();
        fields.push(SeenField { segment: [0; 3], field: 0, components: Phi::seal(vec![text]) });
        return;
    }
    let first = if &name == b"MSH" { 3 } else { 1 };
    for number in first..=segment.last_field() {
        let field = segment.field(number);
        for repetition in field.repetitions().filter(|repetition| !repetition.is_blank()) {
            let text = |component: super::Value<'_>| {
                let mut parts = component.subcomponents();
                match (parts.next(), parts.next()) {
                    (Some(only), None) => only.text().into_owned(),
                    _ => component.subcomponents().map(|part| part.text().into_owned()).collect::<Vec<_>>().join(" "),
                }
            };
            let components = repetition.components().map(text).collect();
            fields.push(SeenField { segment: name, field: number, components: Phi::seal(components) });
        }
    }
}
