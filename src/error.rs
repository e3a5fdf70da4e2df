//! What can go wrong, said so that a person can act: a [`Fault`] has a kind (who can act), a reason (a stable
//! code, one row of [`REASONS`]), a place, a cause and a remedy.
//!
//! Law 3 holds here by types. A fault about an input is built from `&'static str` and numbers only, so that no
//! value found in a file can get into it. Only faults about what the user typed or about the machine may carry
//! words made at run time.

use std::fmt;

/// Who can act. The exit code follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// This input: it becomes a row of rejects.parquet.
    Input,
    /// What the user asked for.
    Config,
    /// The machine: disk, memory, GPU.
    Environment,
    /// A mistake of ours.
    Bug,
}

impl Kind {
    /// The exit code of a run that ends with a fault of this kind (`voxmill --help` lists them).
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Input => 1,
            Kind::Config => 2,
            Kind::Environment => 3,
            Kind::Bug => 4,
        }
    }
}

macro_rules! reasons {
    ($($name:ident $code:literal $meaning:literal;)*) => {
        /// Why something was refused. The code is stable: it is written to rejects.parquet and read by scripts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Reason { $(#[doc = $meaning] $name,)* }

        /// Every reason with its code and meaning, in the order of the manual.
        pub const REASONS: &[(Reason, &str, &str)] = &[$((Reason::$name, $code, $meaning),)*];

        impl Reason {
            /// The stable code, as in rejects.parquet.
            pub fn code(self) -> &'static str {
                match self { $(Reason::$name => $code,)* }
            }
        }
    };
}

reasons! {
    Empty "empty" "The input has no bytes.";
    Unreadable "unreadable" "The operating system did not let us read the input.";
    UnknownKind "unknown-kind" "The content is neither DICOM nor HL7 nor a table we know.";
    TooLarge "too-large" "A size the input claims is beyond a stated limit.";
    Truncated "truncated" "The input ends before what it announces.";
    Malformed "malformed" "The structure breaks the standard in a way that leaves its meaning open.";
    TooDeep "too-deep" "Sequences are nested deeper than the limit.";
    NoPixels "no-pixels" "A DICOM object without an image; its metadata was read, there is no tensor to make.";
    DicomDir "dicomdir" "A DICOMDIR or an index of other files.";
    BadValue "bad-value" "An attribute that the pixels depend on has no usable value.";
    NoHounsfield "no-hounsfield" "The recipe's window is a preset in Hounsfield units; the image has none.";
    Inconsistent "inconsistent" "The DICOM header and the data disagree about the image.";
    UnsupportedSyntax "unsupported-syntax" "A transfer syntax or coding that this build does not decode.";
    Video "video" "A video transfer syntax (MPEG-2, H.264, HEVC).";
    UnsupportedPhotometric "unsupported-photometric" "A photometric interpretation outside the standard's still images.";
    UnsupportedPixels "unsupported-pixels" "A combination of bits, samples and layout that no operation is defined for.";
    DecodeFailed "decode-failed" "The compressed stream is broken.";
    WorkBudget "work-budget" "Decoding would take more work than the size of the input justifies.";
    DecoderPanicked "decoder-panicked" "The decoder crashed at this input; it is refused, and no other.";
    NotHl7 "not-hl7" "Bytes between HL7 messages that belong to none.";
    BadHeaderSegment "bad-msh" "An HL7 message whose MSH segment cannot be read.";
    BadTable "bad-table" "A table whose rows or columns cannot be read.";
    Archive "archive" "An archive member that cannot be unpacked within the limits.";
    SecondaryCapture "secondary-capture" "Captured from a screen or another program; text is to be expected.";
    ScreenSave "screen-save" "A saved screen of a workstation, text by nature.";
    DoseReport "dose-report" "A page of doses, protocols or patient data, text by nature.";
    BurnedInReview "burned-in-review" "Text was still found after masking, BurnedInAnnotation is YES and none was found, or half of the picture was found to be text: the image waits for a person's eyes.";
    ScannedDocument "scanned-document" "A scanned or encapsulated document, text by nature.";
    OtherShape "other-shape" "A tensor of another shape or type than the first of its file, in a format that holds one shape.";
    Filtered "filtered" "Set aside because the recipe says so.";
    Setting "setting" "A setting, option or recipe value that cannot be followed.";
    Machine "machine" "The machine could not do its part.";
    Defect "defect" "A defect of this program.";
}

