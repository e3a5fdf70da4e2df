//! Which members an archive has. What it holds that cannot be read is a refused line, never left out: links, members
//! hidden by their name, what follows a cut or the end marker. Folders and a tar's own notes are no inputs.

use super::{ArchiveKind, MAX_MEMBER_BYTES, MAX_MEMBERS, Member, broken, open, open_zip, too_large, too_many};
use crate::error::{Fault, Reason, Result};
use flate2::read::MultiGzDecoder;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// A member, its size, and, where it cannot be taken, the reason.
pub type Line = (Member, u64, Option<Fault>);

/// Lists the members that are files, and a refused line for each that is neither file nor folder.
///
/// # Errors
/// Nothing of the archive can be listed, or it has more than [`MAX_MEMBERS`].
pub fn members(path: &Path, kind: ArchiveKind) -> Result<Vec<Line>> {
    match kind {
        ArchiveKind::Gzip => gzip_members(path),
        ArchiveKind::Zip => zip_members(path),
        ArchiveKind::Tar => tar_members(open(path)?, kind),
        ArchiveKind::TarGzip => tar_members(MultiGzDecoder::new(open(path)?), kind),
    }
}

fn line(index: u64, kind: ArchiveKind, offset: u64, bytes: u64) -> Line {
    (Member { index, kind, offset, bytes }, bytes, too_large(bytes))
}

fn refused(index: u64, kind: ArchiveKind, fault: Fault) -> Line {
    (Member { index, kind, offset: 0, bytes: 0 }, 0, Some(fault))
}

fn link() -> Fault {
    Fault::input(Reason::Archive, "archive", "a link or device in an archive is not followed")
}

/// RFC 1952 2.3.1: the last four bytes are the unpacked size of the last member, modulo 2^32. Only a plan is made from
/// this, so it may be too much but should not be too little: images shrink to a third, text to less. Where the last
/// member cannot be the only one (deflate adds 5 bytes to 65,535 at most, a header its name), the others may unpack to
/// 1032 times their size, the most that deflate can do.
fn gzip_members(path: &Path) -> Result<Vec<Line>> {
    let mut file = open(path)?;
    let packed = file.seek(SeekFrom::End(0)).map_err(|_| broken())?;
    let mut last = [0; 4];
    file.seek(SeekFrom::Start(packed.saturating_sub(4))).map_err(|_| broken())?;
    file.read_exact(&mut last).map_err(|_| broken())?;
    let last = u64::from(u32::from_le_bytes(last));
    let most = packed.saturating_mul(1032);
    let alone = last + last / 1000 + 1024 >= packed;
    let bytes = if alone { last.max(packed.saturating_mul(4)).min(most) } else { most };
    Ok(vec![line(0, ArchiveKind::Gzip, 0, bytes.min(MAX_MEMBER_BYTES))])
}

fn zip_members(path: &Path) -> Result<Vec<Line>> {
    let mut zip = open_zip(path)?;
    if let Some(fault) = too_many(zip.len() as u64) {
        return Err(fault);
    }
    let mut found = Vec::new();
    for index in 0..zip.len() {
        let entry = zip.by_index_raw(index).map_err(|_| broken())?;
        if entry.is_symlink() {
            found.push(refused(index as u64, ArchiveKind::Zip, link()));
        } else if entry.is_file() {
            found.push(line(index as u64, ArchiveKind::Zip, 0, entry.size()));
        }
    }
    let count = zip.len() as u64;
    let hidden = if zip.has_duplicate_names() {
        let start = zip.central_directory_start();
        hidden_members(zip.into_inner(), start, count)?
    } else {
        0
    };
    if let Some(fault) = too_many(count + hidden) {
        return Err(fault);
    }
    for index in count..count + hidden {
        let cause = "members share a name and cannot be told apart; only the last of them is read";
        let fault = Fault::input(Reason::Archive, "archive", cause).number("unread", hidden);
        found.push(refused(index, ArchiveKind::Zip, fault.remedy("unpack it with another program and give the files")));
    }
    Ok(found)
}

