//! What a de-identified object says about itself: PatientIdentityRemoved, the method in words and codes, what became of
//! dates and of burned-in text (PS3.15 E.1.1, PS3.3 C.7.1.1 and C.7.6.1).

use super::options::{BASIC_PROFILE, Choice};
use super::profile::{Dates, Profile};
use super::writer::Writer;
use crate::error::Result;
use crate::model::Tag;
use crate::read::dicom::tape::Vr;

/// One attribute that is set, whatever the source had there.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Which.
    pub tag: Tag,
    content: Content,
}

#[derive(Clone, Debug, PartialEq)]
enum Content {
    Text(Vr, String),
    Number(u16),
    Codes(Vec<(&'static str, &'static str)>),
}

/// Pixels that were decoded and blanked, as they are written in the place of the source's: native, little endian, samples
/// of a pixel together.
#[derive(Clone)]
pub struct Masked {
    /// All frames.
    pub bytes: Vec<u8>,
    /// The defined term of their colour space.
    pub photometric: &'static str,
    /// Samples of a pixel.
    pub samples: u8,
    /// Bits of a sample in `bytes`: 8, 16 or 32.
    pub bits_allocated: u16,
    /// Bits of a sample that say something.
    pub bits_stored: u16,
    /// Whether they went through lossy compression.
    pub lossy: bool,
    /// Whether text was blanked, or only overlays taken out of the unused bits.
    pub blanked: bool,
}

/// All attributes that are set, ascending.
#[derive(Clone, Debug)]
pub struct Marks(Vec<Mark>);

impl Marks {
    /// The marks of a run with this profile; `masked` are pixels of another form than the source's, `utf8` that texts are
    /// written as UTF-8.
    pub fn new(profile: &Profile, masked: Option<&Masked>, utf8: bool) -> Self {
        let text = |group, element, vr: &[u8; 2], text: String| Mark {
            tag: Tag(group, element),
            content: Content::Text(Vr(*vr), text),
        };
        let number = |element, value: u16| Mark { tag: Tag(0x0028, element), content: Content::Number(value) };
        let blanked = masked.is_some_and(|masked| masked.blanked);
        let mut marks = Vec::new();
        if utf8 {
            marks.push(text(0x0008, 0x0005, b"CS", "ISO_IR 192".to_owned()));
        }
        marks.push(text(0x0012, 0x0062, b"CS", "YES".to_owned()));
        let program = concat!("voxmill ", env!("CARGO_PKG_VERSION"), ": PS3.15 E.1 Basic Profile").to_owned();
        let words = profile.choices().iter().map(|choice| choice.word().to_owned());
        let method: Vec<String> = std::iter::once(program).chain(words).collect();
        marks.push(text(0x0012, 0x0063, b"LO", method.join("\\")));
        let mut codes = vec![BASIC_PROFILE];
        codes.extend(profile.choices().iter().map(|choice| (choice.code(), choice.meaning())));
        if blanked {
            codes.push((Choice::PixelData.code(), Choice::PixelData.meaning()));
        }
        codes.sort_unstable();
        marks.push(Mark { tag: Tag(0x0012, 0x0064), content: Content::Codes(codes) });
        if let Some(masked) = masked {
            marks.push(text(0x0028, 0x0004, b"CS", masked.photometric.to_owned()));
            if masked.samples > 1 {
                marks.push(number(0x0006, 0));
            }
            marks.push(number(0x0100, masked.bits_allocated));
            marks.push(number(0x0101, masked.bits_stored));
            marks.push(number(0x0102, masked.bits_stored.saturating_sub(1)));
        }
        if blanked {
            marks.push(text(0x0028, 0x0301, b"CS", "NO".to_owned()));
        }
        let dates = match profile.dates() {
            Dates::Full => "UNMODIFIED",
            Dates::Modified => "MODIFIED",
            Dates::Removed => "REMOVED",
        };
        marks.push(text(0x0028, 0x0303, b"CS", dates.to_owned()));
        if masked.is_some_and(|masked| masked.lossy) {
            marks.push(text(0x0028, 0x2110, b"CS", "01".to_owned()));
        }
        Self(marks)
    }

    /// The attributes, ascending.
    pub fn elements(&self) -> &[Mark] {
        &self.0
    }
}

impl Writer {
    /// Writes an attribute that is set.
    pub fn mark(&mut self, mark: &Mark) -> Result<()> {
        let codes = match &mark.content {
            Content::Text(vr, text) => return self.element(mark.tag, *vr, text.as_bytes(), false),
            Content::Number(number) => return self.element(mark.tag, Vr(*b"US"), &number.to_le_bytes(), false),
            Content::Codes(codes) => codes,
        };
        self.sequence(mark.tag);
        for (code, meaning) in codes {
            self.item();
            self.element(Tag(0x0008, 0x0100), Vr(*b"SH"), code.as_bytes(), false)?;
            self.element(Tag(0x0008, 0x0102), Vr(*b"SH"), b"DCM", false)?;
            self.element(Tag(0x0008, 0x0104), Vr(*b"LO"), meaning.as_bytes(), false)?;
            self.close()?;
        }
        self.close()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_ascend_and_values_fit() {
        let profile = Profile::new(Choice::ALL);
        let masked = Masked {
            bytes: Vec::new(),
            photometric: "RGB",
            samples: 3,
            bits_allocated: 8,
            bits_stored: 8,
            lossy: true,
            blanked: true,
        };
        let marks = Marks::new(&profile, Some(&masked), true);
        assert!(marks.elements().windows(2).all(|pair| pair[0].tag < pair[1].tag));
        // Six of the pixels' form, one of their loss, three of identity, character set, burned-in text and dates.
        assert_eq!(marks.elements().len(), 5 + 1 + 3 + 3);
        for mark in marks.elements() {
            if let Content::Text(_, text) = &mark.content {
                assert!(text.split('\\').all(|value| value.len() <= 64), "{text}");
            }
        }
    }
}
