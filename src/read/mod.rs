//! Bytes we do not trust become model values, sealed. Nothing here opens a seal, knows an engine or makes a file.
//!
//! A new kind of input is one module and one row of [`INPUT_KINDS`].

pub mod archive;
pub mod codecs;
mod decimal;
pub mod dicom;
mod doubt;
pub mod hl7;
pub mod tables;
pub mod walk;

/// The kinds of input, told apart by content and never by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InputKind {
    /// DICOM objects, with or without preamble and file meta information.
    Dicom,
    /// HL7 v2 messages, one or many.
    Hl7,
    /// EHR tables: CSV, TSV, JSON, Parquet; DICOM metadata as JSON.
    Table,
}

/// One row of [`INPUT_KINDS`].
pub struct KindRow {
    /// Which.
    pub kind: InputKind,
    /// The word in messages and tables.
    pub word: &'static str,
    /// Whether the beginning of a file looks like it.
    pub sniff: fn(&[u8]) -> bool,
    /// One sentence for the manual.
    pub help: &'static str,
}

/// Every kind, in the order in which they are tried.
pub const INPUT_KINDS: &[KindRow] = &[
    KindRow {
        kind: InputKind::Dicom,
        word: "dicom",
        sniff: dicom::looks_like,
        help: "DICOM objects of any transfer syntax, also without preamble or file meta information.",
    },
    KindRow {
        kind: InputKind::Hl7,
        word: "hl7",
        sniff: hl7::looks_like,
        help: "HL7 v2 messages: files of one or many, MLLP frames, batch envelopes.",
    },
    KindRow {
        kind: InputKind::Table,
        word: "table",
        sniff: tables::looks_like,
        help: "EHR tables as CSV, TSV, JSON or Parquet, recognised by their columns; DICOM metadata as JSON.",
    },
];

/// What an input is, by its content.
pub fn kind_of(bytes: &[u8]) -> Option<InputKind> {
    INPUT_KINDS.iter().find(|row| (row.sniff)(bytes)).map(|row| row.kind)
}

/// The same for a file that the recipe may have a mapping of: a table whose columns nobody knows is one if it has.
pub fn kind_with(bytes: &[u8], mapping: Option<&tables::Mapping>) -> Option<InputKind> {
    kind_of(bytes).or(mapping.map(|_| InputKind::Table))
}
