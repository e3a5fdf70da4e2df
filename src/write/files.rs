//! Where every file of the program is made: under a temporary name, buffered, hashed while it is written, flushed and
//! renamed. What is in the files is decided elsewhere.
//!
//! Files of a part or of the finish are made in a [`Staging`] folder inside the dataset, so that a rename never
//! crosses a file system; single files are made beside their target.

pub use super::staging::{Busy, Staging};
use crate::error::{Fault, Result};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Prefix of everything that is not finished.
pub const TEMPORARY: &str = ".tmp-";

/// Whether a file must be on the disk before it gets its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Durability {
    /// The operating system writes it when it likes: safe against a killed run, not against a power cut.
    #[default]
    Buffered,
    /// fsync of the file before the rename and of its folder after it.
    Synced,
}

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Access {
    /// As the process' umask says.
    #[default]
    Shared,
    /// The owner alone (mode 0600): keys and maps.
    Private,
}

/// What is known of a finished file.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FileReceipt {
    /// Path relative to the dataset directory, with `/`.
    pub name: String,
    /// Length.
    pub bytes: u64,
    /// SHA-256 in lower-case hex.
    pub sha256: String,
}

/// Turns an error of the operating system into a fault that says what to do. `name` is a path the user gave or a name
/// this program made, never an input's.
pub fn io_fault(name: &str, error: &io::Error) -> Fault {
    let detail = format!("{name}: {error}");
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            Fault::environment("output", "no space left for the output", detail)
                .remedy("free space, then run the same command again: finished parts are kept")
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            Fault::environment("output", "not allowed to write the output", detail)
                .remedy("choose another --out or change its permissions")
        }
        io::ErrorKind::NotFound => Fault::environment("output", "a file or folder of the output is missing", detail)
            .remedy("make the folder; or, if something else removed it, run the same command again"),
        _ => Fault::environment("output", "the output could not be written or read", detail)
            .remedy("check the disk, then run the same command again"),
    }
}

/// The SHA-256 in lower-case hex.
pub fn hex(digest: &[u8]) -> String {
    use std::fmt::Write;
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// SHA-256 and length of what a reader gives, in constant memory.
pub fn digest_of(mut reader: impl Read) -> io::Result<(u64, String)> {
    let mut sha = Sha256::new();
    let mut bytes = 0;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n = reader.read(&mut buffer)?;
        if n == 0 {
            return Ok((bytes, hex(&sha.finalize())));
        }
        sha.update(&buffer[..n]);
        bytes += n as u64;
    }
}

/// A file that is being written under its temporary name. Left unclosed, it never gets its final name.
#[derive(Debug)]
pub struct OutFile {
    name: String,
    temporary: PathBuf,
    target: PathBuf,
    writer: BufWriter<File>,
    sha: Sha256,
    bytes: u64,
    patched: bool,
    durability: Durability,
}

impl OutFile {
    /// Begins a single file beside its target: for what is not part of a dataset.
    pub fn beside(target: &Path, access: Access, durability: Durability) -> Result<Self> {
        let name = target.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if name.is_empty() {
            return Err(Fault::config("--out", "this is not the name of a file", target.display().to_string()));
        }
        // A rename would put a file in the place of a device, a pipe or a folder.
        if fs::metadata(target).is_ok_and(|there| !there.is_file()) {
            return Err(Fault::config(
                "--out",
                "something that is not a file has this name",
                target.display().to_string(),
            ));
        }
        let temporary = target.with_file_name(format!("{TEMPORARY}{}-{name}", std::process::id()));
        Self::begin(target.display().to_string(), temporary, target.to_path_buf(), durability, access)
    }

    pub(super) fn begin(
        name: String,
        temporary: PathBuf,
        target: PathBuf,
        durability: Durability,
        access: Access,
    ) -> Result<Self> {
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(true);
        #[cfg(unix)]
        if access == Access::Private {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        let file = options.open(&temporary).map_err(|e| io_fault(&name, &e))?;
        let writer = BufWriter::with_capacity(1 << 16, file);
        Ok(Self { name, temporary, target, writer, sha: Sha256::new(), bytes: 0, patched: false, durability })
    }

    /// Bytes written so far: the offset of the next one.
    pub fn position(&self) -> u64 {
        self.bytes
    }

    /// The name in the dataset.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Writes all of it.
    pub fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.write_all(bytes).map_err(|e| io_fault(&self.name, &e))
    }

    /// Writes over the first bytes, for headers that hold a count. They must have been written before.
    pub fn patch_front(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.len() as u64 > self.bytes {
            return Err(Fault::bug("write/files", "a header longer than the file"));
        }
        self.patched = true;
        let writer = &mut self.writer;
        let mut patch = || {
            writer.seek(SeekFrom::Start(0))?;
            writer.write_all(bytes)?;
            writer.seek(SeekFrom::End(0)).map(|_| ())
        };
        patch().map_err(|e| io_fault(&self.name, &e))
    }

