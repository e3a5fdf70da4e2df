//! `voxmill inspect`: what a file is and what would be done to it, without any value from it.

use crate::console::Console;
use crate::error::{Fault, Result};
use crate::model::Tag;
use crate::read::{self, INPUT_KINDS, InputKind, archive, dicom, hl7, tables};
use crate::run::guarded;
use std::path::Path;

/// Prints one line a fact: name, tab, value. Values are sizes, counts, defined terms and attribute tags. Says whether
/// `prepare` would take the file.
pub fn run(file: &Path, console: &Console) -> Result<bool> {
    if file.is_dir() || archive::kind(file).is_some() {
        return Err(Fault::config("FILE", "a folder or an archive holds many inputs", file.display().to_string())
            .remedy("inspect one file; `prepare` and `mask` take folders and archives"));
    }
    let bytes = super::bytes_of(file)?;
    let say = |name: &str, value: String| console.data(&format!("{name}\t{value}"));
    say("bytes", bytes.len().to_string());
    let kind = read::kind_of(&bytes);
    let word = INPUT_KINDS.iter().find(|row| Some(row.kind) == kind).map_or("unknown", |row| row.word);
    say("kind", word.to_owned());
    match kind {
        Some(InputKind::Dicom) => image(bytes, &say),
        Some(InputKind::Hl7) => {
            let (mut messages, mut rejects) = (0u64, 0u64);
            for message in hl7::messages(&bytes) {
                if message.is_ok() { messages += 1 } else { rejects += 1 }
            }
            say("messages", messages.to_string());
            say("refused pieces", rejects.to_string());
            Ok(messages > 0)
        }
        Some(InputKind::Table) => {
            let counts = tables::rows(&bytes, None, &mut |_| {})?;
            say("rows", counts.rows.to_string());
            say("refused rows", counts.rejects.to_string());
            Ok(counts.rows > 0)
        }
        None => Ok(false),
    }
}

fn image(bytes: Vec<u8>, say: &dyn Fn(&str, String)) -> Result<bool> {
    let opened = guarded(|| dicom::open(bytes))?;
    let tags: Vec<String> =
        opened.sheet.tags().map(|Tag(group, element)| format!("{group:04X},{element:04X}")).collect();
    say("attributes read", tags.join(" "));
    let image = match opened.image {
        Ok(image) => image,
        Err(fault) => {
            say("refused", format!("{}: {fault}", fault.reason.code()));
            return Ok(false);
        }
    };
    say("transfer syntax", image.transfer_syntax().to_owned());
    say("photometric", image.source_photometric().to_owned());
    say("rows", image.rows().to_string());
    say("columns", image.columns().to_string());
    say("frames", image.frames().to_string());
    say("samples", image.samples().to_string());
    say("bits stored", image.bits_stored().to_string());
    say("sample type", image.sample_type().numpy().to_owned());
    say("lossy", image.lossy().map_or("unknown".to_owned(), |lossy| lossy.to_string()));
    say("warnings", image.warnings().join(" "));
    match guarded(|| image.decode(0)) {
        Ok(frame) => {
            let facts = &frame.interpretation;
            say("modality", facts.modality_code.unwrap_or("unknown").to_owned());
            say("body part", facts.body_part.unwrap_or("unknown").to_owned());
            say("views offered", facts.voi.len().to_string());
            say("first frame", "decodes".to_owned());
            Ok(true)
        }
        Err(fault) => {
            say("first frame", format!("refused: {}: {fault}", fault.reason.code()));
            Ok(false)
        }
    }
}
