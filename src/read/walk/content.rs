//! From an input to its bytes: all of them, as many as are wanted, or all but pixels. Each opens the file once.

use super::{MAX_INPUT_BYTES, Source};
use crate::error::{Fault, Reason, Result};
use crate::read::{archive, dicom};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// The first bytes of a file: enough for [`crate::read::kind_of`].
pub fn head(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(HEAD_BYTES);
    std::fs::File::open(path)?.take(HEAD_BYTES as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// As far as any kind of input looks.
pub const HEAD_BYTES: usize = 8192;

/// What was read of an input.
pub enum Look {
    /// All of it.
    Whole(Vec<u8>),
    /// Its first bytes, at most [`HEAD_BYTES`]: nobody wants more of it.
    Head(Vec<u8>),
}

impl Look {
    /// What was read.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Look::Whole(bytes) | Look::Head(bytes) => bytes,
        }
    }
}

/// Opens an input once: its first bytes are read and, if `wanted` says so of them, the rest behind them.
///
/// # Errors
/// As [`read`], as far as it was read.
pub fn look(source: &Source, wanted: impl FnOnce(&[u8]) -> bool) -> Result<Look> {
    let (bytes, whole) = match &source.member {
        Some(member) => archive::look(&source.path, member, wanted)?,
        None => file(source, HEAD_BYTES, wanted)?,
    };
    if whole { whole_of(bytes).map(Look::Whole) } else { Ok(Look::Head(bytes)) }
}

/// The bytes of one input.
///
/// # Errors
/// Unreadable, empty, or larger than [`MAX_INPUT_BYTES`] when read.
pub fn read(source: &Source) -> Result<Vec<u8>> {
    let (bytes, _) = match &source.member {
        Some(member) => archive::look(&source.path, member, |_| true)?,
        None => file(source, usize::MAX, |_| true)?,
    };
    whole_of(bytes)
}

/// What was read of an input by someone who needs no pixels.
pub struct Skim {
    /// The file, with an empty pixel element if pixels were passed over.
    pub bytes: Vec<u8>,
    /// Whether they were.
    pub skimmed: bool,
    /// Bytes that were read for it.
    pub read: u64,
}

/// An object for those who look at everything but its pixels: of a DICOM file they are passed over and their element is
/// empty ([`dicom::skim`]); every other input is read whole.
///
/// # Errors
/// As [`read`].
pub fn skim(source: &Source) -> Result<Skim> {
    let unreadable = |_| Fault::input(Reason::Unreadable, "file", "the operating system did not let us read it");
    let mut counted = 0;
    if source.member.is_none() && source.bytes > dicom::SKIMMED_FROM {
        let file = std::fs::File::open(&source.path).map_err(unreadable)?;
        let mut file = Counted { file, read: 0 };
        if let Some(bytes) = dicom::skim(&mut file).map_err(unreadable)? {
            return Ok(Skim { bytes, skimmed: true, read: file.read });
        }
        counted = file.read;
    }
    let bytes = read(source)?;
    let read = counted + bytes.len() as u64;
    Ok(Skim { bytes, skimmed: false, read })
}

/// A file that counts what is read of it.
struct Counted {
    file: std::fs::File,
    read: u64,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let more = self.file.read(buffer)?;
        self.read += more as u64;
        Ok(more)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.file.seek(to)
    }
}

/// At least the first `first` bytes of a file, if it has them, and the rest if it is wanted; whether that is all.
fn file(source: &Source, first: usize, wanted: impl FnOnce(&[u8]) -> bool) -> Result<(Vec<u8>, bool)> {
    let unreadable = |_| Fault::input(Reason::Unreadable, "file", "the operating system did not let us read it");
    let mut file = std::fs::File::open(&source.path).map_err(unreadable)?;
    // One read of what was listed and one that finds the end; what grew since then follows.
    let listed = usize::try_from(source.bytes.min(MAX_INPUT_BYTES)).unwrap_or(0);
    let mut bytes = vec![0; first.min(listed + 1)];
    let mut filled = fill(&mut file, &mut bytes, 0).map_err(unreadable)?;
    if !wanted(bytes.get(..filled).unwrap_or_default()) {
        bytes.truncate(filled);
        return Ok((bytes, false));
    }
    if bytes.len() <= listed && filled == bytes.len() {
        bytes.resize(listed + 1, 0);
        filled = fill(&mut file, &mut bytes, filled).map_err(unreadable)?;
    }
    bytes.truncate(filled);
    if filled > listed {
        let more = (MAX_INPUT_BYTES + 1).saturating_sub(filled as u64);
        file.take(more).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    Ok((bytes, true))
}

/// Reads into `bytes` from `filled` on, until they are full or the file ends; how many are filled then.
fn fill(file: &mut std::fs::File, bytes: &mut [u8], mut filled: usize) -> std::io::Result<usize> {
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn whole_of(bytes: Vec<u8>) -> Result<Vec<u8>> {
    if bytes.len() as u64 > MAX_INPUT_BYTES {
        return Err(
            Fault::input(Reason::TooLarge, "file", "larger than one input may be").number("limit", MAX_INPUT_BYTES)
        );
    }
    if bytes.is_empty() {
        return Err(Fault::input(Reason::Empty, "file", "no bytes"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_reads_as_much_as_is_wanted() {
        let dir = tempfile::tempdir().unwrap();
        let text: Vec<u8> = (0..20_000u32).map(|n| (n % 251) as u8).collect();
        std::fs::write(dir.path().join("a"), &text).unwrap();
        let packed = dir.path().join("b.gz");
        std::fs::write(&packed, crate::read::archive::gzip(&text)).unwrap();
        let typed = [dir.path().to_owned()];
        let listed =
            crate::read::walk::list(&crate::read::walk::Wanted { typed: &typed, piped: &[], exclude: &[] }).unwrap();
        assert_eq!(listed.len(), 2);
        // A file that grew or shrank since it was listed is read as it is.
        for (source, bytes) in listed.iter().flat_map(|l| [20_000, 9_000, 30_000].map(|bytes| (&l.source, bytes))) {
            let source = Source { bytes, ..source.clone() };
            assert_eq!(read(&source).unwrap(), text);
            let whole = look(&source, |head| head.len() == HEAD_BYTES && head == &text[..HEAD_BYTES]).unwrap();
            assert!(matches!(whole, Look::Whole(bytes) if bytes == text));
            assert!(matches!(look(&source, |_| false).unwrap(), Look::Head(head) if head == text[..HEAD_BYTES]));
        }
    }
}
