//! `voxmill deid`: an archive becomes de-identified files. Parts, resume, shards and the private maps are those of `prepare`.

use super::context::Budget;
use super::masked::masked;
use super::part::windows;
use super::people;
use super::plan::Inputs;
use super::prepare::{Outcome, all_committed, pool};
use super::private::{self, Private};
use super::rulebook::RuleBook;
use crate::cli::Shard;
use crate::console::Console;
use crate::deid::dicom::{self, Profile, Tally};
use crate::deid::hl7;
use crate::deid::identity::{Crosswalk, Identity};
use crate::deid::private::Recipient;
use crate::error::{Fault, Kind, Reason, Result};
use crate::model::{Clean, InputId, PatientKey, Split};
use crate::read::walk::{self, Listed};
use crate::read::{self, InputKind};
use crate::recipe::Recipe;
use crate::write::files::{Durability, Staged};
use crate::write::private::InputLine;
use crate::write::{
    Dataset, Fact, FileMaker, Finisher, Outcome as Set, PartReceipt, PartWriter, Reject, RunCard, Unit,
};
use rayon::prelude::*;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// What `deid` was asked.
#[derive(Clone, Debug)]
pub struct Request {
    /// What the user named.
    pub inputs: Vec<PathBuf>,
    /// The folder of the new files.
    pub out: PathBuf,
    /// The recipe, read and checked.
    pub recipe: Recipe,
    /// Where the key is, if not in the environment or the private folder.
    pub key_file: Option<PathBuf>,
    /// The private folder, if not beside `out`.
    pub private: Option<PathBuf>,
    /// Whom the private maps are sealed to.
    pub seal_to: Option<Recipient>,
    /// CSV of ids that name the same person.
    pub crosswalk: Option<PathBuf>,
    /// Threads; all cores if `None`.
    pub jobs: Option<usize>,
    /// Bytes for inputs in flight.
    pub memory: Option<u64>,
    /// Which parts.
    pub shard: Option<Shard>,
}

/// What every part needs.
struct Shop<'a> {
    profile: Profile,
    identity: Identity,
    recipe: &'a Recipe,
    window: u64,
    inputs: &'a Inputs,
    dataset: &'a Dataset,
    private_dir: &'a Path,
    console: &'a Console,
    /// What workers that rewrite messages remember, between two inputs.
    memories: Mutex<Vec<hl7::Memory>>,
}

/// Runs it.
pub fn run(request: &Request, console: &Console) -> Result<Outcome> {
    pool(request.jobs)?.install(|| in_pool(request, console))
}

fn in_pool(request: &Request, console: &Console) -> Result<Outcome> {
    let recipe = &request.recipe;
    if request.out.exists() && !request.out.is_dir() {
        let shown = request.out.display().to_string();
        return Err(Fault::config("--out", "this is a file, the new files need a folder", shown));
    }
    let profile = Profile::new(&recipe.deid.choices()?);
    let private_dir = request.private.clone().unwrap_or_else(|| private::default_place(&request.out));
    let exclude = [request.out.clone(), private_dir.clone()];
    let inputs = Inputs::list(&request.inputs, &exclude, recipe)?;
    if inputs.listed.is_empty() {
        return Err(Fault::config("INPUT", "there is no file in what was named", "0 inputs"));
    }
    let parts = u32::try_from(inputs.parts.len())
        .map_err(|_| Fault::config("recipe.output", "too many parts", inputs.parts.len().to_string()))?;
    let private = Private::open(private_dir, request.key_file.as_deref())?;
    let identity = people::identity(private.key.clone(), recipe, request.crosswalk.as_deref(), &inputs)?;
    let plan_digest = inputs.digest(&identity, recipe, &RuleBook::open(None)?, "deid");
    let card = RunCard::of_files(recipe.canonical(), recipe.digest(), plan_digest, parts);
    let dataset = Dataset::open(&request.out, card, Durability::Buffered)?;
    let shop = Shop {
        profile,
        identity,
        recipe,
        window: Budget::of(request.memory.unwrap_or_else(Budget::default_bytes), false).window,
        inputs: &inputs,
        dataset: &dataset,
        private_dir: private.dir.as_path(),
        console,
        memories: Mutex::default(),
    };
    let words: Vec<&str> = shop.profile.choices().iter().map(|choice| choice.word()).collect();
    console.say(&format!(
        "{} inputs, {:.1} MB, Basic Profile {}",
        inputs.listed.len(),
        inputs.bytes() as f64 / 1e6,
        words.join(" ")
    ));
    console.begin(inputs.listed.len() as u64, inputs.bytes(), u64::from(parts));
    let mut done = 0u64;
    for (index, range) in inputs.parts.iter().enumerate() {
        let number = index as u32;
        let ours = request.shard.is_none_or(|shard| index as u64 % shard.count == shard.index);
        if dataset.receipt(number)?.is_some() {
            done += 1;
            if ours {
                console.skip(range.len() as u64);
            }
        } else if ours {
            part(&shop, number, range.clone())?;
            console.event("part", json!({ "part": index, "parts": parts, "inputs": range.len() }));
            done += 1;
        }
    }
    console.end();
    if done < u64::from(parts) && !all_committed(&dataset, parts)? {
        return Ok(Outcome::Waiting { done, parts: u64::from(parts) });
    }
    let finished = Finisher::open(&dataset, &[])?.finish_files()?;
    crate::write::private::merge(shop.private_dir, parts)?;
    private.seal(request.seal_to.as_ref())?;
    Ok(Outcome::Finished(Box::new(finished)))
}

