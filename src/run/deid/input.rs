//! One input of `deid`, from its bytes to files under temporary names. An image whose pixels are looked at waits in between
//! until its whole window was read: the engine searches many at once.

use super::Shop;
use super::object::{self, Object};
use crate::deid::dicom::{self, Tally};
use crate::deid::hl7;
use crate::deid::identity::Crosswalk;
use crate::engine::Engine;
use crate::error::{Fault, Reason, Result};
use crate::model::{InputId, PatientKey, Split};
use crate::read::{self, InputKind};
use crate::run::guarded;
use crate::run::ledger::Entry;
use crate::run::plan::Inputs;
use crate::run::search::Verdict;
use crate::write::FileMaker;
use crate::write::files::Staged;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// An input on its way.
pub(super) struct Input {
    pub(super) entry: Entry,
    pub(super) crosswalk: Crosswalk,
    pub(super) state: State,
}

pub(super) enum State {
    /// An object that was opened.
    Open(Box<Object>),
    /// Written or refused.
    Done(Result<Written>),
}

/// What became of an input that was written.
pub(super) struct Written {
    pub(super) files: Vec<Staged>,
    pub(super) people: Vec<(PatientKey, Split)>,
    pub(super) tally: Tally,
    /// What is known of burned-in text in an image.
    pub(super) burned_in: Option<&'static str>,
    /// Messages of an HL7 input: how many there were, and which were refused.
    pub(super) messages: (u64, Vec<(u64, Fault)>),
}

/// One input from its bytes to files under temporary names, unless its image waits to be searched.
pub(super) fn one(shop: &Shop, maker: &FileMaker, place: usize) -> Input {
    let id = Inputs::id(place);
    let mut crosswalk = Crosswalk::default();
    let bytes = shop.inputs.read(place);
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
    let state = bytes.and_then(|bytes| {
        guarded(|| match read::kind_of(&bytes) {
            Some(InputKind::Dicom) => {
                let suffix = suffix(shop, &sha256, id);
                let origin = dicom::Origin { sha256: &sha256, suffix: &suffix };
                let object = object::open(shop.recipe, &shop.identity, bytes, origin, &mut crosswalk)?;
                if object.to_search(shop.recipe).is_some() {
                    return Ok(State::Open(Box::new(object)));
                }
                Ok(State::Done(object_written(shop, maker, object, origin, None, &mut crosswalk)))
            }
            Some(InputKind::Hl7) => Ok(State::Done(messages(shop, maker, id, &sha256, &bytes, &mut crosswalk))),
            Some(_) => {
                Err(Fault::input(Reason::UnknownKind, "file", "neither DICOM nor HL7: tables go through prepare"))
            }
            None => Err(read::unknown(&bytes)),
        })
    });
    let entry = Entry { id, sha256, source_digest };
    Input { entry, crosswalk, state: state.unwrap_or_else(|fault| State::Done(Err(fault))) }
}

/// Eight letters that no other input of the run has.
fn suffix(shop: &Shop, sha256: &str, id: InputId) -> String {
    let name = shop.identity.tensor_id(sha256, id, 0);
    name.get(..8).unwrap_or(&name).to_owned()
}

/// Searches the images that wait for it, all together, and writes their objects.
pub(super) fn searched(shop: &Shop, engine: &mut dyn Engine, maker: &FileMaker, inputs: &mut [Input]) -> Result<()> {
    let (mut waiting, mut images) = (Vec::new(), Vec::new());
    for (place, input) in inputs.iter().enumerate() {
        if let State::Open(object) = &input.state {
            waiting.push(place);
            images.extend(object.to_search(shop.recipe));
        }
    }
    if waiting.is_empty() {
        return Ok(());
    }
    let verdicts = object::search(shop.recipe, engine, &images, shop.memory.batch)?;
    let mut verdicts: BTreeMap<usize, _> = waiting.into_iter().zip(verdicts).collect();
    let work: Vec<_> = inputs.iter_mut().enumerate().map(|(place, input)| (input, verdicts.remove(&place))).collect();
    work.into_par_iter().for_each(|(input, verdict)| {
        let Some(verdict) = verdict else { return };
        let nothing = Fault::bug("deid", "an object that is written twice");
        let State::Open(object) = std::mem::replace(&mut input.state, State::Done(Err(nothing))) else { return };
        let Entry { id, sha256, .. } = &input.entry;
        let suffix = suffix(shop, sha256, *id);
        let origin = dicom::Origin { sha256, suffix: &suffix };
        let write = |verdict| object_written(shop, maker, *object, origin, Some(verdict), &mut input.crosswalk);
        input.state = State::Done(verdict.and_then(write));
    });
    Ok(())
}

fn object_written(
    shop: &Shop,
    maker: &FileMaker,
    object: Object,
    origin: dicom::Origin,
    verdict: Option<Verdict>,
    crosswalk: &mut Crosswalk,
) -> Result<Written> {
    let (cleaned, burned_in) =
        object.clean(shop.recipe, (&shop.profile, &shop.identity), origin, verdict, crosswalk)?;
    let person = &cleaned.facts.get().person;
    Ok(Written {
        files: vec![maker.make(&cleaned.file)?],
        people: vec![(person.key, person.split)],
        tally: cleaned.tally,
        burned_in,
        messages: (0, Vec::new()),
    })
}

fn messages(
    shop: &Shop,
    maker: &FileMaker,
    id: InputId,
    sha256: &str,
    bytes: &[u8],
    crosswalk: &mut Crosswalk,
) -> Result<Written> {
    let mut rewriter = hl7::Rewriter::with(&shop.identity, shop.profile.dates(), shop.memories.take());
    let mut written = guarded(|| Ok(rewriter.input(bytes)))?;
    shop.memories.put(rewriter.into_memory());
    crosswalk.absorb(std::mem::take(&mut written.crosswalk));
    let messages = (written.read, std::mem::take(&mut written.refused));
    let (tally, burned_in) = (Tally::default(), None);
    if written.written == 0 {
        return Ok(Written { files: Vec::new(), people: Vec::new(), tally, burned_in, messages });
    }
    let people = std::mem::take(&mut written.people);
    let file = written.into_file(&shop.identity, sha256, id);
    Ok(Written { files: vec![maker.make(&file)?], people, tally, burned_in, messages })
}
