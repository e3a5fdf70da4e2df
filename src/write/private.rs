//! The files of the private directory: key, patients.csv, uids.csv, inputs.csv. They undo the de-identification, are
//! readable by their owner alone (folder 0700, files 0600) and are never needed to use the data set.
//!
//! Each part leaves its lines under `parts/`; when all parts are there they are merged, sorted, each line once.

use super::files::{self, Access, Durability, OutFile, io_fault};
use super::part::PartId;
use super::runs::Runs;
use crate::deid::private::{ENDING, PrivateCsv, Recipient, quoted};
use crate::error::Result;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

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

/// Merges the lines of all parts into patients.csv, uids.csv and inputs.csv, unless an earlier run has sealed them. Each line
/// stands there once, and memory does not grow with their number.
pub fn merge(dir: &Path, parts: u32) -> Result<()> {
    let lines = dir.join("parts");
    if !lines.exists() && MAPS.iter().all(|(name, _)| dir.join(format!("{name}.csv.{ENDING}")).exists()) {
        return Ok(());
    }
    for (name, header) in MAPS {
        let place = dir.to_owned();
        let mut runs = Runs::new(Box::new(move || scratch(&place)));
        for part in 0..parts {
            let path = lines.join(format!("{name}-{part:05}.csv"));
            let text = fs::read_to_string(&path).map_err(|error| io_fault(&path.display().to_string(), &error))?;
            for record in records_of(&text).skip(1) {
                runs.put(ordinal(name, record).to_be_bytes().to_vec(), record.as_bytes().to_vec())?;
            }
        }
        let target = dir.join(format!("{name}.csv"));
        let mut merged = OutFile::beside(&target, Access::Private, Durability::Buffered)?;
        merged.put(header.as_bytes())?;
        let mut last = Vec::new();
        runs.sorted(&mut |_, record| {
            if record != last {
                merged.put(b"\n")?;
                merged.put(&record)?;
            }
            last = record;
            Ok(())
        })?;
        merged.put(b"\n")?;
        merged.close()?.publish()?;
    }
    Ok(())
}

/// A file in the folder that has no name any more: what is in it is gone with the process.
fn scratch(dir: &Path) -> Result<fs::File> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = dir.join(format!("{}scratch-{}-{number}", files::TEMPORARY, std::process::id()));
    let fault = |error: std::io::Error| io_fault(&path.display().to_string(), &error);
    let mut options = fs::File::options();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).map_err(fault)?;
    fs::remove_file(&path).map_err(fault)?;
    Ok(file)
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
    fn maps_are_merged_in_order_and_each_line_once() {
        let dir = tempfile::tempdir().unwrap();
        let lines = dir.path().join("parts");
        fs::create_dir(&lines).unwrap();
        for (part, patients, inputs) in [(0, "b,P2\n\"x\ny\",P3\n", "2,b\n10,c\n"), (1, "a,P1\nb,P2\n", "9,a\n")] {
            for (name, text) in [("patients", patients), ("uids", ""), ("inputs", inputs)] {
                fs::write(lines.join(format!("{name}-{part:05}.csv")), format!("head\n{text}")).unwrap();
            }
        }
        merge(dir.path(), 2).unwrap();
        let merged = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
        assert_eq!(merged("patients.csv"), "id_old,id_new\n\"x\ny\",P3\na,P1\nb,P2\n");
        assert_eq!(merged("uids.csv"), "id_old,id_new\n");
        assert!(merged("inputs.csv").ends_with("reason\n2,b\n9,a\n10,c\n"), "ordinals sort as numbers");
        let mode = fs::metadata(dir.path().join("patients.csv")).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode, fs::read_dir(dir.path()).unwrap().count()), (0o600, 4));
    }
}
