//! Components of HL7 messages, and of the messages that were made of them.

use super::{Changes, Deed, Place};
use crate::deid::hl7::{Written, leaves};
use crate::read::hl7::{Message, Presence, Segment, Value, messages};
use std::collections::BTreeSet;

/// Segments that no list has: their names come from the file.
const UNLISTED: &str = "segments that are not listed";

/// What became of every component that has a value, in messages that were written. Places are `PID-5.1`, or `PID-8` where a field has
/// one component; segments that are gone are one place, for what a file calls them is its own.
pub fn of_messages(old: &[u8], written: &Written) -> Changes {
    let mut changes = Changes::default();
    let refused: BTreeSet<u64> = written.refused.iter().map(|(item, _)| *item).collect();
    let stay = (0..).zip(messages(old)).filter(|(item, _)| !refused.contains(item));
    for (before, after) in stay.filter_map(|(_, message)| message.ok()).zip(messages(written.bytes.get()).flatten()) {
        message(&before, &after, &mut changes);
    }
    changes
}

fn message(old: &Message<'_>, new: &Message<'_>, changes: &mut Changes) {
    let mut after = new.segments();
    for segment in old.segments() {
        let made = if leaves(segment.name()) { after.next() } else { None };
        match made {
            Some(made) => fields(&segment, &made, changes),
            None => changes.note(Place { name: UNLISTED.to_owned(), ..Place::default() }, Deed::Removed),
        }
    }
}

fn fields(old: &Segment<'_>, new: &Segment<'_>, changes: &mut Changes) {
    let under = String::from_utf8_lossy(old.name()).into_owned();
    // MSH-1 and MSH-2 are the delimiters.
    let first = if matches!(old.name(), b"MSH" | b"FHS" | b"BHS") { 3 } else { 1 };
    for field in first..=old.last_field() {
        let (before, after) = (old.field(field), new.field(field));
        let repetitions = |value: Value<'_>| value.repetitions().count();
        let mut note = |component: usize, old: Value<'_>, new: Value<'_>| {
            let name = match component {
                0 => format!("{under}-{field}"),
                component => format!("{under}-{field}.{component}"),
            };
            if told(old) {
                changes.note(Place { under: under.clone(), numbers: [field, component], name }, one(old, new));
            }
        };
        if repetitions(before) != repetitions(after) {
            note(0, before, after);
            continue;
        }
        for (before, after) in before.repetitions().zip(after.repetitions()) {
            let components = |value: Value<'_>| value.components().count();
            if components(before) < 2 || components(before) != components(after) {
                note(0, before, after);
                continue;
            }
            for (at, (before, after)) in (1..).zip(before.components().zip(after.components())) {
                note(at, before, after);
            }
        }
    }
}

/// Whether there is a value to tell of; `""` says that there is none.
fn told(value: Value<'_>) -> bool {
    value.presence() == Presence::Value && !value.is_blank()
}

fn one(old: Value<'_>, new: Value<'_>) -> Deed {
    match () {
        () if old.raw() == new.raw() => Deed::Kept,
        () if new.is_blank() => Deed::Removed,
        () => Deed::Replaced,
    }
}
