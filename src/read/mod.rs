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

use crate::error::{Fault, Reason};

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

/// Why an input of no kind is none, as far as its beginning tells.
pub fn unknown(bytes: &[u8]) -> Fault {
    let head = bytes.get(..walk::HEAD_BYTES.min(bytes.len())).unwrap_or_default();
    let has = |word: &[u8]| head.windows(word.len()).any(|window| window == word);
    let fault = |cause| Fault::input(Reason::UnknownKind, "file", cause);
    if archive::looks_like(head) {
        Fault::input(Reason::Archive, "archive", "an archive inside an archive, or without the ending of one")
            .remedy("unpack it, or end its name in .zip, .gz, .tgz or .tar, and give the files")
    } else if has(b"\"resourceType\"") {
        fault("FHIR resources are not read").remedy("give the tables that they were made from, or flatten them to CSV")
    } else if has(b"<ClinicalDocument") {
        fault("C-CDA documents are not read").remedy("give HL7 messages or tables")
    } else {
        fault("neither DICOM nor HL7 nor a table that is known")
    }
}

/// What an input is of which the recipe may have a mapping: a table whose columns nobody knows is one if it has.
pub fn kind_with(bytes: &[u8], mapping: Option<&tables::Mapping>) -> Option<InputKind> {
    kind_of(bytes).or(mapping.map(|_| InputKind::Table))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_read_is_told_by_what_it_is() {
        let told = |bytes: &[u8]| {
            assert_eq!(kind_of(bytes), None);
            let fault = unknown(bytes);
            (fault.reason, fault.cause.split(' ').next().unwrap_or_default())
        };
        assert_eq!(told(b"PK\x03\x04...."), (Reason::Archive, "an"));
        assert_eq!(told(b"\x1f\x8b\x08"), (Reason::Archive, "an"));
        let patient = b"{\"resourceType\":\"Patient\",\"id\":\"p1\",\"gender\":\"male\",\"birthDate\":\"1960-01-01\"}";
        assert_eq!(told(patient), (Reason::UnknownKind, "FHIR"));
        assert_eq!(told(b"<?xml version=\"1.0\"?><ClinicalDocument>"), (Reason::UnknownKind, "C-CDA"));
        assert_eq!(told(b"Dear colleague"), (Reason::UnknownKind, "neither"));
        assert_eq!(told(&[b'x'; 9000]), (Reason::UnknownKind, "neither"));
        assert_eq!(told(&[archive::tar_bytes(), vec![0; 9000]].concat()), (Reason::Archive, "an"));
    }
}
