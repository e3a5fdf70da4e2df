//! A dataset directory: whose it is, and which of its parts are committed.

use super::Format;
use super::files::{Busy, Durability, Staging, TEMPORARY, io_fault};
use super::receipt::{PartId, PartReceipt, SCHEMA};
use crate::error::{Fault, Result};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the run card lies: its presence makes a folder ours.
pub(super) const RUN_CARD: &str = "parts/run.json";

/// What decides about the bytes of a dataset. Two runs with equal cards may share a directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunCard {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Program and version.
    pub program: String,
    /// Digest of everything that decides about values: inputs, recipe, key, engine where it matters.
    pub plan_digest: String,
    /// The recipe as the user wrote it, defaults filled in.
    pub recipe: String,
    /// Its digest.
    pub recipe_digest: String,
    /// Word of the output format.
    pub format: String,
    /// Number of parts.
    pub parts: u32,
}

impl RunCard {
    /// The card of a run of this program.
    pub fn new(recipe: String, recipe_digest: String, plan_digest: String, format: Format, parts: u32) -> Self {
        Self {
            schema: SCHEMA,
            program: concat!("voxmill ", env!("CARGO_PKG_VERSION")).to_owned(),
            plan_digest,
            recipe,
            recipe_digest,
            format: format.word().to_owned(),
            parts,
        }
    }

    /// What another run has that this one has not, for whoever wants to go on with it.
    fn differs(&self, asked: &Self) -> &'static str {
        if self.program != asked.program || self.schema != asked.schema {
            "the folder holds a dataset of another version of the program"
        } else if self.format != asked.format {
            "the folder holds a dataset of another format"
        } else if self.recipe_digest != asked.recipe_digest {
            "the folder holds a dataset made with another recipe"
        } else {
            "the folder holds a dataset of other inputs, or made with another key, rules or engine"
        }
    }

    /// The card of a run that writes files instead of tensors.
    pub fn of_files(recipe: String, recipe_digest: String, plan_digest: String, parts: u32) -> Self {
        let card = Self::new(recipe, recipe_digest, plan_digest, Format::default(), parts);
        Self { format: FILES.to_owned(), ..card }
    }
}

/// The format of a run that writes files instead of tensors.
const FILES: &str = "files";

/// An open dataset directory. Cheap to clone; several processes may hold one.
#[derive(Clone, Debug)]
pub struct Dataset {
    root: PathBuf,
    card: Arc<RunCard>,
    durability: Durability,
}

impl Dataset {
    /// Makes the folder if need be and claims it, or comes back to it. Fails with a Config fault if something else is
    /// in it or if it belongs to a run with another card: results of two runs are never mixed.
    pub fn open(root: &Path, card: RunCard, durability: Durability) -> Result<Self> {
        let shown = root.display().to_string();
        let whole = std::path::absolute(root).map_err(|e| io_fault(&shown, &e))?;
        if whole.ancestors().skip(1).any(|outer| matches!(read_card(outer), Ok(Some(_)))) {
            return Err(Fault::config("--out", "the folder lies inside another dataset, which is closed", shown)
                .remedy("choose an --out beside it"));
        }
        fs::create_dir_all(root).map_err(|e| io_fault(&shown, &e))?;
        match read_card(root)? {
            Some(there) if there == card => {}
            Some(there) => {
                let cause = there.differs(&card);
                return Err(Fault::config("--out", cause, shown).remedy("choose another --out, or remove the folder"));
            }
            None if is_free(root)? => {
                let text = serde_json::to_vec_pretty(&card).map_err(|_| Fault::bug("write/dataset", "a card"))?;
                let staging = Staging::open(root, &format!("run-{}", std::process::id()), durability, Busy::Refuse)?;
                staging.whole(RUN_CARD, &text)?.publish()?;
            }
            None => return Err(taken(root)),
        }
        Ok(Self { root: root.to_path_buf(), card: Arc::new(card), durability })
    }

    /// Whether a run could make this folder or come back to it, as far as can be known before there is a card: nothing is made.
    ///
    /// # Errors
    /// As [`Dataset::open`] for a folder that holds something else.
    pub fn could_be(root: &Path) -> Result<()> {
        match root.is_dir() && read_card(root)?.is_none() && !is_free(root)? {
            true => Err(taken(root)),
            false => Ok(()),
        }
    }

