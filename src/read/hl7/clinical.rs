//! The rows of what was found and done: results, medicines, allergies, notes, appointments.

use super::message::{Segment, Segments};
use super::observation::{Observed, is_text};
use super::range::limits;
use super::take::{Made, text, whole};
use super::unit::ucum;
use super::value::Value;
use super::walk::{Walk, following};
use super::{medication, tables};
use crate::model::Given;
use std::borrow::Cow;

/// Segments that a note can be about.
const KNOWN: &[&str] = &[
    "AIG", "AIL", "AIP", "AIS", "AL1", "DG1", "FT1", "GT1", "IAM", "IN1", "MRG", "MSH", "NK1", "OBR", "OBX", "ODS",
    "ORC", "PD1", "PID", "PR1", "PRB", "PV1", "PV2", "RQD", "RXA", "RXC", "RXD", "RXE", "RXG", "RXO", "RXR", "SCH",
    "SPM", "TQ1", "TXA",
];

impl<'m> Walk<'m, '_> {
    pub(super) fn observation(&mut self, obx: Segment<'m>) {
        if !self.wanted.has(&tables::OBSERVATIONS) {
            return;
        }
        let field = obx.field(5);
        let range = limits(&obx.field(7).leaf(1).text());
        let segments = [Some(obx), self.obr];
        let mut row = |index: u64, value: Value<'m>| {
            let mut seen = Observed::of(&obx, value);
            self.emit(&tables::OBSERVATIONS, tables::OBSERVATIONS_TAKE, &segments, &mut |made| match made {
                Made::ValueIndex => Given::U64(index),
                Made::Ucum => ucum(obx.field(6)),
                Made::Low => range.0.map_or(Given::Null, Given::F64),
                Made::High => range.1.map_or(Given::Null, Given::F64),
                other => seen.cell(other),
            });
        };
        if is_text(&obx) || field.repetitions().next().is_none() {
            return row(1, field);
        }
        for (index, value) in field.repetitions().enumerate() {
            row(index as u64 + 1, value);
        }
    }

    pub(super) fn medication(&mut self, segment: Segment<'m>, rest: &Segments<'m>) {
        let ends = |name: &[u8]| matches!(name, b"ORC" | b"OBR" | b"PID") || medication::is_medication(name);
        let route = following(rest, b"RXR", ends);
        let timing = following(rest, b"TQ1", ends).or(self.timing);
        self.emit(&tables::MEDICATIONS, tables::MEDICATIONS_TAKE, &[Some(segment), route, timing], &mut |made| {
            medication::cell(made, &segment)
        });
    }

    pub(super) fn allergy(&mut self, segment: Segment<'m>) {
        let (date, action) = if segment.name() == b"IAM" { (11, 6) } else { (6, 0) };
        self.emit(&tables::ALLERGIES, tables::ALLERGIES_TAKE, &[Some(segment)], &mut |made| match made {
            Made::AllergyDate => text(segment.field(date).leaf(1)),
            Made::AllergyAction => text(segment.field(action).leaf(1)),
            _ => Given::Null,
        });
    }

    pub(super) fn note(&mut self, segment: Segment<'m>) {
        let about = self.about;
        self.emit(&tables::NOTES, tables::NOTES_TAKE, &[Some(segment)], &mut |made| match (made, about) {
            (Made::About, Some(about)) => {
                let known = KNOWN.iter().find(|known| known.as_bytes() == about.name());
                known.map_or(Given::Null, |known| Given::Text(Cow::Borrowed(*known)))
            }
            (Made::AboutSet, Some(about)) if about.name() != b"MSH" => whole(about.field(1).leaf(1)),
            _ => Given::Null,
        });
    }

    pub(super) fn appointment(&mut self, sch: Segment<'m>, rest: &Segments<'m>) {
        let timing = following(rest, b"TQ1", |name| name == b"SCH");
        let group = || rest.clone().take_while(|segment| segment.name() != b"SCH");
        let mut services = group().filter(|segment| segment.name() == b"AIS").map(Some).peekable();
        if services.peek().is_none() {
            self.emit(&tables::APPOINTMENTS, tables::APPOINTMENTS_TAKE, &[Some(sch), None, timing], &mut |_| {
                Given::Null
            });
        }
        for service in services {
            self.emit(&tables::APPOINTMENTS, tables::APPOINTMENTS_TAKE, &[Some(sch), service, timing], &mut |_| {
                Given::Null
            });
        }
    }
}
