//! Inputs that had to be read whole before their turn: kept until it comes, so that none is read twice. What does not fit
//! within the bound is read again; how often anything was opened, and how many bytes of it were read, is counted.

use crate::error::Result;
use crate::read::walk::{self, Look, Skim, Source};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;

/// Bytes that are kept if nobody says how many may be: feeds of messages are small beside images.
pub const ROOM: u64 = 64 << 20;

/// How often inputs were opened, and what was read of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Times that a file or a member of an archive was opened for its content.
    pub opened: u64,
    /// Bytes that were read, unpacked.
    pub bytes: u64,
}

/// The shelf, by place in the list of inputs.
pub struct Shelf {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    room: u64,
    kept: BTreeMap<usize, Vec<u8>>,
    account: Account,
}

impl Default for Shelf {
    fn default() -> Self {
        Self { state: Mutex::new(State { room: ROOM, ..State::default() }) }
    }
}

impl Shelf {
    /// Keeps at most so many bytes from now on.
    pub fn limit(&self, bytes: u64) {
        self.with(|state| state.room = bytes);
    }

    /// The beginning of an input and, if `wanted` says so of it, the rest. It is not kept. Fails as [`walk::look`] does.
    pub fn look(&self, source: &Source, wanted: impl FnOnce(&[u8]) -> bool) -> Result<Look> {
        let look = walk::look(source, wanted)?;
        self.opened(look.bytes().len() as u64);
        Ok(look)
    }

    /// The whole of an input: what was kept of it, which is given away, or else what is read. Fails as [`walk::read`] does.
    pub fn read(&self, place: usize, source: &Source) -> Result<Vec<u8>> {
        let kept = self.with(|state| {
            let kept = state.kept.remove(&place)?;
            state.room += kept.len() as u64;
            Some(kept)
        });
        match kept {
            Some(bytes) => Ok(bytes),
            None => {
                let bytes = walk::read(source)?;
                self.opened(bytes.len() as u64);
                Ok(bytes)
            }
        }
    }

    /// The same for those who need no pixels: what was kept, or else what [`walk::skim`] reads, and whether it left any out.
    pub fn skim(&self, place: usize, source: &Source) -> Result<(Vec<u8>, bool)> {
        if self.keeps(place) {
            return self.read(place, source).map(|bytes| (bytes, false));
        }
        let Skim { bytes, skimmed, read } = walk::skim(source)?;
        self.opened(read);
        Ok((bytes, skimmed))
    }

    /// Keeps the whole of an input for its turn, if there is room.
    pub fn keep(&self, place: usize, bytes: Vec<u8>) {
        self.with(|state| {
            if let Some(room) = state.room.checked_sub(bytes.len() as u64) {
                state.room = room;
                state.kept.insert(place, bytes);
            }
        });
    }

    /// Whether an input of so many bytes could be kept now.
    pub fn fits(&self, bytes: u64) -> bool {
        self.with(|state| bytes <= state.room)
    }

    /// Whether an input is kept.
    pub fn keeps(&self, place: usize) -> bool {
        self.with(|state| state.kept.contains_key(&place))
    }

    /// Lets go of inputs whose turn does not come in this run.
    pub fn forget(&self, places: Range<usize>) {
        self.with(|state| {
            for place in places {
                let freed = state.kept.remove(&place).map_or(0, |bytes| bytes.len() as u64);
                state.room += freed;
            }
        });
    }

    /// What was opened and read so far.
    pub fn account(&self) -> Account {
        self.with(|state| state.account)
    }

    fn opened(&self, bytes: u64) {
        self.with(|state| {
            state.account.opened += 1;
            state.account.bytes += bytes;
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        // A panic between two of these lines leaves nothing half done.
        work(&mut self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_given_away_once_and_the_bound_holds() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        std::fs::write(&path, b"abcd").unwrap();
        let source = Source { path, member: None, bytes: 4 };
        let shelf = Shelf::default();
        shelf.limit(6);
        shelf.keep(0, b"kept".to_vec());
        shelf.keep(1, b"too much".to_vec());
        assert!(shelf.keeps(0) && !shelf.keeps(1));
        assert_eq!(shelf.read(0, &source).unwrap(), b"kept");
        assert_eq!(shelf.account(), Account::default());
        assert_eq!(shelf.read(0, &source).unwrap(), b"abcd");
        assert_eq!(shelf.account(), Account { opened: 1, bytes: 4 });
        // Its room is free again; what is forgotten frees its own.
        shelf.keep(2, vec![0; 6]);
        assert!(shelf.keeps(2));
        shelf.forget(0..3);
        shelf.keep(3, vec![0; 6]);
        assert!(shelf.keeps(3) && !shelf.keeps(2));
    }
}
