//! What messages of one sender have in common: the MSH without its time (MSH-7) and its control id (MSH-10). A letterhead
//! that comes back is recognised by its bytes, and what it says is worked out once.

use super::charset::Charset;
use super::message::{Message, Segment, Wide};
use super::tables::MESSAGES_TAKE;
use super::take::{Made, Take};
use super::validity::Header;
use crate::model::Alike;
use std::cell::Cell;
use std::ops::Range;

/// Bytes of a letterhead that is kept at most.
const MOST_BYTES: usize = 512;

/// Fields that differ from message to message.
const TIME: usize = 7;
const CONTROL_ID: usize = 10;

/// One of them. Nothing of it can be read: it is what somebody sent.
pub struct Letterhead {
    bytes: Box<[u8]>,
    /// Where the time and the control id were.
    cuts: [usize; 2],
    charset: &'static Charset,
    wide: Option<Wide>,
    pub(super) header: Header,
    /// What the `messages` rows of its messages have in common.
    pub alike: Alike,
}

/// Those that were seen lately.
pub struct Letterheads {
    /// By place; zero is a free one.
    hashes: [u64; Alike::MOST],
    kept: Vec<Letterhead>,
    /// Which is forgotten next.
    oldest: usize,
    /// Columns of `messages` that are taken from it.
    columns: u64,
}

impl Default for Letterheads {
    fn default() -> Self {
        let own = |take: &Take| match *take {
            Take::At(0, field, _) => ![TIME, CONTROL_ID].contains(&usize::from(field)),
            // Compared beside the bytes.
            Take::Made(made) => made == Made::CharacterSet,
            _ => false,
        };
        let columns = MESSAGES_TAKE.iter().enumerate().filter(|(_, take)| own(take));
        let columns = columns.fold(0, |bits, (place, _)| bits | 1u64.checked_shl(place as u32).unwrap_or_default());
        Self { hashes: [0; Alike::MOST], kept: Vec::new(), oldest: 0, columns }
    }
}

/// The bytes of an MSH without time and control id.
struct Pieces<'m> {
    pieces: [&'m [u8]; 3],
}

impl<'m> Pieces<'m> {
    fn of(message: &'m Message<'_>, msh: &Segment<'_>) -> Option<Self> {
        let (Range { start, end }, time, id) = (msh.span(), msh.field_span(TIME)?, msh.field_span(CONTROL_ID)?);
        let piece = |range: Range<usize>| message.bytes().get(range);
        Some(Self { pieces: [piece(start..time.start)?, piece(time.end..id.start)?, piece(id.end..end)?] })
    }

    fn cuts(&self) -> [usize; 2] {
        [self.pieces[0].len(), self.pieces[0].len() + self.pieces[1].len()]
    }

    /// Never zero.
    fn hash(&self) -> u64 {
        let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23);
        let mut hash = 0;
        for piece in self.pieces {
            let (words, rest) = piece.as_chunks::<8>();
            hash = words.iter().fold(hash, |hash, word| mix(hash, u64::from_le_bytes(*word)));
            hash = rest.iter().fold(mix(hash, piece.len() as u64), |hash, byte| mix(hash, u64::from(*byte)));
        }
        hash | 1
    }

    fn are(&self, letterhead: &Letterhead) -> bool {
        let (first, rest) = letterhead.bytes.split_at(letterhead.cuts[0].min(letterhead.bytes.len()));
        let (second, third) = rest.split_at((letterhead.cuts[1] - letterhead.cuts[0]).min(rest.len()));
        self.pieces == [first, second, third]
    }
}

impl Letterhead {
    /// The fields that are no part of a letterhead.
    pub const OTHERS: [usize; 2] = [TIME, CONTROL_ID];
}

