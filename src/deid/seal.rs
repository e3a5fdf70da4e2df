//! The three seals. They are declared in this room because Rust can say "only deid may" only here; `model`
//! re-exports them so that every other room can name them without naming deid.
//!
//! - [`Phi`]: anyone can seal, only deid opens.
//! - [`Clean`]: only deid makes one, anyone may read it.
//! - [`Masks`]: only deid makes them, a pixel plan cannot be built without.

use std::fmt;

/// A value that came from a person's file. It cannot be printed, compared or serialised, and only `deid` opens it.
///
/// ```
/// let sealed = voxmill::model::Phi::seal(String::from("anything"));
/// assert_eq!(format!("{sealed:?}"), "[phi]");
/// ```
///
/// Opening it outside `deid` does not compile:
///
/// ```compile_fail,E0624
/// let sealed = voxmill::model::Phi::seal(String::from("anything"));
/// sealed.open();
/// ```
///
/// Nor does printing it:
///
/// ```compile_fail,E0277
/// let sealed = voxmill::model::Phi::seal(String::from("anything"));
/// println!("{sealed}");
/// ```
///
/// Nor writing it with serde:
///
/// ```compile_fail,E0277
/// let sealed = voxmill::model::Phi::seal(String::from("anything"));
/// serde_json::to_string(&sealed).unwrap();
/// ```
#[derive(Clone, Default)]
pub struct Phi<T>(T);

impl<T> Phi<T> {
    /// Seals a value. There is no way back outside `deid`.
    pub fn seal(value: T) -> Self {
        Self(value)
    }

    pub(in crate::deid) fn open(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Phi<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[phi]")
    }
}

/// A value that `deid` has let through: the only thing `write` takes.
///
/// ```
/// fn rows(clean: &voxmill::model::Clean<Vec<u8>>) -> usize { clean.get().len() }
/// ```
///
/// It cannot be made elsewhere:
///
/// ```compile_fail,E0624
/// let clean = voxmill::model::Clean::vouch(vec![1u8]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Clean<T>(T);

impl<T> Clean<T> {
    pub(in crate::deid) fn vouch(value: T) -> Self {
        Self(value)
    }

    /// The value.
    pub fn get(&self) -> &T {
        &self.0
    }

    /// The value, taken out.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Clean<Vec<T>> {
    /// Each of several.
    pub fn each(self) -> impl Iterator<Item = Clean<T>> {
        self.0.into_iter().map(Clean)
    }
}

/// One rectangle to blank, in stored pixel coordinates; right and bottom are exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MaskBox {
    /// First column blanked.
    pub x: u32,
    /// First row blanked.
    pub y: u32,
    /// Columns blanked, at least 1.
    pub w: u32,
    /// Rows blanked, at least 1.
    pub h: u32,
    /// Which rule asked for it; a word from the table of reasons.
    pub reason: &'static str,
}

/// What must be blanked in one frame. "Asked, none, because…" is a value too: the reason is never empty.
///
/// ```compile_fail,E0624
/// let none = voxmill::model::Masks::new(Vec::new(), "nobody asked");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Masks {
    boxes: Vec<MaskBox>,
    because: &'static str,
}

impl Masks {
    pub(in crate::deid) fn new(boxes: Vec<MaskBox>, because: &'static str) -> Self {
        Self { boxes, because }
    }

    /// The boxes, clipped to the frame, each at least 1x1.
    pub fn boxes(&self) -> &[MaskBox] {
        &self.boxes
    }

    /// Why these boxes, or why none: the manifest's `burned_in` column.
    pub fn because(&self) -> &'static str {
        self.because
    }
}
