//! Inputs on their way into the harvest: everything that is read is also everything that is searched for.

use super::{Request, Searched};
use crate::console::Console;
use crate::deid::identity::Identity;
use crate::deid::leaks::Harvest;
use crate::error::{REASONS, Reason, Result};
use crate::model::{Phi, SeenField};
use crate::read::hl7::{self, Message};
use crate::read::tables::{Mapping, Mappings};
use crate::read::walk::{self, Listed};
use crate::read::{self, INPUT_KINDS, InputKind, dicom, tables};
use crate::recipe::Recipe;
use crate::run::guarded;
use crate::run::plan::Inputs;
use crate::run::stream::{Item, bytes_of, each};
use crate::run::tables::dataset_tables;
use crate::write::texts::{OWN_WORDS, Said, content};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Gathers everything from the inputs.
pub(super) fn harvest(
    request: &Request,
    inputs: &Inputs,
    recipe: &Recipe,
    identity: Option<Identity>,
    console: &Console,
) -> Result<(Harvest, Searched)> {
    let listed = &inputs.listed;
    console.begin(listed.len() as u64, inputs.bytes(), 1);
    let mut all = Harvest::new(identity);
    own_words(&mut all);
    let mappings = Mappings::new(&recipe.ehr.tables)?;
    let empty = || (all.sibling(), 0u64);
    let (gathered, unread) = listed
        .par_iter()
        .enumerate()
        .fold(empty, |(mut harvest, unread), (place, listed)| {
            names(listed, request.inputs, &mut harvest);
            let read = one((inputs, place), listed, mappings.of(&listed.source.path), &mut harvest);
            console.input_done(listed.source.bytes, 0, !read);
            (harvest, unread + u64::from(!read))
        })
        .reduce(empty, |(mut a, n), (b, m)| {
            a.absorb(b);
            (a, n + m)
        });
    all.absorb(gathered);
    console.end();
    Ok((all, Searched { inputs: listed.len() as u64, unread, ..Searched::default() }))
}

/// What this program writes into every data set.
fn own_words(harvest: &mut Harvest) {
    harvest.dictionaries();
    OWN_WORDS.iter().for_each(|text| harvest.own_words(text));
    for table in dataset_tables() {
        [table.name, table.folder, table.doc].iter().for_each(|text| harvest.own_words(text));
        // As the cards list it, too: `- name: patient_id`.
        let said = table.columns.iter().map(|column| format!("name {} {}", column.name, column.doc));
        said.for_each(|text| harvest.own_words(&text));
    }
    REASONS.iter().for_each(|(_, code, help)| harvest.own_words(&format!("{code} {help}")));
    INPUT_KINDS.iter().for_each(|kind| harvest.own_words(kind.word));
    dicom::MODALITIES.iter().for_each(|term| harvest.own_words(term));
    dicom::BODY_PARTS.iter().for_each(|(term, word)| harvest.own_words(&format!("{term} {word}")));
    dicom::SHEET_ATTRIBUTES.iter().for_each(|(_, keyword)| harvest.own_words(&apart(keyword)));
}

/// `PatientName` as two words.
fn apart(keyword: &str) -> String {
    keyword.chars().flat_map(|c| c.is_uppercase().then_some(' ').into_iter().chain([c])).collect()
}

/// Names of files and folders below what the user named, and of that itself.
fn names(listed: &Listed, roots: &[PathBuf], harvest: &mut Harvest) {
    let path: &Path = &listed.source.path;
    let root = roots.iter().filter(|root| path.starts_with(root)).max_by_key(|root| root.as_os_str().len());
    let above = root.and_then(|root| root.parent());
    let below = above.and_then(|above| path.strip_prefix(above).ok()).unwrap_or(path);
    for part in below.components() {
        if let std::path::Component::Normal(name) = part {
            harvest.file_name(&Phi::seal(name.to_string_lossy().into_owned()));
        }
    }
}

