//! The data set on its way through the search: each file is read by its kind, each text is looked at, and what is found is
//! named by its place, never by its value.

use super::Searched;
use super::references;
use crate::deid::leaks::{DateFinding, Kinds, Links, Piece, Search};
use crate::error::Result;
use crate::model::{Class, SeenAttribute};
use crate::read::hl7::{self, Message};
use crate::read::{self, InputKind, dicom, walk};
use crate::run::guarded;
use crate::run::stream::{Item, bytes_of, each};
use crate::run::tables::dataset_tables;
use crate::write::files::io_fault;
use crate::write::texts::{At, Said, texts};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Something of the inputs that stands in the data set, or something about it that cannot be right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leak {
    /// File of the data set; `file 7` (in the order of names) if the name itself says too much.
    pub file: String,
    /// Where in it: `row`, `line`, `member`, `chunk`, `message`, or empty.
    pub unit: &'static str,
    /// Which, from 0: the first of several.
    pub number: u64,
    /// Column, key or attribute; empty if there is none or it says too much.
    pub name: String,
    /// What it is.
    pub what: &'static str,
    /// At how many places of this file and name.
    pub count: u64,
}

/// Searches every file below `root`.
pub(super) fn search(root: &Path, search: &Search, searched: &mut Searched) -> Result<Vec<Leak>> {
    let mut names = Vec::new();
    list(root, Path::new(""), &mut names)?;
    let found: Vec<Found> = names
        .par_iter()
        .enumerate()
        .map(|(number, name)| {
            let mut found = Found::new(search, number as u64, name);
            file(&root.join(name), &mut found).map(|()| found)
        })
        .collect::<Result<_>>()?;
    searched.files = names.iter().filter(|name| root.join(name).is_file()).count() as u64;
    searched.texts = found.iter().map(|found| found.texts).sum();
    let mut leaks = Vec::new();
    let mut links = Vec::new();
    for found in found {
        leaks.extend(found.leaks.into_values());
        links.extend(found.links.into_iter().map(|links| (found.file.clone(), links)));
    }
    leaks.extend(references::check(&links, search, searched));
    leaks.sort();
    Ok(leaks)
}

/// Files and folders below `root`, links not followed, sorted.
fn list(root: &Path, inside: &Path, names: &mut Vec<PathBuf>) -> Result<()> {
    let fault = |error: std::io::Error| io_fault("the data set", &error);
    let mut entries: Vec<_> =
        std::fs::read_dir(root.join(inside)).map_err(fault)?.collect::<std::io::Result<_>>().map_err(fault)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = inside.join(entry.file_name());
        let kind = entry.file_type().map_err(fault)?;
        names.push(name.clone());
        if kind.is_dir() {
            list(root, &name, names)?;
        }
    }
    Ok(())
}

/// What one file gives.
struct Found<'s> {
    search: &'s Search,
    file: String,
    leaks: BTreeMap<(String, &'static str), Leak>,
    links: Vec<Links>,
    texts: u64,
}

impl<'s> Found<'s> {
    fn new(search: &'s Search, number: u64, path: &Path) -> Self {
        let name = path.to_string_lossy().replace('\\', "/");
        let mut kinds = Kinds::new();
        let own = path.file_name().unwrap_or_default().to_string_lossy();
        let stem = own.split('.').next().unwrap_or_default();
        // Folders have lines of their own.
        search.text(&own, Piece::TEXT, &mut kinds);
        search.text(stem, Piece::VALUE, &mut kinds);
        let clean = clean_name(search, &name);
        let file = if clean { name } else { format!("file {number}") };
        let mut found = Self { search, file, leaks: BTreeMap::new(), links: Vec::new(), texts: 0 };
        let at = At::default().named("file name");
        kinds.into_iter().for_each(|kind| found.add(&at, kind.word()));
        if search.days_in(None, &own).is_some() {
            found.add(&at, DateFinding::Unshifted.word());
        }
        found
    }

    fn add(&mut self, at: &At, what: &'static str) {
        let name = if clean_name(self.search, &at.name) { at.name.as_str() } else { "" };
        let leak = self.leaks.entry((name.to_owned(), what)).or_insert_with(|| Leak {
            file: self.file.clone(),
            unit: at.unit,
            number: at.number,
            name: name.to_owned(),
            what,
            count: 0,
        });
        leak.count += 1;
    }

    fn text(&mut self, at: &At, person: Option<&str>, text: &str, piece: Piece) {
        self.texts += 1;
        let mut kinds = Kinds::new();
        self.search.text(text, piece, &mut kinds);
        kinds.into_iter().for_each(|kind| self.add(at, kind.word()));
        if piece.dated
            && let Some(finding) = self.search.days_in(person, text)
        {
            self.add(at, finding.word());
        }
    }

    fn day(&mut self, at: &At, person: Option<&str>, day: i32) {
        self.texts += 1;
        let finding = match person {
            Some(person) => self.search.day(person, day),
            None => self.search.loose_day(day),
        };
        finding.iter().for_each(|finding| self.add(at, finding.word()));
    }
}

/// Whether a name may be printed.
pub(super) fn clean_name(search: &Search, name: &str) -> bool {
    let mut kinds = Kinds::new();
    search.text(name, Piece::TEXT, &mut kinds);
    name.split(['/', '.']).for_each(|part| search.text(part, Piece::VALUE, &mut kinds));
    kinds.is_empty() && search.days_in(None, name).is_none()
}

