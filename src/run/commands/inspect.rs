//! `voxmill inspect`: what a file is and what would be done to it, without any value from it.

use crate::console::Console;
use crate::error::Result;
use crate::model::Tag;
use crate::run::guarded;
use crate::read::{self, INPUT_KINDS, InputKind, dicom, hl7, tables};
use std::path::Path;

/// Prints one line a fact: name, tab, value. Values are sizes, counts, defined terms and attribute tags.
pub fn run(file: &Path, console: &Console) -> Result<()> {
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
            Ok(())
        }
        Some(InputKind::Table) => {
            let counts = tables::rows(&bytes, &mut |_| {})?;
            say("rows", counts.rows.to_string());
            say("refused rows", counts.rejects.to_string());
            Ok(())
        }
        None => Ok(()),
    }
}

fn image(bytes: Vec<u8>, say: &dyn Fn(&str, String)) -> Result<()> {
    let opened = guarded(|| dicom::open(bytes))?;
    let tags: Vec<String> = opened.sheet.tags().map(|Tag(group, element)| format!("{group:04X},{element:04X}")).collect();
    say("attributes read", tags.join(" "));
    let image = match opened.image {
        Ok(image) => image,
        Err(fault) => {
            say("refused", format!("{}: {fault}", fault.reason.code()));
            return Ok(());
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
        }
        Err(fault) => say("first frame", format!("refused: {}: {fault}", fault.reason.code())),
    }
    Ok(())
}
