//! Which inputs there are and how they are cut into parts. The cut depends on the sorted list of inputs and the recipe
//! only: not on threads, shards or the order of the file system.

use super::context::Budget;
use super::guarded;
use super::rulebook::RuleBook;
use super::shelf::Shelf;
use crate::deid::identity::Identity;
use crate::deid::key::hex;
use crate::error::{Fault, Result};
use crate::model::InputId;
use crate::read::walk::{self, Listed, Look, Wanted};
use crate::recipe::Recipe;
use std::io::BufRead;
use std::ops::Range;
use std::path::PathBuf;

/// All inputs of a run, cut into parts.
pub struct Inputs {
    /// Sorted by path; the place is the input's ordinal.
    pub listed: Vec<Listed>,
    /// Consecutive ranges that cover `listed`; at least one, so that even an empty run leaves a data set.
    pub parts: Vec<Range<usize>>,
    /// What was read before its turn.
    pub shelf: Shelf,
    /// Bytes that the run may use; a share of them is for what it remembers of all inputs.
    pub memory: u64,
}

impl Inputs {
    /// Lists what the user named and cuts it. `-` stands for a list of paths on standard input. Folders in `exclude`
    /// (the output, when it lies inside an input folder) are left out.
    pub fn list(named: &[PathBuf], exclude: &[PathBuf], recipe: &Recipe) -> Result<Self> {
        let (mut typed, mut piped) = (Vec::new(), Vec::new());
        for path in named {
            if path.as_os_str() == "-" {
                piped.extend(paths_on_stdin()?);
            } else {
                typed.push(path.clone());
            }
        }
        let listed = walk::list(&Wanted { typed: &typed, piped: &piped, exclude })?;
        let parts = cut(&listed, recipe.output.part_inputs, recipe.output.part_bytes);
        Ok(Self { listed, parts, shelf: Shelf::default(), memory: Budget::default_bytes() })
    }

    /// Bounds what is read before its turn and what is remembered, for a run of so many bytes.
    pub fn within(&mut self, memory: u64) {
        self.memory = memory;
        self.shelf.limit(Budget::shelf(memory));
    }

    /// The bytes of an input whose turn has come.
    ///
    /// # Errors
    /// As [`walk::read`], and what was known when it was listed.
    pub fn read(&self, place: usize) -> Result<Vec<u8>> {
        let listed = self.listed.get(place).ok_or_else(|| Fault::bug("plan", "an input that nobody listed"))?;
        match &listed.refused {
            Some(fault) => Err(fault.clone()),
            None => guarded(|| self.shelf.read(place, &listed.source)),
        }
    }

    /// The same if `wanted` says so of its first bytes; `None` if not.
    ///
    /// # Errors
    /// As [`Inputs::read`], as far as it was read.
    pub fn read_if(&self, place: usize, wanted: impl FnOnce(&[u8]) -> bool) -> Result<Option<Vec<u8>>> {
        match self.listed.get(place) {
            Some(Listed { source, refused: None }) if !self.shelf.keeps(place) => {
                match self.shelf.look(source, wanted)? {
                    Look::Whole(bytes) => Ok(Some(bytes)),
                    Look::Head(_) => Ok(None),
                }
            }
            _ => self.read(place).map(Some),
        }
    }

    /// Bytes of all inputs.
    pub fn bytes(&self) -> u64 {
        self.listed.iter().map(|input| input.source.bytes).sum()
    }

    /// The ordinal of a place in `listed`.
    pub fn id(place: usize) -> InputId {
        InputId(place as u64)
    }

    /// What the bytes of the data set depend on, as one digest: inputs (by keyed name and size), who is the same person,
    /// recipe, rules, engine, program.
    pub fn digest(&self, identity: &Identity, recipe: &Recipe, rules: &RuleBook, engine: &str) -> String {
        let (key, same) = (identity.key(), identity.same_digest());
        let mut all = Vec::new();
        for input in &self.listed {
            let source = &input.source;
            let member = source.member.as_ref().map_or(u64::MAX, |m| m.index);
            let name = source.path.as_os_str().as_encoded_bytes();
            all.extend_from_slice(&key.mac("input name", &[name, &member.to_le_bytes()])[..16]);
            all.extend_from_slice(&source.bytes.to_le_bytes());
        }
        let program = env!("CARGO_PKG_VERSION");
        let canonical = recipe.canonical();
        let rest =
            [canonical.as_bytes(), engine.as_bytes(), program.as_bytes(), same.as_bytes(), rules.digest().as_bytes()];
        let mac = key.mac("plan", &[&[all.as_slice()], rest.as_slice()].concat());
        hex(&mac)
    }
}

fn paths_on_stdin() -> Result<Vec<PathBuf>> {
    let unreadable = |error: std::io::Error| {
        Fault::environment("standard input", "the list of paths cannot be read", error.to_string())
    };
    let mut paths = Vec::new();
    for line in std::io::stdin().lock().split(b'\n') {
        let line = line.map_err(unreadable)?;
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        if !line.is_empty() {
            paths.push(path_from(line));
        }
    }
    Ok(paths)
}

#[cfg(unix)]
fn path_from(line: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(line))
}

#[cfg(not(unix))]
fn path_from(line: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(line).into_owned())
}

fn cut(listed: &[Listed], most_inputs: u64, most_bytes: u64) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut start, mut bytes) = (0, 0u64);
    for (place, input) in listed.iter().enumerate() {
        let full = (place - start) as u64 >= most_inputs || bytes.saturating_add(input.source.bytes) > most_bytes;
        if full && place > start {
            parts.push(start..place);
            (start, bytes) = (place, 0);
        }
        bytes = bytes.saturating_add(input.source.bytes);
    }
    parts.push(start..listed.len());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::walk::Source;

    fn inputs(sizes: &[u64]) -> Vec<Listed> {
        let input = |(n, bytes): (usize, &u64)| Listed {
            source: Source { path: PathBuf::from(format!("{n}")), member: None, bytes: *bytes },
            refused: None,
        };
        sizes.iter().enumerate().map(input).collect()
    }

    #[test]
    fn parts_cover_everything_once() {
        assert_eq!(cut(&inputs(&[1, 1, 1]), 2, 100), [0..2, 2..3]);
        // 60 + 60 is above 100; 200 alone is above too and stands alone.
        assert_eq!(cut(&inputs(&[60, 60, 200, 1]), 9, 100), [0..1, 1..2, 2..3, 3..4]);
        assert_eq!(cut(&[], 9, 9), vec![Range { start: 0, end: 0 }]);
    }
}
