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

/// Pixels that are written in the place of the source's, samples of a pixel together.
#[derive(Clone)]
pub struct Masked {
    /// The transfer syntax they are coded for; the whole object is written in it.
    pub syntax: &'static str,
    /// The samples or streams.
    pub body: Body,
    /// The defined term of their colour space.
    pub photometric: &'static str,
    /// Samples of a pixel.
    pub samples: u8,
    /// Bits of a sample in the data: 1, 8, 16 or 32.
    pub bits_allocated: u16,
    /// Bits of a sample that say something.
    pub bits_stored: u16,
    /// What they lost before they came here; `None` if nothing.
    pub loss: Option<Loss>,
}

/// Where pixels are in a data set.
#[derive(Clone)]
pub enum Body {
    /// All frames in one value, little endian.
    Native(Vec<u8>),
    /// A stream of even length for each frame.
    Fragments(Vec<Vec<u8>>),
}

/// Lossy compression that pixels went through.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss {
    /// The defined term of LossyImageCompressionMethod and the ratio, if the syntax of the source did it.
    pub last: Option<(&'static str, f64)>,
}

/// What is known of text in the pixels of an object: a word of [`STATES`](crate::deid::burned_in::STATES); `None` if there is
/// no image.
pub type BurnedIn = Option<&'static str>;

/// Whether the pixels are clean as far as this program can say: every frame was searched, what was found was blanked, and
/// nothing was found in what became of it.
fn clean(burned_in: BurnedIn) -> bool {
    matches!(burned_in, Some("masked" | "none-found"))
}

/// BurnedInAnnotation, if it is set: `NO` for clean pixels (PS3.15 E.3.1), `YES` where text was left.
fn annotation(burned_in: BurnedIn) -> Option<&'static str> {
    match burned_in {
        _ if clean(burned_in) => Some("NO"),
        Some("review") => Some("YES"),
        _ => None,
    }
}

/// All attributes that are set, ascending.
#[derive(Clone, Debug)]
pub struct Marks(Vec<Mark>);

impl Marks {
    /// The marks of a run with this profile; `masked` are pixels of another form than the source's, `burned_in` what is
    /// known of text in them, `utf8` that texts are written as UTF-8.
    pub fn new(profile: &Profile, masked: Option<&Masked>, burned_in: BurnedIn, utf8: bool) -> Self {
        let text = |group, element, vr: &[u8; 2], text: String| Mark {
            tag: Tag(group, element),
            content: Content::Text(Vr(*vr), text),
        };
        let number = |element, value: u16| Mark { tag: Tag(0x0028, element), content: Content::Number(value) };
        let mut marks = Vec::new();
        if utf8 {
            marks.push(text(0x0008, 0x0005, b"CS", "ISO_IR 192".to_owned()));
        }
        marks.push(text(0x0012, 0x0062, b"CS", "YES".to_owned()));
        let program = concat!("voxmill ", env!("CARGO_PKG_VERSION"), ": PS3.15 E.1 Basic Profile").to_owned();
        // What became of pixels is another thing in each file.
        let chosen: Vec<Choice> =
            profile.choices().iter().copied().filter(|choice| *choice != Choice::PixelData).collect();
        let words = chosen.iter().map(|choice| choice.word().to_owned());
        let pixels = burned_in.map(|state| format!("burned-in text: {state}"));
        let method: Vec<String> = std::iter::once(program).chain(words).chain(pixels).collect();
        marks.push(text(0x0012, 0x0063, b"LO", method.join("\\")));
        let mut codes = vec![BASIC_PROFILE];
        codes.extend(chosen.iter().map(|choice| (choice.code(), choice.meaning())));
        if clean(burned_in) {
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
        if let Some(annotation) = annotation(burned_in) {
            marks.push(text(0x0028, 0x0301, b"CS", annotation.to_owned()));
        }
        let dates = match profile.dates() {
            Dates::Full => "UNMODIFIED",
            Dates::Modified => "MODIFIED",
            Dates::Removed => "REMOVED",
        };
        marks.push(text(0x0028, 0x0303, b"CS", dates.to_owned()));
        if let Some(loss) = masked.and_then(|masked| masked.loss) {
            // PS3.3 C.7.6.1.1.5: the new syntax does not show it any more.
            marks.push(text(0x0028, 0x2110, b"CS", "01".to_owned()));
            if let Some((method, ratio)) = loss.last {
                marks.push(text(0x0028, 0x2112, b"DS", format!("{ratio:.2}")));
                marks.push(text(0x0028, 0x2114, b"CS", method.to_owned()));
            }
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
            syntax: "1.2.840.10008.1.2.1",
            body: Body::Native(Vec::new()),
            photometric: "RGB",
            samples: 3,
            bits_allocated: 8,
            bits_stored: 8,
            loss: Some(Loss { last: Some(("ISO_10918_1", 12.345)) }),
        };
        let marks = Marks::new(&profile, Some(&masked), Some("masked"), true);
        assert!(marks.elements().windows(2).all(|pair| pair[0].tag < pair[1].tag));
        // Five of the pixels' form, three of their loss, three of identity, character set, burned-in text and dates.
        assert_eq!(marks.elements().len(), 5 + 3 + 3 + 3);
        for mark in marks.elements() {
            if let Content::Text(_, text) = &mark.content {
                assert!(text.split('\\').all(|value| value.len() <= 64), "{text}");
            }
        }
    }
    #[test]
    fn pixels_are_called_clean_only_if_they_were_searched() {
        let said = |burned_in| {
            let marks = Marks::new(&Profile::new(&[Choice::PixelData]), None, burned_in, false);
            let codes = marks.elements().iter().find_map(|mark| match &mark.content {
                Content::Codes(codes) => Some(codes.iter().any(|(code, _)| *code == "113101")),
                _ => None,
            });
            let set = |mark: &&Mark| mark.tag == Tag(0x0028, 0x0301);
            let annotation = marks.elements().iter().find(set).map(|mark| mark.content.clone());
            (annotation, codes.unwrap())
        };
        let text = |word: &str| Some(Content::Text(Vr(*b"CS"), word.to_owned()));
        assert_eq!(said(Some("masked")), (text("NO"), true));
        assert_eq!(said(Some("none-found")), (text("NO"), true));
        assert_eq!(said(Some("review")), (text("YES"), false));
        for state in [None, Some("not-searched"), Some("masked-not-searched")] {
            assert_eq!(said(state), (None, false), "{state:?}");
        }
    }
}
