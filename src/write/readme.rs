//! README.md of the dataset: a card whose YAML head tells Hugging Face which files are which split, and a text that
//! tells people what is where and how to open it.

use super::Format;
use super::arrays::type_word;
use super::card::{name_of, path_of};
use super::place::side_columns;
use super::report::cells;
use super::summary::{Summary, TableFacts};
use crate::model::{ColumnType, Split};
use std::fmt::Write;

fn splits(summary: &Summary) -> impl Iterator<Item = Split> {
    Split::ALL.into_iter().filter(|split| summary.tensors.contains_key(split.name()))
}

/// One entry of `configs:` over files by split.
fn split_config(head: &mut String, summary: &Summary, name: &str, folder: &str, ending: &str) {
    let _ = writeln!(head, "- config_name: {name}\n  data_files:");
    for split in splits(summary) {
        let _ = writeln!(head, "  - split: {}\n    path: {folder}/{}-*.{ending}", split.name(), split.name());
    }
}

/// A column as a feature of Hugging Face; `json` for the side file of a tar, where dates are text.
fn feature(out: &mut String, indent: &str, name: &str, kind: ColumnType) {
    let _ = match kind {
        ColumnType::ListU32 => writeln!(out, "{indent}- name: {name}\n{indent}  list: uint32"),
        ColumnType::ListF32 => writeln!(out, "{indent}- name: {name}\n{indent}  list: float32"),
        ColumnType::ListText => writeln!(out, "{indent}- name: {name}\n{indent}  list: string"),
        ColumnType::Date32 | ColumnType::TimestampMs => {
            writeln!(out, "{indent}- name: {name}\n{indent}  dtype: string")
        }
        ColumnType::ListMask => {
            let _ = writeln!(out, "{indent}- name: {name}\n{indent}  list:");
            for field in ["x", "y", "w", "h"] {
                let _ = writeln!(out, "{indent}  - name: {field}\n{indent}    dtype: uint32");
            }
            writeln!(out, "{indent}  - name: reason\n{indent}    dtype: string")
        }
        kind => writeln!(out, "{indent}- name: {name}\n{indent}  dtype: {}", type_word(kind)),
    };
}

/// Features of the tar shards, so that no reader guesses types from the first few rows.
fn tar_features(head: &mut String, summary: &Summary) {
    let dtypes: Vec<&str> = summary.tally("dtype").map(|(word, _)| word).collect();
    let element = match dtypes.as_slice() {
        ["f32"] => "float32",
        ["f16"] => "float16",
        ["u8"] => "uint8",
        ["u16"] => "uint16",
        // A mixture is left to the reader.
        _ => return,
    };
    head.push_str("dataset_info:\n- config_name: default\n  features:\n");
    head.push_str(
        "  - name: __key__\n    dtype: string\n  - name: __url__\n    dtype: string\n  - name: json\n    struct:\n",
    );
    for (_, column) in side_columns() {
        feature(head, "    ", column.name, column.kind);
    }
    let _ = writeln!(head, "  - name: npy\n    list:\n      list:\n        list: {element}");
}

fn yaml(summary: &Summary, tables: &[TableFacts], format: Format) -> String {
    let mut head = String::from("---\npretty_name: voxmill dataset\ntags:\n- medical\n- de-identified\n");
    if summary.images() == 0 {
        head.push_str("---\n");
        return head;
    }
    head.push_str("configs:\n");
    match format {
        // Hugging Face opens all configs of a folder with one reader: beside tar shards there can be no Parquet.
        Format::WebDataset => {
            split_config(&mut head, summary, "default", "data", "tar");
            tar_features(&mut head, summary);
        }
        format => {
            if format == Format::ParquetHf {
                split_config(&mut head, summary, "default", "data", "parquet");
                split_config(&mut head, summary, "manifest", "manifest", "parquet");
            } else {
                split_config(&mut head, summary, "default", "manifest", "parquet");
            }
            for facts in tables.iter().filter(|t| t.rows > 0 && t.table.folder != "manifest") {
                let (name, path) = (name_of(facts.table).replace('/', "_"), path_of(facts.table));
                let _ = writeln!(head, "- config_name: {name}\n  data_files:\n  - split: rows\n    path: {path}");
            }
        }
    }
    head.push_str("---\n");
    head
}

