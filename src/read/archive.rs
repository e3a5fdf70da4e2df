//! Members of zip, gzip, tar and compressed tar files, read in memory one at a time. Nothing is ever unpacked to disk.
//! What a file is, `form` says; which members it has, `listing` says.

mod form;
mod listing;

pub use form::{kind, looks_like};
pub use listing::{Line, members};

use super::walk::HEAD_BYTES;
use crate::error::{Fault, Reason, Result};
use flate2::read::MultiGzDecoder;
use std::cell::RefCell;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// A member larger than this is refused: whatever an archive claims, this much memory is all it gets.
pub const MAX_MEMBER_BYTES: u64 = 1 << 30;
/// More members than this in one archive are refused.
pub const MAX_MEMBERS: u64 = 1_000_000;

/// The archive forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ArchiveKind {
    /// Many members, a directory at the end.
    Zip,
    /// One compressed file.
    Gzip,
    /// Many members, one after the other.
    Tar,
    /// A compressed tar.
    TarGzip,
}

/// One member, in the order of the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// Place in the archive, from 0.
    pub index: u64,
    /// Which form the archive has.
    pub kind: ArchiveKind,
    /// Where its bytes begin in the (unpacked) tar stream; 0 for other forms.
    pub offset: u64,
    /// Its size as announced; for gzip, which announces none that holds, an estimate.
    pub bytes: u64,
}

/// The first bytes of one member and, if `wanted` says so of them, the rest; whether that is all.
///
/// # Errors
/// The member cannot be unpacked, has another size than announced, or is larger than [`MAX_MEMBER_BYTES`].
pub fn look(path: &Path, member: &Member, wanted: impl FnOnce(&[u8]) -> bool) -> Result<(Vec<u8>, bool)> {
    let limit = member.bytes;
    let look = match member.kind {
        ArchiveKind::Gzip => return bounded(MultiGzDecoder::new(open(path)?), MAX_MEMBER_BYTES, wanted),
        ArchiveKind::Tar => {
            let mut file = open(path)?;
            file.seek(SeekFrom::Start(member.offset)).map_err(|_| broken())?;
            bounded(file.take(limit), limit, wanted)
        }
        ArchiveKind::TarGzip => look_tar_gzip(path, member, wanted),
        ArchiveKind::Zip => OPEN_ZIP.with_borrow_mut(|held| {
            if held.as_ref().is_none_or(|(open, _)| open != path) {
                *held = Some((path.to_owned(), open_zip(path)?));
            }
            let (_, zip) = held.as_mut().ok_or_else(broken)?;
            let index = usize::try_from(member.index).map_err(|_| broken())?;
            bounded(zip.by_index(index).map_err(|_| broken())?, limit, wanted)
        }),
    };
    look.and_then(|(bytes, whole)| match whole && bytes.len() as u64 != limit {
        true => Err(broken()),
        false => Ok((bytes, whole)),
    })
}

type TarStream = (PathBuf, u64, MultiGzDecoder<BufReader<File>>);

thread_local! {
    /// The zip this thread read last: its directory is read once, not once a member.
    static OPEN_ZIP: RefCell<Option<(PathBuf, zip::ZipArchive<BufReader<File>>)>> = const { RefCell::new(None) };
    /// The compressed tar this thread read last and how far it is: members come in order, so the stream rarely restarts.
    static OPEN_TAR: RefCell<Option<TarStream>> = const { RefCell::new(None) };
}

fn look_tar_gzip(path: &Path, member: &Member, wanted: impl FnOnce(&[u8]) -> bool) -> Result<(Vec<u8>, bool)> {
    OPEN_TAR.with_borrow_mut(|held| {
        let (at, mut stream) = match held.take() {
            Some((open, at, stream)) if open == path && at <= member.offset => (at, stream),
            _ => (0, MultiGzDecoder::new(open(path)?)),
        };
        let skip = member.offset - at;
        let skipped = std::io::copy(&mut (&mut stream).take(skip), &mut std::io::sink()).map_err(|_| broken())?;
        if skipped != skip {
            return Err(broken());
        }
        let look = bounded((&mut stream).take(member.bytes), member.bytes, wanted)?;
        *held = Some((path.to_owned(), member.offset + look.0.len() as u64, stream));
        Ok(look)
    })
}

