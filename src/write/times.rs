//! times.jsonl in the private folder: a line for each run that worked on the data set, one after the other. It is no part of
//! the data set, has no name in it and no checksum; losing it loses nothing else.

use super::files::io_fault;
use super::private;
use crate::error::Result;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write;
use std::path::Path;

/// The file's name in the private folder.
const NAME: &str = "times.jsonl";

/// One run: a process that committed parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunTimes {
    /// Version of this form: 1.
    pub schema: u32,
    /// Engine and adapter.
    pub engine: String,
    /// Threads.
    pub threads: u64,
    /// Parts that it committed.
    pub parts: u64,
    /// Inputs of these parts.
    pub inputs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Seconds by the clock on the wall, from the first input to the last committed part.
    pub seconds: f64,
    /// Seconds by stage: of reading summed over the threads, of the others by the clock on the wall.
    pub stages: Vec<(String, f64)>,
}

impl RunTimes {
    /// A run that has done nothing yet.
    pub fn of(engine: &str, threads: usize) -> Self {
        let (engine, threads) = (engine.to_owned(), threads as u64);
        Self { schema: 1, engine, threads, parts: 0, inputs: 0, bytes: 0, seconds: 0.0, stages: Vec::new() }
    }

    /// Adds a part of so many inputs and bytes.
    pub fn add(&mut self, inputs: usize, bytes: u64) {
        self.parts += 1;
        self.inputs += inputs as u64;
        self.bytes += bytes;
    }

    /// The run when it has ended.
    #[must_use]
    pub fn ended(self, seconds: f64, stages: Vec<(String, f64)>) -> Self {
        Self { seconds, stages, ..self }
    }
}

/// Adds a line.
pub fn append(dir: &Path, run: &RunTimes) -> Result<()> {
    private::folder(dir)?;
    let path = dir.join(NAME);
    let fault = |error: std::io::Error| io_fault(&path.display().to_string(), &error);
    let mut line = serde_json::to_string(run).unwrap_or_default();
    line.push('\n');
    let mut options = fs::File::options();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // One write call: lines of shards that end together do not mix.
    options.open(&path).and_then(|mut file| file.write_all(line.as_bytes())).map_err(fault)
}

/// Every run whose line can be read; none if there is no such file.
pub fn runs(dir: &Path) -> Result<Vec<RunTimes>> {
    let path = dir.join(NAME);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(io_fault(&path.display().to_string(), &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_added_and_broken_ones_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(runs(dir.path()).unwrap(), []);
        let run = |inputs| {
            let mut run = RunTimes::of("cpu", 2);
            run.add(inputs, 4096);
            run.ended(1.5, vec![("read".into(), 0.25)])
        };
        append(dir.path(), &run(1)).unwrap();
        fs::File::options().append(true).open(dir.path().join(NAME)).unwrap().write_all(b"{\"half\n").unwrap();
        append(dir.path(), &run(2)).unwrap();
        assert_eq!(runs(dir.path()).unwrap(), [run(1), run(2)]);
    }
}
