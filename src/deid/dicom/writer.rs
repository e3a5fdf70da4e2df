//! Elements as bytes: headers in the encoding of the target, values in its byte order, lengths of sequences and items
//! filled in when their end is known. What is written is decided elsewhere.

use crate::error::{Fault, Reason, Result};
use crate::model::{Piece, Tag};
use crate::read::dicom::element::Encoding;
use crate::read::dicom::tape::{ITEM, SEQUENCE_END, UNDEFINED, Vr};
use std::ops::Range;

/// A data set that is being written.
pub struct Writer {
    encoding: Encoding,
    made: Vec<u8>,
    pieces: Vec<Piece>,
    /// Bytes in `pieces`: the place of the first byte of `made` in the data set.
    before: usize,
    open: Vec<usize>,
}

impl Writer {
    /// Begins a data set.
    pub fn new(encoding: Encoding) -> Self {
        Self { encoding, made: Vec::with_capacity(8192), pieces: Vec::new(), before: 0, open: Vec::new() }
    }

    fn u16(&mut self, value: u16) {
        let bytes = if self.encoding.big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        self.made.extend_from_slice(&bytes);
    }

    fn u32(&mut self, value: u32) {
        let bytes = if self.encoding.big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        self.made.extend_from_slice(&bytes);
    }

    fn header(&mut self, tag: Tag, vr: Vr, len: u32) {
        self.u16(tag.0);
        self.u16(tag.1);
        if self.encoding.implicit || tag.0 == 0xFFFE {
            self.u32(len);
            return;
        }
        // A value that its representation has no room for is written as UN (PS3.5 6.2.2 note 1).
        let short = u16::try_from(len).ok().filter(|_| !vr.wide());
        match short {
            Some(short) => {
                self.made.extend_from_slice(&vr.0);
                self.u16(short);
            }
            None => {
                self.made.extend_from_slice(if vr.wide() { &vr.0 } else { b"UN" });
                self.u16(0);
                self.u32(len);
            }
        }
    }

    /// Writes an element. `big_endian` is the byte order of `value`.
    pub fn element(&mut self, tag: Tag, vr: Vr, value: &[u8], big_endian: bool) -> Result<()> {
        let odd = value.len() % 2;
        let len = u32::try_from(value.len() + odd).ok().filter(|len| *len != UNDEFINED).ok_or_else(too_long)?;
        self.header(tag, vr, len);
        let unit = unit(vr);
        if self.encoding.big_endian != big_endian && unit > 1 {
            for number in value.chunks(unit) {
                self.made.extend(number.iter().rev());
            }
        } else {
            self.made.extend_from_slice(value);
        }
        if odd == 1 {
            self.made.push(padding(vr));
        }
        Ok(())
    }

    /// Writes an element whose value stays where it is in the source.
    pub fn kept(&mut self, tag: Tag, vr: Vr, place: Range<usize>) -> Result<()> {
        let odd = place.len() % 2;
        let len = u32::try_from(place.len() + odd).ok().filter(|len| *len != UNDEFINED).ok_or_else(too_long)?;
        self.header(tag, vr, len);
        self.keep(place)?;
        if odd == 1 {
            self.made.push(padding(vr));
        }
        Ok(())
    }

    /// Writes a value in fragments as it lies in the source, its items included, but for places that are blanked: these
    /// ascend and lie inside.
    pub fn fragments(
        &mut self,
        tag: Tag,
        vr: Vr,
        place: Range<usize>,
        ended: bool,
        blanks: &[Range<usize>],
    ) -> Result<()> {
        self.header(tag, vr, UNDEFINED);
        let mut from = place.start;
        for blank in blanks {
            self.keep(from..blank.start)?;
            self.made.resize(self.made.len() + blank.len(), b' ');
            from = blank.end;
        }
        self.keep(from..place.end)?;
        if !ended {
            self.header(SEQUENCE_END, vr, 0);
        }
        Ok(())
    }

    /// Writes streams of even length as a value in fragments, one each, behind a Basic Offset Table (PS3.5 A.4).
    pub fn streams(&mut self, tag: Tag, streams: &[Vec<u8>]) -> Result<()> {
        let vr = Vr(*b"OB");
        let size = |stream: &Vec<u8>| u32::try_from(stream.len()).ok().filter(|len| *len != UNDEFINED);
        self.header(tag, vr, UNDEFINED);
        self.header(ITEM, vr, u32::try_from(streams.len() * 4).map_err(|_| too_long())?);
        let mut offset = 0u32;
        for stream in streams {
            self.u32(offset);
            let next = size(stream).and_then(|len| offset.checked_add(len)?.checked_add(8));
            offset = next.ok_or_else(too_long)?;
        }
        for stream in streams {
            self.header(ITEM, vr, size(stream).ok_or_else(too_long)?);
            self.made.extend_from_slice(stream);
        }
        self.header(SEQUENCE_END, vr, 0);
        Ok(())
    }

