//! De-identification of DICOM objects by PS3.15 Annex E: the profile as a table (`table`, `iod`, `safe_private`), what it
//! says under the options of a run (`profile`, `options`), and the way through an object that writes it anew (`walk`).
//! It works on the scanner's tape and opens no file; what leaves is a [`NewFile`](crate::model::NewFile).

mod concepts;
mod date;
pub(in crate::deid) mod dummy;
mod harvest;
pub mod iod;
mod marks;
mod meta;
mod object;
pub mod options;
pub mod profile;
mod safe_private;
pub mod table;
mod text;
pub mod unlisted;
mod value;
mod walk;
mod writer;

pub use marks::{Body, Loss, Masked};
pub use object::{Cleaned, Origin, Task, clean, facts_of, overlay_in_pixels, size_of};
pub use options::{Choice, DeidSpec, Preset};
pub use profile::Profile;
pub use walk::Tally;
