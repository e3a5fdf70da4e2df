//! Whether a file is an archive, and of which form: its first bytes decide, its name only says where to look. A folder of
//! a million images is so listed without opening each; an archive under another name is refused as of no known kind.

use super::ArchiveKind;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A tar header, and as much of any file as is looked at.
const BLOCK: usize = 512;

/// The form of an archive: `None` for a file that is not called like one or is none. A zip may begin with other bytes
/// (a program that unpacks it), so a file called `.zip` also is one if its directory can be read.
pub fn kind(path: &Path) -> Option<ArchiveKind> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let ends = |end: &[&str]| end.iter().any(|end| name.ends_with(end));
    if !ends(&[".zip", ".gz", ".tgz", ".tar"]) {
        return None;
    }
    let start = block(File::open(path).ok()?);
    if start.get(128..132) == Some(b"DICM") {
        None
    } else if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
        Some(ArchiveKind::Zip)
    } else if start.starts_with(&[0x1f, 0x8b]) {
        let inner = block(MultiGzDecoder::new(File::open(path).ok()?));
        let tar = is_tar(&inner) || ends(&[".tar.gz", ".tgz"]) && is_zeros(&inner);
        Some(if tar { ArchiveKind::TarGzip } else { ArchiveKind::Gzip })
    } else if is_tar(&start) || ends(&[".tar"]) && is_zeros(&start) {
        Some(ArchiveKind::Tar)
    } else {
        (ends(&[".zip"]) && super::open_zip(path).is_ok()).then_some(ArchiveKind::Zip)
    }
}

/// Whether bytes begin like an archive of any form.
pub fn looks_like(start: &[u8]) -> bool {
    start.starts_with(b"PK\x03\x04") || start.starts_with(&[0x1f, 0x8b]) || is_tar(start.get(..BLOCK).unwrap_or(start))
}

/// The first block, or as much as can be read of it.
fn block(from: impl Read) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(BLOCK);
    // Bytes that came before a read failed still tell; none at all are no archive.
    let _ = from.take(BLOCK as u64).read_to_end(&mut bytes);
    bytes
}

/// POSIX pax interchange format: `ustar` at 257; before it, only the sum of the header's bytes, in octal at 148, tells.
fn is_tar(block: &[u8]) -> bool {
    if block.len() != BLOCK || is_zeros(block) {
        return false;
    }
    let mut header = tar::Header::new_old();
    header.as_mut_bytes().copy_from_slice(block);
    let sum: u32 =
        block.iter().enumerate().map(|(at, b)| if (148..156).contains(&at) { 32 } else { u32::from(*b) }).sum();
    block.get(257..262) == Some(b"ustar") || header.cksum().is_ok_and(|said| said == sum)
}

/// A tar without members is zeros only.
fn is_zeros(block: &[u8]) -> bool {
    block.len() == BLOCK && block.iter().all(|byte| *byte == 0)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{gzip, tar_bytes, zip_bytes};
    use super::*;

    #[test]
    fn the_first_bytes_decide_and_not_the_name() {
        let dir = tempfile::tempdir().unwrap();
        let mut dicom = vec![0; 128];
        dicom.extend_from_slice(b"DICM\x02\0");
        dicom.resize(700, 0);
        // The preamble is free for other forms' use (PS3.10 7.1); the object is what counts.
        let dual = [b"PK\x03\x04", &dicom[4..]].concat();
        let csv = b"patient_id,age\n1,2\n".to_vec();
        let mut v7 = tar_bytes();
        v7[257..265].fill(0); // without `ustar`, by its sum alone: a header before POSIX
        let sum: u32 =
            v7[..512].iter().enumerate().map(|(at, b)| if (148..156).contains(&at) { 32 } else { u32::from(*b) }).sum();
        v7[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let unpacker = [b"#!/bin/sh\n".to_vec(), zip_bytes()].concat();
        let (zip, gz, tar, tgz) = (ArchiveKind::Zip, ArchiveKind::Gzip, ArchiveKind::Tar, ArchiveKind::TarGzip);
        let cases: [(&str, &[u8], Option<ArchiveKind>); 18] = [
            ("a.gz", &dicom, None),
            ("a.tar", &dicom, None),
            ("a.zip", &dicom, None),
            ("dual.zip", &dual, None),
            ("b.tgz", &csv, None),
            ("b.zip", &csv, None),
            ("b.tar", &csv, None),
            ("b.gz", b"", None),
            ("c.GZ", &gzip(&dicom), Some(gz)),
            ("c.tgz", &gzip(&dicom), Some(gz)),
            ("c.dcm", &gzip(&dicom), None),
            ("d.zip", &gzip(&tar_bytes()), Some(tgz)),
            ("d.gz", &gzip(&tar_bytes()), Some(tgz)),
            ("e.gz", &tar_bytes(), Some(tar)),
            ("e.tar", &v7, Some(tar)),
            ("f.tar", &[0; 1024], Some(tar)),
            ("g.tar", &zip_bytes(), Some(zip)),
            ("h.zip", &unpacker, Some(zip)),
        ];
        for (name, bytes, expected) in cases {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(kind(&path), expected, "{name}");
        }
    }
}
