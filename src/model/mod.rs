//! The nouns: what every room may name. No room's work is done here.
//!
//! The three seals are declared in `deid` (Rust can restrict who opens them only there) and re-exported here.

pub mod area;
pub mod batch;
pub mod frame;
pub mod image_kind;
pub mod key;
pub mod manifest;
pub mod new_file;
pub mod reduction;
pub mod samples;
pub mod seen;
pub mod sex;
pub mod sheet;
pub mod table;
pub mod tensor;

pub use crate::deid::seal::{Clean, MaskBox, Masks, Phi};
pub use area::Rectangle;
pub use batch::Batch;
pub use frame::{Frame, Interpretation, Lut, Modality, Palette, Photometric, SampleType, Voi, VoiFunction};
pub use image_kind::ImageKind;
pub use key::{InputId, PatientKey, Split};
pub use new_file::{NewFile, Piece};
pub use reduction::{Reduction, Siting};
pub use samples::{Room, Samples};
pub use seen::{SeenAttribute, SeenCell, SeenField};
pub use sheet::{Sheet, Tag};
pub use table::{Alike, Cell, Class, Column, ColumnType, Domain, Given, Naming, SealedLine, SealedRow, Table};
pub use tensor::{DType, Tensor};
