//! A synthetic hospital archive: images, HL7 feeds and tables of the same invented patients, shaped like the real
//! thing, identifiers in every corner included. It follows from its options alone: no clock, no machine, no chance
//! but the seed's. What becomes of the archive is decided elsewhere.

mod canvas;
mod chance;
mod colour;
mod enhanced;
mod feed;
mod font;
mod hl7;
mod laboratory;
mod magnetic;
mod object;
mod papers;
mod people;
mod plan;
mod radiograph;
mod store;
mod tables;
mod tomography;
mod truth;
mod ultrasound;

pub use truth::{DemoTruth, ImageTruth, planted_identifiers, truth};

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use crate::error::{Fault, Result};
use crate::write::files::{self, Access};
use object::Object;
use papers::Broken;
use plan::{Archive, Study};

/// The most patients and messages that can be asked for.
const MOST_PATIENTS: u32 = 10_000;
const MOST_MESSAGES: u32 = 1_000_000;

/// What archive to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoOptions {
    /// Patients, 1 to 10,000. Beyond 16, each adds a small study of about a megabyte.
    pub patients: u32,
    /// HL7 messages, at most a million.
    pub messages: u32,
    /// Another seed gives other people, other pictures and other values.
    pub seed: u64,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self { patients: 24, messages: 1000, seed: 1 }
    }
}

/// What was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct DemoSummary {
    /// Files below `dicom/`, the broken ones included.
    pub dicom_files: u32,
    /// Files among them that no program can read as an image or a report: they will be refused.
    pub broken_files: u32,
    /// HL7 messages below `hl7/`.
    pub hl7_messages: u32,
    /// Rows of the tables below `ehr/`, without headers.
    pub csv_rows: u32,
    /// Patients.
    pub patients: u32,
    /// Bytes of all files.
    pub bytes: u64,
}

/// Makes the archive in `dir`, which may be absent, empty, or hold the same archive from an earlier run, whole or in
/// part. Fails with a Config fault if other files lie there or the options are out of range, and with an
/// Environment fault if the disk does not take it.
pub fn make(dir: &Path, options: &DemoOptions) -> Result<DemoSummary> {
    let archive = plan(options)?;
    let mut known = BTreeSet::new();
    each_file(&archive, options.messages, &mut |file| {
        known.insert(file.path);
        Ok(())
    })?;
    check_folder(dir, &known)?;
    let mut summary =
        DemoSummary { patients: options.patients, hl7_messages: options.messages, ..DemoSummary::default() };
    each_file(&archive, options.messages, &mut |file| {
        match &file.content {
            Content::Dicom(_) => summary.dicom_files += 1,
            Content::Broken(_) => {
                summary.dicom_files += 1;
                summary.broken_files += 1;
            }
            Content::Feed(_) => {}
            Content::Table(_, rows) => summary.csv_rows += rows,
        }
        let target = dir.join(&file.path);
        let folder = target.parent().unwrap_or(dir);
        std::fs::create_dir_all(folder).map_err(|error| files::io_fault(&file.path, &error))?;
        summary.bytes += files::put(&target, &content_bytes(file.content)?, Access::Shared)?.bytes;
        Ok(())
    })?;
    Ok(summary)
}

fn plan(options: &DemoOptions) -> Result<Archive> {
    if options.patients == 0 || options.patients > MOST_PATIENTS {
        return Err(Fault::config("demo", "patients must be from 1 to 10000", options.patients.to_string()));
    }
    if options.messages > MOST_MESSAGES {
        return Err(Fault::config("demo", "messages must be at most 1000000", options.messages.to_string()));
    }
    Ok(Archive::new(options.seed, options.patients))
}

/// One file of the archive.
struct File<'a> {
    /// Relative to the archive, with `/`.
    path: String,
    content: Content<'a>,
}

enum Content<'a> {
    Dicom(Box<Object<'a>>),
    Broken(Broken<'a>),
    Feed(Vec<u8>),
    /// Bytes and rows.
    Table(Vec<u8>, u32),
}

/// Every DICOM object of a study, in order.
fn study_objects<'a>(archive: &'a Archive, study: &'a Study) -> Vec<Object<'a>> {
    [
        tomography::objects(archive, study),
        radiograph::objects(archive, study),
        magnetic::objects(archive, study),
        enhanced::objects(archive, study),
        ultrasound::objects(archive, study),
        colour::objects(archive, study),
        papers::objects(archive, study),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Goes through the files of the archive in a fixed order. Pictures are drawn only when a file is written.
fn each_file<'a>(archive: &'a Archive, messages: u32, visit: &mut dyn FnMut(File<'a>) -> Result<()>) -> Result<()> {
    for study in &archive.studies {
        for object in study_objects(archive, study) {
            visit(File { path: object.path.clone(), content: Content::Dicom(Box::new(object)) })?;
        }
    }
    for (path, broken) in papers::broken(archive) {
        visit(File { path, content: Content::Broken(broken) })?;
    }
    for (path, bytes) in feed::files(archive, messages) {
        visit(File { path, content: Content::Feed(bytes) })?;
    }
    for (path, bytes, rows) in tables::files(archive) {
        visit(File { path, content: Content::Table(bytes, rows) })?;
    }
    Ok(())
}

fn content_bytes(content: Content<'_>) -> Result<Vec<u8>> {
    match content {
        Content::Dicom(object) => store::file_bytes(*object),
        Content::Broken(Broken::Whole(object)) => store::file_bytes(*object),
        Content::Broken(Broken::Half(object)) => {
            let mut bytes = store::file_bytes(*object)?;
            // The samples come last: the cut lies among them.
            bytes.truncate(bytes.len() - 2000);
            Ok(bytes)
        }
        Content::Broken(Broken::Bytes(bytes)) | Content::Feed(bytes) | Content::Table(bytes, _) => Ok(bytes),
    }
}

/// Refuses a folder that holds files of others; removes what a killed run left under a temporary name.
fn check_folder(dir: &Path, known: &BTreeSet<String>) -> Result<()> {
    let fault = |error: io::Error| files::io_fault(&dir.display().to_string(), &error);
    let mut folders = vec![(dir.to_path_buf(), String::new())];
    while let Some((folder, place)) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(fault(error)),
        };
        for entry in entries {
            let entry = entry.map_err(fault)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if place.is_empty() { name.clone() } else { format!("{place}/{name}") };
            if entry.file_type().map_err(fault)?.is_dir() {
                folders.push((entry.path(), path));
            } else if name.starts_with(files::TEMPORARY) && !place.is_empty() {
                std::fs::remove_file(entry.path()).map_err(fault)?;
            } else if !known.contains(&path) {
                return Err(Fault::config("demo", "the folder holds other files", dir.display().to_string())
                    .remedy("choose an empty or new folder for the archive"));
            }
        }
    }
    Ok(())
}
