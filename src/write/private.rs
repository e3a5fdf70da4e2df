//! The files of the private directory: key, patients.csv, uids.csv, inputs.csv. They undo the de-identification, are
//! readable by their owner alone (folder 0700, files 0600) and are never needed to use the data set.
//!
//! Each part leaves its lines under `parts/`; when all parts are there they are merged, sorted, each line once.

use super::files::{self, Access, io_fault};
use super::part::PartId;
use crate::deid::private::{ENDING, PrivateCsv, Recipient, quoted};
use crate::error::Result;
use std::fs;
use std::io::Write;
use std::path::Path;

/// One input, for inputs.csv.
#[derive(Clone, Debug)]
pub struct InputLine {
    /// Place in the sorted list of inputs.
    pub ordinal: u64,
    /// Path, with `!` and the member's number if it lies in an archive.
    pub path: String,
    /// SHA-256 of the bytes; empty if they could not be read.
    pub sha256: String,
    /// The keyed digest that the data set shows.
    pub source_digest: String,
    /// `written`, `refused` or `skipped`.
    pub outcome: &'static str,
    /// Reason code; empty if written whole.
    pub reason: &'static str,
}

const MAPS: [(&str, &str); 3] = [
    ("patients", "id_old,id_new"),
    ("uids", "id_old,id_new"),
    ("inputs", "ordinal,path,sha256,source_digest,outcome,reason"),
];

/// Makes the folder, for its owner alone.
pub fn folder(dir: &Path) -> Result<()> {
    let fault = |error: std::io::Error| io_fault(&dir.display().to_string(), &error);
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        builder.mode(0o700);
        builder.create(dir).map_err(fault)?;
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).map_err(fault)
    }
    #[cfg(not(unix))]
    builder.create(dir).map_err(fault)
}

/// Makes a file unless it is there: of several processes that try at once, one wins and its file is whole.
pub fn create_once(path: &Path, bytes: &[u8]) -> Result<()> {
    let fault = |error: std::io::Error| io_fault(&path.display().to_string(), &error);
    let temporary = path.with_extension(format!("{}{}", files::TEMPORARY.trim_end_matches('-'), std::process::id()));
    let mut options = fs::File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary).map_err(fault)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(fault)?;
    let linked = fs::hard_link(&temporary, path);
    let _ = fs::remove_file(&temporary);
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(fault(error)),
        _ => Ok(()),
    }
}

/// Leaves one part's lines. Called before the part is committed, so that no data set exists without its maps.
pub fn put_part(dir: &Path, part: PartId, maps: &PrivateCsv, inputs: &[InputLine]) -> Result<()> {
    let lines = dir.join("parts");
    folder(&lines)?;
    let mut table = format!("{}\n", MAPS[2].1);
    for line in inputs {
        let InputLine { ordinal, sha256, source_digest, outcome, reason, .. } = line;
        let path = quoted(&line.path);
        table += &format!("{ordinal},{path},{sha256},{source_digest},{outcome},{reason}\n");
    }
    for ((name, _), text) in MAPS.iter().zip([maps.patients(), maps.uids(), &table]) {
        files::put(&lines.join(format!("{name}-{:05}.csv", part.index)), text.as_bytes(), Access::Private)?;
    }
    Ok(())
}

/// Merges the lines of all parts into patients.csv, uids.csv and inputs.csv, unless an earlier run has sealed them.
pub fn merge(dir: &Path, parts: u32) -> Result<()> {
    let lines = dir.join("parts");
    if !lines.exists() && MAPS.iter().all(|(name, _)| dir.join(format!("{name}.csv.{ENDING}")).exists()) {
        return Ok(());
    }
    for (name, header) in MAPS {
        let text = |part: u32| {
            let path = lines.join(format!("{name}-{part:05}.csv"));
            fs::read_to_string(&path).map_err(|error| io_fault(&path.display().to_string(), &error))
        };
        let texts = (0..parts).map(text).collect::<Result<Vec<String>>>()?;
        let mut records: Vec<(u64, &str)> = Vec::new();
        for text in &texts {
            records.extend(records_of(text).skip(1).map(|record| (ordinal(name, record), record)));
        }
        // Of the parts' texts each is in order: a merge of runs.
        records.sort();
        records.dedup();
        let mut merged = format!("{header}\n");
        for (_, record) in &records {
            merged += record;
            merged.push('\n');
        }
        files::put(&dir.join(format!("{name}.csv")), merged.as_bytes(), Access::Private)?;
    }
    Ok(())
}

/// Seals the merged maps, and the key if the program made it, as `.age` files that only the recipient can open; what is
/// readable is removed. Doing it again does nothing.
pub fn seal(dir: &Path, recipient: &Recipient) -> Result<()> {
    let fault = |path: &Path| {
        let name = path.display().to_string();
        move |error: std::io::Error| io_fault(&name, &error)
    };
    let maps = MAPS.iter().map(|(name, _)| format!("{name}.csv"));
    for name in maps.chain(["key".to_owned()]) {
        let readable = dir.join(&name);
        if readable.exists() {
            let sealed = recipient.seal(&fs::read(&readable).map_err(fault(&readable))?)?;
            files::put(&dir.join(format!("{name}.{ENDING}")), &sealed, Access::Private)?;
            fs::remove_file(&readable).map_err(fault(&readable))?;
        }
    }
    let lines = dir.join("parts");
    if lines.exists() { fs::remove_dir_all(&lines).map_err(fault(&lines)) } else { Ok(()) }
}

/// inputs.csv is sorted by its ordinal, the others by their text.
fn ordinal(name: &str, record: &str) -> u64 {
    if name == "inputs" { record.split(',').next().and_then(|n| n.parse().ok()).unwrap_or(u64::MAX) } else { 0 }
}

/// The records of a CSV text: a line break inside quotes does not end one.
fn records_of(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split_terminator(move |c| {
        quoted ^= c == '"';
        c == '\n' && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_first_of_two_keeps_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        create_once(&path, b"first").unwrap();
        create_once(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_quoted_line_break_does_not_end_a_record() {
        let records: Vec<_> = records_of("h\n\"a\nb\",P1\nc,P2\n").collect();
        assert_eq!(records, ["h", "\"a\nb\",P1", "c,P2"]);
    }

    #[test]
    fn ordinals_sort_as_numbers() {
        assert!(ordinal("inputs", "9,x") < ordinal("inputs", "10,x"));
    }
}
