//! The messages of an input for whoever looks at them one after the other, past a parser that panics: every byte stays
//! accounted for, and one message never takes the others along.

use super::guarded_at;
use crate::read::hl7::{Message, Stray};

/// A message, or bytes that none can be made of.
pub(super) type Item<'m> = std::result::Result<Message<'m>, Stray>;

/// Where a message or a stray stretch begins, and how long it is.
pub(super) fn place_of(item: &Item<'_>) -> (u64, u64) {
    match item {
        Ok(message) => (message.offset, message.length),
        Err(stray) => (stray.offset, stray.length),
    }
}

/// The messages of an input, until there are no more or one of them makes the parser panic: nobody knows what stands behind
/// that one, so the rest of the input is one stray stretch.
pub(super) struct Stream<M> {
    messages: M,
    /// How long the input is.
    length: u64,
    /// Place of the next item.
    pub(super) next: u64,
    /// Where the last one ended.
    end: u64,
    over: bool,
}

impl<'m, M: Iterator<Item = Item<'m>>> Stream<M> {
    /// The messages of an input of `length` bytes.
    pub(super) fn of(messages: M, length: usize) -> Self {
        Self { messages, length: length as u64, next: 0, end: 0, over: false }
    }
}

impl<'m, M: Iterator<Item = Item<'m>>> Iterator for Stream<M> {
    type Item = Item<'m>;

    fn next(&mut self) -> Option<Item<'m>> {
        if self.over {
            return None;
        }
        let item = guarded_at("message", || Ok(self.messages.next())).unwrap_or_else(|fault| {
            self.over = true;
            Some(Err(Stray { offset: self.end, length: self.length.saturating_sub(self.end), fault }))
        })?;
        let (offset, length) = place_of(&item);
        (self.next, self.end) = (self.next + 1, offset + length);
        Some(item)
    }
}

/// Hands every message of an input of `length` bytes to `one`, with its place; `rest` gets what none can be made of, and those that
/// made `one` panic.
pub(super) fn each<'m>(
    messages: impl Iterator<Item = Item<'m>>,
    length: usize,
    one: &mut dyn FnMut(u64, &Message<'m>),
    rest: &mut dyn FnMut(Stray),
) {
    for (place, item) in (0..).zip(Stream::of(messages, length)) {
        let done = item.and_then(|message| {
            guarded_at("message", || {
                one(place, &message);
                Ok(())
            })
            .map_err(|fault| Stray { offset: message.offset, length: message.length, fault })
        });
        if let Err(stray) = done {
            rest(stray);
        }
    }
}

/// The bytes of a stray stretch of an input.
pub(super) fn bytes_of<'i>(stray: &Stray, input: &'i [u8]) -> &'i [u8] {
    let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX).min(input.len());
    input.get(at(stray.offset)..at(stray.offset.saturating_add(stray.length))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Reason;
    use crate::read::hl7::messages;

    /// Four messages of eleven bytes each.
    const TEXT: &[u8] = b"MSH|^~\\&|A\rMSH|^~\\&|B\rMSH|^~\\&|C\rMSH|^~\\&|D\r";

    #[test]
    fn what_stands_behind_a_message_that_makes_the_parser_panic_is_told() {
        let mut count = 0;
        let breaking = messages(TEXT).inspect(|_| {
            count += 1;
            assert_ne!(count, 3, "the parser's own words");
        });
        let items: Vec<_> = Stream::of(breaking, TEXT.len()).collect();
        assert_eq!(items.iter().map(place_of).collect::<Vec<_>>(), [(0, 11), (11, 11), (22, 22)]);
        let Err(Stray { fault, .. }) = &items[2] else { panic!("the rest is no message") };
        assert_eq!((fault.reason, fault.place), (Reason::DecoderPanicked, "message"));
    }

    #[test]
    fn a_message_that_makes_its_reader_panic_is_set_aside_and_no_other() {
        let (mut read, mut set_aside) = (Vec::new(), Vec::new());
        let mut one = |place: u64, message: &Message<'_>| {
            assert_ne!(place, 1, "the reader's own words");
            read.push((place, message.offset));
        };
        each(messages(TEXT), TEXT.len(), &mut one, &mut |stray| set_aside.push(stray));
        assert_eq!(read, [(0, 0), (2, 22), (3, 33)]);
        let set_aside: Vec<_> = set_aside.iter().map(|s| (s.offset, s.length, s.fault.reason)).collect();
        assert_eq!(set_aside, [(11, 11, Reason::DecoderPanicked)]);
    }
}
