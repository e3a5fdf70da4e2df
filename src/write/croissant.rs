//! croissant.json: the dataset in the words of Croissant 1.0 (mlcommons.org/croissant/1.0), with one record set per
//! table. Lists are left out of the fields: Croissant 1.0 has no word for lists inside a row.

use super::card::{name_of, path_of};
use super::files::Staged;
use super::summary::{Summary, TableFacts};
use crate::error::{Fault, Result};
use crate::model::{ColumnType, Table};
use serde_json::{Value, json};

/// The context of Croissant 1.0, word by word as mlcroissant 1.1 expects it.
const CONTEXT: &str = r#"{
"@language": "en", "@vocab": "https://schema.org/", "citeAs": "cr:citeAs", "column": "cr:column",
"conformsTo": "dct:conformsTo", "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
"data": {"@id": "cr:data", "@type": "@json"}, "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
"dct": "http://purl.org/dc/terms/", "equivalentProperty": "cr:equivalentProperty",
"examples": {"@id": "cr:examples", "@type": "@json"}, "extract": "cr:extract", "field": "cr:field",
"fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject", "fileSet": "cr:fileSet", "format": "cr:format",
"includes": "cr:includes", "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key",
"md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path", "recordSet": "cr:recordSet",
"references": "cr:references", "regex": "cr:regex", "repeated": "cr:repeated", "replace": "cr:replace",
"samplingRate": "cr:samplingRate", "sc": "https://schema.org/", "separator": "cr:separator", "source": "cr:source",
"subField": "cr:subField", "transform": "cr:transform"}"#;

/// The Croissant type of a column; `None` for lists.
fn data_type(kind: ColumnType) -> Option<&'static str> {
    Some(match kind {
        ColumnType::Text => "sc:Text",
        ColumnType::Bool => "sc:Boolean",
        ColumnType::U8 | ColumnType::U32 | ColumnType::U64 | ColumnType::I64 => "sc:Integer",
        ColumnType::F32 | ColumnType::F64 => "sc:Float",
        ColumnType::Date32 => "sc:Date",
        ColumnType::TimestampMs => "sc:DateTime",
        ColumnType::ListU32 | ColumnType::ListF32 | ColumnType::ListText | ColumnType::ListMask => return None,
    })
}

fn id_of(table: &Table) -> String {
    name_of(table).replace('/', "_")
}

fn record_set(table: &Table) -> Value {
    let id = id_of(table);
    let source = if table.folder.is_empty() { "fileObject" } else { "fileSet" };
    let field = |name: &str, kind: &str, doc: &str| {
        json!({"@type": "cr:Field", "@id": format!("{id}/{name}"), "name": name, "description": doc, "dataType": kind,
            "source": {source: {"@id": format!("{id}-files")}, "extract": {"column": name}}})
    };
    let fields: Vec<Value> =
        table.columns.iter().filter_map(|c| Some(field(c.name, data_type(c.kind)?, c.doc))).collect();
    json!({"@type": "cr:RecordSet", "@id": id, "name": id, "description": table.doc, "field": fields})
}

/// The text of croissant.json. Tables without rows are left out: a set of no files is not a set.
pub(super) fn json(summary: &Summary, tables: &[TableFacts], root_files: &[Staged]) -> Result<String> {
    let bug = || Fault::bug("write/croissant", "a description");
    let parquet = "application/x-parquet";
    let mut distribution = Vec::new();
    let mut record_sets = Vec::new();
    for facts in tables.iter().filter(|facts| facts.rows > 0) {
        let (id, path) = (format!("{}-files", id_of(facts.table)), path_of(facts.table));
        distribution.push(if facts.table.folder.is_empty() {
            let file = root_files.iter().map(Staged::receipt).find(|file| file.name == path).ok_or_else(bug)?;
            json!({"@type": "cr:FileObject", "@id": id, "name": id, "contentUrl": path, "encodingFormat": parquet,
                "contentSize": format!("{} B", file.bytes), "sha256": file.sha256})
        } else {
            json!({"@type": "cr:FileSet", "@id": id, "name": id, "includes": path, "encodingFormat": parquet})
        });
        record_sets.push(record_set(facts.table));
    }
    if let Some(file) = summary.files_in("data").first() {
        let ending = file.name.rsplit('.').next().unwrap_or_default();
        let encoding = match ending {
            "tar" => "application/x-tar",
            "parquet" => parquet,
            _ => "application/octet-stream",
        };
        distribution.push(json!({"@type": "cr:FileSet", "@id": "tensor-files", "name": "tensor-files",
            "description": "The tensors; the manifest says where each lies.", "includes": format!("data/*.{ending}"),
            "encodingFormat": encoding}));
    }
    let context: Value = serde_json::from_str(CONTEXT).map_err(|_| bug())?;
    let value = json!({
        "@context": context,
        "@type": "sc:Dataset",
        "name": "voxmill-dataset",
        "description": format!("De-identified medical image tensors: {} images of {} patients.", summary.images(), summary.imaged(None)),
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "version": "1.0.0",
        "isLiveDataset": false,
        "distribution": distribution,
        "recordSet": record_sets,
    });
    let mut text = serde_json::to_string_pretty(&value).map_err(|_| bug())?;
    text.push('\n');
    Ok(text)
}
