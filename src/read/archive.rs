//! Members of `.zip`, `.gz`, `.tar` and `.tar.gz` files, read in memory one at a time. Nothing is ever unpacked to disk.

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

/// The archive forms, known by the end of the file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ArchiveKind {
    /// `.zip`
    Zip,
    /// `.gz`, one member
    Gzip,
    /// `.tar`
    Tar,
    /// `.tar.gz`, `.tgz`
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
    /// Its size as announced.
    pub bytes: u64,
}

/// The form of an archive, if the name ends like one.
pub fn kind(path: &Path) -> Option<ArchiveKind> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let ends: &[(&str, ArchiveKind)] = &[
        (".zip", ArchiveKind::Zip),
        (".tar.gz", ArchiveKind::TarGzip),
        (".tgz", ArchiveKind::TarGzip),
        (".gz", ArchiveKind::Gzip),
        (".tar", ArchiveKind::Tar),
    ];
    ends.iter().find(|(end, _)| name.ends_with(end)).map(|(_, kind)| *kind)
}

/// Lists the members that are files, each with its size and, where it cannot be taken, the reason.
pub fn members(path: &Path, kind: ArchiveKind) -> Result<Vec<(Member, u64, Option<Fault>)>> {
    let mut found = Vec::new();
    match kind {
        ArchiveKind::Gzip => found.push((0, 0)),
        ArchiveKind::Zip => {
            let mut zip = open_zip(path)?;
            for index in 0..zip.len() {
                let entry = zip.by_index_raw(index).map_err(|_| broken())?;
                if entry.is_file() {
                    found.push((index as u64, entry.size()));
                }
            }
        }
        ArchiveKind::Tar => return tar_members(open(path)?, kind),
        ArchiveKind::TarGzip => return tar_members(MultiGzDecoder::new(open(path)?), kind),
    }
    let count = found.len() as u64;
    let member = |(index, bytes)| {
        let member = Member { index, kind, offset: 0, bytes };
        (member, bytes, too_large(bytes).or_else(|| too_many(count)))
    };
    Ok(found.into_iter().map(member).collect())
}

fn tar_members(reader: impl Read, kind: ArchiveKind) -> Result<Vec<(Member, u64, Option<Fault>)>> {
    let mut archive = tar::Archive::new(reader);
    let mut found = Vec::new();
    for (index, entry) in archive.entries().map_err(|_| broken())?.enumerate() {
        let entry = entry.map_err(|_| broken())?;
        if index as u64 >= MAX_MEMBERS {
            return Err(too_many(MAX_MEMBERS + 1).unwrap_or_else(broken));
        }
        if entry.header().entry_type().is_file() {
            let bytes = entry.size();
            let member = Member { index: index as u64, kind, offset: entry.raw_file_position(), bytes };
            found.push((member, bytes, too_large(bytes)));
        }
    }
    Ok(found)
}

/// The bytes of one member.
pub fn read(path: &Path, member: &Member) -> Result<Vec<u8>> {
    match member.kind {
        ArchiveKind::Gzip => bounded(MultiGzDecoder::new(open(path)?), MAX_MEMBER_BYTES),
        ArchiveKind::Tar => {
            let mut file = open(path)?;
            file.seek(SeekFrom::Start(member.offset)).map_err(|_| broken())?;
            exactly(bounded(file.take(member.bytes), member.bytes)?, member.bytes)
        }
        ArchiveKind::TarGzip => exactly(read_tar_gzip(path, member)?, member.bytes),
        ArchiveKind::Zip => OPEN_ZIP.with_borrow_mut(|held| {
            if held.as_ref().is_none_or(|(open, _)| open != path) {
                *held = Some((path.to_owned(), open_zip(path)?));
            }
            let (_, zip) = held.as_mut().ok_or_else(broken)?;
            let index = usize::try_from(member.index).map_err(|_| broken())?;
            exactly(bounded(zip.by_index(index).map_err(|_| broken())?, member.bytes)?, member.bytes)
        }),
    }
}

type TarStream = (PathBuf, u64, MultiGzDecoder<BufReader<File>>);

thread_local! {
    /// The zip this thread read last: its directory is read once, not once a member.
    static OPEN_ZIP: RefCell<Option<(PathBuf, zip::ZipArchive<BufReader<File>>)>> = const { RefCell::new(None) };
    /// The compressed tar this thread read last and how far it is: members come in order, so the stream rarely restarts.
    static OPEN_TAR: RefCell<Option<TarStream>> = const { RefCell::new(None) };
}

fn read_tar_gzip(path: &Path, member: &Member) -> Result<Vec<u8>> {
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
        let bytes = bounded((&mut stream).take(member.bytes), member.bytes)?;
        *held = Some((path.to_owned(), member.offset + bytes.len() as u64, stream));
        Ok(bytes)
    })
}

fn bounded(reader: impl Read, limit: u64) -> Result<Vec<u8>> {
    let limit = limit.min(MAX_MEMBER_BYTES);
    let mut bytes = Vec::new();
    reader.take(limit + 1).read_to_end(&mut bytes).map_err(|_| broken())?;
    match too_large(bytes.len() as u64) {
        Some(fault) => Err(fault),
        None if bytes.len() as u64 > limit => Err(broken()),
        None => Ok(bytes),
    }
}

fn exactly(bytes: Vec<u8>, announced: u64) -> Result<Vec<u8>> {
    if bytes.len() as u64 == announced { Ok(bytes) } else { Err(broken()) }
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
mod tests {
    use super::*;
    use std::io::Write;

    fn tar_bytes() -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for (name, text) in [("one", &b"first"[..]), ("two", b"second!")] {
            let mut header = tar::Header::new_ustar();
            header.set_size(text.len() as u64);
            header.set_cksum();
            tar.append_data(&mut header, name, text).unwrap();
        }
        tar.into_inner().unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(bytes).unwrap();
        gz.finish().unwrap()
    }

    fn zip_bytes() -> Vec<u8> {
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
        for name in ["x.zip", "x.tgz"] {
            let path = dir.path().join(name);
            std::fs::write(&path, b"not an archive at all").unwrap();
            assert_eq!(members(&path, kind(&path).unwrap()).unwrap_err().reason, Reason::Archive, "{name}");
        }
    }
}
