//! The private directory: where the key lives and what undoes the de-identification goes. Nothing in the data set needs it.

use crate::deid::key::Key;
use crate::deid::private::Recipient;
use crate::error::{Fault, Result};
use crate::write::files;
use crate::write::private as write_private;
use std::path::{Path, PathBuf};

/// The environment variable that may hold the key.
pub const KEY_VARIABLE: &str = "VOXMILL_KEY";

/// The private directory of a run.
pub struct Private {
    /// The folder, mode 0700.
    pub dir: PathBuf,
    /// The key of the data set.
    pub key: Key,
}

impl Private {
    /// Makes the folder if needed and finds the key: `key_file`, else VOXMILL_KEY, else the one in the folder, else a
    /// new one that is kept there.
    pub fn open(dir: PathBuf, key_file: Option<&Path>) -> Result<Self> {
        write_private::folder(&dir)?;
        let key = find_key(&dir, key_file)?;
        Ok(Self { dir, key })
    }

    /// Seals the finished maps, if somebody is there to seal to.
    pub fn seal(&self, recipient: Option<&Recipient>) -> Result<()> {
        recipient.map_or(Ok(()), |recipient| write_private::seal(&self.dir, recipient))
    }
}

/// The key that the user gives: `key_file`, else VOXMILL_KEY, else none.
pub fn given_key(key_file: Option<&Path>) -> Result<Option<Key>> {
    if let Some(path) = key_file {
        let bytes = std::fs::read(path).map_err(|error| {
            Fault::config("--key-file", "the key cannot be read", format!("{}: {error}", path.display()))
        })?;
        return Key::parse(&bytes).map(Some);
    }
    std::env::var_os(KEY_VARIABLE).map(|text| Key::parse(text.as_encoded_bytes())).transpose()
}

/// The key of a data set that is there: the given one, else that of the private folder `dir`, if any.
pub fn existing_key(dir: &Path, key_file: Option<&Path>) -> Result<Option<Key>> {
    match given_key(key_file)? {
        None if dir.join("key").exists() => find_key(dir, None).map(Some),
        given => Ok(given),
    }
}

fn find_key(dir: &Path, key_file: Option<&Path>) -> Result<Key> {
    if let Some(key) = given_key(key_file)? {
        return Ok(key);
    }
    let path = dir.join("key");
    if !path.exists() {
        if dir.join("key.age").exists() {
            return Err(Fault::config("key", "the key of this folder is sealed", dir.display().to_string())
                .remedy("open it with: age -d -i IDENTITY key.age > key, and give it with --key-file"));
        }
        // Two shards may get here at once: the first one's key is everybody's key.
        write_private::create_once(&path, Key::generate()?.to_file_text().as_bytes())?;
    }
    let bytes = std::fs::read(&path).map_err(|error| files::io_fault(&path.display().to_string(), &error))?;
    Key::parse(&bytes)
}

/// The default place: `<out>.private`, beside the data set. Names such as `.` are resolved first.
pub fn default_place(out: &Path) -> PathBuf {
    let whole = match out.file_name() {
        Some(_) => out.to_owned(),
        None => std::fs::canonicalize(out).unwrap_or_else(|_| out.to_owned()),
    };
    let mut name = whole.file_name().unwrap_or_default().to_owned();
    name.push(".private");
    whole.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_kept_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let dir = default_place(&folder.path().join("set"));
        assert!(dir.ends_with("set.private"));
        let first = Private::open(dir.clone(), None).unwrap();
        let again = Private::open(dir.clone(), None).unwrap();
        assert_eq!(first.key.mac("x", &[]), again.key.mac("x", &[]));
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&dir), mode(&dir.join("key"))), (0o700, 0o600));
    }
}