/// An input after de-identification.
struct Done {
    sha256: String,
    source_digest: Clean<String>,
    crosswalk: Crosswalk,
    result: Result<Written>,
}

/// What became of an input that was written.
struct Written {
    files: Vec<Staged>,
    people: Vec<(PatientKey, Split)>,
    tally: Tally,
    /// Messages of an HL7 input: how many there were, and which were refused.
    messages: (u64, Vec<(u64, Fault)>),
}

/// De-identifies the inputs at `range` and commits them as part `index`.
fn part(shop: &Shop, index: u32, range: Range<usize>) -> Result<PartReceipt> {
    let part = shop.dataset.part(index);
    let mut writer = PartWriter::begin(shop.dataset, part)?;
    let maker = writer.maker();
    let mut crosswalk = Crosswalk::default();
    let mut lines = Vec::with_capacity(range.len());
    let mut total = Tally::default();
    for window in windows(&shop.inputs.listed, range.clone(), shop.window) {
        let work = |place: usize| one(shop, &maker, place, &shop.inputs.listed[place]);
        let done: Vec<Done> = window.clone().into_par_iter().map(work).collect();
        for (place, done) in window.zip(done) {
            crosswalk.absorb(done.crosswalk);
            writer.read(Unit::Inputs, 1);
            let id = Inputs::id(place);
            let source = &shop.inputs.listed[place].source;
            let mut line = InputLine {
                ordinal: id.0,
                path: named(source),
                sha256: done.sha256,
                source_digest: done.source_digest.get().clone(),
                outcome: "written",
                reason: "",
            };
            let refused = done.result.as_ref().map_or(true, |written| written.files.is_empty());
            match done.result {
                Ok(written) => {
                    let nothing = written.files.is_empty();
                    written.files.into_iter().for_each(|file| writer.file(file));
                    written.people.iter().for_each(|(key, split)| writer.person(key, *split));
                    let (read, refused) = written.messages;
                    writer.read(Unit::Messages, read);
                    writer.written(Unit::Messages, read - refused.len() as u64);
                    for (item, fault) in &refused {
                        let (input_id, outcome) = (done.source_digest.clone(), Set::Refused);
                        writer.reject(&Reject {
                            input: id,
                            input_id,
                            unit: Unit::Messages,
                            item: Some(*item),
                            outcome,
                            fault,
                        });
                    }
                    total.add(written.tally);
                    if nothing {
                        let empty = Fault::input(Reason::Empty, "file", "there is no message in it");
                        let fault = refused.into_iter().next().map_or(empty, |(_, fault)| fault);
                        (line.outcome, line.reason) = (Set::Refused.word(), fault.reason.code());
                        refuse(shop, &mut writer, id, done.source_digest, &fault);
                    } else {
                        writer.written(Unit::Inputs, 1);
                    }
                }
                Err(fault) if fault.kind == Kind::Input => {
                    (line.outcome, line.reason) = (Set::Refused.word(), fault.reason.code());
                    refuse(shop, &mut writer, id, done.source_digest, &fault);
                }
                Err(fault) => return Err(fault),
            }
            shop.console.input_done(source.bytes, 0, refused);
            lines.push(line);
        }
    }
    crate::write::private::put_part(shop.private_dir, part, &crosswalk.to_private_csv(), &lines)?;
    let number = |n: u64| Fact::Number(i64::try_from(n).unwrap_or(i64::MAX));
    writer.audit("part", &[("part", Fact::Number(i64::from(index))), ("inputs", number(range.len() as u64))]);
    let Tally { removed, replaced, kept } = total;
    writer.audit("attributes", &[("removed", number(removed)), ("replaced", number(replaced)), ("kept", number(kept))]);
    writer.commit()
}