/// How many records of a zip's directory (APPNOTE 4.3.12) are not among the `count` listed, folders left out.
fn hidden_members(mut reader: impl Read + Seek, start: u64, count: u64) -> Result<u64> {
    let mut names = BTreeMap::<Vec<u8>, u64>::new();
    reader.seek(SeekFrom::Start(start)).map_err(|_| broken())?;
    let mut record = [0; 46];
    while reader.read_exact(&mut record).is_ok() && record.starts_with(b"PK\x01\x02") {
        let [name, extra, comment] = [28, 30, 32].map(|at| u16::from_le_bytes([record[at], record[at + 1]]));
        let mut bytes = Vec::new();
        (&mut reader).take(u64::from(name)).read_to_end(&mut bytes).map_err(|_| broken())?;
        reader.seek_relative(i64::from(extra) + i64::from(comment)).map_err(|_| broken())?;
        *names.entry(bytes).or_default() += 1;
    }
    let unlisted = names.values().sum::<u64>().checked_sub(count).filter(|n| *n > 0).ok_or_else(broken)?;
    let folders: u64 = names.iter().filter(|(name, _)| name.ends_with(b"/")).map(|(_, times)| times - 1).sum();
    Ok(unlisted.saturating_sub(folders))
}

/// A reader that tells how far it came and whether it saw the end.
struct Counted<'a, R> {
    reader: R,
    at: &'a Cell<u64>,
    ended: &'a Cell<bool>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.at.set(self.at.get() + read as u64);
        if read == 0 && !buffer.is_empty() {
            self.ended.set(true);
        }
        Ok(read)
    }
}

fn tar_members(reader: impl Read, kind: ArchiveKind) -> Result<Vec<Line>> {
    let (at, ended) = (Cell::new(0), Cell::new(false));
    let mut archive = tar::Archive::new(Counted { reader, at: &at, ended: &ended });
    let mut found: Vec<Line> = Vec::new();
    let (mut count, mut last_end, mut whole) = (0, 0, true);
    for entry in archive.entries().map_err(|_| broken())? {
        let Ok(entry) = entry else {
            whole = false;
            break;
        };
        if count >= MAX_MEMBERS {
            return Err(too_many(MAX_MEMBERS + 1).unwrap_or_else(broken));
        }
        let (offset, bytes) = (entry.raw_file_position(), entry.size());
        // POSIX pax interchange format, typeflag; capitals are GNU's: V the archive's label, D a folder's list.
        match entry.header().entry_type().as_byte() {
            0 | b'0' | b'7' => {
                last_end = offset.saturating_add(bytes);
                found.push(line(count, kind, offset, bytes));
            }
            b'5' | b'g' | b'x' | b'L' | b'K' | b'V' | b'D' => {}
            b'1'..=b'4' | b'6' => found.push(refused(count, kind, link())),
            _ => {
                let cause = "a member of a tar that is neither file nor folder";
                found.push(refused(count, kind, Fault::input(Reason::Archive, "archive", cause)));
            }
        }
        count += 1;
    }
    if !whole && count == 0 {
        return Err(broken());
    }
    if !whole && at.get() < last_end && found.last().is_some_and(|last| last.0.index + 1 == count) {
        // The cut is inside the last member: that one is refused instead, not it and a rest.
        found.pop();
        count -= 1;
    }
    let rest = if !whole || ended.get() {
        Some(Fault::input(Reason::Truncated, "archive", "the archive is cut or damaged after the members listed"))
    } else if something_follows(archive.into_inner()) {
        Some(Fault::input(Reason::Archive, "archive", "what follows the archive's end marker is not read"))
    } else {
        None
    };
    found.extend(rest.map(|fault| refused(count, kind, fault)));
    Ok(found)
}

