//! Files that hold others or have a header: tar, gzip, npy, safetensors. Names of members and all fields of their headers
//! count; elements of arrays do not.

use super::{At, Said, Sink, content};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes of one member that are looked at.
const MOST_MEMBER: u64 = 256 << 20;

pub(super) fn tar(path: &Path, sink: &mut Sink<'_>) -> Option<()> {
    let mut archive = ::tar::Archive::new(File::open(path).ok()?);
    let mut end = 0;
    for (number, entry) in (0..).zip(archive.entries_with_seek().ok()?) {
        let mut entry = entry.ok()?;
        let at = At::of("member", number);
        let name = entry.path_bytes().into_owned();
        sink(&at, None, Said::Bytes(&name));
        entry.link_name_bytes().iter().for_each(|link| sink(&at, None, Said::Bytes(link)));
        let header = entry.header();
        let fields = [header.username_bytes(), header.groupname_bytes(), header.as_bytes().get(345..)];
        fields.into_iter().flatten().for_each(|field| sink(&at, None, Said::Bytes(field)));
        end = entry.raw_file_position() + entry.size().next_multiple_of(512);
        let mut bytes = Vec::new();
        if name.ends_with(b".npy") {
            (&mut entry).take(1 << 16).read_to_end(&mut bytes).ok()?;
            npy_header(&bytes, &at, sink);
        } else {
            (&mut entry).take(MOST_MEMBER).read_to_end(&mut bytes).ok()?;
            content(&bytes, &mut |inner, person, said| sink(&at.named(&inner.name), person, said));
        }
    }
    // Two blocks of zeros end an archive; what stands behind them is no member.
    let mut file = File::open(path).ok()?;
    file.seek(SeekFrom::Start(end)).ok()?;
    let mut rest = Vec::new();
    file.take(MOST_MEMBER).read_to_end(&mut rest).ok()?;
    if rest.iter().any(|b| *b != 0) {
        sink(&At::default(), None, Said::Bytes(&rest));
    }
    Some(())
}

pub(super) fn gzip(bytes: &[u8], sink: &mut Sink<'_>) -> Option<()> {
    let mut inside = Vec::new();
    let mut decoder = flate2::read::MultiGzDecoder::new(bytes);
    // The header may hold the name of the file that was packed.
    sink(&At::default(), None, Said::Bytes(bytes.get(..bytes.len().min(512))?));
    (&mut decoder).take(MOST_MEMBER).read_to_end(&mut inside).ok()?;
    content(&inside, sink);
    Some(())
}

pub(super) fn npy(path: &Path, sink: &mut Sink<'_>) -> Option<()> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(1 << 17).read_to_end(&mut bytes).ok()?;
    npy_header(&bytes, &At::default(), sink)
}

/// The header's text; the elements behind it are numbers.
pub(super) fn npy_header(bytes: &[u8], at: &At, sink: &mut Sink<'_>) -> Option<()> {
    let (length, from): (usize, usize) = match *bytes {
        [_, _, _, _, _, _, 1, _, a, b, ..] => (usize::from(u16::from_le_bytes([a, b])), 10),
        [_, _, _, _, _, _, _, _, a, b, c, d, ..] => (u32::from_le_bytes([a, b, c, d]) as usize, 12),
        _ => return None,
    };
    sink(at, None, Said::Bytes(bytes.get(from..from.checked_add(length)?)?));
    Some(())
}

pub(super) fn safetensors(path: &Path, sink: &mut Sink<'_>) -> Option<()> {
    let mut file = File::open(path).ok()?;
    let mut length = [0; 8];
    file.read_exact(&mut length).ok()?;
    let length = u64::from_le_bytes(length);
    if length > MOST_MEMBER {
        return None;
    }
    let mut header = Vec::new();
    file.take(length).read_to_end(&mut header).ok()?;
    content(&header, sink);
    Some(())
}
