//! Thumbnails of a whole archive, looked at one or two at a time: they lie in a scratch file of the data set, so that the
//! memory of a join does not grow by 256 bytes for each image.

use crate::error::{Fault, Result};
use crate::score::phash::{SIDE, Thumbnail};
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

/// Bytes of a thumbnail.
const PAGE: u64 = (SIDE * SIDE) as u64;

/// Thumbnails by their page.
pub struct Album {
    pages: u32,
    place: Place,
}

enum Place {
    Memory(Vec<Thumbnail>),
    File(BufWriter<File>),
}

fn fault(error: &io::Error) -> Fault {
    Fault::environment("output", "thumbnails cannot be put aside or read back", error.to_string())
}

impl Album {
    /// An empty album in a scratch file that nobody else has open.
    pub fn on(scratch: File) -> Self {
        Self { pages: 0, place: Place::File(BufWriter::new(scratch)) }
    }

    /// An empty album in memory, for as long as there is no folder to put it into.
    pub fn in_memory() -> Self {
        Self { pages: 0, place: Place::Memory(Vec::new()) }
    }

    /// Puts a thumbnail on the next page, and says which.
    ///
    /// # Errors
    /// A full disk; more than 2^32 thumbnails.
    pub fn add(&mut self, thumbnail: &Thumbnail) -> Result<u32> {
        match &mut self.place {
            Place::Memory(pages) => pages.push(*thumbnail),
            Place::File(file) => file.write_all(thumbnail).map_err(|error| fault(&error))?,
        }
        let page = self.pages;
        self.pages = page.checked_add(1).ok_or_else(|| fault(&io::ErrorKind::FileTooLarge.into()))?;
        Ok(page)
    }

    /// The thumbnail of a page.
    ///
    /// # Errors
    /// A page that was never given out, and a file that cannot be read back.
    pub fn look(&mut self, page: u32) -> Result<Thumbnail> {
        let beyond = || Fault::bug("join/album", "a page that is not there");
        match &mut self.place {
            Place::Memory(pages) => pages.get(page as usize).copied().ok_or_else(beyond),
            Place::File(_) if page >= self.pages => Err(beyond()),
            Place::File(file) => {
                let mut thumbnail = [0; SIDE * SIDE];
                // Seeking writes what waits.
                let read = file
                    .seek(SeekFrom::Start(u64::from(page) * PAGE))
                    .and_then(|_| file.get_ref().read_exact(&mut thumbnail))
                    .and_then(|()| file.seek(SeekFrom::Start(u64::from(self.pages) * PAGE)));
                read.map(|_| thumbnail).map_err(|error| fault(&error))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_come_back_from_memory_and_from_a_file() {
        for mut album in [Album::in_memory(), Album::on(tempfile::tempfile().unwrap())] {
            let page = |n: u8| -> Thumbnail { std::array::from_fn(|place| (place as u8).wrapping_mul(n)) };
            for n in 0..100 {
                assert_eq!(album.add(&page(n)).unwrap(), u32::from(n));
            }
            // In any order, and writing goes on where it was.
            for n in [99, 0, 41] {
                assert_eq!(album.look(u32::from(n)).unwrap(), page(n));
            }
            assert_eq!(album.add(&page(200)).unwrap(), 100);
            assert_eq!((album.look(100).unwrap(), album.look(7).unwrap()), (page(200), page(7)));
            assert_eq!(album.look(101).unwrap_err().kind, crate::error::Kind::Bug);
        }
    }
}
