//! Burned-in text, layer by layer: on files made here, whose pixels are known, and on real screens. docs/BURNEDIN.md
//! tells the layers and their order.

#[path = "archive/mod.rs"]
mod archive;
mod dicom_files;
mod made_frames;

#[path = "burned_in/allow.rs"]
mod allow;
#[path = "burned_in/finder.rs"]
mod finder;
#[path = "burned_in/flow.rs"]
mod flow;
#[path = "burned_in/kinds.rs"]
mod kinds;
#[path = "burned_in/planes.rs"]
mod planes;
#[path = "burned_in/regions.rs"]
mod regions;
#[path = "burned_in/still.rs"]
mod still;
#[path = "burned_in/value.rs"]
mod value;
#[path = "burned_in/written.rs"]
mod written;

use std::path::Path;
use voxmill::deid::facts;
use voxmill::deid::identity::{Crosswalk, Identity, Issuers, Shares};
use voxmill::deid::key::Key;
use voxmill::read::dicom;
use voxmill::recipe::Recipe;
use voxmill::run::load::LoadedImage;

/// An image as a run has it before any frame is decoded.
fn loaded(bytes: Vec<u8>) -> LoadedImage {
    let opened = dicom::open(bytes).expect("DICOM");
    let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap();
    let identity = Identity::new(key, Issuers::Merge, Shares { train: 1.0, validation: 0.0 });
    let facts = facts::clean(&opened.sheet, "source", &identity, &mut Crosswalk::default());
    LoadedImage::new(&Recipe::default(), facts, &opened.sheet, opened.image.expect("an image")).unwrap()
}

/// The JSON lines of `voxmill mask`, one a frame.
fn mask(input: &Path, recipe: &str, expected: i32) -> Vec<serde_json::Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recipe.toml");
    std::fs::write(&file, recipe).unwrap();
    let output = archive::run(archive::voxmill().args(["mask", "--json", "--recipe"]).arg(&file).arg(input), expected);
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// x, y, w, h of the boxes of a line that have a reason.
fn boxes(line: &serde_json::Value, reason: &str) -> Vec<[u64; 4]> {
    let all = line["boxes"].as_array().expect("boxes");
    let number = |b: &serde_json::Value, name: &str| b[name].as_u64().unwrap();
    all.iter()
        .filter(|b| b["reason"] == reason)
        .map(|b| [number(b, "x"), number(b, "y"), number(b, "w"), number(b, "h")])
        .collect()
}
