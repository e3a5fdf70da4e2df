//! The beginning of a new file: an empty preamble and group 0002, made anew. Nothing of the source's own is taken over but
//! the SOP class and the transfer syntax.

use super::writer::Writer;
use crate::error::Result;
use crate::model::{Piece, Tag};
use crate::read::dicom::element::Encoding;
use crate::read::dicom::tape::Vr;

/// ImplementationClassUID (0002,0012) of files that this program wrote: a UUID of its own (PS3.5 B.2).
pub const IMPLEMENTATION_CLASS_UID: &str = "2.25.203416795216478412563807935170256738913";

/// ImplementationVersionName (0002,0013), 16 characters at most.
const IMPLEMENTATION_VERSION: &str = concat!("VOXMILL_", env!("CARGO_PKG_VERSION"));

/// The bytes up to the data set.
pub fn beginning(sop_class: &str, sop_instance: &str, syntax: &str) -> Result<Vec<u8>> {
    let mut group = Writer::new(Encoding { implicit: false, big_endian: false });
    group.element(Tag(0x0002, 0x0001), Vr(*b"OB"), &[0, 1], false)?;
    let version: String = IMPLEMENTATION_VERSION.chars().take(16).collect();
    for (element, vr, text) in [
        (0x0002, b"UI", sop_class),
        (0x0003, b"UI", sop_instance),
        (0x0010, b"UI", syntax),
        (0x0012, b"UI", IMPLEMENTATION_CLASS_UID),
        (0x0013, b"SH", &version),
    ] {
        group.element(Tag(0x0002, element), Vr(*vr), text.as_bytes(), false)?;
    }
    let group = bytes(group);
    let mut length = Writer::new(Encoding { implicit: false, big_endian: false });
    length.element(Tag(0x0002, 0x0000), Vr(*b"UL"), &(group.len() as u32).to_le_bytes(), false)?;
    let mut file = vec![0; 128];
    file.extend_from_slice(b"DICM");
    file.extend(bytes(length));
    file.extend(group);
    Ok(file)
}

fn bytes(writer: Writer) -> Vec<u8> {
    let mut all = Vec::new();
    for piece in writer.finish() {
        if let Piece::Made(made) = piece {
            all.extend(made);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_length_counts_what_follows_it() {
        let file = beginning("1.2.840.10008.5.1.4.1.1.2", "2.25.1", "1.2.840.10008.1.2.1").unwrap();
        assert_eq!(file.get(..128), Some(&[0; 128][..]));
        // 128 + 4 of "DICM" + 12 of the length element itself.
        let length = u32::from_le_bytes(file[140..144].try_into().unwrap());
        assert_eq!(length as usize, file.len() - 144);
        assert!(file.len().is_multiple_of(2) && IMPLEMENTATION_CLASS_UID.len() <= 64);
    }
}
