//! From what the user named to a sorted list of inputs; from an input to its bytes in `content`. Nothing is interpreted here.
//!
//! Paths are suspects (a folder is often called after its patient): [`Source`] prints without its path.

mod content;

pub use content::{HEAD_BYTES, Look, Skim, head, look, read, skim};

use super::{archive, codecs};
use crate::error::{Fault, Reason, Result};
use std::collections::BTreeSet;
use std::fmt;
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

/// What to list.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Paths of the command line: one that is not there is a fault of the request.
    pub typed: &'a [PathBuf],
    /// Paths of a list: one that is not there is a refused line.
    pub piped: &'a [PathBuf],
    /// Folders that are not entered, such as the output inside an input folder.
    pub exclude: &'a [PathBuf],
}

/// Lists files, folders (recursively, links followed, loops refused) and members of zip, gzip and tar archives, sorted
/// by path and member. A file that is reached by two paths (two spellings, a link) is one input, under the first path.
///
/// # Errors
/// A typed path that does not exist, or lies in an excluded folder, is a fault of the request; everything else that cannot be
/// read is a refused line.
pub fn list(wanted: &Wanted) -> Result<Vec<Listed>> {
    if let Some(input) = wanted.typed.iter().find(|input| !input.exists() && !input.is_symlink()) {
        return Err(Fault::config("INPUT", "no such file or folder", input.display().to_string()));
    }
    let exclude: Vec<PathBuf> = wanted.exclude.iter().map(|out| resolve(out)).collect();
    let excluded = |place: &Path| exclude.iter().any(|out| place.starts_with(out));
    if let Some(input) = wanted.typed.iter().find(|input| excluded(&resolve(input))) {
        let cause = "this lies in the output or in the private folder, where only this program puts files";
        return Err(Fault::config("INPUT", cause, input.display().to_string()).remedy("choose another --out"));
    }
    let (mut seen, mut listed, mut places) = (BTreeSet::new(), Vec::new(), Places::default());
    for input in wanted.typed.iter().chain(wanted.piped) {
        let mut walk = walkdir::WalkDir::new(input).follow_links(true).sort_by_file_name().into_iter();
        while let Some(entry) = walk.next() {
            match entry {
                Ok(entry) => {
                    let linked = entry.depth() == 0 || entry.path_is_symlink();
                    let place = if linked { resolve(entry.path()) } else { places.of(entry.path()) };
                    match entry.file_type().is_dir() {
                        true if excluded(&place) => walk.skip_current_dir(),
                        true if entry.depth() > 0 && is_ours(entry.path()) => {
                            walk.skip_current_dir();
                            if seen.insert(place) {
                                let cause = "a data set or private folder of this program, whose files are no inputs";
                                let fault = Fault::input(Reason::UnknownKind, "folder", cause);
                                let source = Source { path: entry.path().to_owned(), member: None, bytes: 0 };
                                listed.push(Listed { source, refused: Some(fault) });
                            }
                        }
                        false if !excluded(&place) => add_file(entry.path(), place, &mut seen, &mut listed),
                        _ => {}
                    }
                }
                Err(error) => {
                    let path = error.path().unwrap_or(input).to_owned();
                    let missing = error.io_error().is_some_and(|e| e.kind() == std::io::ErrorKind::NotFound);
                    let cause = if error.loop_ancestor().is_some() {
                        "a link leads back to a folder above it"
                    } else if missing {
                        "no such file or folder, or a link to none"
                    } else {
                        "the operating system did not let us look"
                    };
                    // The link itself, not what it leads to: that has its own lines.
                    if seen.insert(places.of(&path)) {
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

/// The one absolute path of a file, links and dots resolved; the path itself where there is no such file.
fn resolve(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Resolves paths that are no links themselves, one look at the file system per folder and not per file.
#[derive(Default)]
struct Places {
    folder: PathBuf,
    resolved: PathBuf,
}

impl Places {
    fn of(&mut self, path: &Path) -> PathBuf {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return resolve(path) };
        if folder.as_os_str().is_empty() {
            return resolve(Path::new(".")).join(name);
        }
        // Compared as spelled: `Path` takes `a/.` for `a`.
        if folder.as_os_str() != self.folder.as_os_str() {
            (self.folder, self.resolved) = (folder.to_owned(), resolve(folder));
        }
        self.resolved.join(name)
    }
}

fn add_file(path: &Path, place: PathBuf, seen: &mut BTreeSet<PathBuf>, listed: &mut Vec<Listed>) {
    if !seen.insert(place) {
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
        match codecs::guard::caught(|| archive::members(path, kind)) {
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

/// Whether a folder is a data set of this program, or the private folder of one: its tables would be read as tables of
/// people who have pseudonyms for ids.
fn is_ours(folder: &Path) -> bool {
    let card = || {
        let head = head(&folder.join("parts/run.json")).unwrap_or_default();
        head.windows(9).any(|window| window == b"\"voxmill ")
    };
    let private = || folder.extension().is_some_and(|end| end == "private") && folder.join("key").is_file();
    card() || private()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(typed: &[PathBuf], exclude: &[PathBuf]) -> Result<Vec<Listed>> {
        super::list(&Wanted { typed, piped: &[], exclude })
    }

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
    fn what_lies_in_the_output_is_no_input() {
        let dir = tempfile::tempdir().unwrap();
        let (root, out) = (dir.path().to_owned(), dir.path().join("in/out"));
        std::fs::create_dir_all(out.join("deep")).unwrap();
        std::fs::write(out.join("deep/x"), b"x").unwrap();
        std::fs::write(root.join("in/a"), b"a").unwrap();
        std::os::unix::fs::symlink(out.join("deep"), root.join("in/link")).unwrap();
        std::os::unix::fs::symlink(out.join("deep/x"), root.join("in/y")).unwrap();
        let exclude = [out.clone()];
        let piped = [root.join("in"), out.join("deep/x")];
        let listed = super::list(&Wanted { typed: &[root.join("in")], piped: &piped, exclude: &exclude }).unwrap();
        assert_eq!(listed.iter().map(|l| &l.source.path).collect::<Vec<_>>(), [&root.join("in/a")]);
        for typed in [out.clone(), out.join("deep"), out.join("deep/x"), root.join("in/link"), root.join("in/./out")] {
            let fault = list(&[typed], &exclude).unwrap_err();
            assert_eq!((fault.kind, fault.place), (crate::error::Kind::Config, "INPUT"));
        }
        // A folder whose name only begins like the output's is another one.
        std::fs::create_dir(root.join("in/output")).unwrap();
        assert!(list(&[root.join("in/output")], &exclude).unwrap().is_empty());
    }

    #[test]
    fn an_older_data_set_among_the_inputs_is_one_refusal() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for (name, text) in [
            ("old/parts/run.json", "{\"schema\":1,\"program\":\"voxmill 0.1.0\"}"),
            ("old/ehr/patients/0.parquet", "PAR1"),
            ("old.private/key", "00"),
            ("old.private/patients.csv", "id,birthdate,sex"),
            ("other/parts/run.json", "{\"program\":\"train\"}"),
            ("a.private/scan", "x"),
        ] {
            std::fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            std::fs::write(root.join(name), text).unwrap();
        }
        let listed = list(&[root.to_owned()], &[]).unwrap();
        let found: Vec<_> =
            listed.iter().map(|l| (l.source.path.strip_prefix(root).unwrap(), l.refused.is_some())).collect();
        let expected =
            [("a.private/scan", false), ("old", true), ("old.private", true), ("other/parts/run.json", false)];
        assert_eq!(found, expected.map(|(path, refused)| (Path::new(path), refused)));
        // Named itself it is what the user wants.
        assert_eq!(list(&[root.join("old")], &[]).unwrap().len(), 2);
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

    #[test]
    fn a_piped_path_that_is_not_there_is_a_refused_line() {
        let dir = tempfile::tempdir().unwrap();
        let (there, gone) = (dir.path().join("a"), dir.path().join("b"));
        std::fs::write(&there, b"x").unwrap();
        let piped = [gone.clone(), there, gone];
        let listed = super::list(&Wanted { typed: &[], piped: &piped, exclude: &[] }).unwrap();
        let refused: Vec<_> = listed.iter().map(|line| line.refused.as_ref().map(|fault| fault.reason)).collect();
        assert_eq!(refused, [None, Some(Reason::Unreadable)]);
    }

    #[test]
    fn a_file_by_any_spelling_is_one_input() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        std::fs::create_dir_all(root.join("in/folder")).unwrap();
        std::fs::write(root.join("in/folder/b"), b"x").unwrap();
        std::os::unix::fs::symlink(root.join("in/folder/b"), root.join("in/c")).unwrap();
        std::os::unix::fs::symlink("folder", root.join("in/again")).unwrap();
        std::os::unix::fs::symlink("nowhere", root.join("in/dangling")).unwrap();
        let spelled = ["in/./folder/../folder/b", "in", "in/.", "in/folder", "in/c"].map(|path| root.join(path));
        let listed = list(&spelled, &[]).unwrap();
        let mut expected = [spelled[0].as_os_str(), root.join("in/dangling").as_os_str()].map(|path| path.to_owned());
        expected.sort();
        let mut paths: Vec<_> = listed.iter().map(|line| line.source.path.as_os_str().to_owned()).collect();
        paths.sort();
        assert_eq!(paths, expected);
        // Without the first spelling, the first in the order of the walk.
        let listed = list(&spelled[1..], &[]).unwrap();
        assert_eq!(listed[0].source.path.as_os_str(), root.join("in/again/b").as_os_str());
    }

    #[test]
    fn the_output_is_left_out_by_any_spelling() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("set")).unwrap();
        std::fs::write(dir.path().join("set/old"), b"x").unwrap();
        std::fs::write(dir.path().join("a"), b"x").unwrap();
        std::os::unix::fs::symlink("set", dir.path().join("link")).unwrap();
        for out in ["set", "./set/", "link", "set/../link/."] {
            let listed = list(&[dir.path().join(".")], &[dir.path().join(out), PathBuf::from("/no/such")]).unwrap();
            let names: Vec<_> = listed.iter().map(|line| line.source.path.file_name().unwrap()).collect();
            assert_eq!(names, ["a"], "{out}");
        }
    }

    #[test]
    fn a_file_called_like_an_archive_is_a_file() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a.gz", "b.tar", "c.zip"] {
            std::fs::write(dir.path().join(name), b"patient_id\n1\n").unwrap();
        }
        let listed = list(&[dir.path().to_owned()], &[]).unwrap();
        assert_eq!(listed.len(), 3);
        for line in listed {
            assert_eq!((line.source.member, line.source.bytes, line.refused.clone()), (None, 13, None));
            assert_eq!(read(&line.source).unwrap(), b"patient_id\n1\n");
        }
    }
}
