//! `voxmill inspect`: what a file is and what would be done to it, without any value from it. It is read, prepared and
//! de-identified as in a run, under a key that is forgotten at once, and nothing is written.

mod object;
mod records;

use crate::console::Console;
use crate::deid::changes::Changes;
use crate::deid::dicom::Profile;
use crate::deid::identity::Identity;
use crate::deid::key::Key;
use crate::error::{Fault, Result};
use crate::read::tables::Mappings;
use crate::read::{self, INPUT_KINDS, InputKind, archive};
use crate::recipe::Recipe;
use std::path::Path;

/// What a file is looked at with.
struct Look<'a> {
    recipe: &'a Recipe,
    profile: Profile,
    identity: Identity,
    console: &'a Console,
}

impl Look<'_> {
    /// Prints one fact: name, tab, value. Values are sizes, counts, defined terms and places of the standards.
    fn say(&self, name: &str, value: impl std::fmt::Display) {
        self.console.data(&format!("{name}\t{value}"));
    }

    /// What a run would not take, and why.
    fn refused(&self, name: &str, fault: &Fault) {
        self.say(name, format!("refused: {}: {fault}", fault.reason.code()));
    }

    /// What `deid` would do, place by place.
    fn changes(&self, changes: &Changes) {
        self.say("deid", format!("Basic Profile {}", self.profile.words()));
        for (place, deeds) in changes.lines() {
            self.say("deid", format!("{place}\t{deeds}"));
        }
    }
}

/// Prints what is known of a file, one line a fact. Says whether `prepare` would take something of it.
pub fn run(file: &Path, recipe: &Recipe, console: &Console) -> Result<bool> {
    if file.is_dir() || archive::kind(file).is_some() {
        return Err(Fault::config("FILE", "a folder or an archive holds many inputs", file.display().to_string())
            .remedy("inspect one file; `prepare` and `mask` take folders and archives"));
    }
    let look = Look {
        recipe,
        profile: Profile::new(&recipe.deid.choices()?),
        identity: Identity::new(Key::generate()?, recipe.identity.issuers, recipe.shares()),
        console,
    };
    let bytes = super::bytes_of(file)?;
    look.say("bytes", bytes.len());
    let mappings = Mappings::new(&recipe.ehr.tables)?;
    let mapping = mappings.of(file);
    let kind = read::kind_with(&bytes, mapping);
    look.say("kind", INPUT_KINDS.iter().find(|row| Some(row.kind) == kind).map_or("unknown", |row| row.word));
    match kind {
        Some(InputKind::Dicom) => object::inspect(&look, bytes),
        Some(InputKind::Hl7) => records::messages(&look, &bytes),
        Some(InputKind::Table) => records::table(&look, &bytes, mapping),
        None => Ok(false),
    }
}
