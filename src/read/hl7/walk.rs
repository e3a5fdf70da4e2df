//! A message becomes rows: exactly one of `messages`, and one of another table for each segment that has one. Rows are open
//! here and leave this room sealed ([`super::rows`]). Whose they are and which order they belong to is decided here; rows of
//! what was found and done are in [`super::clinical`].

use super::message::{Message, Segment, Segments};
use super::patient::{identifier, patient_of, visit};
use super::rows::{Feed, Wanted};
use super::take::{Made, Take, from_segments, text};
use super::validity::{Facts, Header, VALID_FROM};
use super::value::Value;
use super::{medication, tables};
use crate::model::table::PersonId;
use crate::model::{Alike, Given, Table};
use std::borrow::Cow;

/// A row before it is sealed; it does not leave this room.
pub(super) struct Drawn<'d> {
    pub table: &'static Table,
    pub cells: &'d [Given<'d>],
    pub person: Option<&'d PersonId>,
    pub reference_date: Option<&'d str>,
    /// The rows before it that say the same.
    pub alike: Option<&'d Alike>,
}

/// The rows of a message, open.
pub(super) fn draw(
    message: &Message<'_>,
    ordinal: u64,
    wanted: Wanted,
    feed: &mut Feed,
    sink: &mut dyn FnMut(Drawn<'_>),
) {
    let msh = message.segments().next();
    let letterhead = msh.as_ref().and_then(|msh| feed.letterheads.of(message, msh));
    let header = letterhead.map_or_else(|| Header::of(msh.as_ref()), |letterhead| letterhead.header);
    let facts = Facts::of(message, header, &mut feed.person);
    let mut walk = Walk {
        ordinal,
        wanted,
        person: facts.identified.then(|| std::mem::take(&mut feed.person)),
        encounter: None,
        order_index: None,
        orders: 0,
        pending: None,
        obr: None,
        timing: None,
        about: None,
        time: msh.map(|msh| msh.field(7).leaf(1)).filter(|time| !time.is_blank()),
        trigger: msh.map(|msh| msh.field(9).leaf(2)),
        reference: None,
        cells: std::mem::take(&mut feed.cells),
        sink,
    };
    if walk.time.is_none() {
        walk.time = facts.evn.map(|evn| evn.field(2).leaf(1)).filter(|time| !time.is_blank());
    }
    if !wanted.is_messages_only() {
        walk.reference = walk.time.map(|time| time.plain().map_or_else(|| time.text(), Cow::Borrowed));
    }
    let alike = letterhead.map(|letterhead| &letterhead.alike);
    walk.emit_alike(alike, &tables::MESSAGES, tables::MESSAGES_TAKE, &[msh, facts.evn], &mut |made| match made {
        Made::CharacterSet => Given::Text(Cow::Borrowed(message.character_set())),
        Made::Segments => Given::U64(facts.segments),
        Made::Bytes => Given::U64(message.length),
        Made::StructureValid => Given::Bool(facts.structure_valid),
        Made::ValidationScore => Given::F64(facts.score),
        Made::Valid => Given::Bool(facts.score >= VALID_FROM),
        _ => Given::Null,
    });
    if !wanted.is_messages_only() {
        walk.encounter = visit(message.segments());
        let mut segments = message.segments();
        while let Some(segment) = segments.next() {
            walk.segment(segment, &segments);
        }
        walk.order_without_detail();
    }
    feed.person = walk.person.unwrap_or_default();
    // Its room without what lies in the message.
    walk.cells.clear();
    feed.cells = walk.cells.into_iter().map(|_| Given::Null).collect();
}

/// The first segment of a name among those that follow, before one at which the group ends.
pub(super) fn following<'m>(segments: &Segments<'m>, name: &[u8], ends: impl Fn(&[u8]) -> bool) -> Option<Segment<'m>> {
    segments.clone().take_while(|segment| !ends(segment.name())).find(|segment| segment.name() == name)
}

/// A message on its way through its segments, and what they are about.
pub(super) struct Walk<'m, 's> {
    ordinal: u64,
    pub(super) wanted: Wanted,
    person: Option<PersonId>,
    encounter: Option<Value<'m>>,
    /// The order that segments belong to, and how many there were.
    order_index: Option<u64>,
    orders: u64,
    /// An ORC whose OBR has not come yet.
    pending: Option<Segment<'m>>,
    pub(super) obr: Option<Segment<'m>>,
    pub(super) timing: Option<Segment<'m>>,
    /// The last segment that was not a note.
    pub(super) about: Option<Segment<'m>>,
    time: Option<Value<'m>>,
    trigger: Option<Value<'m>>,
    /// The time as text: what ages refer to.
    reference: Option<Cow<'m, str>>,
    /// Room for the cells of one row.
    cells: Vec<Given<'m>>,
    sink: &'s mut dyn FnMut(Drawn<'_>),
}