fn file(path: &Path, found: &mut Found) -> Result<()> {
    if !path.is_file() {
        return Ok(());
    }
    let fault = |error: std::io::Error| io_fault(&found.file, &error);
    let size = std::fs::metadata(path).map_err(fault)?.len();
    let head = walk::head(path).map_err(fault)?;
    // Larger ones are no inputs either: their texts are looked for as in a file of no known kind.
    let kind = if size <= walk::MAX_INPUT_BYTES { read::kind_of(&head) } else { None };
    match kind {
        Some(InputKind::Dicom) => {
            let bytes = std::fs::read(path).map_err(fault)?;
            match guarded(|| dicom::every(bytes.clone())) {
                Ok(every) => object(&every.values, found),
                Err(_) => unknown(&bytes, found),
            }
            Ok(())
        }
        Some(InputKind::Hl7) => {
            let bytes = std::fs::read(path).map_err(fault)?;
            messages(&bytes, hl7::messages(&bytes), found);
            Ok(())
        }
        _ => {
            // Columns whose numbers are the data set's own: offsets, counts, ordinals.
            let measured: Vec<&str> = dataset_tables()
                .iter()
                .flat_map(|table| table.columns)
                .filter(|column| matches!(column.class, Class::Number | Class::Code))
                .map(|column| column.name)
                .collect();
            texts(path, &mut |at, person, said| piece(at, person, said, &measured, found))
        }
    }
}

fn unknown(bytes: &[u8], found: &mut Found) {
    let mut kinds = Kinds::new();
    found.search.bytes(bytes, &mut kinds);
    kinds.into_iter().for_each(|kind| found.add(&At::default(), kind.word()));
}

fn piece(at: &At, person: Option<&str>, said: Said, measured: &[&str], found: &mut Found) {
    match said {
        Said::Value(text) => {
            if at.name == "patient_id" && text.starts_with('P') && !found.search.is_person(text) {
                found.add(at, DateFinding::Nobody.word());
            }
            // Row numbers and stable words of this program are no short ids.
            let own = matches!(at.name.as_str(), "tensor_name" | "numbers" | "rows_by_table" | "images_by_modality");
            found.text(at, person, text, if own { Piece::TEXT } else { Piece::VALUE });
        }
        Said::Text(text) => found.text(at, person, text, Piece::TEXT),
        Said::Bytes(bytes) => {
            found.texts += 1;
            let mut kinds = Kinds::new();
            found.search.bytes(bytes, &mut kinds);
            kinds.into_iter().for_each(|kind| found.add(at, kind.word()));
        }
        Said::Day(day) => found.day(at, person, day),
        Said::Number(number) => {
            if measured.contains(&at.name.as_str())
                && let Some(kind) = found.search.measurement(number)
            {
                found.add(at, kind.word());
            }
        }
    }
}

/// All values of a DICOM object of the data set.
fn object(values: &[SeenAttribute], found: &mut Found) {
    let search = found.search;
    let mut hits = Vec::new();
    found.texts += values.len() as u64;
    let links = search.object(values, &mut |place, what| hits.push((place, what)));
    found.links.push(links);
    for (place, what) in hits {
        let at = At::of("element", place as u64);
        match values.get(place) {
            Some(seen) => found.add(&at.named(&dicom::keyword(seen.tag)), what),
            None => found.add(&at, what),
        }
    }
}

/// Searches messages; what none can be made of, and a message that makes the parser panic, is searched as bytes.
fn messages<'m>(bytes: &'m [u8], messages: impl Iterator<Item = Item<'m>>, found: &mut Found) {
    let search = found.search;
    let mut broken = Vec::new();
    let mut one = |number, message: &Message<'_>| {
        hl7::every(message, &mut |person, fields| {
            found.texts += fields.len() as u64;
            let mut hits = Vec::new();
            search.fields(&fields, person.as_ref(), &mut |place, what| hits.push((place, what)));
            for (place, what) in hits {
                let at = At::of("message", number);
                match fields.get(place) {
                    Some(field) if field.field > 0 => {
                        let segment = String::from_utf8_lossy(&field.segment);
                        found.add(&at.named(&format!("{segment}-{}", field.field)), what);
                    }
                    _ => found.add(&at, what),
                }
            }
        });
    };
    each(messages, bytes.len(), &mut one, &mut |stray| broken.push(stray));
    broken.iter().for_each(|stray| unknown(bytes_of(stray, bytes), found));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deid::leaks::{Harvest, Kept};

    #[test]
    fn what_stands_behind_a_message_that_makes_the_parser_panic_is_searched() {
        let mut harvest = Harvest::new(None);
        let text = b"MSH|^~\\&|A\rPID|1||7\rMSH|^~\\&|B\rPID|1||7||||||||||555-0303-9\r";
        for message in hl7::messages(text).flatten() {
            hl7::every(&message, &mut |person, fields| harvest.message(&fields, person.as_ref()));
        }
        let search = harvest.freeze(Kept::of(&[]));
        for broken in [0, 2] {
            let mut count = 0;
            let breaking = hl7::messages(text).inspect(|_| {
                count += 1;
                assert_ne!(count, broken, "the parser's own words");
            });
            let mut found = Found::new(&search, 0, Path::new("out.hl7"));
            messages(text, breaking, &mut found);
            assert_eq!(found.leaks.len(), 1, "broken at {broken}");
        }
    }
}