impl Letterheads {
    /// The letterhead of a message, kept from now on; `None` for those that are not worth it or have characters that other
    /// bytes of the message could change.
    pub fn of(&mut self, message: &Message<'_>, msh: &Segment<'_>) -> Option<&Letterhead> {
        let charset = message.reading.charset;
        let pieces = Pieces::of(message, msh).filter(|_| message.is_usual())?;
        let hash = pieces.hash();
        let held = self.hashes.iter().position(|held| *held == hash);
        let is_same =
            |kept: &&Letterhead| std::ptr::eq(kept.charset, charset) && kept.wide == message.wide && pieces.are(kept);
        if let Some(place) = held
            && self.kept.get(place).is_some_and(|kept| is_same(&kept))
        {
            return self.kept.get(place);
        }
        let bytes: Box<[u8]> = pieces.pieces.concat().into();
        if bytes.len() > MOST_BYTES || !bytes.is_ascii() {
            return None;
        }
        // One of the same hash and other bytes gives way.
        let place = held.unwrap_or(self.oldest);
        let alike = Alike { number: place, columns: self.columns, remembered: Cell::new(false) };
        let (cuts, wide, header) = (pieces.cuts(), message.wide, Header::of(Some(msh)));
        let kept = Letterhead { bytes, cuts, charset, wide, header, alike };
        if place < self.kept.len() {
            self.kept[place] = kept;
        } else {
            self.kept.push(kept);
        }
        self.hashes[place] = hash;
        if held.is_none() {
            self.oldest = (self.oldest + 1) % Alike::MOST;
        }
        self.kept.get(place)
    }
}

#[cfg(test)]
mod tests {
    use super::super::messages;
    use super::*;

    fn number(letterheads: &mut Letterheads, text: &str) -> Option<usize> {
        let message = messages(text.as_bytes()).next().unwrap().unwrap();
        let msh = message.segments().next().unwrap();
        letterheads.of(&message, &msh).map(|found| found.alike.number)
    }

    #[test]
    fn time_and_control_id_do_not_make_another_letterhead_and_all_else_does() {
        let mut all = Letterheads::default();
        let first = "MSH|^~\\&|LAB|H|E|C|2024||ADT^A01|1|P|2.5\rPID|1";
        assert_eq!(number(&mut all, first), Some(0));
        assert_eq!(number(&mut all, "MSH|^~\\&|LAB|H|E|C|2025010112||ADT^A01|22|P|2.5\rEVN|1"), Some(0));
        let others = [
            "MSH|^~\\&|LAB|H|E|C|2024||ADT^A02|1|P|2.5\r",
            "MSH|^~\\&|LAB|H|E|C|2024|S|ADT^A01|1|P|2.5\r",
            "MSH|^~\\&|LAB|H|E||2024||ADT^A01|1|P|2.5\r",
            "MSH|^~\\&|LAB|H|E|C|2024||ADT^A01|1|P|2.5|\r",
            "MSH|^~\\&|LAB|H|E|C|2024||ADT^A01|1|P|2.5||||||8859/1\r",
        ];
        for (n, text) in others.iter().enumerate() {
            assert_eq!(number(&mut all, text), Some(n + 1), "{text}");
        }
        assert_eq!(number(&mut all, first), Some(0));
        // Delimiters of their own, no control id, characters beyond ASCII, longer than any.
        let long = format!("MSH|^~\\&|{}|H|E|C|2024||ADT^A01|1|P|2.5\r", "L".repeat(600));
        for text in
            ["MSH|^~\\#|L|||||2024||A|1\r", "MSH|^~\\&|L|H|E|C|2024||ADT\r", "MSH|^~\\&|LÄB|H|E|C|1||A|1\r", &long]
        {
            assert_eq!(number(&mut all, text), None, "{text}");
        }
    }

    #[test]
    fn an_old_letterhead_gives_its_number_to_a_new_one_of_which_nothing_is_remembered() {
        let mut all = Letterheads::default();
        let text = |n: usize| format!("MSH|^~\\&|LAB{n}|H|E|C|2024||ADT^A01|1|P|2.5\r");
        for n in 0..Alike::MOST {
            assert_eq!(number(&mut all, &text(n)), Some(n));
        }
        all.kept.iter().for_each(|kept| kept.alike.remembered.set(true));
        assert_eq!(number(&mut all, &text(99)), Some(0));
        assert!(!all.kept[0].alike.remembered.get() && all.kept[1].alike.remembered.get());
        assert_eq!(number(&mut all, &text(0)), Some(1), "it was forgotten");
        assert_eq!(all.kept.len(), Alike::MOST);
    }
}