    fn keep(&mut self, place: Range<usize>) -> Result<()> {
        if !self.open.is_empty() {
            return Err(Fault::bug("deid/dicom", "bytes of the source inside a sequence of defined length"));
        }
        let made = std::mem::take(&mut self.made);
        self.before += made.len() + place.len();
        self.pieces.push(Piece::Made(made));
        self.pieces.push(Piece::Kept(place));
        Ok(())
    }

    /// Opens a sequence.
    pub fn sequence(&mut self, tag: Tag) {
        self.header(tag, Vr(*b"SQ"), 0);
        self.open.push(self.made.len());
    }

    /// Opens an item.
    pub fn item(&mut self) {
        self.header(ITEM, Vr(*b"SQ"), 0);
        self.open.push(self.made.len());
    }

    /// Closes what was opened last and fills in its length.
    pub fn close(&mut self) -> Result<()> {
        let start = self.open.pop().ok_or_else(|| Fault::bug("deid/dicom", "nothing to close"))?;
        let len = u32::try_from(self.made.len() - start).ok().filter(|len| *len != UNDEFINED).ok_or_else(too_long)?;
        let bytes = if self.encoding.big_endian { len.to_be_bytes() } else { len.to_le_bytes() };
        let place = self.made.get_mut(start - 4..start).ok_or_else(|| Fault::bug("deid/dicom", "no length"))?;
        place.copy_from_slice(&bytes);
        Ok(())
    }

    /// Ends the data set.
    pub fn finish(mut self) -> Vec<Piece> {
        if !self.made.is_empty() {
            self.pieces.push(Piece::Made(self.made));
        }
        self.pieces
    }
}

fn too_long() -> Fault {
    Fault::input(Reason::TooLarge, "data set", "a value or sequence that no length field holds")
}

fn padding(vr: Vr) -> u8 {
    match &vr.0 {
        b"AE" | b"AS" | b"CS" | b"DA" | b"DS" | b"DT" | b"IS" | b"LO" | b"LT" | b"PN" | b"SH" | b"ST" | b"TM"
        | b"UC" | b"UR" | b"UT" => b' ',
        _ => 0,
    }
}

/// Bytes of one number of a representation; 1 where order means nothing.
pub fn unit(vr: Vr) -> usize {
    match &vr.0 {
        b"AT" | b"OW" | b"SS" | b"US" => 2,
        b"FL" | b"OF" | b"OL" | b"SL" | b"UL" => 4,
        b"FD" | b"OD" | b"OV" | b"SV" | b"UV" => 8,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(big_endian: bool, implicit: bool, work: impl Fn(&mut Writer)) -> Vec<u8> {
        let mut writer = Writer::new(Encoding { implicit, big_endian });
        work(&mut writer);
        match writer.finish().as_slice() {
            [Piece::Made(made)] => made.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_sequence_knows_its_length() {
        let made = bytes(false, false, |writer| {
            writer.sequence(Tag(0x0008, 0x1140));
            writer.item();
            writer.element(Tag(0x0008, 0x1150), Vr(*b"UI"), b"1.2", false).unwrap();
            writer.close().unwrap();
            writer.close().unwrap();
        });
        // The element: 8 bytes of header and "1.2\0"; the item: 8 more.
        let expected = b"\x08\x00\x40\x11SQ\0\0\x14\0\0\0\xFE\xFF\x00\xE0\x0C\0\0\0\x08\x00\x50\x11UI\x04\x001.2\0";
        assert_eq!(made, expected);
    }

    #[test]
    fn numbers_turn_with_the_byte_order() {
        let write = |writer: &mut Writer| writer.element(Tag(0x0028, 0x0010), Vr(*b"US"), &[1, 2], false).unwrap();
        assert_eq!(bytes(true, false, write), b"\x00\x28\x00\x10US\x00\x02\x02\x01");
        assert_eq!(bytes(false, true, write), b"\x28\x00\x10\x00\x02\0\0\0\x01\x02");
    }

    #[test]
    fn a_value_too_long_for_its_representation_is_un() {
        let made = bytes(false, false, |writer| {
            writer.element(Tag(0x0008, 0x0104), Vr(*b"LO"), &[b'a'; 70_000], false).unwrap();
        });
        assert_eq!(made.get(4..6), Some(&b"UN"[..]));
        assert_eq!(made.len(), 12 + 70_000);
    }
}
