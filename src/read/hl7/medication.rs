//! RXO, RXE, RXD, RXG, RXA and RXC say the same things in different fields: this is where.

use super::message::Segment;
use super::take::{Made, number, text};
use crate::model::Given;
use std::borrow::Cow;

/// Where one kind of segment keeps what; 0 where it has no such field.
struct Places {
    name: &'static [u8],
    stage: &'static str,
    drug: usize,
    amount: usize,
    maximum: usize,
    unit: usize,
    form: usize,
    /// Quantity and timing, whose components 2, 4 and 5 are interval, start and end.
    timing: usize,
    start: usize,
    end: usize,
    dispense: usize,
    refills: usize,
    prescription: usize,
    completion: usize,
    /// Field and component.
    instructions: (usize, usize),
}

/// HL7 v2.5.1 sections 4.14.1, 4.14.3 to 4.14.7.
#[rustfmt::skip]
const PLACES: &[Places] = &[
    Places { name: b"RXO", stage: "ordered", drug: 1, amount: 2, maximum: 3, unit: 4, form: 5, timing: 0, start: 0, end: 0,
             dispense: 11, refills: 13, prescription: 0, completion: 0, instructions: (7, 2) },
    Places { name: b"RXE", stage: "encoded", drug: 2, amount: 3, maximum: 4, unit: 5, form: 6, timing: 1, start: 0, end: 0,
             dispense: 10, refills: 12, prescription: 15, completion: 0, instructions: (7, 2) },
    Places { name: b"RXD", stage: "dispensed", drug: 2, amount: 4, maximum: 0, unit: 5, form: 6, timing: 0, start: 3, end: 0,
             dispense: 0, refills: 0, prescription: 7, completion: 0, instructions: (9, 1) },
    Places { name: b"RXG", stage: "given", drug: 4, amount: 5, maximum: 6, unit: 7, form: 8, timing: 3, start: 0, end: 0,
             dispense: 0, refills: 0, prescription: 0, completion: 0, instructions: (9, 2) },
    Places { name: b"RXA", stage: "administered", drug: 5, amount: 6, maximum: 0, unit: 7, form: 8, timing: 0, start: 3, end: 4,
             dispense: 0, refills: 0, prescription: 0, completion: 20, instructions: (9, 2) },
    Places { name: b"RXC", stage: "component", drug: 2, amount: 3, maximum: 0, unit: 4, form: 0, timing: 0, start: 0, end: 0,
             dispense: 0, refills: 0, prescription: 0, completion: 0, instructions: (0, 0) },
];

/// Whether a segment is a medicine.
pub(super) fn is_medication(name: &[u8]) -> bool {
    PLACES.iter().any(|places| places.name == name)
}

/// The cell of one column of a medicine.
pub(super) fn cell<'m>(made: Made, segment: &Segment<'m>) -> Given<'m> {
    let Some(places) = PLACES.iter().find(|places| places.name == segment.name()) else { return Given::Null };
    // Field 0 is none: `field` has nothing for it.
    let leaf = |field: usize, component: usize| segment.field(field).leaf(component);
    match made {
        Made::Stage => Given::Text(Cow::Borrowed(places.stage)),
        Made::DrugCode => text(leaf(places.drug, 1)),
        Made::DrugText => text(leaf(places.drug, 2)),
        Made::DrugSystem => text(leaf(places.drug, 3)),
        Made::Amount => number(leaf(places.amount, 1)),
        Made::AmountMaximum => number(leaf(places.maximum, 1)),
        Made::DrugUnit => text(leaf(places.unit, 1)),
        Made::Form => text(leaf(places.form, 1)),
        Made::Interval => text(leaf(places.timing, 2)),
        Made::Start if places.timing != 0 => text(leaf(places.timing, 4)),
        Made::Start => text(leaf(places.start, 1)),
        Made::Stop if places.timing != 0 => text(leaf(places.timing, 5)),
        Made::Stop => text(leaf(places.end, 1)),
        Made::DispenseAmount => number(leaf(places.dispense, 1)),
        Made::Refills => number(leaf(places.refills, 1)),
        Made::Prescription => text(leaf(places.prescription, 1)),
        Made::Completion => text(leaf(places.completion, 1)),
        Made::Instructions => text(leaf(places.instructions.0, places.instructions.1)),
        _ => Given::Null,
    }
}