    /// Flushes, and syncs if asked; the file still has its temporary name.
    pub fn close(mut self) -> Result<Staged> {
        let fault = |e: io::Error| io_fault(&self.name, &e);
        self.writer.flush().map_err(fault)?;
        let mut file = self.writer.into_inner().map_err(|e| fault(e.into_error()))?;
        if self.durability == Durability::Synced {
            file.sync_all().map_err(fault)?;
        }
        let sha256 = if self.patched {
            file.seek(SeekFrom::Start(0)).map_err(fault)?;
            digest_of(&mut file).map_err(fault)?.1
        } else {
            hex(&self.sha.finalize())
        };
        let receipt = FileReceipt { name: self.name, bytes: self.bytes, sha256 };
        Ok(Staged { receipt, temporary: self.temporary, target: self.target, durability: self.durability })
    }
}

impl Write for OutFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.writer.write(bytes)?;
        self.sha.update(&bytes[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// A complete file that waits for its name.
#[derive(Debug)]
pub struct Staged {
    receipt: FileReceipt,
    temporary: PathBuf,
    target: PathBuf,
    durability: Durability,
}

impl Staged {
    /// What is known of it.
    pub fn receipt(&self) -> &FileReceipt {
        &self.receipt
    }

    /// Where its bytes are until it has its name.
    pub fn place(&self) -> &Path {
        &self.temporary
    }

    /// Gives it its name, replacing what had it.
    pub fn publish(self) -> Result<FileReceipt> {
        let fault = |e: io::Error| io_fault(&self.receipt.name, &e);
        let folder = self.target.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let renamed = match fs::rename(&self.temporary, &self.target) {
            // The first file of a folder.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(folder).map_err(fault)?;
                fs::rename(&self.temporary, &self.target)
            }
            renamed => renamed,
        };
        renamed.map_err(fault)?;
        if self.durability == Durability::Synced {
            File::open(folder).and_then(|f| f.sync_all()).map_err(fault)?;
        }
        Ok(self.receipt)
    }
}

/// Makes one whole file: temporary name beside the target, rename.
pub fn put(target: &Path, bytes: &[u8], access: Access) -> Result<FileReceipt> {
    let mut file = OutFile::beside(target, access, Durability::Buffered)?;
    file.put(bytes)?;
    file.close()?.publish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn out_file(path: &Path) -> OutFile {
        OutFile::begin("x".into(), path.into(), path.into(), Durability::Buffered, Access::Shared).unwrap()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_the_machines_fault_and_says_what_to_do() {
        // /dev/full takes no byte: ENOSPC, as a full disk says.
        let mut file = out_file(Path::new("/dev/full"));
        let fault = file.put(&[0; 1 << 17]).and_then(|()| file.close().map(|_| ())).unwrap_err();
        assert_eq!((fault.kind, fault.cause), (Kind::Environment, "no space left for the output"));
        assert!(fault.remedy.contains("free space"));
    }

    #[test]
    fn what_is_not_a_file_is_not_replaced_by_one() {
        let folder = tempfile::tempdir().unwrap();
        let fault = put(folder.path(), b"x", Access::Shared).unwrap_err();
        assert_eq!(fault.kind, Kind::Config);
        assert!(folder.path().is_dir());
    }

    #[test]
    fn faults_of_the_machine_are_told_apart() {
        let cause = |kind| io_fault("x", &io::Error::from(kind)).cause;
        assert_eq!(cause(io::ErrorKind::PermissionDenied), "not allowed to write the output");
        assert_eq!(cause(io::ErrorKind::QuotaExceeded), "no space left for the output");
        assert_eq!(cause(io::ErrorKind::NotFound), "a file or folder of the output is missing");
    }

    #[test]
    fn a_patched_file_has_the_hash_of_what_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let staging = Staging::open(folder.path(), "t", Durability::Synced, Busy::Refuse).unwrap();
        let mut file = staging.file("a/b.txt").unwrap();
        file.put(b"xxx").unwrap();
        file.put(b"def").unwrap();
        file.patch_front(b"abc").unwrap();
        assert!(!folder.path().join("a").exists());
        let receipt = file.close().unwrap().publish().unwrap();
        // printf abcdef | sha256sum
        let sha256 = "bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721";
        assert_eq!(receipt, FileReceipt { name: "a/b.txt".into(), bytes: 6, sha256: sha256.into() });
        assert_eq!(fs::read(folder.path().join("a/b.txt")).unwrap(), b"abcdef");
        drop(staging);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the staging folder is gone");
    }

    #[cfg(unix)]
    #[test]
    fn a_private_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        put(&path, b"secret", Access::Private).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary name is left");
    }

    #[test]
    fn an_unclosed_file_never_gets_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.npy");
        OutFile::beside(&path, Access::Shared, Durability::Buffered).unwrap().put(b"half").unwrap();
        assert!(!path.exists());
    }
}
