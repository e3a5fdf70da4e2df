//! A DICOM object with all of its elements, for those who write it again: every sequence, also those that were written as
//! UN, every value in fragments. Sealed; only `deid` can look into it.

use super::element::Encoding;
use super::image::Image;
use super::scan::Keep;
use super::syntax::Packing;
use super::tape::Tape;
use super::{not_a_directory, scanned};
use crate::error::{Fault, Reason, Result};
use crate::model::{Phi, Sheet};
use std::sync::Arc;

/// A whole object.
pub struct Whole {
    /// Every element.
    pub tape: Phi<Arc<Tape>>,
    /// UID of the transfer syntax.
    pub syntax: &'static str,
    /// How the elements are written, whatever the transfer syntax says.
    pub encoding: Encoding,
    /// MediaStorageSOPClassUID of the file meta information.
    pub sop_class: Phi<Option<String>>,
    read: Arc<Tape>,
    packing: Packing,
}

impl Whole {
    /// The image of the object, or why there is none that can be decoded.
    pub fn image(&self) -> Result<Image> {
        Image::new(self.read.clone(), self.syntax, self.packing)
    }
}

/// Transfer syntax whose data set is deflated.
pub const DEFLATED: &str = "1.2.840.10008.1.2.1.99";

/// Reads an object to its end.
///
/// # Errors
/// As [`open`](super::open), and unlike it for a data set that ends early or breaks off: what cannot be read to its end
/// cannot be vouched for. A directory and an unknown transfer syntax are refused too.
pub fn open(bytes: Vec<u8>) -> Result<Whole> {
    let (mut tape, opening) = scanned(bytes, Keep::All)?;
    if let Some(fault) = tape.fault.take() {
        return Err(fault);
    }
    not_a_directory(&tape)?;
    if opening.uid.is_empty() {
        return Err(Fault::input(
            Reason::UnsupportedSyntax,
            "TransferSyntaxUID",
            "a transfer syntax that no table lists cannot be read to its end",
        ));
    }
    if tape.elements.is_empty() {
        return Err(Fault::input(Reason::Empty, "data set", "no element"));
    }
    let tape = Arc::new(tape);
    Ok(Whole {
        read: tape.clone(),
        packing: opening.packing,
        tape: Phi::seal(tape),
        syntax: opening.uid,
        encoding: opening.encoding,
        sop_class: Phi::seal(opening.sop_class),
    })
}

/// The sheet of an object that was read whole.
pub fn sheet(tape: &Tape) -> Sheet {
    super::sheet::sheet(tape)
}