/// Everything in one input but pixels, which are passed over; false if it could not be read.
fn one((inputs, place): (&Inputs, usize), listed: &Listed, mapping: Option<&Mapping>, harvest: &mut Harvest) -> bool {
    // A pipe or a loop of links was refused when it was listed: opening a pipe waits for ever.
    if listed.refused.as_ref().is_some_and(|fault| fault.reason == Reason::Unreadable) {
        return false;
    }
    let Ok((bytes, skimmed)) = inputs.shelf.skim(place, &listed.source) else { return false };
    match read::kind_with(&bytes, mapping) {
        Some(InputKind::Dicom) => {
            // Of an object that names neither patient nor study, the digest of all its bytes stands in.
            let whole = || if skimmed { walk::read(&listed.source).ok() } else { None };
            let digest = || crate::deid::key::hex(&Sha256::digest(whole().as_deref().unwrap_or(&bytes)));
            match guarded(|| dicom::every(bytes.clone())) {
                Ok(every) => harvest.object(&every.values, digest),
                Err(_) => unknown(whole().as_deref().unwrap_or(&bytes), harvest),
            }
        }
        Some(InputKind::Hl7) => return messages(&bytes, hl7::messages(&bytes), harvest),
        Some(InputKind::Table) => {
            let read = guarded(|| {
                Ok(tables::every(&bytes, mapping, &mut |person, cells| harvest.record(cells, person.as_ref())))
            });
            if !matches!(read, Ok(true)) {
                unknown(&bytes, harvest);
            }
            return read.is_ok();
        }
        None => unknown(&bytes, harvest),
    }
    true
}

/// Everything in messages; what none can be made of is prose. False if the parser panicked: nobody knows what else there is.
fn messages<'m>(bytes: &'m [u8], messages: impl Iterator<Item = Item<'m>>, harvest: &mut Harvest) -> bool {
    let mut broken = Vec::new();
    let mut one = |_, message: &Message<'_>| {
        let mut header: Option<Vec<SeenField>> = None;
        hl7::every(message, &mut |person, mut fields| {
            harvest.message(&fields, person.as_ref());
            match &header {
                Some(header) => harvest.shared_days(header, person.as_ref()),
                None => {
                    let end = fields.iter().position(|field| &field.segment == b"PID");
                    fields.truncate(end.unwrap_or(fields.len()));
                    header = Some(fields);
                }
            }
        });
    };
    each(messages, bytes.len(), &mut one, &mut |stray| broken.push(stray));
    broken.iter().for_each(|stray| unknown(bytes_of(stray, bytes), harvest));
    !broken.iter().any(|stray| stray.fault.reason == Reason::DecoderPanicked)
}

/// What nobody knows the form of is prose.
fn unknown(bytes: &[u8], harvest: &mut Harvest) {
    content(bytes, &mut |_, _, said| match said {
        Said::Value(text) | Said::Text(text) => harvest.unknown(&Phi::seal(text.to_owned())),
        Said::Bytes(bytes) => harvest.unknown(&Phi::seal(String::from_utf8_lossy(bytes).into_owned())),
        Said::Day(_) | Said::Number(_) => {}
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deid::leaks::{Kept, Kinds, Piece};

    /// Which of three telephone numbers, one a message, are known if the parser panics at the `broken`th, and whether all was read.
    fn known(broken: usize) -> ([bool; 3], bool) {
        let numbers = ["555-0101-7", "555-0202-8", "555-0303-9"];
        let text =
            numbers.map(|number| format!("MSH|^~\\&|A|B|C|D|20240101||ADT^A01|1|P|2.5\rPID|1||7||||||||||{number}\r"));
        let text = text.concat();
        let mut count = 0;
        let breaking = hl7::messages(text.as_bytes()).inspect(|_| {
            count += 1;
            assert_ne!(count, broken, "the parser's own words");
        });
        let mut harvest = Harvest::new(None);
        let read = messages(text.as_bytes(), breaking, &mut harvest);
        let search = harvest.freeze(Kept::of(&[]));
        let known = numbers.map(|number| {
            let mut kinds = Kinds::new();
            search.text(number, Piece::VALUE, &mut kinds);
            !kinds.is_empty()
        });
        (known, read)
    }

    #[test]
    fn a_message_that_makes_the_parser_panic_makes_an_input_that_was_not_read() {
        assert_eq!(known(0), ([true; 3], true));
        assert_eq!(known(2), ([true, false, false], false));
    }
}
