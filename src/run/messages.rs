//! HL7 messages on their way to de-identified rows. Small inputs are done whole beside each other, large ones in slices, so
//! that memory does not grow with the input. A message that makes us panic is refused, and no other.

use super::context::Context;
use super::guarded_at;
use super::rows::{Origin, TextTally, refuse};
use super::stream::{Item, Stream, place_of};
use crate::deid::identity::Crosswalk;
use crate::deid::rows::{CleanRows, Cleaner};
use crate::error::{Fault, Result};
use crate::model::InputId;
use crate::read::InputKind;
use crate::read::hl7::{self, Feed, Stray};
use crate::write::{PartWriter, Unit};
use rayon::prelude::*;

/// Messages of a large input cleaned at once, in parallel.
const SLICE: usize = 8192;
/// Of which this many by one thread, one after another: neighbours share people and ids.
const CHUNK: usize = 512;
/// Bytes up to which an input of messages is done whole, beside others.
const SMALL: usize = 1 << 20;

/// Rows of an input, or of a stretch of it, and what could not become any.
pub struct Made {
    /// `None` if they wait in a later input.
    rows: Option<CleanRows>,
    /// Messages or stray stretches that were there.
    read: u64,
    /// Place in the input, from 0, and why.
    refused: Vec<(u64, Fault)>,
}

/// Rows of neighbouring small inputs, made by one worker.
pub struct Neighbours<'c> {
    context: &'c Context,
    line: Option<Line<'c>>,
}

/// A feed of messages, and the one cleaner that takes its rows.
struct Line<'c> {
    feed: Feed,
    cleaner: Cleaner<'c>,
}

impl<'c> Line<'c> {
    fn new(context: &'c Context) -> Self {
        Self { feed: Feed::default(), cleaner: Cleaner::with(&context.identity, context.memories.take()) }
    }
}

impl<'c> Neighbours<'c> {
    /// None yet.
    pub fn new(context: &'c Context) -> Self {
        Self { context, line: None }
    }

    /// Adds the rows of an input of messages that is small enough to be done whole; `None` for all others. The rows are in
    /// what [`Neighbours::end`] returns.
    pub fn add(&mut self, id: InputId, kind: InputKind, bytes: &[u8]) -> Option<Made> {
        let context = self.context;
        (kind == InputKind::Hl7 && bytes.len() <= SMALL).then(|| {
            let line = self.line.get_or_insert_with(|| Line::new(context));
            let (read, refused) = add(context, line, id, 0, hl7::messages(bytes));
            Made { rows: None, read, refused }
        })
    }

    /// The rows of all inputs since the last end, which belong to the last of them; nothing if there were none.
    pub fn end(&mut self) -> Option<CleanRows> {
        self.line.take().map(|line| line.cleaner.into_rows())
    }
}

impl Made {
    /// Takes the rows that wait for their last input.
    pub fn take(&mut self, rows: CleanRows) {
        self.rows = Some(rows);
    }
}

/// The rows of messages that stand behind each other, the first of them at place `first` of the input.
fn make(context: &Context, id: InputId, first: u64, messages: &[Item<'_>]) -> Made {
    let mut line = Line::new(context);
    let (read, refused) = add(context, &mut line, id, first, messages.iter());
    Made { rows: Some(line.cleaner.into_rows()), read, refused }
}

/// The same, one message after the other, if one of them makes us panic: that one is refused, the others are not.
fn make_each(context: &Context, id: InputId, first: u64, messages: &[Item<'_>]) -> Vec<Made> {
    let one = |(place, item): (u64, &Item<'_>)| {
        let made = guarded_at("message", || Ok(make(context, id, place, std::slice::from_ref(item))));
        made.unwrap_or_else(|fault| {
            let (offset, length) = place_of(item);
            let fault = fault.number("offset", offset).number("length", length);
            Made { rows: None, read: 1, refused: vec![(place, fault)] }
        })
    };
    (first..).zip(messages).map(one).collect()
}

/// Adds the rows of messages; says how many there were, and which of them could not become rows.
fn add<'m>(
    context: &Context,
    line: &mut Line<'_>,
    id: InputId,
    first: u64,
    messages: impl Iterator<Item = impl std::borrow::Borrow<Item<'m>>>,
) -> (u64, Vec<(u64, Fault)>) {
    let Line { feed, cleaner } = line;
    let (mut read, mut refused) = (0, Vec::new());
    for item in messages {
        let place = first + read;
        read += 1;
        match item.borrow() {
            Ok(message) => {
                feed.lines(message, id.0 << 32 | place, context.hl7, &mut |line| cleaner.add(line));
            }
            Err(Stray { offset, length, fault }) => {
                refused.push((place, fault.clone().number("offset", *offset).number("length", *length)));
            }
        }
    }
    (read, refused)
}

/// Writes rows that were made whole.
pub fn write_made(
    context: &Context,
    origin: &Origin,
    made: Made,
    crosswalk: &mut Crosswalk,
    writer: &mut PartWriter,
) -> Result<TextTally> {
    let mut tally = TextTally::default();
    put(context, origin, made, crosswalk, writer, &mut tally)?;
    Ok(tally)
}

/// Writes the rows of a large input of messages, slice by slice.
pub(super) fn write(
    context: &Context,
    origin: &Origin,
    bytes: &[u8],
    crosswalk: &mut Crosswalk,
    writer: &mut PartWriter,
) -> Result<TextTally> {
    let mut tally = TextTally::default();
    let mut stream = Stream::of(hl7::messages(bytes), bytes.len());
    loop {
        let mut chunks = Vec::with_capacity(SLICE / CHUNK);
        while chunks.len() < SLICE / CHUNK {
            let first = stream.next;
            let chunk: Vec<Item> = stream.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                break;
            }
            chunks.push((first, chunk));
        }
        if chunks.is_empty() {
            return Ok(tally);
        }
        let made = |(first, chunk): (u64, Vec<Item>)| {
            let made = guarded_at("message", || Ok(vec![make(context, origin.id, first, &chunk)]));
            made.unwrap_or_else(|_| make_each(context, origin.id, first, &chunk))
        };
        let made: Vec<Vec<Made>> = chunks.into_par_iter().map(made).collect();
        for made in made.into_iter().flatten() {
            put(context, origin, made, crosswalk, writer, &mut tally)?;
        }
    }
}

fn put(
    context: &Context,
    origin: &Origin,
    made: Made,
    crosswalk: &mut Crosswalk,
    writer: &mut PartWriter,
    tally: &mut TextTally,
) -> Result<()> {
    let Made { rows, read, refused } = made;
    if let Some(CleanRows { batches, crosswalk: learned, memory }) = rows {
        context.memories.put(memory);
        crosswalk.absorb(learned);
        batches.each().try_for_each(|batch| writer.batch(batch))?;
    }
    let written = read - refused.len() as u64;
    writer.read(Unit::Messages, read);
    writer.written(Unit::Messages, written);
    tally.written += written;
    for (place, fault) in refused {
        refuse(origin, Unit::Messages, place, fault, writer, tally);
    }
    Ok(())
}
