//! A small dataset with values that arithmetic gives: element j of tensor i is i + j / 1024 (floats) or
//! (7 i + j) mod 256 (integers), so that flips, swaps and shifts show.

use std::path::Path;
use voxmill::deid::identity::{Identity, Issuers, Shares};
use voxmill::deid::key::Key;
use voxmill::deid::rows;
use voxmill::error::{Fault, Reason, Result};
use voxmill::model::manifest::MANIFEST;
use voxmill::model::table::PersonId;
use voxmill::model::{
    Cell, Class, Column, ColumnType, DType, Domain, InputId, MaskBox, Phi, SealedRow, Split, Table, Tensor,
};
use voxmill::write::files::Durability;
use voxmill::write::{
    Dataset, Fact, Finished, Finisher, Format, Outcome, PartReceipt, PartWriter, Reject, RunCard, Unit,
};

pub const PARTS: u32 = 2;
pub const IMAGES: u64 = 40;

const fn column(name: &'static str, kind: ColumnType, class: Class) -> Column {
    Column { name, kind, class, doc: "For the test." }
}

/// A table of HL7 data.
pub static OBSERVATIONS: Table = Table {
    name: "observations",
    folder: "hl7",
    doc: "Observations of the test.",
    columns: &[
        column("patient_id", ColumnType::Text, Class::Pseudonym(Domain::Patient)),
        column("code", ColumnType::Text, Class::Code),
        column("value", ColumnType::F64, Class::Number),
        column("at", ColumnType::TimestampMs, Class::DateTime),
    ],
};

/// A table over all parts.
pub static LINKS: Table = Table {
    name: "links",
    folder: "",
    doc: "Links of the test.",
    columns: &[column("rule", ColumnType::Text, Class::Keep)],
};

pub fn identity() -> Identity {
    let key = Key::parse(b"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f").expect("a key");
    Identity::new(key, Issuers::Merge, Shares { train: 0.6, validation: 0.2 })
}

fn person(i: u64) -> PersonId {
    PersonId { id: format!("MRN{:04}", i % 17), issuer: String::new() }
}

/// What `deid` makes of a row of tensor i.
pub fn manifest_row(i: u64) -> rows::CleanRow {
    let cells = MANIFEST.columns.iter().map(|column| match column.name {
        "patient_id" => Cell::Text(person(i).id),
        "study_uid" => Cell::Text(format!("1.2.3.{}", i % 9)),
        "sop_uid" => Cell::Text(format!("1.2.3.4.{i}")),
        "frame" => Cell::U64(i),
        "modality" => Cell::Text(["CT", "MR", "CR"][(i % 3) as usize].to_owned()),
        "rows" | "columns" => Cell::U64(512),
        "bits_stored" => Cell::U64(12),
        "lossy" => Cell::Bool(i.is_multiple_of(2)),
        // Null for the first ten: readers that guess types from the first rows must not be misled.
        "pixel_spacing_mm" if i >= 10 => Cell::ListF32(vec![0.1, 0.25]),
        "slice_thickness_mm" if i >= 10 => Cell::F64(1.1),
        "study_date" if i >= 10 => Cell::Text(format!("202001{:02}", 1 + i % 28)),
        "patient_age_years" if i >= 10 => Cell::F64(63.0),
        "patient_sex" => Cell::Text("F".to_owned()),
        "masked" if i.is_multiple_of(10) => Cell::Masks(vec![MaskBox { x: 1, y: 2, w: 30, h: 9, reason: "recipe" }]),
        "masked" | "released" => Cell::Masks(Vec::new()),
        "burned_in" => Cell::Text("none".to_owned()),
        "engine" => Cell::Text("cpu".to_owned()),
        "plan_digest" => Cell::Text("p1".to_owned()),
        _ => Cell::Null,
    });
    let row = SealedRow {
        table: &MANIFEST,
        cells: Phi::seal(cells.collect()),
        person: Some(Phi::seal(person(i))),
        naming: None,
        reference_date: None,
    };
    rows::Cleaner::new(&identity()).clean(&row)
}

