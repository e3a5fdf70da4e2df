//! The proof: identifiers harvested from inputs, and the search for them in what came out.
//!
//! It shares nothing with what it proves but the folding of letters and the key: which attribute, field or column holds
//! an identifier is said here once more ([`attributes`], [`fields`], [`headers`]), so that a gap in a rule is not also a gap in its
//! proof. docs/VERIFY.md says what is found and what is not.

mod attributes;
mod days;
mod fields;
mod harvest;
mod headers;
mod kind;
mod outputs;
mod people;
mod search;
mod sieve;
mod spellings;
mod uids;
mod words;

pub use days::DateFinding;
pub(in crate::deid) use days::dates_in;
pub use harvest::Harvest;
pub use kind::Kind;
pub use outputs::Links;
pub use search::{Kept, Kinds, Piece, Search};