/// Numbers that belong to a fault, by name: `("limit", 64), ("found", 2000)`.
pub type Numbers = Vec<(&'static str, i128)>;

/// One thing that went wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Who can act.
    pub kind: Kind,
    /// Stable code.
    pub reason: Reason,
    /// Where: an attribute keyword, `PID-5`, a column, a recipe key. Never a value.
    pub place: &'static str,
    /// What was expected and not so.
    pub cause: &'static str,
    /// Limits and measures that make the cause concrete.
    pub numbers: Numbers,
    /// What to do about it; empty if nothing but leaving the input out.
    pub remedy: &'static str,
    /// Words of the user or of the operating system. Always `None` for faults of kind Input.
    detail: Option<String>,
}

impl Fault {
    /// A fault of one input. No text made at run time can enter it.
    pub fn input(reason: Reason, place: &'static str, cause: &'static str) -> Self {
        Self { kind: Kind::Input, reason, place, cause, numbers: Vec::new(), remedy: "", detail: None }
    }

    /// A fault of what the user asked; `detail` quotes the user's own words, never a file's.
    pub fn config(place: &'static str, cause: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: Kind::Config,
            reason: Reason::Setting,
            place,
            cause,
            numbers: Vec::new(),
            remedy: "",
            detail: Some(detail.into()),
        }
    }

    /// A fault of a TOML text that the user gave: what the parser says and in which line of `text`, without the line itself,
    /// which may be anything if the file is not what the user took it for.
    pub fn toml(place: &'static str, cause: &'static str, text: &str, error: &toml::de::Error) -> Self {
        let line = error.span().and_then(|span| text.get(..span.start)).map(|before| before.split('\n').count());
        let line = line.map_or(String::new(), |line| format!("line {line}: "));
        Self::config(place, cause, format!("{line}{}", error.message().trim_end()))
    }

    /// A fault of the machine; `detail` is the operating system's or the driver's word, or a path the user gave.
    pub fn environment(place: &'static str, cause: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: Kind::Environment,
            reason: Reason::Machine,
            place,
            cause,
            numbers: Vec::new(),
            remedy: "",
            detail: Some(detail.into()),
        }
    }

    /// A mistake of this program.
    pub fn bug(place: &'static str, cause: &'static str) -> Self {
        Self {
            kind: Kind::Bug,
            reason: Reason::Defect,
            place,
            cause,
            numbers: Vec::new(),
            remedy: "please report this with the output of `voxmill devices` and the recipe",
            detail: None,
        }
    }

    /// Adds a number by name.
    #[must_use]
    pub fn number(mut self, name: &'static str, value: impl Into<i128>) -> Self {
        self.numbers.push((name, value.into()));
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn remedy(mut self, remedy: &'static str) -> Self {
        self.remedy = remedy;
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.cause)?;
        for (i, (name, value)) in self.numbers.iter().enumerate() {
            write!(f, "{} {name} {value}", if i == 0 { ":" } else { "," })?;
        }
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        if !self.remedy.is_empty() {
            write!(f, " ({})", self.remedy)?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}

/// The result of everything that can go wrong.
pub type Result<T> = std::result::Result<T, Fault>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_spelled_in_kebab_case() {
        let mut codes: Vec<_> = REASONS.iter().map(|row| row.1).collect();
        assert!(codes.iter().all(|c| c.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')));
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
        assert!(REASONS.iter().all(|(reason, code, _)| reason.code() == *code));
    }

    #[test]
    fn a_fault_reads_as_place_cause_numbers_remedy() {
        let fault = Fault::input(Reason::TooDeep, "sequence", "nested too deeply")
            .number("limit", 64)
            .number("found", 2000)
            .remedy("leave it out");
        assert_eq!(fault.to_string(), "sequence: nested too deeply: limit 64, found 2000 (leave it out)");
        assert_eq!(fault.kind.exit_code(), 1);
    }
}
