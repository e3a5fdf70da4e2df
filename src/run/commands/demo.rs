//! `voxmill demo`: a synthetic hospital archive, prepared.

use crate::console::Console;
use crate::demo::{self, DemoOptions};
use crate::engine::Choice;
use crate::error::{Fault, Result};
use crate::recipe::Recipe;
use crate::run::context::Purpose;
use crate::run::prepare::{self, Request};
use crate::run::shard::Outcome;
use crate::run::work::Work;
use std::path::Path;

/// The rule that the demo needs: its ultrasound machine draws the patient's name into a band at the top.
pub const RECIPE: &str = include_str!("recipes/demo.toml");

/// Makes `out/archive`, prepares it into `out/dataset` and says what to open.
pub fn run(out: &Path, seed: u64, engine: Choice, console: &Console) -> Result<Box<crate::write::Finished>> {
    let (archive, dataset) = (out.join("archive"), out.join("dataset"));
    for folder in [&archive, &dataset] {
        if folder.exists() {
            let shown = folder.display().to_string();
            return Err(Fault::config("--out", "the demo makes this folder and it is there already", shown)
                .remedy("choose another --out, or remove it"));
        }
    }
    let made = demo::make(&archive, &DemoOptions { seed, ..DemoOptions::default() })?;
    console.say(&format!(
        "archive: {} patients, {} DICOM files, {} HL7 messages, {} table rows, {:.1} MB",
        made.patients,
        made.dicom_files,
        made.hl7_messages,
        made.csv_rows,
        made.bytes as f64 / 1e6,
    ));
    let work = Work::new(vec![archive], dataset.clone(), Recipe::parse(RECIPE)?);
    let work = Work { engine, private: Some(out.join("private")), ..work };
    let request = Request { work, purpose: Purpose::Prepare };
    let Outcome::Finished(finished) = prepare::run(&request, console)? else {
        return Err(Fault::bug("demo", "a run without shards left parts undone"));
    };
    let open = |name: &str, what: &str| console.say(&format!("  {:<44} {what}", shown(&dataset.join(name))));
    console.say("open:");
    open("report/index.html", "what is in it, with pictures");
    open("manifest/", "one row per tensor: pandas.read_parquet(...)");
    open("data/", "tensors: webdataset, datasets.load_dataset, numpy.memmap");
    open("hl7/", "messages, observations, orders, ... as Parquet");
    open("rejects.parquet", "what was not taken, and why");
    console.data(&shown(&dataset));
    Ok(finished)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
