//! monai.json: lists of tensors by split in the form of the Medical Segmentation Decathlon, which
//! `monai.data.load_decathlon_datalist` reads. Each entry names its file and, where the format has it, the place in
//! the file. The lists are streamed from the manifests, so their length does not matter.

use super::files::{Staged, Staging};
use super::reread::{Entry, entries};
use super::summary::Summary;
use crate::error::{Fault, Result};
use crate::model::Split;
use serde_json::{Value, json};
use std::path::Path;

/// The name of the list of a split in the Decathlon's words.
fn list_name(split: Split) -> &'static str {
    match split {
        Split::Train => "training",
        Split::Validation => "validation",
        Split::Test => "test",
    }
}

/// Writes the file; `look` sees every manifest row on the way.
pub(super) fn write(
    staging: &Staging,
    root: &Path,
    summary: &Summary,
    mut look: impl FnMut(&Entry) -> Result<()>,
) -> Result<Staged> {
    let mut file = staging.file("monai.json")?;
    let count = |split: Split| summary.tensors.get(split.name()).copied().unwrap_or(0);
    let modalities: serde_json::Map<String, Value> =
        summary.tally("modality").enumerate().map(|(i, (m, _))| (i.to_string(), json!(m))).collect();
    let head = json!({
        "name": "voxmill dataset",
        "description": "De-identified image tensors. Each entry: image = file, member = name in it, offset = first byte of the array.",
        "tensorImageSize": "2D",
        "modality": modalities,
        "numTraining": count(Split::Train),
        "numValidation": count(Split::Validation),
        "numTest": count(Split::Test),
    });
    let head = serde_json::to_string_pretty(&head).map_err(|_| Fault::bug("write/monai", "a head"))?;
    file.put(head.trim_end_matches('}').trim_end().as_bytes())?;
    for split in Split::ALL {
        file.put(format!(",\n  \"{}\": [", list_name(split)).as_bytes())?;
        let prefix = format!("manifest/{}-", split.name());
        let mut first = true;
        for manifest in summary.files_in("manifest").into_iter().filter(|f| f.name.starts_with(&prefix)) {
            entries(root, manifest, |entry| {
                look(&entry)?;
                file.put(if first { "\n    " } else { ",\n    " }.as_bytes())?;
                first = false;
                file.put(line_of(&entry).to_string().as_bytes())
            })?;
        }
        file.put(if first { "]" } else { "\n  ]" }.as_bytes())?;
    }
    file.put(b"\n}\n")?;
    file.close()
}

fn line_of(entry: &Entry) -> Value {
    let mut line = json!({"image": entry.tensor_file, "member": entry.tensor_name, "tensor_id": entry.tensor_id,
        "dtype": entry.dtype, "shape": entry.shape});
    if let Value::Object(map) = &mut line {
        if let Some((offset, length)) = entry.place {
            map.insert("offset".to_owned(), json!(offset));
            map.insert("length".to_owned(), json!(length));
        }
        for (name, value) in [("patient_id", &entry.patient_id), ("modality", &entry.modality)] {
            if let Some(value) = value {
                map.insert(name.to_owned(), json!(value));
            }
        }
    }
    line
}
