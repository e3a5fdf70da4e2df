//! The rows of messages, sealed: of one message by itself, or of messages that follow each other. [`super::walk`] draws them.

use super::identifiers::identifiers;
use super::letterhead::Letterheads;
use super::message::Message;
use super::tables;
use super::walk::draw;
use crate::model::table::PersonId;
use crate::model::{Given, Phi, SealedLine, SealedRow, Table};
use std::cell::OnceCell;
use std::sync::Arc;

/// Which tables to make rows of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted(u32);

impl Wanted {
    /// Every table.
    pub const ALL: Wanted = Wanted(u32::MAX);

    /// Whether `messages` is the only one.
    pub(super) fn is_messages_only(self) -> bool {
        // The first of the tables.
        self.0 == 1
    }

    /// These tables only; those of other sources are ignored.
    pub fn only(wanted: &[&Table]) -> Self {
        let place = |table: &Table| tables::TABLES.iter().position(|row| std::ptr::eq(*row, table));
        Self(wanted.iter().filter_map(|table| place(table)).fold(0, |bits, place| bits | 1 << place))
    }

    pub(super) fn has(self, table: &'static Table) -> bool {
        self == Self::ALL
            || (0..).zip(tables::TABLES).any(|(place, row)| self.0 >> place & 1 == 1 && std::ptr::eq(*row, table))
    }
}

/// The rows of a message, in the order of its segments; the first is that of `messages`. `ordinal` is its number.
pub fn rows(message: &Message<'_>, ordinal: u64, sink: &mut dyn FnMut(SealedRow)) {
    rows_of(message, ordinal, Wanted::ALL, sink);
}

/// The rows of a message in some tables only: what is not wanted costs nothing.
pub fn rows_of(message: &Message<'_>, ordinal: u64, wanted: Wanted, sink: &mut dyn FnMut(SealedRow)) {
    // Who is named is worked out once, and only for a message that has rows.
    let mut naming = None;
    draw(message, ordinal, wanted, &mut Feed::default(), &mut |drawn| {
        let naming = naming.get_or_insert_with(|| Arc::new(Phi::seal(identifiers(message))));
        sink(SealedRow {
            naming: Some(naming.clone()),
            table: drawn.table,
            cells: Phi::seal(drawn.cells.iter().cloned().map(|cell| cell.into_cell(drawn.person)).collect()),
            person: drawn.person.cloned().map(Phi::seal),
            reference_date: drawn.reference_date.map(|date| Phi::seal(date.to_owned())),
        });
    });
}

/// Messages that follow each other: what they share is looked at once.
///
/// What became of rows is remembered by whoever takes them ([`crate::model::Alike`]): one feed hands its rows to one taker.
#[derive(Default)]
pub struct Feed {
    pub(super) letterheads: Letterheads,
    /// Room for the patient's id.
    pub(super) person: PersonId,
    /// Room for the cells of a row.
    pub(super) cells: Vec<Given<'static>>,
}

impl Feed {
    /// The rows of the next message, in some tables only, while the message is there to be read: nothing is copied, and who
    /// is named is worked out when somebody asks.
    pub fn lines(
        &mut self,
        message: &Message<'_>,
        ordinal: u64,
        wanted: Wanted,
        sink: &mut dyn FnMut(&SealedLine<'_>),
    ) {
        let listed = OnceCell::new();
        let naming = || Arc::clone(listed.get_or_init(|| Arc::new(Phi::seal(identifiers(message)))));
        draw(message, ordinal, wanted, self, &mut |drawn| {
            sink(&SealedLine {
                naming: Some(&naming),
                table: drawn.table,
                cells: Phi::seal(drawn.cells),
                person: drawn.person.map(Phi::seal),
                reference_date: drawn.reference_date.map(Phi::seal),
                alike: drawn.alike,
            });
        });
    }
}
