//! From what the user named to a sorted list of inputs, and from an input to its bytes. Nothing is interpreted here.
//!
//! Paths are suspects (a folder is often called after its patient): [`Source`] prints without its path.

use super::archive;
use crate::error::{Fault, Reason, Result};
use std::collections::BTreeSet;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Files above this are refused: one input is held in memory as a whole.
pub const MAX_INPUT_BYTES: u64 = 4 << 30;

/// Where one input lies: a file, or a member of an archive file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The file.
    pub path: PathBuf,
    /// The member of it, if the file is an archive.
    pub member: Option<archive::Member>,
    /// Size in bytes as the file system or the archive's directory says.
    pub bytes: u64,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source {{ bytes: {} }}", self.bytes)
    }
}

/// One line of the list: an input to read, or one that cannot be read and must still be counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Where it is.
    pub source: Source,
    /// Why it cannot be read, if that is known already.
    pub refused: Option<Fault>,
}

/// Lists files, folders (recursively, links followed, loops refused) and members of `.zip`, `.gz`, `.tar`, `.tgz`
/// archives, sorted by path and member, each once.
///
/// # Errors
/// A path that the user named and that does not exist is a fault of the request; everything found inside a folder
/// that cannot be read becomes a refused line.
pub fn list(inputs: &[PathBuf], exclude: &[PathBuf]) -> Result<Vec<Listed>> {
    let mut seen = BTreeSet::new();
    let mut listed = Vec::new();
    for input in inputs {
        if !input.exists() && !input.is_symlink() {
            let name = input.display().to_string();
            return Err(Fault::config("INPUT", "no such file or folder", name));
        }
        let walk = walkdir::WalkDir::new(input).follow_links(true).sort_by_file_name();
        let entries = walk.into_iter().filter_entry(|entry| !exclude.iter().any(|out| entry.path() == out));
        for entry in entries {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) => add_file(entry.path(), &mut seen, &mut listed),
                Err(error) => {
                    let path = error.path().unwrap_or(input).to_owned();
                    let cause = if error.loop_ancestor().is_some() {
                        "a link leads back to a folder above it"
                    } else {
                        "the operating system did not let us look"
                    };
                    if seen.insert(path.clone()) {
                        let source = Source { path, member: None, bytes: 0 };
                        let fault = Fault::input(Reason::Unreadable, "file", cause);
                        listed.push(Listed { source, refused: Some(fault) });
                    }
                }
            }
        }
    }
    listed.sort_by(|a, b| a.source.cmp(&b.source));
    Ok(listed)
}

fn add_file(path: &Path, seen: &mut BTreeSet<PathBuf>, listed: &mut Vec<Listed>) {
    if !seen.insert(path.to_owned()) {
        return;
    }
    let refuse =
        |bytes, fault| Listed { source: Source { path: path.to_owned(), member: None, bytes }, refused: Some(fault) };
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(_) => {
            let fault = Fault::input(Reason::Unreadable, "file", "the operating system did not let us look");
            listed.push(refuse(0, fault));
            return;
        }
    };
    let bytes = metadata.len();
    if !metadata.is_file() {
        listed.push(refuse(0, Fault::input(Reason::Unreadable, "file", "neither a file nor a folder")));
    } else if bytes > MAX_INPUT_BYTES {
        let fault = Fault::input(Reason::TooLarge, "file", "larger than one input may be");
        listed.push(refuse(bytes, fault.number("limit", MAX_INPUT_BYTES).number("found", bytes)));
    } else if let Some(kind) = archive::kind(path) {
        match archive::members(path, kind) {
            Ok(members) if members.is_empty() => {
                listed.push(refuse(bytes, Fault::input(Reason::Empty, "archive", "an archive without files")));
            }
            Ok(members) => listed.extend(members.into_iter().map(|(member, bytes, refused)| Listed {
                source: Source { path: path.to_owned(), member: Some(member), bytes },
                refused,
            })),
            Err(fault) => listed.push(refuse(bytes, fault)),
        }
    } else {
        listed.push(Listed { source: Source { path: path.to_owned(), member: None, bytes }, refused: None });
    }
}

/// The bytes of one input, read once.
///
/// # Errors
/// Unreadable, empty, or larger than [`MAX_INPUT_BYTES`] when read.
pub fn read(source: &Source) -> Result<Vec<u8>> {
    let bytes = match &source.member {
        Some(member) => archive::read(&source.path, member)?,
        None => {
            let unreadable =
                |_| Fault::input(Reason::Unreadable, "file", "the operating system did not let us read it");
            let file = std::fs::File::open(&source.path).map_err(unreadable)?;
            let mut bytes = Vec::with_capacity(usize::try_from(source.bytes.min(MAX_INPUT_BYTES)).unwrap_or(0) + 1);
            file.take(MAX_INPUT_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
            bytes
        }
    };
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
    fn a_folder_is_listed_sorted_and_loops_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("b")).unwrap();
        std::fs::write(dir.path().join("b/2"), b"two").unwrap();
        std::fs::write(dir.path().join("a"), b"").unwrap();
        std::os::unix::fs::symlink(dir.path(), dir.path().join("b/loop")).unwrap();
        let listed = list(&[dir.path().to_owned(), dir.path().join("a")], &[]).unwrap();
        // a, b/2 and the loop: three lines, `a` once though named twice.
        assert_eq!(listed.len(), 3);
        assert_eq!(read(&listed[0].source).unwrap_err().reason, Reason::Empty);
        assert_eq!(read(&listed[1].source).unwrap(), b"two");
        assert_eq!(listed[2].refused.as_ref().unwrap().reason, Reason::Unreadable);
        assert!(!format!("{listed:?}").contains("loop\""), "paths do not print");
    }

    #[test]
    fn a_path_that_is_not_there_is_the_users_fault() {
        let fault = list(&[PathBuf::from("/no/such/place")], &[]).unwrap_err();
        assert_eq!(fault.kind, crate::error::Kind::Config);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn names_that_are_not_utf8_are_inputs_like_others() {
        use std::os::unix::ffi::OsStrExt;
        let dir = tempfile::tempdir().unwrap();
        let name = std::ffi::OsStr::from_bytes(b"caf\xe9.dcm");
        std::fs::write(dir.path().join(name), b"x").unwrap();
        let listed = list(&[dir.path().to_owned()], &[]).unwrap();
        assert_eq!((listed.len(), read(&listed[0].source).unwrap()), (1, b"x".to_vec()));
    }
}
