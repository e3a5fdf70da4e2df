//! Values as they stand in an input or an output, with their place: what the proof of de-identification looks at. Every value
//! of an object, message or record, not only those that somebody needs.

use super::{Phi, Tag};

/// A value of a DICOM object, wherever in it.
#[derive(Clone, Debug)]
pub struct SeenAttribute {
    /// Group and element.
    pub tag: Tag,
    /// Value representation; `UN` for bytes in which text was found.
    pub vr: [u8; 2],
    /// How many sequences it lies in.
    pub depth: u32,
    /// Decoded text; several values joined by a backslash.
    pub text: Phi<String>,
}

/// One repetition of a field of an HL7 message.
#[derive(Clone, Debug)]
pub struct SeenField {
    /// Name of the segment; zeros if it is not three bytes long.
    pub segment: [u8; 3],
    /// From 1; 0 for a line that is no segment.
    pub field: usize,
    /// Components, each with its sub-components separated by blanks.
    pub components: Phi<Vec<String>>,
}

/// A cell of a table.
#[derive(Clone, Debug)]
pub struct SeenCell<'h> {
    /// Header, in lower case with underscores.
    pub header: &'h str,
    /// The value.
    pub text: Phi<String>,
}
