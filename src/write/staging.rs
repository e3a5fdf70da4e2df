//! The folder in which a part, or the finish, makes its files before they get their names: one process at a time, and
//! nothing in it outlives the next try.

use super::files::{Access, Durability, OutFile, Staged, TEMPORARY, io_fault};
use crate::error::{Fault, Result};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// What to do if another process works on the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    /// Say so: a Config fault.
    Refuse,
    /// Wait until it has ended.
    Wait,
}

#[cfg(unix)]
fn is_same_file(open: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |m: fs::Metadata| (m.dev(), m.ino());
    open.metadata().map(id).ok() == fs::metadata(path).map(id).ok()
}

#[cfg(not(unix))]
fn is_same_file(_: &File, path: &Path) -> bool {
    // Elsewhere an open file cannot be removed.
    path.exists()
}

/// A folder for unfinished files, `<root>/.tmp-<label>`, locked against a second process and emptied on opening; it
/// goes away with the value. After a kill it stays until the same work is begun again or the dataset is finished.
#[derive(Debug)]
pub struct Staging {
    root: PathBuf,
    folder: PathBuf,
    durability: Durability,
    scratches: AtomicU64,
    _lock: File,
}

impl Staging {
    /// Opens and empties the folder.
    pub fn open(root: &Path, label: &str, durability: Durability, busy: Busy) -> Result<Self> {
        let folder = root.join(format!("{TEMPORARY}{label}"));
        let lock_path = folder.join("lock");
        let shown = || folder.display().to_string();
        let fault = |e: io::Error| io_fault(&shown(), &e);
        // A process that ends removes the folder with its lock: who waited for that lock holds a lock on nothing and
        // tries again with a new folder. Each turn needs another process to have ended, so this comes to an end.
        let lock = loop {
            fs::create_dir_all(&folder).map_err(fault)?;
            let lock = match File::options().create(true).append(true).open(&lock_path) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                lock => lock.map_err(fault)?,
            };
            // A file system without locks is no reason to stop: the rename at the end is what keeps files whole.
            match (lock.try_lock(), busy) {
                (Err(TryLockError::WouldBlock), Busy::Refuse) => {
                    return Err(Fault::config("--out", "another voxmill is writing the same part", shown())
                        .remedy("wait for it, or give each process its own --shard"));
                }
                (Err(TryLockError::WouldBlock), Busy::Wait) => lock.lock().map_err(fault)?,
                _ => {}
            }
            if is_same_file(&lock, &lock_path) {
                break lock;
            }
        };
        for entry in fs::read_dir(&folder).map_err(fault)? {
            let path = entry.map_err(fault)?.path();
            if path != lock_path {
                fs::remove_file(&path).map_err(fault)?;
            }
        }
        Ok(Self { root: root.to_path_buf(), folder, durability, scratches: AtomicU64::new(0), _lock: lock })
    }

    /// Begins the file that will be `<root>/<name>`.
    pub fn file(&self, name: &str) -> Result<OutFile> {
        let temporary = self.folder.join(name.replace('/', "+"));
        OutFile::begin(name.to_owned(), temporary, self.root.join(name), self.durability, Access::Shared)
    }

    /// A file that is nobody's but this process': to be written and read again, gone with the folder.
    pub(super) fn scratch(&self) -> Result<File> {
        let path = self.folder.join(format!("scratch-{}", self.scratches.fetch_add(1, Ordering::Relaxed)));
        let opened = File::options().read(true).write(true).create_new(true).open(&path);
        opened.map_err(|e| io_fault(&path.display().to_string(), &e))
    }

    /// Begins, fills and closes the file that will be `<root>/<name>`.
    pub fn whole(&self, name: &str, bytes: &[u8]) -> Result<Staged> {
        let mut file = self.file(name)?;
        file.put(bytes)?;
        file.close()
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What cannot be removed is removed when the same work is begun again.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_lock_on_a_file_that_was_replaced_is_not_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let lock = File::create(&path).unwrap();
        assert!(is_same_file(&lock, &path));
        fs::remove_file(&path).unwrap();
        assert!(!is_same_file(&lock, &path));
        let _other = File::create(&path).unwrap();
        assert!(!is_same_file(&lock, &path));
    }

    #[test]
    fn who_waits_works_in_a_folder_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let first = Staging::open(folder.path(), "finish", Durability::Buffered, Busy::Wait).unwrap();
        let root = folder.path().to_path_buf();
        let second = std::thread::spawn(move || {
            let staging = Staging::open(&root, "finish", Durability::Buffered, Busy::Wait)?;
            staging.whole("b", b"second")?.publish()
        });
        first.whole("a", b"first").unwrap().publish().unwrap();
        drop(first);
        second.join().unwrap().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "a and b, no staging folder");
    }
}