fn refuse(shop: &Shop, writer: &mut PartWriter, id: InputId, input_id: Clean<String>, fault: &Fault) {
    let path = shop.console.path(&shop.inputs.listed[id.0 as usize].source.path);
    shop.console.refused(id, input_id.get(), fault, path);
    writer.reject(&Reject { input: id, input_id, unit: Unit::Inputs, item: None, outcome: Set::Refused, fault });
}

/// The path of an input as inputs.csv has it, with `!` and the member's number if it lies in an archive.
fn named(source: &walk::Source) -> String {
    let member = source.member.as_ref().map_or(String::new(), |member| format!("!{}", member.index));
    format!("{}{member}", source.path.display())
}

/// One input from its bytes to files under temporary names.
fn one(shop: &Shop, maker: &FileMaker, place: usize, listed: &Listed) -> Done {
    let id = Inputs::id(place);
    let mut crosswalk = Crosswalk::default();
    let bytes = match &listed.refused {
        Some(fault) => Err(fault.clone()),
        None => walk::read(&listed.source),
    };
    let (sha256, bytes) = match bytes {
        Ok(bytes) => {
            let digest: [u8; 32] = Sha256::digest(&bytes).into();
            (crate::deid::key::hex(&digest), Ok(bytes))
        }
        Err(fault) => (String::new(), Err(fault)),
    };
    // Of what was not read, the place in the list is all there is to tell it by.
    let named = if sha256.is_empty() { format!("unread {}", id.0) } else { sha256.clone() };
    let source_digest = shop.identity.source_digest(&named);
    let result = bytes.and_then(|bytes| clean(shop, maker, id, &sha256, bytes, &mut crosswalk));
    Done { sha256, source_digest, crosswalk, result }
}

fn clean(
    shop: &Shop,
    maker: &FileMaker,
    id: InputId,
    sha256: &str,
    bytes: Vec<u8>,
    crosswalk: &mut Crosswalk,
) -> Result<Written> {
    let name = shop.identity.tensor_id(sha256, id, 0);
    let suffix = name.get(..8).unwrap_or(&name);
    match read::kind_of(&bytes) {
        Some(InputKind::Dicom) => {
            let whole = super::guarded(|| read::dicom::whole::open(bytes))?;
            let origin = dicom::Origin { sha256, suffix };
            let facts = dicom::facts_of(&whole, origin, &shop.identity, crosswalk);
            let masked = super::guarded(|| masked(shop.recipe, &whole, &facts))?;
            let (profile, identity) = (&shop.profile, &shop.identity);
            let task = dicom::Task { whole: &whole, origin, facts, profile, identity, masked };
            let cleaned = super::guarded(|| dicom::clean(task, crosswalk))?;
            let person = &cleaned.facts.get().person;
            Ok(Written {
                files: vec![maker.make(&cleaned.file)?],
                people: vec![(person.key.clone(), person.split)],
                tally: cleaned.tally,
                messages: (0, Vec::new()),
            })
        }
        Some(InputKind::Hl7) => {
            let memory = shop.memories.lock().ok().and_then(|mut memories| memories.pop()).unwrap_or_default();
            let mut rewriter = hl7::Rewriter::with(&shop.identity, shop.profile.dates(), memory);
            let mut written = super::guarded(|| Ok(rewriter.input(&bytes)))?;
            if let Ok(mut memories) = shop.memories.lock() {
                memories.push(rewriter.into_memory());
            }
            crosswalk.absorb(std::mem::take(&mut written.crosswalk));
            let messages = (written.read, std::mem::take(&mut written.refused));
            if written.written == 0 {
                return Ok(Written { files: Vec::new(), people: Vec::new(), tally: Tally::default(), messages });
            }
            let people = std::mem::take(&mut written.people);
            let file = written.into_file(&shop.identity, sha256, id);
            Ok(Written { files: vec![maker.make(&file)?], people, tally: Tally::default(), messages })
        }
        Some(_) => Err(Fault::input(Reason::UnknownKind, "file", "neither DICOM nor HL7: tables go through prepare")),
        None => Err(Fault::input(Reason::UnknownKind, "file", "neither DICOM nor HL7 nor a table that is known")),
    }
}
