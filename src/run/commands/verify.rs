//! `voxmill verify`: checksums, links and counts of a data set; with `--against`, that nothing of its inputs is in it.

use crate::console::Console;
use crate::error::Result;
use crate::run::private;
use crate::run::proof::{self, Leak};
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
    for finding in &findings {
        console.event("finding", json!({ "place": finding.place, "what": finding.what }));
        console.say(&format!("{}: {}", finding.place, finding.what));
    }
    let mut count = findings.len();
    let mut facts = json!({ "findings": count });
    if !request.against.is_empty() {
        let folder = request.private.map_or_else(|| private::default_place(request.dataset), Path::to_owned);
        let asked = proof::Request {
            dataset: request.dataset,
            inputs: request.against,
            key: private::existing_key(&folder, request.key_file)?,
            private: &folder,
            crosswalk: request.crosswalk,
        };
        let (leaks, searched) = proof::run(&asked, console)?;
        leaks.iter().for_each(|leak| tell(leak, console));
        count += leaks.len();
        facts = json!({
            "findings": findings.len(), "leaks": leaks.len(), "inputs": searched.inputs, "unread": searched.unread,
            "identifiers": searched.identifiers, "persons": searched.persons, "files": searched.files,
            "texts": searched.texts, "keyed": asked.key.is_some(),
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
