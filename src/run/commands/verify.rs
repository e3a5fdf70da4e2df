//! `voxmill verify`: checksums, links and counts of a data set; with `--against`, that nothing of its inputs is in it.

use crate::console::Console;
use crate::error::Result;
use crate::run::private;
use crate::run::proof::{self, Leak, Proof};
use crate::write::verify;
use serde_json::json;
use std::path::{Path, PathBuf};

/// What is to be looked at.
pub struct Request<'a> {
    /// The data set.
    pub dataset: &'a Path,
    /// Its inputs, if leaks are to be looked for.
    pub against: &'a [PathBuf],
    /// Where its key is, if not in the environment or its private folder.
    pub key_file: Option<&'a Path>,
    /// Its private folder, if not beside it.
    pub private: Option<&'a Path>,
    /// The crosswalk it was made with, if any.
    pub crosswalk: Option<&'a Path>,
}

/// Looks at everything; the number of findings.
pub fn run(request: &Request, console: &Console) -> Result<usize> {
    let findings = verify::verify(request.dataset)?;
    let mut facts = json!({ "findings": findings.len() });
    let proof = if request.against.is_empty() { None } else { Some(prove(request, console)?) };
    for finding in &findings {
        // What nobody knows may be called anything.
        let place = proof.as_ref().map_or(finding.place.as_str(), |proof| proof.shown(&finding.place));
        console.event("finding", json!({ "place": place, "what": finding.what }));
        console.say(&format!("{place}: {}", finding.what));
    }
    let mut count = findings.len();
    if let Some(proof) = &proof {
        proof.leaks.iter().for_each(|leak| tell(leak, console));
        count += proof.leaks.len();
        let searched = proof.searched;
        facts = json!({
            "findings": findings.len(), "leaks": proof.leaks.len(), "inputs": searched.inputs,
            "unread": searched.unread, "identifiers": searched.identifiers, "persons": searched.persons,
            "files": searched.files, "texts": searched.texts, "keyed": proof.keyed(),
        });
        console.say(&format!("{} texts in {} files searched", searched.texts, searched.files));
    }
    console.event("verified", facts);
    console.say(&match (count, request.against.is_empty()) {
        (0, true) => "checksums, links and counts are right".to_owned(),
        (0, false) => "checksums, links and counts are right; nothing of the inputs was found".to_owned(),
        (count, _) => format!("{count} findings"),
    });
    Ok(count)
}

fn prove(request: &Request, console: &Console) -> Result<Proof> {
    let folder = request.private.map_or_else(|| private::default_place(request.dataset), Path::to_owned);
    let asked = proof::Request {
        dataset: request.dataset,
        inputs: request.against,
        key: private::existing_key(&folder, request.key_file)?,
        private: &folder,
        crosswalk: request.crosswalk,
    };
    proof::run(&asked, console)
}

fn tell(leak: &Leak, console: &Console) {
    let Leak { file, unit, number, name, what, count } = leak;
    console.event(
        "leak",
        json!({ "place": file, "unit": unit, "number": number, "name": name, "what": what, "count": count }),
    );
    let place = match (unit.is_empty(), name.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!(", {name}"),
        (false, true) => format!(", {unit} {number}"),
        (false, false) => format!(", {unit} {number}, {name}"),
    };
    let more = if *count > 1 { format!(" ({count} times)") } else { String::new() };
    console.say(&format!("{file}{place}: {what}{more}"));
}
