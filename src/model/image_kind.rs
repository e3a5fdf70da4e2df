//! What an image is a picture of, by its header: a body, or a screen or paper.

/// Kinds of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageKind {
    /// ImageType (0008,0008) begins with ORIGINAL.
    Original,
    /// ImageType begins with DERIVED.
    Derived,
    /// A localizer or scout.
    Localizer,
    /// Captured from a screen or another program (PS3.3 A.8).
    SecondaryCapture,
    /// A saved screen of a workstation.
    ScreenSave,
    /// A page of doses, protocols or patient data.
    DoseReport,
    /// Paper, film or a document.
    ScannedDocument,
}

impl ImageKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Original,
        Self::Derived,
        Self::Localizer,
        Self::SecondaryCapture,
        Self::ScreenSave,
        Self::DoseReport,
        Self::ScannedDocument,
    ];

    /// The word of the tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Derived => "derived",
            Self::Localizer => "localizer",
            Self::SecondaryCapture => "secondary-capture",
            Self::ScreenSave => "screen-save",
            Self::DoseReport => "dose-report",
            Self::ScannedDocument => "scanned-document",
        }
    }

    /// The kind of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether it is text by nature: a screen, a page, paper.
    pub const fn is_text(self) -> bool {
        !matches!(self, Self::Original | Self::Derived | Self::Localizer)
    }
}