/// Whether anything but zeros is left; what cannot be read is something.
fn something_follows(mut reader: impl Read) -> bool {
    let mut buffer = [0; 1 << 14];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return false,
            Ok(read) if buffer.iter().take(read).all(|byte| *byte == 0) => {}
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Ok(_) | Err(_) => return true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::kind;
    use super::super::tests::{gzip, read, tar_bytes, zip_bytes};
    use super::*;
    use std::io::Write;

    /// For each line, its bytes or the code of its refusal; from a file of that name and from the same gzipped.
    fn lines(name: &str, bytes: &[u8]) -> Vec<std::result::Result<Vec<u8>, &'static str>> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let members = members(&path, kind(&path).unwrap()).unwrap();
        assert!(members.windows(2).all(|two| two[0].0.index < two[1].0.index), "places are unique");
        let show = |(member, _, refused): &Line| match refused {
            Some(fault) => Err(fault.reason.code()),
            None => read(&path, member).map_err(|fault| fault.reason.code()),
        };
        members.iter().map(show).collect()
    }

    fn tar_lines(bytes: &[u8]) -> Vec<std::result::Result<Vec<u8>, &'static str>> {
        let plain = lines("a.tar", bytes);
        assert_eq!(plain, lines("a.tgz", &gzip(bytes)));
        plain
    }

    fn tar_of(types: &[u8]) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for flag in types {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(tar::EntryType::new(*flag));
            let data: &[u8] = if matches!(flag, b'0' | b'7') { b"abc" } else { b"" };
            header.set_size(data.len() as u64);
            header.as_gnu_mut().unwrap().set_real_size(0); // looked at for sparse members only
            tar.append_data(&mut header, "x", data).unwrap();
        }
        tar.into_inner().unwrap()
    }

    #[test]
    fn every_member_of_a_tar_is_read_or_refused() {
        let (file, link) = (Ok(b"abc".to_vec()), Err("archive"));
        // Regular, contiguous; then hard link, symbolic link, two devices, FIFO, sparse; a folder is no input.
        let expected = [vec![file.clone(), file], vec![link; 6]].concat();
        assert_eq!(tar_lines(&tar_of(b"0712346S5")), expected);
    }

    #[test]
    fn what_follows_the_end_of_a_tar_is_refused_unless_zero() {
        let two = vec![Ok(b"first".to_vec()), Ok(b"second!".to_vec())];
        let tar = tar_bytes();
        assert_eq!(tar_lines(&[&tar[..], &[0; 40_000]].concat()), two);
        assert_eq!(tar_lines(&[&tar[..], &tar].concat()), [two, vec![Err("archive")]].concat());
    }

    #[test]
    fn a_tar_that_is_cut_keeps_its_whole_members() {
        // Two members, each a header of 512 and a block of 512, then the end marker of two blocks.
        let (first, second, cut) = (Ok(b"first".to_vec()), Ok(b"second!".to_vec()), Err("truncated"));
        let tar = tar_bytes();
        for (length, expected) in [
            (514, vec![cut.clone()]),
            (1024, vec![first.clone(), cut.clone()]),
            (1100, vec![first.clone(), cut.clone()]),
            (1540, vec![first.clone(), cut.clone()]),
            (1600, vec![first.clone(), second.clone(), cut.clone()]),
            (2048, vec![first.clone(), second.clone(), cut]),
            (2560, vec![first, second]),
        ] {
            assert_eq!(tar_lines(&tar[..length]), expected, "{length}");
        }
    }

    #[test]
    fn members_of_one_name_in_a_zip_are_counted() {
        let mut zip = zip_bytes();
        // `two` becomes a second `one`, in its own header and in the directory.
        for at in 0..zip.len() - 3 {
            if &zip[at..at + 3] == b"two" {
                zip[at..at + 3].copy_from_slice(b"one");
            }
        }
        assert_eq!(lines("a.zip", &zip), [Ok(b"second!".to_vec()), Err("archive")]);
    }

    #[test]
    fn a_link_in_a_zip_is_refused() {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        zip.add_directory("folder", options).unwrap();
        zip.add_symlink("link", "one", options).unwrap();
        zip.start_file("one", options).unwrap();
        zip.write_all(b"first").unwrap();
        let zip = zip.finish().unwrap().into_inner();
        assert_eq!(lines("a.zip", &zip), [Err("archive"), Ok(b"first".to_vec())]);
    }

    #[test]
    fn a_gzip_is_planned_with_the_size_it_unpacks_to() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.gz");
        let size = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            members(&path, ArchiveKind::Gzip).unwrap()[0].1
        };
        let zeros = gzip(&vec![0; 3_000_000]);
        assert_eq!(size(&zeros), 3_000_000);
        // The empty last member hides the first: 1032 times the packed bytes hold it.
        let two = [zeros, gzip(b"")].concat();
        assert!(size(&two) >= 3_000_000 && size(&two) <= 1032 * two.len() as u64);
        // Four bytes of 255 say 4 GiB: never more than the packed bytes can be, nor than a member may be.
        assert_eq!(size(&[0xff; 500]), 500 * 1032);
        assert_eq!(size(&vec![0xff; 2 << 20]), MAX_MEMBER_BYTES);
    }
}