fn bounded(mut reader: impl Read, limit: u64, wanted: impl FnOnce(&[u8]) -> bool) -> Result<(Vec<u8>, bool)> {
    let limit = limit.min(MAX_MEMBER_BYTES);
    let first = (limit + 1).min(HEAD_BYTES as u64);
    let mut bytes = Vec::new();
    (&mut reader).take(first).read_to_end(&mut bytes).map_err(|_| broken())?;
    if !wanted(&bytes) {
        return Ok((bytes, false));
    }
    reader.take(limit + 1 - first).read_to_end(&mut bytes).map_err(|_| broken())?;
    match too_large(bytes.len() as u64) {
        Some(fault) => Err(fault),
        None if bytes.len() as u64 > limit => Err(broken()),
        None => Ok((bytes, true)),
    }
}

fn open(path: &Path) -> Result<BufReader<File>> {
    let file = File::open(path)
        .map_err(|_| Fault::input(Reason::Unreadable, "file", "the operating system did not let us read it"))?;
    Ok(BufReader::new(file))
}

fn open_zip(path: &Path) -> Result<zip::ZipArchive<BufReader<File>>> {
    zip::ZipArchive::new(open(path)?).map_err(|_| broken())
}

fn broken() -> Fault {
    Fault::input(Reason::Archive, "archive", "the archive or this member cannot be unpacked")
        .remedy("unpack it with another program and give the files")
}

fn too_large(bytes: u64) -> Option<Fault> {
    (bytes > MAX_MEMBER_BYTES).then(|| {
        Fault::input(Reason::TooLarge, "archive", "a member is larger than one may be")
            .number("limit", MAX_MEMBER_BYTES)
            .number("found", bytes)
    })
}

fn too_many(count: u64) -> Option<Fault> {
    (count > MAX_MEMBERS).then(|| {
        Fault::input(Reason::TooLarge, "archive", "more members than one archive may have").number("limit", MAX_MEMBERS)
    })
}

#[cfg(test)]
pub(super) use tests::{gzip, tar_bytes};

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    pub fn read(path: &Path, member: &Member) -> Result<Vec<u8>> {
        look(path, member, |_| true).map(|(bytes, _)| bytes)
    }

    pub fn tar_bytes() -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for (name, text) in [("one", &b"first"[..]), ("two", b"second!")] {
            let mut header = tar::Header::new_ustar();
            header.set_size(text.len() as u64);
            header.set_cksum();
            tar.append_data(&mut header, name, text).unwrap();
        }
        tar.into_inner().unwrap()
    }

    pub fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(bytes).unwrap();
        gz.finish().unwrap()
    }

    pub fn zip_bytes() -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, text) in [("one", &b"first"[..]), ("two", b"second!")] {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(text).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn members_of_every_form_come_back_whole_in_any_order() {
        let dir = tempfile::tempdir().unwrap();
        let forms = [("a.tar", tar_bytes()), ("a.tgz", gzip(&tar_bytes())), ("a.zip", zip_bytes())];
        for (name, bytes) in forms {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            let members = members(&path, kind(&path).unwrap()).unwrap();
            assert_eq!(members.len(), 2, "{name}");
            for (member, _, refused) in members.iter().rev().chain(&members) {
                assert_eq!(*refused, None);
                let expected: &[u8] = if member.index == 0 { b"first" } else { b"second!" };
                assert_eq!(read(&path, member).unwrap(), expected, "{name}");
            }
        }
    }

    #[test]
    fn an_archive_that_is_none_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in [("x.zip", &b"PK\x03\x04 not a zip at all"[..]), ("x.gz", b"\x1f\x8b no gzip")] {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            let read = members(&path, kind(&path).unwrap()).and_then(|lines| read(&path, &lines[0].0));
            assert_eq!(read.unwrap_err().reason, Reason::Archive, "{name}");
        }
    }
}
