//! A file on its way to the disk, as stretches of bytes: some made here, some lying in the source as they are, so that the
//! bulk of an image is copied once.

use std::ops::Range;
use std::sync::Arc;

/// A stretch of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Bytes that were made.
    Made(Vec<u8>),
    /// Bytes of the source, as they are.
    Kept(Range<usize>),
}

/// A file that is complete but for its place on a disk.
#[derive(Clone)]
pub struct NewFile {
    /// Path relative to the output directory, with `/`; it holds pseudonyms only.
    pub name: String,
    pieces: Vec<Piece>,
    source: Arc<Vec<u8>>,
}

impl NewFile {
    /// A file of pieces; those that are kept lie in `source`.
    pub fn new(name: String, pieces: Vec<Piece>, source: Arc<Vec<u8>>) -> Self {
        Self { name, pieces, source }
    }

    /// A file that was made whole.
    pub fn made(name: String, bytes: Vec<u8>) -> Self {
        Self { name, pieces: vec![Piece::Made(bytes)], source: Arc::default() }
    }

    /// Its bytes, one stretch after the other.
    pub fn stretches(&self) -> impl Iterator<Item = &[u8]> {
        self.pieces.iter().map(|piece| match piece {
            Piece::Made(made) => made.as_slice(),
            Piece::Kept(place) => self.source.get(place.clone()).unwrap_or(&[]),
        })
    }
}

impl std::fmt::Debug for NewFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewFile {{ pieces: {} }}", self.pieces.len())
    }
}
