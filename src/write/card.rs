//! dataset.json: what the dataset is, for programs. Counts, the recipe and the declaration of every table; nothing of
//! any one person.

use super::arrays::type_word;
use super::summary::{Summary, TableFacts};
use crate::error::{Fault, Result};
use crate::model::{Class, Split, Table};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Name of a table among all tables: `manifest`, `patients`, `hl7/observations`.
pub(super) fn name_of(table: &Table) -> String {
    table.path()
}

/// Path of a table's files: a file of the root, a folder with one file per part, or the manifest's folder.
pub(super) fn path_of(table: &Table) -> String {
    match table.folder {
        "" => format!("{}.parquet", table.name),
        _ => format!("{}/*.parquet", table.path()),
    }
}

/// How de-identification treats the values of a class.
pub(super) fn treatment(class: Class) -> &'static str {
    match class {
        Class::Keep => "made by voxmill",
        Class::Code => "code, checked for its shape",
        Class::Term | Class::Text => "text, scrubbed",
        Class::Number => "number",
        Class::Pseudonym(_) => "pseudonym",
        Class::Date | Class::DateTime => "date, shifted",
        Class::BirthDate => "birth date, as age",
        Class::Zip => "postal code, three digits",
        Class::Drop => "dropped",
    }
}

fn table_json(facts: &TableFacts) -> Value {
    let columns: Vec<Value> = facts
        .table
        .columns
        .iter()
        .map(|column| {
            json!({"name": column.name, "type": type_word(column.kind), "treatment": treatment(column.class),
                "doc": column.doc})
        })
        .collect();
    json!({"name": facts.table.name, "path": path_of(facts.table), "rows": facts.rows, "doc": facts.table.doc,
        "columns": columns})
}

/// The text of dataset.json.
pub(super) fn json(summary: &Summary, tables: &[TableFacts]) -> Result<String> {
    let card = &summary.card;
    let mut by_split: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, facts) in summary.patients.iter() {
        *by_split.entry(facts.split.map_or("unknown", Split::name)).or_default() += 1;
    }
    let reasons: Map<String, Value> =
        summary.reasons().iter().map(|((outcome, reason), (n, _))| (format!("{outcome}/{reason}"), json!(n))).collect();
    let engines: BTreeMap<&str, u64> = summary.tally("engine").collect();
    let value = json!({
        "schema": card.schema,
        "program": card.program,
        "format": card.format,
        "parts": card.parts,
        "plan_digest": card.plan_digest,
        "recipe_digest": card.recipe_digest,
        "recipe": card.recipe,
        "engines": engines,
        "counts": summary.counts,
        "tensors": summary.tensors,
        "patients": {"all": summary.patients.len(), "by_split": by_split},
        "boxes_masked": summary.boxes,
        "burned_in": {
            "images": summary.tally("burned_in").collect::<BTreeMap<&str, u64>>(),
            "images_by_layer": summary.layers(),
            "waiting_for_review": summary.review_queue().count(),
        },
        "rejects": reasons,
        "audit": summary.trail.end(),
        "values": summary.tallies,
        "tables": tables.iter().map(table_json).collect::<Vec<_>>(),
        "tensor_place": "np.memmap(tensor_file, dtype, 'r', offset, shape) where offset is not null",
    });
    let mut text = serde_json::to_string_pretty(&value).map_err(|_| Fault::bug("write/card", "a card"))?;
    text.push('\n');
    Ok(text)
}
