//! What became of a file's places, without a value of it: the file that was read beside the one that was written, place by
//! place. Both are read anew, so that it tells what was done and not what a table says should be.

mod messages;
mod object;

pub use messages::of_messages;
pub use object::of_object;

use std::collections::BTreeMap;

/// What became of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// It had no value and has none.
    Blank,
    /// It is byte for byte what it was.
    Kept,
    /// Another value stands there.
    Replaced,
    /// It stands there without a value.
    Emptied,
    /// It is gone, with all that it held.
    Removed,
    /// It was not there before.
    Added,
}

impl Deed {
    /// In words.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Blank => "empty as before",
            Self::Kept => "kept",
            Self::Replaced => "replaced",
            Self::Emptied => "emptied",
            Self::Removed => "removed",
            Self::Added => "added",
        }
    }
}

/// The deeds at each place, counted: a place comes as often as it has items, repetitions or messages.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    places: BTreeMap<Place, BTreeMap<Deed, u64>>,
}

/// A place, in the order of places: by `under`, its numbers, its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    under: String,
    numbers: [usize; 2],
    name: String,
}

impl Changes {
    fn note(&mut self, place: Place, deed: Deed) {
        *self.places.entry(place).or_default().entry(deed).or_default() += 1;
    }

    /// The places in their order, each with its deeds in words: `kept`, or `kept 3, removed 1`.
    pub fn lines(&self) -> impl Iterator<Item = (&str, String)> {
        self.places.iter().map(|(place, deeds)| {
            let alone = deeds.len() == 1;
            let one = |(deed, count): (&Deed, &u64)| match count {
                1 if alone => deed.word().to_owned(),
                count => format!("{} {count}", deed.word()),
            };
            (place.name.as_str(), deeds.iter().map(one).collect::<Vec<_>>().join(", "))
        })
    }
}

/// What became of a value whose bytes were these and are these now.
fn deed(old: &[u8], new: &[u8]) -> Deed {
    match (old == new, new.is_empty()) {
        (true, true) => Deed::Blank,
        (true, false) => Deed::Kept,
        (false, true) => Deed::Emptied,
        (false, false) => Deed::Replaced,
    }
}