/// How the tensors are opened, by format.
fn opening(format: Format) -> &'static str {
    match format {
        Format::WebDataset => {
            "```python\nfrom datasets import load_dataset\ntrain = load_dataset(\"DIR\", split=\"train\")          # npy: (C, H, W), json: its manifest row\n\n\
             from glob import glob\nimport webdataset as wds\nshards = wds.WebDataset(sorted(glob(\"DIR/data/train-*.tar\")), shardshuffle=False).decode()\n```\n"
        }
        Format::SafeTensors => {
            "```python\nfrom safetensors.numpy import load_file\ntensors = load_file(\"DIR/\" + row[\"tensor_file\"])\ntensors[row[\"tensor_name\"]]\n```\n"
        }
        Format::Npy => {
            "```python\nimport numpy as np\nstack = np.load(\"DIR/\" + row[\"tensor_file\"], mmap_mode=\"r\")\nstack[int(row[\"tensor_name\"])]\n```\n"
        }
        Format::ParquetHf => {
            "```python\nfrom datasets import load_dataset\ntrain = load_dataset(\"DIR\", split=\"train\").with_format(\"numpy\")   # tensor: (C, H, W)\n```\n"
        }
        Format::ParquetRay => {
            "```python\nimport pyarrow.parquet as pq\ntensors = pq.read_table(\"DIR/data\")[\"tensor\"].combine_chunks().to_numpy_ndarray()   # (N, C, H, W)\n\n\
             import ray\nray.data.read_parquet(\"DIR/data\")\n```\n"
        }
    }
}

/// The text of README.md.
pub(super) fn text(summary: &Summary, tables: &[TableFacts], format: Format) -> String {
    let mut text = yaml(summary, tables, format);
    let _ = writeln!(
        text,
        "\n# voxmill dataset\n\nDe-identified image tensors with their metadata: {} images of {} patients. Made by {}.",
        summary.images(),
        summary.imaged(None),
        summary.card.program
    );
    text.push_str("\n| split | images | patients with images |\n|---|---|---|\n");
    let splits: Vec<Split> = splits(summary).collect();
    let patients = cells::parts(&splits.iter().map(|split| summary.imaged(Some(*split))).collect::<Vec<_>>());
    for (split, patients) in splits.into_iter().zip(patients) {
        let images = summary.tensors.get(split.name()).copied().unwrap_or(0);
        let _ = writeln!(text, "| {} | {images} | {} |", split.name(), cells::word(patients));
    }
    let others = summary.patients.len() as u64 - summary.imaged(None);
    if others > 0 {
        let _ = writeln!(text, "\nOf {others} more patients there are messages or tables alone.");
    }
    let _ = writeln!(text, "\n## Tensors\n\nFormat `{}`. {}\n\n{}", format.word(), format.row().help, opening(format));
    text.push_str(
        "Each row of the manifest says where its tensor is. Where `offset` is not null the elements lie in the file as they are:\n\n\
         ```python\nimport numpy as np, pyarrow.dataset as ds\nrow = ds.dataset(\"DIR/manifest\").head(1).to_pylist()[0]\n\
         dtype = {\"f32\": \"<f4\", \"f16\": \"<f2\", \"u8\": \"|u1\", \"u16\": \"<u2\"}[row[\"dtype\"]]\n\
         np.memmap(\"DIR/\" + row[\"tensor_file\"], dtype, \"r\", row[\"offset\"], tuple(row[\"shape\"]))\n```\n\n\
         `sha256sum -c SHA256SUMS` checks every file; `voxmill verify DIR` checks counts and links too. `report/index.html` is\n\
         the report, `dataset.json` the card for programs, `monai.json` the lists for MONAI, `croissant.json` the description for Croissant.\n",
    );
    for facts in tables {
        let (name, path) = (name_of(facts.table), path_of(facts.table));
        let _ = writeln!(
            text,
            "\n## {name}\n\n`{path}`, {} rows. {}\n\n| column | type | meaning |\n|---|---|---|",
            facts.rows, facts.table.doc
        );
        for column in facts.table.columns {
            let _ =
                writeln!(text, "| {} | {} | {} |", column.name, type_word(column.kind), column.doc.replace('|', "\\|"));
        }
    }
    text
}