fn observation(i: u64) -> rows::CleanRow {
    let cells = vec![
        Cell::Text(person(i).id),
        Cell::Text("GLU".to_owned()),
        Cell::F64(i as f64 / 4.0),
        Cell::Text("20200131120000".to_owned()),
    ];
    let row = SealedRow {
        table: &OBSERVATIONS,
        cells: Phi::seal(cells),
        person: Some(Phi::seal(person(i))),
        naming: None,
        reference_date: None,
    };
    rows::Cleaner::new(&identity()).clean(&row)
}

/// Tensor i: channels x 6 x 5, so that no axis can be taken for another.
pub fn tensor(i: u64, dtype: DType, channels: u32) -> Tensor {
    let elements = u64::from(channels) * 30;
    let data = (0..elements)
        .flat_map(|j| {
            let float = i as f32 + j as f32 / 1024.0;
            let integer = (7 * i + j) % 256;
            match dtype {
                DType::F32 => float.to_le_bytes().to_vec(),
                DType::F16 => half::f16::from_f32(float).to_le_bytes().to_vec(),
                DType::U8 => vec![integer as u8],
                DType::U16 => (integer as u16).to_le_bytes().to_vec(),
            }
        })
        .collect();
    Tensor { channels, height: 6, width: 5, dtype, data }
}

pub fn key(i: u64) -> String {
    format!("t{i:04}")
}

pub fn card(format: Format) -> RunCard {
    RunCard::new("# the test's recipe\n".into(), "r1".into(), "p1".into(), format, PARTS)
}

pub fn open(root: &Path, format: Format) -> Result<Dataset> {
    Dataset::open(root, card(format), Durability::Buffered)
}

/// Fills part `index`: tensors i with i mod PARTS = index, an observation each, one refused and one skipped input.
pub fn fill(dataset: &Dataset, index: u32, dtype: DType, channels: u32) -> Result<PartWriter> {
    let mut part = PartWriter::begin(dataset, dataset.part(index))?;
    for i in (0..IMAGES).filter(|i| i % u64::from(PARTS) == u64::from(index)) {
        let row = manifest_row(i);
        let split = row.person.as_ref().map_or(Split::Train, |person| person.split);
        part.read(Unit::Inputs, 1);
        part.read(Unit::Images, 1);
        part.tensor(split, &key(i), &tensor(i, dtype, channels), row.cells)?;
        part.written(Unit::Inputs, 1);
        part.row(&OBSERVATIONS, observation(i).cells)?;
    }
    let refused =
        Fault::input(Reason::TooDeep, "sequence", "nested too deeply").number("limit", 64).number("found", 2000);
    let skipped = Fault::input(Reason::Filtered, "Modality", "left out by the recipe").remedy("change the recipe");
    for (outcome, fault, at) in [(Outcome::Skipped, &skipped, 1001), (Outcome::Refused, &refused, 1000)] {
        let input = InputId(at + u64::from(index) * 10);
        let input_id = identity().source_digest(&input.0.to_string());
        part.read(Unit::Inputs, 1);
        part.reject(&Reject { input, input_id, unit: Unit::Inputs, item: None, outcome, fault });
    }
    part.audit("rules", &[("recipe_boxes", Fact::Number(1)), ("method", Fact::Word("allow-list"))]);
    Ok(part)
}

pub fn finish(dataset: &Dataset) -> Result<Finished> {
    let mut finisher = Finisher::open(dataset, &[&OBSERVATIONS])?;
    finisher.table(&LINKS, [])?;
    finisher.finish()
}

/// A whole dataset; parts in the given order.
pub fn make(root: &Path, format: Format, dtype: DType, channels: u32, order: &[u32]) -> Result<Finished> {
    let dataset = open(root, format)?;
    for &index in order {
        let _: PartReceipt = fill(&dataset, index, dtype, channels)?.commit()?;
    }
    finish(&dataset)
}

/// All files below a folder with their bytes, by name.
pub fn tree(root: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut files = std::collections::BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).expect("inside").to_string_lossy().into_owned();
                files.insert(name, std::fs::read(&path).expect("a file"));
            }
        }
    }
    files
}