    /// Comes back to a dataset that is there.
    pub fn existing(root: &Path) -> Result<Self> {
        let shown = root.display().to_string();
        match read_card(root)? {
            Some(card) => {
                Ok(Self { root: root.to_path_buf(), card: Arc::new(card), durability: Durability::default() })
            }
            None => Err(Fault::config("DATASET", "there is no dataset in this folder", shown)
                .remedy("make one with voxmill prepare")),
        }
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whose it is.
    pub fn card(&self) -> &RunCard {
        &self.card
    }

    /// The format of its tensors.
    pub fn format(&self) -> Result<Format> {
        Format::from_word(&self.card.format)
            .ok_or_else(|| Fault::config("output.format", "a format this program does not know", &*self.card.format))
    }

    pub(super) fn durability(&self) -> Durability {
        self.durability
    }

    /// The part with this number.
    pub fn part(&self, index: u32) -> PartId {
        PartId { index, count: self.card.parts }
    }

    /// The receipt of a part, if it is committed and its files are there with their lengths. A receipt of another
    /// plan is a Config fault.
    pub fn receipt(&self, index: u32) -> Result<Option<PartReceipt>> {
        PartReceipt::read(&self.root, self.part(index), &self.card.plan_digest)
    }
}

impl PartReceipt {
    /// Reads the receipt of a part. `None` if the part is not committed, or if one of its files is gone or has another
    /// length: then it is to be done again.
    pub fn read(root: &Path, part: PartId, plan_digest: &str) -> Result<Option<Self>> {
        let stated = Self::stated(root, part, plan_digest)?;
        Ok(stated.filter(|receipt| receipt.lost(root).is_none()))
    }

    /// The first of its files that is gone or has another length.
    pub(super) fn lost(&self, root: &Path) -> Option<&str> {
        let whole = |file: &super::files::FileReceipt| {
            fs::metadata(root.join(&file.name)).is_ok_and(|there| there.is_file() && there.len() == file.bytes)
        };
        self.files.iter().find(|file| !whole(file)).map(|file| file.name.as_str())
    }

    /// Reads the receipt of a part, whatever became of its files; `None` if the part is not committed.
    pub(super) fn stated(root: &Path, part: PartId, plan_digest: &str) -> Result<Option<Self>> {
        let name = part.receipt_name();
        let Some(bytes) = read_if_there(root, &name)? else { return Ok(None) };
        let receipt: Self = serde_json::from_slice(&bytes).map_err(|_| {
            Fault::environment("--out", "a receipt cannot be read", &*name)
                .remedy("remove it and run the same command again")
        })?;
        if receipt.schema != SCHEMA || receipt.part != part || receipt.plan_digest != plan_digest {
            return Err(Fault::config("--out", "a part of another run lies in the output folder", name)
                .remedy("choose another --out, or empty it"));
        }
        Ok(Some(receipt))
    }
}

pub(super) fn read_if_there(root: &Path, name: &str) -> Result<Option<Vec<u8>>> {
    match fs::read(root.join(name)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(io_fault(name, &e)),
    }
}

/// The card of a dataset that is there.
pub(super) fn read_card(root: &Path) -> Result<Option<RunCard>> {
    let Some(bytes) = read_if_there(root, RUN_CARD)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|_| {
        Fault::config("--out", "the folder holds a dataset of another version", root.display().to_string())
            .remedy("choose another --out, or remove the folder")
    })
}

fn taken(root: &Path) -> Fault {
    Fault::config("--out", "the output folder is not empty", root.display().to_string())
        .remedy("choose another --out, or empty it")
}

/// Whether nothing is in a folder but what a run of ours that was killed at its start, or starts now, leaves there.
fn is_free(root: &Path) -> Result<bool> {
    let fault = |e: std::io::Error| io_fault(&root.display().to_string(), &e);
    for entry in fs::read_dir(root).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let name = entry.file_name();
        let parts = name == "parts" && fs::read_dir(entry.path()).is_ok_and(|mut inside| inside.next().is_none());
        // Another process may have claimed the folder between the two looks; then it is no stranger's.
        let claimed = name == "parts" && root.join(RUN_CARD).exists();
        if !(parts || claimed || name.to_string_lossy().starts_with(TEMPORARY)) {
            return Ok(false);
        }
    }
    Ok(true)
}