impl<'m> Walk<'m, '_> {
    fn segment(&mut self, segment: Segment<'m>, rest: &Segments<'m>) {
        let own = Some(segment);
        let mut nothing = |_| Given::Null;
        match &segment.id() {
            b"PID" => self.patient(segment, rest),
            b"MRG" => self.merge(segment),
            b"PV1" => {
                let more = following(rest, b"PV2", |name| matches!(name, b"PV1" | b"PID"));
                self.encounter = Some(segment.field(19).leaf(1));
                self.emit(&tables::ENCOUNTERS, tables::ENCOUNTERS_TAKE, &[own, more], &mut nothing);
            }
            b"ORC" => {
                self.order_without_detail();
                self.next_order();
                self.pending = own;
            }
            b"OBR" => self.order(segment, rest),
            b"TQ1" => self.timing = self.timing.or(own),
            b"OBX" => self.observation(segment),
            b"DG1" => self.emit(&tables::DIAGNOSES, tables::DIAGNOSES_TAKE, &[own], &mut nothing),
            b"PRB" => self.emit(&tables::DIAGNOSES, tables::PROBLEMS_TAKE, &[own], &mut nothing),
            b"PR1" => self.emit(&tables::PROCEDURES, tables::PROCEDURES_TAKE, &[own], &mut nothing),
            b"TXA" => self.emit(&tables::DOCUMENTS, tables::DOCUMENTS_TAKE, &[own], &mut nothing),
            b"FT1" => self.emit(&tables::TRANSACTIONS, tables::TRANSACTIONS_TAKE, &[own], &mut nothing),
            b"AL1" | b"IAM" => self.allergy(segment),
            b"NTE" => self.note(segment),
            b"SCH" => self.appointment(segment, rest),
            id if medication::is_medication(id) => self.medication(segment, rest),
            _ => {}
        }
        if segment.name() != b"NTE" {
            self.about = own;
        }
    }

    fn patient(&mut self, pid: Segment<'m>, rest: &Segments<'m>) {
        self.order_without_detail();
        self.order_index = None;
        self.obr = None;
        self.person = patient_of(&pid);
        self.encounter = following(rest, b"PV1", |name| name == b"PID").map(|pv1| pv1.field(19).leaf(1));
        self.emit(&tables::PATIENTS, tables::PATIENTS_TAKE, &[Some(pid)], &mut |_| Given::Null);
    }

    fn merge(&mut self, mrg: Segment<'m>) {
        if let Some(prior) = identifier(mrg.field(1)).or_else(|| identifier(mrg.field(4))) {
            self.emit(&tables::MERGES, tables::MERGES_TAKE, &[Some(mrg)], &mut |made| match made {
                Made::PriorPatient => Given::Text(Cow::Owned(prior.to_cell())),
                _ => Given::Null,
            });
        }
    }

    fn next_order(&mut self) {
        self.orders += 1;
        self.order_index = Some(self.orders);
        self.obr = None;
        self.timing = None;
    }

    /// The row of an ORC that no OBR followed: orders of medicines, cancellations.
    fn order_without_detail(&mut self) {
        if let Some(orc) = self.pending.take() {
            self.emit(&tables::ORDERS, tables::ORDERS_TAKE, &[Some(orc)], &mut |_| Given::Null);
        }
    }

    fn order(&mut self, obr: Segment<'m>, rest: &Segments<'m>) {
        let orc = self.pending.take();
        if orc.is_none() {
            self.next_order();
        }
        self.obr = Some(obr);
        let imaging = following(rest, b"IPC", |name| matches!(name, b"ORC" | b"OBR" | b"PID"));
        self.emit(&tables::ORDERS, tables::ORDERS_TAKE, &[orc, Some(obr), imaging], &mut |_| Given::Null);
    }

    pub(super) fn emit(
        &mut self,
        table: &'static Table,
        takes: &[Take],
        segments: &[Option<Segment<'m>>],
        made: &mut dyn FnMut(Made) -> Given<'m>,
    ) {
        self.emit_alike(None, table, takes, segments, made);
    }

    /// A row that may be like others before it.
    fn emit_alike(
        &mut self,
        alike: Option<&Alike>,
        table: &'static Table,
        takes: &[Take],
        segments: &[Option<Segment<'m>>],
        made: &mut dyn FnMut(Made) -> Given<'m>,
    ) {
        if !self.wanted.has(table) {
            return;
        }
        let mut cells = std::mem::take(&mut self.cells);
        cells.clear();
        cells.reserve(takes.len());
        let left_out = alike.map_or(0, Alike::left_out);
        for (place, take) in takes.iter().enumerate() {
            if place >= 64 || left_out >> place & 1 == 0 {
                cells.push(self.cell(*take, segments, made));
            }
        }
        let (person, reference_date) = (self.person.as_ref(), self.reference.as_deref());
        (self.sink)(Drawn { table, cells: &cells, person, reference_date, alike });
        self.cells = cells;
    }

    fn cell(&self, take: Take, segments: &[Option<Segment<'m>>], made: &mut dyn FnMut(Made) -> Given<'m>) -> Given<'m> {
        if let Some(cell) = from_segments(take, segments) {
            return cell;
        }
        match take {
            Take::Patient => self.person.as_ref().map_or(Given::Null, |_| Given::Person),
            Take::Ordinal => Given::U64(self.ordinal),
            Take::Encounter => self.encounter.map_or(Given::Null, text),
            Take::Order => self.order_index.map_or(Given::Null, Given::U64),
            Take::If(fits, take) => match self.cell(*take, segments, made) {
                Given::Text(text) if fits(&text) => Given::Text(text),
                _ => Given::Null,
            },
            Take::Or(takes) => {
                let first = takes.iter().map(|take| self.cell(*take, segments, made)).find(|cell| *cell != Given::Null);
                first.unwrap_or_default()
            }
            Take::Made(Made::MessageTime) => self.time.map_or(Given::Null, text),
            Take::Made(Made::Trigger) => self.trigger.map_or(Given::Null, text),
            Take::Made(other) => made(other),
            _ => Given::Null,
        }
    }
}
